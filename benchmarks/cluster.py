"""Pages on a Dask cluster of this machine: `python benchmarks/cluster.py --pages 200` prints a table.

The same pages are executed by one worker, by two, and by two of which one is killed in the middle. Workers share the
cores of this machine with the scheduler and the kernels: two of them gain nothing where fewer than two cores are free.
"""

import argparse
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import replace
from itertools import cycle, islice

from distributed import Client, LocalCluster

from helpers import evidence, paths
from helpers.book.cluster import cluster_executor
from helpers.book.execution import Job, execute, execute_all
from helpers.review import plan

ASKED = 1.8
TRIALS = 12


def jobs(pages: int) -> list[Job]:
    """The pages of the trials again and again, each under a name of its own."""
    trials = [page for page in plan(evidence.load()) if page.name.startswith("trials/")][:TRIALS]
    again = enumerate(islice(cycle(trials), pages))
    environment = {paths.DATA_VARIABLE: str(paths.data())}
    return [Job(replace(page, name=f"{page.name}/{n}"), "Made so.", environment) for n, page in again]


def run(work: list[Job], workers: int, *, kill: bool = False) -> tuple[float, dict[str, bytes]]:
    """Seconds from the first call to the last page, and the pages. kill: one worker, when half the pages are done."""
    with (
        LocalCluster(
            n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as cluster,
        cluster_executor(cluster.scheduler_address) as executor,
        Client(cluster, set_as_default=False) as client,
    ):
        _warm_up(executor, work, workers)
        made = {}
        start = time.perf_counter()
        for job, content in execute_all(work, executor):
            made[job.page.name] = content
            if kill and len(made) == len(work) // 2:
                os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
        return time.perf_counter() - start, made


def _warm_up(executor: Executor, work: list[Job], workers: int) -> None:
    """Let every worker import what it needs: that is paid once, however many pages follow."""
    list(execute_all(work[: 2 * workers], executor))


def rows(pages: int) -> Iterator[tuple[str, ...]]:
    """One row a cluster, as soon as it is measured."""
    work = jobs(pages)
    local = {(job.page.template, job.page.parameters): execute(job) for job in work[:TRIALS]}
    here = {job.page.name: local[job.page.template, job.page.parameters] for job in work}
    yield "", "pages", "seconds", "times faster", "asked for", "bytes of a local build"
    one = None
    for name, workers, kill in (("1 worker", 1, False), ("2 workers", 2, False), ("2 workers, one killed", 2, True)):
        seconds, made = run(work, workers, kill=kill)
        one = one or seconds
        asked = f"{ASKED}" if name == "2 workers" else ""
        same = "all" if made == here else "NO"
        yield name, f"{len(made)} of {pages}", f"{seconds:,.1f}", f"{one / seconds:.2f}", asked, same


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=200)
    for row in rows(parser.parse_args().pages):
        print("{:24}{:>12}{:>10}{:>14}{:>11}{:>24}".format(*row), flush=True)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[1]:.1f} in the last five minutes")
