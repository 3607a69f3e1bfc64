"""Charts that look ahead: what a next trial would have to show, how probable that is, how much evidence is needed."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from helpers.charts import theme
from helpers.charts.figure import TITLE_CHARS, finish, inline, needs, wrap
from helpers.charts.plane import Plane, PlaneAxis, span

BAND = ["n_from", "n_to", "low", "high", "conclusion"]
LINE = ["x", "y", "line"]
SIDE_COLOURS = (theme.VERMILLION, theme.BLUE)
LINE_COLOURS = (theme.BLUE, theme.VERMILLION, theme.GREEN, theme.PURPLE)
LINE_DASHES = ([1, 0], [6, 3], [2, 2], [10, 3, 2, 3])
TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 1_000_000)


def tipping_chart(
    bands: pd.DataFrame,
    trials: pd.DataFrame,
    *,
    sides: tuple[str, str],
    open_label: str,
    measure_label: str,
    log: bool,
    favours: tuple[str, str],
    title: str,
    description: str,
    notes: Sequence[str] = (),
) -> alt.LayerChart:
    """Which conclusion follows from a next trial of each size and each effect it may show.

    bands: a row a rectangle: n_from, n_to (patients an arm), low, high (effects, on the scale of the axis: ratios
    themselves with log=True) and conclusion. Those named in `sides` are filled, the others left bare. trials: the trials
    there are: label, n (patients an arm) and estimate; may be empty; one beyond the axes is not drawn.
    open_label: what the bare part is called. favours: what an effect below and above no difference speaks for.
    Raises ValueError for missing columns, no band, ratios of zero or less, an empty title or description.
    """
    needs(bands, BAND, "a tipping chart")
    across = PlaneAxis(
        (float(bands["n_from"].min()), float(bands["n_to"].max())), "Patients in each arm of the next trial", log=True,
        ticks=_ticks(float(bands["n_from"].min()), float(bands["n_to"].max())), tick_format=",d",
    )  # fmt: skip
    up = PlaneAxis(
        (float(bands["low"].min()), float(bands["high"].max())), f"{measure_label} that it shows", log=log,
        reference=1.0 if log else 0.0, favours=favours,
    )  # fmt: skip
    plane = Plane(across, up, height=300)
    filled = bands[bands["conclusion"].isin(sides)]
    layers = plane.layers()
    if len(filled):
        present = [side for side in sides if side in set(filled["conclusion"])]
        colours = [SIDE_COLOURS[sides.index(side)] for side in present]
        layers.insert(
            0,
            alt.Chart(inline(filled))
            .mark_rect(opacity=0.75)
            .encode(
                x=plane.x("n_from"),
                x2="n_to:Q",
                y=plane.y("low"),
                y2="high:Q",
                fill=alt.Fill(
                    "conclusion:N",
                    scale=alt.Scale(domain=present, range=colours),
                    legend=alt.Legend(
                        title=wrap("After the next trial the synthesis", TITLE_CHARS), columns=1, labelLimit=0
                    ),
                ),
            ),
        )
    inside = trials
    if len(trials):
        low, high = up.domain
        inside = trials[trials["estimate"].between(low, high) & trials["n"].between(*across.domain)]
    if len(inside):
        ink = alt.Chart(inline(inside)).mark_point(filled=True, shape="diamond", size=90, color=theme.INK, opacity=1)
        layers += [ink.encode(x=plane.x("n"), y=plane.y("estimate")), plane.labels(inside, "n", "estimate")]
    return finish(
        layers,
        own_axes=True,
        height=plane.height,
        title=title,
        description=description,
        data=bands,
        notes=[f"Bare: {open_label}", *notes],
    )


def outlook_lines(
    rows: pd.DataFrame,
    *,
    across_title: str,
    up_title: str,
    title: str,
    description: str,
    lines: Sequence[str] | None = None,
    lines_title: str = "",
    log_x: bool = True,
    log_y: bool = False,
    percent: bool = False,
    reference: float | None = None,
    favours: tuple[str, str] | None = None,
    notes: Sequence[str] = (),
) -> alt.LayerChart:
    """Lines over a size or an effect, told apart by colour and dash.

    rows: a row a point: x, y (on the scale of the axes) and line, its name; at most four. lines: their order. percent: y
    is a share of 1, on an axis from 0% to 100%. reference: a horizontal line. favours: what x below and above no
    difference speaks for. Raises ValueError for missing columns, no rows, more than four lines, a log axis with values
    of zero or less, an empty title or description.
    """
    needs(rows, LINE, "a chart of lines")
    names = list(lines or dict.fromkeys(rows["line"]))
    if len(names) > len(LINE_COLOURS):
        raise ValueError(f"at most {len(LINE_COLOURS)} lines can be told apart, not {len(names)}")
    x_domain = span(rows["x"], margin=0.0, log=log_x)
    marks = [] if reference is None else [reference]
    y_domain = (0.0, 1.0) if percent else span(rows["y"], marks, margin=0.08, log=log_y)
    across = PlaneAxis(
        x_domain, across_title, log=log_x, ticks=_ticks(*x_domain) if log_x and x_domain[0] >= 1 else None,
        tick_format=",d" if log_x and x_domain[0] >= 1 else None, favours=favours,
    )  # fmt: skip
    up = PlaneAxis(
        y_domain, up_title, log=log_y, reference=reference, ticks=_ticks(*y_domain) if log_y else None,
        tick_format=".0%" if percent else ",d" if log_y else None,
    )  # fmt: skip
    plane = Plane(across, up, height=260)
    title_lines = wrap(lines_title, TITLE_CHARS) if lines_title else None
    legend = alt.Legend(title=title_lines, columns=2, labelLimit=0) if len(names) > 1 else None
    drawn = (
        alt.Chart(inline(rows[LINE]))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=plane.x("x"),
            y=plane.y("y"),
            color=alt.Color(
                "line:N", scale=alt.Scale(domain=names, range=list(LINE_COLOURS[: len(names)])), legend=legend
            ),
            strokeDash=alt.StrokeDash(
                "line:N", scale=alt.Scale(domain=names, range=list(LINE_DASHES[: len(names)])), legend=legend
            ),
        )
    )
    return finish(
        [*plane.layers(), drawn],
        own_axes=True,
        height=plane.height,
        title=title,
        description=description,
        data=rows,
        notes=notes,
    )


def _ticks(low: float, high: float, at_most: int = 6) -> list[float]:
    inside = [float(tick) for tick in TICKS if low <= tick <= high]
    if len(inside) > at_most:
        inside = [tick for tick in inside if str(int(tick))[0] == "1"]
    return inside
