"""Posterior distributions, as sums over quadrature nodes, with their intervals."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isfinite, sqrt

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize_scalar
from scipy.special import ndtr

from helpers.effects.checks import check_level

FloatArray = NDArray[np.float64]
Interval = tuple[float, float]


class Distribution(ABC):
    """A distribution on the real line."""

    @abstractmethod
    def cdf(self, x: float) -> float:
        """P(value <= x)."""

    @abstractmethod
    def quantile(self, p: float) -> float:
        """The value below which the probability is p, 0 < p < 1."""

    @abstractmethod
    def shortest(self, level: float = 0.95) -> Interval:
        """The shortest interval that holds `level` of the probability."""

    @property
    def median(self) -> float:
        return self.quantile(0.5)

    def equal_tailed(self, level: float = 0.95) -> Interval:
        """The interval with (1 - level)/2 of the probability on each side."""
        check_level(level)
        return self.quantile((1 - level) / 2), self.quantile((1 + level) / 2)


class Continuous(Distribution):
    """A distribution whose quantiles are searched for in its continuous distribution function."""

    lowest = -inf

    @abstractmethod
    def bracket(self) -> Interval:
        """Two values, the first below the second, near the middle: quantiles are searched outward from them."""

    def quantile(self, p: float) -> float:
        check_level(p)
        low, high = self.bracket()
        width = high - low
        while self.cdf(low) > p:
            low, width = max(self.lowest, low - width), 2 * width
            if low == self.lowest:
                break
        width = high - low
        while self.cdf(high) < p:
            high, width = high + width, 2 * width
        return float(brentq(lambda x: self.cdf(x) - p, low, high, xtol=1e-13 * max(width, 1e-300), rtol=1e-13))

    def shortest(self, level: float = 0.95) -> Interval:
        check_level(level)
        outside = 1 - level

        def low(tail: float) -> float:
            return self.lowest if tail <= 0 else self.quantile(tail)

        def width(tail: float) -> float:
            return self.quantile(level + tail) - low(tail)

        found = minimize_scalar(
            width, bounds=(outside * 1e-6, outside * (1 - 1e-6)), method="bounded", options={"xatol": outside * 1e-7}
        )
        tail = float(found.x)
        if isfinite(self.lowest) and self.quantile(level) - self.lowest <= found.fun:
            tail = 0.0
        return low(tail), self.quantile(level + tail)


@dataclass(frozen=True, eq=False)
class NormalMixture(Continuous):
    """Mean and standard deviation of a normal distribution at every node, and the nodes' weights, which sum to 1.

    moments: how many moments are finite (the mean needs 1, the standard deviation 2).
    """

    means: FloatArray
    sds: FloatArray
    weights: FloatArray
    moments: float

    def cdf(self, x: float) -> float:
        return float(self.weights @ ndtr((x - self.means) / self.sds))

    def density(self, x: float) -> float:
        z = (x - self.means) / self.sds
        return float(self.weights @ (np.exp(-(z**2) / 2) / (self.sds * sqrt(2 * np.pi))))

    def bracket(self) -> Interval:
        centre = float(self.weights @ self.means)
        spread = float(self.sds[np.searchsorted(np.cumsum(self.weights), 0.5)])
        return centre - spread, centre + spread

    @property
    def mean(self) -> float:
        """nan where it does not exist."""
        return float(self.weights @ self.means) if self.moments > 1 else np.nan

    @property
    def sd(self) -> float:
        """inf where it is infinite."""
        if self.moments <= 2:
            return inf
        centre = self.weights @ self.means
        return sqrt(float(self.weights @ (self.sds**2 + (self.means - centre) ** 2)))


@dataclass(frozen=True, eq=False)
class TauDistribution(Continuous):
    """The distribution of tau: an unnormalised density, integrated by Gauss-Legendre panels over t = tau / (tau + scale)."""

    density_at: Callable[[FloatArray], FloatArray]
    scale: float
    edges: FloatArray
    cumulative: FloatArray  # at the edges, from 0 to 1
    total: float

    lowest = 0.0

    def cdf(self, x: float) -> float:
        if x <= 0:
            return 0.0
        t = x / (x + self.scale)
        panel = min(int(np.searchsorted(self.edges, t, side="right")) - 1, len(self.edges) - 2)
        tau, weight = panel_nodes(self.edges[panel : panel + 1], np.array([t]), self.scale)
        return float(self.cumulative[panel] + (self.density_at(tau) * weight).sum() / self.total)

    def density(self, x: float) -> float:
        """Posterior density of tau at x."""
        return float(self.density_at(np.array([x]))[0] / self.total) if x >= 0 else 0.0

    def bracket(self) -> Interval:
        return self.scale / 2, 2 * self.scale


@dataclass(frozen=True)
class Point(Distribution):
    """All probability at one value."""

    value: float

    def cdf(self, x: float) -> float:
        return float(x >= self.value)

    def quantile(self, p: float) -> float:
        check_level(p)
        return self.value

    def shortest(self, level: float = 0.95) -> Interval:
        return self.equal_tailed(level)


def panel_nodes(low: FloatArray, high: FloatArray, scale: float, order: int = 16) -> tuple[FloatArray, FloatArray]:
    """Nodes tau and weights for integrals over panels low to high of t = tau / (tau + scale), flattened."""
    x, w = leggauss(order)
    half = (high - low)[:, None] / 2
    t = low[:, None] + half * (1 + x)
    return (scale * t / (1 - t)).ravel(), (half * w * scale / (1 - t) ** 2).ravel()
