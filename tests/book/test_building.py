"""What a build lays out around the pages it has executed."""

import shutil

import nbformat
import pytest

from helpers import paths
from helpers.book.building import Order, _stage


@pytest.fixture
def staged(tmp_path, monkeypatch):
    """Stage the executed page `index` beside the committed page `glossary`; return the sources of both."""
    book, executed = tmp_path / "templates", tmp_path / "executed"
    for folder, name in ((book, "index"), (book, "glossary"), (executed, "index")):
        folder.mkdir(exist_ok=True)
        cells = [nbformat.v4.new_markdown_cell(f"# {name}"), nbformat.v4.new_markdown_cell("Prose.")]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / f"{name}.ipynb")
    monkeypatch.setattr(paths, "BOOK", book)

    def stage(**order) -> dict[str, list[str]]:
        staging = tmp_path / "staging"
        shutil.rmtree(staging, ignore_errors=True)
        _stage(Order((), paths.ROOT / "data", "2026.1", **order), executed, staging)
        read = {file.stem: nbformat.read(file, as_version=4) for file in staging.glob("*.ipynb")}
        return {name: [cell.source for cell in notebook.cells] for name, notebook in read.items()}

    return stage


def test_a_page_that_was_not_built_anew_says_so_below_its_title(staged):
    pages = staged(as_shipped=False)
    assert pages["index"] == ["# index", "Prose."]
    title, notice, prose = pages["glossary"]
    assert (title, prose) == ("# glossary", "Prose.")
    assert "This page was not built anew" in notice
    assert "shipped data with default parameters" in notice


def test_a_page_that_stands_in_unchanged_bears_no_notice(staged):
    assert staged(as_shipped=True)["glossary"] == ["# glossary", "Prose."]
