"""Bubble plot of a meta-regression: do trials with another value of a moderator find other effects?"""

from __future__ import annotations

import altair as alt
import pandas as pd

from helpers.charts import theme
from helpers.charts.axis import interval_domain
from helpers.charts.figure import finish, inline, needs
from helpers.charts.marks import classes
from helpers.charts.plane import Plane, PlaneAxis, span

LARGEST_AREA = 420  # px², of the heaviest trial
SMALLEST_AREA = 16
CURVE = ["moderator", "estimate", "ci_low", "ci_high"]


def bubble_plot(
    rows: pd.DataFrame,
    line: pd.DataFrame | None = None,
    *,
    moderator_label: str,
    measure_label: str,
    log: bool,
    favours: tuple[str, str],
    title: str,
    description: str,
) -> alt.LayerChart:
    """Draw each trial's effect against a moderator, its area proportional to its weight, with the fitted line.

    rows: label, moderator (a number), estimate and, where wanted, weight (percent) and group (population class).
    line: moderator, estimate, ci_low, ci_high and, where wanted, pi_low, pi_high: what `MetaRegression.predict` says at
    a grid of moderators. Effects and limits are on the scale of the axis: ratios themselves with log=True. The band is
    the confidence interval of the line, the dashed lines the prediction interval of a trial. moderator_label: with its unit.
    measure_label: as for `forest_plot`; favours: what an effect below and above no effect speaks for.
    Raises ValueError for missing columns, no rows, ratios of zero or less, an empty title or description.
    """
    needs(rows, ["label", "moderator", "estimate"], "a bubble plot")
    fitted = pd.DataFrame(columns=CURVE, dtype=float)
    if line is not None:
        needs(line, CURVE, "the line of a bubble plot")
        fitted = line.sort_values("moderator", kind="stable")
    no_effect = 1.0 if log else 0.0
    everything = pd.concat([rows[["estimate"]].astype(float), fitted[CURVE[1:]].astype(float)])
    everything = everything.reindex(columns=CURVE[1:])
    up = interval_domain(
        everything["estimate"], everything["ci_low"], everything["ci_high"], reference=no_effect, log=log
    )
    plane = Plane(
        across=PlaneAxis(span(rows["moderator"], fitted["moderator"]), moderator_label),
        up=PlaneAxis(up, measure_label, log=log, reference=no_effect, favours=favours),
        height=340,
        classes=classes(rows),
    )
    drawn = rows[rows["estimate"].notna()]
    if "weight" in rows and rows["weight"].notna().any():
        area = (LARGEST_AREA * drawn["weight"] / drawn["weight"].max()).clip(lower=SMALLEST_AREA).fillna(50)
        drawn = drawn.assign(area=area).sort_values("area", ascending=False, kind="stable")
    notes = [] if line is None else ["Line: fitted effect; band: its confidence interval"]
    predicted = line is not None and {"pi_low", "pi_high"} <= set(line.columns) and line["pi_low"].notna().any()
    if predicted:
        notes.append("Dashed: where the effect of a new trial is expected")
    if "area" in drawn:
        notes.append("Area of a mark: weight of the trial")
    return finish(
        [
            *([_band(fitted, plane)] if line is not None else []),
            *plane.layers(),
            *(_fit(fitted, plane) if line is not None else []),
            *(_prediction(fitted, plane) if predicted else []),
            plane.points(drawn, "moderator", "estimate"),
            plane.labels(drawn, "moderator", "estimate"),
        ],
        own_axes=True,
        height=plane.height,
        title=title,
        description=description,
        data=rows if line is None else pd.concat([rows, line.assign(label="fitted line")], ignore_index=True),
        notes=notes,
    )


def _band(fitted: pd.DataFrame, plane: Plane) -> alt.Chart:
    area = alt.Chart(inline(fitted[CURVE])).mark_area(color=theme.PURPLE, opacity=0.25, clip=True)
    return area.encode(x=plane.x("moderator"), y=plane.y("ci_low").stack(None), y2="ci_high:Q")


def _fit(fitted: pd.DataFrame, plane: Plane) -> list[alt.Chart]:
    line = fitted[["moderator", "estimate"]].assign(curve="fitted")
    return [plane.curves(line, "moderator", "estimate", by="curve", color=theme.PURPLE, strokeWidth=2.5)]


def _prediction(fitted: pd.DataFrame, plane: Plane) -> list[alt.Chart]:
    limits = pd.concat(
        [
            pd.DataFrame({"moderator": fitted["moderator"], "limit": fitted[name], "side": name})
            for name in ("pi_low", "pi_high")
        ]
    )
    dashed = {"color": theme.PURPLE, "strokeWidth": 1.5, "strokeDash": [6, 3]}
    return [plane.curves(limits, "moderator", "limit", by="side", **dashed)]
