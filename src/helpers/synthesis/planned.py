"""The planned syntheses: which trials answer one question in a comparable way, and what they say together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.effects.trial_effects import LOG_MEASURES, trial_effects, usable
from helpers.synthesis import IntervalRule, interval_rule

if TYPE_CHECKING:
    from helpers.evidence import Evidence

POPULATIONS = {
    "iv-msc": ("iv-msc",),
    "any-route": ("iv-msc", "other-route-msc"),
    "all": ("iv-msc", "other-route-msc", "near-relative"),
}
# widest first; a result of a subset of patients is never pooled
ANALYSIS_SETS = ("itt", "imputed", "mitt", "as-treated", "safety", "observed", "per-protocol", "imaging")


@dataclass(frozen=True)
class PlannedSynthesis:
    """One row of `syntheses.csv`, carried out.

    plan: the row. population, level: as asked for. effects: one effect a trial, with its population class and whether
    it is `pooled`.
    left_out: trials with a result on the question that give no comparable effect, why, and the p-value they print.
    primary: the pooled result over the chosen population class; None without a trial.
    widened: the same over all population classes; None without a trial.
    """

    plan: pd.Series
    population: str
    level: float
    effects: pd.DataFrame
    left_out: pd.DataFrame
    primary: IntervalRule | None
    widened: IntervalRule | None

    @property
    def log(self) -> bool:
        """Whether the measure is pooled on the log scale."""
        return self.plan["measure"] in LOG_MEASURES

    @property
    def pooled(self) -> pd.DataFrame:
        """The effects that enter the primary result."""
        return self.effects[self.effects["pooled"]]


def planned_syntheses(
    evidence: Evidence, *, population: str = "iv-msc", sources: str = "all", level: float = 0.95
) -> dict[str, PlannedSynthesis]:
    """Carry out every planned synthesis, by id.

    population: "iv-msc" (intravenous MSCs), "any-route" (MSCs by any route) or "all" (near relatives too). sources:
    "all" or "primary". level: confidence level.
    Each trial gives at most one effect: of the first outcome in the plan's order for which one can be computed, the
    final score before the change, the time nearest to the target day, the widest analysis set. Two reports of one
    trial are one trial. A comparison without any event says nothing about a ratio and is left out, named (Cochrane
    Handbook, section 10.4.4); an effect that is not finite likewise.
    Raises ValueError for an unknown population or source word.
    """
    if population not in POPULATIONS:
        raise ValueError(f"population is {population!r}; allowed: {', '.join(POPULATIONS)}")
    reported = usable(evidence.results, sources)
    effects = trial_effects(evidence, sources=sources, level=level)
    return {
        str(name): _carried_out(evidence, plan, reported, _candidates(evidence, plan, effects), population, level)
        for name, plan in evidence.syntheses.iterrows()
    }


def planned_synthesis(
    evidence: Evidence, synthesis: str, *, population: str = "iv-msc", sources: str = "all", level: float = 0.95
) -> PlannedSynthesis:
    """Carry out one planned synthesis, as `planned_syntheses` does. Raises KeyError for an unknown id."""
    if synthesis not in evidence.syntheses.index:
        raise KeyError(f"synthesis {synthesis!r}; allowed: {', '.join(evidence.syntheses.index)}")
    own = about(evidence, synthesis)
    return planned_syntheses(own, population=population, sources=sources, level=level)[synthesis]


def about(evidence: Evidence, synthesis: str) -> Evidence:
    """The evidence with one planned synthesis and the results that bear on it: the rest need not be worked out."""
    plans = evidence.syntheses.loc[[synthesis]]
    outcomes = plans["outcomes"].iloc[0].split()
    origins = evidence.outcomes.loc[evidence.outcomes.index.isin(outcomes), "from_outcome"]
    bearing = evidence.results["outcome"].isin([*outcomes, *origins])
    return replace(evidence, syntheses=plans, results=evidence.results[bearing])


def answerable(syntheses: Mapping[str, PlannedSynthesis], *, trials: int = 2) -> list[str]:
    """The syntheses to which at least `trials` trials of any population class contribute an effect."""
    return [name for name, result in syntheses.items() if len(result.effects) >= trials]


def _carried_out(
    evidence: Evidence, plan: pd.Series, reported: pd.DataFrame, candidates: pd.DataFrame, population: str, level: float
) -> PlannedSynthesis:
    one_each = _one_each(candidates)
    one_each = one_each.assign(pooled=one_each["population_class"].isin(POPULATIONS[population]))
    return PlannedSynthesis(
        plan=plan,
        population=population,
        level=level,
        effects=one_each.reset_index(drop=True),
        left_out=_left_out(evidence, plan, reported, candidates, set(one_each["trial"])),
        primary=_pool(one_each[one_each["pooled"]], level),
        widened=_pool(one_each, level),
    )


def chosen_effects(evidence: Evidence, plan: pd.Series, effects: pd.DataFrame) -> pd.DataFrame:
    """The one effect that each trial of any population class contributes to a plan, in order of the years.

    plan: a row of `syntheses.csv`, its measure perhaps replaced. effects: as `trial_effects` gives them.
    """
    return _one_each(_candidates(evidence, plan, effects)).reset_index(drop=True)


def _one_each(candidates: pd.DataFrame) -> pd.DataFrame:
    finite = candidates[_informative(candidates) & np.isfinite(candidates["yi"].astype(float))]
    return finite.drop_duplicates("trial").sort_values(["year", "trial"])


def _informative(effects: pd.DataFrame) -> pd.Series:
    """Without any event a ratio is unknown, while a risk difference of zero is a result."""
    return ~(effects["no_events"] & effects["measure"].isin(LOG_MEASURES))


def _pool(chosen: pd.DataFrame, level: float) -> IntervalRule | None:
    return None if chosen.empty else interval_rule(chosen["yi"].to_numpy(), chosen["vi"].to_numpy(), level=level)


def _candidates(evidence: Evidence, plan: pd.Series, effects: pd.DataFrame) -> pd.DataFrame:
    """All effects that fit the plan, the preferred one of each trial first."""
    order = {outcome: place for place, outcome in enumerate(plan["outcomes"].split())}
    fits = effects[
        effects["outcome"].isin(order)
        & (effects["measure"] == plan["measure"])
        & effects["day"].between(plan["day_from"], plan["day_to"])
        & effects["population"].isin(ANALYSIS_SETS)
    ]
    fits = fits.assign(
        population_class=[evidence.trials[trial].population_class for trial in fits["trial"]],
        year=[evidence.trials[trial].year for trial in fits["trial"]],
    )
    preference = pd.DataFrame(
        {
            "trial": fits["trial"],
            "outcome": fits["outcome"].map(order),
            "variable": fits["variable"] != "value",  # a final score before a change
            "distance": (fits["day"] - plan["day_target"]).abs(),
            "set": fits["population"].map(ANALYSIS_SETS.index),
        }
    )
    return fits.loc[preference.sort_values(list(preference.columns), kind="stable").index]


def _left_out(
    evidence: Evidence, plan: pd.Series, reported: pd.DataFrame, candidates: pd.DataFrame, included: set[str]
) -> pd.DataFrame:
    """Trials with a reported number on the question that yields no comparable effect, and why."""
    reported = reported[reported["outcome"].isin(plan["outcomes"].split())]
    rows = []
    for trial in sorted(set(reported["trial"]) - included):
        own = reported[reported["trial"] == trial]
        reason = _reason(evidence, plan, own, candidates[candidates["trial"] == trial])
        rows.append({"trial": trial, "reason": reason, "printed_p": _printed_p(own)})
    return pd.DataFrame(rows, columns=["trial", "reason", "printed_p"])


def _printed_p(own: pd.DataFrame) -> str:
    """The first printed p-value of a comparison, such as `p = 0.732`; empty without one."""
    tests = own[(own["statistic"] == "p") & (own["comparator"] != "")]
    return f"p {tests['qualifier'].iloc[0] or '='} {tests['printed'].iloc[0]}" if len(tests) else ""


def _reason(evidence: Evidence, plan: pd.Series, own: pd.DataFrame, candidates: pd.DataFrame) -> str:
    trial = evidence.trials[own["trial"].iloc[0]]
    compared = own[own["comparator"] != ""]
    if trial.design == "single-arm":
        return "single arm: there is no control group to compare with"
    if len(candidates) and not _informative(candidates).any():
        return "no event in either arm: nothing follows for a ratio"
    if len(candidates):
        return "one group does better throughout, so that the effect has no finite value"
    if not own["day"].between(plan["day_from"], plan["day_to"]).any():
        return f"reported outside day {plan['day_from']:g} to {plan['day_to']:g}"
    directions = compared.loc[compared["statistic"] == "direction", "value"]
    has_p = (compared["statistic"] == "p").any()
    if has_p and not directions.any():
        return "only a p-value is reported, without the direction of the difference"
    if len(directions) and not has_p:
        return "only the direction of the difference is reported, without a number"
    return "the reported numbers do not give this effect measure"
