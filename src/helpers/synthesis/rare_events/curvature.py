"""Second derivatives by differences, for likelihoods whose own are long to write."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def hessian(function: Callable[[FloatArray], float], at: FloatArray, step: float = 1e-3) -> FloatArray:
    """(p, p) second derivatives of `function` at a point, by central differences, error of fourth order in `step`."""
    p = len(at)
    steps = step * np.maximum(1, np.abs(at))
    result = np.empty((p, p))
    for i in range(p):
        for j in range(i + 1):
            result[i, j] = result[j, i] = (
                4 * _mixed(function, at, i, j, steps / 2) - _mixed(function, at, i, j, steps)
            ) / 3
    return result


def _mixed(function: Callable[[FloatArray], float], at: FloatArray, i: int, j: int, steps: FloatArray) -> float:
    one, other = np.zeros(len(at)), np.zeros(len(at))
    one[i], other[j] = steps[i], steps[j]
    if i == j:
        return (function(at + one) - 2 * function(at) + function(at - one)) / steps[i] ** 2
    corners = function(at + one + other) - function(at + one - other) - function(at - one + other)
    return (corners + function(at - one - other)) / (4 * steps[i] * steps[j])
