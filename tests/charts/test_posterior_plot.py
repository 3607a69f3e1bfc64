"""The posterior plot shows the densities and intervals of the Bayesian synthesis."""

import numpy as np
import pytest
from chart_examples import DIFFERENCE, RATIO, motor_posterior

from helpers.charts import data_behind, posterior_plot
from helpers.charts.theme import canonical

WORDS = {"title": "A title", "description": "A description", "measure_label": "Effect"}
LABELS = ["A", "B", "C"]


def texts(spec, name):
    return next(param["value"] for param in spec["params"] if param["name"] == name)


def ridges(spec):
    return [rows[0] for rows in spec["datasets"].values() if "base" in rows[0]]


def test_each_row_shows_the_median_and_limits_of_its_distribution():
    curves = motor_posterior()
    data = data_behind(posterior_plot(curves, LABELS, benefit="higher", **WORDS, **DIFFERENCE))
    assert data["label"].tolist() == ["A", "B", "C", "Mean effect", "A new trial"]
    np.testing.assert_allclose(data[["median", "ci_low", "ci_high"]], curves.rows[["median", "ci_low", "ci_high"]])
    np.testing.assert_allclose(data["probability"], curves.rows["above"])
    assert data["yi"].tolist()[:3] == [0.56, 0.81, -0.1] and data["yi"].isna().sum() == 2


def test_a_density_rises_from_its_base_to_the_top_of_its_row_over_its_mode():
    curves = motor_posterior()
    density = curves.densities[curves.densities["part"] == "mean"].reset_index(drop=True)
    mean = ridges(canonical(posterior_plot(curves, LABELS, **WORDS, **DIFFERENCE).to_dict()))[3]
    heights = mean["base"] - np.array(mean["y"])
    assert heights.max() == pytest.approx(70, abs=0.1) and heights.min() >= 0
    shares = np.interp(mean["x"], density["effect"], density["density"] / density["density"].max())
    np.testing.assert_allclose(heights / heights.max(), shares, atol=2e-3)


def test_ratios_are_shown_as_ratios():
    curves = motor_posterior(trials=False)
    chart = posterior_plot(curves, **WORDS, **RATIO)
    np.testing.assert_allclose(np.log(data_behind(chart)["median"]), curves.rows["median"])
    assert canonical(chart.to_dict())["layer"][0]["encoding"]["x"]["scale"]["type"] == "log"
    assert "yi" not in data_behind(chart)


@pytest.mark.parametrize(("benefit", "turned"), [("higher", False), ("lower", True)])
def test_the_probability_of_benefit_follows_the_better_direction(benefit, turned):
    curves = motor_posterior()
    spec = canonical(posterior_plot(curves, LABELS, benefit=benefit, **WORDS, **DIFFERENCE).to_dict())
    above = curves.rows["above"]
    assert texts(spec, "weights") == ["P(benefit)", *(f"{100 * p:.0f}%" for p in (1 - above if turned else above))]


def test_no_curve_leaves_the_axis():
    spec = canonical(posterior_plot(motor_posterior(), LABELS, **WORDS, **DIFFERENCE).to_dict())
    low, high = spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    for curve in ridges(spec):
        assert low - 1e-4 <= min(curve["x"]) and max(curve["x"]) <= high + 1e-4


def test_what_can_not_be_drawn_is_named():
    with pytest.raises(ValueError, match="labels: one for each of the 3 trials, not 1"):
        posterior_plot(motor_posterior(), ["A"], **WORDS, **DIFFERENCE)
    with pytest.raises(ValueError, match="not 'up'"):
        posterior_plot(motor_posterior(), LABELS, benefit="up", **WORDS, **DIFFERENCE)
