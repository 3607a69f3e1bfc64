"""GRIM: can a mean of n values on a grid have been printed like this?

The sum of n whole numbers is whole, so their mean is a multiple of 1/n, and most printed decimals are none.
Brown and Heathers 2017, doi:10.1177/1948550616673876. Everything here is whole-number arithmetic, without tolerances.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.scrutiny.printed_number import Printed, included_ends
from helpers.scrutiny.printed_numbers import PrintedNumbers, whole


def grim(
    mean: PrintedNumbers | Printed | ArrayLike,
    n: ArrayLike,
    *,
    items: ArrayLike = 1,
    step: str | int | Fraction = "1",
    rounding: str = "either",
) -> bool | NDArray[np.bool_]:
    """Whether n values that are multiples of `step` can have a mean that prints like this.

    mean: text as printed ("5.30", one or many), or PrintedNumbers for speed; n: numbers of values. items: how many answers
    each value is the average of. The three are broadcast against each other. step: the distance of neighbouring
    values ("5", "0.5"); for percentages of whole counts 100. rounding: "up" (halves away from zero), "down" (towards zero),
    "even" or "either" (a half may have gone up or down). Returns a bool, or an array of them. Raises ValueError for a
    mean that is not text, for n or items below 1 and for a step that is not positive.
    """
    means, grid = PrintedNumbers.read("mean", mean), grid_step(step)
    units = whole("n", n, least=1) * whole("items", items, least=1)
    scaled, decimals = means.scaled, means.decimals
    # The sum of all answers is s * step with a whole s, and s * divisor must lie between the limits.
    largest_factor = 2 * grid.numerator * 10 ** int(decimals.max(initial=0))
    largest_limit = grid.denominator * int(units.max(initial=0)) * (2 * int(np.abs(scaled).max(initial=0)) + 1)
    if max(largest_factor, largest_limit) >= 2**62:
        scaled, decimals, units = (array.astype(object) for array in (scaled, decimals, units))
    divisor = 2 * grid.numerator * 10**decimals
    middle, half = 2 * grid.denominator * units * scaled, grid.denominator * units
    includes_low, includes_high = included_ends(scaled, rounding)
    # Between whole numbers, "above a" means "from a + 1 on".
    low = middle - half + np.where(includes_low, 0, 1)
    high = middle + half - np.where(includes_high, 0, 1)
    possible = high // divisor * divisor >= low
    return bool(possible) if np.ndim(possible) == 0 else possible.astype(bool)


def possible_sums(mean: Printed, n: int, unit: Fraction, *, rounding: str = "either") -> range:
    """The sums, in units, of n multiples of `unit` (step / items) with this printed mean; empty where GRIM fails."""
    return mean.interval(rounding).multiples(unit / n)


def nearest_means(mean: Printed, n: int, unit: Fraction) -> tuple[Fraction, Fraction]:
    """The possible means of n multiples of `unit` next to the printed one, below and above."""
    return math.floor(mean.exact * n / unit) * unit / n, math.ceil(mean.exact * n / unit) * unit / n


def every_mean_passes(mean: Printed, n: int, unit: Fraction) -> bool:
    """Whether n multiples of `unit` can have any mean with so few decimals, so that GRIM can find nothing."""
    return unit / n <= 2 * mean.half_unit


def grid_step(step: str | int | Fraction) -> Fraction:
    """The step as an exact fraction. Raises ValueError unless it is a positive number."""
    try:
        exact = Fraction(str(step))
    except ValueError:
        raise ValueError(f"step: must be a number, got {step!r}") from None
    if exact <= 0:
        raise ValueError(f"step: must be positive, got {step}")
    return exact
