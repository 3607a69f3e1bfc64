"""Leaving one trial out, against metafor's leave1out."""

import numpy as np
import pytest
from oracle_cases import CASES

from helpers.synthesis import leave_one_out

FIELDS = {"estimate": "estimate", "se": "se", "p": "pval", "ci_low": "ci.lb", "ci_high": "ci.ub", "Q": "Q", "Q_p": "Qp"}


@pytest.mark.parametrize(("method", "test"), [("EE", "z"), ("DL", "z")])
@pytest.mark.parametrize("name", ["bcg_RR", "normand1999_SMD", "edge_k3_homogeneous"])
def test_each_row_equals_metafors_fit_without_that_trial(name, method, test):
    case = CASES[name]
    frame = leave_one_out(case.yi, case.vi, method, test)
    stored = case.meta["sensitivity"][f"leave1out_{method}_{test}"]
    for ours, theirs in FIELDS.items():
        np.testing.assert_allclose(frame[ours], stored[theirs], rtol=1e-10, err_msg=ours)


def test_a_single_trial_can_not_be_left_out():
    with pytest.raises(ValueError, match="at least two trials"):
        leave_one_out([0.3], [0.04])
