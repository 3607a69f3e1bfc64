"""Charts of points and curves in a plane draw the numbers they are given."""

import numpy as np
import pytest
from chart_examples import BCG_LABELS, RATIO, bcg_by_latitude, bcg_effects, bcg_shares

from helpers import synthesis
from helpers.charts import baujat_plot, bubble_plot, data_behind, drapery_plot, gosh_plot, labbe_plot, radial_plot
from helpers.charts.theme import canonical

WORDS = {"title": "A title", "description": "A description"}
RATIO_WORDS = {**WORDS, "measure_label": "Risk ratio", **RATIO}


def names_shown(spec, room):
    rows = next(rows for rows in spec["datasets"].values() if f"dx_{room}" in rows[0])
    return {row["label"] for row in rows if row[f"dx_{room}"] is not None}


@pytest.mark.parametrize("room", ["narrow", "wide"])
def test_the_trials_that_stand_out_in_a_baujat_plot_are_named(room):
    rows = synthesis.baujat(*bcg_effects()).assign(label=BCG_LABELS)
    spec = canonical(baujat_plot(rows, **WORDS).to_dict())
    assert {"TPT Madras 1980", "Hart & Sutherland 1977", "Stein & Aronson 1953"} <= names_shown(spec, room)


def test_trials_of_a_baujat_plot_keep_their_class():
    rows = synthesis.baujat(*bcg_effects()).assign(label=BCG_LABELS, group=["iv-msc"] * 12 + ["near-relative"])
    assert data_behind(baujat_plot(rows, **WORDS))["group"].tolist()[-1] == "near-relative"
    with pytest.raises(ValueError, match="unknown population class 'mystery'"):
        baujat_plot(rows.assign(group="mystery"), **WORDS)


def curves():
    return synthesis.drapery(*bcg_effects(), synthesis.pool(*bcg_effects()))


def test_a_drapery_tells_trial_pooled_and_predicted_apart_by_colour_and_dash():
    spec = canonical(drapery_plot(curves(), BCG_LABELS, **RATIO_WORDS).to_dict())
    lines = [layer["encoding"] for layer in spec["layer"] if "strokeDash" in layer["encoding"]]
    looks = list(
        zip(lines[0]["color"]["scale"]["range"], map(str, lines[0]["strokeDash"]["scale"]["range"]), strict=True)
    )
    assert len(lines) == 3 and len(set(looks)) == 3
    assert lines[0]["color"]["scale"]["domain"] == ["One trial", "Pooled effect", "A new trial (prediction)"]


def test_a_drapery_without_a_prediction_interval_has_no_curve_of_one():
    plain = synthesis.drapery(*bcg_effects(), synthesis.pool(*bcg_effects(), method="EE", test="z"))
    data = data_behind(drapery_plot(plain, BCG_LABELS, **RATIO_WORDS))
    assert set(data["curve"]) == {"trial", "pooled"}


def test_every_trial_of_a_drapery_needs_a_name():
    with pytest.raises(ValueError, match="labels: one for each of the 13 trials, not 2"):
        drapery_plot(curves(), BCG_LABELS[:2], **RATIO_WORDS)


def subsets():
    return synthesis.gosh([0.56, 0.81, -0.1, 0.2, 0.3], [0.095, 0.14, 0.023, 0.1, 0.3])


def test_the_histograms_of_a_gosh_plot_count_every_subset():
    spec = canonical(gosh_plot(subsets(), **RATIO_WORDS).to_dict())
    above, beside = (rows for rows in spec["datasets"].values() if {"x2", "y2"} <= set(rows[0]))
    heights = [row["y2"] - row["y"] for row in above]
    shares = [height / max(heights) for height in heights]
    data = data_behind(gosh_plot(subsets(), **RATIO_WORDS))
    counts, _ = np.histogram(np.log(data["estimate"]), np.log([above[0]["x"], *(row["x2"] for row in above)]))
    assert shares == pytest.approx(counts / counts.max())
    assert len(beside) <= 12


def test_subsets_with_and_without_a_trial_differ_in_colour_and_shape():
    chart = gosh_plot(subsets(), trial=2, trial_label="TREASURE", **RATIO_WORDS)
    dots = canonical(chart.to_dict())["layer"][-1]["encoding"]
    assert dots["color"]["scale"]["domain"] == ["without TREASURE", "with TREASURE"]
    for channel in ("color", "shape"):
        assert len(set(dots[channel]["scale"]["range"])) == 2
    assert (data_behind(chart)["which"] == "with").sum() == 2**4 - 1


@pytest.mark.parametrize(
    ("options", "message"),
    [({"trial": 5}, "trial: must be a position from 0 to 4, got 5"), ({"heterogeneity": "mood"}, "heterogeneity")],
)
def test_a_gosh_plot_names_what_can_not_be_drawn(options, message):
    with pytest.raises(ValueError, match=message):
        gosh_plot(subsets(), **options, **RATIO_WORDS)


def test_a_single_trial_has_no_gosh_plot():
    with pytest.raises(ValueError, match="at least two trials"):
        gosh_plot(synthesis.gosh([0.1], [0.2]), **RATIO_WORDS)


def test_a_line_of_no_difference_and_the_pooled_effect_cross_a_labbe_plot():
    words = {**WORDS, "event": "Death", "favours": ("favours cells", "favours control")}
    spec = canonical(
        labbe_plot(synthesis.labbe([2, 8], [20, 40], [4, 10], [20, 40], 0.6), ["A", "B"], **words).to_dict()
    )
    lines = next(rows for rows in spec["datasets"].values() if {"line", "control"} <= set(rows[0]))
    by_name = {line["line"]: line for line in lines}
    assert by_name["No difference"]["control"] == by_name["No difference"]["treated"]
    control, treated = (np.array(by_name["Pooled effect"][arm]) for arm in ("control", "treated"))
    np.testing.assert_allclose(treated, 0.6 * control, atol=1e-5)


def test_both_axes_of_a_labbe_plot_have_the_same_range():
    words = {**WORDS, "event": "Death", "favours": ("favours cells", "favours control")}
    spec = canonical(
        labbe_plot(synthesis.labbe([2, 8], [20, 40], [4, 10], [20, 40], 0.6), ["A", "B"], **words).to_dict()
    )
    first = spec["layer"][0]["encoding"]
    assert first["x"]["scale"]["domain"] == first["y"]["scale"]["domain"]
    assert first["y"]["axis"]["title"][-1] == "↑ favours control, ↓ favours cells"


def test_areas_of_bubbles_are_proportional_to_weight():
    rows, line = bcg_by_latitude()
    spec = canonical(bubble_plot(rows, line, moderator_label="Degrees", **RATIO_WORDS).to_dict())
    marks = next(rows for rows in spec["datasets"].values() if {"area", "weight"} <= set(rows[0]))
    ratios = {round(mark["area"] / mark["weight"], 6) for mark in marks if mark["area"] > 16}
    assert len(ratios) == 1 and len(marks) == 13


def test_a_bubble_plot_says_what_its_line_and_band_are_where_it_has_them():
    rows, line = bcg_by_latitude()
    words = {"moderator_label": "Degrees", **RATIO_WORDS}
    full = canonical(bubble_plot(rows, line, **words).to_dict())["title"]["subtitle"]
    plain = canonical(bubble_plot(rows, line.drop(columns=["pi_low", "pi_high"]), **words).to_dict())["title"][
        "subtitle"
    ]
    assert any(note.startswith("Dashed") for note in full) and not any(note.startswith("Dashed") for note in plain)
    none = canonical(bubble_plot(rows, **words).to_dict())["title"]["subtitle"]
    assert none == ["Area of a mark: weight of the trial"]


@pytest.mark.parametrize("draw", ["radial", "labbe"])
def test_every_point_needs_a_name(draw):
    with pytest.raises(ValueError, match="labels: one for each of the 13 trials, not 1"):
        if draw == "radial":
            radial_plot(synthesis.radial(*bcg_effects()), ["A"], **RATIO_WORDS)
        else:
            labbe_plot(bcg_shares(), ["A"], event="Death", favours=("a", "b"), **WORDS)
