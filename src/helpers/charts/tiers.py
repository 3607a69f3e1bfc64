"""Patients of a dose-escalation trial, tier by tier: one mark a patient."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from helpers.charts import theme
from helpers.charts.figure import finish, inline, needs

IN_A_LINE = 15  # marks that fit a phone
MOST = 60  # patients a tier can show
LINE_PX = 24
NAME_PX = 22
GAP_PX = 10
WIDEST_PX = 420
COLOURS = (theme.BLUE, "#B8860B", theme.VERMILLION)
SHAPES = ("circle", "square", "diamond")


def tier_plot(
    tiers: pd.DataFrame,
    *,
    states: Sequence[str],
    title: str,
    description: str,
    axis_title: str = "One mark is one patient",
) -> alt.LayerChart:
    """Draw a mark for every patient of every tier, the patients of one state together.

    tiers: one row a tier: label, and a column for each of the states (patients in it, whole numbers). states: two or three, the
    first one that of patients without an event, drawn hollow; a patient is in one state only.
    Raises ValueError for other numbers of states, a missing column, and a tier without a patient or with more than 60.
    """
    if not 2 <= len(states) <= len(SHAPES):
        raise ValueError(f"two or three states can be drawn, not {len(states)}")
    needs(tiers, ["label", *states], "a plot of tiers")
    sizes = tiers[list(states)].sum(axis=1)
    if (sizes < 1).any() or (sizes > MOST).any():
        raise ValueError(f"a tier must have 1 to {MOST} patients to be drawn one by one")
    marks, names, y = [], [], 0
    for row in tiers.to_dict("records"):
        names.append(
            {"text": f"{row['label']} (n = {sum(int(row[s]) for s in states)})", "x": 0.0, "y": y + NAME_PX / 2}
        )
        y += NAME_PX
        ordered = [state for state in states for _ in range(int(row[state]))]
        for i, state in enumerate(ordered):
            column, line = i % IN_A_LINE, i // IN_A_LINE
            marks.append({"label": row["label"], "state": state, "x": column + 0.5, "y": y + LINE_PX * (line + 0.5)})
        y += LINE_PX * -(-len(ordered) // IN_A_LINE) + GAP_PX
    width = alt.ExprRef(f"min(width, {WIDEST_PX})")
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, IN_A_LINE], nice=False, range=[0, width]), axis=None)
    y_axis = alt.Y("y:Q", scale=alt.Scale(domain=[0, y], reverse=True, nice=False), axis=None)
    n = len(states)
    legend = alt.Legend(title=axis_title, columns=1, symbolSize=130, symbolStrokeWidth=2)
    scale = alt.Scale(domain=list(states), range=list(COLOURS[:n]))
    fills = alt.Scale(domain=list(states), range=["transparent", *COLOURS[1:n]])
    points = (
        alt.Chart(inline(pd.DataFrame(marks)))
        .mark_point(size=150, strokeWidth=2, opacity=1)
        .encode(
            x=x,
            y=y_axis,
            shape=alt.Shape("state:N", scale=alt.Scale(domain=list(states), range=list(SHAPES[:n])), legend=legend),
            fill=alt.Fill("state:N", scale=fills, legend=legend),
            stroke=alt.Stroke("state:N", scale=scale, legend=legend),
        )
    )
    labels = (
        alt.Chart(inline(pd.DataFrame(names)))
        .mark_text(align="left", baseline="middle", fontWeight="bold")
        .encode(x=x, y=y_axis, text="text:N")
    )
    return finish([labels, points], height=y, title=title, description=description, data=tiers)
