"""Pages on a Dask cluster of this machine: the local bytes, whatever happens to a worker, and faults that say what to do."""

import contextlib
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from helpers import paths
from helpers.book import cluster as on_cluster
from helpers.book.cluster import ClusterFailed, cluster_executor
from helpers.book.execution import Job, PageFailed, execute, execute_all
from helpers.book.pages import Page
from helpers.cli import main
from helpers.evidence import load
from helpers.review import plan
from helpers.scrutiny.reconstruction import reconstruct
from helpers.synthesis.coverage import simulate
from helpers.synthesis.multiverse import all_variants, multiverse

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")

NOBODY_LISTENS = "tcp://127.0.0.1:1"
READS = """\
from helpers import paths
[(file.relative_to(paths.data()).as_posix(), file.read_text()) for file in sorted(paths.data().rglob("*.*")) if trial]"""


def page(folder: Path, trial: str, source: str, reads: tuple[str, ...] = ("*.csv", "trials/**")) -> Job:
    """A page of one cell, for one trial, over the data in `folder`/data."""
    for name in ("effects.csv", "trials/one/results.csv", "private/notes.txt"):
        file = folder / "data" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{folder.name}: {name}")
    cells = [
        nbformat.v4.new_markdown_cell("# Template", id="head"),
        nbformat.v4.new_code_cell("trial = ''", id="parameters", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(source, id="cell"),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    template = folder / f"{trial}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), template)
    known = Page(f"trials/{trial}", trial.upper(), template, (("trial", trial),), reads)
    return Job(known, "Made so.", {paths.DATA_VARIABLE: str(folder / "data")})


def files(folder: str) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in Path(folder).rglob("*.*"))


def shown(notebook: bytes) -> str:
    """What the one cell of a page shows."""
    return "".join(json.loads(notebook)["cells"][3]["outputs"][0]["data"]["text/plain"])


@contextlib.contextmanager
def loopback(**workers):
    """The address of a cluster on this machine alone, and the cluster."""
    nowhere_else = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with distributed.LocalCluster(**nowhere_else, **workers) as cluster:
        yield cluster.scheduler_address, cluster


@pytest.fixture(scope="module")
def address():
    with loopback(n_workers=2, threads_per_worker=1) as (address, _):
        yield address


@pytest.fixture(scope="module")
def no_worker():
    with loopback(n_workers=0) as (address, _):
        yield address


def review(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["build", *map(str, words)])
    return result.exit_code, result.stderr


@pytest.mark.slow
def test_pages_come_back_with_the_bytes_of_a_local_build(address, tmp_path):
    jobs = [page(tmp_path, f"trial-{n}", "trial * 2") for n in range(4)]
    with cluster_executor(address) as executor:
        there = {job.page.name: content for job, content in execute_all(jobs, executor)}
    assert there == {job.page.name: execute(job) for job in jobs}


@pytest.mark.slow
def test_pages_of_the_book_need_no_more_than_what_they_declare(address):
    known = [each for each in plan(load()) if each.name in ("trials/levy-2019", "checks")]
    jobs = [Job(each, "Made so.", {paths.DATA_VARIABLE: str(paths.data())}) for each in known]
    with cluster_executor(address) as executor:
        there = {job.page.name: content for job, content in execute_all(jobs, executor)}
    assert len(there) == 2
    assert there == {job.page.name: execute(job) for job in jobs}


@pytest.mark.slow
def test_a_page_finds_its_declared_data_files_and_no_others(address, tmp_path):
    job = page(tmp_path / "mine", "nova", READS)
    with cluster_executor(address) as executor:
        found = shown(executor.submit(execute, job).result())
    assert (
        found == "[('effects.csv', 'mine: effects.csv'),\n ('trials/one/results.csv', 'mine: trials/one/results.csv')]"
    )


@pytest.mark.slow
def test_the_threads_of_one_worker_do_not_mix_up_their_pages(tmp_path):
    wait = "import time; time.sleep(0.5)\nfrom helpers import paths\n(paths.data() / 'effects.csv').read_text()"
    jobs = [page(tmp_path / f"data-{n}", f"trial-{n}", wait) for n in range(3)]
    with (
        loopback(n_workers=1, threads_per_worker=3, processes=False, protocol="tcp") as (address, _),
        cluster_executor(address) as executor,
    ):
        found = {job.page.name: shown(content) for job, content in execute_all(jobs, executor)}
    assert found == {f"trials/trial-{n}": f"'data-{n}: effects.csv'" for n in range(3)}


@pytest.mark.slow
@pytest.mark.parametrize("nanny", [True, False])
def test_a_worker_killed_in_the_middle_costs_no_page_and_no_byte(nanny, tmp_path):
    begun = tmp_path / "begun"
    # The first execution waits to be killed, the second goes on. Neither shows which it was.
    once = f"import os, time\nopen({str(begun)!r}, 'a').write('x')\ntime.sleep(600 * (os.path.getsize({str(begun)!r}) == 1))\ntrial"
    jobs = [page(tmp_path, "slow", once), *(page(tmp_path, f"trial-{n}", "trial") for n in range(5))]
    with _two_workers(nanny) as address, cluster_executor(address) as executor, ThreadPoolExecutor() as aside:
        made = aside.submit(lambda: {job.page.name: content for job, content in execute_all(jobs, executor)})
        _wait_for(begun.exists)
        with distributed.Client(address, set_as_default=False) as client:
            (worker,) = [name for name, keys in client.processing().items() if "trials/slow" in str(keys)]
            os.kill(client.run(os.getpid, workers=[worker])[worker], signal.SIGKILL)
        there = made.result(timeout=500)
    assert begun.read_text() == "xx"
    assert there == {job.page.name: execute(job) for job in jobs}


@pytest.mark.slow
def test_a_page_that_fails_is_executed_once_and_says_what_a_local_one_says(address, tmp_path):
    begun = tmp_path / "begun"
    job = page(tmp_path, "nova", f"open({str(begun)!r}, 'a').write('x')\n1 / 0")
    with cluster_executor(address) as executor, pytest.raises(PageFailed) as there:
        list(execute_all([job], executor))
    assert begun.read_text() == "x"
    with pytest.raises(PageFailed) as here:
        execute(job)
    assert str(there.value) == str(here.value)


@pytest.mark.slow
def test_a_call_that_kills_its_workers_is_given_up(address):
    with pytest.raises(ClusterFailed, match=r"_exit.*: 4 workers died"), cluster_executor(address) as executor:
        executor.submit(os._exit, 1).result()


@pytest.mark.slow
def test_a_cluster_that_loses_its_last_worker_is_given_up():
    with (
        dask.config.set({"distributed.scheduler.no-workers-timeout": "0.5s"}),
        loopback(n_workers=0) as (address, _),
        _worker(address) as worker,
        pytest.raises(ClusterFailed, match="no worker is left"),
        cluster_executor(address, patience=120) as executor,
    ):
        begun = executor.submit(time.sleep, 60)
        worker.kill()
        begun.result()


@pytest.mark.slow
def test_a_cluster_that_goes_away_is_named():
    with (
        loopback(n_workers=1, processes=False, protocol="tcp") as (address, cluster),
        pytest.raises(ClusterFailed, match="connection to the scheduler was lost"),
        cluster_executor(address, patience=1) as executor,
    ):
        begun = executor.submit(time.sleep, 1)
        cluster.close()
        begun.result()


@pytest.mark.slow
def test_a_simulation_takes_the_same_executor(address):
    with cluster_executor(address) as executor:
        pd.testing.assert_frame_equal(simulate(executor, repetitions=2), simulate(repetitions=2), check_exact=True)


@pytest.mark.slow
def test_multiverses_take_the_same_executor(address):
    of_each = [found for found in all_variants(load()).values() if found]
    with cluster_executor(address) as executor:
        there = list(executor.map(multiverse, of_each))
    assert len(there) > 1
    for found, frame in zip(of_each, there, strict=True):
        pd.testing.assert_frame_equal(frame, multiverse(found), check_exact=True)


@pytest.mark.slow
def test_reconstructions_take_the_same_executor(address):
    printed = [("4.0", "1.5", 20, 1, 7), ("65", "29", 36, 0, 100), ("3.0", "1.2", 30, 1, 5)]
    with cluster_executor(address) as executor:
        there = list(executor.map(reconstruct, *zip(*printed, strict=True)))
    for numbers, found in zip(printed, there, strict=True):
        here = reconstruct(*numbers)
        assert (found.complete, found.total, found.targets) == (here.complete, here.total, here.targets)
        np.testing.assert_array_equal(found.counts, here.counts)


@pytest.mark.slow
def test_a_worker_with_other_helpers_is_refused(no_worker, tmp_path):
    shutil.copytree(paths.HELPERS, tmp_path / "src/helpers")
    shutil.copy(paths.LOCK, tmp_path)
    (tmp_path / "src/helpers/format.py").open("a").write("# changed\n")
    with (
        _worker(no_worker, PYTHONPATH=str(tmp_path / "src")),
        pytest.raises(ClusterFailed) as refused,
        cluster_executor(no_worker, patience=120),
    ):
        pass
    assert "worker tcp://127.0.0.1:" in str(refused.value)
    assert "runs another version of helpers, lock file or Python" in str(refused.value)
    assert "the scheduler" not in str(refused.value)


def test_a_worker_that_comes_later_refuses_calls_of_another_version():
    assert on_cluster._run(on_cluster.LOADED, pow, [2, 3], {}) == 8
    with pytest.raises(ClusterFailed, match="another version"):
        on_cluster._run("0123456789abcdef", pow, [2, 3], {})


def test_a_worker_whose_files_changed_under_it_refuses_calls(monkeypatch):
    monkeypatch.setattr(on_cluster, "fingerprint", lambda: "0123456789abcdef")
    with pytest.raises(ClusterFailed, match="changed since it was started"):
        on_cluster._run(on_cluster.LOADED, pow, [2, 3], {})


def test_a_change_of_the_lock_file_or_a_helper_is_another_version(tmp_path, monkeypatch):
    shutil.copytree(paths.HELPERS, tmp_path / "src/helpers", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(paths.LOCK, tmp_path)
    before = on_cluster.fingerprint()
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "HELPERS", tmp_path / "src/helpers")
    monkeypatch.setattr(paths, "LOCK", tmp_path / "requirements.lock")
    assert on_cluster.fingerprint() == before
    paths.LOCK.write_text(paths.LOCK.read_text() + "# changed\n")
    after_lock = on_cluster.fingerprint()
    (paths.HELPERS / "format.py").unlink()
    assert len({before, after_lock, on_cluster.fingerprint()}) == 3


def test_a_parcel_needs_no_file_of_its_sender(tmp_path, monkeypatch):
    sender = tmp_path / "sender"
    monkeypatch.setattr(paths, "ROOT", sender)
    job = page(sender, "nova", "trial")
    job = replace(job, page=replace(job.page, also=("data/private/*",)))
    template = job.page.template.read_bytes()
    parcel = pickle.loads(pickle.dumps(on_cluster.Parcel.of(job)))
    shutil.rmtree(sender)
    with parcel.unpacked() as there:
        assert there.page.template.read_bytes() == template
        assert files(there.environment[paths.DATA_VARIABLE]) == ["effects.csv", "trials/one/results.csv"]
        assert files(there.environment[paths.PROJECT_VARIABLE]) == ["data/private/notes.txt"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [(NOBODY_LISTENS, "Timed out"), ("nonsense", "missing port"), ("smoke://hill:1", "unknown address scheme")],
)
def test_where_there_is_no_scheduler_the_message_says_so(wrong, said):
    with pytest.raises(ClusterFailed, match=f"no Dask scheduler.*{said}"), cluster_executor(wrong, patience=0.2):
        pass


def test_a_cluster_without_workers_is_refused(no_worker):
    with pytest.raises(ClusterFailed, match="has no worker"), cluster_executor(no_worker, patience=0.2):
        pass


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed.scheduler", None)
    with pytest.raises(ClusterFailed, match=r"\.\[cluster\]"), cluster_executor(NOBODY_LISTENS):
        pass


@pytest.mark.parametrize("by_variable", [False, True])
def test_a_build_without_its_cluster_ends_and_leaves_the_book(by_variable, tmp_path, monkeypatch):
    out = tmp_path / "book"
    out.mkdir()
    for name in ("index.html", "objects.inv"):
        (out / name).write_text("the last good book")
    if by_variable:
        monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", "nonsense")
    status, said = review("--out", out, *([] if by_variable else ["--scheduler", "nonsense"]))
    assert status == 1
    assert "no Dask scheduler" in said
    assert "The book was not changed." in said
    assert {file.name: file.read_text() for file in tmp_path.rglob("*.*")} == dict.fromkeys(
        ("index.html", "objects.inv"), "the last good book"
    )


@contextlib.contextmanager
def _two_workers(nanny: bool):
    if nanny:
        with loopback(n_workers=2, threads_per_worker=1) as (address, _):
            yield address
    else:
        with loopback(n_workers=0) as (address, _), _worker(address), _worker(address):
            yield address


@contextlib.contextmanager
def _worker(address: str, **environment: str):
    """A worker without a nanny: killed, it stays dead."""
    options = [
        "--no-nanny",
        "--nthreads",
        "1",
        "--no-dashboard",
        "--host",
        "127.0.0.1",
        "--dashboard-address",
        "127.0.0.1:0",
    ]
    command = [sys.executable, "-m", "distributed.cli.dask_worker", address, *options]
    process = subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(happened, seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)
