"""Rules of results.csv that need more than one cell: the row, the other rows, the trial, the outcome's scale."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from helpers.evidence.faults import Fault, one_of
from helpers.evidence.model import Trial
from helpers.evidence.printed import decimals, plain, to_number
from helpers.evidence.scale import Scale, span
from helpers.evidence.tables import Table, duplicate_faults
from helpers.evidence.vocabulary import (
    ALL_ARMS,
    ANALYSIS_POPULATIONS,
    NEEDS_N,
    OUTCOME_UNIT,
    STATISTICS,
    VARIABLES,
    WITHIN_ARM,
)

COLUMNS = (
    "report",
    "outcome",
    "variable",
    "arm",
    "comparator",
    "visit",
    "day",
    "population",
    "statistic",
    "level",
    "qualifier",
    "value",
    "unit",
    "method",
    "source",
    "locator",
    "kind",
    "note",
)
_PATIENTS = ("report", "outcome", "variable", "arm", "day", "population")
"""What has to agree for two rows to be about the same patients and the same measurement."""
_READING = ("kind", "method", "source")
_ONCE = (*_PATIENTS, "comparator", "statistic", "level", *_READING)

_TOLERANCE = 1e-9


class Row(NamedTuple):
    """One row of results.csv: its line, its cells, and its value as a number (nan where unreadable)."""

    line: int
    cells: Mapping[str, str]
    number: float

    def key(self, *columns: str) -> tuple[str, ...]:
        return tuple(self.cells[column] for column in columns)


@dataclass(frozen=True)
class Results:
    """The results of one trial with what they are checked against.

    trial: None where trial.toml could not be read. scales: by outcome id. n_rows: rows of statistic n, by `_PATIENTS`.
    """

    table: Table
    rows: tuple[Row, ...]
    trial: Trial | None
    scales: Mapping[str, Scale]
    n_rows: Mapping[tuple[str, ...], list[Row]]

    @classmethod
    def of(cls, table: Table, trial: Trial | None, scales: Mapping[str, Scale]) -> Results:
        rows = tuple(Row(line, cells, to_number(cells["value"])) for line, cells in table.records)
        n_rows = _grouped([row for row in rows if row.cells["statistic"] == "n"], *_PATIENTS)
        return cls(table, rows, trial, scales, n_rows)

    def fault(self, row: Row, column: str, problem: str, allowed: str, value: str | None = None) -> Fault:
        shown = row.cells[column] if value is None else value
        return Fault(self.table.file, row.line, column, problem, shown, allowed)

    def with_statistic(self, *statistics: str) -> list[Row]:
        return [row for row in self.rows if row.cells["statistic"] in statistics]

    def n_of(self, row: Row) -> Row | None:
        """The n row about the same patients: that of the same source and kind, else the largest."""
        rows = self.n_rows.get(row.key(*_PATIENTS), [])
        near = [other for other in rows if other.key("source", "kind") == row.key("source", "kind")]
        readable = [other for other in near or rows if not math.isnan(other.number)]
        return max(readable, key=lambda other: other.number, default=None)

    def on_scale(self, *rows: Row) -> bool:
        """Whether the scores among these values lie on their scales."""
        for row in rows:
            statistic, scale = STATISTICS.get(row.cells["statistic"]), self.scales.get(row.cells["outcome"])
            if statistic and scale and statistic.on_scale:
                low, high = scale.bounds(row.cells["variable"])
                if not low <= row.number <= high:
                    return False
        return True


def result_faults(results: Results) -> Iterator[Fault]:
    """Every fault of one trial's results that a look at single cells does not show."""
    for rule, columns in _RULES:
        if results.table.has(*columns):
            yield from rule(results)


def _ids_of_the_trial(results: Results) -> Iterator[Fault]:
    if results.trial is None:
        return
    arms = [arm.id for arm in results.trial.arms if arm.id]
    reports = [report.id for report in results.trial.reports if report.id]
    for row in results.rows:
        report, arm, comparator = row.key("report", "arm", "comparator")
        if report and report not in reports:
            yield results.fault(row, "report", "unknown report", one_of(report, reports))
        if arm and arm not in (*arms, ALL_ARMS):
            yield results.fault(row, "arm", "unknown arm", one_of(arm, (*arms, ALL_ARMS)))
        if comparator and comparator not in arms:
            yield results.fault(row, "comparator", "unknown arm", one_of(comparator, arms))


def _comparators(results: Results) -> Iterator[Fault]:
    for row in results.rows:
        statistic = STATISTICS.get(row.cells["statistic"])
        arm, comparator = row.key("arm", "comparator")
        if statistic is None:
            continue
        if comparator and not statistic.compares:
            problem = f"comparator given for {row.cells['statistic']}, which is about one arm"
            yield results.fault(row, "comparator", problem, "an empty cell")
        elif comparator and comparator == arm:
            yield results.fault(row, "comparator", "arm compared with itself", "another arm")
        elif comparator and arm == ALL_ARMS:
            yield results.fault(row, "comparator", "comparator of all arms together", "an empty cell, or one arm each")
        elif not comparator and statistic.needs_comparator and _compares_arms(row, results.trial):
            problem = f"missing comparator for {row.cells['statistic']} in a controlled trial"
            allowed = f"the arm that {arm} is compared with; a test inside one arm says so in method: "
            yield results.fault(row, "comparator", problem, allowed + ", ".join(WITHIN_ARM))


def _compares_arms(row: Row, trial: Trial | None) -> bool:
    if trial is None or trial.design not in ("randomised", "non-randomised") or row.cells["arm"] == ALL_ARMS:
        return False
    return not any(word in row.cells["method"].lower() for word in WITHIN_ARM)


def _statistic_fits_outcome(results: Results) -> Iterator[Fault]:
    for row in results.rows:
        statistic, scale = STATISTICS.get(row.cells["statistic"]), results.scales.get(row.cells["outcome"])
        if statistic and scale and scale.type and scale.type not in statistic.types:
            problem = f"statistic that a {scale.type} outcome does not have"
            fitting = [name for name, other in STATISTICS.items() if scale.type in other.types]
            yield results.fault(row, "statistic", problem, one_of("", fitting))


def _units(results: Results) -> Iterator[Fault]:
    for row in results.rows:
        statistic, scale = STATISTICS.get(row.cells["statistic"]), results.scales.get(row.cells["outcome"])
        if statistic is None or (scale is None and statistic.unit == OUTCOME_UNIT):
            continue
        unit = scale.unit if scale and statistic.unit == OUTCOME_UNIT else statistic.unit
        if row.cells["unit"] != unit:
            problem = "wrong unit" if row.cells["unit"] else "missing unit"
            yield results.fault(row, "unit", f"{problem} of {row.cells['statistic']}", unit or "an empty cell")


def _values_of_the_statistic(results: Results) -> Iterator[Fault]:
    for row in results.rows:
        name = row.cells["statistic"]
        statistic = STATISTICS.get(name)
        if statistic is None or math.isnan(row.number):
            continue
        allowed = f"{'a whole number, ' if statistic.whole else ''}{span(statistic.low, statistic.high)}"
        if row.number < 0 <= statistic.low:
            yield results.fault(row, "value", f"negative {name}", allowed)
        elif not statistic.low <= row.number <= statistic.high:
            problem = f"{name} outside {span(statistic.low, statistic.high)}"
            yield results.fault(row, "value", problem, allowed)
        elif statistic.whole and row.number % 1:
            yield results.fault(row, "value", f"{name} is not a whole number", allowed)
        elif name in ("p", "p_adjusted") and row.number == 0:
            told = "a number above 0; write the limit with qualifier <, such as < 0.001"
            yield results.fault(row, "value", "p of zero", told)


def _values_on_the_scale(results: Results) -> Iterator[Fault]:
    for row in results.rows:
        statistic, scale = STATISTICS.get(row.cells["statistic"]), results.scales.get(row.cells["outcome"])
        if statistic is None or scale is None or not statistic.on_scale or math.isnan(row.number):
            continue
        low, high = scale.bounds(row.cells["variable"])
        allowed = f"{span(low, high)} {scale.unit}".strip()
        if not results.on_scale(row):
            what = "change larger than the range" if row.cells["variable"] == "change" else "value outside the scale"
            yield results.fault(row, "value", f"{what} of {scale.id}", allowed)
        elif (step := _step(row, scale)) and _off_step(row, scale, step):
            steps = f"{allowed} in steps of {plain(step)}"
            yield results.fault(row, "value", f"value off the steps of {scale.id}", steps)


def _step(row: Row, scale: Scale) -> float:
    """Step on which the statistic must lie, 0 where it may lie between: a median can be halfway."""
    if math.isnan(scale.step) or scale.step <= 0 or row.cells["population"] == "imputed":
        return 0
    return {"min": scale.step, "max": scale.step, "median": scale.step / 2}.get(row.cells["statistic"], 0)


def _off_step(row: Row, scale: Scale, step: float) -> bool:
    origin = 0 if row.cells["variable"] == "change" or math.isnan(scale.low) else scale.low
    steps = (row.number - origin) / step
    return abs(steps - round(steps)) > _TOLERANCE


def _sd_fits_the_scale(results: Results) -> Iterator[Fault]:
    for row in results.with_statistic("sd"):
        scale = results.scales.get(row.cells["outcome"])
        if scale is None or math.isnan(row.number):
            continue
        found = results.n_of(row)
        n = found.number if found else 2  # two patients have the largest bound
        largest = scale.largest_sd(row.cells["variable"], n)
        rounding = 0.5 * 10.0 ** -decimals(row.cells["value"])
        if row.number - rounding > largest:
            low, high = scale.bounds(row.cells["variable"])
            allowed = f"at most {plain(largest)} for {'n ' + plain(n) if found else 'any n'} on {span(low, high)}"
            yield results.fault(row, "value", f"sd larger than the scale of {scale.id} allows", allowed)


def _levels(results: Results) -> Iterator[Fault]:
    for row in results.rows:
        statistic, level, outcome = row.key("statistic", "level", "outcome")
        scale = results.scales.get(outcome)
        if statistic == "count" and not level:
            yield results.fault(row, "level", "count without a level", "the level of the scale that is counted")
        elif statistic == "count" and scale and scale.levels and level not in scale.levels:
            yield results.fault(row, "level", f"level outside the scale of {scale.id}", ", ".join(scale.levels))
        elif statistic in STATISTICS and statistic != "count" and level:
            yield results.fault(row, "level", f"level given for {statistic}", "an empty cell: only count has a level")


def _missing_n(results: Results) -> Iterator[Fault]:
    told = set(results.n_rows)
    for row in results.with_statistic(*NEEDS_N):
        if row.key(*_PATIENTS) not in told and not _may_have_n(row, results):
            told.add(row.key(*_PATIENTS))
            shown = " ".join(row.key("outcome", "arm")) + f" day {row.cells['day']}"
            allowed = f"a row with statistic n and the same {', '.join(_PATIENTS)}"
            yield results.fault(row, "statistic", f"missing n for this {row.cells['statistic']}", allowed, shown)


def _may_have_n(row: Row, results: Results) -> bool:
    """Whether a fault reported elsewhere, once mended, may turn out to have hidden the n row of these patients."""
    if any("n" in fields and row.cells["outcome"] in fields for fields in results.table.malformed):
        return True
    trial = results.trial
    valid: dict[str, Container[str]] = {"variable": VARIABLES, "population": ANALYSIS_POPULATIONS}
    if trial is not None:
        valid["report"] = [report.id for report in trial.reports]
        valid["arm"] = [ALL_ARMS, *(arm.id for arm in trial.arms)]
    if results.scales:
        valid["outcome"] = results.scales

    def may_agree(column: str, one: str, other: str) -> bool:
        return one == other or (column in valid and not (one in valid[column] and other in valid[column]))

    return any(all(map(may_agree, _PATIENTS, row.key(*_PATIENTS), key)) for key in results.n_rows)


def _events_within_n(results: Results) -> Iterator[Fault]:
    for row in results.with_statistic("events"):
        n = results.n_of(row)
        if n and row.number > n.number and _exact(row, n):
            allowed = f"at most n = {plain(n.number)} (row {n.line})"
            yield results.fault(row, "value", "more patients with the event than patients", allowed)


def _counts_sum_to_n(results: Results) -> Iterator[Fault]:
    for rows in _grouped(results.with_statistic("count"), *_PATIENTS, *_READING).values():
        scale, n = results.scales.get(rows[0].cells["outcome"]), results.n_of(rows[0])
        by_level = {row.cells["level"]: row for row in rows}
        if scale is None or n is None or not _exact(n, *rows) or not set(by_level) <= set(scale.levels):
            continue
        total = sum(row.number for row in by_level.values())
        complete = len(by_level) == len(scale.levels)
        if total > n.number or (complete and total < n.number):
            told = f"n = {plain(n.number)} (row {n.line})"
            problem = f"counts of {len(by_level)} levels do not sum to n"
            yield results.fault(rows[0], "value", problem, told if complete else f"at most {told}", plain(total))


def _ends_in_order(results: Results) -> Iterator[Fault]:
    """Of two rows in the wrong order, the lower end is named."""
    for rows in _grouped(results.rows, *_PATIENTS, "comparator", "level", *_READING).values():
        by_statistic = {row.cells["statistic"]: row for row in rows}
        for lower, upper in _ORDERED:
            low, high = by_statistic.get(lower), by_statistic.get(upper)
            if low and high and low.number > high.number and _exact(low, high) and results.on_scale(low, high):
                allowed = f"at most {upper} = {high.cells['value']} (row {high.line})"
                yield results.fault(low, "value", f"{lower} greater than {upper}", allowed)


_ORDERED = (
    ("ci_low", "ci_high"),
    ("ci_low", "estimate"),
    ("estimate", "ci_high"),
    ("ci_low", "mean"),
    ("mean", "ci_high"),
    ("min", "max"),
    ("q1", "q3"),
    ("q1", "median"),
    ("median", "q3"),
    ("min", "median"),
    ("median", "max"),
    ("min", "mean"),
    ("mean", "max"),
)


def _duplicates(results: Results) -> Iterator[Fault]:
    yield from duplicate_faults(results.table, _ONCE, ", ".join(_ONCE))


def _grouped(rows: tuple[Row, ...] | list[Row], *columns: str) -> dict[tuple[str, ...], list[Row]]:
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.key(*columns)].append(row)
    return dict(groups)


def _exact(*rows: Row) -> bool:
    """Whether all values are readable and none is a bound such as `< 5`."""
    return all(not math.isnan(row.number) and row.cells["qualifier"] in ("", "~") for row in rows)


_RULES: tuple[tuple[Callable[[Results], Iterator[Fault]], tuple[str, ...]], ...] = (
    (_ids_of_the_trial, ()),
    (_comparators, ("statistic", "arm", "comparator", "method")),
    (_statistic_fits_outcome, ("statistic", "outcome")),
    (_units, ("statistic", "outcome", "unit")),
    (_values_of_the_statistic, ("statistic", "value")),
    (_values_on_the_scale, ("statistic", "outcome", "variable", "value")),
    (_sd_fits_the_scale, ("statistic", "outcome", "variable", "value")),
    (_levels, ("statistic", "outcome", "level")),
    (_missing_n, (*_PATIENTS, "statistic")),
    (_events_within_n, (*_PATIENTS, "statistic", "value")),
    (_counts_sum_to_n, (*_ONCE, "value")),
    (_ends_in_order, (*_ONCE, "value")),
    (_duplicates, _ONCE),
)
"""Each rule with the columns without which it can say nothing."""
