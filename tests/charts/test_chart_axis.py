"""Where axes begin and end, and where their ticks stand."""

import math

import numpy as np
import pytest

from helpers.charts.axis import interval_domain, linear_ticks, log_ticks


def test_ordinary_intervals_are_shown_whole():
    low, high = interval_domain([0.5, 0.8], [0.2, 0.4], [1.25, 1.6], reference=1, log=True)
    assert low < 0.2 and high > 1.6


def test_one_interval_far_beyond_the_others_does_not_stretch_the_axis():
    low, high = interval_domain([0.1, 0.2, 0.3], [-0.1, 0.0, -9.0], [0.3, 0.4, 9.0], reference=0)
    assert -2 < low < -0.1 and 0.4 < high < 2


def test_no_effect_is_always_on_the_axis():
    low, high = interval_domain([3.0, 4.0], [2.5, 3.5], [3.5, 4.5], reference=1, log=True)
    assert low < 1 and high > 4.5


def test_infinite_and_zero_limits_of_a_ratio_end_at_a_finite_axis():
    low, high = interval_domain([2.0], [0.0], [math.inf], reference=1, log=True)
    assert 0 < low < 1 and 2 < high < math.inf


def test_missing_estimates_are_passed_over_but_one_is_needed():
    low, high = interval_domain([math.nan, 1.0], [math.nan, 0.5], [math.nan, 1.5])
    assert low < 0.5 and high > 1.5
    with pytest.raises(ValueError, match="no finite estimate"):
        interval_domain([math.nan], [0.1], [0.2])


def test_a_single_point_without_limits_still_has_an_axis():
    low, high = interval_domain([2.0], [math.nan], [math.nan])
    assert low < 2 < high


@pytest.mark.parametrize("estimate", [0.0, -1.0])
def test_a_ratio_of_zero_or_less_is_refused(estimate):
    with pytest.raises(ValueError, match="zero or less"):
        interval_domain([estimate], [0.1], [0.2], log=True)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.12, 6.5, [0.2, 0.5, 1, 2, 5]),
        (0.05, 20, [0.1, 0.3, 1, 3, 10]),
        (0.6, 1.9, [0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8]),
    ],
)
def test_ratio_ticks_are_round_numbers(low, high, ticks):
    assert log_ticks(low, high, at_most=7) == ticks


def test_ratio_ticks_hold_no_effect_and_never_crowd():
    for spread in np.geomspace(1.05, 1e9, 60):
        ticks = log_ticks(1 / spread, spread * 1.01)
        assert ticks.count(1) == 1 and len(ticks) <= 6
        assert ticks == sorted(ticks)
        assert ticks[0] >= (1 - 1e-9) / spread and ticks[-1] <= spread * 1.01


def test_linear_ticks_are_multiples_of_a_round_step():
    assert linear_ticks(-0.42, 1.2) == [0.0, 0.5, 1.0]
    assert linear_ticks(-0.42, 1.2, at_most=10) == [-0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2]
