"""Pooling effect sizes by the equal-effects or the random-effects model."""

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

from helpers.effects.checks import check_choice, check_level
from helpers.synthesis.tau2 import ESTIMATORS
from helpers.synthesis.trials import FloatArray, Trials, one_meta_analysis, trace_p, weighted

METHODS = ("EE", *ESTIMATORS)
TESTS = ("z", "knha", "adhoc")


@dataclass(frozen=True, eq=False)
class Pooled:
    """A pooled effect, on the scale of yi.

    df is nan for a normal test. I2 in percent and H2 follow from tau2 and the typical variance (from Q under EE).
    pi_method says how the prediction interval was made, "none" where there is none (EE, k = 1). weights sum to 1.
    """

    k: int
    estimate: float
    se: float
    statistic: float
    df: float
    p: float
    ci_low: float
    ci_high: float
    tau2: float
    se_tau2: float
    I2: float
    H2: float
    Q: float
    Q_df: int
    Q_p: float
    pi_low: float
    pi_high: float
    pi_method: str
    weights: FloatArray
    method: str
    test: str
    level: float

    def to_frame(self) -> pd.DataFrame:
        """One row, a column a field but the weights."""
        return pd.DataFrame([{f.name: getattr(self, f.name) for f in fields(self) if f.name != "weights"}])

    def __repr__(self) -> str:
        percent = f"{100 * self.level:g}%"
        prediction = "" if self.pi_method == "none" else (
            f"\n  {percent} prediction interval {self.pi_low:.4g} to {self.pi_high:.4g} ({self.pi_method})"
        )  # fmt: skip
        return (
            f"Pooled {self.method}, {self.test}, k = {self.k}\n"
            f"  estimate {self.estimate:.4g}, {percent} CI {self.ci_low:.4g} to {self.ci_high:.4g}, p = {self.p:.4g}\n"
            f"  tau2 {self.tau2:.4g}, I2 {self.I2:.1f}%, Q {self.Q:.4g} on {self.Q_df} df (p = {self.Q_p:.4g})"
            f"{prediction}"
        )


def pool(yi: ArrayLike, vi: ArrayLike, method: str = "REML", test: str = "knha", level: float = 0.95) -> Pooled:
    """Pool effect sizes.

    yi, vi: (k,) effect sizes on an additive scale (log for ratios) and their sampling variances, vi > 0.
    method: EE (equal effects), or random effects with tau2 by DL, HE, HS, SJ, ML, REML, EB or PM (see tau2).
    test: "z", normal; "knha", Hartung-Knapp: variance times the factor sum w (yi - mean)^2 / (k - 1) and Student's t
    with k - 1 df; "adhoc", the same with a factor below 1 raised to 1. One trial is always tested by "z", and has
    tau2 = 0 with se_tau2 = nan. Under knha, equal effects have se = 0, and p = 0, or nan when all are zero.
    The prediction interval is metafor's default for the test: normal under "z", else t with k - 1 df.
    Raises ValueError, naming argument and position, for nan, inf, vi <= 0, unequal lengths and no trial.
    Viechtbauer 2010, doi:10.18637/jss.v036.i03; Knapp and Hartung 2003, doi:10.1002/sim.1482.
    """
    check_choice("method", method, METHODS)
    check_choice("test", test, TESTS)
    check_level(level)
    trials = one_meta_analysis(yi, vi)
    k = trials.yi.shape[1]
    if k == 1:
        test = "z"
    numbers = pool_arrays(trials, method, test, level)
    weights = numbers.pop("weights")[0]
    pi_method = "none" if method == "EE" or k == 1 else "normal" if test == "z" else "t(k-1)"
    return Pooled(
        k=k, Q_df=k - 1, pi_method=pi_method, weights=weights, method=method, test=test, level=level,
        **{name: float(values[0]) for name, values in numbers.items()},
    )  # fmt: skip


def pool_arrays(trials: Trials, method: str, test: str, level: float) -> dict[str, FloatArray]:
    """The numbers of m meta-analyses at once: (m,) each, weights (m, k). All have several trials, or all have one."""
    df = trials.k - 1
    fixed_weights = trials.present / trials.vi
    fixed = weighted(trials, fixed_weights)
    single, normal = bool(df[0] == 0), test == "z"
    q, q_p = fixed.q, chdtrc(df, fixed.q)
    with np.errstate(divide="ignore", invalid="ignore"):
        if method == "EE" or single:
            tau2, se_tau2 = np.zeros_like(df), np.full_like(df, np.nan)
        else:
            tau2, se_tau2 = ESTIMATORS[method](trials)
        if single:
            i2, h2, q, q_p = np.zeros_like(df), np.ones_like(df), np.zeros_like(df), np.ones_like(df)
        elif method == "EE":
            i2, h2 = 100 * np.maximum(0, 1 - df / q), q / df
        else:
            i2, h2 = i2_and_h2(tau2, df / trace_p(trials, fixed_weights))

        w = trials.weights(tau2)
        at = weighted(trials, w)
        variance = 1 / at.total
        if not normal:
            factor = at.q / df
            variance = variance * (np.maximum(factor, 1) if test == "adhoc" else factor)
        se = np.sqrt(variance)
        statistic = at.mean / se
        p = 2 * (ndtr(-np.abs(statistic)) if normal else stdtr(df, -np.abs(statistic)))
        upper = (1 + level) / 2
        quantile = ndtri(upper) if normal else _t_quantiles(df, upper)
        half = np.full_like(df, np.nan) if method == "EE" or single else quantile * np.sqrt(variance + tau2)
        return {
            "estimate": at.mean, "se": se, "statistic": statistic, "df": np.full_like(df, np.nan) if normal else df,
            "p": p, "ci_low": at.mean - quantile * se, "ci_high": at.mean + quantile * se,
            "tau2": tau2, "se_tau2": se_tau2, "I2": i2, "H2": h2, "Q": q, "Q_p": q_p,
            "pi_low": at.mean - half, "pi_high": at.mean + half, "weights": w / at.total[:, None],
        }  # fmt: skip


def _t_quantiles(df: FloatArray, p: float) -> FloatArray:
    """(m,) for df (m,), each found once: most rows have the same."""
    different, which = np.unique(df, return_inverse=True)
    return stdtrit(different, p)[which]


def i2_and_h2(tau2: FloatArray, typical: FloatArray) -> tuple[FloatArray, FloatArray]:
    """I2 (percent) and H2 from tau2 and the typical sampling variance (k - 1) / tr(P), P with weights 1/vi.

    Higgins and Thompson 2002, doi:10.1002/sim.1186.
    """
    return 100 * tau2 / (typical + tau2), tau2 / typical + 1
