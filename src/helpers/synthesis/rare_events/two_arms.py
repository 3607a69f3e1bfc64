"""The counts of two-arm trials that the rare-events methods work on, and the words for trials that say nothing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.effects.checks import events_of, not_negative, numbers, positive

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tables:
    """(k,) events a of n1 in the first group, c of n2 in the second."""

    a: FloatArray
    n1: FloatArray
    c: FloatArray
    n2: FloatArray

    @property
    def b(self) -> FloatArray:
        return self.n1 - self.a

    @property
    def d(self) -> FloatArray:
        return self.n2 - self.c

    @property
    def n(self) -> FloatArray:
        return self.n1 + self.n2

    @property
    def uninformative(self) -> NDArray[np.bool_]:
        """Trials in which no patient, or every patient, had the event."""
        return (self.a + self.c == 0) | (self.b + self.d == 0)

    def only(self, rows: NDArray[np.bool_]) -> "Tables":
        return Tables(self.a[rows], self.n1[rows], self.c[rows], self.n2[rows])


def tables(ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike) -> Tables:
    """Checked (k,) counts. Raises ValueError with argument and position, and for no trial."""
    a, n1, c, n2 = (np.atleast_1d(array) for array in numbers(ai=ai, n1i=n1i, ci=ci, n2i=n2i))
    _one_dimension(a)
    events_of("n1i", n1, ai=a)
    events_of("n2i", n2, ci=c)
    return Tables(a, n1, c, n2)


def person_time(
    x1i: ArrayLike, t1i: ArrayLike, x2i: ArrayLike, t2i: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Checked (k,) events and person-time. Raises ValueError with argument and position, and for no trial."""
    x1, t1, x2, t2 = (np.atleast_1d(array) for array in numbers(x1i=x1i, t1i=t1i, x2i=x2i, t2i=t2i))
    _one_dimension(x1)
    not_negative(x1i=x1, x2i=x2)
    positive(t1i=t1, t2i=t2)
    return x1, t1, x2, t2


def double_zero_note(uninformative: NDArray[np.bool_], fate: str) -> str:
    """What became of the trials without a contrast, empty where there is none."""
    count = int(uninformative.sum())
    if count == 0:
        return ""
    trials = "1 trial" if count == 1 else f"{count} trials"
    return f"{trials} of {uninformative.size} without any event, or with events in everybody: {fate}"


def _one_dimension(values: FloatArray) -> None:
    if values.ndim != 1:
        raise ValueError(f"the counts must have one dimension, got shape {values.shape}")
    if values.size == 0:
        raise ValueError("the counts: at least one trial is needed, got none")
