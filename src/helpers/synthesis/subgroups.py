"""Subgroups of trials, and the test of a difference between them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtr, stdtr

from helpers.synthesis.meta_regression import meta_regression
from helpers.synthesis.pooling import pool
from helpers.synthesis.trials import one_meta_analysis

COLUMNS = ["k", "estimate", "se", "ci_low", "ci_high", "p", "tau2", "I2", "Q", "Q_p"]


@dataclass(frozen=True, eq=False)
class Subgroups:
    """groups: a row a subgroup, columns as the fields of Pooled. Q_between: chi-square, or F (`df` of two) with the
    knha and adhoc tests under a common tau2.
    """

    groups: pd.DataFrame
    Q_between: float
    df: tuple[float, ...]
    p: float
    common_tau2: bool
    method: str
    test: str
    level: float

    def to_frame(self) -> pd.DataFrame:
        """The subgroups."""
        return self.groups

    def __repr__(self) -> str:
        tau2 = "common tau2" if self.common_tau2 else "tau2 of its own for each"
        return (
            f"Subgroups {self.method}, {self.test}, {tau2}\n{self.groups.to_string(float_format='%.4g')}\n"
            f"  between: Q {self.Q_between:.4g} on {' and '.join(f'{df:g}' for df in self.df)} df, p = {self.p:.4g}"
        )


def subgroups(
    yi: ArrayLike,
    vi: ArrayLike,
    groups: ArrayLike,
    common_tau2: bool = False,
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
) -> Subgroups:
    """Pool each subgroup and test whether they differ.

    yi, vi, method, test, level as for pool; groups: (k,) labels, at least two different ones. Rows in sorted order.
    Each with its own tau2: pool of each; Q_between = sum w (estimate - mean)^2, w = 1/se^2 with the se of test "z",
    since Hartung-Knapp's may be near zero in a group of two trials. With a common tau2 (for few trials a group): the
    meta-regression on the groups, its QM; tau2 and I2 are those left between trials of a group, Q is within the group.
    Raises ValueError as pool and meta_regression, and for fewer than two groups.
    Borenstein and Higgins 2013, doi:10.1007/s11121-013-0377-7.
    """
    trials = one_meta_analysis(yi, vi)
    y, v = trials.yi[0], trials.vi[0]
    labels = pd.Series(np.asarray(groups).tolist(), dtype=object)
    if len(labels) != y.size:
        raise ValueError(f"groups and yi differ in length: {len(labels)} and {y.size}")
    for position in np.flatnonzero(labels.isna()):
        raise ValueError(f"groups[{position}] is missing")
    names = sorted(labels.unique())
    if len(names) < 2:
        raise ValueError(f"groups: at least two are needed, got {len(names)}")
    parts = [(y[labels == name], v[labels == name]) for name in names]
    own = pd.concat([pool(*part, method, test, level).to_frame() for part in parts])[COLUMNS]
    own.index = pd.Index(names, name="group")
    if not common_tau2:
        plain = [pool(*part, method, "z") for part in parts]
        estimate, w = np.array([g.estimate for g in plain]), np.array([g.se for g in plain]) ** -2
        q = float(w @ (estimate - w @ estimate / w.sum()) ** 2)
        return Subgroups(own, q, (len(names) - 1,), float(chdtrc(len(names) - 1, q)), False, method, test, level)

    def frame(values: list) -> pd.DataFrame:
        return pd.DataFrame({"group": pd.Categorical(values, categories=names)})

    regression = meta_regression(y, v, frame(labels.tolist()), method, test, level)
    means = regression.predict(frame(names)).set_axis(own.index)
    distance = -np.abs(means["estimate"] / means["se"])
    p = 2 * (ndtr(distance) if test == "z" else stdtr(regression.QE_df, distance))
    common = own.assign(**means[["estimate", "se", "ci_low", "ci_high"]], p=p, tau2=regression.tau2, I2=regression.I2)
    df = tuple(float(n) for n in regression.QM_df if np.isfinite(n))
    return Subgroups(common, regression.QM, df, regression.QM_p, True, method, test, level)
