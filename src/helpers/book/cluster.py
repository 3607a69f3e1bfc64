"""Execute pages on a Dask cluster: each travels as data and comes back as bytes, with no shared file system."""

from __future__ import annotations

import contextlib
import contextvars
import hashlib
import itertools
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers import paths
from helpers.book.execution import Job
from helpers.book.ingredients import declared

if TYPE_CHECKING:
    from distributed import Client

EXTRA = "a cluster needs the extra `cluster`: pip install -e '.[cluster]'"
REMEDY = "give scheduler and workers this checkout and start them anew"


class ClusterFailed(RuntimeError):
    """The cluster can not be used, or was lost; no fault of a page."""


@contextlib.contextmanager
def cluster_executor(address: str, *, patience: float = 10) -> Iterator[ClusterExecutor]:
    """The executor of the Dask cluster whose scheduler listens at `address`, such as `tcp://10.0.0.5:8786`.

    patience: seconds to wait for the scheduler to answer, and then for a first worker. Raises ClusterFailed: on entry
    where there is no cluster, or one that runs another version of this project; later where the cluster is lost, or
    where more workers died under one call than the scheduler allows (`distributed.scheduler.allowed-failures`, 3).
    """
    try:
        from distributed.scheduler import KilledWorker, NoWorkerError
    except ModuleNotFoundError:
        raise ClusterFailed(EXTRA) from None
    client = _connected(address, patience)
    try:
        _refuse_other_versions(client)
        yield ClusterExecutor(client)
    except KilledWorker as killed:
        _, _, what = killed.args[0]
        raise ClusterFailed(f"{what}: {killed.allowed_failures + 1} workers died executing it") from None
    except NoWorkerError:
        raise ClusterFailed(f"{address}: no worker is left") from None
    except CancelledError:
        raise ClusterFailed(f"{address}: the connection to the scheduler was lost") from None
    finally:
        client.close()


class ClusterExecutor(Executor):
    """A Dask cluster as an executor for any function that its workers can import.

    A Job among the arguments travels with the bytes of its template and of the files it declares. A call is repeated where
    its worker dies, never where it raises: its exception comes back as from a local pool.
    """

    def __init__(self, client: Client) -> None:
        self._calls = client.get_executor(pure=False)
        self._group = f"calls-{uuid.uuid4().hex}"  # one group: the scheduler hands its calls out as they came
        self._count = itertools.count()

    def submit(self, function: Callable, /, *arguments: Any, **named: Any) -> Future:
        packed = [Parcel.of(each) if isinstance(each, Job) else each for each in arguments]
        what = next((each.page.name for each in arguments if isinstance(each, Job)), repr(function))
        key = (self._group, next(self._count), what)
        return self._calls.submit(_run, LOADED, function, packed, named, key=key)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._calls.shutdown(wait=wait and not cancel_futures)


@dataclass(frozen=True)
class Parcel:
    """A job with all it reads: its template, and the files it declares by their place in the data folder and the project."""

    job: Job
    template: bytes
    data: Mapping[str, bytes]
    project: Mapping[str, bytes]

    @classmethod
    def of(cls, job: Job) -> Parcel:
        data = Path(job.environment.get(paths.DATA_VARIABLE) or paths.data())
        page = job.page
        return cls(job, page.template.read_bytes(), _contents(data, page.reads), _contents(paths.ROOT, page.also))

    @contextlib.contextmanager
    def unpacked(self) -> Iterator[Job]:
        """The job with its files in a temporary folder of this machine."""
        with tempfile.TemporaryDirectory(prefix="review-parcel-") as aside:
            template = Path(aside, self.job.page.template.name)
            template.write_bytes(self.template)
            places = {paths.DATA_VARIABLE: Path(aside, "data"), paths.PROJECT_VARIABLE: Path(aside, "project")}
            for folder, files in zip(places.values(), (self.data, self.project), strict=True):
                folder.mkdir()
                for name, content in files.items():
                    (folder / name).parent.mkdir(parents=True, exist_ok=True)
                    (folder / name).write_bytes(content)
            environment = {**self.job.environment, **{name: str(folder) for name, folder in places.items()}}
            yield replace(self.job, page=replace(self.job.page, template=template), environment=environment)


def _contents(folder: Path, patterns: tuple[str, ...]) -> dict[str, bytes]:
    return {name: file.read_bytes() for name, file in declared(folder, patterns).items()}


def fingerprint() -> str:
    """What must be alike on driver and workers for equal pages, as a hash: Python, lock file and helpers."""
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for file in [paths.LOCK, *sorted(paths.HELPERS.rglob("*.py"))]:
        digest.update(file.relative_to(paths.ROOT).as_posix().encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


LOADED = fingerprint()  # of this process; the files may change under it


def version() -> str:
    """The fingerprint of a worker, of what it has loaded and of what its kernels will load; these must not differ."""
    return LOADED if fingerprint() == LOADED else "changed since it was started"


def _run(wanted: str, function: Callable, arguments: list[Any], named: dict[str, Any]) -> Any:
    """Call a function on a worker, with the jobs among its arguments unpacked."""
    if version() != wanted:  # for workers that came after the first check
        raise ClusterFailed(_other_version("a worker", version(), wanted))
    with contextlib.ExitStack() as stack:
        there = [stack.enter_context(each.unpacked()) if isinstance(each, Parcel) else each for each in arguments]
        # In a context of its own: Dask hands its tasks one that may hold the event loop of another thread's page.
        return contextvars.Context().run(function, *there, **named)


def _connected(address: str, patience: float) -> Client:
    from distributed import Client
    from distributed.comm import get_address_host_port

    try:
        get_address_host_port(address)  # a Client that fails over its address would leave threads behind
        client = Client(address, timeout=patience, set_as_default=False)
    except (ValueError, OSError) as error:
        raise ClusterFailed(f"no Dask scheduler: {error}; expected an address such as tcp://10.0.0.5:8786") from None
    try:
        client.wait_for_workers(1, timeout=patience)
    except TimeoutError:
        client.close()
        raise ClusterFailed(f"{address}: the scheduler has no worker after {patience:g} s") from None
    return client


def _refuse_other_versions(client: Client) -> None:
    """Raise ClusterFailed unless scheduler and workers run this version of the project."""
    found = {f"worker {name}": said for name, said in client.run(version, on_error="return").items()}
    try:
        found["the scheduler"] = client.run_on_scheduler(version)
    except Exception as error:  # whatever it lacks
        found["the scheduler"] = error
    if wrong := [_other_version(who, said, LOADED) for who, said in found.items() if said != LOADED]:
        raise ClusterFailed("\n".join(wrong))


def _other_version(who: str, theirs: object, ours: str) -> str:
    return f"{who} runs another version of helpers, lock file or Python ({theirs}; here {ours}): {REMEDY}"
