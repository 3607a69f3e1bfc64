"""GRADE: the certainty of evidence added up from judgements that are data, never made here.

A judgement is a row: domain, step and ground. Steps are whole levels: -1 or -2 for a reason to trust less, +1 or +2 for
a reason to trust more, 0 for a domain looked at and left alone. Guyatt 2011, doi:10.1016/j.jclinepi.2010.04.026.
"""

from dataclasses import dataclass

import pandas as pd

from helpers.effects.checks import check_choice
from helpers.evidence.vocabulary import CERTAINTY_STARTS as STARTS
from helpers.evidence.vocabulary import CERTAINTY_STEPS, LOWERING, RAISING

LEVELS = ("very low", "low", "moderate", "high")
COLUMNS = ("domain", "step", "ground")


@dataclass(frozen=True, eq=False)
class Certainty:
    """level: high, moderate, low or very low. start: where it began. judgements: the rows that moved it, or did not."""

    level: str
    start: str
    judgements: pd.DataFrame

    @property
    def footnotes(self) -> tuple[str, ...]:
        """One a judgement that moved the level: domain, step and ground."""
        moved = self.judgements[self.judgements["step"] != 0]
        return tuple(f"{row.domain}, {row.step:+d}: {row.ground}" for row in moved.itertuples())

    def to_frame(self) -> pd.DataFrame:
        """The judgements."""
        return self.judgements


def certainty(judgements: pd.DataFrame, start: str = "high") -> Certainty:
    """Add up judgements from `start`: "high" for randomised trials, "low" for other designs (not under ROBINS-I).

    judgements: columns domain (one of LOWERING or RAISING, each once), step and ground (not empty); other columns are
    ignored; no row is allowed too. The result is held between very low and high. Raises ValueError with the row.
    """
    check_choice("start", start, STARTS)
    missing = [column for column in COLUMNS if column not in judgements]
    if missing:
        raise ValueError(f"judgements: lacks the column {missing[0]}")
    rows = judgements.reset_index(drop=True)
    for number, row in rows.iterrows():
        _check(f"judgements[{number}]", str(row["domain"]), row["step"], row["ground"])
    for number in rows.index[rows["domain"].duplicated()]:
        raise ValueError(f"judgements[{number}]: the domain {rows['domain'][number]} is judged twice")
    kept = rows[list(COLUMNS)].astype({"step": int})
    reached = LEVELS.index(start) + int(kept["step"].sum())
    return Certainty(LEVELS[min(max(reached, 0), len(LEVELS) - 1)], start, kept)


def _check(where: str, domain: str, step: object, ground: object) -> None:
    if domain not in LOWERING + RAISING:
        raise ValueError(f"{where}: domain must be one of {', '.join(LOWERING + RAISING)}, got {domain!r}")
    allowed = sorted(CERTAINTY_STEPS[domain])
    if step not in allowed:
        raise ValueError(f"{where}: step of {domain} must be one of {', '.join(map(str, allowed))}, got {step!r}")
    if not isinstance(ground, str) or not ground.strip():
        raise ValueError(f"{where}: a ground is needed for {domain}")
