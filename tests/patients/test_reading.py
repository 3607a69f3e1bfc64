"""Patient-level files come in under standard names, from each of the three formats, with the same content."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from patient_folder import ADAE, ADQS, ADSL, EVENTS, PATIENTS, TRIAL, PatientFolder, measurements

from helpers.evidence import load
from helpers.patients import Patients, at_visit, read_patients, visit_days, visit_name


def read(folder: PatientFolder) -> Patients:
    patients = read_patients(load(folder.path), "alpha", folder.path)
    assert patients is not None
    return patients


def write_as(folder: PatientFolder, form: str, file: str, frame: pd.DataFrame) -> None:
    path = folder.path / file
    path.unlink()
    if form == "parquet":
        frame.to_parquet(path.with_suffix(".parquet"))
    elif form == "xpt":
        pyreadstat.write_xport(frame, str(path.with_suffix(".xpt")), table_name=path.stem, file_format_version=5)
    else:
        frame.to_csv(path, index=False)


def test_a_valid_folder_has_no_fault(folder: PatientFolder) -> None:
    assert folder.faults() == []


def test_a_trial_without_patients_has_none(folder: PatientFolder) -> None:
    assert read_patients(load(folder.path), "beta", folder.path) is None


@pytest.mark.parametrize("form", ["csv", "parquet", "xpt"])
def test_every_format_gives_the_same_patients(folder: PatientFolder, form: str) -> None:
    for file, frame in ((ADSL, PATIENTS), (ADQS, measurements()), (ADAE, EVENTS)):
        write_as(folder, form, file, frame)
    assert folder.faults() == []
    patients = read(folder)
    numbers = ["AGE", "EOSDY"]
    pd.testing.assert_frame_equal(
        patients.adsl, PATIENTS.astype({name: "float64" for name in numbers}), check_dtype=False, check_like=True
    )
    adqs = measurements().assign(outcome=lambda rows: rows["PARAMCD"].map({"MRS": "mrs", "BI": "barthel"}))
    pd.testing.assert_frame_equal(patients.adqs, adqs, check_dtype=False)
    pd.testing.assert_frame_equal(patients.adae, EVENTS, check_dtype=False)
    assert patients.demonstration is False
    assert patients.tables == ("adsl", "adqs", "adae")


def test_types_are_those_the_analyses_rely_on(folder: PatientFolder) -> None:
    patients = read(folder)
    assert patients.adqs["AWTARGET"].dtype == np.int64
    assert {patients.adqs[name].dtype for name in ("AVAL", "BASE", "CHG", "ADY")} == {np.dtype("float64")}
    assert pd.api.types.is_string_dtype(patients.adsl["USUBJID"])


def test_at_visit_has_one_row_for_every_patient_measured_or_not(folder: PatientFolder) -> None:
    visit = at_visit(read(folder), "barthel", 90)
    assert list(visit["USUBJID"]) == ["P1", "P2", "P3", "P4", "P5", "P6"]
    assert list(visit["role"]) == ["experimental"] * 3 + ["control"] * 3
    np.testing.assert_array_equal(visit["value"], [80, 60, 35, np.nan, 65, np.nan])
    np.testing.assert_array_equal(visit["baseline"], [40, 35, 20, 45, 60, 25])
    np.testing.assert_array_equal(visit["change"], [40, 25, 15, np.nan, 5, np.nan])
    assert {"AGE", "SITE", "TRT01A"} <= set(visit.columns)


def test_at_visit_of_a_day_without_visit_is_empty_for_all(folder: PatientFolder) -> None:
    visit = at_visit(read(folder), "barthel", 30)
    assert len(visit) == 6
    assert visit["value"].isna().all()


def test_visit_days_and_names(folder: PatientFolder) -> None:
    patients = read(folder)
    assert visit_days(patients, "mrs") == [0, 90]
    assert visit_days(patients, "nihss") == []
    assert [visit_name(patients, day) for day in (0, 90, 7)] == ["Baseline", "Month 3", "day 7"]


def test_own_names_words_and_visits_are_mapped(folder: PatientFolder) -> None:
    folder.put(ADSL, PATIENTS.rename(columns={"USUBJID": "Patient", "AGE": "Years"}).replace({"cells": "MSC 1e6"}))
    adqs = measurements().rename(columns={"USUBJID": "Patient"}).drop(columns="AWTARGET")
    folder.put(ADQS, adqs.replace({"PARAMCD": {"BI": "BARTH"}}))
    folder.terms(
        'strata = ["SITE"]\nsubgroup = "SEX"\ndoses = { cells = 1.5 }\n'
        '[patients.columns.adsl]\nPatient = "USUBJID"\nYears = "AGE"\n'
        '[patients.columns.adqs]\nPatient = "USUBJID"\n'
        '[patients.parameters]\nBARTH = "barthel"\n'
        '[patients.visits]\nBaseline = 0\n"Month 3" = 90\n'
        '[patients.arms]\n"MSC 1e6" = "cells"\n'
    )
    assert folder.faults() == []
    patients = read(folder)
    assert list(patients.adsl["TRT01P"]) == list(PATIENTS["TRT01P"])
    np.testing.assert_array_equal(at_visit(patients, "barthel", 90)["value"], [80, 60, 35, np.nan, 65, np.nan])
    terms = load(folder.path).trials["alpha"].patients
    assert (terms.strata, terms.subgroup, terms.doses) == (("SITE",), "SEX", {"cells": 1.5})


def test_base_and_change_follow_from_the_flagged_row_where_they_are_left_empty(folder: PatientFolder) -> None:
    folder.put(ADQS, measurements().assign(BASE="", CHG=""))
    assert folder.faults() == []
    np.testing.assert_array_equal(at_visit(read(folder), "barthel", 90)["change"], [40, 25, 15, np.nan, 5, np.nan])


def test_files_of_events_and_measurements_may_be_missing(folder: PatientFolder) -> None:
    for file in (ADQS, ADAE):
        (folder.path / file).unlink()
    assert folder.faults() == []
    patients = read(folder)
    assert patients.tables == ("adsl",)
    assert patients.adae.empty and "AESER" in patients.adae
    assert patients.adqs.empty and {"AVAL", "outcome"} <= set(patients.adqs)


def test_a_header_alone_says_that_there_was_no_event(folder: PatientFolder) -> None:
    folder.put(ADAE, EVENTS.head(0))
    assert folder.faults() == []
    assert read(folder).tables == ("adsl", "adqs", "adae")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_quotes_and_a_byte_order_mark_make_no_difference(folder: PatientFolder, end: str) -> None:
    text = folder.frame(ADSL).to_csv(index=False, quoting=1, lineterminator=end)
    folder.write(ADSL, b"\xef\xbb\xbf" + text.replace('"LOST TO', '"LOST,\nTO').encode() + end.encode())
    assert folder.faults() == []
    assert read(folder).adsl.at[3, "DCSREAS"] == "LOST,\nTO FOLLOW-UP"
    row = (
        folder.read(ADSL)[3:].split("\n").index(next(line for line in folder.read(ADSL).split("\n") if '"P5"' in line))
        + 1
    )
    folder.replace(ADSL, '"66"', '"166"')
    (fault,) = folder.faults()
    assert (fault.row, fault.column) == (row, "AGE")


def test_demonstration_patients_are_marked(folder: PatientFolder) -> None:
    folder.terms("demonstration = true\n")
    folder.write("trials/alpha/patients/demonstration.toml", "seed = 1\n")
    assert folder.faults() == []
    assert read(folder).demonstration is True
    assert TRIAL in str(TRIAL)
