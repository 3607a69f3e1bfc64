"""Baujat plot: which trials make the heterogeneity, and which of them move the result."""

from __future__ import annotations

import altair as alt
import pandas as pd

from helpers.charts.figure import finish, needs
from helpers.charts.marks import classes
from helpers.charts.plane import Plane, PlaneAxis, span


def baujat_plot(rows: pd.DataFrame, *, title: str, description: str) -> alt.LayerChart:
    """Draw each trial's influence on the pooled effect against its part of the heterogeneity.

    rows: label, x, y as from `synthesis.baujat` and, where wanted, group (population class). A trial at the right differs
    much from the others for its precision; one at the top moves the pooled effect. Names stand where they find room, those
    of the trials that stand out first.
    Raises ValueError for missing columns, no rows, no finite number, an empty title or description.
    """
    needs(rows, ["label", "x", "y"], "a Baujat plot")
    (left, right), (low, high) = span(rows["x"], 0.0), span(rows["y"], 0.0)
    plane = Plane(
        across=PlaneAxis((left, right), "Part of the heterogeneity (of Q), further right: further from the others"),
        up=PlaneAxis((low, high), "Influence on the pooled effect, higher: moves it more"),
        classes=classes(rows),
    )
    far = (rows["x"] / right) ** 2 + (rows["y"] / high) ** 2
    drawn = rows.assign(far=far).sort_values("far", ascending=False, kind="stable")
    return finish(
        [*plane.layers(), plane.points(drawn[::-1].drop(columns="far"), "x", "y"), plane.labels(drawn, "x", "y")],
        own_axes=True,
        height=plane.height,
        title=title,
        description=description,
        data=rows,
    )
