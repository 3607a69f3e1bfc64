"""Forest plots: the trials' effects, and what they come to together."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import pandas as pd

from helpers.charts import theme
from helpers.charts.axis import interval_domain, log_ticks
from helpers.charts.bias_signs import bias_signs, judged_domains, meanings
from helpers.charts.figure import finish, inline, needs
from helpers.charts.marks import arrow_heads, classes, estimate_marks, interval_lines, place
from helpers.charts.rows import Row, RowFrame
from helpers.format import estimate_with_interval, interval, kind_legend, kind_mark, number

ESTIMATE = ["label", "estimate", "ci_low", "ci_high"]
HALF_DIAMOND_PX = 9


def forest_plot(
    rows: pd.DataFrame,
    pooled: pd.DataFrame | None = None,
    *,
    measure_label: str,
    log: bool,
    favours: tuple[str, str],
    title: str,
    description: str,
    row_title: str = "Trial",
    numbers_title: str = "Estimate (95% CI)",
    digits: int = 2,
    subgroups: pd.DataFrame | None = None,
    subgroup_test: str = "",
) -> alt.LayerChart:
    """Draw one row per trial, and below them one diamond per pooled estimate.

    rows: label, estimate, ci_low, ci_high and, where wanted, weight (percent of the pooled estimate; nan: not pooled),
    kind (source kind, see `helpers.format.kind_mark`), group (population class), subgroup (a heading under which the
    trials of that name stand), and judgements of risk of bias in columns named as in `bias.DOMAINS` (overall, D1, ...):
    signs beside the trials, where there is room for all, else the overall one. Estimates and limits are on the scale of
    the axis: ratios themselves, not their logarithms, with log=True. A nan estimate is listed as not estimable.
    pooled: label, estimate, ci_low, ci_high and, where wanted, pi_low, pi_high (prediction interval; nan: none) and
    heterogeneity (a line of text under the diamond). subgroups: the same with the column subgroup: each diamond stands
    under the trials of its subgroup. subgroup_test: a last line that tells whether the subgroups differ.
    measure_label: the measure with its unit, "Risk ratio of death". favours: what a result left and right of no effect
    speaks for, ("favours cells", "favours control"). The area of a square is proportional to its weight; a mark drawn
    hollow was not read in a primary report. Limits beyond the axis end in an arrow.
    row_title, numbers_title: headings of the columns; the second names the level of the intervals.
    Raises ValueError for missing columns, an empty frame, title or description, ratios of zero or less, an unknown
    judgement, and subgroups without rows of that name.
    """
    needs(rows, ESTIMATE, "a forest plot")
    if pooled is not None:
        needs(pooled, ESTIMATE, "the pooled part of a forest plot")
    lines, trials, summaries = _arranged(rows, pooled, subgroups, digits)
    if subgroup_test:
        lines.append(Row(unbroken(subgroup_test)))
    no_effect = 1.0 if log else 0.0
    everything = pd.concat([rows[ESTIMATE[1:]].astype(float), summaries[ESTIMATE[1:]].astype(float)])
    domain = interval_domain(
        everything["estimate"], everything["ci_low"], everything["ci_high"], reference=no_effect, log=log
    )
    judged = judged_domains(rows)
    frame = RowFrame(
        header=Row(row_title, numbers_title, "Weight" if any(line.weight for line in lines) else "", bold=True),
        rows=lines,
        domain=domain,
        axis_title=f"{measure_label} (log scale)" if log else measure_label,
        log=log,
        reference=no_effect,
        favours=favours,
        ticks=log_ticks(*domain) if log else None,
        classes=classes(rows),
        signs=len(judged),
    )
    placed = place(trials.assign(area=square_areas(trials)), frame)
    drawn = placed[placed["estimate"].notna()]
    layers = frame.layers()
    if len(summaries):
        layers += summary_layers(place(summaries, frame), frame)
    layers += [interval_lines(drawn, frame), *arrow_heads(drawn, frame), estimate_marks(drawn, frame)]
    layers += bias_signs(placed, judged, frame)
    legend = kind_legend(rows["kind"]) if "kind" in rows else ""
    notes = legend.split("; ") if legend else []
    if judged:
        notes.append(f"Risk of bias: {meanings(rows, judged)}")
    parts = [part for part in (rows, subgroups, pooled) if part is not None]
    return finish(
        layers,
        own_axes=True,
        height=frame.height,
        title=title,
        description=description,
        data=rows if len(parts) == 1 else pd.concat(parts, ignore_index=True),
        notes=notes,
        params=frame.constants,
    )


def diamond(
    estimate: float, low: float, high: float, *, domain: tuple[float, float], log: bool, half_height: float
) -> pd.DataFrame:
    """Corners of a diamond from low to high, cut off where the axis ends: x, offset (up is negative), order."""
    to = math.log if log else float
    corners = {"left": (low, 0.0), "right": (high, 0.0)}
    for side, tip, edge in (("left", low, domain[0]), ("right", high, domain[1])):
        outside = tip < edge if side == "left" else tip > edge
        if outside:
            infinite = math.isinf(tip) or (log and tip <= 0)
            share = 1.0 if infinite else (to(tip) - to(edge)) / (to(tip) - to(estimate))
            corners[side] = (edge, half_height * share)
    (left, left_half), (right, right_half) = corners["left"], corners["right"]
    points = [
        (left, left_half),
        (left, -left_half),
        (estimate, -half_height),
        (right, -right_half),
        (right, right_half),
        (estimate, half_height),
    ]
    return pd.DataFrame(points, columns=["x", "offset"]).assign(order=range(len(points)))


def summary_row(row: dict[Any, Any], digits: int, weight: str = "") -> Row:
    """The texts beside a pooled estimate, its prediction interval, or words about it."""
    if row["part"] == "words":
        return Row(unbroken(row["label"]))
    if row["part"] == "prediction":
        return Row("Prediction interval", interval(row["ci_low"], row["ci_high"], digits))
    numbers = estimate_with_interval(row["estimate"], row["ci_low"], row["ci_high"], digits)
    return Row(row["label"], numbers, weight, bold=row["overall"])


def unbroken(words: str) -> str:
    """Words that break after a comma rather than between a name and its number: "I² 92%" stays on one line."""
    return ", ".join(part.replace(" ", "\u00a0") if len(part) <= 17 else part for part in words.split(", "))


def summary_parts(pooled: pd.DataFrame, first: int, overall: bool = True) -> pd.DataFrame:
    """One row per pooled estimate, and after it one per prediction interval (in ci_low, ci_high) and one for words.

    part tells which; row: its place in the chart, from `first` on.
    """
    lines: list[dict[str, Any]] = []
    for row in pooled.to_dict("records"):
        lines.append({name: row[name] for name in ESTIMATE} | {"part": "pooled"})
        low, high = row.get("pi_low", math.nan), row.get("pi_high", math.nan)
        if pd.notna(low) and pd.notna(high):
            lines.append({**lines[-1], "ci_low": low, "ci_high": high, "part": "prediction"})
        words = row.get("heterogeneity")
        if isinstance(words, str) and words:
            nothing = dict.fromkeys(ESTIMATE[1:], math.nan)
            lines.append({"label": words, **nothing, "part": "words"})
    return pd.DataFrame(lines).assign(row=range(first, first + len(lines)), overall=overall)


def summary_layers(summaries: pd.DataFrame, frame: RowFrame) -> list[alt.Chart]:
    """Diamonds and prediction intervals, and a dashed line down to the first overall diamond."""
    pooled = summaries[summaries["part"] == "pooled"]
    predictions = summaries[summaries["part"] == "prediction"]
    corners = [
        diamond(row["estimate"], row["ci_low"], row["ci_high"], domain=frame.domain, log=frame.log,
                half_height=HALF_DIAMOND_PX if row["overall"] else 0.8 * HALF_DIAMOND_PX
                ).assign(row=row["row"], middle=row["y"])
        for row in pooled.to_dict("records")
    ]  # fmt: skip
    shapes = pd.concat(corners, ignore_index=True)
    shapes["y"] = shapes["middle"] + shapes["offset"]
    layers = []
    overall = pooled[pooled["overall"].astype(bool)].head(1).assign(top=frame.top)
    if len(overall):
        layers = [
            frame.rule(frame.above(int(overall["row"].iloc[0]))),
            alt.Chart(inline(overall))
            .mark_rule(strokeDash=[3, 3], opacity=0.8, color=theme.PURPLE)
            .encode(x=frame.x("estimate"), y=frame.y("top"), y2="y:Q"),
        ]
    layers += [
        alt.Chart(inline(shapes))
        .mark_line(interpolate="linear-closed", fill=theme.PURPLE, stroke=theme.PURPLE, strokeWidth=1)
        .encode(x=frame.x("x"), y=frame.y(), detail="row:N", order="order:Q"),
        *arrow_heads(pooled, frame, theme.PURPLE),
    ]
    if len(predictions):
        layers.append(interval_lines(predictions, frame, theme.PURPLE, width=4))
        layers += arrow_heads(predictions, frame, theme.PURPLE)
    return layers


def _arranged(
    rows: pd.DataFrame, pooled: pd.DataFrame | None, subgroups: pd.DataFrame | None, digits: int
) -> tuple[list[Row], pd.DataFrame, pd.DataFrame]:
    """The lines from top to bottom, and the trials and the summaries with the number of their line in `row`."""
    lines: list[Row] = []
    trials, summaries = [], [pd.DataFrame(columns=["row", "part", "overall", *ESTIMATE])]
    names = list(dict.fromkeys(rows["subgroup"])) if "subgroup" in rows else [None]
    if subgroups is not None:
        needs(subgroups, ["subgroup", *ESTIMATE], "the subgroups of a forest plot")
        unknown = [name for name in subgroups["subgroup"] if name not in names]
        if unknown:
            raise ValueError(f"no row of a forest plot is of the subgroup {unknown[0]!r}")
    for name in names:
        members = rows if name is None else rows[rows["subgroup"] == name]
        if name is not None:
            lines.append(Row(str(name), bold=True))
        trials.append(members.assign(row=range(len(lines), len(lines) + len(members))))
        lines += [trial_line(row, digits) for row in members.to_dict("records")]
        if subgroups is not None and name in set(subgroups["subgroup"]):
            summaries.append(summary_parts(subgroups[subgroups["subgroup"] == name], len(lines), overall=False))
            lines += [summary_row(row, digits) for row in summaries[-1].to_dict("records")]
    if pooled is not None:
        summaries.append(summary_parts(pooled, len(lines)))
        lines += [summary_row(row, digits) for row in summaries[-1].to_dict("records")]
    filled = [part for part in summaries if len(part)] or summaries
    return lines, pd.concat(trials, ignore_index=True), pd.concat(filled, ignore_index=True)


def trial_line(row: dict[Any, Any], digits: int) -> Row:
    weight = row.get("weight", math.nan)
    text = estimate_with_interval(row["estimate"], row["ci_low"], row["ci_high"], digits)
    return Row(
        label=f"{row['label']}{kind_mark(row.get('kind'))}",
        numbers="not estimable" if pd.isna(row["estimate"]) else text,
        weight="" if pd.isna(weight) else f"{number(weight, 1)}%",
    )


def square_areas(rows: pd.DataFrame) -> pd.Series:
    """px² of each square: proportional to weight, the heaviest 240, never under 16; 50 where a trial has none."""
    if "weight" not in rows or rows["weight"].isna().all():
        return pd.Series(90.0, index=rows.index)
    weight = rows["weight"].astype(float)
    return (240 * weight / weight.max()).clip(lower=16).fillna(50)
