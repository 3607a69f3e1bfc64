"""Prior distributions of the mean effect and of the between-trial standard deviation tau."""

from dataclasses import dataclass
from math import inf, isfinite, log, pi, sqrt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

FloatArray = NDArray[np.float64]


class TauPrior(Protocol):
    """A density on tau >= 0. tail: the power with which it falls, density ~ tau^-tail (inf: faster than any)."""

    @property
    def tail(self) -> float: ...

    @property
    def scale_of_tau(self) -> float: ...

    def log_density(self, tau: FloatArray) -> FloatArray: ...


@dataclass(frozen=True)
class Normal:
    """mu ~ N(mean, sd^2); sd inf is the flat, improper prior."""

    mean: float = 0.0
    sd: float = inf

    def __post_init__(self) -> None:
        if not (self.sd > 0 and isfinite(self.mean)):
            raise ValueError(f"mu: needs a finite mean and a positive sd, got {self.mean!r} and {self.sd!r}")


@dataclass(frozen=True)
class HalfNormal:
    """Density 2 / (scale sqrt(2 pi)) exp(-tau^2 / (2 scale^2))."""

    scale: float

    def __post_init__(self) -> None:
        _positive("scale", self.scale)

    @property
    def tail(self) -> float:
        return inf

    @property
    def scale_of_tau(self) -> float:
        return self.scale * float(ndtri(0.75))

    def log_density(self, tau: FloatArray) -> FloatArray:
        return np.asarray(log(2 / (self.scale * sqrt(2 * pi))) - (tau / self.scale) ** 2 / 2)


@dataclass(frozen=True)
class HalfCauchy:
    """Density 2 / (pi scale (1 + (tau / scale)^2))."""

    scale: float

    def __post_init__(self) -> None:
        _positive("scale", self.scale)

    @property
    def tail(self) -> float:
        return 2.0

    @property
    def scale_of_tau(self) -> float:
        return self.scale

    def log_density(self, tau: FloatArray) -> FloatArray:
        return np.asarray(log(2 / (pi * self.scale)) - np.log1p((tau / self.scale) ** 2))


@dataclass(frozen=True)
class LogNormal:
    """log(tau) ~ N(mean, sd^2). Published priors for log(tau^2) have twice this mean and twice this sd."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        _positive("sd", self.sd)
        if not isfinite(self.mean):
            raise ValueError(f"mean: must be a finite number, got {self.mean!r}")

    @property
    def tail(self) -> float:
        return inf

    @property
    def scale_of_tau(self) -> float:
        return float(np.exp(self.mean))

    def log_density(self, tau: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):
            logs = np.log(tau)
        return np.asarray(-(((logs - self.mean) / self.sd) ** 2) / 2 - logs - log(self.sd * sqrt(2 * pi)))


@dataclass(frozen=True)
class FlatTau:
    """Density 1 on tau >= 0: improper, so it needs enough trials."""

    @property
    def tail(self) -> float:
        return 0.0

    @property
    def scale_of_tau(self) -> float:
        return 1.0

    def log_density(self, tau: FloatArray) -> FloatArray:
        return np.zeros_like(tau)


@dataclass(frozen=True)
class FixedTau:
    """tau known: all mass at one value >= 0."""

    value: float

    def __post_init__(self) -> None:
        if not (isfinite(self.value) and self.value >= 0):
            raise ValueError(f"value: must be a number not below 0, got {self.value!r}")

    @property
    def tail(self) -> float:
        return inf

    @property
    def scale_of_tau(self) -> float:
        return self.value

    def log_density(self, tau: FloatArray) -> FloatArray:
        raise TypeError("a fixed tau has no density")


def _positive(name: str, value: float) -> None:
    if not (isfinite(value) and value > 0):
        raise ValueError(f"{name}: must be positive, got {value!r}")
