"""What the checks of means, SDs and shares find, and how they say it."""

import pytest

from helpers.scrutiny.checks.rounding import debit, grim, grimmer, sd_limits
from helpers.scrutiny.checks.shares import percent, proportion
from helpers.scrutiny.finding import CONFLICTS, CONSISTENT, NOT_CHECKABLE, REPRODUCED
from helpers.scrutiny.printed_number import Printed

read = Printed.parse
FIVE = read("5")


@pytest.mark.parametrize(
    ("mean", "n", "status", "recomputed"),
    [
        ("6.8", 33, CONSISTENT, "225 / 33 = 6.818"),
        ("6.8", 32, CONFLICTS, "6.719 or 6.875"),
        ("10.8", 31, CONSISTENT, "335 / 31 = 10.806"),
        ("-6.8", 32, CONFLICTS, "\u22126.875 or \u22126.719"),
        ("7", 33, NOT_CHECKABLE, ""),
        ("<6.8", 32, NOT_CHECKABLE, ""),
    ],
)
def test_a_mean_change_of_the_barthel_index(mean, n, status, recomputed):
    found = grim(read(mean), n=n, step=FIVE)
    assert (found.status, found.recomputed) == (status, recomputed)


def test_a_mean_that_can_not_be_names_its_neighbours_and_what_would_resolve_it():
    found = grim(read("5.19"), n=28)
    assert found.reason == (
        "No 28 whole numbers have a mean of 5.19; the nearest possible means are 5.1786 and 5.2143."
    )
    assert found.resolution == "The number of patients under this mean would resolve it."


def test_grim_finds_nothing_where_any_mean_is_possible():
    found = grim(read("63.0"), n=54)
    assert (found.status, found.reason) == (NOT_CHECKABLE, "54 whole numbers can have any mean with 1 decimal.")


def test_grim_counts_the_items_behind_each_value():
    assert grim(read("4.04"), n=30).status == CONFLICTS
    found = grim(read("4.04"), n=30, items=3)
    assert (found.status, found.recomputed) == (CONSISTENT, "364 / 90 = 4.0444")


@pytest.mark.parametrize(
    ("sd", "mean", "n", "status", "recomputed"),
    [
        ("2.47", "3.44", 18, CONFLICTS, "2.4548 or 2.4787"),  # sums of squares 316 and 318 (62 is even)
        ("2.55", "5.23", 31, CONSISTENT, "2.5522"),  # 162 and 1042
        ("0.10", "0.50", 8, CONFLICTS, "0.5345"),  # the smallest
        ("2.55", "5.22", 31, CONFLICTS, ""),
        ("2.55", "5.23", 400, NOT_CHECKABLE, ""),
    ],
)
def test_an_sd_beside_its_mean(sd, mean, n, status, recomputed):
    found = grimmer(read(sd), mean=read(mean), n=n)
    assert (found.status, found.recomputed) == (status, recomputed)


@pytest.mark.parametrize(
    ("sd", "mean", "n", "status", "recomputed"),
    [
        ("0.49", "0.35", 20, REPRODUCED, "0.4894"),
        ("0.18", "0.35", 20, CONFLICTS, "0.4894"),
        ("0.11", "0.36", 20, CONFLICTS, ""),
        ("0.35", "0.19", 1683, CONFLICTS, "0.3887 to 0.3962"),
        ("0.39", "0.19", 1683, CONSISTENT, "0.3887 to 0.3962"),
        ("0.42", "0.77", 1683, REPRODUCED, "0.4178 to 0.4239"),
    ],
)
def test_the_sd_of_zeros_and_ones(sd, mean, n, status, recomputed):
    found = debit(read(sd), mean=read(mean), n=n)
    assert (found.status, found.recomputed) == (status, recomputed)


@pytest.mark.parametrize(
    ("sd", "mean", "step", "status", "reason"),
    [
        # two of 20 and one of 10; with the rounding of the mean one of 10.5, or two of 20 and one of 15
        ("2.6", "5.0", FIVE, CONSISTENT, "10 values from 0 to 20 with a mean of 5.0 have an SD of at most 8.498."),
        ("8.5", "5.0", None, CONSISTENT, "10 values from 0 to 20 with a mean of 5.0 have an SD of at most 8.532."),
        ("9", "5", None, CONSISTENT, "10 values from 0 to 20 with a mean of 5 have an SD of at most 8.96."),
        ("9.1", "5", None, CONFLICTS, "10 values from 0 to 20 with a mean of 5 have an SD of at most 8.960, not 9.1."),
        ("2.6", "22.0", None, CONFLICTS, "No 10 values from 0 to 20 have a mean of 22.0."),
    ],
)
def test_an_sd_within_the_scale(sd, mean, step, status, reason):
    found = sd_limits(read(sd), n=10, mean=read(mean), min=read("0"), max=read("20"), step=step)
    assert (found.status, found.reason) == (status, reason)


@pytest.mark.parametrize(
    ("value", "inputs", "status", "reason"),
    [
        ("11.4", {"k": 4, "n": (35,)}, REPRODUCED, "4/35 = 11.429%."),
        ("11.4", {"k": 4, "n": (36,)}, CONFLICTS, "4/36 = 11.111%, which does not print as 11.4%."),
        ("11.4", {"k": 4, "n": (35, 36)}, CONSISTENT, "Of the possible numbers of patients: 4/35 = 11.429%."),
        ("11.4", {"n_max": 36}, CONSISTENT, "Up to n = 36, 11.4% fits 4/35 only."),
        ("27.3", {"n_max": 36}, CONSISTENT, "Up to n = 36, 27.3% fits 3/11, 6/22 or 9/33."),
        ("35.5", {"n_max": 36}, CONSISTENT, "Up to n = 36, 35.5% fits 11/31 only."),
        ("35.7", {"n_max": 13}, CONFLICTS, "No count of any number of patients up to 13 prints as 35.7%."),
        ("80", {"k": 16}, CONSISTENT, "16/n prints as 80% for n = 20 only."),
        ("2", {"k": 16, "n_max": 700}, CONSISTENT, "16/n prints as 2% for n from 640 to 700 only."),
        ("81", {"k": 1}, CONFLICTS, "1/n prints as 81% for no n."),
        ("43.6", {"n": (39,)}, CONSISTENT, "43.6% fits 17/39 only."),
        ("66.7", {"n": (15,)}, CONSISTENT, "66.7% fits 10/15 only."),
        (
            "11.4",
            {"n": (36,)},
            CONFLICTS,
            "No count of 36 prints as 11.4%; the nearest are 4/36 = 11.111% and 5/36 = 13.889%.",
        ),
        ("43.6", {"n": (2000,)}, NOT_CHECKABLE, "Of 2000 patients any percentage with so few decimals is possible."),
        ("<5", {"k": 1, "n": (40,)}, CONSISTENT, "1/40 = 2.50%."),
        ("<5", {"n": (40,)}, NOT_CHECKABLE, "The digits of <5 are no rounded value that could be checked."),
        ("~44", {"k": 17, "n": (39,)}, CONSISTENT, "17/39 = 43.59%."),
        (
            "~40",
            {"k": 17, "n": (39,)},
            NOT_CHECKABLE,
            "17/39 = 43.59%, which does not print as ~40%. The number is given as approximate.",
        ),
    ],
)
def test_a_percentage(value, inputs, status, reason):
    found = percent(read(value), **inputs)
    assert (found.status, found.reason) == (status, reason)


def test_a_long_list_of_shares_is_cut():
    assert percent(read("50"), n_max=18).recomputed == "1/2, 2/4, 3/6, 4/8, 5/10, 6/12 or 3 more"


def test_a_proportion_is_a_percentage_from_0_to_1():
    assert proportion(read("0.436"), k=17, n=(39,)).reason == "17/39 = 0.43590."
    assert proportion(read("0.436"), n=(39,)).recomputed == "17/39"
    assert proportion(read("0.72"), k=16).status == CONFLICTS
    assert proportion(read("0.80"), k=16).recomputed == "n = 20"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: grim(read("5.19"), n=0), "n: must be at least 1, got 0"),
        (lambda: grim(read("5.19"), n=5, step=read("0")), "step: must be positive"),
        (lambda: grim(read("5.19"), n=5, step=read("~1")), "step: must be a number without a sign"),
        (lambda: grimmer(read("1.0"), mean=read("<5"), n=5), "mean: must be a number without a sign"),
        (lambda: grimmer(read("1.0"), mean=read("5"), n=1), "n: must be at least 2, got 1"),
        (lambda: debit(read("-0.1"), mean=read("0.5"), n=5), "an SD is not negative"),
        (lambda: sd_limits(read("1"), n=5, mean=read("1"), min=read("3"), max=read("2")), "max: must be above min"),
        (lambda: percent(read("5")), "k, n and n_max: at least one"),
        (lambda: percent(read("5"), k=5, n=(4,)), "n: must be at least 5, got 4"),
        (lambda: percent(read("5"), k=-1, n=(4,)), "k: must be at least 0, got -1"),
        (lambda: percent(read("5"), n=(0,)), "n: must be at least 1, got 0"),
        (lambda: percent(read("5"), n=(4,), n_max=8), "n_max: has no meaning beside n"),
    ],
)
def test_what_makes_no_sense_is_refused_by_the_name_of_the_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("value", "inputs", "recomputed"),
    [
        ("35.5", {"k": 1_000_000}, "n from 2812940 to 2820874"),  # 1e8 / 35.55 and 1e8 / 35.45, rounded inwards
        ("0.0002", {"k": 1}, "n from 400000 to 666666"),  # 100 / 0.00025 and 100 / 0.00015
        ("0", {"k": 1}, "n from 200 on"),  # 1 of 200 is 0.5%, which may have been rounded down, as may all below
        ("0", {"k": 0}, "n from 1 on"),
    ],
)
def test_a_count_alone_is_held_against_numbers_of_patients_of_any_size(value, inputs, recomputed):
    found = percent(read(value), **inputs)
    assert (found.status, found.recomputed) == (CONSISTENT, recomputed)


def test_numbers_of_patients_that_allow_any_share_rule_nothing_out():
    found = percent(read("35.5"), n_max=1_000_000)
    assert (found.status, found.reason) == (
        NOT_CHECKABLE,
        "Of up to 1000000 patients any percentage with so few decimals is possible.",
    )


def test_a_share_beyond_the_whole_has_one_nearest_count():
    assert percent(read("120"), n=(10,)).reason == "No count of 10 prints as 120%; the nearest is 10/10 = 100.00%."


def test_an_sd_of_a_million_values_is_judged_at_once():
    found = grimmer(read("1.5"), mean=read("5"), n=1_000_000)
    assert found.reason == "1000000 whole numbers with a mean of 5 can have any SD near 1.5."
    found = sd_limits(read("3"), n=1_000_000, mean=read("5"), min=read("0"), max=read("10"), step=read("1"))
    assert found.recomputed == "at most 5.00"  # half at each end
