"""Predictions of each trial's own effect, against metafor's blup."""

import numpy as np
import pytest
from oracle_cases import CASES

from helpers.synthesis import blup, pool


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "sensitivity" in case.meta])
def test_predictions_and_their_intervals_equal_metafors(name):
    case, frame = CASES[name], blup(CASES[name].yi, CASES[name].vi, test="z")
    stored = case.meta["sensitivity"]["blup_REML"]
    for column, theirs in {"blup": "pred", "se": "se", "pi_low": "pi.lb", "pi_high": "pi.ub"}.items():
        np.testing.assert_allclose(frame[column], stored[theirs], rtol=1e-9, atol=1e-12, err_msg=column)


@pytest.mark.parametrize("test", ["knha", "adhoc"])
def test_a_t_test_widens_the_interval_by_its_quantile(test):
    case = CASES["bcg_RR"]
    frame = blup(case.yi, case.vi, test=test)
    half = (frame["pi_high"] - frame["pi_low"]) / 2
    np.testing.assert_allclose(half / frame["se"], 2.178812829667229, rtol=1e-12)  # t with 12 df


def test_equal_effects_are_all_predicted_to_be_the_pooled_one():
    y, v = [0.1, 0.9, -0.4], [0.02, 0.03, 0.05]
    pooled = pool(y, v, "EE", "z")
    frame = blup(y, v, "EE", "z")
    np.testing.assert_allclose(frame["blup"], pooled.estimate, rtol=1e-12)
    np.testing.assert_allclose(frame["pi_low"], pooled.ci_low, rtol=1e-12)
