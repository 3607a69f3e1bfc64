"""Several trials -> one result: pooling, heterogeneity, prediction, and the book's interval rule."""

from helpers.synthesis.heterogeneity import HeterogeneityInterval, tau2_interval
from helpers.synthesis.influence import leave_one_out
from helpers.synthesis.interval_rule import IntervalRule, interval_rule
from helpers.synthesis.pooling import METHODS, TESTS, Pooled, pool
from helpers.synthesis.prediction import PREDICTION_METHODS, prediction_interval

__all__ = [
    "METHODS",
    "PREDICTION_METHODS",
    "TESTS",
    "HeterogeneityInterval",
    "IntervalRule",
    "Pooled",
    "interval_rule",
    "leave_one_out",
    "pool",
    "prediction_interval",
    "tau2_interval",
]
