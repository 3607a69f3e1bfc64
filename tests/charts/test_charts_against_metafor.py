"""The marks of the synthesis charts stand where metafor puts them, on the BCG trials (Colditz 1994)."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from chart_examples import (
    BCG_LABELS,
    RATIO,
    bcg_by_latitude,
    bcg_cumulative,
    bcg_effects,
    bcg_pooled,
    bcg_shares,
    bcg_without_each,
)

from helpers import charts, synthesis
from helpers.charts.theme import canonical

ORACLE = Path(__file__).parents[1] / "oracle"
BCG = json.loads((ORACLE / "bcg_RR.json").read_text())
SENSITIVITY = BCG["meta"]["sensitivity"]
REML = BCG["meta"]["fits"]["REML_knha"]
WORDS = {"title": "A title", "description": "A description"}
ratio_words = {"measure_label": "Risk ratio", **RATIO, **WORDS}
equal = np.testing.assert_allclose


def drawn(chart, *fields):
    """Rows of the largest data set that has all these fields."""
    spec = canonical(chart.to_dict())
    found = [rows for rows in spec["datasets"].values() if rows and set(fields) <= set(rows[0])]
    return pd.DataFrame(max(found, key=len))


def test_the_effects_drawn_are_escalcs():
    yi, vi = bcg_effects()
    equal(yi, BCG["yi"], rtol=1e-12)
    equal(vi, BCG["vi"], rtol=1e-12)


def test_a_forest_stands_at_metafors_estimates_and_intervals():
    yi, vi = bcg_effects()
    half = 1.959963984540054 * np.sqrt(vi)
    rows = pd.DataFrame(
        {"label": BCG_LABELS, "estimate": np.exp(yi), "ci_low": np.exp(yi - half), "ci_high": np.exp(yi + half)}
    )
    chart = charts.forest_plot(rows, bcg_pooled(), **ratio_words)
    marks = drawn(chart, "label", "estimate", "area")
    equal(marks["estimate"], np.exp(BCG["yi"]), rtol=1e-11)
    equal(marks["ci_high"], np.exp(BCG["yi"] + 1.959963984540054 * np.sqrt(BCG["vi"])), rtol=1e-11)
    corners = drawn(chart, "x", "offset")
    equal(np.log([corners["x"].min(), corners["x"].max()]), [REML["ci_lb"], REML["ci_ub"]], rtol=1e-7)
    equal(np.log(corners.loc[corners["offset"].abs() == 9, "x"]), REML["estimate"], rtol=1e-7)
    parts = [row for rows in canonical(chart.to_dict())["datasets"].values() for row in rows if "drawn_low" in row]
    (bar,) = [row for row in parts if row.get("part") == "prediction"]
    equal(np.log([bar["drawn_low"], bar["drawn_high"]]), [REML["pi_t_k1_lb"], REML["pi_t_k1_ub"]], rtol=1e-7)


@pytest.mark.parametrize(
    ("chart", "stored"),
    [
        (lambda: charts.cumulative_plot(bcg_cumulative(), **ratio_words), "cumulative_REML_knha"),
        (lambda: charts.leave_one_out_plot(bcg_without_each(), bcg_pooled(), **ratio_words), "leave1out_REML_knha"),
    ],
)
def test_repeated_pooling_stands_at_metafors_estimates(chart, stored):
    marks, theirs = drawn(chart(), "label", "estimate", "ci_low"), SENSITIVITY[stored]
    equal(np.log(marks["estimate"]), theirs["estimate"], rtol=1e-7)
    equal(np.log(marks["ci_low"]), theirs["ci.lb"], rtol=1e-7)
    equal(np.log(marks["ci_high"]), theirs["ci.ub"], rtol=1e-7)
    equal(marks["I2"], theirs["I2"], rtol=1e-6, atol=1e-6)


def test_a_funnel_has_metafors_points_contours_and_region():
    chart = charts.funnel_plot(synthesis.funnel(*bcg_effects()), BCG_LABELS, **ratio_words)
    points = charts.data_behind(chart)
    equal(points["estimate"], np.exp(BCG["yi"]), rtol=1e-11)
    equal(points["se"], np.sqrt(BCG["vi"]), rtol=1e-11)
    deepest = 1.05 * max(np.sqrt(BCG["vi"]))
    lines = drawn(chart, "line", "part")
    centre = BCG["meta"]["fits"]["EE_z"]["estimate"]
    for name, quantile in {
        "p = 0.1": 1.6448536269514722,
        "p = 0.05": 1.959963984540054,
        "p = 0.01": 2.5758293035489004,
    }.items():
        ends = lines[(lines["line"] == name) & (lines["y"] > 0)]["x"]
        equal(np.log(sorted(ends)), [-quantile * deepest, quantile * deepest], rtol=1e-9)
    ends = lines[lines["part"].isin(["low", "high"]) & (lines["y"] > 0)]["x"]
    equal(np.log(sorted(ends)), centre + 1.959963984540054 * deepest * np.array([-1, 1]), rtol=1e-9)
    assert (lines[lines["y"] == 0].groupby("line")["x"].nunique() == 1).all()
    equal(np.log(lines[lines["part"] == "centre"]["x"]), centre, rtol=1e-9)


def test_trials_added_by_trim_and_fill_are_metafors_and_hollow():
    filled = synthesis.trim_and_fill(*bcg_effects())
    points = charts.data_behind(
        charts.funnel_plot(synthesis.funnel(*bcg_effects()), BCG_LABELS, filled=filled, **ratio_words)
    )
    added = points[points["filled"]]
    stored = BCG["meta"]["publication_bias"]["trimfill_REML_L0"]
    assert len(added) == stored["k0"] == 1
    equal(np.log(added["estimate"]), stored["filled_yi"], rtol=1e-7)
    equal(added["se"] ** 2, stored["filled_vi"], rtol=1e-10)


def test_a_baujat_plot_has_metafors_coordinates():
    points = charts.data_behind(charts.baujat_plot(synthesis.baujat(*bcg_effects()).assign(label=BCG_LABELS), **WORDS))
    equal(points["x"], SENSITIVITY["baujat_EE"]["x"], rtol=2e-9)
    equal(points["y"], SENSITIVITY["baujat_EE"]["y"], rtol=2e-9)
    assert points["label"].tolist() == BCG_LABELS


def test_a_drapery_has_its_peaks_at_metafors_estimates_and_crosses_005_at_its_limits():
    pooled = synthesis.pool(*bcg_effects())
    chart = charts.drapery_plot(synthesis.drapery(*bcg_effects(), pooled), BCG_LABELS, **ratio_words)
    curves = charts.data_behind(chart)
    peaks = curves[curves["p"] == 1]
    equal(peaks.loc[peaks["curve"] == "trial", "effect"], np.exp(BCG["yi"]), rtol=1e-9)
    equal(peaks.loc[peaks["curve"] != "trial", "effect"], np.exp(REML["estimate"]), rtol=1e-7)
    for curve, low in {"Pooled effect": REML["ci_lb"], "A new trial (prediction)": REML["pi_t_k1_lb"]}.items():
        rising = curves[(curves["label"] == curve)].head(41)
        assert np.interp(0.05, rising["p"], np.log(rising["effect"])) == pytest.approx(low, abs=5e-3)


@pytest.mark.parametrize("heterogeneity", ["I2", "tau2"])
def test_a_gosh_plot_draws_metafors_subsets(heterogeneity):
    stored = json.loads((ORACLE / "gosh_permutation_hine1989_RD.json").read_text())
    method = {"I2": "EE", "tau2": "DL"}[heterogeneity]
    subsets = synthesis.gosh(stored["yi"], stored["vi"], method)
    words = ratio_words | {"log": False}
    points = charts.data_behind(charts.gosh_plot(subsets, heterogeneity=heterogeneity, **words))
    several = np.sum(stored[method]["incl"], axis=1) > 1
    assert len(points) == several.sum() == 57
    equal(points["estimate"], np.array(stored[method]["estimate"])[several], rtol=1e-9, atol=1e-12)
    equal(points["heterogeneity"], np.array(stored[method][heterogeneity])[several], rtol=1e-9, atol=1e-12)


def test_the_cells_of_a_gosh_plot_hold_all_subsets_of_the_bcg_trials():
    subsets = synthesis.gosh(*bcg_effects(), method="DL")
    cells = charts.data_behind(charts.gosh_plot(subsets, **ratio_words))
    assert cells["subsets"].sum() == 2**13 - 1 - 13 and len(cells) < 700
    several = subsets.results[subsets.results["k"] > 1]
    mean = np.average(np.log(cells["estimate"]), weights=cells["subsets"])
    assert mean == pytest.approx(several["estimate"].mean(), abs=0.005)
    assert np.average(cells["heterogeneity"], weights=cells["subsets"]) == pytest.approx(several["I2"].mean(), abs=1)


def test_a_radial_plot_reads_metafors_effects_along_lines_from_the_origin():
    chart = charts.radial_plot(synthesis.radial(*bcg_effects(), method="REML"), BCG_LABELS, **ratio_words)
    points = charts.data_behind(chart)
    equal(np.log(points["estimate"]), BCG["yi"], rtol=1e-9)
    equal(points["z"] / points["x"], BCG["yi"], rtol=1e-9)
    equal(points["x"], 1 / np.sqrt(np.array(BCG["vi"]) + REML["tau2"]), rtol=1e-7)
    rays = drawn(chart, "effect", "text", "z")
    end = rays["end"][0]
    equal(np.exp(rays["z"] / end), rays["text"].astype(float), rtol=1e-9)
    line = drawn(chart, "x2", "y2")
    equal(line["y2"] / line["x2"], REML["estimate"], rtol=1e-7)


def test_a_labbe_plot_has_metafors_shares():
    counts = {name: np.array(BCG["data"][name]) for name in ("ai", "n1i", "ci", "n2i")}
    chart = charts.labbe_plot(bcg_shares(), BCG_LABELS, event="Tuberculosis", favours=("a", "b"), **WORDS)
    points = charts.data_behind(chart)
    equal(points["treated"], counts["ai"] / counts["n1i"], rtol=1e-14)
    equal(points["control"], counts["ci"] / counts["n2i"], rtol=1e-14)
    areas = drawn(chart, "area", "control").set_index("label").loc[BCG_LABELS, "area"]
    large = (areas > 16).to_numpy()
    equal((areas / areas.max())[large], (points["n"] / points["n"].max())[large], rtol=1e-9)


def test_a_bubble_plot_has_metafors_line():
    rows, line = bcg_by_latitude()
    chart = charts.bubble_plot(rows, line, moderator_label="Latitude", **ratio_words)
    data = charts.data_behind(chart)
    fitted, trials = data[data["label"] == "fitted line"], data[data["label"] != "fitted line"]
    intercept, slope = BCG["meta"]["meta_regression"]["REML_knha"]["b"]
    equal(np.log(fitted["estimate"]), intercept + slope * fitted["moderator"], rtol=1e-6)
    equal(np.log(trials["estimate"]), BCG["yi"], rtol=1e-9)
    curve = drawn(chart, "curve", "moderator").iloc[0]
    equal(np.log(curve["estimate"]), intercept + slope * np.array(curve["moderator"]), atol=2e-5)
