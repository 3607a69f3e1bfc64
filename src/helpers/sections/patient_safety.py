"""Adverse events of one trial's patients."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pandas as pd
from IPython.display import Markdown

from helpers.charts import interval_plot
from helpers.effects.exact import proportion_interval
from helpers.format import (
    estimate_with_interval,
    number,
    p_value,
    percent,
    percent_with_interval,
)
from helpers.patients.adverse_events import AdverseEvents, adverse_events, events_by_term, worst_grades
from helpers.sections.layout import table
from helpers.sections.patient_chapter import ROLES, Chapter
from helpers.sections.sentences import as_text, count, listed, markdown, sentence_case

TERMS = 20  # most frequent kinds of event in the table


def known(chapter: Chapter) -> bool:
    """Whether adverse events were recorded at all."""
    return "adae" in chapter.patients.tables


def set_with_groups(chapter: Chapter) -> tuple[pd.DataFrame, list[str], dict[str, str]]:
    """The safety set with its groups as `arm`, their order, and what they are called: two sides where there are both roles, else
    all patients together.
    """
    patients = chapter.members("safety")
    if set(patients["role"]) >= set(ROLES):
        return patients.assign(arm=patients["role"]), list(ROLES), {role: chapter.side(role) for role in ROLES}
    return patients.assign(arm="all"), ["all"], {"all": "All patients"}


@lru_cache(maxsize=8)  # most cells of a page ask for the same
def events(chapter: Chapter) -> tuple[AdverseEvents, dict[str, str]]:
    """The counts and the names of the groups."""
    patients, groups, names = set_with_groups(chapter)
    return adverse_events(patients, chapter.patients.adae, groups, level=chapter.level), names


def events_chart(chapter: Chapter) -> Any:
    """Share of patients with at least one event of each kind."""
    if not known(chapter):
        return None
    result, names = events(chapter)
    rows = result.arms
    drawn = pd.DataFrame(
        {
            "label": [
                sentence_case(row.category) + (f", {names[row.arm]}" if len(names) > 1 else "")
                for row in rows.itertuples()
            ],
            "estimate": rows["share"],
            "ci_low": rows["ci_low"],
            "ci_high": rows["ci_high"],
        }
    )
    told = "; ".join(
        f"{row.category}, {names[row.arm]}: {row.patients} of {row.n}" for row in rows.itertuples()
    )  # fmt: skip
    return chapter.show(
        interval_plot(
            drawn,
            axis_title="Patients with at least one event (%), lower is better",
            percent=True,
            title=f"{chapter.trial.name}: patients with an adverse event",
            description=f"Patients with at least one event, exact {chapter.level:.0%} limits: {told}.",
            row_title="Event and group" if len(names) > 1 else "Event",
            numbers_title=f"Share ({chapter.level:.0%} CI)",
        )
    )


def events_table(chapter: Chapter) -> Any:
    """Patients, events and rates of every group."""
    if not known(chapter):
        return Markdown("No table of adverse events is among the data.")
    result, names = events(chapter)
    frame = pd.DataFrame(
        [
            {
                "Events": sentence_case(row.category),
                "Group": names[row.arm],
                "Patients": f"{row.patients} of {row.n}",
                f"Share (exact {chapter.level:.0%} limits)": percent_with_interval(row.share, row.ci_low, row.ci_high),
                "Number of events": row.events,
                f"Per patient-year (exact {chapter.level:.0%} limits)": estimate_with_interval(
                    row.rate, row.rate_low, row.rate_high
                ),
            }
            for row in result.arms.itertuples()
        ]
    )
    if len(names) == 1:
        frame = frame.drop(columns="Group")
    notes = []
    if result.arms["years"].isna().any():
        notes.append("No rate where the time at risk of a patient is not in the data.")
    if result.outside:
        notes.append(f"Not counted: {count(result.outside, 'event')} of patients outside the safety set.")
    return chapter.show(table(frame, id="adverse-events", title="Adverse events, safety set as treated", notes=notes))


def comparison_table(chapter: Chapter) -> Any:
    """Both sides compared; nothing without a control group."""
    if not known(chapter):
        return None
    result, _ = events(chapter)
    if result.compared.empty or not chapter.two_sides:
        return None
    frame = pd.DataFrame(
        [
            {
                "Events": sentence_case(row.category),
                f"Risk difference ({chapter.level:.0%})": percent_with_interval(
                    row.risk_difference, row.rd_low, row.rd_high
                ),
                "Fisher": p_value(row.p),
                f"Rate ratio (exact {chapter.level:.0%})": estimate_with_interval(
                    row.rate_ratio, row.rr_low, row.rr_high
                ),
                "Exact test": "–" if pd.isna(row.rr_p) else p_value(row.rr_p),
                "Rate ratio, robust limits": estimate_with_interval(row.rate_ratio, row.robust_low, row.robust_high)
                if pd.notna(row.robust_low)
                else "–",
            }
            for row in result.compared.itertuples()
        ]
    )
    notes = [
        f"{chapter.side('experimental')} against {chapter.side('control')}. Risk difference with Newcombe's limits.",
        "The exact rate ratio takes events as independent; the robust limits let events of one patient hang together.",
    ]
    return chapter.show(table(frame, id="events-compared", title="Adverse events compared", notes=notes))


def events_sentence(chapter: Chapter) -> Markdown | None:
    """What is apart, and what no event leaves possible."""
    if not known(chapter):
        return None
    result, names = events(chapter)
    parts = []
    if len(result.compared) and chapter.two_sides:
        apart = result.compared[(result.compared["rd_low"] > 0) | (result.compared["rd_high"] < 0)]
        told = [
            f"{row.category} ({percent_with_interval(row.risk_difference, row.rd_low, row.rd_high)})"
            for row in apart.itertuples()
        ]
        parts.append(
            f"The risk differs between the groups, by its interval, for {listed(told)}."
            if told
            else "No kind of event is clearly more frequent in one of the groups; with so few patients that is no proof of safety."
        )
    related = result.arms[result.arms["category"] == "serious and related"]
    for row in related.itertuples():
        if row.patients == 0 and row.arm != "control":  # a control group has nothing an event could be related to
            upper = proportion_interval(0, row.n, chapter.level, side="upper").high
            parts.append(
                f"{as_text(names[row.arm])}: no patient of {row.n} had a serious event related to the treatment; the "
                "risk could "
                f"still be as high as {percent(float(upper))} (one-sided {chapter.level:.0%} upper limit)."
            )
    return markdown(" ".join(parts))


def terms_table(chapter: Chapter) -> Any:
    """The kinds of event, the commonest first."""
    if not known(chapter) or chapter.patients.adae.empty:
        return None
    patients, groups, names = set_with_groups(chapter)
    terms = events_by_term(patients, chapter.patients.adae, groups)
    if terms.empty:
        return None
    frame = pd.DataFrame(
        [
            {"Event": row["term"]}
            | {names[group]: f"{row[f'patients_{group}']} ({row[f'events_{group}']})" for group in groups}
            for row in terms.head(TERMS).to_dict("records")
        ]
    )
    notes = ["Patients with the event (number of events)."]
    if len(terms) > TERMS:
        notes.append(f"The {TERMS} most frequent of {len(terms)} kinds of event.")
    return chapter.show(table(frame, id="terms", title="Kinds of event", notes=notes))


def terms_sentence(chapter: Chapter) -> Markdown | None:
    """The commonest event, and the worst there were."""
    if not known(chapter):
        return None
    patients, groups, _ = set_with_groups(chapter)
    terms = events_by_term(patients, chapter.patients.adae, groups)
    if terms.empty:
        return markdown("No adverse event was recorded.")
    total = terms[[f"patients_{group}" for group in groups]].sum(axis=1)
    parts = [
        f"The most frequent event was {as_text(terms['term'].iloc[0])}, in {count(int(total.iloc[0]), 'patient')}."
    ]
    grades = worst_grades(patients, chapter.patients.adae, groups)
    if grades[["4", "5"]].to_numpy().sum():
        severe, fatal = (int(grades[name].sum()) for name in ("4", "5"))
        parts.append(
            f"At worst, {count(severe, 'patient')} had an event of grade 4 and {count(fatal, 'patient')} one of grade 5."
        )
    return markdown(" ".join(parts))


def grades_table(chapter: Chapter) -> Any:
    """Patients by their worst grade."""
    if not known(chapter) or chapter.patients.adae["AETOXGR"].isna().all():
        return None
    patients, groups, names = set_with_groups(chapter)
    grades = worst_grades(patients, chapter.patients.adae, groups)
    headings = {"none": "No event", **{str(grade): f"Grade {grade}" for grade in range(1, 6)}, "unknown": "No grade"}
    frame = pd.DataFrame(
        [
            {"Group": names[row["arm"]]} | {text: number(row[name], 0) for name, text in headings.items()}
            for row in grades.to_dict("records")
        ]
    )
    return chapter.show(table(frame, id="grades", title="Patients by their worst grade"))
