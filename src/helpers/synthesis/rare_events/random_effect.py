"""Maximum likelihood of a generalised linear model of counts with one normal random effect per trial.

The linear predictor of trial i and arm j is

    eta_ij = offset_ij + own_i + fixed_j theta + random_j tau z_i,   z_i ~ N(0, 1),

with own_i a free parameter of the trial, or absent. The integral over z is taken by adaptive Gauss-Hermite quadrature
(Pinheiro and Bates 1995, doi:10.1080/10618600.1995.10474663), gradient and information come from the same nodes (Louis
1982, doi:10.1111/j.2517-6161.1982.tb01203.x), and the trials' own parameters are eliminated from each Newton step.
"""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.hermite import hermgauss
from numpy.typing import NDArray

from helpers.synthesis.rare_events.families import Family

FloatArray = NDArray[np.float64]
NODES = 21
MAX_STEPS = 200
BEYOND_DATA = 10.0  # a log ratio, or a tau, that trials can not show; the quadrature is not made for it either
NO_HETEROGENEITY = 1e-4  # a tau below this changes no digit of the likelihood that could be told from zero


@dataclass(frozen=True, eq=False)
class Model:
    """offset (k, arms); fixed and random (arms,); own: whether every trial has its own parameter."""

    family: Family
    offset: FloatArray
    fixed: FloatArray
    random: FloatArray
    own: bool


@dataclass(frozen=True)
class MixedFit:
    """theta with its variance, tau, and the log-likelihood at the maximum and at tau = 0."""

    theta: float
    variance: float
    tau: float
    log_likelihood: float
    log_likelihood_common: float


@dataclass(frozen=True, eq=False)
class _Point:
    """Parameters: shared (2,) theta and tau, own (k,)."""

    shared: FloatArray
    own: FloatArray


def fit(model: Model, own_start: FloatArray) -> MixedFit:
    """own_start (k,): where the trials' own parameters start. Raises ArithmeticError without convergence."""
    common, variance, value = _maximise(model, _Point(np.zeros(2), own_start), free=1)
    start = _Point(np.array([common.shared[0], 0.5]), common.own)
    random, random_variance, random_value = _maximise(model, start, free=2)
    tau = abs(float(random.shared[1]))
    if tau < NO_HETEROGENEITY or random_value <= value:
        return MixedFit(float(common.shared[0]), variance, 0.0, value, value)
    return MixedFit(float(random.shared[0]), random_variance, tau, random_value, value)


def _maximise(model: Model, point: _Point, free: int) -> tuple[_Point, float, float]:
    """The maximum over the first `free` shared parameters, the variance of theta there, and its log-likelihood."""
    value, gradient, information = _log_likelihood(model, point)
    for _ in range(MAX_STEPS):
        score, curvature = _eliminated(model, gradient, information, free)
        values, vectors = np.linalg.eigh(curvature)
        # Where the surface is not concave, the step still goes uphill.
        step = vectors @ ((vectors.T @ score) / np.maximum(np.abs(values), 1e-8 * np.abs(values).max()))
        step *= min(1.0, 2.0 / max(np.abs(step).max(), 1e-300))
        own_step = _own_step(model, gradient, information, step)
        scale = 1.0
        while True:
            moved = point.shared.copy()
            moved[:free] += scale * step
            proposal = _Point(moved, point.own + scale * own_step)
            new = _log_likelihood(model, proposal)
            if new[0] >= value - 1e-9 or scale < 1e-6:
                break
            scale /= 2
        point, (value, gradient, information) = proposal, new
        if np.abs(point.shared).max() > BEYOND_DATA:
            raise ArithmeticError("too few events: the likelihood rises without end in the effect or its heterogeneity")
        if max(np.abs(scale * step).max(), np.abs(scale * own_step).max(initial=0.0)) < 1e-8:
            curvature = _eliminated(model, gradient, information, free)[1]
            return point, float(np.linalg.inv(curvature)[0, 0]), value
    raise ArithmeticError("the generalised linear mixed model did not converge")


def _log_likelihood(model: Model, point: _Point) -> tuple[float, FloatArray, FloatArray]:
    """Log-likelihood, gradient (k, 3) and observed information (k, 3, 3) of every trial for theta, tau and own."""
    k, arms = model.family.shape
    theta, tau = point.shared
    centre = model.offset + point.own[:, None] + model.fixed * theta
    slope = tau * model.random
    z = np.zeros(k)
    if tau != 0:
        z = _mode(model, centre, slope)
    curvature = 1 - (slope[:, None] ** 2 * _terms(model, centre, slope, z[:, None])[2]).sum(axis=1)[:, 0]
    spread = 1 / np.sqrt(curvature)
    x, w = hermgauss(NODES if tau != 0 else 3)
    nodes = z[:, None] + np.sqrt(2) * spread[:, None] * x
    log_weights = np.log(w) + x**2 + np.log(spread / np.sqrt(np.pi))[:, None] - nodes**2 / 2
    value, first, second = _terms(model, centre, slope, nodes)
    joint = value.sum(axis=1) + log_weights
    top = joint.max(axis=1, keepdims=True)
    total = np.exp(joint - top).sum(axis=1)
    log_likelihood = float((np.log(total) + top[:, 0]).sum())

    posterior = np.exp(joint - top) / total[:, None]
    design = np.empty((k, arms, nodes.shape[1], 3))
    design[..., 0] = model.fixed[None, :, None]
    design[..., 1] = model.random[None, :, None] * nodes[:, None, :]
    design[..., 2] = 1.0
    score = np.einsum("kan,kanp->knp", first, design)
    gradient = np.einsum("kn,knp->kp", posterior, score)
    complete = np.einsum("kn,kan,kanp,kanq->kpq", posterior, second, design, design)
    missing = np.einsum("kn,knp,knq->kpq", posterior, score, score) - gradient[:, :, None] * gradient[:, None, :]
    return log_likelihood, gradient, -(complete + missing)


def _terms(model: Model, centre: FloatArray, slope: FloatArray, z: FloatArray) -> tuple[FloatArray, ...]:
    """Log-likelihood and derivatives in eta, (k, arms, nodes), at z (k, nodes)."""
    return model.family.terms(centre[:, :, None] + slope[None, :, None] * z[:, None, :])


def _mode(model: Model, centre: FloatArray, slope: FloatArray) -> FloatArray:
    """(k,) the z at which the integrand is highest: it is log-concave, so Newton's method with halved steps finds it."""
    z = np.zeros(len(centre))
    value, first, second = _at(model, centre, slope, z)
    for _ in range(MAX_STEPS):
        step = -first / second
        for _ in range(30):
            new = _at(model, centre, slope, z + step)
            worse = new[0] < value - 1e-9
            if not worse.any():
                break
            step = np.where(worse, step / 2, step)
        z, (value, first, second) = z + step, new
        if np.abs(step).max() < 1e-7:
            return z
    raise ArithmeticError("the mode of a random effect was not found")


def _at(model: Model, centre: FloatArray, slope: FloatArray, z: FloatArray) -> tuple[FloatArray, ...]:
    value, first, second = (term[:, :, 0] for term in _terms(model, centre, slope, z[:, None]))
    return (
        value.sum(axis=1) - z**2 / 2,
        (slope * first).sum(axis=1) - z,
        (slope**2 * second).sum(axis=1) - 1,
    )


def _eliminated(
    model: Model, gradient: FloatArray, information: FloatArray, free: int
) -> tuple[FloatArray, FloatArray]:
    """Score and information of the shared parameters, the trials' own ones profiled out."""
    score, curvature = gradient[:, :free].sum(axis=0), information[:, :free, :free].sum(axis=0)
    if model.own:
        cross, own = information[:, :free, 2], information[:, 2, 2]
        score = score - (cross * (gradient[:, 2] / own)[:, None]).sum(axis=0)
        curvature = curvature - np.einsum("kp,kq,k->pq", cross, cross, 1 / own)
    return score, curvature


def _own_step(model: Model, gradient: FloatArray, information: FloatArray, step: FloatArray) -> FloatArray:
    if not model.own:
        return np.zeros(len(gradient))
    cross = information[:, : len(step), 2]
    return np.clip((gradient[:, 2] - cross @ step) / information[:, 2, 2], -2, 2)
