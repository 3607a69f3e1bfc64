"""From the numbers a trial reported to the patients at each level of an ordinal scale, in each arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from helpers.effects.trial_effects import scale_levels, strongest, usable, whole_arms

if TYPE_CHECKING:
    from helpers.evidence import Evidence, Trial

_PLACE = ["report", "outcome", "day", "population"]
_COLUMNS = ["trial", "report", "outcome", "day", "visit", "population", "arm", "role", "level", "count"]


def level_counts(evidence: Evidence, *, sources: str = "all") -> pd.DataFrame:
    """Patients at each level, where every whole arm of both sides of a trial reports them.

    sources: "all", or "primary" to leave secondary and derived numbers out. Parts of arms and patients of all arms
    taken together are not compared, nor what was before the treatment (day 0). Of several sources the strongest counts; a
    level without a number holds no patient.
    Columns: trial, report, outcome, day, visit, population, arm (id), role, level (float), count (patients); one row
    for each level of the scale.
    """
    rows = usable(evidence.results, sources)
    rows = rows[(rows["statistic"] == "count") & (rows["variable"] == "value") & (rows["comparator"] == "")]
    rows = rows[rows["day"] > 0]
    blocks = [
        _block(evidence.trials[trial], scale_levels(evidence.outcomes.loc[outcome]), strongest(block)).assign(
            trial=trial, report=report, outcome=outcome, day=day, population=population, visit=block["visit"].iloc[0]
        )
        for (trial, report, outcome, day, population), block in rows.groupby(["trial", *_PLACE], sort=False)
    ]
    frame = pd.concat([pd.DataFrame(columns=_COLUMNS), *(block for block in blocks if len(block))])
    frame = frame.sort_values(["trial", "outcome", "day"], kind="stable", ignore_index=True)[_COLUMNS]
    return frame.astype({"level": float, "count": float})


def _block(trial: Trial, levels: list[float], counts: pd.DataFrame) -> pd.DataFrame:
    """All levels of every whole arm at one time; empty where an arm, or a whole side, has no patient counted."""
    reported = counts["value"].groupby([counts["arm"], counts["level"].astype(float).round(9)]).sum()
    rows = [
        {"arm": arm, "role": role, "level": level, "count": reported.get((arm, level), 0.0)}
        for role in ("experimental", "control")
        for arm in whole_arms(trial, role)
        for level in levels
    ]
    frame = pd.DataFrame(rows, columns=["arm", "role", "level", "count"])
    every_arm = (frame.groupby("arm")["count"].sum() > 0).all()
    return frame if every_arm and frame["role"].nunique() == 2 else frame.iloc[:0]
