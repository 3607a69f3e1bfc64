"""How far two changes go together over patients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtr
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
    """within: Pearson's correlation of the deviations from the means of each group; None without groups or patients."""

    pearson: Correlation
    spearman: Correlation
    within: Correlation | None
    level: float

    def to_frame(self) -> pd.DataFrame:
        """A row a method: method, n, r, ci_low, ci_high, p."""
        rows = [self.pearson, self.spearman, *([self.within] if self.within else [])]
        return pd.DataFrame([vars(row) for row in rows])


def association(x: ArrayLike, y: ArrayLike, level: float = 0.95, group: ArrayLike | None = None) -> Association | None:
    """Pearson's and Spearman's correlation of the patients who have both values; None with fewer than four or no spread.

    x, y: (n,), nan where not known. group: (n,) labels, such as the arm: groups that differ in x and in y make a
    correlation where within each there is none, so `within` takes their means off (a partial correlation).
    Limits by Fisher's z: variance 1/(n - 3) for Pearson, (1 + r^2/2)/(n - 3) for Spearman (Bonett and Wright 2000,
    doi:10.1007/BF02294183), n less by the groups beyond the first for `within`; p by Student's t. All are rough with few
    patients.
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
        None if group is None else _within(first, second, np.asarray(group)[both], level),
        level,
    )


def _within(x: np.ndarray, y: np.ndarray, group: np.ndarray, level: float) -> Correlation | None:
    labels, member = np.unique(group, return_inverse=True)
    n, size = len(x), np.bincount(member)
    deviations = [values - (np.bincount(member, values) / size)[member] for values in (x, y)]
    df = n - len(labels) - 1
    products = float(deviations[0] @ deviations[1])
    spread = float(np.sqrt((deviations[0] @ deviations[0]) * (deviations[1] @ deviations[1])))
    if df < 2 or spread <= 1e-12 * float(np.sqrt((x @ x) * (y @ y))):
        return None
    r = min(1.0, max(-1.0, products / spread))
    t = r * np.sqrt(df / (1 - r**2)) if abs(r) < 1 else np.inf
    return Correlation("Pearson within groups", n, r, *_limits(r, 1 / (df - 1), level), float(2 * stdtr(df, -abs(t))))


def _limits(r: float, variance: float, level: float) -> tuple[float, float]:
    if abs(r) >= 1:
        return r, r
    half = float(ndtri((1 + level) / 2)) * variance**0.5
    return float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half))
