"""Read a TOML file so that every fault can name its line."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from helpers.evidence.faults import Fault, one_of
from helpers.evidence.tables import read_text

KeyPath = tuple[str | int, ...]

_ARRAY_HEADER = re.compile(r"\s*\[\[\s*([^\[\]]+?)\s*\]\]")
_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=(.*)""")
_KINDS = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    list: "a list of texts",
    dict: "a table",
    datetime.date: "a date such as 2026-11-21",
}


class TomlFile:
    """The content of one TOML file; asking it for a key reports the fault when the key is missing or wrong.

    A path is a tuple of keys and of positions in arrays of tables: ("arms", 1, "role").
    """

    def __init__(self, file: str, text: str, faults: list[Fault]) -> None:
        """Raises tomllib.TOMLDecodeError."""
        self.file = file
        self.data = tomllib.loads(text)
        self.faults = faults
        self._lines = _key_lines(text)

    @classmethod
    def read(cls, folder: Path, file: str, faults: list[Fault]) -> TomlFile | None:
        """Read the file; report a missing file, wrong encoding or a syntax error, and return None."""
        text = read_text(folder, file, faults, "a TOML file")
        if text is None:
            return None
        try:
            return cls(file, text, faults)
        except tomllib.TOMLDecodeError as error:
            faults.append(_syntax_fault(file, text, str(error)))
            return None

    def report(self, path: KeyPath, problem: str, value: object = "", allowed: str = "") -> None:
        """Report a fault at the line of the key, or of the table that should hold it."""
        self.faults.append(self.fault(path, problem, value, allowed))

    def fault(self, path: KeyPath, problem: str, value: object = "", allowed: str = "") -> Fault:
        column = ".".join(key for key in path if isinstance(key, str))
        return Fault(self.file, self._line(path), column, problem, str(value), allowed)

    def get(self, path: KeyPath) -> Any:
        found: Any = self.data
        for key in path:
            try:
                found = found[key]
            except (KeyError, IndexError, TypeError):
                return None
        return found

    def text(self, *path: str | int, among: Iterable[str] | None = None, what: str = "", optional: bool = False) -> str:
        value = self._typed(path, str, optional) or ""
        if value and among is not None:
            words = tuple(among)
            if value not in words:
                self.report(path, f"unknown {what or path[-1]}", value, one_of(value, words))
        elif not value.strip() and self.get(path) is not None and isinstance(self.get(path), str):
            self.report(path, "empty text", "", "a text")
        return value

    def whole(self, *path: str | int, optional: bool = False) -> int | None:
        value = self._typed(path, int, optional)
        if value is not None and value < 0:
            self.report(path, "negative number", value, "a whole number, 0 or more")
        return value

    def truth(self, *path: str | int) -> bool:
        return bool(self._typed(path, bool, optional=True))

    def date(self, *path: str | int) -> datetime.date:
        return self._typed(path, datetime.date, optional=False) or datetime.date.min

    def texts(self, *path: str | int) -> tuple[str, ...]:
        values = self._typed(path, list, optional=True) or []
        if not all(isinstance(value, str) for value in values):
            self.report(path, "wrong type", values, _KINDS[list])
        return tuple(value for value in values if isinstance(value, str))

    def tables(self, *path: str | int) -> list[KeyPath]:
        """Paths of the tables of an array of tables: at least one is wanted."""
        values = self.get(path)
        header = f"[[{'.'.join(map(str, path))}]]"
        if not values:
            self.report(path, "missing tables", "", f"one {header} table or more")
            return []
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            self.report(path, "wrong type", values, f"{header} tables")
            return []
        return [(*path, index) for index in range(len(values))]

    def named_tables(self, *path: str | int) -> list[str]:
        """Names of the tables below a table, as written; what is not a table is reported."""
        below = self._typed(path, dict, optional=True) or {}
        return [name for name in below if self._typed((*path, name), dict, optional=False) is not None]

    def words(self, *path: str, among: Iterable[str] | None, what: str) -> dict[str, str]:
        """A table of own words and what each stands for, one of `among`."""
        known = None if among is None else list(among)
        return {name: self.text(*path, name, among=known, what=what) for name in self._names(path)}

    def wholes(self, *path: str) -> dict[str, int]:
        """A table of whole numbers, 0 or more."""
        return {name: self.whole(*path, name) or 0 for name in self._names(path)}

    def amounts(self, *path: str, keys: Iterable[str], what: str) -> dict[str, float]:
        """A table of numbers above 0, whole or not, by known names."""
        known, amounts = list(keys), {}
        for name in self._names(path):
            value = self.get((*path, name))
            if name not in known:
                self.report((*path, name), f"unknown {what}", name, one_of(name, known))
            elif type(value) not in (int, float):
                self.report((*path, name), "wrong type", value, "a number")
            elif not value > 0:
                self.report((*path, name), "number not above 0", value, "a number above 0")
            else:
                amounts[name] = float(value)
        return amounts

    def _names(self, path: KeyPath) -> list[str]:
        return list(self._typed(path, dict, optional=True) or {})

    def only(self, path: KeyPath, keys: Iterable[str]) -> None:
        """Report the keys of a table that have no meaning there."""
        table = self.get(path)
        keys = tuple(keys)
        for key in table if isinstance(table, dict) else ():
            if key not in keys:
                free = [known for known in keys if known not in table] or keys
                self.report((*path, key), "unknown key", key, one_of(key, free))

    def _typed(self, path: KeyPath, kind: type, optional: bool) -> Any:
        value = self.get(path)
        if value is None:
            if not optional:
                self.report(path, "missing key", "", _KINDS[kind])
            return None
        # bool is an int and datetime a date in Python, not in the format
        if type(value) is not kind:
            self.report(path, "wrong type", value, _KINDS[kind])
            return None
        return value

    def _line(self, path: KeyPath) -> int:
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return 1


def _key_lines(text: str) -> dict[KeyPath, int]:
    """Line of each table header and key. Inline tables are one line, that of their key."""
    lines: dict[KeyPath, int] = {}
    count: Counter[KeyPath] = Counter()
    here: KeyPath = ()
    open_quote = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if open_quote:
            open_quote = "" if open_quote in line else open_quote
        elif header := _ARRAY_HEADER.match(line):
            name = _keys(header[1])
            here = (*name, count[name])
            lines.setdefault(name, number)
            lines[here] = number
            count[name] += 1
        elif header := _HEADER.match(line):
            here = _keys(header[1])
            lines[here] = number
        elif key := _KEY.match(line):
            keys = _keys(key[1])
            lines.setdefault((*here, *keys), number)
            open_quote = next((quote for quote in ('"""', "'''") if key[2].count(quote) % 2), "")
    return lines


def _keys(dotted: str) -> KeyPath:
    return tuple(key.strip().strip("\"'") for key in dotted.split("."))


def _syntax_fault(file: str, text: str, message: str) -> Fault:
    place = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    last = text.rstrip().count("\n") + 1
    row, column = (int(place[1]), place[2]) if place else (last, "")
    problem = re.sub(r" \(at .*\)$", "", message)
    shown = text.split("\n")[row - 1].strip() if row <= text.count("\n") + 1 else ""
    return Fault(file, row, column, f"TOML syntax: {problem}", shown, 'key = "text", key = 1 or a [table] on each line')
