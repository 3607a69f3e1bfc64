"""Which counts can print as a percentage."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.scrutiny.printed_number import ROUNDINGS, Printed
from helpers.scrutiny.shares import every_share_fits, fitting_counts, fitting_shares, fitting_sizes


@pytest.mark.parametrize(
    ("percent", "shares"),
    [
        ("11.4", [(4, 35)]),
        ("27.3", [(3, 11), (6, 22), (9, 33)]),
        ("35.5", [(11, 31)]),
    ],
)
def test_the_percentages_of_a_trial_of_36_patients(percent, shares):
    assert fitting_shares(Printed.parse(percent), 36) == shares


def test_16_patients_are_80_percent_of_20():
    assert list(fitting_sizes(Printed.parse("80"), 16)) == [20]


@pytest.mark.parametrize(("percent", "n", "k"), [("43.6", 39, 17), ("66.7", 15, 10)])
def test_an_arm_and_a_percentage_give_the_count(percent, n, k):
    assert list(fitting_counts(Printed.parse(percent), n)) == [k]


@given(
    st.integers(-20, 1100), st.integers(0, 1), st.integers(0, 40), st.sampled_from([1, 100]), st.sampled_from(ROUNDINGS)
)
def test_counts_and_sizes_are_those_whose_share_prints_so(scaled, decimals, number, whole, rounding):
    share = Printed("", scaled, decimals + (2 if whole == 1 else 0))
    if number:
        counts = [k for k in range(number + 1) if share.admits(Fraction(whole * k, number), rounding)]
        assert list(fitting_counts(share, number, whole=whole, rounding=rounding)) == counts
    sizes = [n for n in range(max(number, 1), 120) if share.admits(Fraction(whole * number, n), rounding)]
    assert list(fitting_sizes(share, number, whole=whole, n_max=119, rounding=rounding)) == sizes


def test_in_large_samples_every_percentage_fits():
    assert every_share_fits(Printed.parse("43.6"), 1000)
    assert not every_share_fits(Printed.parse("43.6"), 999)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fitting_counts(Printed.parse("5"), 0), "n: must be at least 1, got 0"),
        (lambda: fitting_sizes(Printed.parse("5"), -1), "k: must not be negative, got -1"),
        (lambda: fitting_shares(Printed.parse("5"), 0), "n_max: must be at least 1, got 0"),
        (lambda: fitting_counts(Printed.parse("<5"), 10), "<5 is a bound"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
