"""The distribution of an ordinal outcome in each arm (modified Rankin Scale "shift")."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from helpers.charts import theme
from helpers.charts.figure import black_or_white, finish, inline, needs, wrap

# From the best level to the worst: blue, pale, orange to dark brown. Lightness falls to both ends, hue tells them apart
# under every colour-vision deficiency; an outline in ink separates the pale ones from the page.
LEVEL_COLOURS = ("#0B5394", "#4A90C8", "#A9CDE6", "#F1E7D3", "#F5B971", "#D0691E", "#5B2300")
BAR_PX = 40
NAME_PX = 24
ROW_PX = 80


def shift_bars(
    counts: pd.DataFrame,
    *,
    title: str,
    description: str,
    levels: Sequence[str] = tuple("0123456"),
    scale_label: str = "Modified Rankin Scale, 0 (no symptoms) to 6 (dead)",
    arm: str = "arm",
    lower_is_better: bool = True,
) -> alt.LayerChart:
    """Draw one horizontal bar per arm, divided into the shares of its patients at each level, the best at the left.

    counts: one row per arm: a column with its name (`arm`) and one with the number of patients for each level, named
    as in `levels` (text or integers). Between two arms thin lines join the same boundary in both bars.
    levels: in ascending order; lower_is_better=False turns the reading order round.
    Raises ValueError for a missing level, a negative or fractional count, an arm without patients, and more than seven
    levels.
    """
    frame = counts.rename(columns=str)
    order = [str(level) for level in (levels if lower_is_better else list(reversed(levels)))]
    if len(order) > len(LEVEL_COLOURS):
        raise ValueError(f"at most {len(LEVEL_COLOURS)} levels can be told apart by colour, not {len(order)}")
    needs(frame, [arm, *order], "a shift chart")
    numbers = frame[order].astype(float)
    if (numbers.isna() | (numbers < 0) | (numbers % 1 != 0)).to_numpy().any() or (numbers.sum(axis=1) == 0).any():
        raise ValueError("counts must be whole numbers of patients, none missing or negative, and each arm needs some")
    colours = _colours(len(order))
    inks = dict(zip(order, map(theme.readable_on, colours), strict=True))
    segments = _segments(frame[arm].astype(str).tolist(), numbers)
    segments["ink"] = segments["level"].map(inks)
    fills = alt.Scale(domain=order, range=colours)
    height = ROW_PX * len(frame) - 4
    x = alt.X("start:Q", scale=alt.Scale(domain=[0, 100], nice=False), axis=_share_axis())
    y_scale = alt.Scale(domain=[0, height], reverse=True, nice=False)
    legend = alt.Legend(title=wrap(scale_label, 52), columns=len(order), symbolType="square", symbolSize=180,
                        symbolStrokeColor=theme.INK, symbolStrokeWidth=0.8)  # fmt: skip
    base = alt.Chart(inline(segments))
    bars = base.mark_rect(stroke=theme.INK, strokeWidth=0.8, opacity=1).encode(
        x=x,
        x2="end:Q",
        y=alt.Y("top:Q", scale=y_scale, axis=None),
        y2="bottom:Q",
        color=alt.Color("level:N", scale=fills, sort=order, legend=legend),
        order=alt.Order("position:Q"),
    )
    room = "(datum.end - datum.start) / 100 * width"
    text = (
        f"datum.count === 0 ? '' : {room} > 78 ? datum.count + ' (' + format(datum.percent, '.0f') + '%)' "
        f": {room} > 7 * length('' + datum.count) + 2 ? '' + datum.count : ''"
    )
    labels = base.mark_text(baseline="middle").encode(
        x=alt.X("middle:Q"),
        y=alt.Y("centre:Q", scale=y_scale, axis=None),
        color=black_or_white("ink"),
        text=alt.value(alt.ExprRef(text)),
    )
    arms = segments.drop_duplicates("row")
    text_of_arm = arms["arm"] + " (n = " + arms["n"].astype(str) + ")"
    names = (
        alt.Chart(inline(arms[["arm", "n", "name_y"]].assign(start=0.0, text=text_of_arm)))
        .mark_text(align="left", baseline="middle", fontWeight="bold")
        .encode(x="start:Q", y=alt.Y("name_y:Q", scale=y_scale, axis=None), text="text:N")
    )
    layers = [bars, labels, names]
    if len(arms) == 2:
        joins = (
            alt.Chart(inline(_joins(segments)))
            .mark_rule(opacity=0.5, strokeDash=[2, 2])
            .encode(x="start:Q", x2="end:Q", y=alt.Y("top:Q", scale=y_scale, axis=None), y2="bottom:Q")
        )
        layers.insert(0, joins)
    return finish(layers, height=height, title=title, description=description, data=counts)


def _segments(arms: Sequence[str], numbers: pd.DataFrame) -> pd.DataFrame:
    """One row per arm and level: count, percent, where it starts and ends (percent) and where it stands (px).

    An arm's name stands above its bar; under it for the second of two, so that nothing is between the bars.
    """
    rows = []
    for i, (arm, (_, counts)) in enumerate(zip(arms, numbers.iterrows(), strict=True)):
        total, before = int(counts.sum()), 0
        below = len(arms) == 2 and i == 1
        top = ROW_PX * i + (12 if below else NAME_PX)
        for position, (level, count) in enumerate(counts.items()):
            start, end = 100 * before / total, 100 * (before + int(count)) / total
            rows.append({
                "arm": arm, "row": i, "n": total, "level": str(level), "position": position, "count": int(count),
                "percent": 100 * int(count) / total, "start": start, "end": end, "middle": (start + end) / 2,
                "top": top, "bottom": top + BAR_PX, "centre": top + BAR_PX / 2,
                "name_y": top + BAR_PX + NAME_PX / 2 if below else top - NAME_PX / 2,
            })  # fmt: skip
            before += int(count)
    return pd.DataFrame(rows)


def _joins(segments: pd.DataFrame) -> pd.DataFrame:
    """From each inner boundary in the first bar to the same one in the second."""
    upper, lower = (segments[segments["row"] == row].reset_index(drop=True).iloc[:-1] for row in (0, 1))
    return pd.DataFrame({"start": upper["end"], "end": lower["end"], "top": upper["bottom"], "bottom": lower["top"]})


def _colours(count: int) -> list[str]:
    """`count` colours spread over the palette, both ends among them."""
    last = len(LEVEL_COLOURS) - 1
    return [LEVEL_COLOURS[round(i * last / max(count - 1, 1))] for i in range(count)]


def _share_axis() -> alt.Axis:
    title = "Patients (%), best outcome at the left"
    return alt.Axis(title=title, values=[0, 25, 50, 75, 100], grid=False, domain=False)
