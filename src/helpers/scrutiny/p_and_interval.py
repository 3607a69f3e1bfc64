"""The p that belongs to a printed estimate and its confidence interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtr, ndtri, stdtr, stdtrit

from helpers.scrutiny.p_values import PSpan, distances
from helpers.scrutiny.printed_number import Printed


@dataclass(frozen=True)
class IntervalP:
    """span: the p of the estimate; symmetric: whether the limits can lie evenly around it; inside: whether it lies within."""

    span: PSpan
    symmetric: bool
    inside: bool


def p_from_interval(
    estimate: Printed,
    ci_low: Printed,
    ci_high: Printed,
    *,
    log_scale: bool = False,
    level: float = 0.95,
    df: float | None = None,
) -> IntervalP:
    """Two-sided p of no effect: the estimate over its standard error, which is the width of the interval over two quantiles.

    log_scale: a ratio, whose logarithm is tested against 0; all three above 0. level: of the interval, 0 to 1. df: Student's
    t with so many degrees of freedom, else normal. The span allows for the rounding of the three numbers. Raises ValueError.
    Altman and Bland 2011, doi:10.1136/bmj.d2304 (with their approximation of the normal tail replaced by the exact one).
    """
    if ci_high.exact <= ci_low.exact:
        raise ValueError(f"ci_high: must be above ci_low, {ci_low}; got {ci_high}")
    if not 0 < level < 1:
        raise ValueError(f"level: must lie between 0 and 1, got {level:g}")
    if log_scale:
        for name, number in (("estimate", estimate), ("ci_low", ci_low), ("ci_high", ci_high)):
            if number.scaled <= 0:
                raise ValueError(f"{name}: must be above 0 on a log scale, got {number}")
    middle, lower, upper = (_on_scale(number, log_scale) for number in (estimate, ci_low, ci_high))
    nearest, farthest = distances(middle[0], middle[2])
    span = PSpan(
        _p(abs(middle[1]), upper[1] - lower[1], level, df),
        _p(farthest, upper[0] - lower[2], level, df),
        _p(nearest, upper[2] - lower[0], level, df),
    )
    slack = 1e-12 * max(abs(lower[0]), abs(upper[2]))
    symmetric = lower[0] + upper[0] - slack <= 2 * middle[2] and 2 * middle[0] <= lower[2] + upper[2] + slack
    inside = lower[0] - slack <= middle[2] and middle[0] <= upper[2] + slack
    return IntervalP(span, symmetric, inside)


def _on_scale(number: Printed, log_scale: bool) -> tuple[float, float, float]:
    ends = (number.low, number.value, number.high)
    return (math.log(ends[0]), math.log(ends[1]), math.log(ends[2])) if log_scale else ends


def _p(distance: float, width: float, level: float, df: float | None) -> float:
    if distance == 0:
        return 1.0
    if width <= 0:
        return 0.0
    quantile = ndtri((1 + level) / 2) if df is None else stdtrit(df, (1 + level) / 2)
    statistic = distance * 2 * quantile / width
    return float(2 * (ndtr(-statistic) if df is None else stdtr(df, -statistic)))
