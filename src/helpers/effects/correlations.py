"""Correlation coefficients."""

import numpy as np
from numpy.typing import ArrayLike

from helpers.effects.checks import numbers, require, sample_size
from helpers.effects.effect import Effect, effect


def fisher_z(ri: ArrayLike, ni: ArrayLike) -> Effect:
    """ZCOR: atanh(r), variance 1/(n - 3), from correlations of ni pairs; -1 < r < 1, n at least 4.

    Raises ValueError with the argument and position. Fisher 1921, as in metafor's escalc.
    """
    r, n = numbers(ri=ri, ni=ni)
    require(np.abs(r) < 1, "ri", r, "must lie between -1 and 1")
    sample_size(4, ni=n)
    return effect(np.arctanh(r), 1 / (n - 3))
