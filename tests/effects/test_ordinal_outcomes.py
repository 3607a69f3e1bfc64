"""Ordinal outcomes against R's clm, wilcox.test and the win odds."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import effects

TABLES = json.loads((Path(__file__).parents[1] / "oracle" / "ordinal_mrs.json").read_text())["tables"]
counts = st.lists(st.integers(0, 30), min_size=7, max_size=7).filter(lambda c: sum(c) > 0)


@pytest.fixture(params=TABLES)
def table(request):
    return TABLES[request.param]


def test_probability_of_better(table):
    expected = table["win_odds_ties_split"]["probability_win"]
    assert effects.probability_of_better(table["treated"], table["control"]) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("ties", ["split", "dropped"])
def test_generalised_odds(table, ties):
    expected = table[f"win_odds_ties_{ties}"]
    effect = effects.generalized_odds_ratio(table["treated"], table["control"], ties=ties)
    assert effect.yi == pytest.approx(expected["log_odds"], rel=1e-11)
    assert effect.sei == pytest.approx(expected["se_log_odds"], rel=1e-11)
    assert effect.p() == pytest.approx(expected["pvalue"], rel=1e-11)


def test_wilcoxon_p(table):
    expected = table["wilcoxon"]["p_uncorrected"]
    assert effects.wilcoxon_p(table["treated"], table["control"]) == pytest.approx(expected, rel=1e-11)


def test_common_odds_ratio(table):
    clm = table["clm"]
    effect = effects.common_odds_ratio(table["treated"], table["control"])
    assert effect.yi == pytest.approx(-clm["coef"], rel=1e-11)
    assert effect.sei == pytest.approx(clm["se"], rel=1e-11)
    assert effect.p() == pytest.approx(clm["wald_p"], rel=1e-10)
    np.testing.assert_allclose(np.exp(effect.interval()), clm["or_benefit_wald_ci"], rtol=1e-10)


def test_a_two_level_scale_gives_the_odds_ratio():
    ordinal, table = effects.common_odds_ratio([12, 8], [7, 13]), effects.log_odds_ratio(12, 20, 7, 20)
    assert (ordinal.yi, ordinal.vi) == pytest.approx((table.yi, table.vi), rel=1e-12)


@given(counts, counts)
def test_the_two_groups_share_the_pairs(first, second):
    there, back = effects.probability_of_better(first, second), effects.probability_of_better(second, first)
    assert there + back == pytest.approx(1, rel=1e-12)


@given(counts, counts)
def test_turning_the_scale_and_the_better_end_changes_nothing(first, second):
    turned = effects.generalized_odds_ratio(first[::-1], second[::-1], better="higher")
    effect = effects.generalized_odds_ratio(first, second)
    np.testing.assert_allclose([turned.yi, turned.vi], [effect.yi, effect.vi], rtol=1e-11, atol=1e-13)


@settings(max_examples=50)
@given(counts, counts)
def test_swapping_the_groups_turns_the_sign(first, second):
    for measure in (effects.generalized_odds_ratio, effects.common_odds_ratio):
        try:
            there, back = measure(first, second), measure(second, first)
        except ValueError as refusal:
            assert "do not overlap" in str(refusal)
            continue
        np.testing.assert_allclose([there.yi, there.vi], [-back.yi, back.vi], rtol=1e-7, atol=1e-9)


def test_several_trials_at_once_equal_each_alone():
    first, second = [[5, 9, 20], [1, 4, 4]], [[3, 8, 12], [2, 2, 7]]
    together = effects.generalized_odds_ratio(first, second)
    alone = [effects.generalized_odds_ratio(a, b) for a, b in zip(first, second, strict=True)]
    np.testing.assert_allclose(together.yi, [effect.yi for effect in alone], rtol=1e-14)
    np.testing.assert_allclose(together.vi, [effect.vi for effect in alone], rtol=1e-14)


def test_generalised_odds_of_groups_apart_are_not_defined():
    assert np.isnan(effects.generalized_odds_ratio([5, 3, 0], [0, 0, 4]).yi)


@pytest.mark.parametrize(("first", "second"), [([5, 3, 0], [0, 2, 4]), ([0, 4, 0], [0, 6, 0])])
def test_a_common_odds_ratio_of_groups_apart_is_refused(first, second):
    with pytest.raises(ValueError, match="do not overlap"):
        effects.common_odds_ratio(first, second)


def test_patients_all_alike_give_a_wilcoxon_p_of_one():
    assert effects.wilcoxon_p([0, 5, 0], [0, 7, 0]) == 1
