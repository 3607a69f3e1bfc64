"""What the chapters on one trial's patients share: who, which outcomes, at which visits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from helpers.evidence import Evidence, Trial
from helpers.patients import Patients, read_patients, visit_name
from helpers.patients.analysis_sets import SETS, analysis_set
from helpers.sections.demonstration import marked
from helpers.sections.sentences import sentence_case

USUAL_DAY = 90  # the visit at which stroke trials are usually judged
ROLES = ("experimental", "control")
SET_NAMES = {"itt": "as randomised", "as-treated": "as treated", "safety": "safety set"}


@dataclass(frozen=True, eq=False)
class Chapter:
    """One trial's patients and what is known about the trial. level: of all intervals."""

    evidence: Evidence
    trial: Trial
    patients: Patients
    level: float

    def show(self, result: Any) -> Any:
        """The result as the page shows it: marked where the patients are generated; None stays nothing."""
        return None if result is None else marked(result, self.patients)

    @cached_property
    def arms(self) -> list[str]:
        """Ids of the arms that patients were planned for or treated in, in the trial's order."""
        present = set(self.patients.adsl["TRT01P"]) | set(self.patients.adsl["TRT01A"])
        return [arm.id for arm in self.trial.arms if arm.id in present]

    def label(self, arm: str) -> str:
        """What the trial calls an arm."""
        return next((each.label for each in self.trial.arms if each.id == arm), arm)

    def role(self, arm: str) -> str:
        return next((each.role for each in self.trial.arms if each.id == arm), "")

    def side(self, role: str) -> str:
        """What all arms of a role are called together."""
        own = [arm for arm in self.arms if self.role(arm) == role]
        return self.label(own[0]) if len(own) == 1 else f"All {role} arms"

    @cached_property
    def outcomes(self) -> list[str]:
        """Outcomes measured in at least one patient after baseline, in the order of the dictionary."""
        measured = {outcome for outcome, day in self._measured if day > 0}
        return [outcome for outcome in self.evidence.outcomes.index if outcome in measured]

    @cached_property
    def changed(self) -> list[str]:
        """Those of them that some patient has a baseline score of, too."""
        return [
            outcome
            for outcome in self.outcomes
            if any(self.scores(outcome, day)["change"].notna().any() for day in self.days(outcome))
        ]

    def scale(self, outcome: str) -> pd.Series:
        """The outcome's row of the dictionary."""
        return self.evidence.outcomes.loc[outcome]

    def of_domains(self, *domains: str, without: str = "") -> list[str]:
        """The measured outcomes of these domains, `without` one of them."""
        return [name for name in self.outcomes if self.scale(name)["domain"] in domains and name != without]

    @cached_property
    def primary(self) -> str:
        """The main outcome: the one trial.toml names, else the first ordinal one, else the first; empty without any."""
        if self.trial.patients.primary in self.outcomes:
            return self.trial.patients.primary
        ordinal = [name for name in self.outcomes if self.scale(name)["type"] == "ordinal"]
        return next(iter(ordinal or self.outcomes), "")

    def days(self, outcome: str) -> list[int]:
        """Planned days after baseline on which the outcome was measured."""
        return [day for name, day in self._measured if name == outcome and day > 0]

    def day(self, outcome: str) -> int:
        """The day an outcome is analysed at: of those it was measured on, the nearest to the day trial.toml names, else to
        90; the later of two equally near ones.
        """
        named = self.trial.patients.primary_day
        target = USUAL_DAY if named is None else named
        return min(self.days(outcome), key=lambda day: (abs(day - target), -day))

    def visit(self, day: int) -> str:
        """What the trial calls the visit planned for a day."""
        if day not in self._names:
            self._names[day] = visit_name(self.patients, day)
        return self._names[day]

    @cached_property
    def _names(self) -> dict[int, str]:
        return {}

    @cached_property
    def _measured(self) -> dict[tuple[str, int], pd.DataFrame]:
        """Outcome and planned day, in order -> USUBJID, value, baseline of the patients measured: adqs is gone through once."""
        adqs = self.patients.adqs
        rows = adqs.loc[adqs["AVAL"].notna(), ["USUBJID", "outcome", "AWTARGET", "AVAL", "BASE"]]
        rows = rows.rename(columns={"AVAL": "value", "BASE": "baseline"})
        parts = rows.groupby(["outcome", "AWTARGET"], sort=True)
        return {(str(name), int(day)): part[["USUBJID", "value", "baseline"]] for (name, day), part in parts}

    def values(self, outcome: str, day: int) -> pd.DataFrame:
        """USUBJID, value and baseline of the patients measured on a planned day; no row where nobody was."""
        empty = pd.DataFrame(
            {"USUBJID": pd.Series(dtype="str"), "value": pd.Series(dtype=float), "baseline": pd.Series(dtype=float)}
        )
        return self._measured.get((outcome, day), empty)

    def name(self, outcome: str) -> str:
        return str(self.scale(outcome)["name"])

    def short(self, outcome: str) -> str:
        """The abbreviation, or the name where there is none."""
        return str(self.scale(outcome)["abbreviation"] or self.scale(outcome)["name"])

    def better(self, outcome: str) -> str:
        """The end of the scale that is good: "lower" or "higher"; outcomes without a direction count as higher."""
        return "lower" if self.scale(outcome)["direction"] == "lower" else "higher"

    def sign(self, outcome: str) -> int:
        """+1 where a higher score is better for the patient, else -1."""
        return -1 if self.better(outcome) == "lower" else 1

    def unit(self, outcome: str) -> str:
        return str(self.scale(outcome)["unit"] or "")

    def axis(self, outcome: str, what: str = "") -> str:
        """Title of an axis: what is drawn, its unit, and which way is better."""
        unit = f" ({self.unit(outcome)})" if self.unit(outcome) else ""
        direction = self.scale(outcome)["direction"]
        way = f", {direction} is better" if direction in ("higher", "lower") else ""
        return sentence_case(f"{what}{self.short(outcome)}{unit}{way}")

    def members(self, name: str) -> pd.DataFrame:
        """The patients of a set with the arm they are analysed in and its role; patients of unknown arms are left out."""
        members = analysis_set(self.patients.adsl, name)
        members = members.assign(role=members["arm"].map(self.role))
        return members[members["role"].isin(ROLES)]

    def scores(self, outcome: str, day: int, name: str = "itt") -> pd.DataFrame:
        """One row a patient of a set: the columns of adsl, arm, role, and value, baseline, change; `treated`: experimental."""
        return _scores(self, outcome, day, name).copy()

    def strata(self, frame: pd.DataFrame) -> np.ndarray | None:
        """The stratum of each row, None where trial.toml names no column for strata."""
        columns = [column for column in self.trial.patients.strata if column in frame]
        if not columns:
            return None
        label = frame[columns[0]].astype(str)
        for column in columns[1:]:
            label = label + " / " + frame[column].astype(str)
        return label.to_numpy()

    @cached_property
    def two_sides(self) -> bool:
        """Whether patients of both roles were assigned."""
        return {self.role(arm) for arm in set(self.patients.adsl["TRT01P"])} >= set(ROLES)

    @cached_property
    def sets_differ(self) -> bool:
        """Whether somebody is analysed in another arm, or in one set only."""
        frames = [self.members(name).set_index("USUBJID")["arm"] for name in ("itt", "as-treated")]
        return not frames[0].sort_index().equals(frames[1].sort_index())


@lru_cache(maxsize=256)  # most cells of a page ask for the same
def _scores(chapter: Chapter, outcome: str, day: int, name: str) -> pd.DataFrame:
    members = chapter.members(name).merge(chapter.values(outcome, day), on="USUBJID", how="left")
    # a patient who did not come has a baseline all the same
    start = members["USUBJID"].map(chapter.values(outcome, 0).set_index("USUBJID")["value"])
    baseline = members["baseline"].fillna(start)
    return members.assign(
        baseline=baseline, change=members["value"] - baseline, treated=members["role"] == "experimental"
    )


def open_chapter(evidence: Evidence, trial: str, level: float) -> Chapter:
    """The chapter of a trial. Raises ValueError where the data folder holds none of its patients."""
    patients = read_patients(evidence, trial)
    if patients is None:
        raise ValueError(f"trial: the data folder holds no patients of {trial}")
    return Chapter(evidence, evidence.trials[trial], patients, level)


assert set(SET_NAMES) == set(SETS)
