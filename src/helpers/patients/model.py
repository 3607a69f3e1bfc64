"""One trial's patient-level data, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.evidence.model import Arm

TABLES = ("adsl", "adqs", "adae")


@dataclass(frozen=True, eq=False, repr=False)
class Connectivity:
    """How strongly the activity of each pair of brain regions goes together, for each patient and visit.

    regions: one row a region in the order of the matrices: `region` (id), `name`, `hemisphere` (L or R), `motor` (Y or N).
    matrices: (USUBJID, planned day) -> symmetric (r, r) array; its diagonal means nothing. label: what the values are.
    """

    regions: pd.DataFrame
    matrices: Mapping[tuple[str, int], np.ndarray]
    label: str = "connectivity"

    def __repr__(self) -> str:
        return f"Connectivity({self.label}: {len(self.regions)} regions, {len(self.matrices)} matrices)"


@dataclass(frozen=True, eq=False, repr=False)
class Patients:
    """The patients of one trial, under CDISC ADaM's names; `helpers.evidence.adam` says what each column holds.

    adsl: one row a patient. TRT01P and TRT01A are ids of the trial's arms, empty where treated as none; any column of the
        file beyond the standard ones is kept.
    adqs: one row a patient, parameter and visit, with `outcome`, the id in outcomes.csv. AWTARGET is a whole number; AVAL, BASE,
        CHG and ADY are floats, nan where not measured. May be empty.
    adae: one row an adverse event. May be empty.
    demonstration: the patients are generated, not observed; no number of theirs may enter a synthesis.
    arms: the trial's arms. tables: which of the three files there are; without adae nothing is known about events.
    """

    trial: str
    adsl: pd.DataFrame
    adqs: pd.DataFrame
    adae: pd.DataFrame
    connectivity: Connectivity | None = None
    demonstration: bool = False
    arms: tuple[Arm, ...] = ()
    tables: tuple[str, ...] = TABLES

    def __repr__(self) -> str:
        marked = "demonstration " if self.demonstration else ""
        return (
            f"Patients({self.trial}: {len(self.adsl)} {marked}patients, {len(self.adqs)} measurements, "
            f"{len(self.adae)} adverse events)"
        )
