"""Faults of trial.toml and edition.toml, and two folders that are one trial."""

from __future__ import annotations

import pytest
from evidence_folder import DataFolder

from helpers.evidence import check, load

TRIAL = "trials/alpha/trial.toml"
BETA = "trials/beta/trial.toml"


def test_a_toml_syntax_error_is_reported_with_line_and_column(folder: DataFolder) -> None:
    folder.replace(TRIAL, "year = 2020", "year = twenty")
    folder.expect(TRIAL, 8, "8", "TOML syntax: Invalid value (year = twenty)")


def test_a_text_that_is_never_closed_is_reported_at_its_line(folder: DataFolder) -> None:
    folder.replace(TRIAL, 'name = "ALPHA"', 'name = "ALPHA')
    fault = folder.only_fault()
    assert (fault.file, fault.row, fault.value) == (TRIAL, 2, 'name = "ALPHA')


def test_a_table_that_ends_too_early_is_reported_at_the_last_line(folder: DataFolder) -> None:
    text = folder.read(TRIAL).rstrip() + "\n[facts.route"
    folder.write(TRIAL, text)
    fault = folder.only_fault()
    assert (fault.file, fault.row) == (TRIAL, text.count("\n") + 1)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('id = "alpha"\n', "id"),
        ('name = "ALPHA"\n', "name"),
        ('title = "Cells against usual care"\n', "title"),
        ('population_class = "iv-msc"\n', "population_class"),
        ('design = "randomised"\n', "design"),
        ('status = "completed"\n', "status"),
        ("year = 2020\n", "year"),
    ],
)
def test_a_missing_key_is_reported(folder: DataFolder, line: str, key: str) -> None:
    folder.replace(TRIAL, line, "")
    folder.expect(TRIAL, 1, key, "missing key")


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('label = "Usual care"\n', "arms.label"),
        ('citation = "doe2020"\n', "reports.citation"),
        ('label = "Doe 2020"\n', "reports.label"),
        ('value = "one million cells per kg"\n', "facts.dose.value"),
        ('locator = "abstract"\n', "facts.dose.locator"),
    ],
)
def test_a_missing_key_of_a_table_is_reported_at_the_table(folder: DataFolder, line: str, key: str) -> None:
    headers = {"arms.label": 18, "reports.citation": 24, "reports.label": 24}
    folder.replace(TRIAL, line, "")
    row = headers.get(key) or folder.line_of(TRIAL, "[facts.dose]")
    folder.expect(TRIAL, row, key, "missing key; text")


@pytest.mark.parametrize(
    ("old", "new", "key", "allowed"),
    [
        ("year = 2020", 'year = "2020"', "year", "a whole number"),
        ("year = 2020", "year = 2020.0", "year", "a whole number"),
        ("year = 2020", "year = true", "year", "a whole number"),
        ('name = "ALPHA"', "name = 7", "name", "text"),
        ("n_randomised = 11", 'n_randomised = "11"', "arms.n_randomised", "a whole number"),
        ('["The abstract and the table differ."]', '"differ"', "conflicts", "a list of texts"),
        ('["The abstract and the table differ."]', "[1]", "conflicts", "a list of texts"),
    ],
)
def test_a_key_of_the_wrong_type_is_reported(folder: DataFolder, old: str, new: str, key: str, allowed: str) -> None:
    row = folder.line_of(TRIAL, old)
    folder.replace(TRIAL, old, new)
    folder.expect(TRIAL, row, key, "wrong type", allowed)


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ('"iv-msc"', '"msc-iv"', "population_class", ["unknown population_class (msc-iv)", "near-relative"]),
        ('"randomised"', '"randomized"', "design", ["unknown design (randomized)", "did you mean randomised?"]),
        ('"completed"', '"finished"', "status", ["unknown status (finished)", "stopped early"]),
        ('"control"\nn', '"controls"\nn', "arms.role", ["unknown role (controls)", "did you mean control?"]),
        ('"main"', '"principal"', "reports.kind", ["unknown report kind (principal)", "post-hoc"]),
        ('"primary"', '"first hand"', "facts.dose.kind", ["unknown source kind (first hand)", "registry"]),
        ('citation = "doe2020"', 'citation = "doe2021"', "reports.citation", ["unknown source", "mean doe2020?"]),
        ('source = "doe2020"', 'source = "foe2020"', "facts.dose.source", ["unknown source", "mean doe2020?"]),
    ],
)
def test_an_unknown_word_is_reported_with_the_allowed_ones(
    folder: DataFolder, old: str, new: str, key: str, words: list[str]
) -> None:
    folder.replace(TRIAL, old, new)
    folder.expect(TRIAL, folder.line_of(TRIAL, new.split("\n")[0]), key, *words)


def test_an_id_that_differs_from_the_folder_s_name_is_reported(folder: DataFolder) -> None:
    folder.replace(TRIAL, 'id = "alpha"', 'id = "alfa"')
    folder.expect(TRIAL, 1, "id", "id differs from the folder's name (alfa); alpha")


def test_an_unknown_key_is_reported_with_the_one_that_was_meant(folder: DataFolder) -> None:
    row = folder.line_of(TRIAL, "n_randomised")
    folder.replace(TRIAL, "n_randomised", "n_randomized")
    folder.expect(TRIAL, row, "arms.n_randomized", "unknown key", "did you mean n_randomised?")


def test_a_misspelt_fact_is_reported(folder: DataFolder) -> None:
    folder.replace(TRIAL, "[facts.dose]", "[facts.doses]")
    folder.expect(TRIAL, folder.line_of(TRIAL, "[facts.doses]"), "facts.doses", "unknown fact", "did you mean dose?")


@pytest.mark.parametrize("array", ["arms", "reports"])
def test_a_trial_without_arms_or_reports_is_reported(folder: DataFolder, array: str) -> None:
    text = folder.read(BETA)
    begin = text.index(f"[[{array}]]")
    end = text.find("[[", begin + 2) if array == "arms" else len(text)
    folder.write(BETA, text[:begin] + text[end:])
    faults = [fault for fault in folder.faults() if fault.file == BETA]
    assert [(fault.row, fault.column, fault.problem) for fault in faults] == [(1, array, "missing tables")]


def test_two_arms_with_the_same_id_are_reported(folder: DataFolder) -> None:
    more = '\n[[arms]]\nid = "cells"\nlabel = "Again"\nrole = "experimental"\n'
    folder.write(BETA, folder.read(BETA) + more)
    row = folder.read(BETA).count("\n") - 2
    folder.expect(BETA, row, "arms.id", "second of the arms with this id (cells)")


def test_an_arm_may_not_be_called_all(folder: DataFolder) -> None:
    folder.write(BETA, folder.read(BETA) + '\n[[arms]]\nid = "all"\nlabel = "All"\nrole = "experimental"\n')
    folder.expect(BETA, folder.line_of(BETA, '"all"'), "arms.id", "reserved arm id (all)")


def test_a_part_of_an_unknown_arm_is_reported(folder: DataFolder) -> None:
    part = '\n[[arms]]\nid = "tier-1"\nlabel = "Low dose"\nrole = "experimental"\npart_of = "cels"\n'
    folder.write(BETA, folder.read(BETA) + part)
    folder.expect(BETA, folder.line_of(BETA, "part_of"), "arms.part_of", "unknown arm (cels)", "did you mean cells?")


def test_a_control_arm_in_a_single_arm_trial_is_reported(folder: DataFolder) -> None:
    folder.replace(BETA, '"experimental"', '"control"')
    folder.expect(BETA, folder.line_of(BETA, "role"), "arms.role", "control arm in a single-arm trial")


def test_one_arm_in_a_controlled_trial_is_reported(folder: DataFolder) -> None:
    folder.replace(BETA, '"single-arm"', '"non-randomised"')
    faults = [fault for fault in folder.faults() if fault.file == BETA]
    assert [(fault.column, fault.problem) for fault in faults] == [("arms", "one arm in a non-randomised trial")]


def test_the_line_of_a_key_below_a_long_text_is_right(folder: DataFolder) -> None:
    folder.replace(TRIAL, 'title = "Cells against usual care"', 'title = """\nname = "not a key"\n[[arms]]\n"""')
    folder.replace(TRIAL, '"completed"', '"done"')
    folder.expect(TRIAL, folder.line_of(TRIAL, "status"), "status", "unknown status (done)")


def test_several_faults_of_one_trial_file_are_found_together(folder: DataFolder) -> None:
    folder.replace(TRIAL, '"iv-msc"', '"iv"')
    folder.replace(TRIAL, "year = 2020", "year = 20.5")
    folder.replace(TRIAL, '"main"', '"major"')
    assert [fault.column for fault in folder.faults()] == ["population_class", "year", "reports.kind"]


@pytest.mark.parametrize("value", ['"2026-11-21"', "2026-11-21T00:00:00"])
def test_the_date_of_the_edition_is_a_date(folder: DataFolder, value: str) -> None:
    folder.replace("edition.toml", "2026-11-21", value)
    folder.expect("edition.toml", 2, "date", "wrong type", "a date such as 2026-11-21")


def test_an_edition_without_a_question_is_reported(folder: DataFolder) -> None:
    folder.replace("edition.toml", 'question = "Does it help?"\n', "")
    folder.expect("edition.toml", 1, "question", "missing key")


def test_two_trials_with_the_same_name_are_one_trial(folder: DataFolder) -> None:
    folder.replace(BETA, 'name = "BETA"', 'name = "Alpha"')
    folder.expect(BETA, 2, "name", "name that trial alpha has too (Alpha)", "two reports of one trial are one trial")


def test_two_trials_with_the_same_registry_number_are_one_trial(folder: DataFolder) -> None:
    folder.replace(BETA, "year = 2019", 'year = 2019\nregistry = "nct00000001"')
    folder.expect(BETA, 8, "registry", "registry number that trial alpha has too (nct00000001)")


def test_two_trials_with_reports_of_the_same_doi_are_one_trial(folder: DataFolder) -> None:
    folder.replace("references.bib", "{10.1000/beta}", "{https://doi.org/10.1000/ALPHA}")
    row = folder.line_of(BETA, "citation")
    folder.expect(BETA, row, "reports.citation", "DOI of a report that trial alpha has too (10.1000/alpha)")


def test_two_trials_that_cite_the_same_document_are_one_trial(folder: DataFolder) -> None:
    folder.replace("references.bib", "  doi = {10.1000/Alpha},\n", "")
    folder.replace(BETA, '"roe2019"', '"doe2020"')
    row = folder.line_of(BETA, "citation")
    folder.expect(BETA, row, "reports.citation", "report that trial alpha has too (doe2020)", "trials/alpha")


def test_the_rule_of_a_dose_escalation_is_read_and_checked(folder: DataFolder) -> None:
    text = folder.read(TRIAL) + "\n[patients]\nprimary_day = 90\nassessed = 80\n[[patients.escalation]]\n"
    step = "patients = 5\nat_most = 0\nthen = 'escalate'\n"
    folder.write(TRIAL, text + step)
    terms = load(folder.path).trials["alpha"].patients
    assert terms.escalation == ((5, 0, "escalate"),)
    assert (terms.primary_day, terms.assessed, terms.primary) == (90, 80, "")
    folder.write(TRIAL, text + step.replace("= 0", "= 6").replace("escalate", "wait"))
    problems = [fault.problem for fault in check(folder.path)]
    assert problems == ["more events than patients", "unknown decision"]
