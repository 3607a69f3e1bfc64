"""Recovery of continuous scores in two arms: changes, tests, subgroups, and what missing scores could do."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import Markdown

from helpers.charts import interval_plot
from helpers.effects.trial_effects import scale_levels
from helpers.format import estimate_with_interval, number, p_value
from helpers.patients.missing import DeltaAdjusted, delta_adjusted_difference
from helpers.patients.recovery import Recovery, recovery
from helpers.patients.subgroup import SubgroupEffects, subgroup_differences, subgroup_shifts
from helpers.patients.within import holm
from helpers.sections.layout import table
from helpers.sections.patient_chapter import Chapter
from helpers.sections.sentences import as_text, count, favours, listed, markdown, sentence_case

DOMAINS = ("motor", "activities", "neurological", "disability")


def recovery_outcomes(chapter: Chapter) -> list[str]:
    """Outcomes with a score at baseline and after it, other than an ordinal main outcome."""
    main = chapter.primary if chapter.primary and chapter.scale(chapter.primary)["type"] == "ordinal" else ""
    return [name for name in chapter.of_domains(*DOMAINS, without=main) if name in chapter.changed]


@lru_cache(maxsize=8)  # most cells of a page ask for the same
def results(chapter: Chapter, name: str = "itt") -> list[tuple[str, int, Recovery]]:
    """Each outcome with its day and comparison; outcomes with fewer than two patients on a side are left out."""
    found = []
    for outcome in recovery_outcomes(chapter):
        day = chapter.day(outcome)
        frame = chapter.scores(outcome, day, name)
        try:
            found.append((outcome, day, recovery(frame["baseline"], frame["value"], frame["treated"], chapter.level)))
        except ValueError:
            continue
    return found


def recovery_chart(chapter: Chapter) -> Any:
    """Hedges' g of the changes, turned so that right favours the cells."""
    rows = []
    for outcome, day, result in results(chapter):
        if result.hedges_g is None:
            continue
        low, high = result.hedges_g.interval(chapter.level)
        limits = sorted(chapter.sign(outcome) * float(value) for value in (low, high))
        rows.append([_label(chapter, outcome, day), chapter.sign(outcome) * float(result.hedges_g.yi), *limits])
    if not rows:
        return Markdown("No outcome has a score at baseline and after it for patients of both groups.")
    frame = pd.DataFrame(rows, columns=["label", "estimate", "ci_low", "ci_high"])
    told = "; ".join(
        f"{row.label} {estimate_with_interval(row.estimate, row.ci_low, row.ci_high)}" for row in frame.itertuples()
    )
    return chapter.show(
        interval_plot(
            frame,
            axis_title="Hedges' g of the change (SD units)",
            reference=0,
            favours=favours(1),
            title=f"{chapter.trial.name}: recovery from baseline",
            description=f"Standardised difference of the change from baseline, above 0 favours cells: {told}.",
            row_title="Outcome",
            numbers_title=f"g ({chapter.level:.0%} CI)",
        )
    )


def _label(chapter: Chapter, outcome: str, day: int) -> str:
    """The outcome, and its visit where that is not the main one."""
    main = chapter.day(chapter.primary) if chapter.primary else day
    return chapter.short(outcome) + ("" if day == main else f", {chapter.visit(day)}")


def changes_table(chapter: Chapter) -> Any:
    """Changes by arm and their difference."""
    rows = []
    for outcome, day, result in results(chapter):
        sides = [
            f"{number(row.change_mean, 1)} ± {number(row.change_sd, 1)} (n = {row.n})"
            for row in result.arms.itertuples()
        ]
        g = result.hedges_g
        rows.append(
            {
                "Outcome": _label(chapter, outcome, day),
                f"Change, {chapter.side('experimental')}": sides[0],
                f"Change, {chapter.side('control')}": sides[1],
                f"Difference ({chapter.level:.0%})": estimate_with_interval(
                    result.difference, result.ci_low, result.ci_high, 1
                ),
                "Hedges' g": "–" if g is None else number(float(g.yi)),
                "Better": chapter.better(outcome),
            }
        )
    frame = pd.DataFrame(rows)
    notes = ["Mean ± SD of the patients with both scores; difference with Welch's limits, in points of each scale."]
    return chapter.show(table(frame, id="changes", title="Change from baseline by arm", notes=notes)) if rows else None


def tests_table(chapter: Chapter) -> Any:
    """Welch, ANCOVA and rank ANCOVA beside each other."""
    found = results(chapter)
    if not found:
        return None
    effects = [None if result.adjusted is None else result.adjusted.effects.iloc[0] for _, _, result in found]
    adjusted_p = holm(np.array([np.nan if effect is None else effect["p"] for effect in effects]))
    rows = [
        {
            "Outcome": _label(chapter, outcome, day),
            "Welch, change": _p(result.welch_p),
            f"ANCOVA on baseline, difference ({chapter.level:.0%})": "–"
            if effect is None
            else estimate_with_interval(effect["estimate"], effect["ci_low"], effect["ci_high"], 1),
            "ANCOVA": "–" if effect is None else p_value(effect["p"]),
            "ANCOVA, Holm": _p(over_all),
            "Rank ANCOVA": "–" if result.ranks is None else p_value(result.ranks.p),
        }
        for (outcome, day, result), effect, over_all in zip(found, effects, adjusted_p, strict=True)
    ]
    notes = [
        "ANCOVA: the score at the visit, adjusted for that at baseline. Rank ANCOVA: Quade 1967, residual ranks.",
        f"Holm: adjusted for {count(len(found), 'outcome')}.",
    ]
    return chapter.show(table(pd.DataFrame(rows), id="tests", title="Recovery tested in three ways", notes=notes))


def _p(value: float) -> str:
    return "–" if np.isnan(value) else p_value(float(value))


def recovery_sentence(chapter: Chapter) -> Markdown | None:
    """How many outcomes are apart, and how many would be by chance."""
    found = [
        (outcome, day, result.adjusted.effects.iloc[0])
        for outcome, day, result in results(chapter)
        if result.adjusted is not None
    ]
    if not found:
        return None
    told = []
    p = np.array([effect["p"] for _, _, effect in found])
    after = holm(p)
    for (outcome, day, effect), one, all_of_them in zip(found, p, after, strict=True):
        if one < 1 - chapter.level:
            side = favours(1)[int(chapter.sign(outcome) * effect["estimate"] > 0)]
            told.append(
                f"{as_text(_label(chapter, outcome, day))} ({side}, {p_value(one)}, after Holm "
                f"{p_value(float(all_of_them))})"
            )
    expected = len(found) * (1 - chapter.level)
    chance = (
        f"Of {len(found)} independent tests, {number(expected, 1)} would be below {number(1 - chapter.level, 2)} by "
        "chance; "
        "scores of one patient are not independent, so chance findings come in groups."
    )
    if not told:
        return markdown(f"Adjusted for baseline, no difference is clear. {chance}")
    return markdown(f"Adjusted for baseline, the difference is clear for {listed(told)}. {chance}")


def missing_table(chapter: Chapter) -> Any:
    """How different missing patients of the treated arm would have to be before a difference is gone."""
    rows = []
    for outcome, day, result in results(chapter):
        missing = result.arms["missing"].astype(int).tolist()
        if not sum(missing):
            continue
        made, spread = _delta(chapter, outcome, day, missing)
        rows.append(
            {
                "Outcome": _label(chapter, outcome, day),
                "Not measured, treated / control": f"{missing[0]} / {missing[1]}",
                f"Difference, missing at random ({chapter.level:.0%})": _row(made.by_delta.iloc[0]),
                "Treated missing one SD worse": _row(made.by_delta.iloc[1]),
                "Tipping point (points)": "–" if np.isnan(made.tipping) else number(made.tipping, 1),
                "SD of change": number(spread, 1),
            }
        )
    if not rows:
        return None
    notes = [
        "Missing patients of the treated arm are assumed to change by so much more than those measured (White 2018).",
        "Tipping point: the assumption at which the interval reaches no difference; – where it holds no difference anyway.",
    ]
    return chapter.show(
        table(pd.DataFrame(rows), id="missing", title="If scores are not missing at random", notes=notes)
    )


def _delta(chapter: Chapter, outcome: str, day: int, missing: list[int]) -> tuple[DeltaAdjusted, float]:
    frame = chapter.scores(outcome, day)
    treated, control = (
        frame.loc[frame["treated"] == side, "change"].dropna().to_numpy() for side in (True, False)
    )  # fmt: skip
    spread = float(np.concatenate([treated - treated.mean(), control - control.mean()]).std())
    worse = -chapter.sign(outcome) * spread
    return (
        delta_adjusted_difference(treated, missing[0], control, missing[1], [0.0, worse], chapter.level),
        spread,
    )


def _row(row: pd.Series) -> str:
    return estimate_with_interval(row["estimate"], row["ci_low"], row["ci_high"], 1)


def missing_sentence(chapter: Chapter) -> Markdown | None:
    """How much is missing, and what that assumption does."""
    found = results(chapter)
    if not found:
        return None
    lacking = [sum(result.arms["missing"].astype(int)) for _, _, result in found]
    if not sum(lacking):
        return markdown(
            "Every patient has both scores of every outcome, so nothing rests on an assumption about missing ones."
        )
    most = max(lacking)
    return markdown(
        f"Up to {count(most, 'patient')} of an outcome lack a score. The results above hold if these are missing at "
        "random, "
        "which the data can not show; the table moves that assumption."
    )


@lru_cache(maxsize=8)
def subgroup_results(chapter: Chapter) -> list[tuple[str, SubgroupEffects]]:
    """Effects by the subgroup that trial.toml names, the main outcome first; outcomes that can not be compared are "
    "left out."""
    column = chapter.trial.patients.subgroup
    if not column or column not in chapter.patients.adsl:
        return []
    found: list[tuple[str, SubgroupEffects]] = []
    main = chapter.primary
    if main and chapter.scale(main)["type"] == "ordinal":
        frame = chapter.scores(main, chapter.day(main))
        with suppress(ValueError, ArithmeticError):  # no two subgroups, or no finite effect in one
            found.append(
                (main, subgroup_shifts(frame["value"], frame["treated"], frame[column], scale_levels(chapter.scale(main)),
                                       chapter.better(main), chapter.level))
            )  # fmt: skip
    for outcome in recovery_outcomes(chapter):
        frame = chapter.scores(outcome, chapter.day(outcome))
        try:
            found.append(
                (outcome, subgroup_differences(frame["value"], frame["treated"], frame[column], frame["baseline"], chapter.level))
            )  # fmt: skip
        except ValueError:
            continue
    return found


def subgroup_chart(chapter: Chapter) -> Any:
    """Differences by subgroup in SD units of the change, turned so that right favours the cells."""
    rows = []
    for outcome, result in subgroup_results(chapter):
        if result.measure != "difference":
            continue
        change = chapter.scores(outcome, chapter.day(outcome))["change"].std()
        if not change > 0:
            continue
        scale = chapter.sign(outcome) / change
        for row in result.groups.itertuples():
            limits = sorted([scale * row.ci_low, scale * row.ci_high])
            rows.append([f"{chapter.short(outcome)}: {row.subgroup}", scale * row.estimate, *limits])
    if not rows:
        return None
    frame = pd.DataFrame(rows, columns=["label", "estimate", "ci_low", "ci_high"])
    told = "; ".join(
        f"{row.label} {estimate_with_interval(row.estimate, row.ci_low, row.ci_high)}" for row in frame.itertuples()
    )
    return chapter.show(
        interval_plot(
            frame,
            axis_title="Adjusted difference (SD of the change)",
            reference=0,
            favours=favours(1),
            title=f"{chapter.trial.name}: effect by {chapter.trial.patients.subgroup}",
            description=f"Difference between the arms in each subgroup, above 0 favours cells: {told}.",
            row_title="Outcome and subgroup",
            numbers_title=f"Difference ({chapter.level:.0%} CI)",
        )
    )


def subgroup_table(chapter: Chapter) -> Any:
    """Effects by subgroup, under the interaction test they belong to."""
    rows = []
    for outcome, result in subgroup_results(chapter):
        ordinal = result.measure == "log odds ratio"
        what = "common odds ratio of a better score" if ordinal else "adjusted difference"
        for row in result.groups.itertuples():
            values = (row.estimate, row.ci_low, row.ci_high)
            estimate, low, high = (float(np.exp(value)) if ordinal else float(value) for value in values)
            rows.append(
                {
                    "Subgroup": row.subgroup,
                    "Treated": number(row.treated, 0),
                    "Control": number(row.control, 0),
                    f"Effect ({chapter.level:.0%})": estimate_with_interval(estimate, low, high, 2 if ordinal else 1),
                    "of": f"{chapter.short(outcome)}, {what}: interaction {p_value(result.interaction_p)}",
                }
            )
    if not rows:
        return Markdown(
            "No subgroup can be compared: trial.toml names none, or no two subgroups have patients in both arms."
        )
    notes = [
        f"Subgroups by {chapter.trial.patients.subgroup}. One model an outcome, with arm, subgroup and their interaction.",
        "Only the interaction has a p-value: it is the question.",
    ]
    return chapter.show(
        table(pd.DataFrame(rows), id="subgroups", title="Effects by subgroup", notes=notes, groups="of")
    )


def subgroup_sentence(chapter: Chapter) -> Markdown | None:
    """Whether the effect differs between the subgroups."""
    found = subgroup_results(chapter)
    if not found:
        return None
    p = [result.interaction_p for _, result in found]
    told = [
        f"{as_text(chapter.short(outcome))} ({p_value(result.interaction_p)})"
        for outcome, result in found
        if result.interaction_p < 1 - chapter.level
    ]
    chance = (
        f"{sentence_case(count(len(p), 'interaction test'))} {'was' if len(p) == 1 else 'were'} made; "
        f"{number(len(p) * (1 - chapter.level), 1)} would be below {number(1 - chapter.level)} by chance."
    )
    if told:
        return markdown(
            f"The effect differs between the subgroups, by the interaction test, for {listed(told)}. {chance}"
        )
    return markdown(
        "No interaction test says that the effect differs between the subgroups; where one subgroup's interval "
        "excludes no "
        f"difference and another's does not, that is no difference between them. {chance}"
    )
