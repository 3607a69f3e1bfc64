"""The scale of an outcome, and whether a number can stand on it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from helpers.evidence.printed import plain, to_number
from helpers.evidence.vocabulary import DIRECTIONS, OUTCOME_TYPES


@dataclass(frozen=True)
class Scale:
    """low, high and step are nan where outcomes.csv does not state them; type and direction are empty where they are
    unknown."""

    id: str
    type: str
    unit: str
    low: float
    high: float
    step: float
    direction: str

    @classmethod
    def of(cls, outcome: Mapping[str, str]) -> Scale:
        """outcome: one row of outcomes.csv, as text."""
        low, high, step = (to_number(outcome[column]) for column in ("min", "max", "step"))
        return cls(outcome["id"], outcome["type"], outcome["unit"], low, high, step, outcome["direction"])

    def sound(self) -> Scale:
        """The scale without what can not be: a wrong scale is told once, not again for every value on it."""
        ends = (self.low, self.high) if not self.low >= self.high else (math.nan, math.nan)
        return Scale(
            id=self.id,
            type=self.type if self.type in OUTCOME_TYPES else "",
            unit=self.unit,
            low=ends[0],
            high=ends[1],
            step=self.step if self.step > 0 and self.step_divides_width else math.nan,
            direction=self.direction if self.direction in DIRECTIONS else "",
        )

    @property
    def step_divides_width(self) -> bool:
        """False only where both are known and the step does not lead from one end to the other."""
        if not self.step > 0 or not self.width > 0:
            return True
        return abs(math.remainder(self.width, self.step)) < 1e-9

    @property
    def width(self) -> float:
        return self.high - self.low

    @property
    def levels(self) -> tuple[str, ...]:
        """Every level of the scale as it is written; empty where the scale has no ends or no step."""
        if not self.width > 0 or not self.step > 0:
            return ()
        return tuple(plain(self.low + index * self.step) for index in range(round(self.width / self.step) + 1))

    def bounds(self, variable: str) -> tuple[float, float]:
        """Lowest and highest score, or change of score; infinite where the scale is open."""
        low, high = (-self.width, self.width) if variable == "change" else (self.low, self.high)
        return (-math.inf if math.isnan(low) else low), (math.inf if math.isnan(high) else high)

    def largest_sd(self, variable: str, n: float) -> float:
        """Largest possible SD of n scores: half of them at each end of the scale; nan where the scale is open.

        Popoviciu's bound on a variance, (range / 2)^2, times n / (n - 1) for the sample SD.
        """
        low, high = self.bounds(variable)
        if not math.isfinite(high - low) or n < 2:
            return math.nan
        return (high - low) / 2 * math.sqrt(n / (n - 1))


def span(low: float, high: float) -> str:
    """Write a range for a message: `0 to 6`, `0 or more`."""
    if math.isinf(high):
        return f"{plain(low)} or more" if math.isfinite(low) else "any number"
    return f"{plain(low)} to {plain(high)}" if math.isfinite(low) else f"{plain(high)} or less"
