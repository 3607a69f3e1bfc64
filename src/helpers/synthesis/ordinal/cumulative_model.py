"""Maximum likelihood of cumulative link models of grouped counts, by Newton's method on the observed information.

    P(outcome of group r at level c or better) = F(design_rc . parameters + offset_rc)

with a design of its own for every group and cut, so that thresholds may belong to trials and effects to cuts.
McCullagh 1980, doi:10.1111/j.2517-6161.1980.tb01109.x.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr, ndtri

FloatArray = NDArray[np.float64]
MAX_STEPS = 200


@dataclass(frozen=True, eq=False)
class Group:
    """counts (levels,) best first; design (levels - 1, p); offset (levels - 1,)."""

    counts: FloatArray
    design: FloatArray
    offset: FloatArray


@dataclass(frozen=True, eq=False)
class CumulativeFit:
    """parameters and covariance (p, p); log_likelihood without the multinomial coefficient."""

    parameters: FloatArray
    covariance: FloatArray
    log_likelihood: float


def _logit(eta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    f = expit(eta)
    density = f * (1 - f)
    return f, density, density * (1 - 2 * f)


def _probit(eta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    density = np.exp(-(eta**2) / 2) / np.sqrt(2 * np.pi)
    return ndtr(eta), density, -eta * density


# distribution function, density, and the derivative of the density
LINKS: dict[str, Callable[[FloatArray], tuple[FloatArray, FloatArray, FloatArray]]] = {
    "logit": _logit,
    "probit": _probit,
}


def fit_cumulative(groups: list[Group], start: FloatArray, link: str = "logit") -> CumulativeFit:
    """The maximum from `start`, whose thresholds must rise. Raises ArithmeticError without one (separated groups)."""
    parameters = start.astype(float)
    value, gradient, information = _log_likelihood(groups, parameters, link)
    for _ in range(MAX_STEPS):
        values, vectors = np.linalg.eigh(information)
        # Uphill even where the surface is not concave, as it may be for effects that differ between cuts.
        step = vectors @ ((vectors.T @ gradient) / np.maximum(np.abs(values), 1e-10 * np.abs(values).max()))
        scale = 1.0
        while not (proposal := _log_likelihood(groups, parameters + scale * step, link))[0] >= value - 1e-9:
            scale /= 2
            if scale < 1e-12:
                raise ArithmeticError("the cumulative model found no way up")
        parameters = parameters + scale * step
        value, gradient, information = proposal
        if np.abs(scale * step).max() < 1e-9:
            return CumulativeFit(parameters, np.asarray(np.linalg.inv(information), dtype=np.float64), value)
        if np.abs(parameters).max() > 50:
            break
    raise ArithmeticError("the cumulative model has no finite maximum: some groups do not overlap")


def saturated_log_likelihood(counts: FloatArray) -> float:
    """Of the observed proportions themselves, (levels,)."""
    seen = counts[counts > 0]
    return float(seen @ np.log(seen / seen.sum()))


def start_thresholds(counts: FloatArray, link: str = "logit") -> FloatArray:
    """Thresholds of the pooled proportions, (levels - 1,)."""
    share = np.cumsum(counts)[:-1] / counts.sum()
    return np.log(share / (1 - share)) if link == "logit" else ndtri(share)


def _log_likelihood(groups: list[Group], parameters: FloatArray, link: str) -> tuple[float, FloatArray, FloatArray]:
    """Log-likelihood, gradient and observed information; -inf where the cumulative probabilities do not rise."""
    p = len(parameters)
    total, gradient, information = 0.0, np.zeros(p), np.zeros((p, p))
    for group in groups:
        below, density, bend = LINKS[link](group.design @ parameters + group.offset)
        probability = np.diff(below, prepend=0.0, append=1.0)
        n = group.counts
        if (probability[n > 0] <= 0).any() or (probability < 0).any():
            return -np.inf, gradient, information
        safe = np.maximum(probability, 1e-300)
        total += float(n[n > 0] @ np.log(probability[n > 0]))
        pull = (n / safe)[:-1] - (n / safe)[1:]
        curve = n / safe**2
        diagonal = density**2 * (curve[:-1] + curve[1:]) - bend * pull
        beside = -density[:-1] * density[1:] * curve[1:-1]
        by_cut = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
        gradient = gradient + group.design.T @ (density * pull)
        information = information + group.design.T @ by_cut @ group.design
    return total, gradient, information
