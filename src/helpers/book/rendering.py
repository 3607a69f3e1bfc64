"""From a staging folder of executed pages to the published HTML book."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# What the outcome of a rendering could otherwise depend on.
SAME_EVERYWHERE = {
    "LANGUAGE": "en",
    "LC_ALL": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "SOURCE_DATE_EPOCH": "0",
    "TZ": "UTC",
}

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_WARNING = re.compile(r"^(?:(?P<page>.*?):(?:(?P<line>\d+):)? )?(?P<kind>WARNING|ERROR|CRITICAL|SEVERE): (?P<text>.*)$")
_START = "import helpers.book.light_jsonschema; from jupyter_book.cli.main import main; main()"
_CELL = 10_000  # MyST-NB writes a place in a notebook as 10 000 times the cell plus the line in it, that one from 2


class RenderingFailed(Exception):
    """The pages could not be made into a book. faults: one readable line a fault; log: all that jupyter-book said."""

    def __init__(self, faults: list[str], log: str) -> None:
        self.faults = faults
        self.log = log
        super().__init__("the book could not be rendered:\n" + "\n".join(faults))


def render(staging: Path, destination: Path) -> None:
    """Make the HTML book of the pages in `staging` and publish it as `destination`.

    staging: a clean folder with _config.yml, _toc.yml, the executed notebooks, Markdown pages and references.bib.
    The result depends on the pages alone: the same staging folder elsewhere gives the same bytes.
    Raises RenderingFailed on any warning or error; `destination` is then as it was before.
    """
    with tempfile.TemporaryDirectory(prefix="book-") as aside:
        command = ["build", str(staging.resolve()), "--path-output", aside, "-W", "-n", "--keep-going", "-q"]
        result = subprocess.run(
            [sys.executable, "-c", _START, *command],
            env={**os.environ, **SAME_EVERYWHERE},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        log = _COLOUR.sub("", result.stderr + result.stdout)
        faults = faults_in(log, staging.resolve())
        html = Path(aside, "_build", "html")
        if not faults and (result.returncode or not (html / "index.html").is_file()):
            said = log.split("Traceback (most recent call last)")[0].strip() or log.strip()
            faults = said.splitlines()[-20:] or [f"jupyter-book ended with status {result.returncode}"]
        if faults:
            raise RenderingFailed(faults, log)
        (html / ".buildinfo").unlink(missing_ok=True)  # a hash of this machine's paths
        publish(html, destination)


def faults_in(log: str, staging: Path) -> list[str]:
    """The warnings and errors in what jupyter-book said, as `page, cell, line: message`, each once."""
    found = []
    for text in log.splitlines():
        if match := _WARNING.match(text.strip()):
            place = _place(match["page"], match["line"], staging)
            found.append(f"{place}: {match['text']}" if place else match["text"])
    return list(dict.fromkeys(found))


def publish(folder: Path, destination: Path) -> None:
    """Put a copy of `folder` in the place of `destination` at once: nobody sees a mixture of old and new.

    Whatever fails, `destination` stays or comes back as it was.
    """
    destination = destination.resolve()
    destination.parent.mkdir(parents=True, exist_ok=True)
    # Beside the destination and so on its disk: only there does renaming move no bytes.
    aside = Path(tempfile.mkdtemp(prefix=f".{destination.name}-", dir=destination.parent))
    new, old = aside / "new", aside / "old"
    try:
        shutil.copytree(folder, new)
        if destination.exists():
            destination.rename(old)
        try:
            new.rename(destination)
        except BaseException:
            if old.exists():
                old.rename(destination)
            raise
    finally:
        if destination.exists() or not old.exists():  # else `old` is the only good copy left
            shutil.rmtree(aside, ignore_errors=True)


def _place(page: str | None, line: str | None, staging: Path) -> str:
    if not page:
        return ""
    place = page.removeprefix(f"{staging}{os.sep}")
    if not line:
        return place
    number = int(line)
    if place.endswith(".ipynb") and number >= _CELL:
        return f"{place}, cell {number // _CELL}, line {max(number % _CELL - 1, 1)}"
    return f"{place}, line {number}"
