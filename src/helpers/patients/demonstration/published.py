"""The printed numbers of a trial that its demonstration patients must meet, read from the data folder."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.evidence.model import Evidence, Trial
from helpers.scrutiny.printed_number import Printed


@dataclass(frozen=True, eq=False)
class Published:
    """What a data folder says of one trial.

    trial: design and arms. rows: its rows of results.csv. claims: its rows of claims.csv, indexed by `claim`.
    """

    trial: Trial
    rows: pd.DataFrame
    claims: pd.DataFrame

    @classmethod
    def of(cls, evidence: Evidence, trial_id: str) -> Published:
        """Raises ValueError for a trial that the data folder does not have."""
        if trial_id not in evidence.trials:
            raise ValueError(f"no trial {trial_id!r}; the data folder has {', '.join(evidence.trials)}")
        rows = evidence.results[evidence.results["trial"] == trial_id]
        claims = evidence.claims[evidence.claims["trial"] == trial_id]
        return cls(evidence.trials[trial_id], rows, claims.set_index("claim"))

    def number(self, outcome: str, statistic: str, arm: str = "msc", **more: str | int) -> Printed:
        """The number as printed, with its qualifier.

        more: further columns of results.csv that tell rows apart (`day=180`, `report="lee-2022"`). Raises ValueError
        unless the rows that fit print one and the same number.
        """
        wanted = {"outcome": outcome, "statistic": statistic, "arm": arm, **more}
        rows = self.rows
        for column, value in wanted.items():
            rows = rows[rows[column] == value]
        printed = set(rows["qualifier"] + rows["printed"])
        if len(printed) != 1:
            said = ", ".join(f"{column}={value}" for column, value in wanted.items())
            raise ValueError(f"{self.trial.id}: {len(printed)} printed numbers for {said}; needed: one")
        return Printed.parse(printed.pop())

    def count(self, outcome: str, statistic: str = "n", arm: str = "msc", **more: str | int) -> int:
        """A whole number: of patients, of events."""
        return int(self.number(outcome, statistic, arm, **more).exact)

    def claim(self, name: str) -> Printed:
        """The number of a claim. Raises KeyError for a name that claims.csv does not have."""
        return Printed.parse(str(self.claims.loc[name, "value"]))

    @property
    def arms(self) -> dict[str, int]:
        """Analysed patients of the arms that are no part of another."""
        return {arm.id: arm.n_analysed or 0 for arm in self.trial.arms if not arm.part_of}
