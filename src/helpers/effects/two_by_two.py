"""Effects of two groups with a binary outcome.

In every function: ai of n1i patients with the event in the first group, ci of n2i in the second; scalars or arrays of
one shape. `add` is added to the four cells of: every table (`to="all"`), tables with a zero cell (`"only0"`), every
table when any has a zero cell (`"if0all"`), none (`"none"`). `drop00=True` gives nan for a trial in which no patient or
every patient had the event. An effect that stays infinite is nan. Raises ValueError, with the argument and position,
for n below 1, events outside 0..n, or a value that is not a finite number. Formulas as in metafor's escalc:
Viechtbauer 2010, doi:10.18637/jss.v036.i03.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.effects.checks import events_of, numbers
from helpers.effects.correction import count_correction
from helpers.effects.effect import Effect, effect

FloatArray = NDArray[np.float64]


def log_odds_ratio(
    ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike,
    add: float = 0.5, to: str = "only0", drop00: bool = False,
) -> Effect:  # fmt: skip
    """log(ad/bc), variance 1/a + 1/b + 1/c + 1/d."""
    a, b, c, d = _cells(ai, n1i, ci, n2i, add, to, drop00)
    with np.errstate(divide="ignore", invalid="ignore"):
        return effect(np.log(a / b) - np.log(c / d), 1 / a + 1 / b + 1 / c + 1 / d)


def log_risk_ratio(
    ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike,
    add: float = 0.5, to: str = "only0", drop00: bool = False,
) -> Effect:  # fmt: skip
    """log of the ratio of the two risks, variance 1/a - 1/n1 + 1/c - 1/n2."""
    a, b, c, d = _cells(ai, n1i, ci, n2i, add, to, drop00)
    n1, n2 = a + b, c + d
    with np.errstate(divide="ignore", invalid="ignore"):
        return effect(np.log(a / n1) - np.log(c / n2), 1 / a - 1 / n1 + 1 / c - 1 / n2)


def risk_difference(
    ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike,
    add: float = 0.5, to: str = "only0", drop00: bool = False,
) -> Effect:  # fmt: skip
    """Difference of the two risks, variance ab/n1^3 + cd/n2^3."""
    a, b, c, d = _cells(ai, n1i, ci, n2i, add, to, drop00)
    n1, n2 = a + b, c + d
    return effect(a / n1 - c / n2, a * b / n1**3 + c * d / n2**3)


def arcsine_difference(ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike, drop00: bool = False) -> Effect:
    """asin(sqrt(a/n1)) - asin(sqrt(c/n2)), variance 1/(4 n1) + 1/(4 n2); defined, and not corrected, with zero cells.

    Rücker 2009, doi:10.1002/sim.3511.
    """
    a, b, c, d = _cells(ai, n1i, ci, n2i, 0, "none", drop00)
    n1, n2 = a + b, c + d
    return effect(np.arcsin(np.sqrt(a / n1)) - np.arcsin(np.sqrt(c / n2)), 1 / (4 * n1) + 1 / (4 * n2))


def peto_log_odds_ratio(
    ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike,
    add: float = 0.5, to: str = "only0", drop00: bool = False,
) -> Effect:  # fmt: skip
    """(O - E) / V with O = a, E and V the mean and variance of the hypergeometric distribution; variance 1/V.

    Yusuf 1985, doi:10.1016/S0033-0620(85)80003-7.
    """
    a, b, c, d = _cells(ai, n1i, ci, n2i, add, to, drop00)
    n1, n2, events, others = a + b, c + d, a + c, b + d
    total = n1 + n2
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = n1 * n2 * (events / total) * (others / total) / (total - 1)
        return effect((a - n1 * events / total) / variance, 1 / variance)


def _cells(
    ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike, add: float, to: str, drop00: bool
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    a, n1, c, n2 = numbers(ai=ai, n1i=n1i, ci=ci, n2i=n2i)
    events_of("n1i", n1, ai=a)
    events_of("n2i", n2, ci=c)
    b, d = n1 - a, n2 - c
    has_zero = (a == 0) | (b == 0) | (c == 0) | (d == 0)
    uninformative = (a + c == 0) | (b + d == 0)
    shift = np.where(drop00 & uninformative, np.nan, count_correction(has_zero, add, to))
    return a + shift, b + shift, c + shift, d + shift
