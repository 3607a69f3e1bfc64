"""What patients without a score could change: bounds, and how far they must differ before a conclusion tips.

The estimates of patients who were measured hold for all only if scores are missing at random. That can not be tested with
the data; so the assumption is moved by a stated amount.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit

from helpers.effects.checks import check_level, require

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DeltaAdjusted:
    """by_delta: a row a delta: delta (how much worse or better than measured patients the missing ones are assumed to be, in
    the unit of the outcome), estimate, se, ci_low, ci_high. tipping: the delta nearest to zero at which the interval
    reaches zero; nan where none does (nobody is missing, or the interval holds zero already).
    """

    n: tuple[int, ...]
    missing: tuple[int, ...]
    by_delta: pd.DataFrame
    tipping: float
    level: float

    def to_frame(self) -> pd.DataFrame:
        """The deltas."""
        return self.by_delta


def delta_adjusted_mean(observed: ArrayLike, missing: int, deltas: ArrayLike, level: float = 0.95) -> DeltaAdjusted:
    """Mean of all patients if the missing ones differ from the measured ones by delta on average.

    observed: (n,) values of the measured patients, missing: how many are not measured, deltas: (m,). With f the share
    missing: mean + f delta, variance s^2 / n + delta^2 f (1 - f) / (n + missing), Student's t with n - 1 df; delta 0 is
    missing at random. Raises ValueError for fewer than two values or a negative count. Mean score approach:
    White 2018, doi:10.5705/ss.202016.0308.
    """
    values = np.asarray(observed, dtype=float)
    return _delta_adjusted([values], [missing], (1.0,), deltas, level, df=values.size - 1)


def delta_adjusted_difference(
    first: ArrayLike, missing1: int, second: ArrayLike, missing2: int, deltas: ArrayLike, level: float = 0.95,
    arms: str = "first",
) -> DeltaAdjusted:  # fmt: skip
    """Difference of two means, first less second, if missing patients differ from measured ones by delta.

    arms: where delta applies, "first" (only there: the hard test of a finding that favours the first) or "both" (the same in both
    arms). Otherwise as delta_adjusted_mean, with normal limits.
    """
    if arms not in ("first", "both"):
        raise ValueError(f"arms: must be first or both, got {arms!r}")
    groups = [np.asarray(values, dtype=float) for values in (first, second)]
    moved = (1.0, 0.0) if arms == "first" else (1.0, 1.0)
    return _delta_adjusted(groups, [missing1, missing2], moved, deltas, level)


def mean_change_bounds(baseline: ArrayLike, value: ArrayLike, low: float, high: float) -> tuple[float, float]:
    """Least and greatest mean change of all patients with a baseline score, whatever the missing ones scored from low to high.

    Raises ValueError where no patient has a baseline score. Manski 1990 (Am Econ Rev 80, 319-323).
    """
    before, after = np.asarray(baseline, dtype=float), np.asarray(value, dtype=float)
    known = np.isfinite(before)
    if not known.any():
        raise ValueError("baseline: no patient has one")
    before, after = before[known], after[known]
    bounds = [float((np.where(np.isfinite(after), after, end) - before).mean()) for end in (low, high)]
    return bounds[0], bounds[1]


def _delta_adjusted(
    groups: list[FloatArray], missing: list[int], moved: tuple[float, ...], deltas: ArrayLike, level: float,
    df: int | None = None,
) -> DeltaAdjusted:  # fmt: skip
    check_level(level)
    for values, absent in zip(groups, missing, strict=True):
        require(values.size > 1, "observed", values.size, "needs two values or more, the number of values was")
        require(absent >= 0, "missing", absent, "must not be negative")
    delta = np.atleast_1d(np.asarray(deltas, dtype=float))
    signs = (1.0, -1.0)
    shares = [absent / (values.size + absent) for values, absent in zip(groups, missing, strict=True)]
    middle = sum(sign * values.mean() for sign, values in zip(signs, groups, strict=False))
    variance = sum(values.var(ddof=1) / values.size for values in groups)
    tilt = sum(sign * way * f for sign, way, f in zip(signs, moved, shares, strict=False))
    widening = sum(
        way**2 * f * (1 - f) / (values.size + absent)
        for way, f, values, absent in zip(moved, shares, groups, missing, strict=True)
    )
    estimate, se = middle + tilt * delta, np.sqrt(variance + widening * delta**2)
    quantile = float(ndtri((1 + level) / 2) if df is None else stdtrit(df, (1 + level) / 2))
    table = pd.DataFrame(
        {
            "delta": delta,
            "estimate": estimate,
            "se": se,
            "ci_low": estimate - quantile * se,
            "ci_high": estimate + quantile * se,
        }
    )
    tipping = _tipping(float(middle), float(tilt), float(variance), float(widening), quantile)
    return DeltaAdjusted(tuple(v.size for v in groups), tuple(missing), table, tipping, level)


def _tipping(middle: float, tilt: float, variance: float, widening: float, quantile: float) -> float:
    """The delta nearest to zero with (middle + tilt delta)^2 = quantile^2 (variance + widening delta^2)."""
    a, b, c = tilt**2 - quantile**2 * widening, 2 * middle * tilt, middle**2 - quantile**2 * variance
    if c <= 0:
        return float("nan")
    roots = np.roots([a, b, c]) if a else np.roots([b, c])
    real = [float(root.real) for root in roots if abs(root.imag) < 1e-9]
    return min(real, key=abs) if real else float("nan")
