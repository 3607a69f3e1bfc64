"""Change within one group: R's paired t, all signs by hand, published McNemar and regression-to-the-mean examples."""

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
from statsmodels.stats.multitest import multipletests

from helpers.patients.missing import delta_adjusted_difference, delta_adjusted_mean, mean_change_bounds
from helpers.patients.regression_to_the_mean import expected_regression, mee_chua, truncated_normal
from helpers.patients.repeated_change import repeated_change
from helpers.patients.responders import BEST, CARRIED, OBSERVED, WORST, mcnemar, responders
from helpers.patients.signed_rank import signed_rank
from helpers.patients.within import changes_by_visit, holm

ANOREXIA = json.loads((Path(__file__).parents[1] / "oracle" / "repeated_measures.json").read_text())[
    "anorexia_pre_post"
]
# McClave and Dietrich 1988, the example of Mee and Chua 1991 and Ostermann 2008: eight students who repeat a test
BEFORE, AFTER = [45, 52, 63, 68, 57, 55, 60, 59], [49, 50, 70, 71, 53, 61, 62, 67]
nan = np.nan


@pytest.mark.parametrize("group", ["CBT", "Cont", "FT"])
def test_the_paired_t_test_equals_r(group):
    data = pd.DataFrame(ANOREXIA["data"])
    own = data[data["Treat"] == group].reset_index(drop=True)
    scores = pd.DataFrame(
        {"USUBJID": own.index.astype(str), "day": 90, "value": own["Postwt"], "baseline": own["Prewt"]}
    )
    row, expected = changes_by_visit(scores).visits.iloc[0], ANOREXIA["by_group"][group]
    assert row["p"] == pytest.approx(expected["paired_t_p"], rel=1e-9)
    assert row[["n", "change", "change_sd", "mean", "baseline_mean"]].tolist() == pytest.approx(
        [expected[name] for name in ("n", "m_change", "sd_change", "m_post", "m_pre")], rel=1e-11
    )


def test_each_visit_has_the_patients_who_came_to_it():
    scores = pd.DataFrame(
        [
            ["1", 90, 10, 5],
            ["2", 90, nan, 5],
            ["3", 90, 9, 6],
            ["1", 180, 12, 5],
            ["4", 180, 3, nan],
            ["2", 365, nan, 5],
        ],
        columns=["USUBJID", "day", "value", "baseline"],
    )
    result = changes_by_visit(scores)
    assert result.patients == 3
    assert result.visits["day"].tolist() == [90, 180] and result.visits["n"].tolist() == [2, 1]
    assert result.visits["change"].tolist() == [4, 7] and np.isnan(result.visits["p"].tolist()[1])
    with pytest.raises(ValueError, match="patient 1 has two"):
        changes_by_visit(pd.concat([scores, scores.iloc[:1]]))


def test_holm_equals_statsmodels():
    p = np.array([0.01, 0.04, 0.03, 0.5])
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1], rel=1e-12)
    assert np.isnan(holm(np.array([0.02, nan]))[1]) and holm(np.array([0.02, nan]))[0] == 0.02


def test_the_signed_rank_test_without_ties_equals_scipys_exact_one():
    differences = np.array([1.1, -0.4, 2.3, 3.1, -1.7, 0.6, 5.2, 2.9])
    expected = stats.wilcoxon(differences, method="exact")
    assert signed_rank(differences).p == pytest.approx(expected.pvalue, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=9))
def test_the_signed_rank_test_with_ties_counts_all_signs(differences):
    result = signed_rank(differences)
    values = np.array([d for d in differences if d])
    if not values.size:
        assert result.p == 1
        return
    ranks = stats.rankdata(np.abs(values))
    sums = [ranks[np.array(signs)].sum() for signs in itertools.product([False, True], repeat=values.size)]
    observed = ranks[values > 0].sum()
    tails = np.mean(np.array(sums) <= observed), np.mean(np.array(sums) >= observed)
    assert result.p == pytest.approx(min(1, 2 * min(tails)), rel=1e-12)
    assert result.zeros == len(differences) - values.size


def test_a_large_signed_rank_test_is_normal_and_near_the_exact_one():
    differences = np.random.default_rng(4).integers(-9, 11, 400)
    large = signed_rank(differences)
    expected = stats.wilcoxon(differences, method="asymptotic", correction=False)
    assert not large.exact and large.p == pytest.approx(expected.pvalue, rel=1e-9)
    few = differences[:150]
    assert signed_rank(few).p == pytest.approx(stats.wilcoxon(few, method="asymptotic").pvalue, rel=0.02)


def test_mcnemar_equals_the_published_example():
    """Fagerland 2013, airway hyperresponsiveness before and after transplantation (7 and 1 changed): 0.070, mid-p 0.039."""
    exact, middle = mcnemar(7, 1)
    assert (round(exact, 3), round(middle, 3)) == (0.070, 0.039)
    for gained, lost in ((7, 1), (3, 3), (0, 6), (12, 5)):
        expected = statsmodels_mcnemar([[4, gained], [lost, 9]], exact=True).pvalue
        assert mcnemar(gained, lost)[0] == pytest.approx(expected, rel=1e-12)
    assert mcnemar(0, 0) == (1.0, 1.0)


def test_responders_are_bounded_by_what_missing_patients_could_be():
    baseline = [95, 50, 60, 100, 70, nan, 90]
    value = [95, 100, nan, 80, nan, 100, nan]
    result = responders(baseline, value, 95, died=[0, 0, 0, 0, 0, 0, 1])
    assert (result.n_before, result.n_after) == (6, 4)
    assert (result.before.estimate, result.after.estimate) == (2 / 6, 3 / 4)
    table = result.assumptions.set_index("assumption")
    assert table.loc[OBSERVED, ["n", "before", "after", "gained", "lost"]].tolist() == [3, 2, 2, 1, 1]
    assert table.loc[CARRIED, ["n", "after"]].tolist() == [6, 2]
    assert table.loc[[WORST, BEST], "after"].tolist() == [2, 4]
    assert table.loc[WORST, "difference"] <= table.loc[CARRIED, "difference"] <= table.loc[BEST, "difference"]
    assert table.loc[BEST, "gained"] == 3 and table.loc[BEST, "odds_ratio"] == pytest.approx(3)


def test_a_dead_patient_does_not_carry_a_good_baseline_forward():
    alive, dead = (responders([95, 95, 20], [95, nan, 20], 95, died=[0, d, 0]) for d in (0, 1))
    rows = [result.assumptions.set_index("assumption").loc[CARRIED, "after"] for result in (alive, dead)]
    assert rows == [2, 1]


def test_a_low_score_may_be_the_good_one():
    result = responders([3, 2, 4], [1, 2, 1], 1, better="lower")
    assert result.assumptions.loc[0, ["before", "after", "gained"]].tolist() == [0, 2, 2]
    assert result.assumptions.loc[0, "or_high"] == np.inf
    with pytest.raises(ValueError, match="no patient has a score at baseline and"):
        responders([nan, 1], [1, nan], 1)


def test_the_students_of_mee_and_chua():
    """Means 57.375 and 60.375, covariance 54.268 (as published with the R package regtomean); tested at a mean of 60."""
    assert np.cov(BEFORE, AFTER)[0, 1] == pytest.approx(54.268, abs=5e-4)
    result = mee_chua(BEFORE, AFTER, [60.0, 75.0])
    line = stats.linregress(np.array(BEFORE) - 60, AFTER)
    row = result.by_mean.iloc[0]
    assert row["effect"] == pytest.approx(line.intercept - 60, rel=1e-10)
    assert row["se"] == pytest.approx(line.intercept_stderr, rel=1e-10)
    assert row["p"] == pytest.approx(2 * stats.t.sf(abs(line.intercept - 60) / line.intercept_stderr, 6), rel=1e-9)
    assert row["effect"] + row["regression"] == pytest.approx(3.0, rel=1e-12)


def test_at_the_baseline_mean_nothing_regresses():
    result = mee_chua(BEFORE, AFTER, [57.375])
    assert result.by_mean.loc[0, "effect"] == pytest.approx(result.change, rel=1e-12)


def test_the_ranges_end_where_the_interval_reaches_zero():
    rng = np.random.default_rng(8)
    before = rng.normal(50, 10, 40)
    for gain in (0.0, 8.0):
        after = 60 + 0.6 * (before - 60) + gain + rng.normal(0, 4, 40)
        result = mee_chua(before, after, np.linspace(0, 120, 241))
        inside = np.zeros(241, dtype=bool)
        for low, high in result.ranges:
            inside |= (result.by_mean["population_mean"] >= low) & (result.by_mean["population_mean"] <= high)
        holds_zero = (result.by_mean["ci_low"] <= 0) & (result.by_mean["ci_high"] >= 0)
        assert inside.tolist() == holds_zero.tolist() and holds_zero.any()


def test_a_change_that_only_regresses_has_no_effect_at_the_true_mean():
    rng = np.random.default_rng(9)
    people = rng.normal(70, 15, 20_000)
    first, second = people + rng.normal(0, 7, people.size), people + rng.normal(0, 7, people.size)
    low = first < 55
    result = mee_chua(first[low], second[low], [70.0])
    assert result.change > 2
    assert abs(result.by_mean.loc[0, "t"]) < 3
    reliability = 15**2 / (15**2 + 7**2)
    expected = expected_regression(70, np.hypot(15, 7), 55, reliability, side="below")
    assert expected == pytest.approx(result.change, rel=0.05)


def test_expected_regression_is_the_mean_of_a_truncated_normal():
    above = (1 - 0.8) * (10 - stats.truncnorm(0.5, np.inf, 10, 4).mean())
    assert expected_regression(10, 4, 12, 0.8) == pytest.approx(above, rel=1e-9)
    below = (1 - 0.8) * (10 - stats.truncnorm(-np.inf, -0.5, 10, 4).mean())
    assert expected_regression(10, 4, 8, 0.8, side="below") == pytest.approx(below, rel=1e-9)
    assert expected_regression(10, 4, 12, 1.0) == 0
    with pytest.raises(ValueError, match="reliability"):
        expected_regression(10, 4, 12, 1.2)


def test_delta_zero_is_the_observed_mean_and_a_large_delta_tips_it():
    observed = np.array([5, 8, 10, 0, 15, 20, 5, 10, 0, 5.0])
    result = delta_adjusted_mean(observed, 3, [0, -5, -10])
    t = stats.ttest_1samp(observed, 0).confidence_interval()
    first = result.by_delta.iloc[0]
    assert (first["estimate"], first["ci_low"], first["ci_high"]) == pytest.approx((observed.mean(), t.low, t.high))
    assert result.by_delta["estimate"].tolist() == pytest.approx([7.8, 7.8 - 15 / 13, 7.8 - 30 / 13])
    tipped = delta_adjusted_mean(observed, 3, [result.tipping]).by_delta.iloc[0]
    assert result.tipping < 0 and tipped["ci_low"] == pytest.approx(0, abs=1e-9)
    assert np.isnan(delta_adjusted_mean(observed, 0, [0]).tipping)
    assert np.isnan(delta_adjusted_mean([-1, 1.0, 2], 3, [0]).tipping)


def test_the_variance_of_a_delta_is_that_of_a_share_that_was_estimated():
    observed, delta, missing = np.random.default_rng(3).normal(5, 2, 300), -4.0, 100
    se = delta_adjusted_mean(observed, missing, [delta]).by_delta.loc[0, "se"]
    rng = np.random.default_rng(6)
    means = []
    for _ in range(4000):
        absent = rng.binomial(400, 0.25)
        means.append(rng.normal(5, 2, 400 - absent).mean() + delta * absent / 400)
    assert se == pytest.approx(np.std(means), rel=0.05)


def test_two_arms_with_the_same_share_missing_cancel_a_common_delta():
    first, second = np.array([5.0, 9, 7, 11]), np.array([2.0, 4, 6, 1])
    both = delta_adjusted_difference(first, 2, second, 2, [-6], arms="both").by_delta.iloc[0]
    assert both["estimate"] == pytest.approx(first.mean() - second.mean())
    one = delta_adjusted_difference(first, 2, second, 2, [-6]).by_delta.iloc[0]
    assert one["estimate"] == pytest.approx(first.mean() - second.mean() - 2)
    tipping = delta_adjusted_difference(first, 2, second, 2, [0]).tipping
    tipped = delta_adjusted_difference(first, 2, second, 2, [tipping]).by_delta.iloc[0]
    assert min(abs(tipped["ci_low"]), abs(tipped["ci_high"])) == pytest.approx(0, abs=1e-9)


def test_no_score_on_the_scale_leaves_the_bounds():
    baseline, value = [50, 70, 90, nan], [60, nan, 100, 30]
    low, high = mean_change_bounds(baseline, value, 0, 100)
    assert (low, high) == ((10 - 70 + 10) / 3, (10 + 30 + 10) / 3)


def test_the_repeated_measures_model_of_complete_data_gives_the_paired_t_tests():
    rng = np.random.default_rng(12)
    start = rng.normal(60, 20, 30)
    wide = np.column_stack([start, start + rng.normal(6, 10, 30), start + rng.normal(9, 14, 30)])
    scores = pd.DataFrame(
        {"USUBJID": np.repeat(np.arange(30), 3).astype(str), "day": np.tile([0, 180, 365], 30), "value": wide.ravel()}
    )
    result = repeated_change(scores)
    for row, column in zip(result.changes.itertuples(), (1, 2), strict=True):
        paired = stats.ttest_rel(wide[:, column], wide[:, 0])
        assert row.estimate == pytest.approx((wide[:, column] - wide[:, 0]).mean(), rel=1e-8)
        assert row.df == pytest.approx(29, rel=1e-4)
        assert row.p == pytest.approx(paired.pvalue, rel=1e-4)
    change = wide[:, 1:] - wide[:, [0]]  # Hotelling's T2 of the changes
    t2 = 30 * change.mean(axis=0) @ np.linalg.solve(np.cov(change.T), change.mean(axis=0))
    assert pytest.approx(t2 / 2, rel=1e-4) == result.any_change.F


def test_patients_who_miss_a_visit_still_count_in_the_model():
    rng = np.random.default_rng(13)
    start = rng.normal(60, 20, 25)
    frames = [pd.DataFrame({"USUBJID": np.arange(25).astype(str), "day": day, "value": start + rng.normal(gain, 5, 25)})
              for day, gain in ((0, 0), (90, 4), (180, 8))]  # fmt: skip
    scores = pd.concat(frames, ignore_index=True)
    scores.loc[(scores["day"] == 180) & scores["USUBJID"].isin(["1", "2", "3"]), "value"] = nan
    result = repeated_change(scores)
    assert result.changes["n"].tolist() == [25, 22] and result.patients == 25
    assert result.covariance == "unstructured" and result.refused == {}
    with pytest.raises(ValueError, match="baseline"):
        repeated_change(scores[scores["day"] > 0])


def test_a_covariance_that_can_not_be_estimated_gives_way_to_a_simpler_one():
    scores = pd.DataFrame({"USUBJID": ["1", "2", "1", "2", "3", "4", "3", "4"], "day": [0, 0, 90, 90, 0, 0, 180, 180],
                           "value": [50.0, 40, 60, 45, 70, 30, 75, 45]})  # fmt: skip
    result = repeated_change(scores)
    assert result.covariance == "compound-symmetry" and "unstructured" in result.refused


@pytest.mark.parametrize("side", ["above", "below"])
def test_the_population_behind_a_cut_off_gives_back_mean_and_variance(side):
    people = np.random.default_rng(14).normal(8, 4, 5000)
    seen = people[people >= 6] if side == "above" else people[people <= 10]
    mean, sd = truncated_normal(seen, 6 if side == "above" else 10, side)
    assert (mean, sd) == pytest.approx((8, 4), abs=0.5)
    limits = ((6 - mean) / sd, np.inf) if side == "above" else (-np.inf, (10 - mean) / sd)
    fitted = stats.truncnorm(*limits, mean, sd)
    assert (fitted.mean(), fitted.var()) == pytest.approx((seen.mean(), seen.var()), rel=1e-7)


def test_a_tail_that_no_normal_population_has_is_refused():
    with pytest.raises(ValueError, match="tail"):
        truncated_normal([6, 6, 6, 6, 40], 6)
    with pytest.raises(ValueError, match="other side"):
        truncated_normal([5, 7, 8, 9], 6)
