"""Speed of the multiverse: `python benchmarks/multiverse.py` prints specifications and seconds for five trials.

Asked: at least 1,000 specifications for an outcome with five trials in under 2 s. The time includes working out the
trials' effects from their reported numbers. Pooling the same specifications one by one stands beside it.
"""

import sys
import time
from pathlib import Path

import pandas as pd

from helpers.synthesis import pool
from helpers.synthesis.multiverse import multiverse, variants

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "synthesis"))
from five_trials import five_trials

ROUNDS = 5


def main() -> None:
    evidence = five_trials()
    prepared, pooled = [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        chosen = variants(evidence, "death")
        middle = time.perf_counter()
        frame = multiverse(chosen)
        prepared.append(middle - start)
        pooled.append(time.perf_counter() - middle)
    start = time.perf_counter()
    for each in chosen[:40]:
        pool(each.yi, each.vi)
    one_by_one = (time.perf_counter() - start) / 40 * len(frame)
    rows = {
        "variants of the data": (len(chosen), min(prepared)),
        "specifications pooled as data": (len(frame), min(pooled)),
        "all of it": (len(frame), min(a + b for a, b in zip(prepared, pooled, strict=True))),
        "the same one by one with pool (estimated)": (len(frame), one_by_one),
    }
    table = pd.DataFrame(rows, index=["number", "seconds"]).T.astype({"number": int})
    print(table.to_string(float_format="%.3f"))


if __name__ == "__main__":
    main()
