"""Confidence limits of the heterogeneity between trials."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtri, ndtri

from helpers.effects.checks import check_choice, check_level
from helpers.synthesis.generalized_q import solve_q
from helpers.synthesis.likelihood import likelihood_grid, log_likelihood
from helpers.synthesis.pooling import i2_and_h2
from helpers.synthesis.profile import profile_limits
from helpers.synthesis.tau2 import ESTIMATORS
from helpers.synthesis.trials import FloatArray, Trials, one_meta_analysis, trace_p

LIMITS = ("QP", "PL")


@dataclass(frozen=True)
class HeterogeneityInterval:
    """tau2, I2 (percent) and H2: each (estimate, low, high)."""

    tau2: tuple[float, float, float]
    I2: tuple[float, float, float]
    H2: tuple[float, float, float]
    method: str  # of the estimate
    level: float
    limits: str = "QP"

    def to_frame(self) -> pd.DataFrame:
        """Rows tau2, I2, H2; columns estimate, low, high."""
        rows = {"tau2": self.tau2, "I2": self.I2, "H2": self.H2}
        return pd.DataFrame.from_dict(rows, orient="index", columns=["estimate", "low", "high"])


def tau2_interval(
    yi: ArrayLike, vi: ArrayLike, method: str = "REML", level: float = 0.95, limits: str = "QP"
) -> HeterogeneityInterval:
    """Limits of tau2, and of I2 and H2 through the typical variance.

    yi, vi: (k,), k >= 2, as for pool; method: the estimator of tau2 itself (not EE).
    limits "QP", Q-profile: where Q(tau2) equals the chi-square quantiles with k - 1 df, zero where Q starts below; both
    are zero when the effects agree more closely than chance allows. Viechtbauer 2007, doi:10.1002/sim.2514.
    limits "PL", profile likelihood, for ML and REML: the outermost tau2 whose twice log-likelihood lies the chi-square
    quantile with 1 df below its peak. Hardy and Thompson 1996,
    doi:10.1002/(SICI)1097-0258(19960330)15:6<619::AID-SIM188>3.0.CO;2-A.
    Raises ValueError as pool, for one trial, and for PL with another method.
    """
    check_choice("method", method, tuple(ESTIMATORS))
    check_choice("limits", limits, LIMITS)
    check_level(level)
    if limits == "PL":
        check_choice("method (limits PL)", method, ("ML", "REML"))
    trials = one_meta_analysis(yi, vi)
    df = trials.k - 1
    if df[0] == 0:
        raise ValueError("yi: at least two trials are needed for an interval of tau2, got 1")
    estimate = ESTIMATORS[method](trials)[0]
    low, high = _q_profile(trials, level) if limits == "QP" else _likelihood(trials, estimate, method, level)
    tau2 = np.concatenate([estimate, low, high])
    i2, h2 = i2_and_h2(tau2, df / trace_p(trials, 1 / trials.vi))
    return HeterogeneityInterval(_triple(tau2), _triple(i2), _triple(h2), method, level, limits)


def _q_profile(trials: Trials, level: float) -> tuple[FloatArray, FloatArray]:
    df = trials.k - 1
    return solve_q(trials, chdtri(df, (1 - level) / 2)), solve_q(trials, chdtri(df, (1 + level) / 2))


def _likelihood(trials: Trials, estimate: FloatArray, method: str, level: float) -> tuple[FloatArray, FloatArray]:
    grid = likelihood_grid(trials)[0]

    def drop(tau2: FloatArray) -> FloatArray:
        at = log_likelihood(trials, np.append(tau2, estimate)[None, :], method == "REML")[0]
        return at[-1] - at[:-1]

    low, high = profile_limits(drop, float(estimate[0]), grid, float(ndtri((1 + level) / 2) ** 2))
    return np.array([low]), np.array([high])


def _triple(values: np.ndarray) -> tuple[float, float, float]:
    estimate, low, high = values.tolist()
    return estimate, low, high
