"""The pooled result again and again: as each trial is added, and without each trial in turn."""

from __future__ import annotations

import altair as alt
import pandas as pd

from helpers.charts import theme
from helpers.charts.axis import interval_domain, log_ticks
from helpers.charts.figure import finish, inline, needs
from helpers.charts.forest import ESTIMATE, summary_layers, summary_parts, summary_row
from helpers.charts.marks import arrow_heads, interval_lines, place
from helpers.charts.rows import Row, RowFrame
from helpers.format import estimate_with_interval, percent

DIAMOND = "M0,-1L1,0L0,1L-1,0Z"


def cumulative_plot(
    rows: pd.DataFrame,
    *,
    measure_label: str,
    log: bool,
    favours: tuple[str, str],
    title: str,
    description: str,
    row_title: str = "Trial added",
    numbers_title: str = "Pooled (95% CI)",
    digits: int = 2,
) -> alt.LayerChart:
    """Draw one pooled estimate per row, each with one trial more than the one above; the last is that of all trials.

    rows: label (the trial added), estimate, ci_low, ci_high and, where wanted, I2 (percent; nan: not shown): the rows of
    `synthesis.cumulative`, on the scale of the axis (ratios themselves with log=True). A dashed line marks the last
    estimate, so that one sees since when it has not moved. The other arguments, and the errors, are those of `forest_plot`.
    """
    needs(rows, ESTIMATE, "a cumulative forest plot")
    frame = _frame(rows, None, measure_label, log, favours, row_title, numbers_title, digits)
    last = rows.tail(1)[ESTIMATE[1:2]].assign(top=frame.top, bottom=frame.height)
    return _drawn(rows, [_line_at(last, frame)], frame, rows, title, description)


def leave_one_out_plot(
    rows: pd.DataFrame,
    pooled: pd.DataFrame | None = None,
    *,
    measure_label: str,
    log: bool,
    favours: tuple[str, str],
    title: str,
    description: str,
    row_title: str = "Without",
    numbers_title: str = "Pooled (95% CI)",
    digits: int = 2,
) -> alt.LayerChart:
    """Draw one pooled estimate per row, each without the trial named, and below them the one of all trials.

    rows: label (the trial left out), estimate, ci_low, ci_high and, where wanted, I2: the rows of
    `synthesis.leave_one_out`, on the scale of the axis (ratios themselves with log=True). pooled: the same with all
    trials, one row as for `forest_plot`; a band over all rows shows its interval. The other arguments, and the errors, are
    those of `forest_plot`.
    """
    needs(rows, ESTIMATE, "a leave-one-out forest plot")
    if pooled is None:
        frame = _frame(rows, None, measure_label, log, favours, row_title, numbers_title, digits)
        return _drawn(rows, [], frame, rows, title, description)
    needs(pooled, ESTIMATE, "the pooled part of a leave-one-out forest plot")
    frame = _frame(rows, pooled, measure_label, log, favours, row_title, numbers_title, digits)
    placed = place(summary_parts(pooled, len(rows)), frame)
    first = placed[placed["part"] == "pooled"].head(1).assign(top=frame.top, bottom=frame.above(len(rows)))
    band = (
        alt.Chart(inline(first))
        .mark_rect(color=theme.PURPLE, opacity=0.2)
        .encode(x=frame.x("drawn_low"), x2="drawn_high:Q", y=frame.y("top"), y2="bottom:Q")
    )
    data = pd.concat([rows, pooled], ignore_index=True)
    return _drawn(rows, [band, *summary_layers(placed, frame)], frame, data, title, description)


def _frame(
    rows: pd.DataFrame, pooled: pd.DataFrame | None, measure_label: str, log: bool, favours: tuple[str, str],
    row_title: str, numbers_title: str, digits: int,
) -> RowFrame:  # fmt: skip
    heterogeneity = "I2" in rows and rows["I2"].notna().any()
    lines = [
        Row(
            row["label"],
            "not estimable"
            if pd.isna(row["estimate"])
            else estimate_with_interval(row["estimate"], row["ci_low"], row["ci_high"], digits),
            percent(row["I2"] / 100, 0, missing="") if heterogeneity else "",
        )
        for row in rows.to_dict("records")
    ]
    everything = rows[ESTIMATE[1:]].astype(float)
    if pooled is not None:
        parts = summary_parts(pooled, len(rows)).to_dict("records")
        i2 = pooled["I2"].iloc[0] / 100 if heterogeneity and "I2" in pooled else None
        lines += [
            summary_row(part, digits, percent(i2, 0, missing="") if i == 0 else "") for i, part in enumerate(parts)
        ]
        everything = pd.concat([everything, pd.DataFrame(parts)[ESTIMATE[1:]].astype(float)])
    no_effect = 1.0 if log else 0.0
    domain = interval_domain(
        everything["estimate"], everything["ci_low"], everything["ci_high"], reference=no_effect, log=log
    )
    return RowFrame(
        header=Row(row_title, numbers_title, "I²" if heterogeneity else "", bold=True),
        rows=lines,
        domain=domain,
        axis_title=f"{measure_label} (log scale)" if log else measure_label,
        log=log,
        reference=no_effect,
        favours=favours,
        ticks=log_ticks(*domain) if log else None,
    )


def _line_at(at: pd.DataFrame, frame: RowFrame) -> alt.Chart:
    """A dashed line at one estimate, from its top to its bottom."""
    line = alt.Chart(inline(at)).mark_rule(strokeDash=[3, 3], opacity=0.8, color=theme.PURPLE)
    return line.encode(x=frame.x("estimate"), y=frame.y("top"), y2="bottom:Q")


def _drawn(
    rows: pd.DataFrame, under: list[alt.Chart], frame: RowFrame, data: pd.DataFrame, title: str, description: str
) -> alt.LayerChart:
    placed = place(rows.assign(row=range(len(rows))), frame)
    placed = placed[placed["estimate"].notna()]
    marks = (
        alt.Chart(inline(placed))
        .mark_point(shape=DIAMOND, size=130, filled=True, opacity=1, color=theme.PURPLE)
        .encode(x=frame.x("estimate"), y=frame.y())
    )
    return finish(
        [
            *frame.layers(),
            *under,
            interval_lines(placed, frame, theme.PURPLE),
            *arrow_heads(placed, frame, theme.PURPLE),
            marks,
        ],
        own_axes=True,
        height=frame.height,
        title=title,
        description=description,
        data=data,
        params=frame.constants,
    )
