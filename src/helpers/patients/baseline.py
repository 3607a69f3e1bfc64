"""Who the patients were when they entered, arm by arm: described and compared by standardised differences, never by p-values.

A p-value at baseline would test whether chance did what is known to be chance (Senn 1994, doi:10.1002/sim.4780131703); what
matters is how far apart the arms are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from helpers.effects.checks import check_choice
from helpers.patients.quartiles import quartile

FloatArray = NDArray[np.float64]
KINDS = ("continuous", "categorical")
CONTINUOUS = ["mean", "sd", "median", "q1", "q3", "min", "max"]


@dataclass(frozen=True, eq=False)
class Baseline:
    """rows: a row a continuous characteristic or a level of a categorical one.

    Columns: characteristic, level ("" for continuous), kind; for each of the two groups, with the suffix _1 or _2: n (with a
    value), missing, mean, sd, median, q1, q3, min, max or count, share; difference: standardised, first minus second, on the
    first row of a characteristic.
    expected: the size below which 95% of standardised differences stay by chance alone under simple randomisation, 1.96
    sqrt(1/n1 + 1/n2).
    """

    groups: tuple[str, str]
    n: tuple[int, int]
    rows: pd.DataFrame
    expected: float

    def to_frame(self) -> pd.DataFrame:
        """The rows."""
        return self.rows


def baseline_table(
    frame: pd.DataFrame, group: ArrayLike, characteristics: Mapping[str, str], groups: tuple[str, str]
) -> Baseline:
    """Describe the characteristics of two groups.

    frame: one row a patient. group: (n,) the group of each. characteristics: column -> "continuous" or "categorical".
    groups: the two groups, first minus second. Raises ValueError for a column or kind that does not exist and an empty group.
    Missing values are counted and left out. Standardised differences: Austin 2009, doi:10.1002/sim.3697; of more than two
    categories their multivariate form, without a sign (Yang and Dalton 2012, SAS Global Forum 335).
    """
    of = np.asarray(group, dtype=object)
    parts = [frame[of == name] for name in groups]
    for name, part in zip(groups, parts, strict=True):
        if part.empty:
            raise ValueError(f"group: no patient belongs to {name}")
    n = (len(parts[0]), len(parts[1]))
    expected = float(ndtri(0.975)) * sqrt(1 / n[0] + 1 / n[1])
    return Baseline(groups, n, _rows(parts, ["_1", "_2"], characteristics), expected)


def describe(frame: pd.DataFrame, characteristics: Mapping[str, str]) -> pd.DataFrame:
    """The same for one group: rows as in Baseline, without suffixes and without a difference. Raises ValueError as there."""
    return _rows([frame], [""], characteristics)


def _rows(parts: list[pd.DataFrame], suffixes: list[str], characteristics: Mapping[str, str]) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    for column, kind in characteristics.items():
        check_choice(column, kind, KINDS)
        if column not in parts[0]:
            raise ValueError(f"characteristics: no column {column}; there are {', '.join(map(str, parts[0].columns))}")
        described = (_continuous if kind == "continuous" else _categorical)([part[column] for part in parts], suffixes)
        rows += [{"characteristic": column, "kind": kind} | row for row in described]
    return pd.DataFrame(rows)


def difference_of_means(first: ArrayLike, second: ArrayLike) -> float:
    """(m1 - m2) / sqrt((s1^2 + s2^2) / 2); nan with fewer than two values in a group or no spread. Austin 2009."""
    a, b = (np.asarray(values, dtype=float) for values in (first, second))
    if min(a.size, b.size) < 2:
        return float("nan")
    spread = sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    return float((a.mean() - b.mean()) / spread) if spread > 0 else float("nan")


def difference_of_shares(counts1: ArrayLike, counts2: ArrayLike) -> float:
    """Standardised difference of the distribution over categories, from the patients in each; nan where it is not defined.

    Two categories: of the share in the first, (p1 - p2) / sqrt((p1 (1 - p1) + p2 (1 - p2)) / 2). More: the Mahalanobis
    distance of the shares without one category (any), with the mean of the two multinomial covariances.
    """
    first, second = (np.asarray(counts, dtype=float) for counts in (counts1, counts2))
    if first.sum() == 0 or second.sum() == 0:
        return float("nan")
    held = first + second > 0
    p, q = (counts[held] / counts.sum() for counts in (first, second))
    if p.size < 2:
        return 0.0
    if first.size == 2:
        return (
            float((p[0] - q[0]) / sqrt((p[0] * p[1] + q[0] * q[1]) / 2)) if p[0] * p[1] + q[0] * q[1] else float("nan")
        )
    p, q = p[1:], q[1:]
    covariance = (np.diag(p) - np.outer(p, p) + np.diag(q) - np.outer(q, q)) / 2
    if np.linalg.matrix_rank(covariance) < p.size:
        return float("nan")
    return float(np.sqrt((p - q) @ np.linalg.solve(covariance, p - q)))


def _continuous(parts: list[pd.Series], suffixes: list[str]) -> list[dict[str, object]]:
    values = [pd.to_numeric(part, errors="coerce").dropna().to_numpy(float) for part in parts]
    row: dict[str, object] = {"level": ""}
    if len(parts) == 2:
        row["difference"] = difference_of_means(values[0], values[1])
    for suffix, part, seen in zip(suffixes, parts, values, strict=True):
        row |= {f"n{suffix}": seen.size, f"missing{suffix}": len(part) - seen.size}
        row |= {f"{name}{suffix}": value for name, value in zip(CONTINUOUS, _summary(seen), strict=True)}
    return [row]


def _summary(values: FloatArray) -> list[float]:
    if not values.size:
        return [float("nan")] * len(CONTINUOUS)
    q1, median, q3 = (quartile(values, share) for share in (0.25, 0.5, 0.75))
    sd = values.std(ddof=1) if values.size > 1 else float("nan")
    return [float(x) for x in (values.mean(), sd, median, q1, q3, values.min(), values.max())]


def _categorical(parts: list[pd.Series], suffixes: list[str]) -> list[dict[str, object]]:
    known = [part[part.notna() & (part != "")] for part in parts]
    levels = sorted(set().union(*known), key=lambda level: (str(type(level)), level))
    counts = [part.value_counts().reindex(levels, fill_value=0).to_numpy() for part in known]
    rows: list[dict[str, object]] = []
    for i, level in enumerate(levels):
        row: dict[str, object] = {"level": f"{level}"}
        if len(parts) == 2:
            row["difference"] = float("nan") if i else difference_of_shares(counts[0], counts[1])
        for suffix, part, seen, own in zip(suffixes, parts, known, counts, strict=True):
            row |= {f"n{suffix}": len(seen), f"missing{suffix}": len(part) - len(seen)}
            row |= {f"count{suffix}": int(own[i]), f"share{suffix}": own[i] / len(seen) if len(seen) else float("nan")}
        rows.append(row)
    return rows
