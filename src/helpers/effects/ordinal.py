"""Two groups on an ordinal outcome such as the mRS, compared by all pairs of patients.

counts1, counts2: patients at each level of the scale, in the order of the scale; (levels,) for one trial or
(k, levels) for several. better: "lower" or "higher", the end of the scale that is good for the patient. Results above
one half, one or zero favour the first group. Raises ValueError, with the argument and position, for a negative count,
an empty group, fewer than two levels, or shapes that differ.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from helpers.effects.checks import check_choice, not_negative, numbers, require
from helpers.effects.effect import Effect, Values, effect, scalar_or_array

FloatArray = NDArray[np.float64]


def probability_of_better(counts1: ArrayLike, counts2: ArrayLike, better: str = "lower") -> Values:
    """P(a patient of group 1 does better than one of group 2) + half of P(they do equally well).

    Acion 2006, doi:10.1002/sim.2256.
    """
    first, second = best_first(counts1, counts2, better)
    wins = (first * _worse(second)).sum(axis=-1) + (first * second).sum(axis=-1) / 2
    return scalar_or_array(wins / (first.sum(axis=-1) * second.sum(axis=-1)))


def generalized_odds_ratio(
    counts1: ArrayLike, counts2: ArrayLike, better: str = "lower", ties: str = "split"
) -> Effect:
    """log of the odds that a patient of group 1 does better than one of group 2.

    ties "split": half of the tied pairs counts for each side (win odds, O'Brien and Castelloe 2006, SUGI 31, 209-31);
    "dropped": only pairs that differ count (Agresti 1980, doi:10.2307/2530495). With p the joint proportions, Rs and Rd
    the shares of winning and losing partners of each cell, and odds = sum(p Rs) / sum(p Rd), the delta method gives
    the variance of the log: 4 sum(p (odds Rd - Rs)^2) / (N sum(p Rs)^2). nan where every pair goes one way.
    """
    check_choice("ties", ties, ("split", "dropped"))
    first, second = best_first(counts1, counts2, better)
    total = first.sum(axis=-1) + second.sum(axis=-1)
    p1, p2 = first / total[..., None], second / total[..., None]
    tied = 0.5 if ties == "split" else 0.0
    win1, lose1 = _worse(p2) + tied * p2, _better(p2) + tied * p2
    win2, lose2 = _better(p1) + tied * p1, _worse(p1) + tied * p1  # a pair won by group 1, seen from group 2
    won, lost = (p1 * win1 + p2 * win2).sum(axis=-1), (p1 * lose1 + p2 * lose2).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = won / lost
        ratio = odds[..., None]
        spread = (p1 * (ratio * lose1 - win1) ** 2 + p2 * (ratio * lose2 - win2) ** 2).sum(axis=-1)
        return effect(np.log(odds), 4 * spread / (total * won**2))


def wilcoxon_p(counts1: ArrayLike, counts2: ArrayLike, continuity: bool = False) -> Values:
    """Two-sided p of the Wilcoxon-Mann-Whitney test: normal, corrected for ties; continuity: corrected by half a pair too.

    1 where all patients are at one level. Lehmann 1975, Nonparametrics, ch. 1.
    """
    first, second = best_first(counts1, counts2, "lower")
    n1, n2, tied = first.sum(axis=-1), second.sum(axis=-1), first + second
    total = n1 + n2
    excess = (first * _worse(second)).sum(axis=-1) + (first * second).sum(axis=-1) / 2 - n1 * n2 / 2
    variance = n1 * n2 / 12 * (total + 1 - (tied**3 - tied).sum(axis=-1) / (total * (total - 1)))
    with np.errstate(invalid="ignore"):
        distance = np.maximum(np.abs(excess) - 0.5 * continuity, 0)
        z = np.where(variance > 0, distance / np.sqrt(variance), 0.0)
    return scalar_or_array(2 * ndtr(-z))


def best_first(counts1: ArrayLike, counts2: ArrayLike, better: str) -> tuple[FloatArray, FloatArray]:
    """The checked counts, turned so that the best level comes first."""
    check_choice("better", better, ("lower", "higher"))
    first, second = numbers(counts1=counts1, counts2=counts2)
    if np.shape(counts1) != np.shape(counts2) or first.ndim == 0 or first.shape[-1] < 2:
        raise ValueError(
            "counts1 and counts2: must give the patients at each of the same two or more levels,"
            f" got shapes {np.shape(counts1)} and {np.shape(counts2)}"
        )
    not_negative(counts1=first, counts2=second)
    for name, counts in (("counts1", first), ("counts2", second)):
        require(counts.sum(axis=-1) > 0, name, counts.sum(axis=-1), "the group must have patients")
    return (first, second) if better == "lower" else (first[..., ::-1], second[..., ::-1])


def _better(counts: FloatArray) -> FloatArray:
    """Sum of the counts at better levels than each."""
    return np.cumsum(counts, axis=-1) - counts


def _worse(counts: FloatArray) -> FloatArray:
    """Sum of the counts at worse levels than each."""
    return np.cumsum(counts[..., ::-1], axis=-1)[..., ::-1] - counts
