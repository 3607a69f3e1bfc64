"""Tests over stratified two-by-two tables: of any effect, and of a common odds ratio."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from helpers.synthesis.rare_events.mantel_haenszel import mantel_haenszel
from helpers.synthesis.rare_events.two_arms import double_zero_note, person_time, tables


@dataclass(frozen=True)
class ChiSquareTest:
    """statistic on df degrees of freedom and its p; note: trials that could not take part."""

    test: str
    statistic: float
    df: int
    p: float
    note: str = ""

    def to_frame(self) -> pd.DataFrame:
        """One row, a column a field."""
        return pd.DataFrame([vars(self)])


def chi_square_test(test: str, statistic: float, df: int, note: str = "") -> ChiSquareTest:
    return ChiSquareTest(test, float(statistic), df, float(chdtrc(df, statistic)), note)


def cochran_mantel_haenszel(
    ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike, correct: bool = True
) -> ChiSquareTest:
    """Test that the odds ratio is 1 in every trial: (|sum(O - E)| - 1/2)^2 / sum(V), 1 df; no 1/2 with correct=False.

    Arguments as in mantel_haenszel. Raises ValueError as there, and where no trial has both outcomes.
    Mantel and Haenszel 1959, doi:10.1093/jnci/22.4.719.
    """
    t = tables(ai, n1i, ci, n2i)
    events, others = t.a + t.c, t.b + t.d
    excess = (t.a - t.n1 * events / t.n).sum()
    variance = (t.n1 * t.n2 * (events / t.n) * (others / t.n) / (t.n - 1)).sum()
    if variance == 0:
        raise ValueError(
            "ai and ci: no trial has both patients with and without the event, so there is nothing to test"
        )
    note = double_zero_note(t.uninformative, "they say nothing about an odds ratio.")
    return chi_square_test("Cochran-Mantel-Haenszel", _squared(excess, correct) / variance, 1, note)


def mantel_haenszel_rate_test(
    x1i: ArrayLike, t1i: ArrayLike, x2i: ArrayLike, t2i: ArrayLike, correct: bool = True
) -> ChiSquareTest:
    """The same test for events x over person-time t: that the rate ratio is 1 in every trial, 1 df.

    Rothman 2008, Modern Epidemiology, ch. 15.
    """
    x1, t1, x2, t2 = person_time(x1i, t1i, x2i, t2i)
    events, total = x1 + x2, t1 + t2
    if events.sum() == 0:
        raise ValueError("x1i and x2i: no trial has an event, so there is nothing to test")
    excess = (x1 - events * t1 / total).sum()
    variance = (events * t1 * t2 / total**2).sum()
    return chi_square_test("Mantel-Haenszel", _squared(excess, correct) / variance, 1)


def breslow_day(
    ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike, tarone: bool = False
) -> ChiSquareTest:  # fmt: skip
    """Test that the odds ratio is the same in every trial, around the Mantel-Haenszel estimate; one df fewer than trials.

    tarone: with Tarone's correction, which makes the chi-square distribution right for that estimate. Trials without a
    contrast take no part. Raises ValueError as mantel_haenszel, and for fewer than two trials with a contrast.
    Breslow and Day 1980, IARC 32, p. 142; Tarone 1985, doi:10.1093/biomet/72.1.91.
    """
    given = tables(ai, n1i, ci, n2i)
    t = given.only(~given.uninformative)
    if t.a.size < 2:
        raise ValueError(f"ai and ci: at least two trials with a contrast are needed, got {t.a.size}")
    odds_ratio = np.exp(mantel_haenszel(t.a, t.n1, t.c, t.n2, "OR").estimate)
    events = t.a + t.c
    expected = _expected(t.n1, t.n2, events, odds_ratio)
    variance = 1 / (1 / expected + 1 / (t.n1 - expected) + 1 / (events - expected) + 1 / (t.n2 - events + expected))
    statistic = ((t.a - expected) ** 2 / variance).sum()
    if tarone:
        statistic -= (t.a - expected).sum() ** 2 / variance.sum()
    note = double_zero_note(given.uninformative, "they say nothing about an odds ratio.")
    return chi_square_test("Breslow-Day-Tarone" if tarone else "Breslow-Day", statistic, t.a.size - 1, note)


def _expected(n1: np.ndarray, n2: np.ndarray, events: np.ndarray, odds_ratio: float) -> np.ndarray:
    """Events of the first group that give the odds ratio at the observed margins.

    The root of (1 - or) x^2 + (n2 - events + or (n1 + events)) x - or n1 events, in the form that keeps its digits
    near an odds ratio of 1.
    """
    linear = n2 - events + odds_ratio * (n1 + events)
    root = np.sqrt(linear**2 + 4 * (1 - odds_ratio) * odds_ratio * n1 * events)
    return 2 * odds_ratio * n1 * events / (linear + root)


def _squared(excess: float, correct: bool) -> float:
    return max(0.0, abs(excess) - 0.5) ** 2 if correct else excess**2
