"""Every result that a function returns can be looked at and becomes a frame."""

import numpy as np
import pandas as pd
import pytest

from helpers import synthesis as s

YI, VI = np.array([0.3, -0.1, 0.5, 0.2]), np.array([0.04, 0.09, 0.05, 0.02])
TABLES = (np.array([3, 5, 0, 4]), np.array([40, 50, 30, 60]), np.array([5, 9, 1, 7]), np.array([41, 50, 30, 58]))
COUNTS = (np.array([[5, 9, 20, 15], [4, 8, 9, 7]]), np.array([[3, 8, 12, 17], [5, 9, 7, 9]]))

RESULTS = {
    "pool": lambda: s.pool(YI, VI),
    "pool_many": lambda: s.pool_many([YI], [VI]),
    "interval_rule": lambda: s.interval_rule(YI, VI),
    "tau2_interval": lambda: s.tau2_interval(YI, VI),
    "mantel_haenszel": lambda: s.mantel_haenszel(*TABLES),
    "peto": lambda: s.peto(*TABLES),
    "bayesian": lambda: s.bayesian(YI, VI, tau=s.HalfNormal(0.5)),
    "proportional_odds": lambda: s.proportional_odds(COUNTS[0][0], COUNTS[1][0]),
    "one_stage": lambda: s.one_stage(*COUNTS),
    "two_stage": lambda: s.two_stage(*COUNTS),
    "stratified_wilcoxon": lambda: s.stratified_wilcoxon(*COUNTS),
    "absolute_effect": lambda: s.absolute_effect(0.1, 0.8, 0.6, 1.1),
    "numbers_needed": lambda: s.absolute_effect(0.1, 0.8, 0.6, 1.1).numbers_needed[0],
    "subgroups": lambda: s.subgroups(YI, VI, ["a", "a", "b", "b"]),
    "meta_regression": lambda: s.meta_regression(YI, VI, pd.DataFrame({"dose": [1.0, 2.0, 3.0, 5.0]})),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_readable_and_becomes_a_frame(name):
    result = RESULTS[name]()
    frame = result.to_frame()
    assert len(frame) >= 1
    assert len(repr(result)) < 1200
    assert "object at 0x" not in repr(result)
