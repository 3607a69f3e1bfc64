"""Contour-enhanced funnel plot: do imprecise trials show other effects, and is it the significant ones that are seen?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from helpers.charts import theme
from helpers.charts.figure import by_width, finish, inline, needs
from helpers.charts.labels import Line
from helpers.charts.marks import classes
from helpers.charts.plane import Plane, PlaneAxis, span
from helpers.format import number

if TYPE_CHECKING:
    from helpers.synthesis import Funnel, TrimAndFill

EXPECTED = "95% of trials around the pooled effect"
DASHES = ([2, 2], [7, 3], [1, 0], [9, 3, 2, 3])
SHADES = (0.06, 0.12, 0.18, 0.24)  # of ink, from the least to the most significant


def funnel_plot(
    funnel: Funnel,
    labels: Sequence[str],
    *,
    measure_label: str,
    log: bool,
    favours: tuple[str, str],
    title: str,
    description: str,
    groups: Sequence[str] | None = None,
    filled: TrimAndFill | None = None,
) -> alt.LayerChart:
    """Draw effects against their standard errors, the precise trials at the top.

    funnel: from `synthesis.funnel`, on the scale of yi; with log=True the effects are shown as ratios. labels: names of
    the trials; those that find room stand beside their point. groups: their population classes. filled: from
    `synthesis.trim_and_fill`; its trials are drawn hollow, since nobody ran them. The darker the ground, the smaller the
    p-value of a trial there (against no effect); two lines enclose where 95% of trials would lie around the pooled effect
    if nothing but chance moved them. measure_label, favours: as for `forest_plot`.
    Raises ValueError for labels or groups of another length, more than four contours, and an empty title or description.
    """
    trials = funnel.points.reset_index(drop=True)
    for name, given in (("labels", labels), ("groups", groups)):
        if given is not None and len(given) != len(trials):
            raise ValueError(f"{name}: one for each of the {len(trials)} trials, not {len(given)}")
    rows = trials.assign(label=list(labels), filled=False)
    if groups is not None:
        rows["group"] = list(groups)
    if filled is not None and filled.k0:
        added = pd.DataFrame({"yi": filled.filled_yi, "sei": np.sqrt(filled.filled_vi), "filled": True})
        rows = pd.concat([rows, added.assign(label="added by trim and fill")], ignore_index=True)
    needs(rows, ["yi", "sei"], "a funnel plot")
    to: Callable[[Any], Any] = np.exp if log else np.asarray
    cone = funnel.funnel.iloc[[0, -1]].assign(low=lambda c: to(c["low"]), high=lambda c: to(c["high"]))
    rows = rows.assign(estimate=to(rows["yi"]), hollow=rows["filled"])
    no_effect = 1.0 if log else 0.0
    plane = Plane(
        across=PlaneAxis(
            span(rows["estimate"], cone["low"], cone["high"], no_effect, log=log),
            measure_label, log=log, reference=no_effect, favours=favours,
        ),
        up=PlaneAxis((0.0, float(funnel.funnel["sei"].max())), "Standard error, precise trials at the top", reverse=True),
        height=340,
        classes=classes(rows[~rows["filled"]]),
    )  # fmt: skip
    drawn = rows.sort_values("sei", ascending=False, kind="stable")
    named = drawn[~drawn["filled"]]
    lines, order = _lines(funnel, cone, to)
    return finish(
        [
            *_ground(funnel, plane, to),
            *plane.layers(),
            _casing(lines[lines["line"] == EXPECTED], plane),
            _line_layer(lines, order, plane),
            plane.points(drawn, "estimate", "sei"),
            plane.labels(named, "estimate", "sei", points=drawn, lines=_ends(lines)),
        ],
        own_axes=True,
        height=plane.height,
        title=title,
        description=description,
        data=rows[[c for c in ("label", "group", "estimate", "sei", "p", "filled") if c in rows]].rename(
            columns={"sei": "se"}
        ),
        notes=[
            f"Centre line: pooled effect {number(float(to(funnel.estimate)))}",
            *(["Hollow: trials added by trim and fill"] if rows["filled"].any() else []),
        ],
    )


def _ground(funnel: Funnel, plane: Plane, to: Callable[[Any], Any]) -> list[alt.Chart]:
    """Between two contours one shade, on both sides; beyond the last to the end of the axis."""
    bottom = funnel.contours.groupby("level").last().sort_index()
    levels = list(bottom.index)
    if len(levels) > len(SHADES):
        raise ValueError(f"at most {len(SHADES)} contours can be told apart, not {len(levels)}")
    no_effect, deepest = float(to(0.0)), float(bottom["sei"].iloc[0])
    left_end, right_end = plane.across.domain
    layers = []
    for i, level in enumerate(levels):
        corners = []
        for side, end in (("low", left_end), ("high", right_end)):
            inner = float(to(bottom.loc[level, side]))
            if i + 1 < len(levels):
                path = [(no_effect, 0.0), (inner, deepest), (float(to(bottom[side].iloc[i + 1])), deepest)]
            else:
                path = [(no_effect, 0.0), (inner, deepest), (end, deepest), (end, 0.0)]
            corners += [{"side": side, "x": x, "y": y, "order": n} for n, (x, y) in enumerate(path)]
        layers.append(
            alt.Chart(inline(pd.DataFrame(corners)))
            .mark_line(interpolate="linear-closed", fill=theme.INK, fillOpacity=SHADES[i], strokeWidth=0, clip=True)
            .encode(x=plane.x("x"), y=plane.y("y"), detail="side:N", order="order:Q")
        )
    return layers


def _lines(funnel: Funnel, cone: pd.DataFrame, to: Callable[[Any], Any]) -> tuple[pd.DataFrame, list[str]]:
    """Two points each: the contours, and the cone with the pooled effect in its middle; and the order of their names."""
    rows = []
    names = []
    for level, contour in funnel.contours.groupby("level"):
        names.append(f"p = {round(1 - level, 6):g}")
        for side in ("low", "high"):
            ends = zip(to(contour[side].iloc[[0, -1]]), contour["sei"].iloc[[0, -1]], strict=True)
            rows += [{"line": names[-1], "part": f"{names[-1]} {side}", "x": x, "y": y} for x, y in ends]
    for side in ("low", "high"):
        rows += [{"line": EXPECTED, "part": side, "x": x, "y": y} for x, y in zip(cone[side], cone["sei"], strict=True)]
    rows += [{"line": EXPECTED, "part": "centre", "x": float(to(funnel.estimate)), "y": y} for y in cone["sei"]]
    return pd.DataFrame(rows), [*names, EXPECTED]


def _ends(lines: pd.DataFrame) -> list[Line]:
    pairs = [part[["x", "y"]].to_numpy() for _, part in lines.groupby("part")]
    return [((float(a[0]), float(a[1])), (float(b[0]), float(b[1]))) for a, b in pairs]


def _casing(lines: pd.DataFrame, plane: Plane) -> alt.Chart:
    """Ink on both sides of the purple lines, which alone would not stand out from a grey ground."""
    casing = alt.Chart(inline(lines)).mark_line(strokeWidth=3.6, color=theme.INK, clip=True)
    return casing.encode(x=plane.x("x"), y=plane.y("y"), detail="part:N", order="y:Q")


def _line_layer(lines: pd.DataFrame, order: Sequence[str], plane: Plane) -> alt.Chart:
    legend = alt.Legend(
        title=None,
        columns=alt.ExprRef(by_width(4, 1)),
        symbolType="stroke",
        symbolSize=500,
        symbolStrokeWidth=2,
        labelLimit=0,
    )
    colours = alt.Scale(domain=order, range=[*[theme.INK] * (len(order) - 1), theme.PURPLE])
    dashes = alt.Scale(domain=order, range=[*DASHES[: len(order) - 1], [1, 0]])
    return (
        alt.Chart(inline(lines))
        .mark_line(strokeWidth=2, clip=True)
        .encode(
            x=plane.x("x"),
            y=plane.y("y"),
            detail="part:N",
            order="y:Q",
            color=alt.Color("line:N", scale=colours, legend=legend),
            strokeDash=alt.StrokeDash("line:N", scale=dashes, legend=legend),
        )
    )
