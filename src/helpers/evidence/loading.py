"""Read a data folder: every fault in one pass, or the whole evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.evidence import claims, folder_rules, patient_results, result_rules
from helpers.evidence.faults import Fault, InvalidEvidence
from helpers.evidence.model import Edition, Evidence, Reference, Trial
from helpers.evidence.printed import to_number
from helpers.evidence.references import read_references
from helpers.evidence.scale import Scale
from helpers.evidence.tables import Table, cells_of, duplicate_faults, read_table
from helpers.evidence.toml_file import TomlFile
from helpers.evidence.trial_file import read_edition, read_trial
from helpers.evidence.version import version_hash

CERTAINTY = "certainty.csv"
OPTIONAL = {
    "bias.csv": folder_rules.BIAS,
    "claims.csv": claims.COLUMNS,
    patient_results.FILE: result_rules.COLUMNS,
}
"""Files that a trial's folder may lack; the data folder itself may lack certainty.csv."""


def load(folder: Path | None = None) -> Evidence:
    """Return the evidence of a data folder; without one, of the project's own.

    Raises InvalidEvidence with all faults of the folder. A part of a folder that was checked before, as a page in
    execution has it, is not checked again; it must hold all files that do not belong to a trial.
    """
    part = False
    if folder is None:
        from helpers import paths  # only here: a folder that is given needs no project around it

        folder, part = paths.data(), paths.data_is_part()
    read = _read(Path(folder), rules=not part)
    if read.faults and not (part and read.has_common_files):
        raise InvalidEvidence(read.faults)
    return _evidence(read)


def check(folder: Path) -> list[Fault]:
    """Return all faults of a data folder, sorted by file, row and column; an empty list when it is valid."""
    return list(inspect(folder).faults)


@dataclass(frozen=True)
class Found:
    """A data folder as far as it could be read: its faults, sorted, and what patient-level data are checked against.

    trials: by id, without those whose trial.toml could not be read. outcomes: as in `Evidence`; None where they could not be
    read. evidence: None where the folder has a fault.
    """

    faults: tuple[Fault, ...]
    trials: dict[str, Trial]
    outcomes: pd.DataFrame | None
    evidence: Evidence | None


def inspect(folder: Path) -> Found:
    """Read a data folder without the patients in it, whatever its faults."""
    read = _read(Path(folder))
    usable = read.outcomes is not None and read.outcomes.has("id", "type", "min", "max", "step", "direction", "unit")
    return Found(
        faults=tuple(sorted(set(read.faults))),
        trials={trial_id: found[0] for trial_id, found in read.trials.items() if found},
        outcomes=_outcomes(read.outcomes) if read.outcomes is not None and usable else None,
        evidence=None if read.faults else _evidence(read),
    )


@dataclass(frozen=True)
class _Read:
    """A data folder as far as it could be read. A file that could not be read is None.

    observed: trials with patients who are not generated; their numbers come from them, and they need no published ones.
    """

    faults: list[Fault]
    edition: Edition | None
    references: dict[str, Reference]
    outcomes: Table | None
    syntheses: Table | None
    search: Table | None
    glossary: Table | None
    certainty: Table | None
    trials: dict[str, tuple[Trial, TomlFile] | None]
    results: dict[str, Table]
    bias: dict[str, Table]
    claims: dict[str, Table]
    computed: dict[str, Table]
    observed: frozenset[str] = frozenset()

    @property
    def has_common_files(self) -> bool:
        """Whether all files were read that stand once, not once a trial."""
        common = (self.edition, self.outcomes, self.syntheses, self.search, self.glossary)
        return all(file is not None for file in common)


def _read(folder: Path, rules: bool = True) -> _Read:
    """Read a folder. rules: whether to check what the files say, beyond their form."""
    faults: list[Fault] = []
    if not folder.is_dir():
        faults.append(Fault(".", 0, "", "missing data folder", str(folder), "a folder with outcomes.csv and trials/"))
        return _Read(faults, None, {}, None, None, None, None, None, {}, {}, {}, {}, {})
    references, sources = read_references(folder, faults)
    needed = tuple(name for name in folder_rules.OUTCOMES if name != "paramcd")
    outcomes = read_table(folder, "outcomes.csv", folder_rules.OUTCOMES, faults, needed)
    known = _ids(outcomes)
    trials, results = {}, {}
    observed: set[str] = set()
    optional: dict[str, dict[str, Table]] = {name: {} for name in OPTIONAL}
    for trial_id in _trial_ids(folder, faults):
        toml = TomlFile.read(folder, f"trials/{trial_id}/trial.toml", faults)
        trials[trial_id] = None if toml is None else (read_trial(toml, trial_id, sources, known), toml)
        found = trials[trial_id]
        if found and not found[0].demonstration and patient_results.has_patients(folder, trial_id):
            observed.add(trial_id)
        if (folder / "trials" / trial_id / "results.csv").exists() or trial_id not in observed:
            table = read_table(folder, f"trials/{trial_id}/results.csv", result_rules.COLUMNS, faults)
            if table is not None:
                results[trial_id] = table
        for name, columns in OPTIONAL.items():
            if (folder / "trials" / trial_id / name).exists():
                table = read_table(folder, f"trials/{trial_id}/{name}", columns, faults)
                if table is not None:
                    optional[name][trial_id] = table
    read = _Read(
        faults=faults,
        edition=read_edition(folder, version_hash(folder), faults, _events(outcomes)),
        references=references,
        outcomes=outcomes,
        syntheses=read_table(folder, "syntheses.csv", folder_rules.SYNTHESES, faults),
        search=read_table(folder, "search.csv", folder_rules.SEARCH, faults),
        glossary=read_table(folder, "glossary.csv", folder_rules.GLOSSARY, faults),
        certainty=(
            read_table(folder, CERTAINTY, folder_rules.CERTAINTY, faults) if (folder / CERTAINTY).exists() else None
        ),
        trials=trials,
        results=results,
        bias=optional["bias.csv"],
        claims=optional["claims.csv"],
        computed=optional[patient_results.FILE],
        observed=frozenset(observed),
    )
    if rules:
        faults.extend(_cell_faults(read, sources))
        faults.extend(_rule_faults(read))
        faults.extend(_computed_faults(read))
    return read


def _computed_faults(read: _Read) -> list[Fault]:
    """Numbers of patients where none were observed."""
    faults = []
    for trial_id, table in read.computed.items():
        found = read.trials[trial_id]
        if found and trial_id not in read.observed:
            generated = found[0].demonstration
            problem = "results of generated patients" if generated else "results of patients who are not there"
            allowed = "no such file: review makes it from observed patients, for as long as it runs"
            faults.append(Fault(table.file, 0, "", problem, "", allowed))
    return faults


def _ids(outcomes: Table | None) -> frozenset[str] | None:
    """Ids of the outcomes; None where they could not be read."""
    return None if outcomes is None or not outcomes.has("id") else frozenset(outcomes.cells["id"]) - {""}


def _events(outcomes: Table | None) -> frozenset[str] | None:
    """Ids of the binary outcomes; None where they could not be read."""
    if outcomes is None or not outcomes.has("id", "type"):
        return None
    return frozenset(cells["id"] for _, cells in outcomes.records if cells["type"] == "binary")


def _trial_ids(folder: Path, faults: list[Fault]) -> list[str]:
    trials = folder / "trials"
    ids = sorted(path.name for path in trials.iterdir() if path.is_dir()) if trials.is_dir() else []
    ids = [name for name in ids if not name.startswith(".")]
    if not ids:
        faults.append(Fault("trials", 0, "", "no trial", "", "one folder trials/<trial-id>/ for each trial"))
    return ids


def _cell_faults(read: _Read, sources: frozenset[str] | None) -> list[Fault]:
    from helpers.evidence import schemas  # here because pandera's import takes as long as checking the data

    known = _ids(read.outcomes)
    faults = []
    for tables, schema in (
        ([read.outcomes], schemas.outcomes_schema(sources)),
        ([read.syntheses], schemas.syntheses_schema()),
        ([read.search], schemas.search_schema()),
        ([read.glossary], schemas.glossary_schema()),
        ([read.certainty], schemas.certainty_schema()),
        (read.results.values(), schemas.results_schema(known, sources)),
        (read.bias.values(), schemas.bias_schema(sources)),
        (read.claims.values(), schemas.claims_schema(sources)),
        (read.computed.values(), schemas.results_schema(known, sources, (patient_results.PATIENTS,))),
    ):
        found = [table for table in tables if table is not None]
        if found:
            faults.extend(schemas.column_faults(cells_of(found), schema))
    return faults


def _rule_faults(read: _Read) -> list[Fault]:
    faults: list[Fault] = []
    scales = None if read.outcomes is None or not read.outcomes.has("id") else _scales(read.outcomes)
    trials = {trial_id: found[0] if found else None for trial_id, found in read.trials.items()}
    if read.outcomes is not None:
        faults.extend(_no_rows(read.outcomes))
        faults.extend(duplicate_faults(read.outcomes, ("id",), "id"))
        faults.extend(duplicate_faults(read.outcomes, ("paramcd",), "paramcd"))
        faults.extend(folder_rules.outcome_faults(read.outcomes, scales or {}))
    if read.syntheses is not None:
        faults.extend(duplicate_faults(read.syntheses, ("id",), "id"))
        faults.extend(folder_rules.synthesis_faults(read.syntheses, scales))
    if read.search is not None:
        faults.extend(duplicate_faults(read.search, ("record",), "record"))
        faults.extend(folder_rules.search_faults(read.search, trials))
    if read.glossary is not None:
        faults.extend(duplicate_faults(read.glossary, ("abbreviation",), "abbreviation"))
    if read.certainty is not None:
        known = None if read.syntheses is None else frozenset(cells["id"] for _, cells in read.syntheses.records)
        faults.extend(folder_rules.certainty_faults(read.certainty, known, trials))
    for trial_id, table in read.results.items():
        trial = trials[trial_id]
        if (trial is None or trial.status != "ongoing") and trial_id not in read.observed:
            faults.extend(_no_rows(table))
    for trial_id, table in (*read.results.items(), *read.computed.items()):
        results = result_rules.Results.of(table, trials[trial_id], scales or {})
        faults.extend(result_rules.result_faults(results))
    for trial_id, table in read.bias.items():
        faults.extend(folder_rules.bias_faults(table, trials[trial_id]))
    for trial_id, table in read.claims.items():
        faults.extend(claims.claim_faults(table, trials[trial_id]))
    readable = {trial_id: found for trial_id, found in read.trials.items() if found}
    faults.extend(folder_rules.same_trial_faults(readable, read.references))
    return faults


def _no_rows(table: Table) -> list[Fault]:
    if not table.records and not table.malformed:
        return [Fault(table.file, 0, "", "no row below the header", "", "one row or more")]
    return []


def _scales(outcomes: Table) -> Mapping[str, Scale]:
    scales: dict[str, Scale] = {}
    for _, cells in outcomes.records:
        scales.setdefault(cells["id"], Scale.of(cells).sound())
    return scales


def _evidence(read: _Read) -> Evidence:
    """Give the tables of a folder without faults their types."""
    assert read.edition and read.outcomes and read.syntheses and read.search and read.glossary
    outcomes = _outcomes(read.outcomes)
    published, computed = _results(read.results), _results(read.computed)
    gives_way = patient_results.replaced(published, computed, outcomes).to_numpy(dtype=bool)
    results = pd.concat([published[~gives_way], computed], ignore_index=True)
    return Evidence(
        edition=read.edition,
        outcomes=outcomes,
        syntheses=_typed(read.syntheses.cells, days=("day_from", "day_to", "day_target")).set_index("id"),
        search=_typed(read.search.cells),
        glossary=_typed(read.glossary.cells),
        certainty=_certainty(read.certainty),
        references=read.references,
        trials={trial_id: found[0] for trial_id, found in read.trials.items() if found},
        results=results.sort_values("trial", kind="stable", ignore_index=True),
        bias=_together(read.bias, folder_rules.BIAS),
        claims=_together(read.claims, claims.COLUMNS),
        replaced=published[gives_way].reset_index(drop=True),
    )


def _outcomes(table: Table) -> pd.DataFrame:
    return _typed(table.cells.fillna(""), floats=("min", "max", "step", "mcid")).set_index("id")


def _results(tables: Mapping[str, Table]) -> pd.DataFrame:
    results = _together(tables, result_rules.COLUMNS)
    return _typed(results.assign(printed=results["value"]), floats=("value",), days=("day",))


def _certainty(table: Table | None) -> pd.DataFrame:
    empty = pd.DataFrame(columns=[*folder_rules.CERTAINTY], dtype="str")
    return (empty if table is None else _typed(table.cells)).astype({"step": "int64"})


def _together(tables: Mapping[str, Table], columns: tuple[str, ...]) -> pd.DataFrame:
    """One frame of all trials, with the columns `trial` and `row` in front."""
    if not tables:
        return pd.DataFrame(columns=["trial", "row", *columns], dtype="str").astype({"row": "int64"})
    ordered = dict(sorted(tables.items()))
    trials = [trial_id for trial_id, table in ordered.items() for _ in table.records]
    cells = cells_of([*ordered.values()]).assign(trial=pd.array(trials, dtype="str"))
    return cells[["trial", "row", *columns]]


def _typed(cells: pd.DataFrame, floats: tuple[str, ...] = (), days: tuple[str, ...] = ()) -> pd.DataFrame:
    typed = cells.copy()
    for column in floats:
        typed[column] = cells[column].map(to_number).astype("float64")
    for column in days:
        typed[column] = cells[column].astype("int64")
    return typed.drop(columns=["file", "row"] if "file" in cells else [])
