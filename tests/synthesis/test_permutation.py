"""Permutation tests of a meta-regression."""

import json
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from oracle_cases import CASES, ORACLE

from helpers.synthesis import meta_regression, permutation_test

STORED = json.loads((ORACLE / "gosh_permutation_hine1989_RD.json").read_text())
NOTHING = pd.DataFrame(index=range(6))


def test_all_turns_of_sign_give_metafors_p():
    result = permutation_test(meta_regression(STORED["yi"], STORED["vi"], NOTHING, "DL", "z"))
    assert result.exact
    assert result.permutations == 64
    assert result.coefficients["intercept"] == pytest.approx(STORED["permutest_DL"]["pvalue"])


@pytest.mark.parametrize("method", ["EE", "REML"])
def test_all_arrangements_of_a_number_equal_refitting_each(method):
    case, x = CASES["viechtbauer2005_example1"], [3.0, 1.0, 4.0, 1.5, 9.0]
    y, v = case.yi[:5], case.vi[:5]
    fits = [meta_regression(y, v, pd.DataFrame({"x": p}), method, "z") for p in permutations(x)]
    observed = meta_regression(y, v, pd.DataFrame({"x": x}), method, "z")
    result = permutation_test(observed)
    assert (result.exact, result.permutations) == (True, 120)
    assert result.QM_p == np.mean([f.QM >= observed.QM * (1 - 1e-9) for f in fits])
    for name in ("intercept", "x"):
        z = [abs(f.coefficients.loc[name, "statistic"]) for f in fits]
        assert result.coefficients[name] == np.mean(z >= abs(observed.coefficients.loc[name, "statistic"]) * (1 - 1e-9))


def test_equal_rows_are_dealt_out_only_once():
    case = CASES["edge_k6_tiny_vi"]
    fitted = meta_regression(case.yi, case.vi, pd.DataFrame({"route": list("aabbbb")}))
    result = permutation_test(fitted)
    assert (result.exact, result.permutations) == (True, 15)
    assert round(15 * result.QM_p, 9) in range(1, 16)


def test_many_arrangements_are_sampled_alike_for_the_same_seed():
    case = CASES["bcg_RR"]
    fitted = meta_regression(case.yi, case.vi, pd.DataFrame({"ablat": case.meta["meta_regression"]["moderator"]}))
    first, again = permutation_test(fitted, 300), permutation_test(fitted, 300)
    assert not first.exact
    assert first.permutations == 300
    pd.testing.assert_frame_equal(first.to_frame(), again.to_frame())
    assert first.QM_p >= 1 / 300 and first.QM_p < 0.05  # the arrangement observed counts, so p is never zero


def test_signs_are_sampled_where_there_are_many():
    result = permutation_test(meta_regression(STORED["yi"], STORED["vi"], NOTHING, "DL", "z"), 20)
    assert (result.exact, result.permutations) == (False, 20)
    assert "a sample of 20 arrangements" in repr(result)


def test_no_permutation_is_refused():
    with pytest.raises(ValueError, match="permutations: must be at least 1, got 0"):
        permutation_test(meta_regression(STORED["yi"], STORED["vi"], NOTHING), 0)
