"""Exact and other small-sample intervals: one proportion, one rate, and the difference or ratio of two."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, gammaincinv, ndtri

from helpers.effects.checks import check_choice, check_level, events_of, not_negative, numbers, positive
from helpers.effects.effect import Values, scalar_or_array

FloatArray = NDArray[np.float64]
PROPORTION_METHODS = ("clopper-pearson", "wilson", "jeffreys")
SIDES = ("two-sided", "upper")


@dataclass(frozen=True, eq=False)
class Interval:
    """estimate, low, high: proportions (0 to 1) or rates; floats or arrays of one shape."""

    estimate: Values
    low: Values
    high: Values
    level: float
    method: str
    side: str

    def to_frame(self) -> pd.DataFrame:
        """One row an interval, columns estimate, low, high."""
        return pd.DataFrame({name: np.atleast_1d(getattr(self, name)) for name in ("estimate", "low", "high")})


def proportion_interval(
    events: ArrayLike, n: ArrayLike, level: float = 0.95, method: str = "clopper-pearson", side: str = "two-sided"
) -> Interval:
    """Interval of a proportion, 0 to 1, from `events` in `n` patients; scalars or arrays of one shape.

    method: "clopper-pearson" (exact; Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404), "wilson" (score, no
    continuity correction; Wilson 1927) or "jeffreys" (Brown 2001, doi:10.1214/ss/1009213286; limits 0 and 1 at the
    ends). side "upper": one-sided, low is 0. Raises ValueError with the argument and position.
    """
    check_choice("method", method, PROPORTION_METHODS)
    x, size = numbers(events=events, n=n)
    events_of("n", size, events=x)
    tail = _tail(level, side)
    if method == "wilson":
        low, high = _wilson(x, size, tail)
    else:
        widen = 0.0 if method == "clopper-pearson" else 0.5
        low = betaincinv(x + widen, size - x + (1 - widen), tail)
        high = betaincinv(x + (1 - widen), size - x + widen, 1 - tail)
    return _interval(x / size, np.where(x == 0, 0.0, low), np.where(x == size, 1.0, high), level, method, side)


def rate_interval(events: ArrayLike, time: ArrayLike, level: float = 0.95, side: str = "two-sided") -> Interval:
    """Exact Poisson interval of a rate, in events per unit of `time` (> 0); scalars or arrays of one shape.

    side "upper": one-sided, low is 0. Raises ValueError with the argument and position.
    Garwood 1936, doi:10.1093/biomet/28.3-4.437.
    """
    x, t = numbers(events=events, time=time)
    not_negative(events=x)
    positive(time=t)
    tail = _tail(level, side)
    low = np.where(x == 0, 0.0, gammaincinv(x, tail))
    return _interval(x / t, low / t, gammaincinv(x + 1, 1 - tail) / t, level, "poisson", side)


def risk_difference_interval(
    ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike, level: float = 0.95
) -> Interval:
    """Difference of two proportions, ai of n1i less ci of n2i, with limits made of Wilson's two intervals.

    Has sensible limits where a group has no event. Scalars or arrays of one shape. Raises ValueError with the argument and
    position. Newcombe 1998, method 10, doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.
    """
    first, second = (proportion_interval(x, n, level, "wilson") for x, n in ((ai, n1i), (ci, n2i)))
    difference = np.asarray(first.estimate) - np.asarray(second.estimate)
    below = np.hypot(np.asarray(first.estimate) - first.low, np.asarray(second.high) - second.estimate)
    above = np.hypot(np.asarray(first.high) - first.estimate, np.asarray(second.estimate) - second.low)
    return _interval(difference, difference - below, difference + above, level, "newcombe", "two-sided")


def rate_ratio_interval(
    x1i: ArrayLike, t1i: ArrayLike, x2i: ArrayLike, t2i: ArrayLike, level: float = 0.95
) -> Interval:
    """Exact interval of the ratio of two Poisson rates, x1i events in the time t1i to x2i in t2i, as R's poisson.test.

    Given all events, those of the first group are binomial; the limits are Clopper and Pearson's of that share. 0 without an
    event in the first group, infinite without one in the second, nan without any. Scalars or arrays of one shape. Raises
    ValueError with the argument and position. Przyborowski and Wilenski 1940, doi:10.1093/biomet/31.3-4.313.
    """
    x1, t1, x2, t2 = numbers(x1i=x1i, t1i=t1i, x2i=x2i, t2i=t2i)
    not_negative(x1i=x1, x2i=x2)
    positive(t1i=t1, t2i=t2)
    tail = _tail(level, "two-sided")
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(x1 == 0, 0.0, betaincinv(x1, x2 + 1, tail))
        high = np.where(x2 == 0, 1.0, betaincinv(x1 + 1, x2, 1 - tail))
        some = np.where(x1 + x2 > 0, 1.0, np.nan)
        scale = some * t2 / t1
        low, high = scale * low / (1 - low), scale * high / (1 - high)
        return _interval(some * x1 / t1 / (x2 / t2), low, high, level, "conditional", "two-sided")


def _tail(level: float, side: str) -> float:
    check_level(level)
    check_choice("side", side, SIDES)
    return 1 - level if side == "upper" else (1 - level) / 2


def _wilson(x: FloatArray, n: FloatArray, tail: float) -> tuple[FloatArray, FloatArray]:
    z2 = ndtri(tail) ** 2
    middle = (x + z2 / 2) / (n + z2)
    half = np.sqrt(z2) / (n + z2) * np.sqrt(x * (n - x) / n + z2 / 4)
    return middle - half, middle + half


def _interval(
    estimate: FloatArray, low: FloatArray, high: FloatArray, level: float, method: str, side: str
) -> Interval:
    if side == "upper":
        low = np.zeros_like(high)
    return Interval(scalar_or_array(estimate), scalar_or_array(low), scalar_or_array(high), level, method, side)
