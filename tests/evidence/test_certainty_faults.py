"""Faults of certainty.csv: each is named by row and column, once."""

from __future__ import annotations

from pathlib import Path

import pytest
from evidence_folder import DataFolder, write_valid_folder

from helpers import evidence, paths
from helpers.evidence import combine, load
from helpers.evidence.vocabulary import LOWERING

FILE = "certainty.csv"


def judged(*bodies: tuple[str, str]) -> str:
    rows = [
        f"{synthesis},{trials},high,{domain},{-1 if domain == 'imprecision' else 0},The reports say why."
        for synthesis, trials in bodies
        for domain in LOWERING
    ]
    return "\n".join(["synthesis,trials,start,domain,step,ground", *rows]) + "\n"


@pytest.fixture
def certain(folder: DataFolder) -> DataFolder:
    """The valid folder with judgements of two bodies of evidence, in rows 2 to 6 and 7 to 11."""
    folder.write(FILE, judged(("death", "alpha"), ("activities", "alpha beta")))
    assert folder.faults() == []
    return folder


def test_judgements_are_read_with_whole_steps(certain: DataFolder) -> None:
    rows = load(certain.path).certainty
    assert rows["step"].tolist() == [0, 0, 0, -1, 0] * 2
    assert set(rows["trials"]) == {"alpha", "alpha beta"}


def test_a_folder_may_have_no_judgement(folder: DataFolder) -> None:
    assert load(folder.path).certainty.empty


@pytest.mark.parametrize(
    ("row", "column", "value", "words"),
    [
        (2, "synthesis", "deaths", ["unknown synthesis (deaths)", "did you mean death?"]),
        (2, "synthesis", "", ["empty cell"]),
        (2, "trials", "alpa", ["unknown trial (alpa)", "did you mean alpha?"]),
        (7, "trials", "alpha alpha beta", ["trial named twice (alpha)"]),
        (2, "trials", "", ["empty cell"]),
        (3, "start", "low", ["other start than in row 2 (low)", "high"]),
        (3, "start", "moderate", ["unknown start (moderate)", "high, low"]),
        (4, "domain", "directness", ["unknown domain (directness)", "did you mean indirectness?"]),
        (4, "domain", "inconsistency", ["duplicate of row 3 (inconsistency)"]),
        (5, "step", "1", ["step that imprecision can not take (1)", "0, -1, -2"]),
        (5, "step", "one", ["step that imprecision can not take (one)"]),
        (5, "step", "", ["empty cell"]),
        (6, "ground", "", ["empty cell"]),
    ],
)
def test_a_fault_of_a_judgement_is_reported(
    certain: DataFolder, row: int, column: str, value: str, words: list[str]
) -> None:
    certain.change(FILE, row, **{column: value})
    faults = [fault for fault in certain.faults() if "missing domain" not in str(fault)]
    assert [(fault.file, fault.row, fault.column) for fault in faults] == [(FILE, row, column)], faults
    assert all(word in str(faults[0]) for word in words), str(faults[0])


def test_a_domain_that_is_not_judged_is_reported_at_the_body(certain: DataFolder) -> None:
    certain.remove(FILE, 11)
    certain.expect(FILE, 7, "domain", "missing domain of the same trials (publication bias)")


def test_a_reason_to_trust_more_may_be_added(certain: DataFolder) -> None:
    row = certain.rows(FILE)[0] | {"domain": "large effect", "step": "2"}
    certain.add(FILE, row)
    assert certain.faults() == []


def test_the_order_of_the_trials_makes_no_other_body(certain: DataFolder) -> None:
    certain.change(FILE, 9, trials="beta alpha")
    assert certain.faults() == []


def test_judgements_of_an_extension_replace_those_of_the_same_synthesis(certain: DataFolder, tmp_path: Path) -> None:
    source = write_valid_folder(tmp_path / "pattern")
    own = DataFolder(tmp_path / "own")
    own.write("trials/alpha/trial.toml", source.read("trials/alpha/trial.toml"))
    own.write("trials/alpha/results.csv", source.read("trials/alpha/results.csv"))
    own.write(FILE, judged(("death", "alpha beta")))
    combined = load(combine(certain.path, own.path, tmp_path / "into")).certainty
    bodies = combined.groupby("synthesis")["trials"].unique()
    assert {name: list(trials) for name, trials in bodies.items()} == {
        "activities": ["alpha beta"], "death": ["alpha beta"],
    }  # fmt: skip


def test_every_planned_synthesis_of_the_shipped_data_is_judged() -> None:
    shipped = evidence.load(paths.ROOT / "data")
    assert set(shipped.certainty["synthesis"]) == set(shipped.syntheses.index)
    assert shipped.certainty["ground"].str.endswith(".").all()
