"""Numbers computed from a trial's patient-level data, and the published ones whose place they take."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

FILE = "patient-results.csv"
"""Made by `review` from the patients of a trial; never typed, never part of a data folder that is kept."""
PATIENTS = "patients"
"""The folder of a trial's patients, and the kind of the numbers computed from them."""

SAME_TIME = 0.15
"""Two days name one time where they differ by at most this share of the later: 84 and 90, 168 and 180, 336 and 365."""


class DemonstrationData(ValueError):
    """Numbers of generated patients were about to enter a synthesis."""


def has_patients(folder: Path, trial: str) -> bool:
    """Whether a trial of a data folder has files of patients, observed or generated."""
    place = folder / "trials" / trial / PATIENTS
    return place.is_dir() and any(not path.name.startswith(".") for path in place.iterdir())


def same_time(day: float, other: float) -> bool:
    """Whether two days are one time point; baseline (0) is only itself."""
    return day == other or (min(day, other) > 0 and abs(day - other) <= SAME_TIME * max(day, other))


def replaced(published: pd.DataFrame, computed: pd.DataFrame, outcomes: pd.DataFrame) -> pd.Series:
    """Which published numbers give way to those computed from the same trial's patients.

    published, computed: rows as in `Evidence.results`. outcomes: indexed by id, as in `Evidence.outcomes`.
    A published number gives way where there are computed ones of its outcome (or of the scale from whose levels its outcome is
    counted), at the same time (`same_time`), of its arm and, if it compares, of its comparator; a number about all arms
    together gives way to those of any. Its variable, population and statistic do not matter: one trial's result at one time
    has one source. Numbers of a subset of patients stay.
    """
    origins = outcomes["from_outcome"]
    given: dict[tuple[str, str], dict[int, set[str]]] = {}
    for trial, outcome, day, arm in (
        computed[["trial", "outcome", "day", "arm"]].drop_duplicates().itertuples(index=False)
    ):
        for name in (outcome, *origins.index[origins == outcome]):
            given.setdefault((trial, name), {}).setdefault(day, set()).add(arm)

    def gives_way(row: pd.Series) -> bool:
        if row["population"] == "subset":
            return False
        arms = {row["arm"], row["comparator"]} - {"", "all"}
        days = given.get((row["trial"], row["outcome"]), {})
        return any(same_time(row["day"], day) and arms <= there for day, there in days.items())

    return published.apply(gives_way, axis=1).astype(bool) if len(published) else pd.Series(dtype=bool)
