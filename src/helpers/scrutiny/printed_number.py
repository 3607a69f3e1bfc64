"""A number as it was printed: its digits say which values it can stand for."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from helpers.scrutiny.interval import Interval

ROUNDINGS = ("either", "up", "down", "even")
_FORM = re.compile(r"(<=|>=|<|>|~)?\s*([-\u2212]?)([0-9]*)(?:\.([0-9]*))?")


def included_ends(scaled: Any, rounding: str) -> tuple[Any, Any]:
    """Whether the lowest and the highest value behind the digits round to them; `scaled` is one number or an array."""
    match rounding:
        case "either":
            return True, True
        case "up":
            return scaled > 0, scaled < 0
        case "down":
            return scaled <= 0, scaled >= 0
        case "even":
            return scaled % 2 == 0, scaled % 2 == 0
    raise ValueError(f"rounding is {rounding!r}; allowed: {', '.join(ROUNDINGS)}")


@dataclass(frozen=True)
class Printed:
    """A printed number.

    qualifier: "", "<", "<=", ">", ">=" or "~"; scaled: the digits as a whole number, so that the number is
    scaled / 10**decimals exactly; decimals: digits after the decimal point.
    """

    qualifier: str
    scaled: int
    decimals: int

    @classmethod
    def parse(cls, text: str) -> Printed:
        """Read `6.8`, `.62`, `-1.50` or `<0.001`. Raises ValueError."""
        match = _FORM.fullmatch(text.strip())
        if not match or not (match[3] or match[4]):
            raise ValueError(f"{text!r} is no printed number; allowed: such as 12, 0.50, -1.5 or <0.001")
        whole, fraction = match[3] or "", match[4] or ""
        sign = -1 if match[2] else 1
        return cls(match[1] or "", sign * int(whole + fraction), len(fraction))

    @property
    def exact(self) -> Fraction:
        """The number that the digits write, without rounding error."""
        return Fraction(self.scaled, 10**self.decimals)

    @property
    def value(self) -> float:
        return float(self.exact)

    @property
    def half_unit(self) -> Fraction:
        """Half of the last printed digit's unit: 1/20 for one decimal."""
        return Fraction(1, 2 * 10**self.decimals)

    @property
    def low(self) -> float:
        """The smallest value that may have been rounded to the digits; the qualifier is not looked at."""
        return float(self.exact - self.half_unit)

    @property
    def high(self) -> float:
        """The largest value that may have been rounded to the digits."""
        return float(self.exact + self.half_unit)

    def interval(self, rounding: str = "either") -> Interval:
        """The values that print like this: half a unit of the last digit to either side, a whole one after "~".

        rounding says which ends belong to it: "up" takes halves away from zero, "down" towards zero, "even" to the even
        digit, "either" leaves it open. Raises ValueError for a bound such as "<0.001".
        """
        if self.qualifier == "~":
            return Interval(self.exact - 2 * self.half_unit, self.exact + 2 * self.half_unit)
        if self.qualifier:
            raise ValueError(f"{self} is a bound and stands for no interval")
        return Interval(self.exact - self.half_unit, self.exact + self.half_unit, *included_ends(self.scaled, rounding))

    def admits(self, value: float | Fraction, rounding: str = "either") -> bool:
        """Whether `value` can have been printed like this; rounding as in `interval`.

        With a qualifier the value must lie on the stated side: "<0.001" admits 0.0005. A float within one part in 10**12
        of a border counts as that border, a Fraction is taken exactly. Raises ValueError for nan and infinity.
        """
        if not math.isfinite(value):
            raise ValueError(f"value: must be finite, got {value}")
        number = self._border_near(value) if isinstance(value, float) else Fraction(value)
        match self.qualifier:
            case "<":
                return number < self.exact
            case "<=":
                return number <= self.exact
            case ">":
                return number > self.exact
            case ">=":
                return number >= self.exact
        return number in self.interval(rounding)

    def _border_near(self, value: float) -> Fraction:
        """The value, or where it differs only by its binary form the multiple of half a unit beside it."""
        number = Fraction(value)
        border = round(number / self.half_unit) * self.half_unit
        slack = Fraction(1, 10**12) * max(abs(number), 2 * self.half_unit)
        return border if abs(number - border) <= slack else number

    def __str__(self) -> str:
        digits = str(abs(self.scaled)).rjust(self.decimals + 1, "0")
        whole, fraction = digits[: len(digits) - self.decimals], digits[len(digits) - self.decimals :]
        return f"{self.qualifier}{'-' if self.scaled < 0 else ''}{whole}{'.' + fraction if fraction else ''}"
