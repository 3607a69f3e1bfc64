"""Pages follow from templates and data; their keys from what they are made of."""

import dataclasses
import shutil
from pathlib import Path

import nbformat
import pytest
from markdown_it import MarkdownIt

from helpers import evidence, paths
from helpers.book.building import pruned_toc
from helpers.book.ingredients import declared
from helpers.book.pages import Page, Subject, escaped, plan_pages
from helpers.book.template import InvalidParameter, Parameter, Template, read_template
from helpers.review import plan, subjects

ONCE = Template(Path("index.ipynb"), "Welcome", "", ("*.csv",), (), {"level": Parameter("level", 0.95)})
EACH = Template(
    Path("trial.ipynb"),
    "A trial",
    "trial",
    ("trials/{trial}/*",),
    (),
    {"trial": Parameter("trial", "a"), "level": Parameter("level", 0.95)},
)


@pytest.fixture(scope="module")
def review():
    return evidence.load()


def test_a_template_is_repeated_for_its_subjects():
    pages = plan_pages([ONCE, EACH], {"trial": [Subject("a", "Trial A"), Subject("b", "Trial B")]}, {"level": 0.9})
    assert [page.name for page in pages] == ["index", "trials/a", "trials/b"]
    assert [page.title for page in pages] == ["Welcome", "Trial A", "Trial B"]
    assert pages[2].parameters == (("trial", "b"), ("level", 0.9))
    assert pages[2].reads == ("trials/b/*",)


def test_a_template_can_be_repeated_for_some_of_its_subjects_and_name_their_folder():
    some = dataclasses.replace(EACH, of="imaging", folder="patients/imaging")
    pages = plan_pages(
        [some], {"trial": [Subject("a", "A"), Subject("b", "B")], "imaging": [Subject("b", "B: scans")]}, {}
    )
    assert [(page.name, page.title) for page in pages] == [("patients/imaging/b", "B: scans")]
    assert pages[0].parameters == (("trial", "b"), ("level", 0.95))
    with pytest.raises(ValueError, match="imaging"):
        plan_pages([some], {"trial": []}, {})


def test_a_page_that_does_not_say_what_it_reads_sees_no_single_patient(tmp_path):
    silent = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A page")])
    nbformat.write(silent, tmp_path / "silent.ipynb")
    seen = declared(paths.ROOT / "data", read_template(tmp_path / "silent.ipynb").reads)
    assert {"outcomes.csv", "trials/levy-2019/results.csv"} <= set(seen)
    assert (paths.ROOT / "data/trials/levy-2019/patients/adsl.csv").is_file()
    assert not [name for name in seen if "/patients/" in name]


def test_a_page_takes_only_the_parameters_its_template_declares():
    (page,) = plan_pages([ONCE], {}, {"level": 0.9, "population": "all"})
    assert page.parameters == (("level", 0.9),)


TITLE = "<script>alert(1)</script> *MSC* & `x` [a](b) $y$ {z}"


def test_a_title_shows_as_it_is_written():
    (page,) = plan_pages([EACH], {"trial": [Subject("a", TITLE)]}, {})
    heading = MarkdownIt().parse(f"# {page.title}")[1]
    assert {each.type for each in heading.children} <= {"text", "text_special"}
    assert "".join(each.content for each in heading.children) == TITLE


def test_a_title_is_one_line():
    assert escaped("a trial\n\n# of two") == "a trial \\# of two"


def test_a_template_repeated_for_something_unknown_is_refused():
    with pytest.raises(ValueError, match="trial"):
        plan_pages([EACH], {"synthesis": []}, {})


def test_every_trial_and_every_answerable_question_has_a_page(review):
    names = {page.name for page in plan(review)}
    assert {f"trials/{trial}" for trial in review.trials} <= names
    assert {f"outcomes/{subject.id}" for subject in subjects(review)["synthesis"]} <= names
    assert "index" in names


def test_a_question_that_the_chosen_sources_do_not_answer_has_no_page(review):
    def questions(*words: str) -> set[str]:
        return {page.name for page in plan(review, words) if page.template.stem == "outcome"}

    fewer = {subject.id for subject in subjects(review, sources="primary")["synthesis"]}
    assert questions("sources=primary") == {f"outcomes/{name}" for name in fewer}
    assert questions("sources=primary") < questions()
    assert questions("population=all", "level=0.9") == questions()


def test_only_keeps_the_named_pages_and_the_landing_page(review):
    assert {page.name for page in plan(review, only=("trials/levy-2019",))} == {"index", "trials/levy-2019"}
    assert {page.name for page in plan(review, only=("trial",))} == {"index", *(f"trials/{t}" for t in review.trials)}


def test_only_refuses_a_page_that_does_not_exist(review):
    with pytest.raises(InvalidParameter, match="trials/levy-2019"):
        plan(review, only=("trials/levi",))


@pytest.fixture
def page(tmp_path) -> Page:
    template = tmp_path / "trial.ipynb"
    template.write_text("{}")
    (tmp_path / "data/trials/a").mkdir(parents=True)
    (tmp_path / "data/trials/a/results.csv").write_text("1")
    (tmp_path / "data/other.csv").write_text("1")
    return Page("trials/a", "Trial A", template, (("trial", "a"),), ("trials/a/*",))


def test_the_key_follows_template_title_parameters_and_declared_data(page, tmp_path):
    data = tmp_path / "data"
    keys = [page.key(data)]
    for changed in (
        dataclasses.replace(page, title="Trial B"),
        dataclasses.replace(page, parameters=(("trial", "b"),)),
    ):
        keys.append(changed.key(data))
    (data / "trials/a/results.csv").write_text("2")
    keys.append(page.key(data))
    page.template.write_text('{"metadata": {"review": {}}}')
    keys.append(page.key(data))
    assert len(set(keys)) == len(keys)


def test_the_key_ignores_data_the_page_does_not_read_and_where_they_stand(page, tmp_path):
    key = page.key(tmp_path / "data")
    (tmp_path / "data/other.csv").write_text("2")
    moved = shutil.move(tmp_path / "data", tmp_path / "elsewhere")
    assert page.key(Path(moved)) == key


def test_two_stars_declare_every_file_below_and_hidden_ones_are_none(page, tmp_path):
    data = tmp_path / "data"
    (data / "trials/.DS_Store").write_text("")
    assert list(declared(data, ["**"])) == ["other.csv", "trials/a/results.csv"]
    assert list(declared(data, ["trials/**"])) == ["trials/a/results.csv"]
    whole = dataclasses.replace(page, reads=("**",))
    key = whole.key(data)
    (data / "trials/a/results.csv").write_text("2")
    assert whole.key(data) != key


def test_the_table_of_contents_keeps_only_what_is_there():
    toc = {
        "root": "index",
        "parts": [
            {"caption": "Trials", "chapters": [{"glob": "trials/*"}, {"file": "bias"}]},
            {"caption": "Questions", "chapters": [{"glob": "outcomes/*"}, {"file": "safety"}]},
        ],
    }
    assert pruned_toc(toc, {"index", "trials/a"}) == {
        "root": "index",
        "parts": [{"caption": "Trials", "chapters": [{"glob": "trials/*"}]}],
    }


def test_every_fixed_page_stands_in_the_table_of_contents(review):
    toc = (paths.ROOT / "_toc.yml").read_text(encoding="utf-8")
    fixed = {page.name for page in plan(review) if "/" not in page.name}
    fixed |= {page.stem for page in paths.BOOK.glob("*.md")}
    assert not [name for name in fixed if f": {name}\n" not in toc]
