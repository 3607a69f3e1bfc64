"""The page of one question: all trials that answer it in a comparable way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from IPython.display import Markdown

from helpers.charts import forest_plot, interactive_forest
from helpers.evidence import Evidence
from helpers.format import estimate_with_interval, interval, kind_mark, number, p_value
from helpers.sections.layout import table
from helpers.sections.patient_numbers import synthesis_sentences
from helpers.sections.repooling import start
from helpers.sections.sentences import (
    MEASURES,
    POPULATION_NAMES,
    adjusted_tests,
    as_text,
    benefit,
    count,
    displayed,
    displayed_limits,
    favours,
    headline_sentence,
    listed,
    markdown,
    sentence_case,
)
from helpers.synthesis import IntervalRule, repooling, tau2_interval
from helpers.synthesis.planned import POPULATIONS, PlannedSynthesis

WIDEST = POPULATION_NAMES["all"]
CLASS_NAMES = {
    "iv-msc": "cells given into a vein",
    "other-route-msc": "cells given by another route",
    "near-relative": "near relatives",
}


def question(evidence: Evidence, result: PlannedSynthesis) -> Markdown | None:
    """What is asked, of which outcomes, when, by which measure."""
    plan = result.plan
    names = [as_text(evidence.outcomes.at[outcome, "name"]) for outcome in plan["outcomes"].split()]
    order = (
        " Of each trial, the first of these for which an effect can be worked out is taken." if len(names) > 1 else ""
    )
    better = "above" if benefit(evidence, result) > 0 else "below"
    return markdown(
        f"**{as_text(plan['question'])}** Measured by: {listed(names)}.{order} Results between day {plan['day_from']} and day "
        f"{plan['day_to']} count, the one nearest to day {plan['day_target']} first. The measure is the "
        f"{MEASURES[plan['measure']]}; {better} {1 if result.log else 0} favours the cells.",
        as_text(plan["comment"]) + "." if plan["comment"] else "",
    )


def forest(evidence: Evidence, result: PlannedSynthesis, *, interactive: bool = True) -> Any:
    """The trials of the chosen population, and what they come to together; interactive: for the reader to pool anew."""
    whom = POPULATION_NAMES[result.population]
    return _forest(evidence, result, result.pooled, result.primary, whom, interactive)


def widened_forest(evidence: Evidence, result: PlannedSynthesis) -> Any:
    """All trials, near relatives among them."""
    if result.effects["pooled"].all():
        return Markdown("No further trial reports this in a comparable way.")
    return _forest(evidence, result, result.effects, result.widened, WIDEST, True)


def _forest(
    evidence: Evidence,
    result: PlannedSynthesis,
    rows: pd.DataFrame,
    rule: IntervalRule | None,
    whom: str,
    interactive: bool,
) -> Any:
    if rule is None:
        return None
    names = {trial.id: trial.name for trial in evidence.trials.values()}
    weights = 100 * np.asarray(rule.shown[0][1].weights)
    drawn = pd.DataFrame(
        {
            "label": [names[row.trial] + ", " + row.visit for row in rows.itertuples()],
            "estimate": rows["estimate"],
            "ci_low": rows["ci_low"],
            "ci_high": rows["ci_high"],
            "weight": weights if len(rows) > 1 else np.nan,
            "kind": rows["kind"],
            "group": rows["population_class"],
        }
    )
    pooled = None
    if len(rows) > 1:
        pooled = pd.DataFrame(
            [
                dict(zip(("estimate", "ci_low", "ci_high"), displayed_limits(each, result.log), strict=True))
                | {
                    "label": label,
                    "pi_low": displayed(each.pi_low, result.log) if each is rule.headline else np.nan,
                    "pi_high": displayed(each.pi_high, result.log) if each is rule.headline else np.nan,
                }
                for label, each in rule.shown
            ]
        )
    title = result.plan["title"]
    described = "; ".join(
        f"{row.label} {estimate_with_interval(row.estimate, row.ci_low, row.ci_high)}" for row in drawn.itertuples()
    )
    together = (
        ""
        if pooled is None
        else "; pooled, "
        + "; ".join(
            f"{row.label} {estimate_with_interval(row.estimate, row.ci_low, row.ci_high)}"
            for row in pooled.itertuples()
        )
    )
    words: dict[str, Any] = {
        "measure_label": sentence_case(MEASURES[result.plan["measure"]]),
        "log": result.log,
        "favours": favours(benefit(evidence, result)),
        "title": title,
        "description": f"Forest plot, {title.lower()}, {count(len(rows), 'trial')} of {whom}: {described}{together}",
        "numbers_title": f"Estimate ({result.level:.0%} CI)",
    }
    if pooled is None or not interactive:
        return forest_plot(drawn, pooled, **words)
    numbers = repooling(rows["yi"].to_numpy(), rows["vi"].to_numpy(), level=result.level)
    method, test = start(rule, numbers)
    return interactive_forest(drawn, pooled, numbers=numbers, method=method, test=test, **words)


def reading(evidence: Evidence, result: PlannedSynthesis) -> Markdown | None:
    """The sentence that reads the main result."""
    rule = result.primary
    return markdown(
        headline_sentence(evidence, result, rule, POPULATION_NAMES[result.population]),
        rule.reason if rule is not None else "",
        adjusted_tests(evidence, result.pooled),
    )


def widened_reading(evidence: Evidence, result: PlannedSynthesis) -> Markdown | None:
    """The sentence that reads the result with near relatives."""
    if result.effects["pooled"].all():
        return None
    return markdown(
        headline_sentence(evidence, result, result.widened, WIDEST),
        adjusted_tests(evidence, result.effects[~result.effects["pooled"]]),
    )


def trials(evidence: Evidence, result: PlannedSynthesis) -> Any:
    """Each trial's effect and the numbers it comes from."""
    rows = result.effects
    frame = pd.DataFrame(
        {
            "Trial": [evidence.trials[trial].name for trial in rows["trial"]],
            "Outcome": rows["outcome"].map(evidence.outcomes["name"]),
            "Time": rows["visit"],
            f"{sentence_case(MEASURES[result.plan['measure']])} ({result.level:.0%} interval)": [
                estimate_with_interval(row.estimate, row.ci_low, row.ci_high) + kind_mark(row.kind)
                for row in rows.itertuples()
            ],
            "From": rows["inputs"],
            "How": rows["route"],
            "In the main result": np.where(rows["pooled"], "yes", "no, " + rows["population_class"].map(CLASS_NAMES)),
        }
    )
    return table(frame, id="trials", title="Effects of the single trials", kinds=rows["kind"])


def pooled(evidence: Evidence, result: PlannedSynthesis) -> Any:
    """Every pooled estimate that the interval rule shows."""
    rules = {POPULATION_NAMES[result.population]: result.primary}
    if not result.effects["pooled"].all():
        rules[WIDEST] = result.widened
    rows = [
        (whom, label, each)
        for whom, rule in rules.items()
        if rule is not None
        for label, each in rule.shown
        if each.k > 1
    ]
    if not rows:
        return Markdown("Nothing is pooled: fewer than two trials.")
    frame = pd.DataFrame(
        [
            {
                "Trials of": whom,
                "Interval": label,
                "Trials": str(each.k),
                "Estimate": estimate_with_interval(*displayed_limits(each, result.log)),
                "Test of no effect": p_value(each.p),
                "Prediction interval": _prediction(each, result.log),
            }
            for whom, label, each in rows
        ]
    )
    return table(frame, id="pooled", title="Pooled estimates")


def _prediction(each: Any, log: bool) -> str:
    if not np.isfinite(each.pi_low):
        return "–"
    return f"{interval(displayed(each.pi_low, log), displayed(each.pi_high, log))} ({each.pi_method})"


def heterogeneity(evidence: Evidence, result: PlannedSynthesis) -> Markdown | None:
    """How much the trials differ, with the limits of what few trials can tell."""
    rule, rows = result.primary, result.pooled
    if rule is None or len(rows) < 2:
        return None
    first = rule.shown[0][1]
    limits = tau2_interval(rows["yi"].to_numpy(), rows["vi"].to_numpy(), level=result.level)
    return markdown(
        f"Differences between the trials: τ² = {number(first.tau2, 3)} ({result.level:.0%} Q-profile limits "
        f"{interval(*limits.tau2[1:], 3)}), I² = {number(first.I2, 0)}%, Q = {number(first.Q, 2)} on "
        f"{count(int(first.Q_df), 'degree')} of freedom ({p_value(first.Q_p)}). With "
        f"{count(len(rows), 'trial')} these figures are very uncertain: a low I² does not show that the trials agree."
    )


def left_out(evidence: Evidence, result: PlannedSynthesis) -> Any:
    """Trials with a reported number on the question, and why it can not be pooled."""
    rows = result.left_out
    if rows.empty:
        return Markdown("None: every trial that reports on the question gives a comparable effect.")
    frame = pd.DataFrame(
        {
            "Trial": [evidence.trials[trial].name for trial in rows["trial"]],
            "Why not pooled": [sentence_case(reason) for reason in rows["reason"]],
        }
    )
    return table(frame, id="left-out", title="Reported, but not poolable")


def limits(evidence: Evidence, result: PlannedSynthesis) -> Markdown:
    """What the evidence does not allow to say."""
    rows = result.pooled
    points = []
    k = len(rows)
    if k == 0:
        points.append(
            f"Nothing can be said about {POPULATION_NAMES[result.population]}: {_why_nothing(evidence, result)}."
        )
    elif k == 1:
        points.append("One trial can not tell a lasting effect from chance or from the way that one trial was run.")
    elif k == 2:
        points.append("With two trials neither the size of the effect nor its spread between places is known.")
    points += synthesis_sentences(evidence, result)
    if not rows["kind"].isin(["patients", "primary"]).all():
        weak = rows.loc[~rows["kind"].isin(["patients", "primary"]), "trial"]
        points.append(
            f"{listed([as_text(evidence.trials[trial].name) for trial in weak])} "
            f"{'enters' if len(weak) == 1 else 'enter'} with numbers that were not all read in the report itself."
        )
    if k and rows["route"].str.startswith("reported p").any():
        points.append(
            "Effects worked out from a p-value are approximations, and rest on the direction the report states."
        )
    if rows["variable"].nunique() > 1:
        points.append(
            "Final scores and changes from baseline stand side by side, which a standardized difference only bridges."
        )
    if rows["outcome"].nunique() > 1:
        points.append("The trials used different scales; a standardized difference hides what a patient would notice.")
    if rule_leaves_open(result):
        points.append("The intervals leave open both benefit and harm: absence of proof is not proof of absence.")
    return Markdown(
        "\n".join(f"- {point}" for point in points) or "No further limit beyond those of the single trials."
    )


def _why_nothing(evidence: Evidence, result: PlannedSynthesis) -> str:
    """Why no trial of the chosen population enters: it gives no comparable effect, or only other cells were studied."""
    asked = [*result.effects["trial"], *result.left_out["trial"]]
    classes = {evidence.trials[trial].population_class for trial in asked}
    if classes & set(POPULATIONS[result.population]):
        return "no trial of them reports this in a way that lets groups be compared"
    others = [name for key, name in CLASS_NAMES.items() if key in classes]
    return f"only {listed(others)} were studied" if others else "no trial read reports on this"


def rule_leaves_open(result: PlannedSynthesis) -> bool:
    """Whether any shown interval of the main result contains no effect."""
    return result.primary is not None and any(each.ci_low <= 0 <= each.ci_high for _, each in result.primary.shown)
