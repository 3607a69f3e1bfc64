"""Generated patients are marked on every table and chart, on the page and in what is taken away from it."""

from __future__ import annotations

import dataclasses
import json
import re

import altair as alt
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from IPython.display import HTML, Markdown
from patient_examples import adsl, chapter

from helpers import evidence, paths
from helpers.book.chart_figure import data_csv
from helpers.book.execution import Job, execute
from helpers.charts import interval_plot
from helpers.charts.theme import MIME, canonical, static_svg
from helpers.patients import Patients
from helpers.review import reference_pages
from helpers.sections import demonstration
from helpers.sections.demonstration import NOTE, banner, is_marked, marked
from helpers.sections.layout import folded, table

CHAPTERS = ("randomised", "longitudinal", "dose-escalation", "imaging")


def patients(generated: bool = True) -> Patients:
    return chapter(adsl({"cells": 3, "control": 2}), demonstration=generated).patients


def chart() -> alt.LayerChart:
    rows = pd.DataFrame(
        {"label": ["One", "Two"], "estimate": [0.2, 0.4], "ci_low": [0.1, 0.2], "ci_high": [0.5, 0.6],
         "kind": "primary", "group": "iv-msc"}
    )  # fmt: skip
    return interval_plot(
        rows, axis_title="Patients (%)", percent=True, title="Shares", description="Two shares.", row_title="Trial",
        numbers_title="Share",
    )  # fmt: skip


def small_table():
    return table(pd.DataFrame({"Arm": ["Cells"], "Patients": ["3"]}), id="arms", title="Arms", notes=["All of them."])


def test_results_of_observed_patients_stay_as_they_are():
    observed = patients(generated=False)
    for result in (chart(), small_table(), Markdown("Three."), HTML("<p>Three.</p>"), [Markdown("a")], None, object()):
        assert marked(result, observed) is result
    assert banner(observed) is None


def test_a_chart_says_it_under_its_title_in_its_description_and_across_its_marks():
    plain = chart()
    before = json.dumps(plain.to_dict(), sort_keys=True)
    result = marked(plain, patients())
    spec = canonical(result.to_dict())
    assert " ".join(spec["title"]["subtitle"]).startswith(NOTE)
    assert spec["description"] == f"Two shares. {NOTE}."
    svg = static_svg(spec)
    assert "DEMONSTRATION" in svg and "Demonstration patients: generated" in svg
    across = next(layer["mark"] for layer in spec["layer"] if layer["mark"].get("text") == "DEMONSTRATION")
    assert across["opacity"] < 0.15 and across["clip"]
    assert json.dumps(plain.to_dict(), sort_keys=True) == before, "the chart that was given is changed"


def test_the_lines_under_a_charts_title_stay_after_the_note():
    plain = chart()
    plain.title.subtitle = ["Own line"]
    assert marked(plain, patients()).title.subtitle[-1] == "Own line"


def test_the_numbers_behind_a_chart_carry_the_mark_in_every_row():
    plain = data_csv(chart().to_dict()["usermeta"]["data"]).splitlines()
    rows = data_csv(marked(chart(), patients()).to_dict()["usermeta"]["data"]).splitlines()
    assert rows[0] == f"patients,{plain[0]}"
    assert len(rows) == len(plain) > 1
    assert all(row.startswith('"demonstration, not observed",') for row in rows[1:])


def test_a_table_says_it_in_caption_label_and_notes():
    result = marked(small_table(), patients())
    soup = BeautifulSoup(result.to_html(), "html.parser")
    assert soup.caption.text == "Arms (demonstration patients)"
    assert "demonstration patients" in soup.div["aria-label"]
    assert "demonstration" in soup.table["class"]
    assert result.notes == (f"{NOTE}.", "All of them.")
    assert NOTE in repr(result)
    assert "demonstration" not in small_table().to_html()


def test_a_text_begins_with_the_mark():
    assert marked(Markdown("**Three** patients."), patients()).data == "*Demonstration patients.* **Three** patients."
    assert marked(Markdown("- Three."), patients()).data == "*Demonstration patients.*\n\n- Three."


def test_folded_tables_are_marked_before_them_too():
    result = marked(folded([("All", marked(small_table(), patients()))]), patients())
    assert is_marked(result)
    bare = marked(folded([("All", small_table())]), patients())
    assert bare.data.startswith(f'<p class="demonstration">{NOTE}.</p><details')


def test_each_part_of_a_list_is_marked():
    result = marked([chart(), small_table(), None], patients())
    assert [is_marked(part) for part in result[:2]] == [True, True]
    assert result[2] is None


def test_what_is_marked_is_not_marked_again():
    for result in (chart(), small_table(), Markdown("Three."), HTML("<p>Three.</p>")):
        once = marked(result, patients())
        assert marked(once, patients()) is once


def test_a_result_that_can_not_be_marked_is_refused():
    with pytest.raises(TypeError, match="DataFrame can not be marked as demonstration"):
        marked(pd.DataFrame({"a": [1]}), patients())


def test_the_banner_counts_the_patients_and_leads_to_how_they_were_made():
    text = banner(patients()).data
    assert "These 5 patients were generated" in text
    assert 'href="../data.html#demonstration-patients"' in text
    headings = re.findall(r'"(#+ [^"\\]+)', (paths.BOOK / "data.ipynb").read_text(encoding="utf-8"))
    assert "## Demonstration patients" in headings


# --- the pages -----------------------------------------------------------------------------------------------------


def test_the_data_page_says_how_many_there_are_and_what_they_meet():
    review = evidence.load(paths.ROOT / "data")
    frame = demonstration.made(review).to_frame().set_index("Trial")
    assert frame["Patients"].to_dict() == {"ISIS-HERMES": "31", "Levy 2019": "36", "STARTING-2": "54"}
    assert frame["Printed numbers met"].to_dict() == {
        "ISIS-HERMES": "17 of 17", "Levy 2019": "33 of 33", "STARTING-2": "50 of 51",
    }  # fmt: skip
    assert "mi-leg p_adjusted" in demonstration.assumptions(review).data
    assert demonstration.matched(review).data.count("<details") == 3
    assert "STARTING-2" in demonstration.why(review).data


def test_a_data_folder_without_generated_patients_is_said_to_have_none():
    review = evidence.load(paths.ROOT / "data")
    observed = dataclasses.replace(review, trials={"masters": review.trials["masters"]})
    assert demonstration.made(observed).data == "No trial has demonstration patients."
    assert demonstration.assumptions(observed) is None
    assert "observed" in demonstration.why(observed).data


def outputs(page: str) -> list[dict[str, object]]:
    """The outputs of a chapter, executed as its notebook stands."""
    (own,) = [each for each in reference_pages() if each.name == page]
    notebook = json.loads(execute(Job(own, "", {})))
    return [output["data"] for cell in notebook["cells"] for output in cell.get("outputs", []) if "data" in output]


def text(stored: object) -> str:
    return "".join(stored) if isinstance(stored, list) else str(stored)


def unmarked(bundle: dict[str, object]) -> list[str]:
    """What in one output shows numbers of patients without the mark."""
    found = []
    if MIME in bundle:
        spec = json.loads(text(bundle[MIME])) if not isinstance(bundle[MIME], dict) else bundle[MIME]
        if "demonstration" not in spec.get("usermeta", {}) or "DEMONSTRATION" not in text(bundle["image/svg+xml"]):
            found.append(f"chart {spec.get('usermeta', {}).get('title')}")
    elif "text/html" in bundle:
        soup = BeautifulSoup(text(bundle["text/html"]), "html.parser")
        for each in soup.find_all("table"):
            if "demonstration" not in (each.get("class") or []) or NOTE not in each.text:
                found.append(f"table {each.caption.text if each.caption else ''}")
    elif "image/png" in bundle or "image/svg+xml" in bundle:
        found.append("picture")
    elif re.search(r"^\|.*\|$", text(bundle.get("text/markdown", "")), re.MULTILINE):
        found.append("table in Markdown")
    return found


def test_an_unmarked_result_is_found():
    html = {"text/html": small_table().to_html()}
    spec = canonical(chart().to_dict())
    assert unmarked(html) == ["table Arms"]
    assert unmarked({MIME: spec, "image/svg+xml": static_svg(spec)}) == ["chart Shares"]
    assert unmarked({"text/html": folded([("All", small_table())]).data}) == ["table Arms"]
    assert unmarked({"text/markdown": "| a | b |\n|---|---|"}) == ["table in Markdown"]
    assert unmarked({"text/html": marked(small_table(), patients()).to_html()}) == []


@pytest.mark.slow
@pytest.mark.parametrize("page", CHAPTERS)
def test_everything_on_a_chapter_of_generated_patients_is_marked(page):
    shown = outputs(page)
    assert 'class="demonstration" role="note"' in text(shown[0]["text/html"]), "the page does not begin with the banner"
    assert sum(MIME in bundle for bundle in shown) >= 2
    assert [problem for bundle in shown for problem in unmarked(bundle)] == []
