"""Effects from counts of events over person-time.

Counts xi >= 0 and person-time ti > 0, scalars or arrays of one shape. `add` and `to` as in two_by_two, applied to the
counts. Raises ValueError with the argument and position. Formulas as in metafor's escalc:
Viechtbauer 2010, doi:10.18637/jss.v036.i03.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.effects.checks import not_negative, numbers, positive
from helpers.effects.correction import count_correction
from helpers.effects.effect import Effect, effect

FloatArray = NDArray[np.float64]


def log_rate_ratio(
    x1i: ArrayLike, t1i: ArrayLike, x2i: ArrayLike, t2i: ArrayLike,
    add: float = 0.5, to: str = "only0", drop00: bool = False,
) -> Effect:  # fmt: skip
    """log of the ratio of two rates, variance 1/x1 + 1/x2."""
    x1, t1, x2, t2 = _two_counts(x1i, t1i, x2i, t2i, add, to, drop00)
    with np.errstate(divide="ignore", invalid="ignore"):
        return effect(np.log(x1 / t1) - np.log(x2 / t2), 1 / x1 + 1 / x2)


def rate_difference(
    x1i: ArrayLike, t1i: ArrayLike, x2i: ArrayLike, t2i: ArrayLike,
    add: float = 0.5, to: str = "only0", drop00: bool = False,
) -> Effect:  # fmt: skip
    """Difference of two rates, variance x1/t1^2 + x2/t2^2."""
    x1, t1, x2, t2 = _two_counts(x1i, t1i, x2i, t2i, add, to, drop00)
    return effect(x1 / t1 - x2 / t2, x1 / t1**2 + x2 / t2**2)


def rate(xi: ArrayLike, ti: ArrayLike, add: float = 0.5, to: str = "only0") -> Effect:
    """Rate of one group, variance x/t^2."""
    x, t = _one_count(xi, ti, add, to)
    return effect(x / t, x / t**2)


def log_rate(xi: ArrayLike, ti: ArrayLike, add: float = 0.5, to: str = "only0") -> Effect:
    """log of the rate of one group, variance 1/x."""
    x, t = _one_count(xi, ti, add, to)
    with np.errstate(divide="ignore"):
        return effect(np.log(x / t), 1 / x)


def _two_counts(
    x1i: ArrayLike, t1i: ArrayLike, x2i: ArrayLike, t2i: ArrayLike, add: float, to: str, drop00: bool
) -> tuple[FloatArray, ...]:
    x1, t1, x2, t2 = numbers(x1i=x1i, t1i=t1i, x2i=x2i, t2i=t2i)
    not_negative(x1i=x1, x2i=x2)
    positive(t1i=t1, t2i=t2)
    shift = np.where(drop00 & (x1 + x2 == 0), np.nan, count_correction((x1 == 0) | (x2 == 0), add, to))
    return x1 + shift, t1, x2 + shift, t2


def _one_count(xi: ArrayLike, ti: ArrayLike, add: float, to: str) -> tuple[FloatArray, FloatArray]:
    x, t = numbers(xi=xi, ti=ti)
    not_negative(xi=x)
    positive(ti=t)
    return x + count_correction(x == 0, add, to), t
