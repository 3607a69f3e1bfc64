"""In how many ways values on given levels reach given sums: the dynamic programme behind counting, listing and drawing.

The table holds, for every number m of values, sum s of their deviations and sum h of d * (d - 1) / 2, the number of
multisets that have them. With the sum of squares q = 2 * h + s this says the same as (m, s, q) in half as many cells,
and neither m nor h ever falls as values are added. A level with deviation d is added by

    ways(m, s, h) += ways(m - 1, s - d, h - d * (d - 1) / 2)    for m = 1, 2, ..., n

and taken out again by the same differences from m = n down, so that one table serves every stage.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from helpers.scrutiny.reconstruction.targets import Targets

IntArray = NDArray[np.int64]

LARGEST_TABLE = 40_000_000  # cells of 8 bytes
# Numbers too large for one cell are written in digits of this many bits, lowest first.
DIGIT_BITS = 62
_DIGIT_MASK = 2**DIGIT_BITS - 1


class TableTooLarge(ValueError):
    """The table would not fit into the memory that is allowed for it."""


class Ways:
    """The table for the targets, all reachable levels added. Raises TableTooLarge."""

    def __init__(self, targets: Targets) -> None:
        self.targets = targets
        self.stages = targets.reachable
        self.lowest, sums, halves = _extent(targets)
        n = targets.n
        shape = (1 + _bits(n, halves - 1, self.stages) // DIGIT_BITS, n + 1, sums, halves)
        if math.prod(shape) > LARGEST_TABLE:
            raise TableTooLarge(
                f"counting would take {math.prod(shape):,} cells of memory; allowed: {LARGEST_TABLE:,}. "
                "Use sprite, which searches instead"
            )
        self._table = np.zeros(shape, dtype=np.int64)
        self._table[0, 0, -self.lowest, 0] = 1
        for deviation in self.stages:
            self._add(deviation)

    def of_targets(self) -> dict[tuple[int, int], int]:
        """The exact number of data sets for each (sum, h) that the printed numbers allow."""
        n = self.targets.n
        goals = [
            (total, (square - total) // 2) for total, squares in self.targets.squares.items() for square in squares
        ]
        ways = {
            (total, half): sum(int(digit) << (DIGIT_BITS * place) for place, digit in enumerate(digits))
            for total, half in goals
            if half < self._table.shape[3]
            for digits in [self._table[:, n, total - self.lowest, half]]
        }
        return {goal: number for goal, number in ways.items() if number}

    def of(self, m: IntArray, s: IntArray, h: IntArray) -> NDArray[np.float64]:
        """The ways of many states, as floats; 0 outside the table. (k,) each."""
        _, values, sums, halves = self._table.shape
        row = s - self.lowest
        inside = (m >= 0) & (m < values) & (row >= 0) & (row < sums) & (h >= 0) & (h < halves)
        ways = np.zeros(len(m))
        for place, digit in enumerate(self._table):
            ways[inside] += np.ldexp(digit[m[inside], row[inside], h[inside]].astype(float), DIGIT_BITS * place)
        return ways

    def _add(self, deviation: int) -> None:
        for m in range(1, self.targets.n + 1):
            into, values = self._shifted(m, deviation)
            into += values
            _carry(into)

    def remove(self, deviation: int) -> None:
        """Undo the addition of the level that was added last."""
        for m in range(self.targets.n, 0, -1):
            into, values = self._shifted(m, deviation)
            into -= values
            _carry(into)

    def _shifted(self, m: int, deviation: int) -> tuple[IntArray, IntArray]:
        """The states of m values that one value more with this deviation leads to, and the states it comes from."""
        _, _, sums, halves = self._table.shape
        up, down, half = max(deviation, 0), max(-deviation, 0), half_square(deviation)
        into = self._table[:, m, up : sums - down, half:]
        values = self._table[:, m - 1, down : sums - up, : max(halves - half, 0)]
        return into, values


def half_square(deviation: int) -> int:
    """d * (d - 1) / 2: whole, and never negative."""
    return deviation * (deviation - 1) // 2


def _carry(digits: IntArray) -> None:
    """Bring digits back between 0 and 2**62 after an addition or a subtraction."""
    for lower, higher in pairwise(digits):
        higher += lower >> DIGIT_BITS
        lower &= _DIGIT_MASK


def _extent(targets: Targets) -> tuple[int, int, int]:
    """The lowest sum, the number of sums and the number of h that a part of a data set can have.

    A part of m values with the sum s leaves S - s to the others. About the mean, the two together have at least
    (s - m * S / n)**2 * n / (m * (n - m)) as sum of squares, so that s is nearer to m * S / n than half the root of n
    times all of it.
    """
    n, squares = targets.n, targets.squares
    if not squares:
        return 0, 1, 1
    spread = max(math.isqrt(n * possible[-1] - total**2) for total, possible in squares.items()) // 2 + 1
    largest = max((possible[-1] - total) // 2 for total, possible in squares.items())
    attainable = n * max(half_square(deviation) for deviation in targets.reachable)
    lowest, highest = min(0, *squares) - spread, max(0, *squares) + spread
    return lowest, highest - lowest + 1, min(largest, attainable) + 1


def _bits(n: int, most: int, deviations: list[int]) -> int:
    """So many bits hold the number of multisets of up to n values, and of any part of the deviations, with h up to `most`.

    It is a sum of coefficients of the product of 1 / (1 - x * y**h) over the deviations, and so for any x and y below 1 at
    most that product / (x**n * y**most). The best of a grid of x and y is taken.
    """
    log_x, log_y = -np.geomspace(1e-3, 5, 60)[:, None, None], -np.geomspace(1e-6, 3, 90)[:, None]
    halves = np.array([half_square(deviation) for deviation in deviations])
    logs = -np.log(-np.expm1(log_x + log_y * halves)).sum(axis=-1) - (n * log_x + most * log_y)[..., 0]
    return 1 + math.ceil(logs.min() / math.log(2))
