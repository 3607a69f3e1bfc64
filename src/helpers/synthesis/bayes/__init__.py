"""Bayesian random effects: what the trials and a stated prior together say, as distributions."""

from helpers.synthesis.bayes.curves import PosteriorCurves, posterior_curves, shrunken_effects
from helpers.synthesis.bayes.distributions import Distribution, NormalMixture, TauDistribution
from helpers.synthesis.bayes.posterior import Posterior, bayesian
from helpers.synthesis.bayes.priors import FixedTau, FlatTau, HalfCauchy, HalfNormal, LogNormal, Normal

__all__ = [
    "Distribution",
    "FixedTau",
    "FlatTau",
    "HalfCauchy",
    "HalfNormal",
    "LogNormal",
    "Normal",
    "NormalMixture",
    "Posterior",
    "PosteriorCurves",
    "TauDistribution",
    "bayesian",
    "posterior_curves",
    "shrunken_effects",
]
