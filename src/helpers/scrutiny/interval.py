"""The values between two exact limits, each of which may belong to them or not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Interval:
    low: Fraction
    high: Fraction
    includes_low: bool = True
    includes_high: bool = True

    def __contains__(self, value: Fraction) -> bool:
        return self.low < value < self.high or (
            (self.includes_low and value == self.low) or (self.includes_high and value == self.high)
        )

    def multiples(self, unit: Fraction) -> range:
        """The whole numbers s for which s * unit lies inside; unit > 0."""
        low, high = self.low / unit, self.high / unit
        first = math.ceil(low) if self.includes_low else math.floor(low) + 1
        last = math.floor(high) if self.includes_high else math.ceil(high) - 1
        return range(first, max(first, last + 1))

    def squared(self) -> Interval:
        """The squares of the values that are not negative. Raises ValueError where there are none."""
        if self.high < 0:
            raise ValueError("no value of the interval has a root")
        low = max(self.low, Fraction(0))
        return Interval(low**2, self.high**2, self.includes_low or self.low < 0, self.includes_high)

    def scaled(self, factor: Fraction | int, shift: Fraction | int = 0) -> Interval:
        """Every value times `factor` > 0, plus `shift`."""
        return Interval(self.low * factor + shift, self.high * factor + shift, self.includes_low, self.includes_high)

    def meets(self, low: Fraction, high: Fraction) -> bool:
        """Whether a value of the interval lies between `low` and `high`, both included."""
        above = self.high > low or (self.includes_high and self.high == low)
        below = self.low < high or (self.includes_low and self.low == high)
        return above and below
