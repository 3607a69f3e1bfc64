"""Wall time and peak memory of the stages of a build."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psutil

PERIOD = 0.2  # s between two readings of the memory


@dataclass(frozen=True)
class Stage:
    """One stage: wall time in seconds, peak memory in bytes of this process and of all processes it started."""

    name: str
    seconds: float
    peak: int

    def __str__(self) -> str:
        return f"{self.name:<12}{self.seconds:8.1f} s{self.peak / 2**20:9.0f} MB"


@dataclass
class Stopwatch:
    """Measures stages one after another: `with watch("rendering"): ...`."""

    stages: list[Stage] = field(default_factory=list)

    @contextlib.contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        peak, over = [_memory()], threading.Event()

        def watch() -> None:
            while not over.wait(PERIOD):
                peak.append(max(peak.pop(), _memory()))

        start, watcher = time.monotonic(), threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            seconds = time.monotonic() - start
            over.set()
            watcher.join()
            self.stages.append(Stage(name, seconds, peak[0]))


def _memory() -> int:
    """Bytes of this process and its descendants; memory that forked kernels share counts once, where the system tells."""
    this = psutil.Process()
    total = 0
    for process in [this, *this.children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            full = process.memory_full_info()
            total += getattr(full, "pss", full.rss)
    return total
