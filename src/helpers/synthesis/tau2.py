"""The between-trial variance tau2 by eight estimators, each with its standard error.

Every estimator takes Trials of k >= 2 and returns (tau2, se), (m,) each, tau2 not below zero. Standard errors as in
metafor 3.8: from the variance of the quadratic form, or from the expected information for ML and REML.
Overview and sources: Viechtbauer 2005, doi:10.3102/10769986030003261; Veroniki 2016, doi:10.1002/jrsm.1164.
"""

from collections.abc import Callable

import numpy as np

from helpers.synthesis.generalized_q import solve_q
from helpers.synthesis.likelihood import maximise
from helpers.synthesis.trials import FloatArray, Trials, trace_p, trace_pp, variance_of_q, weighted

Estimate = tuple[FloatArray, FloatArray]


def dersimonian_laird(trials: Trials) -> Estimate:
    """DL: method of moments with weights 1/vi. DerSimonian and Laird 1986, doi:10.1016/0197-2456(86)90046-2."""
    w = trials.present / trials.vi
    trace = trace_p(trials, w)
    return _moments(trials, w, (weighted(trials, w).q - (trials.k - 1)) / trace, trace)


def hedges(trials: Trials) -> Estimate:
    """HE: method of moments with equal weights. Hedges 1983, doi:10.1037/0033-2909.93.2.388."""
    w, df = trials.present, trials.k - 1
    expected = (w * trials.vi).sum(axis=1) * df / trials.k
    return _moments(trials, w, (weighted(trials, w).q - expected) / df, df)


def hunter_schmidt(trials: Trials) -> Estimate:
    """HS: (Q - k) / sum(1/vi). Hunter and Schmidt 2004, Methods of Meta-Analysis; Viechtbauer 2005."""
    w = trials.present / trials.vi
    at = weighted(trials, w)
    return _moments(trials, w, (at.q - trials.k) / at.total, at.total)


def sidik_jonkman(trials: Trials) -> Estimate:
    """SJ: crude variance times the residual variance under it. Sidik 2005, doi:10.1111/j.1467-9876.2005.00489.x."""
    crude = weighted(trials, trials.present).q / trials.k
    w = trials.weights(crude)
    df = trials.k - 1
    tau2 = crude * weighted(trials, w).q / df
    return tau2, crude / df * np.sqrt(variance_of_q(trials, w, tau2))


def paule_mandel(trials: Trials) -> Estimate:
    """PM: tau2 at which Q equals its expectation k - 1, which is also the empirical Bayes estimator, EB.

    Paule and Mandel 1982, doi:10.6028/jres.087.022; Morris 1983, doi:10.1080/01621459.1983.10477920.
    """
    tau2 = solve_q(trials, trials.k - 1)
    w = trials.weights(tau2)
    factor = trials.k / (trials.k - 1) / w.sum(axis=1)
    return tau2, factor * np.sqrt(variance_of_q(trials, w, tau2))


def maximum_likelihood(trials: Trials) -> Estimate:
    """ML, see likelihood.maximise."""
    tau2 = maximise(trials, restricted=False)
    return tau2, np.sqrt(2 / (trials.weights(tau2) ** 2).sum(axis=1))


def restricted_maximum_likelihood(trials: Trials) -> Estimate:
    """REML, see likelihood.maximise."""
    tau2 = maximise(trials, restricted=True)
    return tau2, np.sqrt(2 / trace_pp(trials, trials.weights(tau2)))


def _moments(trials: Trials, w: FloatArray, raw: FloatArray, slope: FloatArray) -> Estimate:
    """raw: the untruncated estimate (y'Py - c) / slope."""
    tau2 = np.maximum(raw, 0.0)
    return tau2, np.sqrt(variance_of_q(trials, w, tau2)) / slope


ESTIMATORS: dict[str, Callable[[Trials], Estimate]] = {
    "DL": dersimonian_laird,
    "HE": hedges,
    "HS": hunter_schmidt,
    "SJ": sidik_jonkman,
    "ML": maximum_likelihood,
    "REML": restricted_maximum_likelihood,
    "EB": paule_mandel,
    "PM": paule_mandel,
}
