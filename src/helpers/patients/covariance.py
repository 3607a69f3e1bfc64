"""Analysis of covariance of a follow-up score on its baseline, by least squares and by ranks."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtrc, stdtr, stdtrit
from scipy.stats import rankdata

from helpers.effects.checks import check_level

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ancova:
    """effects: a row a group but the reference: group, estimate (adjusted mean less that of the reference, in the unit of
    the outcome), se, t, p, ci_low, ci_high. slope, slope_se: of the outcome on each covariate. df: of the residuals.
    """

    reference: str
    n: int
    df: int
    effects: pd.DataFrame
    slope: FloatArray
    slope_se: FloatArray
    residual_sd: float
    level: float

    def to_frame(self) -> pd.DataFrame:
        """The effects."""
        return self.effects


@dataclass(frozen=True)
class RankAncova:
    """Quade's test: statistic is F on df1 and df2 degrees of freedom. n: patients with all values."""

    n: int
    statistic: float
    df1: int
    df2: int
    p: float

    def to_frame(self) -> pd.DataFrame:
        """One row, a column a field."""
        return pd.DataFrame([asdict(self)])


def ancova(value: ArrayLike, covariates: ArrayLike, group: ArrayLike, reference: str, level: float = 0.95) -> Ancova:
    """Regress an outcome on group and covariates, with one slope in all groups.

    value: (n,); covariates: (n,) or (n, c), such as the baseline score; group: (n,) labels. Patients with a missing value are
    left out. The effects are the same whether the score or its change from baseline is the outcome (Senn 2006,
    doi:10.1002/sim.2682). Raises ValueError without patients of the reference and of another group, and with
    too few patients or covariates that do not vary.
    """
    check_level(level)
    y, x, of = _complete(value, covariates, group)
    others = [name for name in dict.fromkeys(of.tolist()) if name != reference]
    if not others or reference not in of:
        raise ValueError(f"group: patients of {reference} and of another group are needed")
    others.sort()
    design = np.column_stack([np.ones(y.size), *(of == name for name in others), x])
    df = y.size - design.shape[1]
    if df < 1 or np.linalg.matrix_rank(design) < design.shape[1]:
        raise ValueError("covariates: too few patients, or values that do not vary within groups")
    q, r = np.linalg.qr(design)
    beta = np.linalg.solve(r, q.T @ y)
    residual_variance = float(((y - design @ beta) ** 2).sum() / df)
    inverse = np.linalg.inv(r)
    se = np.sqrt(residual_variance * (inverse**2).sum(axis=1))
    effects = pd.DataFrame({"group": others, "estimate": beta[1 : 1 + len(others)], "se": se[1 : 1 + len(others)]})
    with np.errstate(divide="ignore", invalid="ignore"):
        effects["t"] = effects["estimate"] / effects["se"]
    effects["p"] = 2 * stdtr(df, -effects["t"].abs())
    half = stdtrit(df, (1 + level) / 2) * effects["se"]
    effects["ci_low"], effects["ci_high"] = effects["estimate"] - half, effects["estimate"] + half
    after = 1 + len(others)
    return Ancova(
        reference, y.size, df, effects, beta[after:], se[after:], float(np.sqrt(residual_variance)), level
    )  # fmt: skip


def rank_ancova(value: ArrayLike, covariates: ArrayLike, group: ArrayLike) -> RankAncova:
    """Test groups on an outcome given covariates without a distribution: Quade's rank analysis of covariance.

    Outcome and covariates are ranked over all patients, the ranks of the outcome are regressed on those of the covariates,
    and the residuals are compared by one-way analysis of variance. Arguments as for ancova; the same patients are left
    out. Valid where the covariates are distributed alike in all groups, as in a randomised trial. Raises ValueError for
    fewer than two groups or too few patients. Quade 1967, doi:10.1080/01621459.1967.10500925.
    """
    y, x, of = _complete(value, covariates, group)
    names, place = np.unique(of.astype(str), return_inverse=True)
    n, k = y.size, names.size
    if k < 2 or n <= k:
        raise ValueError("group: at least two groups and more patients than groups are needed")
    ranks = rankdata(y) - (n + 1) / 2
    covariate_ranks = np.column_stack([rankdata(column) - (n + 1) / 2 for column in x.T])
    slope = np.linalg.lstsq(covariate_ranks, ranks, rcond=None)[0]
    residuals = ranks - covariate_ranks @ slope
    sums, sizes = np.bincount(place, residuals), np.bincount(place)
    between = float((sums**2 / sizes).sum())
    within = float((residuals**2).sum()) - between
    if within <= 0:
        raise ValueError("value: the residual ranks do not vary within groups")
    statistic = (n - k) / (k - 1) * between / within
    return RankAncova(n, statistic, k - 1, n - k, float(fdtrc(k - 1, n - k, statistic)))


def _complete(value: ArrayLike, covariates: ArrayLike, group: ArrayLike) -> tuple[FloatArray, FloatArray, NDArray]:
    y, x = np.asarray(value, dtype=float), np.asarray(covariates, dtype=float)
    x = x[:, None] if x.ndim == 1 else x
    of = np.asarray(group, dtype=object)
    complete = np.isfinite(y) & np.isfinite(x).all(axis=1)
    return y[complete], x[complete], of[complete]
