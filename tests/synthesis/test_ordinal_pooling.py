"""Ordinal pooling against R's clm, coin and metafor: every table and the pooled windows of ordinal_mrs.json."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle_cases import ORACLE
from scipy.special import chdtri

from helpers import effects
from helpers.synthesis import one_stage, proportional_odds, stratified_wilcoxon, two_stage

STORED = json.loads((ORACLE / "ordinal_mrs.json").read_text())
TABLES = STORED["tables"]
LEES = [TABLES[name] for name in TABLES if name.startswith("lees")]
TREATED, CONTROL = [table["treated"] for table in LEES], [table["control"] for table in LEES]
POOLED = STORED["lees_pooled"]


@pytest.fixture(params=TABLES)
def table(request):
    return TABLES[request.param]


@pytest.fixture(params=TABLES)
def name(request):
    return request.param


def test_the_proportional_odds_model_equals_clm(table):
    clm, fit = table["clm"], proportional_odds(table["treated"], table["control"])
    assert (fit.estimate, fit.se, fit.p) == pytest.approx((-clm["coef"], clm["se"], clm["wald_p"]), rel=1e-10)
    assert fit.log_likelihood == pytest.approx(clm["logLik"], rel=1e-12)
    assert (fit.lrt, fit.lrt_p) == pytest.approx((clm["lrt"], clm["lrt_p"]), rel=1e-9)
    assert fit.thresholds == pytest.approx(clm["thresholds"], rel=1e-10)
    assert np.exp([fit.ci_low, fit.ci_high]) == pytest.approx(clm["or_benefit_wald_ci"], rel=1e-10)
    assert np.exp(fit.estimate) == pytest.approx(clm["common_or_benefit"], rel=1e-10)


def test_the_model_equals_polr_to_the_digits_polr_has(table):
    polr, fit = table["polr"], proportional_odds(table["treated"], table["control"])
    assert (fit.estimate, fit.se) == pytest.approx((-polr["coef"], polr["se"]), rel=1e-6)
    assert -2 * fit.log_likelihood == pytest.approx(polr["deviance"], rel=1e-10)


def test_the_probit_model_equals_clm(table):
    fit = proportional_odds(table["treated"], table["control"], link="probit")
    assert (fit.estimate, fit.se) == pytest.approx((-table["clm_probit"]["coef"], table["clm_probit"]["se"]), rel=1e-10)


def test_the_test_of_proportional_odds_equals_clm(name):
    expected = TABLES[name]["proportional_odds_lrt"]
    fit = proportional_odds(TABLES[name]["treated"], TABLES[name]["control"])
    rel = 1e-9 if expected["converged"] else 1e-6  # clm stops on its way to infinite thresholds where levels are empty
    assert (fit.odds_lrt, fit.odds_df, fit.odds_p) == pytest.approx(
        (expected["lrt"], expected["df"], expected["pvalue"]), rel=rel
    )


def test_the_profile_limits_equal_clms_interpolated_ones(table):
    fit = proportional_odds(table["treated"], table["control"])
    assert (fit.profile_low, fit.profile_high) == pytest.approx(
        sorted(-x for x in table["clm"]["profile_ci"]), abs=1e-4
    )


def test_the_profile_limits_are_where_the_likelihood_has_fallen_by_the_quantile():
    treated, control = [12, 8], [7, 13]
    fit = proportional_odds(treated, control)

    def highest(log_or):  # two levels: binomials with logits t + log_or and t
        t = np.linspace(-6, 4, 200_001)
        return (12 * (t + log_or) - 20 * np.logaddexp(0, t + log_or) + 7 * t - 20 * np.logaddexp(0, t)).max()

    for limit in (fit.profile_low, fit.profile_high):
        assert 2 * (fit.log_likelihood - highest(limit)) == pytest.approx(chdtri(1, 0.05), rel=1e-6)


def test_win_odds_and_cut_scales_equal_rs(table):
    for ties in ("split", "dropped"):
        expected = table[f"win_odds_ties_{ties}"]
        odds = effects.generalized_odds_ratio(table["treated"], table["control"], ties=ties)
        assert np.exp(odds.interval()) == pytest.approx(expected["ci"], rel=1e-11)
        assert np.exp(odds.yi) == pytest.approx(expected["odds"], rel=1e-11)
    measures = {"or": effects.log_odds_ratio, "rr": effects.log_risk_ratio, "rd": effects.risk_difference}
    for cut in table["dichotomised"].values():
        counts = (cut["treated"], cut["n_treated"], cut["control"], cut["n_control"])
        for measure, function in measures.items():
            effect, prefix = function(*counts), "" if measure == "rd" else "log_"
            expected = (cut[f"{prefix}{measure}"], cut[f"v_{prefix}{measure}"])
            assert (effect.yi, effect.vi) == pytest.approx(expected, rel=1e-11, abs=1e-15)
        assert effects.fisher_p(*counts) == pytest.approx(cut["fisher_p"], rel=1e-9)


@pytest.mark.parametrize(
    ("thresholds", "key"), [("trial", "one_stage_stratified_thresholds"), ("shared", "one_stage_shared_thresholds")]
)
def test_one_stage_pooling_equals_clm(thresholds, key):
    fit, expected = one_stage(TREATED, CONTROL, thresholds=thresholds), POOLED[key]
    assert (fit.estimate, fit.se) == pytest.approx((-expected["coef"], expected["se"]), rel=1e-10)
    assert fit.log_likelihood == pytest.approx(expected["logLik"], rel=1e-12)


def test_the_test_of_one_odds_ratio_in_all_trials_equals_clms_interaction():
    test, expected = one_stage(TREATED, CONTROL, thresholds="shared").heterogeneity, POOLED["interaction"]
    assert (test.statistic, test.df, test.p) == pytest.approx(
        (expected["lrt"], expected["df"], expected["p"]), rel=1e-8
    )


@pytest.mark.parametrize(
    ("measure", "key"), [("common odds ratio", "two_stage_log_or_benefit"), ("win odds", "two_stage_log_win_odds")]
)
def test_two_stage_pooling_equals_metafors(measure, key):
    expected = POOLED[key]
    for method, test, fields in (
        ("EE", "z", {"estimate": "estimate", "se": "se"}),
        ("REML", "z", {"estimate": "estimate", "se": "se", "tau2": "tau2", "Q": "QE", "Q_p": "QEp"}),
        ("REML", "knha", {"se": "se"}),
    ):
        result = two_stage(TREATED, CONTROL, measure=measure, method=method, test=test)
        stored = expected["REML_knha" if test == "knha" else method]
        for ours, theirs in fields.items():
            assert getattr(result.pooled, ours) == pytest.approx(stored[theirs], rel=1e-9), (method, ours)
    assert (result.pooled.ci_low, result.pooled.ci_high) == pytest.approx(expected["REML_knha"]["ci"], rel=1e-9)
    np.testing.assert_allclose(result.effects.yi, expected["yi"], rtol=1e-11)
    np.testing.assert_allclose(result.effects.vi, expected["vi"], rtol=1e-11)


def test_the_stratified_wilcoxon_equals_coins():
    test, expected = stratified_wilcoxon(TREATED, CONTROL), POOLED["stratified_wilcoxon_coin"]
    assert (test.z, test.p) == pytest.approx((expected["z"], expected["p"]), rel=1e-11)


def test_the_wilcoxon_of_one_trial_equals_coins(table):
    test, expected = stratified_wilcoxon(table["treated"], table["control"]), table["wilcoxon"]["coin_asymptotic"]
    assert (test.z, test.p) == pytest.approx((expected["z"], expected["p"]), rel=1e-11)


def test_the_single_trials_tests_of_proportional_odds_add_up():
    single = [proportional_odds(a, b) for a, b in zip(TREATED, CONTROL, strict=True)]
    for result in (one_stage(TREATED, CONTROL).within_trials, two_stage(TREATED, CONTROL).proportional_odds):
        assert result.statistic == pytest.approx(sum(fit.odds_lrt for fit in single), rel=1e-9)
        assert result.df == sum(fit.odds_df for fit in single)


def test_one_trial_in_one_stage_is_the_single_trial(table):
    alone, fit = (
        proportional_odds(table["treated"], table["control"]),
        one_stage([table["treated"]], [table["control"]]),
    )
    assert (fit.estimate, fit.se) == pytest.approx((alone.estimate, alone.se), rel=1e-8)
    assert fit.heterogeneity.df == 0
    if fit.proportional_odds.df == alone.odds_df and not np.isnan(fit.proportional_odds.statistic):
        assert fit.proportional_odds.statistic == pytest.approx(alone.odds_lrt, rel=1e-6)


def test_two_levels_leave_nothing_to_test():
    fit = one_stage([[12, 8], [5, 9]], [[7, 13], [4, 9]])
    assert (fit.proportional_odds.df, fit.proportional_odds.p) == (0, 1.0)


def test_trials_with_different_empty_levels_fit():
    fit = one_stage([[5, 0, 3], [2, 4, 6]], [[3, 0, 5], [4, 2, 2]])
    assert fit.ci_low < fit.estimate < fit.ci_high
    assert fit.within_trials.df == 1


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.integers(1, 20), min_size=4, max_size=4), min_size=4, max_size=4))
def test_swapping_the_groups_turns_the_one_stage_estimate(rows):
    there, back = one_stage(rows[:2], rows[2:]), one_stage(rows[2:], rows[:2])
    turned = one_stage([row[::-1] for row in rows[:2]], [row[::-1] for row in rows[2:]], better="higher")
    assert (there.estimate, there.se) == pytest.approx((-back.estimate, back.se), rel=1e-6, abs=1e-8)
    assert there.estimate == pytest.approx(turned.estimate, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ([5, 3, 0], [0, 2, 4], "do not overlap"),
        ([5, -1], [3, 2], "must not be negative"),
        ([0, 0], [1, 2], "must have patients"),
    ],
)
def test_tables_that_can_not_be_fitted_are_refused(first, second, message):
    with pytest.raises(ValueError, match=message):
        proportional_odds(first, second)
