"""Numbers computed from patients enter the evidence in place of the published ones, once, and named."""

from __future__ import annotations

import pandas as pd
import pytest
from patient_folder import ADSL, PATIENTS, PatientFolder

from helpers.effects.arm_events import event_shares
from helpers.effects.trial_effects import trial_effects
from helpers.evidence import Evidence, InvalidEvidence, check
from helpers.evidence.patient_results import same_time
from helpers.patients.preparing import prepare
from helpers.sections.outcome import limits
from helpers.sections.patient_numbers import synthesis_sentences, trial_sentence
from helpers.sections.trial import published
from helpers.synthesis.planned import planned_synthesis

ALPHA = "trials/alpha/results.csv"
COMPUTED = "trials/alpha/patient-results.csv"


def prepared(folder: PatientFolder) -> Evidence:
    return prepare(folder.path, folder.path.parent / "prepared").evidence


def of_alpha(frame: pd.DataFrame, outcome: str) -> pd.DataFrame:
    return frame[(frame["trial"] == "alpha") & (frame["outcome"] == outcome)]


def test_published_numbers_of_the_same_outcome_and_time_give_way(folder: PatientFolder) -> None:
    evidence = prepared(folder)
    for outcome in ("barthel", "mrs", "death"):
        assert set(of_alpha(evidence.results, outcome)["kind"]) == {"patients"}
        published = [row for row in folder.rows(ALPHA) if row["outcome"] == outcome]
        assert len(of_alpha(evidence.replaced, outcome)) == len(published) > 0
    assert set(evidence.results.query("trial == 'beta'")["kind"]) == {"primary"}


def test_other_outcomes_times_and_subsets_stay(folder: PatientFolder) -> None:
    kept = [
        {"outcome": "nihss"},
        {"outcome": "barthel", "day": "180", "visit": "6 months"},
        {"outcome": "barthel", "population": "subset"},
    ]
    pattern = next(row for row in folder.rows(ALPHA) if row["outcome"] == "barthel" and row["statistic"] == "n")
    for cells in kept:
        folder.add(ALPHA, pattern | cells)
    evidence = prepared(folder)
    stay = evidence.results.query("trial == 'alpha' and kind == 'primary'")
    assert list(zip(stay["outcome"], stay["day"], stay["population"], strict=True)) == [
        ("nihss", 90, "itt"),
        ("barthel", 180, "itt"),
        ("barthel", 90, "subset"),
    ]


def test_the_same_time_under_another_day_gives_way(folder: PatientFolder) -> None:
    pattern = next(row for row in folder.rows(ALPHA) if row["outcome"] == "barthel" and row["statistic"] == "n")
    folder.add(ALPHA, pattern | {"day": "84", "visit": "12 weeks"})
    assert 84 in set(prepared(folder).replaced["day"])


@pytest.mark.parametrize(("day", "other"), [(90, 90), (84, 90), (168, 182), (336, 365), (0, 0), (720, 730)])
def test_days_that_are_one_time(day: int, other: int) -> None:
    assert same_time(day, other) and same_time(other, day)


@pytest.mark.parametrize(("day", "other"), [(0, 1), (7, 14), (30, 90), (90, 120), (180, 365), (365, 730)])
def test_days_that_are_two_times(day: int, other: int) -> None:
    assert not same_time(day, other) and not same_time(other, day)


def test_a_synthesis_counts_the_trial_once_and_from_its_patients(folder: PatientFolder) -> None:
    result = planned_synthesis(prepared(folder), "activities", population="all")
    (row,) = result.effects.itertuples()
    # as randomised, one control was measured, too few for an SD
    assert (row.trial, row.kind, row.population, row.n1i, row.n2i) == ("alpha", "patients", "as-treated", 2, 2)
    assert planned_synthesis(prepared_again(folder), "activities", sources="primary").effects["kind"].tolist() == [
        "patients"
    ]


def prepared_again(folder: PatientFolder) -> Evidence:
    return prepare(folder.path, folder.path.parent / "prepared-again").evidence


def test_deaths_are_those_of_all_patients_and_not_counted_from_the_scale_too(folder: PatientFolder) -> None:
    """The death is on the mRS as well, where a patient is missing: 1 of 2 there, 1 of 3 among all."""
    evidence = prepared(folder)
    effects = of_alpha(trial_effects(evidence), "death").query("population == 'itt'")
    assert effects["measure"].is_unique
    assert set(effects["inputs"]) == {"0/3 v 1/3"}
    shares = of_alpha(event_shares(evidence), "death").query("population == 'itt' and arm == 'control'")
    assert list(zip(shares["events"], shares["n"], strict=True)) == [(1, 3)]


def test_differences_at_baseline_are_no_effects(folder: PatientFolder) -> None:
    evidence = prepared(folder)
    assert (of_alpha(evidence.results, "mrs")["day"] == 0).any()
    assert (trial_effects(evidence)["day"] > 0).all()


def test_a_trial_with_patients_needs_no_published_number(folder: PatientFolder) -> None:
    (folder.path / ALPHA).unlink()
    evidence = prepared(folder)
    assert set(evidence.results.query("trial == 'alpha'")["kind"]) == {"patients"}
    assert evidence.replaced.empty


def test_a_trial_without_patients_still_needs_them(folder: PatientFolder) -> None:
    (folder.path / "trials/beta/results.csv").unlink()
    assert [(fault.file, fault.problem) for fault in check(folder.path)] == [
        ("trials/beta/results.csv", "missing file")
    ]


def test_where_no_trial_has_patients_nothing_is_copied(folder: PatientFolder) -> None:
    for file in ("adsl", "adqs", "adae"):
        (folder.path / f"trials/alpha/patients/{file}.csv").unlink()
    found = prepare(folder.path, folder.path.parent / "prepared")
    assert found.folder == folder.path
    assert not (folder.path.parent / "prepared").exists()


def test_the_folder_itself_is_not_changed(folder: PatientFolder) -> None:
    before = {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}
    found = prepare(folder.path, folder.path.parent / "prepared")
    assert (found.folder / COMPUTED).is_file()
    assert {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()} == before


def test_faults_of_patients_and_of_all_other_files_are_told_together(folder: PatientFolder) -> None:
    folder.cell(ADSL, "AGE", "161", USUBJID="P3")
    folder.change(ALPHA, 2, value="x")
    folder.replace("trials/beta/trial.toml", '"near-relative"', '"distant-relative"')
    with pytest.raises(InvalidEvidence) as raised:
        prepared(folder)
    assert [(fault.file, fault.row, fault.column) for fault in raised.value.faults] == [
        (ADSL, 4, "AGE"),
        (ALPHA, 2, "value"),
        ("trials/beta/trial.toml", 4, "population_class"),
    ]


def test_patients_are_checked_even_where_the_outcomes_can_not_be_read(folder: PatientFolder) -> None:
    (folder.path / "outcomes.csv").unlink()
    folder.put(ADSL, PATIENTS.assign(SEX="male"))
    with pytest.raises(InvalidEvidence) as raised:
        prepared(folder)
    assert {("outcomes.csv", ""), (ADSL, "SEX")} <= {(fault.file, fault.column) for fault in raised.value.faults}


def test_a_number_of_patients_can_not_be_typed(folder: PatientFolder) -> None:
    folder.change(ALPHA, 2, kind="patients")
    assert [(fault.row, fault.column, fault.problem) for fault in check(folder.path)] == [(2, "kind", "unknown kind")]


def test_a_file_of_computed_numbers_without_patients_is_refused(folder: PatientFolder) -> None:
    folder.write(
        "trials/beta/patient-results.csv", folder.read("trials/beta/results.csv").replace("primary", "patients")
    )
    assert [fault.problem for fault in check(folder.path)] == ["results of patients who are not there"]


def test_the_pages_say_how_many_published_numbers_gave_way(folder: PatientFolder) -> None:
    evidence = prepared(folder)
    number = len(evidence.replaced)
    assert trial_sentence(evidence, "alpha").endswith(f"own patient data, in place of {number} published numbers.")
    assert trial_sentence(evidence, "beta") == ""
    result = planned_synthesis(evidence, "activities")
    gone = len(evidence.replaced.query("outcome == 'barthel'"))
    assert synthesis_sentences(evidence, result) == [
        f"ALPHA enters from the trial's own patient data, in place of {gone} published numbers."
    ]
    assert "ALPHA enters from" in limits(evidence, result).data
    page = published(evidence, "alpha", "all").to_html()
    assert page.count("Set aside: the patient data stand in its place") > 0
    assert "computed from its patients: patient-results.csv" in page
