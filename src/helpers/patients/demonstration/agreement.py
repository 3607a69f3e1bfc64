"""Set every printed number of a trial beside the same number of its demonstration patients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import mannwhitneyu, ttest_1samp

from helpers.patients.demonstration.frames import Frames
from helpers.patients.demonstration.published import Published
from helpers.patients.demonstration.search import hinges
from helpers.scrutiny.printed_number import Printed

Measure = Callable[[Frames, int, str], pd.Series]
"""Frames, nominal day and `value` or `change` -> a number a patient, by USUBJID; patients without one are left out."""
Test = Callable[[Frames, Any], tuple[float, float]]
"""Frames and a row of results.csv -> effect (above 0: the arm has more than its comparator) and p."""

SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Rules:
    """How the outcomes of one trial are computed from its patients.

    measures, tests: by outcome; a test may also stand under "outcome: method". Without one, two arms are compared by
    Wilcoxon's rank-sum test (corrected for ties), one arm with its baseline by a paired t-test.
    instead: "outcome statistic arm" -> the statistic that stands in for the printed one. left_out: statistic, or
    "outcome statistic", -> why nothing is set beside it.
    """

    measures: Mapping[str, Measure]
    tests: Mapping[str, Test]
    instead: Mapping[str, str]
    left_out: Mapping[str, str]


def column(name: str, equal_to: str | None = None) -> Measure:
    """A column of adsl, or whether it has this value."""

    def measure(frames: Frames, day: int, variable: str) -> pd.Series:
        values = frames.adsl.set_index("USUBJID")[name]
        return values.astype(float) if equal_to is None else (values == equal_to).astype(float)

    return measure


def score(parameter: str) -> Measure:
    """AVAL or CHG of a parameter."""
    return lambda frames, day, variable: frames.scores(parameter, day, variable)


def reached(parameter: str, least: float, variable: str = "value") -> Measure:
    """Whether a score, or its change, is so high."""
    return lambda frames, day, _: (frames.scores(parameter, day, variable) >= least).astype(float)


def events(term: str = "", **where: str) -> Measure:
    """Number of events of each patient up to the day: those with this name, and with these values of columns."""

    def measure(frames: Frames, day: int, variable: str) -> pd.Series:
        rows = frames.adae[frames.adae["ASTDY"] <= day]
        if term:
            rows = rows[rows["AEDECOD"] == term]
        for name, value in where.items():
            rows = rows[rows[name] == value]
        counts = rows["USUBJID"].value_counts()
        return counts.reindex(frames.adsl["USUBJID"], fill_value=0).astype(float)

    return measure


def agreement(frames: Frames, published: Published, rules: Rules, better: Mapping[str, str]) -> pd.DataFrame:
    """A row a printed number, in the order of results.csv.

    better: outcome -> "higher" or "lower". Columns: report, outcome, arm, comparator, day, population, statistic, printed
    (with its qualifier), found (nan where nothing is set beside it), met ("yes", "no" or ""), note.
    """
    names = ["report", "outcome", "arm", "comparator", "day", "population", "statistic"]
    rows = []
    for row in published.rows.itertuples():
        found, note = _found(frames, row, rules, better)
        printed = f"{row.qualifier}{row.printed}"
        met = "" if np.isnan(found) else "yes" if _same(found, printed, row.statistic) else "no"
        rows.append([*(getattr(row, name) for name in names), printed, found, met, note])
    return pd.DataFrame(rows, columns=[*names, "printed", "found", "met", "note"])


def _same(found: float, printed: str, statistic: str) -> bool:
    if statistic in ("n", "events", "event_count", "direction", "min", "max"):
        return found == float(printed)
    return Printed.parse(printed).admits(found)


def _found(frames: Frames, row: Any, rules: Rules, better: Mapping[str, str]) -> tuple[float, str]:
    for key in (row.statistic, f"{row.outcome} {row.statistic}"):
        if key in rules.left_out:
            return np.nan, rules.left_out[key]
    instead = rules.instead.get(f"{row.outcome} {row.statistic} {row.arm}", "")
    statistic = instead or row.statistic
    note = f"met as {instead}" if instead else ""
    if statistic in ("p", "direction"):
        effect, p = _tested(frames, row, rules)
        if statistic == "p":
            return p, note
        side = 1.0 if (effect > 0) == (better[row.outcome] != "lower") else -1.0
        return (side if p < SIGNIFICANT else 0.0), note
    own = _of_arm(frames, row)
    if statistic == "n" and row.population in ("itt", "safety", "as-treated", "imaging"):
        return float(len(own)), note
    values = rules.measures[row.outcome](frames, row.day, row.variable)
    return _statistic(values[values.index.isin(own)].to_numpy(dtype=float), statistic), note


def _of_arm(frames: Frames, row: Any, arm: str | None = None) -> pd.Index:
    """Patients of the row's arm and population; an arm that others are part of has them all."""
    name = row.arm if arm is None else arm
    as_treated = row.population == "as-treated"
    patients = frames.patients(name, actual=as_treated)
    if patients.empty:
        patients = frames.adsl
    if row.population == "imaging":
        patients = patients[patients["IMAGFL"] == "Y"]
    return pd.Index(patients["USUBJID"])


def _statistic(values: np.ndarray, statistic: str) -> float:
    match statistic:
        case "n":
            return float(len(values))
        case "mean":
            return float(values.mean())
        case "sd":
            return float(values.std(ddof=1))
        case "min" | "max":
            return float(values.min() if statistic == "min" else values.max())
        case "median":
            return float(np.median(values))
        case "q1" | "q3":
            return hinges(values)[0 if statistic == "q1" else 2]
        case "events":
            return float((values > 0).sum())
        case "event_count":
            return float(values.sum())
        case "percent":
            return float(100 * (values > 0).sum() / len(values))
    raise ValueError(f"statistic {statistic!r} has no rule")


def _tested(frames: Frames, row: Any, rules: Rules) -> tuple[float, float]:
    for key in (f"{row.outcome}: {row.method}", row.outcome):
        if key in rules.tests:
            return rules.tests[key](frames, row)
    measure = rules.measures[row.outcome]
    values = measure(frames, row.day, row.variable)
    own = values[values.index.isin(_of_arm(frames, row))]
    if not row.comparator:
        test = ttest_1samp(own, 0)
        return float(test.statistic), float(test.pvalue)
    others = values[values.index.isin(_of_arm(frames, row, row.comparator))]
    return rank_sum(own.to_numpy(), others.to_numpy())


def rank_sum(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """Wilcoxon's rank-sum test, normal and corrected for ties: U less its expectation, and p."""
    test = mannwhitneyu(first, second, method="asymptotic", use_continuity=False)
    return float(test.statistic) - len(first) * len(second) / 2, float(test.pvalue)
