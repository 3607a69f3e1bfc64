"""Trim and fill: how many trials a symmetric funnel would lack, and what the pooled effect would be with them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from helpers.effects.checks import check_choice
from helpers.synthesis.pooling import Pooled, pool
from helpers.synthesis.small_study.line import random_effects_line
from helpers.synthesis.small_study.trials_needed import TEN, refuse_too_few
from helpers.synthesis.trials import one_meta_analysis

FloatArray = NDArray[np.float64]
ESTIMATORS = ("L0", "R0")
MAX_STEPS = 200


@dataclass(frozen=True, eq=False)
class TrimAndFill:
    """k0: trials estimated to be missing on `side`; filled_yi, filled_vi (k0,): their mirror images.

    observed, filled: the pooled result without and with them.
    """

    estimator: str
    k0: int
    side: str
    filled_yi: FloatArray
    filled_vi: FloatArray
    observed: Pooled
    filled: Pooled

    def to_frame(self) -> pd.DataFrame:
        """Two rows, observed and filled, columns as Pooled."""
        rows = pd.concat([self.observed.to_frame(), self.filled.to_frame()])
        return rows.set_axis(pd.Index(["observed", "filled"], name="trials"))


def trim_and_fill(
    yi: ArrayLike, vi: ArrayLike, estimator: str = "L0", method: str = "REML", test: str = "z", side: str = "",
    minimum_k: int = TEN, level: float = 0.95,
) -> TrimAndFill:  # fmt: skip
    """Trim the trials that make the funnel asymmetric, pool the rest, and fill in their mirror images.

    yi, vi: (k,) as for pool, whose test and level are used; method "EE", "DL" or "REML". estimator: "L0" or "R0" of the
    number missing. side: "left" or "right", where trials are missing; empty: opposite to where imprecise trials lie by
    a regression on the standard error. A sensitivity analysis, not an estimate of the truth: it presumes that asymmetry
    comes from suppressed trials alone. Raises ValueError as pool, and for fewer than minimum_k trials.
    Duval and Tweedie 2000, doi:10.1111/j.0006-341X.2000.00455.x and doi:10.1080/01621459.2000.10473905.
    """
    check_choice("estimator", estimator, ESTIMATORS)
    check_choice("method", method, ("EE", "DL", "REML"))
    check_choice("side", side, ("", "left", "right"))
    trials = one_meta_analysis(yi, vi)
    y, v = trials.yi[0], trials.vi[0]
    refuse_too_few(len(y), minimum_k, "trim and fill")
    if not side:
        slope = random_effects_line(y, v, np.sqrt(v), method).coefficients[1]
        side = "right" if slope < 0 else "left"
    sign = -1.0 if side == "right" else 1.0
    order = np.argsort(sign * y, kind="stable")
    ordered, variances = sign * y[order], v[order]
    k0, centre = _missing(ordered, variances, estimator, method)
    largest = slice(len(y) - k0, None)
    filled_yi, filled_vi = sign * (2 * centre - ordered[largest]), variances[largest]
    both_yi, both_vi = np.append(y, filled_yi), np.append(v, filled_vi)
    observed = pool(y, v, method, test, level)
    return TrimAndFill(estimator, k0, side, filled_yi, filled_vi, observed, pool(both_yi, both_vi, method, test, level))


def _missing(y: FloatArray, v: FloatArray, estimator: str, method: str) -> tuple[int, float]:
    """How many of the largest effects to trim, and the mean of the rest; y rising, trials missing on the left."""
    k, k0 = len(y), 0
    for _ in range(MAX_STEPS):
        centre = pool(y[: k - k0], v[: k - k0], method, "z").estimate
        distance = y - centre
        rank = np.empty(k)
        rank[np.argsort(np.abs(distance), kind="stable")] = np.arange(1, k + 1)
        if estimator == "L0":
            raw = (4 * rank[distance > 0].sum() - k * (k + 1)) / (2 * k - 1)
        else:
            raw = k - rank[distance < 0].max(initial=0) - 1
        new = min(int(np.round(max(0.0, raw))), k - 1)
        if new == k0:
            return k0, centre
        k0 = new
    raise ArithmeticError("trim and fill did not settle on a number of trials")
