"""Rules of patient-level data that need more than one cell: the other rows, the other files, the trial, the outcome's scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from helpers.evidence.faults import Fault, one_of
from helpers.evidence.model import PatientTerms, Trial
from helpers.evidence.printed import plain
from helpers.evidence.scale import Scale, span
from helpers.evidence.vocabulary import SCORES
from helpers.patients.standard import MOST, Standard, nearest

TOLERANCE = 1e-6
"""Far below the step of any scale, far above what a file format rounds."""

_ENDED = ("EOSSTT", "DCSREAS", "DTHFL")


def adsl_faults(adsl: Standard, trial: Trial) -> Iterator[Fault]:
    """Patients twice, arms that are not declared or have no patient, columns to analyse by that do not exist."""
    cells = adsl.cells
    if adsl.has("USUBJID"):
        yield from _duplicates(adsl, ["USUBJID"], "USUBJID", "patient", "one row for each patient")
    arms = [arm.id for arm in trial.arms if arm.id]
    words = [*trial.patients.arms, *(arm for arm in arms if arm not in trial.patients.arms.values())]
    for column in ("TRT01P", "TRT01A"):
        if adsl.has(column) and arms:
            value = cells[column]
            wrong = (value != "") & ~value.isin(arms)
            yield from adsl.faults(wrong, column, "arm that trial.toml does not declare", nearest(value, words))
    if adsl.has("TRT01P") and len(cells):
        held = set(cells["TRT01P"])
        held |= {arm.part_of for arm in trial.arms if arm.id in held}
        for arm in trial.arms:
            if arm.id and not arm.part_of and arm.id not in held and not _hidden(cells["TRT01P"], arms):
                told = "one patient or more; trial.toml maps own words under [patients.arms]"
                yield Fault(adsl.file, 0, adsl.own.get("TRT01P", "TRT01P"), "arm without a patient", arm.id, told)
    for key, columns in (("strata", trial.patients.strata), ("subgroup", (trial.patients.subgroup,))):
        for column in columns:
            if column and column not in cells:
                problem = f"column that [patients] {key} names is missing"
                yield Fault(
                    adsl.file, adsl.raw.header_row, column, problem, column, one_of(column, list(cells.columns))
                )
    if set(_ENDED) <= set(cells.columns):
        contradicts = (cells["DCSREAS"] == "DEATH") & (cells["DTHFL"] != "Y")
        yield from adsl.faults(contradicts, "DTHFL", "DCSREAS is DEATH, and DTHFL is not Y", "Y")
        contradicts = (cells["EOSSTT"] == "COMPLETED") & (cells["DCSREAS"] != "")
        yield from adsl.faults(
            contradicts, "DCSREAS", "a reason to end early, and EOSSTT is COMPLETED", "an empty cell"
        )


def _hidden(assigned: pd.Series, arms: list[str]) -> bool:
    """Whether an undeclared word, told as such, may be the arm that seems empty."""
    return not assigned.isin([*arms, ""]).all()


def patients_of(table: Standard, adsl: Standard, name: str) -> Iterator[Fault]:
    """Rows of patients whom adsl does not know."""
    if not table.has("USUBJID") or not adsl.has("USUBJID"):
        return
    patient = table.cells["USUBJID"]
    unknown = (patient != "") & ~patient.isin(adsl.cells["USUBJID"].unique())
    if unknown.any():
        # one patient's many rows are one slip
        first = unknown & ~patient.duplicated()
        known = list(adsl.cells["USUBJID"].unique())
        told = "a patient of adsl" if len(known) > MOST else nearest(patient, known)
        yield from table.faults(first, "USUBJID", f"patient of {name} who is not in adsl", told)


def without_rows(adsl: Standard, adqs: Standard) -> Iterator[Fault]:
    """Patients of adsl of whom adqs has nothing."""
    if not adqs.has("USUBJID") or not adsl.has("USUBJID"):
        return
    patient = adsl.cells["USUBJID"]
    absent = (patient != "") & ~patient.isin(adqs.cells["USUBJID"].unique())
    told = "one row or more of every patient, with an empty AVAL where nothing was measured"
    yield from adsl.faults(absent, "USUBJID", "patient of adsl who is not in adqs", told)


def with_days(cells: pd.DataFrame, terms: PatientTerms) -> pd.DataFrame:
    """AWTARGET from [patients.visits] where trial.toml maps the visit."""
    if not terms.visits:
        return cells
    mapped = cells["AVISIT"].map(terms.visits).astype("float64")
    return cells.assign(AWTARGET=mapped.fillna(cells["AWTARGET"]))


def adqs_faults(
    adqs: Standard, terms: PatientTerms, scales: Mapping[str, Scale], codes: Mapping[str, str] | None
) -> Iterator[Fault]:
    """adqs: with the columns `outcome`, `AWTARGET` completed. codes: PARAMCD -> outcome id, None where they are not known."""
    cells = adqs.cells
    if adqs.has("PARAMCD") and codes is not None:
        yield from _parameters(adqs, scales, codes)
    if adqs.has("AVISIT"):
        absent = cells["AWTARGET"].isna() & (cells["AVISIT"] != "")
        if adqs.has("AWTARGET"):
            yield from adqs.faults(absent, "AWTARGET", "visit without its planned day", "a whole number of days")
        else:
            first = absent & ~cells["AVISIT"].duplicated()
            allowed = nearest(cells["AVISIT"], terms.visits)
            yield from adqs.faults(first, "AVISIT", "visit that [patients.visits] does not map", allowed)
    if adqs.has("USUBJID", "PARAMCD"):
        known = (cells["outcome"] != "") & cells["AWTARGET"].notna() & (cells["USUBJID"] != "")
        key = ["USUBJID", "outcome", "AWTARGET"]
        told = "one row for each patient, parameter and planned day"
        yield from _duplicates(adqs, key, "AVISIT", "visit", told, known)
        if adqs.has("ABLFL"):
            yield from _baselines(adqs, known)
    if adqs.has("PARAMCD", "AVAL"):
        yield from _scores(adqs, scales)


def _parameters(adqs: Standard, scales: Mapping[str, Scale], codes: Mapping[str, str]) -> Iterator[Fault]:
    code = adqs.cells["PARAMCD"]
    unknown = (code != "") & ~code.isin(list(codes))
    first = unknown & ~code.duplicated()
    told = nearest(code, codes, "; or map it under [patients.parameters] in trial.toml")
    yield from adqs.faults(first, "PARAMCD", "unknown parameter", told)
    kinds = {name: scale.type for name, scale in scales.items()}
    for outcome in adqs.cells["outcome"].unique():
        if kinds.get(outcome, "") not in ("", *SCORES):
            first = (adqs.cells["outcome"] == outcome) & ~code.duplicated()
            problem = f"parameter of the {kinds[outcome]} outcome {outcome}, which single patients have no score of"
            yield from adqs.faults(first, "PARAMCD", problem, f"outcomes of type {', '.join(SCORES)}")


def _baselines(adqs: Standard, known: pd.Series) -> Iterator[Fault]:
    """One flagged row a patient and parameter, before all others; BASE and CHG follow from it."""
    cells = adqs.cells
    flagged = known & (cells["ABLFL"] == "Y")
    key = [cells["USUBJID"], cells["outcome"]]
    second = flagged & (flagged.groupby(key).cumsum() > 1)
    yield from adqs.faults(second, "ABLFL", "second baseline row", "one Y for each patient and parameter")
    off_day = flagged & ~second & (cells["AWTARGET"] != 0)
    day = cells["AWTARGET"]
    yield from adqs.faults(off_day, "AWTARGET", "baseline row that is not planned for day 0", "0")
    early = known & ~flagged & (day <= 0)
    yield from adqs.faults(early, "AWTARGET", "visit before baseline", "a day above 0, or Y in ABLFL")
    baseline = cells.loc[flagged & ~second].set_index(["USUBJID", "outcome"])
    own = cells[["USUBJID", "outcome"]].join(baseline[["AVAL", "ADY"]], on=["USUBJID", "outcome"])
    if adqs.has("ADY"):
        before = known & ~flagged & (cells["ADY"] < own["ADY"])
        yield from adqs.faults(
            before, "ADY", "visit before baseline", lambda at: f"day {plain(own['ADY'].iloc[at])} (baseline) or later"
        )
    if adqs.has("AVAL", "BASE"):
        yield from _bases(adqs, known, own["AVAL"])
    if adqs.has("AVAL", "BASE", "CHG"):
        change = cells["AVAL"] - cells["BASE"].fillna(own["AVAL"])
        differs = known & cells["CHG"].notna() & ~((cells["CHG"] - change).abs() <= TOLERANCE)
        yield from adqs.faults(differs, "CHG", "CHG that is not AVAL - BASE", lambda at: _or_empty(change.iloc[at]))


def _bases(adqs: Standard, known: pd.Series, baseline: pd.Series) -> Iterator[Fault]:
    base = adqs.cells["BASE"]
    differs = known & ((base - baseline).abs() > TOLERANCE)
    yield from adqs.faults(
        differs,
        "BASE",
        "BASE that differs from the baseline row",
        lambda at: f"{plain(baseline.iloc[at])}, the AVAL of the row flagged Y in ABLFL",
    )
    alone = known & base.notna() & baseline.isna()
    yield from adqs.faults(alone, "BASE", "BASE without a baseline value", "an empty cell, or a row with Y in ABLFL")


def _or_empty(number: float) -> str:
    return "an empty cell" if np.isnan(number) else plain(number)


def _scores(adqs: Standard, scales: Mapping[str, Scale]) -> Iterator[Fault]:
    cells = adqs.cells
    for outcome in cells["outcome"].unique():
        scale = scales.get(outcome)
        if scale is None:
            continue
        here = cells["outcome"] == outcome
        low, high = scale.bounds("value")
        allowed = f"{span(low, high)} {scale.unit}".strip()
        outside = here & ((cells["AVAL"] < low) | (cells["AVAL"] > high))
        yield from adqs.faults(outside, "AVAL", f"impossible score: outside the scale of {outcome}", allowed)
        if scale.step > 0:
            steps = (cells["AVAL"] - (0 if np.isnan(scale.low) else scale.low)) / scale.step
            off = here & ~outside & ((steps - steps.round()).abs() > TOLERANCE)
            told = f"{allowed} in steps of {plain(scale.step)}"
            yield from adqs.faults(off, "AVAL", f"impossible score: off the steps of {outcome}", told)


def _duplicates(
    table: Standard, key: list[str], column: str, what: str, allowed: str, among: pd.Series | None = None
) -> Iterator[Fault]:
    cells = table.cells if among is None else table.cells[among]
    cells = cells[(cells["USUBJID"] != "")]
    again = cells.duplicated(key)
    if not again.any():
        return
    rows = pd.Series(table.raw.rows, index=table.cells.index)
    first = rows[cells.index].groupby([cells[name] for name in key]).transform("first").reindex(table.cells.index)

    def together(place: int) -> str:
        values = table.cells[key].iloc[place]
        return " ".join(plain(value) if isinstance(value, float) else str(value) for value in values)

    yield from table.faults(
        again.reindex(table.cells.index, fill_value=False),
        column,
        lambda place: f"duplicate {what}, first in row {first.iloc[place]:.0f}",
        allowed,
        together,
    )
