"""What the last build made from what, so that the next one does only what changed.

It lies beside the executed pages, in `.NAME.json` for a folder NAME, and is believed only as far as the files it
speaks of are still there, byte for byte.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from helpers import paths


@dataclass(frozen=True)
class Made:
    """One executed page: what it was made from (see `ingredients`), a hash of its file, how long it took."""

    ingredients: Mapping[str, str]
    content: str
    seconds: float


@dataclass(frozen=True)
class Memory:
    """One build. inputs: hash of all that was read; rendering: of what was rendered; book: of the HTML folder."""

    inputs: str = ""
    rendering: str = ""
    book: str = ""
    pages: Mapping[str, Made] = field(default_factory=dict)
    python: str = platform.python_version()

    @classmethod
    def of(cls, executed: Path) -> Memory:
        """The memory of the folder of executed pages; an empty one where there is none that can be used."""
        try:
            stored = json.loads(_file(executed).read_text(encoding="utf-8"))
            pages = {name: Made(**made) for name, made in stored.pop("pages").items()}
            memory = cls(**stored, pages=pages)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return cls()
        return memory if memory.python == platform.python_version() else cls()

    def keep(self, executed: Path) -> None:
        """Store it beside the folder of executed pages, at once."""
        file = _file(executed)
        aside = file.with_suffix(".new")
        aside.write_text(json.dumps(asdict(self), sort_keys=True, indent=0), encoding="utf-8")
        os.replace(aside, file)

    def holds(self, inputs: str, book: Path, executed: Path) -> bool:
        """Whether that build read the same and all that it made is still there."""
        return (
            bool(self.inputs)
            and self.inputs == inputs
            and self.holds_book(book)
            and all(self.content(name, executed) is not None for name in self.pages)
        )

    def holds_book(self, book: Path) -> bool:
        return bool(self.book) and self.book == folder_hash(book)

    def content(self, name: str, executed: Path) -> bytes | None:
        """The notebook of an executed page; None where it is not as it was made."""
        file = executed / f"{name}.ipynb"
        content = file.read_bytes() if name in self.pages and file.is_file() else None
        return content if content is not None and content_hash(content) == self.pages[name].content else None


def inputs(words: object, data: Iterable[Path]) -> str:
    """A hash of all that a build reads: its options, the data folders, templates, helpers, settings, the lock file."""
    digest = hashlib.sha256(repr(words).encode())
    settings = [paths.LOCK, paths.ROOT / "_config.yml", paths.ROOT / "_toc.yml"]
    for place in (*data, paths.BOOK, paths.HELPERS, *settings, *_also()):
        digest.update((content_hash(place.read_bytes()) if place.is_file() else folder_hash(place)).encode())
    return digest.hexdigest()


def _also() -> list[Path]:
    """The files of the project that templates declare beside the data."""
    from helpers.book.ingredients import declared

    patterns: set[str] = set()
    for template in paths.BOOK.glob("*.ipynb"):
        patterns.update(json.loads(template.read_bytes()).get("metadata", {}).get("review", {}).get("also", []))
    return list(declared(paths.ROOT, sorted(patterns)).values())


def folder_hash(folder: Path) -> str:
    """A hash over the place and bytes of every file below a folder, those that Python or an editor put there aside."""
    digest = hashlib.sha256()
    for place, below, files in os.walk(folder):
        below[:] = sorted(name for name in below if name != "__pycache__" and not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                file = Path(place, name)
                digest.update(f"{file.relative_to(folder).as_posix()}\0{content_hash(file.read_bytes())}\0".encode())
    return digest.hexdigest()


def content_hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _file(executed: Path) -> Path:
    return executed.parent / f".{executed.name}.json"
