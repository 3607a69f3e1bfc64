"""From a file's own columns and words to the standard's, with every cell checked by itself."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.evidence.adam import TABLES, Column
from helpers.evidence.faults import Fault, one_of
from helpers.evidence.printed import how_to_write, plain
from helpers.patients.files import Raw

Text = str | Callable[[int], str]

MOST = 100
"""At most so many faults of one kind in one column are told one by one."""

_MISSING = (".", "NA")
"""How SAS and R write a number that is missing into a CSV file."""
_RELATED = {"Y": "RELATED", "N": "NOT RELATED"}


@dataclass(frozen=True, eq=False)
class Standard:
    """One table under standard names: number columns are floats, text columns text.

    own: standard name -> the file's own name of the column. missing: required columns that the file lacks.
    """

    raw: Raw
    cells: pd.DataFrame
    own: Mapping[str, str]
    missing: frozenset[str]

    @property
    def file(self) -> str:
        return self.raw.file

    def has(self, *columns: str) -> bool:
        return self.missing.isdisjoint(columns) and set(columns) <= set(self.cells.columns)

    def faults(
        self,
        wrong: pd.Series | np.ndarray,
        column: str,
        problem: Text,
        allowed: Text,
        value: Callable[[int], object] | None = None,
    ) -> Iterator[Fault]:
        """One fault for each row that is wrong; from the MOST-th on only their number.

        problem, allowed: a text, or a function of the row's position. value: what is shown, by default what stands in the column.
        """
        places = np.flatnonzero(np.asarray(wrong, dtype=bool))
        own = self.own.get(column, column)
        for place in places[:MOST]:
            row = int(self.raw.rows[place])
            said = _text(problem, place) + (f" in record {row}" if self.raw.counts_records else "")
            shown = self.cells[column].iloc[place] if value is None else value(place)
            yield Fault(self.file, row, own, said, _shown(shown), _text(allowed, place))
        if len(places) > MOST:
            place, more = places[MOST], len(places) - MOST
            said = f"{_text(problem, place)}, and the same in rows below"
            yield Fault(self.file, int(self.raw.rows[place]), own, said, f"{more} rows", _text(allowed, place))


def _text(text: Text, place: int) -> str:
    return text if isinstance(text, str) else text(int(place))


def _shown(value: object) -> str:
    if isinstance(value, (float, np.floating)):
        return "" if np.isnan(value) else plain(float(value))
    return str(value)


def standard(
    raw: Raw, table: str, own_names: Mapping[str, str], faults: list[Fault], may_lack: Iterable[str] = ()
) -> Standard:
    """Rename the columns, tell which are missing, and give each its type.

    own_names: the file's own name of a column -> the standard one. may_lack: columns that come from elsewhere.
    Other columns are kept in adsl and left out elsewhere; adqs always has all of its columns.
    """
    columns = TABLES[table]
    cells, own = _renamed(raw, table, own_names, faults)
    missing = _missing_columns(raw, table, set(may_lack), list(cells.columns), faults)
    typed: dict[str, pd.Series] = {}
    unreadable: list[tuple[str, pd.Series, pd.Series]] = []
    for name, column in columns.items():
        if name not in cells:
            if column.required or table == "adqs":
                typed[name] = pd.Series(np.nan if column.kind == "number" else "", index=cells.index)
                typed[name] = typed[name].astype("float64" if column.kind == "number" else "str")
        elif column.kind == "number":
            typed[name], wrong = _numbers(cells[name])
            unreadable.append((name, wrong, cells[name]))
        else:
            typed[name] = _texts(cells[name])
    if table == "adsl":
        typed |= {name: cells[name] for name in cells.columns if name not in columns}
    if "AEREL" in typed:
        typed["AEREL"] = typed["AEREL"].replace(_RELATED)
    done = Standard(raw, pd.DataFrame(typed, index=cells.index), own, missing)
    for name, wrong, written in unreadable:
        faults += _unreadable(done, name, wrong, written)
    for name, column in columns.items():
        if name in cells:
            faults += _cell_faults(done, name, column)
    return done


def _unreadable(table: Standard, name: str, wrong: pd.Series, written: pd.Series) -> Iterator[Fault]:
    def told(place: int) -> str:
        return how_to_write(str(written.iloc[place]))

    yield from table.faults(wrong, name, "unreadable number", told, lambda place: written.iloc[place])


def _renamed(
    raw: Raw, table: str, own_names: Mapping[str, str], faults: list[Fault]
) -> tuple[pd.DataFrame, dict[str, str]]:
    """The cells under standard names. Names in small letters are taken for the standard's where nothing else is."""
    names = list(raw.cells.columns)
    new = {name: own_names[name] for name in names if name in own_names}
    for name in own_names:
        if name not in names:
            allowed = one_of(name, names)
            problem = f"column that [patients.columns.{table}] names is missing"
            faults.append(Fault(raw.file, raw.header_row, name, problem, name, allowed))
    for name in names:
        upper = name.upper()
        if name not in new and upper in TABLES[table] and upper not in (*names, *new.values()):
            new[name] = upper
    after = [new.get(name, name) for name in names]
    for index, name in enumerate(after):
        if name in after[:index]:
            problem = f"second column that is {name} under [patients.columns.{table}]"
            faults.append(Fault(raw.file, raw.header_row, names[index], problem, names[index], "one column each"))
    cells = raw.cells.set_axis(pd.Index(after), axis=1)
    own = dict(reversed(list(zip(after, names, strict=True))))
    return cells.loc[:, ~cells.columns.duplicated()], own


def _missing_columns(
    raw: Raw, table: str, may_lack: set[str], present: list[str], faults: list[Fault]
) -> frozenset[str]:
    columns = TABLES[table]
    missing = [name for name, column in columns.items() if column.required and name not in present]
    free = [name for name in present if name not in columns]
    for name in (name for name in missing if name not in may_lack):
        near = difflib.get_close_matches(name, free, n=1, cutoff=0.6)
        there = f"did you mean {near[0]}? " if near else ""
        allowed = f"{there}a column {name}, or its own name under [patients.columns.{table}] in trial.toml"
        faults.append(Fault(raw.file, raw.header_row, name, "missing column", name, allowed))
    for name in free:
        absent = [other for other, column in columns.items() if not column.required and other not in present]
        near = difflib.get_close_matches(name, absent, n=1, cutoff=0.8)
        if near:
            faults.append(Fault(raw.file, raw.header_row, name, "unknown column", name, f"did you mean {near[0]}?"))
    return frozenset(missing)


def _numbers(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The numbers, nan where missing, and which cells are neither."""
    if pd.api.types.is_numeric_dtype(cells):
        numbers = cells.astype("float64")
        return numbers.where(np.isfinite(numbers)), np.isinf(numbers)
    empty = (cells == "") | cells.isin(_MISSING) | cells.str.fullmatch(r"\.[A-Z_]")
    numbers = pd.to_numeric(cells.where(~empty, None), errors="coerce").astype("float64")
    unreadable = ~empty & ~np.isfinite(numbers)
    return numbers.where(~unreadable), unreadable


def _texts(cells: pd.Series) -> pd.Series:
    """Text; a code that the file stores as a number is written without decimals."""
    if not pd.api.types.is_numeric_dtype(cells):
        return cells
    return cells.map(lambda value: "" if np.isnan(value) else f"{value:.15g}").astype("str")


def _cell_faults(table: Standard, name: str, column: Column) -> Iterator[Fault]:
    cells = table.cells[name]
    empty = cells.isna() if column.kind == "number" else cells == ""
    if column.stated and name != "AWTARGET":  # a visit may have its day from trial.toml
        yield from table.faults(empty, name, "empty cell", f"{column.meaning}: {column.allowed}")
    if column.words:
        word = f"{name} that the format does not have"
        yield from table.faults(~empty & ~cells.isin(column.words), name, word, column.allowed)
    elif column.kind == "number":
        outside = (cells < column.low) | (cells > column.high)
        yield from table.faults(outside, name, f"{name} outside its range", column.allowed)
        if column.whole:
            broken = ~empty & ~outside & (cells % 1 != 0)
            yield from table.faults(broken, name, f"{name} that is not a whole number", column.allowed)


def nearest(values: pd.Series, known: Iterable[str], more: str = "") -> Callable[[int], str]:
    """The words that may stand in a row, that nearest to what stands there first."""
    words = list(known)
    return lambda place: one_of(str(values.iloc[place]), words) + more
