"""Mantel-Haenszel pooling of two-arm counts, without any continuity correction of the pooled estimate."""

import numpy as np
from numpy.typing import ArrayLike

from helpers.effects import log_odds_ratio, log_rate_ratio, log_risk_ratio, risk_difference
from helpers.effects.checks import check_choice
from helpers.effects.effect import Effect
from helpers.synthesis.rare_events.pooled_counts import PooledCounts, pooled_counts
from helpers.synthesis.rare_events.two_arms import Tables, double_zero_note, person_time, tables

MEASURES = ("OR", "RR", "RD")
METHOD = "Mantel-Haenszel"
NO_CONTRAST = "they carry no information on a ratio and leave the estimate as it is."


def mantel_haenszel(
    ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike, measure: str = "OR", level: float = 0.95
) -> PooledCounts:
    """Pool odds ratios, risk ratios (both as logs) or risk differences of trials by Mantel and Haenszel's weights.

    ai of n1i patients with the event in the first group, ci of n2i in the second, (k,). A common-effect method: no
    correction, so zero cells stay zero; trials without a contrast count in RD and fall out of OR and RR. Q is that of
    the single trials' effects around the estimate, with 1/2 added to the cells of trials with a zero and trials without
    a contrast left out, as in metafor. Raises ValueError with argument and position, and where a ratio is not finite
    because one group has no events (or, for OR, nothing but events) in any trial.
    Variances: Robins 1986, doi:10.2307/2531052 (OR); Greenland and Robins 1985, doi:10.2307/2530643 (RR); Sato,
    Greenland and Robins 1989, Biometrics 45, 1323-1324 (RD).
    """
    check_choice("measure", measure, MEASURES)
    counts = tables(ai, n1i, ci, n2i)
    estimate, variance = {"OR": _odds_ratio, "RR": _risk_ratio, "RD": _risk_difference}[measure](counts)
    of_trial = {"OR": log_odds_ratio, "RR": log_risk_ratio, "RD": risk_difference}[measure]
    empty = counts.uninformative
    k, left_out = counts.a.size, 0 if measure == "RD" else int(empty.sum())
    fate = "they count, as trials with a difference of zero." if measure == "RD" else NO_CONTRAST
    q = _q(of_trial(counts.a, counts.n1, counts.c, counts.n2, drop00=True), estimate)
    note = double_zero_note(empty, fate)
    return pooled_counts(METHOD, measure, k, k - left_out, estimate, variance, level, q=q, note=note)


def mantel_haenszel_rate_ratio(
    x1i: ArrayLike, t1i: ArrayLike, x2i: ArrayLike, t2i: ArrayLike, level: float = 0.95
) -> PooledCounts:
    """Pool log rate ratios of trials: x1i events in t1i person-time in the first group, x2i in t2i in the second, (k,).

    As mantel_haenszel. Greenland and Robins 1985, doi:10.2307/2530643; Rothman 2008, Modern Epidemiology, ch. 15.
    """
    x1, t1, x2, t2 = person_time(x1i, t1i, x2i, t2i)
    total = t1 + t2
    r, s = (x1 * t2 / total).sum(), (x2 * t1 / total).sum()
    _finite_ratio(r, s)
    estimate = float(np.log(r / s))
    variance = float((t1 * t2 * (x1 + x2) / total**2).sum() / (r * s))
    empty = x1 + x2 == 0
    q = _q(log_rate_ratio(x1, t1, x2, t2, drop00=True), estimate)
    note = double_zero_note(empty, NO_CONTRAST)
    return pooled_counts(METHOD, "IRR", x1.size, int((~empty).sum()), estimate, variance, level, q=q, note=note)


def _odds_ratio(t: Tables) -> tuple[float, float]:
    p, q = (t.a + t.d) / t.n, (t.b + t.c) / t.n
    r, s = t.a * t.d / t.n, t.b * t.c / t.n
    _finite_ratio(r.sum(), s.sum())
    variance = (p * r).sum() / r.sum() ** 2 + (p * s + q * r).sum() / (r.sum() * s.sum()) + (q * s).sum() / s.sum() ** 2
    return float(np.log(r.sum() / s.sum())), float(variance / 2)


def _risk_ratio(t: Tables) -> tuple[float, float]:
    r, s = (t.a * t.n2 / t.n).sum(), (t.c * t.n1 / t.n).sum()
    _finite_ratio(r, s)
    variance = (t.n1 * t.n2 * (t.a + t.c) / t.n**2 - t.a * t.c / t.n).sum() / (r * s)
    return float(np.log(r / s)), float(variance)


def _risk_difference(t: Tables) -> tuple[float, float]:
    share1, share2 = t.n1 / t.n, t.n2 / t.n
    weight = (t.n1 * share2).sum()
    estimate = (t.a * share2 - t.c * share1).sum() / weight
    p = (t.c * share1**2 - t.a * share2**2 + share1 * share2 * (t.n2 - t.n1) / 2).sum()
    q = (t.a * t.d / t.n + t.c * t.b / t.n).sum() / 2
    variance = float((estimate * p + q) / weight**2)
    if variance <= 0:
        raise ValueError("ai and ci: no trial has both patients with and without the event, so nothing can be pooled")
    return float(estimate), variance


def _finite_ratio(r: float, s: float) -> None:
    if r == 0 or s == 0:
        raise ValueError("the pooled ratio is not finite: one of the groups has no event (or no other outcome) at all")


def _q(of_trials: Effect, estimate: float) -> tuple[float, float]:
    yi, vi = np.atleast_1d(of_trials.yi), np.atleast_1d(of_trials.vi)
    return float(np.nansum((yi - estimate) ** 2 / vi)), float(np.isfinite(yi).sum() - 1)
