"""The chapter of a dose escalation: its lead, the tiers and their rule, and what the chapter can not show."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import Markdown

from helpers.charts import interval_plot, tier_plot
from helpers.charts.tiers import MOST
from helpers.format import percent
from helpers.patients.escalation import (
    NOT_FORESEEN,
    RULES,
    DoseTiers,
    EscalationRule,
    dose_limiting,
    dose_tiers,
    none_of,
    rule_from,
)
from helpers.sections.layout import table
from helpers.sections.patient_chapter import Chapter
from helpers.sections.sentences import as_text, count, listed, markdown, sentence_case
from helpers.sections.within_group import changed

RISKS = (0.05, 0.1, 0.2, 0.3, 0.5)
STATES = ("no serious event", "serious event", "dose-limiting event")


def lead(chapter: Chapter) -> Markdown | None:
    """Who was given which dose, and what was measured when."""
    adsl = chapter.patients.adsl
    doses = chapter.trial.patients.doses
    arms = [
        f"{int((adsl['TRT01P'] == arm).sum())} to {as_text(chapter.label(arm))}"
        for arm in chapter.arms
        if (adsl["TRT01P"] == arm).any()
    ]
    days = sorted({day for outcome in chapter.outcomes for day in chapter.days(outcome)})
    measured = (
        f"{sentence_case(count(len(chapter.outcomes), 'outcome'))} {'was' if len(chapter.outcomes) == 1 else 'were'} "
        "measured, after "
        f"baseline at {listed([as_text(chapter.visit(day)) for day in days])}."
        if days
        else "No outcome was measured after baseline."
    )
    dosed = (
        f" Doses are in million cells per kg, {listed([f'{dose:g}' for dose in sorted(set(doses.values()))])}."
        if doses
        else ""
    )
    return markdown(
        f"**{as_text(chapter.trial.name)}, patient by patient.** {len(adsl)} patients entered, "
        f"{listed(arms)}.{dosed} {measured} There is "
        f"{'a' if chapter.two_sides else 'no'} control group.",
        missing(chapter),
    )


def missing(chapter: Chapter) -> str:
    """What this chapter would use and the data do not hold, in one sentence; empty where nothing lacks."""
    lacks = []
    if not chapter.trial.patients.doses:
        lacks.append("the dose of each arm")
    if not chapter.trial.patients.escalation:
        lacks.append("the rule by which the dose was raised")
    if "adae" not in chapter.patients.tables:
        lacks.append("adverse events")
    elif "DLTFL" not in chapter.patients.adae:
        lacks.append("which events were dose-limiting")
    if not changed(chapter):
        lacks.append("an outcome with a score at baseline and after it")
    if "EOSSTT" not in chapter.patients.adsl:
        lacks.append("how each patient's time in the trial ended")
    return f"Not in the data: {listed(lacks)}." if lacks else ""


@lru_cache(maxsize=8)  # most cells of a page ask for the same
def tiers(chapter: Chapter) -> DoseTiers | None:
    """The tiers and the rule applied to them; None without doses or without adverse events."""
    doses = chapter.trial.patients.doses
    if not doses or "adae" not in chapter.patients.tables:
        return None
    patients = chapter.members("as-treated")
    patients = patients[patients["arm"].isin(doses)]
    if patients.empty:
        return None
    order = {arm: doses[arm] for arm in chapter.arms if arm in doses}
    return dose_tiers(patients, chapter.patients.adae, order, rule(chapter, patients), chapter.level)


def rule(chapter: Chapter, patients: pd.DataFrame) -> EscalationRule:
    """The rule of trial.toml; without one 3+3 where every tier but the last has 3 or 6 patients, else none of the tier's patients
    with a dose-limiting event: then it is assumed, and says so.
    """
    terms = chapter.trial.patients
    if terms.escalation:
        steps = [dict(zip(("patients", "at_most", "then"), step, strict=True)) for step in terms.escalation]
        return rule_from(steps, "the trial's rule", terms.escalation_source or "as trial.toml says")
    sizes = patients["arm"].value_counts()
    going_on = [int(sizes[arm]) for arm in _escalated(chapter, sizes)]
    if going_on and set(going_on) <= {3, 6}:
        known = RULES["3+3"]
        return EscalationRule(known.name, known.steps, f"assumed from the sizes of the tiers; {known.source}")
    return none_of(going_on or [int(n) for n in sizes])


def _escalated(chapter: Chapter, sizes: pd.Series) -> list[str]:
    """The arms after which a higher dose was given."""
    doses = chapter.trial.patients.doses
    top = max(doses[arm] for arm in sizes.index)
    return [arm for arm in sizes.index if doses[arm] < top]


def tier_name(chapter: Chapter, arm: str) -> str:
    return chapter.label(arm)


def tiers_chart(chapter: Chapter) -> Any:
    """One mark a patient; shares with their upper limits where tiers are too large for that."""
    result = tiers(chapter)
    if result is None:
        return Markdown("Without the dose of each arm and a table of adverse events no tier can be judged.")
    frame = result.tiers
    # a patient is in the worst of the states
    limiting, _ = dose_limiting(chapter.patients.adae)
    adae = chapter.patients.adae
    members = chapter.members("as-treated")
    worst = [set(adae.loc[limiting, "USUBJID"]), set(adae.loc[adae["AESER"] == "Y", "USUBJID"])]
    rows = []
    for row in frame.itertuples():
        own = set(members.loc[members["arm"] == row.arm, "USUBJID"])
        dlt = len(own & worst[0])
        serious = len((own & worst[1]) - worst[0])
        rows.append([tier_name(chapter, row.arm), row.n - dlt - serious, serious, dlt])
    drawn = pd.DataFrame(rows, columns=["label", *STATES])
    told = "; ".join(
        f"{row['label']}: {row[STATES[2]]} with a dose-limiting event, {row[STATES[1]]} more with a serious one, of {n}"
        for row, n in zip(drawn.to_dict("records"), frame["n"], strict=True)
    )
    title = f"{chapter.trial.name}: events in each dose tier"
    if frame["n"].max() <= MOST:
        return chapter.show(
            tier_plot(drawn, states=STATES, title=title, description=f"Patients by their worst event: {told}.")
        )
    limits = pd.DataFrame(
        {
            "label": [tier_name(chapter, arm) for arm in frame["arm"]],
            "estimate": frame["limiting"] / frame["n"], "ci_low": np.nan, "ci_high": frame["limiting_high"],
        }
    )  # fmt: skip
    return chapter.show(
        interval_plot(
            limits,
            axis_title=f"Patients with a dose-limiting event (%), one-sided {chapter.level:.0%} upper limit",
            percent=True,
            title=title,
            description=f"Patients by their worst event: {told}.",
            row_title="Tier",
            numbers_title="Share (upper limit)",
        )
    )


def tiers_table(chapter: Chapter) -> Any:
    """Events of each tier with upper limits, and what the rule says."""
    result = tiers(chapter)
    if result is None:
        return None
    rows = [
        {
            "Tier": tier_name(chapter, row.arm),
            "Dose": f"{row.dose:g}",
            "Dose-limiting": f"{row.limiting} of {row.n} (up to {percent(row.limiting_high)})",
            "Serious": f"{row.serious} of {row.n} (up to {percent(row.serious_high)})",
            "Serious and related": f"{row.related_serious} of {row.n} (up to {percent(row.related_serious_high)})",
            "The rule says": _decision(row),
            "What followed": _followed(row),
        }
        for row in result.tiers.itertuples()
    ]
    total = result.doses.iloc[-1]
    every = {"Tier": "All doses", "Dose": "", "The rule says": "", "What followed": ""}
    for name, heading in (
        ("limiting", "Dose-limiting"),
        ("serious", "Serious"),
        ("related_serious", "Serious and related"),
    ):
        every[heading] = f"{total[name]:.0f} of {total['n']:.0f} (up to {percent(total[f'{name}_high'])})"
    rows.append(every)
    notes = [
        f"Patients with such an event; one-sided exact {chapter.level:.0%} upper limits. Dose in million cells per kg.",
        f"Dose-limiting: {result.definition}.",
        f"Rule: {result.rule.name} ({result.rule.source}).",
    ]
    return chapter.show(table(pd.DataFrame(rows), id="tiers", title="Dose tiers", notes=notes))


def _decision(row: Any) -> str:
    if pd.isna(row.next_dose):
        return "last tier"
    if row.next_dose == row.dose:
        return "not asked: the same dose goes on"
    return "nothing about a tier of this size" if row.decision == NOT_FORESEEN else row.decision


def _followed(row: Any) -> str:
    if pd.isna(row.next_dose):
        return "–"
    if not row.went_on:
        return "more patients at this dose"
    return f"{row.next_dose:g}, {'allowed' if row.allowed else 'not allowed by the rule'}"


def tiers_sentence(chapter: Chapter) -> Markdown | None:
    """Whether every step up was allowed, and what no event leaves possible."""
    result = tiers(chapter)
    if result is None:
        return None
    steps = result.tiers[result.tiers["went_on"]]
    allowed = int(steps["allowed"].sum())
    parts = []
    if len(steps):
        parts.append(
            f"The dose was raised {_times(len(steps))}; by the rule ({as_text(result.rule.name)}, "
            f"{as_text(result.rule.source)}) "
            + (
                "each step was allowed."
                if allowed == len(steps)
                else f"{allowed} of the {len(steps)} steps were allowed."
            )
        )
    smallest = result.tiers.loc[result.tiers["n"].idxmin()]
    if smallest["limiting"] == 0:
        parts.append(
            f"No dose-limiting event in {count(int(smallest['n']), 'patient')} still agrees with a true risk of up to "
            f"{percent(float(smallest['limiting_high']))}."
        )
    total = result.doses.iloc[-1]
    parts.append(
        f"Over all doses, {_of(int(total['limiting']), int(total['n']))} had one: the risk is at most "
        f"{percent(float(total['limiting_high']))} (one-sided {chapter.level:.0%} limit), if it does not depend on "
        "the dose."
    )
    return markdown(" ".join(parts))


def _of(events: int, n: int) -> str:
    return f"none of {n} patients" if not events else f"{count(events, 'patient')} of {n}"


def _times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{n} times")


def going_on_table(chapter: Chapter) -> Any:
    """How often the rule would raise the dose if a tier's true risk were known."""
    result = tiers(chapter)
    if result is None:
        return None
    rules = [result.rule] if result.rule.name == "3+3" else [result.rule, RULES["3+3"]]
    frame = pd.DataFrame(
        [
            {"Rule": each.name if each is result.rule else f"{each.name}, for comparison"}
            | {f"Risk {risk:.0%}": percent(float(each.probability_of_escalation(risk)[0]), 0) for risk in RISKS}
            for each in rules
        ]
    )
    notes = [
        "Chance that the next dose is given when each patient of the tier has a dose-limiting event with this risk."
    ]
    return chapter.show(table(frame, id="going-on", title="How much the rule can see", notes=notes))


def going_on_sentence(chapter: Chapter) -> Markdown | None:
    """What a small tier lets through."""
    result = tiers(chapter)
    if result is None:
        return None
    chance = float(result.rule.probability_of_escalation(0.2)[0])
    return markdown(
        f"A dose that harms one patient in five would have been passed with a chance of {percent(chance, 0)}: tiers "
        "of this size protect "
        "against common harm only."
    )


def limits(chapter: Chapter) -> Markdown:
    """What can not be concluded from this chapter."""
    points = []
    if chapter.patients.demonstration:
        points.append(
            "Nothing about the trial: these patients were generated so that their totals match what was published. "
            "They show what the "
            "chapter looks like, and no number of theirs enters a synthesis."
        )
    if not chapter.two_sides:
        points.append(
            "That the cells caused any change: without a control group the same change may be recovery, practice, "
            "expectation, regression to "
            "the mean, or who came back."
        )
    result = tiers(chapter)
    if result is not None:
        total = result.doses.iloc[-1]
        points.append(
            f"That a dose is safe: {int(total['n'])} patients can not show harm that befalls fewer than about one in "
            f"{max(2, int(total['n'] / 3))}."
        )
        if len(result.tiers) > 1:
            points.append(
                "That a higher dose works better or worse: tiers are small, treated one after the other, and not "
                "compared at random."
            )
    points.append("That these patients stand for others: who enters an early trial is chosen.")
    return Markdown("\n".join(f"- {point}" for point in points))
