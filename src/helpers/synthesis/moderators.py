"""Moderators as a design matrix: numbers as they are, categories as dummy columns against a reference level."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from helpers.synthesis.trials import FloatArray


@dataclass(frozen=True)
class Coding:
    """For each moderator its levels, the reference first; None for a number."""

    levels: tuple[tuple[str, tuple | None], ...]

    @classmethod
    def of(cls, moderators: pd.DataFrame) -> "Coding":
        """The reference is the first category of a categorical column, else the lowest value."""
        return cls(tuple((str(name), _levels(moderators[name])) for name in moderators))

    @property
    def names(self) -> list[str]:
        """Names of the columns: intercept, a number's own name, category[level]."""
        names = ["intercept"]
        for name, levels in self.levels:
            names += [name] if levels is None else [f"{name}[{level}]" for level in levels[1:]]
        return names

    def design(self, moderators: pd.DataFrame) -> FloatArray:
        """(k, p) design. Raises ValueError for a missing column or value and an unknown level."""
        columns = [np.ones(len(moderators))]
        for name, levels in self.levels:
            if name not in moderators:
                raise ValueError(f"moderators: the column {name} is missing")
            values = moderators[name]
            for position in np.flatnonzero(values.isna()):
                raise ValueError(f"moderators: {name}[{position}] is missing")
            if levels is None:
                numbers = values.to_numpy(dtype=float)
                for position in np.flatnonzero(~np.isfinite(numbers)):
                    raise ValueError(f"moderators: {name}[{position}] must be a finite number, got {numbers[position]}")
                columns.append(numbers)
                continue
            for position in np.flatnonzero(~values.isin(levels)):
                known = ", ".join(map(str, levels))
                raise ValueError(
                    f"moderators: {name}[{position}] must be one of {known}, got {values.iloc[position]!r}"
                )
            columns += [(values == level).to_numpy(dtype=float) for level in levels[1:]]
        return np.column_stack(columns)

    def full_rank_design(self, moderators: pd.DataFrame) -> FloatArray:
        """design, with fewer columns than rows and none that follows from the others, else ValueError."""
        design = self.design(moderators)
        k, p = design.shape
        if k <= p:
            raise ValueError(f"moderators: {p} coefficients need more than {p} effects, got {k}")
        largest = np.abs(design).max(axis=0)
        if np.linalg.matrix_rank(design / np.where(largest > 0, largest, 1)) < p:
            raise ValueError(f"moderators: the columns {', '.join(self.names)} follow from each other")
        return design


def _levels(values: pd.Series) -> tuple | None:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return tuple(values.cat.remove_unused_categories().cat.categories)
    if is_numeric_dtype(values) and not is_bool_dtype(values):
        return None
    return tuple(sorted(values.dropna().unique()))
