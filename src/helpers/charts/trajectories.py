"""Means of each arm from visit to visit with their intervals, over thin lines of single patients."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from helpers.charts.arms import DASHES, arm_colour, arm_shape, check_arms
from helpers.charts.figure import finish, inline, needs
from helpers.charts.upright import upright_title

MOST_LINES = 30
"""Patients of an arm that are drawn: more lines hide each other and make the page heavy."""
APART = 0.014  # of the axis, between the intervals of two arms


def trajectories(
    means: pd.DataFrame,
    patients: pd.DataFrame,
    *,
    y_title: str,
    title: str,
    description: str,
    x_title: str = "Planned day of the visit",
    notes: Sequence[str] = (),
) -> alt.LayerChart:
    """Draw estimated means with intervals and patients' own values over time.

    means: arm, time (a number), estimate, ci_low, ci_high (nan: no interval there), the reference arm first.
    patients: patient, arm, time, value; may be empty. Of an arm with more than 30 patients, 30 evenly spaced ones in their
    order are drawn, and the chart says so. y_title: what is measured, its unit, and which way is better.
    Raises ValueError for missing columns, no means, more than four arms, an empty title or description.
    """
    needs(means, ["arm", "time", "estimate", "ci_low", "ci_high"], "a chart of trajectories")
    names = check_arms(means["arm"].astype(str).tolist())
    times = np.sort(means["time"].unique().astype(float))
    apart = APART * (float(np.ptp(times)) or 1.0)
    shift = {name: apart * (i - (len(names) - 1) / 2) for i, name in enumerate(names)}
    drawn = means.assign(x=means["time"] + means["arm"].map(shift))
    lines, said = _thinned(patients[patients["arm"].isin(names)], names)
    axis = alt.Axis(title=x_title, values=times.tolist(), grid=False, labelOverlap=True, labelFlush=False)
    span = [float(times[0] - 2 * apart), float(times[-1] + 2 * apart)]
    x = alt.X("x:Q", scale=alt.Scale(domain=span, nice=False, zero=False), axis=axis)
    y_scale = alt.Scale(domain=_span(means, lines), nice=True, zero=False)
    y_axis = alt.Axis(tickCount=6, **upright_title(y_title))
    base = alt.Chart(inline(drawn))
    colour = arm_colour(names)
    layers = []
    if len(lines):
        layers.append(
            alt.Chart(inline(lines.rename(columns={"time": "x", "value": "estimate"})))
            .mark_line(strokeWidth=0.7, opacity=0.35)
            .encode(x=x, y=alt.Y("estimate:Q", scale=y_scale, axis=y_axis), color=colour, detail="patient:N")
        )
    y = alt.Y("estimate:Q", scale=y_scale, axis=y_axis)
    layers += [
        # a dash by the field would also be drawn around the symbols of the legend
        *(
            alt.Chart(inline(drawn[drawn["arm"] == name]))
            .mark_line(strokeWidth=2, strokeDash=dash)
            .encode(x=x, y=y, color=colour)
            for name, dash in zip(names, DASHES, strict=False)
        ),
        alt.Chart(inline(drawn[drawn["ci_low"].notna()]))
        .mark_rule(strokeWidth=2)
        .encode(x=x, y=alt.Y("ci_low:Q", scale=y_scale, axis=y_axis), y2="ci_high:Q", color=colour),
        base.mark_point(filled=True, size=70, opacity=1).encode(x=x, y=y, color=colour, shape=arm_shape(names)),
    ]
    return finish(
        layers, height=300, title=title, description=description, data=means, notes=[*notes, *([said] if said else [])]
    )


def _thinned(patients: pd.DataFrame, names: Sequence[str]) -> tuple[pd.DataFrame, str]:
    """The patients to draw, and the sentence that says so."""
    measured = patients[patients["value"].notna()]
    kept: list[object] = []
    whole = 0
    for name in names:
        own = measured.loc[measured["arm"] == name, "patient"].unique()
        places = np.unique(np.linspace(0, len(own) - 1, min(len(own), MOST_LINES)).round().astype(int))
        kept += [own[place] for place in places]
        whole += len(own)
    drawn = measured[measured["patient"].isin(kept)].sort_values(["arm", "patient", "time"])
    said = "thin lines: single patients" if kept else ""
    if len(kept) < whole:
        said = f"thin lines: {len(kept)} of {whole} patients, evenly spaced in their order"
    return drawn[["patient", "arm", "time", "value"]], said


def _span(means: pd.DataFrame, lines: pd.DataFrame) -> list[float]:
    values = pd.concat([means["estimate"], means["ci_low"], means["ci_high"], lines["value"]]).dropna().astype(float)
    low, high = float(values.min()), float(values.max())
    return [low, high] if low < high else [low - 1, high + 1]
