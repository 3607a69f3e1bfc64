"""What is refused, and how a result shows itself."""

import numpy as np
import pytest

from helpers import effects

REFUSED = [
    (effects.log_odds_ratio, ([3, 5], [10, 4], [1, 1], [9, 9]), r"ai\[1\]: must not exceed n1i, got 5"),
    (effects.log_odds_ratio, (3, 10, -1, 9), r"ci: must not be negative, got -1"),
    (effects.risk_difference, (0, 0, 1, 9), r"n1i: must be at least 1, got 0"),
    (effects.log_risk_ratio, (3, 10, np.nan, 9), r"ci: must be a finite number, got nan"),
    (effects.log_risk_ratio, ([3, 1], [10, 9], [1, 2, 3], 9), r"differ in length: ai \(2,\)"),
    (effects.mean_difference, (1, [2, -2], 9, 1, 2, 9), r"sd1i\[1\]: must not be negative, got -2"),
    (effects.mean_difference, (1, 2, 9, 1, 2, [9, 0]), r"n2i\[1\]: must be at least 1, got 0"),
    (effects.mean_difference, ("high", 2, 9, 1, 2, 9), r"m1i: must be numbers, got 'high'"),
    (effects.standardized_mean_difference, (1, 0, 9, 1, 0, 9), r"sd1i: sd1i and sd2i must not both be zero"),
    (effects.standardized_mean_difference, (1, 1, 2, 1, 1, 1), r"n1i: n1i \+ n2i must exceed 3"),
    (effects.log_ratio_of_means, (1, 1, 9, -1, 1, 9), r"m1i: m1i and m2i must have the same sign"),
    (effects.log_rate_ratio, (3, [10, 0], 2, 9), r"t1i\[1\]: must be positive, got 0"),
    (effects.logit_proportion, (10, 9), r"xi: must not exceed ni, got 10"),
    (effects.smd_from_p, (0, 16, 15, 1), r"p: must lie in \(0, 1\], got 0"),
    (effects.smd_from_p, (0.03, 16, 15, 0), r"direction: must be 1 or -1, got 0"),
    (effects.fisher_z, (1, 20), r"ri: must lie between -1 and 1, got 1"),
    (effects.mean_change, (1, 1, 1, 1, 9, 1.5), r"ri: must lie between -1 and 1, got 1.5"),
    (effects.generalized_odds_ratio, ([1, -2], [3, 4]), r"counts1\[1\]: must not be negative, got -2"),
    (effects.generalized_odds_ratio, ([1, 2], [0, 0]), r"counts2: the group must have patients"),
    (effects.generalized_odds_ratio, ([1, 2], [1, 2, 3]), r"differ in length: counts1 \(2,\)"),
    (effects.common_odds_ratio, ([[1, 2]], [[3, 4]]), r"counts1: must give one trial"),
    (effects.proportion_interval, (3, 2), r"events: must not exceed n, got 3"),
    (effects.rate_interval, (3, -2), r"time: must be positive, got -2"),
    (effects.fisher_p, (1.5, 4, 2, 4), r"ai: must be a whole number, got 1.5"),
    (effects.mean_test, (1, 1, 1, 1, 1, 5), r"n1i: must be at least 2, got 1"),
    (effects.combine_means, ([5, 5], [1, 2], [1, -1]), r"sd\[1\]: must not be negative, got -1"),
    (effects.combine_counts, ([5, 6], [5, 5]), r"events\[1\]: must not exceed n, got 6"),
]


@pytest.mark.parametrize(("function", "arguments", "message"), REFUSED)
def test_impossible_input_is_refused_with_argument_and_position(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)


@pytest.mark.parametrize(
    ("function", "arguments", "options", "message"),
    [
        (effects.log_odds_ratio, (3, 10, 1, 9), {"to": "some"}, "to: must be one of"),
        (effects.log_odds_ratio, (3, 10, 1, 9), {"add": -1}, "add: must not be negative"),
        (effects.generalized_odds_ratio, ([1, 2], [3, 4]), {"better": "up"}, "better: must be one of"),
        (effects.proportion_interval, (1, 2), {"method": "wald"}, "method: must be one of"),
        (effects.proportion_interval, (1, 2), {"level": 95}, "level: must lie between 0 and 1"),
    ],
)
def test_unknown_options_are_refused(function, arguments, options, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments, **options)


def test_an_effect_shows_its_numbers():
    assert repr(effects.mean_difference(3, 2, 8, 1, 2, 8)) == "Effect(yi=2, vi=1)"
    assert repr(effects.mean_difference([3, 4], 2, 8, 1, 2, 8)).startswith("Effect of 2 trials\n")


def test_an_effect_becomes_a_frame_of_one_row_a_trial():
    frame = effects.mean_difference([3, 4], 2, 8, 1, 2, 8).to_frame()
    assert frame.to_dict("list") == {"yi": [2.0, 3.0], "vi": [1.0, 1.0]}
