"""Tests of two groups, to set beside the p a report prints."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, stdtr

from helpers.effects.checks import events_of, not_negative, numbers, positive, require, sample_size
from helpers.effects.effect import Values, scalar_or_array
from helpers.effects.means import two_groups


@dataclass(frozen=True, eq=False)
class MeanTest:
    """t of the first group's mean minus the second's, its degrees of freedom and two-sided p."""

    statistic: Values
    df: Values
    p: Values

    def to_frame(self) -> pd.DataFrame:
        """One row a test, columns statistic, df, p."""
        return pd.DataFrame({name: np.atleast_1d(getattr(self, name)) for name in ("statistic", "df", "p")})


def mean_test(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike,
    equal_var: bool = False,
) -> MeanTest:  # fmt: skip
    """t test of two groups from summary statistics: Welch's, or Student's with equal_var=True.

    Means, SDs (not both zero) and n of at least 2, scalars or arrays of one shape. Raises ValueError with the argument
    and position. Welch 1947, doi:10.1093/biomet/34.1-2.28.
    """
    m1, sd1, n1, m2, sd2, n2 = two_groups(m1i, sd1i, n1i, m2i, sd2i, n2i)
    sample_size(2, n1i=n1, n2i=n2)
    require((sd1 > 0) | (sd2 > 0), "sd1i", sd1, "sd1i and sd2i must not both be zero")
    v1, v2 = sd1**2 / n1, sd2**2 / n2
    if equal_var:
        df = n1 + n2 - 2
        variance = ((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / df * (1 / n1 + 1 / n2)
    else:
        df = (v1 + v2) ** 2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1))
        variance = v1 + v2
    t = (m1 - m2) / np.sqrt(variance)
    return MeanTest(scalar_or_array(t), scalar_or_array(df), scalar_or_array(2 * stdtr(df, -np.abs(t))))


def fisher_p(ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike) -> Values:
    """Two-sided p of Fisher's exact test: ai of n1i patients with the event against ci of n2i, whole numbers.

    Scalars or arrays of one shape. Raises ValueError with the argument and position.
    """
    from scipy.stats import fisher_exact  # here, because scipy.stats takes long to import

    a, n1, c, n2 = arrays = _two_by_two(ai, n1i, ci, n2i)
    _whole(**dict(zip(("ai", "n1i", "ci", "n2i"), arrays, strict=True)))
    tables = np.stack([a, n1 - a, c, n2 - c], axis=-1).reshape(-1, 2, 2)
    return scalar_or_array(np.reshape([fisher_exact(table.astype(int)).pvalue for table in tables], a.shape))


def chi_square_p(ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike, correct: bool = False) -> Values:
    """p of Pearson's chi-square test of ai of n1i patients with the event against ci of n2i, 1 df.

    correct: with Yates' continuity correction, which is at most the deviation itself, as in R. nan where all patients or
    none have the event. Scalars or arrays of one shape. Raises ValueError with the argument and position.
    """
    a, n1, c, n2 = _two_by_two(ai, n1i, ci, n2i)
    total, events = n1 + n2, a + c
    excess = np.abs(a * n2 - c * n1) / total  # of the observed events of one group over the expected ones
    if correct:
        excess = np.maximum(excess - 0.5, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = excess**2 * total**3 / (n1 * n2 * events * (total - events))
    return scalar_or_array(chdtrc(1, statistic))


def rate_ratio_p(x1i: ArrayLike, t1i: ArrayLike, x2i: ArrayLike, t2i: ArrayLike) -> Values:
    """Two-sided p of the exact test of two Poisson rates: x1i events in the time t1i against x2i in t2i, as R's poisson.test.

    Given all events, those of the first group are binomial with the share t1i / (t1i + t2i); every split that is no more
    likely than the observed one counts. 1 without events. Whole numbers of events, times above 0; scalars or arrays of one
    shape. Raises ValueError with the argument and position. Przyborowski and Wilenski 1940, doi:10.1093/biomet/31.3-4.313.
    """
    from scipy.stats import binomtest  # here, because scipy.stats takes long to import

    x1, t1, x2, t2 = numbers(x1i=x1i, t1i=t1i, x2i=x2i, t2i=t2i)
    not_negative(x1i=x1, x2i=x2)
    positive(t1i=t1, t2i=t2)
    _whole(x1i=x1, x2i=x2)
    share = t1 / (t1 + t2)
    p = [
        binomtest(int(first), int(events), float(expected)).pvalue if events else 1.0
        for first, events, expected in zip(x1.ravel(), (x1 + x2).ravel(), share.ravel(), strict=True)
    ]
    return scalar_or_array(np.reshape(p, x1.shape))


def _two_by_two(ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    a, n1, c, n2 = numbers(ai=ai, n1i=n1i, ci=ci, n2i=n2i)
    events_of("n1i", n1, ai=a)
    events_of("n2i", n2, ci=c)
    return a, n1, c, n2


def _whole(**values: NDArray[np.float64]) -> None:
    for name, array in values.items():
        require(array == np.round(array), name, array, "must be a whole number")
