"""Pooling thousands of meta-analyses in one call."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from helpers.effects.checks import check_choice, check_level
from helpers.synthesis.pooling import METHODS, TESTS, pool_arrays
from helpers.synthesis.trials import FloatArray, Trials, many_meta_analyses

CHUNK = 6_000  # effects worked on at once: the likelihood grid of so many fits the cache of a processor


@dataclass(frozen=True, eq=False)
class PooledMany:
    """m pooled effects: every field as in Pooled, (m,), weights (m, k) with zero for absent trials."""

    k: NDArray[np.int64]
    estimate: FloatArray
    se: FloatArray
    statistic: FloatArray
    df: FloatArray
    p: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    tau2: FloatArray
    se_tau2: FloatArray
    I2: FloatArray
    H2: FloatArray
    Q: FloatArray
    Q_df: NDArray[np.int64]
    Q_p: FloatArray
    pi_low: FloatArray
    pi_high: FloatArray
    weights: FloatArray
    method: str
    test: str
    level: float

    def to_frame(self) -> pd.DataFrame:
        """One row a meta-analysis, a column a field but the weights."""
        return pd.DataFrame({f.name: getattr(self, f.name) for f in fields(self) if f.name != "weights"})

    def __repr__(self) -> str:
        return (
            f"PooledMany {self.method}, {self.test}: {len(self.k):,} meta-analyses of {self.k.min()} to"
            f" {self.k.max()} trials\n  median estimate {np.median(self.estimate):.4g},"
            f" median tau2 {np.median(self.tau2):.4g}"
        )


def pool_many(
    yi: ArrayLike, vi: ArrayLike, method: str = "REML", test: str = "knha", level: float = 0.95
) -> PooledMany:
    """Pool m meta-analyses of up to k trials each, with the numbers that pool gives one by one.

    yi, vi: (m, k), a row a meta-analysis, both nan where a trial is absent; scale, method, test and level as for pool.
    A row of one trial is tested by "z" and has no prediction interval, as in pool. Memory is in proportion to yi.
    Raises ValueError, naming argument and position, for inf, nan in only one of the two, vi <= 0, unequal shapes and a
    row without a trial.
    """
    check_choice("method", method, METHODS)
    check_choice("test", test, TESTS)
    check_level(level)
    return pool_rows(many_meta_analyses(yi, vi), method, test, level)


def pool_rows(trials: Trials, method: str, test: str, level: float) -> PooledMany:
    """pool_many of checked trials, m >= 1."""
    numbers: dict[str, FloatArray] = {}
    for rows in _chunks(trials):
        several = trials.k[rows[0]] > 1
        part = pool_arrays(trials.rows(rows), method, test if several else "z", level)
        for name, values in part.items():
            if name not in numbers:
                numbers[name] = np.empty((len(trials.k), *values.shape[1:]))
            numbers[name][rows] = values
    k = trials.k.astype(int)
    return PooledMany(k=k, Q_df=k - 1, method=method, test=test, level=level, **numbers)


def _chunks(trials: Trials) -> Iterator[NDArray[np.int64]]:
    """Row numbers in pieces of like size, rows of one trial apart from the others."""
    size = max(1, CHUNK // trials.yi.shape[1])
    for group in (trials.k > 1, trials.k == 1):
        rows = np.flatnonzero(group)
        yield from (rows[start : start + size] for start in range(0, len(rows), size))
