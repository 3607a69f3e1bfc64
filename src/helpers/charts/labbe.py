"""L'Abbé plot: the share of patients with the event under treatment against that under control, trial by trial."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from helpers.charts import theme
from helpers.charts.figure import by_width, finish
from helpers.charts.labels import Line
from helpers.charts.marks import classes
from helpers.charts.plane import Plane, PlaneAxis

if TYPE_CHECKING:
    from helpers.synthesis import Labbe

LARGEST_AREA = 420  # px², of the largest trial
SMALLEST_AREA = 16
EQUAL = "No difference"
POOLED = "Pooled effect"


def labbe_plot(
    labbe: Labbe,
    labels: Sequence[str],
    *,
    event: str,
    favours: tuple[str, str],
    title: str,
    description: str,
    treated: str = "cells",
    control: str = "control",
    groups: Sequence[str] | None = None,
) -> alt.LayerChart:
    """Draw one circle per trial, its area growing with its patients, on axes of equal range.

    labbe: from `synthesis.labbe`. labels, groups: names and population classes of the trials. event: what was counted,
    "Deaths". treated, control: names of the arms. favours: what a trial below and above the line of no difference speaks
    for. The second line is where trials would lie if the pooled effect held at every control risk.
    Raises ValueError for labels or groups of another length, an empty title or description.
    """
    rows = labbe.points.reset_index(drop=True)
    for name, given in (("labels", labels), ("groups", groups)):
        if given is not None and len(given) != len(rows):
            raise ValueError(f"{name}: one for each of the {len(rows)} trials, not {len(given)}")
    rows = rows.assign(label=list(labels), **({} if groups is None else {"group": list(groups)}))
    highest = float(rows[["control", "treated"]].max().max()) or 1.0
    domain = (-0.04 * highest, 1.08 * highest)
    form = ".0%" if domain[1] > 0.06 else ".1%"
    plane = Plane(
        across=PlaneAxis(domain, f"{event} with {control} (share of patients)", tick_format=form),
        up=PlaneAxis(domain, f"{event} with {treated} (share of patients)", tick_format=form, favours=favours),
        height=340,
        classes=classes(rows),
    )
    ends = (0.0, min(1.0, domain[1]))
    lines = pd.concat(
        [
            pd.DataFrame({"line": EQUAL, "control": ends, "treated": ends}),
            labbe.curve.assign(line=POOLED)[["line", "control", "treated"]],
        ],
        ignore_index=True,
    )
    area = (LARGEST_AREA * rows["n"] / rows["n"].max()).clip(lower=SMALLEST_AREA)
    drawn = rows.assign(area=area).sort_values("n", ascending=False, kind="stable")
    equality: Line = ((ends[0], ends[0]), (ends[1], ends[1]))
    return finish(
        [
            *plane.layers(),
            _lines(lines, plane),
            plane.points(drawn, "control", "treated"),
            plane.labels(drawn, "control", "treated", lines=[equality]),
        ],
        own_axes=True,
        height=plane.height,
        title=title,
        description=description,
        data=rows[[name for name in ("label", "group", "control", "treated", "n") if name in rows]],
        notes=["Area of a mark: patients"],
    )


def _lines(lines: pd.DataFrame, plane: Plane) -> alt.Chart:
    legend = alt.Legend(
        title=None, symbolType="stroke", symbolSize=500, symbolStrokeWidth=2, columns=alt.ExprRef(by_width(2, 1))
    )
    names = [EQUAL, POOLED]
    return plane.curves(lines, "control", "treated", by="line", strokeWidth=2).encode(
        color=alt.Color("line:N", scale=alt.Scale(domain=names, range=[theme.INK, theme.PURPLE]), legend=legend),
        strokeDash=alt.StrokeDash("line:N", scale=alt.Scale(domain=names, range=[[4, 3], [1, 0]]), legend=legend),
    )
