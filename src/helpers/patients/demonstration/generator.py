"""Make the demonstration patients of a trial, compare them with what was printed, and write them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd

from helpers.evidence.model import Evidence
from helpers.patients.demonstration import agreement as comparison
from helpers.patients.demonstration import files as output
from helpers.patients.demonstration import isis_hermes, levy_2019, starting_2
from helpers.patients.demonstration.frames import Frames
from helpers.patients.demonstration.published import Published
from helpers.patients.demonstration.search import NothingFound

VERSION = "1.0"
"""Changes whenever the same seed gives other patients."""
SEED = 1
ATTEMPTS = 20

_MODULES: dict[str, ModuleType] = {
    "isis-hermes": isis_hermes,
    "levy-2019": levy_2019,
    "starting-2": starting_2,
}
TRIALS = tuple(_MODULES)


def generate(trial: str, evidence: Evidence, *, seed: int = SEED) -> Frames:
    """The demonstration patients of a trial: the same for the same seed, on every machine.

    Every number that can be met is met to its last printed digit; see `agreement`. The search starts anew, with the next
    draws, where it ends in nothing. Raises ValueError for a trial without a generator, NothingFound after 20 attempts.
    """
    make: Callable[[Published, np.random.Generator], Frames] = _module(trial).generate
    published = Published.of(evidence, trial)
    for attempt in range(ATTEMPTS):
        random = np.random.Generator(np.random.PCG64([seed, attempt]))
        try:
            return make(published, random)
        except NothingFound as problem:
            missed = problem
    raise NothingFound(f"{trial}, seed {seed}: {missed}")


def agreement(trial: str, frames: Frames, evidence: Evidence) -> pd.DataFrame:
    """Every printed number of the trial beside that of the patients; columns as `helpers...agreement.agreement` says."""
    better = evidence.outcomes["direction"].to_dict()
    return comparison.agreement(frames, Published.of(evidence, trial), _module(trial).RULES, better)


def assumptions(trial: str) -> Sequence[str]:
    """What the generator had to assume, a sentence each."""
    return _module(trial).ASSUMED


def files(trial: str, evidence: Evidence, *, seed: int = SEED) -> dict[str, bytes]:
    """Name -> content of all files below the trial's `patients` folder."""
    frames = generate(trial, evidence, seed=seed)
    return output.contents(frames, _about(trial, len(frames.adsl), agreement(trial, frames, evidence), seed))


def write(trial: str, evidence: Evidence, folder: Path, *, seed: int = SEED) -> None:
    """Write the patients of a trial below the data folder."""
    output.write(files(trial, evidence, seed=seed), folder / "trials" / trial / "patients")


def _about(trial: str, patients: int, table: pd.DataFrame, seed: int) -> str:
    """demonstration.toml: where the patients come from, what they meet and what was assumed."""

    def text(value: str) -> str:
        return json.dumps(value, ensure_ascii=False)

    def texts(name: str, values: Sequence[str]) -> list[str]:
        return [f"{name} = [", *(f"  {text(value)}," for value in values), "]"]

    numbers = table[table["statistic"] != "n"]
    met = [_named(row) for row in numbers[numbers["met"] == "yes"].itertuples()]
    missed = [f"{_named(row)}: {row.note}".rstrip(": ") for row in numbers[numbers["met"] != "yes"].itertuples()]
    lines = [
        "# Generated patients: nobody was observed. They match the printed numbers below and never enter a synthesis.",
        f"trial = {text(trial)}",
        f"patients = {patients}",
        f"seed = {seed}",
        f"generator = {text(VERSION)}",
        'made_with = "python -m helpers.patients.demonstration"',
        *texts("meets", met),
        *texts("does_not_meet", missed),
        *texts("assumes", list(assumptions(trial))),
    ]
    return "\n".join(lines) + "\n"


def _named(row: object) -> str:
    r = row
    against = f" against {r.comparator}" if r.comparator else ""  # type: ignore[attr-defined]
    return f"{r.report}: {r.outcome} {r.statistic}, {r.arm}{against}, day {r.day} = {r.printed}"  # type: ignore[attr-defined]


def _module(trial: str) -> ModuleType:
    if trial not in _MODULES:
        raise ValueError(f"no generator for {trial!r}; there is one for {', '.join(TRIALS)}")
    return _MODULES[trial]
