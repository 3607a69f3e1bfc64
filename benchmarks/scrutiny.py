"""Speed of helpers.scrutiny: `python benchmarks/scrutiny.py` times GRIM over a million means beside a plain loop."""

import math
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers.scrutiny.grim import grim
from helpers.scrutiny.printed_numbers import PrintedNumbers

PAIRS = 1_000_000
SAMPLE = 20_000
ASKED = 1.0


def seconds(call: Callable[[], object], rounds: int = 5) -> float:
    """The best round."""
    best = math.inf
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best


def plain_loop(texts: list[str], sizes: list[int]) -> list[bool]:
    """GRIM as it is told in a sentence: is a whole sum beside mean times n divided by n the printed mean?"""
    found = []
    for text, n in zip(texts, sizes, strict=True):
        total, decimals = float(text) * n, len(text.partition(".")[2])
        sums = (math.floor(total), math.ceil(total))
        found.append(any(f"{each / n:.{decimals}f}" == text for each in sums))
    return found


def table() -> pd.DataFrame:
    random = np.random.default_rng(2026)
    scaled, n = random.integers(100, 701, PAIRS), random.integers(5, 100, PAIRS)
    texts = [f"{each / 100:.2f}" for each in scaled]
    numbers = PrintedNumbers(scaled, np.int64(2))
    few, sizes = texts[:SAMPLE], n[:SAMPLE].tolist()
    loop = seconds(lambda: plain_loop(few, sizes)) * PAIRS / SAMPLE
    times = {"digits as arrays": seconds(lambda: grim(numbers, n)), "text": seconds(lambda: grim(texts, n))}
    return pd.DataFrame(
        {
            name: {
                "seconds": f"{took:.3f}",
                "asked for": f"{ASKED:.0f}",
                "times faster than a loop": f"{loop / took:.0f}",
            }
            for name, took in times.items()
        }
    ).T


if __name__ == "__main__":
    print(f"GRIM over {PAIRS:,} pairs of mean and n; the loop is extrapolated from {SAMPLE:,} pairs of the same.")
    print(table().to_string())
