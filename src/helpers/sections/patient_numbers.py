"""Where a trial's numbers come from its patients: said on the pages that show them."""

from __future__ import annotations

import pandas as pd

from helpers.evidence import Evidence
from helpers.evidence.patient_results import PATIENTS
from helpers.format import KIND_MARKS
from helpers.sections.sentences import as_text, count
from helpers.synthesis.planned import PlannedSynthesis

MARK = KIND_MARKS[PATIENTS]


def own_numbers(evidence: Evidence, trial: str) -> pd.DataFrame:
    """The numbers computed from the trial's patients."""
    rows = evidence.results
    return rows[(rows["trial"] == trial) & (rows["kind"] == PATIENTS)]


def replaced_numbers(evidence: Evidence, trial: str) -> pd.DataFrame:
    """The published numbers in whose place they stand, with the same columns."""
    rows = evidence.replaced
    return rows[rows["trial"] == trial] if len(rows) else evidence.results.iloc[:0]


def trial_sentence(evidence: Evidence, trial: str) -> str:
    """For the trial's page; empty for a trial without observed patients."""
    if own_numbers(evidence, trial).empty:
        return ""
    return f"Numbers marked {MARK} are from the trial's own patient data{_in_place(len(replaced_numbers(evidence, trial)))}."


def synthesis_sentences(evidence: Evidence, result: PlannedSynthesis) -> list[str]:
    """For the page of a question: one sentence for each pooled trial that enters with its patients."""
    asked = result.plan["outcomes"].split()
    said = []
    for row in result.pooled.itertuples():
        if row.kind == PATIENTS:
            gone = replaced_numbers(evidence, row.trial)
            gone = gone[
                gone["outcome"].isin(asked) & gone["day"].between(result.plan["day_from"], result.plan["day_to"])
            ]
            name = as_text(evidence.trials[row.trial].name)
            said.append(f"{name} enters from the trial's own patient data{_in_place(len(gone))}.")
    return said


def _in_place(number: int) -> str:
    if not number:
        return "; no published number had to give way"
    return f", in place of {count(number, 'published number')}"
