import csv
import io
import json
import os
import shutil
import time
from pathlib import Path

import nbformat
import pytest
import sample_book
from bs4 import BeautifulSoup, Tag

from helpers.book import rendering
from helpers.book.chart_figure import data_csv, figure
from helpers.book.mathml import to_mathml
from helpers.book.rendering import RenderingFailed, faults_in, publish, render
from helpers.book.sphinx_extension import readable_dataframe
from helpers.charts.theme import STATIC_WIDTH


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    render(sample_book.write(folder / "staging"), folder / "html")
    return folder / "html"


@pytest.fixture(scope="module")
def trial(book):
    return BeautifulSoup((book / "trials" / "treasure.html").read_text(encoding="utf-8"), "html.parser")


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_chart_is_shown_by_the_picture_stored_in_its_notebook(trial):
    view = trial.select_one("figure.chart > .view")
    assert view["role"] == "img" and view["aria-label"] == sample_book.SPEC["description"]
    assert view.find("path")["d"] == "M0 0h9"
    assert not trial.find("img"), "the picture of a chart must not be shown a second time"


@pytest.mark.slow
def test_a_chart_stored_without_a_picture_gets_one_that_depends_on_it_alone(tmp_path):
    staging = sample_book.write(tmp_path / "staging")
    notebook = nbformat.read(staging / "trials" / "treasure.ipynb", as_version=4)
    chart = next(cell for cell in notebook.cells if cell.source.startswith("forest")).outputs[0]
    chart.data = {sample_book.MIME: {**sample_book.SPEC, "mark": {"type": "bar", "clip": True}}}
    for name in ("treasure", "again"):
        nbformat.write(notebook, staging / "trials" / f"{name}.ipynb")
    (staging / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters:\n- glob: trials/*\n- file: references\n")
    render(staging, tmp_path / "html")
    one, other = (
        BeautifulSoup((tmp_path / "html" / "trials" / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
        for name in ("treasure", "again")
    )
    picture = one.select_one("figure.chart > .view svg")
    assert picture == other.select_one("figure.chart > .view svg")
    assert picture.select("clippath[id]")
    assert float(picture["width"]) >= STATIC_WIDTH


def test_a_chart_carries_its_spec_and_no_text_of_it_ends_the_script(trial):
    script = trial.select_one("figure.chart > script[type='application/json']")
    assert json.loads(script.string) == sample_book.SPEC


def test_picture_and_data_of_a_chart_can_be_downloaded(book, trial):
    links = {a.get_text(): a["href"] for a in trial.select("figure.chart .downloads a")}
    page = book / "trials"
    assert (page / links["Chart as SVG"]).read_text(encoding="utf-8") == sample_book.PICTURE
    assert (page / links["Data as CSV"]).read_text(encoding="utf-8") == "trial,deaths\nTREASURE,13\n"


def test_vega_is_loaded_only_where_a_chart_is(book, trial):
    scripts = [Path(tag["src"].split("?")[0]).name for tag in trial.select("script[src][defer]")]
    assert scripts[:2] == ["vega.js", "charts.js"]
    assert "vega.js" not in (book / "index.html").read_text(encoding="utf-8")


def test_formulas_are_mathml_and_need_no_script(book, trial):
    assert len(trial.select("math")) == 2
    assert trial.select_one("div.math > math")["display"] == "block"
    assert "mathjax" not in str(trial).lower()


def test_no_page_loads_anything_from_another_host(book):
    for path in book.rglob("*.html"):
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for tag in page.select("script[src], img[src], iframe[src], link[href]"):
            address = tag.get("src") or tag.get("href")
            assert "//" not in address, f"{path.name}: {tag}"
        assert "thebe" not in str(page).lower()


def test_a_dataframe_has_no_header_cell_without_text_and_scrolls_by_itself(trial):
    table = trial.select_one(".table-scroll > div > table.dataframe")
    assert isinstance(table, Tag)
    assert all(cell.get_text() for cell in table.select("th"))
    assert table.find_parent(class_="table-scroll")["tabindex"] == "0"


def test_a_dataframe_keeps_its_numbers():
    cells = [
        cell.get_text()
        for cell in BeautifulSoup(readable_dataframe(sample_book.DATAFRAME), "html.parser").select("th, td")
    ]
    assert cells == ["", "rr", "TREASURE", "1.3"]


def test_folded_code_is_named_by_the_words_it_shows(trial):
    summary = trial.select_one("details.hide > summary")
    assert [span.get_text() for span in summary.select("span")] == ["Show the code", "Hide the code"]
    assert not summary.has_attr("aria-label")


def test_markdown_that_a_cell_returns_may_cite(trial):
    assert (
        trial.find("strong", string="No difference")
        .find_parent("p")
        .find("a")["href"]
        .startswith("../references.html#")
    )


def test_the_footer_does_not_print_a_year_that_no_one_wrote(trial):
    footer = trial.select_one(".bd-footer-content").get_text()
    assert "2026" in footer and "2023" not in footer and "1970" not in footer


def test_folder_time_zone_locale_and_day_leave_no_trace(book, tmp_path, monkeypatch):
    for name, value in {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "17"}.items():
        monkeypatch.setenv(name, value)
    staging = sample_book.write(tmp_path / "elsewhere" / "with a space")
    for path in staging.rglob("*"):
        os.utime(path, (time.time() - 1e7, time.time() - 1e7))
    render(staging, tmp_path / "other" / "html")
    one, other = files(book), files(tmp_path / "other" / "html")
    assert sorted(one) == sorted(other)
    assert [name for name in one if one[name] != other[name]] == []
    assert [name for name in other if str(tmp_path).encode() in other[name]] == []


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this platform can not give a process fewer cores")
def test_one_core_and_several_make_the_same_book(tmp_path):
    staging = sample_book.write(tmp_path / "staging")
    for number in range(8):  # Sphinx reads and writes in parallel from six pages on
        shutil.copy(staging / "trials" / "treasure.ipynb", staging / "trials" / f"copy-{number}.ipynb")
    toc = staging / "_toc.yml"
    toc.write_text(toc.read_text().replace("- file: trials/treasure", "- file: trials/treasure\n- glob: trials/copy-*"))
    render(staging, tmp_path / "several")
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        render(staging, tmp_path / "one")
    finally:
        os.sched_setaffinity(0, cores)
    assert files(tmp_path / "one") == files(tmp_path / "several")


def test_a_warning_names_its_cell_and_leaves_the_last_good_book(tmp_path):
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "index.html").write_text("last good book")
    staging = sample_book.write(tmp_path / "staging", "First line.\n\n{doc}`nowhere` and $x_{$.")
    with pytest.raises(RenderingFailed) as failure:
        render(staging, tmp_path / "html")
    faults = failure.value.faults
    assert any(fault.startswith("trials/treasure.ipynb, cell 2, line 3: ") and "nowhere" in fault for fault in faults)
    assert any(fault.startswith("trials/treasure.ipynb, cell 2, line 3: ") and "x_{" in fault for fault in faults)
    assert len(faults) == 2 and all(fault in str(failure.value) for fault in faults)
    assert files(tmp_path / "html") == {"index.html": b"last good book"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["html", "staging"]


def test_a_book_that_can_not_even_start_says_why(tmp_path):
    staging = sample_book.write(tmp_path / "staging")
    (staging / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters:\n- file: missing\n")
    with pytest.raises(RenderingFailed, match="missing"):
        render(staging, tmp_path / "html")
    assert not (tmp_path / "html").exists()


def test_publishing_replaces_the_whole_old_book(tmp_path):
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.html").write_text(name)
    publish(tmp_path / "new", tmp_path / "old")
    assert files(tmp_path / "old") == {"new.html": b"new"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "old"]


@pytest.mark.parametrize("step", ["copy", "take away the old", "bring in the new"])
def test_a_failure_at_any_step_of_publishing_keeps_the_old_book(tmp_path, monkeypatch, step):
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.html").write_text(name)
    rename, calls = Path.rename, []

    def failing_rename(self, target):
        calls.append(self)
        if len(calls) == {"take away the old": 1, "bring in the new": 2}[step]:
            raise OSError("disk full")
        return rename(self, target)

    def failing_copy(*_):
        raise OSError("disk full")

    if step == "copy":
        monkeypatch.setattr(rendering.shutil, "copytree", failing_copy)
    else:
        monkeypatch.setattr(Path, "rename", failing_rename)
    with pytest.raises(OSError, match="disk full"):
        publish(tmp_path / "new", tmp_path / "old")
    assert files(tmp_path / "old") == {"old.html": b"old"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "old"]


def test_a_fault_is_told_by_page_cell_and_line_once_each():
    log = (
        "/aside/trials/a.ipynb:30008: WARNING: undefined label: 'x' [ref.ref]\n"
        "/aside/methods.md:12: ERROR: Unknown directive type\n"
        "/aside/methods.md:12: ERROR: Unknown directive type\n"
        "WARNING: glob matched no documents\n"
        "reading sources\n"
    )
    assert faults_in(log, Path("/aside")) == [
        "trials/a.ipynb, cell 3, line 7: undefined label: 'x' [ref.ref]",
        "methods.md, line 12: Unknown directive type",
        "glob matched no documents",
    ]


def test_the_data_of_a_chart_become_csv_in_the_order_of_their_columns():
    table = {
        "columns": ["trial", "label", "p"],
        "rows": [['the "A" trial, 2', ["two", "lines"], None], ["B", None, 0.5]],
    }
    assert list(csv.reader(io.StringIO(data_csv(table)))) == [
        ["trial", "label", "p"],
        ['the "A" trial, 2', "two lines", ""],
        ["B", "", "0.5"],
    ]


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        (sample_book.SPEC, "Deaths at one year"),
        ({"title": "Deaths < 1 & more"}, "Deaths < 1 & more"),
        ({"mark": "point"}, "Chart"),
    ],
)
def test_a_figure_is_named_by_the_title_of_its_chart(spec, name):
    markup = figure(spec, sample_book.PICTURE, {})
    assert BeautifulSoup(markup, "html.parser").figure["aria-label"] == name


@pytest.mark.parametrize("latex", [r"\notacommand{x}", r"\left( x", "x_{", r"\begin{aligned} a &= b \end{aligned}"])
def test_a_formula_that_would_print_as_nonsense_is_refused(latex):
    with pytest.raises(ValueError, match="formula"):
        to_mathml(latex, "inline")
