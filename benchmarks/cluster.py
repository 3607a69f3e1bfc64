"""Pages on a Dask cluster of this machine: `python benchmarks/cluster.py --pages 200` prints a table.

The same pages are executed by one worker, by two, and by two of which one is killed in the middle. One and two take turns,
so that a machine that grows slower meanwhile slows both. Workers share the cores of this machine with the scheduler and
the kernels: two of them gain nothing where fewer than two cores are free. What the machine itself gains from two
processes is shown by a plain loop, run between the turns.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import cycle, islice

from distributed import Client, LocalCluster

from helpers import evidence, paths
from helpers.book.cluster import ClusterExecutor, cluster_executor
from helpers.book.execution import Job, execute, execute_all
from helpers.review import plan

ASKED = 1.8
TRIALS = 12
TURN = 50  # pages
LOOPS = 4
LOOP = "total = 0\nfor each in range(20_000_000): total += each"


def jobs(pages: int) -> list[Job]:
    """The pages of the trials again and again, each under a name of its own."""
    trials = [page for page in plan(evidence.load()) if page.name.startswith("trials/")][:TRIALS]
    again = enumerate(islice(cycle(trials), pages))
    environment = {paths.DATA_VARIABLE: str(paths.data())}
    return [Job(replace(page, name=f"{page.name}/{n}"), "Made so.", environment) for n, page in again]


@dataclass
class Side:
    """A cluster, and what it has done: seconds, and the pages."""

    executor: ClusterExecutor
    client: Client
    seconds: float = 0
    made: dict[str, bytes] = field(default_factory=dict)

    def execute(self, work: list[Job], *, kill: bool = False) -> None:
        """Add the pages of `work`, and their seconds. kill: one worker, when half of them are done."""
        start = time.perf_counter()
        for done, (job, content) in enumerate(execute_all(work, self.executor), 1):
            self.made[job.page.name] = content
            if kill and done == len(work) // 2:
                os.kill(next(iter(self.client.run(os.getpid).values())), signal.SIGKILL)
        self.seconds += time.perf_counter() - start


@contextlib.contextmanager
def side(workers: int, work: list[Job]) -> Iterator[Side]:
    """A cluster whose workers have imported what they need: that is paid once, however many pages follow."""
    with (
        LocalCluster(
            n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as cluster,
        cluster_executor(cluster.scheduler_address) as executor,
        Client(cluster, set_as_default=False) as client,
    ):
        list(execute_all(work[: 2 * workers], executor))
        yield Side(executor, client)


def looped(processes: int) -> float:
    """Seconds of LOOPS plain loops, so many at a time."""
    start = time.perf_counter()
    for _ in range(0, LOOPS, processes):
        at_once = [subprocess.Popen([sys.executable, "-c", LOOP]) for _ in range(processes)]
        for each in at_once:
            each.wait()
    return time.perf_counter() - start


def _times(slow: float, fast: float) -> str:
    return f"{slow / fast:.3f}"  # so that 1.799 is not printed as 1.80


def rows(pages: int) -> Iterator[tuple[str, ...]]:
    """One row a cluster, and one of the machine."""
    work = jobs(pages)
    local = {(job.page.template, job.page.parameters): execute(job) for job in work[:TRIALS]}
    here = {job.page.name: local[job.page.template, job.page.parameters] for job in work}

    def row(name: str, done: Side, asked: str = "") -> tuple[str, ...]:
        same = "all" if done.made == here else "NO"
        return (
            name,
            f"{len(done.made)} of {pages}",
            f"{done.seconds:,.1f}",
            _times(one.seconds, done.seconds),
            asked,
            same,
        )

    yield "", "pages", "seconds", "times faster", "asked for", "bytes of a local build"
    loops = dict.fromkeys((1, 2), 0.0)
    with side(1, work) as one, side(2, work) as two:
        for start in range(0, pages, TURN):
            for each in (one, two):
                each.execute(work[start : start + TURN])
            for processes in loops:
                loops[processes] += looped(processes)
    yield row("1 worker", one)
    yield row("2 workers", two, f"{ASKED}")
    yield "a plain loop, 2 processes", "", f"{loops[2]:,.1f}", _times(loops[1], loops[2]), "", ""
    with side(2, work) as lossy:
        lossy.execute(work, kill=True)
    yield row("2 workers, one killed", lossy)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=200)
    for row in rows(parser.parse_args().pages):
        print("{:26}{:>12}{:>10}{:>14}{:>11}{:>24}".format(*row), flush=True)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[1]:.1f} in the last five minutes")
