"""CLOSURE: every data set behind a printed mean, SD, n and range, and how many there are.

The idea of the complete listing, and its name, are those of N. Larigaldie's CLOSURE (R package unsum, L. Jung 2025). Here
it walks back through the table of ways, level by level from the outermost one, and so never follows a path that does not
end in a data set. The counts on the last three levels follow from their number, sum and sum of squares.
"""

from __future__ import annotations

import numpy as np

from helpers.scrutiny.reconstruction.result import Reconstruction
from helpers.scrutiny.reconstruction.targets import Targets
from helpers.scrutiny.reconstruction.ways import IntArray, Ways, half_square

AT_MOST = 1_000_000


class TooManyDataSets(ValueError):
    """There are more data sets than may be listed; `total` is their exact number."""

    def __init__(self, total: int, at_most: int) -> None:
        super().__init__(f"at_most: there are {total:,} data sets; allowed: {at_most:,}")
        self.total = total


def count_data_sets(targets: Targets) -> int:
    """The exact number of data sets, without listing them. Raises TableTooLarge where counting takes too much memory."""
    return sum(Ways(targets).of_targets().values())


def closure(targets: Targets, *, at_most: int = AT_MOST) -> Reconstruction:
    """Every data set, in the order of the counts on the lowest level, then the next.

    Raises TooManyDataSets where there are more than `at_most`, TableTooLarge where counting takes too much memory.
    """
    return list_all(Ways(targets), at_most)


def list_all(ways: Ways, at_most: int) -> Reconstruction:
    """As `closure`, from the table, which is used up unless there are too many."""
    targets, goals = ways.targets, ways.of_targets()
    if (total := sum(goals.values())) > at_most:
        raise TooManyDataSets(total, at_most)
    s, h = np.array(list(goals), dtype=np.int64).reshape(-1, 2).T
    m = np.full(len(s), targets.n, dtype=np.int64)
    counts = np.zeros((len(s), len(targets.levels)), dtype=np.int32)
    last, walked = ways.stages[:3], ways.stages[3:]
    for deviation in reversed(walked):
        half = half_square(deviation)
        rows, taken = _every_start(ways, deviation, m, s, h)
        ways.remove(deviation)
        m, s, h = m[rows] - taken, s[rows] - taken * deviation, h[rows] - taken * half
        possible = ways.of(m, s, h) > 0
        m, s, h = m[possible], s[possible], h[possible]
        counts = counts[rows[possible]]
        counts[:, targets.centre + deviation] = taken[possible]
    counts[:, [targets.centre + deviation for deviation in last]] = _determined(last, m, s, 2 * h + s)
    return Reconstruction(targets, counts[np.lexsort(counts.T[::-1])], complete=True, total=total, seed=None)


def _every_start(ways: Ways, deviation: int, m: IntArray, s: IntArray, h: IntArray) -> tuple[IntArray, IntArray]:
    """Each state with each number of values that this level may take from it: positions of states, and the numbers."""
    half = half_square(deviation)
    rows = np.arange(len(m))
    starts = [(rows, np.zeros_like(rows))]
    while len(rows):
        taken = len(starts)
        rows = rows[ways.of(m[rows] - taken, s[rows] - taken * deviation, h[rows] - taken * half) > 0]
        starts.append((rows, np.full_like(rows, taken)))
    positions, numbers = (np.concatenate(each) for each in zip(*starts, strict=True))
    return positions, numbers


def _determined(deviations: list[int], m: IntArray, s: IntArray, q: IntArray) -> IntArray:
    """(states x levels) the counts on up to three levels, from the number of values, their sum and sum of squares.

    A polynomial that is 0 on all levels but one, summed over the values, leaves that level's count alone.
    """
    moments = np.stack([q, s, m])[3 - len(deviations) :]
    columns = []
    for place, deviation in enumerate(deviations):
        others = np.array(deviations[:place] + deviations[place + 1 :], dtype=np.int64)
        polynomial = np.rint(np.atleast_1d(np.poly(others))).astype(np.int64)
        columns.append(polynomial @ moments // np.prod(deviation - others))
    return np.stack(columns, axis=1) if columns else np.empty((len(m), 0), dtype=np.int64)
