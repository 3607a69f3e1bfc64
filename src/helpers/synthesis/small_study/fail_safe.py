"""Fail-safe N: how many trials without effect would have to be hidden to undo a result.

Reported because readers ask for it; it says nothing about how many there are. All take yi, vi (k,) as for pool, and
refuse fewer than `minimum_k` trials.
"""

from math import ceil

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from helpers.synthesis.small_study.trials_needed import refuse_too_few
from helpers.synthesis.trials import one_meta_analysis


def fail_safe_rosenthal(yi: ArrayLike, vi: ArrayLike, alpha: float = 0.05, minimum_k: int = 3) -> int:
    """Trials with z = 0 that bring Stouffer's summed z to the one-sided level alpha; 0 where it is there already.

    (sum z)^2 / z_alpha^2 - k, rounded up. Rosenthal 1979, doi:10.1037/0033-2909.86.3.638.
    """
    trials = one_meta_analysis(yi, vi)
    k = trials.yi.shape[1]
    refuse_too_few(k, minimum_k, "a fail-safe N", least=1)
    z = abs((trials.yi / np.sqrt(trials.vi)).sum())
    return max(0, ceil((z / _quantile(alpha)) ** 2 - k))


def fail_safe_rosenberg(yi: ArrayLike, vi: ArrayLike, alpha: float = 0.05, minimum_k: int = 3) -> int:
    """Trials with effect 0 and average weight that bring the equal-effects result to the two-sided level alpha.

    k ((sum wy / z_(alpha/2))^2 - sum w) / sum w, rounded up. Rosenberg 2005, doi:10.1111/j.0014-3820.2005.tb01004.x.
    """
    trials = one_meta_analysis(yi, vi)
    k = trials.yi.shape[1]
    refuse_too_few(k, minimum_k, "a fail-safe N", least=1)
    w = 1 / trials.vi[0]
    needed = (abs((w * trials.yi[0]).sum()) / _quantile(alpha / 2)) ** 2 - w.sum()
    return max(0, ceil(k * needed / w.sum()))


def fail_safe_orwin(yi: ArrayLike, vi: ArrayLike, target: float, minimum_k: int = 3) -> int:
    """Trials with effect 0 that bring the unweighted mean effect down to `target` > 0 in size.

    k (|mean| - target) / target, rounded up. Orwin 1983, doi:10.3102/10769986008002157.
    """
    trials = one_meta_analysis(yi, vi)
    k = trials.yi.shape[1]
    refuse_too_few(k, minimum_k, "a fail-safe N", least=1)
    if not target > 0:
        raise ValueError(f"target: must be positive, got {target!r}")
    return max(0, ceil(k * (abs(trials.yi[0].mean()) - target) / target))


def _quantile(alpha: float) -> float:
    if not 0 < alpha < 1:
        raise ValueError(f"alpha: must lie between 0 and 1, got {alpha!r}")
    return float(-ndtri(alpha))
