"""Subgroups of trials, against metafor."""

import json

import numpy as np
import pytest
from oracle_cases import ORACLE

from helpers.synthesis import pool, subgroups

STORED = json.loads((ORACLE / "subgroups_bcg_RR_alloc.json").read_text())
DATA = (STORED["yi"], STORED["vi"], STORED["group"])
FIELDS = {
    "estimate": "estimate",
    "se": "se",
    "ci_lb": "ci_low",
    "ci_ub": "ci_high",
    "pvalue": "p",
    "tau2": "tau2",
    "I2": "I2",
    "QE": "Q",
    "QEp": "Q_p",
}


@pytest.mark.parametrize("method", STORED["results"])
def test_groups_with_their_own_tau2_equal_metafors(method):
    stored, ours = STORED["results"][method]["separate_tau2"], subgroups(*DATA, method=method, test="z")
    for name, group in stored["groups"].items():
        for theirs, column in FIELDS.items():
            assert ours.groups.loc[name, column] == pytest.approx(group[theirs], rel=1e-9, abs=1e-12), (name, column)
    assert ours.df == (stored["df"],)
    assert (ours.Q_between, ours.p) == pytest.approx((stored["Q_between"], stored["pvalue"]), rel=1e-9)


@pytest.mark.parametrize("method", STORED["results"])
def test_groups_with_a_common_tau2_equal_metafors(method):
    stored = STORED["results"][method]["common_tau2"]
    plain, hartung_knapp = (subgroups(*DATA, common_tau2=True, method=method, test=test) for test in ("z", "knha"))
    assert (plain.Q_between, plain.p) == pytest.approx((stored["QM"], stored["QMp"]), rel=1e-9)
    assert (hartung_knapp.Q_between, hartung_knapp.p) == pytest.approx(
        (stored["QM_knha"], stored["QMp_knha"]), rel=1e-9
    )
    assert (plain.df, hartung_knapp.df) == ((2,), tuple(stored["QMdf_knha"]))
    assert plain.groups["estimate"].tolist() == pytest.approx(
        np.cumsum([1, 0, 0]) * stored["b"][0] + [0, *stored["b"][1:]]
    )
    assert plain.groups.loc["alternate", "se"] == pytest.approx(stored["se"][0], rel=1e-9)
    assert plain.groups["tau2"].to_numpy() == pytest.approx(stored["tau2"], rel=1e-9, abs=1e-12)


def test_the_test_between_does_not_rest_on_a_hartung_knapp_error_near_zero():
    y, v, group = [0.30, 0.31, 0.1, 0.9], [0.04, 0.05, 0.04, 0.05], ["a", "a", "b", "b"]
    hartung_knapp, plain = (subgroups(y, v, group, test=test) for test in ("knha", "z"))
    assert (hartung_knapp.Q_between, hartung_knapp.p) == (plain.Q_between, plain.p)
    assert hartung_knapp.groups.loc["a", "se"] < 0.1 * plain.groups.loc["a", "se"]


def test_one_trial_is_a_group_too():
    ours = subgroups([0.1, 0.9, 0.4], [0.02, 0.03, 0.05], [2, 2, 1])
    assert ours.groups.index.tolist() == [1, 2]
    assert ours.groups.loc[1, "se"] == pytest.approx(pool([0.4], [0.05]).se)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (["a", "b"], "groups and yi differ in length: 2 and 3"),
        (["a", "a", "a"], "groups: at least two are needed, got 1"),
        (["a", None, "b"], r"groups\[1\] is missing"),
    ],
)
def test_groups_that_can_not_be_compared_are_refused(groups, message):
    with pytest.raises(ValueError, match=message):
        subgroups([0.1, 0.9, 0.4], [0.02, 0.03, 0.05], groups)


def test_a_result_reads_as_text_and_as_a_frame():
    ours = subgroups(*DATA)
    assert repr(ours).startswith("Subgroups REML, knha, tau2 of its own for each\n")
    assert ours.to_frame()["k"].tolist() == [2, 7, 4]
