"""Read a trial.toml, and the edition.toml of a data folder."""

from __future__ import annotations

import difflib
from pathlib import Path

from helpers.evidence.adam import TABLES
from helpers.evidence.faults import Fault, one_of
from helpers.evidence.model import Arm, Edition, Fact, PatientTerms, Report, Trial
from helpers.evidence.toml_file import KeyPath, TomlFile
from helpers.evidence.vocabulary import (
    ALL_ARMS,
    DESIGNS,
    ESCALATION,
    FACTS,
    POPULATION_CLASSES,
    READ_KINDS,
    REPORT_KINDS,
    ROLES,
    TRIAL_STATUSES,
)

_KEYS = (
    "id",
    "name",
    "title",
    "population_class",
    "design",
    "status",
    "registry",
    "year",
    "conflicts",
    "arms",
    "reports",
    "facts",
    "patients",
)


_PATIENT_KEYS = (
    "demonstration", "columns", "parameters", "visits", "arms", "strata", "subgroup", "doses", "primary", "primary_day",
    "assessed", "escalation", "escalation_source", "responders", "entry",
)  # fmt: skip


def read_edition(
    folder: Path, version_hash: str, faults: list[Fault], events: frozenset[str] | None = None
) -> Edition | None:
    """Read edition.toml; None where it can not be read.

    version_hash: see `helpers.evidence.version`. events: ids of the binary outcomes, None where they could not be read.
    """
    toml = TomlFile.read(folder, "edition.toml", faults)
    if toml is None:
        return None
    toml.only((), ("edition", "date", "title", "question", "harm"))
    edition = toml.text("edition")
    return Edition(
        edition=edition,
        date=toml.date("date"),
        title=toml.text("title"),
        question=toml.text("question"),
        version=f"{edition}+{version_hash}",
        harm=toml.text(
            "harm", among=sorted(events) if events is not None else None, what="binary outcome", optional=True
        ),
    )


def read_trial(
    toml: TomlFile, trial_id: str, sources: frozenset[str] | None, outcomes: frozenset[str] | None = None
) -> Trial:
    """Return the trial as far as it can be read; what is missing or wrong is reported and left empty.

    trial_id: the folder's name. sources: keys of references.bib; outcomes: ids of outcomes.csv; None where they could not
    be read.
    """
    toml.only((), _KEYS)
    if (written := toml.text("id")) and written != trial_id:
        toml.report(("id",), "id differs from the folder's name", written, trial_id)
    arms = tuple(_arm(toml, path) for path in toml.tables("arms"))
    trial = Trial(
        id=trial_id,
        name=toml.text("name"),
        title=toml.text("title"),
        population_class=toml.text("population_class", among=POPULATION_CLASSES),
        design=toml.text("design", among=DESIGNS),
        status=toml.text("status", among=TRIAL_STATUSES),
        registry=toml.text("registry", optional=True),
        year=toml.whole("year") or 0,
        conflicts=toml.texts("conflicts"),
        arms=arms,
        reports=tuple(_report(toml, path, sources) for path in toml.tables("reports")),
        facts={name: _fact(toml, ("facts", name), sources) for name in _fact_names(toml)},
        demonstration=toml.truth("patients", "demonstration"),
        patients=_patient_terms(toml, [arm.id for arm in arms if arm.id], outcomes),
    )
    _same_id_twice(toml, "arms", [arm.id for arm in trial.arms])
    _same_id_twice(toml, "reports", [report.id for report in trial.reports])
    _parts_of_arms(toml, trial)
    _arms_fit_design(toml, trial)
    return trial


def _arm(toml: TomlFile, path: KeyPath) -> Arm:
    toml.only(path, ("id", "label", "role", "part_of", "n_randomised", "n_analysed"))
    arm = Arm(
        id=toml.text(*path, "id"),
        label=toml.text(*path, "label"),
        role=toml.text(*path, "role", among=ROLES),
        part_of=toml.text(*path, "part_of", optional=True),
        n_randomised=toml.whole(*path, "n_randomised", optional=True),
        n_analysed=toml.whole(*path, "n_analysed", optional=True),
    )
    if arm.id == ALL_ARMS:
        toml.report((*path, "id"), "reserved arm id", arm.id, f"any other id: {ALL_ARMS} means all arms together")
    return arm


def _report(toml: TomlFile, path: KeyPath, sources: frozenset[str] | None) -> Report:
    toml.only(path, ("id", "citation", "kind", "label"))
    return Report(
        id=toml.text(*path, "id"),
        citation=_source(toml, (*path, "citation"), sources),
        kind=toml.text(*path, "kind", among=REPORT_KINDS, what="report kind"),
        label=toml.text(*path, "label"),
    )


def _fact_names(toml: TomlFile) -> list[str]:
    """Names of the facts: those every trial should state in their order, then others as written.

    A name that is nearly that of a usual fact is taken for a slip.
    """
    names = toml.named_tables("facts")
    for name in names:
        if name not in FACTS and difflib.get_close_matches(name, FACTS, n=1, cutoff=0.8):
            toml.report(("facts", name), "unknown fact", name, one_of(name, FACTS))
    return sorted(names, key=lambda name: FACTS.index(name) if name in FACTS else len(FACTS))


def _fact(toml: TomlFile, path: KeyPath, sources: frozenset[str] | None) -> Fact:
    toml.only(path, ("value", "source", "locator", "kind"))
    return Fact(
        value=toml.text(*path, "value"),
        source=_source(toml, (*path, "source"), sources),
        locator=toml.text(*path, "locator"),
        kind=toml.text(*path, "kind", among=READ_KINDS, what="source kind"),
    )


def _patient_terms(toml: TomlFile, arms: list[str], outcomes: frozenset[str] | None) -> PatientTerms:
    toml.only(("patients",), _PATIENT_KEYS)
    toml.only(("patients", "columns"), TABLES)
    return PatientTerms(
        columns={
            table: toml.words("patients", "columns", table, among=columns, what="standard column")
            for table, columns in TABLES.items()
        },
        parameters=toml.words("patients", "parameters", among=outcomes, what="outcome"),
        visits=toml.wholes("patients", "visits"),
        arms=toml.words("patients", "arms", among=arms, what="arm"),
        strata=toml.texts("patients", "strata"),
        subgroup=toml.text("patients", "subgroup", optional=True),
        doses=toml.amounts("patients", "doses", keys=arms, what="arm"),
        primary=toml.text("patients", "primary", among=outcomes, what="outcome", optional=True),
        primary_day=toml.whole("patients", "primary_day", optional=True),
        assessed=toml.whole("patients", "assessed", optional=True),
        escalation=tuple(_step(toml, path) for path in _steps(toml)),
        escalation_source=toml.text("patients", "escalation_source", optional=True),
        responders=toml.amounts("patients", "responders", keys=_scores(toml, "responders", outcomes), what="outcome"),
        entry=toml.amounts("patients", "entry", keys=_scores(toml, "entry", outcomes), what="outcome"),
    )


def _scores(toml: TomlFile, key: str, outcomes: frozenset[str] | None) -> list[str]:
    """The outcomes that may be named; those that are, where the dictionary could not be read."""
    written = toml.get(("patients", key))
    return sorted(outcomes) if outcomes is not None else list(written) if isinstance(written, dict) else []


def _steps(toml: TomlFile) -> list[KeyPath]:
    return toml.tables("patients", "escalation") if toml.get(("patients", "escalation")) is not None else []


def _step(toml: TomlFile, path: KeyPath) -> tuple[int, int, str]:
    toml.only(path, ("patients", "at_most", "then"))
    patients, at_most = toml.whole(*path, "patients") or 0, toml.whole(*path, "at_most") or 0
    if at_most > patients:
        toml.report((*path, "at_most"), "more events than patients", at_most, f"0 to {patients}")
    return patients, at_most, toml.text(*path, "then", among=ESCALATION, what="decision")


def _source(toml: TomlFile, path: KeyPath, sources: frozenset[str] | None) -> str:
    key = toml.text(*path)
    if key and sources is not None and key not in sources:
        toml.report(path, "unknown source", key, one_of(key, sources))
    return key


def _same_id_twice(toml: TomlFile, array: str, ids: list[str]) -> None:
    for index, name in enumerate(ids):
        if name and name in ids[:index]:
            toml.report((array, index, "id"), f"second of the {array} with this id", name, "each id once")


def _parts_of_arms(toml: TomlFile, trial: Trial) -> None:
    for index, arm in enumerate(trial.arms):
        whole = [other.id for other in trial.arms if other.id and other.id != arm.id and not other.part_of]
        if arm.part_of and arm.part_of not in whole:
            toml.report(("arms", index, "part_of"), "unknown arm", arm.part_of, one_of(arm.part_of, whole))


def _arms_fit_design(toml: TomlFile, trial: Trial) -> None:
    if trial.design == "single-arm":
        for index, arm in enumerate(trial.arms):
            if arm.role == "control":
                toml.report(("arms", index, "role"), "control arm in a single-arm trial", arm.role, "experimental")
    elif trial.design in DESIGNS and len(trial.arms) == 1:
        problem = f"one arm in a {trial.design} trial"
        toml.report(("arms",), problem, trial.arms[0].id, "two arms or more, or the design single-arm")
