"""The numbers of patients in two arms against the ratio in which they were to be allocated."""

from __future__ import annotations


def allocation_p(n1: int, n2: int, ratio1: int, ratio2: int) -> float:
    """Two-sided p of the exact binomial test of n1:n2 patients against an allocation of ratio1:ratio2.

    Every split that is no more likely than the observed one counts, as in R's binom.test. It takes each patient as allocated
    by himself; blocks hold the numbers nearer to the ratio. Numbers not negative and not both 0, ratios above 0. Raises ValueError.
    """
    from scipy.stats import binomtest  # here, because scipy.stats takes long to import

    for name, value, least in (("n1", n1, 0), ("n2", n2, 0), ("ratio1", ratio1, 1), ("ratio2", ratio2, 1)):
        if value < least:
            raise ValueError(f"{name}: must be at least {least}, got {value}")
    if n1 + n2 == 0:
        raise ValueError("n1 and n2: must not both be 0")
    return float(binomtest(n1, n1 + n2, ratio1 / (ratio1 + ratio2)).pvalue)
