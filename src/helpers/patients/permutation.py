"""Permutation test of two groups: a p-value that needs no distribution."""

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import permutation_test

EXACT_UP_TO = 100_000
RESAMPLES = 9_999
WORK = 40_000_000  # values dealt out at most: with many patients fewer arrangements, said in the result
SEED = 2022


@dataclass(frozen=True)
class PermutationP:
    """p, two-sided. exact: all `arrangements` were looked at; otherwise they are random ones, from `seed`."""

    p: float
    exact: bool
    arrangements: int
    seed: int | None


def permutation_p(first: ArrayLike, second: ArrayLike, resamples: int = RESAMPLES, seed: int = SEED) -> PermutationP:
    """Share of the ways to deal the values out to the two groups that part their means at least as far.

    first, second: finite values, (n1,) and (n2,), two or more each. All ways where there are at most 100,000, else
    `resamples` random ones, the observed one counted with them (Phipson and Smyth 2010, doi:10.2202/1544-6115.1585).
    Raises ValueError for a group with fewer than two.
    """
    one, two = (np.asarray(values, dtype=float) for values in (first, second))
    if min(one.size, two.size) < 2:
        raise ValueError("first, second: both groups need two values or more")
    n = one.size + two.size
    ways = comb(n, one.size)
    exact = ways <= EXACT_UP_TO
    resamples = min(resamples, max(999, WORK // n))
    scale = float(np.ptp(np.concatenate([one, two]))) or 1.0

    def apart(a: NDArray[np.float64], b: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
        # rounded, so that arrangements that part the means equally far tie
        return np.round(np.abs(a.mean(axis=axis) - b.mean(axis=axis)) / scale, 12)

    result = permutation_test(
        (one, two),
        apart,
        vectorized=True,
        alternative="greater",
        n_resamples=ways if exact else resamples,
        batch=max(1, 2_000_000 // n),
        rng=np.random.default_rng(seed),
    )
    return PermutationP(float(result.pvalue), exact, ways if exact else resamples, None if exact else seed)
