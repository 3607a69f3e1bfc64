"""Kernels forked from a process that has imported everything already: a page costs its own work, not the imports.

`WarmProvisioner` is a kernel provisioner of jupyter_client (entry point `warm`). It is chosen for every kernel of a
process, papermill's and nbval's alike, by JUPYTER_DEFAULT_PROVISIONER_NAME=warm. A forked kernel is a process of its
own, with its own session, working folder and environment; no kernel can see another's state. Where a kernel can not
be forked faithfully, an ordinary one is started.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import itertools
import logging
import multiprocessing
import os
import secrets
import signal
import socket
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.connection import Connection
from multiprocessing.util import get_temp_dir
from pathlib import Path
from typing import Any, cast

import psutil
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

NAME = "warm"
CHOICE = "JUPYTER_DEFAULT_PROVISIONER_NAME"
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

WARM_PROCESS = ONE_THREAD | {
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # pyarrow's allocator would start one
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # else ipykernel's debugger warns of frozen modules
}
"""Environment of the process that kernels are forked from, beside the caller's; a kernel itself does not see it."""

CAN_FORK = "forkserver" in multiprocessing.get_all_start_methods()
if CAN_FORK:
    from multiprocessing import forkserver
    from multiprocessing.popen_forkserver import Popen

    class Forked(Popen):
        """A forked process, with what LocalProvisioner asks of a subprocess.Popen beside."""

        stdin = stdout = stderr = None

        def send_signal(self, number: int) -> None:
            if self.poll() is None:
                os.kill(self.pid, number)


NO_FORK = "this platform can not fork processes: every kernel starts cold, which is slower and changes no result"
BROKEN = "the process that kernels are forked from can not start, see above: every kernel starts cold"

_PORTS = range(15_000, 30_000)
_turn = itertools.count(secrets.randbelow(len(_PORTS)))  # each process begins elsewhere
_PRELOAD = "helpers.book.warm_imports"
_READ_AT_START = ("PYTHON", "LC_", "LANG", "LD_", *ONE_THREAD)  # by the interpreter and by numpy; every fork has them
_SEARCHED = [place for place in sys.path if place]  # in the warm process: multiprocessing gives its forks the caller's
_start = threading.Lock()
_started_with: dict[str, str] = {}

_KERNELS_A_DRAWER = 2  # a page draws during about a fifth of its time
_STARTS_WITHIN = 10  # seconds; one that takes longer is waited for by whoever wants it
_ENDS_WITHIN = 0.2
_kernels: list[int] = []  # process ids
_drawers: dict[Forked, str] = {}  # process -> address


def choose_warm_kernels() -> None:
    """Let this process fork its kernels, unless its environment has chosen otherwise."""
    os.environ.setdefault(CHOICE, NAME)


def warm_up() -> None:
    """Start the process that kernels are forked from; it imports while this one goes on. Harmless where it runs."""
    if os.environ.get(CHOICE, NAME) == NAME and CAN_FORK:
        with _start:
            _ensure_running()


class WarmProvisioner(LocalProvisioner):
    """Forks Python kernels of this very environment from a warm process; launches all others as usual."""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        manager = self.parent
        if manager is not None and manager.cache_ports and not self.ports_cached:
            for channel in ("shell", "iopub", "stdin", "hb", "control"):
                setattr(manager, f"{channel}_port", _free_port(manager.ip))
            self.ports_cached = True
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        environment = dict(kwargs.get("env") or os.environ)
        reason = _why_cold(cmd, environment)
        if reason:
            if reason is NO_FORK:
                _say_once(reason)
            return await super().launch_kernel(cmd, **kwargs)
        try:
            process, listens = _forked(cmd[cmd.index("-m") + 2 :], kwargs.get("cwd") or os.getcwd(), environment)
        except (EOFError, OSError):
            _say_once(BROKEN)
            return await super().launch_kernel(cmd, **kwargs)
        with listens:
            await _until(listens.poll, _STARTS_WITHIN)
        self.process, self.pid = cast(Any, process), process.pid
        self.pgid = process.pid  # the kernel leads a group of its own, so a signal reaches what its cells started
        self.cwd = kwargs.get("cwd")
        return self.connection_info

    async def shutdown_requested(self, restart: bool = False) -> None:
        await super().shutdown_requested(restart)
        await self._watch_the_end()

    async def kill(self, restart: bool = False) -> None:
        await super().kill(restart)
        await self._watch_the_end()

    async def _watch_the_end(self) -> None:
        """Wait for an end that is near: the kernel manager looks every tenth of a second only."""
        await _until(lambda: self.process is None or self.process.poll() is not None, _ENDS_WITHIN)


async def _until(ready: Callable[[], bool], seconds: float) -> None:
    """Wait until something is ready, or that long."""
    end = time.monotonic() + seconds
    while not ready() and time.monotonic() < end:
        await asyncio.sleep(0.005)


def _free_port(ip: str) -> int:
    """A port that nobody listens on, where no system looks for the ports of outgoing connections.

    The kernel binds it a moment later; in the range that jupyter_client chooses from another connection may take it first.
    """
    while True:
        port = _PORTS[next(_turn) % len(_PORTS)]
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind((ip, port))
            return port


def _why_cold(cmd: list[str], environment: Mapping[str, str]) -> str:
    """Why this kernel can not be forked; empty where it can."""
    if not CAN_FORK:
        return NO_FORK
    if cmd[0] != sys.executable or "ipykernel_launcher" not in cmd:
        return "a kernel of another environment or language"
    if _read_at_start(environment) != (_started_with or _read_at_start({**os.environ, **ONE_THREAD})):
        return "settings that Python reads only when it starts"
    return ""


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    found = {name: value for name, value in environment.items() if name.startswith(_READ_AT_START)}
    return {**ONE_THREAD, **found}


@functools.cache
def _say_once(what: str) -> None:
    logging.getLogger(__name__).warning(what)


def _forked(arguments: list[str], cwd: str, environment: dict[str, str]) -> tuple[Forked, Connection]:
    """Start a kernel in a fork of the warm process, which is started with the first one and ends with this process.

    The connection can be read from, and is at its end, as soon as the kernel listens on its ports (or has died): a client
    that finds no one there yet looks again only after a tenth of a second.
    """
    with _start:
        _ensure_running()
        listens, tell = multiprocessing.Pipe(duplex=False)
        with tell:
            kernel = _fork(_run_kernel, arguments, cwd, environment, _drawer(), tell)
        _kernels.append(kernel.pid)
        return kernel, listens


def _fork(target: Callable[..., None], *arguments: Any) -> Forked:
    process = multiprocessing.get_context("forkserver").Process(target=target, args=arguments)
    with _no_main_module():
        return Forked(process)  # not `process.start()`, which a daemon, such as a Dask worker, is not allowed


def _drawer() -> str:
    """Address of a process that draws charts; a fork of the warm process, one for every few kernels that run."""
    _kernels[:] = filter(psutil.pid_exists, _kernels)
    for ended in [drawer for drawer in _drawers if drawer.poll() is not None]:
        del _drawers[ended]
    if len(_kernels) >= _KERNELS_A_DRAWER * len(_drawers):
        address = str(Path(get_temp_dir(), f"drawer-{next(_turn)}"))
        _drawers[_fork(_run_drawer, address)] = address
    return list(_drawers.values())[len(_kernels) % len(_drawers)]


def _ensure_running() -> None:
    """Start the warm process where it does not run, with the environment of this process and one thread for BLAS."""
    before = {name: os.environ.get(name) for name in WARM_PROCESS}
    os.environ.update(WARM_PROCESS)
    try:
        if not _started_with:
            forkserver.set_forkserver_preload([__name__, _PRELOAD])
            _started_with.update(_read_at_start(os.environ))
        forkserver.ensure_running()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _no_main_module() -> Iterator[None]:
    """multiprocessing imports the program's main module into every child; a kernel has no use for it."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _run_drawer(address: str) -> None:
    from helpers import drawing

    os.setsid()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    drawing.serve(address)


def _run_kernel(arguments: list[str], cwd: str, environment: dict[str, str], drawer: str, tell: Connection) -> None:
    """In the fork: become what `python -m ipykernel_launcher` would be."""
    os.setsid()
    multiprocessing.current_process().daemon = False  # a daemon could start no processes
    environment["JPY_PARENT_PID"] = str(os.getppid())
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(cwd)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.argv = ["ipykernel_launcher", *arguments]
    import numpy
    from ipykernel.kernelapp import IPKernelApp

    from helpers import drawing

    drawing.address = drawer
    sys.path[:] = _SEARCHED
    numpy.random.seed()  # every process draws numbers of its own; Python's `random` sees to that itself

    app = IPKernelApp.instance(parent_handle=os.getppid())  # its default was read before the fork
    app.initialize(arguments)
    tell.close()
    app.start()
    if app.control_thread:
        app.control_thread.join(1)  # it flushes the output yet, through a thread that the next line stops
    atexit._run_exitfuncs()  # a forked process ends without them


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.killpg(0, signal.SIGKILL)
