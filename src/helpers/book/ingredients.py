"""What a page is made from, part by part: equal parts make equal pages."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers import paths
from helpers.book.imports import helpers_of

if TYPE_CHECKING:
    from helpers.book.pages import Page

_EVERY_PAGE = "import helpers.book.execution"  # whatever a page shows, this is what executes it


def ingredients(page: Page, data: Path) -> dict[str, str]:
    """Name of each part -> a hash of it, or its value: title, template, parameters, files it declares, helpers, lock file."""
    notebook = json.loads(page.template.read_text(encoding="utf-8"))
    parts = {"title": page.title, "template": _hash(json.dumps(_without_outputs(notebook), sort_keys=True).encode())}
    parts |= {f"parameter {name}": repr(value) for name, value in page.parameters}
    parts |= {f"data file {name}": file_hash(file) for name, file in declared(data, page.reads).items()}
    parts |= {f"project file {name}": file_hash(file) for name, file in declared(paths.ROOT, page.also).items()}
    helpers = helpers_of(_code(notebook)) | helpers_of(_EVERY_PAGE)
    parts |= {f"helper {file.relative_to(paths.HELPERS).as_posix()}": file_hash(file) for file in sorted(helpers)}
    return parts | {"lock file": file_hash(paths.LOCK)}


def key_of(parts: Mapping[str, str]) -> str:
    """One short hash of all parts."""
    return _hash(json.dumps(parts, sort_keys=True).encode())


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What changed, one phrase a part, such as `data file search.csv changed`."""
    gone = [f"{name} gone" for name in before if name not in now]
    new = [f"{name} new" for name in now if name not in before]
    return [*(f"{name} changed" for name in now if name in before and before[name] != now[name]), *new, *gone]


def declared(folder: Path, patterns: Iterable[str]) -> dict[str, Path]:
    """The files that patterns name, by their place in the folder, sorted. `**` at the end means all files below.

    Files and folders whose name begins with a dot are never data.
    """
    wide = [f"{pattern}/*" if pattern.endswith("**") else pattern for pattern in patterns]
    found = {file.relative_to(folder).as_posix(): file for pattern in wide for file in folder.glob(pattern)}
    return {
        name: found[name]
        for name in sorted(found)
        if found[name].is_file() and not any(part.startswith(".") for part in name.split("/"))
    }


def file_hash(file: Path) -> str:
    stat = file.stat()
    return _file_hash(file, stat.st_mtime_ns, stat.st_size)


@functools.lru_cache(maxsize=65536)
def _file_hash(file: Path, *_state: int) -> str:
    return _hash(file.read_bytes())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _without_outputs(notebook: dict[str, Any]) -> dict[str, Any]:
    """What a notebook says and does; what it showed when it was stored has no influence."""
    volatile = ("outputs", "execution_count")
    cells = [{key: value for key, value in cell.items() if key not in volatile} for cell in notebook.get("cells", [])]
    return {**notebook, "cells": cells}


def _code(notebook: dict[str, Any]) -> str:
    cells = notebook.get("cells", [])
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
