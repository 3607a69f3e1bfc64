"""Tables are plain, accessible HTML that can stand on a page any number of times; numbers are written in one way."""

import math
import os
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from helpers.tables import (
    Link,
    estimate_with_interval,
    interval,
    kind_legend,
    kind_mark,
    number,
    p_value,
    percent,
    percent_interval,
    percent_with_interval,
    publication_table,
)

COLUMNS = {"trial": "Trial", "n": "Patients", "effect": "Effect", "source": "Source"}


@pytest.fixture
def frame():
    return pd.DataFrame({
        "trial": ["STARTING-2", "ISIS <HERMES> & co", "TREASURE"],
        "n": [54, 31, 206],
        "effect": [0.560921, -0.001, math.nan],
        "kind": ["primary", "derived", "registry"],
        "source": [Link("Chung 2021", "references.html#chung2021"), "table 2", None],
        "set": ["IV", "IV", "related"],
    })  # fmt: skip


def soup_of(table):
    return BeautifulSoup(table._repr_html_(), "html.parser")


def test_the_table_has_caption_headings_and_notes(frame):
    soup = soup_of(publication_table(frame, id="t", title="Effects & more", columns=COLUMNS, notes=["One <note>."]))
    assert soup.table.caption.text == "Effects & more"
    assert [(th.text, th["scope"]) for th in soup.thead.find_all("th")] == [(text, "col") for text in COLUMNS.values()]
    assert [(th.text, th["scope"]) for th in soup.tbody.find_all("th")] == [(name, "row") for name in frame["trial"]]
    assert [td.text for td in soup.tfoot.find_all("td")] == ["One <note>."]


def test_cells_are_written_as_given_and_rounded_the_same_way_everywhere(frame):
    table = publication_table(frame, id="t", title="T", columns=COLUMNS)
    rows = [[cell.text for cell in row.find_all("td")] for row in soup_of(table).tbody.find_all("tr")]
    assert rows == [["54", "0.56", "Chung 2021"], ["31", "0.00", "table 2"], ["206", "–", "–"]]
    assert table.to_frame()["Effect"].tolist() == ["0.56", "0.00", "–"]
    for text in ("STARTING-2", "ISIS <HERMES> & co", "0.56", "Chung 2021"):
        assert text in repr(table)


def test_a_link_leads_to_its_address_and_nothing_else_is_markup(frame):
    frame.loc[0, "trial"] = '<script>alert("x")</script>'
    frame.at[1, "source"] = Link("<b>", 'a.html?x="y"&z')
    soup = soup_of(publication_table(frame, id="t", title="T", columns=COLUMNS))
    assert soup.script is None and soup.b is None
    assert [(a.text, a["href"]) for a in soup.find_all("a")] == [
        ("Chung 2021", "references.html#chung2021"), ("<b>", 'a.html?x="y"&z')]  # fmt: skip


def test_the_scrolling_region_can_be_reached_and_is_named(frame):
    region = soup_of(publication_table(frame, id="t", title="Effects", columns=COLUMNS)).div
    assert (region["role"], region["tabindex"], region["aria-label"]) == ("region", "0", "Effects")
    named = soup_of(publication_table(frame, id="t", label="All effects", columns=COLUMNS))
    assert named.div["aria-label"] == "All effects" and named.caption is None


def test_tables_on_one_page_share_no_id_and_carry_no_style(frame):
    tables = [publication_table(frame, id=f"table-{i}", title=f"T{i}", columns=COLUMNS) for i in range(3)]
    html = "".join(table.to_html() for table in tables)
    assert re.findall(r'\bid="([^"]*)"', html) == ["table-0", "table-1", "table-2"]
    for unwanted in ("<style", "style=", "headers=", "gt_", "data-quarto"):
        assert unwanted not in html


def test_numbers_are_aligned_and_groups_and_totals_set_apart(frame):
    soup = soup_of(publication_table(frame, id="t", title="T", columns=COLUMNS, groups="set", totals=1))
    assert [td.text for td in soup.find_all("td", class_="number")] == ["54", "0.56", "31", "0.00", "206", "–"]
    headings = soup.select("tbody > tr.group > th")
    assert [(th.text, th["scope"], th["colspan"]) for th in headings] == [
        ("IV", "rowgroup", "4"), ("related", "rowgroup", "4")]  # fmt: skip
    assert [len(body.find_all("tr")) for body in soup.find_all("tbody")] == [3, 2]
    assert [row.th.text for row in soup.select("tr.total")] == ["TREASURE"]


def test_marks_stand_at_the_numbers_they_belong_to_and_are_explained(frame):
    table = publication_table(frame, id="t", title="T", columns=COLUMNS, marks={"effect": "kind", "trial": "kind"})
    assert table.to_frame()["Effect"].tolist() == ["0.56", "0.00†", "–"]
    assert table.to_frame()["Trial"].tolist() == ["STARTING-2", "ISIS <HERMES> & co†", "TREASURE§"]
    assert table.notes == (
        "† computed by us from reported numbers; § read in a trial registry",
    )  # fmt: skip


def test_a_mark_that_is_not_shown_is_not_explained(frame):
    table = publication_table(frame, id="t", title="T", columns=COLUMNS, marks={"effect": "kind"})
    assert table.notes == ("† computed by us from reported numbers",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"columns": {"nothing": "Nothing"}}, "no column 'nothing'"),
        ({"marks": {"effect": "nothing"}}, "no column 'nothing'"),
        ({"title": None}, "needs a title"),
        ({"id": "a b"}, "letters, digits and hyphens"),
        ({"id": ""}, "letters, digits and hyphens"),
        ({"columns": {}}, "no columns"),
    ],
)
def test_a_table_that_can_not_be_made_says_why(frame, change, message):
    with pytest.raises(ValueError, match=message):
        publication_table(frame, **{"id": "t", "title": "T", "columns": COLUMNS} | change)
    with pytest.raises(ValueError, match="no rows"):
        publication_table(frame.head(0), id="t", title="T", columns=COLUMNS)


def test_html_and_text_are_the_same_in_every_process():
    program = (
        "import pandas as pd; from helpers.tables import publication_table as t;"
        "f = pd.DataFrame({'a': ['x', 'y'], 'k': ['derived', 'secondary'], 'b': [1 / 3, 2.5]});"
        "v = t(f, id='t', title='T', columns={'a': 'A', 'b': 'B'}, marks={'b': 'k'}); print(v.to_html(), v)"
    )
    outputs = {
        subprocess.run([sys.executable, "-c", program], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True,
                       check=True).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(outputs) == 1


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.560921, 2, "0.56"), (-0.32, 2, "−0.32"), (-0.001, 2, "0.00"), (39, 0, "39"), (math.nan, 2, "–"),
        (None, 2, "–"), (pd.NA, 2, "–"), (math.inf, 2, "∞"), (-math.inf, 2, "−∞"), (np.float64(1.5), 1, "1.5"),
        (3e8, 2, "3.0×10⁸"), (-2.5e12, 2, "−2.5×10¹²"),
    ],
)  # fmt: skip
def test_numbers(value, digits, text):
    assert number(value, digits) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.02, "p = 0.020"), (0.0005, "p < 0.001"), (0.377239, "p = 0.377"), (1.0, "p = 1.000"), (0.99999, "p > 0.999"),
     (math.nan, "p not stated"), (None, "p not stated"), (0.0, "p < 0.001")],
)  # fmt: skip
def test_p_values(p, text):
    assert p_value(p) == text


@pytest.mark.parametrize("p", [-0.01, 1.01])
def test_a_p_value_outside_zero_to_one_is_refused(p):
    with pytest.raises(ValueError, match="between 0 and 1"):
        p_value(p)


def test_intervals():
    assert interval(0.17, 1.04) == "0.17 to 1.04"
    assert interval(-0.5, -0.25) == "−0.50 to −0.25"
    assert interval(math.nan, 7.985) in ("up to 7.98", "up to 7.99")  # binary fractions round either way
    assert interval(0.1, None) == "at least 0.10"
    assert interval(math.nan, math.nan) == "not stated"
    assert estimate_with_interval(0.43, 0.17, 1.04) == "0.43 (0.17 to 1.04)"
    assert estimate_with_interval(0.43, None, None) == "0.43"
    assert estimate_with_interval(math.nan, 0.1, 0.2) == "–"


def test_percentages():
    assert percent(0.0798) == "8.0%"
    assert percent(None) == "–"
    assert percent_interval(math.nan, 0.45072) == "up to 45.1%"
    assert percent_with_interval(0.0, math.nan, 0.07985) == "0.0% (up to 8.0%)"


def test_marks_of_source_kinds():
    assert [kind_mark(kind) for kind in ("primary", "derived", "secondary", "registry", "", None)] == [
        "", "†", "‡", "§", "", ""]  # fmt: skip
    with pytest.raises(ValueError, match="unknown source kind 'rumour'"):
        kind_mark("rumour")
    assert kind_legend(["primary", None]) == ""
    assert kind_legend(["registry", "derived", "derived"]).startswith("† ")
