"""Logistic model with normal random intercepts and, independent of them, normal random effects (UM.RS)."""

from collections.abc import Callable

import numpy as np
from numpy.polynomial.hermite import hermgauss
from numpy.typing import NDArray
from scipy.optimize import minimize

from helpers.synthesis.rare_events.curvature import hessian
from helpers.synthesis.rare_events.families import Binomial
from helpers.synthesis.rare_events.random_effect import NO_HETEROGENEITY
from helpers.synthesis.rare_events.two_arms import Tables

FloatArray = NDArray[np.float64]
HALVES = np.array([0.5, -0.5])
MAX_STEPS = 200


def fit_random_intercepts(t: Tables, nodes: int) -> tuple[float, float, float]:
    """theta, its variance, and tau: eta = mean + sigma z1 -/+ (theta + tau z2)/2.

    The integral over z1 and z2 by adaptive Gauss-Hermite quadrature with `nodes` nodes each. Raises ArithmeticError
    without convergence, ValueError for nodes below 1.
    """
    if nodes < 1:
        raise ValueError(f"nodes: must be at least 1, got {nodes}")
    family = _family(t)
    logits = np.log((family.x + 0.5) / (family.n - family.x + 0.5))
    start = np.array([logits.mean(), (logits[:, 0] - logits[:, 1]).mean(), logits.std() + 0.1, 0.5])

    def loss(parameters: FloatArray) -> float:
        return -_log_likelihood(family, parameters, nodes)

    best = _minimum(loss, start)
    at_zero = _minimum(lambda three: loss(np.append(three, 0.0)), best[:3])
    if abs(best[3]) < NO_HETEROGENEITY or loss(best) >= loss(np.append(at_zero, 0.0)):
        information = hessian(lambda three: loss(np.append(three, 0.0)), at_zero)
        return float(at_zero[1]), float(np.linalg.inv(information)[1, 1]), 0.0
    return float(best[1]), float(np.linalg.inv(hessian(loss, best))[1, 1]), abs(float(best[3]))


def log_likelihood_of(t: Tables, parameters: FloatArray, nodes: int) -> float:
    """Log-likelihood of (mean, theta, sigma, tau), up to a constant of the counts."""
    return _log_likelihood(_family(t), parameters, nodes)


def _family(t: Tables) -> Binomial:
    return Binomial(np.column_stack([t.a, t.c]), np.column_stack([t.n1, t.n2]))


def _minimum(loss: Callable[[FloatArray], float], start: FloatArray) -> FloatArray:
    found = minimize(loss, start, method="Nelder-Mead", options={"maxiter": 400, "xatol": 1e-3, "fatol": 1e-4})
    polished = minimize(loss, found.x, method="BFGS", options={"gtol": 1e-6})
    if not np.isfinite(polished.fun):
        raise ArithmeticError("the generalised linear mixed model did not converge")
    return np.asarray(polished.x)


def _log_likelihood(family: Binomial, parameters: FloatArray, nodes: int) -> float:
    mean, theta, sigma, tau = parameters
    centre = mean + HALVES * theta
    loadings = np.column_stack([np.full(2, sigma), tau * HALVES])  # (arms, random effects)
    z, information = _mode(family, centre, loadings)
    root = np.linalg.cholesky(np.linalg.inv(information))
    x, w = hermgauss(nodes)
    grid = np.stack(np.meshgrid(x, x, indexing="ij"), axis=-1).reshape(-1, 2)
    log_w = np.add.outer(np.log(w) + x**2, np.log(w) + x**2).ravel()
    points = z[:, None, :] + np.sqrt(2) * np.einsum("kij,nj->kni", root, grid)
    eta = centre[None, :, None] + np.einsum("ai,kni->kan", loadings, points)
    joint = family.terms(eta)[0].sum(axis=1) - (points**2).sum(axis=2) / 2 + log_w
    scale = np.log(root[:, 0, 0] * root[:, 1, 1] / np.pi)
    top = joint.max(axis=1)
    return float((np.log(np.exp(joint - top[:, None]).sum(axis=1)) + top + scale).sum())


def _mode(family: Binomial, centre: FloatArray, loadings: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(k, 2) where the integrand is highest, and minus its second derivative there, (k, 2, 2)."""
    z = np.zeros((len(family.x), 2))
    value, gradient, information = _at(family, centre, loadings, z)
    for _ in range(MAX_STEPS):
        step = np.linalg.solve(information, gradient[:, :, None])[:, :, 0]
        for _ in range(30):
            new = _at(family, centre, loadings, z + step)
            worse = new[0] < value - 1e-9
            if not worse.any():
                break
            step = np.where(worse[:, None], step / 2, step)
        z, (value, gradient, information) = z + step, new
        if np.abs(step).max() < 1e-8:
            return z, information
    raise ArithmeticError("the mode of the random effects was not found")


def _at(family: Binomial, centre: FloatArray, loadings: FloatArray, z: FloatArray) -> tuple[FloatArray, ...]:
    eta = (centre + z @ loadings.T)[:, :, None]
    value, first, second = (term[:, :, 0] for term in family.terms(eta))
    information = np.eye(2) - np.einsum("ka,ai,aj->kij", second, loadings, loadings)
    return value.sum(axis=1) - (z**2).sum(axis=1) / 2, first @ loadings - z, information
