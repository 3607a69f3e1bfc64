"""Tests and intervals of fixed effects with degrees of freedom for small samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import f as f_distribution

from helpers.effects.checks import check_choice, check_level
from helpers.patients.longitudinal.fitting import Fit, hessian
from helpers.patients.longitudinal.measures import FloatArray
from helpers.synthesis.coefficients import coefficient_table

DEGREES = ("satterthwaite", "kenward-roger")
NO_DIRECTION = 1e-9


@dataclass(frozen=True)
class WaldTest:
    """F of the hypothesis that some combinations of the fixed effects are all zero, on df1 and df2 degrees of freedom."""

    F: float
    df1: int
    df2: float
    p: float


class Inference:
    """What the fixed effects of a fit are worth. The contrasts asked for are (m, p), a row a combination of effects.

    df "satterthwaite": matched to the variance of the contrast's variance by the observed information, for several rows by
    way of their principal directions (Giesbrecht and Burns 1985, doi:10.2307/2530906; Fai and Cornelius 1996,
    doi:10.1080/00949659608811740). "kenward-roger": that by the expected information, with the covariance of the fixed
    effects corrected for the estimation of the variances and F scaled (Kenward and Roger 1997, doi:10.2307/2533558).
    """

    def __init__(self, fit: Fit, df: str = "satterthwaite") -> None:
        check_choice("df", df, DEGREES)
        self.fit, self.df = fit, df
        self.scale = fit.b_scale
        point = fit.point
        if df == "satterthwaite":
            derivatives = fit.structure.free(fit.free)
            information = -hessian(point, derivatives)
            self.vcov = point.vcov
        else:
            _, derivatives = fit.structure.reported(fit.free)
            information = point.expected_information(derivatives.first)
        # along the edge of a singular fit a free parameter has no first derivative, and so no part in the variance
        self.spread = np.asarray(np.linalg.pinv(information, rcond=1e-10, hermitian=True), dtype=float)
        by_parameter = point.design_derivatives(derivatives.first)
        self.changes = point.vcov @ by_parameter @ point.vcov  # (K, p, p) of vcov
        if df == "kenward-roger":
            bias = point.design_products(self.spread, derivatives.first)
            bias -= np.einsum("kl,kpq,lqr->pr", self.spread, by_parameter @ point.vcov, by_parameter, optimize=True)
            bias -= point.design_sandwich(derivatives.bend(self.spread)) / 4
            self.vcov = point.vcov + 2 * point.vcov @ bias @ point.vcov

    def contrasts(self, rows: FloatArray, names: list[str], level: float = 0.95) -> pd.DataFrame:
        """estimate, se, statistic, df, p, ci_low, ci_high a row of `rows`."""
        check_level(level)
        rows = np.atleast_2d(rows)
        scaled = rows * self.scale
        freedom = np.array([self._single(row) for row in scaled])
        return coefficient_table(names, rows @ self.fit.b, scaled @ self.vcov @ scaled.T, freedom, level)

    def test(self, rows: FloatArray) -> WaldTest:
        """That rows @ b is zero; rows that follow from others count once. Raises ValueError where nothing is left."""
        scaled = np.atleast_2d(rows) * self.scale
        _, size, directions = np.linalg.svd(scaled, full_matrices=False)
        basis = directions[size > NO_DIRECTION * max(size.max(), 1e-300)]
        if size.max() == 0:
            raise ValueError("rows: every contrast is zero, so there is nothing to test")
        value = basis @ (self.fit.b / self.scale)
        q = len(basis)
        statistic = float(value @ np.linalg.solve(basis @ self.vcov @ basis.T, value)) / q
        if q == 1:
            df2, factor = self._single(basis[0]), 1.0
        elif self.df == "satterthwaite":
            _, axes = np.linalg.eigh(basis @ self.vcov @ basis.T)
            df2, factor = _of_several(np.array([self._single(axis @ basis) for axis in axes.T])), 1.0
        else:
            df2, factor = self._kenward_roger(basis)
        statistic *= factor
        return WaldTest(statistic, q, df2, float(f_distribution.sf(statistic, q, df2)))

    def _single(self, row: FloatArray) -> float:
        """Degrees of freedom of one contrast; infinite where its variance does not depend on what was estimated."""
        if not row.any():
            return np.inf
        if self.df == "kenward-roger":
            return self._kenward_roger(row[None])[0]
        change = np.einsum("p,kpq,q->k", row, self.changes, row)
        return _ratio(2 * float(row @ self.vcov @ row) ** 2, float(change @ self.spread @ change))

    def _kenward_roger(self, rows: FloatArray) -> tuple[float, float]:
        """Degrees of freedom, and what F is multiplied by."""
        q = len(rows)
        inverse = np.linalg.inv(rows @ self.fit.point.vcov @ rows.T)
        inner = inverse @ (rows @ self.changes @ rows.T)  # (K, q, q)
        traces = np.trace(inner, axis1=1, axis2=2)
        a1 = float(traces @ self.spread @ traces)
        a2 = float(np.einsum("kl,kab,lba->", self.spread, inner, inner, optimize=True))
        if a2 < 1e-14:
            return np.inf, 1.0
        b = (a1 + 6 * a2) / (2 * q)
        g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
        below = 3 * q + 2 * (1 - g)
        c1, c2, c3 = g / below, (q - g) / below, (q + 2 - g) / below
        expectation = 1 / (1 - a2 / q)
        variance = 2 / q * (1 + c1 * b) / ((1 - c2 * b) ** 2 * (1 - c3 * b))
        rho = variance / (2 * expectation**2)
        df = 4 + (q + 2) / (q * rho - 1)
        return float(df), float(df / (expectation * (df - 2)))


def _of_several(df: FloatArray) -> float:
    """Degrees of freedom of F from those of its independent directions."""
    if np.isinf(df).all():
        return np.inf
    if np.ptp(df) < 1e-8 * df.min():
        return float(df.mean())
    expected = float(np.where(np.isinf(df), 1.0, df / (df - 2))[df > 2].sum())
    return 2 * expected / (expected - len(df)) if expected > len(df) else 2.0


def _ratio(over: float, under: float) -> float:
    return over / under if under > 1e-14 * over else np.inf
