"""Many meta-analyses in one call, against the same ones singly."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle_cases import CASES

from helpers.synthesis import METHODS, TESTS, pool, pool_many

NUMBERS = [
    "k", "estimate", "se", "statistic", "df", "p", "ci_low", "ci_high", "tau2", "se_tau2", "I2", "H2", "Q", "Q_df",
    "Q_p", "pi_low", "pi_high",
]  # fmt: skip
numbers = st.floats(-5, 5).map(lambda x: round(x, 3))
rows = st.lists(st.lists(st.tuples(numbers, st.floats(0.001, 4)), min_size=1, max_size=6), min_size=1, max_size=12)


def padded(samples):
    """(m, k) arrays of samples of different length, absent trials first or last by turns."""
    yi, vi = np.full((2, len(samples), max(len(y) for y, _ in samples)), np.nan)
    for row, (y, v) in enumerate(samples):
        where = slice(len(y)) if row % 2 else slice(yi.shape[1] - len(y), None)
        yi[row, where], vi[row, where] = y, v
    return yi, vi


def assert_equal_to_single(many, samples, method, test):
    single = [pool(y, v, method, test) for y, v in samples]
    floors = {"tau2": 1e-10, "se_tau2": 1e-10}
    for name in NUMBERS:
        for row, pooled in enumerate(single):
            floor = floors.get(name, 1e-12) * float(np.mean(samples[row][1]))
            expected = pytest.approx(getattr(pooled, name), rel=1e-10, abs=floor, nan_ok=True)
            assert getattr(many, name)[row] == expected, (name, row)
    for weights, pooled in zip(many.weights, single, strict=True):
        np.testing.assert_allclose(weights[weights > 0], pooled.weights, rtol=1e-10)


@pytest.mark.parametrize(("method", "test"), list(product(METHODS, TESTS)))
def test_all_stored_meta_analyses_in_one_call_equal_them_singly(method, test):
    samples = [(case.yi, case.vi) for case in CASES.values()]
    assert_equal_to_single(pool_many(*padded(samples), method, test), samples, method, test)


@settings(max_examples=40, deadline=None)
@given(rows, st.sampled_from(METHODS), st.sampled_from(TESTS))
def test_any_meta_analysis_in_a_call_equals_it_singly(data, method, test):
    samples = [tuple(np.array(row).T) for row in data]
    many = pool_many(*padded(samples), method, test)
    for row, (y, v) in enumerate(samples):
        pooled = pool(y, v, method, test)
        assert many.estimate[row] == pytest.approx(pooled.estimate, rel=1e-10, abs=1e-12)
        assert many.tau2[row] == pytest.approx(pooled.tau2, rel=1e-10, abs=1e-10 * v.mean())
        assert many.se[row] == pytest.approx(pooled.se, rel=1e-10, abs=1e-10 * v.mean() ** 0.5)


def test_more_rows_than_one_chunk_holds_keep_their_order():
    shift = np.arange(5000.0)
    yi = np.array([0.1, 0.9, -0.4]) + shift[:, None]
    many = pool_many(yi, np.broadcast_to([0.02, 0.03, 0.05], yi.shape), "DL")
    np.testing.assert_allclose(many.estimate - shift, pool([0.1, 0.9, -0.4], [0.02, 0.03, 0.05], "DL").estimate, 1e-9)


def test_a_result_becomes_a_frame_of_one_row_a_meta_analysis():
    many = pool_many([[0.1, 0.9], [0.2, np.nan]], [[0.02, 0.03], [0.04, np.nan]])
    frame = many.to_frame()
    assert frame["k"].tolist() == [2, 1]
    assert "weights" not in frame
    assert repr(many).startswith("PooledMany REML, knha: 2 meta-analyses of 1 to 2 trials")


@pytest.mark.parametrize(
    ("yi", "vi", "message"),
    [
        ([0.1, 0.2], [0.1, 0.1], r"yi: must have two dimensions, got shape \(2,\)"),
        ([[0.1, 0.2]], [[0.1]], r"yi and vi differ in shape: \(1, 2\) and \(1, 1\)"),
        ([[0.1, np.nan]], [[0.1, 0.2]], r"yi\[0, 1\]: must be a finite number, or nan in yi and vi"),
        ([[0.1, 0.2]], [[0.1, np.nan]], r"vi\[0, 1\]: must be a finite number, or nan in yi and vi"),
        ([[0.1, np.inf]], [[0.1, 0.2]], r"yi\[0, 1\]: must be a finite number"),
        ([[0.1, 0.2], [0.1, 0.2]], [[0.1, 0.2], [0.1, 0.0]], r"vi\[1, 1\]: must be positive, got 0"),
        ([[0.1], [np.nan]], [[0.1], [np.nan]], r"yi\[1\]: at least one trial is needed, got none"),
        (np.empty((0, 3)), np.empty((0, 3)), "yi: at least one meta-analysis is needed, got none"),
        ([[0.1], [0.1, 0.2]], [[0.1], [0.1]], "yi: must be numbers, in rows of equal length"),
    ],
)
def test_impossible_rows_are_refused_with_argument_and_position(yi, vi, message):
    with pytest.raises(ValueError, match=message):
        pool_many(yi, vi)


@pytest.mark.parametrize("method", ["ML", "REML"])
def test_a_single_row_with_an_absent_trial_agrees_with_pool(method):
    yi, vi = [0.9, np.nan, 0.1, 0.4], [0.05, np.nan, 0.02, 0.3]
    many = pool_many([yi], [vi], method=method)
    one = pool([0.9, 0.1, 0.4], [0.05, 0.02, 0.3], method=method)
    assert one.tau2 > 0
    assert many.tau2[0] == pytest.approx(one.tau2, rel=1e-10)
    assert many.estimate[0] == pytest.approx(one.estimate, rel=1e-10)
