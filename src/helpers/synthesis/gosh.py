"""GOSH: the synthesis of every subset of the trials, a graphical display of heterogeneity."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from helpers.effects.checks import check_choice
from helpers.synthesis.many import pool_rows
from helpers.synthesis.pooling import METHODS
from helpers.synthesis.trials import among, one_meta_analysis

MOST_SUBSETS = 2**16


@dataclass(frozen=True, eq=False)
class Gosh:
    """included: (m, k), which trials are in a subset; results: its k, estimate, tau2, I2, H2 and Q, a row a subset.

    complete: all subsets, once each; else a sample of them.
    """

    included: NDArray[np.bool_]
    results: pd.DataFrame
    complete: bool
    method: str

    def to_frame(self) -> pd.DataFrame:
        """A row a subset: its results, then a column for each trial, True where it is in."""
        trials = pd.DataFrame(self.included, columns=[f"trial_{i}" for i in range(self.included.shape[1])])
        return pd.concat([self.results, trials], axis=1)

    def __repr__(self) -> str:
        subsets, k = self.included.shape
        what = "all" if self.complete else "a sample of"
        return f"Gosh {self.method}: {what} {subsets:,} subsets of {k} trials"


def gosh(yi: ArrayLike, vi: ArrayLike, method: str = "REML", subsets: int = MOST_SUBSETS, seed: int = 2012) -> Gosh:
    """Pool all 2^k - 1 subsets of the trials, or a sample where there are more than `subsets`.

    yi, vi: (k,) and method as for pool. Subsets come by number of trials, those of the first trials first. A sample
    includes each trial with probability 1/2 (an empty subset is drawn again), from numpy's PCG64 with `seed`.
    Raises ValueError as pool, and for subsets below 1. Olkin, Dahabreh and Trikalinos 2012, doi:10.1002/jrsm.1053.
    """
    check_choice("method", method, METHODS)
    if subsets < 1:
        raise ValueError(f"subsets: must be at least 1, got {subsets}")
    trials = one_meta_analysis(yi, vi)
    k = trials.yi.shape[1]
    complete = 2**k - 1 <= subsets
    included = _all_subsets(k) if complete else _sample(k, subsets, seed)
    pooled = pool_rows(among(trials.yi[0], trials.vi[0], included), method, "z", 0.95)
    results = pd.DataFrame({name: getattr(pooled, name) for name in ("k", "estimate", "tau2", "I2", "H2", "Q")})
    return Gosh(included, results, complete, method)


def _all_subsets(k: int) -> NDArray[np.bool_]:
    included = (np.arange(1, 2**k)[:, None] >> np.arange(k)) & 1 == 1
    return included[np.argsort(included.sum(axis=1), kind="stable")]


def _sample(k: int, subsets: int, seed: int) -> NDArray[np.bool_]:
    random = np.random.default_rng(seed)
    included = np.empty((0, k), dtype=bool)
    while len(included) < subsets:
        drawn = random.random((subsets, k)) < 0.5
        included = np.concatenate([included, drawn[drawn.any(axis=1)]])
    return included[:subsets]
