"""Risk of bias: every judgement in one picture, told by shape, letters and colour alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import altair as alt
import pandas as pd

from helpers.charts import theme
from helpers.charts.figure import black_or_white, by_width, finish, inline, needs, wrap
from helpers.charts.rows import LINE_PX

AMBER = "#A87900"
CRIMSON = "#C2185B"
VIOLET = "#9A1FEF"
GREY = "#767676"
# Larger than Vega's own diamond, so that two letters fit; an octagon as on a stop sign.
DIAMOND = "M0,-1.25L1.25,0L0,1.25L-1.25,0Z"
OCTAGON = "M-0.42,-1L0.42,-1L1,-0.42L1,0.42L0.42,1L-0.42,1L-1,0.42L-1,-0.42Z"


@dataclass(frozen=True)
class Judgement:
    """How a judgement is drawn."""

    letters: str
    shape: str
    colour: str


JUDGEMENTS = {
    "low": Judgement("L", "circle", theme.BLUE),
    "some concerns": Judgement("SC", DIAMOND, AMBER),
    "moderate": Judgement("M", DIAMOND, AMBER),
    "high": Judgement("H", "square", CRIMSON),
    "serious": Judgement("S", "square", CRIMSON),
    "critical": Judgement("C", OCTAGON, VIOLET),
    "no information": Judgement("NI", "circle", GREY),
}
TOOLS = {
    "RoB 2": ("low", "some concerns", "high"),
    "ROBINS-I": ("low", "moderate", "serious", "critical", "no information"),
}
DOMAINS = {
    "RoB 2": {  # Sterne 2019, doi:10.1136/bmj.l4898
        "D1": "Randomisation process",
        "D2": "Deviations from intended interventions",
        "D3": "Missing outcome data",
        "D4": "Measurement of the outcome",
        "D5": "Selection of the reported result",
        "overall": "Overall",
    },
    "ROBINS-I": {  # Sterne 2016, doi:10.1136/bmj.i4919
        "D1": "Confounding",
        "D2": "Selection of participants",
        "D3": "Classification of interventions",
        "D4": "Deviations from intended interventions",
        "D5": "Missing data",
        "D6": "Measurement of outcomes",
        "D7": "Selection of the reported result",
        "overall": "Overall",
    },
}
CELL_PX = 36
DOMAIN_PX = 68  # widest a column gets
BAR_PX = 26
BAR_ROW_PX = 52  # with the domain's name above the bar


def traffic_light(judgements: pd.DataFrame, *, title: str, description: str) -> alt.LayerChart:
    """Draw trials (rows, in the order given) by domains (columns) for one tool.

    judgements: one row per trial and domain: trial (as it shall be labelled), tool ("RoB 2" or "ROBINS-I"), domain
    (D1, ... and overall), judgement. A domain without a judgement stays empty.
    Raises ValueError for two tools at once, an unknown domain or judgement, and two judgements for one cell.
    """
    tool, frame = _checked(judgements)
    trials = list(dict.fromkeys(frame["trial"]))
    domains = list(DOMAINS[tool])
    height = CELL_PX * len(trials)
    middles = {trial: CELL_PX * (i + 0.5) for i, trial in enumerate(trials)}
    labels = {trial: wrap(str(trial), 18) for trial in trials}
    first_lines = [middles[trial] - LINE_PX * (len(labels[trial]) - 1) / 2 for trial in trials]
    drawn = frame.assign(y=[middles[trial] for trial in frame["trial"]])
    x = alt.X(
        "domain:N",
        scale=alt.Scale(domain=domains, range=[0, alt.ExprRef(f"min(width, {DOMAIN_PX * len(domains)})")]),
        axis=alt.Axis(
            orient="top",
            title=f"{tool} domain",
            titleAnchor="start",
            labelExpr="datum.value === 'overall' ? 'All' : datum.value",
            labelAngle=0,
            ticks=False,
            domain=False,
            grid=False,
        ),
    )
    y = alt.Y(
        "y:Q",
        scale=alt.Scale(domain=[0, height], reverse=True, nice=False),
        axis=alt.Axis(
            title=None,
            values=first_lines,
            labelExpr=f"({json.dumps(list(labels.values()), ensure_ascii=False)})"
            f"[indexof({json.dumps(first_lines)}, datum.value)]",
            labelLimit=0,
            labelOverlap=False,
            labelPadding=6,
            ticks=False,
            domain=False,
            grid=False,
        ),
    )
    base = alt.Chart(inline(drawn)).encode(x=x, y=y)
    legend = _legend(tool, narrow_columns=1)
    symbols = base.mark_point(filled=True, opacity=1, size=620).encode(
        color=_channel(alt.Color, tool, {name: JUDGEMENTS[name].colour for name in TOOLS[tool]}, legend),
        shape=_channel(alt.Shape, tool, {name: JUDGEMENTS[name].shape for name in TOOLS[tool]}, legend),
    )
    return finish([symbols, _letters(base)], height=height, title=title, description=description, data=judgements)


def bias_summary(judgements: pd.DataFrame, *, title: str, description: str) -> alt.LayerChart:
    """Draw one bar per domain of one tool: the share of trials at each judgement, the number of trials in each part.

    judgements: as for `traffic_light`, and with the same errors.
    """
    tool, frame = _checked(judgements)
    parts = _shares(tool, frame)
    height = BAR_ROW_PX * len(DOMAINS[tool])
    y_scale = alt.Scale(domain=[0, height], reverse=True, nice=False)
    axis = alt.Axis(title="Trials (%)", values=[0, 25, 50, 75, 100], grid=False)
    base = alt.Chart(inline(parts)).encode(
        x=alt.X("start:Q", scale=alt.Scale(domain=[0, 100], nice=False), axis=axis),
        y=alt.Y("top:Q", scale=y_scale, axis=None),
    )
    bars = base.mark_rect(stroke=theme.INK, strokeWidth=0.8, opacity=1).encode(
        x2="end:Q",
        y2="bottom:Q",
        color=_channel(
            alt.Color, tool, {name: JUDGEMENTS[name].colour for name in TOOLS[tool]}, _legend(tool, narrow_columns=2)
        ),
    )
    counts = _letters(base).encode(x="middle:Q", y=alt.Y("centre:Q", scale=y_scale, axis=None), text="text:N")
    names = parts.drop_duplicates("domain")[["name", "top"]].assign(start=0)
    headings = (
        alt.Chart(inline(names))
        .mark_text(align="left", baseline="bottom", dy=-4)
        .encode(x="start:Q", y=alt.Y("top:Q", scale=y_scale, axis=None), text="name:N")
    )
    return finish(
        [bars, counts, headings],
        height=height,
        title=title,
        description=description,
        data=parts[["domain", "name", "judgement", "count"]],
    )


def _checked(judgements: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    needs(judgements, ["trial", "tool", "domain", "judgement"], "a risk-of-bias chart")
    tools = list(dict.fromkeys(judgements["tool"]))
    if len(tools) > 1 or tools[0] not in TOOLS:
        raise ValueError(f"one chart shows one tool, {' or '.join(TOOLS)}, not {', '.join(map(str, tools))}")
    tool = tools[0]
    for column, allowed in (("domain", list(DOMAINS[tool])), ("judgement", list(TOOLS[tool]))):
        unknown = [value for value in judgements[column] if value not in allowed]
        if unknown:
            raise ValueError(f"unknown {tool} {column} {unknown[0]!r}; allowed: {', '.join(allowed)}")
    twice = judgements[judgements.duplicated(["trial", "domain"])]
    if len(twice):
        raise ValueError(f"two judgements for {twice['trial'].iloc[0]}, {twice['domain'].iloc[0]}")
    drawn = [JUDGEMENTS[value] for value in judgements["judgement"]]
    return tool, judgements[["trial", "tool", "domain", "judgement"]].assign(
        letters=[judgement.letters for judgement in drawn],
        ink=[theme.readable_on(judgement.colour) for judgement in drawn],
    )


def _shares(tool: str, frame: pd.DataFrame) -> pd.DataFrame:
    """One row per domain and judgement that occurs: count, where its part of the bar starts and ends (percent; px)."""
    rows = []
    for i, (domain, name) in enumerate(DOMAINS[tool].items()):
        judged = frame[frame["domain"] == domain]["judgement"]
        before = 0
        for judgement in TOOLS[tool]:
            count = int((judged == judgement).sum())
            if count:
                start, end = (100 * n / len(judged) for n in (before, before + count))
                bottom = BAR_ROW_PX * (i + 1) - 4
                rows.append({
                    "domain": domain, "name": name, "judgement": judgement, "count": count,
                    "start": start, "end": end, "middle": (start + end) / 2,
                    "top": bottom - BAR_PX, "bottom": bottom, "centre": bottom - BAR_PX / 2,
                    "text": f"{JUDGEMENTS[judgement].letters} {count}",
                    "ink": theme.readable_on(JUDGEMENTS[judgement].colour),
                })  # fmt: skip
                before += count
    return pd.DataFrame(rows)


def _letters(base: alt.Chart) -> alt.Chart:
    return base.mark_text(fontWeight="bold", fontSize=11, baseline="middle").encode(
        text="letters:N", color=black_or_white("ink")
    )


def _channel(
    channel: type[alt.Color] | type[alt.Shape], tool: str, values: Mapping[str, str], legend: alt.Legend
) -> alt.Color | alt.Shape:
    scale = alt.Scale(domain=list(TOOLS[tool]), range=list(values.values()))
    return channel("judgement:N", scale=scale, legend=legend)


def _legend(tool: str, narrow_columns: int) -> alt.Legend:
    names = ", ".join(f"'{name}': '{JUDGEMENTS[name].letters} = {name}'" for name in TOOLS[tool])
    columns = alt.ExprRef(by_width(len(TOOLS[tool]), narrow_columns))
    return alt.Legend(title=None, labelExpr=f"({{{names}}})[datum.value]", columns=columns, symbolSize=150)
