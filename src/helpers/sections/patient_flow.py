"""Who took part: the flow of participants, the sets that are analysed, and the patients at entry."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import Markdown

from helpers.charts import consort_diagram, interval_plot
from helpers.format import number, percent
from helpers.patients.analysis_sets import SETS, analysis_sets
from helpers.patients.baseline import Baseline, baseline_table, describe
from helpers.patients.flow import Flow, participant_flow
from helpers.sections.layout import table
from helpers.sections.patient_chapter import ROLES, SET_NAMES, Chapter
from helpers.sections.sentences import as_text, count, listed, markdown, sentence_case

CHARACTERISTICS = {
    "AGE": "Age (years)",
    "SEX": "Sex",
    "BMI": "Body mass index (kg/m²)",
    "STRKDY": "Days from stroke to entry",
    "SITEID": "Site",
    "STRKYR": "Years from stroke to entry",
    "LESIONSD": "Side of the stroke",
}
LEVELS = {
    "SEX": {"M": "men", "F": "women", "U": "not stated"},
    "LESIONSD": {"L": "left", "R": "right"},
}
NOT_AT_ENTRY = ("USUBJID", "TRT01P", "TRT01A", "EOSSTT", "DCSREAS", "EOSDY")
FEW = 6  # different values of a number up to which it is shown as categories
TOLD = {"died": "died", "lost": "could not be followed up", "withdrawn": "withdrew", "other": "left for another reason"}
ENDS = {"died": "died", "lost": "lost to follow-up", "withdrawn": "withdrew", "other": "left for another reason"}


def flow(chapter: Chapter) -> Flow:
    """Counts of participants; measured: with the main outcome on its day."""
    measured = None
    if chapter.primary:
        measured = chapter.values(chapter.primary, chapter.day(chapter.primary))["USUBJID"]
    return participant_flow(chapter.patients.adsl, chapter.arms, measured, chapter.trial.patients.assessed)


def flow_chart(chapter: Chapter) -> Any:
    """The flow of participants; more than three arms are drawn as one column of all patients."""
    counts = flow(chapter)
    arms = counts.arms
    together = len(arms) > 3
    if together:
        total = arms.drop(columns="arm").sum(min_count=1)
        arms = pd.DataFrame([{"arm": "", **total}])
    randomised = chapter.trial.design == "randomised"
    entered = "Randomised" if randomised else "Enrolled"
    labels = [chapter.label(arm) if arm else f"{entered}, all arms" for arm in arms["arm"]]
    boxes = [["assessed", "Assessed for eligibility", counts.assessed, "all", None]] if counts.assessed else []
    if not together:
        boxes.append(["entered", entered, counts.randomised, "all", None])
    for i, (arm, label) in enumerate(zip(arms.to_dict("records"), labels, strict=True)):
        treated = [
            ("treated as planned", "treated"),
            ("treated as in another arm", "other_arm"),
            ("not treated", "untreated"),
        ]
        left = sum(int(arm[end]) for end in ENDS)
        known = int(arm["unknown"]) < int(arm["allocated"]) or not arm["allocated"]
        analysed = [("with the main outcome", "measured"), ("as treated", "as_treated")]
        boxes += [
            [f"arm-{i}", label, arm["allocated"], f"arm-{i}", _details(arm, treated)],
            [f"left-{i}", "Left the trial early" if known else "End of study not recorded", left if known else np.nan,
             f"arm-{i}", _details(arm, [(text, end) for end, text in ENDS.items()])],
            [f"analysed-{i}", "Analysed as randomised" if randomised else "Analysed", arm["itt"], f"arm-{i}",
             _details(arm, analysed, zeros=True)],
        ]  # fmt: skip
    frame = pd.DataFrame(boxes, columns=["id", "label", "count", "column", "details"])
    told = "; ".join(
        f"{label}{'' if pd.isna(n) else f' {n:.0f}'}" for label, n in zip(frame["label"], frame["count"], strict=True)
    )
    return chapter.show(
        consort_diagram(
            frame, title=f"{chapter.trial.name}: flow of participants", description=f"Flow of participants: {told}."
        )
    )


def _details(arm: dict[Any, Any], lines: list[tuple[str, str]], zeros: bool = False) -> str | None:
    told = [f"{text}: {int(arm[key])}" for text, key in lines if pd.notna(arm[key]) and (zeros or arm[key])]
    return "\n".join(told) or None


def flow_table(chapter: Chapter) -> Any:
    """The same counts, every arm on its own."""
    counts = flow(chapter).arms.set_index("arm")
    entered = "Randomised" if chapter.trial.design == "randomised" else "Enrolled"
    rows = {
        "allocated": entered, "treated": "Treated as planned", "other_arm": "Treated as in another arm",
        "untreated": "Not treated", "completed": "Completed the trial", "ongoing": "Still in the trial",
        **{end: sentence_case(text) for end, text in ENDS.items()}, "unknown": "End of study not recorded",
        "itt": "In the intention-to-treat set", "measured": "of them with the main outcome",
        "as_treated": "In the as-treated set, as treated",
    }  # fmt: skip
    needed = {"allocated", "treated", "died", "lost", "withdrawn", "itt", "measured"}
    frame = pd.DataFrame(
        [
            {"Step": text} | {chapter.label(arm): number(counts.at[arm, key], 0) for arm in counts.index}
            | ({"All": number(counts[key].sum(min_count=1), 0)} if len(counts) > 1 else {})
            for key, text in rows.items()
            if key in needed or counts[key].sum() > 0
        ]
    )  # fmt: skip
    notes = []
    if chapter.primary:
        notes.append(
            f"The main outcome is the {chapter.name(chapter.primary)}, {chapter.visit(chapter.day(chapter.primary))}."
        )
    return chapter.show(table(frame, id="flow", title=f"{chapter.trial.name}: flow of participants", notes=notes))


def flow_sentence(chapter: Chapter) -> Markdown | None:
    """How many were lost, and who left their arm."""
    counts = flow(chapter)
    arms = counts.arms
    total = int(arms["allocated"].sum())
    parts = []
    if (arms["unknown"] == arms["allocated"]).all():
        parts.append("The data do not say how each patient's time in the trial ended.")
    else:
        left = [f"{count(int(arms[end].sum()), 'patient')} {told}" for end, told in TOLD.items() if arms[end].sum()]
        parts.append(
            f"Of {total} patients, {listed(left)}." if left else f"All {total} patients stayed to the end of the trial."
        )
    moved = int(arms["other_arm"].sum() + arms["untreated"].sum())
    if moved:
        parts.append(f"{sentence_case(count(moved, 'patient'))} did not receive what was planned.")
    if chapter.primary:
        lack = int(arms["itt"].sum() - arms["measured"].sum())
        parts.append(
            f"The main outcome is missing for {count(lack, 'patient')}."
            if lack
            else "The main outcome is known for every patient of the intention-to-treat set."
        )
    if counts.assessed is None:
        parts.append("How many people were assessed for eligibility is not in the data.")
    return markdown(" ".join(parts))


def sets_table(chapter: Chapter) -> Any:
    """How many patients each set holds."""
    sizes = analysis_sets(chapter.patients.adsl, chapter.arms).sizes
    frame = pd.DataFrame(
        [
            {"Set": sentence_case(SET_NAMES[name])}
            | {chapter.label(row.arm): number(row.n, 0) for row in sizes[sizes["set"] == name].itertuples()}
            for name in SETS
        ]
    )
    return chapter.show(table(frame, id="sets", title="Patients in each analysis set"))


def sets_sentence(chapter: Chapter) -> Markdown | None:
    """Whether the sets differ, and which one the results use."""
    if not chapter.sets_differ:
        return markdown("Every patient is analysed in the arm that was planned, so both sets give the same results.")
    moved = analysis_sets(chapter.patients.adsl, chapter.arms).moved
    away = moved[moved["planned"] != moved["actual"]]
    told = [
        f"{count(row.n, 'patient')} planned for {as_text(chapter.label(row.planned))} "
        + ("was " if row.n == 1 else "were ")
        + (f"treated as {as_text(chapter.label(row.actual))}" if row.actual else "not treated in any arm")
        for row in away.itertuples()
    ]
    return markdown(
        f"{sentence_case(listed(told)) if told else 'The sets hold different patients'}. Results are given as randomised; "
        "the as-treated result stands beside the main ones, because leaving the arm may have had its reasons."
    )


@lru_cache(maxsize=8)  # most cells of a page ask for the same
def characteristics(chapter: Chapter) -> tuple[pd.DataFrame, dict[str, str], dict[str, str]]:
    """What is known at entry: a frame with one row a patient as randomised, column -> kind, and column -> label.

    Columns of adsl that say something about the patient at entry, and the baseline score of every outcome.
    """
    frame = chapter.members("itt").reset_index(drop=True)
    kinds: dict[str, str] = {}
    labels: dict[str, str] = {}
    for column in chapter.patients.adsl.columns:
        if column in NOT_AT_ENTRY or column.endswith("FL"):
            continue
        numbers = pd.to_numeric(frame[column], errors="coerce")
        stated = frame[column].notna() & (frame[column].astype(str) != "")
        numeric = bool(stated.any()) and bool(numbers[stated].notna().all())
        if numeric and numbers.nunique() > FEW:
            frame[column], kinds[column] = numbers, "continuous"
        elif frame.loc[stated, column].nunique() <= FEW and stated.any():
            frame[column] = frame[column].astype(object).where(stated, None).replace(LEVELS.get(column, {}))
            kinds[column] = "categorical"
        else:
            continue
        labels[column] = CHARACTERISTICS.get(column, column)
    for outcome in chapter.outcomes:
        values = chapter.scores(outcome, chapter.day(outcome))["baseline"]
        if values.notna().any():
            column = f"{outcome} at baseline"
            frame[column], kinds[column] = values, "continuous"
            labels[column] = f"{chapter.short(outcome)} at baseline"
    return frame, kinds, labels


@lru_cache(maxsize=8)
def baseline(chapter: Chapter) -> tuple[Baseline, dict[str, str]] | None:
    """Both sides described and compared; None without patients on both."""
    frame, kinds, labels = characteristics(chapter)
    if not chapter.two_sides or not kinds:
        return None
    return baseline_table(frame, frame["role"], kinds, ROLES), labels


def baseline_chart(chapter: Chapter) -> Any:
    """Standardised differences at entry."""
    made = baseline(chapter)
    if made is None:
        return None
    result, labels = made
    rows = result.rows[result.rows["difference"].notna()]
    if rows.empty:
        return None
    names = [labels[row.characteristic] + (f": {row.level}" if row.level else "") for row in rows.itertuples()]
    drawn = pd.DataFrame({"label": names, "estimate": rows["difference"], "ci_low": np.nan, "ci_high": np.nan})
    told = "; ".join(f"{row.label} {number(row.estimate)}" for row in drawn.itertuples())
    return chapter.show(
        interval_plot(
            drawn.reset_index(drop=True),
            axis_title="Standardised difference at baseline (SD units)",
            reference=0,
            favours=("higher in control", "higher with cells"),
            title=f"{chapter.trial.name}: how far apart the arms were at entry",
            description="Standardised differences at baseline, "
            f"{chapter.side('experimental')} minus {chapter.side('control')}: {told}.",
            row_title="Characteristic",
            numbers_title="Difference",
        )
    )


def baseline_shown(chapter: Chapter) -> Any:
    """The patients at entry, by side; all together where there is no control group."""
    made = baseline(chapter)
    if made is None:
        return _one_group(chapter)
    result, labels = made
    sides = [f"{chapter.side(role)} (n = {n})" for role, n in zip(ROLES, result.n, strict=True)]
    frame = pd.DataFrame(
        [
            {"Characteristic": _row_name(row, labels)}
            | {side: _cell(row, suffix) for side, suffix in zip(sides, ("_1", "_2"), strict=True)}
            | {"Standardised difference": number(row["difference"])}
            for row in result.rows.to_dict("records")
        ]
    )
    notes = [
        "Numbers: mean ± SD; median (quartiles). No p-values: chance made these differences if the allocation was random."
    ]
    return chapter.show(table(frame, id="baseline", title="Patients at entry", notes=notes))


def _one_group(chapter: Chapter) -> Any:
    frame, kinds, labels = characteristics(chapter)
    if not kinds:
        return Markdown("Nothing about the patients at entry is in the data.")
    rows = describe(frame, kinds).to_dict("records")
    shown = pd.DataFrame(
        [{"Characteristic": _row_name(row, labels), f"All patients (n = {len(frame)})": _cell(row, "")} for row in rows]
    )
    notes = ["Numbers: mean ± SD; median (quartiles)."]
    return chapter.show(table(shown, id="baseline", title="Patients at entry", notes=notes))


def baseline_sentence(chapter: Chapter) -> Markdown | None:
    """Which differences are larger than chance usually makes them."""
    made = baseline(chapter)
    if made is None:
        return None
    result, labels = made
    rows = result.rows[result.rows["difference"].notna()]
    large = rows[rows["difference"].abs() > result.expected]
    told = [f"{as_text(labels[row.characteristic])} ({number(row.difference)})" for row in large.itertuples()]
    expected = (
        f"In arms of {result.n[0]} and {result.n[1]} patients, chance alone makes a standardised difference up to "
        f"{number(result.expected)} in 95 of 100 characteristics."
    )
    found = (
        f"Larger {'is' if len(told) == 1 else 'are'} {listed(told)}."
        if told
        else f"None of the {count(len(rows), 'characteristic')} is further apart."
    )
    return markdown(f"{expected} {found}")


def _row_name(row: dict[Any, Any], labels: dict[str, str]) -> str:
    return labels[row["characteristic"]] + (f": {row['level']}" if row["level"] else "")


def _cell(row: dict[Any, Any], suffix: str) -> str:
    missing = int(row[f"missing{suffix}"])
    note = f" ({missing} missing)" if missing else ""
    if row["kind"] == "categorical":
        return f"{int(row[f'count{suffix}'])} ({percent(row[f'share{suffix}'], 0)}){note}"
    values = {name: row[f"{name}{suffix}"] for name in ("mean", "sd", "median", "q1", "q3")}
    places = 2 if pd.notna(values["sd"]) and values["sd"] < 1 else 1
    return (
        f"{number(values['mean'], places)} ± {number(values['sd'], places)}; {number(values['median'], places)} "
        f"({number(values['q1'], places)} to {number(values['q3'], places)}){note}"
    )
