"""Dose escalation: the rule as data, what happened in each tier, and what it leaves possible."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import comb

from helpers.effects import proportion_interval
from helpers.effects.checks import check_level
from helpers.evidence.vocabulary import ESCALATION

FloatArray = NDArray[np.float64]
DECISIONS = ESCALATE, EXPAND, STOP = ESCALATION
NOT_FORESEEN = "not foreseen"


@dataclass(frozen=True)
class Step:
    """With so many `patients` in a tier and at_most so many of them with a dose-limiting event: `then` what is done."""

    patients: int
    at_most: int
    then: str


@dataclass(frozen=True)
class EscalationRule:
    """The first step in the order given that fits a tier decides. source: where the rule was stated, or that it is assumed."""

    name: str
    steps: tuple[Step, ...]
    source: str

    def decide(self, patients: int, limiting: int) -> str:
        """escalate, expand, stop, or "not foreseen" where the rule says nothing about a tier of this size."""
        for step in self.steps:
            if step.patients == patients and limiting <= step.at_most:
                return step.then
        return NOT_FORESEEN

    def probability_of_escalation(self, risk: ArrayLike) -> FloatArray:
        """Probability that a tier is followed by a higher dose when each of its patients has a dose-limiting event with `risk`.

        risk: scalar or (k,) between 0 and 1. A tier that is expanded goes to the next size the rule names.
        """
        p = np.atleast_1d(np.asarray(risk, dtype=float))
        sizes = sorted({step.patients for step in self.steps})
        reached = {0: np.ones_like(p)}  # events so far -> probability of still being in this tier
        before, escalated = 0, np.zeros_like(p)
        for size in sizes:
            now: dict[int, FloatArray] = {}
            added = size - before
            for events, probability in reached.items():
                for new in range(added + 1):
                    mass = probability * comb(added, new) * p**new * (1 - p) ** (added - new)
                    decision = self.decide(size, events + new)
                    if decision == ESCALATE:
                        escalated = escalated + mass
                    elif decision == EXPAND:
                        now[events + new] = now.get(events + new, 0.0) + mass
            reached, before = now, size
        return escalated


THREE_PLUS_THREE = EscalationRule(
    "3+3",
    (Step(3, 0, ESCALATE), Step(3, 1, EXPAND), Step(3, 3, STOP), Step(6, 1, ESCALATE), Step(6, 6, STOP)),
    "Storer 1989, doi:10.2307/2531693",
)
RULES = {THREE_PLUS_THREE.name: THREE_PLUS_THREE}


def rule_from(steps: Iterable[Mapping[str, object]], name: str, source: str) -> EscalationRule:
    """A rule from data: entries with patients, at_most and then. Raises ValueError for a step that makes no sense."""
    made = []
    for i, entry in enumerate(steps):
        if set(entry) != {"patients", "at_most", "then"}:
            raise ValueError(
                f"step {i + 1}: needs patients, at_most and then, got {', '.join(map(str, entry)) or 'nothing'}"
            )
        patients, at_most, then = entry["patients"], entry["at_most"], entry["then"]
        if not (isinstance(patients, int) and isinstance(at_most, int) and 0 <= at_most <= patients and patients > 0):
            raise ValueError(f"step {i + 1}: patients and at_most must be whole numbers, at_most no more than patients")
        if then not in DECISIONS:
            raise ValueError(f"step {i + 1}: then must be one of {', '.join(DECISIONS)}, got {then!r}")
        made.append(Step(patients, at_most, str(then)))
    if not made:
        raise ValueError("a rule needs a step")
    return EscalationRule(name, tuple(made), source)


def none_of(sizes: Iterable[int], source: str = "assumed: the trial's rule is not stated") -> EscalationRule:
    """The strictest rule for tiers of these sizes: go on only where no patient had a dose-limiting event."""
    steps = [step for size in sorted(set(sizes)) for step in (Step(size, 0, ESCALATE), Step(size, size, STOP))]
    return EscalationRule("no dose-limiting event in the tier", tuple(steps), source)


@dataclass(frozen=True, eq=False)
class DoseTiers:
    """tiers: a row a tier in the order of treatment: arm, dose, n; limiting, serious, related_serious (patients with such an
    event), each with _high, the one-sided exact upper limit of its proportion; decision of the rule; next_dose (nan for the last
    tier); went_on (the next tier is a higher dose and has patients); allowed (the rule said escalate); kept (the rule was
    kept: nothing went on that was not allowed).
    doses: the same counts and limits for all tiers of one dose together, and in the last row for all doses (dose nan).
    definition: what counts as dose-limiting.
    """

    tiers: pd.DataFrame
    doses: pd.DataFrame
    rule: EscalationRule
    definition: str
    level: float

    def to_frame(self) -> pd.DataFrame:
        """The tiers."""
        return self.tiers


def dose_limiting(adae: pd.DataFrame) -> tuple[pd.Series, str]:
    """Which events count as dose-limiting, and by what definition: the trial's own mark (DLTFL = Y) where there is such a column,
    else every related event that was serious or of grade 3 or higher, which is an assumption.
    """
    if "DLTFL" in adae:
        return adae["DLTFL"] == "Y", "events that the trial marked as dose-limiting"
    severe = (adae["AESER"] == "Y") | (pd.to_numeric(adae["AETOXGR"], errors="coerce") >= 3)
    related = adae["AEREL"] == "RELATED"
    return severe & related, "assumed, as no event is marked: related events that were serious or of grade 3 or higher"


def dose_tiers(
    patients: pd.DataFrame, adae: pd.DataFrame, doses: Mapping[str, float], rule: EscalationRule, level: float = 0.95
) -> DoseTiers:
    """Count limiting and serious events in each tier and apply the rule.

    patients: one row a treated patient: USUBJID, arm. adae: one row an event. doses: arm -> dose; tiers are taken in the order of
    their dose, tiers of one dose in the order given. Raises ValueError for an arm without a dose. Upper limits: Clopper and
    Pearson, one-sided at `level`.
    """
    check_level(level)
    unknown = sorted(set(patients["arm"]) - set(doses))
    if unknown:
        raise ValueError(f"doses: no dose for the arm {unknown[0]}")
    order = [arm for arm in sorted(doses, key=lambda arm: doses[arm]) if (patients["arm"] == arm).any()]
    if not order:
        raise ValueError("patients: no tier has a patient")
    limiting, definition = dose_limiting(adae)
    serious = adae["AESER"] == "Y"
    masks = {"limiting": limiting, "serious": serious, "related_serious": serious & (adae["AEREL"] == "RELATED")}
    with_event = {name: patients["USUBJID"].isin(adae.loc[mask, "USUBJID"]) for name, mask in masks.items()}

    def counted(of: pd.Series) -> dict[str, object]:
        n = int(of.sum())
        row: dict[str, object] = {"n": n}
        for name, flag in with_event.items():
            x = int((flag & of).sum())
            row |= {name: x, f"{name}_high": proportion_interval(x, n, level, side="upper").high}
        return row

    tiers = pd.DataFrame([{"arm": arm, "dose": doses[arm]} | counted(patients["arm"] == arm) for arm in order])
    tiers["decision"] = [rule.decide(row.n, row.limiting) for row in tiers.itertuples()]
    tiers["next_dose"] = tiers["dose"].shift(-1)
    tiers["went_on"] = tiers["next_dose"] > tiers["dose"]
    tiers["allowed"] = tiers["decision"] == ESCALATE
    tiers["kept"] = ~tiers["went_on"] | tiers["allowed"]
    dose_of = patients["arm"].map(doses)
    summed = [{"dose": dose} | counted(dose_of == dose) for dose in sorted(set(dose_of))]
    summed.append({"dose": float("nan")} | counted(pd.Series(True, index=patients.index)))
    return DoseTiers(tiers, pd.DataFrame(summed), rule, definition, level)
