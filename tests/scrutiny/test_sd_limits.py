"""The smallest and the largest SD of n values between two limits."""

import math
from fractions import Fraction

import pytest
from data_sets import multisets, printed, variance
from hypothesis import given
from hypothesis import strategies as st

from helpers.scrutiny.printed_number import Printed
from helpers.scrutiny.sd_limits import ImpossibleMean, sd_limits


@pytest.mark.parametrize(("n", "top", "decimals"), [(2, 4, 1), (3, 4, 1), (4, 6, 2), (5, 4, 0), (6, 3, 1), (7, 3, 1)])
@pytest.mark.parametrize(("low", "step"), [(0, 1), (1, 1), (-2, Fraction(1, 2)), (0, 5)])
def test_on_a_grid_the_limits_are_those_of_all_data_sets(n, top, decimals, low, step):
    levels = [low + step * level for level in range(top + 1)]
    spreads = {}
    for values in multisets(n, levels):
        spreads.setdefault(printed(Fraction(sum(values)) / n, decimals, "up"), []).append(variance(values))
    for mean, variances in spreads.items():
        limits = sd_limits(mean, n, low, levels[-1], step=step, rounding="up")
        assert (limits.low_variance, limits.high_variance) == (min(variances), max(variances))


@given(st.integers(2, 9), st.integers(0, 100), st.integers(0, 1))
def test_without_a_grid_a_fine_one_comes_close_from_inside(n, scaled, decimals):
    mean = Printed("", scaled * 10**decimals // 10, decimals)
    limits = sd_limits(mean, n, 0, 10)
    fine = sd_limits(mean, n, 0, 10, step=Fraction(1, 10 * n))
    assert limits.low == 0
    assert fine.high <= limits.high <= fine.high + 0.02


@pytest.mark.parametrize(("k", "n"), [(1, 4), (5, 10), (30, 100)])
def test_where_all_values_are_at_the_limits_the_bound_of_bhatia_and_davis_is_reached(k, n):
    mean = Fraction(7 * k, n)  # k values of 7 and the others 0
    text = printed(mean, 6, "even")
    bound = math.sqrt(float((7 - mean) * mean) * n / (n - 1))
    assert sd_limits(text, n, 0, 7).high == pytest.approx(bound, abs=1e-5)


def test_the_rounding_of_the_mean_widens_the_limits():
    # 2 of 0 to 10: a mean of 0 may be 0.5, one value of 1 and one of 0
    assert sd_limits("0", 2, 0, 10).high == pytest.approx(math.sqrt(0.5))
    assert sd_limits("0.0", 2, 0, 10).high == pytest.approx(0.05 * math.sqrt(2))


@pytest.mark.parametrize(("mean", "sd", "possible"), [("3.00", "2.10", True), ("3.00", "2.20", False)])
def test_a_printed_sd_beyond_the_largest_is_not_admitted(mean, sd, possible):
    # Ten answers from 1 to 5 with a mean of 3: five 1 and five 5 have the SD 2.108.
    assert sd_limits(mean, 10, 1, 5, step=1).high == pytest.approx(math.sqrt(40 / 9))
    assert sd_limits(mean, 10, 1, 5, step=1).admits(Printed.parse(sd)) is possible


@given(st.lists(st.integers(0, 20), min_size=2, max_size=12), st.integers(0, 2), st.booleans())
def test_the_own_sd_of_a_data_set_lies_within(values, decimals, on_grid):
    mean = printed(Fraction(sum(values), len(values)), decimals, "even")
    limits = sd_limits(mean, len(values), 0, 20, step=1 if on_grid else None)
    assert limits.low_variance <= variance(values) <= limits.high_variance


def test_limits_become_a_frame():
    frame = sd_limits("2", 4, 0, 4).to_frame()
    assert list(frame.columns) == ["low", "high"]
    assert len(frame) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("5.0", 1, 0, 10), "n: must be at least 2, got 1"),
        (("5.0", 4, 10, 0), "max: must be above min, 10; got 0"),
        (("x", 4, 0, 10), "no printed number"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        sd_limits(*arguments)


def test_a_step_leads_from_the_smallest_to_the_largest_value():
    with pytest.raises(ValueError, match="step: must lead from 0 to 10, got 3"):
        sd_limits("5.0", 4, 0, 10, step=3)


@pytest.mark.parametrize(("mean", "step"), [("10.1", None), ("-0.2", None), ("5.1", 1)])
def test_a_mean_that_no_such_values_have_is_refused(mean, step):
    with pytest.raises(ImpossibleMean, match=r"mean: no 4 values from 0 to 10.* have a mean of"):
        sd_limits(mean, 4, 0, 10, step=step)
