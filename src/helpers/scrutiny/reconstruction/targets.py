"""What a printed mean, SD, n and range ask of the data: whole-number sums and sums of squares, without tolerances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from helpers.scrutiny.interval import Interval
from helpers.scrutiny.printed_number import Printed


@dataclass(frozen=True)
class Targets:
    """The sums that data behind the printed numbers must have.

    n: number of values; levels: the values that are possible, rising; centre: the index of the level next to the mean.
    A value's deviation is its number of steps from the centre. squares: for each possible sum of the n deviations, the
    sums of their squares that give the printed SD; empty where no sums do.
    """

    n: int
    levels: tuple[Fraction, ...]
    centre: int
    squares: Mapping[int, range]

    @classmethod
    def of(
        cls,
        mean: str | Printed,
        sd: str | Printed,
        n: int,
        minimum: str | int | Fraction,
        maximum: str | int | Fraction,
        *,
        step: str | int | Fraction = 1,
        rounding: str = "either",
    ) -> Targets:
        """The targets of n values minimum, minimum + step, ..., maximum whose mean and sample SD (n - 1) print like this.

        mean, sd: text as printed; rounding: which way a half went, as in `Printed.interval`. Raises ValueError for n
        below 2, a negative SD, a maximum not above the minimum and a step that does not lead from one to the other.
        """
        mean, sd = (each if isinstance(each, Printed) else Printed.parse(each) for each in (mean, sd))
        low, high, unit = (Fraction(str(each)) for each in (minimum, maximum, step))
        if n < 2:
            raise ValueError(f"n: must be at least 2, got {n}")
        if sd.scaled < 0:
            raise ValueError(f"sd: must not be negative, got {sd}")
        if high <= low:
            raise ValueError(f"max: must be above min, {minimum}; got {maximum}")
        if unit <= 0 or (high - low) % unit:
            raise ValueError(f"step: must lead from {minimum} to {maximum}, got {step}")
        steps = int((high - low) / unit)
        centre = min(max(round((mean.exact - low) / unit), 0), steps)
        origin = low + centre * unit
        sums = mean.interval(rounding).scaled(n, -n * origin).multiples(unit)
        about_mean = sd.interval(rounding).squared().scaled((n - 1) / unit**2)
        squares = {
            total: _attainable(total, n, centre, steps, about_mean.scaled(1, Fraction(total**2, n)))
            for total in range(max(sums.start, -n * centre), min(sums.stop, n * (steps - centre) + 1))
        }
        levels = tuple(low + level * unit for level in range(steps + 1))
        return cls(n, levels, centre, {total: possible for total, possible in squares.items() if possible})

    @property
    def deviations(self) -> NDArray[np.int64]:
        """Of every level, in steps from the centre."""
        return np.arange(len(self.levels), dtype=np.int64) - self.centre

    @property
    def reachable(self) -> list[int]:
        """The deviations that one of n values can have without making the SD too large, the smallest first."""
        return sorted((d for d in self.deviations.tolist() if self._reaches(d)), key=lambda d: (abs(d), d))

    def _reaches(self, deviation: int) -> bool:
        """Even where the other values are all equal, the sum of squares about the mean is not too large."""
        return any(
            (self.n * deviation - total) ** 2 <= (self.n - 1) * (self.n * squares[-1] - total**2)
            for total, squares in self.squares.items()
        )

    def met(self, counts: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Which rows of a (data sets x levels) matrix of counts meet the targets."""
        numbers = counts.astype(np.int64)
        totals, squares = numbers @ self.deviations, numbers @ self.deviations**2
        fits = [
            square in self.squares.get(total, ())
            for total, square in zip(totals.tolist(), squares.tolist(), strict=True)
        ]
        return np.array(fits, dtype=bool) & (numbers.sum(axis=1) == self.n) & (numbers >= 0).all(axis=1)


def _attainable(total: int, n: int, centre: int, steps: int, limits: Interval) -> range:
    """The sums of squares between the limits that n deviations from -centre to steps - centre with this sum may have.

    A whole number and its square are both even or both odd, and so are their sums. The sum of squares is smallest where
    the values are as equal as they can be, largest where all but one lie at the ends.
    """
    each, larger = divmod(total, n)
    least = (n - larger) * each**2 + larger * (each + 1) ** 2
    at_top, rest = divmod(total + n * centre, steps)
    most = at_top * steps**2 + rest**2 - 2 * centre * (at_top * steps + rest) + n * centre**2
    within = limits.multiples(Fraction(1))
    first = max(within.start, least)
    return range(first + (first - total) % 2, min(within.stop, most + 1), 2)
