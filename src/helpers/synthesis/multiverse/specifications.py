"""Variants of the data times estimators times intervals: one row a specification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.effects.checks import check_level
from helpers.synthesis.many import pool_many
from helpers.synthesis.pooling import METHODS, TESTS
from helpers.synthesis.trials import FloatArray

CONCLUSIONS = ("above", "open", "below")
NUMBERS = ["estimate", "se", "ci_low", "ci_high", "p", "tau2", "I2"]
OWN_RULES = {1: {("REML", "z")}, 2: {("REML", "z"), ("REML", "knha"), ("EE", "z")}}
"""What the interval rule shows with one and with two trials; with more it is REML with the floored Hartung-Knapp limits."""


@dataclass(frozen=True, eq=False)
class Variant:
    """One way to choose and prepare the data: what was chosen for each question, and the effects that follow.

    choices: question -> answer, the same questions in every variant, the book's own answers in the first. trials, yi,
    vi: (k,), k >= 1, on an additive scale.
    """

    choices: dict[str, str]
    trials: tuple[str, ...]
    yi: FloatArray
    vi: FloatArray


def multiverse(
    variants: Sequence[Variant],
    methods: Sequence[str] = METHODS,
    tests: Sequence[str] = TESTS,
    level: float = 0.95,
) -> pd.DataFrame:
    """Pool every variant by every method with every test: one row a specification.

    variants: the book's own first. methods, tests, level: as for pool. Columns: a column a question of the variants,
    method, test, trials (ids with blanks between), k, estimate, se, ci_low, ci_high, p, tau2, I2; conclusion: "above"
    or "below" no effect (0) where the interval excludes it, else "open"; changes: how many choices differ from the
    book's own (0: what the interval rule shows); data: number of the data set, equal where the effects are equal.
    Raises ValueError without a variant, for variants that answer different questions, and as pool_many.
    """
    check_level(level)
    if not variants:
        raise ValueError("variants: at least one is needed, got none")
    questions = list(variants[0].choices)
    for number, variant in enumerate(variants):
        if list(variant.choices) != questions:
            raise ValueError(f"variants[{number}]: must answer {', '.join(questions)}")
    yi, vi = _matrix([each.yi for each in variants]), _matrix([each.vi for each in variants])
    data, first = _alike(yi, vi)
    base = pd.DataFrame([each.choices for each in variants]).assign(
        trials=[" ".join(each.trials) for each in variants], data=data
    )
    own = variants[0].choices
    base["changes"] = sum((base[question] != own[question]).astype(int) for question in questions)
    parts = []
    for method in methods:
        for test in tests:
            pooled = pool_many(yi[first], vi[first], method, test, level).to_frame()[["k", *NUMBERS]]
            part = pd.concat([base, pooled.iloc[data].reset_index(drop=True)], axis=1)
            parts.append(part.assign(method=method, test=test))
    frame = pd.concat(parts, ignore_index=True)
    frame["conclusion"] = np.select([frame["ci_low"] > 0, frame["ci_high"] < 0], ["above", "below"], "open")
    frame["changes"] += _away_from_the_rule(frame)
    return frame[[*questions, "method", "test", "trials", "k", *NUMBERS, "conclusion", "changes", "data"]]


def distinct(frame: pd.DataFrame) -> pd.DataFrame:
    """One row for each different calculation, the one nearest to the book's own.

    Choices that make no difference to the data, and estimators and intervals of a single trial, are one calculation.
    """
    single = frame["k"] == 1
    key = pd.DataFrame({"data": frame["data"]})
    for column in ("method", "test"):
        key[column] = frame[column].where(~single, "")
    order = frame["changes"].sort_values(kind="stable").index
    return frame.loc[order[~key.loc[order].duplicated()]].sort_index()


def own_conclusion(frame: pd.DataFrame) -> str:
    """What the book's own specification concludes: "open" also where the intervals it shows side by side disagree."""
    own = set(frame.loc[frame["changes"] == 0, "conclusion"])
    return own.pop() if len(own) == 1 else "open"


def flips(frame: pd.DataFrame) -> pd.DataFrame:
    """The different calculations that conclude otherwise than the book, those with the fewest changes first.

    A specification that is itself among the intervals the book shows side by side has no change, and is listed too.
    """
    rows = distinct(frame)
    return rows[rows["conclusion"] != own_conclusion(frame)].sort_values("changes", kind="stable")


def shares(frame: pd.DataFrame, questions: Sequence[str]) -> pd.DataFrame:
    """For each answer to each question: how many different calculations it admits, and which share concludes what.

    Columns question, answer, n, and above, open and below (0 to 1). Answers stand in the order of the frame.
    """
    rows = []
    for question in questions:
        for answer in frame[question].unique():
            chosen = distinct(frame[frame[question] == answer])
            found = chosen["conclusion"].value_counts(normalize=True)
            rows.append({"question": question, "answer": answer, "n": len(chosen)}
                        | {name: float(found.get(name, 0.0)) for name in CONCLUSIONS})  # fmt: skip
    return pd.DataFrame(rows, columns=["question", "answer", "n", *CONCLUSIONS])


def _matrix(rows: list[FloatArray]) -> FloatArray:
    filled = np.full((len(rows), max(map(len, rows))), np.nan)
    for number, row in enumerate(rows):
        filled[number, : len(row)] = row
    return filled


def _alike(yi: FloatArray, vi: FloatArray) -> tuple[list[int], list[int]]:
    """The number of each row's data set, and the first row of each data set: equal data are pooled once."""
    numbers: dict[bytes, int] = {}
    first = []
    for row, key in enumerate(map(bytes, np.hstack([yi, vi]))):
        if key not in numbers:
            numbers[key] = len(numbers)
            first.append(row)
    return [numbers[bytes(row)] for row in np.hstack([yi, vi])], first


def _away_from_the_rule(frame: pd.DataFrame) -> pd.Series:
    """How many of estimator and interval have to be changed to get from the interval rule's to a row's."""
    away = []
    for k, method, test in zip(frame["k"], frame["method"], frame["test"], strict=True):
        rule = OWN_RULES.get(k, {("REML", "adhoc")})
        away.append(0 if k == 1 else min((method != own) + (test != its) for own, its in rule))
    return pd.Series(away, index=frame.index)
