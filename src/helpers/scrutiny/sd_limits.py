"""The smallest and the largest SD that n values between two limits can have, given their printed mean.

The SD is largest where all values but one lie at the limits, smallest where all are as equal as their grid allows. Without
a grid and with n growing, the largest comes to sqrt((max - mean) * (mean - min)), the bound of Bhatia and Davis 2000,
doi:10.1080/00029890.2000.12005203.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
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
    low, high = max(totals.low, Fraction(0)), min(totals.high, n * width)
    return SdLimits(Fraction(0), max(_largest_variance(each, n, width) for each in _peaks(low, high, n, width)))


def _peaks(low: Fraction, high: Fraction, n: int, width: Fraction) -> Iterator[Fraction]:
    """Totals at one of which the variance is largest: between neighbouring multiples of the width it is convex, and
    among the multiples it grows towards the middle."""
    yield from (low, high)
    multiples = range(math.ceil(low / width), math.floor(high / width) + 1)
    if multiples:
        for middle in (n // 2, (n + 1) // 2):
            yield min(max(middle, multiples[0]), multiples[-1]) * width


def _on_grid(totals: Interval, n: int, width: Fraction, unit: Fraction) -> SdLimits | None:
    sums = totals.multiples(unit)
    possible = range(max(sums.start, 0), min(sums.stop, n * int(width / unit) + 1))
    if not possible:
        return None
    return SdLimits(
        min(_smallest_variance(each, n) for each in possible) * unit**2,
        max(_largest_variance(each * unit, n, width) for each in possible),
    )


def _largest_variance(total: Fraction, n: int, width: Fraction) -> Fraction:
    """That of n values from 0 to `width` with this total."""
    at_top, rest = divmod(total, width)
    return (at_top * width**2 + rest**2 - total**2 / n) / (n - 1)


def _smallest_variance(total: int, n: int) -> Fraction:
    """That of n whole numbers with this total: `larger` of them exceed the others by one."""
    larger = total % n
    return Fraction(larger * (n - larger), n * (n - 1))
