"""From the shipped evidence to effect sizes: the numbers of the trials' own reports."""

import dataclasses
from statistics import NormalDist

import numpy as np
import pytest

from helpers import evidence
from helpers.effects.arm_events import event_rates, event_shares
from helpers.effects.trial_effects import trial_effects, usable


@pytest.fixture(scope="module")
def review():
    return evidence.load()


@pytest.fixture(scope="module")
def effects(review):
    return trial_effects(review)


def one(effects, **where):
    chosen = effects
    for column, value in where.items():
        chosen = chosen[chosen[column] == value]
    assert len(chosen) == 1, f"{len(chosen)} rows for {where}"
    return chosen.iloc[0]


def test_means_and_sds_give_hedges_g(effects):
    leg = one(effects, trial="starting-2", outcome="mi-leg", measure="SMD")
    assert leg["yi"] == pytest.approx(0.560921, abs=5e-7)
    assert leg["vi"] == pytest.approx(0.095221, abs=5e-7)
    assert leg["kind"] == "secondary"


def test_a_reported_p_and_its_direction_give_hedges_g(effects):
    motor = one(effects, trial="isis-hermes", outcome="fma-motor", measure="SMD")
    assert motor["yi"] == pytest.approx(0.809654, abs=5e-7)


def test_a_lower_better_scale_is_turned_so_that_higher_favours_the_cells(review, effects):
    assert review.outcomes.at["motor-nihss", "direction"] == "lower"
    assert one(effects, trial="isis-hermes", outcome="motor-nihss", measure="SMD")["yi"] > 0


def test_counts_of_events_give_a_rate_ratio(effects):
    events = one(effects, trial="isis-hermes", outcome="ae", visit="6 months")
    half = NormalDist().inv_cdf(0.975) * np.sqrt(1 / 10 + 1 / 12)
    assert events["estimate"] == pytest.approx((10 / 16) / (12 / 15))
    assert events["ci_low"] == pytest.approx(0.78125 * np.exp(-half))
    assert events["ci_high"] == pytest.approx(0.78125 * np.exp(half))


def test_level_counts_give_the_generalised_odds_and_the_dichotomies(effects):
    shift = one(effects, trial="treasure", outcome="mrs", visit="day 90")
    assert shift["estimate"] == pytest.approx(1.150634, abs=5e-7)
    worst = one(effects, trial="treasure", outcome="mrs-4-6", visit="day 90", measure="RR")
    assert worst["estimate"] == pytest.approx((55 / 104) / (62 / 102))
    assert "counted" in worst["route"]


def test_several_experimental_arms_are_combined(effects):
    row = one(effects, trial="actissima", outcome="fma-motor-10", measure="RR")
    assert row["estimate"] == pytest.approx(((7 + 9) / (55 + 56)) / (7 / 52))


def test_a_comparison_without_events_is_marked(effects):
    assert one(effects, trial="moniche-2012", outcome="death", measure="RR")["no_events"]
    assert not one(effects, trial="starting-2010", outcome="death", measure="RR")["no_events"]


def test_single_arm_trials_give_no_comparison(review, effects):
    single = {trial.id for trial in review.trials.values() if trial.design == "single-arm"}
    assert single
    assert not single & set(effects["trial"])


def test_primary_sources_leave_secondary_and_derived_numbers_out(review):
    primary = trial_effects(review, sources="primary")
    assert set(primary["kind"]) <= {"primary", "registry"}
    leg = one(primary, trial="starting-2", outcome="mi-leg")
    assert leg["route"].startswith("reported p")
    assert primary[primary["trial"] == "masters"].empty


def test_an_unknown_source_word_is_refused(review):
    with pytest.raises(ValueError, match="'gossip'"):
        usable(review.results, "gossip")


def test_a_p_value_without_direction_gives_no_effect(review, effects):
    mrs = review.results[(review.results["trial"] == "starting-2") & (review.results["outcome"] == "mrs")]
    assert (mrs["statistic"] == "p").any()
    assert effects[(effects["trial"] == "starting-2") & (effects["outcome"] == "mrs")].empty


def test_an_inequality_is_not_taken_for_a_p_value(review):
    changed = review.results.copy()
    own = (changed["trial"] == "isis-hermes") & (changed["outcome"] == "fma-motor") & (changed["statistic"] == "p")
    changed.loc[own, "qualifier"] = "<"
    effects = trial_effects(dataclasses.replace(review, results=changed))
    assert effects[(effects["trial"] == "isis-hermes") & (effects["outcome"] == "fma-motor")].empty


def test_the_level_widens_the_limits(review, effects):
    wide = trial_effects(review, level=0.99)
    assert (wide["ci_high"] - wide["ci_low"] > effects["ci_high"] - effects["ci_low"]).all()


def test_ratios_are_shown_on_their_own_scale(effects):
    ratios = effects[effects["measure"] == "RR"]
    assert np.allclose(np.log(ratios["estimate"]), ratios["yi"].astype(float))


def test_no_related_serious_event_in_36_leaves_up_to_eight_percent(review):
    shares = event_shares(review, side="upper")
    levy = one(shares, trial="levy-2019", outcome="sae-related", arm="msc")
    assert (levy["events"], levy["n"]) == (0, 36)
    assert levy["ci_high"] == pytest.approx(0.07985, abs=5e-6)


def test_deaths_are_counted_from_the_worst_level_of_the_scale(review):
    deaths = event_shares(review)
    row = deaths[(deaths["trial"] == "treasure") & (deaths["outcome"] == "death") & (deaths["day"] == 365)]
    assert sorted(zip(row["events"], row["n"], strict=True)) == [(10, 102), (13, 104)]


def test_event_rates_are_per_patient(review):
    rates = event_rates(review)
    row = one(rates, trial="isis-hermes", outcome="ae", arm="msc", visit="2 years")
    assert row["estimate"] == pytest.approx(16 / 16)
    assert row["ci_low"] < 1 < row["ci_high"]


def changed(review, trial, outcome, **columns):
    """The review with some cells of one trial's outcome set anew."""
    results = review.results.copy()
    own = (results["trial"] == trial) & (results["outcome"] == outcome)
    for (statistic, column), value in columns.pop("cells").items():
        results.loc[own & (results["statistic"] == statistic), column] = value
    return dataclasses.replace(review, results=results)


def test_a_mirrored_comparison_keeps_its_meaning(review, effects):
    results = review.results.copy()
    own = (results["trial"] == "isis-hermes") & (results["outcome"] == "fma-motor") & (results["comparator"] != "")
    results.loc[own, ["arm", "comparator"]] = results.loc[own, ["comparator", "arm"]].to_numpy()
    results.loc[own & (results["statistic"] == "direction"), "value"] = -1
    mirrored = trial_effects(dataclasses.replace(review, results=results))
    where = {"trial": "isis-hermes", "outcome": "fma-motor", "measure": "SMD"}
    assert one(mirrored, **where)["yi"] == one(effects, **where)["yi"] > 0


def test_a_direction_against_the_cells_gives_a_negative_effect(review):
    against = changed(review, "isis-hermes", "fma-motor", cells={("direction", "value"): -1})
    row = one(trial_effects(against), trial="isis-hermes", outcome="fma-motor", measure="SMD")
    assert row["yi"] == pytest.approx(-0.809654, abs=5e-7)


def test_half_steps_of_a_scale_keep_every_patient(review):
    outcomes = review.outcomes.copy()
    outcomes.loc["mrs", ["max", "step"]] = [3.0, 0.5]
    results = review.results.copy()
    counts = (results["trial"] == "treasure") & (results["statistic"] == "count")
    results.loc[counts, "level"] = (results.loc[counts, "level"].astype(float) / 2).astype(str)
    halved = trial_effects(dataclasses.replace(review, outcomes=outcomes, results=results))
    row = one(halved, trial="treasure", outcome="mrs", visit="day 90")
    assert row["estimate"] == pytest.approx(1.150634, abs=5e-7)
    assert row["inputs"] == "5 9 20 15 31 18 6 v 3 8 12 17 39 20 3"


def test_the_kind_is_that_of_the_numbers_used(review):
    results = review.results.copy()
    other = (
        (results["trial"] == "starting-2010") & (results["outcome"] == "death") & (results["statistic"] == "percent")
    )
    results.loc[other, "kind"] = "derived"
    row = one(
        trial_effects(dataclasses.replace(review, results=results)),
        trial="starting-2010",
        outcome="death",
        measure="RR",
    )
    assert row["kind"] == "primary"


def test_a_review_whose_trials_allow_no_effect_gives_an_empty_frame(review):
    alone = {"levy-2019": review.trials["levy-2019"]}
    results = review.results[review.results["trial"] == "levy-2019"]
    effects = trial_effects(dataclasses.replace(review, trials=alone, results=results))
    assert effects.empty
    assert effects["no_events"].dtype == bool


def test_each_effect_carries_the_numbers_it_was_worked_out_from(effects):
    deaths = one(effects, trial="starting-2010", outcome="death", measure="RR")
    assert (deaths["ai"], deaths["n1i"], deaths["ci"], deaths["n2i"]) == (4, 16, 21, 36)
    counted = one(effects, trial="treasure", outcome="death", measure="RR", day=365)
    assert (counted["ai"], counted["ci"]) == (13, 10)
    leg = one(effects, trial="starting-2", outcome="mi-leg", measure="SMD")
    assert (leg["m1i"], leg["sd1i"], leg["m2i"], leg["sd2i"]) == (14.8, 23.8, 2.6, 13.0)
    events = one(effects, trial="amascis-01", outcome="sae", measure="IRR")
    assert (events["x1i"], events["x2i"]) == (2, 9)
    assert np.isnan(events["ai"])
