"""Radial (Galbraith) plot: standardised effects against precision, effects read along lines from the origin.

Galbraith 1988, doi:10.1002/sim.4780070807. His arc at the right is drawn as a straight axis.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from helpers.charts import theme
from helpers.charts.axis import linear_ticks, log_ticks
from helpers.charts.figure import finish, inline
from helpers.charts.labels import Line
from helpers.charts.marks import classes
from helpers.charts.plane import Plane, PlaneAxis, span
from helpers.format import number

if TYPE_CHECKING:
    from helpers.synthesis import Radial


def radial_plot(
    radial: Radial,
    labels: Sequence[str],
    *,
    measure_label: str,
    log: bool,
    favours: tuple[str, str],
    title: str,
    description: str,
    groups: Sequence[str] | None = None,
) -> alt.LayerChart:
    """Draw each trial by its precision (across) and its effect in standard errors (up).

    radial: from `synthesis.radial`, on the scale of yi; with log=True the axis at the right shows ratios. A line from the
    origin through a point meets that axis at the trial's effect; the thick line is the pooled effect, and 95% of trials
    would lie in the band about it if they shared it (or, with a random-effects method, varied by its tau2).
    labels, groups: names and population classes of the trials. measure_label, favours: as for `forest_plot`.
    Raises ValueError for labels or groups of another length, an empty title or description.
    """
    rows = radial.points.reset_index(drop=True)
    for name, given in (("labels", labels), ("groups", groups)):
        if given is not None and len(given) != len(rows):
            raise ValueError(f"{name}: one for each of the {len(rows)} trials, not {len(given)}")
    rows = rows.assign(label=list(labels), **({} if groups is None else {"group": list(groups)}))
    rows["estimate"] = np.exp(rows["yi"]) if log else rows["yi"]
    end = 1.08 * float(rows["x"].max())
    middle, half = radial.estimate * end, radial.half_width
    up = span(rows["z"], [-half, half, middle - half, middle + half], 0.0)
    plane = Plane(
        across=PlaneAxis((0.0, end), f"Precision (1 / standard error{', tau² in it' if radial.tau2 else ''})"),
        up=PlaneAxis(up, "Effect in standard errors", favours=favours, reference=0.0),
        height=360,
        classes=classes(rows),
    )
    rays = _rays(up, end, log)
    pooled = number(float(np.exp(radial.estimate)) if log else radial.estimate)
    band = pd.DataFrame({"x": [0.0, end], "low": [-half, middle - half], "high": [half, middle + half]})
    line: Line = ((0.0, 0.0), (end, middle))
    out = (rows["z"] - radial.estimate * rows["x"]).abs()
    return finish(
        [
            _band(band, plane),
            *plane.layers(),
            *_effect_axis(rays, end, plane),
            _line(line, plane),
            plane.points(rows, "x", "z"),
            plane.labels(rows.loc[out.sort_values(ascending=False, kind="stable").index], "x", "z", lines=[line]),
        ],
        own_axes=True,
        height=plane.height,
        title=title,
        description=description,
        data=rows[[name for name in ("label", "group", "estimate", "x", "z") if name in rows]],
        notes=[
            f"Axis at the right: {measure_label}, along a line from the origin",
            f"Thick line: pooled effect {pooled}; band: where {radial.level:.0%} of trials would lie around it",
        ],
    )


def _rays(up: tuple[float, float], end: float, log: bool) -> pd.DataFrame:
    """Round effects whose line from the origin meets the right end inside the plot: effect, z there, text."""
    low, high = (z / end for z in up)
    ticks = log_ticks(float(np.exp(low)), float(np.exp(high))) if log else linear_ticks(low, high)
    values = np.log(ticks) if log else np.array(ticks)
    return pd.DataFrame(
        {"effect": values, "z": values * end, "text": [_text(tick) for tick in ticks], "x": 0.0, "z0": 0.0}
    )


def _text(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def _effect_axis(rays: pd.DataFrame, end: float, plane: Plane) -> list[alt.Chart]:
    axis = alt.Axis(
        orient="right",
        values=rays["z"].tolist(),
        labelExpr=f"{json.dumps(rays['text'].tolist(), ensure_ascii=False)}"
        f"[round(datum.index * {max(len(rays) - 1, 1)})]",
        title=None,
        grid=False,
        domain=True,
    )
    lines = alt.Chart(inline(rays.assign(end=end))).mark_rule(opacity=0.25, strokeDash=[2, 3])
    return [lines.encode(x=plane.x("x"), y=plane.y("z0", axis), x2="end:Q", y2="z:Q")]


def _band(band: pd.DataFrame, plane: Plane) -> alt.Chart:
    area = alt.Chart(inline(band)).mark_area(color=theme.PURPLE, opacity=0.2, clip=True)
    return area.encode(x=plane.x("x"), y=plane.y("low").stack(None), y2="high:Q")


def _line(line: Line, plane: Plane) -> alt.Chart:
    (x, y), (x2, y2) = line
    data: Any = inline(pd.DataFrame({"x": [x], "y": [y], "x2": [x2], "y2": [y2]}))
    rule = alt.Chart(data).mark_rule(color=theme.PURPLE, strokeWidth=2.5)
    return rule.encode(x=plane.x("x"), y=plane.y("y"), x2="x2:Q", y2="y2:Q")
