"""Estimates with their intervals, not pooled: event rates, limits after zero events, changes in one arm."""

from __future__ import annotations

import altair as alt
import pandas as pd

from helpers.charts.axis import interval_domain
from helpers.charts.figure import finish, inline, needs
from helpers.charts.marks import arrow_heads, class_colour, classes, estimate_marks, interval_lines, place
from helpers.charts.rows import Row, RowFrame
from helpers.format import estimate_with_interval, kind_legend, kind_mark, percent_with_interval

ESTIMATE = ["label", "estimate", "ci_low", "ci_high"]


def interval_plot(
    rows: pd.DataFrame,
    *,
    axis_title: str,
    title: str,
    description: str,
    percent: bool = False,
    reference: float | None = None,
    favours: tuple[str, str] | None = None,
    row_title: str = "Trial",
    numbers_title: str = "Estimate (95% CI)",
    digits: int | None = None,
) -> alt.LayerChart:
    """Draw one row per estimate with its interval.

    rows: label, estimate, ci_low, ci_high and, where wanted, kind (source kind) and group (population class). An
    interval with one limit missing (nan) is one-sided: a dashed line from the estimate to a bracket at the limit known.
    percent: the values are proportions (0 to 1) and are shown as percentages, on an axis that begins at zero.
    reference: where a vertical line stands (0 for a change). favours: what the left and the right side speak for.
    axis_title: what is drawn, its unit, and which way is better. digits: decimals, 1 for percent and 2 otherwise.
    Raises ValueError for missing columns, no rows, an empty title or description, and proportions outside 0 to 1.
    """
    needs(rows, ESTIMATE, "an interval plot")
    values = rows[ESTIMATE[1:]].astype(float)
    if percent and ((values < 0) | (values > 1)).to_numpy().any():
        raise ValueError("percent=True needs proportions between 0 and 1")
    domain = interval_domain(values["estimate"], values["ci_low"], values["ci_high"], reference=reference)
    if percent:
        domain = (0.0, min(1.0, domain[1]))
    places = digits if digits is not None else (1 if percent else 2)
    write = percent_with_interval if percent else estimate_with_interval
    lines = [
        Row(
            label=f"{row['label']}{kind_mark(row.get('kind'))}",
            numbers="not estimable"
            if pd.isna(row["estimate"])
            else write(row["estimate"], row["ci_low"], row["ci_high"], places),
        )
        for row in rows.to_dict("records")
    ]
    frame = RowFrame(
        header=Row(row_title, numbers_title, bold=True),
        rows=lines,
        domain=domain,
        axis_title=axis_title,
        reference=reference,
        favours=favours,
        tick_format=".0%" if percent and domain[1] > 0.05 else ".1%" if percent else None,
        classes=classes(rows),
    )
    drawn = place(rows.assign(row=range(len(rows)), area=80.0), frame)
    drawn = drawn[drawn["estimate"].notna()]
    one_sided = drawn["ci_low"].isna() != drawn["ci_high"].isna()
    layers = frame.layers()
    if not one_sided.all():
        layers.append(interval_lines(drawn[~one_sided], frame))
    layers += [*_one_sided_layers(drawn[one_sided], frame), *arrow_heads(drawn, frame), estimate_marks(drawn, frame)]
    notes = kind_legend(rows["kind"]).split("; ") if "kind" in rows and kind_legend(rows["kind"]) else []
    if one_sided.any():
        notes.append("dashed, with a bracket: one-sided 95% limit")
    return finish(
        layers,
        own_axes=True,
        height=frame.height,
        title=title,
        description=description,
        data=rows,
        notes=notes,
        params=frame.constants,
    )


def _one_sided_layers(drawn: pd.DataFrame, frame: RowFrame) -> list[alt.Chart]:
    if drawn.empty:
        return []
    upper = drawn["ci_low"].isna()
    brackets = drawn.assign(
        limit=drawn["drawn_high"].where(upper, drawn["drawn_low"]), above=drawn["y"] - 6, below=drawn["y"] + 6
    )
    beyond = brackets["clipped_high"].where(upper, brackets["clipped_low"])
    brackets = brackets[~beyond.astype(bool)]
    layers = [interval_lines(drawn, frame).mark_rule(strokeWidth=2, strokeDash=[4, 3])]
    if len(brackets):
        layers.append(
            alt.Chart(inline(brackets))
            .mark_rule(strokeWidth=2)
            .encode(x=frame.x("limit"), y=frame.y("above"), y2="below:Q", color=class_colour(frame))
        )
    return layers
