"""Colours, shapes and dashes that tell a trial's arms apart."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from helpers.charts import theme

COLOURS = (theme.VERMILLION, theme.BLUE, theme.GREEN, theme.PURPLE)  # the reference arm first
SHAPES = ("square", "circle", "triangle-up", "diamond")
DASHES = ([5, 3], [1, 0], [2, 2], [8, 3, 2, 3])


def check_arms(arms: Sequence[str]) -> list[str]:
    """The arms, each once. Raises ValueError for more than can be told apart."""
    names = list(dict.fromkeys(arms))
    if len(names) > len(COLOURS):
        raise ValueError(f"at most {len(COLOURS)} arms can be told apart, not {len(names)}")
    return names


def arm_legend(names: Sequence[str]) -> alt.Legend:
    longest = max(len(name) for name in names)
    return alt.Legend(title=None, orient="bottom", columns=1 if longest > 20 else 2, labelLimit=280, symbolOpacity=1)


def arm_colour(names: Sequence[str]) -> alt.Color:
    scale = alt.Scale(domain=list(names), range=list(COLOURS[: len(names)]))
    return alt.Color("arm:N", scale=scale, legend=arm_legend(names))


def arm_shape(names: Sequence[str]) -> alt.Shape:
    scale = alt.Scale(domain=list(names), range=list(SHAPES[: len(names)]))
    return alt.Shape("arm:N", scale=scale, legend=arm_legend(names))
