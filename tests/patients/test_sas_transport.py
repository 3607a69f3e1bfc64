"""SAS transport files (XPT, version 5) with all that is peculiar to them; Parquet where it differs from CSV."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from patient_folder import ADAE, ADQS, ADSL, EVENTS, PATIENTS, PatientFolder, measurements

from helpers.evidence import Fault
from helpers.patients.files import Raw, read_raw


def write_xport(folder: PatientFolder, file: str, frame: pd.DataFrame, **options: int) -> str:
    path = (folder.path / file).with_suffix(".xpt")
    (folder.path / file).unlink(missing_ok=True)
    pyreadstat.write_xport(frame, str(path), table_name=path.stem, **({"file_format_version": 5} | options))
    return file.replace(".csv", ".xpt")


def raw(folder: PatientFolder, file: str) -> Raw:
    faults: list[Fault] = []
    found = read_raw(folder.path, file, faults)
    assert faults == []
    assert found is not None
    return found


def test_zero_is_zero(folder: PatientFolder) -> None:
    """pandas reads the IBM zero as 5.4e-79."""
    file = write_xport(folder, ADAE, pd.DataFrame({"USUBJID": ["P1", "P2"], "ASTDY": [0.0, -1.5]}))
    assert raw(folder, file).cells["ASTDY"].tolist() == [0.0, -1.5]


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 7, 10, 11])
def test_no_record_is_lost_whatever_the_filling_at_the_end(folder: PatientFolder, number: int) -> None:
    """pandas loses the last record where eight blanks inside it look like filling."""
    frame = pd.DataFrame(
        {"USUBJID": [f"P{n}" for n in range(number)], "AEDECOD": ["a very long name"] + ["b"] * (number - 1)}
    )
    cells = raw(folder, write_xport(folder, ADAE, frame)).cells
    assert cells["USUBJID"].tolist() == frame["USUBJID"].tolist()
    assert cells["AEDECOD"].tolist() == frame["AEDECOD"].tolist()


def test_every_missing_value_of_sas_is_missing(folder: PatientFolder) -> None:
    file = write_xport(
        folder, ADAE, pd.DataFrame({"USUBJID": ["P1", "P2", "P3", "P4"], "ASTDY": [7.25, 7.25, 7.25, 3.0]})
    )
    path = folder.path / file
    number = bytes.fromhex("4174000000000000")  # 7.25 as IBM writes it
    data = path.read_bytes()
    assert data.count(number) == 3
    for sign in (b".", b"A", b"_"):
        data = data.replace(number, sign + bytes(7), 1)
    path.write_bytes(data)
    np.testing.assert_array_equal(raw(folder, file).cells["ASTDY"], [np.nan, np.nan, np.nan, 3.0])


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_letters_beyond_ascii(folder: PatientFolder, encoding: str) -> None:
    file = write_xport(folder, ADAE, pd.DataFrame({"USUBJID": ["P1", "P2"], "AEDECOD": ["0123456789ab", "fever"]}))
    path = folder.path / file
    path.write_bytes(path.read_bytes().replace(b"0123456789ab", "Anfäll€".encode(encoding).ljust(12)))
    assert raw(folder, file).cells["AEDECOD"].tolist()[0] == "Anfäll€"


def test_numbers_stored_as_text_and_codes_stored_as_numbers(folder: PatientFolder) -> None:
    frame = PATIENTS.assign(USUBJID=[101.0, 102, 103, 104, 105, 106], AGE=PATIENTS["AGE"].astype(str))
    names = dict(zip(PATIENTS["USUBJID"], range(101, 107), strict=True))
    write_xport(folder, ADSL, frame)
    folder.put(ADQS, measurements().assign(USUBJID=lambda rows: rows["USUBJID"].map(names)))
    folder.put(ADAE, EVENTS.assign(USUBJID=lambda rows: rows["USUBJID"].map(names)))
    assert folder.faults() == []


def test_names_in_small_letters(folder: PatientFolder) -> None:
    write_xport(folder, ADSL, PATIENTS.rename(columns=str.lower))
    assert folder.faults() == []


def test_a_fault_is_placed_by_its_record(folder: PatientFolder) -> None:
    file = write_xport(folder, ADSL, PATIENTS.assign(AGE=[61, 72, 155, 48, 66, 70]))
    (fault,) = folder.faults()
    assert (fault.file, fault.row, fault.column) == (file, 3, "AGE")
    assert "in record 3" in fault.problem


def test_a_table_without_a_record(folder: PatientFolder) -> None:
    file = write_xport(folder, ADAE, EVENTS)
    path = folder.path / file
    data = path.read_bytes()
    end = data.index(b"HEADER RECORD*******OBS") + 80
    path.write_bytes(data[:end])
    assert list(raw(folder, file).cells.columns) == list(EVENTS.columns)
    assert folder.faults() == []


def test_version_8_is_refused(folder: PatientFolder) -> None:
    file = write_xport(folder, ADAE, EVENTS, file_format_version=8)
    (fault,) = folder.faults()
    assert (fault.file, fault.problem, fault.value) == (file, "not a SAS transport file of version 5", "version 8 or 9")


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("adae.xpt", b"PK\x03\x04 something else", "not a SAS transport file of version 5"),
        ("adae.xpt", b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!" + b"0" * 400, "not one table in the file"),
        ("adae.parquet", b"something else", "not a Parquet file"),
        ("adae.xpt", b"", "empty file"),
    ],
)
def test_files_of_another_kind(folder: PatientFolder, name: str, content: bytes, problem: str) -> None:
    (folder.path / ADAE).unlink()
    folder.write(f"trials/alpha/patients/{name}", content)
    assert [fault.problem for fault in folder.faults()] == [problem]


def test_a_broken_transport_file_is_told_not_raised(folder: PatientFolder) -> None:
    file = write_xport(folder, ADAE, EVENTS)
    path = folder.path / file
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"HEADER RECORD*******NAMESTR") + 200])
    assert [(fault.file, fault.problem) for fault in folder.faults()] == [(file, "broken SAS transport file")]


def test_parquet_of_any_types(folder: PatientFolder) -> None:
    frame = PATIENTS.assign(
        AGE=PATIENTS["AGE"].astype("Int8"),
        TRT01P=PATIENTS["TRT01P"].astype("category"),
        DTHFL=[None, None, None, None, None, "Y"],
        ITTFL=True,
    )
    (folder.path / ADSL).unlink()
    frame.set_index("USUBJID").to_parquet((folder.path / ADSL).with_suffix(".parquet"))
    assert folder.faults() == []
