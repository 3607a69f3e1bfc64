"""Absolute effects, certainty and the summary-of-findings row."""

from math import inf

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.synthesis import Finding, absolute_effect, certainty, summary_of_findings


def rows(*judgements):
    return pd.DataFrame(judgements, columns=["domain", "step", "ground"])


def test_a_risk_ratio_gives_patients_per_thousand():
    effect = absolute_effect(0.2, 0.75, 0.5, 1.1)
    assert effect.baseline == pytest.approx(200)
    assert effect.treated == pytest.approx((150, 100, 220))
    assert effect.difference == pytest.approx((-50, -100, 20))
    assert [(needed.number, needed.kind) for needed in effect.numbers_needed] == [
        (pytest.approx(20), "fewer"),
        (pytest.approx(10), "fewer"),
        (pytest.approx(50), "more"),
    ]


def test_an_odds_ratio_gives_the_number_needed_of_the_cochrane_handbook():
    # Handbook 15.4.4.4: assumed risk 0.3, odds ratio 0.73 -> 62 fewer per 1,000, number needed 16.2
    effect = absolute_effect(0.3, 0.73, 0.73, 0.73, "OR")
    assert effect.difference[0] == pytest.approx(-61.7, abs=0.05)
    assert effect.numbers_needed[0].number == pytest.approx(16.2, abs=0.05)


def test_a_risk_can_not_exceed_one():
    assert absolute_effect(0.8, 1.5, 1.1, 2.0).treated == pytest.approx((1000, 880, 1000))


def test_no_difference_has_no_number_needed():
    needed = absolute_effect(0.2, 1, 0.5, 2).numbers_needed[0]
    assert (needed.number, needed.kind) == (inf, "none")


@given(st.floats(0.01, 0.99), st.floats(0.05, 20))
def test_an_odds_ratio_gives_back_itself(risk, ratio):
    treated = absolute_effect(risk, ratio, ratio, ratio, "OR").treated[0] / 1000
    assert treated / (1 - treated) / (risk / (1 - risk)) == pytest.approx(ratio, rel=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1.2, 1, 1, 1), "baseline_risk: must lie between 0 and 1, got 1.2"),
        ((0.2, -0.3, -0.5, 0.1), "estimate: must be positive, and not a log"),
        ((0.2, 0.5, 0.7, 0.9), "must not fall"),
        ((0.2, 0.5, 0.4, inf), "high: must be positive"),
    ],
)
def test_impossible_effects_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        absolute_effect(*arguments)


@pytest.mark.parametrize(
    ("start", "steps", "level"),
    [
        ("high", [0], "high"),
        ("high", [-1, -1], "low"),
        ("high", [-2, -2], "very low"),
        ("low", [-1], "very low"),
        ("high", [], "high"),
    ],
)
def test_certainty_is_the_sum_of_the_judgements(start, steps, level):
    domains = ["risk of bias", "imprecision"]
    judgements = rows(*[(domain, step, "why") for domain, step in zip(domains, steps, strict=False)])
    assert certainty(judgements, start).level == level


def test_a_large_effect_raises_an_observational_start():
    result = certainty(rows(("large effect", 2, "RR 0.1"), ("imprecision", -1, "30 events")), "low")
    assert result.level == "moderate"
    assert result.footnotes == ("large effect, +2: RR 0.1", "imprecision, -1: 30 events")


@pytest.mark.parametrize(
    ("judgements", "message"),
    [
        (rows(("bias", -1, "x")), r"judgements\[0\]: domain must be one of risk of bias"),
        (rows(("imprecision", 1, "x")), r"judgements\[0\]: step of imprecision must be one of -2, -1, 0, got 1"),
        (rows(("imprecision", -1, " ")), r"judgements\[0\]: a ground is needed"),
        (
            rows(("imprecision", -1, "x"), ("imprecision", -1, "y")),
            r"judgements\[1\]: the domain imprecision is judged twice",
        ),
        (rows(("imprecision", -1, "x")).drop(columns="ground"), "lacks the column ground"),
    ],
)
def test_incomplete_judgements_are_refused_with_their_row(judgements, message):
    with pytest.raises(ValueError, match=message):
        certainty(judgements)


def test_a_summary_holds_one_row_a_finding():
    judged = certainty(rows(("imprecision", -2, "few events")))
    findings = [
        Finding("Death", 3, 210, absolute_effect(0.1, 0.8, 0.4, 1.6), judged),
        Finding("Motor recovery", 2, 85, None, judged),
    ]
    table = summary_of_findings(findings)
    assert table["outcome"].tolist() == ["Death", "Motor recovery"]
    assert table["certainty"].tolist() == ["low", "low"]
    assert table.loc[0, "difference_per_1000"] == pytest.approx(-20)
    assert pd.isna(table.loc[1, "relative"])
    assert table.loc[0, "footnotes"] == "imprecision, -2: few events"


def test_a_rate_ratio_gives_events_per_thousand_patients_which_may_exceed_a_thousand():
    effect = absolute_effect(1.2, 0.5, 0.25, 2.0, "IRR")
    assert effect.baseline == pytest.approx(1200)
    assert effect.treated == pytest.approx((600, 300, 2400))


def test_a_finding_that_nobody_judged_has_no_certainty():
    table = summary_of_findings([Finding("Death", 3, 210, None, None)])
    assert table.loc[0, ["certainty", "footnotes"]].tolist() == ["", ""]
