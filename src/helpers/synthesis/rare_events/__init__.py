"""Pooling counts of rare events by models in which a zero cell is an observation, not a problem to be corrected."""

from helpers.synthesis.rare_events.beta_binomial import beta_binomial
from helpers.synthesis.rare_events.glmm import glmm, glmm_proportion, glmm_rate_ratio
from helpers.synthesis.rare_events.mantel_haenszel import mantel_haenszel, mantel_haenszel_rate_ratio
from helpers.synthesis.rare_events.peto import peto
from helpers.synthesis.rare_events.pooled_counts import PooledCounts
from helpers.synthesis.rare_events.table_tests import (
    ChiSquareTest,
    breslow_day,
    cochran_mantel_haenszel,
    mantel_haenszel_rate_test,
)

__all__ = [
    "ChiSquareTest",
    "PooledCounts",
    "beta_binomial",
    "breslow_day",
    "cochran_mantel_haenszel",
    "glmm",
    "glmm_proportion",
    "glmm_rate_ratio",
    "mantel_haenszel",
    "mantel_haenszel_rate_ratio",
    "mantel_haenszel_rate_test",
    "peto",
]
