"""The page of one trial."""

from __future__ import annotations

import dataclasses
import functools
import re
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import Markdown
from scipy.stats import t as student_t

from helpers import effects as es
from helpers.charts import forest_plot, interval_plot, shift_bars
from helpers.charts.bias import DOMAINS
from helpers.charts.shift import LEVEL_COLOURS
from helpers.effects.arm_events import event_rates, event_shares
from helpers.effects.level_counts import level_counts
from helpers.effects.trial_effects import scale_levels, strongest, trial_effects, usable, weakest_kind
from helpers.evidence import Evidence, Trial
from helpers.evidence.patient_results import FILE, PATIENTS
from helpers.format import (
    estimate_with_interval,
    interval,
    kind_mark,
    number,
    p_value,
    percent,
    percent_with_interval,
)
from helpers.sections.layout import table
from helpers.sections.patient_numbers import own_numbers, replaced_numbers, trial_sentence
from helpers.sections.safety import named
from helpers.sections.sentences import (
    MEASURES,
    adjusted_tests,
    as_text,
    count,
    displayed,
    favours,
    listed,
    markdown,
    sentence_case,
)

FACTS = {
    "population": "Patients",
    "cell_type": "Cells",
    "cell_source": "Source of the cells",
    "dose": "Dose",
    "route": "Route",
    "timing": "Time from stroke",
    "comparator": "Comparator",
    "allocation": "Allocation",
    "blinding": "Blinding",
    "centres": "Centers",
    "country": "Country",
    "follow_up": "Follow-up",
    "primary_outcome": "Primary outcome",
    "entry_criteria": "Entry criteria",
}
DESIGNS = {
    "randomised": "randomised trial",
    "non-randomised": "controlled trial without randomisation",
    "single-arm": "trial without a control group",
}
CLASSES = {
    "iv-msc": "mesenchymal stem cells given into a vein",
    "other-route-msc": "mesenchymal stem cells given by another route",
    "near-relative": "cells related to mesenchymal stem cells (a near relative: not in the main results)",
}
DIFFERENCES = ["SMD"]
RATIOS = ["RR", "IRR", "GenOR"]


def lead(evidence: Evidence, trial: str) -> Markdown | None:
    """Design, cells and size in one sentence."""
    chosen = evidence.trials[trial]
    registry = f" Registered as {as_text(chosen.registry)}." if chosen.registry else ""
    analysed = [arm.n_analysed for arm in chosen.arms if not arm.part_of]
    size = f", {sum(n for n in analysed if n)} patients analysed" if all(analysed) else ""
    return markdown(
        f"**{as_text(chosen.title)}.** A {DESIGNS[chosen.design]} of {CLASSES[chosen.population_class]}{size}; "
        f"{count(len(chosen.reports), 'report')} read.{registry}",
        trial_sentence(evidence, trial),
    )


def conflicts(evidence: Evidence, trial: str) -> Markdown:
    """Where the sources disagree or stay silent."""
    chosen = evidence.trials[trial]
    if not chosen.conflicts:
        return Markdown("No conflict between the sources of this trial was found.")
    points = [f"- {as_text(conflict)}" for conflict in chosen.conflicts]
    return Markdown("\n".join([":::{admonition} Conflicts and warnings", ":class: warning", *points, ":::"]))


def facts(evidence: Evidence, trial: str) -> Any:
    """Who was treated, with what, when and how, each with its source."""
    chosen = evidence.trials[trial]
    frame = pd.DataFrame(
        [
            {
                "What": FACTS.get(name, sentence_case(name.replace("_", " "))),
                "As reported": f"{fact.value}{kind_mark(fact.kind)}",
                "Read in": source_text(evidence, fact.source, fact.locator),
            }
            for name, fact in chosen.facts.items()
        ]
    )
    kinds = [fact.kind for fact in chosen.facts.values()]
    return table(frame, id="facts", title=f"{chosen.name}: what was done", kinds=kinds, empty="Not stated.")


def arms(evidence: Evidence, trial: str) -> Any:
    """The arms and how many patients each had."""
    return arms_table([evidence.trials[trial]], id="arms", title="Arms")


def arms_table(trials: list[Trial], *, id: str, title: str) -> Any:
    """The arms of several trials."""
    frame = pd.DataFrame(
        [
            {
                "Trial": trial.name,
                "Arm": f"{arm.label} (part of {arm.part_of})" if arm.part_of else arm.label,
                "Role": arm.role,
                "Randomised": number(arm.n_randomised, 0),
                "Analysed": number(arm.n_analysed, 0),
            }
            for trial in trials
            for arm in trial.arms
        ]
    )
    return table(
        frame if len(trials) > 1 else frame.drop(columns="Trial"),
        id=id,
        title=title,
        notes=["– not stated"] if (frame == "–").any(axis=None) else [],
    )


def own_effects(evidence: Evidence, trial: str, sources: str, level: float) -> pd.DataFrame:
    """The trial's effect sizes with a label for each row, which names the analysis set where there are several."""
    return _effects(evidence, trial, sources, level).copy()


@functools.lru_cache(maxsize=1)  # most cells of a page ask for the same
def _effects(evidence: Evidence, trial: str, sources: str, level: float) -> pd.DataFrame:
    frame = trial_effects(_alone(evidence, trial), sources=sources, level=level)
    sets = frame.groupby(["outcome", "day"])["population"].transform("nunique")
    frame["label"] = [
        f"{evidence.outcomes.at[row.outcome, 'name']}, {row.visit}" + (f" ({row.population})" if several else "")
        for row, several in zip(frame.itertuples(), sets > 1, strict=True)
    ]
    return frame


@functools.lru_cache(maxsize=2)  # both kinds of limits
def _event_shares(evidence: Evidence, trial: str, sources: str, level: float, side: str = "two-sided") -> pd.DataFrame:
    return event_shares(_alone(evidence, trial), sources=sources, level=level, side=side)


def _alone(evidence: Evidence, trial: str) -> Evidence:
    """The evidence without the other trials: nothing on this page depends on them."""
    own = evidence.results[evidence.results["trial"] == trial]
    return dataclasses.replace(evidence, trials={trial: evidence.trials[trial]}, results=own)


def differences(evidence: Evidence, trial: str, sources: str, level: float) -> Any:
    """Forest plot of the standardized mean differences."""
    return _forest(evidence, trial, sources, level, DIFFERENCES, "Standardized mean difference (SD units)", False)


def ratios(evidence: Evidence, trial: str, sources: str, level: float) -> Any:
    """Forest plots of the ratios, one chart for events that cells should prevent and one for those they should bring."""
    return _forest(evidence, trial, sources, level, RATIOS, "Ratio, cells to control", True)


def _forest(
    evidence: Evidence, trial: str, sources: str, level: float, measures: list[str], axis: str, log: bool
) -> Any:
    rows = own_effects(evidence, trial, sources, level)
    rows = rows[rows["measure"].isin(measures) & ~rows["no_events"]]
    name = evidence.trials[trial].name
    if rows.empty:
        return None
    better = rows["measure"].isin(["SMD", "GenOR"]) | rows["outcome"].map(evidence.outcomes["direction"].eq("higher"))
    side = ("lower with cells", "higher with cells")
    if better.all() or not better.any():
        side = favours(1 if better.all() else -1)
    kinds = listed([MEASURES[measure] for measure in rows["measure"].unique()])
    return forest_plot(
        rows[["label", "estimate", "ci_low", "ci_high", "kind"]],
        measure_label=axis,
        log=log,
        favours=side,
        title=f"{name}: {kinds}",
        description=f"{name}, {kinds} of {count(len(rows), 'result')} with {level:.0%} intervals: "
        + "; ".join(
            f"{row.label} {estimate_with_interval(row.estimate, row.ci_low, row.ci_high)}" for row in rows.itertuples()
        ),
        row_title="Outcome",
        numbers_title=f"Estimate ({level:.0%} CI)",
    )


def effects(evidence: Evidence, trial: str, sources: str, level: float) -> Any:
    """Every effect size, with the numbers it comes from and the way it was computed."""
    rows = own_effects(evidence, trial, sources, level)
    rows = rows[rows["measure"] != "OR"]  # beside the risk ratio it says the same again; it stands in the downloads
    if rows.empty:
        return Markdown("No comparison between groups can be computed from what this trial reported.")
    frame = pd.DataFrame(
        {
            "Outcome": rows["label"],
            "Measure": [sentence_case(MEASURES[measure]) for measure in rows["measure"]],
            f"Estimate ({level:.0%} interval)": [
                effect_text(row.measure, row.estimate, row.ci_low, row.ci_high) + kind_mark(row.kind)
                for row in rows.itertuples()
            ],
            "From": rows["inputs"],
            "How": rows["route"],
        }
    )
    return table(frame, id="effects", title="Effect sizes, cells against control", kinds=rows["kind"])


def effect_text(measure: str, estimate: float, low: float, high: float) -> str:
    """An effect with its interval; risk differences in percent."""
    write = percent_with_interval if measure == "RD" else estimate_with_interval
    return write(estimate, low, high)


def effects_sentence(evidence: Evidence, trial: str, sources: str, level: float) -> Markdown | None:
    """How many of the comparisons tell the groups apart."""
    rows = own_effects(evidence, trial, sources, level)
    compared = rows[rows["measure"].isin([*DIFFERENCES, *RATIOS]) & ~rows["no_events"]]
    if compared.empty:
        return None
    log = compared["measure"].isin(RATIOS)
    apart = (compared["ci_low"] > log.astype(float)) | (compared["ci_high"] < log.astype(float))
    means = compared[compared["route"] == "means and SDs"]
    checked = [_recomputed(evidence, trial, sources, row) for row in means.itertuples() if row.measure == "SMD"]
    return markdown(
        f"Intervals drawn above that exclude no difference: {int(apart.sum())} of {len(compared)}. Many outcomes of one trial are "
        "not independent, and the ones that are printed in a summary are rarely the weakest.",
        *checked,
        adjusted_tests(evidence, compared),
    )


def _recomputed(evidence: Evidence, trial: str, sources: str, row: Any) -> str:
    """The p-values that follow from printed means and SDs, beside the printed ones."""
    own = evidence.results[evidence.results["trial"] == trial]
    here = usable(own, sources)
    here = here[(here["outcome"] == row.outcome) & (here["day"] == row.day)]
    printed = here[here["statistic"].isin(["p", "p_adjusted"])].drop_duplicates(["statistic", "printed"])
    cells, control = ([arm.id for arm in evidence.trials[trial].arms if arm.role == role] for role in _ROLES)
    if len(cells) != 1 or len(control) != 1:
        return ""
    own_rows = here[(here["report"] == row.report) & (here["population"] == row.population)]
    summary = strongest(own_rows).set_index(["arm", "statistic"])["value"]
    m1, sd1, n1, m2, sd2, n2 = (
        float(summary[arm[0], name]) for arm in (cells, control) for name in ("mean", "sd", "n")
    )
    welch = es.mean_test(m1, sd1, n1, m2, sd2, n2).p
    student = es.mean_test(m1, sd1, n1, m2, sd2, n2, equal_var=True).p
    claims = [
        f"{'adjusted ' if each.statistic == 'p_adjusted' else ''}{p_value(each.value)}" for each in printed.itertuples()
    ]
    reported = f" The trial's reports give {as_text(listed(claims))}." if claims else ""
    return (
        f"{as_text(evidence.outcomes.at[row.outcome, 'name'])}: from the printed means and SDs, Welch's test gives "
        f"{p_value(float(welch))} and Student's {p_value(float(student))}.{reported}"
    )


_ROLES = ("experimental", "control")


def shift_blocks(evidence: Evidence, trial: str, sources: str) -> list[tuple[str, pd.Series, pd.DataFrame]]:
    """Each time at which both sides report patients at every level: its label, the scale, one row an arm and level."""
    counts = level_counts(_alone(evidence, trial), sources=sources)
    counts = counts[counts["trial"] == trial]
    reports = {report.id: report.label for report in evidence.trials[trial].reports}
    blocks = []
    for (report, outcome, day, population), block in counts.groupby(
        ["report", "outcome", "day", "population"], sort=False
    ):
        same = counts[(counts["outcome"] == outcome) & (counts["day"] == day)]
        apart = [population] if same["population"].nunique() > 1 else []
        apart += [reports[report]] if same["report"].nunique() > 1 else []
        visit = block["visit"].iloc[0] + (f" ({', '.join(apart)})" if apart else "")
        blocks.append((visit, evidence.outcomes.loc[outcome], block))
    return blocks


def shifts(evidence: Evidence, trial: str, sources: str) -> list[Any]:
    """The distribution over the whole scale as stacked bars, one chart a time point."""
    name = evidence.trials[trial].name
    labels = {arm.id: arm.label for arm in evidence.trials[trial].arms}
    charts: list[Any] = []
    for visit, scale, block in shift_blocks(evidence, trial, sources):
        levels = [f"{level:g}" for level in scale_levels(scale)]
        if len(levels) > len(LEVEL_COLOURS):
            charts.append(Markdown(f"{as_text(scale['name'])}, {as_text(visit)}: too many levels to be drawn."))
            continue
        wide = pd.DataFrame(
            [
                {"arm": labels[arm]} | dict(zip(levels, own["count"].astype(int), strict=True))
                for arm, own in block.groupby("arm", sort=False)
            ]
        )
        spoken = "; ".join(
            f"{row['arm']}: {', '.join(f'{row[at]} at {at}' for at in levels)}" for _, row in wide.iterrows()
        )
        charts.append(
            shift_bars(
                wide,
                levels=levels,
                scale_label=f"{scale['name']}, {levels[0]} to {levels[-1]}",
                lower_is_better=scale["direction"] != "higher",
                title=f"{name}: {scale['abbreviation'] or scale['name']}, {visit}",
                description=f"{name}, patients at each level of the {scale['name']}, {visit}. {spoken}",
            )
        )
    return charts or [
        Markdown("The reports read do not print, for both groups, the number of patients at each level of a scale.")
    ]


def shift_sentence(evidence: Evidence, trial: str, sources: str, level: float) -> Markdown | None:
    """The shift in numbers: chance of a better score, common odds ratio, Wilcoxon test."""
    blocks = shift_blocks(evidence, trial, sources)
    several = len({scale.name for _, scale, _ in blocks}) > 1
    sentences = []
    for visit, scale, block in blocks:
        if scale["direction"] == "none":
            continue
        first, second = (
            block[block["role"] == role].groupby("level")["count"].sum().sort_index().to_numpy() for role in _ROLES
        )
        chance = es.probability_of_better(first, second, better=scale["direction"])
        ratio = _common_odds_ratio(first, second, scale["direction"], level)
        when = as_text(f"{scale['name']}, {visit}" if several else sentence_case(visit))
        sentences.append(
            f"**{when}.** Take one treated and one control patient at random: the treated one has the better "
            f"score with a chance of {percent(float(chance))} (ties counted half; 50% is no difference). {ratio}, "
            f"Wilcoxon {p_value(float(es.wilcoxon_p(first, second)))}."
        )
    return markdown(*sentences)


def _common_odds_ratio(first: np.ndarray, second: np.ndarray, better: str, level: float) -> str:
    try:
        common = es.common_odds_ratio(first, second, better=better)
    except ValueError:  # the groups do not overlap
        return "The common odds ratio is not finite"
    low, high = common.interval(level)
    middle, low, high = (displayed(float(value), True) for value in (common.yi, low, high))
    return f"Common odds ratio for a better score {estimate_with_interval(middle, low, high)}"


def change_rows(evidence: Evidence, trial: str, sources: str, level: float) -> pd.DataFrame:
    """Mean changes from baseline with their intervals, for arms that report mean and SD, or a printed interval.

    Columns: label, estimate, ci_low, ci_high, p (paired t, nan where there is no SD), inputs, kind.
    """
    own = usable(evidence.results[evidence.results["trial"] == trial], sources)
    own = own[(own["variable"] == "change") & (own["comparator"] == "")]
    labels = {arm.id: arm.label for arm in evidence.trials[trial].arms}
    rows = []
    for (outcome, _, arm, _), block in own.groupby(["outcome", "day", "arm", "population"], sort=False):
        if evidence.outcomes.at[outcome, "type"] not in ("ordinal", "continuous"):
            continue
        best = strongest(block).drop_duplicates("statistic").set_index("statistic")
        row = _change(best, level)
        if row is not None:
            name = evidence.outcomes.at[outcome, "name"]
            label = f"{name}, {block['visit'].iloc[0]}" + ("" if len(labels) == 1 else f" ({labels[arm]})")
            rows.append({"label": label, **row})
    return pd.DataFrame(rows, columns=["label", "estimate", "ci_low", "ci_high", "p", "inputs", "kind"])


def _change(best: pd.DataFrame, level: float) -> dict[str, Any] | None:
    value = best["value"]
    if {"mean", "sd", "n"} <= set(best.index):
        effect, df = es.raw_mean(value["mean"], value["sd"], value["n"]), value["n"] - 1
        low, high = effect.interval(level, df=df)
        inputs = f"{number(value['mean'], 1)} ± {number(value['sd'], 1)}, n {value['n']:g}"
        used = best.loc[["mean", "sd", "n"], "kind"]
        p = float(effect.p(df=df))
    elif {"mean", "ci_low", "ci_high"} <= set(best.index):
        low, high, inputs = _printed_limits(best, level)
        p, used = np.nan, best.loc[["mean", "ci_low", "ci_high"], "kind"]
    else:
        return None
    return {
        "estimate": float(value["mean"]),
        "ci_low": float(low),
        "ci_high": float(high),
        "p": p,
        "inputs": inputs,
        "kind": weakest_kind(used),
    }


def _printed_limits(best: pd.DataFrame, level: float) -> tuple[float, float, str]:
    """The limits at `level` that follow from a printed interval of a mean, and how they came about.

    An interval whose `method` names no percentage is taken for a 95% one. One of another level than asked for is converted by
    Student's t with n - 1 degrees of freedom, as for a mean change (Cochrane Handbook, section 6.5.2.2); nan without n.
    """
    value = best["value"]
    named = re.search(r"(\d+(?:\.\d+)?) ?%", best.at["ci_low", "method"])
    printed = float(named[1]) / 100 if named else 0.95
    said = f"printed {100 * printed:g}% interval"
    if np.isclose(level, printed):
        return value["ci_low"], value["ci_high"], said
    said += f" {interval(value['ci_low'], value['ci_high'], 1)}"
    if value.get("n", 0) < 2:
        return np.nan, np.nan, f"{said}; not converted, as n is not stated"
    ratio = student_t.ppf((1 + level) / 2, value["n"] - 1) / student_t.ppf((1 + printed) / 2, value["n"] - 1)
    half = ratio * (value["ci_high"] - value["ci_low"]) / 2
    return value["mean"] - half, value["mean"] + half, f"{said}, converted by t, n {value['n']:g}"


def changes(evidence: Evidence, trial: str, sources: str, level: float) -> Any:
    """Mean changes from baseline, drawn."""
    rows = change_rows(evidence, trial, sources, level)
    name = evidence.trials[trial].name
    if rows.empty:
        return Markdown("The reports read print no mean change from baseline with its spread.")
    return interval_plot(
        rows[["label", "estimate", "ci_low", "ci_high", "kind"]],
        axis_title="Mean change from baseline (points)",
        reference=0,
        title=f"{name}: change within a group",
        description=f"{name}, mean change from baseline: "
        + "; ".join(
            f"{row.label} {estimate_with_interval(row.estimate, row.ci_low, row.ci_high, 1)}"
            for row in rows.itertuples()
        ),
        row_title="Outcome",
        numbers_title=f"Mean ({level:.0%} CI)",
        digits=1,
    )


def changes_table(evidence: Evidence, trial: str, sources: str, level: float) -> Any:
    """Mean changes from baseline, in numbers."""
    rows = change_rows(evidence, trial, sources, level)
    if rows.empty:
        return None
    frame = pd.DataFrame(
        {
            "Outcome": rows["label"],
            f"Mean change ({level:.0%} interval)": [
                estimate_with_interval(row.estimate, row.ci_low, row.ci_high, 1) + kind_mark(row.kind)
                for row in rows.itertuples()
            ],
            "Paired t test": ["–" if np.isnan(p) else p_value(p) for p in rows["p"]],
            "From": rows["inputs"],
        }
    )
    note = "A change within one group is not an effect of the cells: without a control group, recovery and chance look the same."
    return table(frame, id="changes", title="Change from baseline", kinds=rows["kind"], notes=[note])


def other_shares(evidence: Evidence, trial: str, sources: str, level: float) -> Any:
    """Shares of patients in single groups that are neither safety outcomes nor part of a comparison above."""
    rows = _event_shares(evidence, trial, sources, level)
    compared = set(own_effects(evidence, trial, sources, level)["outcome"])
    rows = rows[
        (rows["trial"] == trial)
        & (rows["outcome"].map(evidence.outcomes["domain"]) != "safety")
        & ~rows["outcome"].isin(compared)
    ]
    if rows.empty:
        return None
    labels = {arm.id: arm.label for arm in evidence.trials[trial].arms} | {"all": "All"}
    frame = pd.DataFrame(
        {
            "Outcome": rows["outcome"].map(evidence.outcomes["name"]),
            "Time": rows["visit"],
            "Group": rows["arm"].map(labels),
            "Patients": [f"{row.events:g} of {row.n:g}{kind_mark(row.kind)}" for row in rows.itertuples()],
            f"Share (exact {level:.0%} limits)": [
                percent_with_interval(row.estimate, row.ci_low, row.ci_high) for row in rows.itertuples()
            ],
        }
    )
    return table(frame, id="shares", title="Shares of patients", kinds=rows["kind"])


def _shares(evidence: Evidence, trial: str, sources: str, level: float, side: str = "two-sided") -> pd.DataFrame:
    rows = named(evidence, _event_shares(evidence, trial, sources, level, side))
    return rows[rows["trial"] == trial]


def _rates(evidence: Evidence, trial: str, sources: str, level: float) -> pd.DataFrame:
    rows = named(evidence, event_rates(_alone(evidence, trial), sources=sources, level=level))
    return rows[rows["trial"] == trial]


def safety(evidence: Evidence, trial: str, sources: str, level: float) -> Any:
    """Patients with an event, by arm, drawn."""
    rows = _shares(evidence, trial, sources, level)
    name = evidence.trials[trial].name
    if rows.empty:
        return None
    return interval_plot(
        rows.assign(label=rows["outcome_name"] + ", " + rows["arm_label"])[
            ["label", "estimate", "ci_low", "ci_high", "kind"]
        ],
        axis_title="Patients with the event (%)",
        percent=True,
        title=f"{name}: patients with an event",
        description=f"{name}, share of patients with an event and exact {level:.0%} limits: "
        + "; ".join(f"{row.outcome_name}, {row.arm_label} {row.events:g} of {row.n:g}" for row in rows.itertuples()),
        row_title="Event and arm",
        numbers_title=f"Share ({level:.0%} CI)",
    )


def safety_table(evidence: Evidence, trial: str, sources: str, level: float) -> Any:
    """Events by arm with exact limits."""
    patients = _shares(evidence, trial, sources, level)
    events = _rates(evidence, trial, sources, level)
    if patients.empty and events.empty:
        return Markdown("The reports read give no count of events by arm.")
    frame = pd.DataFrame(
        [
            {
                "Event": row.outcome_name,
                "Arm": row.arm_label,
                "Time": row.visit,
                "Count": f"{row.events:g} of {row.n:g} patients{kind_mark(row.kind)}",
                f"Exact {level:.0%} limits": percent_with_interval(row.estimate, row.ci_low, row.ci_high),
            }
            for row in patients.itertuples()
        ]
        + [
            {
                "Event": row.outcome_name,
                "Arm": row.arm_label,
                "Time": row.visit,
                "Count": f"{row.events:g} events in {row.n:g} patients{kind_mark(row.kind)}",
                f"Exact {level:.0%} limits": estimate_with_interval(row.estimate, row.ci_low, row.ci_high)
                + " per patient",
            }
            for row in events.itertuples()
        ]
    )
    kinds = [*patients["kind"], *events["kind"]]
    return table(frame, id="safety", title="Events by arm", kinds=kinds)


def safety_sentence(evidence: Evidence, trial: str, sources: str, level: float) -> Markdown | None:
    """What a count of no events leaves possible."""
    rows = _shares(evidence, trial, sources, level, side="upper")
    none = rows[rows["events"] == 0]
    return markdown(
        *(
            f"{as_text(row.outcome_name)}, {as_text(row.arm_label)}: none of {row.n:g} patients. The risk could still be as "
            f"high as {percent(row.ci_high)} (one-sided {level:.0%} upper limit)."
            for row in none.itertuples()
        )
    )


def bias(evidence: Evidence, trial: str) -> Any:
    """The judgement of each domain and its ground."""
    own = evidence.bias[evidence.bias["trial"] == trial]
    if own.empty:
        return Markdown("The risk of bias of this trial has not been judged yet.")
    tool = own["tool"].iloc[0]
    frame = pd.DataFrame(
        {
            "Domain": own["domain"].map(DOMAINS[tool]),
            "Judgement": own["judgement"].map(sentence_case),
            "Ground": own["ground"],
        }
    )
    return table(frame, id="bias", title=f"Risk of bias by {tool}, from the reports read")


def published(evidence: Evidence, trial: str, sources: str) -> Any:
    """Every reported number with its source: one row for the numbers of one group at one time from one place.

    Those that gave way to numbers computed from the trial's patients say so; the computed ones are a file to download.
    """
    own = evidence.results[(evidence.results["trial"] == trial) & (evidence.results["kind"] != PATIENTS)]
    aside = replaced_numbers(evidence, trial)
    rows = usable(pd.concat([own, aside.assign(note="Set aside: the patient data stand in its place")]), sources)
    computed = len(own_numbers(evidence, trial))
    labels = {arm.id: arm.label for arm in evidence.trials[trial].arms} | {"all": "All"}
    place = ["outcome", "variable", "day", "arm", "comparator", "population", "source", "locator", "visit"]
    lines = []
    for (outcome, variable, _, arm, comparator, population, source, locator, visit), block in rows.groupby(
        place, sort=False
    ):
        name = evidence.outcomes.at[outcome, "name"] + (", change" if variable == "change" else "")
        lines.append(
            {
                "Outcome and time": f"{name}, {visit}",
                "Group": labels[arm] + (f" v {labels[comparator]}" if comparator else "") + f" ({population})",
                "Numbers": "; ".join(_reported(row) for row in block.itertuples()),
                "Read in": source_text(evidence, source, locator),
                "Note": ". ".join(dict.fromkeys(note for note in block["note"] if note)),
            }
        )
    return table(
        pd.DataFrame(lines),
        id="published",
        title=f"{count(len(rows), 'reported number').capitalize()}",
        kinds=rows["kind"],
        notes=[f"{computed} more are computed from its patients: {FILE} on the data page"] if computed else [],
        empty=f"No published number; {computed} are computed from its patients: {FILE} on the data page."
        if computed
        else "Nothing this trial reported was read in sources of the chosen kind.",
    )


_STATISTICS = {
    "sd": "SD",
    "se": "SE",
    "q1": "first quartile",
    "q3": "third quartile",
    "p_adjusted": "adjusted p",
    "ci_low": "lower limit",
    "ci_high": "upper limit",
}
_COUNTED = {"n": "patients", "events": "with the event", "event_count": "events", "person_years": "person-years"}
_DIRECTIONS = {1: "better", 0: "no difference", -1: "worse"}


def _reported(row: Any) -> str:
    """`14.8 mean`, `39 patients`, `p 0.023 (adjusted)`."""
    value = f"{row.qualifier}{row.printed}"
    if row.statistic == "direction":
        said = f"direction: {_DIRECTIONS[int(row.value)]}"
    elif row.statistic == "count":
        said = f"{value} at level {row.level}"
    elif row.statistic in _COUNTED:
        said = f"{value} {_COUNTED[row.statistic]}"
    elif row.statistic == "percent":
        said = f"{value}%"
    else:
        said = f"{_STATISTICS.get(row.statistic, row.statistic)} {value}"
    return f"{said} ({row.method}){kind_mark(row.kind)}" if row.method else f"{said}{kind_mark(row.kind)}"


def reports(evidence: Evidence, trial: str) -> Any:
    """The reports that were read, with links."""
    chosen = evidence.trials[trial]
    cited = {report.citation: report.kind for report in chosen.reports}
    own = evidence.results[evidence.results["trial"] == trial]
    others = sorted({*own["source"], *(fact.source for fact in chosen.facts.values())} - set(cited))
    lines = [f"- {as_text(evidence.references[key].text)} *({kind} report)*" for key, kind in cited.items()]
    lines += [f"- {as_text(evidence.references[key].text)} *(quoted for single numbers)*" for key in others]
    return Markdown("\n".join(lines))


def source_text(evidence: Evidence, key: str, locator: str) -> str:
    """`Chung et al. 2021, abstract, results`."""
    reference = evidence.references[key]
    year = f" {reference.year}" if reference.year else ""
    return f"{reference.authors_short}{year}, {locator}" if locator else f"{reference.authors_short}{year}"
