"""Pooling anew on the built pages, in a real browser: what the page shows is what `pool` gives, however it is chosen."""

import itertools
import json
import random
import time

import numpy as np
import pandas as pd
import pytest
from pages import SIDEWAYS, Visits

from helpers import evidence, paths
from helpers.book.chart_figure import figure
from helpers.charts import interactive_forest
from helpers.charts.theme import MIME, book_renderer
from helpers.format import estimate_with_interval, number
from helpers.synthesis import pool, repooling
from helpers.synthesis.planned import answerable, planned_syntheses

pytestmark = pytest.mark.browser

LIVE = "figure.chart:has(fieldset.controls)"
FIELDS = ("estimate", "se", "ci_low", "ci_high", "tau2", "I2", "Q")
MODELS, LIMITS = ("EE", "DL", "REML"), ("z", "knha", "adhoc")
ALL_SUBSETS_TO = 5  # trials; above, a sample
SUBSETS = 24


@pytest.fixture(scope="module")
def syntheses():
    return planned_syntheses(evidence.load())


@pytest.fixture(scope="module")
def plots(syntheses):
    """For every outcome page the effects of each plot that has switches, in the order of the page."""
    found = {}
    for name in answerable(syntheses):
        result = syntheses[name]
        effects = [result.pooled] if result.effects["pooled"].all() else [result.pooled, result.effects]
        found[f"outcomes/{name}.html"] = [(result, each) for each in effects if len(each) > 1]
    assert found and all(found.values()), "every outcome page has a plot of two or more trials"
    return found


@pytest.fixture
def visits(browser, address):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    tab = context.new_page()
    tab.set_default_timeout(10_000)
    yield Visits(tab, address)
    context.close()


class Plot:
    """One interactive forest plot on a page, as its reader has it."""

    def __init__(self, tab, place=0):
        self.tab, self.figure = tab, tab.locator(LIVE).nth(place)
        self.boxes = self.figure.get_by_role("checkbox").all()
        self.values = {}  # of the lists, as far as they were chosen here

    def choose(self, included, **lists):
        """Turn what is not yet as wanted, as a reader would."""
        inputs = "(figure) => [...figure.querySelectorAll('input')].map((box) => box.checked)"
        for box, is_on, on in zip(self.boxes, self.figure.evaluate(inputs), included, strict=True):
            if is_on != on:
                box.click()
        for label, value in lists.items():
            if self.values.get(label) != value:
                self.figure.get_by_label(label).select_option(value)
                self.values[label] = value

    def checked(self):
        return [box.is_checked() for box in self.boxes]

    def shown(self):
        return json.loads(self.figure.get_by_role("status").get_attribute("data-pooled"))

    def written(self):
        return self.figure.locator(".live svg").text_content()

    def shows(self, wanted, log, of):
        """Compare with a `Pooled` (None: no trial chosen), waiting for the page to catch up: numbers, then words."""
        k = wanted.k if wanted else 0
        give_up = time.monotonic() + 3
        while not _near(self.shown(), wanted) and time.monotonic() < give_up:
            self.tab.wait_for_timeout(10)
        found = self.shown()
        assert found["k"] == k
        if wanted is None:
            assert found["estimate"] is None and "Chosen: no trial" in self.written()
            return
        for name in FIELDS:
            assert found[name] == pytest.approx(getattr(wanted, name), rel=1e-6, abs=1e-6), name
        limits = np.array([wanted.estimate, wanted.ci_low, wanted.ci_high])
        self.tab.evaluate("() => new Promise(requestAnimationFrame)")
        words = self.written()
        assert estimate_with_interval(*(np.exp(limits) if log else limits)) in words
        assert f"Chosen: {k} of {of} trials" in words
        if k > 1:
            assert f"τ² {number(wanted.tau2, 3)}, I² {number(wanted.I2, 0)}%" in words


def _near(found, wanted):
    if wanted is None or found["k"] != wanted.k:
        return wanted is None and found["k"] == 0
    return all(found[name] == pytest.approx(getattr(wanted, name), rel=1e-6, abs=1e-6) for name in FIELDS)


def subsets(k):
    """All choices of k trials, or the full one, the empty one and a sample."""
    if k <= ALL_SUBSETS_TO:
        return list(itertools.product([True, False], repeat=k))
    draw = random.Random(2012)
    some = [[draw.random() < 0.5 for _ in range(k)] for _ in range(SUBSETS)]
    return [[True] * k, [False] * k, *some]


def pooled(effects, chosen, method, test, level=0.95):
    rows = effects[np.asarray(chosen, dtype=bool)]
    if rows.empty:
        return None
    return pool(rows["yi"].to_numpy(), rows["vi"].to_numpy(), method=method, test=test, level=level)


def open_page(visits, page, plots):
    tab = visits.open(page)
    assert visits.charts_are_drawn()
    assert tab.locator(LIVE).count() == len(plots[page]), page
    return tab


def test_every_page_starts_with_the_result_in_its_table(visits, plots):
    for page, there in plots.items():
        tab = open_page(visits, page, plots)
        for place, (result, effects) in enumerate(there):
            rule = result.primary if effects is result.pooled or len(effects) == len(result.pooled) else result.widened
            first = rule.shown[0][1]
            plot = Plot(tab, place)
            assert all(plot.checked()) and len(plot.boxes) == len(effects)
            plot.shows(first, result.log, len(effects))
            limits = np.array([first.estimate, first.ci_low, first.ci_high])
            text = estimate_with_interval(*(np.exp(limits) if result.log else limits))
            tables = [table.text_content() for table in tab.locator("#pooled table, #models table").all()]
            assert len(tables) == 2 and all(text in table for table in tables), page


def test_every_choice_on_every_page_gives_what_pool_gives(visits, plots):
    compared = 0
    for page, there in plots.items():
        tab = open_page(visits, page, plots)
        for place, (result, effects) in enumerate(there):
            plot = Plot(tab, place)
            for chosen in subsets(len(effects)):
                for method, test in itertools.product(MODELS, LIMITS):
                    plot.choose(chosen, Model=method, Limits=test)
                    plot.shows(pooled(effects, chosen, method, test), result.log, len(effects))
                    compared += 1
    assert compared >= 9 * 4 * len(plots)


def test_only_reports_and_registries_on_every_page_that_offers_it(visits, plots):
    offered = 0
    for page, there in plots.items():
        tab = open_page(visits, page, plots)
        for place, (result, effects) in enumerate(there):
            plot = Plot(tab, place)
            direct = effects["kind"].isin(["primary", "registry"]).to_numpy()
            sources = plot.figure.get_by_label("Sources")
            assert sources.count() == (not direct.all()), page
            if direct.all():
                continue
            offered += 1
            for chosen in subsets(len(effects)):
                plot.choose(chosen, Sources="direct", Model="DL", Limits="z")
                plot.shows(pooled(effects, direct & chosen, "DL", "z"), result.log, len(effects))
            plot.choose([True] * len(effects), Sources="all")
            plot.shows(pooled(effects, [True] * len(effects), "DL", "z"), result.log, len(effects))
    assert offered > 0


def test_by_keyboard_alone(visits, plots):
    for page, there in plots.items():
        tab = open_page(visits, page, plots)
        result, effects = there[-1]
        plot = Plot(tab, len(there) - 1)
        plot.boxes[0].focus()
        tab.keyboard.press("Space")
        chosen = [False] + [True] * (len(effects) - 1)
        assert plot.checked() == chosen
        for _ in range(len(effects) + plot.figure.get_by_label("Sources").count()):
            tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.name") == "model", "the inputs follow each other in the tab order"
        tab.keyboard.press("Home")  # common effect
        tab.keyboard.press("ArrowDown")
        tab.keyboard.press("Tab")
        tab.keyboard.press("Home")
        tab.keyboard.press("ArrowDown")
        assert plot.figure.get_by_label("Limits").input_value() == "knha"
        plot.shows(pooled(effects, chosen, "DL", "knha"), result.log, len(effects))
        tab.keyboard.press("Tab")
        tab.keyboard.press("Enter")  # back to the start
        rule = result.primary if len(effects) == len(result.pooled) else result.widened
        plot.shows(rule.shown[0][1], result.log, len(effects))
        assert all(plot.checked())


def test_a_click_on_a_trials_row_turns_its_switch(visits, plots):
    for page, there in plots.items():
        tab = open_page(visits, page, plots)
        result, effects = there[-1]
        plot = Plot(tab, len(there) - 1)
        plot.choose([True] * len(effects), Model="DL", Limits="z")
        rows = plot.figure.locator(".live .mark-rect.role-mark path")
        assert rows.count() == len(effects)
        chosen = [True] * len(effects)
        for place in range(len(effects)):
            for on in (False, True, False):
                rows.nth(place).click()
                chosen[place] = on
                plot.shows(pooled(effects, chosen, "DL", "z"), result.log, len(effects))
                assert plot.checked() == chosen
        assert "Chosen: no trial" in plot.written()


def test_the_result_is_announced_once_something_was_chosen(visits, plots):
    page = next(iter(plots))
    tab = open_page(visits, page, plots)
    result, effects = plots[page][0]
    plot = Plot(tab)
    status = plot.figure.get_by_role("status")
    assert status.text_content() == ""
    plot.choose([True] * len(effects), Model="DL", Limits="knha")
    plot.shows(pooled(effects, [True] * len(effects), "DL", "knha"), result.log, len(effects))
    assert status.text_content().startswith(f"{len(effects)} of {len(effects)} trials pooled, DL, HK: ")
    plot.choose([False] * len(effects))
    plot.shows(None, result.log, len(effects))
    assert status.text_content() == "No trial is chosen."
    assert visits.violations() == []


def test_the_switches_have_names_and_fit_a_phone(visits, plots):
    for page in plots:
        visits.tab.set_viewport_size({"width": 360, "height": 780})
        tab = open_page(visits, page, plots)
        assert tab.evaluate(SIDEWAYS) == 0
        for group in tab.get_by_role("group", name="Choose what is pooled").all():
            edge = group.bounding_box()
            for control in group.locator("input, select, button").all():
                box = control.bounding_box()
                assert box["x"] >= edge["x"] and box["x"] + box["width"] <= edge["x"] + edge["width"] <= 360, page
                assert control.evaluate("(input) => (input.labels?.[0] ?? input).textContent.trim()")


def test_a_choice_outlasts_a_change_of_width(visits, plots):
    page = next(iter(plots))
    tab = open_page(visits, page, plots)
    result, effects = plots[page][0]
    plot = Plot(tab)
    chosen = [False] + [True] * (len(effects) - 1)
    plot.choose(chosen, Model="DL", Limits="z")
    tab.set_viewport_size({"width": 360, "height": 780})
    tab.wait_for_timeout(400)
    plot.shows(pooled(effects, chosen, "DL", "z"), result.log, len(effects))


def test_without_javascript_the_picture_shows_the_start_and_no_switch_is_there(browser, address, plots):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    for page, there in plots.items():
        tab.goto(address + page)
        assert tab.locator("fieldset.controls").count() == 0
        pictures = " ".join(svg.text_content() for svg in tab.locator("figure.chart > .view > svg").all())
        for _, effects in there:
            assert f"Chosen: {len(effects)} of {len(effects)} trials" in pictures
        assert tab.locator("#models table").count() == 1
    context.close()


def test_the_thirteen_bcg_trials_agree_with_metafor(browser, built_book, tmp_path):
    case = json.loads((paths.ORACLE / "bcg_RR.json").read_text(encoding="utf-8"))
    effects = pd.DataFrame({"yi": case["yi"], "vi": case["vi"]})
    half = 1.959964 * np.sqrt(effects["vi"])
    rows = pd.DataFrame(
        {
            "label": [f"Trial {i}" for i in range(1, 14)],
            "estimate": np.exp(effects["yi"]),
            "ci_low": np.exp(effects["yi"] - half),
            "ci_high": np.exp(effects["yi"] + half),
        }
    )
    chart = interactive_forest(
        rows, rows.head(1).assign(label="Pooled"), numbers=repooling(effects["yi"], effects["vi"]), method="DL", test="knha",
        measure_label="Risk ratio", log=True, favours=("favours vaccine", "favours none"), title="BCG", description="BCG",
    )  # fmt: skip
    bundle = book_renderer(chart.to_dict())
    static = built_book.as_uri() + "/_static"
    page = tmp_path / "bcg.html"
    page.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>BCG</title>'
        f"{figure(bundle[MIME], bundle['image/svg+xml'], {})}"
        f'<script src="{static}/vega.js"></script><script src="{static}/charts.js"></script></html>',
        encoding="utf-8",
    )
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(page.as_uri())
    tab.locator("figure.chart .live.ready svg").wait_for()
    plot = Plot(tab)
    everything = [True] * 13
    for name, fit in case["meta"]["fits"].items():
        method, test = name.split("_")
        if method not in ("EE", "DL"):
            continue
        plot.choose(everything, Model=method, Limits=test)
        plot.shows(pooled(effects, everything, method, test), True, 13)
        found = plot.shown()
        for ours, theirs in {
            "estimate": "estimate", "se": "se", "ci_low": "ci_lb", "ci_high": "ci_ub", "tau2": "tau2", "I2": "I2", "Q": "QE"
        }.items():  # fmt: skip
            assert found[ours] == pytest.approx(fit[theirs], rel=1e-6, abs=1e-6), (name, ours)
    for chosen in subsets(13):
        plot.choose(chosen, Model="DL", Limits="knha")
        plot.shows(pooled(effects, chosen, "DL", "knha"), True, 13)
    assert plot.figure.get_by_label("Model").locator("option").count() == 2, "REML can not be looked up for 13 trials"
    context.close()
