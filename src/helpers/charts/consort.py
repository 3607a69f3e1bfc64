"""Flow of participants through a trial, arm beside arm (CONSORT 2010, Schulz 2010, doi:10.1136/bmj.c332)."""

from __future__ import annotations

import altair as alt
import pandas as pd

from helpers.charts.figure import needs
from helpers.charts.flow import GAP_PX, box_lines, draw_flow, tall

ALL = "all"
MOST_ARMS = 3
GAP = 4.0  # percent of the width between arms
PHONE_CHARS = 47  # that fit the whole width of a phone, bold ones too
WIDEST_PX = 620


def consort_diagram(boxes: pd.DataFrame, *, title: str, description: str) -> alt.LayerChart:
    """Draw boxes top to bottom: those of all participants in the middle, then one column an arm.

    boxes: one row per box in the order of the flow: id, label, count (nan: none), column ("all", or the arm) and, where wanted,
    details (lines under the count, separated by newlines). Boxes of "all" come first; the first boxes of the arms
    stand in one row, the second ones in the next. Arrows follow from the order.
    Raises ValueError for two boxes of one id, more than three arms, and a box of all participants below an arm.
    """
    needs(boxes, ["id", "label", "count", "column"], "a participant flow")
    if boxes["id"].duplicated().any():
        raise ValueError(f"two boxes with one id: {boxes.loc[boxes['id'].duplicated(), 'id'].iloc[0]}")
    arms = [name for name in dict.fromkeys(boxes["column"]) if name != ALL]
    if len(arms) > MOST_ARMS:
        raise ValueError(f"at most {MOST_ARMS} arms have room beside each other, not {len(arms)}")
    split = (boxes["column"] != ALL).to_numpy()
    if split.any() and not split[split.argmax() :].all():
        raise ValueError("a box of all participants stands below an arm")
    placed = _placed(boxes.reset_index(drop=True), arms)
    return draw_flow(placed, _arrows(placed, arms), title=title, description=description, data=boxes, widest=WIDEST_PX)


def _placed(boxes: pd.DataFrame, arms: list[str]) -> pd.DataFrame:
    frame = boxes.copy()
    width = (100 - GAP * (len(arms) - 1)) / max(len(arms), 1)
    edges = {arm: (i * (width + GAP), i * (width + GAP) + width) for i, arm in enumerate(arms)}
    edges[ALL] = (50 - max(width, 56) / 2, 50 + max(width, 56) / 2) if len(arms) > 1 else (0.0, 100.0)
    frame["left"] = [edges[name][0] for name in frame["column"]]
    frame["right"] = [edges[name][1] for name in frame["column"]]
    chars = ((frame["right"] - frame["left"]) / 100 * PHONE_CHARS).astype(int) - 2
    records = frame.to_dict("records")
    frame["lines"] = pd.Series([box_lines(box, n) for box, n in zip(records, chars, strict=True)], dtype=object)
    shared = int((frame["column"] == ALL).sum())
    frame["row"] = frame.groupby("column").cumcount() + (frame["column"] != ALL) * shared
    top = 0
    for _, here in frame.groupby("row", sort=True):
        deep = max(tall(lines) for lines in here["lines"])
        frame.loc[here.index, "top"], frame.loc[here.index, "bottom"] = float(top), float(top + deep)
        top += deep + GAP_PX
    return frame


def _arrows(placed: pd.DataFrame, arms: list[str]) -> pd.DataFrame:
    middle = (placed["left"] + placed["right"]) / 2
    rows = []

    def add(direction: str, x: float, x2: float, y: float, y2: float) -> None:
        rows.append({"direction": direction, "x": x, "x2": x2, "y": y, "y2": y2})

    for _, column in placed.groupby("column", sort=False):
        for above, below in zip(column.index[:-1], column.index[1:], strict=True):
            add("down", middle[above], middle[above], placed.at[above, "bottom"], placed.at[below, "top"])
    shared = placed.index[placed["column"] == ALL]
    firsts = [placed.index[placed["column"] == arm][0] for arm in arms]
    if len(shared) and firsts:
        start, bottom = float(middle[shared[-1]]), float(placed.at[shared[-1], "bottom"])
        bend = bottom + GAP_PX / 2 - 3
        if len(firsts) > 1:
            add("plain", start, start, bottom, bend)
            add("plain", float(middle[firsts[0]]), float(middle[firsts[-1]]), bend, bend)
        for first in firsts:
            add(
                "down",
                float(middle[first]),
                float(middle[first]),
                bend if len(firsts) > 1 else bottom,
                placed.at[first, "top"],
            )
    return pd.DataFrame(rows, columns=["direction", "x", "x2", "y", "y2"])
