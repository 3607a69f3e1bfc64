"""The claims ledger: the page of all trials, and the part of it on each trial's page."""

from __future__ import annotations

from typing import Any

import pandas as pd
from IPython.display import HTML, Markdown

from helpers.effects.trial_effects import usable, weakest_kind
from helpers.evidence import Evidence
from helpers.format import kind_legend, kind_mark
from helpers.scrutiny.checks import CHECKS
from helpers.scrutiny.evidence_ledger import evidence_ledger
from helpers.scrutiny.finding import CONFLICTS, STATUSES
from helpers.scrutiny.ledger import status_counts
from helpers.sections.layout import folded, table
from helpers.sections.sentences import as_text, count, listed, markdown, sentence_case
from helpers.sections.trial import source_text

STATUS_WORDS = {CONFLICTS: "in conflict"}
NOTHING = "No quantitative statement of this trial is in the ledger yet."


def entries(evidence: Evidence, sources: str, trial: str | None = None) -> pd.DataFrame:
    """The ledger of one trial or of all, with the trial's `name`.

    `kind` becomes the weakest source kind of the claim and its inputs. sources: "all", or "primary" to leave out claims that
    rest on secondary or derived numbers.
    """
    rows = evidence_ledger(evidence, trial)
    weakest = [weakest_kind(kinds) for _, kinds in rows[["kind", "inputs_kind"]].replace("", "primary").iterrows()]
    names = rows["trial"].map(lambda each: evidence.trials[each].name)
    return usable(rows.assign(kind=weakest, name=names), sources)


def summary_sentence(rows: pd.DataFrame) -> Markdown | None:
    """How many claims there are, and what became of them."""
    if rows.empty:
        return markdown(NOTHING)
    trials = rows["trial"].nunique()
    whose = f" in {count(trials, 'trial')}" if trials > 1 else ""
    return markdown(f"{sentence_case(_statuses(rows))}{whose}.")


def summary_table(rows: pd.DataFrame) -> Any:
    """How many claims of each trial have each status."""
    counts = status_counts(rows, "name").rename(
        columns={"name": "Trial", **{each: sentence_case(each) for each in STATUSES}}
    )
    numbers = counts.columns.drop("Trial")
    total = pd.DataFrame([{"Trial": "All", **counts[numbers].sum()}])
    frame = pd.concat([counts, total], ignore_index=True)
    frame[numbers] = frame[numbers].astype(str)
    notes = [f"{sentence_case(status)}: {meaning}." for status, meaning in STATUSES.items()]
    return table(frame, id="statuses", title="What became of the statements", notes=notes)


def conflicts(rows: pd.DataFrame) -> Markdown:
    """Each conflict: what is printed, what was recomputed, and what would resolve it."""
    found = rows[rows["status"] == CONFLICTS]
    if found.empty:
        return Markdown("No statement conflicts with the other numbers that were read.")
    points = [
        f"- **{as_text(row.name)}**: {as_text(row.statement)}{kind_mark(row.kind)}. {as_text(row.reason)} "
        f"{as_text(row.note)} {as_text(row.resolution)}"
        for row in found.itertuples(index=False)
    ]
    return Markdown("\n".join([*points, "", _legend(found)]))


def ledger_tables(evidence: Evidence, rows: pd.DataFrame) -> HTML | Markdown:
    """Every claim with its status, one folded table a trial."""
    if rows.empty:
        return Markdown(NOTHING)
    return folded(
        (f"{name}: {_statuses(own)}", _table(evidence, own)) for name, own in rows.groupby("name", sort=False)
    )


def _table(evidence: Evidence, rows: pd.DataFrame) -> Any:
    frame = pd.DataFrame(
        [
            {
                "Statement": f"{row.statement}{kind_mark(row.kind)}",
                "Status": sentence_case(f"{row.status} ({row.check})" if row.check else row.status),
                "Why": _why(row),
                "Read in": source_text(evidence, row.source, row.locator),
            }
            for row in rows.itertuples(index=False)
        ]
    )
    legend = _legend(rows)
    return table(
        frame,
        id=f"ledger-{rows['trial'].iloc[0]}".replace(".", "-"),
        title=f"{rows['name'].iloc[0]}: every statement and what became of it",
        notes=[legend] if legend else [],
    )


def _why(row: Any) -> str:
    """The reason, what it takes for granted, and what would resolve a conflict."""
    assumed = f"Assumed: {row.assumption.rstrip('.')}." if row.assumption else ""
    note = row.note if row.check else ""  # without a check the note is the reason
    return " ".join(text for text in (row.reason, assumed, note, row.resolution) if text)


def _statuses(rows: pd.DataFrame) -> str:
    found = rows["status"].value_counts()
    parts = [f"{found[status]} {STATUS_WORDS.get(status, status)}" for status in STATUSES if status in found]
    return f"{count(len(rows), 'statement')}, {listed(parts)}"


def _legend(rows: pd.DataFrame) -> str:
    """What the marks mean: they name the weakest source of a statement and of what it was checked with."""
    legend = kind_legend(rows["kind"])
    return f"Weakest source among the statement and what it was checked with: {legend}." if legend else ""


def checks_table() -> Any:
    """What each check asks."""
    frame = pd.DataFrame(
        [
            {
                "Check": check.name,
                "What it asks": check.summary,
                "Inputs": ", ".join(
                    name if each.required else f"{name} (optional)" for name, each in check.inputs.items()
                ),
            }
            for check in CHECKS.values()
        ]
    )
    return table(frame, id="checks", title="The checks a claims file can name")
