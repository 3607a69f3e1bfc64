"""The data of one or of many meta-analyses, and the weighted sums that every estimator is made of."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.effects.checks import require

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Trials:
    """m meta-analyses of up to k trials each: (m, k) arrays. An absent trial has present = 0, yi = 0 and vi = 1.

    precise is 1 for the most precise trial alone, rest is `present` without it: sums over the rest keep their digits
    where that one trial carries nearly all the weight.
    """

    yi: FloatArray
    vi: FloatArray
    present: FloatArray
    precise: FloatArray
    rest: FloatArray
    k: FloatArray  # (m,) number of trials present
    smallest_vi: FloatArray  # (m,)

    def weights(self, tau2: FloatArray) -> FloatArray:
        """(m, k) inverse variances 1/(vi + tau2), zero for absent trials. tau2: (m,)."""
        return self.present / (self.vi + tau2[..., None])

    def rows(self, chosen: NDArray[np.int64] | int) -> "Trials":
        """Some of the meta-analyses, or one without the leading axis, on which weighted sums take half the time."""
        return Trials(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


def one_meta_analysis(yi: ArrayLike, vi: ArrayLike) -> Trials:
    """Checked (1, k) data. Raises ValueError with argument and position for nan, inf, vi <= 0 and unequal lengths."""
    y, v = _vector("yi", yi), _vector("vi", vi)
    if y.size != v.size:
        raise ValueError(f"yi and vi differ in length: {y.size} and {v.size}")
    if y.size == 0:
        raise ValueError("yi: at least one trial is needed, got none")
    if not (v > 0).all():
        position = (v <= 0).argmax()
        raise ValueError(f"vi[{position}]: must be positive, got {v[position]:g}")
    present, precise = np.ones((1, y.size)), np.zeros((1, y.size))
    most_precise = v.argmin()
    precise[0, most_precise] = 1
    k, smallest_vi = np.array([float(y.size)]), v[most_precise, None]
    return Trials(y[None, :], v[None, :], present, precise, present - precise, k, smallest_vi)


def many_meta_analyses(yi: ArrayLike, vi: ArrayLike) -> Trials:
    """Checked (m, k) data, a row a meta-analysis; a trial is absent where yi and vi are both nan.

    Raises ValueError with argument and position for inf, for nan in one of the two, vi <= 0, unequal shapes and a row
    without a trial.
    """
    y, v = _matrix("yi", yi), _matrix("vi", vi)
    if y.shape != v.shape:
        raise ValueError(f"yi and vi differ in shape: {y.shape} and {v.shape}")
    if len(y) == 0:
        raise ValueError("yi: at least one meta-analysis is needed, got none")
    absent = np.isnan(y) & np.isnan(v)
    for name, values in (("yi", y), ("vi", v)):
        require(absent | np.isfinite(values), name, values, "must be a finite number, or nan in yi and vi")
    require(absent | (v > 0), "vi", v, "must be positive")
    for row in np.flatnonzero(absent.all(axis=1)):
        raise ValueError(f"yi[{row}]: at least one trial is needed, got none")
    return among(np.where(absent, 0.0, y), np.where(absent, 1.0, v), ~absent)


def among(yi: FloatArray, vi: FloatArray, included: NDArray[np.bool_]) -> Trials:
    """The trials of `included`, (m, k), which has at least one in each row. yi, vi: finite, (m, k) or (k,)."""
    present = included.astype(float)
    vi = np.where(included, vi, 1.0)
    most_precise = np.where(included, vi, np.inf).argmin(axis=1)
    precise = np.zeros_like(present)
    np.put_along_axis(precise, most_precise[:, None], 1.0, axis=1)
    smallest_vi = np.take_along_axis(vi, most_precise[:, None], axis=1)[:, 0]
    k = np.vecdot(present, present)
    return Trials(np.where(included, yi, 0.0), vi, present, precise, present - precise, k, smallest_vi)


def _vector(name: str, values: ArrayLike) -> FloatArray:
    try:
        vector = np.atleast_1d(np.asarray(values, dtype=float))
    except (TypeError, ValueError):
        raise ValueError(f"{name}: must be numbers, got {values!r}") from None
    if vector.ndim != 1:
        raise ValueError(f"{name}: must have one dimension, got shape {vector.shape}")
    finite = np.isfinite(vector)
    if not finite.all():
        position = finite.argmin()
        raise ValueError(f"{name}[{position}]: must be a finite number, got {vector[position]}")
    return vector


def _matrix(name: str, values: ArrayLike) -> FloatArray:
    try:
        matrix = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: must be numbers, in rows of equal length") from None
    if matrix.ndim != 2:
        raise ValueError(f"{name}: must have two dimensions, got shape {matrix.shape}")
    return matrix


@dataclass(frozen=True, eq=False)
class Weighted:
    """Weighted mean and residual sums, (m,). P = W - W 11' W / sum(W) is the matrix of the quadratic form Q."""

    total: FloatArray  # sum of the weights
    mean: FloatArray
    py: FloatArray  # (m, k)
    q: FloatArray  # y'Py
    qpp: FloatArray  # y'PPy, minus the derivative of q with respect to tau2


def weighted(trials: Trials, w: FloatArray) -> Weighted:
    total = np.vecdot(w, trials.present)
    mean = np.vecdot(w, trials.yi) / total
    residual = trials.yi - mean[..., None]
    py = w * residual
    return Weighted(total, mean, py, np.vecdot(py, residual), np.vecdot(py, py))


def trace_p(trials: Trials, w: FloatArray) -> FloatArray:
    """tr(P) = sum(w) - sum(w^2) / sum(w), (m,)."""
    rest = w * trials.rest
    largest, rest_total = np.vecdot(w, trials.precise), np.vecdot(w, trials.rest)
    return (rest_total * (rest_total + 2 * largest) - np.vecdot(rest, rest)) / (rest_total + largest)


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
    total, rest_total = np.vecdot(w, trials.present)[:, None], np.vecdot(w, trials.rest)[:, None]
    diagonal = w * np.where(trials.rest > 0, 1 - w / total, rest_total / total)
    left, right = w * w * a, w * w * b
    left_sum, right_sum = np.vecdot(left, trials.rest), np.vecdot(right, trials.rest)
    one_left, one_right = np.vecdot(left, trials.precise), np.vecdot(right, trials.precise)
    across = one_left * right_sum + one_right * left_sum + left_sum * right_sum - np.vecdot(left * trials.rest, right)
    return np.vecdot(diagonal * diagonal * a, b) + across / total[:, 0] ** 2
