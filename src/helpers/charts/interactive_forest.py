"""A forest plot whose reader takes trials in and out and chooses the model: a diamond of its own follows at once."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import altair as alt
import pandas as pd

from helpers.charts import theme
from helpers.charts.axis import interval_domain, log_ticks
from helpers.charts.bias_signs import bias_signs, judged_domains, meanings
from helpers.charts.browser_pooling import DIRECT_KINDS, pooling, switches, trial_switch, words
from helpers.charts.figure import finish, inline, needs
from helpers.charts.forest import (
    ESTIMATE,
    HALF_DIAMOND_PX,
    square_areas,
    summary_layers,
    summary_parts,
    summary_row,
    trial_line,
)
from helpers.charts.marks import arrow_heads, classes, estimate_marks, interval_lines, place
from helpers.charts.rows import Row, RowFrame
from helpers.format import MISSING, kind_legend, kind_mark
from helpers.synthesis import Repooling

HEADING = "Choose what is pooled"  # of the switches
OFF = 0.35  # opacity of a trial that is left out
# Texts that stand for what is only known in the browser, as long as what will stand in their place.
LIVE = {
    "live: 00 of 00 trials.": "count_line",
    "live: the model": "model_line",
    "live: 0.00 (0.00 to 0.00)": "estimate_text",
    "live: the spread": "spread_line",
}
COUNT, MODEL, RESULT, SPREAD = LIVE
TEXTS = ("labels_narrow", "labels_wide", "numbers", "weights")  # of the frame: those that hold live ones


def interactive_forest(
    rows: pd.DataFrame,
    pooled: pd.DataFrame,
    *,
    numbers: Repooling,
    method: str,
    test: str,
    measure_label: str,
    log: bool,
    favours: tuple[str, str],
    title: str,
    description: str,
    row_title: str = "Trial",
    numbers_title: str = "Estimate (95% CI)",
    digits: int = 2,
) -> alt.LayerChart:
    """Draw `forest_plot`, with switches above it and one more diamond that follows them.

    rows, pooled and the texts: as for `forest_plot`, without subgroups; every trial has an estimate, and pooled results
    stay as they are given.
    numbers: the same trials in the same order, on the pooling scale. method, test: what the diamond starts with, all
    trials chosen, named as in `pool`; method is one of numbers.methods.
    A click on a trial's row is its switch too. A trial left out is drawn faint. Weights and squares follow the choice.
    Sources are offered as a choice where some trial's numbers were not read in a report or a registry.
    Raises ValueError as `forest_plot`, for a trial without an estimate, and for numbers of other trials than rows.
    """
    needs(rows, ESTIMATE, "a forest plot")
    needs(pooled, ESTIMATE, "the pooled part of a forest plot")
    if len(rows) != len(numbers.yi) or rows["estimate"].isna().any():
        raise ValueError(f"every row needs an estimate to pool: {len(rows)} rows, {len(numbers.yi)} effects")
    if method not in numbers.methods:
        raise ValueError(f"method is {method!r}; with {len(rows)} trials: {', '.join(numbers.methods)}")
    k = len(rows)
    summaries = summary_parts(pooled, first=k)
    live_weights = {f"live {i}": f"weight_texts[{i}]" for i in range(k)}
    judged = judged_domains(rows)
    frame = _frame(
        rows,
        summaries,
        signs=len(judged),
        weights=list(live_weights),
        header=Row(row_title, numbers_title, "Weight", bold=True),
        axis_title=f"{measure_label} (log scale)" if log else measure_label,
        log=log,
        favours=favours,
        digits=digits,
    )
    trials = place(rows.assign(row=range(k), area=square_areas(rows)), frame)
    marks = [
        interval_lines(trials, frame),
        *arrow_heads(trials, frame),
        estimate_marks(trials, frame).transform_calculate(area="areas[datum.row]"),
    ]
    follows_its_switch = alt.condition("chosen[datum.row]", alt.value(1), alt.value(OFF))
    kinds = rows["kind"] if "kind" in rows else pd.Series(["primary"] * k)
    labels = [f"{label}{kind_mark(kind)}" for label, kind in zip(rows["label"], kinds, strict=True)]
    direct = kinds.isin(DIRECT_KINDS).tolist()
    notes = kind_legend(kinds).split("; ") if kind_legend(kinds) else []
    if judged:
        notes.append(f"Risk of bias: {meanings(rows, judged)}")
    constants = frame.constants
    texts = {name: _live_text(constants.pop(name), LIVE | live_weights) for name in TEXTS}
    chart = finish(
        [
            *frame.layers(),
            *summary_layers(place(summaries, frame), frame),
            *_choice_layers(frame, row=k + len(summaries)),
            *(layer.encode(opacity=follows_its_switch) for layer in marks),
            *bias_signs(trials, judged, frame),
            _clickable_rows(frame, k),
        ],
        own_axes=True,
        height=frame.height,
        title=title,
        description=description,
        data=pd.concat([rows, pooled], ignore_index=True),
        notes=notes,
        live=[
            *switches(labels, numbers.methods, method, test, by_source=not all(direct)),
            *pooling(numbers, direct),
            *words(k, numbers.methods, log=log, digits=digits),
            *_shapes(k, frame.domain, log),
            *(alt.param(name=name, expr=text) for name, text in texts.items()),
        ],
        params=constants,
    )
    chart.usermeta["controls"] = HEADING
    return chart


def _frame(
    rows: pd.DataFrame, summaries: pd.DataFrame, *, weights: Sequence[str], log: bool, digits: int, **words: Any
) -> RowFrame:
    """The rows of `forest_plot`, and two for what the reader chose."""
    everything = pd.concat([rows[ESTIMATE[1:]].astype(float), summaries[ESTIMATE[1:]].astype(float)])
    no_effect = 1.0 if log else 0.0
    domain = interval_domain(
        everything["estimate"], everything["ci_low"], everything["ci_high"], reference=no_effect, log=log
    )
    trials = [trial_line(row, digits) for row in rows.to_dict("records")]
    return RowFrame(
        rows=[
            *(replace(line, weight=weight) for line, weight in zip(trials, weights, strict=True)),
            *(summary_row(row, digits) for row in summaries.to_dict("records")),
            Row(COUNT, RESULT, bold=True),
            Row(MODEL, SPREAD),
        ],
        domain=domain,
        log=log,
        reference=no_effect,
        ticks=log_ticks(*domain) if log else None,
        classes=classes(rows),
        **words,
    )


def _live_text(texts: Sequence[Any], live: Mapping[str, str]) -> str:
    """An expression of constant texts, and of live ones where their placeholders stand."""
    expression = json.dumps(texts, ensure_ascii=False)
    for placeholder, name in live.items():
        expression = expression.replace(f'"{placeholder}"', name)
    return expression


def _shapes(k: int, domain: tuple[float, float], log: bool) -> list[alt.Parameter]:
    """Squares' areas (as `square_areas`), weights in words, and the corners of the diamond (as `diamond`)."""
    edges = [math.log(edge) if log else float(edge) for edge in domain]
    shown = "exp({})" if log else "{}"
    left, right = (shown.format(text) for text in (f"max(ci_low, {edges[0]!r})", f"min(ci_high, {edges[1]!r})"))
    cut = {
        "left_cut": f"ci_low < {edges[0]!r} ? {HALF_DIAMOND_PX} * ({edges[0]!r} - ci_low) / (estimate - ci_low) : 0",
        "right_cut": f"ci_high > {edges[1]!r} ? {HALF_DIAMOND_PX} * (ci_high - {edges[1]!r}) / (ci_high - estimate) : 0",
    }
    formulas = {
        "heaviest": f"max({', '.join(f'shares[{i}]' for i in range(k))})",
        "areas": "[" + ", ".join(f"chosen[{i}] ? max(16, 240 * shares[{i}] / heaviest) : 50" for i in range(k)) + "]",
        "weight_texts": "["
        + ", ".join(f"chosen[{i}] ? format(100 * shares[{i}], '.1f') + '%' : '{MISSING}'" for i in range(k))
        + "]",
        **cut,
        "diamond_x": f"[{left}, {left}, {shown.format('estimate')}, {right}, {right}, {shown.format('estimate')}]",
        "diamond_y": f"[left_cut, -left_cut, -{HALF_DIAMOND_PX}, -right_cut, right_cut, {HALF_DIAMOND_PX}]",
    }
    return [alt.param(name=name, expr=formula) for name, formula in formulas.items()]


def _choice_layers(frame: RowFrame, row: int) -> list[alt.Chart]:
    """The diamond of what the reader chose, with arrow heads where it is cut off; nothing while no trial is chosen."""
    middle = frame.middle(row)
    corners = (
        alt.Chart(inline(pd.DataFrame({"order": range(6)})))
        .transform_filter("k > 0")
        .transform_calculate(x="diamond_x[datum.order]", y=f"{middle} + diamond_y[datum.order]")
        .mark_line(interpolate="linear-closed", fill=theme.INK, stroke=theme.INK, strokeWidth=1)
        .encode(x=frame.x("x"), y=frame.y(), order="order:Q")
    )
    heads = [
        alt.Chart(inline(pd.DataFrame({"x": [edge], "y": [middle]})))
        .transform_filter(f"k > 0 && {side}_cut > 0")
        .mark_point(shape=f"triangle-{side}", size=70, filled=True, opacity=1)
        .encode(x=frame.x("x"), y=frame.y(), color=alt.ColorValue(theme.INK))
        for side, edge in zip(("left", "right"), frame.domain, strict=True)
    ]
    return [frame.rule(frame.above(row)), corners, *heads]


def _clickable_rows(frame: RowFrame, k: int) -> alt.Chart:
    """An unseen bar over each trial's row that names its switch (`charts.js` turns it)."""
    bars = pd.DataFrame(
        {
            "switch": [trial_switch(i) for i in range(k)],
            "low": frame.domain[0],
            "high": frame.domain[1],
            "y": [frame.above(i) for i in range(k)],
            "below": [frame.above(i + 1) for i in range(k)],
        }
    )
    return (
        alt.Chart(inline(bars))
        .mark_rect(opacity=0, cursor="pointer")
        .encode(x=frame.x("low"), x2="high:Q", y=frame.y(), y2="below:Q")
    )
