"""The numbers behind a radial (Galbraith) plot."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtri

from helpers.effects.checks import check_level
from helpers.synthesis.pooling import pool
from helpers.synthesis.trials import one_meta_analysis


@dataclass(frozen=True, eq=False)
class Radial:
    """points: a row a trial: yi, x = 1 / sqrt(vi + tau2) and z = yi / sqrt(vi + tau2).

    A line from the origin through a point has the trial's effect as its slope; that with the slope `estimate` is the pooled
    effect. half_width: how far above and below that line a share `level` of the trials lies if all have one effect (EE)
    or effects that vary by tau2.
    """

    points: pd.DataFrame
    estimate: float
    tau2: float
    half_width: float
    level: float
    method: str

    def to_frame(self) -> pd.DataFrame:
        """The points."""
        return self.points

    def __repr__(self) -> str:
        return f"Radial {self.method}, k = {len(self.points)}, slope {self.estimate:.4g}, tau2 {self.tau2:.4g}"


def radial(yi: ArrayLike, vi: ArrayLike, method: str = "EE", level: float = 0.95) -> Radial:
    """Coordinates of a radial plot.

    yi, vi, method as for pool. Under EE, as Galbraith drew it, trials outside the band make the heterogeneity; with a
    random-effects method they are outliers even given tau2. Raises ValueError as pool.
    Galbraith 1988, doi:10.1002/sim.4780070807.
    """
    check_level(level)
    trials = one_meta_analysis(yi, vi)
    y, v = trials.yi[0], trials.vi[0]
    pooled = pool(y, v, method, "z")
    spread = np.sqrt(v + pooled.tau2)
    points = pd.DataFrame({"yi": y, "x": 1 / spread, "z": y / spread})
    return Radial(points, pooled.estimate, pooled.tau2, float(ndtri((1 + level) / 2)), level, method)
