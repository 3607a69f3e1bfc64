"""Read a CSV file as text, cell by cell, with true line numbers; name every fault of its form."""

from __future__ import annotations

import csv
import difflib
import functools
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import helpers.text_storage  # noqa: F401
from helpers.evidence.faults import Fault, one_of


@dataclass(frozen=True)
class Table:
    """The cells of one CSV file.

    columns: the expected ones.
    records: row by row the line on which it begins, and its cells by column, empty where the file lacks the column.
    missing: expected columns that the file lacks.
    malformed: fields of the rows that were left out because they have too many or too few of them.
    """

    file: str
    columns: tuple[str, ...]
    records: tuple[tuple[int, dict[str, str]], ...]
    missing: frozenset[str]
    malformed: tuple[tuple[str, ...], ...]

    @functools.cached_property
    def cells(self) -> pd.DataFrame:
        """The records as `cells_of` gives them."""
        return cells_of([self])

    def has(self, *columns: str) -> bool:
        return self.missing.isdisjoint(columns)


def cells_of(tables: Sequence[Table]) -> pd.DataFrame:
    """The cells of files with the same expected columns, one or more, below each other.

    Columns: `file`, `row` (the line), and the expected ones as text, missing throughout where a file lacks the column.
    """
    names = tables[0].columns
    rows = [(table, line, cells) for table in tables for line, cells in table.records]
    text = {
        name: pd.array([None if name in table.missing else cells[name] for table, _, cells in rows], dtype="str")
        for name in names
    }
    files = pd.array([table.file for table, _, _ in rows], dtype="str")
    lines = pd.array([line for _, line, _ in rows], dtype="int64")
    return pd.DataFrame({**text, "file": files, "row": lines})


def read_text(folder: Path, file: str, faults: list[Fault], expected: str) -> str | None:
    """Return the text of a UTF-8 file (a byte order mark is dropped), or None where there is nothing to read.

    Every line with a byte that is not UTF-8 is one fault; the rest of the file is still read.
    """
    path = folder / file
    try:
        data = path.read_bytes()
    except OSError as error:
        problem = "can not be read" if path.exists() else "missing file"
        value = (error.strerror or "") if path.exists() else ""
        faults.append(Fault(file, 0, "", problem, value, expected + _similar_file(path)))
        return None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        faults.append(Fault(file, 1, "", "wrong encoding", "UTF-16", "UTF-8"))
        return None
    if not data.removeprefix(b"\xef\xbb\xbf").strip():
        faults.append(Fault(file, 0, "", "empty file", "", expected))
        return None
    for row, line in enumerate(data.split(b"\n"), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            value = f"byte 0x{line[error.start]:02X}, the {_ordinal(error.start + 1)} of the line"
            faults.append(Fault(file, row, "", "wrong encoding", value, "UTF-8"))
    return data.decode("utf-8-sig", errors="replace")


def read_table(
    folder: Path, file: str, columns: tuple[str, ...], faults: list[Fault], needed: tuple[str, ...] | None = None
) -> Table | None:
    """Read a CSV file with a header; None where no row can be read at all.

    needed: the columns that must be there, by default all.
    """
    text = read_text(folder, file, faults, f"a CSV file with the columns {', '.join(columns)}")
    found = None if text is None else read_records(text, file, faults)
    if found is None:
        return None
    _header_faults(file, found.top, found.header, columns, columns if needed is None else needed, faults)
    missing = frozenset(columns).difference(found.header)
    rows: list[tuple[int, dict[str, str]]] = []
    for row, fields in found.rows:
        cells = dict(reversed(list(zip(found.header, fields, strict=True))))  # of two equal columns the first counts
        rows.append((row, {column: cells.get(column, "") for column in columns}))
    return Table(file, columns, tuple(rows), missing, found.malformed)


@dataclass(frozen=True)
class Records:
    """The records of a CSV file, whatever its columns: each with the line on which it begins."""

    top: int
    header: list[str]
    rows: list[tuple[int, list[str]]]
    malformed: tuple[tuple[str, ...], ...]


def read_records(text: str, file: str, faults: list[Fault]) -> Records | None:
    """Split a CSV file into its records; None without a header. Rows with too many or too few fields are left out."""
    records = _records(text, file, faults)
    try:
        top, header = next(records)
    except StopIteration:
        return None
    if len(header) == 1 and (separator := next((mark for mark in ";\t|" if mark in header[0]), "")):
        faults.append(Fault(file, top, "", "fields are not separated by commas", separator, "commas"))
        return None
    rows: list[tuple[int, list[str]]] = []
    malformed: list[tuple[str, ...]] = []
    for row, fields in records:
        if len(fields) != len(header):
            problem = f"too {'many' if len(fields) > len(header) else 'few'} fields"
            faults.append(Fault(file, row, "", problem, str(len(fields)), f"{len(header)}, as in the header"))
            malformed.append(tuple(fields))
        elif not any(fields):
            faults.append(Fault(file, row, "", "empty row", "", "a row with values, or no row"))
        else:
            rows.append((row, fields))
    return Records(top, header, rows, tuple(malformed))


def duplicate_faults(table: Table, key: tuple[str, ...], what: str) -> Iterator[Fault]:
    """Name each row whose key an earlier row already has."""
    if not table.has(*key):
        return
    first: dict[tuple[str, ...], int] = {}
    for row, cells in table.records:
        values = tuple(cells[column] for column in key)
        if not any(values):
            continue
        if values in first:
            column = key[0] if len(key) == 1 else ""
            value = " ".join(value for value in values if value)
            allowed = f"one row for each {what}"
            yield Fault(table.file, row, column, f"duplicate of row {first[values]}", value, allowed)
        first.setdefault(values, row)


def _records(text: str, file: str, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line it begins on; after a broken one go on with the line below it."""
    lines = list(io.StringIO(text, newline=""))
    begin = 0
    while begin < len(lines):
        reader = csv.reader(lines[begin:], strict=True)
        before = begin
        try:
            for fields in reader:
                if fields:
                    yield before + 1, fields
                before = begin + reader.line_num
            return
        except csv.Error as error:
            never_closed = "unexpected end" in str(error)
            problem = "quotation mark that is never closed" if never_closed else "faulty quotes"
            allowed = 'a cell with a comma, quote or line break in "double quotes", a quote in it doubled'
            faults.append(Fault(file, before + 1, "", problem, "" if never_closed else str(error), allowed))
            begin = before + 1


def _header_faults(
    file: str, row: int, header: list[str], columns: tuple[str, ...], needed: tuple[str, ...], faults: list[Fault]
) -> None:
    for index, name in enumerate(header):
        if name in header[:index]:
            faults.append(Fault(file, row, name, "column appears twice", name, "each column once"))
        elif name not in columns:
            free = [column for column in columns if column not in header] or columns
            faults.append(Fault(file, row, name, "unknown column", name, one_of(name, free)))
    missing = [column for column in needed if column not in header]
    faults.extend(Fault(file, row, column, "missing column", column, ", ".join(needed)) for column in missing)


def _similar_file(path: Path) -> str:
    present = sorted(other.name for other in path.parent.iterdir()) if path.parent.is_dir() else []
    close = difflib.get_close_matches(path.name, present, n=1, cutoff=0.8)
    return f"; there is {close[0]}" if close else ""


def _ordinal(number: int) -> str:
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"
