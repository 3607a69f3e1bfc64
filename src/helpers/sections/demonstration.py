"""Generated patients say so wherever they are shown: on charts, tables and sentences, and on top of their page."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Sequence
from html import escape
from typing import Any

import altair as alt
import pandas as pd
from IPython.display import HTML, Markdown

from helpers import paths
from helpers.charts.figure import inline, wrap
from helpers.charts.theme import FONT, INK
from helpers.evidence import Evidence, Trial
from helpers.patients.files import DEMONSTRATION, FOLDER
from helpers.patients.model import Patients
from helpers.sections.layout import table
from helpers.sections.sentences import as_text, count

BADGE = "Demonstration patients"
NOTE = f"{BADGE}: generated to match published totals, not observed"
COLUMN = "patients"
CELL = "demonstration, not observed"
ACROSS = "DEMONSTRATION"
SLOPE = 342.0  # degrees of the text across a chart, clockwise: it rises to the right


def marked(result: Any, patients: Patients) -> Any:
    """The result with a mark that it shows generated patients; unchanged where they were observed.

    result: a chart of helpers.charts, a PublicationTable, Markdown, HTML, a list or tuple of these, or None. A chart has the
    note under its title, in its description and in its data, and a faint text across its marks; a table has it in its
    caption and notes; texts begin with it. A result that has its mark is not marked again.
    Raises TypeError for any other kind of result: it could not be marked.
    """
    if not patients.demonstration or result is None:
        return result
    if isinstance(result, list | tuple):
        return type(result)(marked(each, patients) for each in result)
    if isinstance(result, alt.LayerChart):
        return _marked_chart(result)
    # A notebook may have loaded the module of tables anew, so its name decides, not its identity.
    if type(result).__name__ == "PublicationTable":
        return _marked_table(result)
    if isinstance(result, Markdown):
        return result if is_marked(result) else Markdown(_marked_text(str(result.data)))
    if isinstance(result, HTML):
        return result if is_marked(result) else HTML(f"{_html_badge()}{result.data}")
    raise TypeError(f"a result of type {type(result).__name__} can not be marked as demonstration")


def is_marked(result: Any) -> bool:
    """Whether a single result has its mark."""
    if isinstance(result, alt.TopLevelMixin):
        usermeta = getattr(result, "usermeta", None)
        return isinstance(usermeta, dict) and "demonstration" in usermeta
    if isinstance(result, Markdown | HTML):
        return BADGE in str(result.data)
    return getattr(result, "mark", "") == "demonstration"


def banner(patients: Patients) -> HTML | None:
    """What a page on generated patients begins with; nothing where they were observed."""
    if not patients.demonstration:
        return None
    return HTML(
        f'<div class="demonstration" role="note" aria-label="{BADGE}"><p><strong>{BADGE}.</strong> '
        f"Nobody on this page was observed. These {len(patients.adsl)} patients were generated so that they match the "
        "totals that the trial published; its real patients' data are not public. The page shows the form of such data "
        "and of a chapter made from them. It says nothing about the treatment beyond those totals, and no number of it "
        'enters a synthesis. <a href="../data.html#demonstration-patients">How they were made</a></p></div>'
    )


def made(evidence: Evidence) -> Any:
    """The trials with generated patients: how many, from which seed, and how many printed numbers they meet."""
    frame = pd.DataFrame(
        [
            {
                "Trial": trial.name,
                "Patients": str(about.get("patients", "–")),
                "Seed": str(about.get("seed", "–")),
                "Generator": str(about.get("generator", "–")),
                "Printed numbers met": _met(about),
            }
            for trial, about in _abouts(evidence)
        ]
    )
    return table(frame, id="demonstration", title=BADGE, empty="No trial has demonstration patients.")


def assumptions(evidence: Evidence) -> HTML | None:
    """What had to be assumed for each trial, and which printed numbers are not met, folded away."""
    return _folded(
        (
            f"{trial.name}: what was assumed",
            [*about.get("assumes", []), *(f"Not met: {missed}." for missed in about.get("does_not_meet", []))],
        )
        for trial, about in _abouts(evidence)
    )


def matched(evidence: Evidence) -> HTML | None:
    """The printed numbers that the patients of each trial meet, folded away."""
    return _folded(
        (f"{trial.name}: {count(len(about['meets']), 'printed number')} met", about["meets"])
        for trial, about in _abouts(evidence)
        if about.get("meets")
    )


def why(evidence: Evidence) -> Markdown:
    """That generated patients enter no synthesis, and how that is made sure."""
    names = [as_text(trial.name) for trial, _ in _abouts(evidence)]
    if not names:
        return Markdown("All patients in this data folder were observed.")
    return Markdown(
        f"{', '.join(names)}: only totals are public. A synthesis uses those totals, as printed. Patients made from them hold "
        "nothing more: whatever else they show, a subgroup, a course, a correlation, was put in by the generator. "
        "Counted as evidence they would repeat the totals and add inventions. So the code that turns patients into results "
        "refuses them, a mark stands on every table and chart made from them, and tests prove both."
    )


def _marked_chart(chart: alt.LayerChart) -> alt.LayerChart:
    if is_marked(chart):
        return chart
    result = chart.copy(deep=True)
    title = result.title
    if not isinstance(title, alt.TitleParams):
        raise TypeError("a chart without a title of its own can not be marked as demonstration")
    subtitle = title.subtitle
    lines = [] if subtitle is alt.Undefined else [subtitle] if isinstance(subtitle, str) else list(subtitle)
    title.subtitle = [*wrap(NOTE, 56), *lines]
    result.description = f"{result.description} {NOTE}."
    usermeta = dict(result.usermeta)
    if data := usermeta.get("data"):
        rows = [[CELL, *row] for row in data["rows"]]
        usermeta["data"] = {"columns": [COLUMN, *data["columns"]], "rows": rows}
    result.usermeta = {**usermeta, "demonstration": NOTE}
    result.layer = [*result.layer, _across()]
    return result


def _across() -> alt.Chart:
    """Letters from side to side, over filled marks too but so faint that they hide none, and never beyond the plot."""
    across = alt.Chart(inline(pd.DataFrame({"text": [ACROSS]})))
    return across.mark_text(
        align="center",
        baseline="middle",
        text=ACROSS,
        angle=SLOPE,
        x=alt.ExprRef("width / 2"),
        y=alt.ExprRef("height / 2"),
        fontSize=alt.ExprRef("max(8, min(width / 9.5, height / 3.6))"),
        font=FONT,
        fontWeight="bold",
        color=INK,
        opacity=0.09,
        clip=True,
        tooltip=None,
    )


def _marked_table(result: Any) -> Any:
    if is_marked(result):
        return result
    title = f"{result.title} ({BADGE.lower()})" if result.title else BADGE
    label = f"{result.label} ({BADGE.lower()})"
    return dataclasses.replace(
        result, title=title, label=label, notes=(f"{NOTE}.", *result.notes), mark="demonstration"
    )


def _marked_text(text: str) -> str:
    """Markdown with the badge before its first words, or above it where it begins with a list, a table or a heading."""
    begins_block = text.lstrip()[:1] in ("-", "*", "|", "#", ">", "<", ":") and not text.lstrip().startswith("**")
    return f"*{BADGE}.*{chr(10) * 2 if begins_block else ' '}{text}"


def _html_badge() -> str:
    return f'<p class="demonstration">{NOTE}.</p>'


def _abouts(evidence: Evidence) -> list[tuple[Trial, dict[str, Any]]]:
    """The trials with generated patients, and what demonstration.toml says of them."""
    found = []
    for trial in evidence.trials.values():
        file = paths.data() / "trials" / trial.id / FOLDER / DEMONSTRATION
        if trial.demonstration:
            found.append((trial, tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}))
    return found


def _met(about: dict[str, Any]) -> str:
    met, missed = (len(about.get(name, [])) for name in ("meets", "does_not_meet"))
    return f"{met} of {met + missed}" if met + missed else "–"


def _folded(parts: Any) -> HTML | None:
    lists: list[tuple[str, Sequence[str]]] = [(summary, lines) for summary, lines in parts if lines]
    if not lists:
        return None
    return HTML(
        "".join(
            f'<details class="folded"><summary>{escape(summary)}</summary><ul>'
            + "".join(f"<li>{escape(line)}</li>" for line in lines)
            + "</ul></details>"
            for summary, lines in lists
        )
    )
