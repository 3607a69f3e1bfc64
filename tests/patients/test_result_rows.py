"""A trial's patients give the numbers that a published table would give, by hand or by the statistics library."""

from __future__ import annotations

import statistics

import numpy as np
import pandas as pd
import pytest
from patient_folder import ADAE, ADQS, ADSL, EVENTS, PATIENTS, TRIAL, PatientFolder, measurements

from helpers.evidence import load
from helpers.evidence.result_rules import COLUMNS
from helpers.patients import read_patients, result_rows


def rows_of(folder: PatientFolder) -> pd.DataFrame:
    assert folder.faults() == []
    evidence = load(folder.path)
    patients = read_patients(evidence, "alpha", folder.path)
    assert patients is not None
    return result_rows(patients, evidence.trials["alpha"], evidence.outcomes)


def numbers(rows: pd.DataFrame, **where: object) -> dict[str, float]:
    """statistic (or level) -> value of one outcome, arm, day, ..."""
    where = {"variable": "value", "day": 90, "population": "itt"} | where
    chosen = rows[np.logical_and.reduce([rows[name] == str(value) for name, value in where.items()])]
    keys = chosen["statistic"].where(chosen["level"] == "", chosen["level"])
    assert keys.is_unique
    return dict(zip(keys, chosen["value"].astype(float), strict=True))


def test_scores_of_an_arm(folder: PatientFolder) -> None:
    scores = [80, 60, 35]
    q1, median, q3 = 35, 60, 80  # type 2: a quarter of three patients is not a whole one
    assert numbers(rows_of(folder), outcome="barthel", arm="cells") == pytest.approx(
        {
            "n": 3, "mean": statistics.mean(scores), "sd": statistics.stdev(scores), "median": median,
            "q1": q1, "q3": q3, "min": 35, "max": 80,
        }
    )  # fmt: skip


def test_changes_from_baseline(folder: PatientFolder) -> None:
    found = numbers(rows_of(folder), outcome="barthel", arm="cells", variable="change")
    assert (found["n"], found["min"], found["max"]) == (3, 15, 40)
    assert found["mean"] == pytest.approx(80 / 3)
    assert found["sd"] == pytest.approx(statistics.stdev([40, 25, 15]))


def test_a_missing_score_counts_nowhere(folder: PatientFolder) -> None:
    assert numbers(rows_of(folder), outcome="barthel", arm="control") == {
        "n": 1, "mean": 65, "median": 65, "q1": 65, "q3": 65, "min": 65, "max": 65,
    }  # fmt: skip


def test_every_level_of_an_ordinal_scale_is_counted(folder: PatientFolder) -> None:
    found = numbers(rows_of(folder), outcome="mrs", arm="control")
    assert [found[str(level)] for level in range(7)] == [0, 0, 0, 1, 0, 0, 1]
    assert sum(found[str(level)] for level in range(7)) == found["n"] == 2


def test_baseline_has_values_and_no_change(folder: PatientFolder) -> None:
    rows = rows_of(folder)
    assert numbers(rows, outcome="barthel", arm="cells", day=0)["mean"] == pytest.approx(95 / 3)
    assert rows.query("day == '0' and variable == 'change'").empty


def test_as_treated_is_given_where_it_differs(folder: PatientFolder) -> None:
    """P3 was planned for cells and treated as control; the safety set holds the same patients and arms."""
    rows = rows_of(folder)
    assert numbers(rows, outcome="barthel", arm="cells", population="as-treated")["mean"] == 70
    assert numbers(rows, outcome="barthel", arm="control", population="as-treated")["mean"] == 50
    assert set(rows["population"]) == {"itt", "as-treated"}
    folder.put(ADSL, PATIENTS.assign(TRT01A=PATIENTS["TRT01P"]))
    assert set(rows_of(folder)["population"]) == {"itt"}


def test_the_safety_set_is_given_for_events_where_it_differs(folder: PatientFolder) -> None:
    folder.put(ADSL, PATIENTS.assign(TRT01A=PATIENTS["TRT01P"], SAFFL=["Y", "Y", "N", "Y", "Y", "Y"]))
    rows = rows_of(folder)
    assert numbers(rows, outcome="sae", arm="cells", population="safety")["event_count"] == 0
    assert numbers(rows, outcome="sae", arm="cells")["event_count"] == 1
    assert set(rows.query("population == 'safety'")["outcome"]) <= {
        "death", "ae", "ae-patients", "ae-related", "sae", "sae-patients", "sae-related",
    }  # fmt: skip


def test_patients_outside_itt_do_not_count_in_it(folder: PatientFolder) -> None:
    folder.put(ADSL, PATIENTS.assign(ITTFL=["Y", "Y", "N", "Y", "Y", "Y"]))
    assert numbers(rows_of(folder), outcome="barthel", arm="cells")["n"] == 2


@pytest.mark.parametrize(
    ("outcome", "statistic", "cells", "control"),
    [
        ("ae", "event_count", 3, 2),
        ("ae-patients", "events", 2, 1),
        ("ae-related", "event_count", 1, 0),
        ("sae", "event_count", 1, 2),
        ("sae-patients", "events", 1, 1),
        ("sae-related", "events", 0, 0),
        ("death", "events", 0, 1),
    ],
)
def test_events_by_arm(folder: PatientFolder, outcome: str, statistic: str, cells: int, control: int) -> None:
    rows = rows_of(folder)
    for arm, events, days in (("cells", cells, 91 + 90 + 88), ("control", control, 40 + 92 + 60)):
        found = numbers(rows, outcome=outcome, arm=arm)
        assert (found["n"], found[statistic]) == (3, events)
        assert found["person_years"] == pytest.approx(days / 365.25)


def test_events_until_each_visit(folder: PatientFolder) -> None:
    """At day 30 an event of day 30 counts, a death on day 60 does not, and nobody is at risk for longer than 30 days."""
    adqs = measurements()
    month = adqs.query("AWTARGET == 90").assign(AWTARGET=30, AVISIT="Month 1", ADY=30)
    folder.put(ADQS, pd.concat([adqs, month]))
    rows = rows_of(folder)
    assert numbers(rows, outcome="sae", arm="cells", day=30)["event_count"] == 1
    assert numbers(rows, outcome="sae", arm="control", day=30)["event_count"] == 1
    assert numbers(rows, outcome="sae", arm="control", day=90)["event_count"] == 2
    assert numbers(rows, outcome="death", arm="control", day=30)["events"] == 0
    assert numbers(rows, outcome="death", arm="control", day=90)["events"] == 1
    assert numbers(rows, outcome="death", arm="control", day=30)["person_years"] == pytest.approx(90 / 365.25)


def test_an_event_without_a_day_counts_in_the_whole_follow_up_only(folder: PatientFolder) -> None:
    adqs = measurements()
    folder.put(ADQS, pd.concat([adqs, adqs.query("AWTARGET == 90").assign(AWTARGET=30, AVISIT="Month 1", ADY=30)]))
    folder.put(ADAE, EVENTS.assign(ASTDY=""))
    rows = rows_of(folder)
    assert numbers(rows, outcome="ae", arm="cells", day=30)["event_count"] == 0
    assert numbers(rows, outcome="ae", arm="cells", day=90)["event_count"] == 3


def test_what_is_not_known_gives_no_row(folder: PatientFolder) -> None:
    folder.put(ADSL, PATIENTS.assign(EOSDY=[91, 90, "", 40, 92, 60], DTHFL="", DCSREAS=""))
    folder.put(ADAE, EVENTS.assign(AEREL=["RELATED", "", "NOT RELATED", "NOT RELATED", "NOT RELATED"]))
    rows = rows_of(folder)
    assert "person_years" not in numbers(rows, outcome="ae", arm="cells")
    assert "person_years" in numbers(rows, outcome="ae", arm="control")
    assert not {"ae-related", "sae-related"} & set(rows["outcome"])
    (folder.path / ADAE).unlink()
    assert not {"ae", "sae", "ae-patients"} & set(rows_of(folder)["outcome"])


def test_no_event_at_all_is_a_result(folder: PatientFolder) -> None:
    folder.put(ADAE, EVENTS.head(0))
    rows = rows_of(folder)
    assert numbers(rows, outcome="ae", arm="cells")["event_count"] == 0
    assert numbers(rows, outcome="sae-related", arm="control")["events"] == 0


def test_who_the_patients_were(folder: PatientFolder) -> None:
    folder.write("outcomes.csv", folder.read("outcomes.csv") + "male,Men,,,characteristic,baseline,,,,none,%,,,,,Men\n")
    rows = rows_of(folder)
    assert numbers(rows, outcome="age", arm="cells", day=0)["mean"] == pytest.approx((61 + 72 + 55) / 3)
    assert numbers(rows, outcome="male", arm="cells", day=0) == {"n": 3, "events": 2}
    assert numbers(rows, outcome="male", arm="control", day=0) == {"n": 2, "events": 1}  # one patient's sex is unknown


def test_what_became_of_them(folder: PatientFolder) -> None:
    folder.write(
        "outcomes.csv",
        folder.read("outcomes.csv")
        + "feasibility,Treated as allocated,,,binary,flow,,,,higher,%,,,,,Treated\n"
        + "lost-to-follow-up,Lost,,,binary,flow,,,,lower,%,,,,,Lost\n",
    )
    rows = rows_of(folder)
    assert numbers(rows, outcome="feasibility", arm="cells", day=0) == {"n": 3, "events": 2}
    assert rows.query("outcome == 'feasibility' and arm == 'control'").empty
    assert numbers(rows, outcome="lost-to-follow-up", arm="control") == {"n": 3, "events": 1}


def test_a_binary_outcome_is_counted_from_the_levels_of_a_scale_that_is_not_ordinal(folder: PatientFolder) -> None:
    folder.write(
        "outcomes.csv",
        folder.read("outcomes.csv")
        + "barthel-60,BI >= 60,,,binary,activities,,,,higher,%,,,barthel,60 65 70 80,Good\n",
    )
    rows = rows_of(folder)
    assert numbers(rows, outcome="barthel-60", arm="cells") == {"n": 3, "events": 2}
    assert numbers(rows, outcome="barthel-60", arm="cells", day=0) == {"n": 3, "events": 0}


def test_an_arm_holds_the_patients_of_its_parts(folder: PatientFolder) -> None:
    folder.write(
        TRIAL,
        folder.read(TRIAL).replace(
            "[[reports]]",
            '[[arms]]\nid = "low"\nlabel = "Low dose"\nrole = "experimental"\npart_of = "cells"\n\n[[reports]]',
        ),
    )
    low = PATIENTS["TRT01P"].mask(PATIENTS["USUBJID"].isin(["P1", "P2"]), "low")
    folder.put(ADSL, PATIENTS.assign(TRT01P=low, TRT01A=low))
    rows = rows_of(folder)
    assert numbers(rows, outcome="barthel", arm="low")["mean"] == 70
    assert numbers(rows, outcome="barthel", arm="cells")["n"] == 3
    assert numbers(rows, outcome="ae", arm="cells")["event_count"] == 3
    assert numbers(rows, outcome="ae", arm="low")["event_count"] == 2


def test_rows_have_the_form_of_results_csv_and_pass_its_rules(folder: PatientFolder) -> None:
    rows = rows_of(folder)
    assert tuple(rows.columns) == COLUMNS
    assert set(rows["kind"]) == {"patients"}
    assert set(rows["report"]) == {"doe-2020"} and set(rows["source"]) == {"doe2020"}
    assert set(rows["locator"]) == {"patient-level data"}
    assert set(rows["visit"]) == {"Baseline", "Month 3"}
    assert all("type 2" in note for note in rows.loc[rows["statistic"].isin(["q1", "q3"]), "note"])
    folder.put("trials/alpha/patient-results.csv", rows)
    assert folder.faults() == []


def test_rows_are_the_same_whatever_the_order_of_the_files(folder: PatientFolder) -> None:
    before = rows_of(folder)
    for file in (ADSL, ADQS, ADAE):
        folder.put(file, folder.frame(file).iloc[::-1])
    pd.testing.assert_frame_equal(rows_of(folder), before)
