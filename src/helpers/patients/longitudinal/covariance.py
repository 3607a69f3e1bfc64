"""Covariance of one patient's measurements, as a function of free parameters and of those that are reported.

Free parameters keep the covariance positive semidefinite whatever their values (triangular factors, roots of variances),
so that a maximum at the edge is found there. Reported ones are the variances, covariances or correlation themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from helpers.effects.checks import check_choice
from helpers.patients.longitudinal.measures import FloatArray

STRUCTURES = (
    "unstructured",
    "ar1",
    "continuous-ar1",
    "compound-symmetry",
    "random-intercept",
    "random-intercept-slope",
)


@dataclass(frozen=True, eq=False)
class Derivatives:
    """Of the (T, T) covariance: matrix, first (K, T, T), and second, which turns S (T, T) into (K, K) sums S * d2V."""

    matrix: FloatArray
    first: FloatArray
    second: Callable[[FloatArray], FloatArray]

    def bend(self, weights: FloatArray) -> FloatArray:
        """(T, T): sum over pairs of parameters of weights (K, K) times the second derivative."""
        entries = np.eye(self.matrix.size).reshape(-1, *self.matrix.shape)
        return np.array([(weights * self.second(entry)).sum() for entry in entries]).reshape(self.matrix.shape)


@dataclass(frozen=True, eq=False)
class Component:
    """basis L L' basis', with L (r, r) lower triangular and free, summed over several bases (b, T, r)."""

    label: str
    basis: FloatArray
    names: tuple[str, ...]
    scale: FloatArray  # (r,): the basis was divided by these, so that its columns are of like size
    bounded: bool  # an interior maximum is not sure: the variance may be estimated as zero

    @property
    def size(self) -> int:
        return self.basis.shape[2]

    @property
    def triangle(self) -> tuple[np.ndarray, np.ndarray]:
        return np.tril_indices(self.size)

    def gather(self, s: FloatArray) -> FloatArray:
        """(r, r) derivative with respect to L L', from that with respect to the covariance."""
        return np.einsum("btr,tu,bus->rs", self.basis, s, self.basis)

    def spread(self, inner: FloatArray) -> FloatArray:
        """(..., T, T) from (..., r, r)."""
        return np.einsum("btr,...rs,bus->...tu", self.basis, inner, self.basis)


class SumOfComponents:
    """V = sum of components: unstructured, compound symmetry, random effects. Reported: the entries of each L L'."""

    linear = True

    def __init__(self, name: str, components: tuple[Component, ...]) -> None:
        self.name, self.components = name, components
        self.cuts = np.cumsum([0, *(len(c.triangle[0]) for c in components)])

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(
            f"variance of {c.names[i]}" if i == j else f"covariance of {c.names[j]} and {c.names[i]}"
            for c in self.components
            for i, j in zip(*c.triangle, strict=True)
        )

    def _pieces(self, flat: FloatArray) -> list[tuple[Component, FloatArray]]:
        pieces = []
        for c, start, end in zip(self.components, self.cuts[:-1], self.cuts[1:], strict=True):
            factor = np.zeros((c.size, c.size))
            factor[c.triangle] = flat[start:end]
            pieces.append((c, factor))
        return pieces

    def starts(self, v: FloatArray) -> list[FloatArray]:
        """From a rough covariance: as it is, and with a tenth of the components beside the last."""
        whole = [c.spread(np.eye(c.size)) for c in self.components]
        total = float(np.trace(v)) / sum(float(np.trace(part)) for part in whole)
        if len(self.components) == 1:
            return [np.linalg.cholesky(v)[self.components[0].triangle]]
        shares = (1.0, 0.1) if any(c.bounded for c in self.components) else (1.0,)
        return [
            np.concatenate(
                [np.sqrt(total * (share if c.bounded else 1.0)) * np.eye(c.size)[c.triangle] for c in self.components]
            )
            for share in shares
        ]

    def free(self, flat: FloatArray) -> Derivatives:
        pieces = self._pieces(flat)
        matrix = sum(c.spread(factor @ factor.T) for c, factor in pieces)
        first = []
        for c, factor in pieces:
            for i, j in zip(*c.triangle, strict=True):
                inner = np.zeros((c.size, c.size))
                inner[i] = factor[:, j]
                first.append(c.spread(inner + inner.T))

        def second(s: FloatArray) -> FloatArray:
            result = np.zeros((len(flat), len(flat)))
            for c, start, end in zip(self.components, self.cuts[:-1], self.cuts[1:], strict=True):
                i, j = c.triangle
                result[start:end, start:end] = 2 * c.gather(s)[np.ix_(i, i)] * (j[:, None] == j)
            return result

        return Derivatives(np.asarray(matrix), np.array(first), second)

    def reported(self, flat: FloatArray) -> tuple[FloatArray, Derivatives]:
        """The reported parameters, for times in their own unit, and the derivatives by them for times scaled to 1."""
        pieces, values, first = self._pieces(flat), [], []
        for c, factor in pieces:
            inner = factor @ factor.T / np.outer(c.scale, c.scale)
            for i, j in zip(*c.triangle, strict=True):
                values.append(inner[i, j])
                unit = np.zeros((c.size, c.size))
                unit[i, j] = unit[j, i] = 1.0
                first.append(c.spread(unit))
        k = len(flat)
        return np.array(values), Derivatives(self.free(flat).matrix, np.array(first), lambda s: np.zeros((k, k)))

    def at_the_edge(self, flat: FloatArray, tolerance: float = 1e-4) -> str:
        """Which component has no variance in some direction, beside the rest; empty where none."""
        pieces = self._pieces(flat)
        largest = max(float(np.abs(c.spread(f @ f.T)).max()) for c, f in pieces)
        for c, factor in pieces:
            scale = largest / float(np.abs(c.spread(np.eye(c.size))).max())
            if c.bounded and np.linalg.eigvalsh(factor @ factor.T)[0] < tolerance**2 * scale:
                return c.label
        return ""


class CompoundSymmetry(SumOfComponents):
    """One variance, one covariance. Reported as those two; free are the roots of the two eigenvalues."""

    def __init__(self, times: int) -> None:
        one = np.ones(1)
        contrasts = np.linalg.svd(np.eye(times) - 1 / times)[0][:, : times - 1]
        mean = Component("the patients' means", np.full((1, times, 1), times**-0.5), ("",), one, False)
        around = Component("the deviations from them", contrasts.T[:, :, None], ("",), one, False)
        super().__init__("compound-symmetry", (mean, around))
        self.times = times

    @property
    def labels(self) -> tuple[str, ...]:
        return ("variance", "covariance")

    def reported(self, flat: FloatArray) -> tuple[FloatArray, Derivatives]:
        v = self.free(flat).matrix
        first = np.array([np.eye(self.times), 1 - np.eye(self.times)])
        return v[0, :2].copy(), Derivatives(v, first, lambda s: np.zeros((2, 2)))


class AutoRegressive:
    """V = variance * correlation ** distance. Free: log of the standard deviation, and the correlation's tanh or logit."""

    linear = False
    labels = ("variance", "correlation")

    def __init__(self, distance: FloatArray, name: str) -> None:
        self.distance, self.name = distance, name
        self.whole = bool(np.all(distance == np.round(distance)))  # else a negative correlation has no meaning

    def starts(self, v: FloatArray) -> list[FloatArray]:
        return [np.array([np.log(np.trace(v) / len(v)) / 2, start]) for start in (0.5, 1.5)]

    def _correlation(self, free: float) -> tuple[float, float, float]:
        """The correlation and its two derivatives by the free parameter."""
        if self.whole:
            rho = float(np.tanh(free))
            return rho, 1 - rho**2, -2 * rho * (1 - rho**2)
        rho = float(expit(free))
        return rho, rho * (1 - rho), rho * (1 - rho) * (1 - 2 * rho)

    def _powers(self, rho: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """rho ** distance and its two derivatives."""
        d = self.distance

        def term(factor: FloatArray, exponent: FloatArray) -> FloatArray:
            return factor * rho ** np.where(factor == 0, 0.0, exponent)

        return rho**d, term(d, d - 1), term(d * (d - 1), d - 2)

    def free(self, flat: FloatArray) -> Derivatives:
        variance, (rho, slope, bend) = float(np.exp(2 * flat[0])), self._correlation(flat[1])
        r, r1, r2 = self._powers(rho)

        def second(s: FloatArray) -> FloatArray:
            both = 2 * variance * slope * (s * r1).sum()
            within = variance * (s * (r2 * slope**2 + r1 * bend)).sum()
            return np.array([[4 * variance * (s * r).sum(), both], [both, within]])

        return Derivatives(variance * r, np.array([2 * variance * r, variance * slope * r1]), second)

    def reported(self, flat: FloatArray) -> tuple[FloatArray, Derivatives]:
        variance, (rho, _, _) = float(np.exp(2 * flat[0])), self._correlation(flat[1])
        r, r1, r2 = self._powers(rho)

        def second(s: FloatArray) -> FloatArray:
            both = (s * r1).sum()
            return np.array([[0.0, both], [both, variance * (s * r2).sum()]])

        return np.array([variance, rho]), Derivatives(variance * r, np.array([r, variance * r1]), second)

    def at_the_edge(self, flat: FloatArray, tolerance: float = 1e-4) -> str:
        rho, _, _ = self._correlation(flat[1])
        return "the correlation" if rho > 1 - tolerance or (not self.whole and rho < tolerance) else ""


Structure = SumOfComponents | AutoRegressive


def structure(name: str, times: FloatArray, labels: tuple[str, ...]) -> Structure:
    """The structure `name` for visits at `times` (T,), called `labels`.

    unstructured: any covariance. ar1: one variance, correlation to the power of the number of visits between.
    continuous-ar1: the same with the time between, in units of the median gap. compound-symmetry: one variance, one
    correlation, which may be negative. random-intercept(-slope): patients differ by a constant (and by a slope over time)
    around independent, equal errors; variances may come out as zero.
    Raises ValueError for an unknown name, and for a structure that needs more visits than there are.
    """
    check_choice("covariance", name, STRUCTURES)
    t = len(times)
    one = np.ones(1)
    error = Component("the error variance", np.eye(t)[:, :, None], ("the error",), one, False)
    if t == 1 and name != "unstructured":
        raise ValueError(f"covariance: {name!r} needs two visits or more; with one there is only a variance")
    if name == "unstructured":
        return SumOfComponents(name, (Component("the covariance", np.eye(t)[None], labels, np.ones(t), False),))
    if name == "ar1":
        position = np.arange(t, dtype=float)
        return AutoRegressive(np.abs(position[:, None] - position), name)
    if name == "continuous-ar1":
        return AutoRegressive(np.abs(times[:, None] - times) / np.median(np.diff(times)), name)
    if name == "compound-symmetry":
        return CompoundSymmetry(t)
    if name == "random-intercept":
        intercept = Component("the random intercept", np.ones((1, t, 1)), ("the intercept",), one, True)
        return SumOfComponents(name, (intercept, error))
    if t < 3:
        raise ValueError("covariance: 'random-intercept-slope' needs three visits or more")
    scale = np.array([1.0, float(np.abs(times).max())])
    basis = np.column_stack([np.ones(t), times]) / scale
    slopes = Component("the random effects", basis[None], ("the intercept", "the slope"), scale, True)
    return SumOfComponents(name, (slopes, error))
