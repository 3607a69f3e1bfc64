"""P-value functions against metafor's intervals and p-values."""

import numpy as np
import pytest
from oracle_cases import CASES

from helpers.synthesis import drapery, p_value_function, pool

FITS = ["EE_z", "DL_z", "REML_z", "REML_knha", "DL_adhoc"]


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("name", ["bcg_RR", "hine1989_RD", "normand1999_MD"])
def test_the_function_passes_through_metafors_p_value_and_limits(name, fit):
    stored = CASES[name].meta["fits"][fit]
    df = np.nan if stored["df"] is None else stored["df"]
    at = [0, stored["estimate"], stored["ci_lb"], stored["ci_ub"]]
    expected = [stored["pvalue"], 1, 0.05, 0.05]
    np.testing.assert_allclose(p_value_function(at, stored["estimate"], stored["se"], df), expected, rtol=1e-8)


@pytest.mark.parametrize("fit", FITS)
def test_the_curves_are_those_of_the_trials_the_result_and_a_new_trial(fit):
    case, (method, test) = CASES["bcg_RR"], fit.split("_")
    stored = case.meta["fits"][fit]
    curves = drapery(case.yi, case.vi, pool(case.yi, case.vi, method, test))
    assert curves[curves["curve"] == "trial"].groupby("trial").ngroups == 13
    third = curves[curves["trial"] == 2]
    np.testing.assert_allclose(
        third["p"], p_value_function(third["effect"], case.yi[2], np.sqrt(case.vi[2])), rtol=1e-9
    )
    curve = curves[curves["curve"] == "pooled"]
    for side, limit in ((curve.head(41), "ci_lb"), (curve.tail(41)[::-1], "ci_ub")):
        assert np.interp(0.05, side["p"], side["effect"]) == pytest.approx(stored[limit], abs=2e-3)
    df = np.nan if stored["df"] is None else stored["df"]
    np.testing.assert_allclose(
        curve["p"], p_value_function(curve["effect"], stored["estimate"], stored["se"], df), rtol=1e-6
    )
    assert ("prediction" in set(curves["curve"])) == (method != "EE")


def test_the_prediction_curve_holds_the_prediction_interval():
    stored = CASES["bcg_RR"].meta["fits"]["REML_z"]
    curves = drapery(
        CASES["bcg_RR"].yi, CASES["bcg_RR"].vi, pool(CASES["bcg_RR"].yi, CASES["bcg_RR"].vi, "REML", "z"), 1000
    )
    rising = curves[curves["curve"] == "prediction"].head(1000)
    assert np.interp(0.05, rising["p"], rising["effect"]) == pytest.approx(stored["pi_lb"], abs=1e-5)


def test_the_curve_of_two_trials_reaches_as_far_as_its_one_degree_of_freedom():
    curves = drapery([0.1, 0.5], [0.04, 0.05], pool([0.1, 0.5], [0.04, 0.05]))
    pooled = pool([0.1, 0.5], [0.04, 0.05])
    effect = curves[curves["curve"] == "pooled"]["effect"]
    assert effect.max() - pooled.estimate == pytest.approx(pooled.se / np.tan(np.pi * 0.001 / 2))  # Cauchy


def test_a_standard_error_of_zero_has_no_function():
    with pytest.raises(ValueError, match="se: must be positive, got 0"):
        p_value_function(0.1, 0.2, 0)
    with pytest.raises(ValueError, match=r"pooled\.se: must be positive"):
        drapery([0.2, 0.2], [0.1, 0.2], pool([0.2, 0.2], [0.1, 0.2]))
    with pytest.raises(ValueError, match="steps"):
        drapery([0.2, 0.3], [0.1, 0.2], pool([0.2, 0.3], [0.1, 0.2]), steps=1)
