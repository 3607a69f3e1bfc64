"""Ratios of means and of spread between two groups, on the log scale; arguments as in means.

Formulas of metafor 3.8, without the later bias corrections of the ratio of means and of the coefficient of variation.
"""

import numpy as np
from numpy.typing import ArrayLike

from helpers.effects.checks import positive, require, sample_size
from helpers.effects.effect import Effect, effect
from helpers.effects.means import two_groups


def log_ratio_of_means(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike
) -> Effect:
    """ROM: log(m1/m2), variance sd1^2/(n1 m1^2) + sd2^2/(n2 m2^2). Both means need the same sign.

    Hedges 1999, doi:10.1890/0012-9658(1999)080[1150:TMAORR]2.0.CO;2.
    """
    m1, sd1, n1, m2, sd2, n2 = two_groups(m1i, sd1i, n1i, m2i, sd2i, n2i)
    require(m1 * m2 > 0, "m1i", m1, "m1i and m2i must have the same sign")
    return effect(np.log(m1 / m2), sd1**2 / (n1 * m1**2) + sd2**2 / (n2 * m2**2))


def log_ratio_of_variation(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike
) -> Effect:
    """CVR: log of the ratio of the coefficients of variation, means and SDs positive, n at least 2.

    Nakagawa 2015, doi:10.1111/2041-210X.12309.
    """
    m1, sd1, n1, m2, sd2, n2 = two_groups(m1i, sd1i, n1i, m2i, sd2i, n2i)
    positive(m1i=m1, m2i=m2)
    spread = log_ratio_of_sds(sd1, n1, sd2, n2)
    return effect(spread.yi - np.log(m1 / m2), spread.vi + sd1**2 / (n1 * m1**2) + sd2**2 / (n2 * m2**2))


def log_ratio_of_sds(sd1i: ArrayLike, n1i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike) -> Effect:
    """VR: log(sd1/sd2) + 1/(2 df1) - 1/(2 df2), variance 1/(2 df1) + 1/(2 df2), df = n - 1.

    SDs positive, n at least 2. Nakagawa 2015, doi:10.1111/2041-210X.12309.
    """
    _, sd1, n1, _, sd2, n2 = two_groups(0, sd1i, n1i, 0, sd2i, n2i)
    positive(sd1i=sd1, sd2i=sd2)
    sample_size(2, n1i=n1, n2i=n2)
    correction1, correction2 = 1 / (2 * (n1 - 1)), 1 / (2 * (n2 - 1))
    return effect(np.log(sd1 / sd2) + correction1 - correction2, correction1 + correction2)
