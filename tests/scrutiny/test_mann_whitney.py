"""The exact Mann-Whitney test, and how small its p can be."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from helpers.scrutiny.mann_whitney import exact_wilcoxon_p, smallest_p


def patients(counts):
    return np.repeat(np.arange(len(counts)), counts)


def test_the_exact_p_without_ties_is_scipys():
    first, second = [0, 2, 3, 7, 8], [1, 4, 5, 6, 9, 10, 11]
    counts = [[int(level in group) for level in range(12)] for group in (first, second)]
    expected = stats.mannwhitneyu(first, second, method="exact").pvalue
    assert exact_wilcoxon_p(*counts) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "counts", [([2, 1, 0, 1], [0, 1, 3, 1]), ([3, 0], [0, 5]), ([1, 1, 1], [2, 2, 2]), ([0, 4, 0], [0, 3, 0])]
)
def test_the_exact_p_with_ties_is_the_share_of_all_splits(counts):
    groups = [patients(each) for each in counts]
    ranks, n1 = stats.rankdata(np.concatenate(groups)), len(groups[0])
    sums = np.array([sum(split) for split in itertools.combinations(ranks, n1)])
    distance = np.abs(sums - n1 * (len(ranks) + 1) / 2)
    observed = abs(ranks[:n1].sum() - n1 * (len(ranks) + 1) / 2)
    assert exact_wilcoxon_p(*counts) == pytest.approx((distance >= observed - 1e-9).mean(), rel=1e-12)


def test_a_hundred_patients_keep_their_digits():
    """With two levels the rank sum is the number at the upper one: hypergeometric."""
    p = stats.hypergeom(100, 40, 50)
    low, high = p.cdf(14), p.sf(25)  # both 6 away from 20
    assert exact_wilcoxon_p([24, 26], [36, 14]) == pytest.approx(low + high, rel=1e-10)


@pytest.mark.parametrize(("n1", "n2"), [(3, 3), (5, 10), (15, 39), (1, 4)])
def test_the_smallest_p_of_each_version(n1, n2):
    found = smallest_p(n1, n2)
    low, high = list(range(n1)), list(range(n1, n1 + n2))
    assert found.exact == pytest.approx(stats.mannwhitneyu(low, high, method="exact").pvalue, rel=1e-10)
    normal = stats.mannwhitneyu(low, high, method="asymptotic", use_continuity=False).pvalue
    assert found.normal == pytest.approx(normal, rel=1e-10)
    assert found.normal_tied == pytest.approx(2 * stats.norm.sf(math.sqrt(n1 + n2 - 1)), rel=1e-10)  # closed form
    assert found.least <= min(found.exact, found.normal, found.normal_tied, exact_wilcoxon_p([n1, 0], [0, n2]))


def test_three_against_three():
    found = smallest_p(3, 3)
    assert found.exact == pytest.approx(0.1)  # 2 of the 20 splits
    assert found.least == found.normal_tied < 0.05


@pytest.mark.parametrize(("n1", "n2"), [(2, 3), (3, 3), (2, 4)])
def test_no_data_set_goes_below_the_smallest_p(n1, n2):
    least = smallest_p(n1, n2).least
    for values in itertools.product(range(3), repeat=n1 + n2):
        counts = [np.bincount(group, minlength=3) for group in (values[:n1], values[n1:])]
        assert exact_wilcoxon_p(*counts) >= least - 1e-12
        if len(set(values)) > 1:
            groups = values[:n1], values[n1:]
            assert stats.mannwhitneyu(*groups, method="asymptotic", use_continuity=False).pvalue >= least - 1e-12


def test_an_empty_group_is_refused():
    with pytest.raises(ValueError, match="n2: must be at least 1, got 0"):
        smallest_p(3, 0)


def test_the_smallest_p_of_large_groups_is_found_at_once():
    assert smallest_p(20_000, 20_000).least == 0.0  # below what a float can hold
    assert smallest_p(400, 400).exact == pytest.approx(2 / math.comb(800, 400), rel=1e-10)
