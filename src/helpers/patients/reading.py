"""Read and check the patients of one trial, or find the faults of those of all trials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.evidence import Evidence, Fault, InvalidEvidence
from helpers.evidence.adam import TABLES
from helpers.evidence.model import Trial
from helpers.evidence.patient_results import has_patients
from helpers.evidence.scale import Scale
from helpers.patients import rules
from helpers.patients.files import DEMONSTRATION, FOLDER, IMAGING, present, read_raw
from helpers.patients.imaging import read_connectivity
from helpers.patients.model import Patients
from helpers.patients.standard import Standard, standard


def read_patients(evidence: Evidence, trial: str, folder: Path | None = None) -> Patients | None:
    """The patients of one trial; None where it has none.

    folder: the data folder, by default the project's own. Raises InvalidEvidence with all faults of the files.
    """
    if folder is None:
        from helpers import paths  # only here: a folder that is given needs no project around it

        folder = paths.data()
    if not has_patients(folder, trial):
        return None
    read = _read(folder, evidence.trials[trial], evidence.outcomes)
    if read.faults or read.patients is None:
        raise InvalidEvidence(read.faults)
    return read.patients


def check_patients(folder: Path, trials: Iterable[Trial], outcomes: pd.DataFrame | None) -> dict[str, Checked]:
    """The patients of each trial that has any, with their faults.

    outcomes: as in `Evidence.outcomes`; without them codes and scores are not checked.
    """
    return {trial.id: _read(folder, trial, outcomes) for trial in trials if trial.id and has_patients(folder, trial.id)}


@dataclass(frozen=True)
class Checked:
    """The patients of one trial as far as they could be read (None without adsl), and every fault, sorted."""

    patients: Patients | None
    faults: tuple[Fault, ...]


def parameter_codes(trial: Trial, outcomes: pd.DataFrame) -> dict[str, str]:
    """PARAMCD -> outcome id: the dictionary's codes and the trial's own, which win. outcomes: indexed by id."""
    codes = {str(code): str(outcome) for outcome, code in outcomes["paramcd"].items() if code}
    return codes | trial.patients.parameters


def _read(folder: Path, trial: Trial, outcomes: pd.DataFrame | None) -> Checked:
    faults: list[Fault] = []
    files = present(folder, trial.id, faults)
    generated = folder / "trials" / trial.id / FOLDER / DEMONSTRATION
    if generated.is_file() and not trial.demonstration:
        file = f"trials/{trial.id}/{FOLDER}/{DEMONSTRATION}"
        told = "demonstration = true under [patients] in trial.toml, or only observed patients"
        faults.append(Fault(file, 0, "", "generated patients that trial.toml does not call so", "", told))
    tables: dict[str, Standard] = {}
    for name, file in files.items():
        raw = read_raw(folder, file, faults)
        if raw is not None:
            elsewhere = ("AWTARGET",) if trial.patients.visits else ()
            tables[name] = standard(raw, name, trial.patients.columns.get(name, {}), faults, elsewhere)
    scales = {} if outcomes is None else _scales(outcomes)
    codes = None if outcomes is None else parameter_codes(trial, outcomes)
    frames = {name: _typed(name, tables.get(name), trial, codes) for name in TABLES}
    done = {name: Standard(table.raw, frames[name], table.own, table.missing) for name, table in tables.items()}
    faults += _rule_faults(done, trial, scales, codes)
    known = frames["adsl"]["USUBJID"]
    imaging = folder / "trials" / trial.id / FOLDER / IMAGING
    connectivity = read_connectivity(imaging, f"trials/{trial.id}/{FOLDER}/{IMAGING}", known, faults)
    if "adsl" not in tables:
        return Checked(None, tuple(sorted(set(faults))))
    adqs, adae = frames["adqs"], frames["adae"]
    if not faults:
        adqs = _completed(adqs)
    patients = Patients(
        trial=trial.id,
        adsl=frames["adsl"],
        adqs=adqs,
        adae=adae,
        connectivity=connectivity,
        demonstration=trial.demonstration or generated.is_file(),
        arms=trial.arms,
        tables=tuple(tables),
    )
    return Checked(patients, tuple(sorted(set(faults))))


def _rule_faults(
    tables: Mapping[str, Standard], trial: Trial, scales: Mapping[str, Scale], codes: Mapping[str, str] | None
) -> list[Fault]:
    faults: list[Fault] = []
    adsl, adqs, adae = (tables.get(name) for name in ("adsl", "adqs", "adae"))
    if adsl is not None:
        if adsl.cells.empty:
            faults.append(Fault(adsl.file, 0, "", "no patient", "", "one row or more below the header"))
        faults += rules.adsl_faults(adsl, trial)
        for name, table in (("adqs", adqs), ("adae", adae)):
            if table is not None:
                faults += rules.patients_of(table, adsl, name)
        if adqs is not None:
            faults += rules.without_rows(adsl, adqs)
    if adqs is not None:
        faults += rules.adqs_faults(adqs, trial.patients, scales, codes)
    return faults


def _typed(name: str, table: Standard | None, trial: Trial, codes: Mapping[str, str] | None) -> pd.DataFrame:
    """The table's cells with what trial.toml maps; without a file an empty table."""
    if table is None:
        columns = {column: "float64" if its.kind == "number" else "str" for column, its in TABLES[name].items()}
        cells = pd.DataFrame({column: pd.Series(dtype=kind) for column, kind in columns.items()})
    else:
        cells = table.cells
    if name == "adsl":
        arms = trial.patients.arms
        return cells.assign(**{column: cells[column].replace(arms) for column in ("TRT01P", "TRT01A")})
    if name == "adqs":
        outcome = cells["PARAMCD"].map(codes or {}).astype("object").fillna("").astype("str")
        cells = cells.assign(outcome=outcome)
        return rules.with_days(cells, trial.patients)
    return cells


def _completed(adqs: pd.DataFrame) -> pd.DataFrame:
    """BASE and CHG where they follow from the other rows; whole days as whole numbers."""
    baseline = adqs.loc[adqs["ABLFL"] == "Y"].set_index(["USUBJID", "outcome"])["AVAL"].rename("own")
    own = adqs[["USUBJID", "outcome"]].join(baseline, on=["USUBJID", "outcome"])["own"]
    base = adqs["BASE"].fillna(own)
    return adqs.assign(BASE=base, CHG=adqs["AVAL"] - base, AWTARGET=adqs["AWTARGET"].astype(np.int64))


def _scales(outcomes: pd.DataFrame) -> dict[str, Scale]:
    columns = ["type", "unit", "min", "max", "step", "direction"]
    return {str(name): Scale(str(name), *row).sound() for name, *row in outcomes[columns].itertuples(name=None)}
