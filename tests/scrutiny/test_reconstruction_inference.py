"""What printed summaries let one say of the data behind them."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, wilcoxon

from helpers.scrutiny.reconstruction import (
    NoDataSet,
    Targets,
    closure,
    count_at,
    count_at_least,
    draw,
    mann_whitney_p,
    median,
    reconstruct,
    share_at_least,
    signed_rank_p,
)

SUMMARIES = [
    ("2.7", "1.9", 130, 1, 5, 1),
    ("4.00", "1.51", 30, 1, 7, 1),
    ("4.0", "1.5", 31, 1, 7, 1),
    ("6.7", "11.3", 12, -100, 100, 5),
    ("1.2", "0.6", 9, 0, 3, Fraction(1, 2)),
]


@pytest.mark.parametrize("summary", SUMMARIES)
def test_the_bounds_are_those_of_all_data_sets(summary):
    targets = Targets.of(*summary[:5], step=summary[5])
    every = closure(targets)
    for level in every.levels[:: max(1, len(every.levels) // 7)]:
        above, equal = every.counts[:, every.levels >= level].sum(axis=1), every.counts[:, every.levels == level]
        for bounds, values in ((count_at_least(targets, level), above), (count_at(targets, level), equal)):
            assert (bounds.low, bounds.high, bounds.exact) == (values.min(), values.max(), True)
    medians = np.median(every.values, axis=1)
    assert (median(targets).low, median(targets).high) == (medians.min(), medians.max())


def test_a_share_is_the_count_among_all():
    share = share_at_least(Targets.of("2.20", "1.32", 20, 1, 5), 4)
    every = closure(Targets.of("2.20", "1.32", 20, 1, 5)).counts[:, 3:].sum(axis=1) / 20
    assert (share.low, share.high) == (every.min(), every.max())


def test_the_bounds_hold_for_data_sets_that_are_only_drawn():
    targets = Targets.of("65", "29", 36, 0, 100, step=5)
    drawn = draw(targets, 500, seed=1)
    above, bounds = drawn.counts[:, drawn.levels >= 95].sum(axis=1), count_at_least(targets, 95)
    assert bounds.low <= above.min() and above.max() <= bounds.high

    # k values of 95 or more leave a mean of at most 65.5 only where the others lie low: the least SD is then

    def least_sd(k):
        return (95 - 65.5) * (k * 36 / (36 - k) / 35) ** 0.5

    assert least_sd(17) < 29.5 < least_sd(18)
    assert bounds.high == 17


def test_the_p_of_every_pair_is_that_of_scipy():
    one, other = closure(Targets.of("2.20", "1.32", 20, 1, 5)), closure(Targets.of("3.4", "0.9", 8, 0, 5))
    assert len(other.counts) > 1
    every = [mannwhitneyu(first, second, method="asymptotic").pvalue for first in one.values for second in other.values]
    bounds = mann_whitney_p(one, other)
    assert bounds.exact
    assert [bounds.low, bounds.high] == pytest.approx([min(every), max(every)], rel=1e-10)
    assert mann_whitney_p(other, one) == bounds


def test_the_signed_rank_p_of_every_data_set_is_that_of_scipy():
    changes = closure(Targets.of("3", "6", 11, -10, 20, step=5))
    assert len(changes.counts) > 10
    every = [wilcoxon(values, correction=True, method="asymptotic").pvalue for values in changes.values]
    bounds = signed_rank_p(changes)
    assert bounds.exact
    assert [bounds.low, bounds.high] == pytest.approx([min(every), max(every)], rel=1e-10)


def test_a_p_from_a_sample_is_not_called_exact():
    sample = reconstruct("6.8", "11.4", 33, -100, 100, step=5, at_most=1000, draws=300)
    assert not signed_rank_p(sample).exact
    assert signed_rank_p(sample).to_frame().columns.tolist() == ["low", "high", "exact"]


def test_too_many_pairs_are_thinned_and_that_is_said():
    one, other = closure(Targets.of("4.0", "1.5", 31, 1, 7)), closure(Targets.of("2.20", "1.32", 20, 1, 5))
    full, thinned = mann_whitney_p(one, other), mann_whitney_p(one, other, at_most=500)
    assert full.exact and not thinned.exact
    assert full.low <= thinned.low <= thinned.high <= full.high
    assert thinned == mann_whitney_p(one, other, at_most=500)


def test_values_that_are_all_tied_show_no_difference():
    same, zero = closure(Targets.of("2.0", "0.0", 5, 1, 3)), closure(Targets.of("0.0", "0.0", 5, -1, 1))
    assert mann_whitney_p(same, same).low == mann_whitney_p(same, same).high == 1
    assert signed_rank_p(zero).low == 1


def test_nothing_can_be_said_where_there_is_no_data_set():
    targets = Targets.of("4.00", "1.50", 30, 1, 7)
    nothing = closure(targets)
    for question in (
        lambda: count_at_least(targets, 4),
        lambda: median(targets),
        lambda: signed_rank_p(nothing),
        lambda: mann_whitney_p(nothing, nothing),
    ):
        with pytest.raises(NoDataSet):
            question()


def test_a_count_at_what_is_no_level_is_refused():
    with pytest.raises(ValueError, match=r"level: must be one of 1, ..., 7; got 2\.5"):
        count_at(Targets.of("4.0", "1.5", 30, 1, 7), "2.5")
