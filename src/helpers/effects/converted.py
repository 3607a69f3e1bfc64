"""A number worked out from what a report prints, with the way it was worked out."""

from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

import pandas as pd

from helpers.effects.checks import check_level


@dataclass(frozen=True)
class Converted:
    """values: what was worked out, by name. steps: how, one sentence each, with the method's source."""

    values: dict[str, float]
    steps: tuple[str, ...]

    def __getitem__(self, name: str) -> float:
        return self.values[name]

    def to_frame(self) -> pd.DataFrame:
        """One row a value, columns name and value."""
        return pd.DataFrame({"name": list(self.values), "value": list(self.values.values())})

    def __repr__(self) -> str:
        worked_out = ", ".join(f"{name} = {value:.6g}" for name, value in self.values.items())
        return "\n".join([f"Converted: {worked_out}", *(f"  {step}" for step in self.steps)])


def finite(**values: float) -> None:
    """Refuse nan, infinity and what is not a number, by name."""
    for name, value in values.items():
        if isinstance(value, str) or not isfinite(value):
            raise ValueError(f"{name}: must be a finite number, got {value!r}")


def above(least: float, **values: float) -> None:
    """Refuse values that are not above `least`, by name."""
    finite(**values)
    for name, value in values.items():
        if value <= least:
            raise ValueError(f"{name}: must be above {least:g}, got {value:g}")


def rising(**values: float) -> None:
    """Refuse values that fall, by name."""
    finite(**values)
    names = list(values)
    for before, after in pairwise(names):
        if values[before] > values[after]:
            raise ValueError(f"{after}: must not be below {before}, got {values[after]:g} after {values[before]:g}")


def upper_tail(level: float) -> float:
    check_level(level)
    return (1 + level) / 2
