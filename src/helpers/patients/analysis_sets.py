"""Who is analysed, and in which arm."""

from dataclasses import dataclass

import pandas as pd

from helpers.effects.checks import check_choice

# of each set: the flag a patient needs ("" none), and the arm a patient belongs to
SETS = {"itt": ("ITTFL", "TRT01P"), "as-treated": ("", "TRT01A"), "safety": ("SAFFL", "TRT01A")}


@dataclass(frozen=True, eq=False)
class AnalysisSets:
    """sizes: a row a set and arm, columns set, arm, n. moved: patients by planned and actual arm, columns planned, actual, n;
    actual is empty for patients who were not treated as in any arm.
    """

    sizes: pd.DataFrame
    moved: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """The sizes."""
        return self.sizes


def analysis_set(adsl: pd.DataFrame, name: str) -> pd.DataFrame:
    """The patients of a set in the order of adsl, with the column `arm` they are analysed in.

    adsl: one row a patient with USUBJID, TRT01P, TRT01A, ITTFL and SAFFL (CDISC ADaM). name: "itt" (ITTFL = Y, as planned),
    "as-treated" (everyone with an actual arm, in that arm) or "safety" (SAFFL = Y, in the actual arm). Raises ValueError for
    another name.
    """
    check_choice("name", name, tuple(SETS))
    flag, arm = SETS[name]
    belongs = _filled(adsl[arm])
    if flag:
        belongs &= adsl[flag] == "Y"
    return adsl[belongs].assign(arm=adsl.loc[belongs, arm])


def analysis_sets(adsl: pd.DataFrame, arms: list[str]) -> AnalysisSets:
    """The sizes of all sets by arm, in the order of `arms`, and how many patients left their planned arm."""
    sizes = [
        {"set": name, "arm": arm, "n": int((members["arm"] == arm).sum())}
        for name in SETS
        for members in [analysis_set(adsl, name)]
        for arm in arms
    ]
    planned = adsl[_filled(adsl["TRT01P"])]
    actual = planned["TRT01A"].where(_filled(planned["TRT01A"]), "")
    moved = planned.groupby(["TRT01P", actual.rename("actual")], sort=False).size()
    frame = moved.rename("n").rename_axis(["planned", "actual"]).reset_index()
    return AnalysisSets(pd.DataFrame(sizes, columns=["set", "arm", "n"]), frame)


def _filled(column: pd.Series) -> pd.Series:
    return column.notna() & (column != "")
