"""Change of a measure within each of two arms, and between them, for few patients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import ttest_1samp

from helpers.effects import Effect, mean_difference, mean_test, raw_mean, standardized_mean_difference
from helpers.effects.checks import check_level
from helpers.patients.permutation import PermutationP, permutation_p

TREATED, CONTROL = "experimental", "control"


@dataclass(frozen=True, eq=False)
class GroupChange:
    """arms: a row an arm (experimental, control) that has a patient with both values: arm, n, before_mean, before_sd,
    after_mean, after_sd, change_mean, change_sd, ci_low, ci_high, p (paired t; nan with fewer than two or no spread).

    Between, experimental minus control: difference of the mean changes with Welch's interval and p (welch_df degrees of
    freedom), hedges_g, permutation; None or nan where an arm has fewer than two patients or nothing varies.
    """

    arms: pd.DataFrame
    difference: float
    ci_low: float
    ci_high: float
    welch_df: float
    welch_p: float
    hedges_g: Effect | None
    permutation: PermutationP | None
    level: float

    def to_frame(self) -> pd.DataFrame:
        """The arms."""
        return self.arms


def group_change(before: ArrayLike, after: ArrayLike, treated: ArrayLike, level: float = 0.95) -> GroupChange:
    """Compare the change of the patients who have both values.

    before, after: (n,), nan where not measured; treated: (n,) True for the experimental arm.
    Hedges' g by standardized_mean_difference (its interval is normal: too narrow with few patients), the permutation p
    by permutation_p. Raises ValueError for arrays that do not fit each other.
    """
    check_level(level)
    first, second = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    arm = np.asarray(treated, dtype=bool)
    if not first.shape == second.shape == arm.shape:
        raise ValueError(f"the arguments differ in length: {first.shape}, {second.shape}, {arm.shape}")
    both = np.isfinite(first) & np.isfinite(second)
    change = second - first
    rows = [
        _within(name, first[own], second[own], level)
        for name, own in ((TREATED, both & arm), (CONTROL, both & ~arm))
        if own.any()
    ]
    arms = pd.DataFrame(rows, columns=list(_COLUMNS))
    nan, groups = float("nan"), (change[both & arm], change[both & ~arm])
    if min(len(group) for group in groups) < 2:
        return GroupChange(arms, nan, nan, nan, nan, nan, None, None, level)
    summary = [value for group in groups for value in (group.mean(), group.std(ddof=1), len(group))]
    effect = mean_difference(*summary)
    if max(summary[1], summary[4]) == 0:
        return GroupChange(arms, float(effect.yi), nan, nan, nan, nan, None, None, level)
    test = mean_test(*summary)
    low, high = effect.interval(level, df=test.df)
    g = standardized_mean_difference(*summary) if summary[2] + summary[5] > 3 else None
    return GroupChange(
        arms, float(effect.yi), float(low), float(high), float(test.df), float(test.p), g, permutation_p(*groups), level
    )


_COLUMNS = (
    "arm", "n", "before_mean", "before_sd", "after_mean", "after_sd", "change_mean", "change_sd", "ci_low", "ci_high", "p",
)  # fmt: skip


def _within(name: str, before: np.ndarray, after: np.ndarray, level: float) -> dict[str, object]:
    nan, n, change = float("nan"), len(before), after - before
    spread = {key: x.std(ddof=1) if n > 1 else nan for key, x in (("b", before), ("a", after), ("c", change))}
    row = {
        "arm": name, "n": n, "before_mean": before.mean(), "before_sd": spread["b"], "after_mean": after.mean(),
        "after_sd": spread["a"], "change_mean": change.mean(), "change_sd": spread["c"],
        "ci_low": nan, "ci_high": nan, "p": nan,
    }  # fmt: skip
    if n > 1 and spread["c"] > 0:
        low, high = raw_mean(change.mean(), spread["c"], n).interval(level, df=n - 1)
        row |= {"ci_low": float(low), "ci_high": float(high), "p": float(ttest_1samp(change, 0).pvalue)}
    return row
