"""Ordinal outcomes of several trials in one model, with thresholds of their own."""

from dataclasses import asdict, dataclass
from math import sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, ndtr, ndtri

from helpers.effects.checks import check_choice, check_level
from helpers.effects.ordinal import best_first
from helpers.synthesis.ordinal.cumulative_model import (
    CumulativeFit,
    Group,
    fit_cumulative,
    saturated_log_likelihood,
    start_thresholds,
)

FloatArray = NDArray[np.float64]
THRESHOLDS = ("trial", "shared")


@dataclass(frozen=True)
class LikelihoodRatio:
    """statistic on df degrees of freedom and its p."""

    question: str
    statistic: float
    df: int
    p: float

    def to_frame(self) -> pd.DataFrame:
        """One row, a column a field."""
        return pd.DataFrame([asdict(self)])


@dataclass(frozen=True)
class OneStage:
    """estimate: log common odds ratio for a better outcome in group 1, over all trials.

    heterogeneity: against an odds ratio for every trial. proportional_odds: against effects that differ between cuts,
    alike in all trials (nan statistic where that model has no maximum). within_trials: the proportional-odds tests of the
    single trials, summed.
    """

    k: int
    thresholds: str
    estimate: float
    se: float
    p: float
    ci_low: float
    ci_high: float
    log_likelihood: float
    heterogeneity: LikelihoodRatio
    proportional_odds: LikelihoodRatio
    within_trials: LikelihoodRatio
    level: float

    def to_frame(self) -> pd.DataFrame:
        """One row; the tests as columns with their p."""
        row = {name: value for name, value in vars(self).items() if not isinstance(value, LikelihoodRatio)}
        tests = (self.heterogeneity, self.proportional_odds, self.within_trials)
        names = ("heterogeneity", "proportional_odds", "within_trials")
        return pd.DataFrame([row | {f"{name}_p": test.p for name, test in zip(names, tests, strict=True)}])


def one_stage(
    counts1: ArrayLike, counts2: ArrayLike, better: str = "lower", thresholds: str = "trial", level: float = 0.95
) -> OneStage:
    """Fit one proportional-odds model to k trials with one common odds ratio (equal effects).

    counts1, counts2: (k, levels) and better as in helpers.effects.ordinal. thresholds "trial": every trial its own, which
    keeps the comparison within trials; "shared": the same spacing in all trials, moved by one number a trial. Levels
    without a patient in a trial are merged with the next worse one there. Raises ValueError as common_odds_ratio, and
    ArithmeticError where no finite odds ratio fits best. Whitehead 2001, doi:10.1002/sim.919.
    """
    check_choice("thresholds", thresholds, THRESHOLDS)
    check_level(level)
    first, second = best_first(counts1, counts2, better)
    if first.ndim != 2:
        raise ValueError(f"counts1: must be (trials, levels), got shape {first.shape}")
    held = (first + second).sum(axis=0) > 0
    first, second = first[:, held], second[:, held]
    k, cuts = len(first), first.shape[1] - 1
    if cuts < 1:
        raise ValueError("counts1 and counts2: all patients are at one level")

    layout = _trial_thresholds(first, second) if thresholds == "trial" else _shared_thresholds(first, second)
    common = layout.fit(np.ones((k, cuts, 1)))
    own = np.zeros((k, cuts, k))
    own[np.arange(k), :, np.arange(k)] = 1.0
    each = layout.fit(own)
    heterogeneity = _ratio("one odds ratio in all trials", each.log_likelihood - common.log_likelihood, k - 1)
    by_cut = np.broadcast_to(np.eye(cuts), (k, cuts, cuts))
    question = "one odds ratio at all cuts"
    try:
        free = layout.fit(by_cut)
        proportional = _ratio(question, free.log_likelihood - common.log_likelihood, cuts - 1)
    except (ArithmeticError, np.linalg.LinAlgError):
        proportional = LikelihoodRatio(question, float("nan"), cuts - 1, float("nan"))
    estimate, se = float(common.parameters[-1]), sqrt(common.covariance[-1, -1])
    half = float(ndtri((1 + level) / 2)) * se
    return OneStage(
        k, thresholds, estimate, se, float(2 * ndtr(-abs(estimate) / se)), estimate - half, estimate + half,
        common.log_likelihood, heterogeneity, proportional, within_trials_test(first, second), level,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Layout:
    """For every trial: counts of its two groups, which cuts they tell apart, and the design of its thresholds."""

    trials: list[tuple[FloatArray, FloatArray, NDArray[np.intp], FloatArray]]
    start: FloatArray

    def fit(self, effects: FloatArray) -> CumulativeFit:
        """effects (k, cuts, q): what group 1 adds to the linear predictor at every cut."""
        groups = []
        for (first, second, cuts, design), effect in zip(self.trials, effects, strict=True):
            none = np.zeros(len(cuts))
            groups.append(Group(first, np.hstack([design, effect[cuts]]), none))
            groups.append(Group(second, np.hstack([design, np.zeros_like(effect[cuts])]), none))
        return fit_cumulative(groups, np.append(self.start, np.zeros(effects.shape[2])))


def _trial_thresholds(first: FloatArray, second: FloatArray) -> _Layout:
    merged = [_without_empty(a, b) for a, b in zip(first, second, strict=True)]
    sizes = [len(cuts) for _, _, cuts in merged]
    total, trials, start, position = sum(sizes), [], [], 0
    for (a, b, cuts), size in zip(merged, sizes, strict=True):
        design = np.zeros((size, total))
        design[:, position : position + size] = np.eye(size)
        trials.append((a, b, cuts, design))
        start.append(start_thresholds(a + b))
        position += size
    return _Layout(trials, np.concatenate(start))


def _shared_thresholds(first: FloatArray, second: FloatArray) -> _Layout:
    k, cuts = len(first), first.shape[1] - 1
    trials = []
    for i in range(k):
        moved = np.zeros((cuts, k - 1))
        if i > 0:
            moved[:, i - 1] = 1.0
        trials.append((first[i], second[i], np.arange(cuts), np.hstack([np.eye(cuts), moved])))
    return _Layout(trials, np.append(start_thresholds((first + second).sum(axis=0)), np.zeros(k - 1)))


def _without_empty(first: FloatArray, second: FloatArray) -> tuple[FloatArray, FloatArray, NDArray[np.intp]]:
    """The levels with patients, and the cuts of the full scale above which each of them but the last lies."""
    held = np.flatnonzero(first + second > 0)
    return first[held], second[held], held[:-1]


def within_trials_test(first: FloatArray, second: FloatArray) -> LikelihoodRatio:
    """Sum of the proportional-odds tests of the single trials, counts (k, levels) best first."""
    gain, df = 0.0, 0
    for a, b in zip(first, second, strict=True):
        one, other = a[None, :], b[None, :]
        alone = _trial_thresholds(one, other).fit(np.ones((1, len(a) - 1, 1)))
        gain += saturated_log_likelihood(a) + saturated_log_likelihood(b) - alone.log_likelihood
        df += int((a + b > 0).sum()) - 2
    return _ratio("one odds ratio at all cuts of each trial", gain, df)


def _ratio(question: str, gain: float, df: int) -> LikelihoodRatio:
    statistic = max(0.0, 2 * gain)
    return LikelihoodRatio(question, statistic, df, float(chdtrc(df, statistic)) if df > 0 else 1.0)
