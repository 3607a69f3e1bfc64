"""GOSH plot: the pooled effect of every subset of the trials against its heterogeneity.

Olkin, Dahabreh and Trikalinos 2012, doi:10.1002/jrsm.1053.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd

from helpers.charts import theme
from helpers.charts.axis import linear_ticks, log_ticks
from helpers.charts.figure import finish, inline
from helpers.charts.plane import Plane, PlaneAxis, span
from helpers.effects.checks import check_choice

if TYPE_CHECKING:
    from helpers.synthesis import Gosh

UP = {"I2": "I², heterogeneity (%)", "tau2": "tau², heterogeneity", "Q": "Q, heterogeneity"}
MOST_POINTS = 255  # subsets drawn one by one: those of eight trials
CELLS = (36, 30)  # across and up, where there are more
FEW_BARS = 12
LARGEST_AREA = 48  # px² of the dot of the fullest cell
SMALLEST_AREA = 3
STRIP = 0.22  # of the axis beside the plot, for the histogram
GAP = 0.04
COLOURS = {"all": theme.BLUE, "with": theme.VERMILLION, "without": theme.BLUE}
SHAPES = {"all": "circle", "with": "circle", "without": "square"}


def gosh_plot(
    subsets: Gosh,
    *,
    measure_label: str,
    log: bool,
    favours: tuple[str, str],
    title: str,
    description: str,
    heterogeneity: str = "I2",
    trial: int | None = None,
    trial_label: str = "",
) -> alt.LayerChart:
    """Draw the pooled effects of all subsets against their heterogeneity, with a histogram of each along its axis.

    subsets: from `synthesis.gosh`, on the scale of yi; with log=True the effects are shown as ratios. heterogeneity: "I2",
    "tau2" or "Q". Subsets of one trial have none and are left out. Up to 255 subsets are drawn one by one; of more, a dot
    for each cell of a grid, its area growing with the number of subsets in it, so that the chart stays light; the numbers
    behind it are then those of the cells. trial: a position in yi; subsets with that trial (trial_label) are told from
    those without it by colour and shape: two clouds mean that this trial makes the heterogeneity.
    measure_label, favours: as for `forest_plot`.
    Raises ValueError for fewer than two trials, another word for heterogeneity, a position that does not exist, an empty
    title or description.
    """
    check_choice("heterogeneity", heterogeneity, tuple(UP))
    k = subsets.included.shape[1]
    if k < 2:
        raise ValueError("a GOSH plot needs at least two trials")
    if trial is not None and not 0 <= trial < k:
        raise ValueError(f"trial: must be a position from 0 to {k - 1}, got {trial}")
    several = subsets.results["k"].to_numpy() > 1
    results = subsets.results[several].reset_index(drop=True)
    shown = pd.DataFrame(
        {
            "estimate": np.exp(results["estimate"]) if log else results["estimate"],
            "heterogeneity": results[heterogeneity],
            "trials": results["k"],
            "which": "all" if trial is None else np.where(subsets.included[several, trial], "with", "without"),
        }
    )
    x_domain = span(shown["estimate"], log=log)
    top = 100.0 if heterogeneity == "I2" else float(shown["heterogeneity"].max()) or 1.0
    few = len(shown) <= MOST_POINTS
    grid = _Grid(x_domain, (0.0, top), log, (FEW_BARS, FEW_BARS) if few else CELLS)
    no_effect = 1.0 if log else 0.0
    inside = x_domain[0] <= no_effect <= x_domain[1]
    plane = Plane(
        across=PlaneAxis(
            (x_domain[0], grid.beyond), measure_label, log=log, favours=favours, reference=no_effect if inside else None,
            ticks=(log_ticks if log else linear_ticks)(*x_domain, at_most=5),
        ),
        up=PlaneAxis((-0.02 * top, top * (1 + GAP + STRIP)), UP[heterogeneity], ticks=linear_ticks(0, top)),
        height=360,
    )  # fmt: skip
    dots = shown.assign(subsets=1) if few else grid.counted(shown)
    dots["area"] = 24.0 if few else _areas(dots["subsets"])
    notes = [f"{len(shown):,} subsets of two or more of {k} trials" if subsets.complete
             else f"A sample of {len(shown):,} subsets of {k} trials"]  # fmt: skip
    if not few:
        notes.append(f"A dot: up to {int(dots['subsets'].max()):,} subsets, the more the larger")
    if trial is not None:
        notes.append("Histograms: all subsets")
    data = shown.drop(columns="which") if trial is None else shown
    cells = dots.drop(columns=["area", *(["which"] if trial is None else [])])
    return finish(
        [*plane.layers(), *grid.histograms(shown, plane), *_dots(dots, plane, trial_label or "the trial")],
        own_axes=True,
        height=plane.height,
        title=title,
        description=description,
        data=data if few else cells,
        notes=notes,
    )


@dataclass(frozen=True)
class _Grid:
    """The part of the plane where the subsets lie; beside and above it is room for the histograms."""

    x: tuple[float, float]
    y: tuple[float, float]
    log: bool
    cells: tuple[int, int]

    @property
    def beyond(self) -> float:
        """The right end of the axis, after the histogram."""
        return self.right(1.0)

    def right(self, share: float) -> float:
        """A place in the strip at the right, 0 to 1."""
        low, high = (math.log(end) for end in self.x) if self.log else self.x
        place = high + (high - low) * (GAP * 0.5 + STRIP * share)
        return math.exp(place) if self.log else place

    def edges(self) -> tuple[np.ndarray, np.ndarray]:
        across = np.geomspace(*self.x, self.cells[0] + 1) if self.log else np.linspace(*self.x, self.cells[0] + 1)
        return across, np.linspace(*self.y, self.cells[1] + 1)

    def middles(self) -> tuple[np.ndarray, np.ndarray]:
        across, up = self.edges()
        centre = np.sqrt(across[:-1] * across[1:]) if self.log else (across[:-1] + across[1:]) / 2
        return centre, (up[:-1] + up[1:]) / 2

    def counted(self, shown: pd.DataFrame) -> pd.DataFrame:
        """The cells that hold subsets: the middle of each, and how many."""
        x, y = self.middles()
        parts = []
        for which, of_it in shown.groupby("which", sort=False):
            counts, _, _ = np.histogram2d(of_it["estimate"], of_it["heterogeneity"], self.edges())
            i, j = np.nonzero(counts)
            parts.append(pd.DataFrame({"estimate": x[i], "heterogeneity": y[j], "subsets": counts[i, j].astype(int),
                                       "which": which}))  # fmt: skip
        return pd.concat(parts, ignore_index=True)

    def histograms(self, shown: pd.DataFrame, plane: Plane) -> list[alt.Chart]:
        """Bars above the plot for the effects, and at its right for the heterogeneity."""
        across, up = self.edges()
        top = self.y[1]
        counts = np.histogram(shown["estimate"], across)[0]
        base = top * (1 + GAP)
        above = pd.DataFrame(
            {"x": across[:-1], "x2": across[1:], "y": base, "y2": base + top * STRIP * counts / counts.max()}
        )
        counts = np.histogram(shown["heterogeneity"], up)[0]
        beside = pd.DataFrame({"x": self.right(0.0), "x2": [self.right(share) for share in counts / counts.max()],
                               "y": up[:-1], "y2": up[1:]})  # fmt: skip
        return [
            alt.Chart(inline(bars[bars["x2"] - bars["x"] > 0]))
            .mark_rect(color=theme.INK, opacity=0.55)
            .encode(x=plane.x("x"), x2="x2:Q", y=plane.y("y"), y2="y2:Q")
            for bars in (above, beside)
        ]


def _areas(counts: pd.Series) -> pd.Series:
    """px²: growing with the root of the number, so that a cell of one subset is still seen beside one of hundreds."""
    return (LARGEST_AREA * np.sqrt(counts / counts.max())).clip(lower=SMALLEST_AREA)


def _dots(dots: pd.DataFrame, plane: Plane, trial_label: str) -> list[alt.Chart]:
    present = [which for which in ("all", "without", "with") if (dots["which"] == which).any()]
    names = {"all": "all", "with": f"with {trial_label}", "without": f"without {trial_label}"}
    domain = [names[which] for which in present]
    legend = None if present == ["all"] else alt.Legend(title=None, columns=1, labelLimit=0, symbolSize=90)
    base = alt.Chart(inline(dots.assign(which=dots["which"].map(names)))).encode(
        x=plane.x("estimate"), y=plane.y("heterogeneity"), size=alt.Size("area:Q", scale=None, legend=None)
    )  # fmt: skip
    colour = alt.Color("which:N", scale=alt.Scale(domain=domain, range=[COLOURS[w] for w in present]), legend=legend)
    shape = alt.Shape("which:N", scale=alt.Scale(domain=domain, range=[SHAPES[w] for w in present]), legend=legend)
    return [base.mark_point(filled=True, opacity=1).encode(color=colour, shape=shape)]
