"""The Wilcoxon test over several trials, which compares patients of the same trial only."""

from dataclasses import asdict, dataclass
from math import sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtr

from helpers.effects.ordinal import best_first


@dataclass(frozen=True)
class StratifiedWilcoxon:
    """z above 0 where group 1 does better; two-sided p."""

    z: float
    p: float

    def to_frame(self) -> pd.DataFrame:
        """One row, a column a field."""
        return pd.DataFrame([asdict(self)])


def stratified_wilcoxon(counts1: ArrayLike, counts2: ArrayLike, better: str = "lower") -> StratifiedWilcoxon:
    """Rank sum of group 1 less its expectation within each trial, summed and divided by its standard deviation.

    counts1, counts2: (k, levels) and better as in helpers.effects.ordinal. Every level has one score in all trials, its
    mid-rank among all patients, as in R's coin; the permutation is within trials. No continuity correction. Raises
    ValueError as there, and where all patients of every trial are alike. Hothorn 2006, doi:10.1198/000313006X118430.
    """
    first, second = (np.atleast_2d(group) for group in best_first(counts1, counts2, better))
    tied = first + second
    n1, n2, n = first.sum(axis=1), second.sum(axis=1), tied.sum(axis=1)
    at_level = tied.sum(axis=0)
    ranks = np.cumsum(at_level) - at_level + (at_level + 1) / 2
    mean_rank = tied @ ranks / n
    excess = first @ ranks - n1 * mean_rank
    spread = (tied * (ranks - mean_rank[:, None]) ** 2).sum(axis=1)
    variance = float((n1 * n2 / (n * (n - 1)) * spread).sum())
    if variance == 0:
        raise ValueError("counts1 and counts2: all patients of every trial are at one level")
    z = -float(excess.sum()) / sqrt(variance)
    return StratifiedWilcoxon(z, float(2 * ndtr(-abs(z))))
