"""Templates: their parameters, and what is refused before anything runs."""

import nbformat
import pytest

from helpers import paths
from helpers.book.template import (
    InvalidParameter,
    Parameter,
    parse_assignments,
    parse_parameters,
    read_template,
    read_templates,
)

CELL = 'trial = "levy-2019"\npopulation = "iv-msc"  # iv-msc | all\nlevel = 0.95  # between 0 and 1\njobs = 2\ndraft = False\n'


def test_parameters_are_the_assignments_with_their_choices():
    assert parse_parameters(CELL) == [
        Parameter("trial", "levy-2019"),
        Parameter("population", "iv-msc", ("iv-msc", "all")),
        Parameter("level", 0.95, bounds=(0, 1)),
        Parameter("jobs", 2),
        Parameter("draft", False),
    ]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("population", "all", "all"),
        ("level", "0.9", 0.9),
        ("level", "5e-1", 0.5),
        ("jobs", "3", 3),
        ("draft", "True", True),
        ("trial", "0.95", "0.95"),
    ],
)
def test_a_value_takes_the_type_of_the_default(name, text, value):
    parsed = {parameter.name: parameter for parameter in parse_parameters(CELL)}[name].parse(text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("population", "mice", "allowed: iv-msc, all"),
        ("level", "high", "not a float"),
        ("level", "1", "between 0 and 1"),
        ("jobs", "2.5", "not a int"),
        ("draft", "1", "not a bool"),
        ("draft", "maybe", "not a bool"),
        ("jobs", "True", "not a int"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(name, text, words):
    parameter = {parameter.name: parameter for parameter in parse_parameters(CELL)}[name]
    with pytest.raises(InvalidParameter, match=words):
        parameter.parse(text)


@pytest.mark.parametrize("assignment", ["happiness=1", "level", "trial=levy-2019"])
def test_unknown_names_and_the_subject_of_a_page_can_not_be_set(assignment):
    with pytest.raises(InvalidParameter):
        parse_assignments((assignment,), read_templates(paths.BOOK))


def test_every_template_of_the_book_can_be_read():
    templates = {template.name: template for template in read_templates(paths.BOOK)}
    assert {"index", "trial", "outcome", "safety"} <= set(templates)
    assert templates["trial"].for_each == "trial"
    assert set(templates["outcome"].parameters) == {"synthesis", "population", "sources", "level"}


def test_a_template_without_a_heading_is_refused(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("No heading")])
    nbformat.write(notebook, tmp_path / "page.ipynb")
    with pytest.raises(ValueError, match=r"page\.ipynb"):
        read_template(tmp_path / "page.ipynb")
