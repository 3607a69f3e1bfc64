"""What a page imports is read from its source: all of it, and never too little."""

import ast
import re

import pytest

from helpers import paths
from helpers.book.imports import helpers_of


@pytest.fixture
def found(tmp_path, monkeypatch):
    """Write helpers, and return the places of those that code imports."""
    monkeypatch.setattr(paths, "HELPERS", tmp_path)

    def find(source: str, **files: str) -> set[str]:
        for name, content in {"__init__": "", **files}.items():
            file = tmp_path / f"{name.replace('__in__', '/')}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        return {file.relative_to(tmp_path).as_posix() for file in helpers_of(source)}

    return find


@pytest.mark.parametrize(
    "source",
    [
        "import helpers.a",
        "from helpers import a",
        "from helpers import a as b, missing",
        "def later():\n    from helpers.a import something",
        "if False:\n    import helpers.a",
        "x = 1\nimport os, helpers.a",
    ],
)
def test_every_form_of_import_is_seen(found, source):
    assert found(source, a="", b="") == {"__init__.py", "a.py"}


def test_what_an_import_imports_is_seen_too_also_in_a_circle(found):
    chain = {"a": "import helpers.b", "b": "def f():\n    from helpers import c", "c": "import helpers.a"}
    assert found("import helpers.a", d="", **chain) == {"__init__.py", "a.py", "b.py", "c.py"}


def test_a_module_comes_with_the_packages_it_stands_in(found):
    files = {"p__in____init__": "from helpers.p import other", "p__in__one": "", "p__in__other": "", "p__in__third": ""}
    assert found("from helpers.p.one import x", **files) == {"__init__.py", "p/__init__.py", "p/one.py", "p/other.py"}


def test_a_relative_import_is_followed(found):
    files = {"p__in____init__": "", "p__in__one": "from . import two\nfrom ..a import x", "p__in__two": "", "a": ""}
    assert found("import helpers.p.one", **files) == {"__init__.py", "p/__init__.py", "p/one.py", "p/two.py", "a.py"}


def test_code_that_can_not_be_read_may_import_anything(found):
    assert found("%magic helpers", a="", b="") == {"__init__.py", "a.py", "b.py"}


def test_no_helper_imports_another_in_a_way_that_can_not_be_read():
    for file in paths.HELPERS.rglob("*.py"):
        calls = [ast.unparse(each.func) for each in ast.walk(ast.parse(file.read_text())) if isinstance(each, ast.Call)]
        assert not [name for name in calls if re.search(r"\b(import_module|__import__|exec)$", name)], file


def test_no_page_depends_on_how_the_book_is_rendered():
    helpers = {file.relative_to(paths.HELPERS).as_posix() for file in helpers_of("import helpers.book.execution")}
    assert not [
        name
        for name in helpers
        if not name.startswith("book/") and name not in ("__init__.py", "drawing.py", "paths.py")
    ]
    assert "book/rendering.py" not in helpers
