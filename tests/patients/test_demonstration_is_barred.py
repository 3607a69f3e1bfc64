"""No number of a generated patient enters the evidence, and so none a synthesis, whichever way it is tried."""

from __future__ import annotations

import dataclasses

import pytest
from patient_folder import PatientFolder

from helpers.evidence import DemonstrationData, Evidence, InvalidEvidence, check, load
from helpers.patients import read_patients, result_rows
from helpers.patients.preparing import prepare
from helpers.review import downloads
from helpers.synthesis.planned import planned_syntheses

COMPUTED = "trials/alpha/patient-results.csv"


@pytest.fixture
def observed(folder: PatientFolder) -> Evidence:
    """The evidence with numbers of alpha's patients in it, as long as they are observed."""
    return prepare(folder.path, folder.path.parent / "observed").evidence


@pytest.fixture
def generated(folder: PatientFolder, observed: Evidence) -> PatientFolder:
    """The same folder with alpha's patients declared to be generated."""
    folder.terms("demonstration = true\n")
    return folder


def test_they_give_no_result_rows(generated: PatientFolder) -> None:
    evidence = load(generated.path)
    patients = read_patients(evidence, "alpha", generated.path)
    assert patients is not None
    trial = evidence.trials["alpha"]
    with pytest.raises(DemonstrationData):
        result_rows(patients, trial, evidence.outcomes)
    with pytest.raises(DemonstrationData):  # a trial that is said to be observed does not help
        result_rows(patients, dataclasses.replace(trial, demonstration=False), evidence.outcomes)
    with pytest.raises(DemonstrationData):  # nor do patients that are said to be
        result_rows(dataclasses.replace(patients, demonstration=False), trial, evidence.outcomes)


def test_a_prepared_folder_has_none(generated: PatientFolder) -> None:
    found = prepare(generated.path, generated.path.parent / "prepared")
    assert found.folder == generated.path
    assert not (generated.path / COMPUTED).exists()
    assert "patients" not in set(found.evidence.results["kind"])


def test_the_published_numbers_of_their_trial_stay_in_the_synthesis(
    generated: PatientFolder, observed: Evidence
) -> None:
    result = planned_syntheses(load(generated.path), population="all")["death"]
    assert (set(result.effects["trial"]), set(result.effects["kind"])) == ({"alpha"}, {"primary"})
    assert set(planned_syntheses(observed, population="all")["death"].effects["kind"]) == {"patients"}


def test_a_file_made_by_hand_is_refused(generated: PatientFolder) -> None:
    generated.write(COMPUTED, (generated.path.parent / "observed" / COMPUTED).read_bytes())
    (fault,) = check(generated.path)
    assert (fault.file, fault.problem) == (COMPUTED, "results of generated patients")
    for read in (load, lambda path: prepare(path, path.parent / "prepared")):
        with pytest.raises(InvalidEvidence):
            read(generated.path)


def test_a_file_made_by_hand_is_refused_by_a_page_that_checks_nothing_else(
    generated: PatientFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    generated.write(COMPUTED, (generated.path.parent / "observed" / COMPUTED).read_bytes())
    monkeypatch.setenv("REVIEW_DATA", str(generated.path))
    monkeypatch.setenv("REVIEW_DATA_IS_PART", "1")
    with pytest.raises(DemonstrationData):
        load()


def test_rows_typed_as_numbers_of_patients_are_refused(generated: PatientFolder) -> None:
    generated.change("trials/alpha/results.csv", 2, kind="patients")
    with pytest.raises(InvalidEvidence):
        load(generated.path)


def test_rows_put_into_the_evidence_in_memory_are_refused(generated: PatientFolder, observed: Evidence) -> None:
    with pytest.raises(DemonstrationData):
        dataclasses.replace(load(generated.path), results=observed.results)
    trials = {name: dataclasses.replace(trial, demonstration=True) for name, trial in observed.trials.items()}
    with pytest.raises(DemonstrationData):
        dataclasses.replace(observed, trials=trials)


def test_a_trial_that_hides_its_generator_is_refused(folder: PatientFolder) -> None:
    """The generator leaves its own file; without `demonstration = true` nothing is read at all."""
    folder.write("trials/alpha/patients/demonstration.toml", "seed = 1\n")
    with pytest.raises(InvalidEvidence, match=r"generated patients that trial\.toml does not call so"):
        prepare(folder.path, folder.path.parent / "prepared")


def test_no_patient_is_offered_for_download(generated: PatientFolder, observed: Evidence) -> None:
    for folder, evidence in ((generated.path, load(generated.path)), (generated.path.parent / "observed", observed)):
        offered = downloads(evidence, folder)
        assert not [name for name in offered if "/patients/" in name]
    assert f"data/{COMPUTED}" in offered
