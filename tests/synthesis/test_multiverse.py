"""Every defensible way to carry out a synthesis: the combinations, their numbers, and what flips the conclusion."""

import dataclasses

import numpy as np
import pytest
from five_trials import five_trials

from helpers import evidence
from helpers.effects.raw_scores import smd_of_raw_scores
from helpers.effects.trial_effects import trial_effects
from helpers.synthesis import METHODS, TESTS, interval_rule, pool
from helpers.synthesis.multiverse import (
    Variant,
    all_variants,
    distinct,
    flips,
    multiverse,
    own_conclusion,
    shares,
    variants,
)
from helpers.synthesis.multiverse.specifications import NUMBERS
from helpers.synthesis.planned import planned_synthesis


@pytest.fixture(scope="module")
def review():
    return evidence.load()


@pytest.fixture(scope="module")
def deaths():
    own = five_trials()
    return multiverse(variants(own, "death"))


def variant(*yi, vi=0.05, **choices):
    names = tuple(f"trial-{number}" for number in range(len(yi)))
    return Variant(choices or {"set": "own"}, names, np.array(yi), np.full(len(yi), vi))


# counts and numbers


def test_five_trials_give_at_least_a_thousand_specifications(deaths):
    assert len(deaths) >= 1000
    own = deaths[deaths["changes"] == 0]
    assert own["k"].tolist() == [5]
    assert not deaths.duplicated([*deaths.columns[: deaths.columns.get_loc("method") + 2]]).any()


def test_every_combination_of_estimator_and_interval_is_there(deaths):
    questions = list(deaths.columns[: deaths.columns.get_loc("method")])
    each = deaths.groupby(questions, sort=False).size()
    assert set(each) == {len(METHODS) * len(TESTS)}


def test_the_numbers_are_those_of_pool_one_by_one(review):
    found = variants(review, "death")
    frame = multiverse(found)
    by_choices = {tuple(each.choices.values()): each for each in found}
    rows = distinct(frame)
    assert len(rows) > 100
    for _, row in rows.iterrows():
        chosen = by_choices[tuple(row[question] for question in found[0].choices)]
        alone = pool(chosen.yi, chosen.vi, row["method"], row["test"])
        for name in NUMBERS:
            assert row[name] == pytest.approx(getattr(alone, name), rel=1e-9, abs=1e-12), (name, row.to_dict())


def test_the_book_s_own_specification_is_the_interval_rule(review, deaths):
    rule = planned_synthesis(five_trials(), "death").primary
    (own,) = deaths[deaths["changes"] == 0].to_dict("records")
    assert (own["estimate"], own["ci_low"], own["ci_high"]) == pytest.approx(
        (rule.headline.estimate, rule.headline.ci_low, rule.headline.ci_high)
    )
    two = multiverse(variants(review, "motor-recovery"))
    shown = planned_synthesis(review, "motor-recovery").primary.shown
    own = two[two["changes"] == 0]
    assert sorted(own["ci_low"]) == pytest.approx(sorted(each.ci_low for _, each in shown))


# conclusions


def test_an_interval_that_excludes_no_effect_concludes():
    frame = multiverse([variant(1.0, 1.1, 0.9)])
    assert own_conclusion(frame) == "above"
    assert own_conclusion(multiverse([variant(-1.0, -1.1, -0.9)])) == "below"
    assert own_conclusion(multiverse([variant(-1.0, 0.0, 1.0)])) == "open"


def test_disagreement_among_the_intervals_for_two_trials_leaves_it_open():
    yi = [0.8, 0.6]
    ends = [each.ci_low > 0 for _, each in interval_rule(yi, [0.05, 0.05]).shown]
    assert any(ends) and not all(ends)
    frame = multiverse([variant(*yi)])
    assert own_conclusion(frame) == "open"
    assert set(flips(frame)["conclusion"]) == {"above"}
    assert flips(frame)["changes"].iloc[0] == 0


def test_flips_are_all_that_conclude_otherwise_nearest_first(deaths):
    own, flipped = own_conclusion(deaths), flips(deaths)
    assert len(flipped) > 0
    assert (flipped["conclusion"] != own).all()
    assert flipped["changes"].is_monotonic_increasing
    rest = distinct(deaths).drop(flipped.index)
    assert (rest["conclusion"] == own).all()


def test_a_specification_counts_the_choices_that_were_changed():
    frame = multiverse([variant(0.1, 0.2, 0.4, set="own"), variant(0.1, 0.2, 0.5, set="other")])
    row = frame[(frame["set"] == "other") & (frame["method"] == "DL") & (frame["test"] == "z")]
    assert row["changes"].tolist() == [3]


def test_choices_that_make_no_difference_are_one_calculation():
    same = [variant(0.1, 0.2, 0.4, set=name) for name in ("own", "twin")]
    frame = multiverse(same)
    assert len(frame) == 2 * len(METHODS) * len(TESTS)
    assert len(distinct(frame)) == len(METHODS) * len(TESTS)
    assert set(distinct(frame)["set"]) == {"own"}


def test_a_single_trial_is_one_calculation_whatever_the_estimator():
    assert len(distinct(multiverse([variant(0.4)]))) == 1


def test_shares_count_different_calculations():
    frame = multiverse(
        [variant(1.0, 1.1, 0.9, set="own"), variant(-1.0, 0.0, 1.0, set="other")], ("REML",), ("z", "knha")
    )
    table = shares(frame, ["set", "test"]).set_index("answer")
    assert table.loc["own", ["n", "above", "open", "below"]].tolist() == [2, 1, 0, 0]
    assert table.loc["z", ["n", "above", "open"]].tolist() == [2, 0.5, 0.5]


@pytest.mark.parametrize(
    ("given", "message"),
    [([], "at least one is needed"), ([variant(1.0, a="x"), variant(1.0, b="x")], r"variants\[1\]: must answer a")],
)
def test_impossible_variants_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        multiverse(given)


# variants


def test_the_book_s_own_choices_come_first(review):
    for synthesis, found in all_variants(review).items():
        result = planned_synthesis(review, synthesis)
        if result.primary is None:
            assert found[0].choices["population"] != "iv-msc"
            continue
        assert list(found[0].trials) == result.pooled["trial"].tolist()
        assert found[0].yi == pytest.approx(result.pooled["yi"].to_numpy(float))
        assert found[0].choices["measure"] == result.plan["measure"]


def test_binary_outcomes_are_pooled_as_ratios_and_as_differences(review):
    by_measure = {each.choices["measure"]: each for each in reversed(variants(review, "death"))}
    effects = trial_effects(review)
    for measure, each in by_measure.items():
        row = effects[
            (effects["trial"] == "starting-2010") & (effects["outcome"] == "death") & (effects["measure"] == measure)
        ]
        assert row["yi"].item() in each.yi.tolist()
    assert set(by_measure) == {"RR", "OR", "RD"}


def test_a_trial_with_a_zero_cell_may_be_left_out(review):
    first, *rest = (each for each in variants(review, "death") if each.choices["population"] == "iv-msc")
    without = next(each for each in rest if each.choices["zero cells"] == "trial left out")
    assert first.trials == ("starting-2010", "amascis-01")
    assert without.trials == ("starting-2010",)


def test_trials_at_high_risk_may_be_left_out(review):
    trusted = [
        each for each in variants(review, "motor-recovery") if each.choices["risk of bias"] == "without high risk"
    ]
    assert {each.trials for each in trusted} == {("starting-2",)}


def test_an_assumed_correlation_brings_changes_and_adjusted_tests_to_raw_scores(review):
    found = {each.choices["correlation"]: each for each in reversed(variants(review, "motor-recovery"))}
    reported = dict(zip(found["as reported"].trials, found["as reported"].yi, strict=True))
    seven = dict(zip(found["r = 0.7"].trials, found["r = 0.7"].yi, strict=True))
    assert seven["starting-2"] == pytest.approx(reported["starting-2"] * np.sqrt(0.6))  # a change
    assert seven["isis-hermes"] == pytest.approx(reported["isis-hermes"] * np.sqrt(0.51))  # a mixed model


def test_the_outlier_rules_leave_out_the_odd_trial():
    own = five_trials()
    changed = own.results.copy()
    odd = (changed["trial"] == "starting-2") & (changed["outcome"] == "death") & (changed["statistic"] == "events")
    changed.loc[odd, "value"] = [35.0, 1.0]
    found = variants(dataclasses.replace(own, results=changed), "death")
    by_rule = {each.choices["outliers"]: each for each in reversed(found) if each.choices["measure"] == "RR"}
    assert "starting-2" in by_rule["none left out"].trials
    assert "starting-2" not in by_rule["residual beyond 1.96"].trials


def test_an_unknown_synthesis_is_refused(review):
    with pytest.raises(KeyError, match="allowed: motor-recovery"):
        variants(review, "motor")


# raw scores


def test_a_change_in_its_own_sd_is_brought_to_the_sd_of_the_scores():
    difference, sd, r = 4.0, 10.0, 0.7
    in_changes = difference / (sd * np.sqrt(2 * (1 - r)))
    assert smd_of_raw_scores(in_changes, 0.1, r, "change").yi == pytest.approx(difference / sd)


def test_an_adjusted_difference_is_brought_to_the_sd_of_the_scores():
    difference, sd, r = 4.0, 10.0, 0.6
    residual = sd * np.sqrt(1 - r**2)
    raw = smd_of_raw_scores(difference / residual, 0.1, r, "adjusted")
    assert raw.yi == pytest.approx(difference / sd)
    assert raw.vi == pytest.approx(0.1 * 0.64)


def test_half_a_correlation_leaves_a_change_as_it_is():
    assert smd_of_raw_scores(0.56, 0.1, 0.5, "change").yi == pytest.approx(0.56)


@pytest.mark.parametrize(("r", "design", "message"), [(1, "change", "ri: must lie"), (0.5, "final", "design")])
def test_impossible_corrections_are_refused(r, design, message):
    with pytest.raises(ValueError, match=message):
        smd_of_raw_scores(0.5, 0.1, r, design)
