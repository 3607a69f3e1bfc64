"""Change from baseline of one group over all visits, in one repeated-measures model."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.patients.longitudinal import Inference, NotConverged, WaldTest, design, fit, measures, structure

STRUCTURES = ("unstructured", "compound-symmetry")
LEAST = 2  # patients a visit needs


@dataclass(frozen=True, eq=False)
class RepeatedChange:
    """changes: a row a visit after baseline: day, n (measured then), estimate (mean change), se, df, p, ci_low, ci_high.

    any_change: F test that the mean changes at no visit. covariance: structure that was estimated; refused: those before it,
    with the reason. patients: all with a score at any visit, baseline among them.
    """

    changes: pd.DataFrame
    any_change: WaldTest
    covariance: str
    refused: dict[str, str]
    patients: int
    level: float

    def to_frame(self) -> pd.DataFrame:
        """The changes."""
        return self.changes


def repeated_change(scores: pd.DataFrame, level: float = 0.95) -> RepeatedChange:
    """Estimate the mean at every visit, baseline among them, and its change from baseline.

    scores: one row a patient and visit: USUBJID, day (baseline 0), value (nan where not measured). One mean a visit, REML,
    Satterthwaite's degrees of freedom; covariance within patients unstructured, or compound symmetry where that can not be
    estimated. Patients who lack visits count with those they have, which is right if scores are missing at random. Visits with
    fewer than two patients are left out. Raises ValueError without a baseline and a later visit, NotConverged where no
    covariance can be estimated. Mallinckrodt 2008, doi:10.1177/009286150804200402.
    """
    used = scores[scores["value"].notna()]
    size = used.groupby("day").size()
    used = used[used["day"].isin(size.index[size >= LEAST])]
    days = sorted(float(day) for day in used["day"].unique())
    if len(days) < 2 or days[0] != 0:
        raise ValueError("scores: a baseline (day 0) and a later visit with two patients or more are needed")
    data = measures(used["USUBJID"], used["day"], used["value"])
    names = [f"day {day:g}" for day in days]
    visit = {name: (data.times == day).astype(float) for name, day in zip(names, days, strict=True)}
    effects = design({}, visit, [("", name) for name in names], len(data.y), len(data.times))
    refused: dict[str, str] = {}
    for name in STRUCTURES:
        try:
            found = fit(data, effects, structure(name, data.times, tuple(names)))
            break
        except (ValueError, NotConverged) as problem:
            refused[name] = str(problem)
    else:
        raise NotConverged("; ".join(f"{name}: {problem}" for name, problem in refused.items()))
    inference = Inference(found)
    rows = np.column_stack([-np.ones(len(days) - 1), np.eye(len(days) - 1)])
    table = inference.contrasts(rows, names[1:], level).reset_index(drop=True)
    table.insert(0, "day", days[1:])
    table.insert(1, "n", [int(size[day]) for day in days[1:]])
    return RepeatedChange(table, inference.test(rows), name, refused, len(data.patients), level)
