"""Every defensible way to answer each question: how far the conclusion hangs on choices that could have been otherwise."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import Markdown

from helpers.charts import specification_curve
from helpers.evidence import Evidence
from helpers.format import estimate_with_interval, percent
from helpers.sections.layout import folded_tables, table
from helpers.sections.sentences import (
    MEASURES,
    POPULATION_NAMES,
    as_text,
    benefit,
    count,
    favours,
    listed,
    sentence_case,
)
from helpers.synthesis.multiverse import all_variants, distinct, flips, multiverse, own_conclusion, shares
from helpers.synthesis.planned import PlannedSynthesis, planned_syntheses

HEADINGS = {
    "measure": "Measure",
    "population": "Trials",
    "sources": "Sources",
    "zero cells": "Trials without events in an arm",
    "correlation": "Changes and adjusted scores",
    "risk of bias": "Risk of bias",
    "outliers": "Outliers",
    "method": "Spread between trials",
    "test": "Interval",
}
ANSWERS = {
    "measure": MEASURES | {"SMDH": "SMD, unequal variances"},
    "population": {"iv-msc": "cells into a vein", "any-route": "any route", "all": "near relatives too"},
    "sources": {"all": "all", "primary": "report and registry only"},
    "method": {"EE": "equal effects (EE)"},
    "test": {"z": "Wald", "knha": "Hartung-Knapp", "adhoc": "Hartung-Knapp with floor"},
}
LEFT_OPEN = "leaves it open"
RATIOS = ("RR", "OR", "IRR", "GenOR")
NEAR = 12  # flipping combinations named before the rest is folded away


@dataclass(frozen=True, eq=False)
class Question:
    """One planned synthesis in every way: its specifications, and which sign favours the cells (+1: higher)."""

    result: PlannedSynthesis
    frame: pd.DataFrame
    questions: list[str]
    better: int

    @property
    def title(self) -> str:
        return str(self.result.plan["title"])

    @functools.cached_property
    def different(self) -> pd.DataFrame:
        """One row for each different calculation."""
        return distinct(self.frame)

    @property
    def own(self) -> str:
        """What the book concludes, in words."""
        return self.words(own_conclusion(self.frame))

    def words(self, conclusion: str) -> str:
        if conclusion == "open":
            return LEFT_OPEN
        return favours(self.better)[conclusion == "above"]

    @property
    def asked(self) -> bool:
        """Whether the book's own choice of trials has an answer at all."""
        return self.result.primary is not None


def prepared(evidence: Evidence, population: str, sources: str, level: float) -> list[Question]:
    """Every planned question that any trial answers, carried out in every way."""
    results = planned_syntheses(evidence, population=population, sources=sources, level=level)
    found = all_variants(evidence, population=population, sources=sources, level=level)
    return [
        Question(result, multiverse(found[name], level=level), [*found[name][0].choices], benefit(evidence, result))
        for name, result in results.items()
        if found[name]
    ]


def overview(questions: list[Question]) -> Any:
    """One row a question: how many specifications, what the book concludes, and how many agree."""
    rows = []
    for each in questions:
        same = float(np.mean(each.different["conclusion"] == own_conclusion(each.frame)))
        rows.append(
            {
                "Question": each.result.plan["question"],
                "Specifications": f"{len(each.frame):,}",
                "Different calculations": f"{len(each.different):,}",
                "The book": each.own if each.asked else "no trial of its own choice",
                "Agree": percent(same, 0) if each.asked else "–",
                "Nearest change that flips it": _nearest(each) if each.asked else "–",
            }
        )
    return table(
        pd.DataFrame(rows), id="multiverse", title="Every question in every way", empty="No question has an answer."
    )


def _nearest(each: Question) -> str:
    flipped = flips(each.frame)
    if flipped.empty:
        return "none"
    least = flipped.iloc[0]
    if least["changes"] == 0:
        return "none needed: the models for two trials disagree"
    own = each.frame[each.frame["changes"] == 0].iloc[0]
    changed = [_said(name, least[name]) for name in each.questions if least[name] != own[name]]
    for name in ("method", "test"):
        if least[name] not in set(each.frame.loc[each.frame["changes"] == 0, name]) and least["k"] > 1:
            changed.append(_said(name, least[name]))
    return "; ".join(changed) or count(int(least["changes"]), "choice") + " of estimator and interval"


def by_question(questions: list[Question]) -> list[Any]:
    """For every question its curves, the sentence that reads them, what each choice does, and what flips it."""
    shown: list[Any] = []
    for each in questions:
        shown += [Markdown(f"### {as_text(each.title)}"), reading(each)]
        if len(each.different) == 1:
            continue
        shown += [*curves(each), shares_table(each), *flipping(each), everything(each)]
    return shown


def reading(each: Question) -> Markdown:
    """The sentence that reads one question's multiverse."""
    different = each.different
    total = f"{len(each.frame):,} specifications come to {count(len(different), 'different calculation')}"
    if len(different) == 1:
        only = different.iloc[0]
        return Markdown(
            f"{total}: one trial with one usable number, {_number(only)}; it {_verb(each.words(only['conclusion']))}. "
            "There is no choice that could move it."
        )
    found = different["conclusion"].value_counts()
    parts = [
        f"{found[name]:,} {_verb(each.words(name), found[name])}"
        for name in ("above", "open", "below")
        if name in found
    ]
    if each.asked:
        agree = percent(float(np.mean(different["conclusion"] == own_conclusion(each.frame))), 0)
        book = f"The book's own specification {_verb(each.own)}, as do {agree} of them."
    else:
        book = (
            f"No trial of {POPULATION_NAMES[each.result.population]} answers it, so the book concludes nothing; these are "
            "the ways to answer it with other trials."
        )
    return Markdown(f"{total}: {listed(parts)}. {book}")


def _verb(words: str, n: int = 1) -> str:
    """ "favours cells" -> "favour cells" for several."""
    if n == 1:
        return words
    return words.replace("favours", "favour").replace("leaves", "leave")


def curves(each: Question) -> list[Any]:
    """The specification curve; ratios and differences have an axis each."""
    different = each.different
    is_ratio = different["measure"].isin(RATIOS)
    charts = []
    for log, rows in ((True, different[is_ratio]), (False, different[~is_ratio])):
        if len(rows) < 2:
            continue
        measures = dict.fromkeys(MEASURES.get(name, MEASURES["SMD"]) for name in rows["measure"])
        charts.append(_curve(each, rows, " or ".join(measures), log))
    return charts


def _curve(each: Question, rows: pd.DataFrame, measures: str, log: bool) -> Any:
    numbers = np.exp(rows[["estimate", "ci_low", "ci_high"]].clip(-300, 300)) if log else rows[
        ["estimate", "ci_low", "ci_high"]
    ]  # fmt: skip
    drawn = numbers.assign(conclusion=rows["conclusion"].map(each.words))
    choices = {}
    for name in [*each.questions, "method", "test"]:
        if rows[name].nunique() > 1:
            choices[name] = HEADINGS[name]
            drawn[name] = [_said(name, answer) for answer in rows[name]]
    own = rows["changes"] == 0
    if each.asked and own.sum() == 1:
        drawn["main"] = own
    order = [favours(each.better)[1], LEFT_OPEN, favours(each.better)[0]]
    title = f"{each.title}: {count(len(rows), 'calculation')}, {measures}"
    found = drawn["conclusion"].value_counts()
    return specification_curve(
        drawn.reset_index(drop=True),
        choices,
        measure_label=sentence_case(measures),
        log=log,
        favours=favours(each.better),
        title=title,
        description=f"Specification curve, {title}: "
        + "; ".join(f"{found[words]} {_verb(words, found[words])}" for words in order if words in found),
        conclusions=[words for words in order if words in found],
        numbers_title=f"{each.result.level:.0%} interval",
    )


def shares_table(each: Question) -> Any:
    """What the different calculations conclude, by the answer to each question that has more than one."""
    matters = [name for name in each.questions if _matters(each, name)]
    idle = [HEADINGS[name].lower() for name in each.questions if name not in matters]
    found = shares(each.frame, [*matters, "method", "test"])
    columns = {"above": favours(each.better)[1], "open": LEFT_OPEN, "below": favours(each.better)[0]}
    frame = pd.DataFrame(
        {
            "Choice": [_said(row.question, row.answer) for row in found.itertuples()],
            "Calculations": found["n"].astype(str),
        }
        | {sentence_case(words): [percent(value, 0) for value in found[name]] for name, words in columns.items()}
        | {"group": found["question"].map(HEADINGS)}
    )
    return table(
        frame,
        id=f"shares-{each.result.plan.name}",
        title=f"{each.title}: conclusions by choice",
        groups="group",
        notes=[f"No difference here: {listed(idle)}."] if idle else [],
    )


def _matters(each: Question, name: str) -> bool:
    """Whether the answers to a question lead to different data at all: every data set is pooled in every way."""
    return len({frozenset(data) for _, data in each.frame.groupby(name)["data"]}) > 1


def flipping(each: Question) -> list[Any]:
    """The combinations that conclude otherwise than the book, those with the fewest changes first."""
    if not each.asked:
        return []
    rows = flips(each.frame)
    if rows.empty:
        return [Markdown("No combination flips the conclusion.")]
    frame = _grouped(each, rows)
    name = each.result.plan.name
    title = f"{each.title}: combinations that flip the conclusion"
    first = table(frame.head(NEAR), id=f"flips-{name}", title=title)
    if len(frame) <= NEAR:
        return [first]
    rest = f"{title}, {count(len(frame) - NEAR, 'further one')}"
    return [first, folded_tables([(f"flips-{name}-more", rest, frame.iloc[NEAR:])])]


def everything(each: Question) -> Any:
    """All different calculations, those with the same numbers in one row; folded."""
    frame = _grouped(each, each.different)
    title = f"{each.title}: all calculations, {len(frame)} rows"
    return folded_tables([(f"all-{each.result.plan.name}", title, frame)])


def _grouped(each: Question, rows: pd.DataFrame) -> pd.DataFrame:
    """A row a choice of data and interval, the estimators that give the same printed numbers together."""
    asked = [name for name in each.questions if each.frame[name].nunique() > 1]
    own = each.frame.loc[each.frame["changes"].idxmin()]
    records = rows.to_dict("records")
    cells = pd.DataFrame(
        {
            "Choices": [_choices(each, row, own, asked) for row in records],
            "Interval": [_said("test", row["test"]) if row["k"] > 1 else "one trial" for row in records],
            "Trials": rows["k"].astype(str).to_numpy(),
            "Result": [_number(row) for row in records],
            "It": rows["conclusion"].map(each.words).to_numpy(),
            "Changes": rows["changes"].to_numpy(),
            "Spread": np.where(rows["k"] > 1, rows["method"], "–"),
        }
    )
    keys = [name for name in cells if name != "Spread"]
    found = cells.groupby(keys, sort=False)["Spread"].agg(", ".join).reset_index()
    found = found.groupby([key for key in keys if key != "Changes"], sort=False).agg(
        {"Changes": "min", "Spread": ", ".join}
    )
    ordered = found.reset_index().sort_values("Changes", kind="stable")
    return ordered.astype({"Changes": str})[["Choices", "Spread", "Interval", "Trials", "Result", "It", "Changes"]]


def _choices(each: Question, row: Mapping[str, Any], own: pd.Series, asked: list[str]) -> str:
    """The answers that differ from the book's own, or that there is none."""
    changed = [_said(name, row[name]) for name in asked if row[name] != own[name]]
    return "; ".join(changed) if changed else "as planned" if each.asked else "nearest to the plan"


def _number(row: Mapping[str, Any]) -> str:
    values = np.array([row[name] for name in ("estimate", "ci_low", "ci_high")])
    if row["measure"] in RATIOS:
        values = np.exp(np.clip(values, -300, 300))
    return f"{row['measure']} {estimate_with_interval(*values)}"


def _said(question: str, answer: str) -> str:
    return ANSWERS.get(question, {}).get(answer, answer)
