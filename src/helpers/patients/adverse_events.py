"""Adverse events: patients with at least one, events, and rates per patient-time, with exact limits."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from helpers.effects import (
    fisher_p,
    proportion_interval,
    rate_interval,
    rate_ratio_interval,
    rate_ratio_p,
    risk_difference_interval,
)
from helpers.effects.checks import check_level

YEAR = 365.25  # days


@dataclass(frozen=True, eq=False)
class AdverseEvents:
    """arms: a row a category and arm: category, arm, n, patients (with at least one event), share, ci_low, ci_high (exact),
    events, years (patient-years at risk, nan where a patient's time is not known), rate (events per patient-year),
    rate_low, rate_high (exact, Poisson).

    compared: a row a category, first arm against the second; empty for a single arm: risk_difference, rd_low, rd_high
    (Newcombe), p (Fisher), rate_ratio, rr_low, rr_high (exact), rr_p (exact), and robust_low, robust_high: limits that
    allow for several events of one patient hanging together (nan where an arm has no event).
    outside: events of patients who are not in the set; they are not counted.
    """

    arms: pd.DataFrame
    compared: pd.DataFrame
    outside: int
    level: float

    def to_frame(self) -> pd.DataFrame:
        """The arms."""
        return self.arms


def categories(adae: pd.DataFrame) -> dict[str, pd.Series]:
    """The usual groups of events, as masks over adae: all, serious, related, serious and related, grade 3 or higher.

    adae: AESER (Y/N), AEREL (RELATED / NOT RELATED) and AETOXGR (1 to 5). A grade or judgement that is missing does not
    belong to the group.
    """
    serious = adae["AESER"] == "Y"
    related = adae["AEREL"] == "RELATED"
    severe = pd.to_numeric(adae["AETOXGR"], errors="coerce") >= 3
    return {
        "any event": pd.Series(True, index=adae.index),
        "serious": serious,
        "related": related,
        "serious and related": serious & related,
        "grade 3 or higher": severe,
    }


def adverse_events(
    patients: pd.DataFrame, adae: pd.DataFrame, arms: list[str], groups: Mapping[str, pd.Series] | None = None,
    level: float = 0.95,
) -> AdverseEvents:  # fmt: skip
    """Count the events of each arm and compare the first two.

    patients: one row a patient of the safety set: USUBJID, arm and, where known, EOSDY (days at risk). adae: one row an event,
    USUBJID. arms: ids in their order, those without patients are left out. groups: name -> mask over adae; `categories` by
    default. Rates need the time of every patient. Exact limits: Clopper and Pearson, Garwood; robust limits of the
    log rate ratio: variance sum((x_i - rate t_i)^2) / events^2 of each arm (White 1980, doi:10.2307/1912934). Raises
    ValueError for two rows of one patient.
    """
    check_level(level)
    if patients["USUBJID"].duplicated().any():
        raise ValueError(f"patients: two rows of {patients.loc[patients['USUBJID'].duplicated(), 'USUBJID'].iloc[0]}")
    arm_of = patients.set_index("USUBJID")["arm"]
    inside = adae["USUBJID"].isin(arm_of.index)
    present = [arm for arm in arms if (arm_of == arm).any()]
    days = (
        pd.to_numeric(patients["EOSDY"], errors="coerce") if "EOSDY" in patients else pd.Series(np.nan, patients.index)
    )
    time = pd.Series((days / YEAR).to_numpy(), index=patients["USUBJID"])
    rows, compared = [], []
    for name, mask in (categories(adae) if groups is None else groups).items():
        counts = adae.loc[inside & mask, "USUBJID"].value_counts().reindex(arm_of.index, fill_value=0)
        own = [_arm(name, arm, counts[arm_of == arm], time[arm_of == arm], level) for arm in present]
        rows += own
        if len(own) >= 2:
            parts = [(counts[arm_of == arm], time[arm_of == arm]) for arm in present[:2]]
            compared.append({"category": name} | _compare(own[0], own[1], parts, level))
    return AdverseEvents(pd.DataFrame(rows), pd.DataFrame(compared), int((~inside).sum()), level)


def events_by_term(patients: pd.DataFrame, adae: pd.DataFrame, arms: list[str]) -> pd.DataFrame:
    """Patients and events of each term (AEDECOD) in each arm, the commonest first.

    Columns: term, then for every arm patients_<arm> and events_<arm>.
    """
    arm_of = patients.set_index("USUBJID")["arm"]
    events = adae.assign(arm=adae["USUBJID"].map(arm_of)).dropna(subset=["arm"])
    grouped = events.groupby(["AEDECOD", "arm"])["USUBJID"]
    counts = {"events": grouped.size(), "patients": grouped.nunique()}
    frame = pd.DataFrame(index=pd.Index(sorted(events["AEDECOD"].unique()), name="term"))
    for arm in arms:
        for what in ("patients", "events"):
            own = counts[what].xs(arm, level="arm") if arm in events["arm"].unique() else pd.Series(dtype=int)
            frame[f"{what}_{arm}"] = own.reindex(frame.index, fill_value=0).astype(int)
    total = frame.filter(like="patients_").sum(axis=1)
    return frame.loc[total.sort_values(ascending=False, kind="stable").index].reset_index()


def worst_grades(patients: pd.DataFrame, adae: pd.DataFrame, arms: list[str]) -> pd.DataFrame:
    """Patients by their worst grade: a row an arm, columns none, 1 to 5 and unknown (events without a grade only)."""
    grade = pd.to_numeric(adae["AETOXGR"], errors="coerce").fillna(-1.0)
    worst = grade.groupby(adae["USUBJID"]).max()
    of = patients["USUBJID"].map(worst).fillna(0.0)
    names = {0.0: "none", 1.0: "1", 2.0: "2", 3.0: "3", 4.0: "4", 5.0: "5", -1.0: "unknown"}
    return pd.DataFrame(
        [
            {"arm": arm}
            | {name: int(((patients["arm"] == arm) & (of == value)).sum()) for value, name in names.items()}
            for arm in arms
        ]
    )


def _arm(name: str, arm: str, counts: pd.Series, time: pd.Series, level: float) -> dict[str, object]:
    n, patients, events, years = len(counts), int((counts > 0).sum()), int(counts.sum()), float(time.sum(skipna=False))
    share = proportion_interval(patients, n, level)
    row: dict[str, object] = {
        "category": name, "arm": arm, "n": n, "patients": patients, "share": share.estimate, "ci_low": share.low,
        "ci_high": share.high, "events": events, "years": years,
    }  # fmt: skip
    nan = float("nan")
    rate = rate_interval(events, years, level) if years > 0 else None
    limits = (rate.estimate, rate.low, rate.high) if rate else (nan, nan, nan)
    return row | dict(zip(("rate", "rate_low", "rate_high"), limits, strict=True))


def _compare(
    first: dict[str, object], second: dict[str, object], parts: list[tuple[pd.Series, pd.Series]], level: float
) -> dict[str, float]:
    cells = (first["patients"], first["n"], second["patients"], second["n"])
    risk = risk_difference_interval(*cells, level=level)  # type: ignore[arg-type]
    row = {"risk_difference": risk.estimate, "rd_low": risk.low, "rd_high": risk.high, "p": fisher_p(*cells)}  # type: ignore[arg-type]
    names = ("rate_ratio", "rr_low", "rr_high", "rr_p", "robust_low", "robust_high")
    ratio = [float("nan")] * len(names)
    if first["years"] > 0 and second["years"] > 0:  # type: ignore[operator]
        rates = (first["events"], first["years"], second["events"], second["years"])
        exact = rate_ratio_interval(*rates, level=level)  # type: ignore[arg-type]
        ratio[:4] = [exact.estimate, exact.low, exact.high, rate_ratio_p(*rates)]  # type: ignore[arg-type, list-item]
        if first["events"] and second["events"]:
            half = float(ndtri((1 + level) / 2)) * np.sqrt(sum(_robust_variance(*part) for part in parts))
            ratio[4:] = [float(exact.estimate * np.exp(-half)), float(exact.estimate * np.exp(half))]
    return row | dict(zip(names, ratio, strict=True))  # type: ignore[return-value]


def _robust_variance(counts: pd.Series, time: pd.Series) -> float:
    """Of the log rate."""
    events = counts.sum()
    return float(((counts - events / time.sum() * time) ** 2).sum() / events**2)
