"""What it takes to pool any of some trials anew where there is no Python: closed formulas, and tables for the rest."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit

from helpers.effects.checks import check_level
from helpers.synthesis.many import pool_rows
from helpers.synthesis.pooling import TESTS, Pooled, pool
from helpers.synthesis.trials import FloatArray, among, one_meta_analysis

MOST_TRIALS_FOR_REML = 10  # 1,024 subsets; each further trial doubles the table


@dataclass(frozen=True, eq=False)
class Repooling:
    """The numbers a reader's browser pools from, for any subset of k trials.

    yi, vi: (k,), on the pooling scale. quantiles: (k,), the two-sided quantile of Student's t with as many degrees of
    freedom as its place, that of the normal distribution at place 0.
    reml_tau2: (2^k,) REML's tau2 of every subset, whose place has bit i set where trial i is in; zero for fewer than two
    trials. None above ten trials: REML is iterative, so it can only be looked up.
    """

    yi: FloatArray
    vi: FloatArray
    quantiles: FloatArray
    reml_tau2: FloatArray | None
    level: float

    @property
    def methods(self) -> tuple[str, ...]:
        """The models that can be pooled by: names as in pool."""
        return ("EE", "DL") if self.reml_tau2 is None else ("EE", "DL", "REML")

    def every_model(self, included: ArrayLike) -> tuple[Pooled, ...]:
        """All methods, by all tests, pooled here. included: (k,) bool, at least one of them True."""
        chosen = np.asarray(included, dtype=bool)
        return tuple(
            pool(self.yi[chosen], self.vi[chosen], method=method, test=test, level=self.level)
            for method in self.methods
            for test in TESTS
        )

    def to_frame(self) -> pd.DataFrame:
        """One row a trial: yi, vi."""
        return pd.DataFrame({"yi": self.yi, "vi": self.vi})

    def __repr__(self) -> str:
        return f"Repooling of any of {len(self.yi)} trials by {', '.join(self.methods)}"


def repooling(yi: ArrayLike, vi: ArrayLike, level: float = 0.95) -> Repooling:
    """Prepare the pooling of any of the trials by equal effects, DerSimonian-Laird and, up to ten trials, REML.

    yi, vi and level as for pool, which also says what is refused.
    """
    check_level(level)
    trials = one_meta_analysis(yi, vi)
    y, v = trials.yi[0], trials.vi[0]
    upper = (1 + level) / 2
    quantiles = np.array([ndtri(upper), *stdtrit(np.arange(1, len(y)), upper)])
    reml = _reml_of_every_subset(y, v, level) if len(y) <= MOST_TRIALS_FOR_REML else None
    return Repooling(y, v, quantiles, reml, level)


def _reml_of_every_subset(y: FloatArray, v: FloatArray, level: float) -> FloatArray:
    included = (np.arange(1, 2 ** len(y))[:, None] >> np.arange(len(y))) & 1 == 1
    return np.array([0.0, *pool_rows(among(y, v, included), "REML", "z", level).tau2])
