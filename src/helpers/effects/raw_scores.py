"""Standardized differences of changes or of adjusted scores, brought to the SD of the raw scores.

A difference divided by the SD of changes, or worked out from a test that adjusts for the first measurement, is in units
of what remains after adjustment. Beside differences of final scores it looks larger by a factor that depends on the
correlation between first and last measurement, which reports rarely print and a reader has to assume.
"""

import numpy as np
from numpy.typing import ArrayLike

from helpers.effects.checks import check_choice, numbers, require
from helpers.effects.effect import Effect, effect

DESIGNS = ("change", "adjusted")


def smd_of_raw_scores(yi: ArrayLike, vi: ArrayLike, ri: ArrayLike, design: str) -> Effect:
    """yi, vi: standardized differences and variances; ri: correlation of first and last measurement, -1 < ri < 1.

    design "change": yi is in SDs of the change; times sqrt(2 (1 - r)), for equal SDs at both times (Morris and DeShon
    2002, doi:10.1037/1082-989X.7.1.105). "adjusted": yi comes from a test adjusted for the first measurement (ANCOVA,
    mixed model); times sqrt(1 - r^2) (Borenstein 2009, in Cooper, Hedges and Valentine, Handbook of Research Synthesis,
    ch. 12). The factor counts as known: vi is multiplied by its square. Raises ValueError with argument and position.
    """
    check_choice("design", design, DESIGNS)
    y, v, r = numbers(yi=yi, vi=vi, ri=ri)
    require(np.abs(r) < 1, "ri", r, "must lie between -1 and 1")
    squared = 2 * (1 - r) if design == "change" else 1 - r**2
    return effect(y * np.sqrt(squared), v * squared)
