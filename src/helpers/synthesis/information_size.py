"""How much evidence a question needs: the size that one trial, or a whole meta-analysis, must reach to settle it."""

from __future__ import annotations

from math import ceil, exp, isfinite

from numpy.typing import ArrayLike
from scipy.special import ndtri

from helpers.effects.checks import check_choice, check_level
from helpers.synthesis.pooling import pool
from helpers.synthesis.trial_precision import COUNTS, TrialPrecision

SIZE_MEASURES = (*COUNTS, "SMD")


def required_information_size(
    measure: str,
    effect: float,
    baseline: float | None = None,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    diversity: float = 0.0,
    ratio: float = 1.0,
) -> float:
    """Patients in all, both arms, needed to find `effect` with `power` by a two-sided test at `alpha`.

    measure, effect: "RR", "OR", "IRR" (their logs), "RD" or "SMD"; not 0. baseline: risk, or for IRR events a patient,
    without treatment. diversity: D2 of the meta-analysis, 0 to below 1, by which the size of one trial grows to that of
    many that differ. ratio: patients in one arm for each in the other.
    With q = z(1 - alpha/2) + z(power): risks 4 q^2 p (1 - p) / (p0 - p1)^2, p the mean of both; rates the same with the
    mean rate for p (1 - p); SMD 4 q^2 / d^2; times 1 / (1 - D2) and (1 + ratio)^2 / (4 ratio). inf where the treated
    risk can not be reached. Raises ValueError naming the argument.
    Wetterslev 2008, doi:10.1016/j.jclinepi.2007.03.013; diversity: Wetterslev 2009, doi:10.1186/1471-2288-9-86.
    """
    check_choice("measure", measure, SIZE_MEASURES)
    _not_zero(effect)
    if not 0 <= diversity < 1:
        raise ValueError(f"diversity: must lie between 0 and below 1, got {diversity!r}")
    if not (isfinite(ratio) and ratio > 0):
        raise ValueError(f"ratio: must be above 0, got {ratio!r}")
    inflation = (1 + ratio) ** 2 / (4 * ratio) / (1 - diversity)
    size = 4 * _quantiles(alpha, power) ** 2 * inflation
    if measure == "SMD":
        return size / effect**2
    TrialPrecision(measure, baseline)  # refuses an impossible baseline
    base = float(baseline or 0)
    treated = _treated(measure, base, effect)
    mean = (base + treated) / 2
    if measure == "IRR":
        return size * mean / (base - treated) ** 2
    if not 0 <= treated <= 1:
        return float("inf")
    return size * mean * (1 - mean) / (base - treated) ** 2


def required_trials(
    effect: float, tau2: float, precision: TrialPrecision, n: int, *, alpha: float = 0.05, power: float = 0.8
) -> int:
    """Trials of n patients an arm that a random-effects meta-analysis needs to find `effect`, tau2 taken as known.

    The smallest k with (tau2 + v) / k <= (effect / q)^2, v the variance of such a trial. However large the trials are,
    at least tau2 q^2 / effect^2 of them are needed: differences between trials can not be outweighed by patients.
    effect: on the scale of the measure, not 0; tau2 >= 0. Raises ValueError naming the argument.
    Roloff 2013, doi:10.1002/sim.5524.
    """
    _not_zero(effect)
    if not (isfinite(tau2) and tau2 >= 0):
        raise ValueError(f"tau2: must not be negative, got {tau2!r}")
    variance = float(precision.variance(effect, n))
    return ceil((tau2 + variance) * (_quantiles(alpha, power) / effect) ** 2)


def diversity(yi: ArrayLike, vi: ArrayLike) -> float:
    """D2: the share of the variance of the random-effects mean (REML) that equal effects would not have, 0 to 1.

    (v_random - v_equal) / v_random. yi, vi as for pool, which says what is refused. Wetterslev 2009.
    """
    return 1 - (pool(yi, vi, "EE", "z").se / pool(yi, vi, "REML", "z").se) ** 2


def _treated(measure: str, base: float, effect: float) -> float:
    if measure == "RD":
        return base + effect
    if measure == "OR":
        odds = base / (1 - base) * exp(effect)
        return odds / (1 + odds)
    return base * exp(effect)


def _quantiles(alpha: float, power: float) -> float:
    check_level(power)
    if not 0 < alpha < 1:
        raise ValueError(f"alpha: must lie between 0 and 1, got {alpha!r}")
    return float(ndtri(1 - alpha / 2) + ndtri(power))


def _not_zero(effect: float) -> None:
    if not isfinite(effect) or effect == 0:
        raise ValueError(f"effect: must be a number other than 0, got {effect!r}")
