"""A selection model with three parameters: effects that are not significant are published less often."""

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import chdtrc, log_ndtr, ndtri

from helpers.effects.checks import check_choice, check_level
from helpers.synthesis.pooling import pool
from helpers.synthesis.rare_events.curvature import hessian
from helpers.synthesis.small_study.trials_needed import TEN, refuse_too_few
from helpers.synthesis.trials import one_meta_analysis

FloatArray = NDArray[np.float64]
DELTA_MAX = 100.0


@dataclass(frozen=True)
class SelectionModel:
    """estimate and tau2: of the effects before selection. delta: how often a non-significant effect is published, per
    significant one. LRT, LRT_p: likelihood ratio against no selection, 1 df. unselected_*: maximum likelihood without it.
    """

    k: int
    alternative: str
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    tau2: float
    delta: float
    LRT: float
    LRT_p: float
    unselected_estimate: float
    unselected_tau2: float
    level: float
    note: str = ""

    def to_frame(self) -> pd.DataFrame:
        """One row, a column a field."""
        return pd.DataFrame([{f.name: getattr(self, f.name) for f in fields(self)}])


def selection_model(
    yi: ArrayLike, vi: ArrayLike, alternative: str = "", step: float = 0.025, minimum_k: int = TEN, level: float = 0.95
) -> SelectionModel:
    """Random-effects model by maximum likelihood, in which one-sided p above `step` is published with relative odds delta.

    yi, vi: (k,) as for pool. alternative: the significant direction, "greater" or "less"; empty: that of the pooled
    REML effect. delta is held within 0 and 100 (metafor's bounds). The standard error is from the observed information;
    parameters at a bound are held there. Raises ValueError as pool, for fewer than minimum_k trials, and where every
    trial is significant. Where none is, delta runs to its bound and the result hangs on it, which the note says.
    Iyengar and Greenhouse 1988, doi:10.1214/ss/1177013012; Vevea and Hedges 1995, doi:10.1007/BF02294384.
    """
    check_choice("alternative", alternative, ("", "greater", "less"))
    check_level(level)
    if not 0 < step < 1:
        raise ValueError(f"step: must lie between 0 and 1, got {step!r}")
    trials = one_meta_analysis(yi, vi)
    y, v = trials.yi[0], trials.vi[0]
    refuse_too_few(len(y), minimum_k, "a selection model")
    if not alternative:
        alternative = "less" if pool(y, v, "REML", "z").estimate < 0 else "greater"
    sign = -1.0 if alternative == "less" else 1.0
    turned, cut = sign * y, float(-ndtri(step)) * np.sqrt(v)
    significant = turned >= cut
    if significant.all():
        raise ValueError(f"yi: every one-sided p lies below {step:g}, so selection can not be estimated")

    def loss(parameters: FloatArray) -> float:
        mean, tau, log_delta = parameters
        sd = np.sqrt(v + tau**2)
        published = np.logaddexp(log_ndtr((mean - cut) / sd), log_delta + log_ndtr((cut - mean) / sd))
        density = -(((turned - mean) / sd) ** 2) / 2 - np.log(sd)
        return -float((density + np.where(significant, 0.0, log_delta) - published).sum())

    unselected = pool(y, v, "ML", "z")
    tau = np.sqrt(unselected.tau2)
    least, most = -20.0, float(np.log(DELTA_MAX))
    bounds = [(None, None), (0.0, None), (least, most)]
    options = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 2000, "maxfun": 20000}
    starts = [
        np.array([sign * unselected.estimate * shrink, max(tau * more, 1e-3), log_delta])
        for shrink, more, log_delta in (
            (1.0, 1.0, 0.0),
            (0.5, 0.7, -1.5),
            (1.3, 1.0, 1.5),
            (0.5, 0.0, -2.0),
            (1.2, 0.0, 3.0),
        )
    ]
    fits = [minimize(loss, start, method="L-BFGS-B", bounds=bounds, options=options) for start in starts]
    best = min(fits, key=lambda found: found.fun)
    free = np.array([True, best.x[1] > 1e-6, least + 1e-6 < best.x[2] < most - 1e-6])

    def over_free(values: FloatArray) -> float:
        parameters = best.x.copy()
        parameters[free] = values
        return loss(parameters)

    se = float(np.sqrt(np.linalg.inv(hessian(over_free, best.x[free]))[0, 0]))
    without = loss(np.array([sign * unselected.estimate, tau, 0.0]))
    ratio = max(0.0, 2 * (without - best.fun))
    at_bound = best.x[2] >= most - 1e-6
    note = (
        ""
        if not at_bound
        else f"delta is at its bound of {DELTA_MAX:g}: the data hold no sign of selection, the estimate none of meaning."
    )
    estimate, half = sign * float(best.x[0]), float(ndtri((1 + level) / 2)) * se
    return SelectionModel(
        len(y), alternative, estimate, se, estimate - half, estimate + half, float(best.x[1] ** 2),
        float(np.exp(best.x[2])), ratio, float(chdtrc(1, ratio)), unselected.estimate, unselected.tau2, level, note,
    )  # fmt: skip
