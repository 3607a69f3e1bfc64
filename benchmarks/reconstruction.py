"""Speed of CLOSURE in helpers.scrutiny beside a plain recursion: `python benchmarks/reconstruction.py` prints a table.

The recursion, which tries the counts level by level and prunes by sums alone, is timed in the same run, where it ends
within seconds.
"""

import time
from collections.abc import Callable, Iterator

import pandas as pd

from helpers.scrutiny.reconstruction import Targets, closure, count_data_sets, draw

# Mean, SD, n, minimum, maximum, step
BESIDE = {f"n = {n} on 7 points, 4.0 (1.5)": ("4.0", "1.5", n, 1, 7, 1) for n in (10, 20, 30, 40)}
ALONE = {
    "n = 30 on 7 points, 4 (2)": ("4", "2", 30, 1, 7, 1),
    "n = 200 on 5 points, 3.0 (1.2)": ("3.0", "1.2", 200, 1, 5, 1),
    "Barthel change, n = 33, 6.8 (11.4)": ("6.8", "11.4", 33, -100, 100, 5),
}
COUNTED = {
    "Barthel Index, n = 36, 65 (29)": ("65", "29", 36, 0, 100, 5),
    "NIHSS, n = 40, 12.3 (5.1)": ("12.3", "5.1", 40, 0, 42, 1),
}
DRAWS = 10_000


def targets_of(summary: tuple) -> Targets:
    return Targets.of(*summary[:5], step=summary[5])


def recursion(targets: Targets) -> int:
    """How many data sets a plain recursion over the levels finds."""
    deviations = targets.deviations.tolist()

    def ends(level: int, left: int, total: int, squares: int) -> Iterator[tuple[int, int]]:
        deviation = deviations[level]
        if level == len(deviations) - 1:
            yield total + left * deviation, squares + left * deviation**2
            return
        for count in range(left + 1):
            rest, so_far = left - count, total + count * deviation
            if rest * deviations[level + 1] <= highest - so_far and lowest - so_far <= rest * deviations[-1]:
                yield from ends(level + 1, rest, so_far, squares + count * deviation**2)

    lowest, highest = min(targets.squares), max(targets.squares)
    return sum(squares in targets.squares.get(total, ()) for total, squares in ends(0, targets.n, 0, 0))


def timed(call: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def listing(summary: tuple) -> tuple[float, int]:
    """The best of three."""
    targets = targets_of(summary)
    runs = [timed(lambda: len(closure(targets).counts)) for _ in range(3)]
    return min(seconds for seconds, _ in runs), int(runs[0][1])


def table() -> pd.DataFrame:
    rows = {}
    closure(targets_of(BESIDE["n = 10 on 7 points, 4.0 (1.5)"]))  # the first call of all also loads code
    for name, summary in BESIDE.items():
        ours, found = listing(summary)
        theirs, expected = timed(lambda summary=summary: recursion(targets_of(summary)))
        if found != expected:
            raise AssertionError(f"{name}: {found} data sets, the recursion finds {expected}")
        rows[name] = (f"{found:,}", "list", f"{ours:.3f} s", f"{theirs:.3f} s", f"{theirs / ours:,.0f}")
    for name, summary in ALONE.items():
        ours, found = listing(summary)
        rows[name] = (f"{found:,}", "list", f"{ours:.3f} s", "", "")
    for name, summary in COUNTED.items():
        targets = targets_of(summary)
        seconds, total = timed(lambda targets=targets: count_data_sets(targets))
        rows[name] = (f"{total:,}", "count", f"{seconds:.3f} s", "", "")
        seconds, _ = timed(lambda targets=targets: draw(targets, DRAWS, seed=1))
        rows[f"{name} "] = (f"{total:,}", f"draw {DRAWS:,}", f"{seconds:.3f} s", "", "")
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=["data sets", "task", "helpers", "recursion", "times faster"]
    )


if __name__ == "__main__":
    print(table().to_string())
