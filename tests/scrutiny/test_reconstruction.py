"""Every data set behind a printed mean and SD, and how many there are."""

from collections import defaultdict
from fractions import Fraction

import numpy as np
import pytest
from data_sets import DECIMAL_ROUNDINGS, multisets, printed, printed_root, variance
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.scrutiny.reconstruction import (
    TableTooLarge,
    Targets,
    TooManyDataSets,
    closure,
    count_data_sets,
    ways,
)
from helpers.scrutiny.reconstruction.reconstruct import reconstruct


def counts_of(values, levels):
    return tuple(values.count(level) for level in levels)


@pytest.mark.parametrize("rounding", sorted(DECIMAL_ROUNDINGS))
@pytest.mark.parametrize(
    ("n", "minimum", "maximum", "step", "decimals"),
    [(2, 0, 6, 1, 1), (3, -2, 2, 1, 0), (6, 1, 5, 1, 1), (5, -10, 15, 5, 1), (4, 0, 2, Fraction(1, 2), 2)],
)
def test_the_list_and_the_count_are_those_of_brute_force(n, minimum, maximum, step, decimals, rounding):
    levels = [minimum + step * level for level in range(int((maximum - minimum) / Fraction(step)) + 1)]
    behind = defaultdict(set)
    for values in multisets(n, levels):
        mean = printed(Fraction(sum(values)) / n, decimals, rounding)
        behind[mean, printed_root(variance(values), decimals, rounding)].add(counts_of(values, levels))
    for (mean, sd), expected in behind.items():
        targets = Targets.of(mean, sd, n, minimum, maximum, step=step, rounding=rounding)
        found = closure(targets)
        assert list(map(tuple, found.counts.tolist())) == sorted(expected)
        assert found.complete and found.total == len(expected) == count_data_sets(targets)


@pytest.mark.parametrize(
    ("mean", "sd", "n", "maximum", "total"),
    [
        ("2.7", "1.9", 130, 5, 5359),  # README of the R package unsum 0.2.0
        # its vignette "examples": numbers of values / n
        ("3.8", "1.5", 120, 5, 3_800_640 // 120),
        ("3.0", "1.0", 150, 5, 16_701_150 // 150),
        ("3.0", "1.5", 150, 5, 25_278_450 // 150),
        ("3.0", "1.7", 180, 5, 31_235_760 // 180),
        ("3.0", "1.7", 190, 5, 38_740_810 // 190),
        ("3.0", "1.7", 200, 5, 52_231_000 // 200),
        ("3.0", "1.2", 200, 5, 132_389_600 // 200),
        ("2.20", "1.32", 20, 5, 9),  # README of the R package rsprite2: its search finds 9 of the 10 it is asked for
        ("4.00", "1.50", 30, 7, 0),  # the sum 120 is even, the only sum of squares, 545, odd
    ],
)
def test_published_numbers_of_data_sets(mean, sd, n, maximum, total):
    assert count_data_sets(Targets.of(mean, sd, n, 1, maximum)) == total


def test_the_published_frequencies_of_all_data_sets_together():
    found = closure(Targets.of("2.7", "1.9", 130, 1, 5))
    # README of unsum 0.2.0, column f_absolute
    assert found.counts.sum(axis=0).tolist() == [358972, 30170, 21940, 30162, 255426]


def test_thirty_answers_on_seven_points_are_listed_in_full():
    targets = Targets.of("4.0", "1.5", 30, 1, 7)
    found = closure(targets)
    assert len(found.counts) == count_data_sets(targets) == len(np.unique(found.counts, axis=0))
    assert targets.met(found.counts).all()


@pytest.mark.parametrize(
    ("mean", "sd", "n", "minimum", "maximum", "step"),
    [("2.0", "0.0", 9, 1, 5, 1), ("0.50", "0.51", 30, 0, 1, 1), ("1", "0", 6, 1, 4, 3), ("5.0", "0.0", 4, 1, 5, 1)],
)
def test_data_on_one_or_two_levels_are_found(mean, sd, n, minimum, maximum, step):
    found = reconstruct(mean, sd, n, minimum, maximum, step=step)
    assert found.total == len(found.counts) >= 1
    assert found.targets.met(found.counts).all()


@pytest.mark.parametrize(("mean", "sd"), [("3.05", "1.00"), ("3.0", "2.5"), ("6.0", "1.0"), ("2.5", "0.1")])
def test_nothing_is_found_behind_impossible_numbers(mean, sd):
    # GRIM; above the largest SD; a mean off the scale; below the smallest SD
    found = reconstruct(mean, sd, 10, 1, 5)
    assert found.counts.shape == (0, 5) and found.complete and found.total == 0
    assert found.to_frame().empty


def test_numbers_too_large_for_one_cell_are_carried(monkeypatch):
    targets = Targets.of("4.0", "1.5", 30, 1, 7)
    expected = closure(targets).counts
    drawn = reconstruct("4.0", "1.5", 30, 1, 7, at_most=10, draws=50).counts
    monkeypatch.setattr(ways, "DIGIT_BITS", 5)
    monkeypatch.setattr(ways, "_DIGIT_MASK", 31)
    assert (closure(targets).counts == expected).all()
    assert (reconstruct("4.0", "1.5", 30, 1, 7, at_most=10, draws=50).counts == drawn).all()


def test_the_values_and_the_frame_show_the_same_data_sets():
    found = closure(Targets.of("2.20", "1.32", 20, 1, 5))
    assert found.values.shape == (9, 20)
    assert found.values.mean(axis=1).round(2).tolist() == [2.2] * 9
    assert found.values.std(axis=1, ddof=1).round(2).tolist() == [1.32] * 9
    assert found.to_frame().columns.tolist() == [1, 2, 3, 4, 5]


def test_a_list_that_is_too_long_is_refused_with_the_exact_number():
    with pytest.raises(TooManyDataSets, match="at_most: there are 5,359 data sets; allowed: 1,000") as refusal:
        closure(Targets.of("2.7", "1.9", 130, 1, 5), at_most=1000)
    assert refusal.value.total == 5359


def test_a_table_that_is_too_large_is_refused():
    with pytest.raises(TableTooLarge, match="cells of memory; allowed"):
        count_data_sets(Targets.of("350", "120", 30, 0, 800))


@given(
    st.lists(st.integers(0, 8), min_size=2, max_size=12),
    st.sampled_from([("0", "1"), ("-10", "5"), ("1", "0.5")]),
    st.tuples(st.integers(0, 2), st.integers(0, 2)),
    st.sampled_from(sorted(DECIMAL_ROUNDINGS)),
)
@settings(deadline=None)
def test_a_data_set_is_among_the_reconstructions_of_its_own_summaries(steps, scale, decimals, rounding):
    low, step = map(Fraction, scale)
    values = [low + step * each for each in steps]
    mean = printed(sum(values) / len(values), decimals[0], rounding)
    sd = printed_root(variance(values), decimals[1], rounding)
    own = list(counts_of(steps, range(9)))
    targets = Targets.of(mean, sd, len(values), low, low + 8 * step, step=step, rounding=rounding)
    assert targets.met(np.array([own])).all()
    assert own in closure(targets).counts.tolist()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"n": 1}, "n: must be at least 2, got 1"),
        ({"sd": "-1.0"}, "sd: must not be negative, got -1.0"),
        ({"maximum": 1}, "max: must be above min, 1; got 1"),
        ({"step": 3}, "step: must lead from 1 to 5, got 3"),
        ({"step": -1}, "step: must lead from 1 to 5, got -1"),
        ({"mean": "<3"}, "is a bound"),
        ({"rounding": "off"}, "rounding is 'off'"),
    ],
)
def test_what_makes_no_sense_is_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        Targets.of(**({"mean": "3.0", "sd": "1.0", "n": 10, "minimum": 1, "maximum": 5} | changed))
