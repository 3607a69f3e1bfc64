"""Who is counted where, and how the arms differed at entry."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.patients.analysis_sets import analysis_set, analysis_sets
from helpers.patients.baseline import baseline_table, difference_of_means, difference_of_shares
from helpers.patients.flow import ENDS, participant_flow
from helpers.patients.quartiles import quartile

COLUMNS = ["USUBJID", "TRT01P", "TRT01A", "ITTFL", "SAFFL", "EOSSTT", "DCSREAS", "DTHFL"]
ROWS = [
    ["1", "cells", "cells", "Y", "Y", "COMPLETED", "", ""],
    ["2", "cells", "cells", "Y", "Y", "DISCONTINUED", "LOST TO FOLLOW-UP", ""],
    ["3", "cells", "control", "Y", "Y", "DISCONTINUED", "WITHDRAWAL BY SUBJECT", ""],
    ["4", "cells", "", "Y", "N", "DISCONTINUED", "PHYSICIAN DECISION", ""],
    ["5", "control", "control", "Y", "Y", "DISCONTINUED", "DEATH", "Y"],
    ["6", "control", "control", "N", "Y", "ONGOING", "", ""],
    ["7", "control", "control", "Y", "Y", "COMPLETED", "", "Y"],
]
ADSL = pd.DataFrame(ROWS, columns=COLUMNS)
ARMS = ["cells", "control"]


def test_sets_take_patients_as_planned_or_as_treated():
    assert analysis_set(ADSL, "itt").groupby("arm")["USUBJID"].apply(list).to_dict() == {
        "cells": ["1", "2", "3", "4"], "control": ["5", "7"],
    }  # fmt: skip
    assert analysis_set(ADSL, "as-treated").groupby("arm")["USUBJID"].apply(list).to_dict() == {
        "cells": ["1", "2"], "control": ["3", "5", "6", "7"],
    }  # fmt: skip
    sets = analysis_sets(ADSL, ARMS)
    assert sets.sizes.set_index(["set", "arm"])["n"].to_dict()["safety", "control"] == 4
    assert sets.moved.set_index(["planned", "actual"])["n"].to_dict() == {
        ("cells", "cells"): 2, ("cells", "control"): 1, ("cells", ""): 1, ("control", "control"): 3,
    }  # fmt: skip
    with pytest.raises(ValueError, match="per-protocol"):
        analysis_set(ADSL, "per-protocol")


def test_the_flow_counts_each_patient_once_and_a_death_before_anything_else():
    flow = participant_flow(ADSL, ARMS, measured={"1", "5", "6"}).arms.set_index("arm")
    assert flow.loc["cells", ["allocated", "treated", "other_arm", "untreated"]].tolist() == [4, 2, 1, 1]
    assert flow.loc["cells", ["completed", "lost", "withdrawn", "other"]].tolist() == [1, 1, 1, 1]
    assert flow.loc["control", ["died", "ongoing", "completed"]].tolist() == [2, 1, 0]
    assert (flow[list(ENDS)].sum(axis=1) == flow["allocated"]).all()
    assert flow["measured"].tolist() == [1, 1]
    assert flow["itt"].tolist() == [4, 2]
    assert flow["as_treated"].tolist() == [2, 4]


def test_assessed_patients_are_known_only_where_screened_ones_are_in_the_data():
    assert participant_flow(ADSL, ARMS).assessed is None
    screened = pd.concat([ADSL, pd.DataFrame([["8", "", "", "N", "N", "", "", ""]], columns=COLUMNS)])
    assert participant_flow(screened, ARMS).assessed == 8
    assert participant_flow(screened, ARMS, assessed=90).assessed == 90
    assert participant_flow(screened, ARMS).randomised == 7


def test_without_a_status_nothing_is_claimed_about_the_end():
    bare = participant_flow(ADSL.drop(columns=["EOSSTT", "DCSREAS", "DTHFL"]), ARMS)
    assert bare.arms["unknown"].tolist() == [4, 3]


def test_standardised_differences_follow_their_formulas():
    first, second = np.array([1.0, 2, 3, 6]), np.array([2.0, 4, 9])
    expected = (3 - 5) / np.sqrt((first.var(ddof=1) + second.var(ddof=1)) / 2)
    assert difference_of_means(first, second) == pytest.approx(expected, rel=1e-14)
    p, q = 0.6, 0.4
    assert difference_of_shares([6, 4], [8, 12]) == pytest.approx((p - q) / np.sqrt((0.24 + 0.24) / 2), rel=1e-14)
    assert difference_of_shares([5, 0], [5, 0]) == 0
    assert np.isnan(difference_of_shares([5, 0], [0, 5]))


def test_the_difference_of_many_categories_does_not_depend_on_the_one_left_out():
    first, second = [8, 5, 2], [3, 9, 6]
    there = difference_of_shares(first, second)
    assert there == pytest.approx(difference_of_shares(first[::-1], second[::-1]), rel=1e-12)
    rng = np.random.default_rng(0)  # a category nobody has changes nothing
    assert there == pytest.approx(difference_of_shares([8, 0, 5, 2], [3, 0, 9, 6]), rel=1e-12)
    same = rng.integers(1, 9, 5)
    assert difference_of_shares(same, same) == 0


def test_a_baseline_table_describes_both_groups_and_shows_no_p():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"AGE": rng.normal(60, 10, 54), "SEX": rng.choice(["F", "M"], 54)})
    frame.loc[4, "AGE"] = np.nan
    group = np.repeat(["cells", "control"], [39, 15])
    table = baseline_table(frame, group, {"AGE": "continuous", "SEX": "categorical"}, ("cells", "control"))
    age, female, male = (row for row in table.rows.to_dict("records"))
    assert (age["n_1"], age["missing_1"], age["n_2"]) == (38, 1, 15)
    assert age["sd_1"] == pytest.approx(frame["AGE"][:39].std(), rel=1e-12)
    assert female["count_1"] + male["count_1"] == 39 and np.isnan(male["difference"])
    assert table.expected == pytest.approx(stats.norm.ppf(0.975) * np.sqrt(1 / 39 + 1 / 15), rel=1e-12)
    assert not [name for name in table.rows if name.startswith("p_") or name == "p"]
    with pytest.raises(ValueError, match="no column BMI"):
        baseline_table(frame, group, {"BMI": "continuous"}, ("cells", "control"))


def test_quartiles_are_those_of_sas():
    # By hand: a quarter of four patients is one, so the value lies half way to the next; of five it is 1.25.
    assert [quartile([1, 2, 4, 8], share) for share in (0.25, 0.5, 0.75)] == [1.5, 3, 6]
    assert [quartile([1, 2, 4, 8, 16], share) for share in (0.25, 0.5, 0.75)] == [2, 4, 8]
