"""What a printed mean, SD, n and range let one say of the data behind them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from helpers.scrutiny.reconstruction.optimum import NoDataSet, Quantity, extremes
from helpers.scrutiny.reconstruction.result import Reconstruction
from helpers.scrutiny.reconstruction.targets import Targets

FloatArray = NDArray[np.float64]

AT_MOST_PAIRS = 10_000_000
_ROWS_AT_ONCE = 2_000


@dataclass(frozen=True)
class Bounds:
    """The smallest and the largest value of a quantity.

    exact: over all data sets; otherwise over the ones looked at, and the true bounds can be wider.
    """

    low: float
    high: float
    exact: bool

    def to_frame(self) -> pd.DataFrame:
        """One row: `low`, `high`, `exact`."""
        return pd.DataFrame({"low": [self.low], "high": [self.high], "exact": [self.exact]})


def count_at_least(targets: Targets, cut: str | int | Fraction) -> Bounds:
    """How many of the n values can lie at `cut` or above: exact bounds. Raises NoDataSet, a ValueError."""
    border = Fraction(str(cut))
    return _count(targets, [level >= border for level in targets.levels])


def count_at(targets: Targets, level: str | int | Fraction) -> Bounds:
    """How many of the n values can be equal to `level`: exact bounds. Raises ValueError for what is no level."""
    value = Fraction(str(level))
    if value not in targets.levels:
        raise ValueError(f"level: must be one of {targets.levels[0]}, ..., {targets.levels[-1]}; got {level}")
    return _count(targets, [each == value for each in targets.levels])


def share_at_least(targets: Targets, cut: str | int | Fraction) -> Bounds:
    """Which share (0 to 1) of the n values can lie at `cut` or above: exact bounds."""
    count = count_at_least(targets, cut)
    return Bounds(count.low / targets.n, count.high / targets.n, count.exact)


def median(targets: Targets) -> Bounds:
    """What the median can be, that of an even number being the mean of the two middle values: exact bounds."""
    first, second = targets.levels[:2]
    low, high = (first + (second - first) * Fraction(both, 2) for both in extremes(targets, _middle_levels(targets)))
    return Bounds(float(low), float(high), exact=True)


def signed_rank_p(changes: Reconstruction) -> Bounds:
    """Two-sided p of Wilcoxon's signed-rank test of the values against 0.

    Values of 0 are left out; normal approximation, corrected for ties and for continuity; 1 where all
    values are 0. Raises NoDataSet for no data set at all.
    """
    _check_any(changes)
    every = np.concatenate([_signed_rank_z(changes.levels, each) for each in _chunks(changes.counts)])
    return _p_bounds(every.min(), every.max(), exact=changes.complete)


def mann_whitney_p(
    first: Reconstruction, second: Reconstruction, *, at_most: int = AT_MOST_PAIRS, seed: int = 1
) -> Bounds:
    """Two-sided p of the Mann-Whitney test between two groups, over the pairs of their data sets.

    Where there are more than `at_most` pairs, as many random data sets of each group are taken as leave no more. Normal
    approximation, corrected for ties and for continuity. Raises NoDataSet where a group has no data set.
    """
    _check_any(first, second)
    levels = np.unique(np.concatenate([first.levels, second.levels]))
    random = np.random.Generator(np.random.PCG64(seed))
    one, other = _thinned(random, first.counts, second.counts, at_most)
    columns = _on(levels, second.levels, other).astype(float)
    lowest, highest = np.inf, -np.inf
    for chunk in _chunks(_on(levels, first.levels, one)):
        z = _mann_whitney_z(chunk, columns)
        lowest, highest = min(lowest, z.min()), max(highest, z.max())
    all_pairs = len(one) == len(first.counts) and len(other) == len(second.counts)
    return _p_bounds(lowest, highest, exact=first.complete and second.complete and all_pairs)


def _count(targets: Targets, chosen: list[bool]) -> Bounds:
    low, high = extremes(targets, Quantity.of_counts(targets, np.array(chosen, dtype=float)))
    return Bounds(low, high, exact=True)


def _middle_levels(targets: Targets) -> Quantity:
    """The numbers of the levels, from 0, on which the two middle values lie, added up.

    For each level from the second on, a helping number is 1 where a middle value lies there or above. As the k-th value
    does so where at least n - k + 1 values do: number >= (n - k + 1) * helper and number <= n - k + k * helper.
    """
    n, levels = targets.n, len(targets.levels)
    at_or_above = np.triu(np.ones((levels, levels)))[1:]
    helpers, none = np.eye(levels - 1), np.zeros((levels - 1, levels - 1))
    rows, low, high = [], [], []
    for place, k in enumerate(((n + 1) // 2, n // 2 + 1)):
        for factor, least, most in ((n - k + 1, 0, np.inf), (k, -np.inf, n - k)):
            columns = [none, none]
            columns[place] = -factor * helpers
            rows.append(np.hstack([at_or_above, *columns]))
            low.append(np.full(levels - 1, least))
            high.append(np.full(levels - 1, most))
    weights = np.repeat([0.0, 1.0], [levels, 2 * (levels - 1)])
    upper = np.repeat([float(n), 1.0], [levels, 2 * (levels - 1)])
    return Quantity(weights, upper, np.vstack(rows), np.concatenate(low), np.concatenate(high))


def _check_any(*groups: Reconstruction) -> None:
    for group in groups:
        if not len(group.counts):
            raise NoDataSet(f"no data set of {group.targets.n} values was found, so that there is nothing to test")


def _chunks(counts: NDArray[np.integer]) -> Iterator[FloatArray]:
    """Rows of a matrix of counts, some at a time, as floats: whole numbers stay exact and products are fast."""
    for start in range(0, len(counts), _ROWS_AT_ONCE):
        yield counts[start : start + _ROWS_AT_ONCE].astype(float)


def _signed_rank_z(levels: FloatArray, counts: FloatArray) -> FloatArray:
    """(data sets,) distance from the expected rank sum in SDs, never negative; 0 where all values are 0."""
    sizes = np.unique(np.abs(levels[levels != 0]))
    above, below = (_on(sizes, side * levels[side * levels > 0], counts[:, side * levels > 0]) for side in (1, -1))
    tied = above + below
    ranks = np.cumsum(tied, axis=1) - (tied - 1) / 2
    n = tied.sum(axis=1)
    variance = n * (n + 1) * (2 * n + 1) / 24 - (tied**3 - tied).sum(axis=1) / 48
    return _distance((above * ranks).sum(axis=1) - n * (n + 1) / 4, variance)


def _mann_whitney_z(first: FloatArray, second: FloatArray) -> FloatArray:
    """(data sets of one group x data sets of the other) as above; counts on the same levels."""
    n1, n2 = first[0].sum(), second[0].sum()
    n, levels = n1 + n2, first.shape[1]
    below = np.tril(np.ones((levels, levels)), -1) + np.eye(levels) / 2
    wins = first @ below @ second.T
    # The cube of the number tied on a level, (a + b)**3, multiplied out.
    cubes = 3 * (first**2 @ second.T + first @ second.T**2)
    cubes += (first**3).sum(axis=1)[:, None] + (second**3).sum(axis=1)
    variance = n1 * n2 / 12 * (n + 1 - (cubes - n) / (n * (n - 1)))
    return _distance(wins - n1 * n2 / 2, variance)


def _distance(difference: FloatArray, variance: FloatArray) -> FloatArray:
    """In SDs, less half a unit for continuity; 0 without any variance."""
    less = np.maximum(np.abs(difference) - 0.5, 0)
    return np.divide(less, np.sqrt(np.maximum(variance, 0)), out=np.zeros_like(less), where=variance > 0)


def _p_bounds(nearest: float, farthest: float, exact: bool) -> Bounds:
    return Bounds(float(2 * norm.sf(farthest)), float(2 * norm.sf(nearest)), exact)


def _thinned(
    random: np.random.Generator, first: NDArray[np.int32], second: NDArray[np.int32], at_most: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """As many rows of each as leave at most that many pairs; the smaller group keeps all where it can."""
    if len(first) * len(second) <= at_most:
        return first, second
    shorter = min(len(first), len(second), math.isqrt(at_most))
    longer = at_most // shorter

    def some(rows: NDArray[np.int32], most: int) -> NDArray[np.int32]:
        return rows if len(rows) <= most else rows[random.choice(len(rows), most, replace=False)]

    if len(first) > len(second):
        return some(first, longer), some(second, shorter)
    return some(first, shorter), some(second, longer)


def _on(levels: FloatArray, own: FloatArray, counts: NDArray[Any]) -> NDArray[Any]:
    """Counts moved to the columns of more levels."""
    wider = np.zeros((len(counts), len(levels)), dtype=counts.dtype)
    wider[:, np.searchsorted(levels, own)] = counts
    return wider
