"""What counts say about a linear predictor: log-likelihood and its first two derivatives.

eta: (k, arms, nodes), a value of the linear predictor for every trial, arm and quadrature node. Constants that no
parameter changes are left out.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln

from helpers.synthesis.rare_events.two_arms import Tables

FloatArray = NDArray[np.float64]
Terms = tuple[FloatArray, FloatArray, FloatArray]


class Family(Protocol):
    """k trials of `arms` counts each."""

    @property
    def shape(self) -> tuple[int, int]: ...

    def terms(self, eta: FloatArray) -> Terms: ...


@dataclass(frozen=True, eq=False)
class Binomial:
    """x of n patients with the event, both (k, arms); eta is the logit."""

    x: FloatArray
    n: FloatArray

    @property
    def shape(self) -> tuple[int, int]:
        return self.x.shape[0], self.x.shape[1]

    def terms(self, eta: FloatArray) -> Terms:
        x, n, p = self.x[:, :, None], self.n[:, :, None], expit(eta)
        return x * eta - n * np.logaddexp(0, eta), x - n * p, -n * p * (1 - p)


@dataclass(frozen=True, eq=False)
class Poisson:
    """x events in t person-time, both (k, arms); eta is the log rate."""

    x: FloatArray
    t: FloatArray

    @property
    def shape(self) -> tuple[int, int]:
        return self.x.shape[0], self.x.shape[1]

    def terms(self, eta: FloatArray) -> Terms:
        x, expected = self.x[:, :, None], self.t[:, :, None] * np.exp(np.minimum(eta, 700))
        return x * eta - expected, x - expected, -expected


class Hypergeometric:
    """Events of the first group given all margins of the table, one arm; eta is the log odds ratio.

    Fisher's noncentral hypergeometric distribution, summed over its whole support.
    """

    def __init__(self, t: Tables) -> None:
        events = t.a + t.c
        least, most = np.maximum(0, events - t.n2), np.minimum(events, t.n1)
        steps = np.arange(int((most - least).max()) + 1)
        support = least[:, None] + steps
        inside = support <= most[:, None]
        x = np.where(inside, support, least[:, None])
        n1, n2, total = t.n1[:, None], t.n2[:, None], events[:, None]
        ways = -gammaln(x + 1) - gammaln(n1 - x + 1) - gammaln(total - x + 1) - gammaln(n2 - total + x + 1)
        ways -= ways.max(axis=1, keepdims=True)
        self.excess = x - t.a[:, None]
        self.log_ways = np.where(inside, ways, -np.inf)

    @property
    def shape(self) -> tuple[int, int]:
        return self.excess.shape[0], 1

    def terms(self, eta: FloatArray) -> Terms:
        exponent = self.log_ways[:, None, :] + eta[:, 0, :, None] * self.excess[:, None, :]
        top = exponent.max(axis=2, keepdims=True)
        weight = np.exp(exponent - top)
        total = weight.sum(axis=2)
        mean = (weight * self.excess[:, None, :]).sum(axis=2) / total
        square = (weight * self.excess[:, None, :] ** 2).sum(axis=2) / total
        log_likelihood = -(np.log(total) + top[:, :, 0])
        return log_likelihood[:, None, :], -mean[:, None, :], (mean**2 - square)[:, None, :]
