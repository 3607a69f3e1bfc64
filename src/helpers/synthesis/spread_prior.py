"""The prior of the spread between trials that the book states, and those it is compared with."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from helpers.synthesis.bayes import HalfCauchy, HalfNormal
from helpers.synthesis.bayes.priors import TauPrior
from helpers.synthesis.trial_precision import unit_variance

SCALE = 0.5
RISK_SCALE = 0.1
STANDARDIZED = ("RR", "OR", "IRR", "GenOR", "SMD")


def spread_prior(measure: str, vi: ArrayLike, n1i: ArrayLike, n2i: ArrayLike) -> HalfNormal:
    """Half-normal prior of tau on the scale of yi: weakly informative, the same for every question of a measure.

    Scale 0.5 for log ratios and standardized differences (Röver 2021, doi:10.1002/jrsm.1475), 0.1 for risk differences;
    for mean differences half the SD of a patient's score, which follows from the trials' variances: vi, n1i, n2i, (k,).
    """
    if measure in STANDARDIZED:
        return HalfNormal(SCALE)
    if measure == "RD":
        return HalfNormal(RISK_SCALE)
    return HalfNormal(SCALE * sqrt(unit_variance(vi, n1i, n2i) / 2))


def other_priors(stated: HalfNormal) -> dict[str, TauPrior]:
    """What the stated prior is compared with: half and twice its scale, and a half-Cauchy with a long tail."""
    scales = {"half the scale": 0.5, "twice the scale": 2.0}
    return {
        **{words: HalfNormal(float(np.round(stated.scale * factor, 12))) for words, factor in scales.items()},
        "half-Cauchy of the same scale": HalfCauchy(stated.scale),
    }
