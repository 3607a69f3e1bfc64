"""Change of a measure within each of two arms, and between them, for few patients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import ttest_1samp

from helpers.effects import raw_mean
from helpers.effects.checks import check_level
from helpers.patients.permutation import PermutationP, permutation_p
from helpers.patients.recovery import CONTROL, TREATED, Recovery, recovery


@dataclass(frozen=True, eq=False)
class GroupChange:
    """within: a row an arm (experimental, control) that has a patient with both values: arm, n, before_mean, before_sd,
    after_mean, after_sd, change_mean, change_sd, ci_low, ci_high, p (paired t; nan with fewer than two or no spread).

    between: experimental minus control, with Welch's interval and Hedges' g; permutation: of the mean changes. Both None
    where an arm has fewer than two patients.
    """

    within: pd.DataFrame
    between: Recovery | None
    permutation: PermutationP | None
    level: float

    def to_frame(self) -> pd.DataFrame:
        """The arms."""
        return self.within


def group_change(before: ArrayLike, after: ArrayLike, treated: ArrayLike, level: float = 0.95) -> GroupChange:
    """Compare the change of the patients who have both values.

    before, after: (n,), nan where not measured; treated: (n,) True for the experimental arm. The interval of Hedges' g is
    normal, too narrow with few patients; the permutation p needs no such assumption.
    Raises ValueError for arrays that do not fit each other.
    """
    check_level(level)
    first, second = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    arm = np.asarray(treated, dtype=bool)
    if not first.shape == second.shape == arm.shape:
        raise ValueError(f"the arguments differ in length: {first.shape}, {second.shape}, {arm.shape}")
    both = np.isfinite(first) & np.isfinite(second)
    sides = {TREATED: both & arm, CONTROL: both & ~arm}
    rows = [_within(name, first[own], second[own], level) for name, own in sides.items() if own.any()]
    within = pd.DataFrame(rows, columns=list(_COLUMNS))
    if min(own.sum() for own in sides.values()) < 2:
        return GroupChange(within, None, None, level)
    change = second - first
    return GroupChange(
        within,
        recovery(first, second, arm, level),
        permutation_p(change[sides[TREATED]], change[sides[CONTROL]]),
        level,
    )


_COLUMNS = (
    "arm", "n", "before_mean", "before_sd", "after_mean", "after_sd", "change_mean", "change_sd", "ci_low", "ci_high", "p",
)  # fmt: skip


def _within(name: str, before: np.ndarray, after: np.ndarray, level: float) -> dict[str, object]:
    nan, n = float("nan"), len(before)
    row: dict[str, object] = {"arm": name, "n": n}
    change = after - before
    for prefix, values in (("before", before), ("after", after), ("change", change)):
        row |= {f"{prefix}_mean": values.mean(), f"{prefix}_sd": values.std(ddof=1) if n > 1 else nan}
    row |= {"ci_low": nan, "ci_high": nan, "p": nan}
    if n > 1 and np.ptp(change) > 0:
        low, high = raw_mean(change.mean(), change.std(ddof=1), n).interval(level, df=n - 1)
        row |= {"ci_low": float(low), "ci_high": float(high), "p": float(ttest_1samp(change, 0).pvalue)}
    return row
