"""SPRITE: search for data sets behind a printed mean, SD, n and range, where there are too many states to count.

Heathers, Anaya, van der Zee and Brown 2018, doi:10.7287/peerj.preprints.26968v1: start from values with the right mean,
then move two of them in opposite directions, which keeps the mean, until the SD is right. Some data sets are found more
often than others, and nothing found does not mean that there is nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from helpers.scrutiny.reconstruction.result import Reconstruction
from helpers.scrutiny.reconstruction.targets import Targets

IntArray = NDArray[np.int64]

MOVES_PER_VALUE = 400


def sprite(targets: Targets, draws: int, *, seed: int) -> Reconstruction:
    """Up to `draws` data sets: as many as are found. The same seed gives the same ones."""
    levels = len(targets.levels)
    if not targets.squares:
        return Reconstruction(targets, np.zeros((0, levels), dtype=np.int32), complete=True, total=0, seed=None)
    random = np.random.Generator(np.random.PCG64(seed))
    sums = np.array(list(targets.squares), dtype=np.int64)[random.integers(len(targets.squares), size=draws)]
    data = _with_sums(random, targets, sums)
    fitting = [targets.squares[total] for total in sums.tolist()]
    lowest, highest = (np.array([squares[end] for squares in fitting], dtype=np.int64) for end in (0, -1))
    missing = _search(random, targets, data, lowest, highest)
    found = data[missing == 0] + targets.centre
    counts = np.zeros((len(found), levels), dtype=np.int32)
    np.add.at(counts, (np.arange(len(found))[:, None], found), 1)
    return Reconstruction(targets, counts, complete=False, total=None, seed=seed)


def _with_sums(random: np.random.Generator, targets: Targets, sums: IntArray) -> IntArray:
    """Random deviations, (data sets x n), moved one value after the other until each row has its sum."""
    low, high = min(targets.reachable), max(targets.reachable)
    data = random.integers(low, high, size=(len(sums), targets.n), endpoint=True)
    for values in data.T:
        values[:] = np.clip(values + sums - data.sum(axis=1), low, high)
    return data


def _search(
    random: np.random.Generator, targets: Targets, data: IntArray, lowest: IntArray, highest: IntArray
) -> IntArray:
    """Move pairs of values, in place, towards the sums of squares; what is still missing from them in each row."""
    low, high = min(targets.reachable), max(targets.reachable)
    squares = (data**2).sum(axis=1)
    missing = np.clip(squares, lowest, highest) - squares
    for _ in range(MOVES_PER_VALUE * targets.n):
        rows = np.flatnonzero(missing)
        if not len(rows):
            break
        up = random.integers(targets.n, size=len(rows))
        down = (up + random.integers(1, targets.n, size=len(rows))) % targets.n
        one, other = data[rows, up], data[rows, down]
        # Small moves are tried more often than large ones: they are the ones that close the last gap.
        room = np.minimum(high - one, other - low)
        longest = np.maximum(room >> random.integers(room.max().item().bit_length() + 1, size=len(rows)), 1)
        move = random.integers(1, longest, endpoint=True) * (room > 0)
        change = 2 * move * (one - other + move)
        nearer = np.abs(missing[rows] - change) <= np.abs(missing[rows])
        rows, up, down, move = (each[nearer] for each in (rows, up, down, move))
        data[rows, up] += move
        data[rows, down] -= move
        squares[rows] += change[nearer]
        missing[rows] = np.clip(squares[rows], lowest[rows], highest[rows]) - squares[rows]
    return missing
