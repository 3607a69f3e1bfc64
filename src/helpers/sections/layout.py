"""How a section lays out a table: the columns as they stand, the marks of its sources explained below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import pandas as pd
from IPython.display import HTML, Markdown

from helpers.format import kind_legend
from helpers.tables import PublicationTable, publication_table


def table(
    frame: pd.DataFrame,
    *,
    id: str,
    title: str,
    kinds: Iterable[str] = (),
    notes: Sequence[str] = (),
    empty: str = "None.",
    groups: str | None = None,
) -> PublicationTable | Markdown:
    """A publication table of all columns under their own names; the sentence `empty` where there is no row.

    groups: a column that divides the rows instead of being shown. kinds: source kinds whose marks occur in the cells; the
    legend of the marks follows the notes.
    """
    if frame.empty:
        return Markdown(empty)
    legend = kind_legend(kinds)
    return publication_table(
        frame,
        id=id,
        columns={name: name for name in frame.columns if name != groups},
        groups=groups,
        title=title,
        notes=[*notes, *([legend] if legend else [])],
    )


def folded_tables(frames: Iterable[tuple[str, str, pd.DataFrame]], notes: Sequence[str] = ()) -> HTML:
    """Long tables, each given by its id, its title and its rows (one or more), behind a line that says the title."""
    return folded(
        (
            title,
            publication_table(frame, id=id, columns={name: name for name in frame.columns}, title=title, notes=notes),
        )
        for id, title, frame in frames
    )


def folded(tables: Iterable[tuple[str, PublicationTable]]) -> HTML:
    """Long tables behind a line each that says what is inside; a click or the Enter key opens one."""
    return HTML(
        "".join(
            f'<details class="folded"><summary>{escape(summary)}</summary>{inside.to_html()}</details>'
            for summary, inside in tables
        )
    )
