"""Names beside points, placed so that none lies on another: a name that finds no room is left out.

The places are searched twice, for the narrowest chart and for the narrowest wide one. In a wider chart points only move
apart, so that what is free there stays free.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd

from helpers.charts.figure import inline
from helpers.charts.theme import WIDE_FROM

if TYPE_CHECKING:
    from helpers.charts.plane import Plane, PlaneAxis

PLOT_PX = {"narrow": 270, "wide": 480}  # width of the plot in a chart of 344 and of 560 px
SIZE_PX = 11
GAP_PX = 3
ALONE_PX = 6
LINE_STEP_PX = 4
MOST_CROSSED = 8  # steps: two lines through a name can be read, four not
# Advance widths of the font in thousandths of its size.
WIDTHS = dict.fromkeys("ijl|'", 230) | dict.fromkeys(" tfI.,:;/!()[]-r", 310) | dict.fromkeys("cksvxyzJ", 510)
WIDTHS |= dict.fromkeys("mMW%", 870) | dict.fromkeys("ABCDEFGHKLNOPQRSTUVXYZw&", 710)
Line = tuple[tuple[float, float], tuple[float, float]]
Box = tuple[float, float, float, float]  # left, top, right, bottom in px


def text_px(text: str, size: float = 12) -> float:
    """About how wide a line of text is, in px."""
    return sum(WIDTHS.get(letter, 560) for letter in text) * size / 1000


def label_layer(
    plane: Plane, rows: pd.DataFrame, x: str, y: str, *, points: pd.DataFrame, lines: Sequence[Line] = ()
) -> alt.Chart:
    """Column `label` of rows beside their points at x, y.

    points: all that are drawn, on which no name may lie. lines: each from (x, y) to (x, y); a name lies on one only where
    it finds no other room.
    """
    texts = [str(label) for label in rows["label"]]
    placed = pd.DataFrame({"label": texts, x: rows[x].to_numpy(), y: rows[y].to_numpy()})
    down = _pixels(plane.up, rows[y].to_numpy(), plane.height, flip=True)
    obstacles_down = _pixels(plane.up, points[y].to_numpy(), plane.height, flip=True)
    radius = np.sqrt(points["area"].to_numpy() / np.pi) if "area" in points else np.full(len(points), 5.0)
    for room, wide in PLOT_PX.items():
        across = _pixels(plane.across, rows[x].to_numpy(), wide)
        obstacles = np.column_stack([_pixels(plane.across, points[x].to_numpy(), wide), obstacles_down])
        inside = (0.0, 0.0, float(wide), float(plane.height))
        offsets = place_labels(
            texts, np.column_stack([across, down]), obstacles, radius, inside, _along(lines, plane, wide)
        )
        placed[f"dx_{room}"], placed[f"dy_{room}"] = offsets[:, 0], offsets[:, 1]
    wide_chart = f"available >= {WIDE_FROM}"
    shift = {side: f"({wide_chart} ? datum.d{side}_wide : datum.d{side}_narrow)" for side in "xy"}
    return (
        alt.Chart(inline(placed))
        .mark_text(fontSize=SIZE_PX, align="center", baseline="middle")
        .encode(
            x=alt.value(alt.ExprRef(f"scale('x', datum['{x}']) + {shift['x']}")),
            y=alt.value(alt.ExprRef(f"scale('y', datum['{y}']) + {shift['y']}")),
            text=alt.value(alt.ExprRef(f"isValid({shift['x']}) ? datum.label : ''")),
        )
    )


def place_labels(
    texts: Sequence[str], points: np.ndarray, obstacles: np.ndarray, radius: np.ndarray, frame: Box, avoid: np.ndarray
) -> np.ndarray:
    """(n, 2) offsets in px from each point (n, 2) to the middle of its text, nan where it has no room.

    obstacles: (m, 2) middles of marks with a radius (m,) each. A text lies inside the frame, on no obstacle and no other
    text, and on none of the points of `avoid`, (l, 2), if that can be had.
    """
    taken: list[Box] = []
    offsets = np.full((len(texts), 2), np.nan)
    for i, (text, (x, y)) in enumerate(zip(texts, points, strict=True)):
        half, high = text_px(text, SIZE_PX) / 2, SIZE_PX / 2 + 1
        own = np.abs(obstacles - (x, y)).max(axis=1, initial=0) < 1
        away = float(radius[own].max(initial=5.0)) + GAP_PX
        clear = radius + np.where(own, 0, ALONE_PX)  # a name near another trial's point would be read as that trial's
        marks = [(x - r, y - r, x + r, y + r) for (x, y), r in zip(obstacles, clear, strict=True)]
        best = np.inf
        for dx, dy in _places(away, half, high):
            box = (x + dx - half, y + dy - high, x + dx + half, y + dy + high)
            inside = box[0] >= frame[0] and box[1] >= frame[1] and box[2] <= frame[2] and box[3] <= frame[3]
            if not (text and inside) or any(_overlap(box, other) for other in (*taken, *marks)):
                continue
            crossed = int(((avoid >= box[:2]) & (avoid <= box[2:])).all(axis=1).sum())
            if crossed < best and crossed <= MOST_CROSSED:
                best, offsets[i] = crossed, (dx, dy)
        if best < np.inf:
            dx, dy = offsets[i]
            taken.append((x + dx - half, y + dy - high, x + dx + half, y + dy + high))
    return offsets


def _places(away: float, half: float, high: float) -> list[tuple[float, float]]:
    """Where a text of this half width and height may stand about its point: the sides first, then the corners."""
    corner = 0.7 * away
    sides = [(away + half, 0.0), (-away - half, 0.0), (0.0, -away - high), (0.0, away + high)]
    return sides + [(sx * (corner + half), sy * (corner + high)) for sx in (1, -1) for sy in (-1, 1)]


def _along(lines: Sequence[Line], plane: Plane, wide: float) -> np.ndarray:
    """(l, 2) points in px, close together on the lines."""
    points = [np.empty((0, 2))]
    for start, end in lines:
        ends = np.array([start, end], dtype=float)
        across, down = _pixels(plane.across, ends[:, 0], wide), _pixels(plane.up, ends[:, 1], plane.height, flip=True)
        steps = np.linspace(0, 1, 2 + int(np.hypot(*np.diff([across, down], axis=1).ravel()) / LINE_STEP_PX))
        points.append(np.column_stack([across[0] + steps * (across[1] - across[0]),
                                       down[0] + steps * (down[1] - down[0])]))  # fmt: skip
    return np.concatenate(points)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _pixels(axis: PlaneAxis, values: np.ndarray, length: float, flip: bool = False) -> np.ndarray:
    low, high = axis.domain
    values = np.asarray(values, dtype=float)
    share = (np.log(values / low) / np.log(high / low)) if axis.log else (values - low) / (high - low)
    if axis.reverse != flip:
        share = 1 - share
    return length * share
