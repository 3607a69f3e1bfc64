"""Numbers shown on a page come from one computation: chart, table, sentence, summary of findings and results agree.

Compared are the digits as printed, for every planned synthesis, of the trials given into a vein and of all together.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag

from helpers import evidence, paths
from helpers.effects.trial_effects import LOG_MEASURES
from helpers.format import estimate_with_interval, interval, number
from helpers.sections.sentences import POPULATION_NAMES

SYNTHESES = list(evidence.load(paths.ROOT / "data").syntheses.index)
MARKS = "†‡§"
POPULATIONS = ("iv-msc", "all")
every_synthesis = pytest.mark.parametrize("synthesis", SYNTHESES)
both_populations = pytest.mark.parametrize("population", POPULATIONS)


@dataclass(frozen=True)
class Shown:
    """One result that the interval rule shows, as `review results` gives it, in the digits of the book."""

    label: str
    k: int
    estimate: str
    limits: str
    treated: str

    @classmethod
    def of(cls, row: pd.Series) -> Shown:
        values = [row["estimate"], row["ci_low"], row["ci_high"]]
        middle, low, high = (math.exp(value) for value in values) if row["measure"] in LOG_MEASURES else values
        treated = interval(row["treated_per_1000_low"], row["treated_per_1000_high"], 0)
        return cls(
            row["interval"], int(row["k"]), estimate_with_interval(middle, low, high), interval(low, high), treated
        )


@pytest.fixture(scope="module")
def review():
    return evidence.load(paths.ROOT / "data")


@pytest.fixture(scope="module")
def computed(built_book):
    frame = pd.read_csv(built_book / "data" / "computed-results.csv", low_memory=False)
    return frame[frame["scope"] == "synthesis"]


def results(computed, synthesis, population):
    rows = computed[(computed["synthesis"] == synthesis) & (computed["population_class"] == population)]
    return [Shown.of(row) for _, row in rows.iterrows()]


def page(built_book, name):
    file = built_book / f"{name}.html"
    return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser") if file.is_file() else None


def cells(table: Tag | None) -> list[list[str]]:
    if table is None:
        return []
    return [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in table.select("tbody tr")]


def forest_rows(html, position, title):
    """The rows of the forest plots on a page; position 0: the main one, 1: with near relatives."""
    plots = []
    for script in html.select("figure.chart script"):
        meta = json.loads(script.string)["usermeta"]
        if meta["title"] == title:
            plots.append(pd.DataFrame(meta["data"]["rows"], columns=meta["data"]["columns"]))
    return plots[position] if position < len(plots) else None


def outcome_page(built_book, computed, synthesis):
    """The page of a question; None where it has none, for want of two trials."""
    html = page(built_book, f"outcomes/{synthesis}")
    every = results(computed, synthesis, "all")
    assert (html is None) == (not every or every[0].k < 2)
    return html


def wider(computed, synthesis):
    """Whether near relatives add a trial, so that the page shows a second plot."""
    own, every = (results(computed, synthesis, population) for population in POPULATIONS)
    return (own[0].k if own else 0) < (every[0].k if every else 0)


def shown_on_page(html, computed, synthesis, population):
    """The results that a page has to show; none without a page, and none a second time."""
    if html is None or (population == "all" and not wider(computed, synthesis)):
        return []
    return results(computed, synthesis, population)


@every_synthesis
@both_populations
def test_the_forest_plot_shows_the_results(built_book, computed, review, synthesis, population):
    html = outcome_page(built_book, computed, synthesis)
    found = shown_on_page(html, computed, synthesis, population)
    if not found:
        return
    has_own = bool(results(computed, synthesis, "iv-msc"))
    rows = forest_rows(html, 1 if population == "all" and has_own else 0, review.syntheses.at[synthesis, "title"])
    drawn = {
        row.label: estimate_with_interval(row.estimate, row.ci_low, row.ci_high)
        for row in rows[["label", "estimate", "ci_low", "ci_high"]].itertuples()
    }
    if found[0].k == 1:
        assert list(drawn.values()) == [found[0].estimate]
    else:
        assert {each.label: each.estimate for each in found}.items() <= drawn.items()


@every_synthesis
@both_populations
def test_the_table_of_pooled_estimates_shows_the_results(built_book, computed, synthesis, population):
    html = outcome_page(built_book, computed, synthesis)
    found = [each for each in shown_on_page(html, computed, synthesis, population) if each.k > 1]
    if html is None:
        return
    listed = [row[1:4] for row in cells(html.select_one("#pooled")) if row[0] == POPULATION_NAMES[population]]
    assert listed == [[each.label, str(each.k), each.estimate] for each in found]


@every_synthesis
@both_populations
def test_the_sentence_says_the_results(built_book, computed, synthesis, population):
    html = outcome_page(built_book, computed, synthesis)
    found = shown_on_page(html, computed, synthesis, population)
    if not found:
        return
    whom = POPULATION_NAMES[population]
    words = ("One trial", "Two trials", "Three trials", "Four trials", "Five trials")
    said = [
        text
        for text in (
            paragraph.get_text().translate({ord(mark): None for mark in MARKS}) for paragraph in html.select("p")
        )
        if text.startswith(f"{words[found[0].k - 1]} of {whom}")
    ]
    assert len(said) == 1, said
    stated = found if found[0].k == 2 else found[:1]
    for each in stated:
        assert f"{each.label} {each.estimate}" in said[0] or (len(stated) == 1 and each.estimate in said[0])


@every_synthesis
@both_populations
def test_the_summary_of_findings_shows_the_results(built_book, computed, review, synthesis, population):
    html = page(built_book, "findings")
    question = review.syntheses.at[synthesis, "question"]
    found = results(computed, synthesis, population)
    table = "#findings-table" if population == "iv-msc" else "#findings-table-widened"
    row = next((row for row in cells(html.select_one(table)) if row[0] == question), None)
    if population == "all" and not wider(computed, synthesis):
        assert row is None
        return
    assert row is not None
    _, trials, certainty, relative, _, treated = row
    if not found:
        assert (trials, certainty) == ("none", "no evidence")
        return
    assert trials.startswith(f"{found[0].k} (")
    stated = (
        [found[0].estimate] if found[0].k != 2 else [f"{each.limits} ({each.label})" for each in apart(computed, found)]
    )
    for text in stated:
        assert text in relative.translate({ord(mark): None for mark in MARKS})
    for each in found[:1] if found[0].k != 2 else apart(computed, found):
        if each.treated != "not stated":
            assert each.treated in treated


def apart(computed, found):
    """The narrowest and the widest result, as `review results` has them."""
    rows = computed[computed["interval"].isin([each.label for each in found])]
    limits = {each.label: each.limits for each in found}

    def width(each):
        low, high = (float(part.replace("−", "-")) for part in limits[each.label].split(" to "))
        return high - low

    assert len(rows)
    ordered = sorted(found, key=width)
    return [ordered[0], ordered[-1]]


@every_synthesis
def test_the_page_and_the_summary_show_the_same_certainty(built_book, computed, review, synthesis):
    html = outcome_page(built_book, computed, synthesis)
    if html is None:
        return
    own = cells(html.select_one("#certainty"))
    rows = computed[(computed["synthesis"] == synthesis) & (computed["population_class"] == "iv-msc")]
    if rows.empty:
        assert own == []
        return
    question = review.syntheses.at[synthesis, "question"]
    summary = next(
        row for row in cells(page(built_book, "findings").select_one("#findings-table")) if row[0] == question
    )
    (shown,) = own
    level = rows["certainty"].iloc[0]
    assert [row[2].split(" (")[0].lower() for row in (shown, summary)] == [level, level]
    assert [shown[1], *shown[3:]] == [summary[1], *summary[3:]]


@every_synthesis
def test_the_multiverse_holds_what_the_book_shows(built_book, computed, review, synthesis):
    found = results(computed, synthesis, "iv-msc")
    html = page(built_book, "multiverse")
    rows = cells(html.select_one(f"#all-{synthesis}"))
    if not found or not rows:
        assert not found or found[0].k == 1  # nothing of the book's own, or no choice to be made
        return
    planned = {row[4].split(" ", 1)[1] for row in rows if row[6] == "0"}
    labelled = [each for each in found if found[0].k < 3 or each is found[0]]
    assert {each.estimate for each in labelled} == planned


def test_every_number_of_patients_is_that_of_the_results(built_book, computed, review):
    html = page(built_book, "findings")
    by_question = {row[0]: row[1] for row in cells(html.select_one("#findings-table"))}
    rows = computed[computed["population_class"] == "iv-msc"].drop_duplicates("synthesis")
    assert len(rows) > 0
    for row in rows.itertuples():
        question = review.syntheses.at[row.synthesis, "question"]
        assert by_question[question] == f"{row.k:.0f} ({number(row.n, 0)})"
