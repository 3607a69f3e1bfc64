"""How a section lays out a table: the columns as they stand, the marks of its sources explained below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd
from IPython.display import Markdown

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
) -> PublicationTable | Markdown:
    """A publication table of all columns under their own names; the sentence `empty` where there is no row.

    kinds: source kinds whose marks occur in the cells; the legend of the marks follows the notes.
    """
    if frame.empty:
        return Markdown(empty)
    legend = kind_legend(kinds)
    return publication_table(
        frame,
        id=id,
        columns={name: name for name in frame.columns},
        title=title,
        notes=[*notes, *([legend] if legend else [])],
    )
