"""Made-up patients of a made-up trial, for the chapters: nothing is read from files."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from helpers import evidence
from helpers.evidence.model import Arm, PatientTerms
from helpers.patients import Patients
from helpers.sections.patient_chapter import Chapter

REVIEW = evidence.load()
CELLS, CONTROL = Arm("cells", "Cells <1>", "experimental"), Arm("control", "Usual care", "control")
EMPTY_EVENTS = pd.DataFrame(columns=["USUBJID", "AEDECOD", "AESER", "AEREL", "AETOXGR", "ASTDY"])


def adsl(arms: dict[str, int], seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    names = [arm for arm, n in arms.items() for _ in range(n)]
    n = len(names)
    return pd.DataFrame({
        "USUBJID": [f"P{i}" for i in range(n)], "TRT01P": names, "TRT01A": names, "ITTFL": "Y", "SAFFL": "Y",
        "AGE": rng.normal(62, 10, n).round(), "SEX": rng.choice(["M", "F"], n), "SITE": rng.choice(["A", "B"], n),
        "PREP": rng.choice(["good", "poor"], n), "EOSSTT": "COMPLETED", "DCSREAS": "", "EOSDY": 365.0, "DTHFL": "",
    })  # fmt: skip


def scores(patients: pd.DataFrame, outcome: str, values: dict[int, np.ndarray]) -> pd.DataFrame:
    """adqs rows of one outcome; values: day -> one value a patient, day 0 the baseline."""
    base = values[0]
    rows = [
        pd.DataFrame({
            "USUBJID": patients["USUBJID"], "PARAMCD": outcome.upper()[:8], "outcome": outcome,
            "AVISIT": "Baseline" if day == 0 else f"Day {day}", "AWTARGET": day, "ADY": float(day), "AVAL": value,
            "BASE": base, "CHG": value - base, "ABLFL": "Y" if day == 0 else "",
        })
        for day, value in values.items()
    ]  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def events(rows: list[list[object]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["USUBJID", "AEDECOD", "AESER", "AEREL", "AETOXGR", "ASTDY"])


def chapter(
    patients: pd.DataFrame, adqs: pd.DataFrame | None = None, adae: pd.DataFrame | None = None,
    arms: tuple[Arm, ...] = (CELLS, CONTROL), design: str = "randomised", demonstration: bool = False, **terms: object,
) -> Chapter:  # fmt: skip
    """A chapter of a trial with these patients; without adae nothing is known about events."""
    trial = dataclasses.replace(
        REVIEW.trials["starting-2"],
        id="alpha",
        name="ALPHA *1*",
        arms=arms,
        design=design,
        patients=PatientTerms(**terms),
    )
    review = dataclasses.replace(REVIEW, trials=REVIEW.trials | {"alpha": trial})
    columns = ["USUBJID", "PARAMCD", "outcome", "AVISIT", "AWTARGET", "ADY", "AVAL", "BASE", "CHG", "ABLFL"]
    quiet = pd.DataFrame(columns=columns).astype({"AVAL": float, "CHG": float, "BASE": float, "AWTARGET": int})
    made = Patients(
        trial="alpha", adsl=patients, adqs=quiet if adqs is None else adqs, adae=EMPTY_EVENTS if adae is None else adae,
        demonstration=demonstration, arms=arms, tables=("adsl", "adqs") if adae is None else ("adsl", "adqs", "adae"),
    )  # fmt: skip
    return Chapter(review, trial, made, 0.95)


def randomised(n: tuple[int, int] = (26, 14), seed: int = 1, **changes: object) -> Chapter:
    """Two arms, the mRS and two motor scores at baseline and day 90, a few events."""
    patients = adsl({"cells": n[0], "control": n[1]}, seed)
    rng, size = np.random.default_rng(seed), sum(n)
    start = rng.integers(10, 50, size).astype(float)
    adqs = pd.concat([
        scores(patients, "mrs", {0: rng.integers(3, 6, size).astype(float), 90: rng.integers(0, 7, size).astype(float)}),
        scores(patients, "mi-leg", {0: start, 90: start + rng.integers(-3, 30, size)}),
        scores(patients, "nihss", {0: start // 4, 90: start // 4 - rng.integers(0, 4, size)}),
    ], ignore_index=True)  # fmt: skip
    adae = events([["P0", "Fever", "N", "RELATED", 1, 2], ["P0", "Stroke", "Y", "NOT RELATED", 3, 20],
                   [f"P{n[0]}", "Fall", "Y", "NOT RELATED", 2, 9]])  # fmt: skip
    given: dict[str, object] = {
        "patients": patients,
        "adqs": adqs,
        "adae": adae,
        "strata": ("SITE",),
        "subgroup": "PREP",
    }
    return chapter(**(given | changes))  # type: ignore[arg-type]


TIERS = (
    Arm("all", "All doses", "experimental"),
    Arm("low", "Low dose", "experimental", "all"), Arm("high", "High dose", "experimental", "all"),
    Arm("cohort", "Cohort, high dose", "experimental", "all"),
)  # fmt: skip


def escalation(seed: int = 1, **changes: object) -> Chapter:
    """Two tiers of five and a cohort, the Barthel Index at three visits, four patients without the last one."""
    patients = adsl({"low": 5, "high": 5, "cohort": 12}, seed)
    rng = np.random.default_rng(seed)
    start = 5.0 * rng.integers(6, 20, 22)
    later = np.minimum(100, start + 5 * rng.integers(0, 4, 22))
    last = np.minimum(100, later + 5 * rng.integers(-1, 4, 22)).astype(float)
    last[[1, 6, 12, 20]] = np.nan
    patients.loc[[1, 6], ["EOSSTT", "DCSREAS", "DTHFL", "EOSDY"]] = ["DISCONTINUED", "DEATH", "Y", 200.0]
    adae = events([["P2", "Fracture", "Y", "NOT RELATED", 3, 40], ["P12", "Headache", "N", "RELATED", 1, 1]]).assign(
        DLTFL="N"
    )
    given: dict[str, object] = {
        "patients": patients, "adqs": scores(patients, "barthel", {0: start, 180: later, 365: last}), "adae": adae,
        "arms": TIERS, "design": "single-arm", "doses": {"low": 0.5, "high": 1.5, "cohort": 1.5},
        "responders": {"barthel": 95.0},
    }  # fmt: skip
    return chapter(**(given | changes))  # type: ignore[arg-type]
