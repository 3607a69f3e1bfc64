"""Shift bars, interval plots, risk-of-bias charts and the flow diagram draw the numbers they are given."""

import pandas as pd
import pytest
from chart_examples import ARROWS, NAN, boxes, judgements, serious_events, treasure

from helpers.charts import bias_summary, flow_diagram, interval_plot, shift_bars, traffic_light
from helpers.charts.theme import canonical

WORDS = {"title": "A title", "description": "A description"}


def spec_of(chart):
    return canonical(chart.to_dict())


def drawn(chart, *fields):
    spec = spec_of(chart)
    return next(rows for rows in spec["datasets"].values() if rows and set(fields) <= set(rows[0]))


def test_shift_bars_divide_each_arm_by_its_own_patients():
    segments = drawn(shift_bars(treasure(), **WORDS), "level", "count")
    cells = [segment for segment in segments if segment["arm"] == "Cells"]
    assert [segment["count"] for segment in cells] == [5, 9, 20, 15, 31, 18, 6]
    assert cells[2]["percent"] == pytest.approx(100 * 20 / 104)
    assert cells[2]["start"] == pytest.approx(100 * 14 / 104)
    for arm in ("Cells", "Placebo"):
        ends = [segment["end"] for segment in segments if segment["arm"] == arm]
        assert ends == sorted(ends) and ends[-1] == pytest.approx(100)


def test_the_best_level_comes_first_whichever_way_the_scale_runs():
    for lower_is_better, first in ((True, "0"), (False, "6")):
        segments = drawn(shift_bars(treasure(), lower_is_better=lower_is_better, **WORDS), "level", "count")
        assert segments[0]["level"] == first and segments[0]["start"] == 0


def test_lines_join_the_same_boundary_of_two_arms_only():
    spec = spec_of(shift_bars(treasure(), **WORDS))
    (joins,) = [
        rows for rows in spec["datasets"].values() if {"start", "end"} <= set(rows[0]) and "level" not in rows[0]
    ]
    assert [join["start"] for join in joins] == pytest.approx([100 * n / 104 for n in (5, 14, 34, 49, 80, 98)])
    assert [join["end"] for join in joins] == pytest.approx([100 * n / 102 for n in (3, 11, 23, 40, 79, 99)])
    three = pd.concat([treasure(), treasure().head(1)], ignore_index=True)
    assert (
        len(spec_of(shift_bars(three, **WORDS))["layer"]) == len(spec_of(shift_bars(treasure(), **WORDS))["layer"]) - 1
    )


@pytest.mark.parametrize("wrong", [-1, 2.5, NAN])
def test_counts_that_are_no_patients_are_refused(wrong):
    counts = treasure().astype({3: float})
    counts.loc[0, 3] = wrong
    with pytest.raises(ValueError, match="whole numbers of patients"):
        shift_bars(counts, **WORDS)


def test_a_missing_level_and_an_empty_arm_are_refused():
    with pytest.raises(ValueError, match="6"):
        shift_bars(treasure().drop(columns=6), **WORDS)
    with pytest.raises(ValueError, match="each arm needs some"):
        shift_bars(treasure().assign(**{str(level): 0 for level in range(7)}).drop(columns=list(range(7))), **WORDS)


def test_a_one_sided_limit_is_a_dashed_line_to_a_bracket():
    spec = spec_of(interval_plot(serious_events(), axis_title="Patients (%)", percent=True, **WORDS))
    brackets = next(rows for rows in spec["datasets"].values() if rows and "limit" in rows[0])
    assert [(row["label"], row["limit"]) for row in brackets] == [
        ("Levy 2019, related to treatment", 0.0798),
        ("Levy 2019, lowest dose", 0.4507),
    ]
    dashed = [layer for layer in spec["layer"] if layer["mark"].get("strokeDash")]
    assert [len(spec["datasets"][layer["data"]["name"]]) for layer in dashed] == [2]
    assert any("one-sided" in line for line in spec["title"]["subtitle"])


def test_proportions_are_written_in_percent_on_an_axis_from_zero():
    spec = spec_of(interval_plot(serious_events(), axis_title="Patients (%)", percent=True, **WORDS))
    numbers = next(param["value"] for param in spec["params"] if param["name"] == "numbers")
    assert numbers[1:] == ["0.0% (up to 8.0%)", "10.3% (2.9% to 24.2%)", "0.0% (up to 45.1%)"]
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"][0] == 0
    with pytest.raises(ValueError, match="between 0 and 1"):
        interval_plot(serious_events().assign(ci_high=8.0), axis_title="Patients (%)", percent=True, **WORDS)


def test_an_interval_plot_keeps_the_numbers_and_order_given():
    rows = pd.DataFrame({"label": ["B", "A"], "estimate": [2.0, 1.0], "ci_low": [1.5, 0.5], "ci_high": [2.5, 1.5]})
    marks = drawn(interval_plot(rows, axis_title="Change (points)", **WORDS), "drawn_low", "area")
    assert [(m["label"], m["estimate"], m["drawn_low"], m["drawn_high"]) for m in marks] == [
        ("B", 2.0, 1.5, 2.5), ("A", 1.0, 0.5, 1.5)]  # fmt: skip


@pytest.mark.parametrize("tool", ["RoB 2", "ROBINS-I"])
def test_every_judgement_is_drawn_once_with_its_letters(tool):
    given = judgements(tool)
    cells = drawn(traffic_light(given, **WORDS), "domain", "letters")
    assert [(c["trial"], c["domain"], c["judgement"]) for c in cells] == list(
        given[["trial", "domain", "judgement"]].itertuples(index=False, name=None)
    )
    assert {cell["letters"] for cell in cells if cell["judgement"] == "low"} == {"L"}


def test_the_summary_counts_trials_by_judgement():
    given = pd.DataFrame(
        [["A", "low"], ["B", "low"], ["C", "high"]], columns=["trial", "judgement"]
    ).assign(tool="RoB 2", domain="D1")  # fmt: skip
    parts = drawn(bias_summary(given, **WORDS), "judgement", "count")
    assert [(part["judgement"], part["count"]) for part in parts] == [("low", 2), ("high", 1)]
    assert [part["end"] for part in parts] == pytest.approx([200 / 3, 100])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"judgement": "fine"}, "unknown RoB 2 judgement 'fine'"),
        ({"domain": "D9"}, "unknown RoB 2 domain 'D9'"),
        ({"domain": "D1"}, "two judgements for STARTING-2, D1"),
        ({"tool": "gut feeling"}, "one chart shows one tool"),
    ],
)
def test_a_judgement_that_can_not_be_right_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        traffic_light(judgements("RoB 2").assign(**change), **WORDS)


def test_the_flow_shows_every_count_and_arrow():
    spec = spec_of(flow_diagram(boxes(), ARROWS, **WORDS))
    texts = {row["text"] for rows in spec["datasets"].values() for row in rows if "text" in row}
    assert {"n = 27", "n = 2", "n = 25", "n = 9", "n = 10", "duplicate copies: 2"} <= texts
    arrows = {(row["source"], row["target"]) for rows in spec["datasets"].values() for row in rows if "source" in row}
    assert arrows == set(ARROWS)


def test_text_of_the_flow_stays_inside_its_box():
    spec = spec_of(flow_diagram(boxes(), ARROWS, **WORDS))
    frames = {row["id"]: row for rows in spec["datasets"].values() for row in rows if "right" in row}
    for row in (row for rows in spec["datasets"].values() for row in rows if "text" in row):
        box = frames[row["id"]]
        assert box["top"] < row["y"] - 6 and row["y"] + 6 < box["bottom"]


@pytest.mark.parametrize(
    ("arrow", "message"),
    [(("found", "nowhere"), "'nowhere', which does not exist"), (("twice", "trials"), "neither down its column")],
)
def test_an_arrow_to_nowhere_is_refused(arrow, message):
    with pytest.raises(ValueError, match=message):
        flow_diagram(boxes(), [arrow], **WORDS)


def test_two_boxes_in_one_place_are_refused():
    with pytest.raises(ValueError, match="two boxes with one place"):
        flow_diagram(boxes().assign(row=0, column="main"), [], **WORDS)
