"""The p-values a comparison of two rates can have, given that the times under observation were rounded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from helpers.effects import log_rate_ratio, rate_ratio_p
from helpers.scrutiny.p_values import PSpan, distances
from helpers.scrutiny.printed_number import Printed

FloatArray = NDArray[np.float64]
BESIDE_A_JUMP = 1e-6  # relative; scipy counts splits as equally likely up to 1e-7


def exact_rate_p(events1: int, time1: Printed, events2: int, time2: Printed) -> PSpan:
    """Span of p of the exact test of two Poisson rates, see effects.rate_ratio_p.

    Times above 0. Raises ValueError. p depends on the ratio of the times alone; it jumps where another split of the events
    becomes as likely as the observed one, and is smooth between the jumps.
    """

    def p(ratios: float | FloatArray) -> FloatArray:
        return np.asarray(rate_ratio_p(events1, ratios, events2, 1.0))

    low, high = _time_ratios(time1, time2)
    ratios = np.concatenate([[low, high], _turns(events1, events1 + events2)])
    values = p(ratios[(ratios >= low) & (ratios <= high)])
    return PSpan(float(p(time1.value / time2.value)), float(values.min()), float(values.max()))


def wald_rate_p(events1: int, time1: Printed, events2: int, time2: Printed) -> PSpan:
    """Span of p of the Wald test of the log rate ratio, as Poisson regression gives it.

    Without events in one group, half an event is added to both. Times above 0. Raises ValueError.
    """

    def p(distance: float) -> float:
        return float(type(unrounded)(distance, unrounded.vi).p())

    low, high = _time_ratios(time1, time2)
    unrounded = log_rate_ratio(events1, time1.value, events2, time2.value)
    ends = [float(log_rate_ratio(events1, ratio, events2, 1.0).yi) for ratio in (high, low)]
    nearest, farthest = distances(*ends)
    return PSpan(float(unrounded.p()), p(farthest), p(nearest))


def _time_ratios(time1: Printed, time2: Printed) -> tuple[float, float]:
    for name, time in (("time1", time1), ("time2", time2)):
        if time.scaled <= 0:
            raise ValueError(f"{name}: must be above 0, got {time}")
    return time1.low / time2.high, time1.high / time2.low


def _turns(first: int, events: int) -> FloatArray:
    """The ratios of the times at which p jumps, from both sides, and those at which it may have an extreme.

    A split k is as likely as the observed one at ratio^(k - first) = C(events, first) / C(events, k). With `a` and fewer
    events in one tail and `b` and more in the other, p is flat at ratio^(b - 1 - a) = C(events - 1, a) / C(events - 1, b - 1).
    """
    other = np.delete(np.arange(events + 1), first).astype(float)
    jumps = np.exp((_log_choose(events, first) - _log_choose(events, other)) / (other - first))
    a, b = np.minimum(other, first), np.maximum(other, first)
    a, b = a[b - a > 1], b[b - a > 1]
    flat = np.exp((_log_choose(events - 1, a) - _log_choose(events - 1, b - 1)) / (b - 1 - a))
    return np.concatenate([jumps * (1 - BESIDE_A_JUMP), jumps * (1 + BESIDE_A_JUMP), flat])


def _log_choose(n: int, k: float | FloatArray) -> FloatArray:
    return gammaln(n + 1) - gammaln(np.asarray(k) + 1) - gammaln(n - np.asarray(k) + 1)
