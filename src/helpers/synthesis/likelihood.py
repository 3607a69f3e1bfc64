"""tau2 by maximum likelihood, restricted (REML) or not (ML): the highest point of the likelihood, not the nearest."""

import numpy as np

from helpers.synthesis.trials import FloatArray, Trials, trace_p, weighted

GRID_POINTS = 40
MAX_STEPS = 200
NEGLIGIBLE = 1e-14  # of the smallest vi: a tau2 that rounding can not tell from zero


def maximise(trials: Trials, restricted: bool) -> FloatArray:
    """tau2 >= 0 of greatest (restricted) log-likelihood, (m,). Viechtbauer 2005, doi:10.3102/10769986030003261.

    No stationary point lies above sum (yi - mean)^2, so a logarithmic grid from zero to there brackets the highest
    peak (there may be two); safeguarded Newton steps on the score then find it.
    """
    grid = _grid(trials)
    best = np.argmax(_log_likelihood(trials, grid, restricted), axis=1)
    row, last = np.arange(len(best)), grid.shape[1] - 1
    low, tau2, high = grid[row, np.maximum(best - 1, 0)], grid[row, best], grid[row, np.minimum(best + 1, last)]
    floor = NEGLIGIBLE * np.where(trials.present > 0, trials.vi, np.inf).min(axis=1)
    done = np.zeros(len(best), dtype=bool)
    for _ in range(MAX_STEPS):
        score, slope = _score(trials, tau2, restricted)
        done |= (score <= 0) & (tau2 == 0)
        low, high = np.where(score > 0, tau2, low), np.where(score > 0, high, tau2)
        with np.errstate(divide="ignore", invalid="ignore"):
            newton = tau2 - score / slope
        usable = (slope < 0) & (newton >= low) & (newton <= high)
        step = np.where(done, 0.0, np.where(usable, newton, (low + high) / 2) - tau2)
        tau2 = tau2 + step
        done |= np.abs(step) <= 1e-10 * tau2 + floor  # convergence is quadratic: the error left is the square of that
        if done.all():
            return tau2
    raise ArithmeticError("the likelihood equation was not solved")


def _grid(trials: Trials) -> FloatArray:
    """(m, points) rising from zero. Below a hundredth of the smallest vi the likelihood is flat in log(tau2)."""
    equal = weighted(trials, trials.present)
    bottom = np.where(trials.present > 0, trials.vi, np.inf).min(axis=1) / 100
    top = np.maximum(equal.q, 2 * bottom)
    steps = np.linspace(0, 1, GRID_POINTS)
    return np.concatenate([np.zeros((len(top), 1)), bottom[:, None] * (top / bottom)[:, None] ** steps], axis=1)


def _log_likelihood(trials: Trials, tau2: FloatArray, restricted: bool) -> FloatArray:
    """Twice the log-likelihood up to a constant, at a grid: (m, points)."""
    yi, present = trials.yi[:, None, :], trials.present[:, None, :]
    variance = trials.vi[:, None, :] + tau2[:, :, None]
    w = present / variance
    total = w.sum(axis=2)
    mean = (w * yi).sum(axis=2) / total
    fit = (w * (yi - mean[:, :, None]) ** 2).sum(axis=2) + (present * np.log(variance)).sum(axis=2)
    return -fit - np.log(total) if restricted else -fit


def _score(trials: Trials, tau2: FloatArray, restricted: bool) -> tuple[FloatArray, FloatArray]:
    """Twice the derivative of the log-likelihood, and the derivative of that; (m,) each."""
    w = trials.weights(tau2)
    at = weighted(trials, w)
    w2, w_py = w * w, w * at.py
    s2 = w2.sum(axis=1)
    slope = s2 - 2 * ((w_py * at.py).sum(axis=1) - w_py.sum(axis=1) ** 2 / at.total)
    if not restricted:
        return at.qpp - at.total, slope
    # The slope only steers, so it does without the care that trace_p takes over lost digits.
    slope = slope - 2 * (w2 * w).sum(axis=1) / at.total + (s2 / at.total) ** 2
    return at.qpp - trace_p(trials, w), slope
