"""A printed number in words, for those who read what the patients meet."""

from __future__ import annotations

from typing import Any

from helpers.evidence.model import Evidence

_BEFORE = {
    "mean": "mean",
    "sd": "SD",
    "median": "median",
    "q1": "lower quartile",
    "q3": "upper quartile",
    "min": "lowest",
    "max": "highest",
    "p": "p",
    "p_adjusted": "adjusted p",
}
_AFTER = {"n": " patients", "events": " patients", "event_count": " events", "percent": "%"}
_BETWEEN = {"1": "better", "0": "no clear difference", "-1": "worse"}
_WITHIN = {"1": "better than at baseline", "0": "not clearly changed", "-1": "worse than at baseline"}


def in_words(row: Any, evidence: Evidence, trial: str) -> str:
    """`Chung 2021: Age, Autologous MSC, day 0: mean 63.03`, from a row of the agreement."""
    own = evidence.trials[trial]
    labels = {arm.id: arm.label for arm in own.arms} | {"all": "all patients"}
    report = next(each.label for each in own.reports if each.id == row.report)
    change = ", change" if row.variable == "change" else ""
    against = f" against {labels[row.comparator]}" if row.comparator else ""
    outcome = evidence.outcomes.at[row.outcome, "name"]
    return f"{report}: {outcome}{change}, {labels[row.arm]}{against}, day {row.day}: {_number(row)}"


def _number(row: Any) -> str:
    if row.statistic == "direction":
        return (_BETWEEN if row.comparator else _WITHIN)[row.printed]
    if row.statistic in ("p", "p_adjusted"):
        sign, digits = (row.printed[0], row.printed[1:]) if row.printed[0] in "<>" else ("=", row.printed)
        return f"{_BEFORE[row.statistic]} {sign} {digits}"
    after = _AFTER.get(row.statistic, "")
    if row.printed == "1":
        after = after.removesuffix("s")
    return f"{_BEFORE.get(row.statistic, '')} {row.printed}{after}".strip()
