"""From the numbers a trial reported to the share of patients with an event, or the rate of events, in each arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from helpers.effects.exact import proportion_interval, rate_interval
from helpers.effects.trial_effects import strongest, usable, weakest_kind

if TYPE_CHECKING:
    from helpers.evidence import Evidence

_PLACE = ["trial", "report", "outcome", "day", "population", "arm"]
_COLUMNS = [*_PLACE, "visit", "events", "n", "kind"]


def event_shares(
    evidence: Evidence, *, sources: str = "all", level: float = 0.95, side: str = "two-sided"
) -> pd.DataFrame:
    """Patients with each binary outcome, by trial, time and arm, with Clopper-Pearson limits.

    Also the outcomes that are counted from the levels of an ordinal scale. side: "two-sided" or "upper" (one-sided
    upper limit). Columns: trial, report, outcome, day, population, arm, visit, events, n, kind, estimate, ci_low,
    ci_high (proportions). Only one report, time and analysis set a row: rows of one trial are not independent.
    """
    frame = pd.concat([_reported(evidence, sources, "binary", "events"), _counted(evidence, sources)])
    limits = proportion_interval(frame["events"], frame["n"], level=level, side=side) if len(frame) else None
    return _with(frame, limits)


def event_rates(evidence: Evidence, *, sources: str = "all", level: float = 0.95) -> pd.DataFrame:
    """Events per patient by trial, time and arm, with exact Poisson limits. Columns as for event_shares."""
    frame = _reported(evidence, sources, "events", "event_count")
    limits = rate_interval(frame["events"], frame["n"], level=level) if len(frame) else None
    return _with(frame, limits)


def _reported(evidence: Evidence, sources: str, outcome_type: str, statistic: str) -> pd.DataFrame:
    rows = _of_type(evidence, sources, outcome_type)
    found = []
    for place, block in rows.groupby(_PLACE, sort=False):
        best = strongest(block).drop_duplicates("statistic").set_index("statistic")
        if {statistic, "n"} <= set(best.index):
            used = best.loc[[statistic, "n"]]
            found.append(
                dict(zip(_PLACE, place, strict=True))
                | {
                    "visit": block["visit"].iloc[0],
                    "events": used.at[statistic, "value"],
                    "n": used.at["n", "value"],
                    "kind": weakest_kind(used["kind"]),
                }
            )
    return pd.DataFrame(found, columns=_COLUMNS)


def _counted(evidence: Evidence, sources: str) -> pd.DataFrame:
    """Events that are levels of an ordinal scale, such as death on the modified Rankin scale."""
    counts = _of_type(evidence, sources, "ordinal")
    counts = counts[counts["statistic"] == "count"]
    found = []
    for name, dichotomy in evidence.outcomes[evidence.outcomes["from_outcome"] != ""].iterrows():
        chosen = [float(at) for at in dichotomy["from_levels"].split()]
        scale = counts[counts["outcome"] == dichotomy["from_outcome"]]
        for place, block in scale.groupby(_PLACE, sort=False):
            best = strongest(block)
            at = best["level"].astype(float)
            found.append(
                dict(zip(_PLACE, place, strict=True))
                | {
                    "outcome": name,
                    "visit": block["visit"].iloc[0],
                    "events": best.loc[at.isin(chosen), "value"].sum(),
                    "n": best["value"].sum(),
                    "kind": weakest_kind(best["kind"]),
                }
            )
    return pd.DataFrame(found, columns=_COLUMNS)


def _of_type(evidence: Evidence, sources: str, outcome_type: str) -> pd.DataFrame:
    rows = usable(evidence.results, sources)
    return rows[(rows["outcome"].map(evidence.outcomes["type"]) == outcome_type) & (rows["comparator"] == "")]


def _with(frame: pd.DataFrame, limits) -> pd.DataFrame:
    columns = {"estimate": "estimate", "ci_low": "low", "ci_high": "high"}
    added = {name: getattr(limits, attribute) if limits else [] for name, attribute in columns.items()}
    return frame.assign(**added).reset_index(drop=True)
