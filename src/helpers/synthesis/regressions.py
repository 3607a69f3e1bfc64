"""Weighted least squares of many meta-regressions at once, and tau2 between trials that moderators leave unexplained.

P = W - WX (X'WX)^-1 X'W is the matrix of the residual sum of squares y'Py, which the estimators are made of. It is taken
from the orthonormal q of W^(1/2) X, so that nothing is lost where moderators lie far from zero.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from helpers.synthesis.generalized_q import solve
from helpers.synthesis.likelihood import NEGLIGIBLE, highest_peak, tau2_grid
from helpers.synthesis.trials import FloatArray


@dataclass(frozen=True, eq=False)
class Regressions:
    """m meta-regressions of k trials on p columns."""

    yi: FloatArray  # (m, k)
    vi: FloatArray  # (m, k)
    design: FloatArray  # (m, k, p)

    @property
    def df(self) -> int:
        return self.design.shape[1] - self.design.shape[2]


@dataclass(frozen=True, eq=False)
class Projected:
    """A fit with given weights; arrays start with the shape of the variances it was made for, here (m,)."""

    w: FloatArray  # (m, k)
    q: FloatArray  # (m, k, p) orthonormal
    r: FloatArray  # (m, p, p) triangular, q r = W^(1/2) X
    rotated: FloatArray  # (m, p), q' W^(1/2) y
    residual: FloatArray  # (m, k), W^(1/2) (y - Xb)

    @property
    def qe(self) -> FloatArray:
        """y'Py."""
        return np.vecdot(self.residual, self.residual)

    @property
    def qpp(self) -> FloatArray:
        """y'PPy, minus the derivative of y'Py with respect to tau2."""
        return np.vecdot(self.w * self.residual, self.residual)

    @property
    def qppp(self) -> FloatArray:
        """y'PPPy."""
        u = self.w * self.residual
        u = u - (self.q @ (self.q.swapaxes(-1, -2) @ u[..., None]))[..., 0]
        return np.vecdot(u, u)

    @property
    def free(self) -> FloatArray:
        """1 - hat values, (m, k)."""
        return 1 - np.vecdot(self.q, self.q)

    @property
    def trace_p(self) -> FloatArray:
        return np.vecdot(self.w, self.free)

    @property
    def trace_pp(self) -> FloatArray:
        within = self.q.swapaxes(-1, -2) @ (self.w[..., None] * self.q)
        return np.vecdot(self.w**2, 2 * self.free - 1) + (within**2).sum(axis=(-1, -2))

    @property
    def log_determinant(self) -> FloatArray:
        """log |X'WX|."""
        return np.log(np.diagonal(self.r, axis1=-2, axis2=-1) ** 2).sum(axis=-1)

    @property
    def coefficients(self) -> FloatArray:
        return np.linalg.solve(self.r, self.rotated[..., None])[..., 0].astype(float)

    @property
    def inverse(self) -> FloatArray:
        """(X'WX)^-1, (m, p, p)."""
        root = np.linalg.inv(self.r)
        return root @ root.swapaxes(-1, -2)


def project(data: Regressions, variance: FloatArray) -> Projected:
    """Least squares with weights 1/variance; variance (m, k), or (m, points, k) for several at once."""
    root = 1 / np.sqrt(variance)
    extra = (slice(None),) + (None,) * (variance.ndim - 2)
    y, design = data.yi[extra], data.design[extra]
    q, r = np.linalg.qr(root[..., None] * design)
    z = root * y
    rotated = (q.swapaxes(-1, -2) @ z[..., None])[..., 0]
    return Projected(root**2, q, r, rotated, z - (q @ rotated[..., None])[..., 0])


def dersimonian_laird(data: Regressions) -> FloatArray:
    fit = project(data, data.vi)
    return np.maximum(0, (fit.qe - data.df) / fit.trace_p)


def hedges(data: Regressions) -> FloatArray:
    fit = project(data, np.ones_like(data.vi))
    return np.maximum(0, (fit.qe - np.vecdot(fit.free, data.vi)) / data.df)


def hunter_schmidt(data: Regressions) -> FloatArray:
    fit = project(data, data.vi)
    return np.maximum(0, (fit.qe - data.yi.shape[1]) / fit.w.sum(axis=1))


def sidik_jonkman(data: Regressions) -> FloatArray:
    crude = data.yi.var(axis=1)
    return crude * project(data, data.vi + crude[:, None]).qe / data.df


def paule_mandel(data: Regressions) -> FloatArray:
    def q_and_qpp(tau2: FloatArray) -> tuple[FloatArray, FloatArray]:
        fit = project(data, data.vi + tau2[:, None])
        return fit.qe, fit.qpp

    return solve(q_and_qpp, np.full(len(data.yi), float(data.df)))


def maximum_likelihood(data: Regressions) -> FloatArray:
    return _maximise(data, restricted=False)


def restricted_maximum_likelihood(data: Regressions) -> FloatArray:
    return _maximise(data, restricted=True)


def _maximise(data: Regressions, restricted: bool) -> FloatArray:
    """As likelihood.maximise. The score is below zero from the unweighted residual sum of squares on, because
    y'PPy <= tr(P) y'Py."""
    smallest = data.vi.min(axis=1)
    grid = tau2_grid(smallest, project(data, np.ones_like(data.vi)).qe)
    variance = data.vi[:, None, :] + grid[:, :, None]
    on_grid = project(data, variance)
    height = -on_grid.qe - np.log(variance).sum(axis=2) - (on_grid.log_determinant if restricted else 0)

    def score(tau2: FloatArray) -> tuple[FloatArray, FloatArray]:
        fit = project(data, data.vi + tau2[:, None])
        if restricted:
            return fit.qpp - fit.trace_p, fit.trace_pp - 2 * fit.qppp
        return fit.qpp - fit.w.sum(axis=1), (fit.w**2).sum(axis=1) - 2 * fit.qppp

    return highest_peak(grid, height, score, NEGLIGIBLE * smallest)


TAU2: dict[str, Callable[[Regressions], FloatArray]] = {
    "EE": lambda data: np.zeros(len(data.yi)),
    "DL": dersimonian_laird,
    "HE": hedges,
    "HS": hunter_schmidt,
    "SJ": sidik_jonkman,
    "ML": maximum_likelihood,
    "REML": restricted_maximum_likelihood,
    "EB": paule_mandel,
    "PM": paule_mandel,
}
