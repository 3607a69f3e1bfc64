"""GRIMMER: can n values on a grid have this printed mean together with this printed SD?

With x = step * s, the sum of s and the sum of s**2 are whole, and both are even or both are odd. Anaya 2016,
doi:10.7287/peerj.preprints.2400v1; in closed form Allard 2018, "Analytic-GRIMMER". Beyond these three tests, every sum that
the rounding of the mean allows is tried, and the sum of squares must reach the least that whole numbers with that sum
can have. GRIMMER is necessary, not sufficient: nothing possible is rejected, but what passes can still be impossible, as
fewer than five values do not reach every such sum of squares and a scale may end before it is reached.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.scrutiny.grim import grid_step, possible_sums
from helpers.scrutiny.interval import Interval
from helpers.scrutiny.pairs import every_pair
from helpers.scrutiny.printed_number import Printed
from helpers.scrutiny.printed_numbers import PrintedNumbers, whole


def grimmer(
    mean: PrintedNumbers | Printed | ArrayLike,
    sd: PrintedNumbers | Printed | ArrayLike,
    n: ArrayLike,
    *,
    items: int = 1,
    step: str | int | Fraction = "1",
    rounding: str = "either",
) -> bool | NDArray[np.bool_]:
    """Whether n multiples of `step` can have a mean and a sample SD (divisor n - 1) that print like this.

    mean, sd: text as printed, one or many, broadcast against n; the rest as in `grim`. Returns a bool, or an array of
    them; False where GRIM alone fails. Raises ValueError as `grim` does, for n below 2 and for a negative SD.
    """
    (answers,) = whole("items", [items], least=1)
    unit = grid_step(step) / int(answers)
    return every_pair(
        lambda one_mean, one_sd, size: sd_possible(one_mean, one_sd, size, unit, rounding=rounding), mean, sd, n
    )


def sd_possible(mean: Printed, sd: Printed, n: int, unit: Fraction, *, rounding: str = "either") -> bool:
    """GRIMMER for one printed mean and SD of n multiples of `unit` (step / items)."""
    variance = sd.interval(rounding).squared()
    sums = possible_sums(mean, n, unit, rounding=rounding)
    return any(_sums_of_squares(total, n, variance.scaled((n - 1) / unit**2)) for total in sums)


def nearest_sds(mean: Printed, sd: Printed, n: int, unit: Fraction) -> tuple[float | None, float]:
    """The SDs that pass next to the printed one, below (None where there is none) and above; the mean passes GRIM."""
    variances = [
        variance
        for total in possible_sums(mean, n, unit)
        for variance in _variances_beside(sd.exact**2, total, n, unit)
    ]
    below = max((each for each in variances if each <= sd.exact**2), default=None)
    above = min(each for each in variances if each >= sd.exact**2)
    return None if below is None else math.sqrt(below), math.sqrt(above)


def every_sd_passes(sd: Printed, n: int, unit: Fraction) -> bool:
    """Whether the rounding of an SD spans two sums of squares, so that one of them always has the right parity."""
    variance = sd.interval().squared()
    return (variance.high - variance.low) * (n - 1) / unit**2 >= 2


def _sums_of_squares(total: int, n: int, about_mean: Interval) -> range:
    """The sums of squares of n whole numbers with the sum `total`, given limits of those about their mean."""
    squares = about_mean.scaled(1, Fraction(total**2, n)).multiples(Fraction(1))
    first = max(squares.start, _least_sum_of_squares(total, n))
    return range(first + (first - total) % 2, max(first, squares.stop), 2)


def _variances_beside(variance: Fraction, total: int, n: int, unit: Fraction) -> Iterator[Fraction]:
    """The possible variances on either side of the given one, for one sum."""
    squares = math.floor(variance * (n - 1) / unit**2 + Fraction(total**2, n))
    first = max(_least_sum_of_squares(total, n), squares - (squares - total) % 2)
    for each in (first, first + 2):
        yield unit**2 * (each - Fraction(total**2, n)) / (n - 1)


def _least_sum_of_squares(total: int, n: int) -> int:
    """That of n whole numbers as equal as their sum allows."""
    each, larger = divmod(total, n)
    return (n - larger) * each**2 + larger * (each + 1) ** 2
