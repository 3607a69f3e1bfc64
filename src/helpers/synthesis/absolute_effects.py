"""From a pooled ratio to what it means for 1,000 patients: the rows of a summary-of-findings table."""

from dataclasses import asdict, dataclass
from math import inf, isfinite

import pandas as pd

from helpers.effects.checks import check_choice

PATIENTS = 1000
MEASURES = ("RR", "OR", "RD", "IRR")
Triple = tuple[float, float, float]


@dataclass(frozen=True)
class NumberNeeded:
    """One more patient with the event (kind "more") or one fewer (kind "fewer") for every `number` treated.

    number: inf where there is no difference.
    """

    number: float
    kind: str

    def to_frame(self) -> pd.DataFrame:
        """One row, a column a field."""
        return pd.DataFrame([asdict(self)])


@dataclass(frozen=True)
class AbsoluteEffect:
    """Patients with the event per 1,000; under IRR, events per 1,000 patients.

    Triples: estimate and the two limits, in the order of the relative effect.
    baseline: without the treatment; treated: with it; difference: treated minus baseline, negative for fewer events.
    """

    measure: str
    relative: Triple
    baseline: float
    treated: Triple
    difference: Triple

    @property
    def numbers_needed(self) -> tuple[NumberNeeded, NumberNeeded, NumberNeeded]:
        """1 / |risk difference| at the estimate and both limits. Limits of unlike kind enclose infinity, not zero:

        the interval then runs from one of them through infinity to the other (Altman 1998, doi:10.1136/bmj.317.7168.1309).
        """
        estimate, low, high = (_number_needed(difference) for difference in self.difference)
        return estimate, low, high

    def to_frame(self) -> pd.DataFrame:
        """Rows estimate, low and high; columns relative, treated, difference (per 1,000), number_needed and kind."""
        return pd.DataFrame(
            {
                "relative": self.relative,
                "treated": self.treated,
                "difference": self.difference,
                "number_needed": [needed.number for needed in self.numbers_needed],
                "kind": [needed.kind for needed in self.numbers_needed],
            },
            index=["estimate", "low", "high"],
        )


def absolute_effect(
    baseline_risk: float, estimate: float, low: float, high: float, measure: str = "RR"
) -> AbsoluteEffect:
    """Absolute effect per 1,000 from a risk without treatment and a relative effect with its interval.

    baseline_risk: 0 to 1, from the trials' control groups or a cohort; under "IRR" events a patient, 0 or more. estimate,
    low, high: risk ratio "RR", odds ratio "OR" or rate ratio "IRR" themselves, not their logs, or a risk difference "RD";
    low <= estimate <= high. Risk with treatment: RR p, held at 1; OR p / (1 - p + OR p); p + RD, held within 0 and 1;
    IRR times the rate. The uncertainty of the baseline risk is not in the
    interval: show several baseline risks instead. Raises ValueError naming the argument.
    Cochrane Handbook, chapter 14 and section 15.4; Guyatt 2013, doi:10.1016/j.jclinepi.2012.01.012.
    """
    check_choice("measure", measure, MEASURES)
    if not (isfinite(baseline_risk) and baseline_risk >= 0 and (baseline_risk <= 1 or measure == "IRR")):
        limits = "must not be negative" if measure == "IRR" else "must lie between 0 and 1"
        raise ValueError(f"baseline_risk: {limits}, got {baseline_risk!r}")
    for name, value in (("estimate", estimate), ("low", low), ("high", high)):
        if not isfinite(value) or (measure != "RD" and value <= 0) or (measure == "RD" and abs(value) > 1):
            rule = "must lie between -1 and 1" if measure == "RD" else "must be positive, and not a log"
            raise ValueError(f"{name}: {rule}, got {value!r}")
    if not low <= estimate <= high:
        raise ValueError(f"low, estimate and high: must not fall, got {low!r}, {estimate!r}, {high!r}")
    relative = (float(estimate), float(low), float(high))
    first, second, third = (treated_risk(baseline_risk, ratio, measure) for ratio in relative)
    treated = (PATIENTS * first, PATIENTS * second, PATIENTS * third)
    baseline = PATIENTS * baseline_risk
    difference = (treated[0] - baseline, treated[1] - baseline, treated[2] - baseline)
    return AbsoluteEffect(measure, relative, baseline, treated, difference)


def treated_risk(risk: float, relative: float, measure: str) -> float:
    """Risk with treatment from the risk without, 0 to 1, and a ratio (not its logarithm) or difference."""
    if measure == "OR":
        return relative * risk / (1 - risk + relative * risk)
    if measure == "IRR":
        return risk * relative
    return min(1.0, max(0.0, risk * relative if measure == "RR" else risk + relative))


def _number_needed(difference: float) -> NumberNeeded:
    if difference == 0:
        return NumberNeeded(inf, "none")
    return NumberNeeded(PATIENTS / abs(difference), "more" if difference > 0 else "fewer")
