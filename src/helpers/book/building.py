"""Build the book aside, then publish it: the last good book survives any failure, and what did not change is kept."""

from __future__ import annotations

import contextlib
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
from helpers.book.execution import Job, dressed, execute_all
from helpers.book.ingredients import differences, ingredients, key_of
from helpers.book.memory import Made, Memory, content_hash, folder_hash
from helpers.book.pages import Page
from helpers.book.rendering import publish, render
from helpers.book.template import read_template

RENDERER = Path(__file__).parent
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


@dataclass(frozen=True)
class Due:
    """A page of an order: what it is made from, and why it has to be executed; no reason where the last one serves."""

    page: Page
    ingredients: Mapping[str, str]
    reasons: tuple[str, ...]

    @property
    def why(self) -> str:
        more = len(self.reasons) - 3
        return ", ".join([*self.reasons[:3], *([f"and {more} more"] if more > 0 else [])])


def compare(order: Order, executed: Path, memory: Memory) -> list[Due]:
    """What has to be executed, and why; nothing is."""
    found = []
    for page in order.pages:
        parts = ingredients(page, order.data)
        made = memory.pages.get(page.name)
        reasons = ["new"] if made is None else differences(made.ingredients, parts)
        if not reasons and memory.content(page.name, executed) is None:
            reasons = ["its executed notebook is missing or was changed"]
        found.append(Due(page, parts, tuple(reasons)))
    return found


def build(
    order: Order,
    out: Path,
    executed: Path,
    executor: Executor,
    done: Callable[[str], None],
    stage: Callable[[str], contextlib.AbstractContextManager] = contextlib.nullcontext,
) -> Memory:
    """Execute every page that changed, render the book where any did, and publish both into `out` and `executed`.

    done: called with each page's name when it is there. stage: entered with the name of each stage. Returns what the
    next build needs to know. Raises PageFailed or RenderingFailed; then neither folder has changed.
    """
    memory = Memory.of(executed)
    with tempfile.TemporaryDirectory(prefix="review-") as aside:
        staging, notebooks = Path(aside, "staging"), Path(aside, "executed")
        with stage("execution"):
            pages = _execute(order, executed, notebooks, memory, executor, done)
        with stage("staging"):
            _stage(order, notebooks, staging)
            rendering = content_hash((folder_hash(staging) + folder_hash(RENDERER)).encode() + paths.LOCK.read_bytes())
        with stage("rendering"):
            if rendering != memory.rendering or not memory.holds_book(out):
                render(staging, out)
        with stage("publishing"):
            publish(notebooks, executed)
    return Memory(rendering=rendering, book=folder_hash(out), pages=pages)


def _execute(
    order: Order, executed: Path, into: Path, memory: Memory, executor: Executor, done: Callable[[str], None]
) -> dict[str, Made]:
    """Put every page into a folder: the last execution where it serves; the others anew, those that take longest first."""
    found = {each.page.name: each for each in compare(order, executed, memory)}
    made: dict[str, Made] = {}
    seconds: dict[str, float] = {}
    jobs = []

    def keep(name: str, content: bytes) -> None:
        _write(into / f"{name}.ipynb", content)
        made[name] = Made(found[name].ingredients, content_hash(content), seconds[name])
        done(name)

    for name, each in found.items():
        provenance = _provenance(each.page, key_of(each.ingredients), order.edition)
        before = None if each.reasons else memory.content(name, executed)
        if before is None:
            jobs.append(Job(each.page, provenance, {paths.DATA_VARIABLE: str(order.data)}))
        else:
            seconds[name] = memory.pages[name].seconds
            keep(name, dressed(before, each.page.title, provenance))
    known = {name: page.seconds for name, page in memory.pages.items()}
    jobs.sort(key=lambda job: known.get(job.page.name, float("inf")), reverse=True)
    for job, content in execute_all(jobs, executor, took=seconds.__setitem__):
        keep(job.page.name, content)
    return made


def _provenance(page: Page, key: str, edition: str) -> str:
    parameters = ", ".join(f"{name} = {value!r}" for name, value in page.parameters) or "none"
    return "\n".join(
        [
            ":::{admonition} How this page was made",
            ":class: provenance",
            f"Page key `{key}` · data `{edition}` · parameters: `{parameters}` · template `book/{page.template.name}`",
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
