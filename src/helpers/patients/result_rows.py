"""From a trial's patients to the rows of results.csv that a published table would give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from helpers.evidence.model import Trial
from helpers.evidence.patient_results import PATIENTS, DemonstrationData
from helpers.evidence.result_rules import COLUMNS
from helpers.patients.model import Patients
from helpers.patients.quartiles import DEFINITION, quartile
from helpers.patients.visits import visit_name

LOCATOR = "patient-level data"
QUARTILES = f"Quartiles by {DEFINITION}"
DAYS_A_YEAR = 365.25

_SCORES = ("ordinal", "continuous")
_STATISTICS = ("n", "mean", "sd", "median", "q1", "q3", "min", "max")
_BASELINE = {"age": "AGE", "bmi": "BMI", "time-since-stroke": "STRKDY"}
_ENDED = {"lost-to-follow-up": "LOST TO FOLLOW-UP", "withdrawn": "WITHDRAWAL BY SUBJECT"}
_KEY = ["outcome", "variable", "day", "population", "arm"]


def result_rows(patients: Patients, trial: Trial, outcomes: pd.DataFrame) -> pd.DataFrame:
    """The numbers of a trial's arms, each a row with the columns of results.csv as text; kind is `patients`.

    outcomes: indexed by id, as in `Evidence.outcomes`; an outcome that it does not hold gives no row.
    For every outcome, visit and arm: n, mean, SD, median, quartiles (`quartile`), minimum and maximum of the value and of the
    change from baseline, the patients at each level of an ordinal scale, and those at the levels (`from_levels`) by which
    outcomes.csv defines a binary outcome.
    For every visit after baseline: patients with an adverse event, serious, related and serious, dose-limiting, events and
    deaths up to its planned day, at the last visit all of them, with person-years at risk (EOSDY, 365.25 days a year).
    Who the patients were; how many were treated as assigned, lost or withdrawn.
    Populations: `itt` by TRT01P; `as-treated` (all treated) and, for events, `safety` by TRT01A where they hold other patients
    or other arms. An arm whose parts (`part_of`) were assigned counts all their patients.
    What is not known gives no row: no adae, no event; a patient without EOSDY, no person-years of the arm; an event that
    nobody called related or not, no count of related ones.
    Raises DemonstrationData for generated patients: no number of theirs may be taken for a result.
    """
    refuse_demonstration(patients, trial)
    known = outcomes[~outcomes.index.duplicated()]
    sets = _sets(patients.adsl)
    numbers = pd.concat(
        [
            pd.DataFrame(columns=[*_KEY, "statistic", "level", "value"]),
            *(_baseline(patients, population, arms) for population, arms in _unlike(sets, ("itt", "as-treated"))),
            *(_scores(patients, known, population, arms) for population, arms in _unlike(sets, ("itt", "as-treated"))),
            *(
                _safety(patients, population, arms)
                for population, arms in _unlike(sets, ("itt", "as-treated", "safety"))
            ),
            _flow(patients, sets["itt"]),
        ],
        ignore_index=True,
    )
    numbers = numbers[numbers["outcome"].isin(known.index)]
    return _printed(numbers, patients, trial, known)


def refuse_demonstration(patients: Patients, trial: Trial) -> None:
    """Raise DemonstrationData where the patients are generated, or the trial says so."""
    if patients.demonstration or trial.demonstration:
        told = "generated patients never give a result: they match published totals by construction"
        raise DemonstrationData(f"{trial.id}: {told}")


# which patients, in which arm --------------------------------------------------------------------------------------


def _sets(adsl: pd.DataFrame) -> dict[str, pd.Series]:
    """Population -> the arm each patient counts in, by USUBJID, empty where in none."""
    patient = adsl.set_index("USUBJID")
    assigned, treated = patient["TRT01P"], patient["TRT01A"]
    return {
        "itt": assigned.where(patient["ITTFL"] == "Y", ""),
        "as-treated": treated,
        "safety": treated.where(patient["SAFFL"] == "Y", ""),
    }


def _unlike(sets: Mapping[str, pd.Series], names: tuple[str, ...]) -> list[tuple[str, pd.Series]]:
    """The populations that differ from those before them."""
    unlike: list[tuple[str, pd.Series]] = []
    for name in names:
        if not any(sets[name].equals(other) for _, other in unlike):
            unlike.append((name, sets[name]))
    return unlike


def _members(patients: Patients, arms: pd.Series) -> pd.DataFrame:
    """One row a patient and arm, an arm of parts holding theirs: USUBJID, arm."""
    wholes = {arm.id: arm.part_of for arm in patients.arms if arm.part_of}
    own = pd.DataFrame({"USUBJID": arms.index, "arm": arms.to_numpy()})
    whole = own.assign(arm=own["arm"].map(wholes)).dropna(subset="arm")
    members = pd.concat([own, whole], ignore_index=True)
    return members[members["arm"] != ""].drop_duplicates(ignore_index=True)


# scores ----------------------------------------------------------------------------------------------------------


def _scores(patients: Patients, outcomes: pd.DataFrame, population: str, arms: pd.Series) -> pd.DataFrame:
    kinds = patients.adqs["outcome"].map(outcomes["type"])
    rows = patients.adqs[kinds.isin(_SCORES)].merge(_members(patients, arms), on="USUBJID")
    rows = rows.rename(columns={"AWTARGET": "day"}).assign(population=population)
    rows = rows.astype({"outcome": "category", "arm": "category"})[
        ["outcome", "day", "population", "arm", "AVAL", "CHG"]
    ]
    values = rows.assign(variable="value", value=rows["AVAL"])
    changes = rows[rows["day"] > 0].assign(variable="change", value=lambda later: later["CHG"])
    measured = pd.concat([values, changes], ignore_index=True).dropna(subset="value")[[*_KEY, "value"]]
    ordinal = measured[(measured["variable"] == "value") & (measured["outcome"].map(outcomes["type"]) == "ordinal")]
    counted = [_level_counts(ordinal, outcomes), *_dichotomies(measured, outcomes)]
    return pd.concat([_moments(measured), *counted], ignore_index=True)


def _moments(measured: pd.DataFrame) -> pd.DataFrame:
    """n, mean, SD, quartiles and range of each group, one statistic a row."""
    if measured.empty:
        return pd.DataFrame()
    groups = measured.groupby(_KEY, sort=True, observed=True)["value"]
    table = groups.agg(n="count", mean="mean", sd="std", median="median", min="min", max="max")
    for name, share in (("q1", 0.25), ("q3", 0.75)):
        table[name] = groups.agg(quartile, share=share)
    return _long(table[list(_STATISTICS)])


def _long(table: pd.DataFrame) -> pd.DataFrame:
    """A table with one column a statistic, indexed by the key, as one row a statistic; what is nan is left out."""
    return (
        table.melt(ignore_index=False, var_name="statistic", value_name="value")
        .dropna(subset="value")
        .reset_index()
        .assign(level="")
    )


def _level_counts(ordinal: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Patients at every level of each ordinal scale, none included."""
    frames = []
    for outcome, rows in ordinal.groupby("outcome", sort=True, observed=True):
        levels = _levels(outcomes.loc[outcome])
        if levels is None:
            continue
        table = rows.groupby([*_KEY, rows["value"].round(9).rename("level")], observed=True).size().unstack("level")
        table = table.reindex(columns=levels).fillna(0)
        long = table.melt(ignore_index=False, var_name="level", value_name="value").reset_index()
        frames.append(long.assign(statistic="count", level=long["level"].map("{:g}".format)))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _levels(outcome: pd.Series) -> np.ndarray | None:
    low, high, step = outcome["min"], outcome["max"], outcome["step"]
    return np.round(np.arange(low, high + step / 2, step), 9) if np.isfinite([low, high, step]).all() else None


def _dichotomies(measured: pd.DataFrame, outcomes: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Patients at the levels that define a binary outcome; those of an ordinal scale follow from its level counts."""
    values = measured[measured["variable"] == "value"]
    for name, outcome in outcomes[outcomes["from_outcome"] != ""].iterrows():
        origin = outcome["from_outcome"]
        if origin not in outcomes.index or outcomes.at[origin, "type"] == "ordinal":
            continue
        rows = values[values["outcome"] == origin]
        if rows.empty:
            continue
        chosen = [float(level) for level in str(outcome["from_levels"]).split()]
        event = rows.assign(outcome=name, event=rows["value"].round(9).isin(chosen).astype(float))
        yield _long(event.groupby(_KEY, observed=True)["event"].agg(n="count", events="sum"))


# who the patients were, and what became of them --------------------------------------------------------------------


def _baseline(patients: Patients, population: str, arms: pd.Series) -> pd.DataFrame:
    rows = patients.adsl.merge(_members(patients, arms), on="USUBJID")
    rows = rows.assign(population=population, variable="value", day=0)
    known = [
        rows.assign(outcome=outcome, value=rows[column])
        for outcome, column in _BASELINE.items()
        if column in rows and rows[column].notna().any()
    ]
    men = rows[rows["SEX"].isin(["M", "F"])]
    men = men.assign(outcome="male", event=(men["SEX"] == "M").astype(float))
    share = _long(men.groupby(_KEY)["event"].agg(n="count", events="sum")) if len(men) else pd.DataFrame()
    if not known:
        return share
    measured = pd.concat(known, ignore_index=True).dropna(subset="value")[[*_KEY, "value"]]
    return pd.concat([_moments(measured), share], ignore_index=True)


def _flow(patients: Patients, assigned: pd.Series) -> pd.DataFrame:
    """Treated as assigned (experimental arms), lost and withdrawn until the last visit, of all who were assigned."""
    adsl = patients.adsl.merge(_members(patients, assigned), on="USUBJID").assign(population="itt", variable="value")
    experimental = [arm.id for arm in patients.arms if arm.role == "experimental"]
    meant = adsl[adsl["arm"].isin(experimental)]
    found = [meant.assign(outcome="feasibility", day=0, event=meant["TRT01A"] == meant["TRT01P"])]
    if "DCSREAS" in adsl:
        last = _last_day(patients)
        found += [adsl.assign(outcome=name, day=last, event=adsl["DCSREAS"] == why) for name, why in _ENDED.items()]
    rows = pd.concat(found, ignore_index=True)
    if rows.empty:
        return pd.DataFrame()
    return _long(rows.assign(event=rows["event"].astype(float)).groupby(_KEY)["event"].agg(n="count", events="sum"))


def _days(patients: Patients) -> list[int]:
    """Planned days of the visits after baseline."""
    days = patients.adqs["AWTARGET"].unique()
    return sorted(int(day) for day in days if day > 0)


def _last_day(patients: Patients) -> int:
    """The planned day of the last visit; without visits the longest follow-up."""
    if days := _days(patients):
        return days[-1]
    followed = patients.adsl["EOSDY"].max() if "EOSDY" in patients.adsl else np.nan
    return int(followed) if np.isfinite(followed) else 0


# safety ------------------------------------------------------------------------------------------------------------


def _safety(patients: Patients, population: str, arms: pd.Series) -> pd.DataFrame:
    """Deaths and adverse events of each arm until each visit; whatever came later counts at the last."""
    members = _members(patients, arms)
    followed = members.merge(patients.adsl, on="USUBJID")
    events = patients.adae.merge(members, on="USUBJID") if "adae" in patients.tables else None
    last = _last_day(patients)
    frames = []
    for day in [*[each for each in _days(patients) if each != last], last]:
        until = np.inf if day == last else day
        n = followed.groupby("arm").size().rename("n")
        time = _person_years(followed, until)
        tables = {**_deaths(followed, until), **({} if events is None else _events(events, until))}
        for outcome, counted in tables.items():
            table = pd.concat([n, counted.reindex(n.index, fill_value=0), time.reindex(n.index)], axis=1).astype(float)
            frames.append(_long(table).assign(outcome=outcome, variable="value", day=day, population=population))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _deaths(followed: pd.DataFrame, until: float) -> dict[str, pd.Series]:
    """Patients who died, by arm; nothing where it is not known who did, or when."""
    if "DTHFL" not in followed:
        return {}
    died = followed["DTHFL"] == "Y"
    if np.isfinite(until):
        if "EOSDY" not in followed:
            return {}
        died &= followed["EOSDY"] <= until
    return {"death": died.groupby(followed["arm"]).sum().rename("events")}


def _events(events: pd.DataFrame, until: float) -> dict[str, pd.Series]:
    """Events, or patients with any, by arm. An event without a day of start counts in the whole follow-up only."""
    told = bool((events["AEREL"] != "").all())
    rows = events if np.isinf(until) else events[events["ASTDY"] <= until]
    serious, related = rows["AESER"] == "Y", rows["AEREL"] == "RELATED"
    counted = {"ae": _count(rows), "sae": _count(rows[serious])}
    counted |= {"ae-patients": _count_patients(rows), "sae-patients": _count_patients(rows[serious])}
    if told:
        counted |= {"ae-related": _count(rows[related]), "sae-related": _count_patients(rows[serious & related])}
    if "DLTFL" in rows:
        counted["dose-limiting"] = _count_patients(rows[rows["DLTFL"] == "Y"])
    return counted


def _count(events: pd.DataFrame) -> pd.Series:
    return events.groupby("arm").size().rename("event_count")


def _count_patients(events: pd.DataFrame) -> pd.Series:
    return events.groupby("arm")["USUBJID"].nunique().rename("events")


def _person_years(followed: pd.DataFrame, until: float) -> pd.Series:
    """Years at risk of each arm until a day; nan where the last contact of a patient is not known."""
    if "EOSDY" not in followed:
        return pd.Series(dtype="float64", index=pd.Index([], name="arm"), name="person_years")
    days = followed["EOSDY"].clip(upper=until)
    known = days.notna().groupby(followed["arm"]).all()
    return (days.groupby(followed["arm"]).sum() / DAYS_A_YEAR).where(known).rename("person_years")


# as results.csv has it ---------------------------------------------------------------------------------------------


def _printed(numbers: pd.DataFrame, patients: Patients, trial: Trial, outcomes: pd.DataFrame) -> pd.DataFrame:
    report = next((each for each in trial.reports if each.kind == "main"), trial.reports[0])
    names = {day: visit_name(patients, day) for day in numbers["day"].unique()}
    numbers = _in_order(numbers, [arm.id for arm in patients.arms], outcomes)
    units = {"n": "patients", "events": "patients", "count": "patients", "event_count": "events"}
    units["person_years"] = "person-years"
    own = numbers["outcome"].map(outcomes["unit"])
    cells: dict[str, Any] = {
        "report": report.id,
        "outcome": numbers["outcome"],
        "variable": numbers["variable"],
        "arm": numbers["arm"],
        "comparator": "",
        "visit": numbers["day"].map(names),
        "day": numbers["day"].map("{:d}".format),
        "population": numbers["population"],
        "statistic": numbers["statistic"],
        "level": numbers["level"],
        "qualifier": "",
        "value": numbers["value"].map("{:.12g}".format),
        "unit": numbers["statistic"].map(units).fillna(own),
        "method": "",
        "source": report.citation,
        "locator": LOCATOR,
        "kind": PATIENTS,
        "note": np.where(numbers["statistic"].isin(["q1", "q3"]), QUARTILES, ""),
    }
    visits = pd.Series(cells["visit"])
    cells["visit"] = visits.mask((numbers["outcome"] == "feasibility").to_numpy(), "treatment")
    return pd.DataFrame(cells, index=numbers.index).astype("str")[list(COLUMNS)]


def _in_order(numbers: pd.DataFrame, arms: list[str], outcomes: pd.DataFrame) -> pd.DataFrame:
    """Outcomes as in their dictionary, then day, population, variable, arm, statistic and level."""
    order = {
        "outcome": {name: at for at, name in enumerate(outcomes.index)},
        "population": {"itt": 0, "as-treated": 1, "safety": 2},
        "variable": {"value": 0, "change": 1},
        "arm": {name: at for at, name in enumerate(arms)},
        "statistic": {
            name: at for at, name in enumerate((*_STATISTICS, "count", "events", "event_count", "person_years"))
        },
    }
    numbers = numbers.assign(day=numbers["day"].astype(int))
    rank = pd.DataFrame({name: numbers[name].map(places) for name, places in order.items()}).assign(
        day=numbers["day"], level=pd.to_numeric(numbers["level"], errors="coerce")
    )
    by = ["outcome", "day", "population", "variable", "arm", "statistic", "level"]
    return numbers.loc[rank.sort_values(by, kind="stable").index].reset_index(drop=True)
