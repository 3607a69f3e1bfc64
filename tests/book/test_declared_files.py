"""A page finds the data files that it declares, and no others: what it shows follows from what its key covers."""

import dataclasses
import json

import nbformat
import pytest

from helpers import evidence, paths
from helpers.book.execution import Job, PageFailed, execute
from helpers.book.pages import Page
from helpers.review import plan

pytestmark = pytest.mark.slow

WATCH = """import os, sys
opened = []
sys.addaudithook(lambda event, words: opened.append(str(words[0])) if event in ("open", "os.listdir", "os.scandir") else None)"""
SAY = f"[name for name in opened if name.startswith(tuple({str(paths.ROOT)!r} + part for part in ('/data', '/book', '/tests')))]"


def page(tmp_path, code: str, **declared) -> Job:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# T"), nbformat.v4.new_code_cell(code)])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(notebook, tmp_path / "page.ipynb")
    return Job(Page("page", "Page", tmp_path / "page.ipynb", (), **{"reads": (), **declared}), "Made so.", {})


@pytest.mark.parametrize(
    ("code", "declared"),
    [
        ("(paths.data() / 'glossary.csv').read_bytes()", {"reads": ("search.csv",)}),
        ("(paths.data() / 'trials/treasure/results.csv').read_bytes()", {"reads": ("trials/treasure/*.toml",)}),
        ("(paths.project() / 'book/stored/interval_coverage.csv').read_bytes()", {"also": ("tests/oracle/*",)}),
    ],
)
def test_a_page_that_reads_a_file_it_does_not_declare_fails_and_says_what_it_declares(tmp_path, code, declared):
    with pytest.raises(PageFailed) as failure:
        execute(page(tmp_path, f"from helpers import paths\n{code}\nNone", **declared))
    assert "FileNotFoundError" in str(failure.value)
    assert f"the page sees only what it declares: {next(iter(declared.values()))[0]}" in str(failure.value)


def test_the_evidence_of_a_page_that_declares_one_trial_holds_that_trial(tmp_path):
    code = "from helpers import evidence\nlist(evidence.load().trials)"
    one = execute(page(tmp_path, code, reads=("*.csv", "*.toml", "*.bib", "trials/treasure/*")))
    assert "['treasure']" in one.decode()


def test_the_evidence_of_a_page_that_does_not_declare_the_common_files_is_refused(tmp_path):
    with pytest.raises(PageFailed, match=r"glossary\.csv.*missing file"):
        execute(page(tmp_path, "from helpers import evidence\nevidence.load()", reads=("*.toml", "trials/treasure/*")))


@pytest.fixture(scope="module")
def one_of_each() -> dict[str, Page]:
    """One page of every template."""
    return {each.template.stem: each for each in plan(evidence.load())}


@pytest.mark.parametrize("name", sorted(template.stem for template in paths.BOOK.glob("*.ipynb")))
def test_a_page_shows_the_same_where_it_finds_all_files_and_opens_none_past_its_declaration(
    name, one_of_each, tmp_path
):
    planned = one_of_each[name]
    watched = nbformat.read(planned.template, as_version=4)
    watched.cells.insert(1, nbformat.v4.new_code_cell(WATCH))
    watched.cells.append(nbformat.v4.new_code_cell(SAY))
    nbformat.write(watched, tmp_path / "watched.ipynb")
    declared = shown(dataclasses.replace(planned, template=tmp_path / "watched.ipynb"))
    assert declared.pop() == ["[]"]
    everything = ("book/stored/*", "tests/oracle/*", "data/**")
    assert declared == shown(dataclasses.replace(planned, reads=("**",), also=everything))


def shown(planned: Page) -> list[list[str]]:
    """What each cell shows that shows anything."""
    cells = json.loads(execute(Job(planned, "", {})))["cells"]
    outputs = [[output["data"] for output in cell["outputs"]] for cell in cells if cell.get("outputs")]
    return [
        ["".join(each["text/plain"]) if list(each) == ["text/plain"] else json.dumps(each) for each in cell]
        for cell in outputs
    ]
