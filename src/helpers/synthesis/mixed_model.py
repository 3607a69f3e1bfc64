"""The linear mixed model under multilevel and multivariate meta-analysis: variance components by likelihood."""

from dataclasses import dataclass
from itertools import product
from math import log, pi

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

from helpers.synthesis.trials import FloatArray

STARTS = (0.1, 1.0)
ZERO = 1e-10  # of the mean sampling variance: a component below that has run into its boundary


@dataclass(frozen=True, eq=False)
class RandomEffect:
    """One effect a group and kind of row: rows i and j of the same group have the covariance G[kind[i], kind[j]]."""

    group: NDArray[np.int64]  # (k,)
    kind: NDArray[np.int64]  # (k,), from 0; all 0 for a plain random intercept

    @property
    def size(self) -> int:
        return int(self.kind.max()) + 1

    def covariance(self, g: FloatArray) -> FloatArray:
        """(k, k), of G (size, size)."""
        return np.where(self.group[:, None] == self.group, g[self.kind[:, None], self.kind], 0.0)

    def gather(self, derivative: FloatArray) -> FloatArray:
        """(size, size) derivative with respect to G, from the one with respect to the covariance, (k, k)."""
        indicator = np.eye(self.size)[self.kind]
        return indicator.T @ np.where(self.group[:, None] == self.group, derivative, 0.0) @ indicator


@dataclass(frozen=True, eq=False)
class MixedModel:
    """yi ~ N(design b, V + sum of the random effects' covariances)."""

    yi: FloatArray  # (k,)
    V: FloatArray  # (k, k)
    design: FloatArray  # (k, p)
    effects: tuple[RandomEffect, ...]
    restricted: bool

    def covariance(self, components: list[FloatArray]) -> FloatArray:
        return self.V + sum(effect.covariance(g) for effect, g in zip(self.effects, components, strict=True))


@dataclass(frozen=True, eq=False)
class MixedFit:
    components: list[FloatArray]  # G of each random effect
    b: FloatArray
    vcov: FloatArray
    covariance: FloatArray  # (k, k) of yi
    log_likelihood: float


def fit_mixed(model: MixedModel) -> MixedFit:
    """The highest point of the (restricted) likelihood.

    Each G is written as L L' with a lower triangle L, which keeps it a covariance and lets it reach its boundary;
    quasi-Newton steps with the exact gradient go from several starts, since there may be more than one peak.
    Raises ArithmeticError where none of them converges.
    """
    unit = float(np.diag(model.V).mean())
    triangles = [np.tril_indices(effect.size) for effect in model.effects]

    def factors(flat: FloatArray) -> list[FloatArray]:
        result, start = [], 0
        for effect, triangle in zip(model.effects, triangles, strict=True):
            factor = np.zeros((effect.size, effect.size))
            factor[triangle] = flat[start : start + len(triangle[0])]
            result.append(factor)
            start += len(triangle[0])
        return result

    def components(flat: FloatArray) -> list[FloatArray]:
        return [unit * factor @ factor.T for factor in factors(flat)]

    def objective(flat: FloatArray) -> tuple[float, FloatArray]:
        value, derivative = _log_likelihood(model, model.covariance(components(flat)))
        gradient = [
            2 * unit * (effect.gather(derivative) @ factor)[triangle]
            for effect, factor, triangle in zip(model.effects, factors(flat), triangles, strict=True)
        ]
        return -value, -np.concatenate(gradient)

    spread = max(float(_least_squares_variance(model)) / unit, 1.0)
    best = None
    for scales in product(STARTS, repeat=len(model.effects)):
        start = [
            np.sqrt(scale * spread) * np.eye(e.size)[t]
            for e, t, scale in zip(model.effects, triangles, scales, strict=True)
        ]
        found = minimize(
            objective, np.concatenate(start), jac=True, method="BFGS", options={"gtol": 1e-9, "maxiter": 500}
        )
        if best is None or found.fun < best.fun:
            best = found
    if best is None or np.abs(best.jac).max() > 1e-6:
        raise ArithmeticError("the variance components did not converge")
    result = [_without_traces(g, ZERO * unit) for g in components(best.x)]
    covariance = model.covariance(result)
    b, vcov, _ = generalized_least_squares(model.yi, covariance, model.design)
    return MixedFit(result, b, vcov, covariance, _log_likelihood(model, covariance)[0])


def _without_traces(g: FloatArray, floor: float) -> FloatArray:
    """G with a variance below the floor, and its covariances, set to zero."""
    kept = np.diag(g) >= floor
    return np.where(np.outer(kept, kept), g, 0.0)


def generalized_least_squares(
    yi: FloatArray, covariance: FloatArray, design: FloatArray
) -> tuple[FloatArray, FloatArray, float]:
    """Coefficients, their covariance, and the weighted residual sum of squares."""
    factor = cho_factor(covariance, lower=True)
    weighted = cho_solve(factor, design)
    vcov = np.linalg.inv(design.T @ weighted)
    b = vcov @ (weighted.T @ yi)
    residual = yi - design @ b
    return b, vcov, float(residual @ cho_solve(factor, residual))


def known_covariance(name: str, values: ArrayLike, k: int) -> FloatArray:
    """(k, k) from variances (k,) or a covariance matrix. Raises ValueError where it is none."""
    try:
        v = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: must be numbers") from None
    if v.shape not in ((k,), (k, k)):
        raise ValueError(f"{name}: must have shape ({k},) or ({k}, {k}), got {v.shape}")
    if not np.isfinite(v).all():
        raise ValueError(f"{name}{[*map(int, np.argwhere(~np.isfinite(v))[0])]}: must be a finite number")
    matrix = np.diag(v) if v.ndim == 1 else v
    for position in np.flatnonzero(np.diag(matrix) <= 0):
        raise ValueError(f"{name}: the variance of row {position} must be positive, got {matrix[position, position]:g}")
    if not np.allclose(matrix, matrix.T, rtol=1e-10, atol=0):
        raise ValueError(f"{name}: must be symmetric")
    if np.linalg.eigvalsh(matrix)[0] <= 0:
        raise ValueError(f"{name}: is not positive definite, so it is no covariance matrix")
    return matrix


def _log_likelihood(model: MixedModel, covariance: FloatArray) -> tuple[float, FloatArray]:
    """The (restricted) log-likelihood as metafor reports it, and its derivative with respect to the covariance."""
    k, p = model.design.shape
    factor = cho_factor(covariance, lower=True)
    inverse = cho_solve(factor, np.eye(k))
    weighted = inverse @ model.design
    information = model.design.T @ weighted
    py = inverse @ model.yi - weighted @ np.linalg.solve(information, weighted.T @ model.yi)
    twice = -2 * np.log(np.diag(factor[0])).sum() - model.yi @ py
    if not model.restricted:
        return float(twice - k * log(2 * pi)) / 2, (np.outer(py, py) - inverse) / 2
    projection = inverse - weighted @ np.linalg.solve(information, weighted.T)
    _, in_design = np.linalg.slogdet(model.design.T @ model.design)
    _, in_weighted = np.linalg.slogdet(information)
    twice += in_design - in_weighted - (k - p) * log(2 * pi)
    return float(twice) / 2, (np.outer(py, py) - projection) / 2


def _least_squares_variance(model: MixedModel) -> float:
    residual = model.yi - model.design @ np.linalg.lstsq(model.design, model.yi, rcond=None)[0]
    return float(residual.var())
