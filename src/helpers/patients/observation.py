"""Adverse events of the first days only, with the time at risk to match."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.effects.checks import require


def first_days(patients: pd.DataFrame, adae: pd.DataFrame, days: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Patients with EOSDY (days at risk) cut at `days`, and the events that began by then.

    patients: one row a patient, EOSDY where known. adae: ASTDY, the day an event began; an event without one is left out,
    since it may have come later. Raises ValueError for days below 1.
    """
    require(days >= 1, "days", days, "must be at least 1")
    if "EOSDY" in patients:
        time = pd.to_numeric(patients["EOSDY"], errors="coerce")
        patients = patients.assign(EOSDY=np.minimum(time, days))
    return patients, adae[pd.to_numeric(adae["ASTDY"], errors="coerce") <= days]
