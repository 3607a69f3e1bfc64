"""Printed p-values against the numbers under the test."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from helpers.scrutiny.checks import significance as check
from helpers.scrutiny.checks.p_judgement import p_digits
from helpers.scrutiny.checks.reported_strings import statcheck
from helpers.scrutiny.finding import CONFLICTS, CONSISTENT, NOT_CHECKABLE, REPRODUCED
from helpers.scrutiny.printed_number import Printed

P = Printed.parse
LEG = {
    "mean1": P("14.8"), "sd1": P("23.8"), "n1": 39, "mean2": P("2.6"), "sd2": P("13.0"), "n2": 15,
}  # fmt: skip
RISK_RATIO = {"estimate": P("0.81"), "ci_low": P("0.70"), "ci_high": P("0.94"), "scale": "log"}
LEVELS = {"counts1": (3, 4, 5, 1), "counts2": (1, 2, 5, 6)}
EVENTS = {"events1": 0, "n1": 33, "events2": 2, "n2": 31}


def test_an_unnamed_test_that_none_of_the_candidates_gives():
    found = check.two_sample_t(P("0.023"), **LEG)
    assert (found.status, found.recomputed) == (
        NOT_CHECKABLE,
        "p = 0.0204 (Welch's t test); p = 0.0666 (Student's t test)",
    )
    assert found.reason == (
        "The test is not named: Welch's t test comes nearest to 0.023 with p = 0.0204 (0.0191 to 0.0218 with the rounding"
        " of the inputs), and Student's t test lies far off with p = 0.0666 (0.0639 to 0.0694)."
    )


@pytest.mark.parametrize(
    ("p", "test", "status"),
    [
        ("0.020", "welch", REPRODUCED),
        ("0.021", "welch", CONSISTENT),
        ("0.023", "welch", CONFLICTS),
        ("~0.023", "welch", NOT_CHECKABLE),
        ("0.067", "student", REPRODUCED),
        ("0.020", "student", CONFLICTS),
        ("0.020", "not named", CONSISTENT),
        ("0.067", "not named", CONSISTENT),
        ("<0.10", "not named", CONSISTENT),
        ("<0.05", "welch", REPRODUCED),
        ("<0.01", "welch", CONFLICTS),
    ],
)
def test_how_a_two_sample_test_is_judged(p, test, status):
    assert check.two_sample_t(P(p), **LEG, test=test).status == status


def test_the_unnamed_test_that_fits_is_an_assumption():
    assert check.two_sample_t(P("0.067"), **LEG).assumption == "the printed p is that of Student's t test"


@pytest.mark.parametrize(
    ("p", "mean", "sd", "n", "status", "recomputed"),
    [
        ("0.002", "6.8", "11.4", (33,), REPRODUCED, "p = 0.0017"),
        ("0.002", "6.8", "11.4", (32,), REPRODUCED, "p = 0.0020"),
        ("<0.001", "10.8", "15.5", (31,), REPRODUCED, "p = 0.00053"),
        ("0.01", "6.8", "11.4", (33,), CONFLICTS, "p = 0.0017"),
    ],
)
def test_barthel_changes(p, mean, sd, n, status, recomputed):
    found = check.paired_t(P(p), mean=P(mean), sd=P(sd), n=n)
    assert (found.status, found.recomputed) == (status, recomputed)


def test_several_numbers_of_patients_may_lie_under_a_change():
    both = check.paired_t(P("0.002"), mean=P("6.8"), sd=P("11.4"), n=(33, 32))
    assert both.status == REPRODUCED
    one = check.paired_t(P("0.0020"), mean=P("6.8"), sd=P("11.4"), n=(33, 32))
    assert (one.status, one.assumption) == (CONSISTENT, "the printed p is that of the paired t test of 32 patients")


@pytest.mark.parametrize(
    ("p", "status"), [("0.03", REPRODUCED), ("0.0295", CONSISTENT), ("0.031", CONSISTENT), ("0.06", CONFLICTS)]
)
def test_a_mann_whitney_test_of_level_counts(p, status):
    assert check.mann_whitney(P(p), **LEVELS).status == status


@pytest.mark.parametrize(("p", "status"), [("0.732", NOT_CHECKABLE), ("<0.001", CONFLICTS), ("0.02", CONFLICTS)])
def test_a_mann_whitney_test_of_so_few_patients_has_a_least_p(p, status):
    found = check.mann_whitney(P(p), n1=3, n2=3)
    assert found.status == status and "no p below 0.0253" in found.reason


@pytest.mark.parametrize(("p", "status"), [("0.23", REPRODUCED), ("0.231", REPRODUCED), ("0.138", CONFLICTS)])
def test_fishers_test(p, status):
    assert check.fisher(P(p), **EVENTS).status == status


@pytest.mark.parametrize(
    ("p", "correction", "status"),
    [
        ("0.138", "no", REPRODUCED),
        ("0.138", "yes", CONFLICTS),
        ("0.445", "yes", REPRODUCED),
        ("0.445", "not named", CONSISTENT),
        ("0.23", "not named", CONFLICTS),
    ],
)
def test_the_chi_square_test(p, correction, status):
    assert check.chi_square(P(p), **EVENTS, correction=correction).status == status


def test_without_an_event_there_is_no_chi_square_test_and_no_rate_ratio():
    assert check.chi_square(P("1.0"), events1=0, n1=5, events2=0, n2=6).status == NOT_CHECKABLE
    assert check.rate_ratio(P("1.0"), events1=0, time1=P("5"), events2=0, time2=P("6")).status == NOT_CHECKABLE


@pytest.mark.parametrize(("p", "status"), [("0.22", CONSISTENT), ("0.21", CONSISTENT), ("0.5", NOT_CHECKABLE)])
def test_rates(p, status):
    found = check.rate_ratio(P(p), events1=3, time1=P("100.5"), events2=7, time2=P("98.2"))
    assert found.status == status


@pytest.mark.parametrize(
    ("p", "changes", "status"),
    [
        ("0.005", {}, REPRODUCED),
        ("0.008", {}, CONSISTENT),
        ("0.05", {}, CONFLICTS),
        ("0.05", {"estimate": P("0.71")}, NOT_CHECKABLE),
        ("0.05", {"estimate": P("0.65")}, CONFLICTS),
    ],
)
def test_a_p_and_its_interval(p, changes, status):
    assert check.p_interval(P(p), **(RISK_RATIO | changes)).status == status


@pytest.mark.parametrize(
    ("p", "text", "status", "words"),
    [
        (".036", "t(28) = 2.20, p = .036", REPRODUCED, "t(28) = 2.20 gives p = 0.0362"),
        (".037", "t(28) = 2.2, p = .037", CONSISTENT, "allows for 0.037"),
        (".016", "t(28) = 2.20, p = .016", CONFLICTS, "not 0.016."),
        ("0.02", "t(18) = 1.20, p = .020", CONFLICTS, "on the other side of 0.05"),
        (".045", "t(30) = 1.75, p = .045, one-tailed test", CONSISTENT, "fits the one-tailed test t(30) = 1.75"),
        (".000", "t(100) = 9.2, p = .000", REPRODUCED, "5.6×10⁻¹⁵"),
        (">0.05", "F(1, 20) = 0.52, ns", REPRODUCED, "p = 0.4792"),
        ("0.15", "F(1, 20) < 1, p = .15", CONFLICTS, "not 0.15"),
        ("0.60", "F(1, 20) < 1, p = .60", CONSISTENT, "allows for 0.60"),
        ("0.029", "chi2(2, N = 100) = 7.10, p = .029", REPRODUCED, "chi2(2, N = 100) = 7.10 gives"),
    ],
)
def test_a_reported_string(p, text, status, words):
    found = statcheck(P(p), text=text)
    assert found.status == status and words in found.reason


def test_a_test_said_to_be_one_tailed():
    assert statcheck(P(".045"), text="t(30) = 1.75, p = .045", one_tailed="yes").status == REPRODUCED
    assert statcheck(P(".045"), text="t(30) = 1.75, p = .045").status == CONFLICTS


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: check.two_sample_t(P("0.1"), **(LEG | {"n2": 1})), "n2: must be at least 2, got 1"),
        (lambda: check.two_sample_t(P("0.1"), **(LEG | {"sd1": P("-1")})), "sd1: must not be negative, got -1"),
        (lambda: check.two_sample_t(P("1.1"), **LEG), "reported p must lie between 0 and 1, got 1.1"),
        (lambda: check.paired_t(P("0.1"), mean=P("<1"), sd=P("1"), n=(9,)), "mean: must be a number without a sign"),
        (lambda: check.paired_t(P("0.1"), mean=P("1"), sd=P("1"), n=()), "n: must be at least one number"),
        (lambda: check.mann_whitney(P("0.1"), counts1=(1, 2), n2=3), "counts1 and counts2, or n1 and n2"),
        (lambda: check.mann_whitney(P("0.1"), n1=3, n2=0), "n2: must be at least 1, got 0"),
        (lambda: check.fisher(P("0.1"), **(EVENTS | {"events2": 32})), "events2: must not exceed its n, 31; got 32"),
        (
            lambda: check.p_interval(P("0.1"), **RISK_RATIO, level=P("100")),
            "level: must lie between 0 and 100, got 100",
        ),
        (lambda: statcheck(P("0.1"), text="no test"), "text: must hold one test"),
        (
            lambda: statcheck(P("0.1"), text="t(28) = 2.20, p = .036"),
            "text: its p must be the reported one, 0.1, got 0.036",
        ),
    ],
)
def test_senseless_inputs_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.4708, "0.4708"),
        (0.00168, "0.0017"),
        (0.00053, "0.00053"),
        (0.00099, "0.0010"),
        (5.61e-15, "5.6×10⁻¹⁵"),
        (0, "0"),
    ],
)
def test_how_a_p_is_written(p, text):
    assert p_digits(p) == text


samples = st.lists(st.integers(0, 20), min_size=3, max_size=25)


@given(samples, samples, st.integers(0, 3), st.integers(2, 4), st.sampled_from(["welch", "student"]))
@settings(max_examples=100, deadline=None)
def test_a_data_sets_own_t_test_never_conflicts(first, second, decimals, p_decimals, test):
    assume(len(set(first)) > 1 and len(set(second)) > 1)
    p = stats.ttest_ind(first, second, equal_var=test == "student").pvalue
    summary = {}
    for group, values in (("1", np.array(first)), ("2", np.array(second))):
        summary[f"mean{group}"] = P(f"{values.mean():.{decimals}f}")
        summary[f"sd{group}"] = P(f"{values.std(ddof=1):.{decimals}f}")
        summary[f"n{group}"] = values.size
    assert check.two_sample_t(P(f"{p:.{p_decimals}f}"), **summary, test=test).status in (REPRODUCED, CONSISTENT)
    assert check.two_sample_t(P(f"{p:.{p_decimals}f}"), **summary).status == CONSISTENT


@given(st.lists(st.integers(-10, 20), min_size=3, max_size=25), st.integers(0, 3), st.integers(2, 4))
@settings(deadline=None)
def test_a_data_sets_own_paired_test_never_conflicts(change, decimals, p_decimals):
    assume(len(set(change)) > 1)
    p = stats.ttest_1samp(change, 0).pvalue
    values = np.array(change)
    mean, sd = P(f"{values.mean():.{decimals}f}"), P(f"{values.std(ddof=1):.{decimals}f}")
    found = check.paired_t(P(f"{p:.{p_decimals}f}"), mean=mean, sd=sd, n=(values.size,))
    assert found.status in (REPRODUCED, CONSISTENT)


counts = st.lists(st.integers(0, 8), min_size=3, max_size=3)


@given(counts, counts, st.integers(2, 4))
@settings(deadline=None)
def test_a_data_sets_own_mann_whitney_test_never_conflicts(first, second, p_decimals):
    assume(sum(first) and sum(second) and sum(level > 0 for level in np.add(first, second)) > 1)
    groups = [np.repeat(range(3), each) for each in (first, second)]
    for continuity in (False, True):
        p = min(stats.mannwhitneyu(*groups, method="asymptotic", use_continuity=continuity).pvalue, 1)
        reported = P(f"{p:.{p_decimals}f}")
        assert check.mann_whitney(reported, counts1=tuple(first), counts2=tuple(second)).status in (
            REPRODUCED,
            CONSISTENT,
        )
        assert check.mann_whitney(reported, n1=sum(first), n2=sum(second)).status == NOT_CHECKABLE


@given(st.integers(1, 30), st.integers(1, 30), st.data(), st.integers(2, 4))
@settings(deadline=None)
def test_a_tables_own_tests_never_conflict(n1, n2, data, p_decimals):
    events1, events2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    table = [[events1, n1 - events1], [events2, n2 - events2]]
    inputs = {"events1": events1, "n1": n1, "events2": events2, "n2": n2}
    assert check.fisher(P(f"{stats.fisher_exact(table).pvalue:.{p_decimals}f}"), **inputs).status == REPRODUCED
    assume(0 < events1 + events2 < n1 + n2)
    for correction in ("yes", "no"):
        p = stats.chi2_contingency(table, correction=correction == "yes").pvalue
        reported = P(f"{p:.{p_decimals}f}")
        assert check.chi_square(reported, **inputs, correction=correction).status == REPRODUCED
        assert check.chi_square(reported, **inputs).status in (REPRODUCED, CONSISTENT)


def test_where_no_candidate_is_near_none_is_called_nearest():
    found = check.chi_square(P("0.5"), events1=4, n1=16, events2=21, n2=36)
    assert found.reason == (
        "The chi-square test without correction gives p = 0.0264 and the chi-square test with Yates' correction gives"
        " p = 0.0549, not 0.5."
    )


def test_a_test_that_is_not_named_is_told_in_one_sentence():
    found = check.rate_ratio(P("0.04"), events1=10, time1=P("100"), events2=20, time2=P("100"))
    assert found.reason.startswith(
        "The test is not named: Wald's test of the log rate ratio comes nearest to 0.04 with"
    )
    found = check.rate_ratio(P("0.5"), events1=10, time1=P("100"), events2=20, time2=P("100"))
    assert found.reason.startswith("The test is not named: the exact test of two Poisson rates gives p = 0.0987")
    assert found.reason.endswith(", not 0.5.")
