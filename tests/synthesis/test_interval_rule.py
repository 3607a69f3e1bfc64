"""The book's rule for the interval to show."""

import numpy as np
import pytest

from helpers.synthesis import interval_rule, pool

HETEROGENEOUS = ([-0.4, 0.9, 0.3, 1.4], [0.04, 0.05, 0.02, 0.06])
HOMOGENEOUS = ([0.21, 0.20, 0.22], [0.02, 0.03, 0.10])


def test_no_trial_is_refused():
    with pytest.raises(ValueError, match="yi: at least one trial is needed"):
        interval_rule([], [])


def test_one_trial_shows_its_own_wald_interval_and_no_headline():
    rule = interval_rule([0.3], [0.04])
    ((label, single),) = rule.shown
    assert rule.headline is None
    assert "not a synthesis" in label
    assert "not a synthesis" in rule.reason
    assert (single.ci_low, single.ci_high) == pytest.approx(
        (0.3 - 0.2 * 1.959963984540054, 0.3 + 0.2 * 1.959963984540054)
    )


def test_two_trials_show_three_intervals_side_by_side_and_no_headline():
    rule = interval_rule([0.1, 0.7], [0.04, 0.05])
    assert rule.headline is None
    assert [(label, p.method, p.test) for label, p in rule.shown] == [
        ("Wald", "REML", "z"),
        ("Hartung-Knapp", "REML", "knha"),
        ("Common effect", "EE", "z"),
    ]
    assert all(np.isnan([p.pi_low, p.pi_high]).all() and p.pi_method == "none" for _, p in rule.shown)


def test_three_trials_with_a_factor_above_one_have_the_hartung_knapp_interval():
    rule = interval_rule(*HETEROGENEOUS)
    assert [label for label, _ in rule.shown] == ["Hartung-Knapp"]
    assert rule.headline is rule.shown[0][1]
    assert rule.headline.ci_low == pool(*HETEROGENEOUS, test="knha").ci_low


def test_three_trials_with_a_factor_below_one_have_the_floor_and_show_both():
    rule = interval_rule(*HOMOGENEOUS)
    assert [p.test for _, p in rule.shown] == ["adhoc", "knha"]
    assert rule.headline is rule.shown[0][1]
    assert rule.headline.ci_low < rule.shown[1][1].ci_low
    assert "below 1" in rule.reason


def test_the_prediction_interval_starts_with_three_trials_and_names_its_method():
    headline = interval_rule(*HOMOGENEOUS).headline
    assert headline.pi_method == "t(k-1)"
    assert headline.pi_low <= headline.ci_low


def test_the_level_reaches_every_interval():
    for trials in (1, 2, 3):
        rule = interval_rule(HOMOGENEOUS[0][:trials], HOMOGENEOUS[1][:trials], level=0.9)
        assert all(pooled.level == 0.9 for _, pooled in rule.shown)


def test_the_frame_has_a_row_for_every_interval_shown():
    frame = interval_rule(*HOMOGENEOUS).to_frame()
    assert frame.index.tolist() == ["Hartung-Knapp with the ad hoc floor", "Hartung-Knapp"]
    assert {"estimate", "ci_low", "ci_high", "pi_method"} <= set(frame.columns)
