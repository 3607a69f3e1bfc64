"""Generated patients: every printed number met, every score possible, the same bytes on every run."""

from __future__ import annotations

import io
import zipfile
from fractions import Fraction
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact, mannwhitneyu, norm, ttest_rel

from helpers import paths
from helpers.evidence import Evidence, load
from helpers.patients import Patients, read_patients
from helpers.patients.demonstration import TRIALS, VERSION, agreement, files, generate, write
from helpers.patients.demonstration.published import Published
from helpers.patients.demonstration.search import (
    Goal,
    NothingFound,
    adjust,
    hinges,
    mean,
    rank_sum_z,
    rearranged,
    rounds_to,
    sd,
    share_prints,
)
from helpers.patients.longitudinal import repeated_measures
from helpers.patients.network import network_by_visit
from helpers.scrutiny.printed_number import Printed

DATA = paths.ROOT / "data"


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return load(DATA)


@pytest.fixture(scope="module")
def patients(evidence) -> dict[str, Patients]:
    return {trial: read_patients(evidence, trial, DATA) for trial in TRIALS}


def printed(evidence: Evidence, trial: str, outcome: str, statistic: str, arm: str, **more) -> Printed:
    """The number of results.csv, found without the generator's own code."""
    rows = evidence.results
    for column, value in {"trial": trial, "outcome": outcome, "statistic": statistic, "arm": arm, **more}.items():
        rows = rows[rows[column] == value]
    assert rows["printed"].nunique() == 1, (trial, outcome, statistic, arm)
    return Printed.parse(rows["qualifier"].iloc[0] + rows["printed"].iloc[0])


def column(patients: Patients, name: str, arm: str = "all") -> pd.Series:
    adsl = patients.adsl if arm == "all" else patients.adsl[patients.adsl["TRT01P"] == arm]
    return adsl.set_index("USUBJID")[name]


def scores(patients: Patients, parameter: str, day: int, what: str = "AVAL") -> pd.Series:
    rows = patients.adqs[(patients.adqs["PARAMCD"] == parameter) & (patients.adqs["AWTARGET"] == day)]
    return rows.set_index("USUBJID")[what].dropna()


def by_arm(patients: Patients, values: pd.Series, actual: bool = False) -> tuple[np.ndarray, np.ndarray]:
    arm = column(patients, "TRT01A" if actual else "TRT01P").loc[values.index]
    return values[arm == "msc"].to_numpy(float), values[arm == "control"].to_numpy(float)


# --- all trials ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trial", TRIALS)
def test_the_trial_says_that_its_patients_are_generated(evidence, patients, trial):
    assert evidence.trials[trial].demonstration
    assert patients[trial].demonstration
    assert patients[trial].adsl["USUBJID"].str.startswith("DEMO-").all()
    assert (DATA / "trials" / trial / "patients" / "demonstration.toml").is_file()


@pytest.mark.parametrize("trial", ["levy-2019", pytest.param("isis-hermes", marks=pytest.mark.slow)])
def test_every_printed_number_is_met(evidence, trial):
    table = agreement(trial, generate(trial, evidence), evidence)
    assert len(table) == (evidence.results["trial"] == trial).sum()
    assert table["met"].eq("yes").all(), table[table["met"] != "yes"].to_string()


@pytest.mark.slow
def test_every_printed_number_is_met_but_the_p_of_a_model_without_name(evidence):
    table = agreement("starting-2", generate("starting-2", evidence), evidence)
    open_ones = table[table["met"] != "yes"]
    assert list(zip(open_ones["outcome"], open_ones["statistic"], open_ones["met"], strict=True)) == [
        ("mi-leg", "p_adjusted", "")
    ]


@pytest.mark.parametrize(
    "trial", ["levy-2019", *(pytest.param(t, marks=pytest.mark.slow) for t in TRIALS if t != "levy-2019")]
)
def test_generating_again_gives_the_committed_bytes(evidence, trial):
    folder = DATA / "trials" / trial / "patients"
    made = files(trial, evidence)
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == set(made)
    for name, data in made.items():
        assert (folder / name).read_bytes() == data, name


def test_another_seed_gives_other_patients_who_meet_the_same_numbers(evidence):
    first, second = generate("levy-2019", evidence), generate("levy-2019", evidence, seed=2)
    assert not first.adqs.equals(second.adqs)
    assert agreement("levy-2019", second, evidence)["met"].eq("yes").all()


def test_the_agreement_notices_a_number_that_is_off(evidence):
    frames = generate("levy-2019", evidence)
    frames.adsl.loc[0, "AGE"] += 4
    table = agreement("levy-2019", frames, evidence)
    assert table.loc[table["met"] == "no", ["outcome", "statistic"]].to_numpy().tolist() == [["age", "mean"]]


def test_writing_puts_all_files_below_the_trial(evidence, tmp_path):
    write("levy-2019", evidence, tmp_path)
    folder = tmp_path / "trials" / "levy-2019" / "patients"
    assert sorted(path.name for path in folder.iterdir()) == ["adae.csv", "adqs.csv", "adsl.csv", "demonstration.toml"]
    assert f'generator = "{VERSION}"' in (folder / "demonstration.toml").read_text()


def test_a_trial_without_a_generator_is_named(evidence):
    with pytest.raises(
        ValueError, match="no generator for 'treasure'; there is one for isis-hermes, levy-2019, starting-2"
    ):
        generate("treasure", evidence)


def test_a_number_that_is_not_printed_once_is_refused(evidence):
    published = Published.of(evidence, "levy-2019")
    with pytest.raises(ValueError, match="0 printed numbers for outcome=barthel, statistic=median"):
        published.number("barthel", "median")
    with pytest.raises(ValueError, match="3 printed numbers for outcome=barthel, statistic=mean"):
        published.number("barthel", "mean")


@pytest.mark.parametrize("trial", TRIALS)
def test_every_score_is_one_that_its_scale_can_give(evidence, patients, trial):
    adqs = patients[trial].adqs
    weights, pinch = (0, 9, 14, 19, 25, 33), (0, 11, 19, 22, 26, 33)
    leg = {100 if sum(w) == 99 else sum(w) for w in product(weights, weights, weights)}
    arm = {100 if sum(w) == 99 else sum(w) for w in product(pinch, weights, weights)}
    allowed = {
        "MILEG": leg,
        "MIARM": arm,
        "BI": set(range(0, 101, 5)),
        "MRS": set(range(7)),
        "NIHSS": set(range(43)),
        "MNIHSS": set(range(17)),
        "FAC": set(range(6)),
        "FMAUL": set(range(67)),
        "FMALL": set(range(35)),
        "FMAMOT": set(range(101)),
        "FMATOT": set(range(227)),
    }
    checked = 0
    for parameter, own in adqs.groupby("PARAMCD"):
        if parameter in allowed:
            assert set(own["AVAL"]) <= allowed[parameter], parameter
            checked += 1
    assert checked >= 2


@pytest.mark.parametrize("trial", TRIALS)
def test_a_score_at_baseline_tells_something_of_the_score_after(patients, trial):
    adqs = patients[trial].adqs
    for parameter, own in adqs.groupby("PARAMCD"):
        wide = own.pivot(index="USUBJID", columns="AWTARGET", values="AVAL")
        assert wide[0].corr(wide[wide.columns[1]], method="spearman") > 0.25, parameter


@pytest.mark.parametrize("trial", TRIALS)
def test_nobody_has_an_event_or_a_visit_after_the_last_contact(patients, trial):
    last = column(patients[trial], "EOSDY")
    for frame, day in ((patients[trial].adqs, "ADY"), (patients[trial].adae, "ASTDY")):
        assert (frame[day] <= last.loc[frame["USUBJID"]].to_numpy()).all()


# --- STARTING-2 ----------------------------------------------------------------------------------------------------


@pytest.fixture
def starting(patients) -> Patients:
    return patients["starting-2"]


def test_arms_of_starting_2_have_the_printed_means_and_sds(evidence, starting):
    for arm, n in (("msc", 39), ("control", 15)):
        for outcome, name in (("age", "AGE"), ("bmi", "BMI")):
            values = column(starting, name, arm)
            assert len(values) == n
            assert printed(evidence, "starting-2", outcome, "mean", arm).admits(float(values.mean()))
            assert printed(evidence, "starting-2", outcome, "sd", arm).admits(float(values.std()))
        men = Fraction(100 * int((column(starting, "SEX", arm) == "M").sum()), n)
        assert printed(evidence, "starting-2", "male", "percent", arm).admits(men)
        change = scores(starting, "MILEG", 90, "CHG").loc[column(starting, "AGE", arm).index]
        assert printed(evidence, "starting-2", "mi-leg", "mean", arm, variable="change").admits(float(change.mean()))
        assert printed(evidence, "starting-2", "mi-leg", "sd", arm, variable="change").admits(float(change.std()))


def test_age_and_time_from_stroke_have_the_printed_ranges(starting):
    age, days = column(starting, "AGE"), column(starting, "STRKDY")
    assert (age.min(), age.median(), age.max()) == (28, 68, 83)
    assert (days.min(), days.max(), round(days.mean(), 1)) == (5, 89, 20.2)


@pytest.mark.parametrize(
    ("outcome", "parameter", "what"),
    [
        ("mrs", "MRS", "AVAL"),
        ("mi-leg", "MILEG", "CHG"),
        ("mi-arm", "MIARM", "CHG"),
        ("mi-total", "MITOT", "CHG"),
        ("fac", "FAC", "CHG"),
        ("fma-unspecified", "FMATOT", "CHG"),
    ],
)
def test_rank_sum_p_values_of_starting_2_are_the_printed_ones(evidence, starting, outcome, parameter, what):
    first, second = by_arm(starting, scores(starting, parameter, 90, what))
    p = mannwhitneyu(first, second, method="asymptotic", use_continuity=False).pvalue
    assert printed(evidence, "starting-2", outcome, "p", "msc", comparator="control").admits(float(p))


def test_as_many_as_printed_had_no_decrease_of_the_mrs(evidence, starting):
    claims = evidence.claims[evidence.claims["trial"] == "starting-2"].set_index("claim")["value"]
    for arm, change in zip(("msc", "control"), by_arm(starting, scores(starting, "MRS", 90, "CHG")), strict=True):
        share = Fraction(100 * int((change >= 0).sum()), len(change))
        assert Printed.parse(claims[f"mrs-no-decrease-{arm}"]).admits(share)


@pytest.mark.parametrize(("group", "p"), [("PREPGR1", "0.032"), ("PREP2GR1", "0.017")])
def test_good_recovery_despite_a_poor_prediction_has_the_printed_p(starting, group, p):
    gain = scores(starting, "FMALL", 90, "CHG")
    good, poor = gain >= 6, column(starting, group).loc[gain.index] == "POOR"
    cells = column(starting, "TRT01P").loc[gain.index] == "msc"
    table = [[int((good & poor & arm).sum()), int((~good & poor & arm).sum())] for arm in (cells, ~cells)]
    assert Printed.parse(p).admits(float(fisher_exact(table).pvalue))
    assert int((good & cells).sum()) == 12
    assert int(cells.sum()) == 36


def test_the_parts_of_a_score_make_the_whole(starting):
    for day in (0, 90):
        motor = scores(starting, "FMAUL", day) + scores(starting, "FMALL", day)
        assert motor.equals(scores(starting, "FMAMOT", day).rename(motor.name))
        side = (scores(starting, "MILEG", day) + scores(starting, "MIARM", day)) / 2
        assert side.equals(scores(starting, "MITOT", day).rename(side.name))


def test_imaging_goes_the_published_ways(starting):
    imaged = column(starting, "IMAGFL") == "Y"
    arm = column(starting, "TRT01P")[imaged]
    assert arm.value_counts().to_dict() == {"msc": 31, "control": 13}
    for parameter in ("FACST", "FAPLIC"):
        for name, falls in (("control", True), ("msc", False)):
            own = arm.index[arm == name]
            test = ttest_rel(scores(starting, parameter, 90).loc[own], scores(starting, parameter, 0).loc[own])
            assert (test.statistic < 0 and test.pvalue < 0.05) == falls
    sides = column(starting, "LESIONSD").to_dict()
    network = network_by_visit(starting.connectivity.matrices, starting.connectivity.regions, sides)
    for measure, between_arms in (("interhemispheric", True), ("ipsilesional", False)):
        wide = network.pivot(index="patient", columns="day", values=measure)
        change = wide[90] - wide[0]
        cells = change[arm.loc[change.index] == "msc"]
        control = change[arm.loc[change.index] == "control"]
        assert cells.mean() / (cells.std() / np.sqrt(31)) > 2.05, measure
        assert abs(control.mean() / (control.std() / np.sqrt(13))) < 2.17, measure
        assert (mannwhitneyu(cells, control).pvalue < 0.05) == between_arms, measure


def test_connectivity_is_that_of_correlations(starting):
    assert len(starting.connectivity.matrices) == 88
    for matrix in starting.connectivity.matrices.values():
        assert np.array_equal(matrix, matrix.T)
        correlations = np.tanh(matrix) + np.eye(len(matrix))
        assert np.linalg.eigvalsh(correlations).min() > 0


def test_the_archive_of_matrices_carries_no_time_and_no_machine():
    data = (DATA / "trials" / "starting-2" / "patients" / "imaging" / "connectivity.npz").read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {(info.date_time, info.create_system, info.compress_type) for info in archive.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), 3, zipfile.ZIP_STORED)
        }
        assert archive.namelist() == sorted(archive.namelist())


# --- ISIS-HERMES ---------------------------------------------------------------------------------------------------


def test_four_allocated_to_cells_are_analysed_with_the_controls(patients):
    adsl = patients["isis-hermes"].adsl
    assert pd.crosstab(adsl["TRT01P"], adsl["TRT01A"]).to_dict() == {
        "control": {"control": 11, "msc": 4},
        "msc": {"control": 0, "msc": 16},
    }


def test_as_many_events_as_counted_at_6_months_and_2_years(evidence, patients):
    adae = patients["isis-hermes"].adae
    arm = column(patients["isis-hermes"], "TRT01A").loc[adae["USUBJID"]].to_numpy()
    for name, counts in (("msc", (10, 16)), ("control", (12, 24))):
        for day, count in zip((180, 730), counts, strict=True):
            assert int(((arm == name) & (adae["ASTDY"] <= day)).sum()) == count
            assert printed(evidence, "isis-hermes", "ae", "event_count", name, day=day).exact == count


@pytest.mark.parametrize(
    ("outcome", "parameter"),
    [("motor-nihss", "MNIHSS"), ("fma-motor", "FMAMOT"), ("fmri-mi4a", "MI4A"), ("fmri-mi4p", "MI4P")],
)
def test_mixed_model_p_values_of_isis_hermes_are_the_printed_ones(evidence, patients, outcome, parameter):
    p = mixed_model_p(patients["isis-hermes"], parameter)
    assert printed(evidence, "isis-hermes", outcome, "p", "msc", comparator="control").admits(p)


@pytest.mark.parametrize("parameter", ["BI", "NIHSS", "MRS"])
def test_where_no_effect_was_seen_there_is_none(patients, parameter):
    assert mixed_model_p(patients["isis-hermes"], parameter) > 0.2


def mixed_model_p(patients: Patients, parameter: str) -> float:
    rows = patients.adqs[patients.adqs["PARAMCD"] == parameter]
    frame = pd.DataFrame(
        {
            "patient": rows["USUBJID"],
            "arm": column(patients, "TRT01A").loc[rows["USUBJID"]].to_numpy(),
            "time": rows["AWTARGET"].astype(float),
            "value": rows["AVAL"],
        }
    )
    return float(repeated_measures(frame, ("control", "msc")).average_difference()["p"].iloc[0])


def test_motor_items_are_part_of_the_whole_nihss(patients):
    for day in (0, 90, 180, 365, 730):
        motor, whole = (scores(patients["isis-hermes"], name, day) for name in ("MNIHSS", "NIHSS"))
        assert (motor <= whole).all()


# --- Levy 2019 -----------------------------------------------------------------------------------------------------


@pytest.fixture
def levy(patients) -> Patients:
    return patients["levy-2019"]


def test_tiers_of_levy_have_five_and_twenty_one_patients(evidence, levy):
    assert column(levy, "TRT01P").value_counts().to_dict() == {
        "phase-2": 21, "tier-0.5": 5, "tier-1.0": 5, "tier-1.5": 5,
    }  # fmt: skip
    assert evidence.trials["levy-2019"].patients.doses == {
        "tier-0.5": 0.5, "tier-1.0": 1.0, "tier-1.5": 1.5, "phase-2": 1.5,
    }  # fmt: skip


def test_barthel_index_of_levy_is_the_printed_one(evidence, levy):
    for day, n, excellent in ((0, 35, 4), (180, 33, 9), (365, 31, 11)):
        values = scores(levy, "BI", day)
        assert (len(values), int((values >= 95).sum())) == (n, excellent)
        share = printed(evidence, "levy-2019", "barthel-95", "percent", "msc", day=day)
        assert share.admits(Fraction(100 * excellent, n))
        if day:
            values = scores(levy, "BI", day, "CHG")
        variable = "change" if day else "value"
        for statistic, found in (("mean", values.mean()), ("sd", values.std())):
            assert printed(evidence, "levy-2019", "barthel", statistic, "msc", day=day, variable=variable).admits(
                float(found)
            )


def test_patients_of_levy_are_as_old_and_as_severe_as_printed(levy):
    age, severity = column(levy, "AGE"), scores(levy, "NIHSS", 0).to_numpy()
    assert (round(age.mean(), 1), round(age.std(), 1)) == (61.1, 10.8)
    assert hinges(severity) == (6.5, 8, 10)
    assert severity.min() >= 6


def test_patients_of_levy_leave_as_printed(levy):
    reasons = column(levy, "DCSREAS").value_counts().to_dict()
    assert {k: v for k, v in reasons.items() if k} == {
        "LOST TO FOLLOW-UP": 2, "WITHDRAWAL BY SUBJECT": 1, "DEATH": 2,
    }  # fmt: skip
    died = column(levy, "DTHFL") == "Y"
    fatal = levy.adae[levy.adae["AETOXGR"] == 5]
    assert set(fatal["USUBJID"]) == set(died.index[died])


def test_events_of_levy_are_as_printed(levy):
    serious, related = levy.adae["AESER"] == "Y", levy.adae["AEREL"] == "RELATED"
    assert (int(serious.sum()), int(related.sum()), int((serious & related).sum())) == (15, 2, 0)
    assert set(levy.adae.loc[related, "AEDECOD"]) == {"Urinary tract infection", "Infusion site irritation"}
    assert (levy.adae.loc[related, "AETOXGR"] == 1).all()


# --- the search ----------------------------------------------------------------------------------------------------


def test_the_search_reaches_a_printed_mean_and_sd():
    goals = [rounds_to("mean", mean, Printed.parse("6.8")), rounds_to("sd", sd, Printed.parse("11.4"))]
    random = np.random.default_rng(1)
    found = adjust(np.zeros(33), [np.arange(-100.0, 101, 5)] * 33, goals, random)
    assert (f"{found.mean():.1f}", f"{found.std(ddof=1):.1f}") == ("6.8", "11.4")
    assert np.array_equal(found % 5, np.zeros(33))


def test_the_search_says_what_it_missed():
    goal = Goal("mean", mean, 3, 3)
    with pytest.raises(NothingFound, match=r"not met after 50 moves: mean = [12]"):
        adjust([1, 1], [[1, 2]] * 2, [goal], np.random.default_rng(1), moves=50)


def test_the_search_stays_near_where_it_is_told_to():
    start = np.linspace(0, 100, 40)
    goal = rounds_to("mean", mean, Printed.parse("52.0"))
    found = adjust(start, [np.arange(0.0, 101)] * 40, [goal], np.random.default_rng(3), near=8)
    assert np.abs(found - start).mean() <= 8


def test_rearranging_keeps_each_group_and_comes_nearer():
    values, wished = np.array([3.0, 1, 2, 9, 8]), np.array([1.0, 2, 3, 4, 5])
    groups = (np.array([1, 1, 1, 0, 0], dtype=bool), np.array([0, 0, 0, 1, 1], dtype=bool))
    found = rearranged(values, wished, groups, [], np.random.default_rng(1))
    assert found.tolist() == [1, 2, 3, 9, 8]


@pytest.mark.parametrize(
    ("first", "second"),
    [([1, 2, 3, 4, 5.5], [2, 2, 3, 6]), ([0, 0, 1, 3], [0, 2, 2, 2, 5]), (range(20), range(3, 40, 2))],
)
def test_the_z_of_the_rank_sum_test_is_that_of_scipy(first, second):
    expected = mannwhitneyu(first, second, method="asymptotic", use_continuity=False)
    z = rank_sum_z(list(first), list(second))
    assert 2 * norm.sf(abs(z)) == pytest.approx(expected.pvalue, rel=1e-12)
    assert np.sign(z) == np.sign(expected.statistic - len(first) * len(second) / 2)


def test_equal_values_have_no_rank_difference():
    assert rank_sum_z([2, 2], [2, 2, 2]) == 0


def test_hinges_are_the_medians_of_the_halves():
    assert hinges(np.array([6, 6, 7, 7, 9, 12.0])) == (6, 7, 9)
    assert hinges(np.array([1, 2, 3, 4.0])) == (1.5, 2.5, 3.5)
    with pytest.raises(ValueError, match="even number"):
        hinges(np.array([1, 2, 3.0]))


def test_a_percentage_is_met_by_the_numbers_that_print_like_it():
    goal = share_prints("men", lambda v: v > 0, 15, Printed.parse("66.7"))
    assert (goal.low, goal.high) == (10, 10)
    with pytest.raises(ValueError, match=r"no number of 36 prints as 11\.4%"):
        share_prints("95 or more", lambda v: v > 0, 36, Printed.parse("11.4"))
