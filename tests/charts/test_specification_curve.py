"""The specification curve shows every specification, in order, and what was chosen in it."""

import json

import numpy as np
import pandas as pd
import pytest
from chart_examples import CHOICES, DIFFERENCE, RATIO, as_ratios, specifications

from helpers.charts import data_behind, specification_curve
from helpers.charts.specification_curve import CURVE_PX, MOST_COLUMNS
from helpers.charts.theme import canonical, static_svg

WORDS = {"title": "A title", "description": "A description", "measure_label": "Effect"}
THREE = ["method", "test", "sources"]


def chart_of(rows, choices=THREE, **options):
    return specification_curve(rows, choices, **WORDS, **(DIFFERENCE | options))


def broken_lines(chart):
    """Data sets of lists x and y: intervals a conclusion, estimates, fillings of the lanes."""
    spec = canonical(chart.to_dict())
    found = [rows for rows in spec["datasets"].values() if rows and isinstance(rows[0].get("x"), list)]
    return spec, found


def test_intervals_stand_in_the_order_of_their_estimates_at_their_limits():
    rows = pd.DataFrame({
        "estimate": [0.5, -0.5, 0.0], "ci_low": [0.2, -1.0, -0.4], "ci_high": [0.8, 0.1, 0.4],
        "conclusion": ["a", "b", "b"], "way": ["x", "y", "x"],
    })  # fmt: skip
    chart = specification_curve(rows, ["way"], **WORDS, **DIFFERENCE)
    spec, (intervals, (estimates,), _) = broken_lines(chart)
    ticks = dict(zip((label[0] for label in spec["params"][1]["value"]), spec["params"][2]["value"], strict=False))
    pixel_of = np.poly1d(np.polyfit([-1.0, 0.0], [ticks["−1"], ticks["0"]], 1))
    by_conclusion = {line["conclusion"]: line for line in intervals}
    assert by_conclusion["b"]["x"] == [0.5, 0.5, None, 1.5, 1.5, None] and by_conclusion["a"]["x"] == [2.5, 2.5, None]
    assert by_conclusion["b"]["y"][:2] == pytest.approx([pixel_of(-1.0), pixel_of(0.1)], abs=0.11)
    assert estimates["y"][::3] == pytest.approx([pixel_of(e) for e in (-0.5, 0.0, 0.5)], abs=0.11)
    assert data_behind(chart).equals(rows)


def test_a_choice_is_filled_where_it_was_made():
    rows = pd.DataFrame({
        "estimate": [1.0, 2.0, 3.0, 4.0], "ci_low": 0.5, "ci_high": 4.5, "conclusion": "all alike",
        "way": ["x", "y", "y", "x"],
    })  # fmt: skip
    _, (*_, fillings) = broken_lines(chart_of(rows, ["way"]))
    conclusion, x, y = fillings
    starts = [[round(value) for value in line["x"][::5]] for line in (conclusion, x, y)]
    assert starts == [[0, 1, 2, 3], [0, 3], [1, 2]]


def test_neighbours_share_a_column_whose_height_is_their_share():
    n = 10 * MOST_COLUMNS
    rows = pd.DataFrame({"estimate": np.arange(n), "ci_low": np.arange(n) - 1.0, "ci_high": np.arange(n) + 1.0})
    rows = rows.assign(conclusion="all alike", way=["x"] * (n // 2) + ["x", "y"] * (n // 4))
    _, (*_, fillings) = broken_lines(chart_of(rows, ["way"]))
    _, x, y = fillings
    heights = [line["y"][0] - np.array([v for v in line["y"] if v is not None]) for line in (x, y)]
    assert sorted(set(heights[0])) == [0, 8, 16] and sorted(set(heights[1])) == [0, 8]
    assert y["x"][0] == n / 2 and y["x"][-2] == n


def test_thousands_of_specifications_stay_light():
    spec = canonical(
        chart_of(specifications(twists=3), {name: heading for name, (heading, _) in CHOICES.items()}).to_dict()
    )
    assert len(specifications(twists=3)) == 3888
    assert len(json.dumps(spec["datasets"])) < 450_000
    assert static_svg(spec).count("<path") < 200


def test_the_planned_specification_is_marked_at_its_rank():
    rows = specifications(tuple(THREE))
    spec = canonical(chart_of(rows).to_dict())
    rank = rows.sort_values(["estimate", "ci_low"]).index.get_loc(0)
    (line,) = [rows for rows in spec["datasets"].values() if rows[0].get("y2")]
    assert line[0]["x"] == rank + 0.5
    assert "Dashed line: the planned specification" in spec["title"]["subtitle"]
    assert "Dashed" not in json.dumps(canonical(chart_of(rows.drop(columns="main")).to_dict())["title"])


def test_ratios_are_drawn_on_a_log_scale_with_no_effect_at_one():
    spec = canonical(specification_curve(as_ratios(specifications(tuple(THREE))), THREE, **WORDS, **RATIO).to_dict())
    ticks = dict(zip((label[0] for label in spec["params"][1]["value"]), spec["params"][2]["value"], strict=False))
    assert ticks["1"] - ticks["2"] == pytest.approx(ticks["0.5"] - ticks["1"], abs=0.2)
    assert any(rows == [{"x": 0, "x2": 36, "y": ticks["1"]}] for rows in spec["datasets"].values())


def test_a_limit_beyond_the_axis_is_cut_off_and_counted():
    rows = pd.DataFrame({"estimate": np.linspace(0, 1, 9), "conclusion": "open", "way": "x"})
    rows = rows.assign(ci_low=rows["estimate"] - 0.5, ci_high=rows["estimate"] + 0.5)
    rows.loc[4, "ci_high"] = np.inf
    spec, (intervals, *_) = broken_lines(chart_of(rows, ["way"]))
    assert min(value for value in intervals[0]["y"] if value is not None) == 0
    assert max(value for value in intervals[0]["y"] if value is not None) < CURVE_PX
    assert "One interval reaches beyond the axis" in spec["title"]["subtitle"]


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({"estimate": np.nan}, {}, "every specification needs an estimate"),
        ({"main": True}, {}, "one specification is the planned one, not 36"),
        ({"conclusion": list("abcdef") * 6}, {}, "at most 4 conclusions"),
        ({}, {"conclusions": ["favours cells"]}, "unknown conclusion 'leaves both open'"),
    ],
)
def test_what_can_not_be_drawn_is_named(change, options, message):
    with pytest.raises(ValueError, match=message):
        chart_of(specifications(tuple(THREE)).assign(**change), **options)


def test_a_missing_choice_is_named():
    with pytest.raises(ValueError, match=r"needs the column\(s\) weather"):
        chart_of(specifications(tuple(THREE)), ["weather"])
