"""Means and SDs of values on a grid."""

from fractions import Fraction

import pytest
from data_sets import DECIMAL_ROUNDINGS, multisets, printed, printed_root, variance
from hypothesis import given
from hypothesis import strategies as st

from helpers.scrutiny.grimmer import every_sd_passes, grimmer, nearest_sds
from helpers.scrutiny.printed_number import Printed


def test_a_table_of_means_sds_and_sizes_as_r_finds_it():
    # `pigs5` of R's scrutiny 0.6.1
    means = ["7.22", "4.74", "5.23", "2.57", "6.77", "2.68", "7.01", "7.38", "3.14", "6.89", "5.00", "0.24"]
    sds = ["5.30", "6.55", "2.55", "2.57", "2.18", "2.59", "6.68", "3.65", "5.32", "4.18", "2.18", "6.43"]
    sizes = [38, 31, 35, 30, 33, 34, 35, 32, 33, 37, 31, 34]
    found = [False, True, False, True, False, True, False, True, False, True, True, True]
    assert grimmer(means, sds, sizes).tolist() == found


@pytest.mark.parametrize(
    ("mean", "sd", "n", "items", "possible"),
    [
        ("3.44", "2.47", 18, 1, False),  # Allard 2018; 62 is even, the only sum of squares 317 odd
        ("5.23", "2.55", 35, 1, False),  # scrutiny's help page, this and the next two
        ("5.23", "2.55", 31, 1, True),
        ("2.74", "0.96", 63, 2, True),
        ("7.3", "2.51", 12, 1, False),  # scrutiny's vignette
        ("3.10", "1.37", 10, 1, True),  # of 1 1 2 3 3 4 4 4 4 5
    ],
)
def test_published_examples(mean, sd, n, items, possible):
    assert grimmer(mean, sd, n, items=items) is possible


def test_an_sd_below_the_least_that_whole_numbers_allow_fails():
    # Four 0 and four 1 are as equal as eight whole numbers with a mean of 0.50 can be: SD 0.53. The three tests of
    # A-GRIMMER alone let an SD of 0.00 pass, with a sum of squares of 2.
    assert grimmer("0.50", ["0.00", "0.53"], 8).tolist() == [False, True]


def test_every_sum_that_the_mean_allows_is_tried():
    # 33 means 32.5 to 33.5: with n = 2 the sum is 65, 66 or 67, and only an odd one gives 32 and 33.
    assert grimmer("33", "0.71", 2)


@pytest.mark.parametrize("rounding", sorted(DECIMAL_ROUNDINGS))
@pytest.mark.parametrize(("n", "decimals"), [(2, 1), (3, 1), (4, 1), (3, 2)])
def test_no_data_set_of_few_values_is_rejected(n, decimals, rounding):
    pairs = {
        (printed(Fraction(sum(values), n), decimals, rounding), printed_root(variance(values), decimals, rounding))
        for values in multisets(n, range(-4, 6))
    }
    means, sds = zip(*sorted(pairs), strict=True)
    assert grimmer(means, sds, n, rounding=rounding).all()


@pytest.mark.parametrize("n", [5, 6])
@pytest.mark.parametrize(("step", "decimals"), [(1, 2), (1, 1), (Fraction(1, 2), 2)])
def test_of_five_or_six_values_exactly_the_possible_pairs_pass(n, step, decimals):
    # A deviation d from the mean adds at least d**2 * n / (n - 1) to the sum of squares, so that 6 levels to either side
    # hold every data set with a mean from 0 to 1 step and an SD up to 2.2 steps.
    levels, largest = [step * level for level in range(-6, 8)], Fraction(22, 10) * step
    possible = {
        (printed(mean, decimals, "even"), printed_root(variance(values), decimals, "even"))
        for values in multisets(n, levels)
        if 0 <= (mean := Fraction(sum(values)) / n) <= step and variance(values) <= (largest + 1) ** 2
    }
    scale = 10**decimals
    every = [
        (str(Printed("", mean, decimals)), str(Printed("", sd, decimals)))
        for mean in range(int(step * scale) + 1)
        for sd in range(int(largest * scale) + 1)
    ]
    passing = grimmer(*zip(*every, strict=True), n, step=step, rounding="even")
    assert {pair for pair, passes in zip(every, passing, strict=True) if passes} == possible & set(every)


@given(
    st.lists(st.integers(-30, 30), min_size=2, max_size=25),
    st.sampled_from(["1", "5", "0.5"]),
    st.tuples(st.integers(0, 3), st.integers(0, 3)),
    st.sampled_from(sorted(DECIMAL_ROUNDINGS)),
)
def test_the_own_mean_and_sd_of_a_data_set_always_pass(answers, step, decimals, rounding):
    values = [Fraction(step) * answer for answer in answers]
    mean = printed(sum(values) / len(values), decimals[0], rounding)
    sd = printed_root(variance(values), decimals[1], rounding)
    assert grimmer(mean, sd, len(values), step=step, rounding=rounding)
    assert grimmer(mean, sd, len(values), step=step)


@given(st.lists(st.lists(st.integers(1, 7), min_size=3, max_size=3), min_size=2, max_size=20))
def test_averages_of_three_items_pass(patients):
    values = [Fraction(sum(answers), 3) for answers in patients]
    mean, sd = printed(sum(values) / len(values), 2, "up"), printed_root(variance(values), 2, "up")
    assert grimmer(mean, sd, len(values), items=3, rounding="up")


def test_the_nearest_possible_sds_lie_on_either_side():
    # 35 whole numbers with the sum 183 (mean 5.23): their sum of squares is odd, 1177 or 1179.
    below, above = nearest_sds(Printed.parse("5.23"), Printed.parse("2.55"), 35, Fraction(1))
    exact = [((squares - 183**2 / 35) / 34) ** 0.5 for squares in (1177, 1179)]
    assert [below, above] == pytest.approx(exact, rel=1e-14)


def test_nothing_lies_below_the_smallest_sd():
    assert nearest_sds(Printed.parse("0.50"), Printed.parse("0.10"), 8, Fraction(1)) == (
        None,
        pytest.approx((2 / 7) ** 0.5),
    )


def test_large_samples_rule_no_sd_out():
    assert every_sd_passes(Printed.parse("2.55"), 200, Fraction(1))
    assert not every_sd_passes(Printed.parse("2.55"), 35, Fraction(1))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mean": "5.19", "sd": "1.00", "n": 1}, "n: must be at least 2, got 1"),
        ({"mean": "5.19", "sd": "-1.00", "n": 9}, "sd: must be at least 0"),
        ({"mean": "5.19", "sd": 1.0, "n": 9}, "sd: must be text as printed"),
        ({"mean": "5.19", "sd": "1.00", "n": 9, "items": 0}, "items.*at least 1"),
        ({"mean": "5.19", "sd": "1.00", "n": 9, "step": "-1"}, "step: must be positive"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        grimmer(**arguments)
