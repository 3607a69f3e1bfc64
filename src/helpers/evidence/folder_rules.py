"""Rules of the other files that need more than one cell, and rules between files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from helpers.evidence.faults import Fault, one_of
from helpers.evidence.model import Reference, Trial
from helpers.evidence.printed import plain, to_number
from helpers.evidence.scale import Scale
from helpers.evidence.tables import Table
from helpers.evidence.toml_file import KeyPath, TomlFile
from helpers.evidence.vocabulary import (
    BIAS_TOOLS,
    CERTAINTY_STARTS,
    CERTAINTY_STEPS,
    LOWERING,
    MEASURES,
    OUTCOME_TYPES,
    TOWARD_BENEFIT,
)

OUTCOMES = (
    "id",
    "name",
    "abbreviation",
    "paramcd",
    "type",
    "domain",
    "min",
    "max",
    "step",
    "direction",
    "unit",
    "mcid",
    "mcid_source",
    "from_outcome",
    "from_levels",
    "description",
)
SYNTHESES = (
    "id",
    "title",
    "headline",
    "question",
    "outcomes",
    "measure",
    "day_from",
    "day_to",
    "day_target",
    "comment",
)
SEARCH = ("record", "label", "source", "status", "reason", "report", "trial")
GLOSSARY = ("abbreviation", "meaning")
CERTAINTY = ("synthesis", "trials", "start", "domain", "step", "ground")
BIAS = ("tool", "domain", "judgement", "ground", "source", "locator")


def outcome_faults(table: Table, scales: Mapping[str, Scale]) -> Iterator[Fault]:
    """Scales that can not be, and outcomes counted from levels that do not exist."""
    for row, cells in table.records:
        scale = Scale.of(cells)

        def fault(column: str, problem: str, allowed: str, row: int = row, cells: dict[str, str] = cells) -> Fault:
            return Fault(table.file, row, column, problem, cells[column], allowed)

        if scale.low >= scale.high:
            yield fault("min", "min not below max", f"less than max = {cells['max']}")
        if scale.step <= 0:
            yield fault("step", "step not above 0", "a number above 0")
        elif not scale.step_divides_width:
            yield fault("step", "step does not divide the scale", f"a whole part of {plain(scale.width)}")
        if scale.type == "ordinal":
            for column in ("min", "max", "step"):
                if table.has(column) and not cells[column]:
                    yield fault(column, f"ordinal outcome without {column}", "a number")
            if cells["direction"] == "none":
                yield fault("direction", "ordinal outcome without a direction", "higher, lower")
        if to_number(cells["mcid"]) <= 0:
            yield fault("mcid", "mcid not above 0", "a number above 0, in points of the scale")
        if table.has("mcid", "mcid_source") and bool(cells["mcid"]) != bool(cells["mcid_source"]):
            column = "mcid" if cells["mcid_source"] else "mcid_source"
            yield fault(column, "mcid and its source do not go together", "both or neither")
        if table.has("from_outcome", "from_levels"):
            yield from _derived_outcome_faults(table.file, row, cells, scales)


def _derived_outcome_faults(
    file: str, row: int, cells: Mapping[str, str], scales: Mapping[str, Scale]
) -> Iterator[Fault]:
    origin, levels = cells["from_outcome"], cells["from_levels"]
    if bool(origin) != bool(levels):
        column = "from_levels" if origin else "from_outcome"
        yield Fault(file, row, column, "from_outcome and from_levels do not go together", "", "both or neither")
    if not origin:
        return
    scored = [name for name, scale in scales.items() if scale.type == "ordinal" or scale.levels]
    if origin not in scales:
        yield Fault(file, row, "from_outcome", "unknown outcome", origin, one_of(origin, scored))
    elif scales[origin].type and origin not in scored:
        yield Fault(file, row, "from_outcome", "outcome without levels", origin, one_of(origin, scored))
    elif known := scales[origin].levels:
        for level in levels.split():
            if level not in known:
                problem = f"level outside the scale of {origin}"
                yield Fault(file, row, "from_levels", problem, level, ", ".join(known))
    if cells["type"] in OUTCOME_TYPES and cells["type"] != "binary":
        yield Fault(file, row, "type", "outcome counted from levels is not binary", cells["type"], "binary")


def synthesis_faults(table: Table, scales: Mapping[str, Scale] | None) -> Iterator[Fault]:
    """Outcomes that are not described, do not have the measure or can not be pooled; windows that hold no day."""
    for row, cells in table.records:
        for outcome in cells["outcomes"].split():
            if scales is None:
                break
            scale = scales.get(outcome)
            types = MEASURES.get(cells["measure"], OUTCOME_TYPES)
            if scale is None:
                yield Fault(table.file, row, "outcomes", "unknown outcome", outcome, one_of(outcome, scales))
            elif scale.type and scale.type not in types:
                problem = f"{cells['measure']} of a {scale.type} outcome"
                yield Fault(table.file, row, "outcomes", problem, outcome, f"outcomes of type {', '.join(types)}")
        yield from _opposite_outcome_faults(table.file, row, cells, scales or {})
        day_from, day_to, target = (to_number(cells[column]) for column in ("day_from", "day_to", "day_target"))
        if day_from > day_to:
            allowed = f"at most day_to = {cells['day_to']}"
            yield Fault(table.file, row, "day_from", "day_from after day_to", cells["day_from"], allowed)
        elif target < day_from or target > day_to:
            allowed = f"{cells['day_from']} to {cells['day_to']}"
            yield Fault(table.file, row, "day_target", "day_target outside its window", cells["day_target"], allowed)


def _opposite_outcome_faults(
    file: str, row: int, cells: Mapping[str, str], scales: Mapping[str, Scale]
) -> Iterator[Fault]:
    """More deaths and more recoveries are not one effect, unless the measure is turned toward benefit."""
    measure = cells["measure"]
    if measure not in MEASURES or measure in TOWARD_BENEFIT:
        return
    known = [scales[outcome] for outcome in cells["outcomes"].split() if outcome in scales]
    higher, lower = (" ".join(s.id for s in known if s.direction == way) for way in ("higher", "lower"))
    if higher and lower:
        allowed = f"only those where higher is better ({higher}) or only those where lower is ({lower})"
        problem = f"outcomes of opposite direction under {measure}"
        yield Fault(file, row, "outcomes", problem, cells["outcomes"], allowed)


def search_faults(table: Table, trials: Mapping[str, Trial | None]) -> Iterator[Fault]:
    """Records that lead to a trial or report that does not exist. A trial is None where it can not be read."""
    for row, cells in table.records:
        trial, report = cells["trial"], cells["report"]
        leads = cells["status"] in ("included", "duplicate")
        for column in ("trial", "report"):
            if leads and table.has(column) and not cells[column]:
                problem = f"{cells['status']} record without a {column}"
                yield Fault(table.file, row, column, problem, cells["record"], f"the id of the {column}")
        if trial and trial not in trials:
            yield Fault(table.file, row, "trial", "unknown trial", trial, one_of(trial, trials))
        elif report and (known := trials.get(trial)):
            reports = [other.id for other in known.reports]
            if report not in reports:
                yield Fault(table.file, row, "report", "unknown report", report, one_of(report, reports))


def bias_faults(table: Table, trial: Trial | None) -> Iterator[Fault]:
    """Words that the tool does not have, domains that are missing or judged twice, a tool for another design."""
    if not table.has("tool"):
        return
    rows = table.records
    for name in dict.fromkeys(cells["tool"] for _, cells in rows):
        tool = BIAS_TOOLS.get(name)
        if tool is None:
            continue
        judged: dict[str, int] = {}
        first = next(row for row, cells in rows if cells["tool"] == name)
        if trial and trial.design and trial.design not in tool.designs:
            fitting = [other for other, its in BIAS_TOOLS.items() if trial.design in its.designs]
            if fitting:
                problem = f"tool that does not fit a {trial.design} trial"
                yield Fault(table.file, first, "tool", problem, name, one_of("", fitting))
        for row, cells in rows:
            if cells["tool"] != name:
                continue
            domain, judgement = cells["domain"], cells["judgement"]
            if domain and domain not in tool.domains:
                yield Fault(table.file, row, "domain", f"unknown domain of {name}", domain, one_of("", tool.domains))
            elif domain in judged:
                yield Fault(table.file, row, "domain", f"duplicate of row {judged[domain]}", domain, "each domain once")
            if judgement and judgement not in tool.judgements:
                problem = f"unknown judgement of {name}"
                yield Fault(table.file, row, "judgement", problem, judgement, one_of(judgement, tool.judgements))
            judged.setdefault(domain, row)
        if table.has("domain"):
            for domain in tool.domains:
                if domain not in judged and not any(domain in fields for fields in table.malformed):
                    yield Fault(table.file, 0, "domain", f"missing domain of {name}", domain, ", ".join(tool.domains))


def certainty_faults(
    table: Table, syntheses: frozenset[str] | None, trials: Mapping[str, Trial | None]
) -> Iterator[Fault]:
    """Judgements of unknown trials, steps that a domain can not take, bodies of evidence judged twice or in part.

    A body of evidence is a synthesis with the trials that enter it. syntheses: their ids, or None where they could not
    be read.
    """
    bodies: dict[tuple[str, frozenset[str]], list[tuple[int, dict[str, str]]]] = {}
    complete = table.has("synthesis", "trials", "start", "domain") and not table.malformed
    for row, cells in table.records:
        named = cells["trials"].split()
        complete = complete and all(cells[column] for column in ("synthesis", "trials", "start", "domain"))
        if syntheses is not None and cells["synthesis"] and cells["synthesis"] not in syntheses:
            complete = False
            allowed = one_of(cells["synthesis"], syntheses)
            yield Fault(table.file, row, "synthesis", "unknown synthesis", cells["synthesis"], allowed)
        for trial in named:
            if trial not in trials:
                complete = False
                yield Fault(table.file, row, "trials", "unknown trial", trial, one_of(trial, trials))
        for trial in sorted({trial for trial in named if named.count(trial) > 1}):
            yield Fault(table.file, row, "trials", "trial named twice", trial, "each trial once")
        steps = [f"{step:g}" for step in CERTAINTY_STEPS.get(cells["domain"], ())]
        if steps and cells["step"] and cells["step"] not in steps:
            yield Fault(
                table.file, row, "step", f"step that {cells['domain']} can not take", cells["step"], ", ".join(steps)
            )
        bodies.setdefault((cells["synthesis"], frozenset(named)), []).append((row, cells))
        complete = complete and cells["domain"] in CERTAINTY_STEPS and cells["start"] in CERTAINTY_STARTS
    if complete:  # else a body would seem incomplete for a fault that is already told
        for rows in bodies.values():
            yield from _body_faults(table, rows)


def _body_faults(table: Table, rows: list[tuple[int, dict[str, str]]]) -> Iterator[Fault]:
    """All judgements of one body of evidence: one start, each domain once, no lowering domain left out."""
    first, start = rows[0][0], rows[0][1]["start"]
    judged: dict[str, int] = {}
    for row, cells in rows:
        if cells["start"] != start:
            yield Fault(table.file, row, "start", f"other start than in row {first}", cells["start"], start)
        domain = cells["domain"]
        if domain in judged:
            yield Fault(table.file, row, "domain", f"duplicate of row {judged[domain]}", domain, "each domain once")
        judged.setdefault(domain, row)
    for domain in LOWERING:
        if domain not in judged:
            yield Fault(table.file, first, "domain", "missing domain of the same trials", domain, ", ".join(LOWERING))


def same_trial_faults(
    trials: Mapping[str, tuple[Trial, TomlFile]], references: Mapping[str, Reference]
) -> Iterator[Fault]:
    """Two folders that are one trial: the same name, registry number, or document of a report.

    Two reports of one trial are one trial; pooled as two it would count its patients twice.
    """
    first: dict[tuple[str, str], str] = {}
    for trial_id, (trial, toml) in trials.items():
        marks: list[tuple[KeyPath, str, str]] = [
            (("name",), "name", trial.name.casefold().strip()),
            (("registry",), "registry number", trial.registry.casefold().strip()),
        ]
        for index, report in enumerate(trial.reports):
            reference = references.get(report.citation)
            what, mark = (
                ("DOI of a report", reference.doi) if reference and reference.doi else ("report", report.citation)
            )
            marks.append((("reports", index, "citation"), what, mark))
        for path, what, mark in marks:
            other = first.setdefault((what, mark), trial_id) if mark else trial_id
            if other != trial_id:
                value = mark if what.startswith("DOI") else str(toml.get(path))
                allowed = f"two reports of one trial are one trial: both belong into trials/{other}"
                yield toml.fault(path, f"{what} that trial {other} has too", value, allowed)
