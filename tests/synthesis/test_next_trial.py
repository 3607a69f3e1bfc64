"""The next trial: closed forms for what it needs to show, how probable that is, and how much evidence is required."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import ndtr, ndtri
from scipy.stats import norm

from helpers.effects import (
    log_odds_ratio,
    log_rate_ratio,
    log_risk_ratio,
    risk_difference,
    standardized_mean_difference,
)
from helpers.synthesis import FixedTau, HalfNormal, Normal, bayesian, interval_rule, next_trial, pool
from helpers.synthesis.information_size import diversity, required_information_size, required_trials
from helpers.synthesis.next_trial import (
    conclusions,
    predictive_probabilities,
    tipping_map,
    tipping_points,
    with_next_trials,
)
from helpers.synthesis.trial_precision import TrialPrecision, unit_variance

Z = ndtri(0.975)
SMD = TrialPrecision("SMD")
FOUR = np.array([0.3, 0.1, 0.5, 0.2]), np.array([0.04, 0.05, 0.06, 0.03])


# precision


def test_the_variance_is_that_of_a_trial_with_those_counts():
    n, p0 = 200, 0.3
    for measure, function, effect in (
        ("RR", log_risk_ratio, np.log(0.8)),
        ("OR", log_odds_ratio, np.log(3 * 0.7 / (0.3 * 7.6) * 24 / 30)),
        ("RD", risk_difference, -0.06),
    ):
        precision = TrialPrecision(measure, p0)
        if measure == "OR":
            effect = np.log((0.24 / 0.76) / (0.3 / 0.7))
        shown = function(48, n, 60, n)
        assert shown.yi == pytest.approx(effect)
        assert precision.variance(effect, n) == pytest.approx(shown.vi)
    rates = log_rate_ratio(30, n, 60, n)
    assert TrialPrecision("IRR", 0.3).variance(np.log(0.5), n) == pytest.approx(rates.vi)
    smd = standardized_mean_difference(5, 10, n, 0, 10, n)
    assert SMD.variance(smd.yi, n) == pytest.approx(smd.vi)


def test_other_measures_take_the_variance_from_the_trials_there_are():
    unit = unit_variance([0.04, 0.08], [50, 25], [50, 25])
    assert unit == pytest.approx(2.0)
    assert TrialPrecision("GenOR", unit=unit).variance(0.4, 50) == pytest.approx(0.04)


def test_an_arm_without_any_expected_event_still_has_a_variance():
    assert np.isfinite(TrialPrecision("RR", 0.2).variance(-40.0, 50))
    assert np.isfinite(TrialPrecision("RR", 0.2).variance(40.0, 50))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("RR", 1.2), "baseline: RR needs one between 0 and 1, got 1.2"),
        (("IRR", 0), "baseline: IRR needs one above 0"),
        (("GenOR",), "unit: GenOR needs a variance above 0, got None"),
        (("HR",), "measure"),
    ],
)
def test_impossible_plans_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        TrialPrecision(*arguments)


# conclusions


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_the_conclusion_is_that_of_the_interval_rule(k):
    random = np.random.default_rng(k)
    for _ in range(40):
        yi, vi = random.normal(0.5, 0.4, k), random.uniform(0.01, 0.1, k)
        rule = interval_rule(yi, vi)
        shown = [rule.headline] if rule.headline is not None else [each for _, each in rule.shown]
        ends = {1 if each.ci_low > 0 else -1 if each.ci_high < 0 else 0 for each in shown}
        assert conclusions([yi], [vi]).tolist() == [ends.pop() if len(ends) == 1 else 0]


def test_the_map_says_what_the_rule_says_once_the_trial_has_joined():
    mapped = tipping_map(*FOUR, SMD, [20, 400], [-1.0, 0.0, 0.6])
    for row in mapped.itertuples():
        yi = np.append(FOUR[0], row.effect)
        vi = np.append(FOUR[1], 2 / row.n + row.effect**2 / (4 * row.n))
        headline = interval_rule(yi, vi).headline
        said = "above" if headline.ci_low > 0 else "below" if headline.ci_high < 0 else "open"
        assert row.conclusion == said


def test_tipping_points_lie_where_the_conclusion_changes():
    points = tipping_points(tipping_map(*FOUR, SMD, [200], np.linspace(-2, 2, 401)))
    assert (points["from_"] != points["to"]).all()
    for row in points.itertuples():
        around = row.effect + np.array([[-0.006], [0.006]])
        assert len(set(with_next_trials(*FOUR, around, SMD.variance(around, 200)))) == 2


# probabilities


def equal_effects_power(effect, spread, n, yi, vi):
    """P(the next trial makes an equal-effects z-test of all trials significant), by the normal distribution alone."""
    pooled = pool(yi, vi, "EE", "z")
    w, new = 1 / pooled.se**2, n / 2
    bound = (Z * np.sqrt(w + new) - w * pooled.estimate) / new
    return 1 - ndtr((bound - effect) / np.sqrt(spread**2 + 1 / new))


def test_one_trial_alone_gives_the_power_of_a_trial(monkeypatch):
    """With an uninformative earlier trial the probability is the textbook power of the z-test of a single trial."""
    import helpers.synthesis.next_trial as module

    monkeypatch.setattr(module, "TWO_TRIALS", (("EE", "z"),))
    precision = TrialPrecision("MD", unit=2.0)
    known = bayesian([0.0], [1e8], FixedTau(0), Normal(0.4, 1e-9))
    found = predictive_probabilities([0.0], [1e8], precision, [50, 100], known)
    assert_allclose(found["above"], ndtr(0.4 * np.sqrt([25, 50]) - Z), atol=2e-3)


@pytest.mark.parametrize("spread", [1e-9, 0.2])
def test_under_equal_effects_the_probability_has_a_closed_form(monkeypatch, spread):
    import helpers.synthesis.next_trial as module

    monkeypatch.setattr(module, "TWO_TRIALS", (("EE", "z"),))
    yi, vi = [0.25], [0.04]
    precision = TrialPrecision("MD", unit=2.0)
    belief = bayesian([0.35], [1e12], FixedTau(0), Normal(0.35, spread))
    found = predictive_probabilities(yi, vi, precision, [20, 60, 300], belief).set_index("n")
    for n in (20, 60, 300):
        assert found.at[n, "above"] == pytest.approx(equal_effects_power(0.35, spread, n, yi, vi), abs=2e-3)


def test_the_predictive_probability_agrees_with_integration_over_what_the_trial_may_show():
    """The book's rule, REML with Hartung-Knapp limits, integrated over the posterior predictive by a fine grid."""
    precision = TrialPrecision("MD", unit=2.0)
    posterior = bayesian(*FOUR, HalfNormal(0.5))
    n = 80
    found = predictive_probabilities(*FOUR, precision, [n], posterior).iloc[0]
    grid = np.linspace(-4, 5, 18_001)
    shown = with_next_trials(*FOUR, grid[:, None], np.full((len(grid), 1), 2 / n))
    sds = np.sqrt(posterior.prediction.sds**2 + 2 / n)
    density = np.zeros_like(grid)
    for mean, sd, weight in zip(posterior.prediction.means, sds, posterior.prediction.weights, strict=True):
        density += weight * norm.pdf(grid, mean, sd)
    for code, name in ((1, "above"), (0, "open"), (-1, "below")):
        assert found[name] == pytest.approx((density * (shown == code)).sum() * (grid[1] - grid[0]), abs=3e-3)


def test_probabilities_add_to_one_and_more_trials_tell_more():
    posterior = bayesian(*FOUR, HalfNormal(0.5))
    one = predictive_probabilities(*FOUR, SMD, [30, 300], posterior)
    four = predictive_probabilities(*FOUR, SMD, [30, 300], posterior, trials=4)
    for frame in (one, four):
        assert_allclose(frame[["above", "open", "below"]].sum(axis=1), 1)
    assert (four["open"] < one["open"]).all()


@pytest.mark.parametrize("trials", [1, 2, 5])
def test_probabilities_are_those_of_a_much_longer_sequence_to_one_in_a_hundred(trials, monkeypatch):
    posterior = bayesian(*FOUR, HalfNormal(0.5))
    asked = (*FOUR, SMD, [25, 100, 500], posterior, trials)
    short = predictive_probabilities(*asked)
    monkeypatch.setattr(next_trial, "POINTS", 2**16)
    assert_allclose(short, predictive_probabilities(*asked), atol=0.01)


def test_the_same_data_give_the_same_digits():
    posterior = bayesian(*FOUR, HalfNormal(0.5))
    first, second = (predictive_probabilities(*FOUR, SMD, [50], posterior, trials=2) for _ in range(2))
    assert first.equals(second)


def test_no_trial_is_refused():
    with pytest.raises(ValueError, match="trials: at least one"):
        predictive_probabilities(*FOUR, SMD, [50], bayesian(*FOUR, HalfNormal(0.5)), trials=0)


# information size


def test_the_size_for_risks_is_that_of_a_published_trial_sequential_analysis():
    """PLoS ONE 2013 (doi:10.1371/journal.pone.0074558), figure 4: deaths 10% without vitamin A, alpha 5%, power 80%,
    diversity 76%: 48,417 patients for a relative risk reduction of 15%; 456,748 for one of 5%."""
    fifteen, five = (required_information_size("RR", np.log(rr), 0.1) for rr in (0.85, 0.95))
    assert five / fifteen == pytest.approx(456_748 / 48_417, rel=2e-4)
    low, high = (required_information_size("RR", np.log(0.85), 0.1, diversity=d) for d in (0.755, 0.765))
    assert low < 48_417 < high


def test_the_size_for_means_is_that_of_the_textbook():
    """Cohen's example: d = 0.5, alpha 5%, power 80% needs 63 patients a group by the normal distribution (64 by t)."""
    assert required_information_size("SMD", 0.5) / 2 == pytest.approx(62.8, abs=0.05)


def test_an_odds_ratio_and_a_difference_give_the_size_of_the_same_risks():
    ratio = required_information_size("RR", np.log(0.5), 0.2)
    assert required_information_size("RD", -0.1, 0.2) == pytest.approx(ratio)
    odds = np.log((0.1 / 0.9) / (0.2 / 0.8))
    assert required_information_size("OR", odds, 0.2) == pytest.approx(ratio)


def test_uneven_arms_and_differing_trials_need_more():
    even = required_information_size("RR", np.log(0.7), 0.3)
    assert required_information_size("RR", np.log(0.7), 0.3, ratio=2) == pytest.approx(even * 9 / 8)
    assert required_information_size("RR", np.log(0.7), 0.3, diversity=0.5) == pytest.approx(2 * even)


def test_a_trial_of_the_required_size_has_the_power_asked_for():
    total = required_information_size("IRR", np.log(0.6), 0.8)
    r0, r1 = 0.8, 0.48
    se = np.sqrt((r0 + r1) / (total / 2))
    assert ndtr((r0 - r1) / se - Z) == pytest.approx(0.8, abs=1e-9)


def test_a_risk_beyond_certainty_can_not_be_found():
    assert required_information_size("RR", np.log(2), 0.6) == np.inf


def test_diversity_is_one_less_the_ratio_of_the_variances():
    assert diversity([0.3, 0.3], [0.1, 0.1]) == pytest.approx(0)
    yi, vi = [0.0, 1.0], [0.1, 0.1]  # tau2 = 0.4 by REML for two trials alike: s2 - v
    assert diversity(yi, vi) == pytest.approx(1 - 0.05 / 0.25)


def test_differences_between_trials_set_a_least_number_of_trials():
    q2 = (Z + ndtri(0.8)) ** 2
    huge = required_trials(0.3, 0.09, SMD, 10**9)
    assert huge == int(np.ceil(q2))
    assert required_trials(0.3, 0.0, TrialPrecision("MD", unit=2.0), 175) == 1
    assert required_trials(0.3, 0.0, TrialPrecision("MD", unit=2.0), 174) == 2


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("SMD", 0.0), {}, "effect: must be a number other than 0"),
        (("RR", 0.3, 1.4), {}, "baseline"),
        (("SMD", 0.3), {"diversity": 1.0}, "diversity: must lie between"),
        (("SMD", 0.3), {"ratio": 0}, "ratio: must be above 0"),
        (("SMD", 0.3), {"alpha": 2}, "alpha: must lie between"),
        (("GenOR", 0.3), {}, "measure"),
    ],
)
def test_impossible_sizes_are_refused(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        required_information_size(*arguments, **options)
