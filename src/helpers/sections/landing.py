"""The landing page: today's answer."""

from __future__ import annotations

from typing import Any

import pandas as pd
from IPython.display import Markdown

from helpers.evidence import Evidence
from helpers.format import KIND_MARKS, KIND_MEANINGS, estimate_with_interval, kind_legend, kind_mark, number, percent
from helpers.sections import outcome, safety
from helpers.sections.layout import table
from helpers.sections.sentences import (
    MEASURES,
    POPULATION_NAMES,
    adjusted_tests,
    as_text,
    benefit,
    count,
    displayed_limits,
    left_open,
    listed,
    markdown,
    models_apart,
    sentence_case,
    source_mark,
    verdict,
)
from helpers.synthesis import IntervalRule
from helpers.synthesis.planned import POPULATIONS, PlannedSynthesis, planned_syntheses

NO_QUESTION = "The data name no question to be answered first: every planned question stands in the table below."


def answer(evidence: Evidence, population: str, sources: str, level: float) -> Markdown | None:
    """Today's answer: one sentence for each question with a headline, and one for harm where the edition names it."""
    results = headlines(evidence, population, sources, level)
    parts = [f"**{as_text(each.plan['headline'])}.** {brief(evidence, each)}" for each in results]
    kinds = [kind for each in results for kind in each.pooled["kind"]]
    if evidence.edition.harm:
        treated = safety.treated(evidence, evidence.edition.harm, sources, level)
        parts.append(f"**Harm.** {_harm(evidence, treated, level)}")
        kinds += list(treated["kind"])
    marks = kind_legend(kinds)
    return markdown(*([] if results else [NO_QUESTION]), *parts, f"{marks}." if marks else "")


def headlines(evidence: Evidence, population: str, sources: str, level: float) -> list[PlannedSynthesis]:
    """The results of the questions that have a headline, in the order of `syntheses.csv`."""
    results = planned_syntheses(evidence, population=population, sources=sources, level=level).values()
    return [result for result in results if result.plan["headline"]]


def brief(evidence: Evidence, result: PlannedSynthesis) -> str:
    """The main result of one question in a sentence or two, without technical names."""
    whom, rule, rows = POPULATION_NAMES[result.population], result.primary, result.pooled
    if rule is None:
        own = set(POPULATIONS[result.population])
        silent = [
            as_text(evidence.trials[row.trial].name + (f" ({row.printed_p})" if row.printed_p else ""))
            for row in result.left_out.itertuples()
            if evidence.trials[row.trial].population_class in own
        ]
        named = f" {listed(silent)} report on it without a number that can be pooled." if silent else ""
        return f"No trial of {whom} reports this in a way that lets groups be compared.{named}"
    measure, better = MEASURES[result.plan["measure"]], benefit(evidence, result)
    patients = int((rows["n1i"] + rows["n2i"]).sum())
    opening = f"{sentence_case(count(len(rows), 'trial'))} of {whom} with {patients} patients"
    adjusted = adjusted_tests(evidence, rows)
    adjusted = f" {adjusted}" if adjusted else ""
    no_effect = f"{1 if result.log else 0} is no difference, {'more' if better > 0 else 'less'} favours the cells"
    if rule.headline is not None or len(rows) == 1:
        only = rule.headline or rule.shown[0][1]
        said = estimate_with_interval(*displayed_limits(only, result.log)) + source_mark(rows)
        return f"{opening}: {measure} {said} ({no_effect}); {left_open(only, better)}.{adjusted}"
    singly = listed([number(row.estimate) + kind_mark(row.kind) for row in rows.itertuples()])
    return (
        f"{opening} found {measure}s of {singly} ({no_effect}). Together their interval runs, by the choice of model, "
        f"{models_apart(rule, result.log)}: {verdict(rule, better)}.{adjusted}"
    )


def _harm(evidence: Evidence, rows: pd.DataFrame, level: float) -> str:
    name = as_text(evidence.outcomes.at[evidence.edition.harm, "name"].lower())
    if rows.empty:
        return f"No report read counts {name}."
    largest = rows.loc[rows["n"].idxmax()]
    return (
        f"{sentence_case(count(len(rows), 'trial'))} with {int(rows['n'].sum())} treated patients counted "
        f"{int(rows['events'].sum())}{source_mark(rows)} {name}. The largest, {as_text(largest['trial_name'])}, treated "
        f"{largest['n']:g}: the true risk there could still be as high as {percent(largest['ci_high'])} (one-sided "
        f"{level:.0%} limit)."
    )


def data_date(evidence: Evidence) -> Markdown | None:
    """As of which data."""
    return markdown(
        f"As of **{evidence.edition.date:%d %B %Y}**, data edition `{evidence.edition.version.replace('`', '')}`: "
        f"{count(len(evidence.trials), 'trial')}, {len(evidence.results)} reported numbers."
    )


def forest(evidence: Evidence, population: str, sources: str, level: float) -> Any:
    """The forest plot of the first headline question that trials of the population answer."""
    for result in headlines(evidence, population, sources, level):
        if result.primary is not None:
            return outcome.forest(evidence, result, interactive=False)
    return Markdown("No question with a headline has a result that can be drawn.")


def questions(evidence: Evidence, population: str, sources: str, level: float) -> Any:
    """Every planned question, with what the trials show and who reports on it without a usable number."""
    results = planned_syntheses(evidence, population=population, sources=sources, level=level).values()
    rows = [
        {
            "Question": result.plan["question"],
            "Measure": sentence_case(MEASURES[result.plan["measure"]]),
            sentence_case(POPULATION_NAMES[population]): _cell(result, result.primary, result.pooled),
            "Near relatives too": _cell(result, result.widened, result.effects),
            "Reported, not poolable": _names(evidence, result.left_out["trial"]),
        }
        for result in results
    ]
    return table(
        pd.DataFrame(rows),
        id="questions",
        title="Questions and answers",
        kinds=[kind for result in results for kind in result.effects["kind"]],
        empty="No question is planned in these data.",
    )


def _names(evidence: Evidence, trials: pd.Series) -> str:
    return ", ".join(evidence.trials[trial].name for trial in trials)


def _cell(result: PlannedSynthesis, rule: IntervalRule | None, rows: pd.DataFrame) -> str:
    if rule is None:
        return "No trial"
    k = rule.shown[0][1].k
    mark = source_mark(rows)
    if k == 2:
        return f"Two trials, no headline: {models_apart(rule, result.log)}{mark}"
    shown = rule.headline or rule.shown[0][1]
    return f"{sentence_case(count(k, 'trial'))}: {estimate_with_interval(*displayed_limits(shown, result.log))}{mark}"


def legend() -> Markdown:
    """What the marks on numbers mean."""
    marks = [f"- {KIND_MARKS[kind]} {meaning}" for kind, meaning in KIND_MEANINGS.items()]
    return Markdown("\n".join(["- no mark: read in the trial's own report", *marks]))
