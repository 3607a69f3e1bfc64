"""Wilcoxon's signed-rank test, exact with ties too."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtr
from scipy.stats import rankdata

EXACT_UP_TO = 200  # differences; the exact distribution takes n^3 / 2 steps


@dataclass(frozen=True)
class SignedRank:
    """statistic: sum of the ranks of positive differences. n: differences other than zero, zeros: the others, which are left
    out. exact: whether p is that of all 2^n signs, or of the normal distribution.
    """

    n: int
    zeros: int
    statistic: float
    p: float
    exact: bool

    def to_frame(self) -> pd.DataFrame:
        """One row, a column a field."""
        return pd.DataFrame([asdict(self)])


def signed_rank(differences: ArrayLike) -> SignedRank:
    """Two-sided test that differences are symmetric around zero; nan differences are left out.

    Ties have mid-ranks. Up to 200 differences p is exact: the distribution over all signs given the ranks, also with
    ties (shift algorithm, Streitberg and Röhmel 1986). Beyond it is normal with the variance of these ranks, no
    continuity correction. p = 1 where no difference is left. Wilcoxon 1945, doi:10.2307/3001968.
    """
    given = np.asarray(differences, dtype=float)
    given = given[np.isfinite(given)]
    values = given[given != 0]
    zeros = int(given.size - values.size)
    if not values.size:
        return SignedRank(0, zeros, 0.0, 1.0, True)
    ranks = rankdata(np.abs(values).round(12))
    statistic = float(ranks[values > 0].sum())
    if values.size > EXACT_UP_TO:
        z = (statistic - ranks.sum() / 2) / np.sqrt((ranks**2).sum() / 4)
        return SignedRank(values.size, zeros, statistic, float(2 * ndtr(-abs(z))), False)
    doubled = np.rint(2 * ranks).astype(int)
    chances = np.zeros(doubled.sum() + 1)
    chances[0] = 1.0
    for rank in doubled:
        chances[rank:] = (chances[rank:] + chances[:-rank]) / 2
        chances[:rank] /= 2
    at = round(2 * statistic)
    tail = min(chances[: at + 1].sum(), chances[at:].sum())
    return SignedRank(values.size, zeros, statistic, float(min(1.0, 2 * tail)), True)
