"""A reader's own trials beside the shipped ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from evidence_folder import ALPHA, DataFolder, write_valid_folder

from helpers.evidence import InvalidEvidence, check, combine, load

GAMMA_REFERENCES = (
    "@article{poe2022,\n  author = {Poe, Ann},\n  title = {A third trial},\n  doi = {10.1000/gamma},\n}\n"
)


@pytest.fixture
def extension(tmp_path: Path) -> DataFolder:
    """A folder with one new trial, gamma, made from alpha, and the entry of its report."""
    source = write_valid_folder(tmp_path / "pattern")
    extension = DataFolder(tmp_path / "extension")
    renamed = {"doe2020": "poe2022", "doe-2020": "poe-2022", "alpha": "gamma", "ALPHA": "GAMMA", "00001": "00003"}
    for name in ("trial.toml", "results.csv", "bias.csv"):
        text = source.read(f"trials/alpha/{name}")
        for old, new in renamed.items():
            text = text.replace(old, new)
        extension.write(f"trials/gamma/{name}", text)
    extension.write("references.bib", GAMMA_REFERENCES)
    return extension


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "combined"


def test_a_new_trial_and_its_reference_join_the_shipped_ones(
    folder: DataFolder, extension: DataFolder, into: Path
) -> None:
    assert combine(folder.path, extension.path, into) == into
    evidence = load(into)
    assert list(evidence.trials) == ["alpha", "beta", "gamma"]
    assert set(evidence.references) == {"doe2020", "roe2019", "poe2022"}
    assert len(evidence.results) == len(load(folder.path).results) + len(extension.rows("trials/gamma/results.csv"))


def test_neither_folder_is_changed(folder: DataFolder, extension: DataFolder, into: Path) -> None:
    before = load(folder.path).edition.version
    combine(folder.path, extension.path, into)
    assert load(folder.path).edition.version == before
    assert extension.read("references.bib") == GAMMA_REFERENCES


def test_a_trial_with_the_same_id_replaces_the_shipped_one_whole(
    folder: DataFolder, tmp_path: Path, into: Path
) -> None:
    own = DataFolder(tmp_path / "own")
    for name in ("trial.toml", "results.csv"):
        own.write(f"trials/alpha/{name}", folder.read(f"trials/alpha/{name}"))
    own.change(ALPHA, 2, value="9")
    combine(folder.path, own.path, into)
    assert DataFolder(into).read(ALPHA) == own.read(ALPHA)
    assert not (into / "trials/alpha/bias.csv").exists()


def test_a_complete_folder_replaces_the_shipped_one(folder: DataFolder, tmp_path: Path, into: Path) -> None:
    own = write_valid_folder(tmp_path / "own")
    own.replace("edition.toml", "2026.1", "mine")
    combine(folder.path, own.path, into)
    assert load(into).edition == load(own.path).edition


def test_faults_of_an_extension_have_the_row_they_have_there(
    folder: DataFolder, extension: DataFolder, into: Path
) -> None:
    results = "trials/gamma/results.csv"
    row = extension.change(results, extension.row_of(results, arm="cells", statistic="sd"), value="-3")
    extension.replace("references.bib", "  title = {A third trial},\n", "  title = {A third trial}\n")
    extension.write("glossary.csv", "abbreviation,meaning\nFMA,\n")
    extension.write("search.csv", "record,label,source,status,reason,report,trial\n9,Poe,own,incl,,poe-2022,gamma\n")
    combine(folder.path, extension.path, into)
    assert [(fault.file, fault.row, fault.column) for fault in check(into)] == [
        ("glossary.csv", 2, "meaning"),
        ("references.bib", 4, "poe2022"),
        ("search.csv", 2, "status"),
        (results, row, "value"),
    ]


def test_rows_of_an_extension_join_the_tables_and_replace_those_with_the_same_key(
    folder: DataFolder, extension: DataFolder, into: Path
) -> None:
    extension.write("glossary.csv", "meaning,abbreviation\nFugl-Meyer,FMA\nBarthel Index of 100,BI")
    combine(folder.path, extension.path, into)
    glossary = load(into).glossary.set_index("abbreviation")["meaning"].to_dict()
    assert glossary == {"FMA": "Fugl-Meyer", "BI": "Barthel Index of 100", "mRS": "modified Rankin Scale"}


def test_an_entry_with_the_same_key_replaces_the_shipped_one(
    folder: DataFolder, extension: DataFolder, into: Path
) -> None:
    extension.write(
        "references.bib", GAMMA_REFERENCES + "@article{roe2019, title = {Corrected},\n doi = {10.1000/beta}}"
    )
    combine(folder.path, extension.path, into)
    assert load(into).references["roe2019"].title == "Corrected"


def test_a_broken_table_of_an_extension_is_left_to_the_check(
    folder: DataFolder, extension: DataFolder, into: Path
) -> None:
    extension.write("glossary.csv", b"abbreviation,meaning\nFMA,Fugl\xfcMeyer\n")
    combine(folder.path, extension.path, into)
    assert [(fault.file, fault.row, fault.problem) for fault in check(into)] == [("glossary.csv", 2, "wrong encoding")]


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_folder_without_trials_is_refused(folder: DataFolder, tmp_path: Path, into: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidEvidence, match="a folder with trials/<trial-id>/"):
        combine(folder.path, tmp_path / name, into)
    assert not into.exists()


def test_an_existing_folder_is_not_overwritten(folder: DataFolder, extension: DataFolder, into: Path) -> None:
    into.mkdir()
    with pytest.raises(FileExistsError):
        combine(folder.path, extension.path, into)
