"""Faults of claims.csv, in a data folder and as a file of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from evidence_folder import DataFolder

from helpers.evidence import InvalidEvidence, load
from helpers.evidence.claims import COLUMNS, read_claims

CLAIMS = "trials/alpha/claims.csv"
TOTAL = {
    "claim": "total",
    "report": "doe-2020",
    "statement": "20 patients",
    "value": "20",
    "check": "sum",
    "inputs": "parts=10 10",
}
PLACE = {"source": "doe2020", "locator": "abstract", "kind": "primary"}
ALONE = {
    "claim": "alone",
    "report": "doe-2020",
    "statement": "Mean age 60",
    "value": "60",
    **PLACE,
    "note": "One number alone.",
}


@pytest.fixture
def claims(folder: DataFolder) -> DataFolder:
    empty = dict.fromkeys(COLUMNS, "")
    folder.write_rows(CLAIMS, [{**empty, **TOTAL, **PLACE}, {**empty, **ALONE}])
    return folder


def test_claims_are_read_with_their_trial_and_row(claims: DataFolder) -> None:
    read = load(claims.path).claims
    assert read[["trial", "row", "claim", "value"]].to_numpy().tolist() == [
        ["alpha", 2, "total", "20"],
        ["alpha", 3, "alone", "60"],
    ]


def test_a_trial_without_claims_has_none(folder: DataFolder) -> None:
    assert load(folder.path).claims.empty


@pytest.mark.parametrize(
    ("row", "column", "value", "words"),
    [
        (2, "claim", "Total!", "unsuitable id (Total!)"),
        (3, "claim", "total", "duplicate of row 2"),
        (2, "report", "poe-2018", "unknown report (poe-2018)"),
        (2, "statement", "", "empty cell"),
        (2, "value", "twenty", "unreadable value (twenty)"),
        (2, "check", "summ", "unknown check (summ)"),
        (2, "inputs", "part=10 10", "input unknown to the check sum (part)"),
        (2, "inputs", "parts=ten", "unreadable input parts (ten)"),
        (2, "kind", "hearsay", "unknown kind (hearsay)"),
        (2, "inputs_kind", "hearsay", "unknown kind (hearsay)"),
        (2, "source", "poe2018", "unknown source (poe2018)"),
        (2, "inputs_source", "doe2020 poe2018", "unknown source (doe2020 poe2018)"),
        (3, "note", "", "no check and no reason"),
        (3, "inputs", "n=3", "inputs without a check (n=3)"),
    ],
)
def test_a_faulty_cell_is_named(claims: DataFolder, row: int, column: str, value: str, words: str) -> None:
    claims.change(CLAIMS, row, **{column: value})
    found = [fault for fault in claims.faults() if (fault.file, fault.row, fault.column) == (CLAIMS, row, column)]
    assert found, claims.faults()
    assert words in " ".join(str(fault) for fault in found)


def test_a_missing_column_is_named(claims: DataFolder) -> None:
    claims.replace(CLAIMS, "inputs_kind", "kinds")
    assert {"missing column", "unknown column"} <= {fault.problem for fault in claims.faults()}


def test_a_file_of_its_own_needs_five_columns_only(tmp_path: Path) -> None:
    file = tmp_path / "paper.csv"
    file.write_text("claim,statement,value,check,inputs\ntotal,20 patients,20,sum,parts=10 10\n")
    read = read_claims(file)
    assert read[["file", "row", "value", "note"]].to_numpy().tolist() == [["paper.csv", 2, "20", ""]]


def test_a_file_of_its_own_is_checked_cell_by_cell(tmp_path: Path) -> None:
    file = tmp_path / "paper.csv"
    file.write_text("claim,statement,value,check\ntotal,,20,summ\n")
    with pytest.raises(InvalidEvidence) as invalid:
        read_claims(file)
    assert [(fault.row, fault.column, fault.problem) for fault in invalid.value.faults] == [
        (1, "inputs", "missing column"),
        (2, "check", "unknown check"),
        (2, "statement", "empty cell"),
    ]
