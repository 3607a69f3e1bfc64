"""Means of values on a grid."""

from fractions import Fraction

import numpy as np
import pytest
from data_sets import DECIMAL_ROUNDINGS, multisets, printed
from hypothesis import given
from hypothesis import strategies as st

from helpers.scrutiny.grim import grim, nearest_means
from helpers.scrutiny.printed_number import ROUNDINGS, Printed
from helpers.scrutiny.printed_numbers import PrintedNumbers

# Means and sample sizes that R's scrutiny 0.6.1 ships as `pigs1`, and what it finds.
PIGS1_MEANS = ["7.22", "4.74", "5.23", "2.57", "6.77", "2.68", "7.01", "7.38", "3.14", "6.89", "5.00", "0.24"]
PIGS1_SIZES = [32, 25, 29, 24, 27, 28, 29, 26, 27, 31, 25, 28]


def flags(text):
    return [letter == "T" for letter in text.replace(" ", "")]


def hundredths(first, last):
    return [f"{number / 100:.2f}" for number in range(first, last + 1)]


def test_means_near_5_19_of_28_values_as_r_finds_them():
    assert grim(hundredths(519, 530), 28).tolist() == flags("F F T F F F T F F F T F")


@pytest.mark.parametrize(
    ("mean", "n", "possible"),
    [
        ("5.19", 28, False),  # Brown and Heathers 2017
        ("5.93", 49, False),  # the same authors' example of 49 answers from 1 to 7
        ("3.45", 10, False),  # Allard 2018
        ("5.27", 43, False),  # scrutiny's vignette
        ("3.48", 20, False),
    ],
)
def test_published_examples(mean, n, possible):
    assert grim(mean, n) is possible


def test_a_table_of_means_and_sizes_as_r_finds_it():
    assert grim(PIGS1_MEANS, PIGS1_SIZES).tolist() == flags("T F F F F T F T F F T F")


@pytest.mark.parametrize(
    ("n", "rounding", "found"),
    [
        (40, "either", "T F T T T T F T F F T F"),
        (40, "up", "F F T F F T F T F F T F"),
        (40, "down", "T F F T T F F F F F T F"),
        (80, "either", "T T T T T T T T T T T T"),
        (80, "up", "F T T F F T T T T T T T"),
        (80, "down", "T T F T T F T F T T T T"),
    ],
)
def test_halves_are_rounded_as_r_rounds_them(n, rounding, found):
    assert grim(PIGS1_MEANS, n, rounding=rounding).tolist() == flags(found)


@pytest.mark.parametrize(
    ("means", "n", "items", "found"),
    [
        ([f"0.{number}" for number in range(150, 160)], 120, 3, "T F F T F F T F T F"),
        (hundredths(80, 89), 28, 2, "T F T F T F T T T T"),
        (["5.90", "5.71", "3.50", "3.82", "4.61", "5.24"], 40, 3, "T T T T T T"),
    ],
)
def test_averages_of_several_items_as_r_finds_them(means, n, items, found):
    assert grim(means, n, items=items).tolist() == flags(found)


def test_each_mean_may_have_its_own_number_of_items():
    # Times 30, 60 or 90: 207.6, 104.4, 95.4, 156.6 have no whole number near enough; 363.6 has 364 / 90 = 4.044.
    means = ["6.92", "3.48", "1.59", "2.61", "4.04", "4.50"]
    assert grim(means, 30, items=[1, 1, 2, 2, 3, 3]).tolist() == flags("F F F F T T")


def test_percentages_are_means_in_steps_of_100_as_r_finds_them():
    assert grim([str(share) for share in range(6, 17)], 50, step=100).tolist() == flags("T F T F T F T F T F T")
    assert grim(["67.4", "54.2", "54.0", "69.8", "68.1", "55.4"], 150, step=100).tolist() == flags("F F T F F F")


@pytest.mark.parametrize(
    ("mean", "n", "possible"), [("6.8", 33, True), ("6.8", 32, False), ("10.8", 31, True), ("-6.8", 33, True)]
)
def test_changes_of_the_barthel_index_come_in_steps_of_five(mean, n, possible):
    assert grim(mean, n, step="5") is possible


@pytest.mark.parametrize("rounding", sorted(DECIMAL_ROUNDINGS))
@pytest.mark.parametrize(
    ("n", "step", "decimals"), [(3, 1, 1), (7, 1, 2), (8, 1, 2), (8, Fraction(1, 2), 2), (6, 5, 0)]
)
def test_exactly_the_means_of_all_data_sets_pass(n, step, decimals, rounding):
    levels = [step * level for level in range(-2, 4)]
    means = {printed(Fraction(sum(values)) / n, decimals, rounding) for values in multisets(n, levels)}
    scale = 10**decimals
    every = [str(Printed("", scaled, decimals)) for scaled in range(int(-2 * step * scale), int(3 * step * scale) + 1)]
    passing = {text for text, passes in zip(every, grim(every, n, step=step, rounding=rounding), strict=True) if passes}
    assert passing == means


@given(
    st.lists(st.integers(-60, 60), min_size=1, max_size=40),
    st.integers(1, 4),
    st.sampled_from(["1", "5", "0.5", "0.25"]),
    st.integers(0, 4),
    st.sampled_from(sorted(DECIMAL_ROUNDINGS)),
)
def test_the_own_mean_of_a_data_set_always_passes(answers, items, step, decimals, rounding):
    n, padded = len(answers), answers * items
    mean = printed(Fraction(step) * sum(padded) / len(padded), decimals, rounding)
    assert grim(mean, n, items=items, step=step, rounding=rounding)
    assert grim(mean, n, items=items, step=step)


@given(st.integers(-4000, 4000), st.integers(1, 200), st.integers(0, 3), st.sampled_from(ROUNDINGS))
def test_a_mean_passes_when_a_sum_beside_it_prints_like_it(scaled, n, decimals, rounding):
    mean = Printed("", scaled, decimals)
    beside = nearest_means(mean, n, Fraction(1))
    assert grim(mean, n, rounding=rounding) == any(mean.admits(each, rounding) for each in beside)


def test_text_and_digits_give_the_same_answers():
    scaled = np.arange(-300, 300)
    texts = [str(Printed("", int(each), 2)) for each in scaled]
    np.testing.assert_array_equal(grim(texts, 37), grim(PrintedNumbers(scaled, 2), 37))


def test_means_sizes_and_items_are_broadcast():
    table = grim(np.array([["5.19"], ["5.21"]]), np.array([28, 100, 40]), items=[1, 1, 2])
    assert table.tolist() == [[False, True, True], [True, True, True]]


def test_numbers_too_large_for_64_bits_are_still_exact():
    mean, n = PrintedNumbers([10**17 + 1, 10**17], 17), 3 * 10**9
    assert grim(mean, n).tolist() == [False, True]


def test_no_means_give_no_answers():
    assert grim([], 5).tolist() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mean": 5.19, "n": 28}, "mean: must be text as printed"),
        ({"mean": ["5.19", None], "n": 28}, "mean: must be text as printed"),
        ({"mean": "<5.19", "n": 28}, "mean: must be text as printed"),
        ({"mean": "5,19", "n": 28}, "mean: '5,19' is no printed number"),
        ({"mean": "5.19", "n": 0}, "n: must be at least 1, got 0"),
        ({"mean": "5.19", "n": [28, -1]}, r"n\[1\]: must be at least 1, got -1"),
        ({"mean": "5.19", "n": 28.5}, "n: must be whole numbers"),
        ({"mean": "5.19", "n": float("nan")}, "n: must be whole numbers"),
        ({"mean": "5.19", "n": 28, "items": 0}, "items: must be at least 1, got 0"),
        ({"mean": "5.19", "n": 28, "step": "0"}, "step: must be positive, got 0"),
        ({"mean": "5.19", "n": 28, "step": "five"}, "step: must be a number"),
        ({"mean": "5.19", "n": 28, "rounding": "floor"}, "rounding is 'floor'"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        grim(**arguments)
