"""Execution of one page: the same bytes every time, and faults that say where."""

import json

import nbformat
import pytest
from papermill.clientwrap import PapermillNotebookClient

from helpers.book.execution import Job, PageFailed, execute
from helpers.book.pages import Page

pytestmark = pytest.mark.slow


def job(tmp_path, *sources: str, provenance: str = "Made so.", **parameters) -> Job:
    cells = [nbformat.v4.new_markdown_cell("# Template\n\nProse.", id="head")]
    code = nbformat.v4.new_code_cell("word = 'default'", id="parameters")
    code.metadata["tags"] = ["parameters", "remove-cell"]
    cells += [code, *(nbformat.v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources))]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    template = tmp_path / "template.ipynb"
    nbformat.write(notebook, template)
    return Job(Page("page", "My page", template, tuple(parameters.items()), ()), provenance, {"REVIEW_WORD": "set"})


def test_a_page_has_its_title_its_parameters_and_its_provenance(tmp_path):
    made = json.loads(execute(job(tmp_path, "word", "import os\nos.environ['REVIEW_WORD']", word="given")))
    cells = made["cells"]
    assert "".join(cells[0]["source"]) == "# My page\n\nProse."
    outputs = ["".join(output["data"]["text/plain"]) for cell in cells for output in cell.get("outputs", [])]
    assert outputs == ["'given'", "'set'"]
    assert "".join(cells[-1]["source"]) == "Made so."


def test_two_runs_give_the_same_bytes_and_leave_no_trace_of_the_machine(tmp_path):
    first, second = (execute(job(tmp_path, "word", "None", word="given")) for _ in range(2))
    assert first == second
    text = first.decode()
    assert str(tmp_path) not in text
    assert '"papermill"' not in text
    assert "iopub" not in text


def test_code_that_shows_nothing_is_taken_off_the_page(tmp_path):
    made = json.loads(execute(job(tmp_path, "None", "word")))
    silent, speaking = made["cells"][2], made["cells"][3]
    assert "remove-cell" in silent["metadata"]["tags"]
    assert "remove-cell" not in speaking["metadata"].get("tags", [])


def test_a_notebook_to_be_stored_keeps_title_and_cells(tmp_path):
    made = json.loads(execute(job(tmp_path, "None", provenance="")))
    assert "".join(made["cells"][0]["source"]) == "# Template\n\nProse."
    assert [cell["id"] for cell in made["cells"]] == ["head", "parameters", "cell-0"]


def test_a_failing_cell_names_page_cell_error_and_how_to_reproduce_it(tmp_path):
    with pytest.raises(PageFailed) as failure:
        execute(job(tmp_path, "1 / 0", word="two words"))
    said = str(failure.value)
    assert "page: cell [" in said
    assert "ZeroDivisionError: division by zero" in said
    assert "papermill book/template.ipynb out.ipynb -p word 'two words'" in said


def test_a_chart_that_is_not_valid_is_a_fault(tmp_path):
    chart = "import altair as alt\nimport helpers.charts\nalt.Chart(alt.Data(values=[])).mark_point().encode(alt.X('a:Q', axis=3))"
    with pytest.raises(PageFailed, match="'3' is an invalid value for `axis`"):
        execute(job(tmp_path, chart))


def test_a_warning_on_a_page_is_a_fault(tmp_path):
    with pytest.raises(PageFailed, match=r"standard error.*careful"):
        execute(job(tmp_path, "import warnings\nwarnings.warn('careful')\nNone"))


def test_a_kernel_that_dies_at_its_start_is_started_anew(tmp_path, monkeypatch):
    starts = []
    true_execute = PapermillNotebookClient.execute

    def dies_once(client, **options):
        starts.append(client)
        if len(starts) == 1:
            raise RuntimeError("Kernel died before replying to kernel_info")
        return true_execute(client, **options)

    monkeypatch.setattr(PapermillNotebookClient, "execute", dies_once)
    assert b"42" in execute(job(tmp_path, "6 * 7"))
    assert len(starts) == 2


def test_a_kernel_that_never_starts_is_a_failure_of_the_page(tmp_path, monkeypatch):
    def dies(client, **options):
        raise RuntimeError("Kernel died before replying to kernel_info")

    monkeypatch.setattr(PapermillNotebookClient, "execute", dies)
    with pytest.raises(PageFailed, match="page: kernel: Kernel died before replying"):
        execute(job(tmp_path, "6 * 7"))
