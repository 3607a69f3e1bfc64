"""How precise a trial that has not been run would be: its sampling variance from its size, before any result."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import isfinite

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from helpers.effects.checks import check_choice

FloatArray = NDArray[np.float64]
RISKS = ("RR", "OR", "RD")
COUNTS = (*RISKS, "IRR")
PRECISION_MEASURES = (*COUNTS, "SMD", "MD", "GenOR")


@dataclass(frozen=True)
class TrialPrecision:
    """What decides the variance of a trial with n patients in each of two arms.

    measure: one of PRECISION_MEASURES. baseline: risk without treatment (RR, OR, RD: between 0 and 1) or events a
    patient without treatment (IRR: above 0). unit: for MD and GenOR the variance times n, above 0; see `unit_variance`.
    Raises ValueError where the one that the measure needs is missing or impossible.
    """

    measure: str
    baseline: float | None = None
    unit: float | None = None

    def __post_init__(self) -> None:
        check_choice("measure", self.measure, PRECISION_MEASURES)
        if self.measure in COUNTS:
            base = self.baseline
            if base is None or not (isfinite(base) and base > 0 and (self.measure == "IRR" or base < 1)):
                limits = "above 0" if self.measure == "IRR" else "between 0 and 1"
                raise ValueError(f"baseline: {self.measure} needs one {limits}, got {base!r}")
        elif self.measure != "SMD" and (self.unit is None or not (isfinite(self.unit) and self.unit > 0)):
            raise ValueError(f"unit: {self.measure} needs a variance above 0, got {self.unit!r}")

    def variance(self, effect: ArrayLike, n: ArrayLike) -> FloatArray:
        """Sampling variance with n patients an arm if `effect` (log for RR, OR, IRR, GenOR) is what the trial shows.

        RR (1 - p1)/(n p1) + (1 - p0)/(n p0); OR 1/(n p1 (1 - p1)) + 1/(n p0 (1 - p0)); RD p1 (1 - p1)/n + p0 (1 - p0)/n;
        IRR 1/(n r1) + 1/(n r0); SMD 2/n + g^2/(4 n); else unit / n. p1 and r1 follow from the baseline and the effect;
        fewer than half a patient, or half an event, with or without the event is not expected in an arm.
        """
        y, size = np.asarray(effect, dtype=float), np.asarray(n, dtype=float)
        if self.measure == "SMD":
            return np.asarray(2 / size + y**2 / (4 * size))
        if self.measure not in COUNTS:
            return np.asarray(self.unit / size + 0 * y)
        base = float(self.baseline or 0)
        least = 0.5 / size
        if self.measure == "IRR":
            return np.asarray(1 / (size * np.maximum(base * np.exp(y), least)) + 1 / (size * np.maximum(base, least)))
        p0 = np.clip(base, least, 1 - least)
        p1 = np.clip(self._with_treatment(base, y), least, 1 - least)
        if self.measure == "RR":
            return np.asarray((1 - p1) / (size * p1) + (1 - p0) / (size * p0))
        if self.measure == "OR":
            return np.asarray(1 / (size * p1 * (1 - p1)) + 1 / (size * p0 * (1 - p0)))
        return np.asarray((p1 * (1 - p1) + p0 * (1 - p0)) / size)

    def _with_treatment(self, base: float, y: FloatArray) -> FloatArray:
        if self.measure == "RD":
            return np.asarray(base + y)
        if self.measure == "RR":
            return np.asarray(base * np.exp(np.minimum(y, 50)))
        odds = base / (1 - base) * np.exp(np.clip(y, -50, 50))
        return np.asarray(odds / (1 + odds))

    def to_frame(self) -> pd.DataFrame:
        """One row, a column a field."""
        return pd.DataFrame([asdict(self)])


def unit_variance(vi: ArrayLike, n1i: ArrayLike, n2i: ArrayLike) -> float:
    """What trials' variances come to for one patient an arm, for measures without a formula of their own.

    The median over the trials of vi / (1/n1i + 1/n2i), times 2: a trial with n in each arm then has the variance
    unit / n. vi, n1i, n2i: (k,), above 0.
    """
    v, n1, n2 = (np.asarray(each, dtype=float) for each in (vi, n1i, n2i))
    return 2 * float(np.median(v / (1 / n1 + 1 / n2)))
