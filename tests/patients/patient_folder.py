"""A small valid data folder with patients, and tools to plant faults among them."""

from __future__ import annotations

from pathlib import Path

import evidence_folder
import numpy as np
import pandas as pd

from helpers.evidence import Fault, Found, inspect
from helpers.patients.reading import Checked, check_patients

ADSL = "trials/alpha/patients/adsl.csv"
ADQS = "trials/alpha/patients/adqs.csv"
ADAE = "trials/alpha/patients/adae.csv"
IMAGING = "trials/alpha/patients/imaging"
TRIAL = "trials/alpha/trial.toml"

OUTCOMES = """\
id,name,abbreviation,paramcd,type,domain,min,max,step,direction,unit,mcid,mcid_source,from_outcome,from_levels,description
mrs,modified Rankin Scale,mRS,MRS,ordinal,disability,0,6,1,lower,points,,,,,Disability
nihss,NIH Stroke Scale,NIHSS,NIHSS,ordinal,neurological,0,42,1,lower,points,,,,,Deficit
barthel,Barthel Index,BI,BI,continuous,activities,0,100,5,higher,points,9.25,doe2020,,,Daily activities
death,Death,,,binary,safety,,,,lower,%,,,mrs,6,Death from any cause
ae,Adverse events,AE,,events,safety,0,,1,lower,events,,,,,Events
ae-patients,Patients with an adverse event,,,binary,safety,,,,lower,%,,,,,Patients
ae-related,Related adverse events,,,events,safety,0,,1,lower,events,,,,,Events
sae,Serious adverse events,SAE,,events,safety,0,,1,lower,events,,,,,Events
sae-patients,Patients with a serious adverse event,,,binary,safety,,,,lower,%,,,,,Patients
sae-related,Patients with a related serious event,,,binary,safety,,,,lower,%,,,,,Patients
age,Age,,,characteristic,baseline,0,120,,none,years,,,,,Age at entry
"""

PATIENTS = pd.DataFrame(
    {
        "USUBJID": ["P1", "P2", "P3", "P4", "P5", "P6"],
        "TRT01P": ["cells", "cells", "cells", "control", "control", "control"],
        "TRT01A": ["cells", "cells", "control", "control", "control", "control"],
        "ITTFL": ["Y"] * 6,
        "SAFFL": ["Y"] * 6,
        "AGE": [61, 72, 55, 48, 66, 70],
        "SEX": ["M", "F", "M", "F", "U", "M"],
        "EOSSTT": ["COMPLETED", "COMPLETED", "COMPLETED", "DISCONTINUED", "COMPLETED", "DISCONTINUED"],
        "DCSREAS": ["", "", "", "LOST TO FOLLOW-UP", "", "DEATH"],
        "EOSDY": [91, 90, 88, 40, 92, 60],
        "DTHFL": ["", "", "", "", "", "Y"],
        "SITE": ["A", "A", "B", "B", "A", "B"],
    }
)

SCORES = {
    "MRS": ([4, 4, 5, 4, 3, 5], [2, 3, 4, np.nan, 3, 6]),
    "BI": ([40, 35, 20, 45, 60, 25], [80, 60, 35, np.nan, 65, np.nan]),
}

EVENTS = pd.DataFrame(
    {
        "USUBJID": ["P1", "P1", "P3", "P6", "P6"],
        "AEDECOD": ["Headache", "Fever", "Seizure", "Pneumonia", "Recurrent stroke"],
        "AESER": ["N", "N", "Y", "Y", "Y"],
        "AEREL": ["RELATED", "NOT RELATED", "NOT RELATED", "NOT RELATED", "NOT RELATED"],
        "AETOXGR": [1, 2, 3, 4, 5],
        "ASTDY": [1, 12, 30, 20, 58],
    }
)


def measurements() -> pd.DataFrame:
    rows = []
    for code, (before, after) in SCORES.items():
        for patient, first, last in zip(PATIENTS["USUBJID"], before, after, strict=True):
            base = {"USUBJID": patient, "PARAMCD": code, "BASE": first}
            rows.append(base | {"AVISIT": "Baseline", "AWTARGET": 0, "ADY": 1, "AVAL": first, "CHG": 0, "ABLFL": "Y"})
            rows.append(
                base | {"AVISIT": "Month 3", "AWTARGET": 90, "ADY": 88, "AVAL": last, "CHG": last - first, "ABLFL": ""}
            )
    columns = ["USUBJID", "PARAMCD", "AVISIT", "AWTARGET", "ADY", "AVAL", "BASE", "CHG", "ABLFL"]
    return pd.DataFrame(rows)[columns]


class PatientFolder(evidence_folder.DataFolder):
    """A data folder whose patients can be damaged in one place at a time."""

    def frame(self, file: str) -> pd.DataFrame:
        return pd.read_csv(self.path / file, dtype="str", keep_default_na=False)

    def put(self, file: str, frame: pd.DataFrame) -> None:
        (self.path / file).parent.mkdir(parents=True, exist_ok=True)
        frame.to_csv(self.path / file, index=False)

    def cell(self, file: str, column: str, value: object, **where: object) -> int:
        """Write one cell and return its line."""
        frame = self.frame(file)
        chosen = np.logical_and.reduce([frame[name] == str(wanted) for name, wanted in where.items()])
        (place,) = np.flatnonzero(chosen)
        frame.loc[place, column] = str(value)
        self.put(file, frame)
        return int(place) + 2

    def again(self, file: str, **where: object) -> int:
        """Repeat one row at the end and return its line."""
        frame = self.frame(file)
        chosen = np.logical_and.reduce([frame[name] == str(wanted) for name, wanted in where.items()])
        self.put(file, pd.concat([frame, frame[chosen].head(1)]))
        return len(frame) + 2

    def terms(self, text: str) -> None:
        """Lines of [patients] in trial.toml."""
        self.write(TRIAL, self.read(TRIAL) + "\n[patients]\n" + text)

    def faults(self) -> list[Fault]:
        """Those of the patients; everything else in the folder is valid."""
        found = inspect(self.path)
        assert found.faults == ()
        return [fault for each in self._checked(found).values() for fault in each.faults]

    def _checked(self, found: Found) -> dict[str, Checked]:
        return check_patients(self.path, found.trials.values(), found.outcomes)


def write_valid_folder(path: Path) -> PatientFolder:
    evidence_folder.write_valid_folder(path)
    folder = PatientFolder(path)
    folder.write("outcomes.csv", OUTCOMES)
    folder.put(ADSL, PATIENTS)
    folder.put(ADQS, measurements())
    folder.put(ADAE, EVENTS)
    return folder
