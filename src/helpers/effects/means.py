"""Differences of the means of two groups, from means, standard deviations and sample sizes.

Scalars or arrays of one shape; first group minus second. Raises ValueError with the argument and position for a
negative SD, n below 1, or a value that is not a finite number.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.effects.checks import check_choice, not_negative, numbers, require, sample_size
from helpers.effects.effect import Effect, effect
from helpers.effects.hedges import exact_j

FloatArray = NDArray[np.float64]


def mean_difference(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike
) -> Effect:
    """m1 - m2 in the unit of the outcome, variance sd1^2/n1 + sd2^2/n2 (variances not assumed equal)."""
    m1, sd1, n1, m2, sd2, n2 = two_groups(m1i, sd1i, n1i, m2i, sd2i, n2i)
    return effect(m1 - m2, sd1**2 / n1 + sd2**2 / n2)


def standardized_mean_difference(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike,
    vtype: str = "LS",
) -> Effect:  # fmt: skip
    """Hedges' g: (m1 - m2) / pooled SD, times the exact correction J(n1 + n2 - 2), in SD units.

    vtype "LS": variance 1/n1 + 1/n2 + g^2 / (2 (n1 + n2)), metafor's default; "UB": the unbiased variance,
    1/n1 + 1/n2 + (1 - (df - 2) / (df J^2)) g^2. Needs n1 + n2 > 3 and a pooled SD above zero.
    Hedges 1981, doi:10.3102/10769986006002107; Viechtbauer 2007, doi:10.3102/1076998606298034.
    """
    m1, sd1, n1, m2, sd2, n2 = two_groups(m1i, sd1i, n1i, m2i, sd2i, n2i)
    require(n1 + n2 > 3, "n1i", n1, "n1i + n2i must exceed 3")
    df = n1 + n2 - 2
    pooled_sd = np.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / df)
    require(pooled_sd > 0, "sd1i", sd1, "sd1i and sd2i must not both be zero")
    g = exact_j(df) * (m1 - m2) / pooled_sd
    return effect(g, smd_variance(g, n1, n2, vtype))


def smd_variance(g: FloatArray, n1: FloatArray, n2: FloatArray, vtype: str = "LS") -> FloatArray:
    """Sampling variance of Hedges' g, see standardized_mean_difference."""
    check_choice("vtype", vtype, ("LS", "UB"))
    df = n1 + n2 - 2
    slope = 1 / (2 * (n1 + n2)) if vtype == "LS" else 1 - (df - 2) / (df * exact_j(df) ** 2)
    return 1 / n1 + 1 / n2 + slope * g**2


def standardized_mean_difference_unequal_variances(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike,
    vtype: str = "J2",
) -> Effect:  # fmt: skip
    """SMDH: (m1 - m2) / sqrt((sd1^2 + sd2^2) / 2), times J(n1 + n2 - 2); variance without equal variances.

    vtype "LS": Bonett's variance at the corrected estimate, the default of metafor from 4.6 on; "J2": the same times
    J^2, as metafor did until then and as the stored reference values hold. Needs n of at least 2 in both groups.
    Bonett 2008, doi:10.1037/1082-989X.13.2.99.
    """
    check_choice("vtype", vtype, ("J2", "LS"))
    m1, sd1, n1, m2, sd2, n2 = two_groups(m1i, sd1i, n1i, m2i, sd2i, n2i)
    sample_size(2, n1i=n1, n2i=n2)
    var1, var2 = sd1**2, sd2**2
    mean_var = (var1 + var2) / 2
    require(mean_var > 0, "sd1i", sd1, "sd1i and sd2i must not both be zero")
    df1, df2 = n1 - 1, n2 - 1
    j = exact_j(df1 + df2)
    g = j * (m1 - m2) / np.sqrt(mean_var)
    variance = g**2 * (var1**2 / df1 + var2**2 / df2) / (8 * mean_var**2) + (var1 / df1 + var2 / df2) / mean_var
    return effect(g, j**2 * variance if vtype == "J2" else variance)


def two_groups(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike
) -> tuple[FloatArray, ...]:
    """The six arguments as checked arrays of one shape."""
    m1, sd1, n1, m2, sd2, n2 = numbers(m1i=m1i, sd1i=sd1i, n1i=n1i, m2i=m2i, sd2i=sd2i, n2i=n2i)
    not_negative(sd1i=sd1, sd2i=sd2)
    sample_size(1, n1i=n1, n2i=n2)
    return m1, sd1, n1, m2, sd2, n2
