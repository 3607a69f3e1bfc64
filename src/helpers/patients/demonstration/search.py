"""Move values along their scale until every statistic of them rounds to the number that was printed.

The idea is that of SPRITE (Heathers et al. 2018, doi:10.7287/peerj.preprints.26968v1): small random moves, kept when
they bring the data nearer. Here the values have scales of their own and any number of statistics is aimed at, ranks
among them. Decisions rest on whole-number sums, square roots and divisions, which every machine rounds the same way, so a
seed gives the same patients everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from helpers.scrutiny.printed_number import Printed

FloatArray = NDArray[np.float64]
T = TypeVar("T")
MARGIN = 0.04  # of the last digit's unit: values stay so far from where rounding rules begin to differ
MOVES = 10_000
LENIENCE = 0.8
CLEAR = 2.4  # a difference that a report calls significant: t or z at least this far from 0
UNCLEAR = 1.0  # one that it calls none: at most this far


class NothingFound(ValueError):
    """The search ended before all statistics were met."""


@dataclass(frozen=True)
class Goal:
    """A statistic of the values, the limits it must lie in, and the distance that counts as one unit off."""

    name: str
    statistic: Callable[[FloatArray], float]
    low: float
    high: float
    unit: float = 1.0

    def distance(self, values: FloatArray) -> float:
        """0 within the limits; beyond them in units, and their square root above 1: no statistic drowns the others."""
        value = self.statistic(values)
        if math.isnan(value):
            return math.inf
        units = max(self.low - value, value - self.high, 0.0) / self.unit
        return units if units < 1 else math.sqrt(units)


def rounds_to(name: str, statistic: Callable[[FloatArray], float], printed: Printed) -> Goal:
    """The statistic prints like this, whichever way a half is rounded."""
    digit = 2 * float(printed.half_unit)
    unit = max(digit, abs(printed.value) / 100)
    return Goal(name, statistic, printed.low + MARGIN * digit, printed.high - MARGIN * digit, unit)


def share_prints(name: str, chosen: Callable[[FloatArray], NDArray[np.bool_]], n: int, percent: Printed) -> Goal:
    """So many of n are chosen that their percentage prints like this. Raises ValueError where no number fits."""
    fitting = [k for k in range(n + 1) if percent.admits(Fraction(100 * k, n))]
    if not fitting:
        raise ValueError(f"{name}: no number of {n} prints as {percent}%")
    return Goal(name, lambda values: float(chosen(values).sum()), fitting[0], fitting[-1])


def rank_sum_p(
    name: str, groups: Callable[[FloatArray], tuple[FloatArray, FloatArray]], p: Printed, *, higher: bool | None = None
) -> Goal:
    """The two-sided p of Wilcoxon's rank-sum test of the two groups prints like this.

    higher: whether the first group is the higher one; None leaves it open. Compared on the scale of z.
    """
    unit = 2 * float(p.half_unit)
    largest, smallest = p.high - MARGIN * unit, p.low + MARGIN * unit
    low, high = (float(norm.isf(each / 2)) for each in (largest, smallest))
    sign = {True: 1, False: -1, None: 0}[higher]

    def statistic(values: FloatArray) -> float:
        z = rank_sum_z(*groups(values))
        return sign * z if sign else abs(z)

    return Goal(name, statistic, low, high, 0.05)


def rank_sum_z(first: ArrayLike, second: ArrayLike) -> float:
    """z of Wilcoxon's rank-sum test: corrected for ties, above 0 where the first group is higher, 0 where all are equal.

    As wilcox.test(exact = FALSE, correct = FALSE) in R.
    """
    one, other = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    m, n = len(one), len(other)
    twice_wins = 2 * np.count_nonzero(one[:, None] > other) + np.count_nonzero(one[:, None] == other)
    ordered = np.sort(np.concatenate([one, other]))
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    ties = sum(count**3 - count for count in np.diff(ends, prepend=-1).tolist())
    variance = m * n / 12 * (m + n + 1 - ties / ((m + n) * (m + n - 1)))
    return (twice_wins - m * n) / 2 / math.sqrt(variance) if variance > 0 else 0.0


def mean(values: FloatArray) -> float:
    return math.fsum(values.tolist()) / len(values)


def sd(values: FloatArray) -> float:
    """Sample SD (n - 1)."""
    middle = mean(values)
    return math.sqrt(math.fsum((value - middle) ** 2 for value in values.tolist()) / (len(values) - 1))


def hinges(values: FloatArray) -> tuple[float, float, float]:
    """Lower quartile, median and upper quartile: the medians of the lower half, of all, and of the upper half.

    For an even number of values (type 2 of R's quantile where it is a multiple of 4). Raises ValueError for an odd one.
    """
    if len(values) % 2:
        raise ValueError(f"hinges need an even number of values, got {len(values)}")
    ordered = np.sort(values)
    half = len(ordered) // 2
    return float(np.median(ordered[:half])), float(np.median(ordered)), float(np.median(ordered[half:]))


def one_sample_t(values: FloatArray) -> float:
    """Mean over its standard error."""
    return mean(values) * math.sqrt(len(values)) / sd(values)


def welch_t(first: FloatArray, second: FloatArray) -> float:
    """Difference of the means over its standard error, variances apart."""
    error = sd(first) ** 2 / len(first) + sd(second) ** 2 / len(second)
    return (mean(first) - mean(second)) / math.sqrt(error)


def shaped(draws: FloatArray, mean_: float, sd_: float) -> FloatArray:
    """The draws, moved and stretched to this mean and SD; off any scale yet."""
    return mean_ + (draws - mean(draws)) * (sd_ / sd(draws))


def snapped(values: ArrayLike, levels: ArrayLike) -> FloatArray:
    """Each value's nearest level; the lower of two."""
    grid = np.asarray(levels, dtype=float)
    return grid[np.abs(np.asarray(values, dtype=float)[..., None] - grid).argmin(axis=-1)]


def tried(make: Callable[[], T], attempts: int = 60) -> T:
    """What `make` returns; it is called again, with the next draws, where it finds nothing. Raises its last NothingFound."""
    for _ in range(attempts - 1):
        try:
            return make()
        except NothingFound:
            continue
    return make()


def adjust(
    values: ArrayLike,
    allowed: Sequence[ArrayLike],
    goals: Sequence[Goal],
    random: np.random.Generator,
    *,
    reach: int = 3,
    near: float = math.inf,
    moves: int = MOVES,
) -> FloatArray:
    """The values, moved along their levels until all goals are met.

    values: (n,); allowed: n arrays of levels, rising; reach: the longest move, in levels; near: how far the result may lie
    from `values`, on average. Raises NothingFound, with what is still missed, after so many `moves`.
    """
    wished = np.asarray(values, dtype=float)
    if math.isfinite(near):
        goals = [*goals, Goal("distance", lambda v: mean(np.abs(v - wished)), 0, near, near / 3)]
    levels = [np.asarray(each, dtype=float) for each in allowed]
    now = snapped_each(values, levels)
    places = [int(np.abs(each - value).argmin()) for each, value in zip(levels, now, strict=True)]
    free = np.array([i for i, each in enumerate(levels) if len(each) > 1])
    misfit = sum(goal.distance(now) for goal in goals)
    for _ in range(moves):
        if misfit == 0:
            return now
        which = [int(i) for i in free[random.integers(len(free), size=2)]]
        steps = random.integers(-reach, reach + 1, size=2).tolist()
        if random.random() < 0.5:
            steps[1] = -steps[0]  # as in SPRITE: the mean stays where the steps are equal
        before = [(i, places[i], now[i]) for i in which]
        for i, move in zip(which, steps, strict=True):
            if 0 <= places[i] + move < len(levels[i]):  # else the ends of a scale would fill up
                places[i] += move
                now[i] = levels[i][places[i]]
        if all(places[i] == place for i, place, _ in before):
            continue
        moved = sum(goal.distance(now) for goal in goals)
        # Moves for the worse, the small ones more often, lead out of dead ends.
        if moved <= misfit + LENIENCE * random.random() ** 6:
            misfit = moved
            continue
        for i, place, value in reversed(before):
            places[i], now[i] = place, value
    missed = ", ".join(f"{goal.name} = {goal.statistic(now):.6g}" for goal in goals if goal.distance(now))
    raise NothingFound(f"not met after {moves} moves: {missed}")


def snapped_each(values: ArrayLike, levels: Sequence[FloatArray]) -> FloatArray:
    """Each value on the nearest of its own levels."""
    return np.array([float(snapped(v, each)) for v, each in zip(np.asarray(values, float), levels, strict=True)])


def rearranged(
    values: FloatArray,
    wished: FloatArray,
    groups: Sequence[NDArray[np.bool_]],
    goals: Sequence[Goal],
    random: np.random.Generator,
    *,
    swaps: int = 4_000,
) -> FloatArray:
    """The values, exchanged within groups so that they come nearer to the wished ones while the goals stay met.

    What depends on the groups' distributions alone, such as a rank-sum test between them, stays as it is.
    """
    now = values.copy()
    members = [np.flatnonzero(group) for group in groups]
    for _ in range(swaps):
        own = members[int(random.integers(len(members)))]
        i, j = (int(each) for each in own[random.integers(len(own), size=2)])
        before = abs(now[i] - wished[i]) + abs(now[j] - wished[j])
        if abs(now[j] - wished[i]) + abs(now[i] - wished[j]) >= before:
            continue
        now[i], now[j] = now[j], now[i]
        if any(goal.distance(now) for goal in goals):
            now[i], now[j] = now[j], now[i]
    return now
