"""Charts of points in a plane: two axes with units and directions, points with the colours and shapes of their class.

`RowFrame` is the like for charts with a row a trial.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.charts import theme
from helpers.charts.axis import linear_ticks, log_ticks
from helpers.charts.figure import TITLE_CHARS, direction_axis, inline, wrap
from helpers.charts.labels import Line, label_layer
from helpers.charts.marks import class_legend, class_scale
from helpers.charts.upright import upright_title


@dataclass(frozen=True)
class PlaneAxis:
    """One axis: its limits, its title with the unit, and what it needs to be read.

    reference: where a line stands (no effect). favours: what a result below and above it speaks for. ticks: their
    places; by default round numbers. reverse: the largest value at the bottom or left.
    """

    domain: tuple[float, float]
    title: str
    log: bool = False
    reference: float | None = None
    favours: tuple[str, str] | None = None
    reverse: bool = False
    ticks: Sequence[float] | None = None
    tick_format: str | None = None

    @property
    def words(self) -> str:
        return f"{self.title} (log scale)" if self.log else self.title

    @property
    def places(self) -> list[float]:
        if self.ticks is not None:
            return list(self.ticks)
        return (log_ticks if self.log else linear_ticks)(*self.domain, at_most=6)

    def scale(self) -> alt.Scale:
        zero = alt.Undefined if self.log else False
        return alt.Scale(
            type="log" if self.log else "linear", domain=list(self.domain), nice=False, zero=zero, reverse=self.reverse
        )

    def axis(self, **options: Any) -> alt.Axis:
        return alt.Axis(
            values=self.places,
            format=self.tick_format or ("~g" if self.log else alt.Undefined),
            labelOverlap=True,
            grid=False,
            labelFlush=False,
            **options,
        )


@dataclass(frozen=True)
class Plane:
    """Two axes and the height (px) of the chart. classes: population classes present, for colours, shapes and legend."""

    across: PlaneAxis
    up: PlaneAxis
    height: int = 320
    classes: Sequence[str] = theme.POPULATION_CLASSES[:1]

    def x(self, name: str, axis: alt.Axis | None = None) -> alt.X:
        return alt.X(name, type="quantitative", scale=self.across.scale(), axis=axis)

    def y(self, name: str, axis: alt.Axis | None = None) -> alt.Y:
        return alt.Y(name, type="quantitative", scale=self.up.scale(), axis=axis)

    def layers(self) -> list[alt.Chart]:
        """The axes and the reference lines: marks are drawn over them."""
        (left, right), (low, high) = self.across.domain, self.up.domain
        corners = pd.DataFrame({"left": [left], "right": [right], "low": [low], "high": [high]})
        carrier = alt.Chart(inline(corners)).mark_rule(opacity=0)  # Vega-Lite has no axis without a mark
        ends = self.across.favours
        title = None if ends else wrap(self.across.words, TITLE_CHARS)
        upright = self.up.axis(**upright_title(self.up.words, self.up.favours))
        layers = [carrier.encode(x=self.x("left", self.across.axis(title=title)), y=self.y("low", upright))]
        if ends:
            layers.append(carrier.encode(x=self.x("left", direction_axis(ends, self.across.domain, self.across.words))))
        for axis, channels in (
            (self.across, lambda at: {"x": self.x("at"), "y": self.y("low"), "y2": "high:Q"}),
            (self.up, lambda at: {"y": self.y("at"), "x": self.x("left"), "x2": "right:Q"}),
        ):
            if axis.reference is not None:
                line = alt.Chart(inline(corners.assign(at=axis.reference))).mark_rule(opacity=0.9)
                layers.append(line.encode(**channels("at")))
        return layers

    def points(self, rows: pd.DataFrame, x: str, y: str, area: float = 70.0) -> alt.Chart:
        """Points of the size in `area` (px²; the same for all where the column is missing), outlined in ink.

        Those with a true value in `hollow` are outlined in their colour only.
        """
        drawn = with_classes(rows)
        for name, value in (("area", area), ("hollow", False)):
            if name not in drawn:
                drawn[name] = value
        legend = class_legend(self.classes)
        fill = alt.Fill("group:N", scale=class_scale(self.classes, theme.POPULATION_COLOURS), legend=legend)
        return (
            alt.Chart(inline(drawn))
            .mark_point(opacity=1, stroke=theme.INK, strokeWidth=1)
            .encode(
                x=self.x(x),
                y=self.y(y),
                fill=fill,  # not color: that scale is left to lines
                shape=alt.Shape("group:N", scale=class_scale(self.classes, theme.POPULATION_SHAPES), legend=legend),
                size=alt.Size("area:Q", scale=None, legend=None),
                fillOpacity=alt.condition("datum.hollow", alt.value(0), alt.value(1)),
            )
        )

    def curves(self, lines: pd.DataFrame, x: str, y: str, by: str, **mark: Any) -> alt.Chart:
        """Lines, one for each value of the column `by`, through their rows in the order given.

        The other columns are those of the first row of each. Where x or y is nan a line is broken. Held as lists and
        rounded to five digits, which are more than a picture shows: that keeps a page light. mark: how the lines look.
        """
        held = [
            {**part.drop(columns=[x, y]).iloc[0].to_dict(), x: _rounded(part[x]), y: _rounded(part[y])}
            for _, part in lines.groupby(by, sort=False)
        ]
        return (
            alt.Chart(alt.InlineData(values=held))
            .transform_flatten([x, y])
            .transform_window(place="row_number()")
            .mark_line(clip=True, strokeJoin="round", **mark)
            .encode(x=self.x(x), y=self.y(y), detail=f"{by}:N", order="place:Q")
        )

    def labels(
        self, rows: pd.DataFrame, x: str, y: str, *, points: pd.DataFrame | None = None, lines: Sequence[Line] = ()
    ) -> alt.Chart:
        """Names (column `label`) beside points, the first rows first; one that has no room is left out.

        points: all that are drawn; none is written over. lines: from (x, y) to (x, y), written over where it must be.
        """
        return label_layer(self, rows, x, y, points=rows if points is None else points, lines=lines)


def _rounded(values: pd.Series) -> list[float | None]:
    return [float(f"{value:.5g}") if np.isfinite(value) else None for value in values]


def with_classes(rows: pd.DataFrame) -> pd.DataFrame:
    """A copy with a population class in every row of `group`."""
    first = theme.POPULATION_CLASSES[0]
    return rows.reset_index(drop=True).assign(group=rows["group"].fillna(first).tolist() if "group" in rows else first)


def span(*values: ArrayLike, margin: float = 0.05, log: bool = False) -> tuple[float, float]:
    """Limits of an axis that show every finite one of `values` with a margin. Raises ValueError without one."""
    every = np.concatenate([np.atleast_1d(np.asarray(part, dtype=float)).ravel() for part in values])
    every = every[np.isfinite(every)]
    if every.size == 0:
        raise ValueError("no finite number: there is nothing to draw")
    if log:
        if (every <= 0).any():
            raise ValueError("a log axis can not show values of zero or less")
        every = np.log(every)
    low, high = float(every.min()), float(every.max())
    room = margin * ((high - low) or 1.0)
    ends = np.array([low - room, high + room])
    low, high = np.exp(ends) if log else ends
    return float(low), float(high)
