"""Generalised linear mixed models of two-arm counts: zero cells are part of the data and need no correction."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlogy

from helpers.effects.checks import check_choice, events_of, numbers
from helpers.synthesis.rare_events.families import Binomial, Family, Hypergeometric, Poisson
from helpers.synthesis.rare_events.mantel_haenszel import NO_CONTRAST
from helpers.synthesis.rare_events.pooled_counts import PooledCounts, pooled_counts
from helpers.synthesis.rare_events.random_effect import MixedFit, Model, fit
from helpers.synthesis.rare_events.random_intercepts import fit_random_intercepts
from helpers.synthesis.rare_events.two_arms import Tables, double_zero_note, person_time, tables

FloatArray = NDArray[np.float64]
MODELS = ("UM.FS", "UM.RS", "CM.EL")
HALVES = np.array([0.5, -0.5])  # random effects coded so that both arms vary alike


def glmm(
    ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike, model: str = "UM.FS", nodes: int = 1,
    keep_double_zero: bool = False, level: float = 0.95,
) -> PooledCounts:  # fmt: skip
    """Pool log odds ratios of ai of n1i patients with the event against ci of n2i, (k,), by maximum likelihood.

    model "UM.FS": logistic, a free intercept for every trial and a normal random effect, variance tau2; "UM.RS": the
    intercepts are normal too, independent of the effects; "CM.EL": exact conditional, Fisher's noncentral
    hypergeometric distribution given the margins, with a normal random effect. nodes: quadrature nodes for each of the
    two random effects of UM.RS; 1 is the Laplace approximation, metafor's (and lme4's) only choice there, 7 is more
    exact. Q is the likelihood ratio against a free odds ratio for every trial, in UM.FS and CM.EL.
    Trials without a contrast say nothing under UM.FS and CM.EL. Under UM.RS they inform the intercepts, and through them
    a little the rest: they are left out as in metafor, or take part with keep_double_zero=True; the note says which.
    The standard error is from the observed information, with tau fixed where its estimate is zero.
    Raises ValueError with argument and position, for fewer than two informative trials, and where a group has no event
    at all, so that no finite odds ratio fits best; ArithmeticError where the likelihood has no maximum otherwise, as when
    every trial has events in one group only.
    Jackson 2018, doi:10.1002/sim.7588; Stijnen 2010, doi:10.1002/sim.4040.
    """
    check_choice("model", model, MODELS)
    given = tables(ai, n1i, ci, n2i)
    used = given if model == "UM.RS" and keep_double_zero else given.only(~given.uninformative)
    _estimable(given)
    k = used.a.size
    if model == "UM.RS":
        estimate, variance, tau = fit_random_intercepts(used, nodes)
        fate = "they inform the distribution of the intercepts." if keep_double_zero else "they are left out."
        note = double_zero_note(given.uninformative, fate)
        method = f"GLMM {model}"
        return pooled_counts(method, "OR", given.a.size, k, estimate, variance, level, tau2=tau**2, note=note)
    if model == "CM.EL":
        family: Family = Hypergeometric(used)
        one = np.ones(1)
        fitted = fit(Model(family, np.zeros((k, 1)), one, one, own=False), np.zeros(k))
        saturated = fit_each(family)
    else:
        counts, sizes = np.column_stack([used.a, used.c]), np.column_stack([used.n1, used.n2])
        pooled = counts.sum(axis=1) / sizes.sum(axis=1)
        family = Binomial(counts, sizes)
        fitted = fit(Model(family, np.zeros((k, 2)), HALVES, HALVES, own=True), np.log(pooled / (1 - pooled)))
        p = counts / sizes
        saturated = float((xlogy(counts, p) + xlogy(sizes - counts, 1 - p)).sum())
    return _result(f"GLMM {model}", "OR", given.uninformative, fitted, saturated, level)


def glmm_rate_ratio(
    x1i: ArrayLike, t1i: ArrayLike, x2i: ArrayLike, t2i: ArrayLike, model: str = "UM.FS", level: float = 0.95
) -> PooledCounts:
    """Pool log rate ratios of x1i events in t1i person-time against x2i in t2i, (k,), by maximum likelihood.

    model "UM.FS": Poisson, a free intercept for every trial and a normal random effect; "CM.EL": binomial given the
    events of both groups, which is exact. Trials without events are left out. Otherwise as glmm.
    Stijnen 2010, doi:10.1002/sim.4040.
    """
    check_choice("model", model, ("UM.FS", "CM.EL"))
    all_x1, all_t1, all_x2, all_t2 = person_time(x1i, t1i, x2i, t2i)
    empty = all_x1 + all_x2 == 0
    x1, t1, x2, t2 = (values[~empty] for values in (all_x1, all_t1, all_x2, all_t2))
    _two_trials(x1.size)
    _both_groups(x1.sum(), x2.sum())
    counts, k = np.column_stack([x1, x2]), x1.size
    if model == "CM.EL":
        events = counts.sum(axis=1, keepdims=True)
        family: Family = Binomial(x1[:, None], events)
        one = np.ones(1)
        fitted = fit(Model(family, np.log(t1 / t2)[:, None], one, one, own=False), np.zeros(k))
        saturated = float((xlogy(counts, counts / events)).sum())
    else:
        times = np.column_stack([t1, t2])
        family = Poisson(counts, times)
        start = np.log(counts.sum(axis=1) / times.sum(axis=1))
        fitted = fit(Model(family, np.zeros((k, 2)), HALVES, HALVES, own=True), start)
        saturated = float((xlogy(counts, counts / times) - counts).sum())
    return _result(f"GLMM {model}", "IRR", empty, fitted, saturated, level)


def glmm_proportion(xi: ArrayLike, ni: ArrayLike, level: float = 0.95) -> PooledCounts:
    """Pool logits of proportions, xi of ni patients with the event, (k,), by the binomial-normal model.

    Groups without, or with nothing but, events take full part. Raises ValueError with argument and position, for fewer
    than two groups and where all patients are alike. Stijnen 2010, doi:10.1002/sim.4040.
    """
    x, n = (np.atleast_1d(values) for values in numbers(xi=xi, ni=ni))
    events_of("ni", n, xi=x)
    if x.size < 2:
        raise ValueError(f"xi: at least two groups are needed for a model of their differences, got {x.size}")
    if x.sum() == 0 or (n - x).sum() == 0:
        raise ValueError("xi: all patients are alike, so no finite logit fits best")
    counts, sizes = x[:, None], n[:, None]
    one, k = np.ones(1), x.size
    fitted = fit(Model(Binomial(counts, sizes), np.zeros((k, 1)), one, one, own=False), np.zeros(k))
    p = counts / sizes
    saturated = float((xlogy(counts, p) + xlogy(sizes - counts, 1 - p)).sum())
    return _result("GLMM", "PLO", np.zeros(k, dtype=bool), fitted, saturated, level)


def fit_each(family: Family) -> float:
    """Log-likelihood with the best eta for every trial on its own, one arm. It is approached where it is infinite."""
    k = family.shape[0]
    eta = np.zeros((k, 1, 1))
    for _ in range(200):
        _, first, second = family.terms(eta)
        step = np.clip(-first / np.minimum(second, -1e-12), -1, 1)
        eta = np.clip(eta + step, -40, 40)
        if np.abs(step).max() < 1e-10:
            break
    return float(family.terms(eta)[0].sum())


def _result(
    method: str, measure: str, empty: NDArray[np.bool_], fitted: MixedFit, saturated: float, level: float
) -> PooledCounts:
    k = int((~empty).sum())
    q = 2 * max(0.0, saturated - fitted.log_likelihood_common), float(k - 1)
    note = double_zero_note(empty, NO_CONTRAST)
    return pooled_counts(
        method, measure, empty.size, k, fitted.theta, fitted.variance, level, tau2=fitted.tau**2, q=q, note=note
    )  # fmt: skip


def _estimable(given: Tables) -> None:
    informative = given.only(~given.uninformative)
    _two_trials(informative.a.size)
    _both_groups(informative.a.sum(), informative.c.sum())
    _both_groups(informative.b.sum(), informative.d.sum())


def _two_trials(k: int) -> None:
    if k < 2:
        raise ValueError(f"at least two trials with a contrast are needed for a model of their differences, got {k}")


def _both_groups(first: float, second: float) -> None:
    if first == 0 or second == 0:
        raise ValueError("the pooled ratio is not finite: one of the groups has no event (or no other outcome) at all")
