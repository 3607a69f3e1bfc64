"""Draw data sets behind printed numbers, each with the same probability.

The draw walks back through the table of ways: at every level it takes one more value with the share of the ways that
have one more, so that no data set is favoured and none is missed. Data sets are told apart by their counts alone: each
counts once, in however many orders its values could stand. That is a way to look over them, not a statement of how
probable each is.
"""

from __future__ import annotations

from itertools import accumulate

import numpy as np

from helpers.scrutiny.reconstruction.result import Reconstruction
from helpers.scrutiny.reconstruction.targets import Targets
from helpers.scrutiny.reconstruction.ways import Ways, half_square


def draw(targets: Targets, draws: int, *, seed: int) -> Reconstruction:
    """`draws` data sets, independent of each other; none where there is none. The same seed gives the same ones.

    Raises TableTooLarge where counting takes too much memory.
    """
    return draw_from(Ways(targets), draws, seed)


def draw_from(ways: Ways, draws: int, seed: int) -> Reconstruction:
    """As `draw`, from the table, which is used up."""
    targets, goals = ways.targets, ways.of_targets()
    total = sum(goals.values())
    counts = np.zeros((draws if total else 0, len(targets.levels)), dtype=np.int32)
    if not total:
        return Reconstruction(targets, counts, complete=True, total=0, seed=None)
    random = np.random.Generator(np.random.PCG64(seed))
    upper = np.array([number / total for number in accumulate(goals.values())])
    s, h = np.array(list(goals), dtype=np.int64)[np.searchsorted(upper, random.random(draws), side="right")].T
    m = np.full(draws, targets.n, dtype=np.int64)
    for deviation in reversed(ways.stages):
        half, column = half_square(deviation), targets.centre + deviation
        rows = np.arange(draws)
        while len(rows):
            with_one_more = ways.of(m[rows] - 1, s[rows] - deviation, h[rows] - half)
            rows = rows[random.random(len(rows)) * ways.of(m[rows], s[rows], h[rows]) < with_one_more]
            m[rows] -= 1
            s[rows] -= deviation
            h[rows] -= half
            counts[rows, column] += 1
        ways.remove(deviation)
    return Reconstruction(targets, counts, complete=False, total=total, seed=seed)
