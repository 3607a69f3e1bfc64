"""Recovery as a share of what was possible."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.effects.checks import require


def improvement_ratio(before: ArrayLike, after: ArrayLike, best: float) -> NDArray[np.float64]:
    """(after - before) / (best - before): 1 is full recovery, 0 none, below 0 a loss.

    before, after: (n,) scores, nan where not measured; best: the best score of the scale (its maximum where higher is
    better, its minimum where lower is). nan where not measured, and undefined (nan) for a patient who was at the best
    score before. Raises ValueError for a score beyond the best.
    """
    first, second = np.broadcast_arrays(np.asarray(before, dtype=float), np.asarray(after, dtype=float))
    known = np.concatenate([first[np.isfinite(first)], second[np.isfinite(second)]])
    if known.size and known.min() < best < known.max():
        for name, scores in (("before", first), ("after", second)):
            require(~(scores > best), name, scores, f"must not lie beyond the best score of {best:g}")
    room = best - first
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(room == 0, np.nan, (second - first) / room)
