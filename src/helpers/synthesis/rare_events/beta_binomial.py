"""Beta-binomial pooling of two-arm counts: risks vary between trials by a beta distribution within each group."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import betaln, digamma, expit, xlog1py, xlogy

from helpers.effects.checks import check_choice
from helpers.synthesis.rare_events.pooled_counts import PooledCounts, pooled_counts
from helpers.synthesis.rare_events.two_arms import Tables, double_zero_note, tables

FloatArray = NDArray[np.float64]
DISPERSIONS = ("common-beta", "common-rho")
NO_DISPERSION = 12.0  # log of alpha + beta from which on the distribution is binomial to every digit that matters


def beta_binomial(
    ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike, measure: str = "OR",
    dispersion: str = "common-beta", level: float = 0.95,
) -> PooledCounts:  # fmt: skip
    """Pool by maximum likelihood: events in each group are beta-binomial, with mean risk mu1 and mu2.

    ai of n1i against ci of n2i, (k,). measure: "OR", "RR" (as logs) or "RD" of the two mean risks, with its delta-method
    variance. dispersion "common-beta": Beta(alpha1, beta) and Beta(alpha2, beta), so that the odds ratio is
    alpha1 / alpha2; "common-rho": both groups have the same correlation rho = 1 / (alpha + beta + 1). Every trial takes
    part, those without any event as zero of n in both groups. The price: groups of one trial are compared as if they
    came from different trials, so the result belongs beside one that keeps the pairs. Without overdispersion the model
    becomes one binomial for each group. Raises ValueError with argument and position, and where a group has no event,
    or nothing but events, at all.
    Kuss 2015, doi:10.1002/sim.6383 (common-rho); Mathes and Kuss 2021, doi:10.1177/2632084321996225 (common-beta).
    """
    check_choice("measure", measure, ("OR", "RR", "RD"))
    check_choice("dispersion", dispersion, DISPERSIONS)
    t = tables(ai, n1i, ci, n2i)
    for group in (t.a, t.b, t.c, t.d):
        if group.sum() == 0:
            raise ValueError("ai and ci: a group has no event, or nothing but events, so no finite ratio fits best")

    logits = np.log([t.a.sum() / t.b.sum(), t.c.sum() / t.d.sum()])
    bounds = [(-25, 25), (-25, 25), (-8, NO_DISPERSION)]
    starts = [np.append(logits, size) for size in (1.0, 4.0, NO_DISPERSION)]
    fits = [
        minimize(
            _loss, start, (t, dispersion), "L-BFGS-B", jac=_gradient, bounds=bounds, options={"ftol": 0, "gtol": 1e-8}
        )
        for start in starts
    ]
    best = min(fits, key=lambda found: found.fun).x
    dispersed = best[2] < NO_DISPERSION - 0.1
    if dispersed:
        step = 1e-5 * np.eye(3)
        slopes = [_gradient(best + h, t, dispersion) - _gradient(best - h, t, dispersion) for h in step]
        information = np.array(slopes) / 2e-5
        covariance = np.linalg.inv(information)[:2, :2]
    else:
        best = np.append(logits, NO_DISPERSION)
        covariance = np.diag([1 / t.a.sum() + 1 / t.b.sum(), 1 / t.c.sum() + 1 / t.d.sum()])
    risk = expit(best[:2])
    estimate = {"OR": best[0] - best[1], "RR": np.log(risk[0] / risk[1]), "RD": risk[0] - risk[1]}[measure]
    slope = {"OR": np.ones(2), "RR": 1 - risk, "RD": risk * (1 - risk)}[measure] * [1, -1]
    note = double_zero_note(t.uninformative, "they take full part.")
    if not dispersed:
        note = f"{note} No overdispersion: each group is one binomial.".strip()
    return pooled_counts(
        f"Beta-binomial, {dispersion}", measure, t.a.size, t.a.size, float(estimate), float(slope @ covariance @ slope),
        level, note=note,
    )  # fmt: skip


def _loss(parameters: FloatArray, t: Tables, dispersion: str) -> float:
    """Minus the log-likelihood of two logits of mean risks and the log of alpha + beta (common-beta: of beta)."""
    if parameters[2] >= NO_DISPERSION:
        risk = expit(parameters[:2])
        counts = ((t.a, t.b), (t.c, t.d))
        return -sum(float((xlogy(x, p) + xlog1py(y, -p)).sum()) for (x, y), p in zip(counts, risk, strict=True))
    total = 0.0
    for x, n, logit in ((t.a, t.n1, parameters[0]), (t.c, t.n2, parameters[1])):
        alpha, beta = _shape(logit, parameters[2], dispersion)
        total += float((betaln(x + alpha, n - x + beta) - betaln(alpha, beta)).sum())
    return -total


def _gradient(parameters: FloatArray, t: Tables, dispersion: str) -> FloatArray:
    """Derivative of _loss, which is left as it is at the bound."""
    gradient = np.zeros(3)
    for group, (x, n) in enumerate(((t.a, t.n1), (t.c, t.n2))):
        logit = parameters[group]
        alpha, beta = _shape(logit, parameters[2], dispersion)
        shared = digamma(alpha + beta) - digamma(n + alpha + beta)
        by_alpha = float((digamma(x + alpha) - digamma(alpha) + shared).sum())
        by_beta = float((digamma(n - x + beta) - digamma(beta) + shared).sum())
        gradient[2] += alpha * by_alpha + beta * by_beta
        if dispersion == "common-beta":
            gradient[group] = alpha * by_alpha
        else:
            gradient[group] = alpha * expit(-logit) * (by_alpha - by_beta)
    return -gradient


def _shape(logit: float, log_size: float, dispersion: str) -> tuple[float, float]:
    """alpha and beta of a group."""
    size = np.exp(log_size)
    if dispersion == "common-beta":
        return size * np.exp(logit), size
    return size * expit(logit), size * expit(-logit)
