"""Every subset of the trials, against metafor's gosh."""

import json

import numpy as np
import pytest
from oracle_cases import CASES, ORACLE

from helpers.synthesis import gosh, pool

STORED = json.loads((ORACLE / "gosh_permutation_hine1989_RD.json").read_text())


@pytest.mark.parametrize("method", ["EE", "DL"])
def test_each_subset_in_metafors_order_has_metafors_numbers(method):
    stored, ours = STORED[method], gosh(STORED["yi"], STORED["vi"], method)
    assert ours.complete
    assert (ours.included == np.array(stored["incl"], dtype=bool)).all()
    for name, column in {"estimate": "estimate", "tau2": "tau2", "I2": "I2", "QE": "Q"}.items():
        if name in stored:
            np.testing.assert_allclose(ours.results[column], stored[name], rtol=1e-11, atol=1e-14)


def test_a_subset_equals_its_own_synthesis():
    case = CASES["edge_k5_equal_vi"]
    ours = gosh(case.yi, case.vi)
    assert len(ours.results) == 31
    for included, row in zip(ours.included, ours.results.itertuples(), strict=True):
        pooled = pool(case.yi[included], case.vi[included])
        assert (row.k, row.estimate, row.tau2) == pytest.approx((pooled.k, pooled.estimate, pooled.tau2), rel=1e-10)


def test_too_many_subsets_are_sampled_alike_for_the_same_seed_and_never_empty():
    case = CASES["hackshaw1998_logOR"]  # 2^37 subsets
    first, again, other = (gosh(case.yi, case.vi, "DL", subsets=500, seed=seed) for seed in (1, 1, 2))
    assert not first.complete
    assert first.included.shape == (500, 37)
    assert (first.included == again.included).all()
    assert (first.included != other.included).any()
    assert first.results["k"].min() >= 1
    np.testing.assert_array_equal(first.results["k"], first.included.sum(axis=1))
    assert "a sample of 500 subsets of 37 trials" in repr(first)


def test_a_sample_of_few_trials_has_no_empty_subset():
    assert gosh([0.1, 0.2], [0.1, 0.1], subsets=2, seed=3).included.any(axis=1).all()


def test_the_frame_says_for_each_trial_whether_it_is_in():
    frame = gosh([0.1, 0.5], [0.04, 0.05]).to_frame()
    assert frame[["k", "trial_0", "trial_1"]].to_numpy().tolist() == [
        [1, True, False],
        [1, False, True],
        [2, True, True],
    ]


def test_no_subset_is_refused():
    with pytest.raises(ValueError, match="subsets: must be at least 1, got 0"):
        gosh([0.1, 0.5], [0.04, 0.05], subsets=0)
