"""Numbers allocated, and baseline p-values, against what chance gives."""

import numpy as np
import pytest
from scipy import stats

from helpers.scrutiny.allocation import allocation_p
from helpers.scrutiny.baseline_balance import baseline_balance
from helpers.scrutiny.checks import randomisation
from helpers.scrutiny.finding import CONFLICTS, CONSISTENT, NOT_CHECKABLE, REPRODUCED
from helpers.scrutiny.printed_number import Printed


def p_values(text):
    return tuple(Printed.parse(each) for each in text.split())


def test_the_allocation_of_39_to_15_against_2_to_1():
    found = randomisation.allocation("39:15", ratio="2:1")
    assert round(allocation_p(39, 15, 2, 1), 2) == 0.47
    assert (found.status, found.recomputed) == (CONSISTENT, "p = 0.4708")
    assert found.reason == "39:15 is compatible with allocation 2:1 (exact binomial test, p = 0.4708)."


def test_an_even_split_is_no_closer_than_its_closed_form():
    assert allocation_p(6, 0, 1, 1) == pytest.approx(2 / 2**6, rel=1e-12)
    assert allocation_p(0, 3, 2, 1) == pytest.approx((1 / 3) ** 3, rel=1e-12)  # 3:0 is more likely, (2/3)^3


@pytest.mark.parametrize(
    ("numbers", "ratio", "status"),
    [
        ("40:20", "2:1", REPRODUCED),
        ("30:14", "1:1", CONSISTENT),
        ("20:11", "2:1", CONSISTENT),
        ("40:2", "1:1", CONFLICTS),
    ],
)
def test_how_an_allocation_is_judged(numbers, ratio, status):
    assert randomisation.allocation(numbers, ratio=ratio).status == status


def test_an_unlikely_allocation_is_called_possible():
    assert "unlikely but possible" in randomisation.allocation("30:14", ratio="1:1").reason


@pytest.mark.parametrize(
    ("numbers", "ratio", "message"),
    [
        ("39-15", "2:1", "the reported numbers: must be two whole numbers from 0 on"),
        ("39:15", "2:0", "ratio: must be two whole numbers from 1 on"),
        ("0:0", "2:1", "n1 and n2: must not both be 0"),
    ],
)
def test_an_unreadable_allocation_is_refused(numbers, ratio, message):
    with pytest.raises(ValueError, match=message):
        randomisation.allocation(numbers, ratio=ratio)


BECKER = "0.016 0.067 0.250 0.405 0.871"  # hypothetical p-values of Becker 1994, which R's metadat keeps as beckerp


def test_stouffers_and_kolmogorovs_p_are_scipys():
    found = baseline_balance(p_values(BECKER))
    values = [float(each) for each in BECKER.split()]
    assert found.stouffer.p == pytest.approx(stats.combine_pvalues(values, method="stouffer").pvalue, rel=1e-10)
    assert found.kolmogorov == pytest.approx(stats.kstest(values, "uniform", method="exact").pvalue, rel=1e-10)


def test_stouffers_closed_form_for_equal_p_values():
    found = baseline_balance(p_values("0.90 " * 4))
    assert found.stouffer.p == pytest.approx(stats.norm.cdf(2 * stats.norm.ppf(0.9)), rel=1e-12)
    assert found.stouffer.low == pytest.approx(stats.norm.cdf(2 * stats.norm.ppf(0.895)), rel=1e-12)


def test_a_p_printed_as_one_does_not_decide_alone():
    found = baseline_balance(p_values("1.00 0.20 0.30"))
    assert 0 < found.stouffer.p < 1 == found.stouffer.high


def test_under_chance_the_combined_p_is_uniform():
    draws = np.random.default_rng(20261121).uniform(size=(2000, 8))
    combined = [baseline_balance([Printed.parse(f"{p:.6f}") for p in row]).stouffer.p for row in draws[:400]]
    assert stats.kstest(combined, "uniform").pvalue > 0.001


@pytest.mark.parametrize(
    ("p", "status", "words"),
    [
        ("0.12 0.5 0.9 0.33 0.71 0.05", CONSISTENT, "as chance allocation may give"),
        ("0.99 0.98 0.97 0.95 0.99 1.00", NOT_CHECKABLE, "look more alike than chance"),
        ("0.001 0.002 0.001 0.004 0.010", NOT_CHECKABLE, "look more different than chance"),
        ("0.99 0.98", NOT_CHECKABLE, "fewer than 5 variables"),
    ],
)
def test_baseline_balance_never_conflicts(p, status, words):
    found = randomisation.baseline_balance("balanced", p=p_values(p))
    assert found.status == status and words in found.reason


@pytest.mark.parametrize(
    ("p", "message"),
    [
        ("0.5", "p: must be at least two p-values, got 1"),
        ("0.5 1.2", r"p\[1\]: must lie between 0 and 1, got 1\.2"),
        ("0.5 >0.05", "p: must be a number without a sign"),
    ],
)
def test_unusable_baseline_p_values_are_refused(p, message):
    with pytest.raises(ValueError, match=message):
        randomisation.baseline_balance("balanced", p=p_values(p))
