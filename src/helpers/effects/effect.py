"""What every effect size function returns."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from helpers.effects.checks import check_level

FloatArray = NDArray[np.float64]
Values = float | FloatArray


@dataclass(frozen=True, eq=False)
class Effect:
    """Effect sizes and their sampling variances, on the additive scale of the measure (log for ratios).

    yi, vi: floats, or arrays of one shape. nan in both where the effect is not defined for the data
    (a ratio with a zero cell and no correction, a double-zero trial with drop00).
    """

    yi: Values
    vi: Values

    @property
    def sei(self) -> Values:
        """Standard errors."""
        return scalar_or_array(np.sqrt(self.vi))

    def interval(self, level: float = 0.95, df: Values | None = None) -> tuple[Values, Values]:
        """Limits yi -/+ quantile * sei, on the scale of yi: normal quantile, or Student's t with `df`."""
        check_level(level)
        upper = (1 + level) / 2
        half = (ndtri(upper) if df is None else stdtrit(df, upper)) * np.sqrt(self.vi)
        return scalar_or_array(self.yi - half), scalar_or_array(self.yi + half)

    def p(self, df: Values | None = None) -> Values:
        """Two-sided p of yi = 0: normal, or Student's t with `df`."""
        with np.errstate(divide="ignore", invalid="ignore"):  # nothing varies: infinite, or nan for an effect of zero
            statistic = np.abs(np.asarray(self.yi) / np.sqrt(self.vi))
        return scalar_or_array(2 * (ndtr(-statistic) if df is None else stdtr(df, -statistic)))

    def to_frame(self) -> pd.DataFrame:
        """One row an effect, columns yi and vi."""
        return pd.DataFrame({"yi": np.atleast_1d(self.yi), "vi": np.atleast_1d(self.vi)})

    def __repr__(self) -> str:
        if np.ndim(self.yi) == 0:
            return f"Effect(yi={self.yi:.6g}, vi={self.vi:.6g})"
        return f"Effect of {np.size(self.yi)} trials\n{self.to_frame().to_string(float_format='%.6g')}"


def effect(yi: ArrayLike, vi: ArrayLike) -> Effect:
    """Effect of computed values: 0-d becomes float, and an effect that is infinite or undefined becomes nan."""
    yi, vi = np.broadcast_arrays(np.asarray(yi, dtype=float), np.asarray(vi, dtype=float))
    defined = np.isfinite(yi) & np.isfinite(vi)
    return Effect(scalar_or_array(np.where(defined, yi, np.nan)), scalar_or_array(np.where(defined, vi, np.nan)))


def scalar_or_array(values: ArrayLike) -> Values:
    array = np.asarray(values, dtype=float)
    return float(array) if array.ndim == 0 else array
