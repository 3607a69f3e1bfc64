"""Means and SDs of zeros and ones."""

from fractions import Fraction

import pytest
from data_sets import DECIMAL_ROUNDINGS, printed, printed_root
from hypothesis import given
from hypothesis import strategies as st

from helpers.scrutiny.debit import debit


def test_a_published_table_as_r_finds_it():
    # `pigs3` of R's scrutiny 0.6.1
    means = ["0.53", "0.44", "0.77", "0.19", "0.34", "0.93", "0.12"]
    sds = ["0.50", "0.50", "0.42", "0.35", "0.47", "0.25", "0.33"]
    assert debit(means, sds, 1683).tolist() == [True, True, True, False, True, True, True]


@pytest.mark.parametrize(("mean", "sd"), [("0.35", "0.18"), ("0.36", "0.11")])
def test_examples_of_20_values_that_can_not_be(mean, sd):
    assert debit(mean, sd, 20) is False


@pytest.mark.parametrize("rounding", sorted(DECIMAL_ROUNDINGS))
@pytest.mark.parametrize("n", [2, 5, 8, 25, 40])
def test_exactly_the_pairs_of_all_data_sets_pass(n, rounding):
    possible = {
        (printed(Fraction(k, n), 2, rounding), printed_root(Fraction(k * (n - k), n * (n - 1)), 2, rounding))
        for k in range(n + 1)
    }
    every = [(f"{mean / 100:.2f}", f"{sd / 100:.2f}") for mean in range(101) for sd in range(75)]
    passing = debit(*zip(*every, strict=True), n, rounding=rounding)
    assert {pair for pair, passes in zip(every, passing, strict=True) if passes} == possible


@given(st.integers(2, 3000), st.data(), st.sampled_from(sorted(DECIMAL_ROUNDINGS)))
def test_the_own_mean_and_sd_of_a_data_set_always_pass(n, data, rounding):
    k = data.draw(st.integers(0, n))
    sd = printed_root(Fraction(k * (n - k), n * (n - 1)), 2, rounding)
    assert debit(printed(Fraction(k, n), 2, rounding), sd, n, rounding=rounding)
    assert debit(printed(Fraction(k, n), 2, rounding), sd, n)


def test_a_mean_beyond_one_is_no_share():
    assert not debit("1.20", "0.40", 20)
