"""Bayesian random-effects meta-analysis by quadrature: no simulation, so the same data always give the same digits."""

from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from helpers.effects.checks import check_choice
from helpers.synthesis.bayes.distributions import Distribution, NormalMixture, Point, TauDistribution, panel_nodes
from helpers.synthesis.bayes.priors import FixedTau, Normal, TauPrior
from helpers.synthesis.trials import one_meta_analysis

FloatArray = NDArray[np.float64]
PANELS = 64


@dataclass(frozen=True, eq=False)
class Posterior:
    """mu: the mean effect; tau: the between-trial SD; prediction: the effect of a new trial; all on the scale of yi."""

    k: int
    mu: NormalMixture
    tau: Distribution
    prediction: NormalMixture
    mu_prior: Normal
    tau_prior: TauPrior

    def probability_of_benefit(self, direction: str, beyond: float = 0.0, of: str = "mu") -> float:
        """P(effect better than `beyond`), which has the sign of the effect; direction "higher" or "lower" is better.

        beyond 0: any benefit; beyond an MCID (on the scale of yi, negative where lower is better): a benefit that
        matters. of "mu" (the mean effect) or "prediction" (a new trial).
        """
        check_choice("direction", direction, ("higher", "lower"))
        check_choice("of", of, ("mu", "prediction"))
        below = (self.mu if of == "mu" else self.prediction).cdf(beyond)
        return below if direction == "lower" else 1 - below

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Rows mu, tau, prediction; median, equal-tailed and shortest limits."""
        rows = {}
        for name in ("mu", "tau", "prediction"):
            distribution: Distribution = getattr(self, name)
            low, high = distribution.equal_tailed(level)
            shortest_low, shortest_high = distribution.shortest(level)
            rows[name] = [distribution.median, low, high, shortest_low, shortest_high]
        return pd.DataFrame.from_dict(
            rows, orient="index", columns=["median", "low", "high", "shortest_low", "shortest_high"]
        )

    def __repr__(self) -> str:
        low, high = self.mu.equal_tailed()
        return (
            f"Posterior, k = {self.k}, mu {self.mu_prior}, tau {self.tau_prior}\n"
            f"  mu median {self.mu.median:.4g}, 95% {low:.4g} to {high:.4g}; tau median {self.tau.median:.4g}"
        )


def bayesian(yi: ArrayLike, vi: ArrayLike, tau: TauPrior, mu: Normal | None = None) -> Posterior:
    """Posterior of the normal-normal model: yi ~ N(theta_i, vi), theta_i ~ N(mu, tau^2).

    yi, vi: (k,) as for pool. tau: HalfNormal, HalfCauchy, LogNormal, FlatTau or FixedTau, on the scale of yi. mu: Normal,
    None for the flat prior. Given tau everything is normal, so only tau is integrated numerically: Gauss-Legendre panels
    over tau / (tau + scale), which reach to infinity. Raises ValueError as pool, and where the posterior can not be
    normalised: a flat tau needs k >= 3 with a flat mu (k >= 2 with a normal one).
    Röver 2020, doi:10.18637/jss.v093.i06; choice of priors: Röver 2021, doi:10.1002/jrsm.1475.
    """
    trials = one_meta_analysis(yi, vi)
    y, v = trials.yi[0], trials.vi[0]
    prior = mu or Normal()
    k = len(y)
    if isinstance(tau, FixedTau):
        means, variances, _ = _given_tau(y, v, np.array([tau.value]), prior)
        one = np.ones(1)
        new = np.sqrt(variances + tau.value**2)
        return Posterior(
            k, NormalMixture(means, np.sqrt(variances), one, inf), Point(tau.value), NormalMixture(means, new, one, inf),
            prior, tau,
        )  # fmt: skip

    # The likelihood falls as tau^-(k - 1) with a flat mu and as tau^-k with a normal one.
    power = tau.tail + (k - 1 if prior.sd == inf else k)
    if power <= 1:
        raise ValueError(f"tau: the posterior can not be normalised with a flat prior and {k} trial{'s' * (k > 1)}")

    def density(at: FloatArray) -> FloatArray:
        return np.exp(_given_tau(y, v, at, prior)[2] + tau.log_density(at) - peak)

    scale = max(sqrt(float(np.median(v))), float(np.std(y))) if tau.tail == 0 else tau.scale_of_tau
    edges = np.linspace(0, 1, PANELS + 1)
    for _ in range(4):  # the panels are laid out around the posterior, which the first pass only finds
        nodes, weights = panel_nodes(edges[:-1], edges[1:], scale)
        means, variances, log_likelihood = _given_tau(y, v, nodes, prior)
        log_posterior = log_likelihood + tau.log_density(nodes)
        peak = float(log_posterior.max())
        mass = np.exp(log_posterior - peak) * weights
        total = float(mass.sum())
        median = float(nodes[np.searchsorted(np.cumsum(mass), total / 2)])
        if scale / 1.5 < median < 1.5 * scale:
            break
        scale = median
    cumulative = np.concatenate([[0.0], np.cumsum(mass.reshape(PANELS, -1).sum(axis=1))]) / total
    share = mass / total
    moments = power - 1
    return Posterior(
        k,
        NormalMixture(means, np.sqrt(variances), share, inf if prior.sd < inf else moments),
        TauDistribution(density, scale, edges, cumulative, total),
        NormalMixture(means, np.sqrt(variances + nodes**2), share, moments),
        prior,
        tau,
    )


def _given_tau(
    y: FloatArray, v: FloatArray, tau: FloatArray, prior: Normal
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean and variance of mu given tau, and the log marginal likelihood of tau up to a constant; (nodes,) each."""
    precision = 0.0 if prior.sd == inf else prior.sd**-2
    variance = v + tau[:, None] ** 2
    w = 1 / variance
    total = w.sum(axis=1) + precision
    mean = ((w * y).sum(axis=1) + precision * prior.mean) / total
    fit = (w * (y - mean[:, None]) ** 2).sum(axis=1) + precision * (mean - prior.mean) ** 2
    return mean, 1 / total, -(fit + np.log(variance).sum(axis=1) + np.log(total)) / 2
