"""P-value functions: for every effect, how well a trial or the pooled result goes with it."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from helpers.synthesis.pooling import Pooled
from helpers.synthesis.trials import FloatArray, one_meta_analysis

SMALLEST_P = 0.001


def p_value_function(at: ArrayLike, estimate: float, se: float, df: float = np.nan) -> FloatArray:
    """Two-sided p-value of each hypothetical effect `at`: 2 F(-|estimate - at| / se).

    at: on the scale of the estimate. df: of Student's t; nan for the normal distribution. The confidence interval at a
    level is where p >= 1 - level. Raises ValueError for a se that is not positive.
    Infanger and Schmidt-Trucksäss 2019, doi:10.1002/sim.8293.
    """
    if not se > 0:
        raise ValueError(f"se: must be positive, got {se!r}")
    distance = -np.abs(np.asarray(at, dtype=float) - estimate) / se
    return np.asarray(2 * (ndtr(distance) if np.isnan(df) else stdtr(df, distance)))


def drapery(yi: ArrayLike, vi: ArrayLike, pooled: Pooled, steps: int = 41) -> pd.DataFrame:
    """The curves of a drapery plot: rows of curve ("trial", "pooled", "prediction"), trial (position; else -1), effect, p.

    yi, vi: (k,) as for pool; pooled: their result. Each trial's curve is normal, the pooled one that of its test, the
    prediction that of a new trial, with variance se^2 + tau2, where the result has a prediction interval. Each curve rises
    from SMALLEST_P to 1 at its estimate and falls again, in `steps` steps on either side, closer where p is small.
    Raises ValueError as pool, for a pooled se of zero, and for fewer than two steps.
    Rücker and Schwarzer 2021, doi:10.1002/jrsm.1410.
    """
    if steps < 2:
        raise ValueError(f"steps: must be at least 2, got {steps}")
    trials = one_meta_analysis(yi, vi)
    curves = [
        ("trial", i, y, np.sqrt(v), np.nan) for i, (y, v) in enumerate(zip(trials.yi[0], trials.vi[0], strict=True))
    ]
    curves.append(("pooled", -1, pooled.estimate, pooled.se, pooled.df))
    if pooled.pi_method != "none":
        curves.append(("prediction", -1, pooled.estimate, float(np.sqrt(pooled.se**2 + pooled.tau2)), pooled.df))
    rising = np.linspace(np.sqrt(SMALLEST_P), 1, steps) ** 2
    p = np.concatenate([rising, rising[-2::-1]])
    side = np.repeat([-1.0, 1.0], [steps, steps - 1])
    frames = []
    for curve, trial, estimate, se, df in curves:
        if not se > 0:
            raise ValueError(f"pooled.se: must be positive, got {se!r}")
        quantile = -(ndtri(p / 2) if np.isnan(df) else stdtrit(df, p / 2))
        effect = estimate + side * quantile * se
        frames.append(pd.DataFrame({"curve": curve, "trial": trial, "effect": effect, "p": p}))
    return pd.concat(frames, ignore_index=True)
