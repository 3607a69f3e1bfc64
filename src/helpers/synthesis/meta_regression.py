"""Meta-regression: do trials with other characteristics find other effects?"""

from dataclasses import dataclass, field
from math import inf, nan

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtrc, fdtrc, ndtri, stdtrit

from helpers.effects.checks import check_choice, check_level
from helpers.synthesis.coefficients import coefficient_table
from helpers.synthesis.moderators import Coding
from helpers.synthesis.pooling import METHODS, TESTS, i2_and_h2, pool
from helpers.synthesis.regressions import TAU2, Regressions, project
from helpers.synthesis.trials import FloatArray, one_meta_analysis


@dataclass(frozen=True, eq=False)
class MetaRegression:
    """A fitted meta-regression, on the scale of yi.

    coefficients: a row a column of the design, with estimate, se, statistic, df, p, ci_low, ci_high. df is nan for a
    normal test. QM tests all coefficients but the intercept (the intercept where it stands alone): chi-square with
    QM_df[0] df under "z", else F with QM_df. QE tests the heterogeneity left. I2 and R2 in percent; R2 is 0 where there is
    no heterogeneity to explain.
    """

    k: int
    coefficients: pd.DataFrame
    QM: float
    QM_df: tuple[int, float]
    QM_p: float
    QE: float
    QE_df: int
    QE_p: float
    tau2: float
    I2: float
    H2: float
    R2: float
    method: str
    test: str
    level: float
    vcov: FloatArray = field(repr=False)  # (p, p), of the coefficients
    yi: FloatArray = field(repr=False)
    vi: FloatArray = field(repr=False)
    design: FloatArray = field(repr=False)  # (k, p)
    coding: Coding = field(repr=False)

    @property
    def covariance(self) -> FloatArray:
        """(k, k) covariance of yi under the model."""
        return np.diag(self.vi + self.tau2)

    def to_frame(self) -> pd.DataFrame:
        """The coefficients."""
        return self.coefficients

    def predict(self, moderators: pd.DataFrame | None = None) -> pd.DataFrame:
        """Mean effects at given moderators (a row each; without, at those of the trials): estimate, se, confidence
        limits, and prediction limits with the variance se^2 + tau2 and the quantile of the test; nan under EE.

        Raises ValueError for a missing column or value and for a level no trial has.
        """
        design = self.design if moderators is None else self.coding.design(moderators)
        estimate = design @ self.coefficients["estimate"].to_numpy()
        se = np.sqrt(np.vecdot(design @ self.vcov, design))
        quantile = _quantile(self.test, self.QE_df, self.level)
        half = quantile * np.sqrt(se**2 + (nan if self.method == "EE" else self.tau2))
        return pd.DataFrame({
            "estimate": estimate, "se": se, "ci_low": estimate - quantile * se, "ci_high": estimate + quantile * se,
            "pi_low": estimate - half, "pi_high": estimate + half,
        }, index=None if moderators is None else moderators.index)  # fmt: skip

    def __repr__(self) -> str:
        kind = "F" if np.isfinite(self.QM_df[1]) else "chi-square"
        return (
            f"MetaRegression {self.method}, {self.test}, k = {self.k}\n"
            f"{self.coefficients.to_string(float_format='%.4g')}\n"
            f"  moderators: QM {self.QM:.4g} ({kind}, {self.QM_df[0]} df), p = {self.QM_p:.4g}; R2 {self.R2:.1f}%\n"
            f"  residual: tau2 {self.tau2:.4g}, I2 {self.I2:.1f}%, QE {self.QE:.4g} on {self.QE_df} df"
            f" (p = {self.QE_p:.4g})"
        )


def meta_regression(
    yi: ArrayLike,
    vi: ArrayLike,
    moderators: pd.DataFrame,
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
) -> MetaRegression:
    """Weighted regression of effect sizes on moderators, with weights 1 / (vi + tau2).

    yi, vi, method, test, level as for pool; df are k - p. moderators: a row a trial; numbers enter as they are,
    categories (text, bool, categorical) as one column a level against the first: the first category, else the lowest.
    Under "knha" the variances are multiplied by QE(tau2) / (k - p), under "adhoc" by no less than 1.
    R2 = (tau2 without moderators - tau2) / tau2 without, not below 0; under EE the adjusted R2 of the weighted fit.
    Raises ValueError as pool; for missing moderators, as many columns as trials or more, and columns that follow from
    each other. Knapp and Hartung 2003, doi:10.1002/sim.1482; Raudenbush 2009, in The handbook of research synthesis.
    """
    check_choice("method", method, METHODS)
    check_choice("test", test, TESTS)
    check_level(level)
    trials = one_meta_analysis(yi, vi)
    if len(moderators) != trials.yi.size:
        raise ValueError(f"moderators and yi differ in length: {len(moderators)} and {trials.yi.size}")
    coding = Coding.of(moderators)
    design = coding.full_rank_design(moderators)
    k, p = design.shape
    data = Regressions(trials.yi, trials.vi, design[None])
    fixed, fitted = project(data, data.vi), fit(data, method, test)
    b, vcov, tau2 = fitted.b[0], fitted.vcov[0], float(fitted.tau2[0])
    df, normal = k - p, test == "z"
    coefficients = coefficient_table(coding.names, b, vcov, None if normal else df, level)
    qe, qm, tested = float(fixed.qe[0]), float(fitted.qm[0]), max(1, p - 1)
    if method == "EE":
        i2, h2 = 100 * (1 - df / qe) if qe > df else 0.0, qe / df
    else:
        i2, h2 = (float(value[0]) for value in i2_and_h2(fitted.tau2, df / fixed.trace_p))
    return MetaRegression(
        k=k, coefficients=coefficients, QM=qm, QM_df=(tested, inf if normal else df),
        QM_p=float(chdtrc(tested, qm) if normal else fdtrc(tested, df, qm)), QE=qe, QE_df=df,
        QE_p=float(chdtrc(df, qe)), tau2=tau2, I2=i2, H2=h2, R2=_r2(data, method, tau2, qe / df),
        method=method, test=test, level=level, vcov=vcov, yi=trials.yi[0], vi=trials.vi[0], design=design, coding=coding,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Fit:
    """The numbers of m meta-regressions that a permutation test needs."""

    b: FloatArray  # (m, p)
    vcov: FloatArray  # (m, p, p)
    qm: FloatArray  # (m,)
    tau2: FloatArray  # (m,)


def fit(data: Regressions, method: str, test: str) -> Fit:
    tau2 = TAU2[method](data)
    projected = project(data, data.vi + tau2[:, None])
    b, vcov = projected.coefficients, projected.inverse
    tested = slice(1, None) if b.shape[1] > 1 else slice(None)
    part = b[:, tested]
    qm = np.vecdot(np.linalg.solve(vcov[:, tested, tested], part[..., None])[..., 0], part)
    if test != "z":
        factor = projected.qe / data.df
        if test == "adhoc":
            factor = np.maximum(factor, 1)
        with np.errstate(divide="ignore", invalid="ignore"):  # effects that lie on the line: the factor is zero
            vcov, qm = vcov * factor[:, None, None], qm / factor / part.shape[1]
    return Fit(b, vcov, qm, tau2)


def _quantile(test: str, df: float, level: float) -> float:
    upper = (1 + level) / 2
    return float(ndtri(upper) if test == "z" else stdtrit(df, upper))


def _r2(data: Regressions, method: str, tau2: float, h2: float) -> float:
    without = pool(data.yi[0], data.vi[0], method, "z")
    total, left = (without.H2, h2) if method == "EE" else (without.tau2, tau2)
    return max(0.0, 100 * (1 - left / total)) if total > 0 else 0.0
