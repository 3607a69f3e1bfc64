"""Tests of funnel asymmetry: do imprecise trials show other effects than precise ones?

A small p speaks for small-study effects, of which selective publication is only one cause: heterogeneity, poor methods
in small trials and chance are others. All refuse fewer than `minimum_k` trials, ten by default (Cochrane Handbook,
chapter 13), with ValueError; a caller who lowers it should say why.
"""

from dataclasses import dataclass, fields
from math import nan, sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from helpers.effects import log_odds_ratio
from helpers.effects.checks import check_choice, check_level
from helpers.synthesis.rare_events.two_arms import tables
from helpers.synthesis.small_study.line import Line, least_squares_line, random_effects_line
from helpers.synthesis.small_study.trials_needed import TEN, refuse_too_few
from helpers.synthesis.trials import one_meta_analysis

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class AsymmetryTest:
    """statistic with its df (nan: normal, or a rank test) and two-sided p.

    slope: change of the effect with the predictor. limit_*: the effect where the predictor is 0, a trial of infinite
    size, with its interval; nan for tests that give none. k_used: trials that took part.
    """

    test: str
    k_used: int
    statistic: float
    df: float
    p: float
    slope: float
    slope_se: float
    limit_estimate: float
    limit_low: float
    limit_high: float
    level: float

    def to_frame(self) -> pd.DataFrame:
        """One row, a column a field."""
        return pd.DataFrame([{f.name: getattr(self, f.name) for f in fields(self)}])


def egger(yi: ArrayLike, vi: ArrayLike, model: str = "lm", minimum_k: int = TEN, level: float = 0.95) -> AsymmetryTest:
    """Regression of the effects on their standard errors.

    yi, vi: (k,) as for pool. model "lm": weighted least squares with weights 1/vi and t with k - 2 df (Egger 1997,
    doi:10.1136/bmj.315.7109.629); "rma": random-effects meta-regression, REML, normal test (Sterne and Egger 2005). Raises
    ValueError as pool, for too few trials, and where all variances are equal.
    """
    check_choice("model", model, ("lm", "rma"))
    check_level(level)
    trials = one_meta_analysis(yi, vi)
    y, v = trials.yi[0], trials.vi[0]
    refuse_too_few(len(y), minimum_k, "Egger's test")
    line = least_squares_line(y, np.sqrt(v), 1 / v) if model == "lm" else random_effects_line(y, v, np.sqrt(v), "REML")
    return slope_test(f"Egger ({model})", line, len(y), level)


def inverse_size_test(
    yi: ArrayLike, vi: ArrayLike, ni: ArrayLike, minimum_k: int = TEN, level: float = 0.95
) -> AsymmetryTest:
    """Regression of the effects on 1 / (patients), weights 1/vi, t with k - 2 df: for effects tied to their own SE.

    ni: (k,) patients. Macaskill 2001, doi:10.1002/sim.698. Raises ValueError as egger.
    """
    check_level(level)
    trials = one_meta_analysis(yi, vi)
    y, v = trials.yi[0], trials.vi[0]
    n = one_meta_analysis(y, ni).vi[0]
    refuse_too_few(len(y), minimum_k, "the test on 1/n")
    return slope_test("1/n", least_squares_line(y, 1 / n, 1 / v), len(y), level)


def peters(
    ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike, minimum_k: int = TEN, level: float = 0.95
) -> AsymmetryTest:
    """For odds ratios: regression of the log odds ratio on 1/n, weights (events * others / n), t with k - 2 df.

    ai of n1i with the event against ci of n2i, (k,); 1/2 is added where a trial has a zero cell, and trials without a
    contrast are left out. Keeps its level where Egger's test, whose standard errors depend on the odds ratio itself,
    does not. Peters 2006, doi:10.1001/jama.295.6.676. Raises ValueError as egger and mantel_haenszel.
    """
    check_level(level)
    given = tables(ai, n1i, ci, n2i)
    t = given.only(~given.uninformative)
    refuse_too_few(t.a.size, minimum_k, "Peters' test")
    y = np.atleast_1d(log_odds_ratio(t.a, t.n1, t.c, t.n2).yi)
    line = least_squares_line(y, 1 / t.n, (t.a + t.c) * (t.b + t.d) / t.n)
    return slope_test("Peters", line, len(y), level)


def harbord(
    ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike, minimum_k: int = TEN, level: float = 0.95
) -> AsymmetryTest:
    """For odds ratios: regression of the score Z / V on 1 / sqrt(V), weights V, t with k - 2 df.

    Z = observed minus expected events of the first group, V its hypergeometric variance. No correction of zero cells is
    needed; trials without a contrast are left out. Harbord 2006, doi:10.1002/sim.2380. Raises ValueError as peters.
    """
    check_level(level)
    given = tables(ai, n1i, ci, n2i)
    t = given.only(~given.uninformative)
    refuse_too_few(t.a.size, minimum_k, "Harbord's test")
    events, others = t.a + t.c, t.b + t.d
    v = t.n1 * t.n2 * (events / t.n) * (others / t.n) / (t.n - 1)
    z = t.a - t.n1 * events / t.n
    return slope_test("Harbord", least_squares_line(z / v, 1 / np.sqrt(v), v), len(v), level)


def begg(yi: ArrayLike, vi: ArrayLike, minimum_k: int = TEN) -> AsymmetryTest:
    """Kendall's tau between the standardised effects (y - mean) / sqrt(v - 1/sum(1/v)) and their variances.

    The statistic is tau; p is exact without ties, else normal. Less powerful than Egger's test. Begg and Mazumdar 1994,
    doi:10.2307/2533446. Raises ValueError as egger.
    """
    from scipy.stats import kendalltau  # here, because scipy.stats takes long to import

    trials = one_meta_analysis(yi, vi)
    y, v = trials.yi[0], trials.vi[0]
    refuse_too_few(len(y), minimum_k, "Begg's test")
    if np.ptp(v) == 0:
        raise ValueError("vi: all variances are equal, so there is no rank to correlate with")
    w = 1 / v
    standardised = (y - (w * y).sum() / w.sum()) / np.sqrt(v - 1 / w.sum())
    tied = len(set(v.tolist())) < len(v) or len(set(standardised.tolist())) < len(v)
    found = kendalltau(standardised, v, method="asymptotic" if tied else "exact")
    return AsymmetryTest(
        "Begg", len(y), float(found.statistic), nan, float(found.pvalue), nan, nan, nan, nan, nan, 0.95
    )  # fmt: skip


def slope_test(test: str, line: Line, k: int, level: float) -> AsymmetryTest:
    """The test of the slope of a line, and its intercept as the limit."""
    limit, slope = line.coefficients.tolist()
    limit_se, slope_se = sqrt(line.covariance[0, 0]), sqrt(line.covariance[1, 1])
    normal = np.isnan(line.df)
    statistic = slope / slope_se
    p = 2 * (ndtr(-abs(statistic)) if normal else stdtr(line.df, -abs(statistic)))
    upper = (1 + level) / 2
    half = float(ndtri(upper) if normal else stdtrit(line.df, upper)) * limit_se
    return AsymmetryTest(
        test, k, statistic, line.df, float(p), slope, slope_se, limit, limit - half, limit + half, level
    )  # fmt: skip
