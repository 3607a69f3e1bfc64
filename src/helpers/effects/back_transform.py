"""From the scale on which proportions, rates and correlations are pooled back to their own.

yi: the pooled value, an interval limit, or an array of them.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from helpers.effects.checks import check_choice, numbers, positive
from helpers.effects.effect import Values, scalar_or_array

FloatArray = NDArray[np.float64]
SIMPLE = ("PLO", "PLN", "PAS", "IRLN", "ZCOR")


def back_transform(yi: ArrayLike, measure: str) -> Values:
    """Proportion (PLO, PLN, PAS), rate (IRLN) or correlation (ZCOR) from the transformed value.

    PLO expit(y); PLN and IRLN exp(y); PAS sin(y)^2, with y held within 0 and pi/2; ZCOR tanh(y). The Freeman-Tukey
    transform needs the sample sizes: back_transform_freeman_tukey. Raises ValueError for another measure and for a
    value that is not a finite number.
    """
    check_choice("measure", measure, SIMPLE)
    (y,) = numbers(yi=yi)
    if measure == "PLO":
        return scalar_or_array(expit(y))
    if measure == "PAS":
        return scalar_or_array(np.sin(np.clip(y, 0, np.pi / 2)) ** 2)
    return scalar_or_array(np.tanh(y) if measure == "ZCOR" else np.exp(y))


def back_transform_freeman_tukey(yi: ArrayLike, ni: ArrayLike) -> Values:
    """Proportion from a pooled PFT value, at the harmonic mean n of the sample sizes ni (k,) of the studies.

    p = (1 - sgn(cos 2y) sqrt(1 - (sin 2y + (sin 2y - 1/sin 2y) / n)^2)) / 2, held at 0 and 1 outside the values that
    0 and n events in n would give. Miller 1978, doi:10.1080/00031305.1978.10479283. The result depends on n and may
    mislead where the sample sizes differ much: Schwarzer 2019, doi:10.1002/jrsm.1348. Raises ValueError with argument
    and position.
    """
    (y,) = numbers(yi=yi)
    (sizes,) = numbers(ni=ni)
    positive(ni=sizes)
    n = 1 / np.mean(1 / sizes)
    none = np.arcsin(np.sqrt(1 / (n + 1))) / 2
    every = (np.arcsin(np.sqrt(n / (n + 1))) + np.pi / 2) / 2
    doubled = 2 * np.clip(y, none, every)
    sine = np.sin(doubled)
    inside = np.clip(sine + (sine - 1 / sine) / n, -1, 1)
    p = (1 - np.sign(np.cos(doubled)) * np.sqrt(1 - inside**2)) / 2
    return scalar_or_array(np.where(y <= none, 0.0, np.where(y >= every, 1.0, p)))
