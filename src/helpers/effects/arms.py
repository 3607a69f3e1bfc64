"""Combining arms of a trial into one group."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from helpers.effects.checks import events_of, not_negative, numbers, sample_size


class Group(NamedTuple):
    """n patients with mean and SD."""

    n: float
    mean: float
    sd: float


class Count(NamedTuple):
    """Events in n patients."""

    events: float
    n: float


def combine_means(n: ArrayLike, mean: ArrayLike, sd: ArrayLike) -> Group:
    """The n, mean and SD of all patients of several arms, (arms,) each, as if they had been one group.

    Raises ValueError with the argument and position for n below 1 or a negative SD.
    Cochrane Handbook 6.5.2.10 (table 6.5.a), exact for any number of arms.
    """
    sizes, means, sds = map(np.atleast_1d, numbers(n=n, mean=mean, sd=sd))
    sample_size(1, n=sizes)
    not_negative(sd=sds)
    total = sizes.sum()
    grand_mean = (sizes * means).sum() / total
    within = ((sizes - 1) * sds**2).sum()
    between = (sizes * (means - grand_mean) ** 2).sum()
    variance = (within + between) / (total - 1) if total > 1 else 0.0
    return Group(float(total), float(grand_mean), float(np.sqrt(variance)))


def combine_counts(events: ArrayLike, n: ArrayLike) -> Count:
    """Events and patients summed over several arms, (arms,) each. Raises ValueError where events exceed n."""
    x, sizes = numbers(events=events, n=n)
    events_of("n", sizes, events=x)
    return Count(float(x.sum()), float(sizes.sum()))
