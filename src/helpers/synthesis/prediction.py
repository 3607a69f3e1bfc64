"""Prediction intervals: where the true effect of a new trial is expected."""

from math import nan, sqrt

from scipy.special import ndtri, stdtrit

from helpers.effects.checks import check_choice
from helpers.synthesis.pooling import Pooled

PREDICTION_METHODS = ("metafor", "HTS", "t(k-1)")


def prediction_interval(pooled: Pooled, method: str = "metafor") -> tuple[float, float]:
    """Limits estimate -/+ quantile * sqrt(tau2 + se^2) at the level of `pooled`, with its se.

    "metafor": normal under test z, t with k - 1 df under knha and adhoc; "HTS": t with k - 2 df (at least 1), Higgins,
    Thompson and Spiegelhalter 2009, doi:10.1111/j.1467-985X.2008.00552.x, whose se is that of test z; "t(k-1)": t with
    k - 1 df. (nan, nan) under EE and for one trial. Raises ValueError for another method.
    """
    check_choice("method", method, PREDICTION_METHODS)
    if pooled.method == "EE" or pooled.k == 1:
        return nan, nan
    upper = (1 + pooled.level) / 2
    if method == "HTS":
        quantile = stdtrit(max(1, pooled.k - 2), upper)
    elif method == "metafor" and pooled.test == "z":
        quantile = ndtri(upper)
    else:
        quantile = stdtrit(pooled.k - 1, upper)
    half = float(quantile) * sqrt(pooled.tau2 + pooled.se**2)
    return pooled.estimate - half, pooled.estimate + half
