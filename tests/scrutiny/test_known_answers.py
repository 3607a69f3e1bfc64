"""What is known about the shipped trials' numbers must come out of their ledger."""

from __future__ import annotations

import pytest

from helpers import evidence
from helpers.scrutiny.evidence_ledger import evidence_ledger


@pytest.fixture(scope="module")
def entries():
    review = evidence.load()
    return evidence_ledger(review).set_index(["trial", "claim"])


@pytest.mark.parametrize(
    ("trial", "claim", "status", "words"),
    [
        ("levy-2019", "baseline-n", "reproduced", ["15 + 21 = 36"]),
        ("levy-2019", "flow-12-months", "consistent", ["36 − 2 − 1 − 2 = 31"]),
        ("levy-2019", "barthel-95-baseline", "consistent", ["4/35"]),
        ("levy-2019", "barthel-95-6-months", "consistent", ["3/11", "6/22", "9/33"]),
        ("levy-2019", "barthel-95-12-months", "consistent", ["11/31"]),
        (
            "levy-2019",
            "barthel-6-months-p",
            "consistent",
            ["33 patients gives p = 0.0017", "32 patients gives p = 0.0020"],
        ),
        ("levy-2019", "barthel-12-months-p", "consistent", ["0.00053", "<0.001"]),
        ("isis-hermes", "feasibility", "consistent", ["20"]),
        ("starting-2", "allocation", "consistent", ["p = 0.47"]),
        ("starting-2", "mi-leg-change-p", "not checkable", ["Welch's t test comes nearest", "0.0204", "0.0666"]),
        ("starting-2", "age-mean", "conflicts", ["63.03", "64.27", "63.37"]),
        ("starting-2", "male-msc", "consistent", ["17/39"]),
        ("starting-2", "male-control", "consistent", ["10/15"]),
        ("starting-2", "imaging-total", "reproduced", ["31 + 13 = 44", "54"]),
    ],
)
def test_a_known_answer_comes_out(entries, trial, claim, status, words):
    entry = entries.loc[(trial, claim)]
    assert entry["status"] == status
    assert [word for word in words if word not in entry["reason"]] == []


@pytest.mark.parametrize(
    ("claim", "elsewhere"),
    [("barthel-95-baseline", "4/35"), ("barthel-95-12-months", "11/31")],
)
def test_a_share_that_fits_one_count_only_names_no_other(entries, claim, elsewhere):
    reason = entries.loc[("levy-2019", claim)]["reason"]
    assert elsewhere in reason
    assert reason.count("/") == 1


def test_every_shipped_trial_has_a_ledger_of_its_own(entries):
    assert set(entries.index.get_level_values("trial")) == set(evidence.load().trials)
    assert entries["file"].str.endswith("/claims.csv").all()


def test_every_entry_says_why_and_every_conflict_what_would_resolve_it(entries):
    assert entries["reason"].str.endswith(".").all()
    assert ((entries["status"] == "conflicts") == (entries["resolution"] != "")).all()
