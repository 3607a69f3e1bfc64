"""Names beside points, placed so that none lies on another: a name that finds no room is left out.

The places are searched twice, for the narrowest chart and for the narrowest wide one. In a wider chart points only move
apart, so that what is free there stays free.
"""

from __future__ import annotations

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
# Advance widths of the font in thousandths of its size.
WIDTHS = dict.fromkeys("ijl|'", 230) | dict.fromkeys(" tfI.,:;/!()[]-r", 310) | dict.fromkeys("cksvxyzJ", 510)
WIDTHS |= dict.fromkeys("mMW%", 870) | dict.fromkeys("ABCDEFGHKLNOPQRSTUVXYZw&", 710)
Box = tuple[float, float, float, float]  # left, top, right, bottom in px


def text_px(text: str, size: float = 12) -> float:
    """About how wide a line of text is, in px."""
    return sum(WIDTHS.get(letter, 560) for letter in text) * size / 1000


def label_layer(plane: Plane, rows: pd.DataFrame, x: str, y: str, *, keep_clear: pd.DataFrame) -> alt.Chart:
    """Column `label` of rows beside their points at x, y; `keep_clear`: all points on which no name may lie."""
    texts = [str(label) for label in rows["label"]]
    placed = pd.DataFrame({"label": texts, x: rows[x].to_numpy(), y: rows[y].to_numpy()})
    down = _pixels(plane.up, rows[y].to_numpy(), plane.height, flip=True)
    obstacles_down = _pixels(plane.up, keep_clear[y].to_numpy(), plane.height, flip=True)
    for room, wide in PLOT_PX.items():
        across = _pixels(plane.across, rows[x].to_numpy(), wide)
        obstacles = np.column_stack([_pixels(plane.across, keep_clear[x].to_numpy(), wide), obstacles_down])
        radius = (
            np.sqrt(keep_clear["area"].to_numpy() / np.pi) if "area" in keep_clear else np.full(len(obstacles), 5.0)
        )
        offsets = place_labels(
            texts, np.column_stack([across, down]), obstacles, radius, (0.0, 0.0, float(wide), float(plane.height))
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
    texts: list[str], points: np.ndarray, obstacles: np.ndarray, radius: np.ndarray, frame: Box
) -> np.ndarray:
    """(n, 2) offsets in px from each point (n, 2) to the middle of its text, nan where it has no room.

    obstacles: (m, 2) middles of marks with a radius (m,) each. A text lies inside the frame and on nothing else.
    """
    taken: list[Box] = [(x - r, y - r, x + r, y + r) for (x, y), r in zip(obstacles, radius, strict=True)]
    offsets = np.full((len(texts), 2), np.nan)
    for i, (text, (x, y)) in enumerate(zip(texts, points, strict=True)):
        half, high = text_px(text, SIZE_PX) / 2, SIZE_PX / 2 + 1
        near = [r for (left, top), r in zip(obstacles, radius, strict=True) if abs(left - x) < 1 and abs(top - y) < 1]
        away = max(near, default=5.0) + GAP_PX
        sides = ((away + half, 0.0), (-away - half, 0.0), (0.0, -away - high), (0.0, away + high))
        corners = tuple((sx * (away * 0.7 + half), sy * (away * 0.7 + high)) for sx in (1, -1) for sy in (-1, 1))
        for dx, dy in (*sides, *corners):
            box = (x + dx - half, y + dy - high, x + dx + half, y + dy + high)
            inside = box[0] >= frame[0] and box[1] >= frame[1] and box[2] <= frame[2] and box[3] <= frame[3]
            if text and inside and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                offsets[i] = dx, dy
                break
    return offsets


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _pixels(axis: PlaneAxis, values: np.ndarray, length: float, flip: bool = False) -> np.ndarray:
    low, high = axis.domain
    values = np.asarray(values, dtype=float)
    share = (np.log(values / low) / np.log(high / low)) if axis.log else (values - low) / (high - low)
    if axis.reverse != flip:
        share = 1 - share
    return length * share
