"""Which helpers a piece of code imports, directly or through others, read from the source without running it."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

from helpers import paths

_ROOT = "helpers"


def helpers_of(source: str) -> frozenset[Path]:
    """The files of all helpers that the code imports, and that those import, inside functions too.

    A package comes with its `__init__` and those of its parents. Code that can not be parsed may import anything: all
    files then.
    """
    try:
        found = _files(_imports(source, package=""))
    except SyntaxError:
        return frozenset(paths.HELPERS.rglob("*.py"))
    waiting = list(found)
    while waiting:
        new = _imported_by(waiting.pop()) - found
        found |= new
        waiting += new
    return frozenset(found)


def _imported_by(file: Path) -> set[Path]:
    stat = file.stat()
    return _read(file, stat.st_mtime_ns, stat.st_size)


@functools.lru_cache(maxsize=4096)
def _read(file: Path, *_state: int) -> set[Path]:
    package = ".".join([_ROOT, *file.relative_to(paths.HELPERS).parent.parts])
    return _files(_imports(file.read_text(encoding="utf-8"), package))


def _imports(source: str, package: str) -> Iterator[str]:
    """Every dotted name that may be a module. package: where relative imports start."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _files(names: Iterator[str]) -> set[Path]:
    """The files of the helpers among the names, with the `__init__` of every package on the way."""
    found = set()
    for name in names:
        parts = name.split(".")
        if parts[0] != _ROOT:
            continue
        for length in range(1, len(parts) + 1):
            place = paths.HELPERS.joinpath(*parts[1:length])
            candidates = (place / "__init__.py", place.with_suffix(".py"))
            found |= {file for file in candidates if file.is_file()}
    return found
