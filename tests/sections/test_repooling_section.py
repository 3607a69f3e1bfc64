"""The table of what a plot's switches offer, and what they start with."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest

from helpers import evidence
from helpers.charts.theme import canonical
from helpers.format import estimate_with_interval
from helpers.sections import landing, outcome, repooling
from helpers.synthesis import interval_rule, pool
from helpers.synthesis.planned import planned_synthesis


@pytest.fixture(scope="module")
def review():
    return evidence.load()


def with_trials(result, k):
    """The same question answered by k trials of made-up effects."""
    draw = np.random.default_rng(2012)
    yi, vi = draw.normal(-0.3, 0.5, k), draw.uniform(0.02, 0.3, k)
    one = result.effects.iloc[[0]]
    half = 1.96 * np.sqrt(vi)
    rows = pd.concat([one] * k, ignore_index=True).assign(
        yi=yi, vi=vi, estimate=np.exp(yi), ci_low=np.exp(yi - half), ci_high=np.exp(yi + half), pooled=True
    )
    rule = interval_rule(yi, vi)
    return dataclasses.replace(result, effects=rows, primary=rule, widened=rule)


def table_rows(result):
    markup = repooling.models(result).data
    rows = re.findall(r"<tr>(.*?)</tr>", markup)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows[1:]]


def start_of(chart):
    params = {param["name"]: param for param in canonical(chart.to_dict())["params"]}
    return params["model"]["value"], params["limits"]["value"]


def test_the_table_lists_every_model_and_marks_the_start(review):
    result = planned_synthesis(review, "death")
    rows = table_rows(result)
    assert len([row for row in rows if len(row) == 7]) == 18, "nine models for each of the two plots"
    started = [row for row in rows if row[-1] == "yes"]
    assert [row[:2] for row in started] == [["REML", "Wald"], ["REML", "Hartung-Knapp with the ad hoc floor"]]
    for row, rule in zip(started, (result.primary, result.widened), strict=True):
        first = rule.shown[0][1]
        assert row[2] == estimate_with_interval(*np.exp([first.estimate, first.ci_low, first.ci_high])) + "†"


def test_a_plot_of_one_trial_has_no_switches_and_no_table(review):
    alone = with_trials(planned_synthesis(review, "death"), 1)
    assert repooling.models(alone) is None
    assert "controls" not in outcome.forest(review, alone).to_dict()["usermeta"]


@pytest.mark.parametrize(("k", "method"), [(2, "REML"), (3, "REML"), (10, "REML"), (11, "DL")])
def test_the_plot_starts_with_the_first_result_shown_or_with_dl_where_reml_is_out_of_reach(review, k, method):
    result = with_trials(planned_synthesis(review, "death"), k)
    first = result.primary.shown[0][1]
    assert start_of(outcome.forest(review, result)) == (method, first.test)
    (started,) = [row for row in table_rows(result) if row[-1] == "yes"]
    wanted = pool(result.effects["yi"], result.effects["vi"], method=method, test=first.test)
    assert estimate_with_interval(*np.exp([wanted.estimate, wanted.ci_low, wanted.ci_high])) in started[2]


def test_the_landing_page_shows_the_plot_without_switches(review):
    assert "controls" not in landing.forest(review, "iv-msc", "all", 0.95).to_dict()["usermeta"]
