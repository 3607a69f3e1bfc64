"""The numbers behind a contour-enhanced funnel plot."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from helpers.effects.checks import check_level
from helpers.synthesis.pooling import pool
from helpers.synthesis.trials import one_meta_analysis


@dataclass(frozen=True, eq=False)
class Funnel:
    """points: a row a trial: yi, sei, two-sided p of yi = 0.

    contours: rows of level, sei, low, high: between low and high, a trial with that standard error is not significant at
    1 - level. funnel: rows of sei, low, high: where 95% of trials would lie around `estimate` if nothing but chance moved them.
    """

    points: pd.DataFrame
    contours: pd.DataFrame
    funnel: pd.DataFrame
    estimate: float

    def to_frame(self) -> pd.DataFrame:
        """The points."""
        return self.points


def funnel(
    yi: ArrayLike, vi: ArrayLike, levels: tuple[float, ...] = (0.90, 0.95, 0.99), estimate: float | None = None,
    steps: int = 50,
) -> Funnel:  # fmt: skip
    """Points, contours of significance around zero, and the funnel around an estimate (None: the equal-effects one).

    yi, vi: (k,) as for pool; steps: lines from a standard error of 0 to 1.05 times the largest. Drawn for any k; its
    asymmetry means little below ten trials. Raises ValueError as pool. Peters 2008, doi:10.1016/j.jclinepi.2007.11.010.
    """
    for level in levels:
        check_level(level)
    trials = one_meta_analysis(yi, vi)
    y, se = trials.yi[0], np.sqrt(trials.vi[0])
    centre = pool(y, trials.vi[0], "EE", "z").estimate if estimate is None else float(estimate)
    points = pd.DataFrame({"yi": y, "sei": se, "p": 2 * ndtr(-np.abs(y / se))})
    grid = np.linspace(0, 1.05 * se.max(), steps)
    contours = pd.concat(
        [
            pd.DataFrame({"level": level, "sei": grid, "low": -half, "high": half})
            for level in levels
            for half in [float(ndtri((1 + level) / 2)) * grid]
        ],
        ignore_index=True,
    )
    half = float(ndtri(0.975)) * grid
    return Funnel(points, contours, pd.DataFrame({"sei": grid, "low": centre - half, "high": centre + half}), centre)
