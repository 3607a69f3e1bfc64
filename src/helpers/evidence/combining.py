"""Make one data folder of the shipped one and one that a reader brings."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

from helpers.evidence.faults import Fault, InvalidEvidence
from helpers.evidence.references import FILE as REFERENCES
from helpers.evidence.references import entries
from helpers.evidence.version import data_files

_LISTS = ("syntheses.csv", "certainty.csv", "search.csv", "glossary.csv")
"""Tables of independent rows, told apart by their first column."""


def combine(base: Path, extension: Path, into: Path) -> Path:
    """Write to `into` the data folder that the extension asks for, and return `into`.

    An extension with its own outcomes.csv is a complete data folder and replaces the base. Any other is added to
    it: a trial with the same id replaces the base's trial whole; entries of references.bib and rows of
    syntheses.csv, certainty.csv, search.csv and glossary.csv join the base's and replace those with the same key; other files
    replace the base's. What the extension adds stands first in each file, so that a fault found in `into` has the
    row it has in the extension.

    into: a folder that does not exist yet, outside both others.
    Raises InvalidEvidence where the extension holds neither outcomes.csv nor trials, FileExistsError where `into`
    exists. The combined folder is not checked here.
    """
    files = data_files(extension) if extension.is_dir() else []
    complete = "outcomes.csv" in files
    trials = sorted({file.split("/")[1] for file in files if file.startswith("trials/") and file.count("/") > 1})
    if not complete and not trials:
        problem = "no trial" if extension.is_dir() else "missing data folder"
        allowed = "a folder with trials/<trial-id>/trial.toml, or with outcomes.csv and all other files"
        raise InvalidEvidence([Fault(".", 0, "", problem, str(extension), allowed)])
    into.mkdir(parents=True)
    if not complete:
        replaced = tuple(f"trials/{trial}/" for trial in trials)
        _copy(base, [file for file in data_files(base) if not file.startswith(replaced)], into)
    _copy(extension, files, into)
    if not complete:
        for file in (name for name in (REFERENCES, *_LISTS) if name in files and (base / name).is_file()):
            join = _join_references if file == REFERENCES else _join_rows
            (into / file).write_bytes(join((extension / file).read_bytes(), (base / file).read_bytes()))
    return into


def _copy(source: Path, files: list[str], into: Path) -> None:
    for file in files:
        (into / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file, into / file)


def _join_references(added: bytes, base: bytes) -> bytes:
    keys = {chunk.key.lower() for chunk in entries(added.decode("utf-8-sig", errors="replace")) if chunk.key}
    kept = [chunk.text for chunk in entries(base.decode("utf-8-sig")) if chunk.key.lower() not in keys]
    return added.rstrip() + b"\n\n" + "".join(kept).encode()


def _join_rows(added: bytes, base: bytes) -> bytes:
    """Rows of a file that can not be read stay alone: its faults are all there is to tell."""
    try:
        ours = list(csv.reader(io.StringIO(added.decode("utf-8-sig"), newline=""), strict=True))
        header, *theirs = csv.reader(io.StringIO(base.decode("utf-8-sig"), newline=""), strict=True)
    except (UnicodeDecodeError, csv.Error):
        return added
    if not ours or sorted(ours[0]) != sorted(header):
        return added
    keys = {row[ours[0].index(header[0])] for row in ours[1:] if len(row) == len(header)}
    order = [header.index(column) for column in ours[0]]
    kept = io.StringIO(newline="")
    rows = ([row[index] for index in order] for row in theirs if row and row[0] not in keys)
    csv.writer(kept, lineterminator="\n").writerows(rows)
    return added.rstrip(b"\r\n") + b"\n" + kept.getvalue().encode()
