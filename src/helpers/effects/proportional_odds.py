"""The common odds ratio of two groups on an ordinal outcome, by the proportional-odds model."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from helpers.effects.effect import Effect
from helpers.effects.ordinal import best_first

FloatArray = NDArray[np.float64]
MAX_STEPS = 100


def common_odds_ratio(counts1: ArrayLike, counts2: ArrayLike, better: str = "lower") -> Effect:
    """log of the common odds ratio for a better outcome in group 1, with its Wald variance.

    counts1, counts2: (levels,) patients of one trial, and better, as in ordinal. Levels without a patient are left out.
    Raises ValueError as there, and when the groups do not overlap, so that no finite odds ratio fits best.
    Maximum likelihood by Newton's method, variance from the observed information. McCullagh 1980,
    doi:10.1111/j.2517-6161.1980.tb01109.x.
    """
    counts = np.stack(best_first(counts1, counts2, better))
    if counts.ndim != 2:
        raise ValueError(f"counts1: must give one trial, got shape {np.shape(counts1)}")
    counts = counts[:, counts.sum(axis=0) > 0]
    _refuse_separation(counts)

    share = np.cumsum(counts.sum(axis=0))[:-1] / counts.sum()
    parameters = np.append(np.log(share / (1 - share)), 0.0)  # thresholds, then the log odds ratio of group 1
    log_likelihood, gradient, information = _log_likelihood(counts, parameters)
    for _ in range(MAX_STEPS):
        step = np.linalg.solve(information, gradient)
        while not (proposal := _log_likelihood(counts, parameters + step))[0] >= log_likelihood - 1e-9:
            step = step / 2
        parameters = parameters + step
        log_likelihood, gradient, information = proposal
        if np.abs(step).max() < 1e-9:  # convergence is quadratic
            return Effect(float(parameters[-1]), float(np.linalg.inv(information)[-1, -1]))
    raise ArithmeticError("the proportional-odds model did not converge")


def _refuse_separation(counts: FloatArray) -> None:
    levels1, levels2 = (np.flatnonzero(group) for group in counts)
    if levels1.max() <= levels2.min() or levels2.max() <= levels1.min():
        raise ValueError("counts1 and counts2: the groups do not overlap, so the common odds ratio is not finite")


def _log_likelihood(counts: FloatArray, parameters: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Log-likelihood, gradient and observed information of P(Y <= cut) = expit(threshold + b * group 1).

    -inf where the thresholds are out of order.
    """
    cuts = len(parameters) - 1
    total, gradient, information = 0.0, np.zeros(cuts + 1), np.zeros((cuts + 1, cuts + 1))
    for n, in_group1 in zip(counts, (1.0, 0.0), strict=True):
        below = expit(parameters[:-1] + parameters[-1] * in_group1)
        probability = np.diff(below, prepend=0.0, append=1.0)
        if (probability <= 0).any():
            return -np.inf, gradient, information
        total += float(n @ np.log(probability))
        density = below * (1 - below)
        pull = (n / probability)[:-1] - (n / probability)[1:]
        curve = n / probability**2
        diagonal = density**2 * (curve[:-1] + curve[1:]) - density * (1 - 2 * below) * pull
        beside = -density[:-1] * density[1:] * curve[1:-1]
        by_cut = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
        design = np.column_stack([np.eye(cuts), np.full(cuts, in_group1)])
        gradient = gradient + design.T @ (density * pull)
        information = information + design.T @ by_cut @ design
    return total, gradient, information
