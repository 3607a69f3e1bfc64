"""The marks of the synthesis charts stand where metafor puts them, on the BCG trials (Colditz 1994)."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from chart_examples import BCG_LABELS, RATIO, bcg_cumulative, bcg_effects, bcg_pooled, bcg_without_each

from helpers import charts
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
