"""Safety across trials: patients with an event, counts of events, exact limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from IPython.display import Markdown

from helpers.charts import interval_plot
from helpers.effects.arm_events import event_rates, event_shares
from helpers.effects.exact import proportion_interval
from helpers.effects.trial_effects import trial_effects, weakest_kind
from helpers.evidence import Evidence
from helpers.format import estimate_with_interval, kind_mark, percent, percent_with_interval
from helpers.sections import layout
from helpers.sections.sentences import as_text, count, listed, markdown, source_mark


def named(evidence: Evidence, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of safety outcomes with the names of trial, outcome and arm, and the role of the arm."""
    rows = rows[(rows["outcome"].map(evidence.outcomes["domain"]) == "safety") & (rows["arm"] != "all")]
    arms = {(trial.id, arm.id): arm for trial in evidence.trials.values() for arm in trial.arms}
    own = [arms[key] for key in zip(rows["trial"], rows["arm"], strict=True)]
    return rows.assign(
        trial_name=rows["trial"].map({trial.id: trial.name for trial in evidence.trials.values()}),
        group=rows["trial"].map({trial.id: trial.population_class for trial in evidence.trials.values()}),
        outcome_name=rows["outcome"].map(evidence.outcomes["name"]),
        arm_label=[arm.label for arm in own],
        role=[arm.role for arm in own],
        part=[bool(arm.part_of) for arm in own],
    ).reset_index(drop=True)


def shares(evidence: Evidence, outcome: str, sources: str, level: float, side: str = "two-sided") -> pd.DataFrame:
    """One safety outcome in every arm that reports it; of several times the last."""
    rows = named(evidence, event_shares(evidence, sources=sources, level=level, side=side))
    rows = rows[rows["outcome"] == outcome].sort_values(["day"], kind="stable")
    last = rows.drop_duplicates(["trial", "arm"], keep="last")
    order = list(evidence.trials)
    return last.sort_values(
        ["group", "trial", "role"],
        key=lambda column: column.map(_ORDER | {t: i for i, t in enumerate(order)}),
        kind="stable",
    ).reset_index(drop=True)


_ORDER = {"iv-msc": 0, "other-route-msc": 1, "near-relative": 2, "experimental": 0, "control": 1}


def chart(evidence: Evidence, outcome: str, sources: str, level: float, side: str = "two-sided") -> Any:
    """Share of patients with the event in each arm."""
    rows = shares(evidence, outcome, sources, level, side)
    if rows.empty:
        return Markdown("No report read gives this by arm.")
    name = evidence.outcomes.at[outcome, "name"]
    limits = f"one-sided {level:.0%} upper limit" if side == "upper" else f"exact {level:.0%} limits"
    return interval_plot(
        rows.assign(
            label=rows["trial_name"] + ": " + rows["arm_label"],
            ci_low=np.nan if side == "upper" else rows["ci_low"],
        )[["label", "estimate", "ci_low", "ci_high", "kind", "group"]],
        axis_title=f"Patients (%), {limits}",
        percent=True,
        title=name,
        description=f"{name}, {limits}: "
        + "; ".join(
            f"{row.trial_name}, {row.arm_label}, {row.events:g} of {row.n:g} "
            f"({percent_with_interval(row.estimate, row.ci_low, row.ci_high)})"
            for row in rows.itertuples()
        ),
        row_title="Trial and arm",
        numbers_title=f"Share ({level:.0%} CI)" if side != "upper" else "Share (upper limit)",
    )


def table(evidence: Evidence, outcome: str, sources: str, level: float, side: str = "two-sided") -> Any:
    """Patients with the event in each arm."""
    rows = shares(evidence, outcome, sources, level, side)
    if rows.empty:
        return None
    limits = f"One-sided {level:.0%} upper limit" if side == "upper" else f"Exact {level:.0%} limits"
    frame = pd.DataFrame(
        {
            "Trial": rows["trial_name"],
            "Arm": rows["arm_label"],
            "Time": rows["visit"],
            "Patients with the event": [
                f"{row.events:g} of {row.n:g}{kind_mark(row.kind)}" for row in rows.itertuples()
            ],
            limits: [
                percent(row.ci_high)
                if side == "upper"
                else percent_with_interval(row.estimate, row.ci_low, row.ci_high)
                for row in rows.itertuples()
            ],
        }
    )
    return layout.table(frame, id=outcome, title=evidence.outcomes.at[outcome, "name"], kinds=rows["kind"])


def treated(evidence: Evidence, outcome: str, sources: str, level: float) -> pd.DataFrame:
    """The patients given mesenchymal stem cells into a vein, one row a trial: its treated arms are added up.

    Whole arms only. Columns: trial, trial_name, events, n, kind, ci_high (one-sided upper limit of the proportion).
    """
    rows = shares(evidence, outcome, sources, level)
    rows = rows[(rows["role"] == "experimental") & ~rows["part"].astype(bool) & (rows["group"] == "iv-msc")]
    sums = rows.groupby(["trial", "trial_name"], sort=False, as_index=False).agg(
        {"events": "sum", "n": "sum", "kind": weakest_kind}
    )
    if sums.empty:
        return sums.assign(ci_high=[])
    return sums.assign(ci_high=proportion_interval(sums["events"], sums["n"], level=level, side="upper").high)


def sentence(evidence: Evidence, outcome: str, sources: str, level: float) -> Markdown | None:
    """How many treated patients had the event, and what a count of none leaves possible."""
    rows = treated(evidence, outcome, sources, level)
    if rows.empty:
        return None
    events, patients = int(rows["events"].sum()), int(rows["n"].sum())
    name = as_text(evidence.outcomes.at[outcome, "name"].lower())
    silent = [trial.name for trial in evidence.trials.values() if trial.population_class == "iv-msc"]
    silent = [as_text(each) for each in silent if each not in set(rows["trial_name"])]
    largest = rows.loc[rows["n"].idxmax()]
    zero = (
        f" The largest of them, {as_text(largest['trial_name'])}, saw none in {largest['n']:g}: the risk there could still be as "
        f"high as {percent(largest['ci_high'])} (one-sided {level:.0%} limit)."
        if largest["events"] == 0
        else ""
    )
    unsaid = f" Not reported in what was read of {listed(silent)}." if silent else ""
    report = f"{count(len(rows), 'trial')} {'reports' if len(rows) == 1 else 'report'}"
    return markdown(
        f"Among patients given mesenchymal stem cells into a vein, {report} this: "
        f"**{events} of {patients} patients**{source_mark(rows)} ({name}).{zero}{unsaid} Follow-up differs between "
        "trials, so these counts are listed side by side and are not a pooled risk."
    )


def rates_table(evidence: Evidence, sources: str, level: float) -> Any:
    """Events per patient in each arm."""
    rows = named(evidence, event_rates(evidence, sources=sources, level=level))
    if rows.empty:
        return Markdown("No report read gives a count of events by arm.")
    frame = pd.DataFrame(
        {
            "Trial": rows["trial_name"],
            "Event": rows["outcome_name"],
            "Arm": rows["arm_label"],
            "Time": rows["visit"],
            "Events": [f"{row.events:g} in {row.n:g} patients{kind_mark(row.kind)}" for row in rows.itertuples()],
            f"Per patient (exact {level:.0%} limits)": [
                estimate_with_interval(row.estimate, row.ci_low, row.ci_high) for row in rows.itertuples()
            ],
        }
    )
    return layout.table(frame, id="rates", title="Counts of events", kinds=rows["kind"])


def rates_sentence(evidence: Evidence, sources: str, level: float) -> Markdown:
    """The rate ratio of each trial that counts events in both arms."""
    rows = trial_effects(evidence, sources=sources, level=level)
    rows = rows[(rows["measure"] == "IRR") & (rows["outcome"].map(evidence.outcomes["domain"]) == "safety")]
    points = [
        f"- {as_text(evidence.trials[row.trial].name)}, {as_text(evidence.outcomes.at[row.outcome, 'name'].lower())}, "
        f"{as_text(row.visit)}: rate ratio {estimate_with_interval(row.estimate, row.ci_low, row.ci_high)}"
        f"{kind_mark(row.kind)}, from {as_text(row.inputs)}."
        for row in rows.itertuples()
    ]
    return Markdown(
        "\n".join(["Cells against control, below 1 means fewer events with cells:", "", *points])
        if points
        else "No trial counts events in both groups."
    )


def other_events(evidence: Evidence, shown: list[str], sources: str, level: float) -> Any:
    """The safety outcomes beside those in `shown`, every time and arm."""
    rows = named(evidence, event_shares(evidence, sources=sources, level=level))
    rows = rows[~rows["outcome"].isin(shown)]
    if rows.empty:
        return Markdown("No other event is reported by arm.")
    frame = pd.DataFrame(
        {
            "Event": rows["outcome_name"],
            "Trial": rows["trial_name"],
            "Arm": rows["arm_label"],
            "Time": rows["visit"],
            "Patients": [f"{row.events:g} of {row.n:g}{kind_mark(row.kind)}" for row in rows.itertuples()],
            f"Exact {level:.0%} limits": [
                percent_with_interval(row.estimate, row.ci_low, row.ci_high) for row in rows.itertuples()
            ],
        }
    ).sort_values("Event", kind="stable")
    return layout.table(frame, id="other-events", title="Other named events", kinds=rows["kind"])
