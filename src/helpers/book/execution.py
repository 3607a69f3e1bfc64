"""Execute one page: template and parameters in, notebook out, the same bytes on any machine."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError

from helpers.book.pages import Page

_VARYING = ("papermill", "execution", "widgets")
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


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

    The result holds no time, duration, machine path or random id. Raises PageFailed when a cell raises, and also
    when it writes to standard error: a warning on a page is a fault of the page.
    """
    page = job.page
    with _environment(_ONE_THREAD | dict(job.environment)):
        try:
            notebook = papermill.execute_notebook(
                str(page.template),
                None,
                parameters=dict(page.parameters),
                progress_bar=False,
                log_output=False,
                extra_arguments=["--log-level=CRITICAL"],  # else kernels warn of loopback and shutdown
            )
        except PapermillExecutionError as error:
            raise _failed(page, error.exec_count, f"{error.ename}: {error.evalue}") from None
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                raise _failed(page, cell.execution_count, f"wrote to standard error: {output.text.strip()}")
    if job.provenance:
        _dress(notebook, page.title, job.provenance)
    return normalised(notebook)


def _dress(notebook: nbformat.NotebookNode, title: str, provenance: str) -> None:
    """Make an executed template a page: its own title, no code that shows nothing, how it was made."""
    notebook.cells[0].source = "\n".join([f"# {title}", *notebook.cells[0].source.splitlines()[1:]])
    for cell in notebook.cells:
        if cell.cell_type == "code" and not cell.outputs:
            cell.metadata.tags = sorted({*cell.metadata.get("tags", []), "remove-cell"})
    notebook.cells.append(nbformat.v4.new_markdown_cell(provenance, id="provenance"))


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


def execute_all(jobs: list[Job], executor: Executor) -> Iterator[tuple[Job, bytes]]:
    """Execute pages through any `concurrent.futures.Executor`, each as it is done. Raises the first PageFailed."""
    waiting: dict[Future[bytes], Job] = {executor.submit(execute, job): job for job in jobs}
    try:
        for future in as_completed(waiting):
            yield waiting[future], future.result()
    finally:
        for future in waiting:
            future.cancel()


def local_executor(workers: int) -> ProcessPoolExecutor:
    """Pages in parallel on this machine."""
    return ProcessPoolExecutor(max_workers=workers)


def _failed(page: Page, count: int | None, error: str) -> PageFailed:
    words = ["papermill", f"book/{page.template.name}", "out.ipynb"]
    for name, value in page.parameters:
        words += ["-p", name, str(value)]
    return PageFailed(page.name, f"cell [{count}]", error, shlex.join(words))


@contextlib.contextmanager
def _environment(values: Mapping[str, Any]) -> Iterator[None]:
    """Kernels inherit this process's environment: set it for one execution."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
