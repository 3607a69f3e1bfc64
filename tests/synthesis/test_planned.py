"""Planned syntheses over the shipped evidence: who enters, who does not, and why."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from helpers import evidence
from helpers.synthesis import pool
from helpers.synthesis.planned import answerable, planned_syntheses, planned_synthesis


@pytest.fixture(scope="module")
def review():
    return evidence.load()


def test_two_reports_of_one_trial_count_once(review):
    for result in planned_syntheses(review, population="all").values():
        assert not result.effects["trial"].duplicated().any()


def test_near_relatives_are_shown_but_not_pooled_by_default(review):
    result = planned_synthesis(review, "death")
    near = [review.trials[trial].population_class == "near-relative" for trial in result.effects["trial"]]
    assert any(near)
    assert not result.effects.loc[near, "pooled"].any()
    assert result.primary.shown[0][1].k == (~np.array(near)).sum()
    assert result.widened.shown[0][1].k == len(result.effects)


def test_a_wider_population_pools_near_relatives(review):
    assert planned_synthesis(review, "death", population="all").effects["pooled"].all()


def test_two_trials_have_no_headline(review):
    rule = planned_synthesis(review, "motor-recovery").primary
    assert rule.headline is None
    assert {label for label, _ in rule.shown} == {"Wald", "Hartung-Knapp", "Common effect"}


def test_the_pooled_result_is_that_of_the_listed_effects(review):
    result = planned_synthesis(review, "motor-recovery")
    wald = dict(result.primary.shown)["Wald"]
    again = pool(result.pooled["yi"].to_numpy(), result.pooled["vi"].to_numpy(), test="z")
    assert (wald.estimate, wald.se) == (again.estimate, again.se)


def test_a_trial_without_events_is_left_out_with_the_reason(review):
    left_out = planned_synthesis(review, "death").left_out.set_index("trial")["reason"]
    assert "no event" in left_out["moniche-2012"]
    assert "single arm" in left_out["levy-2019"]


def test_every_trial_with_a_number_on_the_question_is_pooled_shown_or_named(review):
    for result in planned_syntheses(review).values():
        on_it = review.results["outcome"].isin(result.plan["outcomes"].split())
        assert set(review.results.loc[on_it, "trial"]) <= {*result.effects["trial"], *result.left_out["trial"]}


def test_the_time_nearest_to_the_target_is_taken(review):
    result = planned_synthesis(review, "activities")
    bang = result.effects.set_index("trial").loc["bang-2005"]
    assert bang["day"] == result.plan["day_target"] == 180


def test_a_result_of_a_subset_is_never_pooled(review):
    subset = review.results.assign(population="subset")
    for result in planned_syntheses(dataclasses.replace(review, results=subset), population="all").values():
        assert result.effects.empty


def test_leaving_derived_and_secondary_numbers_out_shrinks_the_synthesis(review):
    assert set(planned_synthesis(review, "motor-recovery").pooled["trial"]) == {"starting-2", "isis-hermes"}
    assert set(planned_synthesis(review, "motor-recovery", sources="primary").pooled["trial"]) == {"starting-2"}


def test_a_synthesis_with_fewer_than_two_trials_gets_no_page(review):
    syntheses = planned_syntheses(review)
    assert all(len(syntheses[name].effects) >= 2 for name in answerable(syntheses))
    assert set(answerable(syntheses)) < set(syntheses)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"synthesis": "happiness"}, KeyError, "death"),
        ({"synthesis": "death", "population": "mice"}, ValueError, "iv-msc"),
        ({"synthesis": "death", "sources": "gossip"}, ValueError, "primary"),
    ],
)
def test_an_unknown_word_is_refused_with_the_allowed_ones(review, arguments, error, words):
    with pytest.raises(error, match=words):
        planned_synthesis(review, **arguments)


def with_measure(review, synthesis, measure):
    syntheses = review.syntheses.copy()
    syntheses.loc[synthesis, "measure"] = measure
    return dataclasses.replace(review, syntheses=syntheses)


def test_no_event_on_either_side_is_a_result_for_a_risk_difference(review):
    result = planned_synthesis(with_measure(review, "death", "RD"), "death", population="all")
    assert "moniche-2012" in set(result.effects["trial"])
    assert result.effects.set_index("trial").at["moniche-2012", "yi"] == 0


def test_a_final_score_goes_before_a_change(review):
    results = review.results.copy()
    change = (results["trial"] == "starting-2") & (results["outcome"] == "mi-leg") & (results["variable"] == "change")
    final = results[change].assign(variable="value")
    both = dataclasses.replace(review, results=pd.concat([results, final], ignore_index=True))
    chosen = planned_synthesis(both, "motor-recovery").effects.set_index("trial")
    assert chosen.at["starting-2", "variable"] == "value"


def test_groups_that_do_not_overlap_are_named_and_do_not_stop_the_others(review):
    results = review.results.copy()
    counts = (results["trial"] == "treasure") & (results["statistic"] == "count") & (results["day"] == 90)
    best = results["arm"] == review.trials["treasure"].arms[0].id
    results.loc[counts, "value"] = 0.0
    results.loc[counts & best & (results["level"] == "0"), "value"] = 104.0
    results.loc[counts & ~best & (results["level"] == "6"), "value"] = 102.0
    results = results[~((results["trial"] == "treasure") & (results["day"] == 365))]
    result = planned_synthesis(dataclasses.replace(review, results=results), "mrs-shift", population="all")
    assert result.effects.empty
    assert "throughout" in result.left_out.set_index("trial").at["treasure", "reason"]


def test_a_review_of_one_single_arm_trial_has_no_synthesis(review):
    alone = {"levy-2019": review.trials["levy-2019"]}
    results = review.results[review.results["trial"] == "levy-2019"]
    syntheses = planned_syntheses(dataclasses.replace(review, trials=alone, results=results))
    assert all(result.primary is None for result in syntheses.values())
    assert answerable(syntheses) == []
