"""Posterior densities: what the trials and the prior together say about the mean effect, a new trial and each trial."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from helpers.charts import theme
from helpers.charts.axis import interval_domain, log_ticks
from helpers.charts.figure import finish, inline
from helpers.charts.marks import arrow_heads, interval_lines, place
from helpers.charts.rows import Row, RowFrame
from helpers.format import estimate_with_interval, percent

if TYPE_CHECKING:
    from helpers.synthesis import PosteriorCurves

NAMES = {"mean": "Mean effect", "prediction": "A new trial"}
COLOURS = {"trial": theme.BLUE, "mean": theme.PURPLE, "prediction": theme.PURPLE}
ROW_PX = {"trial": 58, "mean": 92, "prediction": 66}
BELOW_PX = 18  # of a row, under the density: its interval, and what a trial shows alone


def posterior_plot(
    curves: PosteriorCurves,
    labels: Sequence[str] = (),
    *,
    measure_label: str,
    log: bool,
    favours: tuple[str, str],
    title: str,
    description: str,
    benefit: str | None = None,
    row_title: str = "Effect",
    digits: int = 2,
) -> alt.LayerChart:
    """Draw one density per row: each trial's (where the curves hold trials), the mean effect's, a new trial's.

    curves: from `synthesis.posterior_curves`, on the scale of yi; with log=True the effects are shown as ratios. labels:
    names of the trials, by position. Under each density stands its median with its interval; under that of a trial, thin
    and hollow, what the trial shows alone. Every density has the same height, so heights do not compare between rows.
    benefit: "higher" or "lower" effects are better: a column with the probability of any benefit. measure_label, favours:
    as for `forest_plot`.
    Raises ValueError for a trial without a label, another word for benefit, an empty title or description.
    """
    rows = curves.rows
    if benefit not in (None, "higher", "lower"):
        raise ValueError(f'benefit: "higher" or "lower" effects are better, not {benefit!r}')
    if len(labels) <= rows["trial"].max():
        raise ValueError(f"labels: one for each of the {rows['trial'].max() + 1} trials, not {len(labels)}")
    names = [NAMES.get(part) or labels[trial] for part, trial in zip(rows["part"], rows["trial"], strict=True)]
    numbers = ["median", "ci_low", "ci_high", "yi", "alone_low", "alone_high"]
    shown = rows[numbers].astype(float)
    shown = (np.exp(shown) if log else shown).assign(part=rows["part"], label=names)
    shown["probability"] = rows["above"] if benefit == "higher" else 1 - rows["above"]
    no_effect = 1.0 if log else 0.0
    domain = interval_domain(
        [*shown["median"], *shown["yi"]], [*shown["ci_low"], *shown["alone_low"]], [*shown["ci_high"], *shown["alone_high"]],
        reference=no_effect, log=log,
    )  # fmt: skip
    frame = RowFrame(
        header=Row(row_title, f"Median ({curves.level:.0%} CrI)", "P(benefit)" if benefit else "", bold=True),
        rows=[
            Row(
                row["label"],
                estimate_with_interval(row["median"], row["ci_low"], row["ci_high"], digits),
                percent(row["probability"], 0) if benefit else "",
                bold=row["part"] == "mean",
                least_px=ROW_PX[row["part"]],
            )
            for row in shown.to_dict("records")
        ],
        domain=domain,
        axis_title=f"{measure_label} (log scale)" if log else measure_label,
        log=log,
        reference=no_effect,
        favours=favours,
        ticks=log_ticks(*domain) if log else None,
    )
    given_all = place(shown.rename(columns={"median": "estimate"}).assign(row=range(len(shown))), frame)
    given_all["y"] = [frame.above(row + 1) - BELOW_PX + 5 for row in given_all["row"]]
    alone = place(given_all[["row", "yi", "alone_low", "alone_high"]].rename(
        columns={"yi": "estimate", "alone_low": "ci_low", "alone_high": "ci_high"}), frame)  # fmt: skip
    alone = alone.assign(y=given_all["y"] + 8)[alone["estimate"].notna()]
    layers = [*frame.layers(), *_ridges(curves, frame, log)]
    for part, colour in COLOURS.items():
        own = given_all[given_all["part"] == part]
        if len(own):
            layers += [
                interval_lines(own, frame, colour, width=3),
                *arrow_heads(own, frame, colour),
                _dots(own, frame, colour),
            ]
    if len(alone):
        layers += [interval_lines(alone, frame, theme.INK, width=1), *arrow_heads(alone, frame, theme.INK),
                   _dots(alone, frame, None)]  # fmt: skip
    data = shown if benefit else shown.drop(columns="probability")
    return finish(
        layers,
        own_axes=True,
        height=frame.height,
        title=title,
        description=description,
        data=data[["label", *[name for name in data if name not in ("label", "part")]]].dropna(axis=1, how="all"),
        notes=["Thin line, hollow: the trial alone; thick: given all trials"] if len(alone) else [],
        params=frame.constants,
    )


def _ridges(curves: PosteriorCurves, frame: RowFrame, log: bool) -> list[alt.Chart]:
    """The densities, each as high as its row lets it be, cut off where the axis ends."""
    layers = []
    for row, (part, trial) in enumerate(zip(curves.rows["part"], curves.rows["trial"], strict=True)):
        density = curves.densities
        density = density[(density["part"] == part) & (density["trial"] == trial)]
        if density["density"].isna().any() or not np.isfinite(density["density"]).all():
            continue
        base = frame.above(row + 1) - BELOW_PX
        room = base - frame.above(row) - 4
        x, height = _cut(np.exp(density["effect"]) if log else density["effect"], density["density"], frame.domain)
        lists: dict[str, Any] = {
            "x": [float(f"{value:.5g}") for value in x],
            "y": [round(float(base - room * share), 1) for share in height],
        }
        colour = COLOURS[part]
        layers.append(
            alt.Chart(alt.InlineData(values=[{**lists, "base": base}]))
            .transform_flatten(["x", "y"])
            .mark_area(
                color=colour, fillOpacity=0.3, interpolate="monotone", opacity=1,
                line=alt.LineConfig(color=colour, strokeWidth=1.5, strokeDash=[5, 3] if part == "prediction" else [1, 0]),
            )
            .encode(x=frame.x("x"), y=frame.y().stack(None), y2="base:Q")
        )  # fmt: skip
    return layers


def _cut(x: pd.Series, density: pd.Series, domain: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """The part of a curve inside the axis, with points at its ends, as shares of the curve's peak."""
    ends = [end for end in domain if x.min() < end < x.max()]
    at = np.sort([*x[(x >= domain[0]) & (x <= domain[1])], *ends])
    return at, np.interp(at, x, density) / density.max()


def _dots(placed: pd.DataFrame, frame: RowFrame, colour: str | None) -> alt.Chart:
    mark: dict[str, Any] = {"filled": True, "color": colour} if colour else {"stroke": theme.INK, "fill": None}
    return (
        alt.Chart(inline(placed))
        .mark_point(size=60 if colour else 34, opacity=1, **mark)
        .encode(x=frame.x("estimate"), y=frame.y())
    )
