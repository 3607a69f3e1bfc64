"""How many patients went through a trial, and where they left it."""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from helpers.patients.analysis_sets import analysis_set

ENDS = ("died", "lost", "withdrawn", "other", "completed", "ongoing", "unknown")


@dataclass(frozen=True, eq=False)
class Flow:
    """assessed: patients assessed for eligibility, None where not known. randomised: patients with a planned arm.

    arms: a row a planned arm with its patients: allocated; treated (as planned), other_arm, untreated (in no arm); at the
    end died, lost, withdrawn, other, completed, ongoing, unknown (they sum up to allocated); itt; measured (of the
    intention-to-treat set, with the outcome; nan where no outcome was named); and as_treated, the patients of the as-treated
    set in this arm, whatever was planned.
    """

    assessed: int | None
    randomised: int
    arms: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """The arms."""
        return self.arms


def participant_flow(
    adsl: pd.DataFrame, arms: list[str], measured: Collection[str] | None = None, assessed: int | None = None
) -> Flow:
    """Count patients as CONSORT 2010 asks (Schulz 2010, doi:10.1136/bmj.c332).

    adsl: as for analysis_set; EOSSTT, DCSREAS and DTHFL (CDISC) where there are. arms: ids in their order. measured: USUBJID of
    the patients with the outcome of interest. assessed: where it is not given, but adsl holds patients without a planned
    arm (screened and not randomised), all patients in adsl were assessed; else it is not known.
    """
    planned = adsl[adsl["TRT01P"].isin(arms)]
    if assessed is None and len(planned) < len(adsl):
        assessed = len(adsl)
    actual = planned["TRT01A"].fillna("")
    ends = end_of_study(planned)
    itt = planned["ITTFL"] == "Y"
    as_treated = analysis_set(adsl, "as-treated")["arm"].value_counts()
    seen = set(measured) if measured is not None else None
    rows = []
    for arm in arms:
        own = planned["TRT01P"] == arm
        row: dict[str, object] = {"arm": arm, "allocated": int(own.sum())}
        row["treated"] = int((own & (actual == arm)).sum())
        row["other_arm"] = int((own & (actual != arm) & (actual != "")).sum())
        row["untreated"] = int((own & (actual == "")).sum())
        row |= {end: int((own & (ends == end)).sum()) for end in ENDS}
        row["itt"] = int((own & itt).sum())
        row["measured"] = float("nan") if seen is None else int((own & itt & planned["USUBJID"].isin(seen)).sum())
        row["as_treated"] = int(as_treated.get(arm, 0))
        rows.append(row)
    return Flow(assessed, len(planned), pd.DataFrame(rows))


def end_of_study(adsl: pd.DataFrame) -> pd.Series:
    """How each patient's time in the trial ended, one of ENDS; a death counts as such whatever else is said.

    A patient who discontinued for a reason that is none of death, loss to follow-up or withdrawal has "other"; one without an
    end-of-study status "unknown".
    """
    status = _upper(adsl, "EOSSTT")
    reason = _upper(adsl, "DCSREAS")
    ends = pd.Series("unknown", index=adsl.index)
    ends[status == "COMPLETED"] = "completed"
    ends[status == "ONGOING"] = "ongoing"
    left = (status == "DISCONTINUED") | (reason != "")
    ends[left] = "other"
    ends[left & reason.str.contains("WITHDRAW")] = "withdrawn"
    ends[left & reason.str.contains("LOST")] = "lost"
    ends[reason.str.contains("DEATH") | (_upper(adsl, "DTHFL") == "Y")] = "died"
    return ends


def _upper(adsl: pd.DataFrame, column: str) -> pd.Series:
    if column not in adsl:
        return pd.Series("", index=adsl.index)
    return adsl[column].fillna("").astype(str).str.strip().str.upper()
