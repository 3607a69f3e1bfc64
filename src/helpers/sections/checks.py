"""The page that shows why the book computes as it does: coverage of intervals, agreement with R."""

from __future__ import annotations

from typing import Any

import pandas as pd
from IPython.display import Markdown

from helpers import paths
from helpers.charts import coverage_plot
from helpers.format import number, percent
from helpers.sections.layout import table
from helpers.sections.sentences import listed, markdown
from helpers.verification import deviations

NOMINAL = 0.95


def coverage() -> pd.DataFrame:
    """The stored simulation."""
    return pd.read_csv(paths.project() / paths.INTERVAL_COVERAGE.relative_to(paths.ROOT))


def coverage_chart(rows: pd.DataFrame, tau: float, precision: str) -> Any:
    """Coverage by number of trials, in one setting of the simulation."""
    chosen = rows[(rows["tau"] == tau) & (rows["precision"] == precision)]
    spoken = "; ".join(
        f"{name}: " + ", ".join(f"{percent(row.coverage)} with {row.k}" for row in group.itertuples())
        for name, group in chosen.groupby("interval", sort=False)
    )
    return coverage_plot(
        chosen,
        nominal=NOMINAL,
        title=f"Coverage, trials {precision} in size, spread τ = {tau:g}",
        description=f"Share of 95% intervals that hold the true effect, by number of trials. {spoken}",
    )


def coverage_table(rows: pd.DataFrame) -> Any:
    """Coverage and mean width in every setting."""
    cells = rows.assign(cell=[f"{percent(row.coverage)} ({number(row.width)})" for row in rows.itertuples()])
    wide = cells.pivot_table(
        index=["precision", "tau", "k"], columns="interval", values="cell", aggfunc="first", sort=False
    )
    frame = wide[list(dict.fromkeys(rows["interval"]))].reset_index()
    frame = frame.rename(columns={"precision": "Sizes of trials", "tau": "Spread τ", "k": "Trials"})
    frame[["Spread τ", "Trials"]] = frame[["Spread τ", "Trials"]].map("{:g}".format)
    return table(frame, id="coverage", title="Coverage (mean width) of 95% intervals")


def coverage_sentence(rows: pd.DataFrame) -> Markdown | None:
    """What the simulation shows: the worst coverage of each interval, and its price in width."""
    few = rows[rows["k"] <= 5].groupby("interval", sort=False)
    two = rows[rows["k"] == 2].groupby("interval", sort=False)
    lowest = [f"{name} {percent(share)}" for name, share in few["coverage"].min().items()]
    widths = [f"{name} {number(width, 1)}" for name, width in two["width"].mean().items()]
    repetitions = int(rows["repetitions"].iloc[0])
    error = 1.96 * (NOMINAL * (1 - NOMINAL) / repetitions) ** 0.5
    return markdown(
        f"With two to five trials, over all settings, the lowest share of intervals that held the truth was: {listed(lowest)}. "
        f"With two trials the mean widths were: {listed(widths)}, in standard deviations. Each setting was simulated "
        f"{repetitions:,} times with seed {rows['seed'].iloc[0]}, so a share is known to about {percent(error)} either way."
    )


def agreement() -> Any:
    """Case by case, how far the pooled results lie from those of R's metafor."""
    frame = deviations(paths.project() / paths.ORACLE.relative_to(paths.ROOT))
    return table(
        pd.DataFrame(
            {
                "Case": frame["case"],
                "Measure": frame["measure"],
                "Trials": frame["k"].astype(str),
                "Numbers compared": frame["compared"].astype(str),
                "Closed forms": frame["closed_form"],
                "Iterative": frame["iterative"],
            }
        ),
        id="agreement",
        title="Largest relative deviation from metafor 3.8",
        notes=["Closed forms: EE, DL, HE, HS, SJ. Iterative: ML, REML, EB, PM."],
    )
