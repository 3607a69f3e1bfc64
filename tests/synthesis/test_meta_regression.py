"""Meta-regression against metafor, over every stored set with a moderator."""

from fractions import Fraction
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle_cases import CASES

from helpers.synthesis import METHODS, meta_regression, pool

STORED = {name: case.meta["meta_regression"] for name, case in CASES.items() if case.meta.get("meta_regression")}
FITS = [
    f for f in product(("EE", "DL", "HE", "ML", "REML", "PM", "SJ"), ("z", "knha", "adhoc")) if f != ("EE", "adhoc")
]
COLUMNS = {
    "b": "estimate", "se": "se", "statistic": "statistic", "pvalue": "p", "ci_lb": "ci_low", "ci_ub": "ci_high",
}  # fmt: skip
FIELDS = {
    "QM": "QM", "QMp": "QM_p", "tau2": "tau2", "I2": "I2", "H2": "H2", "R2": "R2", "QE": "QE", "QEp": "QE_p",
}  # fmt: skip
ITERATIVE = ("ML", "REML", "PM")
# With years as they are, R's QE has eight right digits, see the exact test below.
YEARS_LOSE_DIGITS = ("li2007_OR", "hackshaw1998_logOR")


def sample(name):
    moderator = np.array(STORED[name]["moderator"], dtype=float)
    known = ~np.isnan(moderator)
    return CASES[name].yi[known], CASES[name].vi[known], pd.DataFrame({"moderator": moderator[known]})


@pytest.mark.parametrize(("method", "test"), FITS)
@pytest.mark.parametrize("name", STORED)
def test_every_number_of_a_fit_equals_metafors(name, method, test):
    stored, case = STORED[name][f"{method}_{test}"], CASES[name]
    ours = meta_regression(*sample(name), method, test)
    rtol = 1e-8 if name in YEARS_LOSE_DIGITS else 1e-9 if method in ITERATIVE else 1e-11
    for theirs, column in COLUMNS.items():
        np.testing.assert_allclose(ours.coefficients[column], stored[theirs], rtol=rtol, atol=1e-13, err_msg=column)
    for theirs, field in FIELDS.items():
        if stored[theirs] is None:
            assert np.isnan(getattr(ours, field)), field
        else:
            floor = case.floor if field == "tau2" and rtol >= 1e-9 else 1e-13
            # An error of QE is an error of its p, QE / 2 times as large.
            rel = rtol * stored["QE"] / 2 if field == "QE_p" and name in YEARS_LOSE_DIGITS else rtol
            assert getattr(ours, field) == pytest.approx(stored[theirs], rel=rel, abs=floor), field


@pytest.mark.parametrize("name", YEARS_LOSE_DIGITS)
def test_the_heterogeneity_left_by_a_year_equals_exact_arithmetic(name):
    yi, vi, moderators = sample(name)
    y, w, x = ([Fraction(a) for a in array.tolist()] for array in (yi, 1 / vi, moderators["moderator"]))
    total = sum(w)
    mean_x, mean_y = (sum(a * b for a, b in zip(w, values, strict=True)) / total for values in (x, y))
    sxx = sum(a * (b - mean_x) ** 2 for a, b in zip(w, x, strict=True))
    slope = sum(a * (b - mean_x) * (c - mean_y) for a, b, c in zip(w, x, y, strict=True)) / sxx
    qe = sum(a * (c - mean_y - slope * (b - mean_x)) ** 2 for a, b, c in zip(w, x, y, strict=True))
    ours = meta_regression(yi, vi, moderators, "EE", "z")
    assert pytest.approx(float(qe), rel=1e-11) == ours.QE
    assert ours.coefficients["estimate"].iloc[1] == pytest.approx(float(slope), rel=1e-10)


@pytest.mark.parametrize(("method", "test"), list(product(METHODS, ("z", "knha", "adhoc"))))
def test_without_moderators_it_is_pooling(method, test):
    case = CASES["bcg_RR"]
    ours, pooled = (
        meta_regression(case.yi, case.vi, pd.DataFrame(index=range(13)), method, test),
        pool(case.yi, case.vi, method, test),
    )
    row = ours.coefficients.loc["intercept"]
    for column in ("estimate", "se", "p", "ci_low", "ci_high"):
        assert row[column] == pytest.approx(getattr(pooled, column), rel=1e-9), column
    assert (ours.tau2, ours.I2, ours.H2, ours.QE) == pytest.approx(
        (pooled.tau2, pooled.I2, pooled.H2, pooled.Q), rel=1e-9
    )
    prediction = ours.predict().iloc[0]
    assert tuple(prediction[["pi_low", "pi_high"]]) == pytest.approx(
        (pooled.pi_low, pooled.pi_high), rel=1e-9, nan_ok=True
    )


moderator = st.lists(st.integers(-20, 20), min_size=6, max_size=6, unique=True)
effects = st.lists(st.floats(-3, 3).map(lambda x: round(x, 2)), min_size=6, max_size=6)


@settings(max_examples=60, deadline=None)
@given(effects, moderator, st.sampled_from(METHODS), st.floats(-1000, 1000).map(round), st.sampled_from([0.1, 1, 365]))
def test_zero_and_unit_of_a_moderator_do_not_change_what_it_explains(y, x, method, zero, unit):
    v = [0.05, 0.2, 0.1, 0.4, 0.02, 0.3]
    there = meta_regression(y, v, pd.DataFrame({"x": x}), method, "z")
    moved = meta_regression(y, v, pd.DataFrame({"x": unit * (np.array(x) - zero)}), method, "z")
    slope, moved_slope = (m.coefficients.loc["x", "estimate"] for m in (there, moved))
    assert slope == pytest.approx(unit * moved_slope, rel=1e-6, abs=1e-8)
    assert (there.tau2, there.QM, there.QE) == pytest.approx((moved.tau2, moved.QM, moved.QE), rel=1e-6, abs=1e-7)


def test_categories_are_compared_with_the_first_level():
    y, v = [0.1, 0.3, 0.8, 1.0, -0.2, 0.0], [0.04] * 6
    routes = ["iv", "iv", "ia", "ia", "sc", "sc"]
    by_name = meta_regression(y, v, pd.DataFrame({"route": routes}), "EE", "z")
    assert by_name.coefficients.index.tolist() == ["intercept", "route[iv]", "route[sc]"]
    assert by_name.coefficients["estimate"].tolist() == pytest.approx([0.9, -0.7, -1.0])
    chosen = pd.Categorical(routes, categories=["iv", "ia", "sc"])
    assert meta_regression(y, v, pd.DataFrame({"route": chosen}), "EE", "z").coefficients.index.tolist() == [
        "intercept", "route[ia]", "route[sc]"
    ]  # fmt: skip


def test_predictions_at_new_moderators_use_the_coding_of_the_fit():
    y, v = [0.1, 0.3, 0.8, 1.0, -0.2, 0.1], [0.04] * 6
    moderators = pd.DataFrame({"route": ["iv", "iv", "ia", "ia", "iv", "ia"], "day": [1, 2, 3, 4, 5, 7]})
    fitted = meta_regression(y, v, moderators)
    b = fitted.coefficients["estimate"]
    predicted = fitted.predict(pd.DataFrame({"day": [10], "route": ["iv"]}))
    assert predicted["estimate"].item() == pytest.approx(b["intercept"] + b["route[iv]"] + 10 * b["day"])
    assert (predicted["pi_low"] <= predicted["ci_low"]).all()
    with pytest.raises(ValueError, match=r"moderators: route\[0\] must be one of ia, iv, got 'oral'"):
        fitted.predict(pd.DataFrame({"day": [10], "route": ["oral"]}))
    with pytest.raises(ValueError, match="moderators: the column day is missing"):
        fitted.predict(pd.DataFrame({"route": ["iv"]}))


@pytest.mark.parametrize(
    ("moderators", "message"),
    [
        ({"day": [1, 2, 3]}, "moderators and yi differ in length: 3 and 4"),
        ({"day": [1, 2, np.nan, 4]}, r"moderators: day\[2\] is missing"),
        ({"day": [1, 2, np.inf, 4]}, r"moderators: day\[2\] must be a finite number, got inf"),
        ({"route": ["iv", None, "ia", "ia"]}, r"moderators: route\[1\] is missing"),
        ({"a": [1, 2, 3, 4], "b": [2, 4, 6, 8]}, "moderators: the columns intercept, a, b follow from each other"),
        (
            {"a": [1, 2, 3, 5], "b": [2, 4, 1, 8], "c": [0, 1, 1, 0]},
            "moderators: 4 coefficients need more than 4 effects",
        ),
        ({"day": [2, 2, 2, 2]}, "moderators: the columns intercept, day follow from each other"),
    ],
)
def test_moderators_that_can_not_be_fitted_are_refused(moderators, message):
    with pytest.raises(ValueError, match=message):
        meta_regression([0.1, 0.3, 0.8, 1.0], [0.04] * 4, pd.DataFrame(moderators))


def test_a_result_reads_as_text_and_as_a_frame():
    fitted = meta_regression([0.1, 0.3, 0.8, 1.0], [0.04] * 4, pd.DataFrame({"day": [1, 2, 3, 5]}))
    assert repr(fitted).startswith("MetaRegression REML, knha, k = 4\n")
    assert "moderators: QM" in repr(fitted)
    assert fitted.to_frame().columns.tolist() == ["estimate", "se", "statistic", "df", "p", "ci_low", "ci_high"]
