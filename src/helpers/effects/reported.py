"""Effect sizes from reported test results."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from helpers.effects.checks import numbers, require, sample_size
from helpers.effects.effect import Effect, effect
from helpers.effects.hedges import exact_j
from helpers.effects.means import smd_variance


def smd_from_p(p: ArrayLike, n1i: ArrayLike, n2i: ArrayLike, direction: ArrayLike) -> Effect:
    """Hedges' g from the two-sided p of Student's t test of two groups.

    p in (0, 1]; n1i + n2i > 3; direction +1 where the first group's mean is higher, -1 where it is lower. t is the
    quantile with n1 + n2 - 2 df, d = t sqrt(1/n1 + 1/n2), g = J d with the exact J; variance as for Hedges' g. It is an
    approximation when the reported p came from another test. Raises ValueError with the argument and position.
    Cooper, Hedges & Valentine 2009, Handbook of Research Synthesis, ch. 12; J: doi:10.3102/10769986006002107.
    """
    p, n1, n2, sign = numbers(p=p, n1i=n1i, n2i=n2i, direction=direction)
    require((p > 0) & (p <= 1), "p", p, "must lie in (0, 1]")
    sample_size(1, n1i=n1, n2i=n2)
    require(n1 + n2 > 3, "n1i", n1, "n1i + n2i must exceed 3")
    require(np.abs(sign) == 1, "direction", sign, "must be 1 or -1")
    df = n1 + n2 - 2
    g = sign * exact_j(df) * -stdtrit(df, p / 2) * np.sqrt(1 / n1 + 1 / n2)
    return effect(g, smd_variance(g, n1, n2))
