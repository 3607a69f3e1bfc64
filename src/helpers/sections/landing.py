"""The landing page: today's answer."""

from __future__ import annotations

from typing import Any

import pandas as pd
from IPython.display import Markdown

from helpers.evidence import Evidence
from helpers.format import KIND_MARKS, KIND_MEANINGS, estimate_with_interval, number, percent
from helpers.sections import outcome, safety
from helpers.sections.layout import table
from helpers.sections.sentences import (
    MEASURES,
    POPULATION_NAMES,
    benefit,
    count,
    displayed_limits,
    left_open,
    listed,
    markdown,
    models_apart,
    sentence_case,
    verdict,
)
from helpers.synthesis import IntervalRule
from helpers.synthesis.planned import POPULATIONS, PlannedSynthesis, planned_syntheses, planned_synthesis


def answer(
    evidence: Evidence, questions: dict[str, str], harm: str, population: str, sources: str, level: float
) -> Markdown | None:
    """Today's answer: one sentence for each question, and one for harm.

    questions: heading -> id of a planned synthesis. harm: id of the binary outcome that stands for harm.
    """
    results = planned_syntheses(evidence, population=population, sources=sources, level=level)
    parts = [f"**{heading}.** {brief(evidence, results[name])}" for heading, name in questions.items()]
    return markdown(*parts, f"**Harm.** {_harm(evidence, harm, sources, level)}")


def brief(evidence: Evidence, result: PlannedSynthesis) -> str:
    """The main result of one question in a sentence or two, without technical names."""
    whom, rule, rows = POPULATION_NAMES[result.population], result.primary, result.pooled
    if rule is None:
        own = set(POPULATIONS[result.population])
        silent = [
            evidence.trials[row.trial].name + (f" ({row.printed_p})" if row.printed_p else "")
            for row in result.left_out.itertuples()
            if evidence.trials[row.trial].population_class in own
        ]
        named = f" {listed(silent)} report on it without a number that can be pooled." if silent else ""
        return f"No trial of {whom} reports this in a way that lets groups be compared.{named}"
    measure, better = MEASURES[result.plan["measure"]], benefit(evidence, result)
    patients = int((rows["n1i"] + rows["n2i"]).sum())
    opening = f"{sentence_case(count(len(rows), 'trial'))} of {whom} with {patients} patients"
    no_effect = f"{1 if result.log else 0} is no difference, {'more' if better > 0 else 'less'} favours the cells"
    if rule.headline is not None or len(rows) == 1:
        only = rule.headline or rule.shown[0][1]
        said = estimate_with_interval(*displayed_limits(only, result.log))
        return f"{opening}: {measure} {said} ({no_effect}); {left_open(only, better)}."
    singly = listed([number(value) for value in rows["estimate"]])
    return (
        f"{opening} found {measure}s of {singly} ({no_effect}). Together their interval runs, by the choice of model, "
        f"{models_apart(rule, result.log)}: {verdict(rule, better)}."
    )


def _harm(evidence: Evidence, outcome: str, sources: str, level: float) -> str:
    rows = safety.treated(evidence, outcome, sources, level)
    name = evidence.outcomes.at[outcome, "name"].lower()
    if rows.empty:
        return f"No report read counts {name}."
    largest = rows.loc[rows["n"].idxmax()]
    return (
        f"{sentence_case(count(len(rows), 'trial'))} with {int(rows['n'].sum())} treated patients counted "
        f"{int(rows['events'].sum())} {name}. The largest, {largest['trial_name']}, treated {largest['n']:g}: the true risk "
        f"there could still be as high as {percent(largest['ci_high'])}."
    )


def data_date(evidence: Evidence) -> Markdown | None:
    """As of which data."""
    return markdown(
        f"As of **{evidence.edition.date:%d %B %Y}**, data edition `{evidence.edition.version}`: "
        f"{count(len(evidence.trials), 'trial')}, {len(evidence.results)} reported numbers."
    )


def forest(evidence: Evidence, synthesis: str, population: str, sources: str, level: float) -> Any:
    """The forest plot of one question."""
    result = planned_synthesis(evidence, synthesis, population=population, sources=sources, level=level)
    return outcome.forest(evidence, result)


def questions(evidence: Evidence, population: str, sources: str, level: float) -> Any:
    """Every planned question, with what the trials show and who reports on it without a usable number."""
    rows = [
        {
            "Question": result.plan["question"],
            "Measure": sentence_case(MEASURES[result.plan["measure"]]),
            sentence_case(POPULATION_NAMES[population]): _cell(result, result.primary),
            "Near relatives too": _cell(result, result.widened),
            "Reported, not poolable": _names(evidence, result.left_out["trial"]),
        }
        for result in planned_syntheses(evidence, population=population, sources=sources, level=level).values()
    ]
    return table(pd.DataFrame(rows), id="questions", title="Questions and answers")


def _names(evidence: Evidence, trials: pd.Series) -> str:
    return ", ".join(evidence.trials[trial].name for trial in trials)


def _cell(result: PlannedSynthesis, rule: IntervalRule | None) -> str:
    if rule is None:
        return "No trial"
    k = rule.shown[0][1].k
    if k == 2:
        return f"Two trials, no headline: {models_apart(rule, result.log)}"
    shown = rule.headline or rule.shown[0][1]
    return f"{sentence_case(count(k, 'trial'))}: {estimate_with_interval(*displayed_limits(shown, result.log))}"


def legend() -> Markdown:
    """What the marks on numbers mean."""
    marks = [f"- {KIND_MARKS[kind]} {meaning}" for kind, meaning in KIND_MEANINGS.items()]
    return Markdown("\n".join(["- no mark: read in the trial's own report", *marks]))
