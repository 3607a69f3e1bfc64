"""The ledger: a status for every claim, weakened where an input is assumed."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.evidence import InvalidEvidence
from helpers.scrutiny.finding import CONFLICTS, CONSISTENT, NOT_CHECKABLE, REPRODUCED
from helpers.scrutiny.ledger import finding, ledger, status_counts
from helpers.scrutiny.report import claims_report, status_line


def claims(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["value", "check", "inputs", "assumption", "note"])
    return frame.assign(file="claims.csv", row=range(2, len(rows) + 2), statement="It is so")


def test_a_sum_of_published_numbers_is_reproduced() -> None:
    assert finding("36", "sum", "parts=15 21").status == REPRODUCED


def test_a_sum_that_does_not_hold_conflicts_and_says_what_would_resolve_it() -> None:
    found = finding("37", "sum", "parts=15 21")
    assert found.status == CONFLICTS
    assert found.resolution


def test_with_an_assumed_input_nothing_is_reproduced_and_nothing_conflicts() -> None:
    held = finding("36", "sum", "parts=15 21", "21 is not printed")
    assert (held.status, held.assumption) == (CONSISTENT, "21 is not printed")
    failed = finding("37", "sum", "parts=15 21", "21 is not printed")
    assert (failed.status, failed.resolution) == (NOT_CHECKABLE, "")
    assert "assumption" in failed.reason


def test_a_claim_without_a_check_is_not_checkable_for_the_reason_in_its_note() -> None:
    found = finding("20", "", "", note="One number alone.")
    assert (found.status, found.reason) == (NOT_CHECKABLE, "One number alone.")


def test_the_ledger_keeps_rows_and_columns_and_adds_what_was_found() -> None:
    entries = ledger(claims(("36", "sum", "parts=15 21", "", ""), ("20", "", "", "", "Alone.")))
    assert entries["status"].tolist() == [REPRODUCED, NOT_CHECKABLE]
    assert entries["row"].tolist() == [2, 3]
    assert set(entries.columns) >= {"value", "check", "inputs", "statement", "recomputed", "reason", "resolution"}


def test_all_claims_that_can_not_be_checked_are_faults_at_once() -> None:
    with pytest.raises(InvalidEvidence) as invalid:
        ledger(claims(("36", "summ", "", "", ""), ("36", "sum", "part=1", "", ""), ("1", "grim", "n=0", "", "")))
    assert [(fault.row, fault.column) for fault in invalid.value.faults] == [
        (2, "check"),
        (3, "inputs"),
        (3, "inputs"),
        (4, "inputs"),
    ]


def test_an_empty_ledger_has_its_columns() -> None:
    assert {"status", "reason"} <= set(ledger(claims()).columns)


def test_statuses_are_counted_in_order_of_appearance() -> None:
    entries = ledger(claims(("36", "sum", "parts=15 21", "", ""), ("20", "", "", "", "Alone."))).assign(
        trial=["b", "a"]
    )
    counts = status_counts(entries, "trial")
    assert counts["trial"].tolist() == ["b", "a"]
    assert counts[REPRODUCED].tolist() == [1, 0]
    assert status_line(entries["status"]) == "2 claims: reproduced 1, not checkable 1"


def test_the_plain_report_tells_statement_status_and_reason() -> None:
    text = claims_report(ledger(claims(("37", "sum", "parts=15 21", "", ""))))
    assert text.startswith("CONFLICTS  It is so\n")
    assert text.endswith("1 claim: conflicts 1")
