"""Best linear unbiased predictions: what each trial's true effect is likely to be, given all trials."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit

from helpers.synthesis.pooling import pool
from helpers.synthesis.trials import one_meta_analysis


def blup(yi: ArrayLike, vi: ArrayLike, method: str = "REML", test: str = "knha", level: float = 0.95) -> pd.DataFrame:
    """Each trial's effect drawn towards the pooled one: share * yi + (1 - share) * mean, share = tau2 / (tau2 + vi).

    Arguments and errors as for pool. A row a trial: blup and its se sqrt(share * vi + (1 - share)^2 * se(mean)^2) on
    the scale of yi, pi_low and pi_high with the quantile of the test (normal under "z", else t with k - 1 df).
    Raudenbush and Bryk 1985, doi:10.3102/10769986010002075.
    """
    trials = one_meta_analysis(yi, vi)
    y, v = trials.yi[0], trials.vi[0]
    pooled = pool(y, v, method, test, level)
    share = pooled.tau2 / (pooled.tau2 + v)
    prediction = share * y + (1 - share) * pooled.estimate
    se = np.sqrt(share * v + (1 - share) ** 2 * pooled.se**2)
    upper = (1 + level) / 2
    half = se * (ndtri(upper) if pooled.test == "z" else stdtrit(pooled.k - 1, upper))
    return pd.DataFrame({"blup": prediction, "se": se, "pi_low": prediction - half, "pi_high": prediction + half})
