"""tau2 by maximum likelihood, restricted (REML) or not (ML): the highest point of the likelihood, not the nearest."""

from collections.abc import Callable
from operator import mul

import numpy as np

from helpers.synthesis.trials import FloatArray, Trials, trace_p, weighted

STEPS = np.linspace(0, 1, 40)
MAX_STEPS = 200
CLOSE = 1e-8  # of tau2: where a Newton step is that small, the error left is of the order of its square
FEW = 40  # trials up to which plain numbers are faster than arrays
NEGLIGIBLE = 1e-14  # of the smallest vi: a tau2 that rounding can not tell from zero

Score = Callable[[FloatArray], tuple[FloatArray, FloatArray]]


def maximise(trials: Trials, restricted: bool) -> FloatArray:
    """tau2 >= 0 of greatest (restricted) log-likelihood, (m,). Viechtbauer 2005, doi:10.3102/10769986030003261.

    No stationary point lies above sum (yi - mean)^2, so a logarithmic grid from zero to there brackets the highest
    peak (there may be two); safeguarded Newton steps on the score then find it.
    """
    grid = likelihood_grid(trials)
    height = log_likelihood(trials, grid, restricted)
    score = _score_function(trials, restricted)
    with np.errstate(divide="ignore", invalid="ignore"):  # equal effects have no y'PPy to divide by
        return highest_peak(grid, height, score, NEGLIGIBLE * trials.smallest_vi)


def _score_function(trials: Trials, restricted: bool) -> Score:
    """The score by the fastest way: plain numbers, one row, or all rows."""
    m, k = trials.yi.shape
    if m > 1:
        return lambda tau2: _score(trials, tau2, restricted)
    if k > FEW:
        one = trials.rows(0)
        return lambda tau2: _score(one, tau2[0], restricted)
    order = np.flatnonzero(trials.present[0])
    order = order[trials.vi[0, order].argsort(kind="stable")]
    yi, vi = trials.yi[0, order].tolist(), trials.vi[0, order].tolist()
    return lambda tau2: _score_of_few(yi, vi, tau2.item(), restricted)


def highest_peak(grid: FloatArray, height: FloatArray, score: Score, floor: FloatArray) -> FloatArray:
    """The place of the peak next to the highest point of a grid, (m,).

    grid, height: (m, points), grid rising from zero, all peaks below its end. floor: (m,), differences to neglect.
    """
    best = height.argmax(axis=1)
    row, last = np.arange(len(best)), grid.shape[1] - 1
    low, start, high = grid[row, np.maximum(best - 1, 0)], grid[row, best], grid[row, np.minimum(best + 1, last)]
    if len(best) == 1:
        return np.array([_climb_one(score, low.item(), start.item(), high.item(), floor.item())])
    return _climb(score, low, start, high, floor)


def _climb(score: Score, low: FloatArray, tau2: FloatArray, high: FloatArray, floor: FloatArray) -> FloatArray:
    """The zero of the score between low and high, from tau2; zero where the likelihood falls from there. All (m,)."""
    done = np.zeros(len(tau2), dtype=bool)
    for _ in range(MAX_STEPS):
        value, slope = score(tau2)
        rising = value > 0
        done |= ~rising & (tau2 == 0)
        low, high = np.where(rising, tau2, low), np.where(rising, high, tau2)
        newton = tau2 - value / np.where(slope < 0, slope, np.nan)
        usable = (newton >= low) & (newton <= high)
        step = np.where(done, 0.0, np.where(usable, newton, (low + high) / 2) - tau2)
        tau2 = tau2 + step
        done |= np.abs(step) <= np.where(usable, CLOSE * tau2, 0.0) + floor
        if done.all():
            return tau2
    raise ArithmeticError("the likelihood equation was not solved")


def _climb_one(score: Score, low: float, tau2: float, high: float, floor: float) -> float:
    """_climb for m = 1, in plain numbers: half the time."""
    for _ in range(MAX_STEPS):
        value, slope = (array.item() for array in score(np.array([tau2])))
        if value > 0:
            low = tau2
        elif tau2 == 0:
            return tau2
        else:
            high = tau2
        newton = tau2 - value / slope if slope < 0 else np.nan
        usable = low <= newton <= high
        step = (newton if usable else (low + high) / 2) - tau2
        tau2 += step
        if abs(step) <= (CLOSE * tau2 if usable else 0.0) + floor:
            return tau2
    raise ArithmeticError("the likelihood equation was not solved")


def likelihood_grid(trials: Trials) -> FloatArray:
    """(m, points) rising from zero. Below a hundredth of the smallest vi the likelihood is flat in log(tau2)."""
    return tau2_grid(trials.smallest_vi, weighted(trials, trials.present).q)


def tau2_grid(smallest_vi: FloatArray, residual: FloatArray) -> FloatArray:
    """(m, points) from zero to the residual sum of squares."""
    bottom = smallest_vi / 100
    top = np.maximum(residual, 2 * bottom)
    grid = np.zeros((len(top), len(STEPS) + 1))
    grid[:, 1:] = bottom[:, None] * (top / bottom)[:, None] ** STEPS
    return grid


def log_likelihood(trials: Trials, tau2: FloatArray, restricted: bool) -> FloatArray:
    """Twice the log-likelihood up to a constant, at a grid: (m, points)."""
    # Effects are taken from the most precise trial, so that squares lose no digits where it carries most weight.
    y = (trials.yi - np.vecdot(trials.yi, trials.precise)[:, None]) * trials.present
    powers = np.stack((trials.present, y, y * y), axis=1)
    variance = trials.vi[:, :, None] + tau2[:, None, :]
    log_variance = (trials.present[:, None, :] @ np.log(variance))[:, 0]
    weights = np.reciprocal(variance, out=variance)  # in place: new memory of this size takes longer than the sums
    total, linear, square = (powers @ weights).swapaxes(0, 1)
    fit = square - linear**2 / total + log_variance
    return -fit - np.log(total) if restricted else -fit


def _score(trials: Trials, tau2: FloatArray, restricted: bool) -> tuple[FloatArray, FloatArray]:
    """Twice the derivative of the log-likelihood, y'PPy - tr(P), and a slope for Newton's method; (m,) each.

    The slope is that of tr(P) / y'PPy times -y'PPy, which is the score's own at the root. For equal vi that ratio is a
    straight line, so that one step finds the root; for ML the traces are those of W.
    """
    w = trials.weights(tau2)
    at = weighted(trials, w)
    w_py, s2 = w * at.py, np.vecdot(w, w)
    qppp = np.vecdot(w_py, at.py) - np.vecdot(w, at.py) ** 2 / at.total
    if restricted:
        # The slope only steers, so tr(PP) does without the care over lost digits.
        trace = trace_p(trials, w)
        trace_of_square = s2 - 2 * np.vecdot(w * w, w) / at.total + (s2 / at.total) ** 2
    else:
        trace, trace_of_square = at.total, s2
    return at.qpp - trace, trace_of_square - 2 * qppp * trace / at.qpp


def _score_of_few(yi: list[float], vi: list[float], tau2: float, restricted: bool) -> tuple[FloatArray, FloatArray]:
    """_score of one meta-analysis in plain numbers, its most precise trial first."""
    w = [1 / (v + tau2) for v in vi]
    rest, s2 = sum(w[1:]), sum(map(mul, w, w))
    total = w[0] + rest
    mean = sum(map(mul, w, yi)) / total
    py = [weight * (y - mean) for weight, y in zip(w, yi, strict=True)]
    w_py = list(map(mul, w, py))
    qpp = sum(map(mul, py, py))
    qppp = sum(map(mul, w_py, py)) - sum(w_py) ** 2 / total
    if restricted:
        trace = (rest * (rest + 2 * w[0]) - sum(map(mul, w[1:], w[1:]))) / total
        trace_of_square = s2 - 2 * sum(weight**3 for weight in w) / total + (s2 / total) ** 2
    else:
        trace, trace_of_square = total, s2
    slope = trace_of_square - 2 * qppp * trace / qpp if qpp else np.nan
    return np.asarray(qpp - trace), np.asarray(slope)
