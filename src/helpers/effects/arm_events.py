"""From the numbers a trial reported to the share of patients with an event, or the rate of events, in each arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from helpers.effects.exact import proportion_interval, rate_interval
from helpers.effects.trial_effects import row_blocks, strongest_rows, usable, weakest_kind

if TYPE_CHECKING:
    from helpers.evidence import Evidence

_PLACE = ["trial", "report", "outcome", "day", "population", "arm"]
_COLUMNS = [*_PLACE, "visit", "events", "n", "kind"]


def event_shares(
    evidence: Evidence, *, sources: str = "all", level: float = 0.95, side: str = "two-sided"
) -> pd.DataFrame:
    """Patients with each binary outcome, by trial, time and arm, with Clopper-Pearson limits.

    Also the outcomes that are counted from the levels of an ordinal scale, where they are not reported themselves. side:
    "two-sided" or "upper" (one-sided upper limit). Columns: trial, report, outcome, day, population, arm, visit, events, n,
    kind, estimate, ci_low, ci_high (proportions). Only one report, time and analysis set a row: rows of one trial are not
    independent.
    """
    reported, counted = _reported(evidence, sources, "binary", "events"), _counted(evidence, sources)
    patients = ["trial", "outcome", "day", "population", "arm"]
    own = pd.MultiIndex.from_frame(reported[patients])
    frame = pd.concat([reported, counted[~pd.MultiIndex.from_frame(counted[patients]).isin(own)]])
    limits = proportion_interval(frame["events"], frame["n"], level=level, side=side) if len(frame) else None
    return _with(frame, limits)


def event_rates(evidence: Evidence, *, sources: str = "all", level: float = 0.95) -> pd.DataFrame:
    """Events per patient by trial, time and arm, with exact Poisson limits. Columns as for event_shares."""
    frame = _reported(evidence, sources, "events", "event_count")
    limits = rate_interval(frame["events"], frame["n"], level=level) if len(frame) else None
    return _with(frame, limits)


def _reported(evidence: Evidence, sources: str, outcome_type: str, statistic: str) -> pd.DataFrame:
    found = []
    for block in row_blocks(_of_type(evidence, sources, outcome_type), _PLACE):
        best = {row["statistic"]: row for row in reversed(strongest_rows(block))}  # of several the first, the strongest
        if {statistic, "n"} <= set(best):
            used = best[statistic], best["n"]
            found.append(
                {name: block[0][name] for name in (*_PLACE, "visit")}
                | {
                    "events": used[0]["value"],
                    "n": used[1]["value"],
                    "kind": weakest_kind(row["kind"] for row in used),
                }
            )
    return pd.DataFrame(found, columns=_COLUMNS)


def _counted(evidence: Evidence, sources: str) -> pd.DataFrame:
    """Events that are levels of an ordinal scale after baseline, such as death on the modified Rankin scale."""
    counts = _of_type(evidence, sources, "ordinal")
    counts = counts[(counts["statistic"] == "count") & (counts["day"] > 0)]
    found = []
    for name, dichotomy in evidence.outcomes[evidence.outcomes["from_outcome"] != ""].iterrows():
        chosen = [float(at) for at in dichotomy["from_levels"].split()]
        scale = counts[counts["outcome"] == dichotomy["from_outcome"]]
        for block in row_blocks(scale, _PLACE):
            best = strongest_rows(block)
            found.append(
                {name: block[0][name] for name in (*_PLACE, "visit")}
                | {
                    "outcome": name,
                    "events": sum(row["value"] for row in best if float(row["level"]) in chosen),
                    "n": sum(row["value"] for row in best),
                    "kind": weakest_kind(row["kind"] for row in best),
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
