"""Speed of building the book beside the plain tools: `python benchmarks/building.py` prints a table of ratios.

Both sides run on this machine, one after the other, in one run. `--only ROW` runs some rows, `--trials 50,500` sets the
numbers of generated trials, `--pages 8` takes fewer pages for the rows that compare page by page.
"""

from __future__ import annotations

import argparse
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import psutil

from helpers import evidence, paths
from helpers.book.building import Order, _stage
from helpers.book.execution import Job, execute, execute_all, local_executor
from helpers.book.pages import Page
from helpers.book.warm_kernel import CHOICE
from helpers.review import downloads, plan

BIN = Path(sys.executable).parent
MODEL = "treasure"
COLD = {CHOICE: "local-provisioner"}
WARM = {CHOICE: "warm"}
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@dataclass(frozen=True)
class Row:
    """One line of the table. value: what was reached; target: what is asked for; both as printed."""

    what: str
    against: str
    value: str
    target: str
    seconds: str


class Bench:
    def __init__(self, folder: Path, pages: int | None, trials: tuple[int, int]) -> None:
        self.folder, self.limit, self.trials = folder, pages, trials
        self.data = shutil.copytree(paths.ROOT / "data", folder / "data")
        self.book = folder / "book" / "html"

    def cold_build(self) -> Row:
        ours = self._review("build", "--data", self.data, "--out", self.book)
        return _times("cold build of the whole book", "papermill page by page, jupyter-book", self.by_hand, ours, 4)

    def one_trial(self) -> Row:
        self._built()
        _touch(self.data / f"trials/{MODEL}/results.csv")
        ours = self._review("build", "--data", self.data, "--out", self.book)
        return _times("one trial's results.csv changed", "papermill page by page, jupyter-book", self.by_hand, ours, 8)

    def nothing(self) -> Row:
        self._built()
        ours = self._review("build", "--data", self.data, "--out", self.book, watch=_no_kernel)
        return Row("nothing changed", "", f"{ours:.2f} s, no kernel", "under 1 s", f"{ours:.2f}")

    def one_page(self) -> Row:
        pages = self._pages("trial")[:4]
        cold, warm = (self._one_by_one(pages, choice) for choice in (COLD, WARM))
        return _times("one page's execution, warm", "cold kernel", cold, warm, 4)

    def kernel(self) -> Row:
        """Beside the row above: a page that does nothing but import what every page imports."""
        template = self.folder / "imports.ipynb"
        notebook = (paths.BOOK / "trial.ipynb").read_text(encoding="utf-8")
        import nbformat

        whole = nbformat.reads(notebook, as_version=4)
        first = next(cell for cell in whole.cells if cell.cell_type == "code" and "import" in cell.source)
        first.source = re.sub(r"\n+review = .*", "", first.source, flags=re.DOTALL)
        whole.cells = [whole.cells[0], first]
        nbformat.write(whole, template)
        pages = [Page("imports", "Imports", template, (), ())] * 4
        cold, warm = (self._one_by_one(pages, choice) for choice in (COLD, WARM))
        return _times("a kernel with its imports, warm", "cold kernel", cold, warm, None)

    def generated(self) -> Row:
        few, many = (_generated_build(self.folder / f"generated-{count}", count) for count in self.trials)
        growth, memory = many.seconds / few.seconds - 1, many.peak / few.peak - 1
        return Row(
            f"{self.trials[1]} generated trials",
            f"{self.trials[0]} generated trials",
            f"time per page {growth:+.0%}, memory of the driver {memory:+.0%}",
            "within 15%, flat",
            f"{few.seconds:.2f} and {many.seconds:.2f} a page",
        )

    def nbval(self) -> Row:
        return self._nbval_row("one process", self._nbval(WARM))

    def nbval_parallel(self) -> Row:
        """As `make test` runs it."""
        return self._nbval_row("a process a core", self._nbval(WARM, "-n", "auto", "--dist", "loadscope"))

    def _nbval_row(self, how: str, ours: float) -> Row:
        pages = len(self._executed())
        return _times(
            f"nbval over {pages} executed pages, {how}", "cold kernels, one process", self.nbval_cold, ours, 3
        )

    @functools.cached_property
    def nbval_cold(self) -> float:
        """Seconds of nbval by itself."""
        return self._nbval(COLD)

    def _nbval(self, choice: dict[str, str], *more: str) -> float:
        options = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=600", "-q", "-p", "no:cacheprovider", *more]
        command = [sys.executable, "-m", "pytest", *options, *map(str, self._executed())]
        return _seconds(lambda: _run(command, {paths.DATA_VARIABLE: str(self.data), **choice}))

    def _executed(self) -> list[Path]:
        self._built()
        return sorted((self.book.parent / f"{self.book.name}-executed").rglob("*.ipynb"))[: self.limit]

    @functools.cached_property
    def by_hand(self) -> float:
        """Seconds of the plain tools: papermill once a page, one after the other, then jupyter-book."""
        return _seconds(self._build_by_hand)

    def _build_by_hand(self) -> None:
        notebooks, staging = self.folder / "notebooks", self.folder / "staging"
        found = evidence.load(self.data)
        for page in plan(found):
            target = notebooks / f"{page.name}.ipynb"
            target.parent.mkdir(parents=True, exist_ok=True)
            words = [word for name, value in page.parameters for word in ("-p", name, str(value))]
            _run([BIN / "papermill", page.template, target, *words], {paths.DATA_VARIABLE: str(self.data), **COLD})
        _stage(Order((), self.data, "", downloads(found, self.data)), notebooks, staging)
        _run([BIN / "jupyter-book", "build", "--all", staging, "--path-output", self.folder / "plain"], {})

    def _built(self) -> None:
        self._review("build", "--data", self.data, "--out", self.book)

    def _review(self, *words: object, watch: Callable[[psutil.Process], None] | None = None) -> float:
        start = time.perf_counter()
        command = [str(BIN / "review"), *map(str, words)]
        process = psutil.Popen(command, env=os.environ | WARM, **QUIET)
        while process.poll() is None:
            if watch:
                watch(process)
            time.sleep(0.05)
        assert process.returncode == 0, command
        return time.perf_counter() - start

    def _pages(self, template: str) -> list[Page]:
        return [page for page in plan(evidence.load(self.data)) if page.template.stem == template]

    def _one_by_one(self, pages: list[Page], choice: dict[str, str]) -> float:
        """Seconds a page in a process of its own, the first page, which starts the warm process, not counted."""
        process = subprocess.run(
            [sys.executable, "-c", ONE_BY_ONE],
            input="\n".join(
                f"{page.name}\t{page.template}\t{'|'.join(page.reads)}\t{page.parameters!r}" for page in pages
            ),
            env=os.environ | choice | {paths.DATA_VARIABLE: str(self.data)},
            capture_output=True,
            text=True,
            check=True,
        )
        return float(process.stdout)


ONE_BY_ONE = """
import ast, sys, time
from pathlib import Path
from helpers.book.execution import Job, execute
from helpers.book.pages import Page
jobs = []
for line in sys.stdin:
    name, template, reads, parameters = line.rstrip("\\n").split("\\t")
    reads = tuple(each for each in reads.split("|") if each)
    jobs.append(Job(Page(name, name, Path(template), ast.literal_eval(parameters), reads), "made", {}))
execute(jobs[0])
start = time.perf_counter()
for job in jobs:
    execute(job)
print((time.perf_counter() - start) / len(jobs))
"""


@dataclass(frozen=True)
class Load:
    """seconds: wall time a page; peak: memory of the driver in bytes while it executed the last tenth."""

    seconds: float
    peak: int


def _generated_build(folder: Path, count: int) -> Load:
    """Execute the page of each of `count` generated trials."""
    data = folder / "data"
    shutil.copytree(paths.ROOT / "data", data)
    for number in range(count):
        shutil.copytree(data / "trials" / MODEL, data / "trials" / f"generated-{number:04}")
    templates = {page.name: page for page in plan(evidence.load(paths.ROOT / "data"))}
    model = templates[f"trials/{MODEL}"]
    pages = [
        Page(
            f"trials/generated-{number:04}",
            f"Generated {number}",
            model.template,
            tuple((name, f"generated-{number:04}" if name == "trial" else value) for name, value in model.parameters),
            tuple(pattern.replace(MODEL, f"generated-{number:04}") for pattern in model.reads),
        )
        for number in range(count)
    ]
    jobs = [Job(page, "made", {paths.DATA_VARIABLE: str(data)}) for page in pages]
    driver, peak = psutil.Process(), 0
    os.environ.update(WARM)
    execute(jobs[0])
    start = time.perf_counter()
    with local_executor(os.cpu_count() or 1) as executor:
        for done, (job, content) in enumerate(execute_all(jobs, executor)):
            file = folder / f"{job.page.name}.ipynb"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            if done >= 0.9 * count:
                peak = max(peak, driver.memory_info().rss)
    return Load((time.perf_counter() - start) / count, peak)


def _no_kernel(process: psutil.Process) -> None:
    for child in process.children(recursive=True):
        raise AssertionError(f"a process was started: {child.cmdline()}")


def _touch(file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")


def _run(command: list, environment: dict[str, str]) -> None:
    done = subprocess.run(list(map(str, command)), env=os.environ | environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _times(what: str, against: str, theirs: float, ours: float, target: float | None) -> Row:
    asked = f"{target:g} times" if target else ""
    return Row(what, against, f"{theirs / ours:.1f} times faster", asked, f"{theirs:.1f} and {ours:.1f}")


ROWS = ("cold_build", "one_trial", "nothing", "one_page", "kernel", "generated", "nbval", "nbval_parallel")


def rows(bench: Bench, names: tuple[str, ...]) -> Iterator[Row]:
    for name in names:
        yield getattr(bench, name)()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=ROWS, default=ROWS)
    parser.add_argument("--trials", type=lambda text: tuple(map(int, text.split(","))), default=(50, 500))
    parser.add_argument("--pages", type=int, help="how many executed pages nbval takes (all)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="review-benchmark-") as aside:
        found = []
        for row in rows(Bench(Path(aside), chosen.pages, chosen.trials), tuple(chosen.only)):
            found.append(row)
            print(" | ".join(vars(row).values()), flush=True)
    print(pd.DataFrame(found).to_string(index=False))
