"""Permutation test of a meta-regression: p values that need no distribution, for few trials."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import product
from math import factorial, prod

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.synthesis.meta_regression import MetaRegression, fit
from helpers.synthesis.regressions import Regressions
from helpers.synthesis.trials import FloatArray

CHUNK = 20_000  # effects worked on at once
TIE = 1 - 1e-9  # arrangements that mirror the observed one give its statistic but for rounding


@dataclass(frozen=True, eq=False)
class PermutationTest:
    """coefficients: p of each, two-sided; QM_p: of all moderators; exact: every arrangement was used."""

    coefficients: pd.Series
    QM_p: float
    permutations: int
    exact: bool

    def to_frame(self) -> pd.DataFrame:
        """A row a coefficient, the last one QM; column p."""
        return pd.concat([self.coefficients, pd.Series({"QM": self.QM_p})]).to_frame("p")

    def __repr__(self) -> str:
        how = "all" if self.exact else "a sample of"
        return f"PermutationTest over {how} {self.permutations:,} arrangements\n{self.to_frame().to_string()}"


def permutation_test(regression: MetaRegression, permutations: int = 1000, seed: int = 2017) -> PermutationTest:
    """Share of arrangements whose statistic is at least as far from zero as the one observed.

    An arrangement deals the rows of moderators out to the trials anew; without moderators it turns the signs of effects.
    All distinct arrangements are used where there are no more than `permutations`, else the observed one and a random
    sample, from numpy's PCG64 with `seed`. The p of a single coefficient is under dealing out whole rows.
    Raises ValueError for permutations below 1. Higgins and Thompson 2004, doi:10.1002/sim.1752; Viechtbauer, López-López,
    Sánchez-Meca and Marín-Martínez 2015, doi:10.1037/met0000023.
    """
    if permutations < 1:
        raise ValueError(f"permutations: must be at least 1, got {permutations}")
    random = np.random.default_rng(seed)
    arranged, exact = (_signs if regression.design.shape[1] == 1 else _rows)(regression, permutations, random)
    observed = fit(Regressions(*(array[None] for array in _data(regression))), regression.method, regression.test)
    statistic, qm = _statistics(arranged, regression)
    least, (least_qm,) = np.abs(_t(observed.b, observed.vcov))[0], observed.qm
    p = pd.Series((statistic >= TIE * least).mean(axis=0), regression.coefficients.index, name="p")
    return PermutationTest(p, float((qm >= TIE * least_qm).mean()), len(statistic), exact)


def _data(regression: MetaRegression) -> tuple[FloatArray, FloatArray, FloatArray]:
    return regression.yi, regression.vi, regression.design


def _statistics(data: Regressions, regression: MetaRegression) -> tuple[FloatArray, FloatArray]:
    size = max(1, CHUNK // regression.k)
    pieces = []
    for start in range(0, len(data.yi), size):
        piece = Regressions(*(getattr(data, f.name)[start : start + size] for f in fields(data)))
        pieces.append(fit(piece, regression.method, regression.test))
    return np.concatenate([np.abs(_t(p.b, p.vcov)) for p in pieces]), np.concatenate([p.qm for p in pieces])


def _t(b: FloatArray, vcov: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return b / np.sqrt(np.diagonal(vcov, axis1=1, axis2=2))


def _signs(regression: MetaRegression, permutations: int, random: np.random.Generator) -> tuple[Regressions, bool]:
    yi, vi, design = _data(regression)
    exact = 2**regression.k <= permutations
    if exact:
        signs = np.array(list(product([1.0, -1.0], repeat=regression.k)))
    else:
        signs = random.choice([1.0, -1.0], (permutations, regression.k))
        signs[0] = 1
    m = len(signs)
    return Regressions(signs * yi, np.tile(vi, (m, 1)), np.tile(design, (m, 1, 1))), exact


def _rows(regression: MetaRegression, permutations: int, random: np.random.Generator) -> tuple[Regressions, bool]:
    yi, vi, design = _data(regression)
    kinds, label, count = np.unique(design, axis=0, return_inverse=True, return_counts=True)
    exact = factorial(regression.k) // prod(factorial(n) for n in count.tolist()) <= permutations
    if exact:
        labels: NDArray[np.int64] = np.array(list(_arrangements(count.tolist())))
    else:
        labels = np.tile(label, (permutations, 1))
        labels[1:] = random.permuted(labels[1:], axis=1)
    m = len(labels)
    return Regressions(np.tile(yi, (m, 1)), np.tile(vi, (m, 1)), kinds[labels]), exact


def _arrangements(count: list[int]) -> Iterator[list[int]]:
    """Each distinct sequence with count[i] times the label i."""
    if not any(count):
        yield []
    for label, n in enumerate(count):
        if n:
            rest = [*count[:label], n - 1, *count[label + 1 :]]
            yield from ([label, *tail] for tail in _arrangements(rest))
