"""Connectivity matrices: a table of regions and one matrix a patient and visit, as CSV files or one NPZ file."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.evidence.faults import Fault, one_of
from helpers.evidence.printed import to_number
from helpers.evidence.tables import duplicate_faults, read_records, read_table, read_text
from helpers.patients.model import Connectivity

REGIONS = "regions.csv"
REGION_COLUMNS = ("region", "name", "hemisphere", "motor")
ARCHIVE = "connectivity.npz"
_WORDS = {"hemisphere": ("L", "R"), "motor": ("Y", "N")}
_NAME = re.compile(r"(.+)_day(0|[1-9][0-9]*)")
_ASYMMETRY = 1e-6
"""Far below any connectivity, far above what printing with eight digits rounds."""


def read_connectivity(folder: Path, file: str, known: pd.Series, faults: list[Fault]) -> Connectivity | None:
    """The matrices of an imaging folder; None where there is none, or none that can be read.

    file: the folder's path as faults name it. known: USUBJID of the trial's patients.
    A matrix in a CSV file is r rows of r numbers in the order of regions.csv; with a header of region ids, in any order, the
    first column then naming the row. In the NPZ file each array is one matrix, and an optional array `regions` names the
    order. Diagonals are not looked at.
    """
    if not folder.is_dir():
        return None
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    for name in names:
        if name not in (REGIONS, ARCHIVE) and not (name.endswith(".csv") and _NAME.fullmatch(name[:-4])):
            allowed = f"{one_of(name, [REGIONS, ARCHIVE])}, <USUBJID>_day<day>.csv"
            faults.append(Fault(f"{file}/{name}", 0, "", "unknown file among the images", name, allowed))
    matrices = [name[:-4] for name in names if name.endswith(".csv") and _NAME.fullmatch(name[:-4])]
    if ARCHIVE in names and matrices:
        told = f"either {ARCHIVE} or one CSV file a matrix"
        faults.append(Fault(f"{file}/{ARCHIVE}", 0, "", "matrices in two formats", f"{matrices[0]}.csv", told))
    regions = _regions(folder, file, faults)
    if regions is None:
        return None
    order = list(regions["region"])
    patients = frozenset(known)
    read: dict[tuple[str, int], np.ndarray] = {}
    for name in matrices:
        place = f"{file}/{name}.csv"
        key = _key(name, place, "", patients, faults)
        matrix = _csv_matrix(folder, f"{name}.csv", place, order, faults)
        if key and matrix is not None:
            read[key] = matrix
    if ARCHIVE in names:
        read |= _archive(folder / ARCHIVE, f"{file}/{ARCHIVE}", order, patients, faults)
    elif not matrices:
        faults.append(Fault(file, 0, "", "no matrix", "", f"{ARCHIVE}, or files <USUBJID>_day<day>.csv"))
    return Connectivity(regions, read) if read else None


def _regions(folder: Path, file: str, faults: list[Fault]) -> pd.DataFrame | None:
    own: list[Fault] = []
    table = read_table(folder, REGIONS, REGION_COLUMNS, own)
    if table is not None:
        own += duplicate_faults(table, ("region",), "region")
        for row, cells in table.records:
            for column in ("region", "name"):
                if table.has(column) and not cells[column]:
                    own.append(Fault(REGIONS, row, column, "empty cell", "", "a value in every row"))
            for column, words in _WORDS.items():
                if table.has(column) and cells[column] not in words:
                    problem = f"unknown {column}"
                    own.append(Fault(REGIONS, row, column, problem, cells[column], one_of(cells[column], words)))
    faults += [Fault(f"{file}/{fault.file}", *_rest(fault)) for fault in own]
    if table is None or own:
        return None
    return table.cells[list(REGION_COLUMNS)].reset_index(drop=True)


def _rest(fault: Fault) -> tuple[int, str, str, str, str]:
    return fault.row, fault.column, fault.problem, fault.value, fault.allowed


def _key(name: str, file: str, column: str, patients: frozenset[str], faults: list[Fault]) -> tuple[str, int] | None:
    """Patient and day of a matrix."""
    found = _NAME.fullmatch(name)
    if not found:
        faults.append(Fault(file, 0, column, "matrix without patient and day", name, "<USUBJID>_day<day>"))
        return None
    if found[1] not in patients:
        allowed = one_of(found[1], sorted(patients)) if len(patients) <= 50 else "a patient of adsl"
        faults.append(Fault(file, 0, column, "matrix of a patient who is not in adsl", found[1], allowed))
        return None
    return found[1], int(found[2])


def _csv_matrix(folder: Path, name: str, file: str, order: list[str], faults: list[Fault]) -> np.ndarray | None:
    own: list[Fault] = []
    text = read_text(folder, name, own, "a matrix of numbers")
    records = None if text is None else read_records(text, name, own)
    matrix = None
    if records is not None and not own:
        lines = [(records.top, records.header), *records.rows]
        names: list[str] | None = None
        if any(np.isnan(to_number(field.strip())) for field in lines[0][1][1:]):
            header = [field.strip() for field in lines[0][1]]
            names, lines = header[1:], lines[1:]
            rows = [fields[0].strip() for _, fields in lines]
            own += _order_faults(name, records.top, names, rows, [line for line, _ in lines], order)
            lines = [(line, fields[1:]) for line, fields in lines]
        for line, fields in lines:
            for column, field in enumerate(fields, start=1):
                if np.isnan(to_number(field.strip())) and field.strip().lower() not in ("", "nan", "inf"):
                    own.append(Fault(name, line, str(column), "unreadable number", field, "a number"))
        if not own:
            values = np.array([[to_number(field.strip()) for field in fields] for _, fields in lines])
            matrix = _sound(values, name, "", order, names, own, first_line=lines[0][0] if lines else 1)
    faults += [Fault(file, *_rest(fault)) for fault in own]
    return matrix


def _order_faults(
    file: str, top: int, names: list[str], rows: list[str], lines: list[int], order: list[str]
) -> list[Fault]:
    faults = [
        Fault(file, top, name, "unknown region", name, one_of(name, order)) for name in names if name not in order
    ]
    for line, name, expected in zip(lines, rows, names, strict=False):
        if name != expected:
            faults.append(Fault(file, line, "", "row of another region than the column", name, expected))
            break  # all rows below may be the same slip
    return faults


def _archive(
    path: Path, file: str, order: list[str], patients: frozenset[str], faults: list[Fault]
) -> dict[tuple[str, int], np.ndarray]:
    read: dict[tuple[str, int], np.ndarray] = {}
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in sorted(archive.files)}
    except (ValueError, OSError, zipfile.BadZipFile, EOFError) as error:
        faults.append(Fault(file, 0, "", "not an NPZ file of numbers", str(error), "numpy.savez of arrays of numbers"))
        return read
    named = arrays.pop("regions", None)
    names = None if named is None else [str(name) for name in named.ravel()]
    for name in names or ():
        if name not in order:
            faults.append(Fault(file, 0, "regions", "unknown region", name, one_of(name, order)))
            return read
    if not arrays:
        faults.append(Fault(file, 0, "", "no matrix", "", "arrays named <USUBJID>_day<day>"))
    for name, values in arrays.items():
        key = _key(name, file, name, patients, faults)
        if not np.issubdtype(values.dtype, np.number) or np.iscomplexobj(values):
            faults.append(Fault(file, 0, name, "array that does not hold numbers", str(values.dtype), "real numbers"))
            continue
        matrix = _sound(np.asarray(values, dtype=float), file, name, order, names, faults)
        if key and matrix is not None:
            read[key] = matrix
    return read


def _sound(
    values: np.ndarray,
    file: str,
    column: str,
    order: list[str],
    names: list[str] | None,
    faults: list[Fault],
    first_line: int = 0,
) -> np.ndarray | None:
    """The matrix in the order of the regions; None and a fault where its size, numbers or symmetry are wrong."""
    size = len(order)
    if values.shape != (size, size) or (names is not None and sorted(names) != sorted(order)):
        shape = " by ".join(map(str, values.shape))
        told = f"{size} by {size}, each region of {REGIONS} once"
        faults.append(Fault(file, 0, column, "matrix of the wrong size", shape, told))
        return None
    if names is not None:
        place = [names.index(region) for region in order]
        values = values[np.ix_(place, place)]
    off = ~np.eye(size, dtype=bool)
    values = np.where(off, values, np.nan_to_num(values))
    at = np.argwhere(~np.isfinite(values) & off)
    problem, told = "connectivity that is not a number", "a number for each pair of regions"
    if not len(at):
        at = np.argwhere((np.abs(values - values.T) > _ASYMMETRY) & off)
        problem, told = "matrix that is not symmetric", "the same number in both places"
    if not len(at):
        return values
    row, other = at[0]
    shown = f"{order[row]} {order[other]}: {values[row, other]:g} and {values[other, row]:g}"
    line = first_line + int(row) if first_line and names is None else 0
    faults.append(Fault(file, line, column, problem, shown, told))
    return None
