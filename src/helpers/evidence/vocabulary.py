"""The fixed words of the data format, and what each statistic of results.csv may hold."""

from __future__ import annotations

import math
from dataclasses import dataclass

POPULATION_CLASSES = ("iv-msc", "other-route-msc", "near-relative")
DESIGNS = ("randomised", "non-randomised", "single-arm")
TRIAL_STATUSES = ("completed", "stopped early", "ongoing")
ROLES = ("experimental", "control")
REPORT_KINDS = ("main", "imaging", "post-hoc", "follow-up", "protocol")
READ_KINDS = ("primary", "registry", "secondary", "derived")
"""Kinds of source of a number that someone read and typed."""
SOURCE_KINDS = ("patients", *READ_KINDS)
"""All kinds, strongest first; `patients` is computed from the trial's patient-level data and never typed."""
FACTS = (
    "population",
    "cell_type",
    "cell_source",
    "dose",
    "route",
    "timing",
    "comparator",
    "allocation",
    "blinding",
    "centres",
    "country",
    "follow_up",
    "primary_outcome",
    "entry_criteria",
)

OUTCOME_TYPES = ("ordinal", "continuous", "binary", "events", "characteristic")
DOMAINS = ("disability", "activities", "neurological", "motor", "imaging", "safety", "flow", "baseline")
DIRECTIONS = ("higher", "lower", "none")

VARIABLES = ("value", "change")
ANALYSIS_POPULATIONS = (
    "itt",
    "mitt",
    "as-treated",
    "per-protocol",
    "safety",
    "observed",
    "imputed",
    "imaging",
    "subset",
)
QUALIFIERS = ("<", "<=", ">", ">=", "~")
ALL_ARMS = "all"

SEARCH_STATUSES = ("included", "duplicate", "excluded", "context")

SCORES = ("ordinal", "continuous", "characteristic")
"""Outcome types whose values are scores or measurements of single patients."""

MEASURES = {
    "RR": ("binary",),
    "OR": ("binary",),
    "RD": ("binary",),
    "IRR": ("events",),
    "SMD": SCORES,
    "MD": SCORES,
    "GenOR": ("ordinal",),
}
"""Effect measures and the outcome types each can be computed from."""

TOWARD_BENEFIT = ("SMD", "GenOR")
"""Measures turned by the outcome's direction, so that outcomes of both directions can be pooled."""


@dataclass(frozen=True)
class BiasTool:
    """A risk-of-bias tool: the designs it judges, its domains and its judgements, best first."""

    designs: tuple[str, ...]
    domains: tuple[str, ...]
    judgements: tuple[str, ...]


BIAS_TOOLS = {
    # Sterne 2019, doi:10.1136/bmj.l4898
    "RoB 2": BiasTool(
        designs=("randomised",),
        domains=("D1", "D2", "D3", "D4", "D5", "overall"),
        judgements=("low", "some concerns", "high"),
    ),
    # Sterne 2016, doi:10.1136/bmj.i4919
    "ROBINS-I": BiasTool(
        designs=("non-randomised", "single-arm"),
        domains=("D1", "D2", "D3", "D4", "D5", "D6", "D7", "overall"),
        judgements=("low", "moderate", "serious", "critical", "no information"),
    ),
}

CERTAINTY_STARTS = ("high", "low")
LOWERING = ("risk of bias", "inconsistency", "indirectness", "imprecision", "publication bias")
RAISING = ("large effect", "dose-response", "opposing confounding")
CERTAINTY_STEPS = {domain: (0, -1, -2) for domain in LOWERING} | {domain: (0, 1, 2) for domain in RAISING}
"""GRADE's domains, and by how many levels each may move the certainty. Guyatt 2011, doi:10.1016/j.jclinepi.2010.04.026."""

OUTCOME_UNIT = "the outcome's unit"


@dataclass(frozen=True)
class Statistic:
    """What a row with this statistic may hold.

    unit: the unit to be written, or OUTCOME_UNIT.
    low, high: bounds of the value that hold for every outcome.
    whole: only whole numbers.
    on_scale: the value lies on the outcome's scale (for a change: between plus and minus its range).
    compares: the statistic may compare two arms; needs_comparator: outside single-arm trials it has to.
    types: the outcome types it can be reported for.
    """

    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    whole: bool = False
    on_scale: bool = False
    compares: bool = False
    needs_comparator: bool = False
    types: tuple[str, ...] = OUTCOME_TYPES


_SCORE = Statistic(unit=OUTCOME_UNIT, on_scale=True, types=SCORES)
_SPREAD = Statistic(unit=OUTCOME_UNIT, low=0, types=SCORES)
_PROBABILITY = Statistic(low=0, high=1, compares=True, needs_comparator=True)

STATISTICS = {
    "n": Statistic(unit="patients", low=1, whole=True),
    "mean": _SCORE,
    "sd": _SPREAD,
    "se": _SPREAD,
    "median": _SCORE,
    "q1": _SCORE,
    "q3": _SCORE,
    "min": _SCORE,
    "max": _SCORE,
    "events": Statistic(unit="patients", low=0, whole=True, types=("binary", "characteristic")),
    "event_count": Statistic(unit="events", low=0, whole=True, types=("events",)),
    "person_years": Statistic(unit="person-years", low=0, types=("binary", "events")),
    "percent": Statistic(unit="%", low=0, high=100),
    "proportion": Statistic(low=0, high=1),
    "count": Statistic(unit="patients", low=0, whole=True, types=("ordinal",)),
    "estimate": Statistic(unit=OUTCOME_UNIT, compares=True, needs_comparator=True),
    "ci_low": Statistic(unit=OUTCOME_UNIT, compares=True),
    "ci_high": Statistic(unit=OUTCOME_UNIT, compares=True),
    "p": _PROBABILITY,
    "p_adjusted": _PROBABILITY,
    "direction": Statistic(low=-1, high=1, whole=True, compares=True),
}

WITHIN_ARM = ("within", "from baseline", "paired", "predictor", "correlation")
"""Words in the method of a test inside one arm: it has no comparator, in a controlled trial either."""

NEEDS_N = ("mean", "events", "percent", "event_count")
"""Statistics that can not be used without the number of patients they are about."""

ESCALATION = ("escalate", "expand", "stop")
"""What a rule of dose escalation does after a tier."""
