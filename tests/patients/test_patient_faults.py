"""Each thing that can be wrong in patient-level files is told once, with its file, row and column."""

from __future__ import annotations

import pandas as pd
import pytest
from patient_folder import ADAE, ADQS, ADSL, EVENTS, PATIENTS, TRIAL, PatientFolder, measurements

from helpers.evidence import check
from helpers.patients.standard import MOST

AT_3_MONTHS = {"PARAMCD": "BI", "AWTARGET": 90}


def expect(folder: PatientFolder, file: str, row: int, column: str, *words: str) -> None:
    faults = folder.faults()
    assert len(faults) == 1, "\n".join(map(str, faults)) or "no fault found"
    (fault,) = faults
    assert (fault.file, fault.row, fault.column) == (file, row, column), str(fault)
    missing = [word for word in words if word not in str(fault)]
    assert not missing, f"{missing} not in: {fault}"


@pytest.mark.parametrize(
    ("patient", "column", "value", "words"),
    [
        ("P2", "USUBJID", "", ["empty cell"]),
        ("P2", "TRT01P", "", ["empty cell", "arm the patient was assigned to"]),
        ("P2", "TRT01P", "cels", ["arm that trial.toml does not declare (cels)", "did you mean cells?"]),
        ("P2", "TRT01A", "placebo", ["arm that trial.toml does not declare (placebo)", "control"]),
        ("P2", "ITTFL", "yes", ["ITTFL that the format does not have (yes)", "Y, N"]),
        ("P2", "SAFFL", "", ["empty cell"]),
        ("P2", "SEX", "W", ["SEX that the format does not have (W)", "M, F, U"]),
        ("P2", "AGE", "seventy", ["unreadable number (seventy)", "a number such as"]),
        ("P2", "AGE", "7,2", ["unreadable number (7,2)", "decimal point"]),
        ("P2", "AGE", "172", ["AGE outside its range (172)", "0 to 120"]),
        ("P2", "EOSDY", "-4", ["EOSDY outside its range (-4)", "0 or more"]),
        ("P2", "EOSSTT", "DIED", ["EOSSTT that the format does not have (DIED)", "DISCONTINUED"]),
        ("P2", "DCSREAS", "ADVERSE EVENT", ["a reason to end early, and EOSSTT is COMPLETED"]),
        ("P6", "DTHFL", "", ["DCSREAS is DEATH, and DTHFL is not Y"]),
    ],
)
def test_faults_of_patients(folder: PatientFolder, patient: str, column: str, value: str, words: list[str]) -> None:
    if column == "USUBJID":
        folder.put(ADQS, measurements().query("USUBJID != @patient"))
        folder.put(ADAE, EVENTS.query("USUBJID != @patient"))
    row = folder.cell(ADSL, column, value, USUBJID=patient)
    expect(folder, ADSL, row, column, *words)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("PARAMCD", "", ["empty cell"]),
        ("PARAMCD", "BIX", ["unknown parameter (BIX)", "did you mean BI?", "[patients.parameters]"]),
        ("AVISIT", "", ["empty cell"]),
        ("AWTARGET", "", ["visit without its planned day", "whole number of days"]),
        ("AWTARGET", "90.5", ["AWTARGET that is not a whole number (90.5)"]),
        ("AWTARGET", "0", ["visit before baseline (0)", "a day above 0"]),
        ("ADY", "-3", ["visit before baseline (-3)", "day 1 (baseline) or later"]),
        ("ADY", "3.5", ["ADY that is not a whole number (3.5)"]),
        ("ABLFL", "y", ["ABLFL that the format does not have (y)"]),
        ("BASE", "55", ["BASE that differs from the baseline row (55)", "45, the AVAL of the row flagged Y"]),
        ("CHG", "12", ["CHG that is not AVAL - BASE (12)", "an empty cell"]),
    ],
)
def test_faults_of_measurements(folder: PatientFolder, column: str, value: str, words: list[str]) -> None:
    if column == "AWTARGET" and value == "0":  # on the day of another row it would be a duplicate too
        folder.put(ADQS, folder.frame(ADQS).query("not (USUBJID == 'P4' and PARAMCD == 'BI' and ABLFL == 'Y')"))
        folder.cell(ADQS, "BASE", "", USUBJID="P4", **AT_3_MONTHS)
    row = folder.cell(ADQS, column, value, USUBJID="P4", **AT_3_MONTHS)
    expect(folder, ADQS, row, column, *words)


@pytest.mark.parametrize(
    ("code", "value", "words"),
    [
        ("MRS", "7", ["impossible score: outside the scale of mrs (7)", "0 to 6 points"]),
        ("MRS", "2.5", ["impossible score: off the steps of mrs (2.5)", "in steps of 1"]),
        ("BI", "-5", ["impossible score: outside the scale of barthel (-5)"]),
        ("BI", "82", ["impossible score: off the steps of barthel (82)", "0 to 100 points in steps of 5"]),
    ],
)
def test_impossible_scores(folder: PatientFolder, code: str, value: str, words: list[str]) -> None:
    folder.put(ADQS, measurements().assign(CHG=""))
    row = folder.cell(ADQS, "AVAL", value, USUBJID="P1", PARAMCD=code, AWTARGET=90)
    expect(folder, ADQS, row, "AVAL", *words)


def test_a_change_of_the_wrong_size(folder: PatientFolder) -> None:
    row = folder.cell(ADQS, "CHG", "-40", USUBJID="P1", **AT_3_MONTHS)
    expect(folder, ADQS, row, "CHG", "CHG that is not AVAL - BASE (-40); 40")


def test_a_second_baseline_row(folder: PatientFolder) -> None:
    frame = measurements()
    later = frame.query("USUBJID == 'P1' and PARAMCD == 'BI' and AWTARGET == 90")
    frame = pd.concat([frame, later.assign(AWTARGET=30, AVISIT="Month 1", ADY=30)], ignore_index=True)
    folder.put(ADQS, frame)
    row = folder.cell(ADQS, "ABLFL", "Y", USUBJID="P1", PARAMCD="BI", AWTARGET=30)
    expect(folder, ADQS, row, "ABLFL", "second baseline row (Y)")


def test_a_baseline_row_on_another_day(folder: PatientFolder) -> None:
    row = folder.cell(ADQS, "AWTARGET", "7", USUBJID="P1", PARAMCD="BI", ABLFL="Y")
    expect(folder, ADQS, row, "AWTARGET", "baseline row that is not planned for day 0 (7)")


def test_a_baseline_without_a_flagged_row(folder: PatientFolder) -> None:
    folder.put(ADQS, folder.frame(ADQS).query("not (USUBJID == 'P1' and PARAMCD == 'BI' and ABLFL == 'Y')"))
    row = int(folder.frame(ADQS).query("USUBJID == 'P1' and PARAMCD == 'BI'").index[0]) + 2
    expect(folder, ADQS, row, "BASE", "BASE without a baseline value (40)")


def test_a_visit_twice(folder: PatientFolder) -> None:
    first = int(folder.frame(ADQS).query("USUBJID == 'P2' and PARAMCD == 'BI' and AWTARGET == '90'").index[0]) + 2
    row = folder.again(ADQS, USUBJID="P2", **AT_3_MONTHS)
    expect(folder, ADQS, row, "AVISIT", f"duplicate visit, first in row {first} (P2 barthel 90)")


def test_a_patient_twice(folder: PatientFolder) -> None:
    row = folder.again(ADSL, USUBJID="P3")
    expect(folder, ADSL, row, "USUBJID", "duplicate patient, first in row 4 (P3)")


@pytest.mark.parametrize(("file", "name"), [(ADQS, "adqs"), (ADAE, "adae")])
def test_a_patient_whom_adsl_does_not_know(folder: PatientFolder, file: str, name: str) -> None:
    frame = folder.frame(file)
    stranger = frame.tail(2).assign(USUBJID="P66")
    folder.put(file, pd.concat([frame, stranger]))
    expect(folder, file, len(frame) + 2, "USUBJID", f"patient of {name} who is not in adsl (P66)", "did you mean P6?")


def test_a_patient_of_whom_nothing_was_measured(folder: PatientFolder) -> None:
    folder.put(ADQS, measurements().query("USUBJID != 'P5'"))
    expect(folder, ADSL, 6, "USUBJID", "patient of adsl who is not in adqs (P5)", "empty AVAL")


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("AEDECOD", "", ["empty cell"]),
        ("AESER", "SERIOUS", ["AESER that the format does not have (SERIOUS)", "Y, N"]),
        ("AEREL", "POSSIBLE", ["AEREL that the format does not have (POSSIBLE)", "RELATED, NOT RELATED"]),
        ("AETOXGR", "0", ["AETOXGR outside its range (0)", "1 to 5"]),
        ("AETOXGR", "6", ["AETOXGR outside its range (6)"]),
        ("AETOXGR", "2.5", ["AETOXGR that is not a whole number"]),
        ("ASTDY", "soon", ["unreadable number (soon)"]),
    ],
)
def test_faults_of_adverse_events(folder: PatientFolder, column: str, value: str, words: list[str]) -> None:
    row = folder.cell(ADAE, column, value, USUBJID="P3")
    expect(folder, ADAE, row, column, *words)


@pytest.mark.parametrize(
    ("file", "column", "frame"),
    [
        (ADSL, "TRT01A", PATIENTS),
        (ADQS, "PARAMCD", measurements()),
        (ADQS, "AVAL", measurements()),
        (ADAE, "AESER", EVENTS),
    ],
)
def test_missing_columns(folder: PatientFolder, file: str, column: str, frame: pd.DataFrame) -> None:
    folder.put(file, frame.drop(columns=column))
    faults = folder.faults()
    assert [(fault.file, fault.row, fault.column, fault.problem) for fault in faults] == [
        (file, 1, column, "missing column")
    ]


def test_a_missing_column_that_is_there_under_another_name(folder: PatientFolder) -> None:
    folder.put(ADQS, measurements().rename(columns={"AVAL": "AVALUE"}))
    expect(folder, ADQS, 1, "AVAL", "missing column", "did you mean AVALUE?", "[patients.columns.adqs]")


def test_an_optional_column_with_a_slip_in_its_name(folder: PatientFolder) -> None:
    folder.put(ADSL, PATIENTS.rename(columns={"DTHFL": "DEATHFL"}))
    expect(folder, ADSL, 1, "DEATHFL", "unknown column (DEATHFL)", "did you mean DTHFL?")


def test_a_column_twice(folder: PatientFolder) -> None:
    folder.write(ADSL, folder.read(ADSL).replace(",SITE\n", ",AGE\n"))
    expect(folder, ADSL, 1, "AGE", "column appears twice")


def test_a_mapped_column_that_is_not_there(folder: PatientFolder) -> None:
    folder.terms('[patients.columns.adsl]\nCENTER = "STRKDY"\n')
    expect(folder, ADSL, 1, "CENTER", "column that [patients.columns.adsl] names is missing (CENTER)")


def test_two_columns_for_one(folder: PatientFolder) -> None:
    folder.terms('[patients.columns.adsl]\nSITE = "AGE"\n')
    assert any("second column that is AGE" in str(fault) for fault in folder.faults())


@pytest.mark.parametrize("key", ['strata = ["CENTER"]', 'subgroup = "CENTER"'])
def test_columns_to_analyse_by_must_exist(folder: PatientFolder, key: str) -> None:
    folder.terms(key + "\n")
    expect(folder, ADSL, 1, "CENTER", f"column that [patients] {key.split()[0]} names is missing (CENTER)")


def test_an_arm_without_a_patient(folder: PatientFolder) -> None:
    folder.put(ADSL, PATIENTS.assign(TRT01P="control", TRT01A="control"))
    expect(folder, ADSL, 0, "TRT01P", "arm without a patient (cells)")


def test_a_visit_that_the_trial_does_not_map(folder: PatientFolder) -> None:
    folder.put(ADQS, measurements().drop(columns="AWTARGET"))
    folder.terms('[patients.visits]\nBaseline = 0\n"Month 03" = 90\n')
    expect(folder, ADQS, 3, "AVISIT", "visit that [patients.visits] does not map (Month 3)", "did you mean Month 03?")


@pytest.mark.parametrize(
    ("key", "column", "words"),
    [
        (
            '[patients.parameters]\nBARTH = "barthl"',
            "patients.parameters.BARTH",
            ["unknown outcome (barthl)", "barthel"],
        ),
        ('[patients.arms]\nMSC = "cels"', "patients.arms.MSC", ["unknown arm (cels)", "did you mean cells?"]),
        ('[patients.columns.adsl]\nYEARS = "AG"', "patients.columns.adsl.YEARS", ["unknown standard column (AG)"]),
        ('[patients.columns.adxx]\nYEARS = "AGE"', "patients.columns.adxx", ["unknown key (adxx)"]),
        ('[patients.visits]\nBaseline = "0"', "patients.visits.Baseline", ["wrong type (0)", "a whole number"]),
        ("doses = { cels = 1.0 }", "patients.doses.cels", ["unknown arm (cels)"]),
        ("doses = { cells = -1.0 }", "patients.doses.cells", ["number not above 0 (-1.0)"]),
        ("subgroups = 'SEX'", "patients.subgroups", ["unknown key (subgroups)", "did you mean subgroup?"]),
    ],
)
def test_faults_of_what_trial_toml_maps(folder: PatientFolder, key: str, column: str, words: list[str]) -> None:
    folder.terms(key + "\n")
    faults = check(folder.path)
    assert [(fault.file, fault.column) for fault in faults] == [(TRIAL, column)], faults
    assert all(word in str(faults[0]) for word in words), str(faults[0])


def test_a_code_that_two_outcomes_have(folder: PatientFolder) -> None:
    folder.replace("outcomes.csv", "NIHSS,NIHSS,ordinal", "NIHSS,MRS,ordinal")
    assert [(fault.row, fault.column) for fault in check(folder.path)] == [(3, "paramcd")]


@pytest.mark.parametrize("code", ["mrs", "1RS", "LONGERTHAN8", "M RS"])
def test_codes_that_sas_could_not_hold(folder: PatientFolder, code: str) -> None:
    folder.replace("outcomes.csv", "mRS,MRS,ordinal", f"mRS,{code},ordinal")
    assert [(fault.row, fault.column, fault.problem) for fault in check(folder.path)] == [
        (2, "paramcd", "unsuitable code")
    ]


# files and folders


def test_a_file_in_two_formats(folder: PatientFolder) -> None:
    PATIENTS.to_parquet(folder.path / "trials/alpha/patients/adsl.parquet")
    expect(folder, "trials/alpha/patients/adsl.parquet", 0, "", "second file of adsl", f"there is {ADSL}")


def test_a_file_nobody_knows(folder: PatientFolder) -> None:
    folder.write("trials/alpha/patients/adsll.csv", "x\n1\n")
    expect(
        folder,
        "trials/alpha/patients/adsll.csv",
        0,
        "",
        "unknown file among the patients (adsll.csv)",
        "mean adsl.csv?",
    )


def test_a_folder_nobody_knows(folder: PatientFolder) -> None:
    folder.write("trials/alpha/patients/images/regions.csv", "x\n1\n")
    expect(folder, "trials/alpha/patients/images", 0, "", "unknown folder among the patients (images)", "imaging/")


def test_patients_outside_their_folder(folder: PatientFolder) -> None:
    folder.write("trials/alpha/adsl.csv", folder.read(ADSL))
    expect(folder, "trials/alpha/adsl.csv", 0, "", "file of patients outside their folder", "patients/adsl.csv")


def test_patients_without_adsl(folder: PatientFolder) -> None:
    (folder.path / ADSL).unlink()
    expect(folder, ADSL, 0, "", "missing file", "adsl.xpt")


def test_generated_patients_that_are_not_called_so(folder: PatientFolder) -> None:
    file = "trials/alpha/patients/demonstration.toml"
    folder.write(file, "seed = 1\n")
    expect(folder, file, 0, "", "generated patients that trial.toml does not call so", "demonstration = true")


def test_no_patient_below_the_header(folder: PatientFolder) -> None:
    folder.put(ADSL, PATIENTS.head(0))
    (folder.path / ADQS).unlink()
    folder.put(ADAE, EVENTS.head(0))
    expect(folder, ADSL, 0, "", "no patient")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["empty file"]),
        (b"\xff\xfeU\x00", ["wrong encoding (UTF-16)"]),
        (b"USUBJID;TRT01P\nP1;cells\n", ["fields are not separated by commas"]),
        (b"USUBJID\nP1,cells\n", ["too many fields (2)"]),
    ],
)
def test_files_that_are_not_csv(folder: PatientFolder, content: bytes, words: list[str]) -> None:
    folder.write(ADAE, content)
    faults = [str(fault) for fault in folder.faults()]
    assert all(any(word in fault for fault in faults) for word in words), faults


def test_short_and_long_rows_and_other_encodings_are_all_told(folder: PatientFolder) -> None:
    lines = folder.read(ADAE).encode().split(b"\n")
    lines[1] += b",more"
    lines[2] = b"P1"
    lines[3] = lines[3].replace(b"Seizure", b"Anf\xe4lle")
    folder.write(ADAE, b"\n".join(lines))
    assert [(fault.row, fault.problem) for fault in folder.faults()] == [
        (2, "too many fields"),
        (3, "too few fields"),
        (4, "wrong encoding"),
    ]


def test_a_quotation_mark_that_is_never_closed(folder: PatientFolder) -> None:
    folder.write(ADAE, folder.read(ADAE).replace("Pneumonia", '"Pneumonia'))
    assert any("quotation mark" in fault.problem and fault.row == 5 for fault in folder.faults())


def test_all_faults_are_told_in_one_pass(folder: PatientFolder) -> None:
    def adqs(column: str, value: str, patient: str, code: str = "BI", day: int = 90) -> tuple[str, int, str]:
        return ADQS, folder.cell(ADQS, column, value, USUBJID=patient, PARAMCD=code, AWTARGET=day), column

    folder.put(ADAE, folder.frame(ADAE).drop(columns="ASTDY"))
    planted = [
        (ADSL, folder.cell(ADSL, "TRT01P", "cels", USUBJID="P1"), "TRT01P"),
        (ADSL, folder.cell(ADSL, "ITTFL", "1", USUBJID="P2"), "ITTFL"),
        (ADSL, folder.cell(ADSL, "AGE", "161", USUBJID="P3"), "AGE"),
        (ADSL, folder.cell(ADSL, "SEX", "male", USUBJID="P6"), "SEX"),
        (ADSL, folder.again(ADSL, USUBJID="P5"), "USUBJID"),
        adqs("BASE", "45", "P1"),
        adqs("CHG", "1", "P2"),
        adqs("ADY", "0", "P3"),
        adqs("AVAL", "9", "P5", code="MRS"),
        adqs("ABLFL", "N/A", "P6"),
        (ADAE, 1, "ASTDY"),
        (ADAE, folder.cell(ADAE, "AETOXGR", "9", USUBJID="P3"), "AETOXGR"),
        (ADAE, folder.cell(ADAE, "USUBJID", "P9", AEDECOD="Fever"), "USUBJID"),
        ("trials/alpha/patients/notes.txt", 0, ""),
    ]
    folder.write("trials/alpha/patients/notes.txt", "x")
    follows = [adqs("CHG", "", "P1"), adqs("CHG", "", "P5", code="MRS")]  # they would not fit what was changed
    found = [(fault.file, fault.row, fault.column) for fault in folder.faults()]
    assert found == sorted(planted)
    assert not set(follows) & set(found)


def test_a_fault_in_every_row_is_told_a_hundred_times_and_counted(folder: PatientFolder) -> None:
    many = pd.concat([EVENTS.assign(AETOXGR=7)] * 100)
    folder.put(ADAE, many)
    faults = folder.faults()
    assert len(faults) == MOST + 1
    assert f"({len(many) - MOST} rows)" in str(faults[-1])
