"""Small-study effects against metafor, over every stored meta-analysis of three or more trials."""

import json

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle_cases import CASES, ORACLE

from helpers.effects import log_odds_ratio
from helpers.synthesis import pool, small_study

BIAS = {name: case for name, case in CASES.items() if "publication_bias" in case.meta}
UNEQUAL = [name for name, case in BIAS.items() if np.ptp(case.vi) > 0]
SELECTION = [
    name for name, case in BIAS.items() if "estimate" in case.meta["publication_bias"].get("selmodel_3psm_ml", {})
]


def bias(name, test):
    return BIAS[name].meta["publication_bias"][test]


@pytest.mark.parametrize("model", ["lm", "rma"])
@pytest.mark.parametrize("name", UNEQUAL)
def test_egger_equals_metafors(name, model):
    expected = bias(name, f"egger_{model}")
    test = small_study.egger(BIAS[name].yi, BIAS[name].vi, model, minimum_k=3)
    rel = 1e-11 if model == "lm" else 1e-9
    assert (test.statistic, test.p) == pytest.approx((expected["statistic"], expected["pvalue"]), rel=rel)
    assert (test.limit_low, test.limit_high) == pytest.approx(expected["limit_ci"], rel=rel)
    assert test.limit_estimate == pytest.approx(expected["limit_estimate"], rel=rel)
    coefficients = expected["coefficients"]
    slope = (
        (coefficients[1]["Estimate"], coefficients[1]["Std. Error"])
        if model == "lm"
        else (coefficients["b"][1], coefficients["se"][1])
    )
    assert (test.slope, test.slope_se) == pytest.approx(slope, rel=rel)


@pytest.mark.parametrize(
    "name", [name for name in UNEQUAL if "regtest_lm_inverse_n" in BIAS[name].meta["publication_bias"]]
)
def test_the_regression_on_the_inverse_size_equals_metafors(name):
    stored = json.loads((ORACLE / f"{name}.json").read_text())
    data, used = stored["data"], np.atleast_1d(stored["used"])
    sizes = np.array(data["ni"] if "ni" in data else np.add(data["n1i"], data["n2i"]), dtype=float)[used]
    test = small_study.inverse_size_test(BIAS[name].yi, BIAS[name].vi, sizes, minimum_k=3)
    expected = bias(name, "regtest_lm_inverse_n")
    assert (test.statistic, test.df, test.p) == pytest.approx(tuple(expected.values()), rel=1e-11)


@pytest.mark.parametrize("name", UNEQUAL)
def test_begg_equals_metafors(name):
    test = small_study.begg(BIAS[name].yi, BIAS[name].vi, minimum_k=3)
    expected = bias(name, "begg_ranktest")
    # p of 4.6e-8 under ties holds six digits in R, whose normal distribution function takes one minus the other tail
    assert test.statistic == pytest.approx(expected["kendall_tau"], rel=1e-11, abs=1e-13)
    assert test.p == pytest.approx(expected["pvalue"], rel=1e-11, abs=2e-14)


@pytest.mark.parametrize("estimator", ["L0", "R0"])
@pytest.mark.parametrize("method", ["EE", "DL", "REML"])
@pytest.mark.parametrize("name", UNEQUAL)
def test_trim_and_fill_equals_metafors(name, method, estimator):
    case, expected = BIAS[name], bias(name, f"trimfill_{method}_{estimator}")
    result = small_study.trim_and_fill(case.yi, case.vi, estimator, method, minimum_k=3)
    assert (result.k0, result.side) == (expected["k0"], expected["side"])
    filled = [
        sorted(zip(np.atleast_1d(yi), np.atleast_1d(vi), strict=True))
        for yi, vi in ((result.filled_yi, result.filled_vi), (expected["filled_yi"], expected["filled_vi"]))
    ]
    assert np.ravel(filled[0]) == pytest.approx(np.ravel(filled[1]), rel=1e-9, abs=1e-12)
    for ours, theirs in {"estimate": "estimate", "se": "se", "p": "pvalue", "ci_low": "ci_lb", "Q": "QE"}.items():
        assert getattr(result.filled, ours) == pytest.approx(expected[theirs], rel=1e-9), ours
    assert result.filled.tau2 == pytest.approx(expected["tau2"], rel=1e-9, abs=case.floor)


@pytest.mark.parametrize("name", BIAS)
def test_fail_safe_numbers_equal_metafors(name):
    case = BIAS[name]
    assert small_study.fail_safe_rosenthal(case.yi, case.vi) == bias(name, "fsn_rosenthal")
    assert small_study.fail_safe_rosenberg(case.yi, case.vi) == bias(name, "fsn_rosenberg")


def test_orwins_number_brings_the_mean_to_the_target():
    yi, vi = [0.4, 0.6, 0.2, 0.5], [0.1] * 4
    missing = small_study.fail_safe_orwin(yi, vi, target=0.2)
    assert sum(yi) / (len(yi) + missing) <= 0.2 < sum(yi) / (len(yi) + missing - 1)


@pytest.mark.parametrize("name", SELECTION)
def test_the_selection_model_equals_metafors(name):
    case, expected = BIAS[name], bias(name, "selmodel_3psm_ml")
    result = small_study.selection_model(case.yi, case.vi)
    assert result.alternative == expected["alternative"]
    assert result.estimate == pytest.approx(expected["estimate"], rel=1e-2)
    assert result.se == pytest.approx(expected["se"], rel=1e-2)
    assert result.tau2 == pytest.approx(expected["tau2"], rel=1e-2, abs=1e-3 * float(case.vi.mean()))
    assert result.delta == pytest.approx(expected["delta"][1], rel=1e-2)
    assert (result.LRT, result.LRT_p) == pytest.approx((expected["LRT"], expected["LRTp"]), rel=1e-2)


def test_a_selection_that_the_data_can_not_show_is_refused_or_said():
    with pytest.raises(ValueError, match=r"every one-sided p lies below 0\.025"):
        small_study.selection_model(BIAS["pritz1997_PAS"].yi, BIAS["pritz1997_PAS"].vi)
    none = small_study.selection_model(BIAS["axfors2021_OR"].yi, BIAS["axfors2021_OR"].vi)
    assert "at its bound" in none.note


@pytest.mark.parametrize("name", BIAS)
def test_henmi_copas_equals_metafors(name):
    case, expected = BIAS[name], bias(name, "henmi_copas")
    result = small_study.henmi_copas(case.yi, case.vi)
    rel = 1e-9 if name == "edge_k6_tiny_vi" else 1e-11
    assert (result.estimate, result.se) == pytest.approx((expected["estimate"], expected["se"]), rel=rel)
    # R integrates and solves for the half width, in units of the standard error, to its default of eps^(1/4) each.
    half = (expected["ci"][1] - expected["ci"][0]) / 2
    resolution = 2 * 2.0**-13 * max(expected["se"], half)
    assert (result.ci_low, result.ci_high) == pytest.approx(expected["ci"], abs=resolution)


def binary(name):
    data = json.loads((ORACLE / f"{name}.json").read_text())["data"]
    return [np.array(data[column], dtype=float) for column in ("ai", "n1i", "ci", "n2i")]


@pytest.mark.parametrize("name", ["bcg_OR", "egger2001_OR", "li2007_OR"])
def test_peters_and_harbord_are_the_regressions_of_their_papers(name):
    a, n1, c, n2 = binary(name)
    n, events = n1 + n2, a + c
    y = log_odds_ratio(a, n1, c, n2).yi
    fit = sm.WLS(y, sm.add_constant(1 / n), weights=1 / (1 / events + 1 / (n - events))).fit()
    test = small_study.peters(a, n1, c, n2)
    assert (test.statistic, test.p, test.df) == pytest.approx((fit.tvalues[1], fit.pvalues[1], fit.df_resid), rel=1e-9)

    v = n1 * n2 * events * (n - events) / (n**2 * (n - 1))
    z = a - events * n1 / n
    fit = sm.OLS(z / np.sqrt(v), sm.add_constant(np.sqrt(v))).fit()  # Harbord's own form: the intercept is the bias
    test = small_study.harbord(a, n1, c, n2)
    assert (test.slope, test.slope_se, test.p) == pytest.approx((fit.params[0], fit.bse[0], fit.pvalues[0]), rel=1e-9)


@pytest.mark.parametrize("name", ["bcg_OR", "li2007_OR", "curtis1998_SMD"])
def test_pet_and_peese_are_weighted_regressions(name):
    case = BIAS[name]
    result = small_study.pet_peese(case.yi, case.vi)
    for part, predictor in ((result.pet, np.sqrt(case.vi)), (result.peese, case.vi)):
        fit = sm.WLS(case.yi, sm.add_constant(predictor), weights=1 / case.vi).fit()
        assert part.limit_estimate == pytest.approx(fit.params[0], rel=1e-8)
        assert (part.limit_low, part.limit_high) == pytest.approx(tuple(fit.conf_int()[0]), rel=1e-8)
    assert result.chosen == ("PEESE" if result.effect_p < 0.1 else "PET")
    assert result.to_frame()["chosen"].sum() == 1


def test_the_funnel_tells_significant_trials_from_others():
    case = BIAS["li2007_OR"]
    figure = small_study.funnel(case.yi, case.vi)
    limits = figure.contours[figure.contours["level"] == 0.95]
    inside = np.abs(case.yi) < np.interp(np.sqrt(case.vi), limits["sei"], limits["high"])
    np.testing.assert_array_equal(inside, figure.points["p"] > 0.05)
    assert figure.estimate == pytest.approx(pool(case.yi, case.vi, "EE").estimate)
    assert (figure.funnel["high"] + figure.funnel["low"]).to_numpy() == pytest.approx(2 * figure.estimate)


@pytest.mark.parametrize(
    "method",
    [
        small_study.egger,
        small_study.begg,
        small_study.trim_and_fill,
        small_study.pet_peese,
        small_study.selection_model,
        lambda yi, vi: small_study.inverse_size_test(yi, vi, [40] * 9),
        lambda yi, vi: small_study.peters(range(9), [40] * 9, range(1, 10), [40] * 9),
        lambda yi, vi: small_study.harbord(range(9), [40] * 9, range(1, 10), [40] * 9),
    ],
)
def test_fewer_than_ten_trials_are_refused_with_the_reason(method):
    with pytest.raises(
        ValueError, match=r"needs at least 10 trials to mean anything, got 9 \(Cochrane Handbook, chapter 13"
    ):
        method(np.linspace(0, 1, 9), np.linspace(0.1, 0.3, 9))


def test_a_caller_may_lower_the_limit_but_not_below_the_arithmetic():
    yi, vi = [0.1, 0.4, 0.2, 0.9], [0.01, 0.05, 0.02, 0.2]
    assert small_study.egger(yi, vi, minimum_k=4).df == 2
    with pytest.raises(ValueError, match="minimum_k: must be at least 3"):
        small_study.egger(yi, vi, minimum_k=2)


@pytest.mark.parametrize("method", [small_study.egger, small_study.begg])
def test_trials_of_equal_precision_are_refused(method):
    with pytest.raises(ValueError, match="equal"):
        method([0.1, 0.4, 0.2, 0.9], [0.05] * 4, minimum_k=3)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-300, 300), st.integers(1, 400)), min_size=5, max_size=12, unique_by=lambda row: row[1]
    )
)
def test_swapping_the_groups_turns_the_tests(rows):
    yi, vi = np.array(rows).T / 100
    there, turned = small_study.egger(yi, vi, minimum_k=5), small_study.egger(-yi, vi, minimum_k=5)
    assert (there.slope, there.limit_low) == pytest.approx((-turned.slope, -turned.limit_high), rel=1e-7, abs=1e-9)
    filled, mirrored = (small_study.trim_and_fill(sign * yi, vi, minimum_k=5) for sign in (1, -1))
    if there.slope != 0 and len(set(np.abs(yi))) == len(yi):
        assert filled.observed.estimate == pytest.approx(-mirrored.observed.estimate, abs=1e-9)
