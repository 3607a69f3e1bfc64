"""A title for the vertical axis that lies above it, where it is read without turning one's head and takes no width."""

from __future__ import annotations

from typing import Any

from helpers.charts.figure import wrap

LINE_PX = 15
LIFT_PX = 10
DIRECTION_CHARS = 42
TITLE_CHARS = 36  # an axis title can not depend on the width; this fits the plot on a phone


def upright_title(text: str, favours: tuple[str, str] | None = None) -> dict[str, Any]:
    """Options of an axis. favours: what a result below and above speaks for, on lines of their own."""
    lines = wrap(text, TITLE_CHARS)
    if favours:
        lines += wrap(f"↑ {favours[1]}, ↓ {favours[0]}", DIRECTION_CHARS)
    return {
        "title": lines,
        "titleAngle": 0,
        "titleAlign": "left",
        "titleAnchor": "end",
        "titleBaseline": "bottom",
        "titleX": -LIFT_PX,
        "titleY": -LIFT_PX - LINE_PX * (len(lines) - 1),
    }
