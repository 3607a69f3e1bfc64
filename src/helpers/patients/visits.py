"""What one outcome was at one visit, patient by patient."""

from __future__ import annotations

import pandas as pd

from helpers.patients.model import Patients


def at_visit(patients: Patients, outcome: str, day: int) -> pd.DataFrame:
    """One row a patient of adsl, in its order, whether measured or not.

    day: planned day of the visit (AWTARGET); baseline is 0.
    Columns: those of adsl, and `value` (AVAL), `baseline` (BASE), `change` (CHG), nan where not measured, and `role`
    (experimental or control) of the arm the patient was assigned to, empty where the arm is unknown.
    """
    adqs = patients.adqs
    rows = adqs[(adqs["outcome"] == outcome) & (adqs["AWTARGET"] == day)]
    measured = rows.set_index("USUBJID")[["AVAL", "BASE", "CHG"]].astype(float)
    measured.columns = pd.Index(["value", "baseline", "change"])
    roles = {arm.id: arm.role for arm in patients.arms}
    visit = patients.adsl.join(measured, on="USUBJID")
    return visit.assign(role=visit["TRT01P"].map(roles).fillna("").astype(str)).reset_index(drop=True)


def visit_days(patients: Patients, outcome: str) -> list[int]:
    """Planned days on which at least one patient was measured, in order."""
    adqs = patients.adqs
    days = adqs.loc[(adqs["outcome"] == outcome) & adqs["AVAL"].notna(), "AWTARGET"]
    return sorted(int(day) for day in days.unique())


def visit_name(patients: Patients, day: int) -> str:
    """What the trial calls the visit planned for a day: its most frequent name, the first of equals."""
    names = patients.adqs.loc[patients.adqs["AWTARGET"] == day, "AVISIT"]
    return str(names.mode().iloc[0]) if len(names) else f"day {day}"
