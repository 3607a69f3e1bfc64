"""ISIS-HERMES: two groups followed for two years, analysed as treated by mixed models.

What the report does not print is assumed here: the visits, all scores, who left early, and which model and which of its
tests gave the printed p-values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as student

from helpers.patients.demonstration import scales
from helpers.patients.demonstration.agreement import Rules, Test, column
from helpers.patients.demonstration.agreement import events as event_counts
from helpers.patients.demonstration.frames import Frames, events, identifiers, scores
from helpers.patients.demonstration.published import Published
from helpers.patients.demonstration.search import NothingFound, snapped
from helpers.patients.longitudinal import repeated_measures
from helpers.scrutiny.printed_number import Printed

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

VISITS = (("Baseline", 0), ("Month 3", 90), ("Month 6", 180), ("Month 12", 365), ("Month 24", 730))
IMAGING_DAYS = (0, 180, 730)
ARMS = ("control", "msc")
CENTRAL = 0.35  # p-values keep so far, in digits, from the middle of what rounds to the printed one
MOVES = 400
HALVINGS = 14

ASSUMED = (
    "The visits are not stated: baseline, 3, 6, 12 and 24 months, imaging at baseline, 6 and 24 months.",
    "The model is not stated. The p-values are those of the mean difference between the groups as treated over all visits "
    "after baseline: visits as categories, baseline as a covariate, unstructured covariance, REML, degrees of freedom by "
    "Satterthwaite.",
    "All scores, ages, sexes and days are made up; the report prints neither means nor SDs.",
    "20 patients were allocated to cells and 16 treated; the four others are analysed with the controls. One patient of "
    "each group is lost before 2 years.",
    "The counts of adverse events are met as events up to day 180 and up to day 730; their names are made up.",
)


def generate(published: Published, random: np.random.Generator) -> Frames:
    """31 patients; raises NothingFound when a seed leads nowhere."""
    sizes = published.arms
    n = sum(sizes.values())
    ids = identifiers("IH", n)
    allocated = published.count("feasibility", population="itt")
    order = random.permutation(n)
    planned, treated = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    planned[order[:allocated]], treated[order[: sizes["msc"]]] = True, True
    last_day = 730 + random.integers(-7, 8, size=n)
    for own, first in ((treated, 220), (~treated, 400)):
        last_day[random.permutation(np.flatnonzero(own))[0]] = first + int(random.integers(60))
    actual = np.column_stack([np.ones(n, dtype=int), *(day + random.integers(-7, 8, size=n) for _, day in VISITS[1:])])
    left = last_day < 700
    actual[~left, -1] = last_day[~left]
    seen = actual <= last_day[:, None]
    adsl = pd.DataFrame(
        {
            "USUBJID": ids,
            "TRT01P": np.where(planned, "msc", "control"),
            "TRT01A": np.where(treated, "msc", "control"),
            "ITTFL": "Y",
            "SAFFL": "Y",
            "AGE": np.clip(np.rint(54 + 10 * random.standard_normal(n)), 24, 70).astype(int),
            "SEX": np.where(random.random(n) < 0.65, "M", "F"),
            "STRKDY": random.integers(5, 14, size=n),
            "LESIONSD": np.where(random.random(n) < 0.5, "L", "R"),
            "EOSSTT": np.where(left, "DISCONTINUED", "COMPLETED"),
            "DCSREAS": np.where(left, "LOST TO FOLLOW-UP", ""),
            "EOSDY": last_day,
            "DTHFL": "",
        }
    )
    values = _scores(published, random, treated, seen)
    return Frames(adsl, scores(ids, VISITS, actual, values), _events(published, random, ids, treated, last_day))


def treatment_effect(values: FloatArray, treated: BoolArray) -> tuple[float, float]:
    """t and p of the mean difference over the visits after baseline, treated minus control.

    values: (patients x visits), nan where not measured.
    """
    patient, visit = np.nonzero(~np.isnan(values))
    frame = pd.DataFrame(
        {
            "patient": patient,
            "arm": np.where(treated[patient], "msc", "control"),
            "time": np.array([day for _, day in VISITS])[visit].astype(float),
            "value": values[patient, visit],
        }
    )
    difference = repeated_measures(frame, ARMS).average_difference().iloc[0]
    return float(difference["statistic"]), float(difference["p"])


def _scores(
    published: Published, random: np.random.Generator, treated: BoolArray, seen: BoolArray
) -> dict[str, FloatArray]:
    """(patients x visits) a parameter; recovery is fast at first, then levels off."""
    n = len(treated)
    recovered = np.array([1 - 0.5 ** (day / 75) for _, day in VISITS])
    severity, course = random.standard_normal(n)[:, None], random.standard_normal(n)[:, None]

    def drawn(start: float, by_severity: float, gain: float, by_course: float, noise: float) -> FloatArray:
        expected = start + by_severity * severity + (gain + by_course * course) * recovered
        return expected + noise * random.standard_normal((n, len(VISITS)))

    imaged = seen & np.isin([day for _, day in VISITS], IMAGING_DAYS)

    def fitted(
        draws: FloatArray,
        levels: FloatArray,
        better: int,
        outcome: str = "",
        at: BoolArray = seen,
        least: FloatArray | float = -np.inf,
    ) -> FloatArray:
        p = published.number(outcome, "p", comparator="control") if outcome else None
        base = np.where(at, draws, np.nan)
        return _with_effect(random, _Wanted(treated, levels, better, p, np.broadcast_to(least, base.shape)), base)

    motor = fitted(drawn(7, 1.6, -3.2, 0.9, 0.7), scales.MOTOR_NIHSS, -1, "motor-nihss")
    rest = np.clip(drawn(7, 1.4, -4.0, 1.2, 1.0), 0, 17)
    activity = scales.decimals(-2, 6, 2)
    return {
        "BI": fitted(drawn(38, -14, 42, -9, 6), scales.BARTHEL, 1),
        "NIHSS": fitted(motor + rest, scales.NIHSS, -1, least=np.nan_to_num(motor)),
        "MRS": fitted(drawn(4.0, 0.6, -1.4, 0.4, 0.3), scales.between(scales.RANKIN, 0, 5), -1),
        "MNIHSS": motor,
        "FMAMOT": fitted(drawn(32, -15, 28, -8, 4), scales.FUGL_MEYER_MOTOR, 1, "fma-motor"),
        "MI4A": fitted(drawn(0.9, -0.35, 0.2, -0.15, 0.22), activity, 1, "fmri-mi4a", imaged),
        "MI4P": fitted(drawn(0.8, -0.3, 0.2, -0.15, 0.2), activity, 1, "fmri-mi4p", imaged),
    }


@dataclass(frozen=True)
class _Wanted:
    """How one outcome is to come out.

    better: 1 where higher is, else -1. p: the printed one; None for a difference that is none, p from 0.3 to 0.8.
    least: (patients x visits) no value below it.
    """

    treated: BoolArray
    levels: FloatArray
    better: int
    p: Printed | None
    least: FloatArray

    @property
    def limits(self) -> tuple[float, float]:
        """Of p."""
        if self.p is None:
            return 0.3, 0.8
        digit = 2 * float(self.p.half_unit)
        return self.p.value - CENTRAL * digit, self.p.value + CENTRAL * digit

    def on_scale(self, values: FloatArray) -> FloatArray:
        return np.where(np.isnan(values), np.nan, snapped(np.maximum(np.nan_to_num(values), self.least), self.levels))

    def effect(self, values: FloatArray) -> tuple[float, float]:
        """t, above 0 where the treated are better off, and p."""
        t, p = treatment_effect(values, self.treated)
        return self.better * t, p


def _with_effect(random: np.random.Generator, wanted: _Wanted, base: FloatArray) -> FloatArray:
    """The draws on their scale, those of the treated moved after baseline until the model's p is the wanted one.

    base: (patients x visits), nan where not measured. First the size of the effect is halved in, then single scores move.
    """
    low, high = wanted.limits
    goal = float(student.isf((low + high) / 4, len(base) - 3))
    after = np.arange(len(VISITS)) > 0
    pattern = np.where(wanted.treated[:, None] & after, float(wanted.better), 0.0)
    above = float(np.nanmax(base) - np.nanmin(base))
    below = -above
    for _ in range(HALVINGS):
        middle = (below + above) / 2
        t, _p = wanted.effect(wanted.on_scale(base + middle * pattern))
        below, above = (middle, above) if t < goal else (below, middle)
    values = wanted.on_scale(base + (below + above) / 2 * pattern)
    t, p = wanted.effect(values)
    unit = float(wanted.levels[1] - wanted.levels[0])
    cells = np.argwhere(~np.isnan(base) & after)
    for _ in range(MOVES):
        if t > 0 and low <= p <= high:
            return values
        i, v = cells[random.integers(len(cells))]
        towards = (t < goal) == bool(wanted.treated[i])  # the controls move the other way
        moved = values.copy()
        moved[i, v] += unit * wanted.better * (1 if towards else -1) * int(random.integers(1, 3))
        if not max(wanted.levels[0], wanted.least[i, v]) <= moved[i, v] <= wanted.levels[-1]:
            continue
        moved[i, v] = snapped(moved[i, v], wanted.levels)
        t_moved, p_moved = wanted.effect(moved)
        if abs(t_moved - goal) <= abs(t - goal) or random.random() < 0.1:
            values, t, p = moved, t_moved, p_moved
    raise NothingFound(f"p = {p:.5f} after {MOVES} moves, wanted: {low:.5f} to {high:.5f}")


def _events(
    published: Published,
    random: np.random.Generator,
    ids: Sequence[str],
    treated: BoolArray,
    last_day: NDArray[np.int64],
) -> pd.DataFrame:
    """As many events of each group up to 6 months and up to 2 years as were counted."""
    terms = ("Urinary tract infection", "Seizure", "Depression", "Pneumonia", "Fall", "Shoulder pain", "Headache")
    rows = []
    for arm, chosen in (("msc", treated), ("control", ~treated)):
        early = published.count("ae", "event_count", arm, day=180)
        both = published.count("ae", "event_count", arm, day=730)
        own = np.flatnonzero(chosen)
        staying = own[last_day[own] > 600]
        for k in range(both):
            first, last, among = (2, 181, own) if k < early else (181, 600, staying)
            patient = ids[int(among[random.integers(len(among))])]
            serious = random.random() < 0.25
            grade = int(random.integers(3, 5)) if serious else int(random.integers(1, 3))
            term = terms[int(random.integers(len(terms)))]
            day = int(random.integers(first, last))
            rows.append((patient, term, "Y" if serious else "N", "NOT RELATED", grade, day))
    return events(rows)


def _by_mixed_model(parameter: str) -> Test:
    def test(frames: Frames, row: object) -> tuple[float, float]:
        treated = (frames.adsl["TRT01A"] == "msc").to_numpy()
        days = [day for _, day in VISITS]
        rows = frames.adqs[frames.adqs["PARAMCD"] == parameter]
        values = rows.pivot(index="USUBJID", columns="AWTARGET", values="AVAL").reindex(columns=days)
        return treatment_effect(values.reindex(frames.adsl["USUBJID"]).to_numpy(), treated)

    return test


_PARAMETERS = {
    "barthel": "BI",
    "nihss": "NIHSS",
    "mrs": "MRS",
    "motor-nihss": "MNIHSS",
    "fma-motor": "FMAMOT",
    "fmri-mi4a": "MI4A",
    "fmri-mi4p": "MI4P",
}
RULES = Rules(
    measures={"ae": event_counts(), "feasibility": column("TRT01A", "msc")},
    tests={outcome: _by_mixed_model(parameter) for outcome, parameter in _PARAMETERS.items()},
    instead={},
    left_out={},
)
