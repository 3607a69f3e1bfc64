"""Which scores the instruments can give."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def whole(low: int, high: int, step: int = 1) -> FloatArray:
    """low, low + step, ..., high."""
    return np.arange(low, high + 1, step, dtype=float)


def decimals(low: float, high: float, places: int = 1) -> FloatArray:
    """low to high in steps of the last of so many decimals."""
    unit = 10**places
    return np.arange(round(low * unit), round(high * unit) + 1) / unit


# Demeurisse, Demol and Robaye 1980, doi:10.1159/000115206: a movement scores one of six weights; three make a limb,
# and normal strength in all of them is called 100.
_MOVEMENT = (0, 9, 14, 19, 25, 33)
_PINCH = (0, 11, 19, 22, 26, 33)


def _limb(*movements: tuple[int, ...]) -> FloatArray:
    sums = {sum(weights) for weights in product(*movements)}
    return np.array(sorted({100 if total == 99 else total for total in sums}), dtype=float)


MOTRICITY_LEG = _limb(_MOVEMENT, _MOVEMENT, _MOVEMENT)
MOTRICITY_ARM = _limb(_PINCH, _MOVEMENT, _MOVEMENT)
BARTHEL = whole(0, 100, 5)
RANKIN = whole(0, 6)
NIHSS = whole(0, 42)
MOTOR_NIHSS = whole(0, 16)
WALKING = whole(0, 5)
FUGL_MEYER_ARM = whole(0, 66)
FUGL_MEYER_LEG = whole(0, 34)
FUGL_MEYER_MOTOR = whole(0, 100)
FUGL_MEYER_OTHER = whole(0, 126)  # sensation 24, balance 14, range of motion 44, pain 44


def between(levels: FloatArray, low: float, high: float) -> FloatArray:
    """The levels from low to high."""
    return levels[(levels >= low) & (levels <= high)]
