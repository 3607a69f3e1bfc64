"""From arrays to the tables of CDISC ADaM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
Matrices = dict[tuple[str, int], FloatArray]

BDS_COLUMNS = ["USUBJID", "PARAMCD", "AVISIT", "AWTARGET", "ADY", "AVAL", "BASE", "CHG", "ABLFL"]
EVENT_COLUMNS = ["USUBJID", "AEDECOD", "AESER", "AEREL", "AETOXGR", "ASTDY"]


@dataclass(frozen=True, eq=False)
class Frames:
    """The generated patients of one trial.

    adsl: a row a patient; adqs: a row a patient, parameter and visit; adae: a row an event. regions: region, name,
    hemisphere, motor, a row a region; matrices: by patient and nominal day, (r, r) symmetric with a diagonal of 0, in
    the order of the regions. Both are None where the trial has no imaging.
    """

    adsl: pd.DataFrame
    adqs: pd.DataFrame
    adae: pd.DataFrame
    regions: pd.DataFrame | None = None
    matrices: Matrices | None = None

    def patients(self, arm: str = "all", *, actual: bool = False) -> pd.DataFrame:
        """The rows of adsl of an arm, planned or actual; `all` for everyone."""
        return self.adsl if arm == "all" else self.adsl[self.adsl["TRT01A" if actual else "TRT01P"] == arm]

    def scores(self, parameter: str, day: int, variable: str = "value") -> pd.Series:
        """AVAL, or CHG for `change`, by patient: those with a value at this nominal day."""
        rows = self.adqs[(self.adqs["PARAMCD"] == parameter) & (self.adqs["AWTARGET"] == day)]
        return rows.set_index("USUBJID")["CHG" if variable == "change" else "AVAL"].dropna()


def identifiers(prefix: str, n: int) -> list[str]:
    """Names that say on their face that nobody was observed."""
    return [f"DEMO-{prefix}-{i + 1:02d}" for i in range(n)]


def scores(
    ids: Sequence[str],
    visits: Sequence[tuple[str, int]],
    days: ArrayLike,
    parameters: Mapping[str, ArrayLike],
) -> pd.DataFrame:
    """adqs from one (patients x visits) array a parameter, nan where not measured; the first visit is the baseline.

    visits: name and nominal day; days: (patients x visits) actual days.
    """
    actual = np.asarray(days)
    rows = []
    for i, patient in enumerate(ids):
        for parameter, values in parameters.items():
            own = np.asarray(values, dtype=float)[i]
            for v, (visit, day) in enumerate(visits):
                if np.isnan(own[v]):
                    continue
                change = np.nan if v == 0 else round(own[v] - own[0], 3)
                rows.append(
                    [patient, parameter, visit, day, int(actual[i, v]), own[v], own[0], change, "Y" if v == 0 else ""]
                )
    return pd.DataFrame(rows, columns=BDS_COLUMNS)


def events(rows: Sequence[tuple[str, str, str, str, int, int]]) -> pd.DataFrame:
    """adae, sorted by patient and day: USUBJID, AEDECOD, AESER, AEREL, AETOXGR, ASTDY."""
    frame = pd.DataFrame(list(rows), columns=EVENT_COLUMNS)
    return frame.sort_values(["USUBJID", "ASTDY", "AEDECOD"], kind="stable", ignore_index=True)
