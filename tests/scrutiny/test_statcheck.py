"""Reported tests in running text, against R's statcheck 1.4."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from helpers.scrutiny.statcheck import statcheck

STORED = json.loads((Path(__file__).parents[1] / "oracle" / "statcheck_strings.json").read_text())
EXACT = [
    "test_type", "df1", "df2", "test_comp", "test_value", "p_comp", "reported_p", "raw", "error", "decision_error",
    "one_tailed_in_txt",
]  # fmt: skip


def only(text, **options):
    (test,) = statcheck(text, **options).tests
    return test


@pytest.mark.parametrize("name", STORED["text"])
def test_every_field_is_that_of_r(name):
    expected = STORED["results"][name]
    found = statcheck(STORED["text"][name])
    (test,) = found.tests
    assert {field: getattr(test, field) for field in EXACT} == {field: expected[field] for field in EXACT}
    assert test.computed_p == pytest.approx(expected["computed_p"], rel=1e-12, abs=0)
    assert found.apa_factor == expected["apa_factor"]


def test_no_field_of_r_is_left_out():
    assert {*EXACT, "computed_p", "apa_factor", "source"} == {
        key for each in STORED["results"].values() for key in each
    }


@pytest.mark.parametrize(
    ("text", "error"),
    [  # verdicts published with statcheck 1.4.0
        ("t(28) = 2.20, p = .03", True),
        ("F(2, 28) = 2.20, p = .15", True),
        ("r(28) = .22, p = .26", True),
        ("chi2(28) = 22.20, p = .79", True),
        (" z = 2.20, p = .04", True),
        ("Q(28) = 22.20, p = .79", True),
        (" Z = -2.42, p = 0.016", False),
        ("t(28) = -2.20, p = .03", True),
        ("t(28) = 2.20, ns", True),
        ("t(28) = 2.20, p > .05", True),
        ("t(28) = 2.0, p < .05", False),
        ("t(28) = 2, p = .02", False),
        ("t(28) = 2, p = .14", False),
        ("t(28) = 2.2, p = .03", False),
        ("t(28) = 2.2, p = .04", False),
        ("t(28) = 2.20, p = .036", False),
        ("t(28) = 2.20, p = .037", False),
        ("t(28) = 22.20, p < .000", True),
        ("t(28) = 2.2, p < .08", False),
        ("t(28) = 2.2, p > .02", False),
        ("t(28) = 2.2, p = .08", True),
        ("t(28) = 2.2, p = .02", True),
        ("t(28) = 2.2, p > .08", True),
        ("t(28) = 2.2, p < .02", True),
        ("t(28) < 2.2, p = .08", False),
        ("t(28) < 2.2, p > .08", False),
        ("t(28) < 2.2, p < .08", False),
        ("t(28) < 2.2, p > .02", False),
        ("t(28) < 2.2, p < .02", True),
        ("t(28) < 2.2, p = .02", True),
        ("t(28) > 2.2, p = .02", False),
        ("t(28) > 2.2, p > .02", False),
        ("t(28) > 2.2, p < .02", False),
        ("t(28) > 2.2, p < .08", False),
        ("t(28) > 2.2, p > .08", True),
        ("t(28) > 2.2, p = .08", True),
    ],
)
def test_the_rounding_of_the_statistic_is_allowed_for(text, error):
    assert only(text).error is error


@pytest.mark.parametrize(
    ("text", "decision_error"),
    [  # verdicts published with statcheck 1.4.0
        ("t(28) = 2.20, p = .06", True),
        ("t(28) = 1.20, p = .03", True),
        ("F(2, 28) = 22.20, p = .06", True),
        ("F(2, 28) = 2.20, p = .03", True),
        ("r(28) = .22, p = .03", True),
        ("r(28) = .52, p = .06", True),
        ("chi2(28) = 2.20, p = .03", True),
        ("chi2(28) = 52.20, p = .06", True),
        (" z = 1.20, p = .03", True),
        (" z = 2.20, p = .06", True),
        ("Q(28) = 2.20, p = .03", True),
        ("Q(28) = 52.20, p = .06", True),
        ("t(28) = 2.20, p = .05", False),
        ("t(28) = 2.20, ns", True),
        ("t(28) < 1.70, p < .05", True),
        ("t(28) < 1.70, p > .20", False),
        ("t(28) > 2.20, p = .06", True),
        ("t(28) > 2.20, p < .001", False),
    ],
)
def test_an_error_counts_for_the_decision_where_it_crosses_the_level(text, decision_error):
    assert only(text).decision_error is decision_error


@pytest.mark.parametrize(
    ("text", "test_type", "df1", "df2", "value"),
    [
        ("Qb(2) = 7.1, p = .03", "Qb", 2, None, 7.1),
        ("Q-within (2) = 7.1, p = .03", "Qw", 2, None, 7.1),
        ("χ²(1) = 3.84, p = .05", "Chi2", 1, None, 3.84),
        ("as X2 ( 28 ) = 2.20 , p = .03", "Chi2", 28, None, 2.2),
        ("chi2(1, N = 11,455) = 16.78, p <.001", "Chi2", 1, None, 16.78),
        ("F(1,200)=1,234.5,p<.001", "F", 1, 200, 1234.5),
        ("t(12.5) = \u22122.20, P = 0.04", "t", None, 12.5, -2.2),
        ("(z = 2.20, p = .03)", "Z", None, None, 2.2),
        ("F(1, 20) < 1, n.s.", "F", 1, 20, 1),
    ],
)
def test_spellings(text, test_type, df1, df2, value):
    test = only(text)
    assert (test.test_type, test.df1, test.df2, test.test_value) == (test_type, df1, df2, value)


@pytest.mark.parametrize(
    "text",
    [
        "z(28) = 2.20, p = .03",
        "t(2,000) = 2.20, p = .03",
        "F(28) = 2.20, p = .03",
        "r(20) = 1.31, p = .03",
        "F(1, 20) = -2.20, p = .03",
        "t(28) = 2.20, p = 1.30",
        "t(28) >= 2.20, p = .03",
        "see p. 01",
    ],
)
def test_what_is_no_such_test_is_not_read(text):
    assert statcheck(text).tests == ()


def test_all_tests_of_a_text_are_found_and_its_other_p_values_counted():
    found = statcheck("Both differ, t(28) = 2.20, p = .036, and F(1, 30) = 5.21, p = .030; age did not (p = .5, ns).")
    assert [test.statistic for test in found.tests] == ["t(28) = 2.20", "F(1, 30) = 5.21"]
    assert (found.p_values, found.apa_factor) == (4, 0.5)
    assert found.to_frame()["computed_p"].tolist() == [test.computed_p for test in found.tests]


def test_a_text_without_tests_is_an_empty_frame():
    found = statcheck("Nothing here.")
    assert found.to_frame().empty and math.isnan(found.apa_factor)


@pytest.mark.parametrize(("p", "error"), [(".02", False), (".04", True)])
def test_one_tailed_tests_have_half_the_p(p, error):
    test = only(f"t(28) = 2.20, p = {p}", one_tailed=True)
    assert (test.computed_p, test.error) == (pytest.approx(stats.t.sf(2.2, 28), rel=1e-12), error)


def test_a_statistic_that_rounds_to_zero_can_have_a_p_of_one():
    test = only("t(28) = 0.0, p = 1.00")
    assert (test.p_high, test.error) == (1, False)
    assert test.p_low == pytest.approx(2 * stats.t.sf(0.05, 28), rel=1e-12)


def test_a_perfect_correlation_has_a_p_of_zero_at_the_least():
    assert only("r(20) = 1.00, p < .001").p_low == 0


@given(
    test_type=st.sampled_from(["t", "F", "r", "chi2", "z", "Q"]),
    size=st.floats(0, 30),
    df=st.integers(1, 200),
    decimals=st.integers(0, 4),
    p_decimals=st.integers(2, 5),
)
def test_what_is_reported_as_computed_is_no_error(test_type, size, df, decimals, p_decimals):
    if test_type == "r":
        size /= 30.001
    p = {
        "t": 2 * stats.t.sf(size, df),
        "r": 2 * stats.t.sf(size * math.sqrt(df / (1 - min(size, 0.9999999) ** 2)), df),
        "z": 2 * stats.norm.sf(size),
        "F": stats.f.sf(size, 2, df),
    }.get(test_type, stats.chi2.sf(size, df))
    degrees = {"z": "", "F": f"(2, {df})"}.get(test_type, f"({df})")
    test = only(f" {test_type}{degrees} = {size:.{decimals}f}, p = {p:.{p_decimals}f}")
    assert test.p_low * (1 - 1e-9) <= p <= test.p_high * (1 + 1e-9)
    assert not test.error or round(p, p_decimals) == 0  # a p of zero is always one
