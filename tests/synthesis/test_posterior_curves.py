"""Trials drawn towards the mean, and densities, against closed forms and a double integral."""

import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.stats import halfnorm, norm

from helpers.synthesis import FixedTau, HalfNormal, Normal, bayesian, posterior_curves, shrunken_effects

YI = np.array([-0.5, -0.2, 0.3, -0.9])
VI = np.array([0.04, 0.09, 0.12, 0.25])


@pytest.mark.parametrize("tau", [0.0, 0.4])
def test_a_known_tau_gives_the_normal_prediction_of_each_trial(tau):
    w = 1 / (VI + tau**2)
    mean, variance = (w * YI).sum() / w.sum(), 1 / w.sum()
    share = VI / (VI + tau**2)
    for i, mixture in enumerate(shrunken_effects(bayesian(YI, VI, FixedTau(tau)), YI, VI)):
        assert mixture.mean == pytest.approx(share[i] * mean + (1 - share[i]) * YI[i], rel=1e-12)
        assert mixture.sd**2 == pytest.approx((1 - share[i]) * VI[i] + share[i] ** 2 * variance, rel=1e-12)


def test_a_trials_effect_equals_a_double_integral_over_mean_and_tau():
    yi, vi, prior = YI[:3], VI[:3], HalfNormal(0.5)
    mixture = shrunken_effects(bayesian(yi, vi, prior, Normal(0.1, 0.7)), yi, vi)[1]

    def joint(tau, mu):
        likelihood = norm.pdf(yi, mu, np.sqrt(vi + tau**2)).prod()
        return likelihood * halfnorm.pdf(tau, scale=0.5) * norm.pdf(mu, 0.1, 0.7)

    def first_moment(tau, mu):
        share = vi[1] / (vi[1] + tau**2)
        return joint(tau, mu) * (share * mu + (1 - share) * yi[1])

    limits = (-4, 4, 0, 4)
    total, moment = (dblquad(f, *limits, epsabs=1e-9)[0] for f in (joint, first_moment))
    assert mixture.mean == pytest.approx(moment / total, rel=1e-6)


def test_a_trial_lies_between_what_it_shows_alone_and_the_mean():
    posterior = bayesian(YI, VI, HalfNormal(0.5))
    rows = posterior_curves(posterior, YI, VI).rows
    trials = rows[rows["part"] == "trial"]
    for row in trials.itertuples():
        assert min(row.yi, posterior.mu.median) < row.median < max(row.yi, posterior.mu.median)
        assert row.ci_high - row.ci_low < row.alone_high - row.alone_low


def test_the_mean_and_a_new_trial_are_the_posteriors():
    posterior = bayesian(YI, VI, HalfNormal(0.5))
    rows = posterior_curves(posterior, level=0.9).rows.set_index("part")
    assert list(rows.index) == ["mean", "prediction"]
    assert tuple(rows.loc["mean", ["ci_low", "ci_high"]]) == posterior.mu.equal_tailed(0.9)
    assert rows.loc["prediction", "median"] == posterior.prediction.median
    assert rows.loc["mean", "above"] == pytest.approx(posterior.probability_of_benefit("higher"))


def test_every_density_encloses_an_area_of_one():
    densities = posterior_curves(bayesian(YI, VI, HalfNormal(0.5)), YI, VI).densities
    for _, curve in densities.groupby(["part", "trial"]):
        assert len(curve) == 101 and (np.diff(curve["effect"]) > 0).all()
        assert np.trapezoid(curve["density"], curve["effect"]) == pytest.approx(0.999, abs=5e-3)


def test_other_trials_than_the_posteriors_are_refused():
    with pytest.raises(ValueError, match="the posterior is that of 4 trials, got 2"):
        shrunken_effects(bayesian(YI, VI, HalfNormal(0.5)), YI[:2], VI[:2])
