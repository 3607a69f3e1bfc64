"""The exact Wilcoxon-Mann-Whitney test, and the smallest p that any version of the test can give."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import comb

from helpers.effects import wilcoxon_p
from helpers.effects.ordinal import best_first


@dataclass(frozen=True)
class SmallestP:
    """Two-sided p where every patient of one group lies above every patient of the other.

    exact, normal: without ties. normal_tied: normal and corrected for ties, all patients of a group being at one level.
    least: the smallest that any of these, or the exact test with ties, can give.
    """

    exact: float
    normal: float
    normal_tied: float
    least: float


def smallest_p(n1: int, n2: int) -> SmallestP:
    """The p of complete separation, for groups of n1 and n2 patients.

    The exact p is 2 / C(n1 + n2, n1): the two orders that separate the groups, of all. With ties and groups of different
    size the opposite order may lie nearer to expectation, so that only one counts. The tied normal p is smaller than the
    other, since ties make the variance smaller. Raises ValueError for an empty group. Lehmann 1975, Nonparametrics, ch. 1.
    """
    for name, n in (("n1", n1), ("n2", n2)):
        if n < 1:
            raise ValueError(f"{name}: must be at least 1, got {n}")
    exact = 2 / comb(n1 + n2, n1)
    levels = np.arange(n1 + n2)
    normal = float(wilcoxon_p((levels < n1).astype(int), (levels >= n1).astype(int)))
    normal_tied = float(wilcoxon_p([n1, 0], [0, n2]))
    return SmallestP(exact, normal, normal_tied, min(exact if n1 == n2 else exact / 2, normal_tied))


def exact_wilcoxon_p(counts1: ArrayLike, counts2: ArrayLike) -> float:
    """Two-sided p of the exact test with mid-ranks: the share of all splits that lie as far from expectation, or farther.

    counts1, counts2: (levels,) patients at each level of the scale. Raises ValueError as effects.wilcoxon_p.
    Time grows with the third power of the number of patients; 100 take less than a second. Lehmann 1975, ch. 1.
    """
    first, second = (group.astype(int) for group in best_first(counts1, counts2, "lower"))
    tied = first + second
    n1, total = int(first.sum()), int(tied.sum())
    doubled_ranks = 2 * np.cumsum(tied) - tied + 1  # of the mid-rank, to stay with whole numbers
    ways = np.zeros((n1 + 1, n1 * 2 * total + 1))  # of choosing so many patients with so large a rank sum
    ways[0, 0] = 1
    for rank, patients in zip(doubled_ranks, tied, strict=True):
        after = np.zeros_like(ways)
        for chosen in range(min(patients, n1) + 1):
            shift = rank * chosen
            after[chosen:, shift:] += math.comb(patients, chosen) * ways[: n1 + 1 - chosen, : ways.shape[1] - shift]
        ways = after
    distance = np.abs(np.arange(ways.shape[1]) - n1 * (total + 1))
    observed = distance[(doubled_ranks * first).sum()]
    return float(ways[n1, distance >= observed].sum() / ways[n1].sum())
