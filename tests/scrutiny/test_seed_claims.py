"""Every number of the five source documents, and every number read in the reports, stands in a claim of the ledger."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from helpers import paths

TRIALS = ("starting-2", "isis-hermes", "levy-2019")
DATA = paths.ROOT / "data"  # the shipped data, whatever folder the environment names
WORDS = {"no": "0", "none": "0", "one": "1", "single": "1", "two": "2"}


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


CLAIMS = {f"{trial}/{row['claim']}": row for trial in TRIALS for row in rows_of(DATA / "trials" / trial / "claims.csv")}
SEED_NUMBERS = rows_of(Path(__file__).with_name("seed_numbers.csv"))
PRINTED_RESULTS = [
    (trial, row)
    for trial in TRIALS
    for row in rows_of(DATA / "trials" / trial / "results.csv")
    if row["kind"] == "primary" and row["statistic"] != "direction"  # a direction is our code for words
]


def holds(claim: dict[str, str], number: str) -> bool:
    """Whether the number stands in the value, the inputs or the statement, not merely as a part of another number."""
    digits = re.escape(WORDS.get(number.lower(), number).replace("≥", ">="))
    text = " ".join(claim[column] for column in ("value", "inputs", "statement")).replace("≥", ">=").replace("< ", "<")
    return re.search(rf"(?<![\w.:]){digits}(?![\w:]|\.\d)", text) is not None


@pytest.mark.parametrize(
    ("number", "text", "held"),
    [
        ("0.5", "values=0.5 1.0", True),
        ("0.5", "SD 10.5", False),
        ("5", "15 patients", False),
        ("1", "1.5 million cells", False),
        ("6.8", "rose by 6.8.", True),
        ("2:1", "ratio=2:1", True),
        ("2", "ratio=2:1", False),
        ("<0.001", "p < 0.001", True),
        ("≥95", "a Barthel Index >=95", True),
        ("Two", "2 patients died", True),
        ("4", "activity in MI-4a", False),
        ("III", "Class III evidence", True),
    ],
)
def test_a_number_is_found_as_a_whole(number, text, held):
    assert holds({"value": "", "inputs": "", "statement": text}, number) == held


def test_every_source_document_is_listed():
    assert sorted({row["document"] for row in SEED_NUMBERS}) == ["000", "001", "002", "003", "004"]


@pytest.mark.parametrize("row", SEED_NUMBERS, ids=lambda row: f"{row['document']} {row['number']} {row['label']}")
def test_every_number_of_the_source_documents_has_its_claim(row):
    assert holds(CLAIMS[row["claim"]], row["number"])


def test_the_two_copies_of_an_abstract_have_the_same_claims():
    first, second = (
        {row["claim"] for row in SEED_NUMBERS if row["document"] == document} for document in ("000", "001")
    )
    assert first - second == {"starting-2/age-index-term"}  # only the index record has subject headings
    assert second <= first


@pytest.mark.parametrize(
    ("trial", "row"),
    PRINTED_RESULTS,
    ids=[f"{trial} {row['outcome']} {row['arm']} {row['day']} {row['statistic']}" for trial, row in PRINTED_RESULTS],
)
def test_every_number_read_in_a_report_is_in_a_claim_of_that_report(trial, row):
    of_report = [
        claim for id, claim in CLAIMS.items() if id.startswith(f"{trial}/") and claim["report"] == row["report"]
    ]
    assert any(holds(claim, row["qualifier"] + row["value"]) for claim in of_report)
