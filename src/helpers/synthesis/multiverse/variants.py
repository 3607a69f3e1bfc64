"""The defensible ways to choose and prepare the trials' effects for one planned synthesis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers import effects
from helpers.effects.raw_scores import smd_of_raw_scores
from helpers.effects.trial_effects import trial_effects
from helpers.synthesis.influence import influence
from helpers.synthesis.multiverse.specifications import Variant
from helpers.synthesis.planned import POPULATIONS, about, chosen_effects
from helpers.synthesis.pooling import pool

if TYPE_CHECKING:
    from helpers.evidence import Evidence

SOURCES = ("all", "primary")
BINARY = ("RR", "OR", "RD")
AS_REPORTED = "as reported"
CORRELATIONS = {AS_REPORTED: None, "r = 0.5": 0.5, "r = 0.7": 0.7, "r = 0.9": 0.9}
ANY_BIAS, NO_HIGH_RISK = "all", "without high risk"
HIGH_RISK = ("high", "serious", "critical")
EVERY, RESIDUAL, APART = "none left out", "residual beyond 1.96", "interval apart from the pooled one"
OUTLIER_RULES = (EVERY, RESIDUAL, APART)
ZERO_ADDED, ZERO_LEFT_OUT = "0.5 added", "trial left out"
OUTLIER_TRIALS = 3  # fewer can not show which of them is the odd one


def variants(
    evidence: Evidence, synthesis: str, *, population: str = "iv-msc", sources: str = "all", level: float = 0.95
) -> list[Variant]:
    """The variants of one planned synthesis, as `all_variants` gives them. Raises KeyError for an unknown id."""
    if synthesis not in evidence.syntheses.index:
        raise KeyError(f"synthesis {synthesis!r}; allowed: {', '.join(evidence.syntheses.index)}")
    own = about(evidence, synthesis)
    return all_variants(own, population=population, sources=sources, level=level)[synthesis]


def all_variants(
    evidence: Evidence, *, population: str = "iv-msc", sources: str = "all", level: float = 0.95
) -> dict[str, list[Variant]]:
    """Of each planned synthesis, every combination of the choices that can be made before pooling.

    population, sources: the book's own choice, which comes first among the variants; a combination that leaves no trial
    is left out, and so the list is empty where no trial answers in any way, and begins with another choice where the
    book's own leaves none. level: of the single trials' intervals, which the outlier rules look at.
    measure: for counts RR, OR and RD; for means SMD and SMDH (unequal variances, where means and SDs are known); else the
    planned one. zero cells (only where a trial has one): half a patient added to each cell, or the trial left out.
    correlation (only for standardized differences): as reported, or differences of changes and of adjusted scores
    brought to the SD of raw scores. risk of bias: all, or without trials at high, serious or critical risk overall.
    outliers (three or more trials): none left out; without studentized residuals beyond 1.96 (Viechtbauer and Cheung
    2010, doi:10.1002/jrsm.11); without trials whose interval lies apart from the pooled one.
    """
    computed = {each: trial_effects(evidence, sources=each, level=level) for each in _first(sources, SOURCES)}
    return {
        str(name): _of_plan(evidence, plan, computed, population, sources, level)
        for name, plan in evidence.syntheses.iterrows()
    }


def _of_plan(
    evidence: Evidence, plan: pd.Series, computed: dict[str, pd.DataFrame], population: str, sources: str, level: float
) -> list[Variant]:
    high = _at_high_risk(evidence)
    found = []
    for its_sources, its_effects in computed.items():
        for measure in _measures(plan["measure"]):
            rows = _of_measure(evidence, plan, its_effects, measure)
            for its_population in _first(population, tuple(POPULATIONS)):
                chosen = rows[rows["population_class"].isin(POPULATIONS[its_population])]
                where = {"measure": measure, "population": its_population, "sources": its_sources}
                found += [
                    Variant(
                        where | choices, tuple(kept["trial"]), kept["yi"].to_numpy(float), kept["vi"].to_numpy(float)
                    )
                    for choices, kept in _prepared(chosen, plan["measure"], high, level)
                    if len(kept)
                ]
    return sorted(found, key=lambda each: _distance(each, plan["measure"], population, sources))


def _first(own: str, others: tuple[str, ...]) -> list[str]:
    return [own, *(other for other in others if other != own)]


def _distance(variant: Variant, measure: str, population: str, sources: str) -> int:
    """0 for the book's own variant. Sorting is stable, so that the others keep their order among equals."""
    own = {
        "measure": measure, "population": population, "sources": sources, "zero cells": ZERO_ADDED,
        "correlation": AS_REPORTED, "risk of bias": ANY_BIAS, "outliers": EVERY,
    }  # fmt: skip
    return sum(answer != own[question] for question, answer in variant.choices.items())


def _measures(planned: str) -> list[str]:
    if planned in BINARY:
        return _first(planned, BINARY)
    return ["SMD", "SMDH"] if planned == "SMD" else [planned]


def _of_measure(evidence: Evidence, plan: pd.Series, computed: pd.DataFrame, measure: str) -> pd.DataFrame:
    """One effect a trial. SMDH replaces the SMD of the trials whose means and SDs are known."""
    planned = plan.copy()
    planned["measure"] = "SMD" if measure == "SMDH" else measure
    rows = chosen_effects(evidence, planned, computed)
    known = rows["sd1i"].notna()
    if measure == "SMDH" and known.any():
        own = rows[known]
        numbers = {name: own[name].to_numpy(float) for name in ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")}
        unequal = effects.standardized_mean_difference_unequal_variances(**numbers, vtype="LS")
        sign = np.sign(own["yi"].to_numpy(float))  # turned toward benefit, as the SMD is
        rows.loc[known, "yi"], rows.loc[known, "vi"] = sign * np.abs(unequal.yi), unequal.vi
    return rows


def _prepared(
    rows: pd.DataFrame, planned: str, high: set[str], level: float
) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    for zero_choice, corrected in _zero_cells(rows, planned):
        for correlation_choice, rescaled in _correlations(corrected, planned):
            for bias in (ANY_BIAS, NO_HIGH_RISK):
                trusted = rescaled if bias == ANY_BIAS else rescaled[~rescaled["trial"].isin(high)]
                for rule in OUTLIER_RULES:
                    choices = zero_choice | correlation_choice | {"risk of bias": bias, "outliers": rule}
                    yield choices, trusted[~_outlying(trusted, rule, level)]


def _zero_cells(rows: pd.DataFrame, planned: str) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    if planned not in BINARY and planned != "IRR":
        yield {}, rows
        return
    cells = rows[["ai", "ci"]] if planned in BINARY else rows[["x1i", "x2i"]]
    zero = (cells == 0).any(axis=1) | (rows["ai"] == rows["n1i"]) | (rows["ci"] == rows["n2i"])
    yield {"zero cells": ZERO_ADDED}, rows
    yield {"zero cells": ZERO_LEFT_OUT}, rows[~zero]


def _correlations(rows: pd.DataFrame, planned: str) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    if planned != "SMD":
        yield {}, rows
        return
    adjusted = rows["route"].str.contains("mixed model|ancova|adjusted", case=False) & (rows["variable"] == "value")
    for label, r in CORRELATIONS.items():
        rescaled = rows.copy()
        for design, which in (("change", rows["variable"] == "change"), ("adjusted", adjusted)):
            if r is not None and which.any():
                raw = smd_of_raw_scores(rows.loc[which, "yi"], rows.loc[which, "vi"], np.full(which.sum(), r), design)
                rescaled.loc[which, "yi"], rescaled.loc[which, "vi"] = raw.yi, raw.vi
        yield {"correlation": label}, rescaled


def _outlying(rows: pd.DataFrame, rule: str, level: float) -> pd.Series:
    none = pd.Series(False, index=rows.index)
    if rule == EVERY or len(rows) < OUTLIER_TRIALS:
        return none
    yi, vi = rows["yi"].to_numpy(float), rows["vi"].to_numpy(float)
    if rule == RESIDUAL:
        return none | (influence(yi, vi)["rstudent"].abs() > 1.96).to_numpy()
    low, high = effects.Effect(yi, vi).interval(level)
    pooled = pool(yi, vi, test="adhoc", level=level)
    return none | (np.asarray(low) > pooled.ci_high) | (np.asarray(high) < pooled.ci_low)


def _at_high_risk(evidence: Evidence) -> set[str]:
    rows = evidence.bias[(evidence.bias["domain"] == "overall") & evidence.bias["judgement"].isin(HIGH_RISK)]
    return set(rows["trial"])
