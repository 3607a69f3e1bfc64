"""Samples of data sets, where there are too many to list them."""

import numpy as np
import pytest
from scipy.stats import chisquare

from helpers.scrutiny.reconstruction import Targets, closure, draw, reconstruct, sprite

LEVY = [
    ("65", "29", 36, 0),  # Barthel Index at baseline
    ("6.8", "11.4", 33, -100),  # its change at 6 months
    ("10.8", "15.5", 31, -100),  # and at 12
]


@pytest.mark.parametrize(("mean", "sd"), [("2.20", "1.32"), ("2.2", "1.3")])
def test_every_data_set_is_drawn_equally_often(mean, sd):
    targets = Targets.of(mean, sd, 20, 1, 5)
    every = closure(targets).counts.tolist()
    drawn = draw(targets, 200 * len(every), seed=2026).counts
    different, times = np.unique(drawn, axis=0, return_counts=True)
    assert different.tolist() == every
    assert chisquare(times).pvalue > 0.01


@pytest.mark.parametrize(("mean", "sd", "n", "minimum"), LEVY)
def test_drawn_data_sets_have_the_printed_mean_and_sd(mean, sd, n, minimum):
    drawn = reconstruct(mean, sd, n, minimum, 100, step=5, at_most=1000, draws=500)
    assert drawn.counts.shape == (500, len(drawn.levels))
    assert not drawn.complete and drawn.total > 1000 and drawn.seed == 1
    values = drawn.values
    assert values.shape == (500, n) and ((values - minimum) % 5 == 0).all()
    half = {text: 0.5 * 10 ** -len(text.partition(".")[2]) + 1e-9 for text in (mean, sd)}
    assert np.abs(values.mean(axis=1) - float(mean)).max() <= half[mean]
    assert np.abs(values.std(axis=1, ddof=1) - float(sd)).max() <= half[sd]


def test_the_same_seed_draws_the_same():
    targets = Targets.of("2.7", "1.9", 130, 1, 5)
    for method in (draw, sprite):
        one, same, other = (method(targets, 20, seed=seed).counts for seed in (7, 7, 8))
        assert (one == same).all()
        assert (one != other).any()


def test_the_average_of_the_draws_is_that_of_all_data_sets():
    targets = Targets.of("2.7", "1.9", 130, 1, 5)
    every, drawn = closure(targets).counts, draw(targets, 4000, seed=3).counts
    error = every.std(axis=0) / np.sqrt(len(drawn))
    assert (np.abs(drawn.mean(axis=0) - every.mean(axis=0)) < 4 * error).all()


def test_nothing_is_drawn_where_there_is_nothing():
    targets = Targets.of("4.00", "1.50", 30, 1, 7)
    for method in (draw, sprite):
        found = method(targets, 10, seed=1)
        assert len(found.counts) == 0 and found.complete and found.total == 0


def test_the_search_finds_only_data_sets_that_exist():
    targets = Targets.of("2.2", "1.3", 20, 1, 5)
    found = sprite(targets, 2000, seed=5)
    every = {tuple(counts) for counts in closure(targets).counts.tolist()}
    assert len(found.counts) > 1900
    assert {tuple(counts) for counts in found.counts.tolist()} <= every
    assert not found.complete and found.total is None and found.seed == 5


@pytest.mark.parametrize(("mean", "sd", "n", "maximum"), [("350", "120", 30, 800), ("61.1", "10.8", 36, 120)])
def test_a_scale_too_wide_to_count_is_searched(mean, sd, n, maximum):
    found = reconstruct(mean, sd, n, 0, maximum, draws=200)
    assert found.total is None and not found.complete
    assert len(found.counts) >= 190
    assert found.targets.met(found.counts).all()
    assert (np.abs(found.values.std(axis=1, ddof=1) - float(sd)) <= 0.5).all()


def test_the_search_reaches_the_largest_and_the_smallest_sd():
    for sd in ("2.05", "0.22"):  # ten 1 and ten 5; nineteen 3 and a 4
        mean = "3.00" if sd == "2.05" else "3.05"
        assert len(sprite(Targets.of(mean, sd, 20, 1, 5), 20, seed=1).counts)
