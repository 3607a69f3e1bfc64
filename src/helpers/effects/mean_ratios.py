"""Ratios of means and of spread between two groups, on the log scale; arguments as in means.

The default formulas are those of metafor 3.8, which published syntheses used and the stored reference values hold.
`bias_corrected=True` takes the second-order ones, which later versions of metafor use for the estimate: their bias is
smaller where sd / (m sqrt(n)) is not.
"""

import numpy as np
from numpy.typing import ArrayLike

from helpers.effects.checks import positive, require, sample_size
from helpers.effects.effect import Effect, effect
from helpers.effects.means import two_groups


def log_ratio_of_means(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike,
    bias_corrected: bool = False,
) -> Effect:  # fmt: skip
    """ROM: log(m1/m2), variance c1 + c2 with c = sd^2/(n m^2). Both means need the same sign.

    bias_corrected: (c1 - c2)/2 is added to the estimate and (c1^2 + c2^2)/2 to the variance.
    Hedges 1999, doi:10.1890/0012-9658(1999)080[1150:TMAORR]2.0.CO;2; Lajeunesse 2015, doi:10.1890/14-2402.1.
    """
    m1, sd1, n1, m2, sd2, n2 = two_groups(m1i, sd1i, n1i, m2i, sd2i, n2i)
    require(m1 * m2 > 0, "m1i", m1, "m1i and m2i must have the same sign")
    c1, c2 = sd1**2 / (n1 * m1**2), sd2**2 / (n2 * m2**2)
    if bias_corrected:
        return effect(np.log(m1 / m2) + (c1 - c2) / 2, c1 + c2 + (c1**2 + c2**2) / 2)
    return effect(np.log(m1 / m2), c1 + c2)


def log_ratio_of_variation(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike,
    bias_corrected: bool = False,
) -> Effect:  # fmt: skip
    """CVR: log of the ratio of the coefficients of variation, means and SDs positive, n at least 2.

    VR minus ROM, with the variances of both. bias_corrected: minus the bias-corrected ROM, and the second-order
    variance n/(2 (n - 1)^2) of each log SD.
    Nakagawa 2015, doi:10.1111/2041-210X.12309; Senior 2020, doi:10.1002/jrsm.1423.
    """
    m1, sd1, n1, m2, sd2, n2 = two_groups(m1i, sd1i, n1i, m2i, sd2i, n2i)
    positive(m1i=m1, m2i=m2)
    spread = log_ratio_of_sds(sd1, n1, sd2, n2)
    means = log_ratio_of_means(m1, sd1, n1, m2, sd2, n2, bias_corrected)
    of_sds = n1 / (2 * (n1 - 1) ** 2) + n2 / (2 * (n2 - 1) ** 2) if bias_corrected else spread.vi
    return effect(spread.yi - means.yi, of_sds + means.vi)


def log_ratio_of_sds(sd1i: ArrayLike, n1i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike) -> Effect:
    """VR: log(sd1/sd2) + 1/(2 df1) - 1/(2 df2), variance 1/(2 df1) + 1/(2 df2), df = n - 1.

    SDs positive, n at least 2. Nakagawa 2015, doi:10.1111/2041-210X.12309.
    """
    _, sd1, n1, _, sd2, n2 = two_groups(0, sd1i, n1i, 0, sd2i, n2i)
    positive(sd1i=sd1, sd2i=sd2)
    sample_size(2, n1i=n1, n2i=n2)
    correction1, correction2 = 1 / (2 * (n1 - 1)), 1 / (2 * (n2 - 1))
    return effect(np.log(sd1 / sd2) + correction1 - correction2, correction1 + correction2)
