"""Ordinal outcomes of several trials, each first summed up in one number and then pooled."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.effects import Effect, common_odds_ratio, generalized_odds_ratio
from helpers.effects.checks import check_choice, numbers
from helpers.effects.ordinal import best_first
from helpers.synthesis.ordinal.one_stage import LikelihoodRatio, within_trials_test
from helpers.synthesis.pooling import Pooled, pool

MEASURES = ("common odds ratio", "win odds")


@dataclass(frozen=True, eq=False)
class TwoStage:
    """effects: one log odds a trial, above 0 for a better outcome in group 1. pooled: their synthesis.

    proportional_odds: the trials' tests summed, for the common odds ratio; None for win odds, which assume nothing.
    """

    measure: str
    effects: Effect
    pooled: Pooled
    proportional_odds: LikelihoodRatio | None

    def to_frame(self) -> pd.DataFrame:
        """The pooled result, one row."""
        return self.pooled.to_frame()


def two_stage(
    counts1: ArrayLike, counts2: ArrayLike, better: str = "lower", measure: str = "common odds ratio",
    method: str = "REML", test: str = "knha", level: float = 0.95,
) -> TwoStage:  # fmt: skip
    """Pool the log common odds ratios, or the log win odds (ties split), of k trials.

    counts1, counts2: (k, levels) and better as in helpers.effects.ordinal; the scales of trials must be the same for
    win odds to mean the same. method, test and level as for pool. Raises ValueError as common_odds_ratio and pool; win
    odds that are not defined because every pair goes one way are refused by pool, with their position.
    """
    check_choice("measure", measure, MEASURES)
    first, second = numbers(counts1=counts1, counts2=counts2)
    if first.ndim != 2:
        raise ValueError(f"counts1: must be (trials, levels), got shape {first.shape}")
    tested = None
    if measure == "win odds":
        effects = generalized_odds_ratio(first, second, better)
    else:
        single = [common_odds_ratio(a, b, better) for a, b in zip(first, second, strict=True)]
        effects = Effect(np.array([effect.yi for effect in single]), np.array([effect.vi for effect in single]))
        tested = within_trials_test(*best_first(first, second, better))
    return TwoStage(measure, effects, pool(effects.yi, effects.vi, method, test, level), tested)
