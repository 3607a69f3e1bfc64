"""A trial without a claims.csv still has its numbers checked."""

from __future__ import annotations

import pandas as pd

from helpers.scrutiny.ledger import ledger
from helpers.scrutiny.routine import routine_claims

OUTCOMES = pd.DataFrame(
    {"name": ["modified Rankin Scale", "Barthel Index"], "min": [0.0, 0.0], "max": [6.0, 100.0], "step": [1.0, 5.0]},
    index=["mrs", "barthel"],
)


def results(*rows: tuple[str, str, str, str], outcome: str = "mrs") -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["statistic", "level", "printed", "kind"])
    constant = {"report": "doe", "variable": "value", "arm": "cells", "comparator": "", "visit": "day 90", "day": 90}
    place = {"outcome": outcome, "population": "itt", "qualifier": "", "source": "doe2020", "locator": "abstract"}
    return frame.assign(**constant, **place, row=range(2, len(rows) + 2))


def status(rows: pd.DataFrame) -> dict[str, str]:
    entries = ledger(routine_claims(rows, OUTCOMES).assign(file="results.csv"))
    return dict(zip(entries["claim"], entries["status"], strict=True))


def test_level_counts_add_up_to_the_patients() -> None:
    counts = [("n", "", "10", "primary"), ("count", "0", "4", "primary"), ("count", "1", "6", "primary")]
    assert status(results(*counts)) == {"row-2-sum": "reproduced"}
    counts[0] = ("n", "", "11", "primary")
    assert status(results(*counts)) == {"row-2-sum": "conflicts"}


def test_a_percentage_must_be_printable_from_its_counts() -> None:
    rows = [("n", "", "39", "primary"), ("events", "", "17", "primary"), ("percent", "", "43.6", "primary")]
    assert status(results(*rows)) == {"row-4-percent": "reproduced"}


def test_a_mean_and_its_sd_are_held_against_the_scale() -> None:
    rows = [("n", "", "32", "primary"), ("mean", "", "6.8", "primary"), ("sd", "", "11.4", "primary")]
    found = status(results(*rows, outcome="barthel"))
    assert found == {"row-3-grim": "conflicts", "row-4-sd-limits": "consistent"}


def test_derived_and_imputed_numbers_are_left_out() -> None:
    derived = results(("n", "", "39", "primary"), ("percent", "", "43.6", "derived"))
    imputed = results(("n", "", "32", "primary"), ("mean", "", "6.8", "primary"), outcome="barthel").assign(
        population="imputed"
    )
    assert status(derived) == status(imputed) == {}
