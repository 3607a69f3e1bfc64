"""How a network thins out as the threshold for an edge rises."""

from __future__ import annotations

import altair as alt
import pandas as pd

from helpers.charts import theme
from helpers.charts.arms import arm_colour, check_arms
from helpers.charts.figure import finish, inline, needs, wrap
from helpers.charts.upright import TITLE_CHARS, upright_title

DASHES = ([2, 3], [1, 0], [8, 3])


def threshold_sweep_plot(
    rows: pd.DataFrame, *, x_title: str, y_title: str, title: str, description: str
) -> alt.LayerChart:
    """Draw one line an arm and visit.

    rows: arm, visit (text, in order), threshold, value; the reference arm first. Arms differ in colour, visits in dashes.
    Raises ValueError for missing columns, no rows, more than four arms or three visits, an empty title or description.
    """
    needs(rows, ["arm", "visit", "threshold", "value"], "a threshold sweep")
    names, visits = check_arms(rows["arm"].tolist()), list(dict.fromkeys(rows["visit"]))
    if len(visits) > len(DASHES):
        raise ValueError(f"at most {len(DASHES)} visits can be told apart, not {len(visits)}")
    dashes = DASHES[: len(visits)] if len(visits) > 1 else DASHES[1:2]
    visit = alt.StrokeDash(
        "visit:N",
        scale=alt.Scale(domain=visits, range=[list(dash) for dash in dashes]),
        legend=alt.Legend(
            title=None, orient="bottom", columns=2, symbolType="stroke", symbolSize=300, symbolStrokeColor=theme.INK
        ),
    )
    lines = (
        alt.Chart(inline(rows))
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("threshold:Q", title=wrap(x_title, TITLE_CHARS), scale=alt.Scale(nice=False, zero=False),
                    axis=alt.Axis(grid=False, tickCount=6)),
            y=alt.Y("value:Q", scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=5, **upright_title(y_title))),
            color=arm_colour(names),
            strokeDash=visit,
        )
    )  # fmt: skip
    return finish([lines], height=260, title=title, description=description, data=rows)
