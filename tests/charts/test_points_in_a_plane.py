"""Charts of points and curves in a plane draw the numbers they are given."""

import numpy as np
import pytest
from chart_examples import BCG_LABELS, RATIO, bcg_effects

from helpers import synthesis
from helpers.charts import baujat_plot, data_behind, drapery_plot, gosh_plot
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
