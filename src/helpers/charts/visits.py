"""Estimates over time: means or changes of one or two groups at each visit, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from helpers.charts import theme
from helpers.charts.axis import interval_domain
from helpers.charts.figure import finish, inline, needs, wrap

GROUP_COLOURS = (theme.BLUE, theme.VERMILLION, theme.GREEN, theme.PURPLE)
GROUP_SHAPES = ("circle", "square", "triangle-up", "diamond")
HEIGHT = 280
DODGE = 0.012  # of the time shown, between groups


def visit_plot(
    rows: pd.DataFrame,
    *,
    axis_title: str,
    title: str,
    description: str,
    reference: float | None = None,
    groups: Sequence[str] | None = None,
    time_title: str = "Time since baseline (days)",
) -> alt.LayerChart:
    """Draw the estimates of each group at their days, joined by a line, with their intervals.

    rows: one row per group and visit: group, day, estimate, ci_low, ci_high (nan: no interval) and, where wanted, visit (what
    the trial calls it; shown at its day instead of the number). groups: their order, at most four. axis_title: what
    is drawn, its unit, and which way is better. reference: where a horizontal line stands (0 for a change).
    Raises ValueError for missing columns, no rows, more than four groups, and an empty title or description.
    """
    needs(rows, ["group", "day", "estimate", "ci_low", "ci_high"], "a plot of visits")
    order = list(groups) if groups is not None else list(dict.fromkeys(rows["group"]))
    if len(order) > len(GROUP_COLOURS):
        raise ValueError(f"at most {len(GROUP_COLOURS)} groups can be told apart, not {len(order)}")
    drawn = rows[rows["group"].isin(order)].reset_index(drop=True)
    drawn = drawn[drawn["estimate"].notna()]
    low, high = interval_domain(drawn["estimate"], drawn["ci_low"], drawn["ci_high"], reference=reference)
    first, last = float(drawn["day"].min()), float(drawn["day"].max())
    span = (last - first) or 1.0
    shift = {name: (i - (len(order) - 1) / 2) * DODGE * span for i, name in enumerate(order)}
    drawn = drawn.assign(
        at=drawn["day"] + drawn["group"].map(shift).astype(float),
        low=drawn["ci_low"].fillna(drawn["estimate"]).clip(low, high),
        high=drawn["ci_high"].fillna(drawn["estimate"]).clip(low, high),
    )
    legend = alt.Legend(title=None, columns=2, symbolStrokeWidth=2) if len(order) > 1 else None
    colour = alt.Color("group:N", scale=alt.Scale(domain=order, range=list(GROUP_COLOURS[: len(order)])), legend=legend)
    shape = alt.Shape("group:N", scale=alt.Scale(domain=order, range=list(GROUP_SHAPES[: len(order)])), legend=legend)
    x_scale = alt.Scale(domain=[first - 0.06 * span, last + 0.06 * span], nice=False, zero=False)
    y_scale = alt.Scale(domain=[low, high], nice=False, zero=False)
    x = alt.X("at:Q", scale=x_scale, axis=_time_axis(drawn, time_title))
    lines = wrap(axis_title, 46)
    y_axis = alt.Axis(
        # above the axis, where it is read without turning one's head and takes no width
        title=lines, titleAngle=0, titleAlign="left", titleAnchor="end", titleBaseline="bottom", titleX=-30,
        titleY=-12 - 15 * (len(lines) - 1), grid=True, tickCount=5,
    )  # fmt: skip
    base = alt.Chart(inline(drawn)).encode(x=x, color=colour)
    layers = [
        base.mark_line(strokeWidth=1.5, opacity=0.7).encode(y=alt.Y("estimate:Q", scale=y_scale, axis=y_axis)),
        base.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q", scale=y_scale, axis=y_axis), y2="high:Q"),
        base.mark_point(filled=True, opacity=1, size=80).encode(
            y=alt.Y("estimate:Q", scale=y_scale, axis=y_axis), shape=shape
        ),
    ]
    if reference is not None:
        line = pd.DataFrame({"y": [reference]})
        layers.insert(
            0, alt.Chart(inline(line)).mark_rule(opacity=0.8).encode(y=alt.Y("y:Q", scale=y_scale, axis=y_axis))
        )
    return finish(layers, height=HEIGHT, title=title, description=description, data=rows)


def _time_axis(drawn: pd.DataFrame, title: str) -> alt.Axis:
    days = sorted({float(day) for day in drawn["day"]})
    if "visit" not in drawn:
        return alt.Axis(title=title, values=days, grid=False, labelOverlap=True)
    names = drawn.drop_duplicates("day").set_index("day")["visit"]
    words = ", ".join(f"'{day:g}': {str(names[day])!r}" for day in days)
    return alt.Axis(
        title=title, values=days, grid=False, labelOverlap=True, labelExpr=f"({{{words}}})['' + datum.value]"
    )
