"""The partial proportional-odds model: for the table that one common odds ratio does not describe."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, ndtri

from helpers.effects.checks import check_level
from helpers.effects.ordinal import best_first
from helpers.synthesis.ordinal.cumulative_model import (
    CumulativeFit,
    Group,
    fit_cumulative,
    saturated_log_likelihood,
    start_thresholds,
)
from helpers.synthesis.ordinal.one_stage import LikelihoodRatio

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PartialOdds:
    """Log odds ratios of a better outcome in group 1.

    cuts: a row a cut of the scale that both sides of it hold patients: at_most (index of the worst level that counts as a good
    outcome, in the order of the counts' columns), estimate, se, ci_low, ci_high: the effect at this cut where it may differ
    from cut to cut (nan where it is not finite).
    estimate, se: the common log odds ratio (proportional odds). trend, trend_se: how much the log odds ratio rises from a cut
    to the next worse one. proportional: test of one odds ratio at all cuts against any; linear: against that trend;
    beyond_linear: of the trend against any.
    """

    estimate: float
    se: float
    trend: float
    trend_se: float
    cuts: pd.DataFrame
    proportional: LikelihoodRatio
    linear: LikelihoodRatio
    beyond_linear: LikelihoodRatio
    strata: int
    level: float

    def to_frame(self) -> pd.DataFrame:
        """The cuts."""
        return self.cuts


def partial_proportional_odds(
    counts1: ArrayLike, counts2: ArrayLike, better: str = "lower", level: float = 0.95
) -> PartialOdds:
    """Let the effect of treatment differ between the cuts of an ordinal scale: freely, and by a straight line.

    counts1, counts2: (levels,) patients of the two groups, or (strata, levels): then every stratum shifts the whole scale by
    the same log odds at every cut (the proportional part of the model) and the effect is that of all strata. better as in
    helpers.effects.ordinal. Levels without a patient are left out. Raises ValueError as there, and for fewer than two
    cuts; ArithmeticError where no finite common odds ratio fits best.
    Peterson and Harrell 1990, doi:10.2307/2347760 (unconstrained, and constrained to a line).
    """
    check_level(level)
    first, second = (np.atleast_2d(np.asarray(counts, dtype=float)) for counts in (counts1, counts2))
    if first.shape != second.shape:
        raise ValueError(f"counts1 and counts2: shapes differ, {first.shape} and {second.shape}")
    best_first(first.sum(axis=0), second.sum(axis=0), better)  # refuses what can not be compared
    if better == "higher":
        first, second = first[:, ::-1], second[:, ::-1]
    occupied = np.flatnonzero((first + second).sum(axis=0))
    first, second = first[:, occupied], second[:, occupied]
    present = (first + second).sum(axis=1) > 0
    first, second = first[present], second[present]
    strata, cuts = len(first), first.shape[1] - 1
    if cuts < 2:
        raise ValueError(
            "counts1 and counts2: a scale needs three levels with patients before odds can differ between cuts"
        )

    def fitted(effect: FloatArray) -> CumulativeFit:
        return _fit(first, second, effect)

    line = np.arange(cuts) - (cuts - 1) / 2
    common = fitted(np.ones((cuts, 1)))
    linear = fitted(np.column_stack([np.ones(cuts), line]))
    free, estimates, errors = _free(fitted, first, second)
    z = float(ndtri((1 + level) / 2))
    table = pd.DataFrame({"at_most": occupied[:-1], "estimate": estimates, "se": errors})
    table["ci_low"], table["ci_high"] = table["estimate"] - z * table["se"], table["estimate"] + z * table["se"]
    if better == "higher":
        table["at_most"] = np.shape(counts1)[-1] - 1 - table["at_most"]
    one, straight = common.log_likelihood, linear.log_likelihood
    return PartialOdds(
        float(common.parameters[-1]), sqrt(common.covariance[-1, -1]), float(linear.parameters[-1]),
        sqrt(linear.covariance[-1, -1]), table, _ratio("one odds ratio at all cuts", free - one, cuts - 1),
        _ratio("one odds ratio, against a line over the cuts", straight - one, 1),
        _ratio("a line over the cuts, against any effect", free - straight, cuts - 2), strata, level,
    )  # fmt: skip


def _fit(first: FloatArray, second: FloatArray, effect: FloatArray) -> CumulativeFit:
    """effect (cuts, q): what group 1 adds to the linear predictor at every cut."""
    strata, cuts = len(first), first.shape[1] - 1
    groups = []
    for i in range(strata):
        shift = np.zeros((cuts, strata - 1))
        if i:
            shift[:, i - 1] = 1.0
        base = np.hstack([np.eye(cuts), shift])
        groups.append(Group(first[i], np.hstack([base, effect]), np.zeros(cuts)))
        groups.append(Group(second[i], np.hstack([base, np.zeros_like(effect)]), np.zeros(cuts)))
    start = np.concatenate([start_thresholds((first + second).sum(axis=0)), np.zeros(strata - 1 + effect.shape[1])])
    return fit_cumulative(groups, start)


def _free(
    fitted: Callable[[FloatArray], CumulativeFit], first: FloatArray, second: FloatArray
) -> tuple[float, FloatArray, FloatArray]:
    """Log-likelihood, effects and standard errors where the effect may be any at every cut.

    Without strata the model gives every observed proportion, so nothing is fitted and the effects are those of the cut
    tables; that also holds where an effect is not finite.
    """
    cuts = first.shape[1] - 1
    if len(first) == 1:
        good1, good2 = (np.cumsum(group[0])[:-1] for group in (first, second))
        cells = np.stack([good1, first.sum() - good1, good2, second.sum() - good2])
        with np.errstate(divide="ignore", invalid="ignore"):
            estimate = np.log(cells[0] * cells[3] / (cells[1] * cells[2]))
            error = np.sqrt((1 / cells).sum(axis=0))
        finite = (cells > 0).all(axis=0)
        highest = saturated_log_likelihood(first[0]) + saturated_log_likelihood(second[0])
        return highest, np.where(finite, estimate, np.nan), np.where(finite, error, np.nan)
    try:
        fit = fitted(np.eye(cuts))
    except (ArithmeticError, np.linalg.LinAlgError):
        nowhere = np.full(cuts, np.nan)
        return float("nan"), nowhere, nowhere
    return fit.log_likelihood, fit.parameters[-cuts:], np.sqrt(np.diag(fit.covariance)[-cuts:])


def _ratio(question: str, difference: float, df: int) -> LikelihoodRatio:
    if df == 0:
        return LikelihoodRatio(question, 0.0, 0, 1.0)
    statistic = max(0.0, 2 * difference) if np.isfinite(difference) else float("nan")
    return LikelihoodRatio(question, statistic, df, float(chdtrc(df, statistic)))
