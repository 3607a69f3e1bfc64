"""Which values a printed number can stand for, under each rounding convention."""

from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.scrutiny.printed_number import Printed

DECIMAL_ROUNDINGS = {"up": ROUND_HALF_UP, "down": ROUND_HALF_DOWN, "even": ROUND_HALF_EVEN}


@pytest.mark.parametrize(
    ("text", "qualifier", "exact", "decimals"),
    [
        ("6.8", "", Fraction(68, 10), 1),
        (".62", "", Fraction(62, 100), 2),
        ("-1.50", "", Fraction(-3, 2), 2),
        ("\u22121.50", "", Fraction(-3, 2), 2),
        ("12", "", Fraction(12), 0),
        ("5.", "", Fraction(5), 0),
        ("<0.001", "<", Fraction(1, 1000), 3),
        (">= 4", ">=", Fraction(4), 0),
        (" ~80 ", "~", Fraction(80), 0),
        ("0.00", "", Fraction(0), 2),
    ],
)
def test_digits_and_sign_are_read_exactly(text, qualifier, exact, decimals):
    printed = Printed.parse(text)
    assert (printed.qualifier, printed.exact, printed.decimals) == (qualifier, exact, decimals)


@pytest.mark.parametrize("text", ["", ".", "-", "<", "1,5", "1e5", "5%", "n.s.", "1 2", "٣", "nan", "--1", "1.2.3"])
def test_what_is_no_printed_number_is_refused(text):
    with pytest.raises(ValueError, match="no printed number"):
        Printed.parse(text)


@pytest.mark.parametrize("text", ["6.8", "0.62", "-1.50", "12", "<0.001", ">=4", "~80", "-0.05", "0.00", "100"])
def test_a_number_is_written_as_it_was_read(text):
    assert str(Printed.parse(text)) == text


def test_the_values_behind_the_digits_reach_half_a_unit_to_either_side():
    printed = Printed.parse("6.8")
    assert (printed.low, printed.value, printed.high) == (6.75, 6.8, 6.85)


@given(st.integers(-3000, 3000), st.integers(0, 2), st.sampled_from(sorted(DECIMAL_ROUNDINGS)))
def test_a_value_is_admitted_exactly_by_the_number_it_rounds_to(thousandths, decimals, rounding):
    value, unit = Decimal(thousandths) / 1000, Decimal(1).scaleb(-decimals)
    rounded = value.quantize(unit, DECIMAL_ROUNDINGS[rounding])
    for neighbour in (-1, 0, 1):
        printed = Printed("", int(rounded.scaleb(decimals)) + neighbour, decimals)
        assert printed.admits(Fraction(value), rounding) == (neighbour == 0)


@given(st.integers(-3000, 3000), st.integers(0, 2), st.integers(-3000, 3000))
def test_either_admits_what_rounding_up_or_down_admits(thousandths, decimals, scaled):
    value, printed = Fraction(thousandths, 1000), Printed("", scaled, decimals)
    assert printed.admits(value) == (printed.admits(value, "up") or printed.admits(value, "down"))


def test_a_float_next_to_a_half_counts_as_the_half():
    assert float(Fraction("1.005")) < Fraction("1.005")  # the nearest float lies below
    assert Printed.parse("1.01").admits(1.005, "up")
    assert not Printed.parse("1.00").admits(1.005, "up")


@pytest.mark.parametrize(
    ("text", "value", "admitted"),
    [
        ("<0.001", 0.0005, True),
        ("<0.001", 0.002, False),
        ("<=0.05", 0.04, True),
        (">4", 5.0, True),
        (">4", 3.0, False),
        ("~80", 81.0, True),
        ("~80", 81.5, False),
        # the float of 0.3 lies below 3/10, that of 0.05 above 1/20, that of 0.7 below 7/10
        ("<0.3", 0.3, False),
        ("<=0.05", 0.05, True),
        (">0.05", 0.05, False),
        (">=0.7", 0.7, True),
        ("~0.1", 0.2, True),
    ],
)
def test_a_qualifier_admits_one_side_and_a_float_on_its_border_is_the_border(text, value, admitted):
    assert Printed.parse(text).admits(value) == admitted


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_is_not_finite_is_refused(value):
    with pytest.raises(ValueError, match="value: must be finite"):
        Printed.parse("0.5").admits(value)


def test_an_unknown_rounding_is_refused():
    with pytest.raises(ValueError, match=r"rounding.*either, up, down, even"):
        Printed.parse("0.5").admits(Fraction(1, 2), "ceiling")


@pytest.mark.parametrize(
    ("text", "rounding", "ends"),
    [
        ("6.8", "either", (True, True)),
        ("6.8", "up", (True, False)),
        ("6.8", "down", (False, True)),
        ("6.8", "even", (True, True)),
        ("6.7", "even", (False, False)),
        ("-6.8", "up", (False, True)),
        ("-6.8", "down", (True, False)),
        ("0.0", "up", (False, False)),
        ("0.0", "down", (True, True)),
    ],
)
def test_the_interval_behind_a_number_includes_the_ends_that_round_to_it(text, rounding, ends):
    interval = Printed.parse(text).interval(rounding)
    assert (interval.includes_low, interval.includes_high) == ends
    assert interval.high - interval.low == Fraction(1, 10)


def test_about_80_stands_for_a_whole_unit_to_either_side():
    interval = Printed.parse("~80").interval()
    assert (interval.low, interval.high) == (79, 81)


def test_a_bound_has_no_interval():
    with pytest.raises(ValueError, match=r"<0\.001 is a bound"):
        Printed.parse("<0.001").interval()
