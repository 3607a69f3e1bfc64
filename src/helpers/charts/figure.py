"""What all charts share: the frame around the marks, and text that fits a phone."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from helpers.charts.theme import STATIC_WIDTH, WIDE_FROM

TITLE_CHARS = 36  # an axis title can not depend on the width; this fits the plot on a phone
# The container's width, not the plot's: that one follows from the labels, which must not follow from it in turn.
# `width` is named only to have the value looked up again when the page is resized.
_AVAILABLE = f"isFinite(containerSize()[0]) ? containerSize()[0] + 0 * width : {STATIC_WIDTH}"


def finish(
    layers: Sequence[alt.Chart],
    *,
    height: int,
    title: str,
    description: str,
    data: pd.DataFrame,
    notes: Sequence[str] = (),
    params: dict[str, Any] | None = None,
    live: Sequence[alt.Parameter] = (),
    own_axes: bool = False,
) -> alt.LayerChart:
    """Lay the layers over each other and give them a title, a description and the width of their container.

    height: px. data: the numbers behind the marks, as given by the caller; the page offers them as a file (the spec
    carries them in usermeta.data as columns and rows, the plain title in usermeta.title). notes: short lines under the
    title. params: named constants the chart's expressions use. live: parameters that readers change, and what follows.
    own_axes: each layer draws the axes it names, instead of one axis for all.
    Raises ValueError when the title or the description is empty.
    """
    for name, text in (("title", title), ("description", description)):
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"a chart needs a {name}: it is all that some readers get")
    lines = [line for note in notes for line in wrap(note, 56)]
    heading = alt.TitleParams(
        text=alt.ExprRef(by_width(wrap(title, 72), wrap(title, 42))),
        subtitle=lines or alt.Undefined,
    )
    constants = [alt.param(name=name, value=value) for name, value in (params or {}).items()]
    apart = alt.Resolve(axis=alt.AxisResolveMap(x="independent", y="independent"))
    available = alt.param(name="available", expr=_AVAILABLE)
    first, *others = layers
    return alt.LayerChart(  # all in one call: each further one would copy every layer with its data
        layer=[first.add_params(available, *live, *constants), *others],
        width="container",
        height=height,
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        title=heading,
        description=description,
        usermeta={"embedOptions": {"actions": False, "renderer": "svg"}, "title": title, "data": table(data)},
        resolve=apart if own_axes else alt.Undefined,
    )


def data_behind(chart: alt.LayerChart) -> pd.DataFrame:
    """The numbers behind a chart, the same that its download holds: what a table under it should show.

    What is not finite is missing. Raises ValueError for a chart that was not made by `finish`.
    """
    meta = chart.usermeta
    if not isinstance(meta, dict) or "data" not in meta:
        raise ValueError("this chart does not carry the numbers behind it")
    return pd.DataFrame(meta["data"]["rows"], columns=meta["data"]["columns"])


def direction_axis(favours: tuple[str, str], domain: tuple[float, float], title: str) -> alt.Axis:
    """A second axis under the ticks: what its two ends speak for, each at its own end, and its title below them."""
    left, right = (f"← {favours[0]}", f"{favours[1]} →")
    chars = 30 if len(left) + len(right) <= 24 else 15
    ends = by_width([left, right], [wrap(left, chars), wrap(right, chars)], wide_from=720)
    return alt.Axis(
        orient="bottom",
        offset=22,
        title=wrap(title, TITLE_CHARS),
        values=list(domain),
        labelExpr=f"{ends}[datum.index < 0.5 ? 0 : 1]",
        labelFlush=True,
        labelLimit=0,
        labelOverlap=False,
        domain=False,
        ticks=False,
        grid=False,
    )


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` characters, no more of them than needed and about equally long."""
    lines = _lines(text, width)
    if len(lines) > 1:
        width = next(narrower for narrower in range(1, width + 1) if len(_lines(text, narrower)) <= len(lines))
    return _lines(text, width) or [""]


def by_width(wide: object, narrow: object, wide_from: int = WIDE_FROM) -> str:
    """An expression: one constant where the chart has room (px, the whole chart), another where it has not."""
    constants = [json.dumps(value, ensure_ascii=False) for value in (wide, narrow)]
    if constants[0] == constants[1]:
        return constants[0]
    return f"(available >= {wide_from} ? {constants[0]} : {constants[1]})"


def black_or_white(field: str) -> Any:
    """Text colour from a column that holds "#000000" or "#ffffff", without a colour scale of its own."""
    return alt.condition(f"datum.{field} === '#000000'", alt.value("#000000"), alt.value("#ffffff"))


def inline(frame: pd.DataFrame) -> alt.InlineData:
    """A frame as inline data, in its row order."""
    return alt.InlineData(values=records(frame))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame as rows that JSON can hold: nan, infinity and NA become null."""
    return [{str(name): _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def table(frame: pd.DataFrame) -> dict[str, Any]:
    """A frame as its columns and rows of cells, which keep their order where JSON sorts its keys."""
    rows = [[_plain(value) for value in row] for row in frame.itertuples(index=False)]
    return {"columns": [str(name) for name in frame.columns], "rows": rows}


def needs(frame: pd.DataFrame, columns: Sequence[str], what: str) -> None:
    """Raises ValueError when `frame` is empty or lacks one of `columns`."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        present = ", ".join(map(str, frame.columns))
        raise ValueError(f"{what} needs the column(s) {', '.join(missing)}; it has {present}")
    if frame.empty:
        raise ValueError(f"{what} has no rows: there is nothing to draw")


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value


def _lines(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
