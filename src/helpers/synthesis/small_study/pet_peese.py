"""PET-PEESE: the effect that a trial without sampling error would show, by regression on the error or its square."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import stdtr

from helpers.effects.checks import check_level
from helpers.synthesis.small_study.asymmetry import AsymmetryTest, slope_test
from helpers.synthesis.small_study.line import least_squares_line
from helpers.synthesis.small_study.trials_needed import TEN, refuse_too_few
from helpers.synthesis.trials import one_meta_analysis


@dataclass(frozen=True)
class PetPeese:
    """pet, peese: the two regressions, whose limit_* are the corrected effects. chosen: "PET" or "PEESE"."""

    pet: AsymmetryTest
    peese: AsymmetryTest
    effect_p: float
    chosen: str

    @property
    def result(self) -> AsymmetryTest:
        """The regression that the rule chooses."""
        return self.pet if self.chosen == "PET" else self.peese

    def to_frame(self) -> pd.DataFrame:
        """Two rows, PET and PEESE, with `chosen` true for the one to read."""
        rows = pd.concat([self.pet.to_frame(), self.peese.to_frame()], ignore_index=True)
        return rows.assign(chosen=rows["test"] == self.chosen)


def pet_peese(yi: ArrayLike, vi: ArrayLike, alpha: float = 0.10, minimum_k: int = TEN, level: float = 0.95) -> PetPeese:
    """Regress the effects on their standard error (PET) and on their variance (PEESE), weights 1/vi, t with k - 2 df.

    yi, vi: (k,) as for pool. PEESE is chosen where PET's effect differs from zero at the two-sided level alpha, else PET.
    Unreliable with few trials or much heterogeneity. Raises ValueError as egger. Stanley and Doucouliagos 2014,
    doi:10.1002/jrsm.1095.
    """
    check_level(level)
    check_level(1 - alpha)
    trials = one_meta_analysis(yi, vi)
    y, v = trials.yi[0], trials.vi[0]
    refuse_too_few(len(y), minimum_k, "PET-PEESE")
    line = least_squares_line(y, np.sqrt(v), 1 / v)
    pet = slope_test("PET", line, len(y), level)
    peese = slope_test("PEESE", least_squares_line(y, v, 1 / v), len(y), level)
    p = _p_of_limit(line.coefficients[0], line.covariance[0, 0], line.df)
    return PetPeese(pet, peese, p, "PEESE" if p < alpha else "PET")


def _p_of_limit(limit: float, variance: float, df: float) -> float:
    return float(2 * stdtr(df, -abs(limit) / np.sqrt(variance)))
