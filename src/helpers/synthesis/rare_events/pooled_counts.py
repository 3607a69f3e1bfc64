"""What every rare-events method returns."""

from dataclasses import dataclass, fields
from math import nan, sqrt

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtr, ndtri

from helpers.effects.checks import check_level


@dataclass(frozen=True)
class PooledCounts:
    """An effect pooled from counts, on the log scale of ratios (RD: as a difference).

    k: trials given; k_used: trials that contribute to the estimate. note: what became of the others, empty if there are
    none. tau2: variance between trials, nan for a common-effect method. Q with its df, p, I2 (percent) and H2: test of
    heterogeneity, nan where the method has none.
    """

    method: str
    measure: str
    k: int
    k_used: int
    estimate: float
    se: float
    statistic: float
    p: float
    ci_low: float
    ci_high: float
    level: float
    tau2: float = nan
    Q: float = nan
    Q_df: float = nan
    Q_p: float = nan
    I2: float = nan
    H2: float = nan
    note: str = ""

    def to_frame(self) -> pd.DataFrame:
        """One row, a column a field."""
        return pd.DataFrame([{f.name: getattr(self, f.name) for f in fields(self)}])

    def __repr__(self) -> str:
        tau2 = "" if np.isnan(self.tau2) else f", tau2 {self.tau2:.4g}"
        return "\n".join(
            [
                f"{self.method}, {self.measure}, {self.k_used} of {self.k} trials",
                f"  estimate {self.estimate:.4g}, {100 * self.level:g}% CI {self.ci_low:.4g} to {self.ci_high:.4g},"
                f" p = {self.p:.4g}{tau2}",
                *([f"  {self.note}"] if self.note else []),
            ]
        )


def pooled_counts(
    method: str, measure: str, k: int, k_used: int, estimate: float, variance: float, level: float,
    tau2: float = nan, q: tuple[float, float] | None = None, note: str = "",
) -> PooledCounts:  # fmt: skip
    """Wald interval and test from an estimate and its variance; q: statistic and df of the heterogeneity test."""
    check_level(level)
    se = sqrt(variance)
    statistic = estimate / se
    half = float(ndtri((1 + level) / 2)) * se
    statistic_q, df = q or (nan, nan)
    several = df > 0
    return PooledCounts(
        method, measure, k, k_used, float(estimate), se, statistic, float(2 * ndtr(-abs(statistic))),
        float(estimate - half), float(estimate + half), level, float(tau2), float(statistic_q), float(df),
        float(chdtrc(df, statistic_q)) if several else nan,
        max(0.0, 100 * (1 - df / statistic_q)) if several and statistic_q > 0 else 0.0 if several else nan,
        float(statistic_q / df) if several else nan, note,
    )  # fmt: skip
