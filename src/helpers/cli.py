"""The `review` command: build, check and serve the book, export its results."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import http.server
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from tqdm import tqdm

import helpers.book.light_jsonschema  # noqa: F401
from helpers import paths

if TYPE_CHECKING:
    from helpers.patients.preparing import Prepared

WRONG_INPUT = 2
BROKEN = 1
KEPT = "kept (nothing changed)"

data_option = click.option(
    "--data",
    "data_folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A data folder. With its own outcomes.csv it replaces the shipped one, else it extends it.",
)

patients_option = click.option(
    "--patients",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with a team's adsl, adqs and adae (CSV, Parquet or SAS transport): patient-level data of a new trial.",
)
control_option = click.option("--control", metavar="VALUE", help="The value of TRT01P that is the control.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Build a living review from the trials' published numbers.

    Exit status: 0 done; 1 something broke, the message says where; 2 the input is wrong, one line a fault.
    """


@main.command()
@data_option
@patients_option
@control_option
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Where the book goes (_build/html).")
@click.option("-p", "assignments", multiple=True, metavar="NAME=VALUE", help="A parameter of the notebooks.")
@click.option("--jobs", type=click.IntRange(min=1), default=os.cpu_count() or 1, show_default=True)
@click.option("--only", multiple=True, metavar="PAGE", help="Build these pages only, into _build/preview.")
@click.option(
    "--scheduler",
    envvar="DASK_SCHEDULER_ADDRESS",
    metavar="ADDRESS",
    help="Execute the pages on the Dask cluster of this scheduler (tcp://HOST:PORT), not on this machine.",
)
@click.option("--explain", is_flag=True, help="Say for each page why it is executed, or why not.")
@click.option("--timing", is_flag=True, help="Print wall time and peak memory of each stage.")
def build(
    data_folder: Path | None,
    patients: Path | None,
    control: str | None,
    out: Path | None,
    assignments: tuple[str, ...],
    jobs: int,
    only: tuple[str, ...],
    scheduler: str | None,
    explain: bool,
    timing: bool,
) -> None:
    """Execute the pages that changed and build the static HTML book.

    With --patients, a trial named like that folder is in it, from its patient-level data, without a folder in data/.
    """
    if (patients and data_folder) or (control and not patients):
        raise click.UsageError(
            "--control goes with --patients, and --data without: `review add` puts a trial into a folder"
        )
    from helpers.book.destination import refuse_other_folders
    from helpers.book.memory import Memory, inputs

    html, executed = _destinations(out, bool(only))
    _or_wrong_input(refuse_other_folders, html, executed)
    sources = [paths.data(), *(each for each in (data_folder, patients) if each)]
    words = (assignments, only, control)
    read = inputs(words, sources)
    memory = Memory.of(executed)
    if memory.holds(read, html, executed):
        for name in memory.pages if explain else ():
            click.echo(f"{name}: {KEPT}")
        click.echo(f"{len(memory.pages)} pages, nothing changed: {html / 'index.html'}")
        return

    if not scheduler:
        from helpers.book.warm_kernel import warm_up

        warm_up()  # it imports while this process reads the data

    from helpers.book.building import Order, compare
    from helpers.book.building import build as build_book
    from helpers.book.cluster import ClusterFailed, cluster_executor
    from helpers.book.execution import PageFailed, local_executor
    from helpers.book.rendering import RenderingFailed
    from helpers.book.timing import Stopwatch
    from helpers.review import downloads, plan

    watch = Stopwatch()
    with _usable_data(data_folder, patients, control) as data:
        pages = _or_wrong_input(plan, data.evidence, assignments, only, data.designs)
        as_shipped = (
            not (assignments or data_folder or patients) and paths.data().resolve() == (paths.ROOT / "data").resolve()
        )
        offered = downloads(data.evidence, data.folder)
        order = Order(pages, data.folder, data.evidence.edition.version, offered, as_shipped)
        for each in compare(order, executed, memory) if explain else ():
            click.echo(f"{each.page.name}: " + (f"executed ({each.why})" if each.reasons else KEPT))
        bar = tqdm(total=len(pages), unit="page", desc="executing", disable=None)
        stage = {"stage": watch} if timing else {}
        try:
            with bar, cluster_executor(scheduler) if scheduler else local_executor(jobs) as executor:
                built = build_book(order, html, executed, executor, lambda name: _advance(bar, name), **stage)
        except (ClusterFailed, PageFailed, RenderingFailed) as failure:
            click.echo(f"{failure}\nThe book was not changed.", err=True)
            sys.exit(BROKEN)
    if inputs(words, sources) == read:  # else a file was changed meanwhile, and the next build looks anew
        dataclasses.replace(built, inputs=read).keep(executed)
    for measured in watch.stages:
        click.echo(measured)
    click.echo(f"{len(pages)} pages: {html / 'index.html'}")


@main.command()
@data_option
@click.option(
    "--claims",
    "claims_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Check the claims of this file instead, with or without a book: one published statement a row.",
)
@click.option("--stale", is_flag=True, help="List the pages that the next build would execute, and why.")
def check(data_folder: Path | None, claims_file: Path | None, stale: bool) -> None:
    """Validate the data and check the claims; execute nothing."""
    if claims_file is not None:
        if data_folder is not None or stale:
            raise click.UsageError("--claims needs no other option")
        _check_claims(claims_file)
        return
    from helpers.scrutiny.evidence_ledger import evidence_ledger
    from helpers.scrutiny.report import status_line

    with _usable_data(data_folder) as data:
        evidence = data.evidence
        claims = status_line(evidence_ledger(evidence)["status"])
        computed = int((evidence.results["kind"] == "patients").sum())
        numbers = f"{len(evidence.results) - computed} reported numbers"
        numbers += f", {computed} computed from patients" if computed else ""
        click.echo(f"{len(evidence.trials)} trials, {numbers}, no fault (data {evidence.edition.version}); {claims}")
        if stale:
            _list_stale(data)


def _check_claims(file: Path) -> None:
    """Print what becomes of the claims of one file."""
    from helpers.evidence.claims import read_claims
    from helpers.scrutiny.ledger import ledger
    from helpers.scrutiny.report import claims_report

    with _faults_end_the_command():
        entries = ledger(read_claims(file))
    click.echo(claims_report(entries))


@main.command()
@data_option
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
def results(data_folder: Path | None, form: str) -> None:
    """Print every computed result, one a row."""
    from helpers.review import computed_results

    with _usable_data(data_folder) as data:
        frame = computed_results(data.evidence)
    click.echo(frame.to_csv(index=False) if form == "csv" else frame.to_json(orient="records", indent=1), nl=False)


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
def serve(port: int) -> None:
    """Look at the built book in a browser, on this machine only."""
    if not (paths.HTML / "index.html").exists():
        click.echo("There is no book yet: run `make book` or `review build`.", err=True)
        sys.exit(WRONG_INPUT)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=paths.HTML)
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        click.echo(f"http://127.0.0.1:{server.server_port}/ (Ctrl-C ends)")
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


@main.command()
@click.option("--jobs", type=click.IntRange(min=1), default=os.cpu_count() or 1, show_default=True)
def reference(jobs: int) -> None:
    """Store the outputs of book/*.ipynb, with default parameters, and the findings in the README anew."""
    from helpers.book.execution import Job, PageFailed, execute_all, local_executor
    from helpers.review import reference_pages, with_findings

    pages = reference_pages()
    with tqdm(total=len(pages), unit="notebook", disable=None) as bar, local_executor(jobs) as executor:
        try:
            for job, content in execute_all([Job(page, "", {}) for page in pages], executor):
                job.page.template.write_bytes(content)
                _advance(bar, job.page.name)
        except PageFailed as failure:
            click.echo(str(failure), err=True)
            sys.exit(BROKEN)
    readme = paths.ROOT / "README.md"
    readme.write_text(with_findings(readme.read_text(encoding="utf-8"), paths.BOOK / "index.ipynb"), encoding="utf-8")


@main.command()
@click.argument("trial_id", metavar="TRIAL-ID")
@click.option("--data", "data_folder", type=click.Path(file_okay=False, path_type=Path), help="Where it goes (data/).")
@click.option("--like", metavar="ID", help="Take the design, arms and columns of this trial.")
@patients_option
@control_option
def add(trial_id: str, data_folder: Path | None, like: str | None, patients: Path | None, control: str | None) -> None:
    """Make a folder for a new trial, ready to fill in; with --patients, from a team's files."""
    from helpers.evidence import load
    from helpers.evidence.skeleton import write_skeleton

    if (like and patients) or (control and not patients):
        raise click.UsageError("--control goes with --patients, and --like without")
    if patients:
        _add_patients(trial_id, patients, data_folder or paths.data(), control)
        return
    with _faults_end_the_command():
        folder = write_skeleton(trial_id, data_folder or paths.data(), load(), like)
    click.echo(f"{folder}: fill in trial.toml, results.csv and bias.csv, then run `review check`")


def _add_patients(trial_id: str, patients: Path, data_folder: Path, control: str | None) -> None:
    """Make a trial's folder from a team's files and say what was taken for granted."""
    from helpers.evidence import load
    from helpers.patients.adding import add_trial

    with _faults_end_the_command():
        added = add_trial(trial_id, patients, data_folder, load(), control)
    click.echo(f"{added.folder}: {', '.join(added.taken)} (taken for granted; change trial.toml where they are wrong)")
    if added.open:
        click.echo("Fill in the role of each arm in trial.toml, or begin anew with --control VALUE.")
    click.echo("Then run `review check`.")


def _destinations(out: Path | None, preview: bool) -> tuple[Path, Path]:
    """The folders of the HTML book and of its executed notebooks, which stand side by side."""
    if not preview and (out is None or out.resolve() == paths.HTML.resolve()):
        return paths.HTML, paths.EXECUTED
    html = (out or paths.BUILD / "preview").resolve()
    return html, html.parent / f"{html.name}-executed"


def _list_stale(data: Prepared) -> None:
    from helpers.book.building import Order, compare
    from helpers.book.memory import Memory
    from helpers.review import plan

    order = Order(plan(data.evidence, designs=data.designs), data.folder, data.evidence.edition.version)
    found = compare(order, paths.EXECUTED, Memory.of(paths.EXECUTED))
    stale = [each for each in found if each.reasons]
    for each in stale:
        click.echo(f"{each.page.name}: {each.why}")
    click.echo(f"{len(stale)} of {len(found)} pages are out of date")


@contextlib.contextmanager
def _usable_data(
    data_folder: Path | None, patients: Path | None = None, control: str | None = None
) -> Iterator[Prepared]:
    """The data folder to work with and the evidence in it; faults are printed and end the command."""
    from helpers import evidence
    from helpers.patients.adding import add_trial, id_of
    from helpers.patients.preparing import prepare

    with tempfile.TemporaryDirectory(prefix="review-data-") as aside, _faults_end_the_command():
        folder = paths.data()
        if patients is not None:
            data_folder = Path(aside, "new")
            added = add_trial(id_of(patients), patients, data_folder, evidence.load(folder), control)
            if added.open:
                click.echo(f"--control is missing; allowed: {', '.join(added.arms)} (what TRT01P holds)", err=True)
                sys.exit(WRONG_INPUT)
        if data_folder is not None:
            folder = evidence.combine(folder, data_folder, Path(aside, "data"))
        yield prepare(folder, Path(aside, "prepared"))


@contextlib.contextmanager
def _faults_end_the_command() -> Iterator[None]:
    from helpers.evidence import InvalidEvidence
    from helpers.evidence.skeleton import InvalidTrialId

    try:
        yield
    except InvalidTrialId as wrong:
        click.echo(str(wrong), err=True)
        sys.exit(WRONG_INPUT)
    except InvalidEvidence as invalid:
        for fault in invalid.faults:
            click.echo(str(fault), err=True)
        number = len(invalid.faults)
        click.echo(f"{number} {'fault' if number == 1 else 'faults'}; nothing was changed.", err=True)
        sys.exit(WRONG_INPUT)


def _or_wrong_input(function: Callable, *arguments):
    from helpers.book.destination import NotABook
    from helpers.book.template import InvalidParameter

    try:
        return function(*arguments)
    except (InvalidParameter, NotABook) as wrong:
        click.echo(str(wrong), err=True)
        sys.exit(WRONG_INPUT)


def _advance(bar: tqdm, name: str) -> None:
    bar.set_postfix_str(name)
    bar.update()
