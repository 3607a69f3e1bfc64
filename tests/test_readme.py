"""The README says what the book finds today, and the commands it names exist."""

import re

import pytest

from helpers import paths
from helpers.cli import main
from helpers.review import with_findings

README = (paths.ROOT / "README.md").read_text(encoding="utf-8")


def test_the_findings_are_those_of_the_committed_landing_page():
    assert with_findings(README, paths.BOOK / "index.ipynb") == README
    assert re.search(r"data edition `\d{4}\.\d+\+[0-9a-f]{8}`", README)


def test_a_readme_without_the_markers_is_refused():
    with pytest.raises(ValueError, match="markers"):
        with_findings("# Nothing", paths.BOOK / "index.ipynb")


def test_every_command_named_exists_and_the_other_way_round():
    named = set(re.findall(r"^review (\w+)", README, re.MULTILINE))
    assert named == set(main.commands)


def test_every_make_target_named_exists():
    makefile = (paths.ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"make (book|test|serve|reference|lint)", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
