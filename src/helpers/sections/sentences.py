"""Sentences that read a result: every number in the book's prose is computed here."""

from __future__ import annotations

import re
from html import escape

import numpy as np
import pandas as pd
from IPython.display import Markdown

from helpers.effects.trial_effects import weakest_kind
from helpers.evidence import Evidence
from helpers.format import estimate_with_interval, interval, kind_mark, number, p_value
from helpers.synthesis import IntervalRule, Pooled
from helpers.synthesis.planned import PlannedSynthesis

MEASURES = {
    "RR": "risk ratio",
    "OR": "odds ratio",
    "RD": "risk difference",
    "IRR": "rate ratio",
    "MD": "mean difference",
    "SMD": "standardized mean difference",
    "GenOR": "generalised odds ratio",
}
POPULATION_NAMES = {
    "iv-msc": "mesenchymal stem cells given into a vein",
    "any-route": "mesenchymal stem cells by any route",
    "all": "mesenchymal stem cells or near relatives",
}
COUNT_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def as_text(value: object) -> str:
    """A text from the data for use in Markdown: whatever signs it holds, the page shows them and nothing else.

    HTML, and all signs that Markdown or MyST would read (emphasis, code, links, math, roles, directives, the signs that
    begin a block), lose their meaning; line breaks become spaces.
    """
    text = escape(" ".join(str(value).split()), quote=False)
    text = re.sub(r"[\\`*_\[\]${}~|]", r"\\\g<0>", text).replace(":::", r"\:\:\:")
    text = re.sub(r"^[-+#%(:=.!]", r"\\\g<0>", text)
    return re.sub(r"^(\d+)([.)])(?=\s|$)", r"\1\\\2", text)


def markdown(*parts: str) -> Markdown | None:
    """Markdown paragraphs for a page; empty ones are left out, and None stands for nothing to say."""
    text = "\n\n".join(part for part in parts if part)
    return Markdown(text) if text else None


def count(n: int, noun: str, plural: str | None = None) -> str:
    """`one trial`, `two trials`, `36 patients`."""
    word = COUNT_WORDS[n] if 0 <= n < len(COUNT_WORDS) else str(n)
    return f"{word} {noun if n == 1 else plural or noun + 's'}"


def listed(words: list[str]) -> str:
    """`A`, `A and B`, `A, B and C`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def sentence_case(text: str) -> str:
    """The text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def displayed(value: float, log: bool) -> float:
    """From the pooling scale to the one people read."""
    return float(np.exp(value)) if log else float(value)


def displayed_limits(result: Pooled, log: bool) -> tuple[float, float, float]:
    """Estimate and limits on the scale people read."""
    low, middle, high = (displayed(value, log) for value in (result.ci_low, result.estimate, result.ci_high))
    return middle, low, high


def benefit(evidence: Evidence, result: PlannedSynthesis) -> int:
    """+1 where a higher effect favours the cells, -1 where a lower one does."""
    if result.plan["measure"] in ("SMD", "GenOR"):
        return 1
    first = evidence.outcomes.loc[result.plan["outcomes"].split()[0]]
    return 1 if first["direction"] == "higher" else -1


def favours(better: int) -> tuple[str, str]:
    """What the left and the right side of an axis favour. better: +1 when higher favours the cells, else -1."""
    return ("favours control", "favours cells") if better > 0 else ("favours cells", "favours control")


def left_open(result: Pooled, better: int) -> str:
    """What the interval leaves open, in words."""
    if result.ci_low > 0 or result.ci_high < 0:
        return f"all of the interval {favours(better)[result.ci_low > 0]}"
    return "the interval leaves open both benefit and harm"


def verdict(rule: IntervalRule, better: int) -> str:
    """What all shown intervals say together."""
    shown = [each for _, each in rule.shown]
    if all(each.ci_low <= 0 <= each.ci_high for each in shown):
        return "every model leaves open both benefit and harm"
    if all(each.ci_low > 0 or each.ci_high < 0 for each in shown):
        return f"by every model {left_open(shown[0], better)}"
    return "whether there is an effect depends on the model, so it is not settled"


def headline_sentence(evidence: Evidence, result: PlannedSynthesis, rule: IntervalRule | None, whom: str) -> str:
    """What the trials say together, by the interval rule; a small number of trials is said to be small."""
    if rule is None:
        return f"**No trial** of {whom} reports this in a way that lets groups be compared."
    measure, better = MEASURES[result.plan["measure"]], benefit(evidence, result)
    k, mark = rule.shown[0][1].k, source_mark(result.pooled if rule is result.primary else result.effects)
    if rule.headline is None:
        models = "; ".join(
            f"{label} {estimate_with_interval(*displayed_limits(each, result.log))}{mark}" for label, each in rule.shown
        )
        if k == 1:
            only = rule.shown[0][1]
            said = estimate_with_interval(*displayed_limits(only, result.log)) + mark
            return f"**One trial** of {whom}, so nothing is pooled: {measure} {said}; {left_open(only, better)}."
        return (
            f"**Two trials** of {whom}, so there is no headline: the pooled {measure} depends on the model ({models}). "
            "Two trials can not show how much the effect differs from place to place."
        )
    headline = rule.headline
    said = estimate_with_interval(*displayed_limits(headline, result.log)) + mark
    small = f" {sentence_case(count(k, 'trial'))} are still a small body of evidence." if k < 5 else ""
    return (
        f"**{sentence_case(count(k, 'trial'))}** of {whom}: {measure} {said}, {p_value(headline.p)}; "
        f"{left_open(headline, better)}.{prediction_sentence(headline, result.log)}{small}"
    )


def source_mark(rows: pd.DataFrame) -> str:
    """The mark of the weakest kind of source among effects that are taken together."""
    return kind_mark(weakest_kind(rows["kind"]))


def adjusted_tests(evidence: Evidence, rows: pd.DataFrame) -> str:
    """The adjusted p-values beside effects that were worked out from a p-value; empty without one.

    rows: effects with trial, report, outcome, day, visit and route. Whatever sources the effects may use, an adjusted
    p of the same report, outcome and day is said: without it a result would look firmer than its report calls it.
    """
    sentences = []
    for row in rows[rows["route"].str.startswith("reported p")].itertuples():
        here = evidence.results
        for column in ("trial", "report", "outcome", "day"):
            here = here[here[column] == getattr(row, column)]
        found = here[here["statistic"] == "p_adjusted"].drop_duplicates("printed")
        said = [f"p {each.qualifier or '='} {each.printed}{kind_mark(each.kind)}" for each in found.itertuples()]
        if said:
            sentences.append(
                f"{as_text(evidence.trials[row.trial].name)}, {as_text(evidence.outcomes.at[row.outcome, 'name'])}, "
                f"{as_text(row.visit)}: the effect comes from a p-value that was not adjusted; after adjustment the same "
                f"comparison is reported with {as_text(listed(said))}."
            )
    return " ".join(sentences)


def prediction_sentence(result: Pooled, log: bool) -> str:
    """Where the effect in a new trial is expected; empty without a prediction interval."""
    if not np.isfinite(result.pi_low):
        return ""
    low, high = (displayed(limit, log) for limit in (result.pi_low, result.pi_high))
    return f" In a new trial the effect is expected between {number(low)} and {number(high)}."


def narrowest_and_widest(rule: IntervalRule) -> tuple[tuple[str, Pooled], tuple[str, Pooled]]:
    """The narrowest and the widest of the intervals shown, with their labels."""
    by_width = sorted(rule.shown, key=lambda shown: shown[1].ci_high - shown[1].ci_low)
    return by_width[0], by_width[-1]


def models_apart(rule: IntervalRule, log: bool) -> str:
    """How far the models for two trials disagree: the narrowest and the widest interval."""
    parts = []
    for label, each in narrowest_and_widest(rule):
        _, low, high = displayed_limits(each, log)
        parts.append(f"{interval(low, high)} ({label})")
    return " or ".join(parts)
