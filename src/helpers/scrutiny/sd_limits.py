"""The smallest and the largest SD that n values between two limits can have, given their printed mean.

The SD is largest where all values but one lie at the limits, smallest where all are as equal as their grid allows. Without
a grid and with n growing, the largest comes to sqrt((max - mean) * (mean - min)), the bound of Bhatia and Davis 2000,
doi:10.1080/00029890.2000.12005203.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from helpers.scrutiny.interval import Interval
from helpers.scrutiny.printed_number import Printed


class ImpossibleMean(ValueError):
    """No values between the limits have the printed mean."""


@dataclass(frozen=True)
class SdLimits:
    """Limits of a sample variance, exact; `low` and `high` are those of the SD."""

    low_variance: Fraction
    high_variance: Fraction

    @property
    def low(self) -> float:
        return math.sqrt(self.low_variance)

    @property
    def high(self) -> float:
        return math.sqrt(self.high_variance)

    def admits(self, sd: Printed, rounding: str = "either") -> bool:
        """Whether an SD between the limits can have been printed like `sd`."""
        return sd.interval(rounding).squared().meets(self.low_variance, self.high_variance)

    def to_frame(self) -> pd.DataFrame:
        """One row: `low`, `high`."""
        return pd.DataFrame({"low": [self.low], "high": [self.high]})


def sd_limits(
    mean: str | Printed,
    n: int,
    minimum: str | int | Fraction,
    maximum: str | int | Fraction,
    *,
    step: str | int | Fraction | None = None,
    rounding: str = "either",
) -> SdLimits:
    """The limits of the sample SD (divisor n - 1) of n values from `minimum` to `maximum` whose mean prints like this.

    mean: text as printed; its rounding is allowed for. step: the values are minimum, minimum + step, ...; without it
    they may be any. Raises ValueError for n below 2, a maximum not above the minimum, a step that does not lead from one
    to the other; ImpossibleMean, a ValueError, for a mean that no such values have.
    """
    printed = mean if isinstance(mean, Printed) else Printed.parse(mean)
    low, high = Fraction(str(minimum)), Fraction(str(maximum))
    if n < 2:
        raise ValueError(f"n: must be at least 2, got {n}")
    if high <= low:
        raise ValueError(f"max: must be above min, {minimum}; got {maximum}")
    unit = None if step is None else Fraction(str(step))
    if unit is not None and (unit <= 0 or (high - low) % unit):
        raise ValueError(f"step: must lead from {minimum} to {maximum}, got {step}")
    # From here on every value is counted from the minimum.
    totals = printed.interval(rounding).scaled(n, -n * low)
    limits = _continuous(totals, n, high - low) if unit is None else _on_grid(totals, n, high - low, unit)
    if limits is None:
        grid = "" if step is None else f" in steps of {step}"
        raise ImpossibleMean(f"mean: no {n} values from {minimum} to {maximum}{grid} have a mean of {printed}")
    return limits


def _continuous(totals: Interval, n: int, width: Fraction) -> SdLimits | None:
    if not totals.meets(Fraction(0), n * width):
        return None
    return SdLimits(Fraction(0), _largest_variance(max(totals.low, Fraction(0)), min(totals.high, n * width), n, width))


def _on_grid(totals: Interval, n: int, width: Fraction, unit: Fraction) -> SdLimits | None:
    sums = totals.multiples(unit)
    possible = range(max(sums.start, 0), min(sums.stop, n * int(width / unit) + 1))
    if not possible:
        return None
    low, high = possible[0], possible[-1]
    return SdLimits(_smallest_variance(low, high, n) * unit**2, _largest_variance(low * unit, high * unit, n, width))


def _largest_variance(low: Fraction, high: Fraction, n: int, width: Fraction) -> Fraction:
    """That of n values from 0 to `width` with a total between `low` and `high`.

    It is that of all values but one at the ends. Between neighbouring multiples of the width it is convex in the total, and
    among the multiples it grows towards the middle.
    """
    totals = [low, high]
    multiples = range(math.ceil(low / width), math.floor(high / width) + 1)
    if multiples:
        totals += [min(max(middle, multiples[0]), multiples[-1]) * width for middle in (n // 2, (n + 1) // 2)]

    def variance(total: Fraction) -> Fraction:
        at_top, rest = divmod(total, width)
        return (at_top * width**2 + rest**2 - total**2 / n) / (n - 1)

    return max(map(variance, totals))


def _smallest_variance(low: int, high: int, n: int) -> Fraction:
    """That of n whole numbers with a total from `low` to `high`.

    It is 0 at multiples of n; between them, where some of the values exceed the others by one, it is concave in the total.
    """
    if low + -low % n <= high:
        return Fraction(0)
    return min(Fraction(total % n * (n - total % n), n * (n - 1)) for total in (low, high))
