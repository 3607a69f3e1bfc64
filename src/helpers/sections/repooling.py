"""What the switches of a forest plot can choose, computed here for all of its trials."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.format import estimate_with_interval, number, p_value
from helpers.sections.layout import folded, table
from helpers.sections.sentences import POPULATION_NAMES, count, displayed_limits, sentence_case
from helpers.synthesis import IntervalRule, Pooled, Repooling, repooling
from helpers.synthesis.planned import PlannedSynthesis

METHOD_NAMES = {"EE": "Common effect", "DL": "DerSimonian-Laird (DL)", "REML": "Restricted maximum likelihood (REML)"}
TEST_NAMES = {"z": "Wald", "knha": "Hartung-Knapp (HK)", "adhoc": "Hartung-Knapp with the ad hoc floor (HK floor)"}


def start(rule: IntervalRule, numbers: Repooling) -> tuple[str, str]:
    """Method and test the switches start with: those of the first result shown, DL where REML is out of their reach."""
    first = rule.shown[0][1]
    return (first.method if first.method in numbers.methods else "DL"), first.test


def models(result: PlannedSynthesis) -> Any:
    """All trials of each forest plot under every model its switches offer."""
    plots = {POPULATION_NAMES[result.population]: (result.pooled, result.primary)}
    if not result.effects["pooled"].all():
        plots[POPULATION_NAMES["all"]] = (result.effects, result.widened)
    rows = [
        {"Trials of": f"{sentence_case(whom)}: {count(len(effects), 'trial')}"} | _row(result, each, chosen)
        for whom, (effects, rule) in plots.items()
        if rule is not None and len(effects) > 1
        for numbers in [repooling(effects["yi"].to_numpy(), effects["vi"].to_numpy(), level=result.level)]
        for chosen in [start(rule, numbers)]
        for each in numbers.every_model(np.full(len(effects), True))
    ]
    if not rows:
        return None
    frame = pd.DataFrame(rows)
    return folded(
        [
            (
                "All models of the switches, for all trials",
                table(frame, id="models", title="The same trials under every model", groups="Trials of"),
            )
        ]
    )


def _row(result: PlannedSynthesis, each: Pooled, chosen: tuple[str, str]) -> dict[str, str]:
    return {
        "Model": METHOD_NAMES[each.method],
        "Limits": TEST_NAMES[each.test],
        f"Estimate ({result.level:.0%} interval)": estimate_with_interval(*displayed_limits(each, result.log)),
        "Test of no effect": p_value(each.p),
        "τ²": number(each.tau2, 3),
        "I²": f"{number(each.I2, 0)}%",
        "The plot starts with it": "yes" if (each.method, each.test) == chosen else "",
    }
