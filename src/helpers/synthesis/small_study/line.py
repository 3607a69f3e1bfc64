"""A straight line through effects, weighted by their precision: what the tests of asymmetry are made of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Line:
    """coefficients: intercept and slope; covariance (2, 2); df nan where the normal distribution holds."""

    coefficients: FloatArray
    covariance: FloatArray
    df: float
    tau2: float


def least_squares_line(y: FloatArray, x: FloatArray, weights: FloatArray) -> Line:
    """Weighted least squares with the residual variance estimated; df = k - 2. x must not be constant."""
    inverse, coefficients = _solve(y, x, weights)
    residual = y - coefficients[0] - coefficients[1] * x
    df = len(y) - 2
    return Line(coefficients, inverse * (weights * residual**2).sum() / df, float(df), float("nan"))


def random_effects_line(y: FloatArray, v: FloatArray, x: FloatArray, method: str) -> Line:
    """Meta-regression on one covariate with known variances v and tau2 by "EE", "DL" or "REML"."""
    tau2 = {"EE": _none, "DL": _dersimonian_laird, "REML": _restricted_maximum_likelihood}[method](y, v, x)
    inverse, coefficients = _solve(y, x, 1 / (v + tau2))
    return Line(coefficients, inverse, float("nan"), tau2)


def _solve(y: FloatArray, x: FloatArray, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Inverse of X'WX, and the coefficients, by centring x so that the digits of a small spread are kept."""
    if np.ptp(x) == 0:
        raise ValueError(
            "the precision of the trials is equal, so nothing can be told from its relation to the effects"
        )
    total = w.sum()
    mean_x, mean_y = (w * x).sum() / total, (w * y).sum() / total
    spread = (w * (x - mean_x) ** 2).sum()
    slope = (w * (x - mean_x) * (y - mean_y)).sum() / spread
    corner = -mean_x / spread
    inverse = np.array([[1 / total + mean_x**2 / spread, corner], [corner, 1 / spread]])
    return inverse, np.array([mean_y - slope * mean_x, slope])


def _residual_matrix(x: FloatArray, w: FloatArray) -> FloatArray:
    """P = W - W X (X'WX)^-1 X'W."""
    design = np.column_stack([np.ones_like(x), x])
    inverse, _ = _solve(x, x, w)
    return np.diag(w) - (w[:, None] * design) @ inverse @ (design.T * w)


def _none(y: FloatArray, v: FloatArray, x: FloatArray) -> float:
    return 0.0


def _dersimonian_laird(y: FloatArray, v: FloatArray, x: FloatArray) -> float:
    p = _residual_matrix(x, 1 / v)
    return max(0.0, float((y @ p @ y - (len(y) - 2)) / np.trace(p)))


def _restricted_maximum_likelihood(y: FloatArray, v: FloatArray, x: FloatArray) -> float:
    def score(tau2: float) -> float:
        p = _residual_matrix(x, 1 / (v + tau2))
        py = p @ y
        return float(py @ py - np.trace(p))

    def log_likelihood(tau2: float) -> float:
        w = 1 / (v + tau2)
        inverse, coefficients = _solve(y, x, w)
        fit = (w * (y - coefficients[0] - coefficients[1] * x) ** 2).sum()
        return float(np.log(w).sum() + np.log(np.linalg.det(inverse)) - fit) / 2

    top = max(float(((y - y.mean()) ** 2).sum()), float(v.min()))
    grid = np.concatenate([[0.0], np.geomspace(float(v.min()) / 100, 2 * top, 60)])
    best = int(np.argmax([log_likelihood(tau2) for tau2 in grid]))
    low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, len(grid) - 1)])
    if score(low) <= 0:
        return low
    return float(brentq(score, low, high, xtol=1e-16, rtol=1e-14))
