"""What a data folder says, in memory."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

import pandas as pd

from helpers.evidence.patient_results import PATIENTS, DemonstrationData


@dataclass(frozen=True)
class Edition:
    """The state of the evidence: its name, the day it was last read, and the question it answers.

    version: `edition`, "+" and the first eight hexadecimal digits of a hash of all data files.
    harm: id of the binary outcome that stands for harm on the landing page, or empty.
    """

    edition: str
    date: datetime.date
    title: str
    question: str
    version: str
    harm: str = ""


@dataclass(frozen=True)
class Reference:
    """One document a number was read in.

    authors_short: "Levy", "Lee and Bang" or "Chung et al."; the title where no author is given.
    container: journal, book or site; doi: bare, in lower case; text: the whole reference as plain text.
    """

    key: str
    authors_short: str
    year: int | None
    title: str
    container: str
    doi: str
    url: str
    text: str


@dataclass(frozen=True)
class Arm:
    """One arm of a trial; role is `experimental` or `control`. A number that is not stated is None.

    part_of: id of the arm whose patients include this one's (a dose tier), else empty. Never add both up.
    """

    id: str
    label: str
    role: str
    part_of: str = ""
    n_randomised: int | None = None
    n_analysed: int | None = None


@dataclass(frozen=True)
class Report:
    """One paper or record about a trial; citation is its key in references.bib."""

    id: str
    citation: str
    kind: str
    label: str


@dataclass(frozen=True)
class Fact:
    """A characteristic of a trial in words, with the place it was read in."""

    value: str
    source: str
    locator: str
    kind: str


@dataclass(frozen=True)
class PatientTerms:
    """What a trial's patient-level files call otherwise than the standard, and how they are to be analysed.

    columns: table (adsl, adqs, adae) -> own name of a column -> standard name. parameters: own PARAMCD -> outcome id.
    visits: AVISIT -> planned day. arms: own value of TRT01P and TRT01A -> arm id. strata, subgroup: columns of adsl.
    doses: arm id -> million cells per kg. primary, primary_day: the main outcome (id) and the day it is analysed at.
    assessed: patients assessed for eligibility. escalation: steps of the rule of a dose escalation, in their order: with so many
    patients in a tier, at most so many of them with a dose-limiting event, what is done. escalation_source: where it is stated.
    responders: outcome id -> score from which on (or down to which, where lower is better) a patient counts as a responder.
    entry: outcome id -> score that patients had to have, or a worse one, to enter.
    """

    columns: dict[str, dict[str, str]] = field(default_factory=dict, hash=False)
    parameters: dict[str, str] = field(default_factory=dict, hash=False)
    visits: dict[str, int] = field(default_factory=dict, hash=False)
    arms: dict[str, str] = field(default_factory=dict, hash=False)
    strata: tuple[str, ...] = ()
    subgroup: str = ""
    doses: dict[str, float] = field(default_factory=dict, hash=False)
    primary: str = ""
    primary_day: int | None = None
    assessed: int | None = None
    escalation: tuple[tuple[int, int, str], ...] = ()
    escalation_source: str = ""
    responders: dict[str, float] = field(default_factory=dict, hash=False)
    entry: dict[str, float] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Trial:
    """One experiment, however many reports it has.

    registry: registry number, or empty. facts: by id, those of every trial first and in one order.
    demonstration: its patient-level data are generated and must never enter a synthesis.
    patients: how to read its patient-level data, where there are any.
    """

    id: str
    name: str
    title: str
    population_class: str
    design: str
    status: str
    registry: str
    year: int
    conflicts: tuple[str, ...]
    arms: tuple[Arm, ...]
    reports: tuple[Report, ...]
    facts: dict[str, Fact] = field(hash=False)
    demonstration: bool = False
    patients: PatientTerms = PatientTerms()


@dataclass(frozen=True, eq=False, repr=False)
class Evidence:
    """A whole data folder, valid.

    outcomes: indexed by `id`; min, max, step and mcid are floats, nan where not stated; the rest is text.
    syntheses: indexed by `id`; day_from, day_to and day_target are integers (days), the rest is text.
        `headline` is empty for the questions that the landing page does not answer first.
    search, glossary: the files' columns as text.
    references: by key; trials: by id, sorted.
    results: the columns of results.csv, of all trials in order of trial and row; `day` is an integer (days),
        `value` a float, the rest text, empty where not stated. Beside them `trial`, `row` (line number in the
        trial's results.csv) and `printed` (the value as printed).
    certainty: the columns of certainty.csv; `step` is an integer, the rest text; no row where the file is missing.
    bias: the columns of bias.csv as text, with `trial` and `row`.
    claims: the columns of claims.csv as text, with `trial` and `row`; a trial may have none.
    replaced: published numbers in whose place stand those computed from the trial's patients (kind `patients`), as `results`.
    Raises DemonstrationData where a number of kind `patients` belongs to a trial whose patients are generated.
    """

    edition: Edition
    outcomes: pd.DataFrame
    syntheses: pd.DataFrame
    search: pd.DataFrame
    glossary: pd.DataFrame
    certainty: pd.DataFrame
    references: dict[str, Reference]
    trials: dict[str, Trial]
    results: pd.DataFrame
    bias: pd.DataFrame
    claims: pd.DataFrame
    replaced: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __post_init__(self) -> None:
        generated = {trial.id for trial in self.trials.values() if trial.demonstration}
        if generated and "kind" in self.results:
            computed = self.results.loc[self.results["kind"] == PATIENTS, "trial"]
            if barred := sorted(generated.intersection(computed)):
                raise DemonstrationData(f"results of generated patients in the evidence: {', '.join(barred)}")

    def __repr__(self) -> str:
        return (
            f"Evidence({self.edition.version}: {len(self.trials)} trials, {len(self.outcomes)} outcomes, "
            f"{len(self.results)} results, {len(self.references)} references)"
        )
