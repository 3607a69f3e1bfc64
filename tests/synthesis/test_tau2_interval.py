"""Q-profile and profile-likelihood limits against metafor."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle_cases import CASES, SEVERAL_TRIALS
from scipy.stats import chi2

from helpers.synthesis import tau2_interval

numbers = st.tuples(st.floats(-5, 5).map(lambda x: round(x, 3)), st.floats(0.001, 4).map(lambda x: round(x, 4)))
trials = st.lists(numbers, min_size=2, max_size=8).map(lambda rows: np.array(rows).T)


@pytest.mark.parametrize(("field", "level"), [("tau2_ci_qp", 0.95), ("tau2_ci_qp_90", 0.90)])
@pytest.mark.parametrize("name", SEVERAL_TRIALS)
def test_q_profile_limits_equal_metafors(name, field, level):
    case, stored = CASES[name], CASES[name].meta[field]
    interval = tau2_interval(case.yi, case.vi, level=level)
    for field, floor in (("tau2", case.floor), ("I2", 1e-12), ("H2", 1e-12)):
        assert getattr(interval, field) == pytest.approx(tuple(stored[field]), rel=1e-9, abs=floor), field


@pytest.mark.parametrize("name", SEVERAL_TRIALS)
def test_profile_likelihood_limits_equal_metafors(name):
    case, stored = CASES[name], CASES[name].meta["tau2_ci_pl_REML"]
    interval = tau2_interval(case.yi, case.vi, limits="PL")
    solved_to = 1e-10  # R's search for tau2 stopped there, whatever the scale of the effects
    typical = solved_to / (1 / (1 / case.vi).mean())
    for field, floor in (("tau2", solved_to), ("I2", 100 * typical), ("H2", typical)):
        assert getattr(interval, field) == pytest.approx(tuple(stored[field]), rel=1e-9, abs=floor), field


@settings(max_examples=60, deadline=None)
@given(trials, st.booleans())
def test_the_likelihood_at_a_profile_limit_has_fallen_by_the_quantile_of_chi_square(data, restricted):
    yi, vi = data

    def twice_log_likelihood(tau2):
        w = 1 / (vi + tau2)
        mean = (w * yi).sum() / w.sum()
        fit = -(w * (yi - mean) ** 2).sum() + np.log(w).sum()
        return fit - np.log(w.sum()) if restricted else fit

    interval = tau2_interval(yi, vi, "REML" if restricted else "ML", limits="PL")
    estimate, low, high = interval.tau2
    assert low <= estimate <= high
    least = twice_log_likelihood(estimate) - chi2.ppf(0.95, 1)
    assert twice_log_likelihood(high) == pytest.approx(least, abs=1e-8)
    assert low == 0 or twice_log_likelihood(low) == pytest.approx(least, abs=1e-8)
    assert max(twice_log_likelihood(high * factor) for factor in (1.01, 2, 10, 1000)) < least


@pytest.mark.parametrize("limits", ["QP", "PL"])
def test_one_trial_has_no_interval_of_tau2(limits):
    with pytest.raises(ValueError, match="at least two trials"):
        tau2_interval([0.3], [0.04], limits=limits)


def test_profile_likelihood_limits_need_a_likelihood():
    with pytest.raises(ValueError, match=r"method \(limits PL\): must be one of ML, REML, got 'DL'"):
        tau2_interval([0.3, 0.4], [0.04, 0.05], "DL", limits="PL")


def test_the_interval_becomes_a_frame_of_three_rows():
    frame = tau2_interval([0.1, 0.9, -0.4], [0.02, 0.03, 0.05]).to_frame()
    assert frame.index.tolist() == ["tau2", "I2", "H2"]
    assert frame.columns.tolist() == ["estimate", "low", "high"]
