"""The p-values that rounded inputs leave possible."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from helpers.effects import log_rate_ratio, rate_ratio_p
from helpers.scrutiny.p_and_interval import p_from_interval
from helpers.scrutiny.p_values import PSpan, paired_p, two_sample_p
from helpers.scrutiny.printed_number import Printed
from helpers.scrutiny.rate_p_values import exact_rate_p, wald_rate_p

P = Printed.parse
LEG = (P("14.8"), P("23.8"), 39, P("2.6"), P("13.0"), 15)


def contains(span, p):
    return span.low * (1 - 1e-9) - 1e-300 <= p <= span.high * (1 + 1e-9)


def as_printed(value, decimals):
    return P(f"{value:.{decimals}f}")


@pytest.mark.parametrize(
    ("mean", "sd", "n", "p"),
    [("6.8", "11.4", 33, 0.0017), ("6.8", "11.4", 32, 0.0020), ("10.8", "15.5", 31, 0.00053)],
)
def test_barthel_changes(mean, sd, n, p):
    span = paired_p(P(mean), P(sd), n)
    assert float(f"{span.p:.2g}") == p
    assert span.p == pytest.approx(2 * stats.t.sf(float(mean) / (float(sd) / math.sqrt(n)), n - 1), rel=1e-12)
    assert span.low < span.p < span.high


@pytest.mark.parametrize(("equal_var", "p"), [(False, 0.0204), (True, 0.0666)])
def test_motricity_of_the_leg(equal_var, p):
    assert round(two_sample_p(*LEG, equal_var=equal_var).p, 4) == p


@pytest.mark.parametrize("equal_var", [False, True])
def test_the_span_of_a_two_sample_test_is_that_of_a_fine_search(equal_var):
    ends = [np.linspace(x.low, x.high, 9) for x in (LEG[0], LEG[1], LEG[3], LEG[4])]
    searched = [
        stats.ttest_ind_from_stats(m1, s1, 39, m2, s2, 15, equal_var=equal_var).pvalue
        for m1, s1, m2, s2 in itertools.product(*ends)
    ]
    span = two_sample_p(*LEG, equal_var=equal_var)
    assert (span.low, span.high) == pytest.approx((min(searched), max(searched)), rel=1e-9)


def test_welchs_p_can_be_least_at_neither_end_of_an_sd():
    """A larger SD of the first group lowers p through the degrees of freedom, until it raises p through the variance."""
    span = two_sample_p(P("10.0000"), P("7"), 3, P("0.0000"), P("10.0000"), 2)
    sds = np.linspace(6.5, 7.5, 2001)
    searched = stats.ttest_ind_from_stats(10.0001, sds, 3, 0, 9.99995, 2, equal_var=False).pvalue
    assert span.low == pytest.approx(searched.min(), rel=1e-9)
    assert searched.min() < min(searched[0], searched[-1])


@pytest.mark.parametrize("equal_var", [False, True])
def test_means_that_may_be_equal_allow_a_p_of_one(equal_var):
    span = two_sample_p(P("1.2"), P("0.5"), 10, P("1.3"), P("0.5"), 10, equal_var=equal_var)
    assert span.high == 1 > span.p > span.low


@pytest.mark.parametrize("equal_var", [False, True])
def test_sds_that_may_be_zero_allow_a_p_of_zero(equal_var):
    span = two_sample_p(P("1.5"), P("0.0"), 10, P("1.3"), P("0.0"), 10, equal_var=equal_var)
    assert span.low == pytest.approx(0, abs=1e-100) and 0 < span.high < 1
    assert two_sample_p(P("1.5"), P("0.0"), 10, P("1.5"), P("0.0"), 10, equal_var=equal_var).p == 1


def test_a_change_that_may_be_zero_allows_a_p_of_one():
    assert paired_p(P("0.0"), P("1.2"), 12).high == 1 == paired_p(P("0.0"), P("1.2"), 12).p


def test_a_negative_sd_is_refused():
    with pytest.raises(ValueError, match=r"sd2: must not be negative, got -1\.0"):
        two_sample_p(P("1"), P("1.0"), 5, P("2"), P("-1.0"), 5)


@pytest.mark.parametrize(
    ("printed", "meets"),
    [
        ("0.02", True),
        ("0.021", True),
        ("0.023", False),
        ("<0.02", True),
        ("<0.01", False),
        (">0.02", True),
        (">0.05", False),
    ],
)
def test_a_printed_p_meets_a_span(printed, meets):
    assert PSpan(0.0204, 0.0191, 0.0218).meets(P(printed)) is meets


NUMBERS = {
    "mean": st.floats(-50, 50),
    "sd": st.floats(0.05, 40),
    "n": st.integers(2, 60),
    "decimals": st.integers(0, 3),
}


@given(
    NUMBERS["mean"], NUMBERS["sd"], NUMBERS["n"], NUMBERS["mean"], NUMBERS["sd"], NUMBERS["n"], NUMBERS["decimals"],
    st.booleans(),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_the_span_of_a_two_sample_test_holds_the_p_of_the_unrounded_inputs(m1, s1, n1, m2, s2, n2, decimals, equal_var):
    p = stats.ttest_ind_from_stats(m1, s1, n1, m2, s2, n2, equal_var=equal_var).pvalue
    printed = [as_printed(value, decimals) for value in (m1, s1, m2, s2)]
    assert contains(two_sample_p(printed[0], printed[1], n1, printed[2], printed[3], n2, equal_var=equal_var), p)


@given(NUMBERS["mean"], NUMBERS["sd"], NUMBERS["n"], NUMBERS["decimals"])
@settings(deadline=None)
def test_the_span_of_a_paired_test_holds_the_p_of_the_unrounded_inputs(mean, sd, n, decimals):
    p = 2 * stats.t.sf(abs(mean) / (sd / math.sqrt(n)), n - 1)
    assert contains(paired_p(as_printed(mean, decimals), as_printed(sd, decimals), n), p)


@given(st.integers(0, 25), st.floats(1, 300), st.integers(0, 25), st.floats(1, 300), st.integers(0, 2))
@settings(max_examples=150, deadline=None)
def test_the_spans_of_rates_hold_the_p_of_the_unrounded_times(x1, t1, x2, t2, decimals):
    assume(x1 + x2 > 0)
    times = as_printed(t1, decimals), as_printed(t2, decimals)
    assert contains(exact_rate_p(x1, times[0], x2, times[1]), rate_ratio_p(x1, t1, x2, t2))
    assert contains(wald_rate_p(x1, times[0], x2, times[1]), log_rate_ratio(x1, t1, x2, t2).p())


@pytest.mark.parametrize(
    ("x1", "t1", "x2", "t2"), [(3, "10", 7, "9"), (0, "6", 4, "5"), (1, "3", 1, "2"), (12, "30", 9, "28")]
)
def test_the_span_of_the_exact_test_of_rates_is_that_of_a_fine_search(x1, t1, x2, t2):
    span = exact_rate_p(x1, P(t1), x2, P(t2))
    ratios = np.linspace(P(t1).low / P(t2).high, P(t1).high / P(t2).low, 1001)
    searched = rate_ratio_p(x1, ratios, x2, 1)
    assert span.low <= searched.min() and searched.max() <= span.high
    assert (span.low, span.high) == pytest.approx((searched.min(), searched.max()), rel=2e-3)


def test_a_time_of_zero_is_refused():
    with pytest.raises(ValueError, match=r"time2: must be above 0, got 0\.0"):
        exact_rate_p(1, P("1.0"), 2, P("0.0"))


def test_p_of_a_risk_ratio_and_its_interval():
    """The worked example of Altman and Bland 2011: 0.81 (0.70 to 0.94), z = 2.80, P = 0.005."""
    found = p_from_interval(P("0.81"), P("0.70"), P("0.94"), log_scale=True)
    assert round(found.span.p, 3) == 0.005
    z = abs(math.log(0.81)) / ((math.log(0.94) - math.log(0.70)) / (2 * stats.norm.ppf(0.975)))
    assert round(z, 1) == 2.8
    assert found.span.p == pytest.approx(2 * stats.norm.sf(z), rel=1e-12)
    assert found.symmetric and found.inside


def test_an_interval_that_may_touch_no_effect_may_have_a_p_of_0_05():
    found = p_from_interval(P("1.0"), P("0.0"), P("2.0"))
    assert found.span.p == pytest.approx(0.05, rel=1e-12)


def test_the_t_quantile_of_an_interval_leads_back_to_the_t_test():
    change = np.array([3.0, 5.5, -1.0, 4.0, 2.5, 8.0])
    test = stats.ttest_1samp(change, 0)
    low, high = test.confidence_interval(0.9)
    printed = [as_printed(value, 8) for value in (change.mean(), low, high)]
    assert p_from_interval(*printed, level=0.9, df=5).span.p == pytest.approx(test.pvalue, rel=1e-6)


@pytest.mark.parametrize(
    ("estimate", "log_scale", "symmetric", "inside"),
    [
        ("0.81", True, True, True),
        ("0.82", False, True, True),
        ("0.90", True, False, True),
        ("0.96", True, False, False),
    ],
)
def test_where_the_estimate_lies(estimate, log_scale, symmetric, inside):
    found = p_from_interval(P(estimate), P("0.70"), P("0.94"), log_scale=log_scale)
    assert (found.symmetric, found.inside) == (symmetric, inside)


@given(
    st.floats(-5, 5), st.floats(0.05, 3), st.sampled_from([0.9, 0.95, 0.99]), st.none() | st.integers(1, 80),
    st.integers(1, 3), st.booleans(),
)  # fmt: skip
@settings(deadline=None)
def test_the_span_of_an_interval_holds_the_p_of_the_unrounded_limits(estimate, se, level, df, decimals, log_scale):
    distribution = stats.norm if df is None else stats.t(df)
    half = distribution.ppf((1 + level) / 2) * se
    assume(half < 20)
    p = 2 * distribution.sf(abs(estimate) / se)
    ends = [math.exp(x) if log_scale else x for x in (estimate, estimate - half, estimate + half)]
    printed = [as_printed(value, decimals) for value in ends]
    assume(printed[1].exact < printed[2].exact and (not log_scale or min(x.scaled for x in printed) > 0))
    found = p_from_interval(*printed, log_scale=log_scale, level=level, df=df)
    assert contains(found.span, p) and found.symmetric and found.inside


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("1", "2", "2"), {}, "ci_high: must be above ci_low, 2; got 2"),
        (("1", "-1", "2"), {"log_scale": True}, "ci_low: must be above 0 on a log scale, got -1"),
        (("1", "0", "2"), {"level": 95}, "level: must lie between 0 and 1, got 95"),
    ],
)
def test_an_impossible_interval_is_refused(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        p_from_interval(*map(P, arguments), **options)
