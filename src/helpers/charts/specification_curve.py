"""Specification curve: every defensible analysis of one question, and which choices move the result.

Simonsohn, Simmons and Nelson 2020, doi:10.1038/s41562-020-0912-z.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd

from helpers.charts import theme
from helpers.charts.axis import interval_domain, linear_ticks, log_ticks
from helpers.charts.figure import TITLE_CHARS, by_width, finish, inline, needs, wrap
from helpers.charts.upright import upright_title
from helpers.format import number

ESTIMATE = ["estimate", "ci_low", "ci_high", "conclusion"]
CONCLUSION_COLOURS = (theme.BLUE, theme.VERMILLION, theme.PURPLE, theme.GREEN)
CURVE_PX = 220
LINE_PX = 15
LANE_PX = 20  # with one line of text
LANE_GAP_PX = 4
LABEL_CHARS = {"wide": 30, "narrow": 17}
MOST_COLUMNS = 120  # in which the choices are counted; on a phone a column is then two px wide


@dataclass(frozen=True)
class Lane:
    """A line of the lower part: a heading, or a choice and how much of each column made it (None: heading)."""

    label: str
    shares: np.ndarray | None = None

    @property
    def height(self) -> int:
        lines = max(len(wrap(self.label, chars)) for chars in LABEL_CHARS.values())
        return LANE_PX + LINE_PX * (lines - 1) + (4 if self.shares is None else 0)


def specification_curve(
    rows: pd.DataFrame,
    choices: Mapping[str, str] | Sequence[str],
    *,
    measure_label: str,
    log: bool,
    favours: tuple[str, str],
    title: str,
    description: str,
    conclusions: Sequence[str] | None = None,
    numbers_title: str = "95% interval",
) -> alt.LayerChart:
    """Draw the specifications from the lowest to the highest estimate: intervals above, the choices behind them below.

    rows: a row a specification: estimate, ci_low, ci_high (on the scale of the axis: ratios themselves with log=True),
    conclusion (text, at most four different ones), a column a choice, and where wanted main (true for the planned
    specification, which a line marks).
    choices: the columns of choices, in order, or a mapping from them to their headings. conclusions: their order;
    by default the commonest first. favours: what a result below and above no effect speaks for.
    Each choice has a lane, filled where it was made. From 120 specifications on neighbours share a column of the lane, and
    the height of the filling is the share of them that made the choice; the largest under a heading fills its lane.
    A limit beyond the axis is cut off, and said.
    Raises ValueError for missing columns, no rows, a missing estimate, more than four conclusions or one not listed,
    two main specifications, an empty title or description, and ratios of zero or less.
    """
    headings = dict(choices) if isinstance(choices, Mapping) else {name: name for name in choices}
    needs(rows, [*ESTIMATE, *headings], "a specification curve")
    if rows["estimate"].isna().any():
        raise ValueError("every specification needs an estimate: leave out what could not be estimated, and say so")
    order = _order(rows, conclusions)
    drawn = rows.sort_values(["estimate", "ci_low"], kind="stable").reset_index(drop=True)
    main = drawn.index[drawn["main"].astype(bool)].tolist() if "main" in drawn else []
    if len(main) > 1:
        raise ValueError(f"one specification is the planned one, not {len(main)}")
    reference = 1.0 if log else 0.0
    domain = interval_domain(drawn["estimate"], drawn["ci_low"], drawn["ci_high"], reference=reference, log=log)
    lanes = _lanes(drawn, order, headings)
    tops = np.cumsum([CURVE_PX + 16, *(lane.height for lane in lanes)])
    frame = _Frame(len(drawn), int(tops[-1]), domain, log, _ticks(domain, log), lanes, tops)
    words = f"{measure_label} (log scale)" if log else measure_label
    layers = [
        *frame.axes(words, favours),
        frame.rule(frame.pixel(reference), opacity=0.9),
        frame.segments(drawn, order),
        frame.estimates(drawn),
        frame.fillings(),
    ]
    if main:
        layers.insert(-1, frame.marker(main[0]))
    cut = int(((drawn["ci_low"] < domain[0]) | (drawn["ci_high"] > domain[1])).sum())
    notes = [f"Line: estimate; coloured bar: {numbers_title}"]
    if main:
        notes.append("Dashed line: the planned specification")
    if frame.columns < len(drawn):
        notes.append(
            "Height of a filling: share of neighbouring specifications that made the choice, on a scale of its own "
            "under each heading"
        )
    if cut:
        notes.append(f"{cut:,} intervals reach beyond the axis" if cut > 1 else "One interval reaches beyond the axis")
    return finish(
        layers,
        own_axes=True,
        height=frame.height,
        title=title,
        description=description,
        data=rows,
        notes=notes,
        params=frame.constants,
    )


@dataclass(frozen=True)
class _Frame:
    """The axes: across, the rank of a specification, 0 to n; down, px, the effects above and the lanes below."""

    n: int
    height: int
    domain: tuple[float, float]
    log: bool
    ticks: Sequence[float]
    lanes: Sequence[Lane]
    tops: np.ndarray  # px, of the lanes, and the lower edge of the last

    @property
    def columns(self) -> int:
        return min(self.n, MOST_COLUMNS)

    def pixel(self, effect: float) -> float:
        """px of an effect, the higher the higher; outside the axis its end."""
        low, high = self.domain
        to = math.log if self.log else float
        held = min(max(effect, low), high)
        return round(CURVE_PX * (to(high) - to(held)) / (to(high) - to(low)), 1)

    @property
    def middles(self) -> list[float]:
        return [float(middle) for middle in (self.tops[:-1] + self.tops[1:]) / 2]

    @property
    def constants(self) -> dict[str, object]:
        """Texts at the left, for the expression of the axis."""
        ticks = [[_tick(value)] for value in self.ticks]
        places = [self.pixel(value) for value in self.ticks]
        constants: dict[str, object] = {}
        for room, chars in LABEL_CHARS.items():
            texts = [wrap(lane.label, chars) for lane in self.lanes]
            first = [y - LINE_PX * (len(text) - 1) / 2 for y, text in zip(self.middles, texts, strict=True)]
            constants[f"labels_{room}"] = [*ticks, *texts]
            constants[f"places_{room}"] = [*places, *first]
        return constants

    def x(self, name: str, axis: alt.Axis | None = None) -> alt.X:
        return alt.X(name, type="quantitative", scale=alt.Scale(domain=[0, self.n], nice=False), axis=axis)

    def y(self, name: str, axis: alt.Axis | None = None) -> alt.Y:
        scale = alt.Scale(domain=[0, self.height], reverse=True, nice=False, zero=False)
        return alt.Y(name, type="quantitative", scale=scale, axis=axis)

    def axes(self, words: str, favours: tuple[str, str]) -> list[alt.Chart]:
        wide = f"available >= {theme.WIDE_FROM}"
        places = f"({wide} ? places_wide : places_narrow)"
        line = f"indexof({places}, datum.value)"
        bold = [len(self.ticks) + i for i, lane in enumerate(self.lanes) if lane.shares is None]
        left = alt.Axis(
            values=alt.ExprRef(places),
            labelExpr=f"({wide} ? labels_wide : labels_narrow)[{line}]",
            labelFontWeight=alt.condition(f"indexof({bold}, {line}) >= 0", alt.value("bold"), alt.value("normal")),
            labelLimit=0, labelOverlap=False, labelPadding=6, ticks=False, domain=False, grid=False,
            **upright_title(words, favours),
        )  # fmt: skip
        many = "s" if self.n > 1 else ""
        bottom = alt.Axis(
            title=wrap(f"{self.n:,} specification{many}, from the lowest to the highest estimate", TITLE_CHARS),
            values=[value for value in linear_ticks(0, self.n, at_most=5) if value == int(value)],
            grid=False,
            format=",d",
        )
        corner = alt.Chart(inline(pd.DataFrame({"x": [0], "y": [0]}))).mark_point(opacity=0)
        grid = pd.DataFrame({"y": [self.pixel(value) for value in self.ticks], "x": 0, "x2": self.n})
        lines = alt.Chart(inline(grid)).mark_rule(opacity=0.15)
        return [
            corner.encode(x=self.x("x", bottom), y=self.y("y", left)),
            lines.encode(x=self.x("x"), x2="x2:Q", y=self.y("y")),
        ]

    def rule(self, y: float, opacity: float) -> alt.Chart:
        line = alt.Chart(inline(pd.DataFrame({"x": [0], "x2": [self.n], "y": [y]}))).mark_rule(opacity=opacity)
        return line.encode(x=self.x("x"), x2="x2:Q", y=self.y("y"))

    def marker(self, rank: int) -> alt.Chart:
        at = pd.DataFrame({"x": [rank + 0.5], "y": [0], "y2": [self.height]})
        line = alt.Chart(inline(at)).mark_rule(strokeDash=[5, 3], strokeWidth=1.5)
        return line.encode(x=self.x("x"), y=self.y("y"), y2="y2:Q")

    def segments(self, drawn: pd.DataFrame, order: Sequence[str]) -> alt.Chart:
        """The intervals."""
        lines = []
        for conclusion in order:
            of_it = drawn[drawn["conclusion"].astype(str) == conclusion]
            low, high = (of_it[name].fillna(of_it["estimate"]) for name in ("ci_low", "ci_high"))
            lines.append(
                {
                    "conclusion": conclusion,
                    "x": [at for rank in of_it.index for at in (rank + 0.5, rank + 0.5, None)],
                    "y": [at for ends in zip(low, high, strict=True) for at in (*map(self.pixel, ends), None)],
                }
            )
        scale = alt.Scale(domain=list(order), range=list(CONCLUSION_COLOURS[: len(order)]))
        legend = alt.Legend(title=None, columns=alt.ExprRef(by_width(2, 1)), symbolType="stroke", symbolStrokeWidth=6)
        width = alt.ExprRef(f"max(0.7, min(10, 0.7 * width / {self.n}))")
        return self.broken_line(lines).mark_line(strokeWidth=width).encode(
            color=alt.Color("conclusion:N", scale=scale, legend=legend)
        )  # fmt: skip

    def estimates(self, drawn: pd.DataFrame) -> alt.Chart:
        line = {
            "x": [at for rank in range(self.n) for at in (rank + 0.1, rank + 0.9, None)],
            "y": [at for estimate in drawn["estimate"] for at in (*[self.pixel(estimate)] * 2, None)],
        }
        return self.broken_line([line]).mark_line(strokeWidth=2.5, color=theme.INK)

    def fillings(self) -> alt.Chart:
        """The lanes: steps whose height is the share of a column's specifications that made the choice."""
        edges = np.round(self.n * np.arange(self.columns + 1) / self.columns, 2)
        gap = 0.12 if self.columns == self.n else 0.0
        outlines = []
        for i, lane in enumerate(self.lanes):
            if lane.shares is None:
                continue
            middle = (self.tops[i] + self.tops[i + 1]) / 2
            room = (LANE_PX - LANE_GAP_PX) / 2
            bottom = middle + room
            x: list[float | None] = []
            y: list[float | None] = []
            for column, share in enumerate(lane.shares):
                left, right = edges[column] + gap, edges[column + 1] - gap
                top = round(2 * (bottom - 2 * room * share)) / 2
                if share and x and x[-1] == left and y[-2] == top:  # goes on as it was
                    x[-2:] = [right, right]
                elif share and x and x[-1] == left:
                    x[-1:] = [left, right, right]
                    y[-1:] = [top, top, bottom]
                elif share:
                    x += [None] * bool(x) + [left, left, right, right]
                    y += [None] * bool(y) + [bottom, top, top, bottom]
            x, y = [*x, None], [*y, None]
            outlines.append({"x": x, "y": y})
        return self.broken_line(outlines).mark_line(strokeWidth=0, fill=theme.INK, fillOpacity=0.8)

    def broken_line(self, lines: Sequence[Mapping[str, object]]) -> alt.Chart:
        """Lists x and y, broken where both are None. One mark holds what would be thousands, which keeps pages light."""
        return (
            alt.Chart(alt.InlineData(values=list(lines)))
            .transform_flatten(["x", "y"])
            .transform_window(place="row_number()")
            .encode(x=self.x("x"), y=self.y("y"), order=alt.Order("place:Q"))
        )


def _order(rows: pd.DataFrame, conclusions: Sequence[str] | None) -> list[str]:
    present = rows["conclusion"].astype(str)
    order = list(conclusions) if conclusions is not None else present.value_counts(sort=True).index.tolist()
    unlisted = sorted(set(present) - set(order))
    if unlisted:
        raise ValueError(f"unknown conclusion {unlisted[0]!r}; listed: {', '.join(order)}")
    if len(order) > len(CONCLUSION_COLOURS):
        raise ValueError(f"at most {len(CONCLUSION_COLOURS)} conclusions can be told apart, not {len(order)}")
    return order


def _lanes(drawn: pd.DataFrame, order: Sequence[str], headings: Mapping[str, str]) -> list[Lane]:
    """Under each heading a lane for each level, in the order of a categorical column, else sorted."""
    columns = min(len(drawn), MOST_COLUMNS)
    column = (np.arange(len(drawn)) * columns) // len(drawn)
    sizes = np.bincount(column, minlength=columns)
    parts: list[tuple[str, pd.Series, list[object]]] = [("Conclusion", drawn["conclusion"].astype(str), list(order))]
    for name, heading in headings.items():
        values = drawn[name]
        levels = (
            list(values.cat.categories)
            if isinstance(values.dtype, pd.CategoricalDtype)
            else sorted(set(values), key=str)
        )
        parts.append((heading, values, [level for level in levels if (values == level).any()]))
    lanes = []
    for heading, values, levels in parts:
        lanes.append(Lane(heading))
        made = [np.bincount(column, weights=(values == level).to_numpy(float), minlength=columns) for level in levels]
        largest = max((count / sizes).max() for count in made)
        lanes += [Lane(_level(level), count / sizes / largest) for level, count in zip(levels, made, strict=True)]
    return lanes


def _level(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _ticks(domain: tuple[float, float], log: bool) -> list[float]:
    return log_ticks(*domain) if log else linear_ticks(*domain)


def _tick(value: float) -> str:
    digits = max(0, -math.floor(math.log10(abs(value)))) if 0 < abs(value) < 1 else 0 if value == int(value) else 1
    return number(value, digits)
