"""A fault of the data, told to the person who can mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong in a data folder.

    file: path relative to the data folder, with forward slashes.
    row: line number in the file, the header being line 1; 0 stands for the whole file.
    column: column of a CSV, key of a TOML file, field of a BibTeX entry; empty for the whole row or file.
    problem: what is wrong; value: what stands there; allowed: what may stand there.
    """

    file: str
    row: int
    column: str
    problem: str
    value: str = ""
    allowed: str = ""

    def __str__(self) -> str:
        shown = self.value if self.value == self.value.strip() and self.value.isprintable() else repr(self.value)
        text = f"{self.file}:{self.row}:{self.column or '*'}: {self.problem}"
        if shown:
            text += f" ({shown})"
        if self.allowed:
            text += f"; {self.allowed}"
        return text


class InvalidEvidence(ValueError):
    """A data folder has faults; `faults` holds all of them, sorted by file, row and column."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(set(faults)))
        super().__init__(self.faults)

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


def one_of(value: str, known: Iterable[str]) -> str:
    """Say which words are allowed, naming first the one that was probably meant.

    Words that are equal but for their case are close; otherwise closeness is difflib's ratio, 0.6 or more.
    """
    words = sorted(set(known)) if isinstance(known, (set, frozenset)) else list(dict.fromkeys(known))
    if not words:
        return "none is defined"
    by_lower = {word.lower(): word for word in words}
    close = difflib.get_close_matches(value.strip().lower(), by_lower, n=1, cutoff=0.6)
    guess = f"did you mean {by_lower[close[0]]}? " if close else ""
    return f"{guess}allowed: {', '.join(words)}"
