"""Drapery plot: the p-value functions of the trials and of the pooled effect.

Rücker and Schwarzer 2021, doi:10.1002/jrsm.1410.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from helpers.charts import theme
from helpers.charts.axis import interval_domain
from helpers.charts.figure import by_width, finish, inline, needs
from helpers.charts.plane import Plane, PlaneAxis

NAMES = {"trial": "One trial", "pooled": "Pooled effect", "prediction": "A new trial (prediction)"}
COLOURS = {"trial": theme.BLUE, "pooled": theme.PURPLE, "prediction": theme.PURPLE}
DASHES = {"trial": [1, 0], "pooled": [1, 0], "prediction": [6, 3]}
WIDTHS = {"trial": 1.2, "pooled": 3, "prediction": 2}
SIGNIFICANT = 0.05
TOP = 1.14  # above the peaks, for names


def drapery_plot(
    curves: pd.DataFrame,
    labels: Sequence[str],
    *,
    measure_label: str,
    log: bool,
    favours: tuple[str, str],
    title: str,
    description: str,
) -> alt.LayerChart:
    """Draw for every effect how well each trial and the pooled result go with it.

    curves: from `synthesis.drapery`, on the scale of yi; with log=True the effects are shown as ratios. labels: names of
    the trials, by position; they stand at the peaks where they find room. Where a curve crosses the line at p = 0.05
    its 95% interval ends. measure_label, favours: as for `forest_plot`.
    Raises ValueError for missing columns, no rows, a trial without a label, an empty title or description.
    """
    needs(curves, ["curve", "trial", "effect", "p"], "a drapery plot")
    trials = curves["trial"].where(curves["curve"] == "trial")
    if len(labels) <= trials.max():
        raise ValueError(f"labels: one for each of the {int(trials.max()) + 1} trials, not {len(labels)}")
    effect = np.exp(curves["effect"]) if log else curves["effect"]
    shown = curves.assign(
        effect=effect,
        label=[
            NAMES[curve] if pd.isna(trial) else labels[int(trial)]
            for curve, trial in zip(curves["curve"], trials, strict=True)
        ],
    )
    inside = shown[shown["p"] >= SIGNIFICANT].groupby(["curve", "trial"], sort=False)["effect"]
    peaks = shown.loc[shown.groupby(["curve", "trial"], sort=False)["p"].idxmax()]
    no_effect = 1.0 if log else 0.0
    plane = Plane(
        across=PlaneAxis(
            interval_domain(peaks["effect"], inside.min(), inside.max(), reference=no_effect, log=log),
            measure_label, log=log, reference=no_effect, favours=favours,
        ),
        up=PlaneAxis((0.0, TOP), "p-value of each effect", ticks=[0, 0.2, 0.4, 0.6, 0.8, 1]),
    )  # fmt: skip
    present = [curve for curve in NAMES if (shown["curve"] == curve).any()]
    heads = peaks[peaks["curve"] == "trial"]
    return finish(
        [
            *plane.layers(),
            *[_curves(shown[shown["curve"] == curve], curve, present, plane) for curve in present],
            *_significance(plane),
            plane.labels(heads.sort_values("effect", kind="stable"), "effect", "p"),
        ],
        own_axes=True,
        height=plane.height,
        title=title,
        description=description,
        data=shown[["curve", "label", "effect", "p"]],
    )


def _curves(part: pd.DataFrame, curve: str, present: Sequence[str], plane: Plane) -> alt.Chart:
    domain = [NAMES[name] for name in present]
    legend = alt.Legend(
        title=None, symbolType="stroke", symbolSize=500, symbolStrokeWidth=2, labelLimit=0,
        columns=alt.ExprRef(by_width(3, 1)),
    )  # fmt: skip
    lines = part[["trial", "effect", "p"]].assign(what=NAMES[curve])
    return plane.curves(lines, "effect", "p", by="trial", strokeWidth=WIDTHS[curve]).encode(
        color=alt.Color("what:N", scale=alt.Scale(domain=domain, range=[COLOURS[name] for name in present]), legend=legend),
        strokeDash=alt.StrokeDash(
            "what:N", scale=alt.Scale(domain=domain, range=[DASHES[name] for name in present]), legend=legend
        ),
    )  # fmt: skip


def _significance(plane: Plane) -> list[alt.Chart]:
    """A line at p = 0.05, and what it is."""
    (left, right), _ = plane.across.domain, plane.up.domain
    line = pd.DataFrame({"p": [SIGNIFICANT], "left": [left], "right": [right], "text": [f"p = {SIGNIFICANT:g}"]})
    base = alt.Chart(inline(line)).encode(y=plane.y("p"))
    return [
        base.mark_rule(strokeDash=[3, 3]).encode(x=plane.x("left"), x2="right:Q"),
        base.mark_text(align="right", baseline="bottom", dy=-2, dx=-2, fontSize=11).encode(
            x=plane.x("right"), text="text:N"
        ),
    ]
