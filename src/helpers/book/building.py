"""Build the book aside, then publish it: the last good book survives any failure."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import nbformat
import yaml

from helpers import paths
from helpers.book.execution import Job, execute_all
from helpers.book.pages import Page
from helpers.book.rendering import publish, render
from helpers.book.template import read_template

STAND_IN = """\
:::{admonition} This page was not built anew
:class: warning
It shows the shipped data with default parameters.
:::"""


@dataclass(frozen=True)
class Order:
    """What to build.

    edition: data version printed on every page. downloads: files offered beside the pages. as_shipped: whether the
    data are the shipped ones and every parameter has its default, as in the committed notebooks.
    """

    pages: tuple[Page, ...]
    data: Path
    edition: str
    downloads: Mapping[str, bytes] = field(default_factory=dict)
    as_shipped: bool = True


def build(order: Order, out: Path, executed: Path, executor: Executor, done: Callable[[str], None]) -> None:
    """Execute every page, render the book and publish both into `out` and `executed`.

    done: called with each page's name when it is executed. Raises PageFailed or RenderingFailed; then neither folder
    has changed.
    """
    with tempfile.TemporaryDirectory(prefix="review-") as aside:
        staging, notebooks = Path(aside, "staging"), Path(aside, "executed")
        environment = {paths.DATA_VARIABLE: str(order.data)}
        jobs = [Job(page, _provenance(page, order), environment) for page in order.pages]
        for job, content in execute_all(jobs, executor):
            _write(notebooks / f"{job.page.name}.ipynb", content)
            done(job.page.name)
        _stage(order, notebooks, staging)
        render(staging, out)
        publish(notebooks, executed)


def _provenance(page: Page, order: Order) -> str:
    parameters = ", ".join(f"{name} = {value!r}" for name, value in page.parameters) or "none"
    return "\n".join(
        [
            ":::{admonition} How this page was made",
            ":class: provenance",
            f"Page key `{page.key(order.data)}` · data `{order.edition}` · parameters: `{parameters}` · "
            f"template `book/{page.template.name}`",
            ":::",
        ]
    )


def _stage(order: Order, notebooks: Path, staging: Path) -> None:
    """Lay out the sources of the book in a clean folder.

    Where only some pages are built, the committed notebooks stand in for the others, so that no link leads nowhere.
    They say so where they show other data or parameters than the pages that are built.
    """
    shutil.copytree(notebooks, staging)
    for page in sorted(paths.BOOK.glob("*.ipynb")):
        if read_template(page).for_each == "" and not (staging / page.name).exists():
            shutil.copy(page, staging)
            if not order.as_shipped:
                _mark_as_stand_in(staging / page.name)
    for page in sorted(paths.BOOK.glob("*.md")):
        shutil.copy(page, staging)
    shutil.copy(paths.ROOT / "_config.yml", staging)
    shutil.copy(order.data / "references.bib", staging)
    present = {file.relative_to(staging).with_suffix("").as_posix() for file in staging.rglob("*.*")}
    toc = pruned_toc(yaml.safe_load((paths.ROOT / "_toc.yml").read_text(encoding="utf-8")), present)
    _write(staging / "_toc.yml", yaml.safe_dump(toc, sort_keys=False).encode())
    for name, content in order.downloads.items():
        _write(staging / "downloads" / name, content)


def _mark_as_stand_in(file: Path) -> None:
    notebook = nbformat.read(file, as_version=4)
    notebook.cells.insert(1, nbformat.v4.new_markdown_cell(STAND_IN, id="stand-in"))
    nbformat.write(notebook, file)


def pruned_toc(entry: Any, present: set[str]) -> Any:
    """The table of contents without the entries, chapters and parts that no staged page fills."""
    if isinstance(entry, list):
        kept = [pruned_toc(each, present) for each in entry]
        return [each for each in kept if each is not None]
    if not isinstance(entry, dict):
        return entry
    if "file" in entry and entry["file"] not in present:
        return None
    if "glob" in entry and not any(fnmatch(name, entry["glob"]) for name in present):
        return None
    pruned = {key: pruned_toc(value, present) for key, value in entry.items()}
    if any(pruned.get(key) == [] for key in ("chapters", "sections", "parts")) and "file" not in entry:
        return None
    return pruned


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
