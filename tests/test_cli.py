"""The command as its users meet it: exit status, messages, and a book that survives every mistake."""

import io
import json
import re

import new_trial
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from helpers import paths
from helpers.cli import main


def review(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def new_data(tmp_path):
    return new_trial.write(tmp_path / "new")


def test_check_passes_the_shipped_data():
    result = review("check")
    assert result.exit_code == 0
    assert "no fault" in result.output


def test_check_names_file_row_and_column_of_a_fault(new_data):
    file = new_data / "trials/nova/results.csv"
    file.write_text(file.read_text().replace("sd,,,15.0,points", "sd,,,-15.0,points", 1))
    result = review("check", "--data", new_data)
    assert result.exit_code == 2
    assert re.search(r"^trials/nova/results\.csv:4:value: .*\(-15\.0\); ", result.stderr, re.MULTILINE)
    assert "1 fault" in result.stderr


def test_check_prints_the_ledger_of_a_single_claims_file(tmp_path):
    file = tmp_path / "paper.csv"
    file.write_text(
        "claim,statement,value,check,inputs\ntotal,36 patients,37,sum,parts=15 21\nshare,11.4%,11.4,percent,k=4; n=35\n"
    )
    result = review("check", "--claims", file)
    assert result.exit_code == 0
    assert "CONFLICTS  36 patients" in result.stdout
    assert "REPRODUCED  11.4%" in result.stdout
    assert result.stdout.rstrip().endswith("2 claims: reproduced 1, conflicts 1")


@pytest.mark.parametrize(("inputs", "said"), [("part=15 21", "input unknown"), ("n=0; k=0", "n: must be at least 1")])
def test_claims_that_can_not_be_checked_are_named_by_row(tmp_path, inputs, said):
    file = tmp_path / "paper.csv"
    file.write_text(f"claim,statement,value,check,inputs\nshare,11.4%,11.4,percent,{inputs}\n")
    result = review("check", "--claims", file)
    assert result.exit_code == 2
    assert re.search(r"^paper\.csv:2:inputs: ", result.stderr, re.MULTILINE)
    assert said in result.stderr


def test_results_hold_every_claim_with_its_status():
    frame = pd.read_csv(io.StringIO(review("results").output)).query("scope == 'claim'")
    assert set(frame["status"]) <= {"reproduced", "consistent", "conflicts", "not checkable"}
    assert frame.notna().all()[["trial", "claim", "statement", "status", "reason"]].all()


def test_a_folder_that_holds_no_data_is_refused(tmp_path):
    result = review("build", "--data", tmp_path)
    assert result.exit_code == 2
    assert "no trial" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-p", "happiness=1"], "no page takes 'happiness'"),
        (["-p", "population=mice"], "allowed: iv-msc, any-route, all"),
        (["-p", "level=high"], "not a float"),
        (["-p", "level=1.5"], "between 0 and 1"),
        (["--only", "trials/levi"], "no such page"),
        (["--data", "/nowhere/at/all"], "does not exist"),
        (["--jobs", "0"], "0"),
    ],
)
def test_wrong_words_are_refused_before_anything_runs(words, said, tmp_path):
    out = tmp_path / "book"
    result = review("build", "--out", out, *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not out.exists()


@pytest.mark.parametrize("only", [[], ["--only", "glossary"]])
@pytest.mark.parametrize("place", ["mine", "mine-executed"])
def test_a_folder_of_other_files_is_never_replaced(place, only, tmp_path):
    (tmp_path / place).mkdir()
    (tmp_path / place / "thesis.docx").write_text("years of work")
    result = review("build", "--out", tmp_path / "mine", *only)
    assert result.exit_code == 2
    assert str(tmp_path / place) in result.stderr
    assert [file.name for file in tmp_path.rglob("*")] == [place, "thesis.docx"]


def test_the_folder_one_stands_in_is_told_by_its_name(tmp_path, monkeypatch):
    (tmp_path / "thesis.docx").write_text("years of work")
    monkeypatch.chdir(tmp_path)
    result = review("build", "--out", ".")
    assert result.exit_code == 2
    assert str(tmp_path) in result.stderr


def test_a_new_trial_enters_the_results(new_data):
    before, after = (pd.read_csv(io.StringIO(review("results", *words).output)) for words in ([], ["--data", new_data]))
    assert "nova" not in set(before["trial"])
    assert "nova" in set(after["trial"])
    k = [
        frame.query("synthesis == 'motor-recovery' and population_class == 'iv-msc'")["k"].iloc[0]
        for frame in (before, after)
    ]
    assert k == [2, 3]


def test_results_are_the_same_as_csv_and_as_json():
    as_csv = pd.read_csv(io.StringIO(review("results").output))
    as_json = json.loads(review("results", "--format", "json").output)
    assert len(as_csv) == len(as_json)
    assert list(as_csv.columns) == list(as_json[0])


def test_a_new_folder_names_what_is_to_be_filled_in(tmp_path):
    made = review("add", "nova", "--data", tmp_path, "--like", "levy-2019")
    assert made.exit_code == 0
    assert 'design = "single-arm"' in (tmp_path / "trials/nova/trial.toml").read_text()
    checked = review("check", "--data", tmp_path)
    assert checked.exit_code == 2
    assert "trials/nova/trial.toml:2:name: empty" in checked.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [(["levy-2019"], "is taken"), (["Nova Trial"], "small letters"), (["nova", "--like", "levi"], "no such trial")],
)
def test_an_id_that_can_not_be_used_is_refused(words, said, tmp_path):
    result = review("add", *words, "--data", tmp_path)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "trials").exists()


def test_serve_without_a_book_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "HTML", tmp_path)
    result = review("serve")
    assert result.exit_code == 2
    assert "make book" in result.stderr


@pytest.mark.slow
def test_a_new_trial_gets_its_page_and_changes_the_synthesis(new_data, tmp_path):
    out = tmp_path / "book"
    result = review(
        "build", "--data", new_data, "--out", out, "--only", "trials/nova", "--only", "outcomes/motor-recovery"
    )
    assert result.exit_code == 0, result.output
    page = (out / "trials/nova.html").read_text(encoding="utf-8")
    assert "<h1>NOVA" in page
    assert (tmp_path / "book-executed/trials/nova.ipynb").is_file()
    assert "This page was not built anew" in (out / "glossary.html").read_text(encoding="utf-8")
    assert "This page was not built anew" not in (out / "index.html").read_text(encoding="utf-8")
    assert "Three trials" in (out / "outcomes/motor-recovery.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_page_that_breaks_leaves_the_last_book_as_it_was(tmp_path, monkeypatch):
    out = tmp_path / "book"
    out.mkdir()
    (out / "index.html").write_text("the last good book")
    (out / "objects.inv").write_text("")
    book = tmp_path / "templates"
    book.mkdir()
    notebook = json.loads((paths.BOOK / "glossary.ipynb").read_text(encoding="utf-8"))
    notebook["cells"][-1]["source"] = "1 / 0"
    (book / "glossary.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    monkeypatch.setattr(paths, "BOOK", book)
    result = review("build", "--out", out)
    assert result.exit_code == 1
    assert "glossary: cell [" in result.stderr
    assert "ZeroDivisionError" in result.stderr
    assert "papermill book/glossary.ipynb out.ipynb" in result.stderr
    assert sorted(file.name for file in out.iterdir()) == ["index.html", "objects.inv"]
    assert (out / "index.html").read_text() == "the last good book"
