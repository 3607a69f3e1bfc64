"""The p-values a t test can have, given that the means and SDs behind it were rounded when they were printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helpers.effects import mean_test, raw_mean
from helpers.scrutiny.printed_number import Printed

FloatArray = NDArray[np.float64]
VANISHING_SD = 1e-60  # stands for zero, where t and Welch's degrees of freedom have a limit but no value


@dataclass(frozen=True)
class PSpan:
    """A two-sided p: at the printed inputs, and the least and the largest over all inputs that print like them."""

    p: float
    low: float
    high: float

    @classmethod
    def exactly(cls, p: float) -> PSpan:
        """Where nothing was rounded."""
        return cls(p, p, p)

    def meets(self, reported: Printed) -> bool:
        """Whether some p of the span can have been printed like this."""
        if reported.qualifier in ("<", "<="):
            return reported.admits(self.low)
        if reported.qualifier in (">", ">="):
            return reported.admits(self.high)
        return reported.admits(min(max(reported.value, self.low), self.high))


def two_sample_p(
    mean1: Printed, sd1: Printed, n1: int, mean2: Printed, sd2: Printed, n2: int, *, equal_var: bool = False
) -> PSpan:
    """Span of p of Welch's t test, or of Student's with equal_var=True.

    n1, n2 at least 2, SDs not negative; raises ValueError otherwise. p falls as the means move apart. Student's p rises with
    both SDs. Welch's need not, because a larger SD can also raise the degrees of freedom; but those stay the same where both
    SDs grow in proportion, so that the extremes lie on the edges of the rectangle of possible SDs.
    """

    def p(difference: float, first: float | FloatArray, second: float | FloatArray) -> FloatArray:
        first, second = np.maximum(first, VANISHING_SD), np.maximum(second, VANISHING_SD)
        return np.asarray(mean_test(difference, first, n1, 0.0, second, n2, equal_var).p)

    _not_negative(sd1=sd1, sd2=sd2)
    nearest, farthest = distances(mean1.low - mean2.high, mean1.high - mean2.low)
    low1, high1, low2, high2 = max(sd1.low, 0.0), sd1.high, max(sd2.low, 0.0), sd2.high
    printed = float(p(abs(mean1.value - mean2.value), sd1.value, sd2.value))
    if equal_var:
        return PSpan(printed, float(p(farthest, low1, low2)), float(p(nearest, high1, high2)))
    least = min(
        _least(lambda first: p(farthest, first, low2), low1, high1),
        _least(lambda second: p(farthest, low1, second), low2, high2),
    )
    largest = max(
        -_least(lambda first: -p(nearest, first, high2), low1, high1),
        -_least(lambda second: -p(nearest, high1, second), low2, high2),
    )
    return PSpan(printed, least, largest)


def paired_p(mean: Printed, sd: Printed, n: int) -> PSpan:
    """Span of p of the paired t test: mean and SD of the change of n patients, n at least 2. Raises ValueError."""

    def p(change: float, spread: float) -> float:
        return float(raw_mean(change, max(spread, VANISHING_SD), n).p(df=n - 1))

    _not_negative(sd=sd)
    nearest, farthest = distances(mean.low, mean.high)
    return PSpan(p(abs(mean.value), sd.value), p(farthest, sd.low), p(nearest, sd.high))


def distances(low: float, high: float) -> tuple[float, float]:
    """The least and the largest distance from zero of the values between low and high."""
    nearest = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    return nearest, max(abs(low), abs(high))


def _least(function: Callable[[FloatArray], FloatArray], low: float, high: float) -> float:
    """The least value of a smooth function between low and high, by closing in on the lowest point of a grid."""
    least = np.inf
    for _ in range(4):
        grid = np.linspace(low, high, 65)
        values = function(grid)
        lowest = int(values.argmin())
        least = min(least, float(values[lowest]))
        low, high = grid[max(lowest - 1, 0)], grid[min(lowest + 1, grid.size - 1)]
    return least


def _not_negative(**sds: Printed) -> None:
    for name, sd in sds.items():
        if sd.scaled < 0:
            raise ValueError(f"{name}: must not be negative, got {sd}")
