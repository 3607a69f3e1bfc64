"""Network measures of every patient and visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from helpers.patients.network.graph import network_measures
from helpers.patients.network.sweep import THRESHOLDS, mean_density, threshold_sweep


def network_by_visit(
    matrices: Mapping[tuple[str, int], np.ndarray],
    regions: pd.DataFrame,
    lesion_side: Mapping[str, str],
    *,
    negative: str = "zero",
    thresholds: Sequence[float] = THRESHOLDS,
) -> pd.DataFrame:
    """A row a patient and day, in order: patient, day, the fields of NetworkMeasures, density and n_regions.

    matrices: (patient, day) -> (r, r) over `regions` (columns hemisphere L/R and motor Y/N; only motor regions are
    used). lesion_side: patient -> L or R, anything else is not known. density: its mean over the threshold sweep.
    Raises ValueError for fewer than two motor regions, and with the patient and day for a matrix that can not be used.
    """
    motor, hemisphere = _motor(regions)
    rows = []
    for (patient, day), matrix in sorted(matrices.items()):
        side = lesion_side.get(patient, "")
        with _named(patient, day):
            own = _part(matrix, motor, len(regions))
            measures = network_measures(own, hemisphere, side if side in ("L", "R") else "", negative)
            density = mean_density(own, thresholds, negative)
        rows.append({"patient": patient, "day": int(day), **asdict(measures), "density": density})
    return pd.DataFrame(rows).assign(n_regions=len(motor))


def sweep_by_visit(
    matrices: Mapping[tuple[str, int], np.ndarray],
    regions: pd.DataFrame,
    *,
    negative: str = "zero",
    thresholds: Sequence[float] = THRESHOLDS,
) -> pd.DataFrame:
    """A row a patient, day and threshold: patient, day, threshold, density, efficiency. See `network_by_visit`."""
    motor, _ = _motor(regions)
    parts = []
    for (patient, day), matrix in sorted(matrices.items()):
        with _named(patient, day):
            sweep = threshold_sweep(_part(matrix, motor, len(regions)), thresholds, negative)
        sweep.insert(0, "patient", patient)
        sweep.insert(1, "day", int(day))
        parts.append(sweep)
    return pd.concat(parts, ignore_index=True)


class _named:
    """Says whose matrix a problem is in."""

    def __init__(self, patient: str, day: int) -> None:
        self.patient, self.day = patient, day

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type | None, problem: BaseException | None, trace: object) -> None:
        if isinstance(problem, ValueError):
            raise ValueError(f"patient {self.patient}, day {self.day}: {problem}") from None


def _motor(regions: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    motor = np.flatnonzero((regions["motor"] == "Y").to_numpy())
    if len(motor) < 2:
        raise ValueError(f"regions: a network needs two motor regions or more, got {len(motor)}")
    return motor, regions["hemisphere"].to_numpy(dtype=str)[motor]


def _part(matrix: np.ndarray, motor: np.ndarray, size: int) -> np.ndarray:
    if np.shape(matrix) != (size, size):
        raise ValueError(f"matrix: must have a row and column for each of {size} regions, got {np.shape(matrix)}")
    return np.asarray(matrix)[np.ix_(motor, motor)]
