"""What a valid folder reads as."""

from __future__ import annotations

import datetime
import math
import pickle
import shutil
from pathlib import Path

import pandas as pd
import pytest
from evidence_folder import ALPHA, DataFolder, write_valid_folder

from helpers.evidence import Arm, Fact, Fault, InvalidEvidence, Report, check, load


def test_a_valid_folder_has_no_fault(folder: DataFolder) -> None:
    assert folder.faults() == []


def test_trials_are_read_with_arms_reports_and_facts(folder: DataFolder) -> None:
    alpha = load(folder.path).trials["alpha"]
    assert (alpha.name, alpha.design, alpha.registry, alpha.year) == ("ALPHA", "randomised", "NCT00000001", 2020)
    assert alpha.arms == (
        Arm("cells", "Cells", "experimental", "", 11, 10),
        Arm("control", "Usual care", "control", "", None, 10),
    )
    assert alpha.reports == (Report("doe-2020", "doe2020", "main", "Doe 2020"),)
    assert alpha.facts == {"dose": Fact("one million cells per kg", "doe2020", "abstract", "primary")}
    assert alpha.conflicts == ("The abstract and the table differ.",)
    assert alpha.demonstration is False


def test_what_a_trial_does_not_state_is_empty(folder: DataFolder) -> None:
    beta = load(folder.path).trials["beta"]
    assert (beta.registry, beta.conflicts, beta.facts) == ("", (), {})


def test_a_trial_with_generated_patients_is_marked(folder: DataFolder) -> None:
    folder.write(
        "trials/beta/trial.toml", folder.read("trials/beta/trial.toml") + "\n[patients]\ndemonstration = true\n"
    )
    assert load(folder.path).trials["beta"].demonstration is True


def test_an_arm_can_be_part_of_another(folder: DataFolder) -> None:
    part = '\n[[arms]]\nid = "tier-1"\nlabel = "Low dose"\nrole = "experimental"\npart_of = "cells"\n'
    folder.write("trials/beta/trial.toml", folder.read("trials/beta/trial.toml") + part)
    assert load(folder.path).trials["beta"].arms[1].part_of == "cells"


def test_facts_stand_in_the_order_of_the_format_and_others_follow(folder: DataFolder) -> None:
    more = "".join(
        f'\n[facts.{name}]\nvalue = "x"\nsource = "doe2020"\nlocator = "abstract"\nkind = "primary"\n'
        for name in ("funding", "route", "population")
    )
    folder.write("trials/alpha/trial.toml", folder.read("trials/alpha/trial.toml") + more)
    assert list(load(folder.path).trials["alpha"].facts) == ["population", "dose", "route", "funding"]


def test_results_keep_the_printed_value_beside_the_number(folder: DataFolder) -> None:
    results = load(folder.path).results
    p = results[(results["trial"] == "alpha") & (results["statistic"] == "p")].iloc[0]
    assert (p["printed"], p["value"], p["day"]) == ("0.040", 0.04, 90)
    assert p["row"] == folder.row_of(ALPHA, statistic="p")


def test_results_have_their_types_and_no_missing_text(folder: DataFolder) -> None:
    results = load(folder.path).results
    assert results["value"].dtype == "float64"
    assert results["day"].dtype == "int64"
    text = results.drop(columns=["value", "day", "row"])
    assert all(isinstance(cell, str) for column in text for cell in text[column])
    assert set(results["comparator"]) == {"", "control"}


def test_outcomes_are_indexed_by_id_with_numeric_scales(folder: DataFolder) -> None:
    outcomes = load(folder.path).outcomes
    assert outcomes.loc["barthel", ["min", "max", "step", "mcid"]].tolist() == [0, 100, 5, 9.25]
    assert math.isnan(outcomes.loc["death", "min"])
    assert outcomes.loc["death", "from_levels"] == "6"


def test_synthesis_windows_are_whole_days(folder: DataFolder) -> None:
    syntheses = load(folder.path).syntheses
    assert syntheses.loc["death", ["day_from", "day_to", "day_target"]].tolist() == [30, 365, 90]


def test_references_are_plain_text_with_short_authors(folder: DataFolder) -> None:
    references = load(folder.path).references
    doe = references["doe2020"]
    assert (doe.authors_short, doe.year, doe.title, doe.container) == ("Doe et al.", 2020, "A trial of MSC", "Stroke")
    assert (doe.doi, doe.url) == ("10.1000/alpha", "https://doi.org/10.1000/alpha")
    assert doe.text == "Doe JA, Bloggs JB, Müller EM. A trial of MSC. Stroke. 2020;51(2):100-107. doi:10.1000/alpha."
    assert references["roe2019"].authors_short == "Roe and van der Berg"


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(folder: DataFolder) -> None:
    for file in (ALPHA, "trials/alpha/trial.toml", "references.bib", "outcomes.csv"):
        text = folder.read(file)
        folder.write(file, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert folder.faults() == []
    assert load(folder.path).results["note"].eq("").all()


def test_an_ongoing_trial_may_have_no_results_yet(folder: DataFolder) -> None:
    folder.replace("trials/beta/trial.toml", '"completed"', '"ongoing"')
    folder.write("trials/beta/results.csv", folder.read("trials/beta/results.csv").split("\n")[0] + "\n")
    assert set(load(folder.path).results["trial"]) == {"alpha"}


def test_a_trial_may_have_no_bias_judgement_yet(folder: DataFolder) -> None:
    (folder.path / "trials/beta/bias.csv").unlink()
    assert set(load(folder.path).bias["trial"]) == {"alpha"}


def test_loading_without_any_bias_judgement_gives_an_empty_table(folder: DataFolder) -> None:
    for trial in ("alpha", "beta"):
        (folder.path / f"trials/{trial}/bias.csv").unlink()
    bias = load(folder.path).bias
    assert bias.empty
    assert list(bias) == ["trial", "row", "tool", "domain", "judgement", "ground", "source", "locator"]


def test_the_edition_names_date_and_version(folder: DataFolder) -> None:
    edition = load(folder.path).edition
    assert (edition.edition, edition.date) == ("2026.1", datetime.date(2026, 11, 21))
    name, _, digits = edition.version.partition("+")
    assert name == "2026.1"
    assert len(digits) == 8
    assert set(digits) <= set("0123456789abcdef")


def test_the_version_follows_the_data_and_not_the_place(folder: DataFolder, tmp_path: Path) -> None:
    elsewhere = tmp_path / "another place"
    shutil.copytree(folder.path, elsewhere)
    (elsewhere / ".DS_Store").write_bytes(b"litter of a desktop")
    before = load(folder.path).edition.version
    assert load(elsewhere).edition.version == before
    write_valid_folder(elsewhere).replace("trials/alpha/trial.toml", "Cells against usual care", "Cells")
    assert load(elsewhere).edition.version != before


def test_the_order_of_files_on_disk_does_not_matter(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.change(ALPHA, 3, arm="cels")
    folder.replace("trials/beta/trial.toml", '"near-relative"', '"near"')
    expected = check(folder.path)
    in_order, everything = Path.iterdir, Path.rglob
    monkeypatch.setattr(Path, "iterdir", lambda self: iter(sorted(in_order(self), reverse=True)))
    monkeypatch.setattr(Path, "rglob", lambda self, pattern: iter(sorted(everything(self, pattern), reverse=True)))
    assert check(folder.path) == expected
    folder.change(ALPHA, 3, arm="cells")
    folder.replace("trials/beta/trial.toml", '"near"', '"near-relative"')
    backwards = load(folder.path)
    monkeypatch.undo()
    forwards = load(folder.path)
    assert backwards.edition == forwards.edition
    assert list(backwards.trials) == ["alpha", "beta"]
    pd.testing.assert_frame_equal(backwards.results, forwards.results)


def test_evidence_has_a_short_repr(folder: DataFolder) -> None:
    evidence = load(folder.path)
    assert repr(evidence) == f"Evidence({evidence.edition.version}: 2 trials, 6 outcomes, 46 results, 2 references)"


def test_load_raises_all_faults_in_order(folder: DataFolder) -> None:
    folder.change(ALPHA, 3, arm="cels", kind="primry")
    folder.replace("edition.toml", "date = 2026-11-21", 'date = "soon"')
    with pytest.raises(InvalidEvidence) as raised:
        load(folder.path)
    assert list(raised.value.faults) == check(folder.path)
    assert str(raised.value) == "\n".join(str(fault) for fault in check(folder.path))


def test_invalid_evidence_survives_a_process_boundary(folder: DataFolder) -> None:
    error = InvalidEvidence([Fault("b.csv", 2, "arm", "unknown arm"), Fault("a.csv", 0, "", "missing file")])
    copy = pickle.loads(pickle.dumps(error))
    assert copy.faults == error.faults == tuple(sorted(error.faults))


def test_a_fault_reads_as_place_problem_value_and_what_is_allowed() -> None:
    fault = Fault("trials/a/results.csv", 7, "arm", "unknown arm", "cels", "allowed: cells, control")
    assert str(fault) == "trials/a/results.csv:7:arm: unknown arm (cels); allowed: cells, control"
    assert str(Fault("search.csv", 0, "", "missing file")) == "search.csv:0:*: missing file"
    assert "(' cells')" in str(Fault("a.csv", 1, "arm", "unknown arm", " cells"))
