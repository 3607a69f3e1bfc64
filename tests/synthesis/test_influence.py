"""Diagnostics of single trials, against metafor's leave1out, cumul, influence and baujat."""

import numpy as np
import pytest
from oracle_cases import CASES

from helpers.synthesis import baujat, cumulative, influence, leave_one_out, pool

WITH_SENSITIVITY = [name for name, case in CASES.items() if "sensitivity" in case.meta]
FITS = [("EE", "z"), ("DL", "z"), ("REML", "z"), ("REML", "knha")]
FIELDS = {
    "estimate": "estimate", "se": "se", "pval": "p", "ci.lb": "ci_low", "ci.ub": "ci_high", "Q": "Q", "QE": "Q",
    "Qp": "Q_p", "QEp": "Q_p", "tau2": "tau2", "I2": "I2", "H2": "H2",
}  # fmt: skip
DIAGNOSTICS = {
    "rstudent": "rstudent", "dffits": "dffits", "cook.d": "cook_d", "cov.r": "cov_r", "tau2.del": "tau2_del",
    "QE.del": "Q_del", "hat": "hat", "weight": "weight", "dfbeta": "dfbetas",
}  # fmt: skip


def assert_columns_equal(case, frame, stored, fields):
    for theirs, column in fields.items():
        if stored.get(theirs) is not None:
            # A tau2 that R leaves just above zero has an I2 of as little.
            atol = {"tau2": case.floor, "tau2_del": case.floor, "I2": 1e-10}.get(column, 1e-12)
            expected = np.array(stored[theirs], dtype=float)
            known = ~np.isnan(expected)  # R found no REML tau2 for three trials of one set
            np.testing.assert_allclose(frame[column][known], expected[known], rtol=2e-9, atol=atol, err_msg=column)
            assert np.isfinite(frame[column]).all()


@pytest.mark.parametrize(("method", "test"), FITS)
@pytest.mark.parametrize("name", WITH_SENSITIVITY)
def test_leaving_out_each_trial_equals_metafor(name, method, test):
    case = CASES[name]
    stored = case.meta["sensitivity"][f"leave1out_{method}_{test}"]
    assert_columns_equal(case, leave_one_out(case.yi, case.vi, method, test), stored, FIELDS)


@pytest.mark.parametrize(("method", "test"), FITS)
@pytest.mark.parametrize("name", WITH_SENSITIVITY)
def test_adding_each_trial_equals_metafor(name, method, test):
    case = CASES[name]
    stored = case.meta["sensitivity"][f"cumulative_{method}_{test}"]
    frame = cumulative(case.yi, case.vi, stored["order_key"], method, test)
    assert frame["k"].tolist() == list(range(1, len(case.yi) + 1))
    assert_columns_equal(case, frame, stored, FIELDS)


@pytest.mark.parametrize("name", WITH_SENSITIVITY)
def test_diagnostics_equal_metafors(name):
    case = CASES[name]
    assert_columns_equal(case, influence(case.yi, case.vi), case.meta["sensitivity"]["influence_REML"], DIAGNOSTICS)


@pytest.mark.parametrize("name", WITH_SENSITIVITY)
def test_baujat_coordinates_equal_metafors(name):
    case = CASES[name]
    assert_columns_equal(case, baujat(case.yi, case.vi), case.meta["sensitivity"]["baujat_EE"], {"x": "x", "y": "y"})


def test_a_baujat_plot_shares_out_the_whole_of_q():
    case = CASES["bcg_RR"]
    assert baujat(case.yi, case.vi)["x"].sum() == pytest.approx(pool(case.yi, case.vi, "EE").Q, rel=1e-12)


def test_only_the_trial_far_from_the_others_is_marked():
    frame = influence([0.1, 0.12, 0.09, 0.11, 0.1, 2.0], [0.01] * 6)
    assert frame["influential"].tolist() == [False] * 5 + [True]


def test_without_an_order_trials_are_added_as_they_stand_and_ties_keep_their_place():
    y, v = [0.1, 0.9, -0.4], [0.02, 0.03, 0.05]
    assert cumulative(y, v)["added"].tolist() == [0, 1, 2]
    assert cumulative(y, v, order=[2001, 1999, 1999])["added"].tolist() == [1, 2, 0]


def test_the_last_row_of_a_cumulative_synthesis_is_the_synthesis():
    y, v = [0.1, 0.9, -0.4], [0.02, 0.03, 0.05]
    assert cumulative(y, v, [3, 1, 2])["ci_low"].iloc[-1] == pytest.approx(pool(y, v).ci_low, rel=1e-10)


@pytest.mark.parametrize("order", [[1, 2], [1, 2, np.nan]])
def test_an_order_that_does_not_fit_the_trials_is_refused(order):
    with pytest.raises(ValueError, match="order: must be one number for each of the 3 trials"):
        cumulative([0.1, 0.9, -0.4], [0.02, 0.03, 0.05], order)


@pytest.mark.parametrize("function", [leave_one_out, influence, baujat])
def test_a_single_trial_can_not_be_left_out(function):
    with pytest.raises(ValueError, match="at least two trials"):
        function([0.3], [0.04])


@pytest.mark.parametrize("function", [leave_one_out, influence, baujat, cumulative])
def test_an_unknown_method_is_refused(function):
    with pytest.raises(ValueError, match="method: must be one of EE, DL"):
        function([0.3, 0.4], [0.04, 0.05], method="GENQ")
