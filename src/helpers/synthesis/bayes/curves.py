"""What a picture of a posterior needs: densities, medians and limits of the mean effect, a new trial and each trial."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtri

from helpers.effects.checks import check_level
from helpers.synthesis.bayes.distributions import NormalMixture
from helpers.synthesis.bayes.posterior import Posterior
from helpers.synthesis.trials import one_meta_analysis

TAIL = 0.0005  # beyond which a density is not drawn


@dataclass(frozen=True, eq=False)
class PosteriorCurves:
    """rows: part ("trial", "mean", "prediction"), trial (position; else -1), median, ci_low, ci_high (equal-tailed at
    `level`), above (probability that the effect is above zero) and, of trials, what they show alone: yi, alone_low,
    alone_high. densities: part, trial, effect, density. All on the scale of yi.
    """

    rows: pd.DataFrame
    densities: pd.DataFrame
    level: float

    def to_frame(self) -> pd.DataFrame:
        """The rows."""
        return self.rows


def shrunken_effects(posterior: Posterior, yi: ArrayLike, vi: ArrayLike) -> list[NormalMixture]:
    """Each trial's own effect given all trials: drawn towards the mean, the more the less precise it is.

    yi, vi: (k,) as given to `bayesian`. Given tau, theta_i is normal with mean B mu + (1 - B) yi and variance
    B tau^2 + B^2 se(mu)^2, B = vi / (vi + tau^2); that is averaged over the posterior of tau. Raises ValueError as pool, and
    for another number of trials than the posterior's. Röver 2020, doi:10.18637/jss.v093.i06.
    """
    trials = one_meta_analysis(yi, vi)
    if trials.yi.shape[1] != posterior.k:
        raise ValueError(f"yi: the posterior is that of {posterior.k} trials, got {trials.yi.shape[1]}")
    mu = posterior.mu
    tau2 = np.maximum(0, posterior.prediction.sds**2 - mu.sds**2)
    shrunken = []
    for y, v in zip(trials.yi[0], trials.vi[0], strict=True):
        share = v / (v + tau2)
        sds = np.sqrt(share * tau2 + share**2 * mu.sds**2)
        shrunken.append(NormalMixture(share * mu.means + (1 - share) * y, sds, mu.weights, mu.moments))
    return shrunken


def posterior_curves(
    posterior: Posterior, yi: ArrayLike = (), vi: ArrayLike = (), level: float = 0.95, steps: int = 101
) -> PosteriorCurves:
    """Densities and intervals of the mean effect and of a new trial; with yi and vi of each trial too.

    yi, vi: (k,) as given to `bayesian`, or nothing. steps: effects at which each density is given, between the quantiles at
    0.0005 and 0.9995. A mean effect that is known exactly has no density. Raises ValueError as `shrunken_effects`.
    """
    check_level(level)
    y, v = np.atleast_1d(np.asarray(yi, dtype=float)), np.atleast_1d(np.asarray(vi, dtype=float))
    trials = shrunken_effects(posterior, y, v) if y.size else []
    parts = [("trial", i, mixture) for i, mixture in enumerate(trials)]
    parts += [("mean", -1, posterior.mu), ("prediction", -1, posterior.prediction)]
    rows, densities = [], []
    for part, trial, mixture in parts:
        low, high = mixture.equal_tailed(level)
        row = {"part": part, "trial": trial, "median": mixture.median, "ci_low": low, "ci_high": high}
        row |= {"above": 1 - mixture.cdf(0.0)}
        if part == "trial":
            half = float(ndtri((1 + level) / 2) * np.sqrt(v[trial]))
            row |= {"yi": y[trial], "alone_low": y[trial] - half, "alone_high": y[trial] + half}
        rows.append(row)
        at = _places(mixture, steps)
        density = [mixture.density(float(x)) for x in at]
        densities.append(pd.DataFrame({"part": part, "trial": trial, "effect": at, "density": density}))
    columns = ["part", "trial", "median", "ci_low", "ci_high", "above", "yi", "alone_low", "alone_high"]
    return PosteriorCurves(pd.DataFrame(rows).reindex(columns=columns), pd.concat(densities, ignore_index=True), level)


def _places(mixture: NormalMixture, steps: int) -> np.ndarray:
    """Effects from tail to tail, closer together near the middle, where the density bends."""
    low, middle, high = (mixture.quantile(p) for p in (TAIL, 0.5, 1 - TAIL))
    half = np.linspace(0, 1, steps // 2 + 1)[1:] ** 1.5
    return np.concatenate([(middle + (low - middle) * half)[::-1], [middle], middle + (high - middle) * half])
