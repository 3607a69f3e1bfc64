"""How often each interval holds the true effect when trials are few: a simulation.

`python -m helpers.synthesis.coverage` runs the whole design and stores it as book/stored/interval_coverage.csv.
"""

from __future__ import annotations

from concurrent.futures import Executor
from functools import partial
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.synthesis.bayes import HalfNormal, bayesian
from helpers.synthesis.many import pool_many

TRIALS = (2, 3, 4, 5, 7, 10)
HETEROGENEITY = (0.0, 0.2, 0.5)
PRECISION = ("alike", "unlike")
REPETITIONS = 4_000
SEED = 20261121
PRIOR = HalfNormal(0.5)
TESTS = {"Wald": "z", "Hartung-Knapp": "knha", "Hartung-Knapp with floor": "adhoc"}


def sampling_variances(k: int, precision: str) -> NDArray[np.float64]:
    """(k,) sampling variances, on the scale of a standardized mean difference.

    "alike": all 0.12, two groups of about 33. "unlike": from 0.03 to 0.6 in equal steps of the logarithm, groups of
    about 130 down to 7, which is how far apart the trials of this review stand. Raises ValueError for another word.
    """
    if precision not in PRECISION:
        raise ValueError(f"precision is {precision!r}; allowed: {', '.join(PRECISION)}")
    return np.full(k, 0.12) if precision == "alike" else np.geomspace(0.03, 0.6, k)


def interval_coverage(
    k: int, tau: float, precision: str, *, repetitions: int = REPETITIONS, seed: int = SEED, level: float = 0.95
) -> pd.DataFrame:
    """Coverage and mean width of four intervals for the mean effect, in one cell of the design.

    k: trials. tau: between-trial SD. precision: see sampling_variances. Trials' effects are normal around a true mean
    of 0 with variance tau^2 + vi. Wald, Hartung-Knapp and its ad hoc floor use REML; the Bayesian interval is the
    equal-tailed one with a flat prior for the mean and a half-normal prior of scale 0.5 for tau (Röver 2021,
    doi:10.1002/jrsm.1475).
    Returns one row an interval: interval, k, tau, precision, coverage (proportion), width (mean), repetitions, seed.
    """
    vi = sampling_variances(k, precision)
    cell = [seed, k, round(1000 * tau), PRECISION.index(precision)]
    yi = np.random.default_rng(cell).normal(0.0, np.sqrt(vi + tau**2), (repetitions, k))
    limits = {}
    for name, test in TESTS.items():
        pooled = pool_many(yi, np.broadcast_to(vi, yi.shape), test=test, level=level)
        limits[name] = np.column_stack([pooled.ci_low, pooled.ci_high])
    limits["Bayesian"] = np.array([bayesian(row, vi, tau=PRIOR).mu.equal_tailed(level) for row in yi])
    return pd.DataFrame(
        [
            {
                "interval": name,
                "k": k,
                "tau": tau,
                "precision": precision,
                "coverage": float(np.mean((low <= 0) & (high >= 0))),
                "width": round(float(np.mean(high - low)), 4),
                "repetitions": repetitions,
                "seed": seed,
            }
            for name, (low, high) in ((name, pair.T) for name, pair in limits.items())
        ]
    )


def simulate(executor: Executor | None = None, *, repetitions: int = REPETITIONS) -> pd.DataFrame:
    """Every cell of the design.

    executor: computes the cells, such as a process pool or a cluster; without one, this process does. The rows are the same.
    """
    run = executor.map if executor else map
    cells = zip(*product(TRIALS, HETEROGENEITY, PRECISION), strict=True)
    return pd.concat(run(partial(interval_coverage, repetitions=repetitions), *cells))


if __name__ == "__main__":
    from helpers import paths

    simulate().to_csv(paths.INTERVAL_COVERAGE, index=False, lineterminator="\n")
