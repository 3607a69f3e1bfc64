"""The marks of an estimate with its interval."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from helpers.charts import theme
from helpers.charts.figure import by_width, inline
from helpers.charts.rows import RowFrame

FIRST_HAND = "datum.kind === 'primary' || datum.kind === 'patients'"
"""Whose marks are filled: numbers read in the trial's own report, or computed from its patients."""


def place(rows: pd.DataFrame, frame: RowFrame) -> pd.DataFrame:
    """Where the rows of a frame with row, estimate, ci_low and ci_high are drawn.

    Adds y (px), drawn_low and drawn_high (the part of the interval the axis shows; a missing limit is drawn at the
    estimate), clipped_low and clipped_high (the limit lies beyond the axis), and kind and group where they are missing.
    """
    drawn = rows.reset_index(drop=True).copy()
    drawn["y"] = [frame.middle(row) for row in drawn["row"]]
    low, high = frame.domain
    for side in ("low", "high"):
        limit = drawn[f"ci_{side}"].astype(float)
        drawn[f"drawn_{side}"] = np.clip(limit.fillna(drawn["estimate"].astype(float)), low, high)
        drawn[f"clipped_{side}"] = limit < low if side == "low" else limit > high
    for name, default in (("kind", "primary"), ("group", theme.POPULATION_CLASSES[0])):
        drawn[name] = drawn[name].fillna(default) if name in drawn else default
    return drawn


def classes(rows: pd.DataFrame) -> list[str]:
    """The population classes in column `group`, in the fixed order. Raises ValueError for an unknown one."""
    if "group" not in rows:
        return list(theme.POPULATION_CLASSES[:1])
    present = set(rows["group"].fillna(theme.POPULATION_CLASSES[0]))
    unknown = sorted(present - set(theme.POPULATION_CLASSES))
    if unknown:
        raise ValueError(f"unknown population class {unknown[0]!r}; allowed: {', '.join(theme.POPULATION_CLASSES)}")
    return [name for name in theme.POPULATION_CLASSES if name in present]


def interval_lines(drawn: pd.DataFrame, frame: RowFrame, colour: str | None = None, width: float = 2) -> alt.Chart:
    """A line over the part of each interval that the axis shows."""
    return (
        alt.Chart(inline(drawn))
        .mark_rule(strokeWidth=width)
        .encode(x=frame.x("drawn_low"), x2="drawn_high:Q", y=frame.y(), color=class_colour(frame, colour))
    )


def arrow_heads(drawn: pd.DataFrame, frame: RowFrame, colour: str | None = None) -> list[alt.Chart]:
    """An arrow head at each limit that lies beyond the axis."""
    heads = []
    for side, shape in (("low", "triangle-left"), ("high", "triangle-right")):
        beyond = drawn[drawn[f"clipped_{side}"]]
        if len(beyond):
            heads.append(
                alt.Chart(inline(beyond))
                .mark_point(shape=shape, size=70, filled=True, opacity=1)
                .encode(x=frame.x(f"drawn_{side}"), y=frame.y(), color=class_colour(frame, colour))
            )
    return heads


def estimate_marks(drawn: pd.DataFrame, frame: RowFrame) -> alt.Chart:
    """The estimates, of the size in `area` (px²): filled when read in a primary report, hollow otherwise."""
    legend = class_legend(frame.classes)
    return (
        alt.Chart(inline(drawn))
        .mark_point(filled=True, opacity=1, strokeWidth=1.5)
        .encode(
            x=frame.x("estimate"),
            y=frame.y(),
            color=class_colour(frame),
            stroke=alt.Stroke("group:N", scale=class_scale(frame.classes, theme.POPULATION_COLOURS), legend=legend),
            shape=alt.Shape("group:N", scale=class_scale(frame.classes, theme.POPULATION_SHAPES), legend=legend),
            size=alt.Size("area:Q", scale=None, legend=None),
            fillOpacity=alt.condition(FIRST_HAND, alt.value(1), alt.value(0)),
        )
    )


def class_colour(frame: RowFrame, colour: str | None = None) -> alt.Color | alt.ColorValue:
    """One colour for all, or that of the population class."""
    if colour:
        return alt.ColorValue(colour)
    scale = class_scale(frame.classes, theme.POPULATION_COLOURS)
    return alt.Color("group:N", scale=scale, legend=class_legend(frame.classes))


def class_legend(present: Sequence[str]) -> alt.Legend | None:
    """Only where there is something to tell apart."""
    if len(present) < 2:
        return None
    names = ", ".join(f"'{name}': '{theme.POPULATION_NAMES[name]}'" for name in present)
    return alt.Legend(title=None, labelExpr=f"({{{names}}})[datum.value]", columns=alt.ExprRef(by_width(2, 1)))


def class_scale(present: Sequence[str], values: dict[str, str]) -> alt.Scale:
    return alt.Scale(domain=list(present), range=[values[name] for name in present])
