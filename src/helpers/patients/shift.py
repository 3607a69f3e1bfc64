"""Two arms on an ordinal outcome such as the mRS at one visit: the whole scale first, cut scales only as sensitivity."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.effects import (
    Effect,
    fisher_p,
    generalized_odds_ratio,
    log_odds_ratio,
    log_risk_ratio,
    probability_of_better,
    risk_difference,
    wilcoxon_p,
)
from helpers.effects.checks import check_level
from helpers.patients.partial_odds import PartialOdds, partial_proportional_odds
from helpers.patients.stratified_scores import StratifiedScores, mean_score_test, van_elteren
from helpers.synthesis.ordinal import ProportionalOdds, proportional_odds


@dataclass(frozen=True, eq=False)
class Shift:
    """Estimates above 0 (or one half) favour the treated.

    counts: a row a level with treated and control patients. missing: patients without a value, treated and control.
    wilcoxon_p, wilcoxon_p_corrected: normal, corrected for ties, without and with continuity correction.
    better: P(a treated patient does better than a control one) + half of P(equally well).
    win_odds, generalized_odds: log odds of that, with ties split and with ties dropped.
    common: the proportional-odds model, None where no finite odds ratio fits (`refused` says why).
    partial: effects that may differ between cuts, None on a scale with fewer than three levels in use.
    van_elteren, mean_scores: tests within strata, None without strata that compare anything.
    cuts: a row a cut of the scale: label, treated and control patients with the good outcome, log_or, log_rr and rd, each
    with limits (_low, _high; a zero cell counts as a half), Fisher's p, and informative: some patients, not all, have the good
    outcome, without which the table says nothing. For sensitivity.
    """

    better_end: str
    counts: pd.DataFrame
    missing: tuple[int, int]
    wilcoxon_p: float
    wilcoxon_p_corrected: float
    better: float
    win_odds: Effect
    generalized_odds: Effect
    common: ProportionalOdds | None
    refused: str
    partial: PartialOdds | None
    van_elteren: StratifiedScores | None
    mean_scores: StratifiedScores | None
    cuts: pd.DataFrame
    level: float

    def to_frame(self) -> pd.DataFrame:
        """The counts."""
        return self.counts


def shift(
    value: ArrayLike, treated: ArrayLike, levels: ArrayLike, better: str = "lower", strata: ArrayLike | None = None,
    level: float = 0.95,
) -> Shift:  # fmt: skip
    """Compare the distribution of an ordinal outcome.

    value: (n,) scores, nan where not measured; treated: (n,) True for the experimental arm; levels: all levels of the scale in
    ascending order; better: "lower" or "higher". strata: (n,) labels. Raises ValueError for a score that is no level, and for
    an arm without a measured patient. Methods: helpers.effects.ordinal, helpers.synthesis.ordinal, partial_odds,
    stratified_scores.
    """
    check_level(level)
    score, arm = np.asarray(value, dtype=float), np.asarray(treated, dtype=bool)
    scale = np.asarray(levels, dtype=float)
    measured = np.isfinite(score)
    missing = (int((~measured & arm).sum()), int((~measured & ~arm).sum()))
    first, second = (counts_at(score[measured & side], scale) for side in (arm, ~arm))
    for name, counts in (("treated", first), ("control", second)):
        if not counts.sum():
            raise ValueError(f"value: no {name} patient has one")
    common, refused = None, ""
    try:
        common = proportional_odds(first, second, better, level=level)
    except (ValueError, ArithmeticError) as reason:
        refused = str(reason)
    in_use = int((first + second > 0).sum())
    partial = partial_proportional_odds(first, second, better, level) if common and in_use > 2 else None
    stratified = mean = None
    if strata is not None:
        own, others = _by_stratum(score[measured], arm[measured], np.asarray(strata)[measured], scale)
        with suppress(ValueError):  # no stratum has both arms, or all patients of each are alike
            stratified, mean = van_elteren(own, others, better), mean_score_test(own, others, better)
    return Shift(
        better, pd.DataFrame({"level": scale, "treated": first.astype(int), "control": second.astype(int)}), missing,
        float(wilcoxon_p(first, second)), float(wilcoxon_p(first, second, continuity=True)),
        float(probability_of_better(first, second, better)), generalized_odds_ratio(first, second, better),
        generalized_odds_ratio(first, second, better, ties="dropped"), common, refused, partial, stratified, mean,
        _cuts(first, second, scale, better, level), level,
    )  # fmt: skip


def counts_at(score: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Patients at each level, (levels,). Raises ValueError for a score that is no level."""
    place = np.searchsorted(levels, score)
    known = (place < levels.size) & (levels[np.minimum(place, levels.size - 1)] == score)
    if not known.all():
        raise ValueError(f"value: {score[~known][0]:g} is no level of the scale {levels[0]:g} to {levels[-1]:g}")
    return np.bincount(place, minlength=levels.size).astype(float)


def _by_stratum(
    score: np.ndarray, arm: np.ndarray, strata: np.ndarray, scale: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(strata, levels) patients of the treated and of the control arm."""
    names, of = np.unique(strata.astype(str), return_inverse=True)
    place = np.searchsorted(scale, score)
    tables = []
    for side in (arm, ~arm):
        table = np.zeros((names.size, scale.size))
        np.add.at(table, (of[side], place[side]), 1)
        tables.append(table)
    return tables[0], tables[1]


def _cuts(first: np.ndarray, second: np.ndarray, scale: np.ndarray, better: str, level: float) -> pd.DataFrame:
    n1, n2 = first.sum(), second.sum()
    if better == "lower":
        good = [(f"{scale[0]:g} to {at:g}" if i else f"{at:g}", slice(0, i + 1)) for i, at in enumerate(scale[:-1])]
    else:
        last = f"{scale[-1]:g}"
        good = [(f"{at:g} to {last}" if at < scale[-1] else last, slice(i, None)) for i, at in enumerate(scale) if i]
    rows = []
    for label, part in good:
        a, c = float(first[part].sum()), float(second[part].sum())
        row: dict[str, object] = {
            "label": label,
            "treated": int(a),
            "control": int(c),
            "p": float(fisher_p(a, n1, c, n2)),
            "informative": bool(0 < a + c < n1 + n2),
        }
        measures = {"log_or": log_odds_ratio, "log_rr": log_risk_ratio, "rd": risk_difference}
        for name, measure in measures.items():
            effect = measure(a, n1, c, n2)
            low, high = effect.interval(level)
            row |= {name: effect.yi, f"{name}_low": low, f"{name}_high": high}
        rows.append(row)
    return pd.DataFrame(rows)
