"""An interval that small-study effects disturb less: the equal-effects estimate, with random-effects uncertainty."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import gammainc

from helpers.effects.checks import check_level
from helpers.synthesis.small_study.trials_needed import refuse_too_few
from helpers.synthesis.trials import one_meta_analysis


@dataclass(frozen=True)
class HenmiCopas:
    """estimate: the equal-effects one; se, ci_low, ci_high: allowing for tau2 (DerSimonian-Laird)."""

    k: int
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    tau2: float
    level: float

    def to_frame(self) -> pd.DataFrame:
        """One row, a column a field."""
        return pd.DataFrame([vars(self)])


def henmi_copas(yi: ArrayLike, vi: ArrayLike, minimum_k: int = 3, level: float = 0.95) -> HenmiCopas:
    """Interval around the equal-effects estimate, from the joint distribution of it and of Q (a gamma given the estimate).

    yi, vi: (k,) as for pool. Raises ValueError as pool and for fewer than minimum_k trials.
    Henmi and Copas 2010, doi:10.1002/sim.4029.
    """
    check_level(level)
    trials = one_meta_analysis(yi, vi)
    y, w = trials.yi[0], 1 / trials.vi[0]
    k = len(y)
    refuse_too_few(k, minimum_k, "the interval of Henmi and Copas", least=2)
    w1 = w.sum()
    w2, w3, w4 = ((w**power).sum() / w1 for power in (2, 3, 4))
    estimate = float((w * y).sum() / w1)
    q = (w * (y - estimate) ** 2).sum()
    tau2 = max(0.0, (q - (k - 1)) / (w1 - w2))
    vr = 1 + tau2 * w2
    sdr = sqrt(vr)

    def not_covered(x: float) -> float:
        def integrand(r: float) -> float:
            unusual = (sdr * r) ** 2 / vr**2 - 1 / vr
            mean = k - 1 + tau2 * (w1 - w2) + tau2**2 * unusual * (w3 - w2**2)
            variance = (
                2 * (k - 1) + 4 * tau2 * (w1 - w2) + 2 * tau2**2 * (w1 * w2 - 2 * w3 + w2**2)
                + 4 * tau2**2 * unusual * (w3 - w2**2) + 4 * tau2**3 * unusual * (w4 - 2 * w2 * w3 + w2**3)
                + 2 * tau2**4 * (1 / vr**2 - 2 * (sdr * r) ** 2 / vr**3) * (w3 - w2**2) ** 2
            )  # fmt: skip
            least_q = (w1 / w2 - 1) * ((sdr * r / x) ** 2 - 1) + k - 1
            share = gammainc(mean**2 / variance, max(0.0, least_q) * mean / variance)
            return float(share * np.exp(-(r**2) / 2) / sqrt(2 * np.pi))

        return float(quad(integrand, x / sdr, x / sdr + 40, epsabs=1e-12, epsrel=1e-10, limit=500)[0]) - (1 - level) / 2

    upper = 2.0
    while not_covered(upper) > 0:
        upper *= 2
    half = float(brentq(not_covered, 1e-6, upper, xtol=1e-12)) * sdr / sqrt(w1)
    return HenmiCopas(k, estimate, sqrt(vr / w1), estimate - half, estimate + half, float(tau2), level)
