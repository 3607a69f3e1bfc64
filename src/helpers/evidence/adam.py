"""The columns of patient-level files: CDISC ADaM's names, and what each cell may hold.

ADaM Implementation Guide 1.1 (CDISC 2016) and ADaM structure for occurrence data 1.0; no dates, days only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column of a patient-level file.

    kind: "text" or "number". required: the file must have it. stated: no cell may be empty. words: what may stand there, else
    anything. low, high: bounds of a number; whole: only whole numbers.
    """

    meaning: str
    kind: str = "text"
    required: bool = True
    stated: bool = False
    words: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    whole: bool = False

    @property
    def allowed(self) -> str:
        """What may stand in a cell, in words."""
        if self.words:
            return ", ".join(self.words) + ("" if self.stated else " or an empty cell")
        if self.kind == "text":
            return "a text"
        number = "a whole number" if self.whole else "a number"
        if math.isfinite(self.low) and math.isfinite(self.high):
            return f"{number}, {self.low:g} to {self.high:g}"
        return f"{number}, {self.low:g} or more" if math.isfinite(self.low) else number


_PATIENT = Column("the patient", stated=True)

ADSL = {
    "USUBJID": Column("the patient, one row each", stated=True),
    "TRT01P": Column("arm the patient was assigned to", stated=True),
    "TRT01A": Column("arm the patient was treated as; empty when treated as none"),
    "ITTFL": Column("in the intention-to-treat set", stated=True, words=("Y", "N")),
    "SAFFL": Column("in the safety set", stated=True, words=("Y", "N")),
    "AGE": Column("age in years", "number", low=0, high=120),
    "SEX": Column("sex", words=("M", "F", "U")),
    "EOSSTT": Column("how the patient's study ended", required=False, words=("COMPLETED", "DISCONTINUED", "ONGOING")),
    "DCSREAS": Column(
        "why it ended early: DEATH, LOST TO FOLLOW-UP, WITHDRAWAL BY SUBJECT or other words", required=False
    ),
    "EOSDY": Column("study day of the last contact, so the time at risk in days", "number", required=False, low=0),
    "DTHFL": Column("died", required=False, words=("Y", "N")),
    "BMI": Column("body mass index in kg/m2", "number", required=False, low=0, high=80),
    "STRKDY": Column("days from stroke to randomisation", "number", required=False, low=0),
    "LESIONSD": Column("side of the stroke, for imaging", required=False, words=("L", "R")),
}
"""One row a patient. Any other column is kept, for strata and subgroups."""

ADQS = {
    "USUBJID": _PATIENT,
    "PARAMCD": Column("what was measured: a code of outcomes.csv", stated=True),
    "AVISIT": Column("the visit as the trial calls it", stated=True),
    "AWTARGET": Column("planned day of the visit; baseline 0", "number", stated=True, low=0, whole=True),
    "ADY": Column("day on which it was measured", "number", whole=True),
    "AVAL": Column("the value; empty when not measured", "number"),
    "BASE": Column("the patient's value at baseline; worked out when left empty", "number", required=False),
    "CHG": Column("AVAL - BASE; worked out when left empty", "number", required=False),
    "ABLFL": Column("Y on the baseline row", words=("Y", "N")),
}
"""One row a patient, parameter and visit (BDS)."""

ADAE = {
    "USUBJID": _PATIENT,
    "AEDECOD": Column("the event", stated=True),
    "AESER": Column("serious", stated=True, words=("Y", "N")),
    "AEREL": Column("related to the treatment", words=("RELATED", "NOT RELATED")),
    "AETOXGR": Column("grade of severity", "number", low=1, high=5, whole=True),
    "ASTDY": Column("study day on which it began", "number", whole=True),
    "AEBODSYS": Column("organ system", required=False),
    "DLTFL": Column("dose-limiting", required=False, words=("Y", "N")),
}
"""One row an adverse event."""

TABLES = {"adsl": ADSL, "adqs": ADQS, "adae": ADAE}
FORMATS = ("csv", "parquet", "xpt")
