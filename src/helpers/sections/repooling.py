"""What the switches of a forest plot can choose, computed here for all of its trials."""

from __future__ import annotations

import numpy as np
import pandas as pd
from IPython.display import HTML

from helpers.charts.browser_pooling import LIMITS, MODELS
from helpers.effects.trial_effects import weakest_kind
from helpers.format import estimate_with_interval, number, p_value
from helpers.sections.layout import folded
from helpers.sections.sentences import POPULATION_NAMES, count, displayed_limits, sentence_case
from helpers.synthesis import IntervalRule, Repooling, repooling
from helpers.synthesis.planned import PlannedSynthesis
from helpers.tables import publication_table


def start(rule: IntervalRule, numbers: Repooling) -> tuple[str, str]:
    """Method and test the switches start with: those of the first result shown, DL where REML is out of their reach."""
    first = rule.shown[0][1]
    return (first.method if first.method in numbers.methods else "DL"), first.test


def models(result: PlannedSynthesis) -> HTML | None:
    """All trials of each forest plot under every model that its switches offer; None where no plot has switches."""
    plots = [(POPULATION_NAMES[result.population], result.pooled, result.primary)]
    if not result.effects["pooled"].all():
        plots.append((POPULATION_NAMES["all"], result.effects, result.widened))
    rows = [
        row
        for whom, effects, rule in plots
        if rule is not None and len(effects) > 1
        for row in _rows(result, whom, effects, rule)
    ]
    if not rows:
        return None
    frame = pd.DataFrame(rows)
    table = publication_table(
        frame,
        id="models",
        columns={name: name for name in frame.columns if name not in ("Trials of", "kind")},
        groups="Trials of",
        title="The trials of each plot under every model",
        marks={_estimate(result): "kind"},
    )
    return folded([("Every model that the switches offer, for all trials of a plot", table)])


def _rows(result: PlannedSynthesis, whom: str, effects: pd.DataFrame, rule: IntervalRule) -> list[dict[str, object]]:
    numbers = repooling(effects["yi"].to_numpy(), effects["vi"].to_numpy(), level=result.level)
    started = start(rule, numbers)
    return [
        {
            "Trials of": f"{sentence_case(whom)}: {count(len(effects), 'trial')}",
            "kind": weakest_kind(effects["kind"]),
            "Model": MODELS[each.method][0],
            "Limits": LIMITS[each.test][0],
            _estimate(result): estimate_with_interval(*displayed_limits(each, result.log)),
            "Test of no effect": p_value(each.p),
            "τ²": number(each.tau2, 3),
            "I²": f"{number(each.I2, 0)}%",
            "The plot starts here": (each.method, each.test) == started,
        }
        for each in numbers.every_model(np.full(len(effects), True))
    ]


def _estimate(result: PlannedSynthesis) -> str:
    return f"Estimate ({result.level:.0%} interval)"
