"""Multilevel meta-analysis: several effects of one trial, site or author are more alike than those of others."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from helpers.effects.checks import check_choice, check_level
from helpers.effects.checks import numbers as finite_numbers
from helpers.synthesis.coefficients import coefficient_table
from helpers.synthesis.mixed_model import (
    MixedModel,
    RandomEffect,
    fit_mixed,
    generalized_least_squares,
    known_covariance,
)
from helpers.synthesis.moderators import Coding
from helpers.synthesis.trials import FloatArray

METHODS = ("REML", "ML")
TESTS = ("z", "t")


@dataclass(frozen=True, eq=False)
class Multilevel:
    """coefficients: as in MetaRegression. sigma2: variance between the groups of each level, outermost first.

    QE, chi-square with QE_df: heterogeneity of the effects under V alone. covariance: (k, k) of yi under the model.
    """

    k: int
    coefficients: pd.DataFrame
    sigma2: pd.Series
    groups: pd.Series  # number of them at each level
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
        rows = zip(self.sigma2.items(), self.groups, strict=True)
        levels = "\n".join(f"  sigma2 {name}: {sigma2:.4g} ({groups} groups)" for (name, sigma2), groups in rows)
        return (
            f"Multilevel {self.method}, {self.test}, k = {self.k}\n{self.coefficients.to_string(float_format='%.4g')}\n"
            f"{levels}\n  QE {self.QE:.4g} on {self.QE_df} df (p = {self.QE_p:.4g})"
        )


def multilevel(
    yi: ArrayLike,
    V: ArrayLike,
    clusters: pd.DataFrame,
    moderators: pd.DataFrame | None = None,
    method: str = "REML",
    test: str = "z",
    level: float = 0.95,
) -> Multilevel:
    """Random effects at nested levels: yi = design b + an effect of each group of each level + sampling error.

    yi: (k,) effect sizes on an additive scale. V: (k,) sampling variances, or (k, k) with known covariances of effects
    that share patients (see within_trial_covariance). clusters: a row an effect, a column a level, outermost first;
    labels need only differ within their group. Three levels: columns trial and effect, the latter different in each row.
    moderators: as for meta_regression. method: REML or ML; test: "z", or "t" with k - p df.
    Raises ValueError for input that is missing, infinite or of another length, and for a V that is no covariance.
    Konstantopoulos 2011, doi:10.1002/jrsm.35; Van den Noortgate 2013, doi:10.3758/s13428-012-0261-6.
    """
    check_choice("method", method, METHODS)
    check_choice("test", test, TESTS)
    check_level(level)
    (y,) = finite_numbers(yi=yi)
    k = y.size
    known = known_covariance("V", V, k)
    moderators = pd.DataFrame(index=range(k)) if moderators is None else moderators
    for name, frame in (("clusters", clusters), ("moderators", moderators)):
        if len(frame) != k:
            raise ValueError(f"{name} and yi differ in length: {len(frame)} and {k}")
    if clusters.shape[1] == 0 or clusters.isna().any(axis=None):
        raise ValueError("clusters: needs at least one column, and a label in every row")
    coding = Coding.of(moderators)
    design = coding.full_rank_design(moderators)
    columns = list(clusters)
    group = [clusters.groupby(columns[: depth + 1], sort=False).ngroup().to_numpy() for depth in range(len(columns))]
    effects = tuple(RandomEffect(labels, np.zeros(k, dtype=int)) for labels in group)
    fitted = fit_mixed(MixedModel(y, known, design, effects, method == "REML"))
    df = k - design.shape[1]
    qe = generalized_least_squares(y, known, design)[2]
    return Multilevel(
        k=k, coefficients=coefficient_table(coding.names, fitted.b, fitted.vcov, None if test == "z" else df, level),
        sigma2=pd.Series([g.item() for g in fitted.components], columns, name="sigma2"),
        groups=pd.Series([labels.max() + 1 for labels in group], columns, name="groups"),
        QE=qe, QE_df=df, QE_p=float(chdtrc(df, qe)), log_likelihood=fitted.log_likelihood, method=method, test=test,
        level=level, vcov=fitted.vcov, yi=y, design=design, covariance=fitted.covariance,
    )  # fmt: skip
