"""The data of one or of many meta-analyses, and the weighted sums that every estimator is made of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Trials:
    """m meta-analyses of up to k trials each: (m, k) arrays. An absent trial has present = 0, yi = 0 and vi = 1.

    rest is `present` without the most precise trial: sums over the rest keep their digits where that one trial carries
    nearly all the weight.
    """

    yi: FloatArray
    vi: FloatArray
    present: FloatArray
    rest: FloatArray
    k: FloatArray  # (m,) number of trials present

    def weights(self, tau2: FloatArray) -> FloatArray:
        """(m, k) inverse variances 1/(vi + tau2), zero for absent trials. tau2: (m,)."""
        return self.present / (self.vi + tau2[:, None])


def one_meta_analysis(yi: ArrayLike, vi: ArrayLike) -> Trials:
    """Checked (1, k) data. Raises ValueError with argument and position for nan, inf, vi <= 0 and unequal lengths."""
    y, v = _vector("yi", yi), _vector("vi", vi)
    if y.size != v.size:
        raise ValueError(f"yi and vi differ in length: {y.size} and {v.size}")
    if y.size == 0:
        raise ValueError("yi: at least one trial is needed, got none")
    for position in np.flatnonzero(v <= 0):
        raise ValueError(f"vi[{position}]: must be positive, got {v[position]:g}")
    rest = np.ones((1, y.size))
    rest[0, v.argmin()] = 0
    return Trials(y[None, :], v[None, :], np.ones((1, y.size)), rest, np.array([float(y.size)]))


def _vector(name: str, values: ArrayLike) -> FloatArray:
    try:
        vector = np.atleast_1d(np.asarray(values, dtype=float))
    except (TypeError, ValueError):
        raise ValueError(f"{name}: must be numbers, got {values!r}") from None
    if vector.ndim != 1:
        raise ValueError(f"{name}: must have one dimension, got shape {vector.shape}")
    for position in np.flatnonzero(~np.isfinite(vector)):
        raise ValueError(f"{name}[{position}]: must be a finite number, got {vector[position]}")
    return vector


@dataclass(frozen=True, eq=False)
class Weighted:
    """Weighted mean and residual sums, (m,). P = W - W 11' W / sum(W) is the matrix of the quadratic form Q."""

    total: FloatArray  # sum of the weights
    mean: FloatArray
    py: FloatArray  # (m, k)
    q: FloatArray  # y'Py
    qpp: FloatArray  # y'PPy, minus the derivative of q with respect to tau2


def weighted(trials: Trials, w: FloatArray) -> Weighted:
    total = w.sum(axis=1)
    mean = (w * trials.yi).sum(axis=1) / total
    residual = trials.yi - mean[:, None]
    py = w * residual
    return Weighted(total, mean, py, (py * residual).sum(axis=1), (py * py).sum(axis=1))


def trace_p(trials: Trials, w: FloatArray) -> FloatArray:
    """tr(P) = sum(w) - sum(w^2) / sum(w), (m,)."""
    largest, rest = w.max(axis=1), w * trials.rest
    rest_total = rest.sum(axis=1)
    total = largest + rest_total
    return (rest_total * (total + largest) - (rest * rest).sum(axis=1)) / total


def trace_pp(trials: Trials, w: FloatArray) -> FloatArray:
    """tr(PP), (m,)."""
    return _sum_of_squares(trials, w, trials.present, trials.present)


def variance_of_q(trials: Trials, w: FloatArray, tau2: FloatArray) -> FloatArray:
    """Variance of y'Py for fixed weights, when yi has the variance vi + tau2; (m,).

    2 tr(PVPV) + 4 tau2 tr(PVP) + 2 tau2^2 tr(PP), V = diag(vi).
    """
    pvpv = _sum_of_squares(trials, w, trials.vi, trials.vi)
    pvp = _sum_of_squares(trials, w, trials.vi, trials.present)
    return 2 * pvpv + 4 * tau2 * pvp + 2 * tau2**2 * trace_pp(trials, w)


def _sum_of_squares(trials: Trials, w: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
    """Sum over i and j of P_ij^2 a_i b_j, (m,)."""
    total, rest_total = w.sum(axis=1, keepdims=True), (w * trials.rest).sum(axis=1, keepdims=True)
    diagonal = w * np.where(trials.rest > 0, 1 - w / total, rest_total / total)
    left, right = w * w * a, w * w * b
    left_rest, right_rest = left * trials.rest, right * trials.rest
    left_sum, right_sum = left_rest.sum(axis=1), right_rest.sum(axis=1)
    one_left, one_right = (left - left_rest).sum(axis=1), (right - right_rest).sum(axis=1)
    across = one_left * right_sum + one_right * left_sum + left_sum * right_sum - (left_rest * right_rest).sum(axis=1)
    return (diagonal * diagonal * a * b).sum(axis=1) + across / total[:, 0] ** 2
