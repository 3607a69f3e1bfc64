"""Fixed effects of a repeated-measures model: products of what a patient is and when he is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helpers.patients.longitudinal.measures import FloatArray


@dataclass(frozen=True, eq=False)
class Design:
    """Column j at a patient's visit t is person[patient, who[j]] * visit[t, when[j]].

    person: (n, q), one row a patient (1, arm, baseline, ...). visit: (T, d), one row a visit (its indicators, or 1 and
    the time). Such designs need no row a measurement: the sums over patients of person x person say all.
    """

    names: tuple[str, ...]
    persons: tuple[str, ...]  # names of the columns of person, "" for the constant
    person: FloatArray
    visit: FloatArray
    who: NDArray[np.int64]
    when: NDArray[np.int64]

    def rows(self, person: FloatArray, visit: FloatArray) -> FloatArray:
        """(m, p) rows of the design from rows of person (m, q) and of visit (m, d)."""
        return person[:, self.who] * visit[:, self.when]

    def at(self, observed: NDArray[np.bool_]) -> FloatArray:
        """(N, p): the measurements made, patient by patient."""
        patient, time = np.nonzero(observed)
        return self.rows(self.person[patient], self.visit[time])


def design(
    person: dict[str, FloatArray], visit: dict[str, FloatArray], columns: Sequence[tuple[str, str]], n: int, times: int
) -> Design:
    """person: name -> (n,); visit: name -> (times,); columns: pairs of such names, "" for the constant 1.

    Raises ValueError for values that are not finite or not as many as patients or visits.
    """
    whom = {"": np.ones(n), **person}
    when = {"": np.ones(times), **visit}
    for name, values, length in [*((k, v, n) for k, v in whom.items()), *((k, v, times) for k, v in when.items())]:
        if np.shape(values) != (length,) or not np.isfinite(values).all():
            raise ValueError(f"{name or 'constant'}: must be {length} finite numbers")
    used_who = list(dict.fromkeys(pair[0] for pair in columns))
    used_when = list(dict.fromkeys(pair[1] for pair in columns))
    return Design(
        names=tuple(":".join(part for part in pair if part) or "(Intercept)" for pair in columns),
        persons=tuple(used_who),
        person=np.column_stack([np.asarray(whom[name], dtype=float) for name in used_who]),
        visit=np.column_stack([np.asarray(when[name], dtype=float) for name in used_when]),
        who=np.array([used_who.index(pair[0]) for pair in columns]),
        when=np.array([used_when.index(pair[1]) for pair in columns]),
    )
