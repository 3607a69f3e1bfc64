"""The Bayesian synthesis against closed limits and against an integration in other coordinates."""

from math import inf, isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial.legendre import leggauss
from scipy.special import ndtr, ndtri
from scipy.stats import halfcauchy, halfnorm, lognorm, norm

from helpers.synthesis import FixedTau, FlatTau, HalfCauchy, HalfNormal, LogNormal, Normal, bayesian, pool

YI = np.array([-0.5, -0.2, 0.3, -0.9])
VI = np.array([0.04, 0.09, 0.12, 0.25])
PRIORS = {
    "half-normal": (HalfNormal(0.5), halfnorm(scale=0.5)),
    "half-Cauchy": (HalfCauchy(0.5), halfcauchy(scale=0.5)),
    "log-normal": (LogNormal(-1.0, 0.9), lognorm(0.9, scale=np.exp(-1.0))),
}


@pytest.mark.parametrize("prior", PRIORS)
def test_the_priors_are_the_named_densities(prior):
    ours, scipys = PRIORS[prior]
    tau = np.array([0.01, 0.3, 1.0, 4.0])
    np.testing.assert_allclose(ours.log_density(tau), scipys.logpdf(tau), rtol=1e-12)
    assert ours.scale_of_tau == pytest.approx(scipys.median(), rel=1e-9)


@pytest.mark.parametrize("tau", [0.0, 0.4])
def test_a_fixed_tau_gives_the_normal_posterior(tau):
    w = 1 / (VI + tau**2)
    mean, se = (w * YI).sum() / w.sum(), w.sum() ** -0.5
    posterior = bayesian(YI, VI, FixedTau(tau))
    assert (posterior.mu.mean, posterior.mu.sd) == pytest.approx((mean, se), rel=1e-12)
    limits = mean + np.array([-1, 1]) * ndtri(0.975) * se
    assert posterior.mu.equal_tailed() == pytest.approx(limits, rel=1e-9)
    assert posterior.mu.shortest() == pytest.approx(limits, rel=1e-5)
    assert posterior.prediction.sd == pytest.approx(np.sqrt(se**2 + tau**2), rel=1e-12)
    assert posterior.tau.equal_tailed() == (tau, tau)


def test_a_prior_near_zero_gives_the_equal_effects_result():
    common, posterior = pool(YI, VI, "EE", "z"), bayesian(YI, VI, HalfNormal(1e-5))
    assert posterior.mu.equal_tailed() == pytest.approx((common.ci_low, common.ci_high), rel=1e-7)


def test_a_narrow_log_normal_prior_gives_the_fixed_tau():
    narrow, fixed = bayesian(YI, VI, LogNormal(np.log(0.4), 1e-4)), bayesian(YI, VI, FixedTau(0.4))
    assert narrow.mu.equal_tailed() == pytest.approx(fixed.mu.equal_tailed(), rel=1e-6)


@pytest.mark.parametrize("prior", PRIORS)
def test_one_trial_says_nothing_about_tau(prior):
    ours, scipys = PRIORS[prior]
    posterior = bayesian([0.3], [0.04], ours)
    for p in (0.025, 0.5, 0.975):
        assert posterior.tau.quantile(p) == pytest.approx(scipys.ppf(p), rel=1e-8)
    assert posterior.mu.median == pytest.approx(0.3, rel=1e-9)


def test_one_trial_with_a_normal_prior_and_no_heterogeneity_is_conjugate():
    posterior = bayesian([0.3], [0.04], FixedTau(0), Normal(1.0, 0.5))
    precision = 1 / 0.04 + 1 / 0.25
    assert posterior.mu.mean == pytest.approx((0.3 / 0.04 + 1.0 / 0.25) / precision, rel=1e-12)
    assert posterior.mu.sd == pytest.approx(precision**-0.5, rel=1e-12)


def test_a_wide_normal_prior_of_the_effect_is_the_flat_one():
    flat, wide = bayesian(YI, VI, HalfNormal(0.5)), bayesian(YI, VI, HalfNormal(0.5), Normal(0, 1e5))
    assert wide.mu.equal_tailed() == pytest.approx(flat.mu.equal_tailed(), rel=1e-6)


@pytest.mark.parametrize("mu", [None, Normal(0.1, 0.7)])
@pytest.mark.parametrize("prior", PRIORS)
def test_probabilities_equal_a_double_integral_over_other_coordinates(prior, mu):
    ours, scipys = PRIORS[prior]
    cut = -0.1
    nodes, weights = leggauss(200)
    masses = []
    for low, high in (
        (-6.5, np.arcsinh(cut)),
        (np.arcsinh(cut), 6.5),
    ):  # effect = sinh(u), in two parts that meet at the cut
        u = (low + high) / 2 + (high - low) / 2 * nodes
        effect, tau = np.sinh(u), np.exp(np.linspace(-25, 12, 400))
        log_density = norm.logpdf(YI, effect[:, None, None], np.sqrt(VI + tau[:, None] ** 2)).sum(
            axis=2
        ) + scipys.logpdf(tau)
        if mu is not None:
            log_density = log_density + norm.logpdf(effect, mu.mean, mu.sd)[:, None]
        masses.append((high - low) * (weights * np.cosh(u)) @ (np.exp(log_density) * tau).sum(axis=1))
    assert bayesian(YI, VI, ours, mu).mu.cdf(cut) == pytest.approx(masses[0] / sum(masses), abs=1e-7)


def test_tau_and_prediction_equal_a_sum_over_a_fine_grid_of_log_tau():
    prior, scipys = PRIORS["half-Cauchy"]
    posterior = bayesian(YI, VI, prior)
    log_tau = np.linspace(-25, 18, 40_001)
    tau = np.exp(log_tau)
    w = 1 / (VI + tau[:, None] ** 2)
    total, mean = w.sum(axis=1), (w * YI).sum(axis=1) / w.sum(axis=1)
    log_density = (np.log(w).sum(axis=1) - np.log(total) - (w * (YI - mean[:, None]) ** 2).sum(axis=1)) / 2
    weight = np.exp(log_density + scipys.logpdf(tau) + log_tau)
    weight /= weight.sum()
    assert posterior.prediction.cdf(0.2) == pytest.approx(
        weight @ ndtr((0.2 - mean) / np.sqrt(1 / total + tau**2)), rel=1e-9
    )
    assert posterior.mu.cdf(0.2) == pytest.approx(weight @ ndtr((0.2 - mean) * np.sqrt(total)), rel=1e-9)
    edge = log_tau[25_000] + (log_tau[1] - log_tau[0]) / 2
    assert posterior.tau.cdf(np.exp(edge)) == pytest.approx(weight[:25_001].sum(), rel=1e-6)


def test_the_shortest_interval_has_equal_density_at_both_ends_and_is_shorter():
    posterior = bayesian(YI, VI, LogNormal(-1.0, 0.9))
    for distribution in (posterior.mu, posterior.tau):
        low, high = distribution.shortest()
        assert distribution.density(low) == pytest.approx(distribution.density(high), rel=1e-3)
        assert distribution.cdf(high) - distribution.cdf(low) == pytest.approx(0.95, abs=1e-9)
        equal = distribution.equal_tailed()
        assert high - low < equal[1] - equal[0]


def test_a_falling_density_of_tau_has_a_shortest_interval_from_zero():
    assert bayesian(YI, VI, HalfNormal(0.05)).tau.shortest()[0] == 0.0


def test_the_probability_of_benefit_follows_the_direction_and_the_threshold():
    posterior = bayesian(YI, VI, HalfNormal(0.5))
    assert posterior.probability_of_benefit("lower") == pytest.approx(posterior.mu.cdf(0.0))
    assert posterior.probability_of_benefit("higher") == pytest.approx(1 - posterior.mu.cdf(0.0))
    assert posterior.probability_of_benefit("lower", beyond=-0.25) < posterior.probability_of_benefit("lower")
    new = posterior.probability_of_benefit("lower", of="prediction")
    assert 0.5 < new < posterior.probability_of_benefit("lower")


def test_moments_that_do_not_exist_are_not_invented():
    assert isnan(bayesian([0.3], [0.04], HalfCauchy(0.5)).mu.mean)
    assert bayesian([0.3, 0.5], [0.04, 0.1], HalfCauchy(0.5)).mu.sd == inf
    assert bayesian([0.3], [0.04], HalfNormal(0.5)).mu.sd < inf


@pytest.mark.parametrize(("k", "mu"), [(1, None), (2, None), (1, Normal(0, 1))])
def test_a_flat_tau_with_too_few_trials_is_refused(k, mu):
    with pytest.raises(ValueError, match="can not be normalised"):
        bayesian(YI[:k], VI[:k], FlatTau(), mu)


@pytest.mark.parametrize(
    "broken",
    [
        lambda: HalfNormal(0),
        lambda: HalfCauchy(-1),
        lambda: LogNormal(0, 0),
        lambda: FixedTau(-1),
        lambda: Normal(0, 0),
    ],
)
def test_priors_that_are_none_are_refused(broken):
    with pytest.raises(ValueError, match=r"must be|needs a"):
        broken()


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-200, 200), st.integers(1, 200)), min_size=1, max_size=6),
    st.sampled_from([0.01, 30.0]),
)
def test_a_change_of_unit_or_sign_changes_the_posterior_with_it(rows, unit):
    yi, vi = np.array(rows).T / 100
    there = bayesian(yi, vi, HalfNormal(0.5))
    scaled = bayesian(-unit * yi, unit**2 * vi, HalfNormal(unit * 0.5))
    low, high = there.mu.equal_tailed()
    assert scaled.mu.equal_tailed() == pytest.approx((-unit * high, -unit * low), rel=1e-6, abs=1e-7 * unit)
    assert scaled.tau.median == pytest.approx(unit * there.tau.median, rel=1e-6)
    assert there.prediction.equal_tailed()[0] <= low <= high


def test_a_result_reads_as_text_and_as_three_rows():
    posterior = bayesian(YI, VI, HalfNormal(0.5))
    assert repr(posterior).startswith("Posterior, k = 4, mu Normal(mean=0.0, sd=inf), tau HalfNormal(scale=0.5)")
    assert posterior.to_frame().index.tolist() == ["mu", "tau", "prediction"]
