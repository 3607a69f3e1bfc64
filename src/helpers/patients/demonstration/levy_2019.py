"""Levy 2019: three dose tiers of five, then 21 patients at the top dose, followed for a year without a control group.

What the report does not print is assumed here: who of which tier left or died and when, the events in words, and the
NIHSS after baseline.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.patients.demonstration import scales
from helpers.patients.demonstration.agreement import Rules, column, reached, score
from helpers.patients.demonstration.agreement import events as event_counts
from helpers.patients.demonstration.frames import Frames, events, identifiers, scores
from helpers.patients.demonstration.published import Published
from helpers.patients.demonstration.search import (
    CLEAR,
    Goal,
    adjust,
    hinges,
    mean,
    one_sample_t,
    rounds_to,
    sd,
    shaped,
)
from helpers.scrutiny.printed_number import Printed

FloatArray = NDArray[np.float64]

VISITS = (("Baseline", 0), ("Month 6", 180), ("Month 12", 365))
EXCELLENT = 95
YEAR = 365.25

ASSUMED = (
    "One patient, the one who withdrew, lacks the Barthel Index at baseline: 11.4% is 4 of 35, not of 36. Its mean and SD "
    "are met by the 35.",
    "33 patients at 6 months and 31 at 12: those lost and withdrawn left before 6 months, both deaths came after.",
    "The quartiles of the NIHSS are the medians of the lower and the upper half (type 2 in R): no other usual definition "
    "gives 6.5 for 36 whole scores of 6 or more.",
    "Who of which tier left, died or had an event, days and names of serious events, and events that are neither serious "
    "nor related, are not in what was read.",
    "The NIHSS after baseline is not printed; it falls, as all behavioural end points showed gains.",
)


def generate(published: Published, random: np.random.Generator) -> Frames:
    """36 patients; raises NothingFound when a seed leads nowhere."""
    tiers = {arm.id: arm.n_analysed or 0 for arm in published.trial.arms if arm.part_of}
    arm = np.repeat(list(tiers), list(tiers.values()))
    n = len(arm)
    ids = identifiers("LV", n)
    reason, last_day = _disposition(published, random, n)
    actual = np.column_stack([np.ones(n, dtype=int), *(day + random.integers(-7, 8, size=n) for _, day in VISITS[1:])])
    actual[:, 2] = np.minimum(actual[:, 2], last_day)
    seen = np.column_stack([np.ones(n, dtype=bool), last_day >= actual[:, 1] + 1, reason == ""])
    years = _years_from_stroke(published, random)
    adsl = pd.DataFrame(
        {
            "USUBJID": ids,
            "TRT01P": arm,
            "TRT01A": arm,
            "ITTFL": "Y",
            "SAFFL": "Y",
            "AGE": _age(published, random),
            "SEX": np.where(random.random(n) < 0.6, "M", "F"),
            "STRKDY": np.rint(years * YEAR).astype(int),
            "STRKYR": years,
            "EOSSTT": np.where(reason == "", "COMPLETED", "DISCONTINUED"),
            "DCSREAS": reason,
            "EOSDY": last_day,
            "DTHFL": np.where(reason == "DEATH", "Y", ""),
        }
    )
    barthel = _barthel(published, random, seen, reason == "WITHDRAWAL BY SUBJECT")
    values = {"BI": barthel, "NIHSS": _nihss(published, random, seen, barthel[:, 0])}
    return Frames(adsl, scores(ids, VISITS, actual, values), _events(published, random, ids, reason, last_day))


def _disposition(
    published: Published, random: np.random.Generator, n: int
) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    """Why and when patients left: lost and withdrawn before the 6-month visit, deaths between it and the last."""
    reason = np.full(n, "", dtype="<U32")
    last_day = 365 + random.integers(0, 15, size=n)
    leaving = iter(random.permutation(n).tolist())
    for outcome, word, first, last in (
        ("lost-to-follow-up", "LOST TO FOLLOW-UP", 40, 150),
        ("withdrawn", "WITHDRAWAL BY SUBJECT", 15, 60),
        ("death", "DEATH", 200, 340),
    ):
        for _ in range(published.count(outcome, "events")):
            patient = next(leaving)
            reason[patient], last_day[patient] = word, int(random.integers(first, last))
    return reason, last_day


def _age(published: Published, random: np.random.Generator) -> NDArray[np.int64]:
    wanted = [published.number("age", name) for name in ("mean", "sd")]
    draws = shaped(random.standard_normal(published.count("age")), *(each.value for each in wanted))
    return adjust(draws, [scales.whole(30, 88)] * len(draws), _mean_and_sd("age", wanted), random).astype(int)


def _years_from_stroke(published: Published, random: np.random.Generator) -> FloatArray:
    """Skewed, as the SD is above the mean; more than 6 months."""
    wanted = [published.number("time-since-stroke-years", name) for name in ("mean", "sd")]
    n = published.count("time-since-stroke-years")
    draws = 0.6 + random.standard_gamma(0.65, size=n) * 5.5
    return adjust(draws, [scales.decimals(0.6, 30)] * n, _mean_and_sd("years", wanted), random, reach=8)


def _mean_and_sd(name: str, wanted: Sequence[Printed], base: FloatArray | float = 0.0) -> list[Goal]:
    """Mean and SD of the values less `base`."""
    return [
        rounds_to(f"{name} mean", lambda values: mean(values - base), wanted[0]),
        rounds_to(f"{name} sd", lambda values: sd(values - base), wanted[1]),
    ]


def _barthel(
    published: Published, random: np.random.Generator, seen: NDArray[np.bool_], no_baseline: NDArray[np.bool_]
) -> FloatArray:
    """(patients x visits) in fives: mean and SD at baseline and of both changes, and how many reach 95."""
    measured = seen.copy()
    measured[no_baseline, 0] = False
    n = len(seen)
    start = np.clip(97 - 21 * random.standard_gamma(1.4, size=n), 0, 100)
    course = random.standard_normal(n)
    found = np.full(seen.shape, np.nan)
    for visit, (_, day) in enumerate(VISITS):
        here = measured[:, visit]
        base = found[here, 0] if visit else 0.0
        variable = "change" if visit else "value"
        wanted = [published.number("barthel", name, day=day, variable=variable) for name in ("mean", "sd")]
        excellent = published.count("barthel-95", "events", day=day)
        goals = [
            *_mean_and_sd(f"Barthel day {day}", wanted, base),
            Goal(f"Barthel day {day} excellent", _excellent, excellent, excellent),
        ]
        gain = shaped((course + 0.6 * random.standard_normal(n))[here], *(each.value for each in wanted))
        draws, near = (base + gain, 8.0) if visit else (start[here], np.inf)
        found[here, visit] = adjust(draws, [scales.BARTHEL] * int(here.sum()), goals, random, reach=2, near=near)
    return found


def _excellent(values: FloatArray) -> float:
    return float(np.count_nonzero(values >= EXCELLENT))


def _nihss(
    published: Published, random: np.random.Generator, seen: NDArray[np.bool_], barthel: FloatArray
) -> FloatArray:
    """Higher where the Barthel Index is lower."""
    n = len(seen)
    goals = [
        rounds_to(f"NIHSS {name}", lambda v, k=k: hinges(v)[k], published.number("nihss", name))  # type: ignore[misc]
        for k, name in enumerate(("q1", "median", "q3"))
    ]
    draws = np.sort(6 + random.standard_gamma(1.5, size=n) * 2)
    worst_last = np.argsort(-np.nan_to_num(barthel, nan=60.0) + 12 * random.standard_normal(n), kind="stable")
    before = np.empty(n)
    before[worst_last] = draws
    before = adjust(before, [scales.whole(6, 20)] * n, goals, random, reach=1)
    course = 0.8 + 0.8 * random.standard_normal(n)
    columns = [before]
    for visit, part in ((1, 0.8), (2, 1.2)):
        after = np.clip(np.rint(before - part * course - 0.5 * random.standard_normal(n)), 0, 42)
        here = seen[:, visit]
        goal = Goal("NIHSS gain", partial(_gain, before, here), CLEAR, 8, 0.1)
        columns.append(np.where(here, adjust(after, [scales.whole(2, 22)] * n, [goal], random, reach=1), np.nan))
    return np.column_stack(columns)


def _gain(before: FloatArray, seen: NDArray[np.bool_], values: FloatArray) -> float:
    """How clearly the scores of those who came have fallen: t."""
    return one_sample_t((before - values)[seen])


def _events(
    published: Published,
    random: np.random.Generator,
    ids: Sequence[str],
    reason: NDArray[np.str_],
    last_day: NDArray[np.int64],
) -> pd.DataFrame:
    """15 serious events, the fatal ones among them, none related; two mild ones that may be; others, unrelated."""
    rows = []
    fatal = iter(("Myocardial infarction", "Pneumonia", "Cardiac arrest", "Sepsis"))
    dead = np.flatnonzero(reason == "DEATH").tolist()
    rows += [(ids[i], next(fatal), "Y", "NOT RELATED", 5, int(last_day[i])) for i in dead]
    serious = ("Seizure", "Pneumonia", "Hip fracture", "Syncope", "Recurrent stroke", "Cellulitis", "Dehydration")
    other = ("Fall", "Headache", "Upper respiratory infection", "Back pain", "Nausea", "Insomnia", "Fatigue")
    for number, terms, is_serious, grades in (
        (published.count("sae", "event_count") - len(dead), serious, "Y", (3, 5)),
        (14, other, "N", (1, 3)),
    ):
        for _ in range(number):
            i = int(random.integers(len(ids)))
            term, grade = terms[int(random.integers(len(terms)))], int(random.integers(*grades))
            rows.append(
                (ids[i], term, is_serious, "NOT RELATED", grade, int(random.integers(2, min(last_day[i], 365) + 1)))
            )
    stayed = random.permutation(np.flatnonzero(reason == "")).tolist()
    rows.append((ids[stayed[0]], "Urinary tract infection", "N", "RELATED", 1, int(random.integers(3, 15))))
    rows.append((ids[stayed[1]], "Infusion site irritation", "N", "RELATED", 1, 1))
    frame = events(rows)
    frame["DLTFL"] = "N"
    return frame


RULES = Rules(
    measures={
        "age": column("AGE"),
        "time-since-stroke-years": column("STRKYR"),
        "barthel": score("BI"),
        "barthel-95": reached("BI", EXCELLENT),
        "nihss": score("NIHSS"),
        "ae-related": event_counts(AEREL="RELATED"),
        "sae": event_counts(AESER="Y"),
        "sae-related": event_counts(AESER="Y", AEREL="RELATED"),
        "death": column("DCSREAS", "DEATH"),
        "lost-to-follow-up": column("DCSREAS", "LOST TO FOLLOW-UP"),
        "withdrawn": column("DCSREAS", "WITHDRAWAL BY SUBJECT"),
    },
    tests={},
    instead={},
    left_out={},
)
