"""The common odds ratio of one table, with the tests that must stand beside it."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from math import sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri, ndtri

from helpers.effects import common_odds_ratio
from helpers.effects.checks import check_choice, check_level
from helpers.effects.ordinal import best_first
from helpers.synthesis.ordinal.cumulative_model import (
    LINKS,
    CumulativeFit,
    Group,
    fit_cumulative,
    saturated_log_likelihood,
    start_thresholds,
)

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ProportionalOdds:
    """estimate: log odds ratio of a better outcome in group 1 (probit: shift in SD units), Wald and profile limits.

    lrt, lrt_p: likelihood ratio against no effect, 1 df. odds_lrt, odds_df, odds_p: likelihood ratio of the model against
    effects that differ between cuts; a small odds_p says that one odds ratio does not describe the table.
    thresholds: of the cumulative proportions in group 2, between levels that hold patients.
    """

    link: str
    estimate: float
    se: float
    p: float
    ci_low: float
    ci_high: float
    profile_low: float
    profile_high: float
    lrt: float
    lrt_p: float
    odds_lrt: float
    odds_df: int
    odds_p: float
    log_likelihood: float
    thresholds: FloatArray
    level: float

    def to_frame(self) -> pd.DataFrame:
        """One row, a column a field but the thresholds."""
        return pd.DataFrame([{f.name: getattr(self, f.name) for f in fields(self) if f.name != "thresholds"}])


def proportional_odds(
    counts1: ArrayLike, counts2: ArrayLike, better: str = "lower", link: str = "logit", level: float = 0.95
) -> ProportionalOdds:
    """Fit the proportional-odds model (link "probit": its normal counterpart) to one trial, and test its assumption.

    counts1, counts2: (levels,) and better as in helpers.effects.ordinal. Levels without a patient are left out. The
    model that is not proportional fits every proportion exactly, so the test needs no second fit; it has levels - 2 df.
    Raises ValueError as common_odds_ratio, ArithmeticError where no finite effect fits best.
    McCullagh 1980, doi:10.1111/j.2517-6161.1980.tb01109.x.
    """
    check_choice("link", link, tuple(LINKS))
    check_level(level)
    common_odds_ratio(counts1, counts2, better)  # refuses what can not be fitted
    first, second = best_first(counts1, counts2, better)
    held = first + second > 0
    first, second = first[held], second[held]
    cuts = len(first) - 1

    def fitted(fixed: float | None) -> CumulativeFit:
        design = np.eye(cuts)
        if fixed is None:
            one = np.column_stack([design, np.ones(cuts)])
            groups = [
                Group(first, one, np.zeros(cuts)),
                Group(second, np.column_stack([design, np.zeros(cuts)]), np.zeros(cuts)),
            ]
        else:
            groups = [Group(first, design, np.full(cuts, fixed)), Group(second, design, np.zeros(cuts))]
        thresholds = start_thresholds(first + second, link)
        return fit_cumulative(groups, np.append(thresholds, 0.0) if fixed is None else thresholds, link)

    best = fitted(None)
    estimate, se = float(best.parameters[-1]), sqrt(best.covariance[-1, -1])
    needed = float(chdtri(1, 1 - level)) / 2

    def drop(value: float) -> float:
        return best.log_likelihood - fitted(value).log_likelihood - needed

    profile = [_limit(drop, estimate, sign * se) for sign in (-1, 1)]
    lrt = max(0.0, 2 * (best.log_likelihood - fitted(0.0).log_likelihood))
    odds_lrt = max(0.0, 2 * (saturated_log_likelihood(first) + saturated_log_likelihood(second) - best.log_likelihood))
    half = float(ndtri((1 + level) / 2)) * se
    return ProportionalOdds(
        link, estimate, se, float(chdtrc(1, (estimate / se) ** 2)), estimate - half, estimate + half, profile[0],
        profile[1], lrt, float(chdtrc(1, lrt)), odds_lrt, cuts - 1, float(chdtrc(cuts - 1, odds_lrt)) if cuts > 1 else 1.0,
        best.log_likelihood, best.parameters[:-1], level,
    )  # fmt: skip


def _limit(drop: Callable[[float], float], estimate: float, step: float) -> float:
    far = estimate + 2 * step
    while drop(far) < 0:
        far += step
    return float(brentq(drop, estimate, far, xtol=1e-12, rtol=1e-12))
