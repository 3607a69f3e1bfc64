"""How far two changes go together over patients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtri
from scipy.stats import pearsonr, spearmanr

from helpers.effects.checks import check_level

LEAST = 4  # the variance of Fisher's z is 1 / (n - 3)


@dataclass(frozen=True)
class Correlation:
    """method: Pearson (straight line) or Spearman (ranks); n patients with both values; p two-sided, of no correlation."""

    method: str
    n: int
    r: float
    ci_low: float
    ci_high: float
    p: float


@dataclass(frozen=True)
class Association:
    pearson: Correlation
    spearman: Correlation
    level: float

    def to_frame(self) -> pd.DataFrame:
        """A row a method: method, n, r, ci_low, ci_high, p."""
        return pd.DataFrame([vars(self.pearson), vars(self.spearman)])


def association(x: ArrayLike, y: ArrayLike, level: float = 0.95) -> Association | None:
    """Pearson's and Spearman's correlation of the patients who have both values; None with fewer than four or no spread.

    x, y: (n,), nan where not known. Limits by Fisher's z: variance 1/(n - 3) for Pearson, (1 + r^2/2)/(n - 3) for Spearman
    (Bonett and Wright 2000, doi:10.1007/BF02294183); p by Student's t. All are rough with few patients.
    """
    check_level(level)
    first, second = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    both = np.isfinite(first) & np.isfinite(second)
    first, second = first[both], second[both]
    n = len(first)
    if n < LEAST or np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    line, ranks = pearsonr(first, second), spearmanr(first, second)
    r, rho = float(line.statistic), float(ranks.statistic)
    return Association(
        Correlation("Pearson", n, r, *_limits(r, 1 / (n - 3), level), float(line.pvalue)),
        Correlation("Spearman", n, rho, *_limits(rho, (1 + rho**2 / 2) / (n - 3), level), float(ranks.pvalue)),
        level,
    )


def _limits(r: float, variance: float, level: float) -> tuple[float, float]:
    if abs(r) >= 1:
        return r, r
    half = float(ndtri((1 + level) / 2)) * variance**0.5
    return float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half))
