"""The claims ledger: every published statement with what became of checking it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from helpers.evidence.faults import Fault, InvalidEvidence
from helpers.scrutiny.checks import CHECKS
from helpers.scrutiny.finding import CONFLICTS, CONSISTENT, NOT_CHECKABLE, REPRODUCED, STATUSES, Finding
from helpers.scrutiny.registry import InvalidInputs, Problem

FOUND = ("status", "recomputed", "assumption", "reason", "resolution")


def ledger(claims: pd.DataFrame) -> pd.DataFrame:
    """The claims with what became of them.

    claims: text columns `value`, `check`, `inputs`, `assumption` and `note`, `file` and `row` that place a fault, and any
    others. Returns the same rows and columns with `assumption` completed and `status`, `recomputed`, `reason` and `resolution`
    after them. Raises InvalidEvidence with all claims whose check, value or inputs can not be read or make no sense.
    """
    findings, faults = [], []
    for claim in claims.to_dict("records"):
        try:
            findings.append(
                finding(claim["value"], claim["check"], claim["inputs"], claim["assumption"], claim["note"])
            )
        except InvalidInputs as invalid:
            faults += [Fault(claim["file"], claim["row"], *problem) for problem in invalid.problems]
    if faults:
        raise InvalidEvidence(faults)
    found = pd.DataFrame(
        [[getattr(each, name) for name in FOUND] for each in findings],
        columns=list(FOUND),
        index=claims.index,
        dtype="str",
    )
    return pd.concat([claims.drop(columns="assumption"), found], axis=1)


def finding(value: str, check: str, inputs: str, assumption: str = "", note: str = "") -> Finding:
    """What becomes of one claim.

    assumption: what the inputs take for granted that is not published. With one, nothing counts as reproduced and
    nothing as a conflict. Without a check the note says why there is none. Raises InvalidInputs.
    """
    if not check:
        return Finding(NOT_CHECKABLE, "", note)
    if check not in CHECKS:
        raise InvalidInputs([Problem("check", "unknown check", check, ", ".join(CHECKS))])
    found = CHECKS[check](value, inputs)
    if not assumption:
        return found
    both = "; ".join(text.rstrip(".") for text in (assumption, found.assumption) if text)
    if found.status == CONFLICTS:
        reason = f"{found.reason} The assumption may be wrong instead of the number."
        return replace(found, status=NOT_CHECKABLE, reason=reason, assumption=both, resolution="")
    return replace(found, status=CONSISTENT if found.status == REPRODUCED else found.status, assumption=both)


def status_counts(entries: pd.DataFrame, by: str) -> pd.DataFrame:
    """How many entries of the ledger have each status, one row a value of the column `by`, in order of appearance."""
    counts = pd.crosstab(entries[by], entries["status"]).reindex(columns=list(STATUSES), fill_value=0)
    return counts.loc[list(dict.fromkeys(entries[by]))].rename_axis(columns=None).reset_index()
