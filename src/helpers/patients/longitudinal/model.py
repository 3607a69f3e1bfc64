"""The repeated-measures model of a trial: what the arms' means are at each visit, and how they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.effects.checks import check_choice
from helpers.patients.longitudinal.covariance import structure
from helpers.patients.longitudinal.design import Design, design
from helpers.patients.longitudinal.fitting import Fit, NotConverged, fit
from helpers.patients.longitudinal.inference import Inference, WaldTest
from helpers.patients.longitudinal.measures import FloatArray, Measures, measures

TIMES = ("category", "continuous")
BASELINES = ("covariate", "constrained", "outcome")
LEAST = 2  # patients an arm needs at a visit
MAIN = ("unstructured", "ar1", "compound-symmetry", "random-intercept")  # the first that can be estimated is taken


@dataclass(frozen=True, eq=False)
class RepeatedMeasures:
    """A fitted model, the arms of which the first is the reference, and the visits that are modelled.

    n: (arms, visits) patients measured. visits_left_out: times at which some arm had fewer than two patients.
    patients_left_out: patients without the baseline that the model adjusts for.
    """

    fit: Fit
    arms: tuple[str, ...]
    times: FloatArray
    n: np.ndarray
    time: str
    baseline: str
    baseline_time: float
    visits_left_out: tuple[float, ...]
    patients_left_out: int
    inference: Inference
    design: Design

    def means(self, level: float = 0.95) -> pd.DataFrame:
        """Estimated mean of each arm at each visit, at the mean baseline where that is a covariate.

        Columns arm, time, n (measured), estimate, se, df, ci_low, ci_high.
        """
        places = [(arm, time) for arm in range(len(self.arms)) for time in range(len(self.times))]
        rows = np.array([self._row(arm, time) for arm, time in places])
        table = self.inference.contrasts(rows, [self.arms[arm] for arm, _ in places], level)
        table = table.rename_axis("arm").reset_index()
        table.insert(1, "time", [float(self.times[time]) for _, time in places])
        table.insert(2, "n", [int(self.n[arm, time]) for arm, time in places])
        return table.drop(columns=["statistic", "p"])

    def differences(self, level: float = 0.95) -> pd.DataFrame:
        """Each further arm minus the reference at each visit: arm, time, estimate, se, statistic, df, p, ci_low, ci_high.

        Without the baseline visit where the arms share its mean by the model.
        """
        places = [
            (arm, time)
            for arm in range(1, len(self.arms))
            for time in range(len(self.times))
            if self._difference(arm, time).any()
        ]
        rows = np.array([self._difference(arm, time) for arm, time in places])
        table = self.inference.contrasts(rows, [self.arms[arm] for arm, _ in places], level)
        table = table.rename_axis("arm").reset_index()
        table.insert(1, "time", [float(self.times[time]) for _, time in places])
        return table

    def average_difference(self, level: float = 0.95) -> pd.DataFrame:
        """Each further arm minus the reference, averaged over the visits after baseline, all with the same weight."""
        after = self._after_baseline()
        rows = [np.mean([self._difference(arm, time) for time in after], axis=0) for arm in range(1, len(self.arms))]
        return self.inference.contrasts(np.array(rows), list(self.arms[1:]), level)

    def treatment_by_time(self) -> WaldTest | None:
        """That the arms differ by the same amount at all visits: by 0 where they start equal. None with one visit."""
        rows = [
            self._difference(arm, time) - self._difference(arm, 0)
            for arm in range(1, len(self.arms))
            for time in range(1, len(self.times))
        ]
        return self.inference.test(np.array(rows)) if rows else None

    def treatment(self) -> WaldTest:
        """That the arms differ at no visit after baseline."""
        after = self._after_baseline()
        return self.inference.test(
            np.array([self._difference(arm, time) for arm in range(1, len(self.arms)) for time in after])
        )

    def fixed_effects(self, level: float = 0.95) -> pd.DataFrame:
        """estimate, se, statistic, df, p, ci_low, ci_high a fixed effect."""
        return self.inference.contrasts(np.eye(len(self.fit.b)), list(self.fit.names), level)

    def _after_baseline(self) -> list[int]:
        return [i for i, time in enumerate(self.times) if time > self.baseline_time]

    def _difference(self, arm: int, time: int) -> FloatArray:
        return self._row(arm, time) - self._row(0, time)

    def _row(self, arm: int, time: int) -> FloatArray:
        """(p,): the fixed effects that make the mean of an arm at a visit."""
        person = np.array([name in ("", _arm_name(self.arms[arm])) for name in self.design.persons], dtype=float)
        return person[self.design.who] * self.design.visit[time, self.design.when]


def repeated_measures(
    frame: pd.DataFrame,
    arms: Sequence[str],
    *,
    covariance: str = "unstructured",
    time: str = "category",
    baseline: str = "covariate",
    baseline_time: float = 0.0,
    baseline_by_time: bool = False,
    method: str = "REML",
    df: str = "satterthwaite",
) -> RepeatedMeasures:
    """Fit the mixed model for repeated measures, treatment by time.

    frame: a row a measurement, columns patient, arm, time (nominal, any unit), value; rows of other arms and without a
    value are left out. arms: the reference first, at least one more.
    covariance: see `structure`. time: "category" (a mean a visit) or "continuous" (a line).
    baseline: "covariate" (the values at baseline_time, or the column `baseline`, adjust those after it), "constrained"
    (baseline is an outcome whose mean the arms share, as randomisation promises; Liang and Zeger 2000,
    https://www.jstor.org/stable/25053123) or "outcome" (it is one like any other). baseline_by_time: the slope on baseline
    may differ between visits. method: REML or ML. df: satterthwaite or kenward-roger.
    Visits at which an arm has fewer than two patients are left out, and named in the result.
    Raises ValueError for what can not be modelled, NotConverged where the covariance can not be estimated.
    """
    check_choice("time", time, TIMES)
    check_choice("baseline", baseline, BASELINES)
    if len(arms) < 2:
        raise ValueError("arms: at least two are needed, the reference first")
    used = frame[frame["arm"].isin(list(arms)) & frame["value"].notna()]
    arm_of = used.drop_duplicates("patient").set_index("patient")["arm"].astype(object)
    if len(used[["patient", "arm"]].drop_duplicates()) > len(arm_of):
        raise ValueError("arm: a patient is in two arms")
    start, patients_left_out = pd.Series(dtype=float), 0
    if baseline == "covariate":
        start = _baselines(used, baseline_time)
        used = used[used["time"] > baseline_time]
        known = used["patient"].isin(start.index)
        patients_left_out = used.loc[~known, "patient"].nunique()
        used = used[known]
    counts = pd.crosstab(used["arm"], used["time"]).reindex(list(arms), fill_value=0)
    enough = (counts >= LEAST).all(axis=0)
    left_out = tuple(float(t) for t in counts.columns[~enough])
    used = used[~used["time"].isin(left_out)]
    if used.empty:
        raise ValueError("at no visit have all arms two patients or more")
    data = measures(used["patient"], used["time"], used["value"])
    x = _design(data, arm_of, arms, start, time, baseline, baseline_time, baseline_by_time)
    found = fit(data, x, structure(covariance, data.times, tuple(f"time {t:g}" for t in data.times)), method)
    return RepeatedMeasures(
        fit=found,
        arms=tuple(arms),
        times=data.times,
        n=counts.loc[:, enough].to_numpy(),
        time=time,
        baseline=baseline,
        baseline_time=baseline_time,
        visits_left_out=left_out,
        patients_left_out=int(patients_left_out),
        inference=Inference(found, df),
        design=x,
    )


def main_model(
    frame: pd.DataFrame, arms: Sequence[str], structures: Sequence[str] = MAIN
) -> tuple[RepeatedMeasures, dict[str, str]]:
    """The model by which a trial's chapter answers, and the structures before its own with why they were refused.

    Visits as categories, treatment by visit, the baseline as covariate, REML, Satterthwaite. The effect of treatment over
    the follow-up is its `average_difference`: one estimate, one p. frame, arms: see `repeated_measures`.
    """
    return first_that_converges(frame, arms, structures)


def first_that_converges(
    frame: pd.DataFrame, arms: Sequence[str], structures: Sequence[str], **options: object
) -> tuple[RepeatedMeasures, dict[str, str]]:
    """The model with the first of `structures` that can be estimated, and why each one before it could not.

    Raises NotConverged where none can.
    """
    refused: dict[str, str] = {}
    for name in structures:
        try:
            return repeated_measures(frame, arms, covariance=name, **options), refused  # type: ignore[arg-type]
        except (ValueError, NotConverged) as problem:
            refused[name] = str(problem)
    raise NotConverged("; ".join(f"{name}: {problem}" for name, problem in refused.items()))


def _baselines(used: pd.DataFrame, baseline_time: float) -> pd.Series:
    """Baseline value of each patient who has one."""
    if "baseline" in used:
        return used.drop_duplicates("patient").set_index("patient")["baseline"].dropna().astype(float)
    at_start = used[used["time"] == baseline_time]
    return at_start.drop_duplicates("patient").set_index("patient")["value"].astype(float)


def _design(
    data: Measures,
    arm_of: pd.Series,
    arms: Sequence[str],
    start: pd.Series,
    time: str,
    baseline: str,
    baseline_time: float,
    baseline_by_time: bool,
) -> Design:
    membership = arm_of.loc[list(data.patients)].to_numpy()
    person: dict[str, FloatArray] = {_arm_name(arm): (membership == arm).astype(float) for arm in arms[1:]}
    if time == "category":
        visit = {f"time {t:g}": (data.times == t).astype(float) for t in data.times}
        common = [("", name) for name in visit]
        shared = {f"time {baseline_time:g}"} if baseline == "constrained" else set()
        differing = [name for name in visit if name not in shared]
    else:
        visit = {"time": data.times - baseline_time}
        common = [("", ""), ("", "time")]
        differing = ["time"] if baseline == "constrained" else ["", "time"]
        if len(data.times) == 1:
            raise ValueError("time: a line needs two visits or more")
    columns = common + [(_arm_name(arm), name) for arm in arms[1:] for name in differing]
    if baseline == "covariate":
        values = start.loc[list(data.patients)].to_numpy(dtype=float)
        person["baseline"] = values - values.mean()
        columns += [("baseline", name) for name in (visit if baseline_by_time else [""])]
    return design(person, visit, columns, len(data.y), len(data.times))


def _arm_name(arm: str) -> str:
    return f"arm {arm}"
