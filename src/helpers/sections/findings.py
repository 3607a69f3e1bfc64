"""The summary of findings: every question with its numbers for 1,000 patients, how certain they are, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from string import ascii_lowercase
from typing import Any

import pandas as pd
from IPython.display import Markdown

from helpers.evidence import Evidence
from helpers.format import estimate_with_interval, interval, number
from helpers.sections.layout import folded_tables, table
from helpers.sections.sentences import (
    MEASURES,
    POPULATION_NAMES,
    as_text,
    benefit,
    count,
    displayed_limits,
    left_open,
    listed,
    markdown,
    models_apart,
    narrowest_and_widest,
    sentence_case,
    source_mark,
    verdict,
)
from helpers.synthesis.certainty import Certainty
from helpers.synthesis.findings import ScaleOfPoints, SynthesisFinding, finding
from helpers.synthesis.planned import PlannedSynthesis
from helpers.synthesis.pooling import Pooled

Results = Mapping[str, PlannedSynthesis]
NOT_JUDGED = "not judged"
SIZES = ((0.2, "negligible"), (0.5, "small"), (0.8, "moderate"), (float("inf"), "large"))
WHAT_IT_MEANS = {
    "high": "We are very confident that the true effect lies close to the estimate.",
    "moderate": "The true effect is probably close to the estimate, but may be substantially different.",
    "low": "The true effect may be substantially different from the estimate.",
    "very low": "The true effect is probably substantially different from the estimate; nothing should rest on it.",
}
"""After Balshem 2011, doi:10.1016/j.jclinepi.2010.07.015."""


class Footnotes:
    """Reasons by letter, the same reason under the same letter: a, b, ... z, aa, ab, ..."""

    def __init__(self) -> None:
        self.letters: dict[str, str] = {}

    def letter(self, reason: str) -> str:
        index = len(self.letters)
        new = (
            ascii_lowercase[index % 26]
            if index < 26
            else ascii_lowercase[index // 26 - 1] + ascii_lowercase[index % 26]
        )
        return self.letters.setdefault(reason, new)

    @property
    def below(self) -> list[Markdown]:
        """The reasons as a list under the table, where a phone can show them; nothing without one."""
        lines = [f"- **{letter}** {as_text(reason)}" for reason, letter in self.letters.items()]
        return [Markdown("\n".join(lines))] if lines else []


def summary(evidence: Evidence, results: Results) -> list[Any]:
    """One row a planned question: trials, patients, relative effect, with and without the cells, certainty and reasons."""
    whom = "".join({POPULATION_NAMES[result.population] for result in results.values()})
    return findings_table(
        evidence,
        [(result, finding(evidence, result)) for result in results.values()],
        id="findings-table",
        title=f"Summary of findings: {whom}",
    )


def widened_summary(evidence: Evidence, results: Results) -> list[Any]:
    """The same with near relatives, for the questions to which they contribute."""
    wider = [result for result in results.values() if not result.effects["pooled"].all()]
    if not wider:
        return [Markdown("Near relatives contribute to no question.")]
    return findings_table(
        evidence,
        [(result, finding(evidence, result, widened=True)) for result in wider],
        id="findings-table-widened",
        title=f"Summary of findings: {POPULATION_NAMES['all']}",
    )


def one_row(evidence: Evidence, result: PlannedSynthesis) -> list[Any]:
    """The row of one question, for its own page."""
    found = finding(evidence, result)
    if found is None:
        return [Markdown("No trial, so there is nothing whose certainty could be judged.")]
    return findings_table(evidence, [(result, found)], id="certainty", title="Certainty (GRADE)")


def findings_table(
    evidence: Evidence,
    rows: Iterable[tuple[PlannedSynthesis, SynthesisFinding | None]],
    *,
    id: str,
    title: str,
) -> list[Any]:
    """A row a question, and below the reason of each step down or up, by the letter beside the certainty."""
    footnotes = Footnotes()
    cells: list[dict[str, str]] = []
    kinds: list[str] = []
    measures: dict[str, str] = {}
    level, two = 0.95, False
    for result, found in rows:
        level = result.level
        cells.append(_cells(evidence, result, found, footnotes))
        if found is not None:
            kinds += list(found.rows["kind"])
            measures[found.plan["measure"]] = MEASURES[found.plan["measure"]]
            two = two or found.k == 2
    notes = [
        "; ".join([*(f"{short}: {measure}" for short, measure in measures.items()), f"intervals: {level:.0%}"]),
        "Two intervals stand where two trials allow no headline: the narrowest and the widest of three models."
        if two
        else "",
        "Certainty: high, moderate, low or very low (GRADE), with the reason for each step down or up.",
    ]
    shown = table(
        pd.DataFrame(cells),
        id=id,
        title=title,
        kinds=kinds,
        notes=[note for note in notes if note],
        empty="No question is planned in these data.",
    )
    return [shown, *footnotes.below]


def _cells(
    evidence: Evidence, result: PlannedSynthesis, found: SynthesisFinding | None, footnotes: Footnotes
) -> dict[str, str]:
    question = {"Question": result.plan["question"]}
    if found is None:
        return question | {
            "Trials (patients)": "none", "Certainty": "no evidence",
            "Relative effect": "–", "Without cells": "–", "With cells": "–",
        }  # fmt: skip
    return question | {
        "Trials (patients)": f"{found.k} ({found.n})",
        "Certainty": certainty_cell(found.certainty, footnotes),
        "Relative effect": relative_effect(found, result.log),
        "Without cells": without_cells(found),
        "With cells": with_cells(evidence, found),
    }


def relative_effect(found: SynthesisFinding, log: bool) -> str:
    """The measure with what the interval rule shows: a headline, one trial's own result, or two intervals without one."""
    measure, mark = found.plan["measure"], source_mark(found.rows)
    if found.k == 2:
        return f"{measure} {models_apart(found.rule, log)}{mark}"
    _, pooled = _stated(found)
    return f"{measure} {estimate_with_interval(*displayed_limits(pooled, log))}{mark}"


def without_cells(found: SynthesisFinding) -> str:
    """How many of 1,000 patients have the event without cells."""
    effect = found.effects.get(_stated(found)[0])
    return f"{number(effect.baseline, 0)} {_unit(found)}" if effect else "–"


def with_cells(evidence: Evidence, found: SynthesisFinding) -> str:
    """The same with cells, with its interval; for scores, how far they are shifted."""
    if found.effects:
        return _treated(found)
    if found.plan["measure"] == "SMD":
        return _shifted(evidence, found)
    return "–"


def certainty_cell(judged: Certainty | None, footnotes: Footnotes) -> str:
    """The level, and the letters of the reasons for each step."""
    if judged is None:
        return NOT_JUDGED
    moved = judged.judgements[judged.judgements["step"] != 0]
    reasons = [f"{sentence_case(row.domain)}, {number(row.step, 0)}: {row.ground}" for row in moved.itertuples()]
    letters = ", ".join(footnotes.letter(reason) for reason in reasons)
    return sentence_case(judged.level) + (f" ({letters})" if letters else "")


def _counts_events(found: SynthesisFinding) -> bool:
    return bool(found.plan["measure"] == "IRR")


def _unit(found: SynthesisFinding) -> str:
    if found.plan["measure"] == "GenOR":
        return "of 1,000 pairs"
    return "events in 1,000" if _counts_events(found) else "of 1,000"


def _stated(found: SynthesisFinding) -> tuple[str, Pooled]:
    """The result to state first: the headline, else the first that is shown."""
    shown = [(label, each) for label, each in found.rule.shown if each is found.rule.headline]
    return (shown or list(found.rule.shown))[0]


def _treated(found: SynthesisFinding) -> str:
    if found.k == 2:
        parts = [
            f"{interval(*found.effects[label].treated[1:], 0)} ({label})"
            for label, _ in narrowest_and_widest(found.rule)
        ]
        return f"{' or '.join(parts)} {_unit(found)}"
    effect = found.effects[_stated(found)[0]]
    fewer = number(abs(effect.difference[0]), 0)
    way = "more" if effect.difference[0] > 0 else "fewer"
    return f"{estimate_with_interval(*effect.treated, 0)} {_unit(found)}: {fewer} {way}"


def _shifted(evidence: Evidence, found: SynthesisFinding) -> str:
    """A standardized difference in words, and in points of the scales whose SD the control groups give."""
    if found.k == 2:
        effects = sorted({size_in_words(row.estimate) for row in found.rows.itertuples()})
        said = f"{sentence_case(' and '.join(effects))} in the single trials"
    else:
        said = f"{sentence_case(size_in_words(_stated(found)[1].estimate))} by size"
    return "; ".join([*(_in_points(evidence, found, scale) for scale in found.points)] or [said])


def _in_points(evidence: Evidence, found: SynthesisFinding, scale: ScaleOfPoints) -> str:
    name = evidence.outcomes.at[scale.outcome, "name"]
    where = f"points of the {name}"
    if found.k == 2:
        parts = [
            f"{interval(scale.sd * each.ci_low, scale.sd * each.ci_high, 1)} ({label})"
            for label, each in narrowest_and_widest(found.rule)
        ]
        return f"{' or '.join(parts)} {where}"
    each = _stated(found)[1]
    estimate, low, high = (scale.sd * value for value in (each.estimate, each.ci_low, each.ci_high))
    return f"{estimate_with_interval(estimate, low, high, 1)} {where}"


def size_in_words(smd: float) -> str:
    """Cohen's words for a standardized mean difference: below 0.2 negligible, then small, moderate, large."""
    return next(word for limit, word in SIZES if abs(smd) < limit)


def reading(evidence: Evidence, results: Results) -> Markdown:
    """What each question comes to in a sentence, said as firmly as its certainty allows."""
    sentences = [f"- **{as_text(result.plan['title'])}.** {_sentence(evidence, result)}" for result in results.values()]
    return Markdown("\n".join(sentences) or "No question is planned in these data.")


def _sentence(evidence: Evidence, result: PlannedSynthesis) -> str:
    found = finding(evidence, result)
    if found is None:
        return f"No trial of {POPULATION_NAMES[result.population]} answers this in a comparable way."
    better = benefit(evidence, result)
    said = verdict(found.rule, better) if found.k > 1 else left_open(found.rule.shown[0][1], better)
    trials = f"{sentence_case(count(found.k, 'trial'))} with {found.n} patients; {said}."
    if found.certainty is None:
        return f"{trials} How certain this is has not been judged for exactly these trials."
    if found.certainty.level == "very low":
        return f"{trials} The certainty is very low: what the cells do here is not known."
    return f"{trials} The certainty is {found.certainty.level}."


def controls(evidence: Evidence, results: Results) -> Markdown | None:
    """Where the risks without cells come from."""
    found = [each for each in (finding(evidence, result) for result in results.values()) if each and each.controls]
    lines = [
        f"- {as_text(each.plan['title'])}: {each.controls.events:g} {'events in' if _counts_events(each) else 'of'} "
        f"{each.controls.n:g} patients in the control {'group' if each.k == 1 else 'groups'} of "
        f"{listed([as_text(evidence.trials[trial].name) for trial in each.controls.trials])}"
        for each in found
        if each.controls
    ]
    return Markdown("\n".join(lines)) if lines else Markdown("No pooled question counts patients or events.")


def scales(evidence: Evidence, results: Results) -> Markdown | None:
    """On which scales standardized differences are read in points."""
    found = [each for each in (finding(evidence, result) for result in results.values()) if each]
    standardized = [each for each in found if each.plan["measure"] == "SMD"]
    lines = []
    for each in standardized:
        own = [
            f"{as_text(evidence.outcomes.at[scale.outcome, 'name'])}, one SD being {scale.sd:g} points, as in the "
            f"{'changes of the ' if scale.variable == 'change' else ''}control group of "
            f"{as_text(evidence.trials[scale.trial].name)}"
            for scale in each.points
        ]
        said = listed(own) if own else "no control group's SD was reported, so the shift can not be read in points"
        lines.append(f"- {as_text(each.plan['title'])}: {said}")
    if not lines:
        return None
    return markdown(
        "Scores of different scales are pooled in standard deviations (0.2 is small, 0.5 moderate, 0.8 large) and read in "
        "points of a scale where a control group gives its SD:",
        "\n".join(lines),
    )


def judgements(evidence: Evidence) -> Any:
    """All judgements with their grounds, those that took nothing off among them: a folded table a body of evidence."""
    tables = []
    bodies = evidence.certainty.groupby(["synthesis", "trials"], sort=False)
    for position, ((synthesis, named), rows) in enumerate(bodies, start=1):
        trials = listed([evidence.trials[trial].name for trial in named.split() if trial in evidence.trials] or [named])
        title = f"{evidence.syntheses.at[synthesis, 'title']}: {trials}"
        frame = pd.DataFrame(
            {
                "Domain": rows["domain"].map(sentence_case),
                "Levels": [number(step, 0) for step in rows["step"]],
                "Ground": rows["ground"],
            }
        )
        tables.append((f"judgements-{position}", title, frame))
    if not tables:
        return Markdown("The data hold no judgement of certainty, so none is shown.")
    return folded_tables(tables)


def unjudged(evidence: Evidence, results: Results) -> Markdown | None:
    """Names the questions whose trials have not been judged together; nothing where all were."""
    found = [finding(evidence, result) for result in results.values()]
    names = [as_text(each.plan["title"]) for each in found if each is not None and each.certainty is None]
    if not names:
        return None
    return markdown(
        f"**Not judged:** {listed(names)}. A judgement in `certainty.csv` speaks of exactly the trials it names; "
        "for the trials shown here there is none, and none is made up."
    )


def levels() -> Markdown:
    """What the four words mean."""
    return Markdown("\n".join(f"- **{sentence_case(level)}.** {meaning}" for level, meaning in WHAT_IT_MEANS.items()))
