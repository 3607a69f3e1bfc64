"""Forest plots draw the numbers they are given, cut off what no axis can hold, and say so."""

import json
import math

import pandas as pd
import pytest
from chart_examples import DIFFERENCE, NAN, RATIO, bcg, bcg_in_full, deaths, motor_recovery

from helpers.charts import forest_plot
from helpers.charts.forest import diamond
from helpers.charts.theme import canonical

WORDS = {"title": "A title", "description": "A description", "measure_label": "Effect"}


def spec_of(*frames, **options):
    return canonical(forest_plot(*frames, **WORDS, **options).to_dict())


def drawn(spec, *fields):
    """Rows of the largest data set that has all these fields."""
    found = [rows for rows in spec["datasets"].values() if rows and set(fields) <= set(rows[0])]
    return max(found, key=len)


def layers(spec, mark):
    return [layer for layer in spec["layer"] if layer["mark"]["type"] == mark]


def trials(spec):
    return drawn(spec, "estimate", "area", "drawn_low")


def test_intervals_are_drawn_at_the_given_numbers_in_the_given_order():
    rows, pooled = bcg()
    marks = trials(spec_of(rows, pooled, **RATIO))
    assert [mark["label"] for mark in marks] == rows["label"].tolist()
    for given, mark in zip(rows.to_dict("records"), marks, strict=True):
        assert mark["estimate"] == given["estimate"]
        assert (mark["drawn_low"], mark["drawn_high"]) == (given["ci_low"], given["ci_high"])
        assert not mark["clipped_low"] and not mark["clipped_high"]
    assert [mark["y"] for mark in marks] == sorted(mark["y"] for mark in marks)


def test_the_numbers_stand_beside_the_marks_as_they_stand_in_a_table():
    rows, pooled = motor_recovery()
    spec = spec_of(rows, pooled, **DIFFERENCE)
    constants = {param["name"]: param.get("value") for param in spec["params"]}
    assert constants["numbers"] == [
        "Estimate (95% CI)", "0.56 (−0.04 to 1.17)", "0.81 (0.08 to 1.54)", "−0.10 (−0.40 to 0.20)",
        "0.20 (−0.40 to 9.20)", "not estimable", "0.35 (−0.20 to 0.90)", "−3.00 to 4.00",
    ]  # fmt: skip
    assert constants["weights"] == ["Weight", "45.2%", "31.3%", "", "23.5%", "", "", ""]
    assert constants["labels_narrow"][2] == ["ISIS-HERMES†", "0.81 (0.08 to 1.54)"]


def test_a_limit_beyond_the_axis_ends_in_an_arrow_and_no_other_does():
    spec = spec_of(*motor_recovery(), **DIFFERENCE)
    (clipped,) = [mark for mark in trials(spec) if mark["clipped_high"]]
    assert clipped["label"] == "InveST" and clipped["ci_high"] == 9.2
    end = spec["layer"][0]["encoding"]["x"]["scale"]["domain"][1]
    assert clipped["drawn_high"] == end < 9.2
    heads = [layer for layer in layers(spec, "point") if layer["mark"].get("shape", "").startswith("triangle")]
    tips = [
        (row["label"], layer["mark"]["shape"]) for layer in heads for row in spec["datasets"][layer["data"]["name"]]
    ]
    assert ("InveST", "triangle-right") in tips and ("InveST", "triangle-left") not in tips
    assert {label for label, _ in tips} == {"InveST", "Random effects"}  # the latter by its prediction interval


def test_infinite_limits_end_in_arrows():
    rows = pd.DataFrame({"label": ["A", "B"], "estimate": [2.0, 1.5], "ci_low": [0.0, 0.5], "ci_high": [math.inf, 4.5]})
    spec = spec_of(rows, **RATIO)
    first = trials(spec)[0]
    assert first["clipped_low"] and first["clipped_high"] and first["ci_high"] is None
    assert 0 < first["drawn_low"] < 0.5 and 4.5 < first["drawn_high"] < 1e3


def test_both_directions_are_named_on_the_axis_each_on_its_side():
    spec = spec_of(*deaths(), log=True, favours=("favours cells", "favours control"))
    axes = [layer["encoding"]["x"]["axis"] for layer in spec["layer"] if layer["encoding"]["x"].get("axis")]
    (sides,) = [axis for axis in axes if "labelExpr" in axis]
    assert sides["orient"] == "bottom"
    assert '"← favours cells", "favours control →"' in sides["labelExpr"]
    assert sides["values"] == spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert " ".join(sides["title"]) == "Effect (log scale)"


@pytest.mark.parametrize(("kind", "expected"), [(RATIO, 1.0), (DIFFERENCE, 0.0)])
def test_the_vertical_line_stands_at_no_effect(kind, expected):
    rows = pd.DataFrame({"label": ["A"], "estimate": [0.8], "ci_low": [0.5], "ci_high": [1.2]})
    spec = spec_of(rows, **kind)
    line = spec["layer"][0]
    assert spec["datasets"][line["data"]["name"]][0]["x"] == expected
    assert line["encoding"]["x"]["scale"]["type"] == ("log" if kind["log"] else "linear")


def test_a_diamond_spans_the_pooled_interval_about_the_estimate():
    corners = diamond(0.49, 0.34, 0.70, domain=(0.1, 5), log=True, half_height=9)
    assert (corners["x"].min(), corners["x"].max()) == (0.34, 0.70)
    assert corners.loc[corners["offset"].abs() == 9, "x"].tolist() == [0.49, 0.49]
    assert corners.loc[corners["x"].isin([0.34, 0.70]), "offset"].abs().max() == 0


def test_a_diamond_is_cut_where_the_axis_ends_at_the_height_it_has_there():
    corners = diamond(1.0, 0.01, 10.0, domain=(0.1, 100.0), log=True, half_height=8)
    left = corners[corners["x"] == 0.1]
    assert sorted(left["offset"]) == pytest.approx([-4, 4])  # half way from 1 to 0.01 on the log scale
    assert corners["x"].max() == 10
    endless = diamond(0.0, -math.inf, math.inf, domain=(-1.0, 1.0), log=False, half_height=8)
    assert set(endless["offset"].abs()) == {8}


def test_a_prediction_interval_has_a_row_of_its_own_and_only_when_there_is_one():
    for example, expected in ((bcg, 1), (deaths, 0)):
        spec = spec_of(*example(), **RATIO)
        labels = next(param["value"] for param in spec["params"] if param["name"] == "labels_wide")
        assert labels.count(["Prediction interval"]) == expected
    parts = [row for rows in spec_of(*bcg(), **RATIO)["datasets"].values() for row in rows if "part" in row]
    bars = [row for row in parts if row["part"] == "prediction" and "drawn_low" in row]
    assert {(bar["drawn_low"], bar["drawn_high"]) for bar in bars} == {(0.15, 1.65)}


def test_area_is_proportional_to_weight():
    rows, pooled = motor_recovery()
    marks = {mark["label"]: mark for mark in trials(spec_of(rows, pooled, **DIFFERENCE))}
    ratio = marks["ISIS-HERMES"]["area"] / marks["STARTING-2"]["area"]
    assert ratio == pytest.approx(31.3 / 45.2)
    assert marks["TREASURE (MultiStem cells, day 365)"]["weight"] is None


def test_a_trial_without_an_estimate_is_listed_but_not_drawn():
    spec = spec_of(*motor_recovery(), **DIFFERENCE)
    assert "AMASCIS-01" not in {mark["label"] for mark in trials(spec)}
    assert "AMASCIS-01" in {row[0] for row in spec["usermeta"]["data"]["rows"]}


def test_source_kinds_are_marked_and_explained():
    spec = spec_of(*motor_recovery(), **DIFFERENCE)
    assert [line[0] for line in spec["title"]["subtitle"]] == ["†", "‡", "§"]
    assert {mark["label"]: mark["kind"] for mark in trials(spec)}["InveST"] == "secondary"
    assert "subtitle" not in spec_of(*bcg(), **RATIO)["title"]


def test_population_classes_have_a_legend_only_when_there_are_several():
    assert "Related cells" in json.dumps(spec_of(*motor_recovery(), **DIFFERENCE))
    assert "Related cells" not in json.dumps(spec_of(*bcg(), **RATIO))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"group": "mystery"}, "unknown population class 'mystery'"),
        ({"kind": "hearsay"}, "unknown source kind 'hearsay'"),
        ({"estimate": -0.2}, "zero or less"),
    ],
)
def test_what_can_not_be_drawn_is_named(change, message):
    rows, _ = deaths()
    with pytest.raises(ValueError, match=message):
        forest_plot(rows.assign(**change), **RATIO, **WORDS)


def test_missing_columns_and_an_empty_frame_are_named():
    rows, _ = deaths()
    with pytest.raises(ValueError, match=r"needs the column\(s\) ci_low"):
        forest_plot(rows.drop(columns="ci_low"), **RATIO, **WORDS)
    with pytest.raises(ValueError, match="no rows"):
        forest_plot(rows.head(0), **RATIO, **WORDS)


def test_the_frame_given_is_not_changed():
    rows, pooled = motor_recovery()
    before = rows.copy()
    forest_plot(rows, pooled, **DIFFERENCE, **WORDS)
    pd.testing.assert_frame_equal(rows, before)


def test_a_trial_without_limits_is_a_point():
    rows = pd.DataFrame({"label": ["A"], "estimate": [0.8], "ci_low": [NAN], "ci_high": [NAN]})
    (mark,) = trials(spec_of(rows, **DIFFERENCE))
    assert mark["drawn_low"] == mark["drawn_high"] == 0.8 and not mark["clipped_low"]


def test_trials_stand_under_the_heading_of_their_subgroup_and_above_its_diamond():
    full = bcg_in_full()
    spec = spec_of(**full, **RATIO)
    lines = [" ".join(label) for label in next(p["value"] for p in spec["params"] if p["name"] == "labels_wide")]
    places = [lines.index(words) for words in ("random", "Aronson 1948", "Coetzee & Berjak 1968", "alternate",
              "Stein & Aronson 1953", "systematic", "Comstock et al 1976")]  # fmt: skip
    assert places == sorted(places) and len(trials(spec)) == 13
    assert [i for i, line in enumerate(lines) if line == "Random effects"] == [9, 14, 20, 22]
    corners = {row["row"]: row for rows in spec["datasets"].values() for row in rows if "offset" in row}
    assert len(corners) == 4


def test_heterogeneity_and_the_test_of_subgroups_are_lines_of_their_own():
    full = bcg_in_full()
    spec = spec_of(**full, **RATIO)
    lines = [" ".join(label) for label in next(p["value"] for p in spec["params"] if p["name"] == "labels_narrow")]
    written = [line.replace("\u00a0", " ") for line in lines]
    assert written[-2:] == [
        "tau² 0.31, I² 92.2%, Q 152.2 on 12 df (p < 0.001)",
        "Subgroup differences: Q 1.86 on 2 df (p = 0.394)",
    ]
    assert written[10] == "tau² 0.39, I² 89.9%" and "tau²" not in written[15]


def test_only_the_overall_diamond_draws_the_line_through_all_rows():
    full = bcg_in_full()
    spec = spec_of(full["rows"], subgroups=full["subgroups"], **RATIO)
    dashed = [layer for layer in layers(spec, "rule") if layer["mark"].get("strokeDash")]
    assert dashed == []


def test_judgements_stand_beside_their_trial_and_are_explained():
    full = bcg_in_full()
    spec = spec_of(full["rows"], **RATIO)
    middles = {mark["label"]: mark["y"] for mark in trials(spec)}
    signs = [row for rows in spec["datasets"].values() for row in rows if "letters" in row]
    assert len(signs) == 13 * 6
    for given in full["rows"].to_dict("records"):
        beside = {sign["column"]: sign["letters"] for sign in signs if sign["y"] == middles[given["label"]]}
        letters = {"low": "L", "some concerns": "SC", "high": "H"}
        assert beside == {
            i: letters[given[domain]] for i, domain in enumerate(["D1", "D2", "D3", "D4", "D5", "overall"])
        }
    assert "Risk of bias: L low, SC some concerns, H high" in spec["title"]["subtitle"]


def test_an_unassessed_trial_has_no_sign():
    rows, pooled = deaths()
    spec = spec_of(rows.assign(overall=["low", None]), pooled, **RATIO)
    assert [row["letters"] for rows in spec["datasets"].values() for row in rows if "letters" in row] == ["L"]


@pytest.mark.parametrize(
    ("judged", "message"),
    [({"overall": "fine"}, "unknown judgement 'fine' in overall"), ({"D1": "low"}, "column overall")],
)
def test_a_judgement_that_can_not_be_drawn_is_named(judged, message):
    rows, _ = deaths()
    with pytest.raises(ValueError, match=message):
        forest_plot(rows.assign(**judged), **RATIO, **WORDS)


def test_a_diamond_without_trials_is_refused():
    full = bcg_in_full()
    with pytest.raises(ValueError, match="no row of a forest plot is of the subgroup 'nowhere'"):
        forest_plot(full["rows"], subgroups=full["subgroups"].assign(subgroup="nowhere"), **RATIO, **WORDS)
