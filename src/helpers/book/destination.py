"""Where a book may go: a book replaces an earlier one, never anything else."""

from __future__ import annotations

from pathlib import Path


class NotABook(ValueError):
    """A folder that the book would replace holds something else."""


def refuse_other_folders(out: Path, executed: Path) -> None:
    """Raise NotABook unless both folders are missing, empty, or hold what an earlier build put there.

    out: the HTML book. executed: its executed notebooks.
    """
    for folder, is_ours, what in ((out, _is_book, "an earlier book"), (executed, _is_executed, "executed notebooks")):
        if folder.is_dir() and any(folder.iterdir()) and not is_ours(folder):
            raise NotABook(f"{folder}: the build would replace this folder, and it does not hold {what}; name another")


def _is_book(folder: Path) -> bool:
    if (folder / ".git").exists():  # such as a working copy of published pages: replacing it would delete its history
        return False
    return (folder / "index.html").is_file() and (folder / "objects.inv").is_file()


def _is_executed(folder: Path) -> bool:
    if not (folder / "index.ipynb").is_file():
        return False
    return all(file.is_dir() or file.suffix == ".ipynb" for file in folder.rglob("*"))
