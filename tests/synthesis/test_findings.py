"""The summary of findings of the shipped evidence: risks from the control groups, certainty only where it was judged."""

import dataclasses

import numpy as np
import pytest

from helpers import evidence
from helpers.synthesis.findings import finding
from helpers.synthesis.planned import planned_syntheses, planned_synthesis


@pytest.fixture(scope="module")
def review():
    return evidence.load()


@pytest.fixture(scope="module")
def results(review):
    return planned_syntheses(review)


def test_the_risk_without_cells_is_that_of_the_pooled_trials_control_groups(review, results):
    deaths = finding(review, results["death"])
    assert (deaths.controls.events, deaths.controls.n) == (22, 45)  # 21 of 36 and 1 of 9
    assert set(deaths.controls.trials) == {"starting-2010", "amascis-01"}
    assert (deaths.k, deaths.n) == (2, 65)
    wald = deaths.effects["Wald"]
    assert wald.baseline == pytest.approx(1000 * 22 / 45)
    assert wald.treated == pytest.approx(
        [1000 * 22 / 45 * np.exp(x) for x in (-0.811707, -1.667472, 0.044058)], rel=1e-5
    )


def test_every_result_that_the_rule_shows_has_its_absolute_effect(review, results):
    deaths = finding(review, results["death"])
    assert list(deaths.effects) == [label for label, _ in results["death"].primary.shown]
    assert deaths.to_frame()["interval"].tolist() == list(deaths.effects)


def test_events_are_counted_per_thousand_patients(review, results):
    serious = finding(review, results["serious-events"])
    (effect,) = serious.effects.values()
    assert effect.baseline == pytest.approx(1000)  # 9 events in 9 patients
    assert effect.treated[0] == pytest.approx(500)  # 2 events in 4 patients


def test_a_generalised_odds_ratio_counts_pairs(review, results):
    shift = finding(review, results["mrs-shift"], widened=True)
    (effect,) = shift.effects.values()
    odds = np.exp(0.140313)
    assert effect.baseline == pytest.approx(500)
    assert effect.treated[0] == pytest.approx(1000 * odds / (1 + odds), rel=1e-5)


def test_a_standardized_difference_can_be_read_in_points_where_a_control_group_has_an_sd(review, results):
    motor = finding(review, results["motor-recovery"])
    assert [(scale.trial, scale.outcome, scale.sd) for scale in motor.points] == [("starting-2", "mi-leg", 13.0)]
    assert motor.effects == {}
    assert motor.controls is None


def test_certainty_belongs_to_exactly_the_trials_that_were_judged(review, results):
    assert finding(review, results["death"]).certainty.level == "very low"
    fewer = planned_synthesis(review, "death", sources="primary")
    assert set(fewer.pooled["trial"]) != set(results["death"].pooled["trial"])
    assert finding(review, fewer).certainty is None


def test_a_synthesis_without_judgements_has_no_certainty(review, results):
    silent = dataclasses.replace(review, certainty=review.certainty.iloc[:0])
    assert finding(silent, results["death"]).certainty is None


def test_a_question_without_a_trial_has_no_finding(review, results):
    assert finding(review, results["barthel-95"]) is None
    assert finding(review, results["barthel-95"], widened=True).k == 2


def test_every_body_of_evidence_that_the_book_shows_is_judged(review, results):
    for name, result in results.items():
        for widened in (False, True):
            found = finding(review, result, widened=widened)
            assert found is None or found.certainty is not None, name
