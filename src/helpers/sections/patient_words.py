"""The arms and outcomes of a trial's patients in the words of a page."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.evidence import Evidence
from helpers.patients import Patients

BETTER = {"higher": 1, "lower": -1}


@dataclass(frozen=True)
class Arms:
    """Ids of the arms that patients are compared in. labels: id -> what the trial calls it."""

    control: tuple[str, ...]
    experimental: tuple[str, ...]
    labels: dict[str, str]

    @property
    def reference_first(self) -> list[str]:
        return [*self.control[:1], *self.experimental]

    @property
    def comparable(self) -> bool:
        return bool(self.control and self.experimental)


def arms_of(patients: Patients) -> Arms:
    """The arms that have patients, without those that are part of another that has some."""
    present = {*patients.adsl["TRT01P"], *patients.adsl["TRT01A"]}
    arms = [arm for arm in patients.arms if arm.id in present and arm.part_of not in present]
    return Arms(
        control=tuple(arm.id for arm in arms if arm.role == "control"),
        experimental=tuple(arm.id for arm in arms if arm.role == "experimental"),
        labels={arm.id: arm.label for arm in arms},
    )


@dataclass(frozen=True)
class Measure:
    """An outcome: what it is called, its unit, +1 where higher is better, -1 where lower is, 0 where neither; decimals to print."""

    id: str
    name: str
    unit: str
    better: int
    decimals: int

    @property
    def axis(self) -> str:
        """`Barthel Index (points), higher is better`."""
        unit = f" ({self.unit})" if self.unit else ""
        direction = {1: ", higher is better", -1: ", lower is better", 0: ""}[self.better]
        return f"{self.name}{unit}{direction}"

    @property
    def with_unit(self) -> str:
        return f" {self.unit}" if self.unit else ""

    def favoured(self, difference: float, treated: str, control: str) -> str:
        """The arm that a difference, treated minus control, speaks for."""
        return treated if difference * (self.better or 1) > 0 else control


def measure(evidence: Evidence, outcome: str, values: pd.Series) -> Measure:
    """values: as measured; the smaller they are, the more decimals are printed."""
    row = evidence.outcomes.loc[outcome]
    return Measure(outcome, str(row["name"]), str(row["unit"] or ""), BETTER.get(row["direction"], 0), decimals(values))


def decimals(values: pd.Series) -> int:
    """As many as show a tenth of a standard deviation with two digits, 1 to 4."""
    spread = float(values.std(ddof=1)) if len(values) > 1 else 1.0
    if not np.isfinite(spread) or spread <= 0:
        return 1
    return min(4, max(1, 1 - math.floor(math.log10(spread))))


def left_open(low: float, high: float, what: str) -> str:
    """What an interval of a difference leaves open; what: the arm it favours where it is all on one side."""
    if not (np.isfinite(low) and np.isfinite(high)):
        return "no interval can be given"
    return (
        "the interval leaves open both benefit and harm" if low <= 0 <= high else f"all of the interval favours {what}"
    )
