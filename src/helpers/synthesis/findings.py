"""From a planned synthesis to its row of a summary of findings: what it means per 1,000 patients, and how certain it is."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

import pandas as pd

from helpers.synthesis.absolute_effects import MEASURES, AbsoluteEffect, absolute_effect
from helpers.synthesis.certainty import Certainty, certainty
from helpers.synthesis.interval_rule import IntervalRule
from helpers.synthesis.planned import PlannedSynthesis
from helpers.synthesis.pooling import Pooled
from helpers.synthesis.summary_of_findings import Finding, summary_of_findings

if TYPE_CHECKING:
    from helpers.evidence import Evidence

EVEN = 0.5  # of the pairs that a generalised odds ratio compares, when there is no effect


@dataclass(frozen=True)
class ControlGroups:
    """What happened without the cells in the trials that are pooled, their control groups added up.

    trials: ids. events: patients with the event, or events; n: patients. risk: events / n (above 1 is possible for
    events of which a patient may have several).
    """

    trials: tuple[str, ...]
    events: float
    n: float

    @property
    def risk(self) -> float:
        return self.events / self.n


@dataclass(frozen=True)
class ScaleOfPoints:
    """A scale on which a standardized difference can be read: the SD of a control group, and where it was reported."""

    trial: str
    outcome: str
    variable: str
    sd: float


@dataclass(frozen=True, eq=False)
class SynthesisFinding:
    """One question of the summary of findings.

    rule: what the interval rule shows. rows: the effects behind it. controls: None for measures without a risk. effects:
    label of each result shown -> its absolute effect; empty without a risk. points: scales that an SMD can be read on.
    certainty: None where these trials have not been judged together.
    """

    synthesis: str
    plan: pd.Series
    rule: IntervalRule
    rows: pd.DataFrame
    controls: ControlGroups | None
    effects: dict[str, AbsoluteEffect]
    points: tuple[ScaleOfPoints, ...]
    certainty: Certainty | None

    @property
    def k(self) -> int:
        return len(self.rows)

    @property
    def n(self) -> int:
        """Patients in both arms of all trials."""
        return int((self.rows["n1i"] + self.rows["n2i"]).sum())

    def to_frame(self) -> pd.DataFrame:
        """A row a result that the interval rule shows, as `summary_of_findings` lays them out."""
        found = [
            Finding(label, self.k, self.n, self.effects.get(label), self.certainty) for label, _ in self.rule.shown
        ]
        return summary_of_findings(found).rename(columns={"outcome": "interval"})


def finding(evidence: Evidence, result: PlannedSynthesis, *, widened: bool = False) -> SynthesisFinding | None:
    """The row of one planned synthesis; None without a trial.

    widened: over all population classes instead of the chosen one. The risk without cells is that of the trials' own
    control groups, added up: the typical risk of the patients studied, not of any other.
    Guyatt 2013, doi:10.1016/j.jclinepi.2012.01.012.
    """
    rule, rows = (result.widened, result.effects) if widened else (result.primary, result.pooled)
    if rule is None:
        return None
    measure = result.plan["measure"]
    controls = _controls(rows, measure)
    effects = {}
    for label, pooled in rule.shown:
        if measure == "GenOR":
            effects[label] = _absolute(EVEN, pooled, "OR", log=True)
        elif controls is not None:
            effects[label] = _absolute(controls.risk, pooled, measure, log=result.log)
    return SynthesisFinding(
        synthesis=str(result.plan.name),
        plan=result.plan,
        rule=rule,
        rows=rows,
        controls=controls,
        effects=effects,
        points=_points(rows) if measure == "SMD" else (),
        certainty=judged(evidence, str(result.plan.name), rows["trial"]),
    )


def judged(evidence: Evidence, synthesis: str, trials: pd.Series) -> Certainty | None:
    """The certainty of one body of evidence: a synthesis with exactly these trials. None where it was not judged."""
    rows = evidence.certainty[evidence.certainty["synthesis"] == synthesis]
    own = rows[[set(named.split()) == set(trials) for named in rows["trials"]]]
    return None if own.empty else certainty(own, own["start"].iloc[0])


def _absolute(risk: float, pooled: Pooled, measure: str, *, log: bool) -> AbsoluteEffect:
    limits = (pooled.estimate, pooled.ci_low, pooled.ci_high)
    estimate, low, high = (exp(min(value, 700)) if log else value for value in limits)
    if measure == "RD":
        low, high = max(low, -1.0), min(high, 1.0)
    return absolute_effect(risk, estimate, low, high, measure)


def _controls(rows: pd.DataFrame, measure: str) -> ControlGroups | None:
    if measure not in MEASURES:
        return None
    events = rows["x2i" if measure == "IRR" else "ci"]
    return ControlGroups(tuple(rows["trial"]), float(events.sum()), float(rows["n2i"].sum()))


def _points(rows: pd.DataFrame) -> tuple[ScaleOfPoints, ...]:
    known = rows[rows["sd2i"].notna()]
    return tuple(ScaleOfPoints(row.trial, row.outcome, row.variable, float(row.sd2i)) for row in known.itertuples())
