"""Connectivity matrices come in from CSV and NPZ files, and every fault of theirs is told."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from patient_folder import IMAGING, PatientFolder

from helpers.evidence import load
from helpers.patients import Connectivity, read_patients

REGIONS = "region,name,hemisphere,motor\nM1L,Motor left,L,Y\nM1R,Motor right,R,Y\nV1L,Visual left,L,N\n"
MATRIX = np.array([[0, 0.5, 0.1], [0.5, 0, -0.25], [0.1, -0.25, 0]])
NPZ = f"{IMAGING}/connectivity.npz"


def write_csv(folder: PatientFolder, name: str = "P1_day0", matrix: np.ndarray = MATRIX) -> str:
    folder.write(f"{IMAGING}/regions.csv", REGIONS)
    text = "\n".join(",".join(map(str, row)) for row in matrix)
    folder.write(f"{IMAGING}/{name}.csv", text + "\n")
    return f"{IMAGING}/{name}.csv"


def write_npz(folder: PatientFolder, **arrays: np.ndarray) -> None:
    folder.write(f"{IMAGING}/regions.csv", REGIONS)
    np.savez(folder.path / NPZ, **arrays)


def connectivity(folder: PatientFolder) -> Connectivity:
    assert folder.faults() == []
    patients = read_patients(load(folder.path), "alpha", folder.path)
    assert patients is not None and patients.connectivity is not None
    return patients.connectivity


def test_matrices_as_csv(folder: PatientFolder) -> None:
    write_csv(folder, "P1_day0")
    write_csv(folder, "P1_day90", 2 * MATRIX)
    found = connectivity(folder)
    assert list(found.regions.columns) == ["region", "name", "hemisphere", "motor"]
    assert set(found.matrices) == {("P1", 0), ("P1", 90)}
    np.testing.assert_array_equal(found.matrices["P1", 90], 2 * MATRIX)


def test_matrices_as_csv_with_names_in_any_order(folder: PatientFolder) -> None:
    frame = pd.DataFrame(MATRIX, index=["M1L", "M1R", "V1L"], columns=["M1L", "M1R", "V1L"])
    order = ["V1L", "M1L", "M1R"]
    folder.write(f"{IMAGING}/regions.csv", REGIONS)
    folder.write(f"{IMAGING}/P1_day0.csv", frame.loc[order, order].to_csv())
    np.testing.assert_array_equal(connectivity(folder).matrices["P1", 0], MATRIX)


@pytest.mark.parametrize("order", [None, [2, 0, 1]])
def test_matrices_as_npz(folder: PatientFolder, order: list[int] | None) -> None:
    names = np.array(["M1L", "M1R", "V1L"])
    if order is None:
        write_npz(folder, P1_day0=MATRIX, P2_day90=2 * MATRIX)
    else:
        shuffled = MATRIX[np.ix_(order, order)]
        write_npz(folder, P1_day0=shuffled, P2_day90=2 * shuffled, regions=names[order])
    found = connectivity(folder)
    assert set(found.matrices) == {("P1", 0), ("P2", 90)}
    np.testing.assert_array_equal(found.matrices["P2", 90], 2 * MATRIX)


def test_diagonals_mean_nothing(folder: PatientFolder) -> None:
    write_npz(folder, P1_day0=MATRIX + np.diag([np.inf, np.nan, 1]))
    assert connectivity(folder).matrices["P1", 0][0, 1] == 0.5


def lopsided() -> np.ndarray:
    matrix = MATRIX.copy()
    matrix[2, 0] = 0.4
    return matrix


def holed() -> np.ndarray:
    matrix = MATRIX.copy()
    matrix[1, 2] = matrix[2, 1] = np.nan
    return matrix


def damaged(folder: PatientFolder, old: str, new: str) -> None:
    write_csv(folder)
    folder.replace(f"{IMAGING}/regions.csv", old, new)


@pytest.mark.parametrize(
    ("damage", "place", "words"),
    [
        (lambda f: write_csv(f, "P9_day0"), ("P9_day0.csv", 0, ""), ["not in adsl (P9)", "P1"]),
        (lambda f: write_csv(f, "P1_day0", MATRIX[:2, :2]), ("P1_day0.csv", 0, ""), ["wrong size (2 by 2)", "3 by 3"]),
        (lambda f: write_csv(f, "P1_day0", MATRIX[:2]), ("P1_day0.csv", 0, ""), ["wrong size (2 by 3)"]),
        (lambda f: write_csv(f, "P1_day0", lopsided()), ("P1_day0.csv", 1, ""), ["not symmetric", "M1L V1L: 0.1 and 0.4"]),
        (lambda f: write_csv(f, "P1_day0", holed()), ("P1_day0.csv", 2, ""), ["not a number", "M1R V1L"]),
        (
            lambda f: f.write(write_csv(f), "0,0.5,0.1\n0.5,0,x\n0.1,1,0\n"),
            ("P1_day0.csv", 2, "3"),
            ["unreadable number (x)"],
        ),
        (lambda f: f.write(write_csv(f), "0,0.5\n0.5,0,1\n"), ("P1_day0.csv", 2, ""), ["too many fields"]),
        (
            lambda f: f.write(write_csv(f), ",M1L,M1R,V2L\nM1L,0,1,1\nM1R,1,0,1\nV2L,1,1,0\n"),
            ("P1_day0.csv", 1, "V2L"),
            ["unknown region (V2L)", "did you mean V1L?"],
        ),
        (
            lambda f: f.write(write_csv(f), ",M1L,M1R,V1L\nM1L,0,1,1\nV1L,1,0,1\nM1R,1,1,0\n"),
            ("P1_day0.csv", 3, ""),
            ["row of another region than the column (V1L); M1R"],
        ),
        (lambda f: f.write(write_csv(f), ""), ("P1_day0.csv", 0, ""), ["empty file"]),
        (lambda f: write_npz(f, P9_day0=MATRIX), ("connectivity.npz", 0, "P9_day0"), ["not in adsl (P9)"]),
        (lambda f: write_npz(f, P1=MATRIX), ("connectivity.npz", 0, "P1"), ["without patient and day (P1)"]),
        (lambda f: write_npz(f, P1_day0=lopsided()), ("connectivity.npz", 0, "P1_day0"), ["not symmetric"]),
        (lambda f: write_npz(f, P1_day0=MATRIX[0]), ("connectivity.npz", 0, "P1_day0"), ["wrong size (3)"]),
        (lambda f: write_npz(f, P1_day0=MATRIX.astype(str)), ("connectivity.npz", 0, "P1_day0"), ["does not hold numbers"]),
        (
            lambda f: write_npz(f, P1_day0=MATRIX, regions=np.array(["M1L", "M1R", "V2L"])),
            ("connectivity.npz", 0, "regions"),
            ["unknown region (V2L)"],
        ),
        (lambda f: write_npz(f), ("connectivity.npz", 0, ""), ["no matrix"]),
        (lambda f: [write_npz(f, P1_day0=MATRIX), f.write(NPZ, "x")], ("connectivity.npz", 0, ""), ["not an NPZ file"]),
        (
            lambda f: [write_npz(f, P1_day0=MATRIX), write_csv(f, "P2_day0")],
            ("connectivity.npz", 0, ""),
            ["matrices in two formats (P2_day0.csv)"],
        ),
        (
            lambda f: [write_csv(f), f.write(f"{IMAGING}/P1 day0.csv", "1\n")],
            ("P1 day0.csv", 0, ""),
            ["unknown file among the images", "<USUBJID>_day<day>.csv"],
        ),
        (lambda f: damaged(f, "right,R,Y", "right,r,Y"), ("regions.csv", 3, "hemisphere"), ["unknown hemisphere (r)", "L, R"]),
        (lambda f: damaged(f, "V1L,", "M1L,"), ("regions.csv", 4, "region"), ["duplicate of row 2"]),
        (lambda f: damaged(f, REGIONS, "region,name,hemisphere\nM1L,M,L\n"), ("regions.csv", 1, "motor"), ["missing column"]),
        (lambda f: [write_csv(f), (f.path / IMAGING / "regions.csv").unlink()], ("regions.csv", 0, ""), ["missing file"]),
        (lambda f: f.write(f"{IMAGING}/regions.csv", REGIONS), ("", 0, ""), ["no matrix"]),
    ],
)  # fmt: skip
def test_faults_of_matrices(
    folder: PatientFolder, damage: Callable[[PatientFolder], object], place: tuple[str, int, str], words: list[str]
) -> None:
    damage(folder)
    faults = folder.faults()
    file = f"{IMAGING}/{place[0]}".rstrip("/")
    assert [(fault.file, fault.row, fault.column) for fault in faults] == [(file, *place[1:])], faults
    missing = [word for word in words if word not in str(faults[0])]
    assert not missing, f"{missing} not in: {faults[0]}"


def test_matrices_that_are_written_by_numpy(folder: PatientFolder) -> None:
    folder.write(f"{IMAGING}/regions.csv", REGIONS)
    np.savetxt(folder.path / IMAGING / "P1_day0.csv", MATRIX, delimiter=",")
    np.testing.assert_array_equal(connectivity(folder).matrices["P1", 0], MATRIX)
