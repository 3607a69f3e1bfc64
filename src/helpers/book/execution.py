"""Execute one page: template and parameters in, notebook out, the same bytes on any machine."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError

from helpers import paths
from helpers.book.ingredients import declared
from helpers.book.pages import Page
from helpers.book.warm_kernel import ONE_THREAD, choose_warm_kernels

_VARYING = ("papermill", "execution", "widgets")
_STARTS = 3
_DIED_AT_START = "died before replying"  # no cell has run yet
_MISSING = ("FileNotFoundError", "InvalidEvidence")
_ENGINE = "review"
_PROVENANCE = "provenance"


class PageFailed(RuntimeError):
    """A page whose execution failed: which page, which cell, and how to reproduce it."""

    def __init__(self, page: str, cell: str, error: str, reproduce: str) -> None:
        super().__init__(page, cell, error, reproduce)
        self.page, self.cell, self.error, self.reproduce = page, cell, error, reproduce

    def __str__(self) -> str:
        return f"{self.page}: {self.cell}: {self.error}\n  to reproduce: {self.reproduce}"


@dataclass(frozen=True)
class Job:
    """All that the execution of a page needs.

    provenance: Markdown that closes the page; empty for a notebook that is executed as it stands, to be stored again.
    """

    page: Page
    provenance: str
    environment: Mapping[str, str]


def execute(job: Job) -> bytes:
    """Run a page's template and return the normalised notebook as JSON bytes.

    The kernel finds the data files and project files that the page declares, and no others. The result holds no time,
    duration, machine path or random id. Raises PageFailed when a cell raises, when the kernel dies, and also when a
    cell writes to standard error: a warning on a page is a fault of the page.
    """
    page = job.page
    choose_warm_kernels()
    with _declared_files(job) as environment:
        try:
            notebook = papermill.execute_notebook(
                str(page.template),
                None,
                parameters=dict(page.parameters),
                progress_bar=False,
                engine_name=_ENGINE,
                environment={**os.environ, **ONE_THREAD, **environment},
            )
        except PapermillExecutionError as error:
            said = f"{error.ename}: {error.evalue}"
            if error.ename in _MISSING:
                said += f"\n  the page sees only what it declares: {', '.join([*page.reads, *page.also]) or 'no file'}"
            raise _failed(page, f"cell [{error.exec_count}]", said) from None
        except (RuntimeError, CellTimeoutError) as error:  # a kernel that died, at its start or later
            raise _failed(page, "kernel", str(error)) from None
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                said = f"wrote to standard error: {output.text.strip()}"
                raise _failed(page, f"cell [{cell.execution_count}]", said)
    if job.provenance:
        _dress(notebook, page.title, job.provenance)
    return normalised(notebook)


class _Engine(NBClientEngine):
    """Papermill's own engine, with an environment for the kernel: that of the process is shared by pages in parallel."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, *_: Any, **options: Any) -> None:
        quiet = ["--log-level=CRITICAL"]  # else kernels warn of loopback and shutdown
        for start in range(1, _STARTS + 1):
            client = PapermillNotebookClient(nb_man, kernel_name=kernel_name, extra_arguments=quiet)
            try:
                return client.execute(env=options["environment"])
            except RuntimeError as error:
                # The ports of a kernel are chosen before it binds them, and another process may take one meanwhile.
                if start == _STARTS or _DIED_AT_START not in str(error):
                    raise


papermill_engines.register(_ENGINE, _Engine)


@contextlib.contextmanager
def _declared_files(job: Job) -> Iterator[dict[str, str]]:
    """A folder with what the page declares, and the environment variables that lead there."""
    data = Path(job.environment.get(paths.DATA_VARIABLE) or paths.data())
    project = Path(job.environment.get(paths.PROJECT_VARIABLE) or paths.ROOT)
    with tempfile.TemporaryDirectory(prefix="review-page-") as aside:
        places = {paths.DATA_VARIABLE: Path(aside, "data"), paths.PROJECT_VARIABLE: Path(aside, "project")}
        for place, files in zip(
            places.values(), (declared(data, job.page.reads), declared(project, job.page.also)), strict=True
        ):
            place.mkdir()
            for name, file in files.items():
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, place / name)
        yield {**job.environment, **{name: str(place) for name, place in places.items()}, paths.PART_VARIABLE: "1"}


def dressed(executed: bytes, title: str, provenance: str) -> bytes:
    """An executed page once more, with another title or provenance: the bytes that executing it anew would give."""
    notebook = nbformat.reads(executed.decode(), as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.id != _PROVENANCE]
    _dress(notebook, title, provenance)
    return normalised(notebook)


def _dress(notebook: nbformat.NotebookNode, title: str, provenance: str) -> None:
    """Make an executed template a page: its own title, no code that shows nothing, how it was made."""
    notebook.cells[0].source = "\n".join([f"# {title}", *notebook.cells[0].source.splitlines()[1:]])
    for cell in notebook.cells:
        if cell.cell_type == "code" and not cell.outputs:
            cell.metadata.tags = sorted({*cell.metadata.get("tags", []), "remove-cell"})
    notebook.cells.append(nbformat.v4.new_markdown_cell(provenance, id=_PROVENANCE))


def normalised(notebook: nbformat.NotebookNode) -> bytes:
    """The notebook without anything that differs between two runs or two machines."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            **({"review": notebook.metadata["review"]} if "review" in notebook.metadata else {}),
        }
    )
    for cell in notebook.cells:
        for key in _VARYING:
            cell.metadata.pop(key, None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"
            cell.metadata.tags = ["injected-parameters", "remove-cell"]
    nbformat.validate(notebook)
    return (nbformat.writes(notebook, version=4, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def execute_all(
    jobs: list[Job], executor: Executor, took: Callable[[str, float], None] = lambda *_: None
) -> Iterator[tuple[Job, bytes]]:
    """Execute pages through any `concurrent.futures.Executor`, each as it is done. Raises the first PageFailed.

    took: called with the name of each page and its seconds.
    """
    waiting: dict[Future[tuple[bytes, float]], Job] = {executor.submit(_timed, job): job for job in jobs}
    try:
        for future in as_completed(list(waiting)):
            job = waiting.pop(future)  # a result that is still referred to stays in memory
            content, seconds = future.result()
            took(job.page.name, seconds)
            yield job, content
    finally:
        for future in waiting:
            future.cancel()


def _timed(job: Job) -> tuple[bytes, float]:
    start = time.monotonic()
    return execute(job), time.monotonic() - start


def local_executor(workers: int) -> ThreadPoolExecutor:
    """Pages in parallel on this machine: the work is the kernels', so that threads suffice and one warm process serves all."""
    return ThreadPoolExecutor(max_workers=workers, thread_name_prefix="page")


def _failed(page: Page, place: str, error: str) -> PageFailed:
    words = ["papermill", f"book/{page.template.name}", "out.ipynb"]
    for name, value in page.parameters:
        words += ["-p", name, str(value)]
    return PageFailed(page.name, place, error, shlex.join(words))
