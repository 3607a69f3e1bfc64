"""A trial's patient-level files as they stand: which there are, and their cells before anything is believed."""

from __future__ import annotations

import dataclasses
import io
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers.evidence.adam import FORMATS, TABLES
from helpers.evidence.faults import Fault, one_of
from helpers.evidence.patient_results import PATIENTS as FOLDER
from helpers.evidence.tables import read_records, read_text

IMAGING = "imaging"
DEMONSTRATION = "demonstration.toml"
"""Seed and version of the generator that made demonstration patients."""

_SMALLEST_IBM = 16.0**-65
_XPORT_MEMBER = b"HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!"
_XPORT = b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!"


@dataclass(frozen=True, eq=False)
class Raw:
    """One file. cells: a column is text, or float where the file itself stores numbers; both without blanks around.

    rows: where each record stands: its line in a CSV file, its number in the others, the first being 1.
    """

    file: str
    header_row: int
    cells: pd.DataFrame
    rows: np.ndarray

    @property
    def counts_records(self) -> bool:
        return not self.file.lower().endswith(".csv")


def present(folder: Path, trial: str, faults: list[Fault]) -> dict[str, str]:
    """The trial's patient-level tables and their files (`trials/x/patients/adsl.csv`), relative to the data folder.

    A file in two formats, an unknown file and a missing adsl are faults. Empty where the trial has no patients' folder.
    """
    place = folder / "trials" / trial / FOLDER
    faults += _beside(place)
    if not place.is_dir():
        return {}
    found: dict[str, list[str]] = {}
    expected = [f"{table}.{form}" for table in TABLES for form in FORMATS]
    for path in sorted(place.iterdir()):
        name = path.name
        file = f"trials/{trial}/{FOLDER}/{name}"
        if name.startswith(".") or name == DEMONSTRATION or (name == IMAGING and path.is_dir()):
            continue
        if name.lower() in expected and path.is_file():
            found.setdefault(name.lower().partition(".")[0], []).append(file)
        else:
            what = "folder" if path.is_dir() else "file"
            allowed = one_of(name, [*expected, f"{IMAGING}/"])
            faults.append(Fault(file, 0, "", f"unknown {what} among the patients", name, allowed))
    for table, files in found.items():
        for file in files[1:]:
            problem = f"second file of {table}"
            faults.append(Fault(file, 0, "", problem, file.rpartition("/")[2], f"one file; there is {files[0]}"))
    if "adsl" not in found:
        file = f"trials/{trial}/{FOLDER}/adsl.csv"
        faults.append(Fault(file, 0, "", "missing file", "", "adsl.csv, adsl.parquet or adsl.xpt, one row a patient"))
    return {table: found[table][0] for table in TABLES if table in found}


def _beside(place: Path) -> list[Fault]:
    """Patients' files that stand in the trial's own folder, where nobody would read them."""
    trial = place.parent
    strays = sorted(path.name for path in trial.iterdir() if _is_table(path)) if trial.is_dir() else []
    return [
        Fault(f"trials/{trial.name}/{name}", 0, "", "file of patients outside their folder", name, f"{FOLDER}/{name}")
        for name in strays
    ]


def _is_table(path: Path) -> bool:
    stem, _, suffix = path.name.lower().partition(".")
    return path.is_file() and stem in TABLES and suffix in FORMATS


def read_raw(folder: Path, file: str, faults: list[Fault]) -> Raw | None:
    """The cells of one file of any of the three formats; None where it can not be read, with the reason among `faults`."""
    read = {"csv": _read_csv, "parquet": _read_parquet, "xpt": _read_xport}[file.rpartition(".")[2].lower()]
    raw = read(folder, file, faults)
    if raw is None:
        return None
    doubled = raw.cells.columns.duplicated()
    for name in raw.cells.columns[doubled].unique():
        faults.append(Fault(file, raw.header_row, str(name), "column appears twice", str(name), "each column once"))
    return dataclasses.replace(raw, cells=raw.cells.loc[:, ~doubled])


# CSV ------------------------------------------------------------------------------------------------------------


def _read_csv(folder: Path, file: str, faults: list[Fault]) -> Raw | None:
    """pandas reads the file where every record has as many fields as the header; else each fault is looked for."""
    data = _bytes(folder, file, faults)
    if data is None:
        return None
    data = data.removeprefix(b"\xef\xbb\xbf")
    lines = _regular_lines(data)
    if lines is not None:
        try:
            cells = pd.read_csv(
                io.BytesIO(data), header=None, dtype="str", na_filter=False, skip_blank_lines=True, encoding="utf-8"
            )
        except (UnicodeDecodeError, pd.errors.ParserError):
            cells = pd.DataFrame()
        if len(cells) == len(lines):
            header = [name.strip() for name in cells.iloc[0]]
            if len(header) > 1:
                cells = cells.iloc[1:].reset_index(drop=True).set_axis(pd.Index(header), axis=1)
                return Raw(file, int(lines[0]), _stripped(cells), lines[1:])
    text = read_text(folder, file, faults, "a CSV file with a header")
    records = None if text is None else read_records(text, file, faults)
    if records is None:
        return None
    cells = pd.DataFrame([fields for _, fields in records.rows], columns=[name.strip() for name in records.header])
    rows = np.array([row for row, _ in records.rows], dtype=np.int64)
    return Raw(file, records.top, _stripped(cells.astype("str")), rows)


def _regular_lines(data: bytes) -> np.ndarray | None:
    """The line on which each record begins, header first; None where records differ in their number of fields.

    Commas and line ends inside quotation marks are text.
    """
    if not data.endswith(b"\n"):
        data += b"\n"
    signs = np.frombuffer(data, dtype=np.uint8)
    line_ends = at = np.flatnonzero(signs == ord("\n"))
    commas = np.flatnonzero(signs == ord(","))
    if b'"' in data:
        inside = np.logical_xor.accumulate(signs == ord('"'))
        if inside[-1]:
            return None
        at, commas = at[~inside[at]], commas[~inside[commas]]
    begins = np.concatenate([[0], np.searchsorted(line_ends, at)[:-1] + 1])
    fields = np.diff(np.searchsorted(commas, at), prepend=0)
    length = np.diff(np.concatenate([[-1], at])) - 1
    before = signs[np.maximum(at - 1, 0)]
    blank = (length == 0) | ((length == 1) & (before == ord("\r")))
    fields, begins = fields[~blank], begins[~blank]
    if not len(fields) or (fields != fields[0]).any():
        return None
    return begins + 1


def _bytes(folder: Path, file: str, faults: list[Fault]) -> bytes | None:
    try:
        data = (folder / file).read_bytes()
    except OSError as error:
        faults.append(Fault(file, 0, "", "can not be read", error.strerror or "", "a file that this user may read"))
        return None
    if not data.strip():
        faults.append(Fault(file, 0, "", "empty file", "", "a header and one row or more"))
        return None
    return data


def _stripped(cells: pd.DataFrame) -> pd.DataFrame:
    return cells.apply(lambda column: column.str.strip()) if len(cells) else cells


# Parquet --------------------------------------------------------------------------------------------------------


def _read_parquet(folder: Path, file: str, faults: list[Fault]) -> Raw | None:
    import pyarrow
    import pyarrow.parquet

    if _bytes(folder, file, faults) is None:
        return None
    try:
        # one thread: a page's kernel and its neighbours share the machine
        table = pyarrow.parquet.read_table(folder / file, use_threads=False)
    except (pyarrow.ArrowException, OSError) as error:
        faults.append(Fault(file, 0, "", "not a Parquet file", str(error).splitlines()[0], "a Parquet file"))
        return None
    cells = table.to_pandas(ignore_metadata=True)
    return _of_records(file, pd.DataFrame({name: _text_or_numbers(cells[name]) for name in cells}))


def _text_or_numbers(column: pd.Series) -> pd.Series:
    """Floats for numbers of any width; text for everything else."""
    if pd.api.types.is_bool_dtype(column):
        return column.map({True: "Y", False: "N"}).fillna("").astype("str")
    if pd.api.types.is_numeric_dtype(column):
        return column.astype("float64")
    text = column.astype("object").where(column.notna(), "")
    return text.map(lambda value: value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).astype(
        "str"
    )


# SAS transport --------------------------------------------------------------------------------------------------


def _read_xport(folder: Path, file: str, faults: list[Fault]) -> Raw | None:
    """SAS transport version 5 (SAS technical support document TS-140). It names no encoding: UTF-8, else Windows-1252."""
    data = _bytes(folder, file, faults)
    if data is None:
        return None
    if not data.startswith(_XPORT):
        kinds = {b"HEADER RECORD*******LIBV8": "version 8 or 9", b"**COMPRESSED**": "PROC CPORT"}
        kind = next((kind for begin, kind in kinds.items() if data.startswith(begin)), "another format")
        told = "SAS transport version 5 (in SAS: libname out xport)"
        faults.append(Fault(file, 0, "", "not a SAS transport file of version 5", kind, told))
        return None
    if (members := data.count(_XPORT_MEMBER)) != 1:
        faults.append(Fault(file, 0, "", "not one table in the file", str(members), "one table a file"))
        return None
    try:
        cells = _xport_cells(data)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        faults.append(Fault(file, 0, "", "broken SAS transport file", str(error), "SAS transport version 5"))
        return None
    return _of_records(file, cells)


def _xport_cells(data: bytes) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what pandas would warn of is counted and decoded here
        reader: Any = pd.read_sas(io.BytesIO(data), format="xport", encoding=None, iterator=True)
        reader.nobs = _records_of(data[reader.record_start :], reader.record_length)
        if not reader.nobs:
            types = {column: "float64" if f["ntype"] == "numeric" else "str" for column, f in _fields(reader)}
            return pd.DataFrame({column: pd.Series(dtype=kind) for column, kind in types.items()})
        cells = reader.read()
    return pd.DataFrame({name: _xport_column(cells[name]) for name in cells})


def _fields(reader: Any) -> list[tuple[str, dict[str, Any]]]:
    return list(zip(reader.columns, reader.fields, strict=True))


def _records_of(body: bytes, length: int) -> int:
    """Number of records: the file is filled up with blanks to a multiple of 80 bytes.

    pandas takes every eight blanks in the last 80 bytes for filling, and so loses the last record where its text is short.
    """
    number = len(body) // length
    while number and len(body) - (number - 1) * length < 80 and not body[(number - 1) * length :].strip(b" "):
        number -= 1
    return number


def _xport_column(column: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column):
        # pandas reads the IBM zero as the smallest IBM number
        return column.where(column.abs() > _SMALLEST_IBM, 0.0).where(column.notna())
    texts = {value: _decoded(value) for value in set(column)}
    return column.map(texts).astype("str")


def _decoded(value: bytes) -> str:
    value = value.rstrip(b"\x00").strip()
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1252", errors="replace")


def _of_records(file: str, cells: pd.DataFrame) -> Raw:
    cells.columns = pd.Index([re.sub(r"\s+", " ", str(name)).strip() for name in cells.columns])
    text = {name: column.str.strip() for name, column in cells.items() if not pd.api.types.is_numeric_dtype(column)}
    return Raw(file, 0, cells.assign(**text), np.arange(1, len(cells) + 1))
