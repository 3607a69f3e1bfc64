"""Change of a continuous outcome from baseline, compared between two arms."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.effects import Effect, mean_difference, mean_test, standardized_mean_difference
from helpers.effects.checks import check_level
from helpers.patients.covariance import Ancova, RankAncova, ancova, rank_ancova

Result = TypeVar("Result")
TREATED, CONTROL = "experimental", "control"


@dataclass(frozen=True, eq=False)
class Recovery:
    """Treated minus control, in the unit of the outcome; above 0 means a higher change in the treated.

    arms: a row an arm: arm, n (with both scores), missing (without one of them), baseline_mean, baseline_sd, mean, sd (of the
    follow-up score), change_mean, change_sd.
    difference, welch_df, welch_p, ci_low, ci_high: of the changes, Welch's test, variances not assumed equal.
    hedges_g: of the changes, None without spread. adjusted: ANCOVA on baseline; ranks: Quade's rank ANCOVA; None where too
    few patients or no spread leave nothing to compute.
    """

    arms: pd.DataFrame
    difference: float
    welch_t: float
    welch_df: float
    welch_p: float
    ci_low: float
    ci_high: float
    hedges_g: Effect | None
    adjusted: Ancova | None
    ranks: RankAncova | None
    level: float

    def to_frame(self) -> pd.DataFrame:
        """A row a method: method, estimate, ci_low, ci_high, statistic, df, p."""
        rows = [{"method": "Welch", "estimate": self.difference, "ci_low": self.ci_low, "ci_high": self.ci_high,
                 "statistic": self.welch_t, "df": self.welch_df, "p": self.welch_p}]  # fmt: skip
        if self.adjusted is not None:
            own = self.adjusted.effects.iloc[0]
            rows.append({"method": "ANCOVA on baseline", "estimate": own["estimate"], "ci_low": own["ci_low"],
                         "ci_high": own["ci_high"], "statistic": own["t"], "df": self.adjusted.df, "p": own["p"]})  # fmt: skip
        if self.ranks is not None:
            rows.append({"method": "rank ANCOVA (Quade)", "statistic": self.ranks.statistic, "df": self.ranks.df2,
                         "p": self.ranks.p})  # fmt: skip
        return pd.DataFrame(rows, columns=["method", "estimate", "ci_low", "ci_high", "statistic", "df", "p"])


def recovery(baseline: ArrayLike, value: ArrayLike, treated: ArrayLike, level: float = 0.95) -> Recovery:
    """Compare the change from baseline of the patients who have both scores.

    baseline, value: (n,) scores, nan where not measured; treated: (n,) True for the experimental arm. Raises ValueError for an
    arm with fewer than two such patients. Welch 1947; Hedges' g of the changes by helpers.effects.means; ANCOVA and Quade's
    rank ANCOVA by covariance.
    """
    check_level(level)
    before, after = np.asarray(baseline, dtype=float), np.asarray(value, dtype=float)
    arm = np.asarray(treated, dtype=bool)
    both = np.isfinite(before) & np.isfinite(after)
    rows = []
    for name, side in ((TREATED, arm), (CONTROL, ~arm)):
        own = both & side
        if own.sum() < 2:
            raise ValueError(f"value: fewer than two {name} patients have a score at baseline and at the visit")
        row: dict[str, object] = {"arm": name, "n": int(own.sum()), "missing": int((side & ~both).sum())}
        for prefix, scores in (("baseline_", before), ("", after), ("change_", after - before)):
            row |= {f"{prefix}mean": scores[own].mean(), f"{prefix}sd": scores[own].std(ddof=1)}
        rows.append(row)
    arms = pd.DataFrame(rows)
    m1, sd1, n1, m2, sd2, n2 = (float(arms.at[i, name]) for i in (0, 1) for name in ("change_mean", "change_sd", "n"))
    g = test = None
    if sd1 > 0 or sd2 > 0:
        test = mean_test(m1, sd1, n1, m2, sd2, n2)
        g = standardized_mean_difference(m1, sd1, n1, m2, sd2, n2)
    effect = mean_difference(m1, sd1, n1, m2, sd2, n2)
    nan = float("nan")
    df = float(test.df) if test else nan
    low, high = effect.interval(level, df=df) if test else (nan, nan)
    names = np.where(arm, TREATED, CONTROL)
    return Recovery(
        arms, float(effect.yi), float(test.statistic) if test else nan, df, float(test.p) if test else nan, float(low),
        float(high), g, _or_none(ancova, after, before, names, CONTROL, level), _or_none(rank_ancova, after, before, names),
        level,
    )  # fmt: skip


def _or_none(method: Callable[..., Result], *arguments: object) -> Result | None:
    try:
        return method(*arguments)
    except ValueError:
        return None
