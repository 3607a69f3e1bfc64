"""Charts with one labelled row per trial and an interval in it: the part forest and interval plots share.

A row is placed by the pixel of its middle (quantitative y), so that diamonds, headings and prediction intervals can
share the axis. On wide screens the numbers stand in columns at the right; on narrow ones under the row's label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from helpers.charts import theme
from helpers.charts.figure import TITLE_CHARS, direction_axis, inline, wrap

LINE_PX = 15
LABEL_CHARS = {"wide": 32, "narrow": 22}
SIGN_PX = 24  # between two signs beside a row
SIGNS_FROM = 720  # px of the whole chart that have room for several signs a row
CHAR_PX = 6.2  # mean width of a 12 px character, for the columns at the right


@dataclass(frozen=True)
class Row:
    """One line of the chart: the texts beside it. Its marks are drawn by the caller. least_px: the least it is high."""

    label: str
    numbers: str = ""
    weight: str = ""
    bold: bool = False
    least_px: int = 26

    @property
    def wide(self) -> list[str]:
        """Lines at the left of a wide chart, which has the numbers at its right."""
        return wrap(self.label, LABEL_CHARS["wide"])

    @property
    def narrow(self) -> list[str]:
        """Lines at the left of a narrow chart."""
        return wrap(self.label, LABEL_CHARS["narrow"]) + ([self.numbers] if self.numbers else [])


@dataclass(frozen=True)
class RowFrame:
    """The rows of a chart and the axes around them.

    header: texts above the columns. domain: limits of the x axis. reference: where the vertical line stands (no
    effect). favours: what the left and the right side of the axis speak for. ticks: their places, or None to let
    Vega choose.
    classes: population classes present, for colours, shapes and a legend that all layers share. signs: how many signs
    stand at the right of a row; a narrow chart has room for the last one.
    """

    header: Row
    rows: Sequence[Row]
    domain: tuple[float, float]
    axis_title: str
    log: bool = False
    reference: float | None = None
    favours: tuple[str, str] | None = None
    ticks: Sequence[float] | None = None
    tick_format: str | None = None
    classes: Sequence[str] = theme.POPULATION_CLASSES[:1]
    signs: int = 0

    @cached_property
    def _edges(self) -> np.ndarray:
        rows = (self.header, *self.rows)
        heights = [max(row.least_px, LINE_PX * max(len(row.wide), len(row.narrow)) + 6) for row in rows]
        return np.cumsum([0, *heights])

    @property
    def height(self) -> int:
        """px"""
        return int(self._edges[-1])

    @property
    def top(self) -> int:
        """px where the heading ends and the rows begin."""
        return int(self._edges[1])

    def middle(self, row: int) -> float:
        """px of the middle of a row, counted from 0 below the heading."""
        return float(self._edges[row + 1] + self._edges[row + 2]) / 2

    def above(self, row: int) -> int:
        """px of the upper edge of a row."""
        return int(self._edges[row + 1])

    @property
    def constants(self) -> dict[str, Any]:
        """Texts of the rows, for the expressions of the axes."""
        lines = (self.header, *self.rows)
        return {
            "middles": self._middles,
            "first_lines_narrow": self._first_lines([line.narrow for line in lines]),
            "first_lines_wide": self._first_lines([line.wide for line in lines]),
            "labels_narrow": [line.narrow for line in lines],
            "labels_wide": [line.wide for line in lines],
            "numbers": [line.numbers for line in lines],
            "weights": [line.weight for line in lines],
        }

    def _first_lines(self, texts: Sequence[Sequence[str]]) -> list[float]:
        """px of the first line of each text: Vega puts that one, not the whole text, at an axis value."""
        return [y - LINE_PX * (len(lines) - 1) / 2 for y, lines in zip(self._middles, texts, strict=True)]

    @property
    def _middles(self) -> list[float]:
        return [float(middle) for middle in (self._edges[:-1] + self._edges[1:]) / 2]

    @property
    def all_signs(self) -> str:
        """An expression: is there room for all signs of a row?"""
        return f"available >= {SIGNS_FROM}" if self.signs > 1 else "false"

    @property
    def sign_shown(self) -> str:
        """An expression: is the sign in the column `column` shown?"""
        return f"({self.all_signs} || datum.column === {self.signs - 1})"

    @property
    def sign_x(self) -> str:
        """An expression: px of the middle of the sign in the column `column`."""
        return f"width + {0.7 * SIGN_PX} + ({self.all_signs} ? datum.column * {SIGN_PX} : 0)"

    @property
    def _signs_px(self) -> str:
        return f"({self.all_signs} ? {SIGN_PX * self.signs + 8} : {(SIGN_PX + 8) * min(self.signs, 1)})"

    def x(self, name: str, axis: alt.Axis | None = None) -> alt.X:
        zero = alt.Undefined if self.log else False
        scale = alt.Scale(type="log" if self.log else "linear", domain=list(self.domain), nice=False, zero=zero)
        return alt.X(name, type="quantitative", scale=scale, axis=axis)

    def y(self, name: str = "y", axis: alt.Axis | None = None) -> alt.Y:
        scale = alt.Scale(domain=[0, self.height], reverse=True, nice=False, zero=False)
        return alt.Y(name, type="quantitative", scale=scale, axis=axis)

    def layers(self) -> list[alt.Chart]:
        """Reference line, axes and columns of text: the marks are drawn over them."""
        line = self.domain[0] if self.reference is None else self.reference
        reference = (
            alt.Chart(inline(pd.DataFrame({"x": [line], "y": [self.top], "to": [self.height]})))
            .mark_rule(opacity=0.0 if self.reference is None else 0.9)
            .encode(x=self.x("x", self._x_axis()), y=self.y(axis=self._text_axis("labels")), y2="to:Q")
        )
        heading = self.rule(self.top, axis=self._text_axis("numbers"))
        carrier = self.rule(self.top).mark_rule(opacity=0)  # Vega-Lite has no axis without a mark
        layers = [reference, heading]
        if any(row.weight for row in self.rows):
            layers.append(carrier.encode(y=self.y(axis=self._text_axis("weights"))))
        if self.favours:
            layers.append(carrier.encode(x=self.x("low", direction_axis(self.favours, self.domain, self.axis_title))))
        return layers

    def rule(self, y: float, axis: alt.Axis | None = None) -> alt.Chart:
        """A faint line across the chart at a height in px."""
        line = pd.DataFrame({"y": [y], "low": [self.domain[0]], "high": [self.domain[1]]})
        return alt.Chart(inline(line)).mark_rule(opacity=0.3).encode(x=self.x("low"), x2="high:Q", y=self.y(axis=axis))

    def _x_axis(self) -> alt.Axis:
        return alt.Axis(
            title=None if self.favours else wrap(self.axis_title, TITLE_CHARS),
            values=alt.Undefined if self.ticks is None else list(self.ticks),
            format=self.tick_format or ("~g" if self.log else alt.Undefined),
            tickCount=5 if self.ticks is None else alt.Undefined,  # with values it would drop some of them
            grid=False,
            labelOverlap=True,
        )

    def _text_axis(self, column: str) -> alt.Axis:
        lines = (self.header, *self.rows)
        wide = f"available >= {theme.WIDE_FROM}"
        places = f"({wide} ? first_lines_wide : first_lines_narrow)" if column == "labels" else "middles"
        line = f"indexof({places}, datum.value)"
        bold = [number for number, row in enumerate(lines) if row.bold]
        common: dict[str, Any] = {
            "values": alt.ExprRef(places),
            "title": None,
            "domain": False,
            "ticks": False,
            "grid": False,
            "labelLimit": 0,
            "labelOverlap": False,
            "labelFontWeight": alt.condition(f"indexof({bold}, {line}) >= 0", alt.value("bold"), alt.value("normal")),
        }
        if column == "labels":
            texts = f"({wide} ? labels_wide : labels_narrow)"
            return alt.Axis(orient="left", labelExpr=f"{texts}[{line}]", labelPadding=8, **common)
        right = _column_px([row.numbers for row in lines])
        if column == "weights":
            right += _column_px([row.weight for row in lines])
        return alt.Axis(
            orient="right",
            labelExpr=f"{wide} ? {column}[{line}] : ''",
            labelAlign="right",
            labelPadding=alt.ExprRef(f"{wide} ? {right} + {self._signs_px} : 0"),
            minExtent=alt.ExprRef(self._signs_px),
            **common,
        )


def _column_px(texts: Sequence[str]) -> int:
    return round(CHAR_PX * max(len(text) for text in texts)) + 12
