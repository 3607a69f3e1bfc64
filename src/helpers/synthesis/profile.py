"""Profile-likelihood limits of a variance: where the likelihood has fallen by a quantile of chi-square."""

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

from helpers.synthesis.trials import FloatArray


def profile_limits(
    drop: Callable[[FloatArray], FloatArray], estimate: float, grid: FloatArray, threshold: float
) -> tuple[float, float]:
    """The outermost values, from zero on, at which `drop` is no more than `threshold`.

    drop: twice the log-likelihood lost against its peak at `estimate`, of an array of values. grid: rising from zero;
    between two of its points drop passes the threshold at most once, and beyond its end drop rises.
    """
    end = max(grid[-1], 2 * estimate)
    while drop(np.array([end]))[0] <= threshold:
        end *= 2
    points = np.unique(np.concatenate([grid, [estimate], np.geomspace(grid[-1], 2 * end, 20)]))
    inside = np.flatnonzero(drop(points) <= threshold)
    first, last = inside[0], inside[-1]

    def crossing(low: float, high: float) -> float:
        return float(brentq(lambda x: drop(np.array([x]))[0] - threshold, low, high, xtol=1e-15 * high, rtol=1e-14))

    low = 0.0 if first == 0 else crossing(points[first - 1], points[first])
    return low, crossing(points[last], points[last + 1])
