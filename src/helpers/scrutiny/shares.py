"""Which k of n can print as this percentage or proportion?

GRIM for counts (Brown and Heathers 2017, doi:10.1177/1948550616673876), asked in each direction: for k, for n, for both.
`whole` is what all of n prints as: 100 for percentages, 1 for proportions.
"""

from __future__ import annotations

import sys
from fractions import Fraction

from helpers.scrutiny.interval import Interval
from helpers.scrutiny.printed_number import Printed

NO_LIMIT = sys.maxsize - 1  # the largest that a range can end with


def fitting_counts(share: Printed, n: int, *, whole: int = 100, rounding: str = "either") -> range:
    """The k from 0 to n for which k of n prints as `share`. Raises ValueError for n below 1 and for bounds such as <5."""
    _at_least_one("n", n)
    fitting = share.interval(rounding).multiples(Fraction(whole, n))
    return range(max(fitting.start, 0), max(0, min(fitting.stop, n + 1)))


def fitting_sizes(
    share: Printed, k: int, *, whole: int = 100, n_max: int = NO_LIMIT, rounding: str = "either"
) -> range:
    """The n up to `n_max` for which k of n prints as `share`. Raises ValueError for negative k and for bounds such as <5."""
    if k < 0:
        raise ValueError(f"k: must not be negative, got {k}")
    _at_least_one("n_max", n_max)
    interval = share.interval(rounding)
    if k == 0:
        return range(1, n_max + 1 if Fraction(0) in interval else 1)
    if interval.high <= 0:
        return range(k, k)
    # The larger n, the smaller the share; without a positive limit below, every larger n fits.
    largest = k * whole / interval.low if interval.low > 0 else Fraction(n_max + 1)
    fitting = Interval(k * whole / interval.high, largest, interval.includes_high, interval.includes_low).multiples(
        Fraction(1)
    )
    first = max(fitting.start, k)
    return range(first, max(first, min(fitting.stop, n_max + 1)))


def fitting_shares(share: Printed, n_max: int, *, whole: int = 100, rounding: str = "either") -> list[tuple[int, int]]:
    """Every (k, n) with n up to `n_max` that prints as `share`, by growing n. Raises ValueError as `fitting_counts`."""
    _at_least_one("n_max", n_max)
    return [(k, n) for n in range(1, n_max + 1) for k in fitting_counts(share, n, whole=whole, rounding=rounding)]


def every_share_fits(share: Printed, n: int, *, whole: int = 100) -> bool:
    """Whether some k of n prints as any share with so few decimals, so that n alone rules nothing out."""
    return Fraction(whole, n) <= 2 * share.half_unit


def _at_least_one(name: str, value: int) -> None:
    if value < 1:
        raise ValueError(f"{name}: must be at least 1, got {value}")
