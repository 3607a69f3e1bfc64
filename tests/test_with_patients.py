"""A team's patient-level data, from its files to the synthesis: what a new user does, and what it changes."""

from __future__ import annotations

import io
from pathlib import Path

import new_patients
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from helpers.cli import main
from helpers.effects.means import standardized_mean_difference
from helpers.evidence import load
from helpers.patients import at_visit, read_patients
from helpers.patients.preparing import prepare
from helpers.review import plan, subjects


def review(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The team's folder, called Nova, with three SAS transport files and nothing else."""
    return new_patients.write(tmp_path_factory.mktemp("team") / "Nova")


@pytest.fixture
def data(team: Path, tmp_path: Path) -> Path:
    """A data folder with the trial in it, as `review add` makes it."""
    made = review("add", "nova", "--patients", team, "--control", "Placebo", "--data", tmp_path / "data")
    assert made.exit_code == 0, made.output
    return tmp_path / "data"


def results(*words: object) -> pd.DataFrame:
    result = review("results", *words)
    assert result.exit_code == 0, result.output
    return pd.read_csv(io.StringIO(result.stdout), low_memory=False)


def test_add_takes_over_files_and_arms_and_says_what_it_took_for_granted(team: Path, tmp_path: Path) -> None:
    made = review("add", "nova", "--patients", team, "--control", "Placebo", "--data", tmp_path)
    assert "taken for granted" in made.output and "design randomised" in made.output
    trial = tmp_path / "trials/nova"
    assert sorted(path.name for path in (trial / "patients").iterdir()) == ["adae.xpt", "adqs.xpt", "adsl.xpt"]
    text = (trial / "trial.toml").read_text()
    assert 'id = "msc-1-0"\nlabel = "MSC 1.0"\nrole = "experimental"' in text
    assert 'id = "placebo"\nlabel = "Placebo"\nrole = "control"' in text
    assert '"MSC 1.0" = "msc-1-0"' in text
    assert "@misc{nova-patients," in (tmp_path / "references.bib").read_text()


def test_what_add_makes_has_no_fault(data: Path) -> None:
    checked = review("check", "--data", data)
    assert checked.exit_code == 0, checked.output
    assert "computed from patients, no fault" in checked.stdout


def test_the_roles_of_arms_are_never_guessed(team: Path, tmp_path: Path) -> None:
    made = review("add", "nova", "--patients", team, "--data", tmp_path)
    assert made.exit_code == 0
    assert "Fill in the role of each arm" in made.output
    checked = review("check", "--data", tmp_path)
    assert checked.exit_code == 2
    assert checked.stderr.count("arms.role: empty text") == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--control", "Plazebo"], "did you mean Placebo?"),
        (["--control", "Placebo", "--like", "levy-2019"], "--like without"),
    ],
)
def test_words_that_do_not_fit_add_are_refused(team: Path, tmp_path: Path, words: list[str], said: str) -> None:
    made = review("add", "nova", "--patients", team, "--data", tmp_path / "data", *words)
    assert made.exit_code == 2
    assert said in made.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"adqs.csv": "USUBJID\nP1\n"}, "no adsl among the files"),
        ({"adsl.csv": "USUBJID,ARM\nP1,cells\n"}, "adsl.csv:1:TRT01P: missing column"),
        ({"adsl.csv": "USUBJID,TRT01P\nP1,\n"}, "adsl.csv:0:TRT01P: no arm"),
        ({"adsl.csv": "x,y\n1,2\n", "adsl.xpt": "x"}, "second file of adsl"),
    ],
)
def test_a_folder_that_is_no_team_s_is_refused(tmp_path: Path, files: dict[str, str], said: str) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name, text in files.items():
        (source / name).write_text(text)
    made = review("add", "nova", "--patients", source, "--data", tmp_path / "data")
    assert made.exit_code == 2
    assert said in made.stderr
    assert not (tmp_path / "data").exists()


def test_build_asks_for_the_control_before_anything_runs(team: Path, tmp_path: Path) -> None:
    built = review("build", "--patients", team, "--out", tmp_path / "book")
    assert built.exit_code == 2
    assert "--control is missing; allowed: MSC 1.0, Placebo" in built.stderr
    assert not (tmp_path / "book").exists()


def test_a_faulty_patient_stops_check_and_build_alike(data: Path, tmp_path: Path) -> None:
    trial = data / "trials/nova/trial.toml"
    trial.write_text(trial.read_text().replace('"Placebo" = "placebo"\n', ""))
    for words in (["check"], ["build", "--out", tmp_path / "book"], ["results"]):
        refused = review(*words, "--data", data)
        assert refused.exit_code == 2
        assert (
            "trials/nova/patients/adsl.xpt:1:TRT01P: arm that trial.toml does not declare in record 1" in refused.stderr
        )
    assert not (tmp_path / "book").exists()


def test_the_trial_enters_the_syntheses_with_the_effect_of_its_patients(data: Path, tmp_path: Path) -> None:
    before, after = results(), results("--data", data)
    question = "scope == 'synthesis' and synthesis == 'motor-recovery' and population_class == 'iv-msc'"
    assert (before.query(question)["k"].iloc[0], after.query(question)["k"].iloc[0]) == (2, 3)
    prepared = prepare_with(data, tmp_path)
    patients = read_patients(prepared.evidence, "nova", prepared.folder)
    assert patients is not None
    visit = at_visit(patients, "fma-motor", 180)
    sides = [visit.loc[visit["role"] == role, "value"] for role in ("experimental", "control")]
    expected = standardized_mean_difference(*(x for side in sides for x in (side.mean(), side.std(), len(side))))
    effects = after.query("scope == 'trial' and trial == 'nova' and outcome == 'fma-motor' and day == 180")
    own = effects.query("measure == 'SMD' and variable == 'value' and population == 'itt'")
    assert own["yi"].tolist() == pytest.approx([float(expected.yi)], rel=1e-9)
    assert own["vi"].tolist() == pytest.approx([float(expected.vi)], rel=1e-9)
    assert set(effects["kind"]) == {"patients"}


def prepare_with(data: Path, tmp_path: Path):
    from helpers import evidence, paths

    return prepare(evidence.combine(paths.ROOT / "data", data, tmp_path / "combined"), tmp_path / "prepared")


def test_its_chapters_are_planned_and_those_of_other_designs_are_not(data: Path, tmp_path: Path) -> None:
    prepared = prepare_with(data, tmp_path)
    assert prepared.designs["nova"] == ("randomised", "longitudinal")
    offered = subjects(prepared.evidence, designs=prepared.designs)
    assert "nova" in {subject.id for subject in offered["randomised"]}
    assert "nova" not in {subject.id for subject in offered["imaging"]}
    pages = {page.name: page for page in plan(prepared.evidence, designs=prepared.designs)}
    assert "trials/nova" in pages
    assert not [name for name in pages["trials/nova"].reads if "patients" in name]
    chapters = [page for page in pages.values() if "trials/nova/patients/**" in page.reads]
    assert {page.name.rpartition("/")[2] for page in chapters} == {"nova"}


def test_designs_follow_from_the_shipped_patients() -> None:
    from helpers.patients.preparing import called_designs

    evidence = load()
    called = called_designs(evidence, Path(__file__).parents[1] / "data")
    assert {"randomised", "imaging"} <= set(called["starting-2"])
    assert {"randomised", "longitudinal"} <= set(called["isis-hermes"])
    assert called["levy-2019"] == ("dose-escalation",)


@pytest.mark.slow
def test_three_transport_files_and_one_command_make_the_chapter_and_change_the_synthesis(
    team: Path, tmp_path: Path
) -> None:
    """The walk of the page "With your own data"."""
    out = tmp_path / "book"
    wanted = ("trials/nova", "outcomes/motor-recovery", "randomised/nova", "longitudinal/nova")
    only = [word for page in wanted for word in ("--only", page)]
    built = review("build", "--patients", team, "--control", "Placebo", "--out", out, *only)
    assert built.exit_code == 0, built.output
    trial, outcome, *chapters = ((out / f"{page}.html").read_text(encoding="utf-8") for page in wanted)
    assert "<h1>NOVA" in trial
    assert "from the trial’s own patient data; no published number had to give way" in trial
    assert "NOVA enters from the trial’s own patient data" in outcome
    assert "Three trials" in outcome
    for chapter in chapters:
        assert "<h1>NOVA" in chapter
        assert "80 patients" in chapter
        assert "Demonstration patients" not in chapter
    offered = out / "data/trials/nova"
    assert (offered / "patient-results.csv").is_file()
    assert not (offered / "patients").exists()
    again = review("build", "--patients", team, "--control", "Placebo", "--out", out, *only)
    assert "nothing changed" in again.stdout
