"""Exact and other small-sample intervals for one proportion or one rate."""

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
