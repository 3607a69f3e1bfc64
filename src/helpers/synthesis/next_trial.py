"""What a next trial could do to a synthesis: which size and effect would move its conclusion, and how probable that is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri
from scipy.stats import qmc

from helpers.effects.checks import check_level
from helpers.synthesis.bayes import NormalMixture, Posterior
from helpers.synthesis.many import pool_many
from helpers.synthesis.trial_precision import TrialPrecision
from helpers.synthesis.trials import one_meta_analysis

FloatArray = NDArray[np.float64]
ABOVE, OPEN, BELOW = 1, 0, -1
NAMES = {ABOVE: "above", OPEN: "open", BELOW: "below"}
POINTS = 4096  # of the quasi-random sequence: probabilities are then right to about one in a hundred
TWO_TRIALS = (("REML", "z"), ("REML", "knha"), ("EE", "z"))


def conclusions(yi: ArrayLike, vi: ArrayLike, level: float = 0.95) -> NDArray[np.int64]:
    """What the book's interval rule concludes in m meta-analyses: 1 above no effect (0), -1 below, 0 left open.

    yi, vi: (m, k), all trials present. Three or more trials: REML with the Hartung-Knapp limits, floored. Two: the
    three intervals shown side by side must agree. One: its own Wald interval. See `interval_rule`. Raises ValueError as
    pool_many.
    """
    y = np.atleast_2d(np.asarray(yi, dtype=float))
    k = y.shape[1]
    rules = {1: (("EE", "z"),), 2: TWO_TRIALS}.get(k, (("REML", "adhoc"),))
    found = []
    for method, test in rules:
        pooled = pool_many(y, np.atleast_2d(np.asarray(vi, dtype=float)), method, test, level)
        found.append(np.where(pooled.ci_low > 0, ABOVE, np.where(pooled.ci_high < 0, BELOW, OPEN)))
    agreed = np.all([each == found[0] for each in found], axis=0)
    return np.where(agreed, found[0], OPEN)


def with_next_trials(
    yi: ArrayLike, vi: ArrayLike, new_yi: ArrayLike, new_vi: ArrayLike, level: float = 0.95
) -> NDArray[np.int64]:
    """Conclusions once further trials have joined. yi, vi: (k,) the trials there are; new_yi, new_vi: (m, j).

    Returns (m,) as `conclusions`. Raises ValueError as pool and pool_many.
    """
    trials = one_meta_analysis(yi, vi)
    y, v = np.asarray(new_yi, dtype=float), np.asarray(new_vi, dtype=float)
    present = len(y)
    return conclusions(
        np.hstack([np.repeat(trials.yi, present, axis=0), y]),
        np.hstack([np.repeat(trials.vi, present, axis=0), v]),
        level,
    )


def tipping_map(
    yi: ArrayLike,
    vi: ArrayLike,
    precision: TrialPrecision,
    sizes: Sequence[int],
    effects: Sequence[float],
    level: float = 0.95,
) -> pd.DataFrame:
    """What the synthesis would conclude after one next trial, for every size and every effect it might show.

    yi, vi: (k,) the trials there are. sizes: patients an arm. effects: what the trial shows, on the scale of yi.
    Columns n, effect, conclusion ("above", "open" or "below" no effect), a row a combination. Nothing is assumed about
    how probable the effects are. Raises ValueError as pool.
    """
    n, effect = (
        each.ravel() for each in np.meshgrid(np.asarray(sizes, float), np.asarray(effects, float), indexing="ij")
    )
    found = with_next_trials(yi, vi, effect[:, None], precision.variance(effect, n)[:, None], level)
    return pd.DataFrame({"n": n.astype(int), "effect": effect, "conclusion": [NAMES[each] for each in found]})


def tipping_points(mapped: pd.DataFrame) -> pd.DataFrame:
    """Where the conclusion changes along the effects of a tipping map, for each size.

    Columns n, effect (half way between the two neighbouring effects of the map), from_ and to: the conclusions below and
    above it. A size at which no effect of the map changes the conclusion has no row.
    """
    rows = []
    for n, block in mapped.sort_values(["n", "effect"], kind="stable").groupby("n", sort=True):
        effect, conclusion = block["effect"].to_numpy(), block["conclusion"].to_numpy()
        for at in np.flatnonzero(conclusion[1:] != conclusion[:-1]):
            middle = float(effect[at] + effect[at + 1]) / 2
            rows.append({"n": n, "effect": middle, "from_": conclusion[at], "to": conclusion[at + 1]})
    return pd.DataFrame(rows, columns=["n", "effect", "from_", "to"])


def predictive_probabilities(
    yi: ArrayLike,
    vi: ArrayLike,
    precision: TrialPrecision,
    sizes: Sequence[int],
    posterior: Posterior,
    trials: int = 1,
    level: float = 0.95,
) -> pd.DataFrame:
    """How probable each conclusion is once `trials` further trials of a size have joined, as the evidence stands.

    yi, vi: (k,) the trials there are, and posterior: what they and a prior say of the mean effect and the spread
    (`bayesian`; with FixedTau(0) and a known mean it gives the conditional power). sizes: patients an arm. The next
    trials' true effects are drawn from the posterior, sharing its mean and spread, their results with the variance that
    their size gives, and the interval rule is applied to all trials. Columns n, above, open, below: probabilities.
    A quasi-random sequence stands in for chance, so the same data give the same digits, right to about 0.01
    (on average to 0.002; measured beside a sequence sixteen times as long).
    Sutton 2007, doi:10.1002/sim.2704; for a given effect Roloff 2013, doi:10.1002/sim.5524.
    """
    check_level(level)
    if trials < 1:
        raise ValueError(f"trials: at least one is needed, got {trials!r}")
    uniform = qmc.Sobol(2 + 2 * trials, scramble=False).random(POINTS) + 0.5 / POINTS
    mean, tau = _mean_and_spread(posterior, uniform[:, 0], uniform[:, 1])
    theta = mean[:, None] + tau[:, None] * ndtri(uniform[:, 2 : 2 + trials])
    noise = ndtri(uniform[:, 2 + trials :])
    rows = []
    for n in sizes:
        variance = precision.variance(theta, n)
        shown = theta + np.sqrt(variance) * noise
        found = with_next_trials(yi, vi, shown, precision.variance(shown, n), level)
        rows.append({"n": int(n)} | {name: float(np.mean(found == code)) for code, name in NAMES.items()})
    return pd.DataFrame(rows, columns=["n", *NAMES.values()])


def _mean_and_spread(posterior: Posterior, u: FloatArray, v: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Draws of the mean effect and of tau, together: tau by the weight of its node, the mean as it is given that tau."""
    mu: NormalMixture = posterior.mu
    node = np.minimum(np.searchsorted(np.cumsum(mu.weights), u), len(mu.weights) - 1)
    tau2 = posterior.prediction.sds**2 - mu.sds**2
    tau = np.sqrt(np.maximum(tau2, 0))
    return mu.means[node] + mu.sds[node] * ndtri(v), tau[node]
