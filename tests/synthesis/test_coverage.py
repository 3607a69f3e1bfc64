"""The stored simulation of intervals: what theory says of it, and that the script made it."""

import numpy as np
import pandas as pd
import pytest

from helpers import paths
from helpers.synthesis import pool
from helpers.synthesis.coverage import HETEROGENEITY, PRECISION, TRIALS, interval_coverage, sampling_variances


@pytest.fixture(scope="module")
def stored():
    return pd.read_csv(paths.INTERVAL_COVERAGE)


def error(rows):
    return np.sqrt(0.95 * 0.05 / rows["repetitions"])


def test_every_cell_of_the_design_is_stored_once(stored):
    cells = stored[["k", "tau", "precision", "interval"]]
    assert not cells.duplicated().any()
    assert len(cells) == len(TRIALS) * len(HETEROGENEITY) * len(PRECISION) * 4


def test_hartung_knapp_is_exact_where_trials_are_alike(stored):
    # With equal variances the weights are equal, and the statistic has Student's distribution whatever tau2 is.
    exact = stored[(stored["interval"] == "Hartung-Knapp") & (stored["precision"] == "alike")]
    assert ((exact["coverage"] - 0.95).abs() < 4 * error(exact)).all()


def test_the_floor_never_makes_the_interval_narrower(stored):
    wide = stored.pivot(index=["k", "tau", "precision"], columns="interval", values=["coverage", "width"])
    for what in ("coverage", "width"):
        assert (wide[what]["Hartung-Knapp with floor"] >= wide[what]["Hartung-Knapp"]).all()


def test_more_trials_make_the_intervals_narrower(stored):
    width = stored.pivot(index=["tau", "precision", "interval"], columns="k", values="width")
    assert (np.diff(width.to_numpy(), axis=1) < 0).all()


def test_a_cell_agrees_with_a_plain_loop_over_pool():
    found = interval_coverage(3, 0.2, "unlike", repetitions=40, seed=5).set_index("interval")
    vi = sampling_variances(3, "unlike")
    yi = np.random.default_rng([5, 3, 200, 1]).normal(0.0, np.sqrt(vi + 0.2**2), (40, 3))
    for name, test in (("Wald", "z"), ("Hartung-Knapp", "knha"), ("Hartung-Knapp with floor", "adhoc")):
        fits = [pool(row, vi, test=test) for row in yi]
        assert found.at[name, "coverage"] == np.mean([fit.ci_low <= 0 <= fit.ci_high for fit in fits])
        assert found.at[name, "width"] == pytest.approx(np.mean([fit.ci_high - fit.ci_low for fit in fits]), abs=5e-5)


def test_an_unknown_precision_is_refused():
    with pytest.raises(ValueError, match="alike, unlike"):
        sampling_variances(3, "similar")


@pytest.mark.slow
def test_the_script_gives_the_stored_numbers(stored):
    again = interval_coverage(4, 0.2, "unlike")
    there = stored[(stored["k"] == 4) & (stored["tau"] == 0.2) & (stored["precision"] == "unlike")]
    pd.testing.assert_frame_equal(again.reset_index(drop=True), there.reset_index(drop=True), check_exact=True)
