"""The highest point of the likelihood of repeated measures, and what was found there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.linalg import solve_triangular
from scipy.optimize import minimize

from helpers.effects.checks import check_choice
from helpers.patients.longitudinal.covariance import Derivatives, Structure
from helpers.patients.longitudinal.design import Design
from helpers.patients.longitudinal.likelihood import Likelihood, Point, moments
from helpers.patients.longitudinal.measures import FloatArray, Measures

METHODS = ("REML", "ML")
CONVERGED = 1e-12  # squared distance to the maximum, in standard errors of the covariance parameters
NO_SPREAD = 1e-12  # smallest eigenvalue of a covariance beside its largest: below, patients differ in no way at all


class NotConverged(ArithmeticError):
    """The likelihood has no maximum that could be found: too few patients for so many covariance parameters."""


@dataclass(frozen=True, eq=False)
class Fit:
    """b, vcov: (p,), (p, p) fixed effects. covariance: (T, T) of one patient's measurements.

    parameters: the reported covariance parameters. log_likelihood: restricted for REML (without the term of X'X, as
    lme4 and nlme). singular: which variance was estimated as zero or correlation as one; empty in a regular fit.
    """

    names: tuple[str, ...]
    b: FloatArray
    vcov: FloatArray
    covariance: FloatArray
    parameters: pd.Series
    log_likelihood: float
    method: str
    singular: str
    n_patients: int
    n_observations: int
    iterations: int
    point: Point
    structure: Structure
    free: FloatArray
    b_scale: FloatArray  # (p,): the coefficients are those of `point` times these, but for a shift

    @property
    def se(self) -> FloatArray:
        return np.sqrt(np.diag(self.vcov))

    @property
    def aic(self) -> float:
        """-2 logLik + 2 (fixed effects + covariance parameters), as lme4 and nlme; of REML only for equal fixed effects."""
        return -2 * self.log_likelihood + 2 * (len(self.b) + len(self.parameters))

    def __repr__(self) -> str:
        table = pd.DataFrame({"estimate": self.b, "se": self.se}, index=list(self.names))
        note = f"\nsingular: {self.singular} was estimated at its edge" if self.singular else ""
        return (
            f"{self.structure.name} by {self.method}, {self.n_patients} patients, {self.n_observations} measurements\n"
            f"{table.to_string()}\n{self.parameters.to_string()}\nlogLik {self.log_likelihood:.4f}{note}"
        )


def fit(data: Measures, design: Design, structure: Structure, method: str = "REML") -> Fit:
    """Fixed effects by generalized least squares at the covariance of the highest (restricted) likelihood.

    design: its person has a row a patient of `data`, its visit a row a time. Newton's method in a trust region, with exact
    derivatives, from each of the structure's starts.
    Raises ValueError where the fixed effects can not be told apart, nothing varies around them, or two visits were never
    seen in one patient though the structure has a parameter for them; NotConverged where there is no maximum.
    Laird and Ware 1982, doi:10.2307/2529876; Jennrich and Schluchter 1986, doi:10.2307/2530695.
    """
    check_choice("method", method, METHODS)
    observed = data.observed
    visit_scale = np.abs(design.visit).max(axis=0)
    x, y = design.at(observed), data.y[observed]
    column_scale = np.sqrt((x**2).sum(axis=0))
    n, p = x.shape
    if n <= p:
        raise ValueError(f"{n} measurements can not tell {p} fixed effects from chance")
    before = _least_squares(x / np.where(column_scale > 0, column_scale, 1), y, design.names) / column_scale
    residual = np.full_like(data.y, np.nan)
    residual[observed] = y - x @ before
    unit = float(np.sqrt(np.nansum(residual**2) / (n - p)))
    if not unit > 1e-12 * float(np.abs(y).max()):
        raise ValueError("the measurements do not vary around the fixed effects")
    if structure.name == "unstructured":
        _refuse_unseen_pairs(observed, data.times)
    scaled = replace(design, visit=design.visit / visit_scale)
    restricted = method == "REML"
    likelihood = Likelihood(moments(residual / unit, design.person), scaled, n, restricted)
    found, iterations = _highest(likelihood, structure, _rough(residual / unit))
    derivatives = structure.free(found)
    point = likelihood.at(derivatives.matrix)
    by_column = unit / visit_scale[design.when]
    values, _ = structure.reported(found)
    powers = np.array([0.0 if label.startswith("correlation") else 2.0 for label in structure.labels])
    return Fit(
        names=design.names,
        b=before + point.b * by_column,
        vcov=point.vcov * np.outer(by_column, by_column),
        covariance=derivatives.matrix * unit**2,
        parameters=pd.Series(values * unit**powers, index=list(structure.labels)),
        log_likelihood=point.value - n * float(np.log(unit)) + (float(np.log(by_column).sum()) if restricted else 0.0),
        method=method,
        singular=structure.at_the_edge(found),
        n_patients=len(data.y),
        n_observations=n,
        iterations=iterations,
        point=point,
        structure=structure,
        free=found,
        b_scale=by_column,
    )


def hessian(point: Point, derivatives: Derivatives) -> FloatArray:
    """(K, K) of the log-likelihood by the parameters whose derivatives are given."""
    return point.curvature(derivatives.first) + derivatives.second(point.slope)


def _highest(likelihood: Likelihood, structure: Structure, rough: FloatArray) -> tuple[FloatArray, int]:
    best, highest, iterations = None, -np.inf, 0
    for start in structure.starts(rough):
        found = _climb(likelihood, structure, start)
        iterations += found.nit
        if np.isfinite(found.fun) and -found.fun > highest + 1e-9 * abs(highest if best is not None else 1.0):
            best, highest = found.x, -found.fun
    if best is None:
        raise NotConverged(_no_maximum(structure))
    for _ in range(20):
        derivatives = structure.free(best)
        if np.linalg.cond(derivatives.matrix) > 1 / NO_SPREAD:
            raise NotConverged(_no_maximum(structure))
        point = likelihood.at(derivatives.matrix)
        gradient = np.einsum("ktu,tu->k", derivatives.first, point.slope)
        step, distance = _newton(gradient, hessian(point, derivatives))
        if distance < CONVERGED * 1e-6:
            break
        best = best + step
    if not distance < CONVERGED:
        raise NotConverged(_no_maximum(structure))
    return best, iterations


def _climb(likelihood: Likelihood, structure: Structure, start: FloatArray):
    last: dict[bytes, tuple[Derivatives, Point | None]] = {}

    def at(flat: FloatArray) -> tuple[Derivatives, Point | None]:
        key = flat.tobytes()
        if key not in last:
            last.clear()
            derivatives = structure.free(flat)
            try:
                last[key] = derivatives, likelihood.at(derivatives.matrix)
            except np.linalg.LinAlgError:
                last[key] = derivatives, None
        return last[key]

    def value(flat: FloatArray) -> float:
        point = at(flat)[1]
        return np.inf if point is None else -point.value

    def gradient(flat: FloatArray) -> FloatArray:
        derivatives, point = at(flat)
        assert point is not None
        return -np.einsum("ktu,tu->k", derivatives.first, point.slope)

    def curvature(flat: FloatArray) -> FloatArray:
        derivatives, point = at(flat)
        assert point is not None
        return -hessian(point, derivatives)

    size = np.sqrt(likelihood.n_observations)
    options = {"gtol": 1e-7 * size, "maxiter": 500, "initial_trust_radius": 0.5, "max_trust_radius": 5.0}
    return minimize(value, start, jac=gradient, hess=curvature, method="trust-exact", options=options)


def _newton(gradient: FloatArray, curvature: FloatArray) -> tuple[FloatArray, float]:
    """The step to the maximum, and its squared length in standard errors; directions without curvature are left out."""
    values, vectors = np.linalg.eigh(-curvature)
    along = vectors.T @ gradient
    kept = np.abs(values) > 1e-9 * np.abs(values).max()
    inside = np.divide(along, values, out=np.zeros_like(along), where=kept)
    distance = float((along * inside)[kept].sum()) if (values[kept] > 0).all() else np.inf
    return vectors @ inside, abs(distance)


def _rough(residual: FloatArray) -> FloatArray:
    """A positive definite covariance not far from the data: the variances of the visits, and a correlation of a half."""
    variance = np.nanmean(residual**2, axis=0)
    variance = np.maximum(variance, 1e-3 * variance.max())
    half = np.full((len(variance), len(variance)), 0.5)
    np.fill_diagonal(half, 1.0)
    return half * np.sqrt(np.outer(variance, variance))


def _no_maximum(structure: Structure) -> str:
    return (
        f"the {structure.name} covariance could not be estimated: the likelihood has no maximum with a positive variance "
        "in every direction; a structure with fewer parameters may have one"
    )


def _least_squares(x: FloatArray, y: FloatArray, names: tuple[str, ...]) -> FloatArray:
    """Coefficients by QR. Raises for the first fixed effect that the data can not tell from those before it."""
    q, r = np.linalg.qr(x)
    for position in np.flatnonzero(np.abs(np.diag(r)) < 1e-9):
        raise ValueError(f"the fixed effect {names[position]!r} can not be told apart from the others in these data")
    return np.asarray(solve_triangular(r, q.T @ y))


def _refuse_unseen_pairs(observed: np.ndarray, times: FloatArray) -> None:
    together = observed.T.astype(float) @ observed
    for i, j in np.argwhere(together < 2):
        raise ValueError(f"fewer than two patients were measured both at {times[i]:g} and at {times[j]:g}")
