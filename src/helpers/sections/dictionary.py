"""The data page and the glossary."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd
from IPython.display import HTML, Markdown

from helpers import paths
from helpers.evidence import Evidence
from helpers.evidence.patient_results import FILE
from helpers.evidence.vocabulary import READ_KINDS, SOURCE_KINDS
from helpers.format import number
from helpers.sections.layout import table
from helpers.sections.sentences import sentence_case

COMPUTED = "computed-results.csv"
TABLES = {
    "outcomes.csv": "dictionary of outcome scales",
    "syntheses.csv": "planned syntheses",
    "certainty.csv": "GRADE judgements with their grounds",
    "search.csv": "records read, and what became of them",
    "glossary.csv": "abbreviations",
    "references.bib": "documents read, as BibTeX",
    COMPUTED: "every result computed in this book",
}
TRIAL_TABLES = {
    "results.csv": "reported numbers",
    FILE: "numbers computed from its patients",
    "claims.csv": "claims and their checks",
    "bias.csv": "risk of bias",
    "trial.toml": "design and arms",
}


def downloads(evidence: Evidence) -> HTML:
    """Links to every table, which stand beside the pages."""
    lines = [f"{_link(name, name)}: {meaning}" for name, meaning in TABLES.items() if _offered(name)]
    for trial in evidence.trials.values():
        tables = {f"trials/{trial.id}/{name}": meaning for name, meaning in TRIAL_TABLES.items()}
        links = [_link(name, meaning) for name, meaning in tables.items() if _offered(name)]
        lines.append(f"{escape(trial.name)}: {', '.join(links)}")
    return HTML("<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>")


def _offered(file: str) -> bool:
    """Whether the file stands beside the pages: the computed results always, the data as far as there are any."""
    return file == COMPUTED or (paths.data() / file).is_file()


def _link(file: str, text: str) -> str:
    return f'<a href="data/{escape(file)}" download>{escape(text)}</a>'


def outcomes(evidence: Evidence) -> Any:
    """Range, step, direction and unit of each scale."""
    rows = evidence.outcomes
    frame = pd.DataFrame(
        {
            "Outcome": rows["name"],
            "Code in patient-level data": rows["paramcd"].replace("", "–"),
            "Type": rows["type"],
            "Range": [
                "–" if pd.isna(row["min"]) and pd.isna(row["max"]) else f"{_limit(row['min'])} to {_limit(row['max'])}"
                for _, row in rows.iterrows()
            ],
            "Better": rows["direction"].replace("none", "–"),
            "Unit": rows["unit"].replace("", "–"),
            "Smallest important difference": [
                "–" if pd.isna(row["mcid"]) else f"{row['mcid']:g} ({_cited(evidence, row['mcid_source'])})"
                for _, row in rows.iterrows()
            ],
            "Meaning": rows["description"],
        }
    )
    return table(frame, id="outcomes", title="Outcome scales")


def _limit(value: float) -> str:
    return "…" if pd.isna(value) else number(value, 0 if value == int(value) else 2)


def _cited(evidence: Evidence, key: str) -> str:
    reference = evidence.references[key]
    return f"{reference.authors_short} {reference.year}"


def files() -> Markdown:
    """The meaning of every file and column, headings one level down: the data folder's own description or the book's."""
    own = paths.data() / "README.md"
    lines = (
        (own if own.is_file() else paths.project() / "data" / "README.md").read_text(encoding="utf-8").splitlines()[1:]
    )
    return Markdown("\n".join(f"#{line}" if line.startswith("#") else line for line in lines))


def counts(evidence: Evidence) -> Any:
    """How many numbers each trial gave, by kind of source."""
    if evidence.results.empty:
        return Markdown("None: no trial has reported a number yet.")
    names = {trial.id: trial.name for trial in evidence.trials.values()}
    tally = pd.crosstab(evidence.results["trial"].map(names), evidence.results["kind"])
    tally = tally.reindex(columns=[kind for kind in SOURCE_KINDS if kind in (*READ_KINDS, *tally)], fill_value=0)
    frame = tally.assign(all=tally.sum(axis=1)).astype(str).reset_index().rename(columns=sentence_case)
    return table(frame, id="counts", title="Reported numbers by kind of source")


def glossary(evidence: Evidence) -> Any:
    """All abbreviations."""
    frame = evidence.glossary[["abbreviation", "meaning"]].rename(columns=sentence_case)
    return table(
        frame.sort_values("Abbreviation", key=lambda column: column.astype(str).str.casefold(), kind="stable"),
        id="glossary",
        title="Abbreviations",
    )
