"""Exact intervals, Fisher's test and t tests against R and scipy."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from helpers import effects

ORACLE = Path(__file__).parents[1] / "oracle"
SAFETY = json.loads((ORACLE / "safety_rates.json").read_text())
TABLES = json.loads((ORACLE / "ordinal_mrs.json").read_text())["tables"]


@pytest.mark.parametrize("method", ["clopper-pearson", "wilson", "jeffreys"])
def test_proportion_intervals(method):
    stored = SAFETY["proportions"]
    interval = effects.proportion_interval(stored["x"], stored["n"], method=method)
    expected = np.array(stored[method.replace("-", "_")])
    np.testing.assert_allclose(interval.low, expected[:, 0], rtol=1e-11, atol=1e-15)
    np.testing.assert_allclose(interval.high, expected[:, 1], rtol=1e-11)


def test_one_sided_upper_limits():
    stored = SAFETY["proportions"]
    interval = effects.proportion_interval(stored["x"], stored["n"], side="upper")
    np.testing.assert_allclose(interval.high, stored["one_sided_upper_95"], rtol=1e-11)
    assert (interval.low == 0).all()


def test_poisson_intervals():
    stored = SAFETY["poisson_rates"]
    interval = effects.rate_interval(stored["x"], stored["t"])
    np.testing.assert_allclose(np.column_stack([interval.low, interval.high]), stored["exact"], rtol=1e-11)


def test_a_one_sided_poisson_limit_solves_its_own_equation():
    upper = effects.rate_interval(4, 210, side="upper").high
    assert stats.poisson.cdf(4, upper * 210) == pytest.approx(0.05, rel=1e-10)


def test_fisher_p_of_safety_tables():
    columns = [SAFETY["two_by_two"]["table"][name] for name in ("a", "n1", "b", "n2")]
    expected = [result["fisher_p"] for result in SAFETY["two_by_two"]["results"]]
    np.testing.assert_allclose(effects.fisher_p(*columns), expected, rtol=1e-11)


def test_chi_square_p_of_safety_tables():
    columns = [SAFETY["two_by_two"]["table"][name] for name in ("a", "n1", "b", "n2")]
    expected = [result["chisq_p_uncorrected"] for result in SAFETY["two_by_two"]["results"]]
    expected = [np.nan if p is None else p for p in expected]  # nobody has the event
    np.testing.assert_allclose(effects.chi_square_p(*columns), expected, rtol=1e-11)


@pytest.mark.parametrize("correct", [False, True])
@pytest.mark.parametrize("table", [(0, 33, 2, 31), (17, 39, 10, 15), (12, 60, 4, 58), (5, 10, 6, 12)])
def test_chi_square_p_agrees_with_scipy(table, correct):
    a, n1, c, n2 = table
    expected = stats.chi2_contingency([[a, n1 - a], [c, n2 - c]], correction=correct).pvalue
    assert effects.chi_square_p(*table, correct=correct) == pytest.approx(expected, rel=1e-11)


def test_exact_p_of_rate_ratios():
    stored = SAFETY["rate_ratio"]
    columns = [stored["table"][name] for name in ("x1", "t1", "x2", "t2")]
    np.testing.assert_allclose(effects.rate_ratio_p(*columns), [each["p"] for each in stored["results"]], rtol=1e-11)


def test_rates_without_events_do_not_differ():
    assert effects.rate_ratio_p(0, 10, 0, 20) == 1


def test_a_share_of_an_event_is_refused():
    with pytest.raises(ValueError, match=r"x2i\[1\]: must be a whole number, got 1.5"):
        effects.rate_ratio_p([1, 2], 10, [1, 1.5], 10)


@pytest.mark.parametrize("continuity", [False, True])
@pytest.mark.parametrize("counts", [([3, 4, 5, 1], [1, 2, 5, 6]), ([1, 1], [1, 1]), ([9, 0, 2], [4, 3, 9])])
def test_wilcoxon_p_agrees_with_scipy(counts, continuity):
    groups = [np.repeat(np.arange(len(group)), group) for group in counts]
    expected = stats.mannwhitneyu(*groups, method="asymptotic", use_continuity=continuity).pvalue
    assert effects.wilcoxon_p(*counts, continuity=continuity) == pytest.approx(min(expected, 1), rel=1e-11)


@pytest.mark.parametrize("name", TABLES)
def test_fisher_p_of_every_dichotomy(name):
    for cut in TABLES[name]["dichotomised"].values():
        p = effects.fisher_p(cut["treated"], cut["n_treated"], cut["control"], cut["n_control"])
        assert p == pytest.approx(cut["fisher_p"], rel=1e-10)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize(
    ("measure", "yi", "vi"),
    [
        (effects.log_odds_ratio, "log_or", "v_log_or"),
        (effects.log_risk_ratio, "log_rr", "v_log_rr"),
        (effects.risk_difference, "rd", "v_rd"),
    ],
)
def test_effects_of_every_dichotomy(name, measure, yi, vi):
    for cut in TABLES[name]["dichotomised"].values():
        effect = measure(cut["treated"], cut["n_treated"], cut["control"], cut["n_control"])
        assert effect.yi == pytest.approx(cut[yi], rel=1e-11, abs=1e-14)
        assert effect.vi == pytest.approx(cut[vi], rel=1e-11)


@pytest.mark.parametrize("name", TABLES)
def test_welch_test_of_the_mean_mrs(name):
    stored = TABLES[name]
    groups = [np.repeat(np.arange(7), stored[arm]) for arm in ("control", "treated")]
    test = effects.mean_test(*[x for g in groups for x in (g.mean(), g.std(ddof=1), g.size)])
    expected = stored["mean_mrs"]
    assert (test.statistic, test.df, test.p) == pytest.approx(
        (expected["welch_t"], expected["df"], expected["p"]), rel=1e-11
    )


def test_students_test_agrees_with_scipy():
    expected = stats.ttest_ind_from_stats(14.8, 23.8, 39, 2.6, 13.0, 15)
    test = effects.mean_test(14.8, 23.8, 39, 2.6, 13.0, 15, equal_var=True)
    assert (test.statistic, test.p) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-11)


@pytest.mark.parametrize("sign", [1, -1])
def test_smd_from_p_leads_back_to_the_smd_it_came_from(sign):
    groups = (sign * 3.1, 5.0, 16, 0.0, 4.2, 15)
    p = effects.mean_test(*groups, equal_var=True).p
    expected = effects.standardized_mean_difference(*groups)
    effect = effects.smd_from_p(p, 16, 15, sign)
    assert (effect.yi, effect.vi) == pytest.approx((expected.yi, expected.vi), rel=1e-10)


def test_the_interval_of_a_single_arm_change_is_that_of_the_paired_t_test():
    change = np.array([3.0, 5.5, -1.0, 4.0, 2.5, 8.0])
    interval = effects.raw_mean(change.mean(), change.std(ddof=1), change.size).interval(df=change.size - 1)
    assert interval == pytest.approx(tuple(stats.ttest_1samp(change, 0).confidence_interval(0.95)), rel=1e-11)


def test_combined_arms_have_the_mean_and_sd_of_all_their_patients():
    arms = [np.array([1.0, 4.0, 6.0]), np.array([2.5, 3.5]), np.array([9.0, 7.0, 5.0, 1.0])]
    combined = effects.combine_means([a.size for a in arms], [a.mean() for a in arms], [a.std(ddof=1) for a in arms])
    everyone = np.concatenate(arms)
    assert combined == pytest.approx((9, everyone.mean(), everyone.std(ddof=1)), rel=1e-13)


def test_combined_counts_are_sums():
    assert effects.combine_counts([2, 0, 5], [10, 12, 9]) == (7, 31)
