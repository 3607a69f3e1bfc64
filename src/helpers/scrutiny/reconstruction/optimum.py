"""The smallest and the largest value of a quantity over all data sets, by integer programming instead of listing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds as Limits
from scipy.optimize import LinearConstraint, milp

from helpers.scrutiny.reconstruction.targets import Targets

_OPTIMAL, _INFEASIBLE = 0, 2  # the statuses of scipy's milp
FloatArray = NDArray[np.float64]


class NoDataSet(ValueError):
    """No data set has the printed mean and SD."""


@dataclass(frozen=True)
class Quantity:
    """A whole number that depends on the counts of a data set, and on helping numbers of its own.

    weights: (v,) of the counts on the levels and of the helping numbers, each from 0 to `upper` (v,); rows: (r, v),
    whose products with them lie between low and high (r,).
    """

    weights: FloatArray
    upper: FloatArray
    rows: FloatArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def of_counts(cls, targets: Targets, weights: FloatArray) -> Quantity:
        """A weighted sum of the counts alone."""
        upper, nothing = np.full(len(weights), float(targets.n)), np.empty(0)
        return cls(weights, upper, np.empty((0, len(weights))), nothing, nothing)


def extremes(targets: Targets, quantity: Quantity) -> tuple[int, int]:
    """The smallest and the largest value over all data sets. Raises NoDataSet."""
    return -_largest(targets, quantity, -quantity.weights), _largest(targets, quantity, quantity.weights)


def _largest(targets: Targets, quantity: Quantity, weights: FloatArray) -> int:
    best: int | None = None
    for sums, low, high in _sums(targets, len(weights)):
        rows = np.vstack([sums, quantity.rows, weights])
        # Only what is better than before is of interest, which ends most searches at once.
        floor = -np.inf if best is None else best + 1
        within = LinearConstraint(rows, [*low, *quantity.low, floor], [*high, *quantity.high, np.inf])
        found = milp(-weights, integrality=np.ones(len(weights)), bounds=Limits(0, quantity.upper), constraints=within)
        if found.status not in (_OPTIMAL, _INFEASIBLE):
            raise RuntimeError(f"the integer programme was not solved: {found.message}")
        if found.status == _OPTIMAL:
            best = round(float(weights @ np.round(found.x)))
    if best is None:
        raise NoDataSet(f"no {targets.n} values have this mean and SD")
    return best


def _sums(targets: Targets, variables: int) -> Iterator[tuple[FloatArray, list[int], list[int]]]:
    """For each possible sum: the rows of n, sum and sum of squares, and between what they must lie."""
    deviations = targets.deviations
    rows = np.zeros((3, variables))
    rows[:, : len(deviations)] = [np.ones_like(deviations), deviations, deviations**2]
    for total, squares in targets.squares.items():
        yield rows, [targets.n, total, squares[0]], [targets.n, total, squares[-1]]
