"""How coverage changes with the number of trials, one line an interval."""

from __future__ import annotations

import altair as alt
import pandas as pd

from helpers.charts import theme
from helpers.charts.figure import finish, inline, needs

COLOURS = (theme.VERMILLION, theme.BLUE, theme.GREEN, theme.PURPLE)
SHAPES = ("circle", "square", "triangle-up", "diamond")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])


def coverage_plot(rows: pd.DataFrame, *, nominal: float, title: str, description: str) -> alt.LayerChart:
    """Draw coverage against the number of trials.

    rows: interval, k, coverage (proportion); at most four intervals, told apart by colour, shape and dashes.
    nominal: the coverage an interval promises, drawn as a line.
    Raises ValueError for missing columns, no rows, more than four intervals, an empty title or description.
    """
    needs(rows, ["interval", "k", "coverage"], "a coverage chart")
    names = list(dict.fromkeys(rows["interval"]))
    if len(names) > len(COLOURS):
        raise ValueError(f"at most {len(COLOURS)} intervals can be told apart, not {len(names)}")
    drawn = inline(rows[["interval", "k", "coverage"]].assign(percent=100 * rows["coverage"]))
    low = min(80.0, 5 * (100 * rows["coverage"].min() // 5))
    x = alt.X("k:Q", title="Trials", scale=alt.Scale(nice=False), axis=alt.Axis(values=sorted(rows["k"].unique())))
    y = alt.Y("percent:Q", title="Intervals that hold the true effect (%)", scale=alt.Scale(domain=[low, 100]))
    legend = alt.Legend(title=None, orient="bottom", columns=2)
    colour = alt.Color("interval:N", scale=alt.Scale(domain=names, range=list(COLOURS[: len(names)])), legend=legend)
    lines = (
        alt.Chart(drawn)
        .mark_line(strokeWidth=2)
        .encode(
            x=x,
            y=y,
            color=colour,
            strokeDash=alt.StrokeDash(
                "interval:N", scale=alt.Scale(domain=names, range=list(DASHES[: len(names)])), legend=legend
            ),
        )
    )
    points = (
        alt.Chart(drawn)
        .mark_point(filled=True, size=70, opacity=1)
        .encode(
            x=x,
            y=y,
            color=colour,
            shape=alt.Shape(
                "interval:N", scale=alt.Scale(domain=names, range=list(SHAPES[: len(names)])), legend=legend
            ),
        )
    )
    promised = alt.Chart(inline(pd.DataFrame({"percent": [100 * nominal]}))).mark_rule(strokeDash=[4, 4]).encode(y=y)
    return finish([promised, lines, points], height=280, data=rows, title=title, description=description)
