"""Effect sizes against metafor's escalc: the grids, and every data set whose raw numbers are stored."""

import json
from pathlib import Path

import numpy as np
import pytest

from helpers import effects

ORACLE = Path(__file__).parents[1] / "oracle"
GRID = json.loads((ORACLE / "escalc_grid.json").read_text())

TABLE = {
    "OR": effects.log_odds_ratio,
    "RR": effects.log_risk_ratio,
    "RD": effects.risk_difference,
    "PETO": effects.peto_log_odds_ratio,
}
CONTINUOUS = {
    "MD": effects.mean_difference,
    "SMD": effects.standardized_mean_difference,
    "SMDH": effects.standardized_mean_difference_unequal_variances,
    "ROM": effects.log_ratio_of_means,
    "CVR": effects.log_ratio_of_variation,
}
PROPORTION = {
    "PR": effects.proportion,
    "PLN": effects.log_proportion,
    "PLO": effects.logit_proportion,
    "PAS": effects.arcsine_proportion,
    "PFT": effects.freeman_tukey_proportion,
}
RATE = {"IR": effects.rate, "IRLN": effects.log_rate}
CHANGE = {
    "MC": effects.mean_change,
    "SMCC": lambda *inputs: effects.standardized_mean_change(*inputs, standardize_by="change"),
    "SMCR": effects.standardized_mean_change,
}


def values(mapping, *names):
    """Columns as float arrays, null as nan."""
    return [np.array([np.nan if x is None else x for x in mapping[name]], dtype=float) for name in names]


def assert_same(effect, expected):
    yi, vi = values(expected, "yi", "vi")
    defined = np.isfinite(yi) & np.isfinite(vi)
    np.testing.assert_allclose(effect.yi, np.where(defined, yi, np.nan), rtol=1e-11, atol=1e-15)
    np.testing.assert_allclose(effect.vi, np.where(defined, vi, np.nan), rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("to", ["only0", "all", "if0all", "none"])
@pytest.mark.parametrize("measure", TABLE)
def test_two_by_two_tables_with_zero_cells(measure, to):
    inputs = values(GRID["inputs"]["table"], "ai", "n1", "ci", "n2")
    assert_same(TABLE[measure](*inputs, to=to), GRID["outputs"][f"table_{measure}_{to}"])


@pytest.mark.parametrize("measure", CONTINUOUS)
def test_two_group_means(measure):
    inputs = values(GRID["inputs"]["continuous"], "m1", "sd1", "n1", "m2", "sd2", "n2")
    assert_same(CONTINUOUS[measure](*inputs), GRID["outputs"][f"continuous_{measure}_LS"])


@pytest.mark.parametrize("to", ["only0", "all", "if0all", "none"])
def test_arcsine_differences_need_no_correction(to):
    inputs = values(GRID["inputs"]["table"], "ai", "n1", "ci", "n2")
    assert_same(effects.arcsine_difference(*inputs), GRID["outputs"][f"table_AS_{to}"])


def test_hedges_g_with_the_unbiased_variance():
    inputs = values(GRID["inputs"]["continuous"], "m1", "sd1", "n1", "m2", "sd2", "n2")
    effect = effects.standardized_mean_difference(*inputs, vtype="UB")
    assert_same(effect, GRID["outputs"]["continuous_SMD_UB"])


def test_ratio_of_sds():
    inputs = values(GRID["inputs"]["continuous"], "sd1", "n1", "sd2", "n2")
    assert_same(effects.log_ratio_of_sds(*inputs), GRID["outputs"]["continuous_VR_LS"])


@pytest.mark.parametrize("measure", PROPORTION)
def test_proportions(measure):
    inputs = values(GRID["inputs"]["proportion"], "xi", "ni")
    assert_same(PROPORTION[measure](*inputs), GRID["outputs"][f"proportion_{measure}"])


@pytest.mark.parametrize("measure", RATE)
def test_rates(measure):
    inputs = values(GRID["inputs"]["rate"], "xi", "ti")
    assert_same(RATE[measure](*inputs), GRID["outputs"][f"rate_{measure}"])


@pytest.mark.parametrize("measure", CHANGE)
def test_changes(measure):
    inputs = values(GRID["inputs"]["change"], "m1", "sd1", "m2", "sd2", "ni", "ri")
    assert_same(CHANGE[measure](*inputs), GRID["outputs"][f"change_{measure}"])


def test_raw_means():
    inputs = values(GRID["inputs"]["mean"], "mi", "sdi", "ni")
    assert_same(effects.raw_mean(*inputs), GRID["outputs"]["mean_MN"])


ARGUMENTS = {
    **dict.fromkeys([*TABLE, "AS"], ("ai", "n1i", "ci", "n2i")),
    **dict.fromkeys(CONTINUOUS, ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")),
    **dict.fromkeys(PROPORTION, ("xi", "ni")),
    "IRLN": ("xi", "ti"),
    "IRR": ("x1i", "t1i", "x2i", "t2i"),
    "ZCOR": ("ri", "ni"),
}
FUNCTIONS = {
    **TABLE, **CONTINUOUS, **PROPORTION, **RATE, 
    "AS": effects.arcsine_difference, "IRR": effects.log_rate_ratio, "ZCOR": effects.fisher_z,
}  # fmt: skip


def data_sets():
    for path in sorted(ORACLE.glob("*.json")):
        stored = json.loads(path.read_text())
        arguments = ARGUMENTS.get(stored.get("measure"))
        if arguments and set(arguments) <= set(stored["data"] or ()):
            yield pytest.param(stored, id=path.stem)


@pytest.mark.parametrize("stored", list(data_sets()))
def test_published_data_sets(stored):
    inputs = values(stored["data"], *ARGUMENTS[stored["measure"]])
    assert_same(FUNCTIONS[stored["measure"]](*inputs), stored)


def test_the_rate_difference_is_the_difference_of_two_rates():
    effect = effects.rate_difference([3, 12], [100.5, 300], [7, 9], [98.2, 280])
    first, second = effects.rate([3, 12], [100.5, 300]), effects.rate([7, 9], [98.2, 280])
    np.testing.assert_allclose(effect.yi, first.yi - second.yi, rtol=1e-13)
    np.testing.assert_allclose(effect.vi, first.vi + second.vi, rtol=1e-13)


def test_drop00_gives_nan_for_uninformative_trials_only():
    effect = effects.log_odds_ratio([0, 20, 0], [20, 20, 20], [0, 15, 2], [20, 15, 20], drop00=True)
    assert np.isnan(effect.yi).tolist() == [True, True, False]
    rates = effects.log_rate_ratio([0, 0, 3], 10, [0, 2, 0], 10, drop00=True)
    assert np.isnan(rates.yi).tolist() == [True, False, False]


def test_a_trial_without_zeros_is_not_corrected():
    with_zero = effects.log_odds_ratio([0, 5], [20, 20], [3, 9], [20, 20])
    assert with_zero.yi[1] == effects.log_odds_ratio(5, 20, 9, 20, to="none").yi


def test_scalars_give_floats():
    effect = effects.risk_difference(5, 20, 9, 20)
    assert isinstance(effect.yi, float)
    assert isinstance(effect.vi, float)
