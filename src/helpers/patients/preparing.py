"""A data folder in which each trial with observed patients has the numbers computed from them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from helpers.evidence import Evidence, InvalidEvidence, inspect, load
from helpers.evidence.patient_results import FILE
from helpers.evidence.version import data_files
from helpers.patients.designs import designs
from helpers.patients.reading import check_patients, read_patients
from helpers.patients.result_rows import result_rows


@dataclass(frozen=True)
class Prepared:
    """A data folder to work with, its evidence, and the designs that each trial's patients call for, by trial."""

    folder: Path
    evidence: Evidence
    designs: Mapping[str, tuple[str, ...]]


def prepare(folder: Path, into: Path) -> Prepared:
    """Check a data folder with the patients in it.

    Where no trial has observed patients the folder to work with is that folder itself. Else it is `into`, which must not
    exist: a copy with `trials/<id>/patient-results.csv` for each of them, from which `helpers.evidence` takes their numbers.
    Generated patients are checked and give no number.
    Raises InvalidEvidence with the faults of all files, those of the patients among them.
    """
    found = inspect(folder)
    checked = check_patients(folder, found.trials.values(), found.outcomes)
    faults = [*found.faults, *(fault for each in checked.values() for fault in each.faults)]
    if faults or found.evidence is None:
        raise InvalidEvidence(faults)
    read = [each.patients for each in checked.values() if each.patients]
    called = {patients.trial: designs(found.trials[patients.trial], patients) for patients in read}
    observed = [patients for patients in read if not patients.demonstration]
    if not observed:
        return Prepared(folder, found.evidence, called)
    for file in data_files(folder):
        (into / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / file, into / file)
    for patients in observed:
        rows = result_rows(patients, found.trials[patients.trial], found.evidence.outcomes)
        rows.to_csv(into / "trials" / patients.trial / FILE, index=False, lineterminator="\n")
    return Prepared(into, load(into), called)


def called_designs(evidence: Evidence, folder: Path) -> dict[str, tuple[str, ...]]:
    """The designs that the patients in a valid data folder call for, by trial."""
    read = {trial: read_patients(evidence, trial, folder) for trial in evidence.trials}
    return {trial: designs(evidence.trials[trial], patients) for trial, patients in read.items() if patients}
