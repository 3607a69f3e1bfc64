"""Does the effect of treatment differ between subgroups? The test of that comes with every result, and no subgroup has a p.

A p-value within a subgroup answers a question that nobody asked (is there an effect here?) and is often read as the answer to
another one (is the effect larger here?). So there is none in these results: subgroups show an estimate with its interval,
and the interaction test says whether they differ (Rothwell 2005, doi:10.1016/S0140-6736(05)17709-5).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, fdtrc, ndtri, stdtrit

from helpers.effects.checks import check_level
from helpers.effects.ordinal import best_first
from helpers.patients.shift import counts_at
from helpers.synthesis.ordinal.cumulative_model import CumulativeFit, Group, fit_cumulative, start_thresholds

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SubgroupEffects:
    """groups: a row a subgroup: subgroup, treated, control (patients analysed), estimate, ci_low, ci_high; no p.

    measure: "difference" in the unit of the outcome, or "log odds ratio" for a better outcome. interaction_p: of the test that
    all subgroups have one effect, `test` on df (F: two numbers; chi-square: one). left_out: patients without a
    subgroup or a score.
    """

    measure: str
    groups: pd.DataFrame
    test: str
    statistic: float
    df: tuple[int, ...]
    interaction_p: float
    left_out: int
    level: float

    def to_frame(self) -> pd.DataFrame:
        """The subgroups, each row with the p of the interaction."""
        return self.groups.assign(interaction_p=self.interaction_p)


def subgroup_differences(
    value: ArrayLike, treated: ArrayLike, subgroup: ArrayLike, baseline: ArrayLike | None = None, level: float = 0.95
) -> SubgroupEffects:
    """Difference of means in each subgroup from one linear model with arm, subgroup, their interaction and the baseline score.

    value: (n,) score or change; treated: (n,) True for the experimental arm; subgroup: (n,) labels, missing or "" where
    unknown; baseline: (n,) covariate with one slope, or None. The subgroups share the model's residual variance. Raises
    ValueError where fewer than two subgroups have patients in both arms, and for too few patients.
    """
    check_level(level)
    y, arm = np.asarray(value, dtype=float), np.asarray(treated, dtype=bool)
    x = None if baseline is None else np.asarray(baseline, dtype=float)
    labels = _labels(subgroup)
    keep = np.isfinite(y) & (labels != "")
    if x is not None:
        keep &= np.isfinite(x)
    names = _comparable(labels, arm, keep)
    keep &= np.isin(labels, names)
    y, arm, labels = y[keep], arm[keep].astype(float), labels[keep]
    own = np.column_stack([labels == name for name in names]).astype(float)
    covariate = np.empty((y.size, 0)) if x is None else x[keep][:, None]
    full = np.hstack([own, own * arm[:, None], covariate])
    df = y.size - full.shape[1]
    if df < 1 or np.linalg.matrix_rank(full) < full.shape[1]:
        raise ValueError("value: too few patients for an effect in every subgroup")
    beta, residual, inverse = _least_squares(full, y)
    _, reduced, _ = _least_squares(np.hstack([own, arm[:, None], covariate]), y)
    k = len(names)
    variance = residual / df
    statistic = (reduced - residual) / (k - 1) / variance if variance > 0 else float("nan")
    effect = slice(k, 2 * k)
    se = np.sqrt(variance * np.diag(inverse)[effect])
    groups = _frame(names, labels, arm.astype(bool), beta[effect], stdtrit(df, (1 + level) / 2) * se)
    left_out = int((~keep).sum())
    p = float(fdtrc(k - 1, df, statistic))
    return SubgroupEffects("difference", groups, "F", float(statistic), (k - 1, df), p, left_out, level)


def subgroup_shifts(
    value: ArrayLike, treated: ArrayLike, subgroup: ArrayLike, levels: ArrayLike, better: str = "lower",
    level: float = 0.95,
) -> SubgroupEffects:  # fmt: skip
    """log common odds ratio of a better outcome in each subgroup, from one proportional-odds model.

    Every subgroup shifts the scale and has an effect of its own; the likelihood ratio against one effect for all is the
    test of the interaction. value, levels, better as for shift; treated, subgroup as for subgroup_differences. Raises
    ValueError as there, and ArithmeticError where an effect is not finite (the arms of a subgroup do not overlap).
    """
    check_level(level)
    score, arm, labels = np.asarray(value, dtype=float), np.asarray(treated, dtype=bool), _labels(subgroup)
    scale = np.asarray(levels, dtype=float)
    keep = np.isfinite(score) & (labels != "")
    names = _comparable(labels, arm, keep)
    keep &= np.isin(labels, names)
    score, arm, labels = score[keep], arm[keep], labels[keep]
    tables = [
        best_first(counts_at(score[own & arm], scale), counts_at(score[own & ~arm], scale), better)
        for own in (labels == name for name in names)
    ]
    held = np.sum([first + second for first, second in tables], axis=0) > 0
    tables = [(first[held], second[held]) for first, second in tables]
    cuts, k = int(held.sum()) - 1, len(names)
    if cuts < 1:
        raise ValueError("value: all patients are at one level")
    both = np.sum([first + second for first, second in tables], axis=0)

    def fitted(effects: FloatArray) -> CumulativeFit:
        """effects (k, q): which parameters are the effect of each subgroup."""
        groups = []
        for i, (first, second) in enumerate(tables):
            shift = np.zeros((cuts, k - 1))
            if i:
                shift[:, i - 1] = 1.0
            base = np.hstack([np.eye(cuts), shift])
            groups.append(Group(first, np.hstack([base, np.tile(effects[i], (cuts, 1))]), np.zeros(cuts)))
            groups.append(Group(second, np.hstack([base, np.zeros((cuts, effects.shape[1]))]), np.zeros(cuts)))
        start = np.concatenate([start_thresholds(both), np.zeros(k - 1 + effects.shape[1])])
        return fit_cumulative(groups, start)

    each, one = fitted(np.eye(k)), fitted(np.ones((k, 1)))
    statistic = max(0.0, 2 * (each.log_likelihood - one.log_likelihood))
    half = float(ndtri((1 + level) / 2)) * np.sqrt(np.diag(each.covariance)[-k:])
    groups = _frame(names, labels, arm, each.parameters[-k:], half)
    left_out = int((~keep).sum())
    p = float(chdtrc(k - 1, statistic))
    return SubgroupEffects("log odds ratio", groups, "chi-square", statistic, (k - 1,), p, left_out, level)


def _labels(subgroup: ArrayLike) -> NDArray:
    return (
        pd.Series(np.asarray(subgroup, dtype=object)).map(lambda x: "" if pd.isna(x) else str(x)).to_numpy(dtype=object)
    )


def _comparable(labels: NDArray, arm: NDArray, keep: NDArray) -> list[str]:
    """Subgroups with patients of both arms, in sorted order."""
    names = sorted(set(labels[keep & arm]) & set(labels[keep & ~arm]))
    if len(names) < 2:
        raise ValueError("subgroup: fewer than two subgroups have patients in both arms, so none can be compared")
    return names


def _least_squares(design: FloatArray, y: FloatArray) -> tuple[FloatArray, float, FloatArray]:
    q, r = np.linalg.qr(design)
    beta = np.linalg.solve(r, q.T @ y)
    inverse = np.linalg.inv(r)
    return beta, float(((y - design @ beta) ** 2).sum()), inverse @ inverse.T


def _frame(names: list[str], labels: NDArray, arm: NDArray, estimate: FloatArray, half: FloatArray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "subgroup": names,
            "treated": [int(((labels == name) & arm).sum()) for name in names],
            "control": [int(((labels == name) & ~arm).sum()) for name in names],
            "estimate": estimate,
            "ci_low": estimate - half,
            "ci_high": estimate + half,
        }
    )
