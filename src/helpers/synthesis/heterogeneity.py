"""Confidence limits of the heterogeneity between trials."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtri

from helpers.effects.checks import check_choice, check_level
from helpers.synthesis.generalized_q import solve_q
from helpers.synthesis.pooling import i2_and_h2
from helpers.synthesis.tau2 import ESTIMATORS
from helpers.synthesis.trials import one_meta_analysis, trace_p


@dataclass(frozen=True)
class HeterogeneityInterval:
    """tau2, I2 (percent) and H2: each (estimate, low, high)."""

    tau2: tuple[float, float, float]
    I2: tuple[float, float, float]
    H2: tuple[float, float, float]
    method: str  # of the estimate
    level: float

    def to_frame(self) -> pd.DataFrame:
        """Rows tau2, I2, H2; columns estimate, low, high."""
        rows = {"tau2": self.tau2, "I2": self.I2, "H2": self.H2}
        return pd.DataFrame.from_dict(rows, orient="index", columns=["estimate", "low", "high"])


def tau2_interval(yi: ArrayLike, vi: ArrayLike, method: str = "REML", level: float = 0.95) -> HeterogeneityInterval:
    """Q-profile limits of tau2, and of I2 and H2 through the typical variance.

    yi, vi: (k,), k >= 2, as for pool; method: the estimator of tau2 itself (not EE). The limits are where Q(tau2)
    equals the chi-square quantiles with k - 1 df, zero where Q starts below; both are zero when the effects agree more
    closely than chance allows. Raises ValueError as pool, and for one trial. Viechtbauer 2007, doi:10.1002/sim.2514.
    """
    check_choice("method", method, tuple(ESTIMATORS))
    check_level(level)
    trials = one_meta_analysis(yi, vi)
    df = trials.k - 1
    if df[0] == 0:
        raise ValueError("yi: at least two trials are needed for an interval of tau2, got 1")
    low, high = (solve_q(trials, chdtri(df, tail)) for tail in ((1 - level) / 2, (1 + level) / 2))
    tau2 = np.concatenate([ESTIMATORS[method](trials)[0], low, high])
    i2, h2 = i2_and_h2(tau2, df / trace_p(trials, 1 / trials.vi))
    return HeterogeneityInterval(_triple(tau2), _triple(i2), _triple(h2), method, level)


def _triple(values: np.ndarray) -> tuple[float, float, float]:
    estimate, low, high = values.tolist()
    return estimate, low, high
