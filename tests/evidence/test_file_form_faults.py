"""Faults of the form of a file: encoding, header, number of fields, quotes, missing and empty files."""

from __future__ import annotations

import pytest
from evidence_folder import ALPHA, BETA, DataFolder

TABLES = ["outcomes.csv", "syntheses.csv", "search.csv", "glossary.csv", ALPHA]


@pytest.mark.parametrize("file", [*TABLES, "edition.toml", "references.bib", "trials/beta/trial.toml"])
def test_a_missing_file_is_one_fault(folder: DataFolder, file: str) -> None:
    (folder.path / file).unlink()
    folder.expect(file, 0, "", "missing file")


@pytest.mark.parametrize("file", [*TABLES, "edition.toml", "references.bib", "trials/beta/trial.toml"])
@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_one_fault(folder: DataFolder, file: str, content: bytes) -> None:
    folder.write(file, content)
    folder.expect(file, 0, "", "empty file")


def test_a_missing_file_with_a_similar_name_is_pointed_out(folder: DataFolder) -> None:
    (folder.path / BETA).rename(folder.path / "trials/beta/result.csv")
    folder.expect(BETA, 0, "", "missing file", "there is result.csv")


def test_a_header_without_rows_is_reported(folder: DataFolder) -> None:
    folder.write(BETA, folder.read(BETA).split("\n")[0] + "\n")
    folder.expect(BETA, 0, "", "no row below the header")


def test_a_missing_data_folder_is_reported(folder: DataFolder) -> None:
    folder.path = folder.path / "nowhere"
    folder.expect(".", 0, "", "missing data folder", "nowhere")


def test_a_folder_without_trials_is_reported(folder: DataFolder) -> None:
    (folder.path / "trials").rename(folder.path.parent / "trials")
    assert [str(fault) for fault in folder.faults() if fault.file == "trials"] == [
        "trials:0:*: no trial; one folder trials/<trial-id>/ for each trial"
    ]


def test_a_file_that_is_not_utf_8_is_reported_with_line_and_byte(folder: DataFolder) -> None:
    text = folder.read(ALPHA).split("\n")
    row = folder.row_of(ALPHA, outcome="barthel", statistic="p")
    text[row - 1] += "M\N{LATIN SMALL LETTER U WITH DIAERESIS}ller"
    folder.write(ALPHA, "\n".join(text).encode("latin-1"))
    place = len(text[row - 1]) - 4
    folder.expect(ALPHA, row, "", "wrong encoding", f"byte 0xFC, the {place}", "UTF-8")


def test_each_line_in_the_wrong_encoding_is_reported_and_the_rest_is_checked(folder: DataFolder) -> None:
    for row in (3, 5):
        folder.change(ALPHA, row, note="na\N{LATIN SMALL LETTER I WITH DIAERESIS}ve")
    folder.change(ALPHA, 4, value="-20.1")
    folder.write(ALPHA, folder.read(ALPHA).encode("latin-1"))
    assert [(fault.row, fault.problem) for fault in folder.faults()] == [
        (3, "wrong encoding"),
        (4, "negative sd"),
        (5, "wrong encoding"),
    ]


def test_utf_16_is_reported_once(folder: DataFolder) -> None:
    folder.write("glossary.csv", folder.read("glossary.csv").encode("utf-16"))
    folder.expect("glossary.csv", 1, "", "wrong encoding (UTF-16)", "UTF-8")


def test_a_missing_column_is_reported_once_and_other_columns_are_still_checked(folder: DataFolder) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, outcome="barthel", arm="cells", statistic="sd"), value="-1")
    rows = folder.rows(ALPHA)
    folder.write_rows(ALPHA, [{column: cell for column, cell in cells.items() if column != "unit"} for cells in rows])
    assert [(fault.row, fault.column, fault.problem) for fault in folder.faults()] == [
        (1, "unit", "missing column"),
        (row, "value", "negative sd"),
    ]


@pytest.mark.parametrize("column", ["report", "outcome", "arm", "statistic", "day", "value"])
def test_a_missing_column_brings_no_other_fault_up(folder: DataFolder, column: str) -> None:
    rows = folder.rows(ALPHA)
    folder.write_rows(ALPHA, [{name: cell for name, cell in cells.items() if name != column} for cells in rows])
    folder.expect(ALPHA, 1, column, "missing column")


@pytest.mark.parametrize("file", TABLES)
def test_every_column_of_every_table_is_wanted(folder: DataFolder, file: str) -> None:
    for column in folder.rows(file)[0]:
        whole = folder.read(file)
        rows = folder.rows(file)
        folder.write_rows(file, [{name: cell for name, cell in cells.items() if name != column} for cells in rows])
        found = [fault for fault in folder.faults() if fault.problem == "missing column"]
        assert [(fault.file, fault.row, fault.column) for fault in found] == [(file, 1, column)]
        folder.write(file, whole)


def test_a_misspelt_column_is_reported_with_the_one_that_was_meant(folder: DataFolder) -> None:
    folder.replace("glossary.csv", "abbreviation,meaning", "abbreviation,meening")
    faults = [(fault.row, fault.column, fault.problem) for fault in folder.faults()]
    assert faults == [(1, "meaning", "missing column"), (1, "meening", "unknown column")]
    assert "did you mean meaning?" in str(folder.faults()[1])


def test_a_column_that_appears_twice_is_reported(folder: DataFolder) -> None:
    text = folder.read("glossary.csv").split("\n")
    folder.write("glossary.csv", "\n".join([text[0] + ",meaning", *(line + ",again" for line in text[1:3]), ""]))
    folder.expect("glossary.csv", 1, "meaning", "column appears twice")


@pytest.mark.parametrize(("add", "problem"), [(",more", "too many fields (19)"), ("", "too few fields (17)")])
def test_a_row_with_a_wrong_number_of_fields_is_reported(folder: DataFolder, add: str, problem: str) -> None:
    lines = folder.read(ALPHA).split("\n")
    lines[3] = lines[3] + add if add else lines[3].rpartition(",")[0]
    folder.write(ALPHA, "\n".join(lines))
    folder.expect(ALPHA, 4, "", problem, "18, as in the header")


def test_a_malformed_row_of_n_does_not_make_the_n_missing(folder: DataFolder) -> None:
    row = folder.row_of(ALPHA, outcome="death", arm="cells", statistic="n")
    lines = folder.read(ALPHA).split("\n")
    lines[row - 1] += ","
    folder.write(ALPHA, "\n".join(lines))
    folder.expect(ALPHA, row, "", "too many fields")


def test_a_row_of_empty_cells_is_one_fault(folder: DataFolder) -> None:
    lines = folder.read(ALPHA).split("\n")
    folder.write(ALPHA, "\n".join([*lines[:3], "," * 17, *lines[3:]]))
    folder.expect(ALPHA, 4, "", "empty row")


def test_blank_lines_are_skipped_but_counted(folder: DataFolder) -> None:
    folder.change(ALPHA, 4, value="-20.1")
    lines = folder.read(ALPHA).split("\n")
    folder.write(ALPHA, "\n".join([*lines[:2], "", "", *lines[2:]]))
    folder.expect(ALPHA, 6, "value", "negative sd")


def test_semicolons_between_the_fields_are_reported_once(folder: DataFolder) -> None:
    folder.write("glossary.csv", folder.read("glossary.csv").replace(",", ";"))
    folder.expect("glossary.csv", 1, "", "not separated by commas (;)")


def test_a_quote_that_is_never_closed_does_not_hide_the_rows_below(folder: DataFolder) -> None:
    folder.change(ALPHA, 6, value="-1")
    lines = folder.read(ALPHA).split("\n")
    lines[3] = lines[3] + '"open'
    folder.write(ALPHA, "\n".join(lines))
    assert [(fault.row, fault.problem) for fault in folder.faults()] == [
        (4, "quotation mark that is never closed"),
        (6, "value outside the scale of barthel"),
    ]


def test_text_after_a_closing_quote_is_reported(folder: DataFolder) -> None:
    lines = folder.read(ALPHA).split("\n")
    lines[3] = lines[3] + '"a note" and more'
    folder.write(ALPHA, "\n".join(lines))
    folder.expect(ALPHA, 4, "", "faulty quotes")


def test_a_broken_trial_does_not_stop_the_others(folder: DataFolder) -> None:
    folder.write("trials/alpha/trial.toml", "id = alpha\n")
    folder.write(ALPHA, b"\xff\xfe")
    row = folder.change(BETA, folder.row_of(BETA, outcome="sae", statistic="event_count"), arm="cels")
    assert [(fault.file, fault.row, fault.column) for fault in folder.faults()] == [
        (ALPHA, 1, ""),
        ("trials/alpha/trial.toml", 1, "6"),
        (BETA, row, "arm"),
    ]
