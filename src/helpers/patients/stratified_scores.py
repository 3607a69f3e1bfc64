"""Tests of two groups on an ordinal outcome within strata: van Elteren's, and Cochran-Mantel-Haenszel's for mean scores."""

from dataclasses import asdict, dataclass
from math import sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from helpers.effects.checks import check_choice
from helpers.effects.ordinal import best_first

FloatArray = NDArray[np.float64]
SCORES = ("modified ridit", "rank", "integer")


@dataclass(frozen=True)
class StratifiedScores:
    """z above 0 where group 1 does better; statistic: z squared, chi-square on 1 df; two-sided p. strata: those that
    compare anything (patients of both groups, not all at one level).
    """

    scores: str
    strata: int
    z: float
    statistic: float
    p: float

    def to_frame(self) -> pd.DataFrame:
        """One row, a column a field."""
        return pd.DataFrame([asdict(self)])


def van_elteren(counts1: ArrayLike, counts2: ArrayLike, better: str = "lower") -> StratifiedScores:
    """The Wilcoxon rank sums of the strata, each weighted by 1 / (patients + 1): the best weights where the effect is alike.

    counts1, counts2 and what is raised: as for mean_score_test. van Elteren 1960, Bull Int Stat Inst 37, 351-361.
    """
    return mean_score_test(counts1, counts2, better, scores="modified ridit")


def mean_score_test(
    counts1: ArrayLike, counts2: ArrayLike, better: str = "lower", scores: str = "integer"
) -> StratifiedScores:
    """Cochran-Mantel-Haenszel test that the mean scores of two groups are alike in every stratum ("row mean scores differ").

    counts1, counts2: (strata, levels) patients and better as in helpers.effects.ordinal; a stratum may lack one group.
    scores: of the levels: "integer" (1, 2, 3, ...), "rank" (mid-ranks within the stratum) or "modified ridit" (mid-ranks
    divided by the stratum's patients + 1, which is van Elteren's test). Variance of the permutation within strata, no
    continuity correction. Raises ValueError for shapes as best_first does and where no stratum compares anything.
    Landis 1978, doi:10.2307/1402373.
    """
    check_choice("scores", scores, SCORES)
    first, second = (np.atleast_2d(np.asarray(counts, dtype=float)) for counts in (counts1, counts2))
    both = (first.sum(axis=1) > 0) & (second.sum(axis=1) > 0)
    if first.shape != second.shape or not both.any():
        raise ValueError("counts1 and counts2: no stratum has patients of both groups")
    first, second = best_first(first[both], second[both], better)
    at_level = first + second
    n1, n2, n = first.sum(axis=1), second.sum(axis=1), at_level.sum(axis=1)
    score = _scores(at_level, n, scores)
    mean = (at_level * score).sum(axis=1) / n
    excess = (first * score).sum(axis=1) - n1 * mean
    spread = (at_level * (score - mean[:, None]) ** 2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(n > 1, n1 * n2 / (n * (n - 1)) * spread, 0.0)
    if variance.sum() <= 0:
        raise ValueError("counts1 and counts2: all patients of every stratum are at one level")
    z = -float(excess.sum()) / sqrt(float(variance.sum()))
    return StratifiedScores(scores, int((variance > 0).sum()), z, z**2, float(2 * ndtr(-abs(z))))


def _scores(at_level: FloatArray, n: FloatArray, scores: str) -> FloatArray:
    if scores == "integer":
        return np.broadcast_to(np.arange(1.0, at_level.shape[1] + 1), at_level.shape)
    ranks = np.cumsum(at_level, axis=1) - at_level + (at_level + 1) / 2
    return ranks if scores == "rank" else ranks / (n[:, None] + 1)
