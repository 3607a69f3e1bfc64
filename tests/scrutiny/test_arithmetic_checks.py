"""What the checks by plain arithmetic find, and how they say it."""

import pytest

from helpers.scrutiny.checks.arithmetic import equal, order, sum_, weighted_mean, within
from helpers.scrutiny.finding import CONFLICTS, CONSISTENT, NOT_CHECKABLE, REPRODUCED
from helpers.scrutiny.printed_number import Printed

read = Printed.parse


def several(text):
    return tuple(read(each) for each in text.split())


@pytest.mark.parametrize(
    ("total", "parts", "at_most", "status", "reason"),
    [
        ("36", "15 21", None, REPRODUCED, "15 + 21 = 36."),
        ("31", "36 -2 -1 -2", None, REPRODUCED, "36 \u2212 2 \u2212 1 \u2212 2 = 31."),
        ("44", "31 13", 54, REPRODUCED, "31 + 13 = 44, at most 54."),
        ("44", "31 13", 40, CONFLICTS, "31 + 13 = 44, more than 40."),
        ("37", "15 21", None, CONFLICTS, "15 + 21 = 36, not 37."),
        ("100", "33.3 33.3 33.3", None, CONSISTENT, "33.3 + 33.3 + 33.3 = 99.9; rounding allows for 100."),
        ("100", "33.3 33.3 33.2", None, CONFLICTS, "33.3 + 33.3 + 33.2 = 99.8, not 100."),
        (">=36", "15 21", None, CONSISTENT, "15 + 21 = 36."),
        (">36", "15 21", None, CONFLICTS, "15 + 21 = 36, not >36."),
        ("~40", "15 21", None, NOT_CHECKABLE, "15 + 21 = 36, not ~40. The number is given as approximate."),
    ],
)
def test_a_sum(total, parts, at_most, status, reason):
    found = sum_(read(total), parts=several(parts), at_most=at_most)
    assert (found.status, found.reason) == (status, reason)


@pytest.mark.parametrize(
    ("overall", "means", "status", "recomputed"),
    [
        ("63.4", "63.03 64.27", REPRODUCED, "63.374"),  # (39 * 63.03 + 15 * 64.27) / 54
        ("68", "63.03 64.27", CONFLICTS, "63.37"),
        ("63.37", "63.0 64.3", CONSISTENT, "63.3611"),
        ("63.30", "63.0 64.3", CONFLICTS, "63.3611"),  # the means may be 0.05 off, which leaves 63.31
        ("<68", "63.03 64.27", NOT_CHECKABLE, ""),
    ],
)
def test_the_overall_mean_of_two_arms(overall, means, status, recomputed):
    found = weighted_mean(read(overall), means=several(means), n=(39, 15))
    assert (found.status, found.recomputed) == (status, recomputed)


@pytest.mark.parametrize(
    ("here", "there", "status"),
    [
        ("6.8", "6.8", REPRODUCED),
        ("6.8", "6.80", REPRODUCED),
        ("6.8", "6.84", REPRODUCED),
        ("6.8", "6.86", CONFLICTS),
        ("6.84", "6.8", CONSISTENT),
        ("6.8", "6.9", CONFLICTS),
        ("<0.001", "<0.001", REPRODUCED),
        ("<0.001", "0.0004", CONSISTENT),
        ("0.023", "<0.05", CONSISTENT),
        ("0.06", "<0.05", CONFLICTS),
        ("<0.05", "<0.001", NOT_CHECKABLE),
    ],
)
def test_one_number_in_two_places(here, there, status):
    assert equal(read(here), other=read(there)).status == status


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("0", CONSISTENT),
        ("42", CONSISTENT),
        ("42.5", CONSISTENT),  # 42.45 to 42.55 reaches below 42.5, the most that 42 can stand for
        ("42.6", CONFLICTS),
        ("43", CONFLICTS),
        ("-1", CONFLICTS),
    ],
)
def test_a_number_within_the_range_of_its_scale(value, status):
    assert within(read(value), low=read("0"), high=read("42")).status == status


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ("0.17 0.43 1.04", CONSISTENT),
        ("3 3 4", CONSISTENT),
        ("6.8 6.75", CONSISTENT),
        ("6.8 6.7", CONFLICTS),
        ("7 6 8", CONFLICTS),
    ],
)
def test_values_in_order(values, status):
    assert order("3 to 4", values=several(values)).status == status


def test_values_out_of_order_are_named():
    assert order("", values=several("2 5 3")).reason == "Of 2, 5, 3, 3 comes after 5 but is smaller."


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sum_(read("3"), parts=several("<1 2")), "parts: must be a number without a sign such as <, got <1"),
        (lambda: sum_(read("3"), parts=()), "parts: must be at least one"),
        (lambda: weighted_mean(read("3"), means=several("1 2"), n=(3,)), "n: must have one number for each"),
        (lambda: weighted_mean(read("3"), means=several("1 2"), n=(3, 0)), "n: must be at least 1, got 0"),
        (lambda: within(read("3"), low=read("5"), high=read("4")), "high: must not be below low, 5; got 4"),
        (lambda: order("", values=several("1")), "values: must be at least two"),
    ],
)
def test_what_makes_no_sense_is_refused_by_the_name_of_the_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
