"""Flow of records through a review (PRISMA 2020, Page 2021, doi:10.1136/bmj.n71)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from helpers.charts import theme
from helpers.charts.figure import finish, inline, needs, wrap

COLUMNS = {"main": (0.0, 53.0), "side": (60.0, 100.0)}  # percent of the width
CHARS = {"main": 25, "side": 18}  # of a line on a phone
WIDEST_PX = 500
LINE_PX = 15
PADDING_PX = 9
GAP_PX = 28
STAGE_PX = 22


def flow_diagram(
    boxes: pd.DataFrame, arrows: Sequence[tuple[str, str]] | pd.DataFrame, *, title: str, description: str
) -> alt.LayerChart:
    """Draw boxes with counts, top to bottom, what leaves the flow at the side.

    boxes: one row per box: id, label, count (nan: none), row (0 at the top), column ("main" or "side") and, where
    wanted, details (lines under the count, separated by newlines: "no control group: 3") and stage (a heading such as
    "Screening", drawn where it first occurs). Text is wrapped to fit a phone.
    arrows: pairs of box ids (source, target): from a box to one below it in its column, or to one in its row.
    Raises ValueError for an unknown id or column, two boxes in one place, and an arrow that would be slanted.
    """
    needs(boxes, ["id", "label", "count", "row", "column"], "a flow diagram")
    placed = _placed(boxes)
    pairs = list(arrows.itertuples(index=False, name=None)) if isinstance(arrows, pd.DataFrame) else list(arrows)
    lines = _arrow_lines(placed, pairs)
    return draw_flow(placed, lines, title=title, description=description, data=boxes)


def draw_flow(
    placed: pd.DataFrame,
    lines: pd.DataFrame,
    *,
    title: str,
    description: str,
    data: pd.DataFrame,
    widest: int = WIDEST_PX,
) -> alt.LayerChart:
    """Draw boxes and arrows that have their places.

    placed: id, lines (of text, each with whether it is bold), left, right (percent of the width), top, bottom (px) and, where
    wanted, stage, stage_top. lines: x, x2 (percent), y, y2 (px) and direction: "down" or "right" with a head at the end, or
    "plain". widest: px that 100 percent are at most.
    """
    height = int(placed["bottom"].max()) + 1
    x_scale = alt.Scale(domain=[0, 100], nice=False, range=[0, alt.ExprRef(f"min(width, {widest})")])
    y_scale = alt.Scale(domain=[0, height], reverse=True, nice=False)

    def x(name: str) -> alt.X:
        return alt.X(name, type="quantitative", scale=x_scale, axis=None)

    def y(name: str) -> alt.Y:
        return alt.Y(name, type="quantitative", scale=y_scale, axis=None)

    frames = (
        alt.Chart(inline(placed.drop(columns="lines")))
        .mark_rect(fill="transparent", stroke=theme.INK, strokeWidth=1.2, cornerRadius=3)
        .encode(x=x("left"), x2="right:Q", y=y("top"), y2="bottom:Q")
    )
    layers = [frames]
    texts = _texts(placed)
    for bold in (True, False):
        part = texts[texts["bold"] == bold]
        if len(part):
            layers.append(
                alt.Chart(inline(part))
                .mark_text(align="left", baseline="middle", dx=8, fontWeight="bold" if bold else "normal")
                .encode(x=x("x"), y=y("y"), text="text:N")
            )
    stages = placed[placed["stage_top"].notna()] if "stage_top" in placed else placed.iloc[:0]
    if len(stages):
        layers.append(
            alt.Chart(inline(stages[["stage", "stage_top"]].assign(x=0.0)))
            .mark_text(align="left", baseline="middle", fontStyle="italic", fontSize=13)
            .encode(x=x("x"), y=y("stage_top"), text="stage:N")
        )
    for direction in ("down", "right"):
        part = lines[lines["direction"] == direction]
        if len(part):
            head = alt.MarkDef(
                type="point",
                shape=f"triangle-{direction}",
                filled=True,
                size=55,
                opacity=1,
                color=theme.INK,
                xOffset=-4 if direction == "right" else 0,  # so that the tip, not the middle, touches the box
                yOffset=-4 if direction == "down" else 0,
            )
            base = alt.Chart(inline(part)).encode(y=y("y"))
            layers += [
                base.mark_rule(strokeWidth=1.2).encode(x=x("x"), x2="x2:Q", y2="y2:Q"),
                base.properties(mark=head).encode(x=x("x2"), y=y("y2")),
            ]
    plain = lines[lines["direction"] == "plain"]
    if len(plain):
        base = alt.Chart(inline(plain)).mark_rule(strokeWidth=1.2)
        layers.append(base.encode(x=x("x"), x2="x2:Q", y=y("y"), y2="y2:Q"))
    return finish(layers, height=height, title=title, description=description, data=data)


def _placed(boxes: pd.DataFrame) -> pd.DataFrame:
    """The boxes with their edges (left, right in percent; top, bottom in px) and their lines of text."""
    frame = boxes.reset_index(drop=True).copy()
    unknown = [name for name in frame["column"] if name not in COLUMNS]
    if unknown:
        raise ValueError(f"unknown column {unknown[0]!r}; allowed: {', '.join(COLUMNS)}")
    for columns, what in ((["id"], "id"), (["row", "column"], "place")):
        if frame.duplicated(columns).any():
            raise ValueError(f"two boxes with one {what}: {frame.loc[frame.duplicated(columns), 'id'].iloc[0]}")
    frame["lines"] = pd.Series([box_lines(box, CHARS[box["column"]]) for box in frame.to_dict("records")], dtype=object)
    frame["left"] = [COLUMNS[name][0] for name in frame["column"]]
    frame["right"] = [COLUMNS[name][1] for name in frame["column"]]
    stages = frame["stage"] if "stage" in frame else pd.Series([None] * len(frame))
    top = 0.0
    seen: set[str] = set()
    for row in sorted(set(frame["row"])):
        here = frame["row"] == row
        stage = next((name for name in stages[here] if isinstance(name, str) and name and name not in seen), None)
        if stage:
            seen.add(stage)
            first = frame.index[here][0]
            frame.loc[first, "stage_top"] = top + STAGE_PX / 2 - 2
            top += STAGE_PX
        deepest = max(tall(lines) for lines in frame.loc[here, "lines"])
        frame.loc[here, "top"] = top
        top += deepest + GAP_PX
    frame["bottom"] = [top + tall(lines) for top, lines in zip(frame["top"], frame["lines"], strict=True)]
    if "stage_top" not in frame:
        frame["stage_top"] = float("nan")
    return frame


def tall(lines: Sequence[object]) -> int:
    """px of a box with these lines."""
    return 2 * PADDING_PX + LINE_PX * len(lines)


def box_lines(box: dict[Any, Any], chars: int) -> list[tuple[str, bool]]:
    """The texts of a box, each with whether it is bold: label, count, details; wrapped at so many characters."""
    lines = [(line, True) for line in wrap(str(box["label"]), chars)]
    if pd.notna(box["count"]):
        lines.append((f"n = {int(box['count'])}", True))
    details = box.get("details")
    if isinstance(details, str) and details:
        lines += [(line, False) for detail in details.split("\n") for line in wrap(detail, chars + 2)]
    return lines


def _texts(placed: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for box in placed.to_dict("records"):
        start = (box["top"] + box["bottom"]) / 2 - LINE_PX * (len(box["lines"]) - 1) / 2
        for i, (text, bold) in enumerate(box["lines"]):
            rows.append({"id": box["id"], "text": text, "bold": bold, "x": box["left"], "y": start + LINE_PX * i})
    return pd.DataFrame(rows)


def _arrow_lines(placed: pd.DataFrame, arrows: Sequence[tuple[str, str]]) -> pd.DataFrame:
    boxes = {box["id"]: box for box in placed.to_dict("records")}
    rows = []
    for source, target in arrows:
        for name in (source, target):
            if name not in boxes:
                raise ValueError(f"an arrow names the box {name!r}, which does not exist")
        a, b = boxes[source], boxes[target]
        if a["column"] == b["column"] and a["row"] < b["row"]:
            middle = (a["left"] + a["right"]) / 2
            ends = {"direction": "down", "x": middle, "x2": middle, "y": a["bottom"], "y2": b["top"]}
        elif a["row"] == b["row"] and a["left"] < b["left"]:
            middle = (a["top"] + min(a["bottom"], b["bottom"])) / 2
            ends = {"direction": "right", "x": a["right"], "x2": b["left"], "y": middle, "y2": middle}
        else:
            raise ValueError(f"the arrow {source} to {target} goes neither down its column nor right in its row")
        rows.append({"source": source, "target": target, **ends})
    return pd.DataFrame(rows, columns=["source", "target", "direction", "x", "x2", "y", "y2"])
