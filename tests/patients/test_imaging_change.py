"""Changes within and between arms, improvement ratios, permutation and correlation, beside closed forms and scipy."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from helpers.patients.association import association
from helpers.patients.group_change import group_change
from helpers.patients.improvement import improvement_ratio
from helpers.patients.permutation import EXACT_UP_TO, SEED, permutation_p

BEFORE = [0.42, 0.44, 0.47, 0.40, np.nan, 0.45, 0.43, 0.41]
AFTER = [0.43, 0.44, 0.49, 0.41, 0.40, 0.42, 0.39, 0.38]
TREATED = [True, True, True, True, True, False, False, False]


def test_the_improvement_ratio_is_the_share_of_the_possible_gain():
    found = improvement_ratio([20, 66, 100, 40, np.nan], [60, 66, 100, 30, 50], 100)
    np.testing.assert_allclose(found, [0.5, 0.0, np.nan, -1 / 6, np.nan])
    np.testing.assert_allclose(improvement_ratio([12, 0], [3, 0], 0), [0.75, np.nan])  # lower is better
    with pytest.raises(ValueError, match=r"after\[1\]: must not lie beyond"):
        improvement_ratio([20, 66], [60, 101], 100)


def test_a_patient_at_the_ceiling_has_no_ratio_even_when_he_lost():
    assert np.isnan(improvement_ratio([100.0], [90.0], 100)[0])


def test_change_within_and_between_arms_agrees_with_scipy():
    found = group_change(BEFORE, AFTER, TREATED)
    first, second = (np.array(AFTER) - np.array(BEFORE))[:4], (np.array(AFTER) - np.array(BEFORE))[5:]
    assert found.within["n"].tolist() == [4, 3]
    paired = stats.ttest_rel(AFTER[:4], BEFORE[:4])
    assert found.within["p"][0] == pytest.approx(paired.pvalue)
    interval = paired.confidence_interval()
    assert found.within.loc[0, ["ci_low", "ci_high"]].tolist() == pytest.approx([interval.low, interval.high])
    welch = stats.ttest_ind(first, second, equal_var=False)
    assert found.between.welch_p == pytest.approx(welch.pvalue)
    assert found.between.difference == pytest.approx(first.mean() - second.mean())
    pooled = np.sqrt((3 * first.var(ddof=1) + 2 * second.var(ddof=1)) / 5)
    j = 0.8407487  # Gamma(5/2) / (sqrt(5/2) Gamma(2)), Hedges 1981
    assert found.between.hedges_g.yi == pytest.approx(j * (first.mean() - second.mean()) / pooled, rel=1e-6)
    assert found.permutation.exact and found.permutation.arrangements == 35
    assert found.permutation.p == pytest.approx(1 / 35)  # no other way parts the groups as far


def test_an_arm_of_one_patient_leaves_nothing_to_compare():
    found = group_change(BEFORE[:6], AFTER[:6], TREATED[:6])
    assert found.between is None and found.permutation is None
    assert found.within["n"].tolist() == [4, 1]
    assert np.isnan(found.within["p"][1])
    with pytest.raises(ValueError, match="length"):
        group_change([1, 2], [1], [True, False])


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 6), min_size=4, max_size=9), st.integers(2, 7))
def test_the_exact_permutation_p_counts_every_arrangement(values, size):
    size = min(size, len(values) - 2)
    x = np.array(values, dtype=float)
    apart = [
        abs(x[list(chosen)].mean() - np.delete(x, list(chosen)).mean()) for chosen in combinations(range(len(x)), size)
    ]
    expected = np.mean(np.array(apart) >= apart[0] - 1e-9)
    found = permutation_p(x[:size], x[size:])
    assert found.exact and found.p == pytest.approx(expected)


def test_many_arrangements_are_sampled_with_a_stated_seed_and_repeatably():
    random = np.random.default_rng(5)
    first, second = random.normal(0.5, 1, 31), random.normal(0, 1, 13)
    found = permutation_p(first, second)
    assert (found.exact, found.arrangements, found.seed) == (False, 9_999, SEED)
    assert found == permutation_p(first, second)
    welch = stats.ttest_ind(first, second, equal_var=False).pvalue
    assert found.p == pytest.approx(welch, abs=0.05)
    assert permutation_p(first + 100, second).p == pytest.approx(1 / 10_000)  # the observed one is counted
    assert permutation_p(np.arange(9.0), np.arange(9.0)).arrangements == 48_620 < EXACT_UP_TO
    with pytest.raises(ValueError, match="both groups"):
        permutation_p([2.0, 3.0], [1.0])


def test_correlations_agree_with_scipy_and_their_limits_with_fishers_z():
    x, y = [0.1, 0.2, 0.4, 0.3, np.nan, 0.9], [1.0, 3.0, 2.0, 4.0, 5.0, 7.0]
    found = association(x, y)
    kept = [0, 1, 2, 3, 5]
    pearson = stats.pearsonr(np.array(x)[kept], np.array(y)[kept])
    limits = pearson.confidence_interval()
    assert found.pearson.n == 5
    assert (found.pearson.r, found.pearson.p) == pytest.approx((pearson.statistic, pearson.pvalue))
    assert (found.pearson.ci_low, found.pearson.ci_high) == pytest.approx((limits.low, limits.high))
    rho = 1 - 6 * (0 + 1 + 4 + 1 + 0) / (5 * 24)  # Spearman 1904, from the differences of ranks
    assert found.spearman.r == pytest.approx(rho)
    half = 1.959964 * np.sqrt((1 + rho**2 / 2) / 2)
    assert found.spearman.ci_high == pytest.approx(np.tanh(np.arctanh(rho) + half))
    assert found.to_frame()["method"].tolist() == ["Pearson", "Spearman"]


def test_the_correlation_within_groups_is_the_partial_correlation():
    random = np.random.default_rng(6)
    group = np.repeat(["a", "b", "c"], [9, 7, 6])
    x = random.normal(size=22) + (group == "b") * 3
    y = 0.5 * x + random.normal(size=22) + (group == "c") * 4
    found = association(x, y, group=group).within
    dummies = np.column_stack([group == name for name in "abc"]).astype(float)
    residual = [v - dummies @ np.linalg.lstsq(dummies, v, rcond=None)[0] for v in (x, y)]
    assert found.r == pytest.approx(np.corrcoef(*residual)[0, 1])
    # its p is that of the slope in the regression on x and the groups
    full = np.column_stack([dummies, x])
    b, rss, *_ = np.linalg.lstsq(full, y, rcond=None)
    se = np.sqrt(rss[0] / 18 * np.linalg.inv(full.T @ full)[3, 3])
    assert found.p == pytest.approx(2 * stats.t.sf(abs(b[3] / se), 18))


def test_groups_that_differ_in_both_make_a_correlation_that_within_them_is_none():
    x = np.array([1.0, 2, 1, 2, 11, 12, 11, 12])
    y = np.array([1.0, 1, 2, 2, 21, 21, 22, 22])
    found = association(x, y, group=[0] * 4 + [1] * 4)
    assert found.pearson.r > 0.98
    assert found.within.r == pytest.approx(0, abs=1e-12)
    assert association(x, y).within is None


def test_a_correlation_needs_four_patients_and_spread():
    assert association([1, 2, 3], [1, 2, 4]) is None
    assert association([1, 1, 1, 1], [1, 2, 3, 4]) is None
    assert association([1, 2, 3, 4], [1, 2, 3, 4]).pearson.r == 1
