"""The continuity correction of counts, with metafor's vocabulary."""

import numpy as np
from numpy.typing import NDArray

from helpers.effects.checks import check_choice


def count_correction(has_zero: NDArray[np.bool_], add: float, to: str) -> NDArray[np.float64]:
    """What to add to each trial's counts: `add` to all, to those with a zero (only0), to all if any has one, to none.

    has_zero: True for trials with a zero cell. Raises ValueError for an unknown `to` or a negative `add`.
    """
    check_choice("to", to, ("all", "only0", "if0all", "none"))
    if not (np.isfinite(add) and add >= 0):
        raise ValueError(f"add: must not be negative, got {add!r}")
    everywhere = to == "all" or (to == "if0all" and bool(has_zero.any()))
    corrected = has_zero if to == "only0" else np.full(has_zero.shape, everywhere)
    return np.where(corrected, add, 0.0)
