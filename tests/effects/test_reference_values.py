"""Published trials, worked by hand or by R: the numbers the book depends on."""

import numpy as np
import pytest

from helpers import effects

TREASURE_DAY_90 = ((5, 9, 20, 15, 31, 18, 6), (3, 8, 12, 17, 39, 20, 3))
TREASURE_DAY_365 = ((9, 11, 18, 15, 22, 16, 13), (1, 13, 13, 17, 33, 15, 10))
STARTING_2_MOTRICITY_LEG = (14.8, 23.8, 39, 2.6, 13.0, 15)


def rounded_limits(effect):
    """95% limits of the ratio with the quantile rounded to 1.96, as the reference values were worked."""
    return np.exp(effect.yi + np.array([-1.96, 1.96]) * effect.sei)


@pytest.mark.parametrize("counts", [TREASURE_DAY_90, TREASURE_DAY_365])
def test_treasure_gives_the_probability_of_a_better_mrs(counts):
    assert effects.probability_of_better(*counts) == pytest.approx(5675.5 / 10608, rel=1e-14)
    assert effects.probability_of_better(*counts) == pytest.approx(0.535021, abs=5e-7)


@pytest.mark.parametrize("counts", [TREASURE_DAY_90, TREASURE_DAY_365])
def test_treasure_gives_the_generalised_odds(counts):
    assert np.exp(effects.generalized_odds_ratio(*counts).yi) == pytest.approx(1.150634, abs=5e-7)


@pytest.mark.parametrize(("counts", "p"), [(TREASURE_DAY_90, 0.371989), (TREASURE_DAY_365, 0.377239)])
def test_treasure_gives_the_wilcoxon_p(counts, p):
    assert effects.wilcoxon_p(*counts) == pytest.approx(p, abs=5e-7)


@pytest.mark.parametrize(
    ("counts", "odds_ratio", "limits"),
    [(TREASURE_DAY_90, 1.2498, (0.7674, 2.0355)), (TREASURE_DAY_365, 1.2440, (0.7678, 2.0158))],
)
def test_treasure_gives_the_common_odds_ratio(counts, odds_ratio, limits):
    effect = effects.common_odds_ratio(*counts)
    assert np.exp(effect.yi) == pytest.approx(odds_ratio, abs=5e-5)
    assert rounded_limits(effect) == pytest.approx(limits, abs=5e-5)


def test_treasure_day_90_gives_the_p_of_the_common_odds_ratio():
    assert effects.common_odds_ratio(*TREASURE_DAY_90).p() == pytest.approx(0.3703, abs=5e-5)


def test_starting_2_gives_hedges_g():
    effect = effects.standardized_mean_difference(*STARTING_2_MOTRICITY_LEG)
    assert effect.yi == pytest.approx(0.560921, abs=5e-7)
    assert effect.vi == pytest.approx(0.095221, abs=5e-7)


@pytest.mark.parametrize(("equal_var", "p"), [(False, 0.02043), (True, 0.06664)])
def test_starting_2_gives_the_t_tests(equal_var, p):
    assert effects.mean_test(*STARTING_2_MOTRICITY_LEG, equal_var=equal_var).p == pytest.approx(p, abs=5e-6)


def test_isis_hermes_gives_hedges_g_from_its_p():
    effect = effects.smd_from_p(0.028, 16, 15, 1)
    assert effect.yi == pytest.approx(0.809654, abs=5e-7)
    j = 1 - 3 / (4 * 29 - 1)  # the usual approximation of J leads back to t
    assert effect.yi / j / np.sqrt(1 / 16 + 1 / 15) == pytest.approx(2.31324, abs=2e-4)


def test_isis_hermes_gives_the_rate_ratio_of_adverse_events():
    effect = effects.log_rate_ratio(10, 16, 12, 15)
    assert np.exp(effect.yi) == pytest.approx(0.78125, rel=1e-14)
    assert rounded_limits(effect) == pytest.approx((0.3375, 1.8083), abs=5e-5)


@pytest.mark.parametrize(("n", "percent"), [(36, 7.985), (5, 45.07)])
def test_levy_gives_the_upper_limit_of_no_event(n, percent):
    upper = effects.proportion_interval(0, n, side="upper")
    assert 100 * upper.high == pytest.approx(percent, abs=5e-3 if n == 5 else 5e-4)
    assert upper.low == 0
