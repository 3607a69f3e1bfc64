"""A book replaces an earlier book, and nothing else."""

from pathlib import Path

import pytest

from helpers.book.destination import NotABook, refuse_other_folders


def filled(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def test_a_book_may_go_where_nothing_or_an_earlier_book_is(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    refuse_other_folders(tmp_path / "missing", empty)
    book = filled(tmp_path / "book", "index.html", "objects.inv", "trials/a.html")
    executed = filled(tmp_path / "book-executed", "index.ipynb", "trials/a.ipynb")
    refuse_other_folders(book, executed)


@pytest.mark.parametrize(
    "names",
    [("thesis.docx",), ("index.html", "photo.jpg"), ("objects.inv",), ("index.html", "objects.inv", ".git/HEAD")],
)
def test_a_folder_that_is_no_book_is_not_replaced(names, tmp_path):
    with pytest.raises(NotABook, match="an earlier book"):
        refuse_other_folders(filled(tmp_path / "mine", *names), tmp_path / "mine-executed")


@pytest.mark.parametrize("names", [("index.ipynb", "trials/notes.txt"), ("analysis.ipynb",)])
def test_a_folder_with_more_than_executed_pages_is_not_replaced(names, tmp_path):
    with pytest.raises(NotABook, match="executed notebooks"):
        refuse_other_folders(tmp_path / "mine", filled(tmp_path / "mine-executed", *names))
