"""Pooling against metafor, over every stored meta-analysis, method and test."""

from fractions import Fraction
from itertools import product
from math import nan

import numpy as np
import pytest
from oracle_cases import CASES, SEVERAL_TRIALS

from helpers.synthesis import METHODS, TESTS, pool, prediction_interval

FIELDS = {
    "estimate": "estimate", "se": "se", "statistic": "statistic", "df": "df", "pvalue": "p",
    "ci_lb": "ci_low", "ci_ub": "ci_high", "tau2": "tau2", "se_tau2": "se_tau2", "I2": "I2", "H2": "H2",
    "QE": "Q", "QEp": "Q_p", "pi_lb": "pi_low", "pi_ub": "pi_high",
}  # fmt: skip
FITS = [fit for fit in product(METHODS, TESTS) if fit != ("EE", "adhoc")]  # which metafor does not have
ITERATIVE = ("ML", "REML", "EB", "PM")
# Where one trial carries nearly all the weight metafor's own Q is right to ten digits only, see the exact test below.
METAFOR_LOSES_DIGITS = ("edge_k6_tiny_vi",)


def tolerance(case, method):
    return 1e-9 if method in ITERATIVE or case.name in METAFOR_LOSES_DIGITS else 1e-11


@pytest.mark.parametrize(("method", "test"), FITS)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_number_of_a_fit_equals_metafors(case, method, test):
    stored = case.meta["fits"][f"{method}_{test}"]
    pooled = pool(case.yi, case.vi, method, test)
    rtol = tolerance(case, method)
    if len(case.yi) == 1:
        assert (pooled.test, pooled.pi_method) == ("z", "none")
    for theirs, ours in FIELDS.items():
        value, expected = getattr(pooled, ours), stored.get(theirs)
        if expected is None:  # R writes NA, nan and infinity alike
            assert not np.isfinite(value), ours
        else:
            atol = case.floor if ours in ("tau2", "se_tau2") and rtol == 1e-9 else 1e-13
            assert value == pytest.approx(expected, rel=rtol, abs=atol), ours


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "sensitivity" in case.meta])
def test_weights_equal_metafors(name):
    case = CASES[name]
    expected = case.meta["sensitivity"]["weights_REML_percent"]
    np.testing.assert_allclose(100 * pool(case.yi, case.vi).weights, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("method", "test"), [fit for fit in FITS if fit[0] != "EE"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_prediction_intervals_by_name_equal_metafors(case, method, test):
    stored = case.meta["fits"][f"{method}_{test}"]
    pooled = pool(case.yi, case.vi, method, test)
    for name, prefix in (("metafor", "pi"), ("HTS", "pi_hts"), ("t(k-1)", "pi_t_k1")):
        if f"{prefix}_lb" in stored:
            expected = (stored[f"{prefix}_lb"], stored[f"{prefix}_ub"])
            assert prediction_interval(pooled, name) == pytest.approx(expected, rel=tolerance(case, method), abs=1e-13)
        else:
            assert prediction_interval(pooled, name) == pytest.approx((nan, nan), nan_ok=True)


@pytest.mark.parametrize("name", SEVERAL_TRIALS)
def test_dersimonian_laird_equals_exact_arithmetic(name):
    case = CASES[name]
    y, v = [Fraction(x) for x in case.yi.tolist()], [Fraction(x) for x in case.vi.tolist()]
    w, k = [1 / x for x in v], len(y)
    total, squares, cubes = (sum(x**power for x in w) for power in (1, 2, 3))
    mean = sum(a * b for a, b in zip(w, y, strict=True)) / total
    q = sum(a * (b - mean) ** 2 for a, b in zip(w, y, strict=True))
    trace = total - squares / total
    tau2 = max(Fraction(0), (q - (k - 1)) / trace)
    trace_pp = squares - 2 * cubes / total + (squares / total) ** 2
    se_tau2 = float(2 * (k - 1) + 4 * tau2 * trace + 2 * tau2**2 * trace_pp) ** 0.5 / float(trace)
    pooled = pool(case.yi, case.vi, "DL", "z")
    expected = {"Q": float(q), "tau2": float(tau2), "se_tau2": se_tau2}
    for field, floor in (("Q", 1e-13), ("tau2", 1e-13 * float(case.vi.mean())), ("se_tau2", 0.0)):
        assert getattr(pooled, field) == pytest.approx(expected[field], rel=1e-12, abs=floor), field


@pytest.mark.parametrize(
    ("example", "printed"),
    [
        ("viechtbauer2005_example1",
         {"HS": 0.2282, "HE": 0.1484, "DL": 0.2768, "ML": 0.1967, "REML": 0.2232, "EB": 0.1920, "SJ": 0.1992}),
        ("viechtbauer2005_example2",
         {"HS": 0.0099, "HE": 0.0, "DL": 0.0126, "ML": 0.0132, "REML": 0.0157, "EB": 0.0104, "SJ": 0.0248}),
    ],
)  # fmt: skip
def test_tau2_equals_the_values_printed_by_viechtbauer_2005(example, printed):
    case = CASES[example]
    tau2 = {method: round(pool(case.yi, case.vi, method).tau2, 4) for method in printed}
    assert tau2 == printed


def test_two_peaks_of_the_likelihood_lead_to_the_higher():
    case = CASES["edge_k6_tiny_vi"]
    assert pool(case.yi, case.vi, "ML").tau2 == 0  # the lower peak is near 0.044
    assert pool(case.yi, case.vi, "REML").tau2 > 0.06
