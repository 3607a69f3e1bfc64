"""Publication tables: great_tables lays them out, the book's one style sheet dresses them.

The HTML carries no style and no element id but the one given, so that any number of tables can stand on a page, in
light and dark mode, in the book as in JupyterLab and on GitHub.
"""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd
from bs4 import BeautifulSoup, Tag
from great_tables import GT, html

import helpers.text_storage  # noqa: F401
from helpers.format import (
    MISSING,
    NOT_STATED,
    estimate_with_interval,
    interval,
    is_missing,
    kind_legend,
    kind_mark,
    number,
    p_value,
    percent,
    percent_interval,
    percent_with_interval,
)

__all__ = [
    "MISSING",
    "NOT_STATED",
    "Link",
    "PublicationTable",
    "estimate_with_interval",
    "interval",
    "kind_legend",
    "kind_mark",
    "number",
    "p_value",
    "percent",
    "percent_interval",
    "percent_with_interval",
    "publication_table",
]

SENTENCE = 60  # characters, from which a column needs room
PLAIN_WIDTH = 44  # characters of a column in the plain text


@dataclass(frozen=True)
class Link:
    """A cell that leads somewhere: Link("Chung 2021", "references.html#chung2021")."""

    text: str
    href: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class PublicationTable:
    """A table ready to be shown. In a notebook it is the value of a cell; `to_frame()` gives the cells as text.

    mark: one more class for the style sheet, such as "demonstration".
    """

    id: str
    label: str
    title: str | None
    headings: tuple[str, ...]
    rows: tuple[tuple[str | Link, ...], ...]
    groups: tuple[str, ...] | None
    numeric: tuple[bool, ...]
    totals: int
    notes: tuple[str, ...]
    mark: str = ""

    def to_frame(self) -> pd.DataFrame:
        """The cells as printed."""
        return pd.DataFrame([[str(cell) for cell in row] for row in self.rows], columns=list(self.headings))

    def to_html(self) -> str:
        """A scrollable region around one table: caption, column and row headings, notes in the foot."""
        soup = BeautifulSoup(self._gt().as_raw_html(), "html.parser")
        table = soup.find("table")
        assert isinstance(table, Tag)
        _strip(table)
        self._mark(table)
        if self.groups is not None:
            _divide_by_group(soup, table)
        if self.title:
            caption = soup.new_tag("caption")
            caption.string = self.title
            table.insert(0, caption)
        label = escape(self.label, quote=True)
        return (
            f'<div id="{self.id}" class="table-scroll" role="region" tabindex="0" aria-label="{label}">'
            f'<table class="{" ".join(["publication", *self.mark.split()])}">{_compact(table)}</table></div>'
        )

    def _repr_html_(self) -> str:
        return self.to_html()

    def __repr__(self) -> str:
        cells = [[str(cell) for cell in row] for row in self.rows]
        wrapped = [[textwrap.wrap(cell, PLAIN_WIDTH) or [""] for cell in row] for row in [list(self.headings), *cells]]
        widths = [max(len(line) for row in wrapped for line in row[i]) for i in range(len(self.headings))]
        blocks = [_plain_row(row, widths, self.numeric) for row in wrapped]
        rule = "  ".join("-" * width for width in widths)
        lines = [self.title, ""] if self.title else []
        lines += [blocks[0], rule]
        group = None
        for i, block in enumerate(blocks[1:]):
            if self.groups is not None and self.groups[i] != group:
                group = self.groups[i]
                lines.append(f"[{group}]")
            lines.append(block)
        return "\n".join([*lines, *(["", *self.notes] if self.notes else [])])

    def _mark(self, table: Tag) -> None:
        """Classes for the style sheet: cells with numbers, columns of sentences, rows that sum up."""
        longest = [max(len(str(row[i])) for row in self.rows) for i in range(len(self.headings))]
        classes = [
            "number" if number else "long" if length > SENTENCE else None
            for number, length in zip(self.numeric, longest, strict=True)
        ]
        body_rows = []
        for row in table.find_all("tr"):
            cells = row.find_all(["th", "td"])
            if len(cells) == len(self.numeric):
                body_rows.append(row)
                for cell, name in zip(cells, classes, strict=True):
                    if name:
                        cell["class"] = name
        for row in body_rows[len(body_rows) - self.totals :]:
            row["class"] = "total"

    def _gt(self) -> GT:
        names = [f"c{i}" for i in range(len(self.headings))]
        frame = pd.DataFrame([[_cell_html(cell) for cell in row] for row in self.rows], columns=names, dtype=object)
        if self.groups is not None:
            frame["group"] = list(self.groups)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = GT(frame, id=self.id, rowname_col="c0", groupname_col="group" if self.groups is not None else None)
            table = table.fmt(str, columns=names).tab_stubhead(html(escape(self.headings[0])))
            table = table.cols_label(
                {name: html(escape(heading)) for name, heading in zip(names[1:], self.headings[1:], strict=True)}
            )
            for note in self.notes:
                table = table.tab_source_note(html(escape(note)))
        return table


def publication_table(
    frame: pd.DataFrame,
    *,
    id: str,
    columns: Mapping[str, str],
    title: str | None = None,
    label: str | None = None,
    notes: Sequence[str] = (),
    marks: Mapping[str, str] | None = None,
    groups: str | None = None,
    totals: int = 0,
    digits: int | Mapping[str, int] = 2,
    missing: str = MISSING,
) -> PublicationTable:
    """Make a table of the chosen columns, in the order given.

    frame: one row per row of the table, in its order; the first of `columns` names the rows. Cells are text, `Link`s or
    numbers; whole numbers are printed whole, others with `digits` decimals (one count, or one per column).
    id: unique on the page; letters, digits and hyphens. columns: column of the frame -> heading.
    title: the caption. label: what a screen reader calls the region; the title by default, and needed without one.
    marks: column -> column with the source kind of its cells; the kind's mark is added to the cell and explained below.
    groups: column by whose values the rows are divided, rows of a group being next to each other.
    totals: how many of the last rows sum up the others (a pooled estimate).
    missing: what stands in an empty cell.
    Raises ValueError for an unknown column, no rows, a bad id, and a table with neither title nor label.
    """
    if not id or not all(part.isalnum() and part.isascii() for part in id.split("-")):
        raise ValueError(f"a table's id is made of letters, digits and hyphens, not {id!r}")
    if not (title or label):
        raise ValueError(f"table {id} needs a title, or a label for those who can not see it")
    marks = dict(marks or {})
    wanted = [*columns, *marks, *marks.values(), *([groups] if groups else [])]
    unknown = [name for name in wanted if name not in frame.columns]
    if unknown:
        raise ValueError(f"table {id}: no column {unknown[0]!r}; there are {', '.join(map(str, frame.columns))}")
    if frame.empty or not columns:
        raise ValueError(f"table {id} has no {'rows' if columns else 'columns'}: say so in the text instead")
    cells = {}
    shown_kinds: list[object] = []
    for name in columns:
        places = digits if isinstance(digits, int) else digits.get(name, 2)
        cells[name] = [_cell(value, places, missing) for value in frame[name].tolist()]
        if name in marks:
            kinds = [
                None if cell == missing else kind
                for cell, kind in zip(cells[name], frame[marks[name]].tolist(), strict=True)
            ]
            cells[name] = [_marked(cell, kind) for cell, kind in zip(cells[name], kinds, strict=True)]
            shown_kinds += kinds
    legend = kind_legend(shown_kinds)
    return PublicationTable(
        id=id,
        label=label or title or "",
        title=title,
        headings=tuple(columns.values()),
        rows=tuple(zip(*cells.values(), strict=True)),
        groups=tuple(str(value) for value in frame[groups].tolist()) if groups else None,
        numeric=tuple(_is_numeric(frame[name]) for name in columns),
        totals=totals,
        notes=(*notes, *([legend] if legend else [])),
    )


def _cell(value: Any, digits: int, missing: str) -> str | Link:
    if isinstance(value, Link):
        return value
    if hasattr(value, "item"):
        value = value.item()
    if is_missing(value) or value == "":
        return missing
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return number(value, 0)
    return number(value, digits) if isinstance(value, float) else str(value)


def _marked(cell: str | Link, kind: object) -> str | Link:
    mark = kind_mark(kind)
    return Link(cell.text + mark, cell.href) if isinstance(cell, Link) else cell + mark


def _is_numeric(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _cell_html(cell: str | Link) -> str:
    if isinstance(cell, Link):
        return f'<a href="{escape(cell.href, quote=True)}">{escape(cell.text)}</a>'
    return escape(cell)


def _strip(table: Tag) -> None:
    """Leave structure only: great_tables' ids and `headers` repeat from table to table, its classes need its styles."""
    for tag in table.find_all(True):
        keep = {name: tag[name] for name in ("scope", "href") if tag.has_attr(name)}
        for span in ("colspan", "rowspan"):
            if tag.get(span, "1") != "1":
                keep[span] = tag[span]
        tag.attrs = keep
    for wrapper in table.find_all("span"):
        wrapper.unwrap()


def _divide_by_group(soup: BeautifulSoup, table: Tag) -> None:
    """One tbody a group, so that its heading can have scope rowgroup."""
    body = table.find("tbody")
    assert isinstance(body, Tag)
    current: Tag | None = None
    for row in body.find_all("tr"):
        heading = row.find("th", attrs={"scope": "colgroup"})
        if isinstance(heading, Tag):
            heading["scope"] = "rowgroup"
            row["class"] = "group"
            current = soup.new_tag("tbody")
            body.insert_before(current)
        if current is not None:
            current.append(row.extract())
    body.decompose()


def _compact(table: Tag) -> str:
    return "".join(line.strip() for line in table.decode_contents().splitlines())


def _plain_row(cells: Sequence[Sequence[str]], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    lines = []
    for i in range(max(len(cell) for cell in cells)):
        texts = [cell[i] if i < len(cell) else "" for cell in cells]
        columns = zip(texts, widths, numeric, strict=True)
        lines.append("  ".join(text.rjust(width) if right else text.ljust(width) for text, width, right in columns))
    return "\n".join(line.rstrip() for line in lines)
