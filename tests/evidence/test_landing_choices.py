"""What the data choose for the landing page: questions with a headline, and the outcome that stands for harm."""

from __future__ import annotations

import pytest
from evidence_folder import DataFolder

from helpers.evidence import load


def test_headlines_are_read_in_the_order_of_the_file(folder: DataFolder) -> None:
    assert load(folder.path).syntheses["headline"].to_dict() == {"death": "Survival", "activities": ""}


def test_the_outcome_for_harm_may_be_left_out(folder: DataFolder) -> None:
    assert load(folder.path).edition.harm == ""


def test_the_outcome_for_harm_is_read(folder: DataFolder) -> None:
    folder.write("edition.toml", folder.read("edition.toml") + 'harm = "death"\n')
    assert load(folder.path).edition.harm == "death"


@pytest.mark.parametrize("outcome", ["deaths", "barthel"])
def test_harm_that_is_no_binary_outcome_is_reported(folder: DataFolder, outcome: str) -> None:
    folder.write("edition.toml", folder.read("edition.toml") + f'harm = "{outcome}"\n')
    folder.expect("edition.toml", 5, "harm", "unknown binary outcome", outcome, "death")
