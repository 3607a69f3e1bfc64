"""How much a synthesis depends on single trials."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from helpers.effects.checks import check_choice, check_level
from helpers.synthesis.many import PooledMany, pool_rows
from helpers.synthesis.pooling import METHODS, TESTS, pool
from helpers.synthesis.trials import FloatArray, among, one_meta_analysis

COLUMNS = ["estimate", "se", "ci_low", "ci_high", "p", "Q", "Q_p", "tau2", "I2", "H2"]


def leave_one_out(
    yi: ArrayLike, vi: ArrayLike, method: str = "REML", test: str = "knha", level: float = 0.95
) -> pd.DataFrame:
    """Pool again without each trial in turn: row i is without trial i, columns as the fields of Pooled.

    yi, vi: (k,), k >= 2. Raises ValueError as pool, and for one trial.
    """
    return _without_each(*_several(yi, vi), method, test, level).to_frame()[COLUMNS]


def cumulative(
    yi: ArrayLike,
    vi: ArrayLike,
    order: ArrayLike | None = None,
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
) -> pd.DataFrame:
    """Pool again as each trial is added: columns added (position in yi), k, and as the fields of Pooled.

    yi, vi: (k,). order: (k,) numbers to add the trials by, lowest first (year, precision); equal ones, and all without
    `order`, as they stand. The first row is one trial, tested by "z". Raises ValueError as pool, and for an order of
    another length or with nan. Lau 1992, doi:10.1056/NEJM199207233270406.
    """
    check_choice("method", method, METHODS)
    check_choice("test", test, TESTS)
    check_level(level)
    trials = one_meta_analysis(yi, vi)
    y, v = trials.yi[0], trials.vi[0]
    added = np.arange(y.size)
    if order is not None:
        keys = np.asarray(order, dtype=float)
        if keys.shape != y.shape or np.isnan(keys).any():
            raise ValueError(f"order: must be one number for each of the {y.size} trials")
        added = np.argsort(keys, kind="stable")
    so_far = among(y[added], v[added], np.tri(y.size, dtype=bool))
    return pool_rows(so_far, method, test, level).to_frame().assign(added=added)[["added", "k", *COLUMNS]]


def influence(yi: ArrayLike, vi: ArrayLike, method: str = "REML") -> pd.DataFrame:
    """Diagnostics of each trial i, with fits under test "z"; "del" and (i) mean pooled without trial i.

    rstudent: (yi - mean(i)) / sqrt(vi + tau2(i) + se(i)^2); dffits: (mean - mean(i)) / sqrt(hat * (tau2(i) + vi));
    cook_d: ((mean - mean(i)) / se)^2; cov_r: (se(i) / se)^2; tau2_del, Q_del: tau2 and Q without it; hat: its weight,
    summing to 1; weight: the same in percent; dfbetas: (mean - mean(i)) * sqrt(sum of all weights at tau2(i));
    influential: |dffits| > 3 / sqrt(k - 1), or cook_d beyond the median of chi-square with 1 df, or hat > 3 / k, or
    |dfbetas| > 1, which are metafor's marks.
    yi, vi: (k,), k >= 2. Raises ValueError as pool, and for one trial.
    Viechtbauer and Cheung 2010, doi:10.1002/jrsm.11.
    """
    y, v = _several(yi, vi)
    k, full, left = y.size, pool(y, v, method, "z"), _without_each(y, v, method)
    hat, shift, variance = full.weights, full.estimate - left.estimate, v + left.tau2
    frame = pd.DataFrame({
        "rstudent": (y - left.estimate) / np.sqrt(variance + left.se**2),
        "dffits": shift / np.sqrt(hat * variance),
        "cook_d": (shift / full.se) ** 2,
        "cov_r": (left.se / full.se) ** 2,
        "tau2_del": left.tau2,
        "Q_del": left.Q,
        "hat": hat,
        "weight": 100 * hat,
        "dfbetas": shift * np.sqrt((1 / (v + left.tau2[:, None])).sum(axis=1)),
    })  # fmt: skip
    far = (frame["dffits"].abs() > 3 / np.sqrt(k - 1)) | (chdtrc(1, frame["cook_d"]) < 0.5)
    return frame.assign(influential=far | (hat > 3 / k) | (frame["dfbetas"].abs() > 1))


def baujat(yi: ArrayLike, vi: ArrayLike, method: str = "EE") -> pd.DataFrame:
    """Coordinates of the Baujat plot: x, the trial's part of the heterogeneity (yi - mean)^2 / (vi + tau2), which sums
    to Q under EE; y, its influence (mean - mean without it)^2 / se(without it)^2.

    yi, vi: (k,), k >= 2. Raises ValueError as pool, and for one trial. Baujat 2002, doi:10.1002/sim.1221.
    """
    y, v = _several(yi, vi)
    full, left = pool(y, v, method, "z"), _without_each(y, v, method)
    x = (y - full.estimate) ** 2 / (v + full.tau2)
    return pd.DataFrame({"x": x, "y": ((full.estimate - left.estimate) / left.se) ** 2})


def _several(yi: ArrayLike, vi: ArrayLike) -> tuple[FloatArray, FloatArray]:
    trials = one_meta_analysis(yi, vi)
    if trials.k[0] == 1:
        raise ValueError("yi: at least two trials are needed to leave one out, got 1")
    return trials.yi[0], trials.vi[0]


def _without_each(y: FloatArray, v: FloatArray, method: str, test: str = "z", level: float = 0.95) -> PooledMany:
    """Row i is without trial i."""
    check_choice("method", method, METHODS)
    check_choice("test", test, TESTS)
    check_level(level)
    return pool_rows(among(y, v, ~np.eye(y.size, dtype=bool)), method, test, level)
