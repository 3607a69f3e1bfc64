"""A data folder in which each trial with observed patients has the numbers computed from them."""

from __future__ import annotations

import shutil
from pathlib import Path

from helpers.evidence import Evidence, InvalidEvidence, inspect, load
from helpers.evidence.patient_results import FILE
from helpers.evidence.version import data_files
from helpers.patients.reading import check_patients
from helpers.patients.result_rows import result_rows


def prepare(folder: Path, into: Path) -> tuple[Path, Evidence]:
    """Check a data folder with the patients in it; return the folder to work with and its evidence.

    Where no trial has observed patients that is the folder itself. Else it is `into`, which must not exist: a copy with
    `trials/<id>/patient-results.csv` for each of them, from which `helpers.evidence` takes their numbers. Generated patients
    are checked and give no number.
    Raises InvalidEvidence with the faults of all files, those of the patients among them.
    """
    found = inspect(folder)
    checked = check_patients(folder, found.trials.values(), found.outcomes)
    faults = [*found.faults, *(fault for each in checked.values() for fault in each.faults)]
    if faults or found.evidence is None:
        raise InvalidEvidence(faults)
    observed = [each.patients for each in checked.values() if each.patients and not each.patients.demonstration]
    if not observed:
        return folder, found.evidence
    for file in data_files(folder):
        (into / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / file, into / file)
    for patients in observed:
        rows = result_rows(patients, found.trials[patients.trial], found.evidence.outcomes)
        rows.to_csv(into / "trials" / patients.trial / FILE, index=False, lineterminator="\n")
    return into, load(into)
