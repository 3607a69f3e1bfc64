"""Only what changed is made anew, every reuse is verified, and the bytes are those of a build from nothing."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from helpers import paths
from helpers.book import building, execution
from helpers.book.memory import Memory
from helpers.cli import main

COMMON = ["*.csv", "*.toml", "*.bib"]
TRIALS = ["trials/levy-2019", "trials/treasure"]


class Project:
    """A small review in a temporary folder: executing a page writes down its name, rendering counts."""

    def __init__(self, root: Path) -> None:
        self.book, self.data, self.helpers = root / "book", root / "data", root / "src" / "helpers"
        self.out, self.lock = root / "_build" / "html", root / "requirements.lock"
        self.executed: list[str] = []
        self.rendered = 0
        shutil.copytree(paths.ROOT / "data", self.data)
        for folder in (self.data / "trials").iterdir():
            if f"trials/{folder.name}" not in TRIALS:
                shutil.rmtree(folder)
        for table in ("certainty.csv", "search.csv", "syntheses.csv"):
            header = (self.data / table).read_text(encoding="utf-8").splitlines()[0]
            (self.data / table).write_text(f"{header}\n", encoding="utf-8")
        shutil.copytree(paths.HELPERS, self.helpers, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(paths.LOCK, self.lock)
        for name in ("_config.yml", "_toc.yml"):
            shutil.copy(paths.ROOT / name, root)
        self.book.mkdir()
        self.template("index", "level = 0.95  # between 0 and 1", reads=["**"])
        self.template("bias", "from helpers import format", reads=["*.toml", "trials/*/bias.csv"])
        self.template("trial", "trial = 'treasure'", reads=[*COMMON, "trials/{trial}/*"], for_each="trial")

    def template(self, name: str, code: str, shown: str = "", **review) -> None:
        cell = nbformat.v4.new_code_cell(code, id="code", metadata={"tags": ["parameters"]} if " = " in code else {})
        cell.outputs = [nbformat.v4.new_output("stream", text=shown)] if shown else []
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(f"# {name}", id="head"), cell])
        notebook.metadata["review"] = review
        nbformat.write(notebook, self.book / f"{name}.ipynb")

    def execute(self, job: execution.Job) -> bytes:
        self.executed.append(job.page.name)
        notebook = nbformat.read(job.page.template, as_version=4)
        if "1 / 0" in notebook.cells[1].source:
            raise execution.PageFailed(job.page.name, "cell [1]", "ZeroDivisionError", "papermill")
        with execution._declared_files(job) as environment:
            files = sorted(Path(environment[paths.DATA_VARIABLE]).rglob("*.*"))
            sizes = {file.name: file.stat().st_size for file in files}
        notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text=repr((job.page.parameters, sizes)))]
        execution._dress(notebook, job.page.title, job.provenance)
        return execution.normalised(notebook)

    def render(self, staging: Path, out: Path) -> None:
        self.rendered += 1
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(staging, out)
        (out / "index.html").write_text("the book")
        (out / "objects.inv").write_text("")

    def build(self, *words: object, out: Path | None = None) -> str:
        """What a successful build says."""
        self.executed.clear()
        result = CliRunner().invoke(main, ["build", "--jobs", "1", "--out", str(out or self.out), *map(str, words)])
        assert result.exit_code == 0, result.output
        return result.output

    def bytes_of(self, out: Path) -> dict[str, bytes]:
        folders = (out, out.parent / f"{out.name}-executed")
        return {
            f"{number}/{file.relative_to(folder)}": file.read_bytes()
            for number, folder in enumerate(folders)
            for file in folder.rglob("*.*")
        }


@pytest.fixture
def project(tmp_path, monkeypatch):
    made = Project(tmp_path)
    for name, place in {
        "ROOT": tmp_path,
        "BOOK": made.book,
        "HELPERS": made.helpers,
        "LOCK": made.lock,
        "HTML": made.out,
        "EXECUTED": tmp_path / "_build" / "executed",
    }.items():
        monkeypatch.setattr(paths, name, place)
    monkeypatch.setattr(building, "RENDERER", made.helpers / "book")
    monkeypatch.setattr(execution, "execute", made.execute)
    monkeypatch.setattr(building, "render", made.render)
    monkeypatch.setenv(paths.DATA_VARIABLE, str(made.data))
    monkeypatch.setattr("helpers.review.downloads", lambda *_: {})
    monkeypatch.setattr("helpers.book.warm_kernel.warm_up", lambda: None)
    return made


def touch(file: Path, text: str = "\n") -> None:
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")


def assert_as_from_nothing(project: Project, *words: object) -> None:
    """What stands there is what a build into a new folder makes."""
    other = project.out.parent / "new" / "html"
    stood = {**project.bytes_of(project.out), **_executed(paths.EXECUTED)}
    project.build(*words, out=other)
    assert stood == {**project.bytes_of(other), **_executed(other.parent / "html-executed")}


def _executed(folder: Path) -> dict[str, bytes]:
    return {f"1/{file.relative_to(folder)}": file.read_bytes() for file in folder.rglob("*.ipynb")}


def test_where_nothing_changed_nothing_is_executed_or_rendered(project):
    project.build()
    assert sorted(project.executed) == ["bias", "index", *TRIALS]
    before = project.bytes_of(project.out)
    assert "nothing changed" in project.build()
    assert (project.executed, project.rendered) == ([], 1)
    assert project.bytes_of(project.out) == before


def test_a_changed_trial_executes_its_page_and_those_that_declare_it(project):
    project.build()
    touch(project.data / "trials/treasure/results.csv")
    project.build()
    assert sorted(project.executed) == ["index", "trials/treasure"]
    assert_as_from_nothing(project)


def test_a_page_that_is_kept_shows_the_new_data_edition(project):
    project.build()
    before = (paths.EXECUTED / "bias.ipynb").read_bytes()
    touch(project.data / "trials/treasure/results.csv")
    project.build()
    assert (paths.EXECUTED / "bias.ipynb").read_bytes() != before
    assert project.rendered == 2


def test_a_changed_parameter_executes_the_pages_that_take_it(project):
    project.build()
    project.build("-p", "level=0.9")
    assert project.executed == ["index"]
    assert_as_from_nothing(project, "-p", "level=0.9")


def test_a_changed_template_executes_its_pages(project):
    project.build()
    project.template("bias", "from helpers import format; 1", reads=["*.toml", "trials/*/bias.csv"])
    project.build()
    assert project.executed == ["bias"]


def test_outputs_that_were_stored_in_a_template_have_no_influence(project):
    project.build()
    project.template("bias", "from helpers import format", shown="other", reads=["*.toml", "trials/*/bias.csv"])
    project.build()
    assert project.executed == []
    assert_as_from_nothing(project)


def test_a_changed_helper_executes_the_pages_that_import_it(project):
    project.build()
    touch(project.helpers / "format.py", "# changed\n")
    project.build()
    assert project.executed == ["bias"]


@pytest.mark.parametrize("what", ["lock", "engine"])
def test_what_every_page_is_made_with_executes_all(project, what):
    project.build()
    touch({"lock": project.lock, "engine": project.helpers / "book" / "execution.py"}[what], "# changed\n")
    project.build()
    assert sorted(project.executed) == ["bias", "index", *TRIALS]


def test_a_changed_text_page_is_rendered_without_executing_any(project):
    project.build()
    (project.book / "rerun.md").write_text("# How\n")
    project.build()
    assert (project.executed, project.rendered) == ([], 2)


def test_an_executed_notebook_that_was_changed_or_lost_is_not_believed(project):
    project.build()
    good = project.bytes_of(paths.EXECUTED)
    touch(paths.EXECUTED / "bias.ipynb")
    (paths.EXECUTED / "trials/treasure.ipynb").unlink()
    said = project.build("--explain")
    assert sorted(project.executed) == ["bias", "trials/treasure"]
    assert "bias: executed (its executed notebook is missing or was changed)" in said
    assert project.bytes_of(paths.EXECUTED) == good


def test_a_book_that_was_changed_is_rendered_again(project):
    project.build()
    (project.out / "index.html").write_text("changed by hand")
    project.build()
    assert (project.executed, project.rendered) == ([], 2)
    assert (project.out / "index.html").read_text() == "the book"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"pages": {"bias": {}}}', '{"pages": {}, "more": 1}'])
def test_a_memory_that_can_not_be_read_is_no_memory(project, content):
    project.build()
    (paths.EXECUTED.parent / ".executed.json").write_text(content)
    project.build()
    assert len(project.executed) == 2 + len(TRIALS)


def test_a_fault_in_the_data_ends_the_build_and_changes_nothing(project):
    project.build()
    before = {file: file.read_bytes() for file in project.out.parent.rglob("*.*") if file.is_file()}
    touch(project.data / "trials/treasure/results.csv", "nonsense\n")
    result = CliRunner().invoke(main, ["build", "--out", str(project.out)])
    assert result.exit_code == 2
    assert "trials/treasure/results.csv" in result.stderr
    assert {file: file.read_bytes() for file in project.out.parent.rglob("*.*") if file.is_file()} == before


def test_after_a_page_failed_the_next_build_executes_what_was_due(project):
    project.build()
    project.template("bias", "1 / 0", reads=[])
    assert CliRunner().invoke(main, ["build", "--out", str(project.out)]).exit_code == 1
    project.template("bias", "from helpers import format; 2", reads=[])
    project.build()
    assert project.executed == ["bias"]


def test_a_file_changed_during_the_build_is_not_taken_for_built(project, monkeypatch):
    project.build()

    def meanwhile(job):
        touch(project.data / "trials/treasure/results.csv")
        return project.execute(job)

    touch(project.data / "trials/treasure/results.csv")
    monkeypatch.setattr(execution, "execute", meanwhile)
    project.build()
    monkeypatch.setattr(execution, "execute", project.execute)
    project.build()
    assert "trials/treasure" in project.executed
    assert_as_from_nothing(project)


def test_the_longest_pages_start_first(project):
    project.build()
    memory = Memory.of(paths.EXECUTED)
    pages = {name: {**vars(made), "seconds": float(len(name))} for name, made in memory.pages.items()}
    file = paths.EXECUTED.parent / ".executed.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "pages": pages}))
    touch(project.lock, "# changed\n")
    project.build()
    lengths = [len(name) for name in project.executed]
    assert lengths == sorted(lengths, reverse=True)


def test_explain_gives_the_reason_for_every_page(project):
    assert "bias: executed (new)" in project.build("--explain")
    assert "bias: kept (nothing changed)" in project.build("--explain")
    touch(project.data / "trials/treasure/results.csv")
    said = project.build("--explain", "-p", "level=0.9").splitlines()
    assert "index: executed (parameter level changed, data file trials/treasure/results.csv changed)" in said
    assert "trials/treasure: executed (data file trials/treasure/results.csv changed)" in said
    assert "bias: kept (nothing changed)" in said
    touch(project.lock, "# changed\n")
    touch(project.helpers / "format.py", "# changed\n")
    project.template("bias", "from helpers import format; 1", reads=["*.toml"])
    said = project.build("--explain", "-p", "level=0.9").splitlines()
    assert "index: executed (lock file changed)" in said
    assert "bias: executed (template changed, helper format.py changed, lock file changed, and 2 more)" in said


def test_stale_lists_what_is_out_of_date_and_executes_nothing(project):
    def stale() -> str:
        project.executed.clear()
        result = CliRunner().invoke(main, ["check", "--stale"])
        assert (result.exit_code, project.executed) == (0, [])
        return result.output

    assert f"{2 + len(TRIALS)} of {2 + len(TRIALS)} pages are out of date" in stale()
    project.build()
    assert f"0 of {2 + len(TRIALS)} pages are out of date" in stale()
    touch(project.data / "trials/treasure/results.csv")
    assert "trials/treasure: data file trials/treasure/results.csv changed" in stale()
    assert f"2 of {2 + len(TRIALS)} pages are out of date" in stale()


def test_timing_names_every_stage(project):
    said = project.build("--timing")
    for stage in ("execution", "staging", "rendering", "publishing"):
        assert f"{stage} " in said
    assert " MB" in said
