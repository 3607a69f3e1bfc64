"""Effects within one group: its mean, and the change between two measurements of the same patients.

Arrays or scalars: first measurement m1i (SD sd1i), second m2i (sd2i), of the same ni patients, correlated ri. The
effect is first minus second, as in metafor's escalc. Raises ValueError with the argument and position.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.effects.checks import check_choice, not_negative, numbers, positive, require, sample_size
from helpers.effects.effect import Effect, effect
from helpers.effects.hedges import exact_j

FloatArray = NDArray[np.float64]


def raw_mean(mi: ArrayLike, sdi: ArrayLike, ni: ArrayLike) -> Effect:
    """MN: the mean of one group (a score, or a change whose own SD is reported), variance sd^2/n.

    Its exact interval under normality is `raw_mean(...).interval(df=ni - 1)`.
    """
    m, sd, n = numbers(mi=mi, sdi=sdi, ni=ni)
    not_negative(sdi=sd)
    sample_size(1, ni=n)
    return effect(m, sd**2 / n)


def mean_change(
    m1i: ArrayLike, sd1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, ni: ArrayLike, ri: ArrayLike
) -> Effect:
    """MC: m1 - m2, variance sd_change^2 / n with sd_change^2 = sd1^2 + sd2^2 - 2 r sd1 sd2."""
    m1, sd1, m2, sd2, n, r = _two_measurements(m1i, sd1i, m2i, sd2i, ni, ri, least=1)
    return effect(m1 - m2, _change_variance(sd1, sd2, r) / n)


def standardized_mean_change(
    m1i: ArrayLike, sd1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, ni: ArrayLike, ri: ArrayLike,
    standardize_by: str = "raw",
) -> Effect:  # fmt: skip
    """Change in SD units, times the exact correction J(n - 1); n at least 3.

    standardize_by "raw": by sd1 (SMCR), variance 2 (1 - r)/n + g^2/(2n); "change": by the SD of the change (SMCC),
    variance 1/n + g^2/(2n). Becker 1988, doi:10.1111/j.2044-8317.1988.tb00901.x; Gibbons 1993.
    """
    check_choice("standardize_by", standardize_by, ("raw", "change"))
    m1, sd1, m2, sd2, n, r = _two_measurements(m1i, sd1i, m2i, sd2i, ni, ri, least=3)
    if standardize_by == "raw":
        positive(sd1i=sd1)
        g = exact_j(n - 1) * (m1 - m2) / sd1
        return effect(g, 2 * (1 - r) / n + g**2 / (2 * n))
    variance = _change_variance(sd1, sd2, r)
    require(variance > 0, "sd1i", sd1, "the SD of the change must not be zero")
    g = exact_j(n - 1) * (m1 - m2) / np.sqrt(variance)
    return effect(g, 1 / n + g**2 / (2 * n))


def _change_variance(sd1: FloatArray, sd2: FloatArray, r: FloatArray) -> FloatArray:
    return sd1**2 + sd2**2 - 2 * r * sd1 * sd2


def _two_measurements(
    m1i: ArrayLike, sd1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, ni: ArrayLike, ri: ArrayLike, least: int
) -> tuple[FloatArray, ...]:
    m1, sd1, m2, sd2, n, r = numbers(m1i=m1i, sd1i=sd1i, m2i=m2i, sd2i=sd2i, ni=ni, ri=ri)
    not_negative(sd1i=sd1, sd2i=sd2)
    sample_size(least, ni=n)
    require(np.abs(r) <= 1, "ri", r, "must lie between -1 and 1")
    return m1, sd1, m2, sd2, n, r
