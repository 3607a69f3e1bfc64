"""The claims ledger of the trials in a data folder."""

from __future__ import annotations

import pandas as pd

from helpers.evidence import Evidence
from helpers.scrutiny.ledger import ledger
from helpers.scrutiny.routine import routine_claims


def evidence_ledger(evidence: Evidence, trial: str | None = None) -> pd.DataFrame:
    """What became of every claim, of one trial or of all.

    A trial without a claims.csv has the routine checks of its results.csv instead. Columns: `trial`, `file` (the one that
    holds the claim), `row` (its line there), and those of `helpers.scrutiny.ledger.ledger`. Raises InvalidEvidence for
    inputs that make no sense.
    """
    trials = list(evidence.trials) if trial is None else [trial]
    return ledger(pd.concat([_claims(evidence, each) for each in trials], ignore_index=True))


def _claims(evidence: Evidence, trial: str) -> pd.DataFrame:
    claims, file = evidence.claims[evidence.claims["trial"] == trial], "claims.csv"
    if claims.empty:
        results = evidence.results[evidence.results["trial"] == trial]
        claims, file = routine_claims(results, evidence.outcomes), "results.csv"
    placed = claims.assign(trial=trial, file=f"trials/{trial}/{file}")
    return placed[["trial", "file", *placed.columns.drop(["trial", "file"])]]
