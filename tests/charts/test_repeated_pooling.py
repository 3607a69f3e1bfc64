"""Cumulative and leave-one-out forests: the pooled result again and again."""

import pytest
from chart_examples import NAN, RATIO, bcg_cumulative, bcg_pooled, bcg_without_each

from helpers.charts import cumulative_plot, data_behind, leave_one_out_plot
from helpers.charts.theme import PURPLE, canonical

WORDS = {"title": "A title", "description": "A description", "measure_label": "Risk ratio", **RATIO}


def rows_with(spec, *fields):
    return next(rows for rows in spec["datasets"].values() if set(fields) <= set(rows[0]))


def texts(spec, name):
    return next(param["value"] for param in spec["params"] if param["name"] == name)


def test_a_line_shows_where_the_last_estimate_of_a_cumulative_synthesis_lies():
    rows = bcg_cumulative()
    (line,) = rows_with(canonical(cumulative_plot(rows, **WORDS).to_dict()), "top", "bottom")
    assert line["estimate"] == pytest.approx(rows["estimate"].iloc[-1])


def test_a_band_shows_the_interval_of_all_trials_over_those_without_one():
    pooled = bcg_pooled()
    (band,) = rows_with(canonical(leave_one_out_plot(bcg_without_each(), pooled, **WORDS).to_dict()), "top", "bottom")
    assert (band["drawn_low"], band["drawn_high"]) == pytest.approx((pooled["ci_low"][0], pooled["ci_high"][0]))


def test_heterogeneity_stands_beside_the_numbers_where_it_is_given():
    spec = canonical(leave_one_out_plot(bcg_without_each(), bcg_pooled(), **WORDS).to_dict())
    weights = texts(spec, "weights")
    assert weights[0] == "I²" and weights[1] == "93%" and weights[-2] == "92%" and weights[-1] == ""
    spec = canonical(leave_one_out_plot(bcg_without_each().drop(columns="I2"), **WORDS).to_dict())
    assert set(texts(spec, "weights")) == {""}


def test_all_are_drawn_in_the_colour_of_pooled_results():
    spec = canonical(cumulative_plot(bcg_cumulative(), **WORDS).to_dict())
    points = [layer for layer in spec["layer"] if layer["mark"]["type"] == "point" and "size" in layer["mark"]]
    assert points[-1]["mark"]["color"] == PURPLE


def test_a_synthesis_that_could_not_be_made_is_listed_but_not_drawn():
    rows = bcg_without_each()
    rows.loc[2, ["estimate", "ci_low", "ci_high"]] = NAN
    chart = leave_one_out_plot(rows, **WORDS)
    spec = canonical(chart.to_dict())
    assert texts(spec, "numbers")[3] == "not estimable"
    assert len(rows_with(spec, "drawn_low", "label")) == 12 and len(data_behind(chart)) == 13


def test_logarithms_given_for_ratios_are_refused():
    with pytest.raises(ValueError, match="zero or less"):
        cumulative_plot(bcg_cumulative().assign(estimate=-0.7), **WORDS)
