"""Proportions of one group: xi of ni patients with the event, scalars or arrays of one shape.

`add` is added to the events and to the patients without the event where `to` says so (see two_by_two). Raises
ValueError with the argument and position. Formulas as in metafor's escalc: Viechtbauer 2010,
doi:10.18637/jss.v036.i03.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.effects.checks import events_of, numbers
from helpers.effects.correction import count_correction
from helpers.effects.effect import Effect, effect

FloatArray = NDArray[np.float64]


def proportion(xi: ArrayLike, ni: ArrayLike, add: float = 0.5, to: str = "only0") -> Effect:
    """PR: x/n, variance p (1 - p) / n."""
    x, n = _counts(xi, ni, add, to)
    return effect(x / n, x * (n - x) / n**3)


def log_proportion(xi: ArrayLike, ni: ArrayLike, add: float = 0.5, to: str = "only0") -> Effect:
    """PLN: log(x/n), variance 1/x - 1/n."""
    x, n = _counts(xi, ni, add, to)
    with np.errstate(divide="ignore"):
        return effect(np.log(x / n), 1 / x - 1 / n)


def logit_proportion(xi: ArrayLike, ni: ArrayLike, add: float = 0.5, to: str = "only0") -> Effect:
    """PLO: log(x / (n - x)), variance 1/x + 1/(n - x)."""
    x, n = _counts(xi, ni, add, to)
    with np.errstate(divide="ignore"):
        return effect(np.log(x / (n - x)), 1 / x + 1 / (n - x))


def arcsine_proportion(xi: ArrayLike, ni: ArrayLike, add: float = 0.0, to: str = "none") -> Effect:
    """PAS: asin(sqrt(x/n)), variance 1/(4n)."""
    x, n = _counts(xi, ni, add, to)
    return effect(np.arcsin(np.sqrt(x / n)), 1 / (4 * n))


def freeman_tukey_proportion(xi: ArrayLike, ni: ArrayLike, add: float = 0.0, to: str = "none") -> Effect:
    """PFT: (asin(sqrt(x/(n+1))) + asin(sqrt((x+1)/(n+1)))) / 2, variance 1/(4n+2).

    Freeman and Tukey 1950, doi:10.1214/aoms/1177729756.
    """
    x, n = _counts(xi, ni, add, to)
    yi = (np.arcsin(np.sqrt(x / (n + 1))) + np.arcsin(np.sqrt((x + 1) / (n + 1)))) / 2
    return effect(yi, 1 / (4 * n + 2))


def _counts(xi: ArrayLike, ni: ArrayLike, add: float, to: str) -> tuple[FloatArray, FloatArray]:
    x, n = numbers(xi=xi, ni=ni)
    events_of("ni", n, xi=x)
    shift = count_correction((x == 0) | (x == n), add, to)
    return x + shift, n + 2 * shift
