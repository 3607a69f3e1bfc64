"""What holds for any data, and what is refused."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpers.synthesis import METHODS, TESTS, interval_rule, pool, tau2_interval

effects = st.floats(-5, 5, allow_subnormal=False).map(lambda x: round(x, 3))
variances = st.floats(0.001, 4).map(lambda x: round(x, 4))
trials = st.lists(st.tuples(effects, variances), min_size=2, max_size=8).map(lambda rows: np.array(rows).T)
fits = st.tuples(st.sampled_from(METHODS), st.sampled_from(TESTS))
NUMBERS = ("estimate", "se", "ci_low", "ci_high", "p", "tau2", "se_tau2", "I2", "H2", "Q", "Q_p", "pi_low", "pi_high")
# The restricted likelihood of these has a lower peak near 0.0004 and the higher near 0.10.
TWO_PEAKS = np.array([[0.01, -0.05, 0.75, -0.09, -0.14], [0.9177, 0.0005, 0.0489, 0.0006, 0.0074]])
fast = settings(max_examples=60, deadline=None)


def numbers(pooled):
    return np.array([getattr(pooled, name) for name in NUMBERS])


@fast
@given(trials, fits, st.randoms(use_true_random=False))
def test_the_order_of_the_trials_does_not_matter(data, fit, random):
    order = list(range(data.shape[1]))
    random.shuffle(order)
    there, back = pool(*data, *fit), pool(*data[:, order], *fit)
    np.testing.assert_allclose(numbers(there), numbers(back), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(there.weights[order], back.weights, rtol=1e-7)


@fast
@given(trials, fits, st.sampled_from([1e-3, 0.5, 40.0]))
def test_a_change_of_unit_changes_the_results_by_the_unit(data, fit, unit):
    yi, vi = data
    there, scaled = pool(yi, vi, *fit), pool(unit * yi, unit**2 * vi, *fit)
    assert unit * there.estimate == pytest.approx(scaled.estimate, rel=1e-7, abs=1e-9 * unit)
    assert unit * there.se == pytest.approx(scaled.se, rel=1e-7, abs=1e-9 * unit)
    assert unit**2 * there.tau2 == pytest.approx(scaled.tau2, rel=1e-7, abs=1e-9 * unit**2)
    for unitless in ("I2", "H2", "Q"):
        assert getattr(there, unitless) == pytest.approx(getattr(scaled, unitless), rel=1e-7, abs=1e-7)


@fast
@given(trials, fits)
def test_swapping_the_groups_turns_the_result(data, fit):
    yi, vi = data
    there, turned = pool(yi, vi, *fit), pool(-yi, vi, *fit)
    assert (there.estimate, there.ci_low, there.tau2, there.p) == pytest.approx(
        (-turned.estimate, -turned.ci_high, turned.tau2, turned.p), rel=1e-9, abs=1e-12, nan_ok=True
    )  # p is nan under knha when every effect is zero: zero over zero


@fast
@given(trials, fits)
def test_the_interval_contains_the_estimate_and_the_weights_sum_to_one(data, fit):
    pooled = pool(*data, *fit)
    assert pooled.ci_low <= pooled.estimate <= pooled.ci_high
    assert data[0].min() - 1e-9 <= pooled.estimate <= data[0].max() + 1e-9
    assert pooled.weights.sum() == pytest.approx(1, rel=1e-12)
    assert (pooled.weights > 0).all()
    if pooled.method != "EE":
        assert pooled.pi_low <= pooled.ci_low
        assert pooled.ci_high <= pooled.pi_high


@fast
@given(trials, st.booleans())
@example(TWO_PEAKS, True)
def test_no_tau2_is_more_likely_than_the_estimate(data, restricted):
    yi, vi = data

    def twice_log_likelihood(tau2):
        w = 1 / (vi + tau2)
        mean = (w * yi).sum() / w.sum()
        fit = -(w * (yi - mean) ** 2).sum() + np.log(w).sum()
        return fit - np.log(w.sum()) if restricted else fit

    best = twice_log_likelihood(pool(yi, vi, "REML" if restricted else "ML").tau2)
    others = [twice_log_likelihood(tau2) for tau2 in [0, *np.geomspace(1e-6, 200, 300)]]
    assert best >= max(others) - 1e-9


@fast
@given(trials)
def test_paule_mandel_makes_q_equal_to_its_expectation(data):
    yi, vi = data
    tau2 = pool(yi, vi, "PM").tau2
    w = 1 / (vi + tau2)
    q = (w * (yi - (w * yi).sum() / w.sum()) ** 2).sum()
    assert q <= (len(yi) - 1) * (1 + 1e-9)
    assert tau2 == 0 or q == pytest.approx(len(yi) - 1, rel=1e-9)


@fast
@given(trials)
def test_a_wider_level_gives_wider_limits(data):
    assert pool(*data, level=0.99).ci_low <= pool(*data, level=0.9).ci_low
    wide, narrow = tau2_interval(*data, level=0.99), tau2_interval(*data, level=0.9)
    assert wide.tau2[1] <= narrow.tau2[1] <= narrow.tau2[2] <= wide.tau2[2]


@fast
@given(trials)
def test_the_headline_is_never_narrower_than_the_wald_error(data):
    headline = interval_rule(*data).headline
    if headline is not None:
        assert headline.se >= pool(*data, test="z").se * (1 - 1e-12)


@pytest.mark.parametrize(
    ("yi", "vi", "message"),
    [
        ([0.1, np.nan], [0.1, 0.1], r"yi\[1\]: must be a finite number, got nan"),
        ([0.1, 0.2], [np.inf, 0.1], r"vi\[0\]: must be a finite number, got inf"),
        ([0.1, 0.2, 0.3], [0.1, 0.1, 0.0], r"vi\[2\]: must be positive, got 0"),
        ([0.1, 0.2], [0.1, -0.5], r"vi\[1\]: must be positive, got -0.5"),
        ([0.1, 0.2], [0.1], "yi and vi differ in length: 2 and 1"),
        ([[0.1, 0.2]], [0.1, 0.1], r"yi: must have one dimension, got shape \(1, 2\)"),
        (["a", 0.2], [0.1, 0.1], "yi: must be numbers"),
        ([], [], "yi: at least one trial is needed, got none"),
    ],
)
def test_impossible_trials_are_refused_with_argument_and_position(yi, vi, message):
    with pytest.raises(ValueError, match=message):
        pool(yi, vi)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "GENQ"}, "method: must be one of EE, DL"),
        ({"test": "t"}, "test: must be one of z, knha, adhoc, got 't'"),
        ({"level": 95}, "level: must lie between 0 and 1, got 95"),
    ],
)
def test_unknown_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        pool([0.1, 0.2], [0.1, 0.1], **options)


def test_a_result_reads_as_text_and_as_one_row():
    pooled = pool([0.1, 0.9, -0.4], [0.02, 0.03, 0.05])
    assert repr(pooled).startswith("Pooled REML, knha, k = 3\n  estimate ")
    assert "95% prediction interval" in repr(pooled)
    assert "prediction" not in repr(pool([0.1], [0.02]))
    frame = pooled.to_frame()
    assert len(frame) == 1
    assert "weights" not in frame
