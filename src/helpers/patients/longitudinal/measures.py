"""Repeated measurements of patients, one row a patient, and what a marginal model needs to know of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Measures:
    """times: (T,) visits, ascending. y: (n, T) values, nan where not measured; every row has one. patients: (n,) ids."""

    times: FloatArray
    y: FloatArray
    patients: NDArray[np.object_]

    @property
    def observed(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.y)

    @property
    def n_observations(self) -> int:
        return int(self.observed.sum())


def measures(patient: ArrayLike, time: ArrayLike, value: ArrayLike) -> Measures:
    """From one row a measurement: patient ids, times (days, years, ...) and values (nan: not measured), (N,) each.

    Patients keep the order of their first row. Raises ValueError for lengths that differ, a time that is no number, an
    infinite value, two values of one patient at one time, and where nothing was measured.
    """
    times, values = np.asarray(time, dtype=float), np.asarray(value, dtype=float)
    ids = np.asarray(patient, dtype=object)
    if not len(ids) == len(times) == len(values):
        raise ValueError(f"the arguments differ in length: patient {len(ids)}, time {len(times)}, value {len(values)}")
    if not np.isfinite(times).all():
        raise ValueError(f"time[{int(np.flatnonzero(~np.isfinite(times))[0])}]: must be a finite number")
    if np.isinf(values).any():
        raise ValueError(f"value[{int(np.flatnonzero(np.isinf(values))[0])}]: must be a finite number")
    kept = ~np.isnan(values)
    if not kept.any():
        raise ValueError("nothing was measured")
    row, patients = pd.factorize(ids[kept])
    grid, column = np.unique(times[kept], return_inverse=True)
    cell = pd.Series(row * len(grid) + column)
    if cell.duplicated().any():
        twice = int(np.flatnonzero(cell.duplicated())[0])
        raise ValueError(f"patient {ids[kept][twice]!r} has two values at time {times[kept][twice]:g}")
    y = np.full((len(patients), len(grid)), np.nan)
    y[row, column] = values[kept]
    return Measures(grid, y, np.asarray(patients, dtype=object))
