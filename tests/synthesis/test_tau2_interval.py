"""Q-profile limits against metafor."""

import pytest
from oracle_cases import CASES, SEVERAL_TRIALS

from helpers.synthesis import tau2_interval


@pytest.mark.parametrize(("field", "level"), [("tau2_ci_qp", 0.95), ("tau2_ci_qp_90", 0.90)])
@pytest.mark.parametrize("name", SEVERAL_TRIALS)
def test_q_profile_limits_equal_metafors(name, field, level):
    case, stored = CASES[name], CASES[name].meta[field]
    interval = tau2_interval(case.yi, case.vi, level=level)
    for field, floor in (("tau2", case.floor), ("I2", 1e-12), ("H2", 1e-12)):
        assert getattr(interval, field) == pytest.approx(tuple(stored[field]), rel=1e-9, abs=floor), field


def test_one_trial_has_no_interval_of_tau2():
    with pytest.raises(ValueError, match="at least two trials"):
        tau2_interval([0.3], [0.04])


def test_the_interval_becomes_a_frame_of_three_rows():
    frame = tau2_interval([0.1, 0.9, -0.4], [0.02, 0.03, 0.05]).to_frame()
    assert frame.index.tolist() == ["tau2", "I2", "H2"]
    assert frame.columns.tolist() == ["estimate", "low", "high"]
