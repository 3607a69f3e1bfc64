"""Two changes of the same patients against each other, a point a patient."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from helpers.charts.arms import arm_colour, arm_shape, check_arms
from helpers.charts.figure import finish, inline, needs, wrap
from helpers.charts.upright import TITLE_CHARS, upright_title

MOST_POINTS = 400


def change_scatter(rows: pd.DataFrame, *, x_title: str, y_title: str, title: str, description: str) -> alt.LayerChart:
    """Draw a point a patient who has both changes, and lines at no change.

    rows: arm, x, y, the reference arm first; rows with a missing value are left out. Of more than 400 patients, evenly
    spaced ones in their order are drawn, and the chart says so.
    Raises ValueError for missing columns, no complete row, more than four arms, an empty title or description.
    """
    needs(rows, ["arm", "x", "y"], "a scatter of changes")
    names = check_arms(rows["arm"].tolist())
    known = rows[rows["x"].notna() & rows["y"].notna()]
    needs(known, ["arm"], "a scatter of changes")
    places = np.unique(np.linspace(0, len(known) - 1, min(len(known), MOST_POINTS)).round().astype(int))
    shown = known.iloc[places]
    notes = [f"{len(shown)} of {len(known)} patients drawn"] if len(shown) < len(known) else []
    x = alt.X(
        "x:Q",
        title=wrap(x_title, TITLE_CHARS),
        scale=_scale(shown["x"]),
        axis=alt.Axis(grid=False, tickCount=5),
    )
    y = alt.Y("y:Q", scale=_scale(shown["y"]), axis=alt.Axis(grid=False, tickCount=6, **upright_title(y_title)))
    layers = [
        alt.Chart(inline(pd.DataFrame({"x": [0.0]}))).mark_rule(opacity=0.4, strokeDash=[4, 4]).encode(x=x),
        alt.Chart(inline(pd.DataFrame({"y": [0.0]}))).mark_rule(opacity=0.4, strokeDash=[4, 4]).encode(y=y),
        alt.Chart(inline(shown[["arm", "x", "y"]]))
        .mark_point(filled=True, size=55, opacity=0.8)
        .encode(x=x, y=y, color=arm_colour(names), shape=arm_shape(names)),
    ]
    return finish(layers, height=300, title=title, description=description, data=shown[["arm", "x", "y"]], notes=notes)


def _scale(values: pd.Series) -> alt.Scale:
    """Shows every value and no change, with a margin."""
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    margin = 0.05 * ((high - low) or 1.0)
    return alt.Scale(domain=[low - margin, high + margin], nice=False, zero=False)
