"""How firm a result is: other methods, single trials, small trials, and a Bayesian view; or why not, in one sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from IPython.display import Markdown

from helpers.charts import baujat_plot, cumulative_plot, funnel_plot, leave_one_out_plot, posterior_plot
from helpers.evidence import Evidence
from helpers.format import estimate_with_interval, number, p_value, percent
from helpers.sections.layout import table
from helpers.sections.sentences import (
    MEASURES,
    POPULATION_NAMES,
    benefit,
    count,
    displayed,
    displayed_limits,
    favours,
    listed,
    sentence_case,
)
from helpers.synthesis import (
    Pooled,
    baujat,
    bayesian,
    cumulative,
    egger,
    funnel,
    harbord,
    influence,
    leave_one_out,
    pool,
    posterior_curves,
    trim_and_fill,
)
from helpers.synthesis.bayes.priors import TauPrior
from helpers.synthesis.planned import PlannedSynthesis
from helpers.synthesis.small_study.trials_needed import TEN
from helpers.synthesis.spread_prior import other_priors, spread_prior

METHODS = {
    "EE": "equal effects",
    "DL": "DerSimonian-Laird",
    "PM": "Paule-Mandel",
    "REML": "REML",
    "SJ": "Sidik-Jonkman",
}
TESTS = {"z": "Wald", "knha": "Hartung-Knapp", "adhoc": "Hartung-Knapp with floor"}
SEVERAL = 3  # trials, from which on one of them can be left out and a synthesis remains


def methods(evidence: Evidence, result: PlannedSynthesis) -> list[Any]:
    """The same trials by other estimators and intervals; nothing below two trials."""
    yi, vi = _effects(result)
    if len(yi) < 2:
        return []
    rows, found = [], []
    for method, words in METHODS.items():
        cells = {"Spread between trials": words}
        for test, name in TESTS.items():
            pooled = pool(yi, vi, method, test, result.level)
            found.append(pooled)
            cells["τ²"] = number(pooled.tau2, 3)
            cells[name] = estimate_with_interval(*displayed_limits(pooled, result.log))
        rows.append(cells)
    title = f"{sentence_case(MEASURES[result.plan['measure']])} by estimator and interval"
    return [
        Markdown("### By another method"),
        table(pd.DataFrame(rows), id="methods", title=title),
        Markdown(_methods_sentence(result, found, benefit(evidence, result))),
    ]


def _methods_sentence(result: PlannedSynthesis, found: list[Pooled], better: int) -> str:
    open_ones = sum(each.ci_low <= 0 <= each.ci_high for each in found)
    if open_ones == len(found):
        return "No combination excludes no difference."
    sides = {favours(better)[each.ci_low > 0] for each in found if not each.ci_low <= 0 <= each.ci_high}
    if not open_ones:
        return f"Every combination {listed(sorted(sides))}."
    return (
        f"{len(found) - open_ones} of {len(found)} combinations exclude no difference ({listed(sorted(sides))}); the others "
        "leave it open. All choices together stand on the page [Would other choices conclude otherwise?](../multiverse.ipynb)."
    )


def single_trials(evidence: Evidence, result: PlannedSynthesis) -> list[Any]:
    """Whether one trial decides: without each in turn, one after the other, and what each adds; from three trials on."""
    yi, vi = _effects(result)
    if len(yi) < SEVERAL:
        return []
    names = _names(evidence, result)
    without = _shown(leave_one_out(yi, vi, test="adhoc", level=result.level), result).assign(label=names)
    added = cumulative(yi, vi, test="adhoc", level=result.level)
    so_far = _shown(added, result).assign(label=[names[at] for at in added["added"]], k=added["k"])
    apart = baujat(yi, vi).assign(label=names, group=result.pooled["population_class"].to_numpy())
    measured: dict[str, Any] = {
        "measure_label": sentence_case(MEASURES[result.plan["measure"]]),
        "log": result.log,
        "favours": favours(benefit(evidence, result)),
    }
    title = str(result.plan["title"])
    charts = [
        leave_one_out_plot(
            without, _all_trials(yi, vi, result), **measured, title=f"{title}: without each trial",
            description=f"Leave-one-out, {title.lower()}: " + _described(without, "without "),
        ),
        cumulative_plot(
            so_far, **measured, title=f"{title}: as each trial was added",
            description=f"Cumulative, {title.lower()}: " + _described(so_far, "with "),
        ),
        baujat_plot(
            apart, title=f"{title}: which trials differ, and which move the result",
            description=f"Baujat plot, {title.lower()}: " + "; ".join(
                f"{row.label} {number(row.x)} of Q, influence {number(row.y)}" for row in apart.itertuples()
            ),
        ),
    ]  # fmt: skip
    return [Markdown("### Without single trials"), *charts, _influence_table(yi, vi, names, without, apart)]


def _influence_table(
    yi: np.ndarray, vi: np.ndarray, names: list[str], without: pd.DataFrame, apart: pd.DataFrame
) -> Any:
    measures = influence(yi, vi)
    frame = pd.DataFrame(
        {
            "Trial": names,
            "Without it": [
                estimate_with_interval(row.estimate, row.ci_low, row.ci_high) for row in without.itertuples()
            ],
            "τ² without it": [number(value, 3) for value in measures["tau2_del"]],
            "Studentized residual": [number(value) for value in measures["rstudent"]],
            "Cook's distance": [number(value) for value in measures["cook_d"]],
            "Part of Q": [number(value) for value in apart["x"]],
            "Weight": [percent(value / 100, 0) for value in measures["weight"]],
            "Influential": ["yes" if value else "no" for value in measures["influential"]],
        }
    )
    return table(
        frame,
        id="influence",
        title="Influence of each trial",
        notes=[
            "Influential by the marks of Viechtbauer and Cheung 2010; with few trials they single out nearly every one."
        ]
        if len(names) < 5
        else [],
    )


def small_trials(evidence: Evidence, result: PlannedSynthesis) -> list[Any]:
    """Whether imprecise trials show other effects; from ten trials on, as tests of asymmetry need."""
    yi, vi = _effects(result)
    if len(yi) < TEN:
        return []
    names = _names(evidence, result)
    filled = trim_and_fill(yi, vi)
    title = f"{result.plan['title']}: small trials against large ones"
    picture = funnel_plot(
        funnel(yi, vi),
        names,
        measure_label=sentence_case(MEASURES[result.plan["measure"]]),
        log=result.log,
        favours=favours(benefit(evidence, result)),
        title=title,
        description=f"Funnel plot, {result.plan['title'].lower()}, {count(len(yi), 'trial')}",
        groups=list(result.pooled["population_class"]),
        filled=filled,
    )
    tests = [egger(yi, vi, level=result.level)]
    rows = result.pooled
    if result.plan["measure"] == "OR" and rows["ai"].notna().all():
        counts = {name: rows[name].to_numpy(float) for name in ("ai", "n1i", "ci", "n2i")}
        tests.append(harbord(**counts, level=result.level))
    frame = pd.DataFrame(
        [
            {
                "Trial": name,
                "Effect": number(displayed(y, result.log)),
                "Standard error": number(float(np.sqrt(v)), 3),
            }
            for name, y, v in zip(names, yi, vi, strict=True)
        ]
    )
    said = "; ".join(f"{each.test}: {p_value(each.p)}" for each in tests)
    return [
        Markdown("### Small trials against large ones"),
        picture,
        table(frame, id="funnel", title="Effects and standard errors"),
        Markdown(
            f"Asymmetry: {said}. Trim and fill would add {count(filled.k0, 'trial')}. A small p has other causes than "
            "missing trials: small trials may be poorer, or their patients different."
        ),
    ]


def bayes(evidence: Evidence, result: PlannedSynthesis) -> list[Any]:
    """The posterior densities under the stated prior, and how much other priors change them; from two trials on."""
    yi, vi = _effects(result)
    if len(yi) < 2:
        return []
    rows = result.pooled
    stated = spread_prior(result.plan["measure"], vi, rows["n1i"].to_numpy(float), rows["n2i"].to_numpy(float))
    better = benefit(evidence, result)
    title = f"{result.plan['title']}: what trials and prior say together"
    posterior = bayesian(yi, vi, stated)
    curves = posterior_curves(posterior, yi, vi, result.level)
    picture = posterior_plot(
        curves,
        _names(evidence, result),
        measure_label=sentence_case(MEASURES[result.plan["measure"]]),
        log=result.log,
        favours=favours(better),
        benefit="higher" if better > 0 else "lower",
        title=title,
        description=f"Posterior densities, {result.plan['title'].lower()}, half-normal prior of scale {stated.scale:g} on the "
        "spread between trials",
    )
    priors: dict[str, TauPrior] = {f"half-normal, scale {stated.scale:g} (stated)": stated, **other_priors(stated)}
    return [
        Markdown("### A Bayesian view"),
        Markdown(
            f"Prior: half-normal of scale {stated.scale:g} on the spread τ between trials, nothing assumed on the mean "
            "effect. Probabilities speak of the effect itself, given that prior and that the trials can be trusted."
        ),
        picture,
        _priors_table(result, yi, vi, priors, better),
    ]


def _priors_table(
    result: PlannedSynthesis, yi: np.ndarray, vi: np.ndarray, priors: dict[str, TauPrior], better: int
) -> Any:
    direction = "higher" if better > 0 else "lower"
    rows = []
    for words, prior in priors.items():
        posterior = bayesian(yi, vi, prior)
        mean_effect = (posterior.mu.median, *posterior.mu.equal_tailed(result.level))
        middle, low, high = (displayed(value, result.log) for value in mean_effect)
        new_low, new_high = (displayed(value, result.log) for value in posterior.prediction.equal_tailed(result.level))
        rows.append(
            {
                "Prior of τ": words,
                "Mean effect": estimate_with_interval(middle, low, high),
                "New trial": f"{number(new_low)} to {number(new_high)}",
                "τ": number(posterior.tau.median),
                "P(mean benefit)": percent(posterior.probability_of_benefit(direction), 0),
                "P(benefit in a new trial)": percent(posterior.probability_of_benefit(direction, of="prediction"), 0),
            }
        )
    return table(
        pd.DataFrame(rows), id="priors", title="Sensitivity to the prior",
        notes=[f"Medians with {result.level:.0%} equal-tailed credible intervals."],
    )  # fmt: skip


def not_shown(result: PlannedSynthesis) -> Markdown | None:
    """Which of these views are left out, and how many trials they would need."""
    k = len(result.pooled)
    if k == 0:
        return Markdown(
            f"No trial of {POPULATION_NAMES[result.population]}, so there is no result whose firmness could be looked at."
        )
    if k == 1:
        return Markdown(
            "One trial: other methods and a Bayesian view need two, leaving trials out needs three, and tests for small-study "
            "effects need ten, so none of them is shown."
        )
    missing = []
    if k < SEVERAL:
        missing.append("what remains without a trial (three trials needed: of two, one is left, which is no synthesis)")
    if k < TEN:
        missing.append(
            "the funnel plot and tests for small-study effects (ten trials needed: with fewer, chance looks like asymmetry)"
        )
    if not missing:
        return None
    return Markdown(f"Not shown with {count(k, 'trial')}: {listed(missing)}.")


def _effects(result: PlannedSynthesis) -> tuple[np.ndarray, np.ndarray]:
    return result.pooled["yi"].to_numpy(float), result.pooled["vi"].to_numpy(float)


def _names(evidence: Evidence, result: PlannedSynthesis) -> list[str]:
    return [evidence.trials[trial].name for trial in result.pooled["trial"]]


def _shown(frame: pd.DataFrame, result: PlannedSynthesis) -> pd.DataFrame:
    """Estimates and limits on the scale people read, and I2."""
    limits = frame[["estimate", "ci_low", "ci_high"]]
    return (np.exp(limits) if result.log else limits).assign(I2=frame["I2"])


def _all_trials(yi: np.ndarray, vi: np.ndarray, result: PlannedSynthesis) -> pd.DataFrame:
    estimate, low, high = displayed_limits(pool(yi, vi, test="adhoc", level=result.level), result.log)
    return pd.DataFrame([{"label": "All trials", "estimate": estimate, "ci_low": low, "ci_high": high}])


def _described(rows: pd.DataFrame, word: str) -> str:
    return "; ".join(
        f"{word}{row.label} {estimate_with_interval(row.estimate, row.ci_low, row.ci_high)}"
        for row in rows.itertuples()
    )
