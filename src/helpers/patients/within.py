"""Change from baseline within one group of patients, visit by visit."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from helpers.effects.checks import check_level
from helpers.patients.signed_rank import signed_rank


@dataclass(frozen=True, eq=False)
class ChangesByVisit:
    """visits: a row a visit after baseline: day, n (with both scores), baseline_mean, baseline_sd, mean, sd (of the score), change,
    change_sd, se, ci_low, ci_high, median_change, t, p (paired t), p_signed_rank (exact where `signed_rank` says so), p_holm (the
    paired t over all visits).

    patients: those with a baseline score.
    """

    patients: int
    visits: pd.DataFrame
    level: float

    def to_frame(self) -> pd.DataFrame:
        """The visits."""
        return self.visits


def changes_by_visit(scores: pd.DataFrame, level: float = 0.95) -> ChangesByVisit:
    """Test the change from baseline at each visit by the paired t test and Wilcoxon's signed-rank test.

    scores: one row a patient and visit after baseline with USUBJID, day, value and baseline (nan where not measured). Each
    visit has the patients who came to it, so the visits do not show the same patients. t and signed rank are nan with
    fewer than two patients, t also without spread. Holm 1979 (Scand J Stat 6, 65-70) for the number of visits.
    Raises ValueError for two scores of a patient at one visit.
    """
    check_level(level)
    if scores.duplicated(["USUBJID", "day"]).any():
        twice = scores.loc[scores.duplicated(["USUBJID", "day"]), "USUBJID"].iloc[0]
        raise ValueError(f"scores: patient {twice} has two at one visit")
    known = scores[np.isfinite(scores["baseline"].astype(float))]
    rows = [_visit(day, own, level) for day, own in known.groupby("day", sort=True)]
    frame = pd.DataFrame([row for row in rows if row["n"]])
    if len(frame):
        frame["p_holm"] = holm(frame["p"].to_numpy())
    return ChangesByVisit(int(known["USUBJID"].nunique()), frame, level)


def holm(p: np.ndarray) -> np.ndarray:
    """p-values adjusted for their number; nan ones stay and do not count."""
    adjusted = np.full(p.shape, np.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    factors = np.arange(order.size, 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * factors))
    return adjusted


def _visit(day: object, own: pd.DataFrame, level: float) -> dict[str, object]:
    before, after = (own[name].to_numpy(float) for name in ("baseline", "value"))
    both = np.isfinite(after)
    before, after = before[both], after[both]
    change, n = after - before, int(both.sum())
    row: dict[str, object] = {"day": day, "n": n}
    if not n:
        return row
    nan = float("nan")
    for prefix, x in (("baseline_", before), ("", after)):
        row |= {f"{prefix}mean": x.mean(), f"{prefix}sd": x.std(ddof=1) if n > 1 else nan}
    sd = change.std(ddof=1) if n > 1 else nan
    se = sd / np.sqrt(n)
    half = stdtrit(n - 1, (1 + level) / 2) * se if n > 1 else nan
    mean = change.mean()
    t = mean / se if n > 1 and se > 0 else nan
    return row | {
        "change": mean, "change_sd": sd, "se": se, "ci_low": mean - half, "ci_high": mean + half,
        "median_change": float(np.median(change)), "t": t, "p": 2 * stdtr(n - 1, -abs(t)) if n > 1 else nan,
        "p_signed_rank": signed_rank(change).p if n > 1 else nan,
    }  # fmt: skip
