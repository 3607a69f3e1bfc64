"""An ordinal outcome by arm: R's clm, MASS::polr, wilcox.test and coin on stored tables, and closed forms."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize, stats
from scipy.special import expit

from helpers.effects import log_odds_ratio
from helpers.patients.partial_odds import partial_proportional_odds
from helpers.patients.shift import shift
from helpers.patients.stratified_scores import mean_score_test, van_elteren
from helpers.synthesis import proportional_odds
from helpers.synthesis.rare_events import cochran_mantel_haenszel

TABLES = json.loads((Path(__file__).parents[1] / "oracle" / "ordinal_mrs.json").read_text())["tables"]
# Rheumatoid pain, men and women (Koch 1990; Stokes, Davis and Koch, Categorical Data Analysis Using SAS, ch. 4): none, some, marked
ACTIVE, PLACEBO = [[6, 5, 16], [7, 2, 5]], [[19, 7, 6], [10, 0, 1]]


def patients(table):
    """One value a patient, and the arm."""
    value = np.concatenate([np.repeat(np.arange(7), table[arm]) for arm in ("treated", "control")])
    return value, np.repeat([True, False], [sum(table["treated"]), sum(table["control"])])


@pytest.fixture(params=TABLES)
def table(request):
    return TABLES[request.param]


def test_a_shift_equals_r(table):
    value, treated = patients(table)
    result = shift(value, treated, range(7))
    clm, wilcoxon = table["clm"], table["wilcoxon"]
    assert (result.common.estimate, result.common.se) == pytest.approx((-clm["coef"], clm["se"]), rel=1e-9)
    assert (result.common.estimate, result.common.se) == pytest.approx(
        (-table["polr"]["coef"], table["polr"]["se"]), rel=1e-6
    )
    assert result.wilcoxon_p == pytest.approx(wilcoxon["p_uncorrected"], rel=1e-10)
    assert result.wilcoxon_p_corrected == pytest.approx(wilcoxon["p_continuity_corrected"], rel=1e-10)
    assert result.win_odds.yi == pytest.approx(table["win_odds_ties_split"]["log_odds"], rel=1e-10)
    assert result.generalized_odds.yi == pytest.approx(table["win_odds_ties_dropped"]["log_odds"], rel=1e-10)
    assert result.better == pytest.approx(table["win_odds_ties_split"]["probability_win"], rel=1e-10)
    assert result.counts["treated"].tolist() == table["treated"]


def test_the_cuts_equal_r(table):
    value, treated = patients(table)
    cuts = shift(value, treated, range(7)).cuts
    for row, expected in zip(cuts.itertuples(), table["dichotomised"].values(), strict=True):
        assert (row.treated, row.control) == (expected["treated"], expected["control"])
        assert (row.log_or, row.log_rr, row.rd) == pytest.approx(
            (expected["log_or"], expected["log_rr"], expected["rd"]), rel=1e-10, abs=1e-14
        )
        assert row.p == pytest.approx(expected["fisher_p"], rel=1e-8)


def test_missing_scores_are_counted_and_foreign_ones_refused():
    result = shift([0, 1, np.nan, 2, np.nan, np.nan], [1, 0, 1, 1, 0, 0], range(7))
    assert result.missing == (1, 2)
    with pytest.raises(ValueError, match="7 is no level"):
        shift([7, 1], [True, False], range(7))
    with pytest.raises(ValueError, match="no control patient"):
        shift([1, np.nan], [True, False], range(7))


def test_groups_that_do_not_overlap_have_no_common_odds_ratio_but_a_reason():
    result = shift([0, 0, 1, 4, 5, 6], [1, 1, 1, 0, 0, 0], range(7))
    assert result.common is None and "do not overlap" in result.refused
    assert result.better == 1


def test_a_scale_where_higher_is_better_gives_the_mirrored_result(table):
    value, treated = patients(table)
    there, back = shift(value, treated, range(7)), shift(6 - value, treated, range(7), better="higher")
    assert back.common.estimate == pytest.approx(there.common.estimate, rel=1e-10)
    assert back.cuts["rd"].tolist()[::-1] == pytest.approx(there.cuts["rd"].tolist(), rel=1e-12, abs=1e-15)
    assert back.cuts["label"].tolist()[0] == "1 to 6"


def test_stratified_scores_equal_the_published_ones():
    """14.6319 with integer and 15.0041 with modified ridit scores, as printed by SAS."""
    assert mean_score_test(ACTIVE, PLACEBO, "higher").statistic == pytest.approx(14.6319, abs=5e-5)
    ridit = van_elteren(ACTIVE, PLACEBO, "higher")
    assert ridit.statistic == pytest.approx(15.0041, abs=5e-5)
    assert ridit.z > 0 and ridit.strata == 2


def test_one_stratum_gives_the_wilcoxon_test(table):
    expected = table["wilcoxon"]["coin_asymptotic"]
    for scores in ("rank", "modified ridit"):
        test = mean_score_test(table["treated"], table["control"], scores=scores)
        assert (abs(test.z), test.p) == pytest.approx((abs(expected["z"]), expected["p"]), rel=1e-9)


def test_two_levels_give_the_cochran_mantel_haenszel_test():
    first, second = np.array([[8, 12], [3, 20], [9, 9]]), np.array([[5, 16], [6, 14], [4, 15]])
    expected = cochran_mantel_haenszel(
        first[:, 0], first.sum(axis=1), second[:, 0], second.sum(axis=1), correct=False
    ).statistic
    assert mean_score_test(first, second).statistic == pytest.approx(expected, rel=1e-12)


def test_van_elteren_is_the_weighted_sum_of_the_rank_sums():
    rng = np.random.default_rng(5)
    strata = [(rng.integers(0, 7, n1), rng.integers(1, 7, n2)) for n1, n2 in ((9, 5), (14, 8), (3, 4))]
    sums = variance = 0.0
    for first, second in strata:
        n1, n2 = len(first), len(second)
        ranks = stats.rankdata(np.concatenate([first, second]))
        sums += (ranks[:n1].sum() - n1 * (n1 + n2 + 1) / 2) / (n1 + n2 + 1)
        variance += n1 * n2 / (n1 + n2) * ranks.var(ddof=1) / (n1 + n2 + 1) ** 2
    counts = [[np.bincount(part, minlength=7) for part in (a, b)] for a, b in strata]
    first, second = (np.array([each[i] for each in counts]) for i in (0, 1))
    assert van_elteren(first, second).z == pytest.approx(-sums / np.sqrt(variance), rel=1e-12)


def test_strata_without_both_arms_add_nothing_and_none_at_all_is_refused():
    with_lonely = van_elteren([*ACTIVE, [3, 4, 5]], [*PLACEBO, [0, 0, 0]])
    assert with_lonely.z == pytest.approx(van_elteren(ACTIVE, PLACEBO).z, rel=1e-12)
    with pytest.raises(ValueError, match="both groups"):
        van_elteren([[3, 4, 5]], [[0, 0, 0]])
    with pytest.raises(ValueError, match="one level"):
        van_elteren([[3, 0, 0]], [[2, 0, 0]])


def test_without_strata_the_free_effects_are_those_of_the_cut_tables(table):
    fit = partial_proportional_odds(table["treated"], table["control"])
    n1, n2 = sum(table["treated"]), sum(table["control"])
    for row in fit.cuts.itertuples():
        a, c = sum(table["treated"][: row.at_most + 1]), sum(table["control"][: row.at_most + 1])
        if min(a, n1 - a, c, n2 - c) == 0:
            assert np.isnan(row.estimate)
            continue
        expected = log_odds_ratio(a, n1, c, n2)
        assert (row.estimate, row.se) == pytest.approx((expected.yi, expected.sei), rel=1e-10)


def test_the_free_model_against_the_proportional_one_equals_clms_nominal_test(table):
    expected = table["proportional_odds_lrt"]
    fit = partial_proportional_odds(table["treated"], table["control"])
    assert (fit.proportional.statistic, fit.proportional.df) == pytest.approx(
        (expected["lrt"], expected["df"]), rel=1e-9 if expected["converged"] else 1e-6
    )
    assert fit.linear.statistic + fit.beyond_linear.statistic == pytest.approx(fit.proportional.statistic, rel=1e-9)


def test_the_line_over_the_cuts_is_the_highest_point_of_the_likelihood():
    treated, control = np.array([12, 9, 14, 25, 40.0]), np.array([20, 18, 12, 15, 30.0])

    def negative(parameters):
        thresholds, middle, slope = parameters[:4], parameters[4], parameters[5]
        effect = middle + slope * (np.arange(4) - 1.5)
        total = 0.0
        for counts, eta in ((treated, thresholds + effect), (control, thresholds)):
            p = np.diff(np.concatenate([[0], expit(eta), [1]]))
            if (p <= 0).any():
                return 1e10
            total -= counts @ np.log(p)
        return total

    best = optimize.minimize(negative, [-2, -1, 0, 1, 0, 0], method="Nelder-Mead",
                             options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 20000, "maxfev": 20000})  # fmt: skip
    fit = partial_proportional_odds(treated, control)
    assert fit.trend == pytest.approx(best.x[5], abs=1e-5)
    common = proportional_odds(treated, control)
    assert fit.estimate == pytest.approx(common.estimate, rel=1e-9)
    assert fit.linear.statistic == pytest.approx(2 * (-best.fun - common.log_likelihood), abs=1e-7)


def test_strata_shift_the_scale_and_leave_a_common_effect():
    """Against direct maximisation of the likelihood with a stratum effect."""
    first, second = np.array(ACTIVE, float), np.array(PLACEBO, float)

    def negative(parameters):
        total = 0.0
        for i, shifted in enumerate((0.0, parameters[2])):
            for counts, effect in ((first[i], parameters[3:]), (second[i], np.zeros(2))):
                p = np.diff(np.concatenate([[0], expit(parameters[:2] + shifted + effect), [1]]))
                if (p <= 0).any():
                    return 1e10
                total -= counts @ np.log(p)
        return total

    best = optimize.minimize(negative, [-0.5, 0.5, 0, 0, 0], method="Nelder-Mead",
                             options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 20000, "maxfev": 20000})  # fmt: skip
    fit = partial_proportional_odds(first, second, "lower")
    assert fit.cuts["estimate"].tolist() == pytest.approx(best.x[3:].tolist(), abs=1e-5)
    assert fit.strata == 2


def test_ten_thousand_patients_take_a_moment():
    rng = np.random.default_rng(1)
    value, treated = rng.integers(0, 7, 10_000), rng.integers(0, 2, 10_000)
    result = shift(value, treated, range(7), strata=rng.integers(0, 5, 10_000))
    assert result.counts[["treated", "control"]].to_numpy().sum() == 10_000
    assert result.van_elteren.strata == 5
