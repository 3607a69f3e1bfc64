"""Faults of outcomes.csv, syntheses.csv, search.csv, glossary.csv, bias.csv and references.bib."""

from __future__ import annotations

import pytest
from evidence_folder import DataFolder

BIAS = "trials/alpha/bias.csv"
BETA_BIAS = "trials/beta/bias.csv"


@pytest.mark.parametrize(
    ("id", "column", "value", "words"),
    [
        ("age", "min", "120", ["min not below max (120)", "less than max = 120"]),
        ("age", "min", "zero", ["unreadable number (zero)"]),
        ("barthel", "type", "scale", ["unknown type (scale)", "ordinal, continuous"]),
        ("barthel", "direction", "up", ["unknown direction (up)", "higher, lower, none"]),
        ("barthel", "step", "0", ["step not above 0"]),
        ("barthel", "step", "-5", ["step not above 0"]),
        ("barthel", "step", "3", ["step does not divide the scale (3)"]),
        ("barthel", "name", "", ["empty cell"]),
        ("barthel", "mcid", "0", ["mcid not above 0 (0)"]),
        ("barthel", "mcid", "", ["mcid and its source do not go together"]),
        ("barthel", "mcid_source", "", ["mcid and its source do not go together"]),
        ("barthel", "mcid_source", "doe2021", ["unknown source (doe2021)", "did you mean doe2020?"]),
        ("nihss", "step", "", ["ordinal outcome without step"]),
        ("nihss", "direction", "none", ["ordinal outcome without a direction (none)", "higher, lower"]),
        ("death", "domain", "saftey", ["unknown domain (saftey)", "did you mean safety?"]),
        ("death", "from_outcome", "msr", ["unknown outcome (msr)", "did you mean mrs?"]),
        ("death", "from_outcome", "age", ["outcome without levels (age)", "mrs, nihss, barthel"]),
        ("death", "from_levels", "6 7", ["level outside the scale of mrs (7)", "0, 1, 2, 3, 4, 5, 6"]),
        ("death", "from_levels", "", ["do not go together"]),
    ],
)
def test_a_fault_of_an_outcome_is_reported(
    folder: DataFolder, id: str, column: str, value: str, words: list[str]
) -> None:
    row = folder.change("outcomes.csv", folder.row_of("outcomes.csv", id=id), **{column: value})
    folder.expect("outcomes.csv", row, column, *words)


def test_an_outcome_described_twice_is_reported(folder: DataFolder) -> None:
    row = folder.add("outcomes.csv", folder.rows("outcomes.csv")[2])
    folder.expect("outcomes.csv", row, "id", "duplicate of row 4 (barthel)")


def test_an_unsuitable_id_is_reported(folder: DataFolder) -> None:
    row = folder.add("outcomes.csv", folder.rows("outcomes.csv")[5] | {"id": "Age (years)"})
    folder.expect("outcomes.csv", row, "id", "unsuitable id (Age (years))", "lower-case letters, digits and hyphens")


@pytest.mark.parametrize(
    ("id", "column", "value", "words"),
    [
        ("activities", "outcomes", "barthel nihs", ["unknown outcome (nihs)", "did you mean nihss?"]),
        ("activities", "outcomes", "", ["empty cell"]),
        ("activities", "outcomes", "barthel death", ["SMD of a binary outcome (death)", "ordinal, continuous"]),
        ("death", "measure", "HR", ["unknown measure (HR)", "RR, OR, RD, IRR, SMD, MD, GenOR"]),
        ("death", "measure", "IRR", ["IRR of a binary outcome (death)"]),
        ("death", "day_from", "400", ["day_from after day_to (400)", "day_to = 365"]),
        ("death", "day_target", "400", ["day_target outside its window (400)", "30 to 365"]),
        ("death", "day_target", "", ["time point without a day"]),
        ("death", "title", "", ["empty cell"]),
    ],
)
def test_a_fault_of_a_synthesis_is_reported(
    folder: DataFolder, id: str, column: str, value: str, words: list[str]
) -> None:
    row = folder.change("syntheses.csv", folder.row_of("syntheses.csv", id=id), **{column: value})
    place = "outcomes" if value == "IRR" else column
    folder.expect("syntheses.csv", row, place, *words)


def test_outcomes_of_opposite_direction_are_not_pooled_as_they_stand(folder: DataFolder) -> None:
    """Barthel is better when higher, NIHSS when lower: a mean difference would cancel what a turned one adds."""
    row = folder.change("syntheses.csv", folder.row_of("syntheses.csv", id="activities"), measure="MD")
    words = ["outcomes of opposite direction under MD (barthel nihss)", "higher is better (barthel)"]
    folder.expect("syntheses.csv", row, "outcomes", *words)


def test_outcomes_of_one_direction_are_pooled(folder: DataFolder) -> None:
    row = folder.row_of("syntheses.csv", id="activities")
    folder.change("syntheses.csv", row, measure="MD", outcomes="mrs nihss")
    assert folder.faults() == []


@pytest.mark.parametrize(
    ("record", "column", "value", "words"),
    [
        ("1", "status", "include", ["unknown status (include)", "did you mean included?"]),
        ("1", "trial", "alfa", ["unknown trial (alfa)", "did you mean alpha?", "alpha, beta"]),
        ("1", "report", "doe-2021", ["unknown report (doe-2021)", "did you mean doe-2020?"]),
        ("2", "report", "", ["duplicate record without a report (2)"]),
        ("3", "trial", "", ["included record without a trial (3)"]),
        ("4", "label", "", ["empty cell"]),
    ],
)
def test_a_fault_of_the_record_flow_is_reported(
    folder: DataFolder, record: str, column: str, value: str, words: list[str]
) -> None:
    row = folder.change("search.csv", folder.row_of("search.csv", record=record), **{column: value})
    folder.expect("search.csv", row, column, *words)


def test_a_record_listed_twice_is_reported(folder: DataFolder) -> None:
    row = folder.change("search.csv", 5, record="1")
    folder.expect("search.csv", row, "record", "duplicate of row 2 (1)")


def test_a_report_of_another_trial_is_unknown_here(folder: DataFolder) -> None:
    row = folder.change("search.csv", 4, report="doe-2020")
    folder.expect("search.csv", row, "report", "unknown report (doe-2020)", "roe-2019")


def test_an_abbreviation_explained_twice_is_reported(folder: DataFolder) -> None:
    row = folder.add("glossary.csv", {"abbreviation": "BI", "meaning": "body image"})
    folder.expect("glossary.csv", row, "abbreviation", "duplicate of row 3 (BI)")


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("judgement", "unclear", ["unknown judgement of RoB 2 (unclear)", "low, some concerns, high"]),
        ("judgement", "Low", ["unknown judgement of RoB 2 (Low)", "did you mean low?"]),
        ("ground", "", ["empty cell"]),
        ("source", "doe2021", ["unknown source (doe2021)", "did you mean doe2020?"]),
    ],
)
def test_a_fault_of_a_judgement_is_reported(folder: DataFolder, column: str, value: str, words: list[str]) -> None:
    row = folder.change(BIAS, 4, **{column: value})
    folder.expect(BIAS, row, column, *words)


def test_an_unknown_tool_is_reported(folder: DataFolder) -> None:
    rows = [cells | {"tool": "RoB2"} for cells in folder.rows(BIAS)]
    folder.write_rows(BIAS, rows)
    assert [(fault.row, fault.column) for fault in folder.faults()] == [(row, "tool") for row in range(2, 8)]
    assert "unknown tool (RoB2); did you mean RoB 2?" in str(folder.faults()[0])


def test_a_missing_domain_is_reported(folder: DataFolder) -> None:
    folder.remove(BIAS, 4)
    folder.expect(BIAS, 0, "domain", "missing domain of RoB 2 (D3)")


def test_an_unknown_domain_is_reported_beside_the_missing_one(folder: DataFolder) -> None:
    folder.change(BIAS, 4, domain="D6")
    assert [(fault.row, fault.problem, fault.value) for fault in folder.faults()] == [
        (0, "missing domain of RoB 2", "D3"),
        (4, "unknown domain of RoB 2", "D6"),
    ]


def test_a_domain_judged_twice_is_reported_with_the_other_row(folder: DataFolder) -> None:
    row = folder.add(BIAS, folder.rows(BIAS)[2])
    folder.expect(BIAS, row, "domain", "duplicate of row 4 (D3)")


def test_a_tool_that_does_not_fit_the_design_is_reported_once(folder: DataFolder) -> None:
    folder.write(BETA_BIAS, folder.read(BIAS))
    folder.expect(BETA_BIAS, 2, "tool", "tool that does not fit a single-arm trial (RoB 2)", "ROBINS-I")


def test_a_broken_bibtex_entry_is_reported_at_its_line(folder: DataFolder) -> None:
    folder.replace("references.bib", "  journal = {Stroke},\n  year", "  journal = {Stroke}\n  year")
    fault = folder.only_fault()
    assert (fault.file, fault.row, fault.column) == ("references.bib", 5, "doe2020")
    assert fault.problem.startswith("BibTeX syntax: ")
    assert fault.value == "year = {2020},"


def test_an_entry_that_is_never_closed_does_not_swallow_the_next(folder: DataFolder) -> None:
    folder.replace("references.bib", "  doi = {10.1000/Alpha},\n}", "  doi = {10.1000/Alpha,\n")
    folder.replace("references.bib", "year = {2019}", "year = {19}")
    assert [(fault.row, fault.column, fault.value) for fault in folder.faults()] == [
        (9, "doe2020", "doi = {10.1000/Alpha,"),
        (folder.line_of("references.bib", "year = {19}"), "year", "19"),
    ]


def test_an_entry_without_its_last_brace_is_reported_at_its_beginning(folder: DataFolder) -> None:
    folder.replace("references.bib", "  doi = {10.1000/Alpha},\n}", "  doi = {10.1000/Alpha},\n")
    folder.expect("references.bib", 1, "doe2020", "BibTeX syntax: brace or quote that is never closed (doe2020)")


def test_a_key_used_twice_is_reported_whatever_its_case(folder: DataFolder) -> None:
    row = folder.line_of("references.bib", "@article{roe2019")
    folder.write("references.bib", folder.read("references.bib") + "\n@misc{Roe2019, title = {Another}}\n")
    last = folder.line_of("references.bib", "@misc")
    folder.expect("references.bib", last, "key", f"key is already used in row {row} (Roe2019)")


def test_an_entry_without_a_title_is_reported(folder: DataFolder) -> None:
    folder.replace("references.bib", "  title = {Cells in one arm},\n", "")
    folder.expect("references.bib", folder.line_of("references.bib", "{roe2019"), "title", "missing title (roe2019)")


def test_a_field_given_twice_is_reported(folder: DataFolder) -> None:
    folder.replace("references.bib", "  year = {2019},\n", "  year = {2019},\n  year = {2018},\n")
    folder.expect("references.bib", folder.line_of("references.bib", "{roe2019"), "roe2019", "duplicate year field")


def test_an_unreadable_doi_is_reported(folder: DataFolder) -> None:
    folder.replace("references.bib", "{10.1000/beta}", "{pubmed 1234}")
    folder.expect("references.bib", folder.line_of("references.bib", "pubmed"), "doi", "unreadable DOI (pubmed 1234)")
