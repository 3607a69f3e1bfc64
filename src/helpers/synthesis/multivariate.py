"""Multivariate meta-analysis: several outcomes, or one at several times, pooled together with their correlation."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from helpers.effects.checks import check_choice, check_level, positive
from helpers.effects.checks import numbers as finite_numbers
from helpers.synthesis.coefficients import coefficient_table
from helpers.synthesis.mixed_model import (
    MixedModel,
    RandomEffect,
    fit_mixed,
    generalized_least_squares,
    known_covariance,
)
from helpers.synthesis.multilevel import METHODS, TESTS
from helpers.synthesis.trials import FloatArray


@dataclass(frozen=True, eq=False)
class Multivariate:
    """coefficients: the pooled effect of each outcome, a row each, as in MetaRegression. tau2: variance between trials
    of each outcome; rho: correlation between outcomes of the true effects, nan where a tau2 is zero.

    QE, chi-square with QE_df: heterogeneity of the effects under V alone. covariance: (k, k) of yi under the model.
    """

    k: int
    trials: int
    coefficients: pd.DataFrame
    tau2: pd.Series
    rho: pd.DataFrame
    QE: float
    QE_df: int
    QE_p: float
    log_likelihood: float
    method: str
    test: str
    level: float
    vcov: FloatArray = field(repr=False)
    yi: FloatArray = field(repr=False)
    design: FloatArray = field(repr=False)
    covariance: FloatArray = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """The coefficients."""
        return self.coefficients

    def __repr__(self) -> str:
        tau2 = ", ".join(f"{name} {value:.4g}" for name, value in self.tau2.items())
        return (
            f"Multivariate {self.method}, {self.test}, k = {self.k} in {self.trials} trials\n"
            f"{self.coefficients.to_string(float_format='%.4g')}\n  tau2 {tau2}\n"
            f"  QE {self.QE:.4g} on {self.QE_df} df (p = {self.QE_p:.4g})"
        )


def multivariate(
    yi: ArrayLike,
    V: ArrayLike,
    outcome: ArrayLike,
    trial: ArrayLike,
    method: str = "REML",
    test: str = "z",
    level: float = 0.95,
) -> Multivariate:
    """One pooled effect an outcome, with an unstructured covariance of the true effects between trials.

    yi: (k,) effect sizes, a row an outcome of a trial. V: (k, k) their known covariance (see within_trial_covariance),
    or (k,) variances of independent ones. outcome, trial: (k,) labels; outcomes come in sorted order, a trial may lack
    some. method: REML or ML; test: "z", or "t" with k - p df. With q outcomes q (q + 1) / 2 numbers are estimated: for
    few trials a multilevel model, with the outcome as moderator, asks for less.
    Raises ValueError as multilevel, and where a trial gives an outcome twice or an outcome has fewer than two trials.
    Van Houwelingen, Arends and Stijnen 2002, doi:10.1002/sim.1040; Jackson, Riley and White 2011, doi:10.1002/sim.4172.
    """
    check_choice("method", method, METHODS)
    check_choice("test", test, TESTS)
    check_level(level)
    (y,) = finite_numbers(yi=yi)
    known = known_covariance("V", V, y.size)
    rows = pd.DataFrame({"outcome": _labels("outcome", outcome, y.size), "trial": _labels("trial", trial, y.size)})
    for _, twice in rows[rows.duplicated()].iterrows():
        raise ValueError(f"outcome: trial {twice['trial']} gives {twice['outcome']} twice")
    kind, names = pd.factorize(rows["outcome"], sort=True)
    group, trials = pd.factorize(rows["trial"])
    for name, trials_with in zip(names, np.bincount(kind), strict=True):
        if trials_with < 2:
            raise ValueError(f"outcome: {name} needs at least two trials, got {trials_with}")
    design = np.eye(len(names))[kind]
    fitted = fit_mixed(MixedModel(y, known, design, (RandomEffect(group, kind),), method == "REML"))
    (g,) = fitted.components
    df = y.size - len(names)
    qe = generalized_least_squares(y, known, design)[2]
    with np.errstate(invalid="ignore", divide="ignore"):
        rho = np.clip(g / np.sqrt(np.outer(np.diag(g), np.diag(g))), -1, 1)  # rounding may leave it just beyond
    return Multivariate(
        k=y.size, trials=len(trials),
        coefficients=coefficient_table(list(names), fitted.b, fitted.vcov, None if test == "z" else df, level),
        tau2=pd.Series(np.diag(g), names, name="tau2"), rho=pd.DataFrame(rho, names, names),
        QE=qe, QE_df=df, QE_p=float(chdtrc(df, qe)), log_likelihood=fitted.log_likelihood, method=method, test=test,
        level=level, vcov=fitted.vcov, yi=y, design=design, covariance=fitted.covariance,
    )  # fmt: skip


def within_trial_covariance(vi: ArrayLike, trial: ArrayLike, rho: float) -> FloatArray:
    """(k, k) covariance of effects with variances vi, (k,), correlated by rho within a trial and not between trials.

    Reports rarely print the correlation of their outcomes, so it is assumed, and varied. Raises ValueError for vi <= 0
    and a rho that no covariance matrix can have.
    """
    (v,) = finite_numbers(vi=vi)
    positive(vi=v)
    same = (labels := _labels("trial", trial, v.size))[:, None] == labels
    covariance = np.where(same, rho, 0.0) * np.sqrt(np.outer(v, v))
    np.fill_diagonal(covariance, v)
    if np.linalg.eigvalsh(covariance)[0] <= 0:
        raise ValueError(f"rho: effects of one trial can not all correlate by {rho:g}")
    return covariance


def _labels(name: str, values: ArrayLike, k: int) -> np.ndarray:
    labels = np.array(np.asarray(values).tolist(), dtype=object)
    if labels.shape != (k,):
        raise ValueError(f"{name} and yi differ in length: {len(labels)} and {k}")
    for position in np.flatnonzero(pd.isna(labels)):
        raise ValueError(f"{name}[{position}] is missing")
    return labels
