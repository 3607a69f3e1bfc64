"""Change by arm and by subgroup: R's lm on the anorexia data, Quade's own data, scipy and statsmodels."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import optimize, stats
from scipy.special import expit
from statsmodels.stats.anova import anova_lm

from helpers.effects import common_odds_ratio
from helpers.patients.covariance import ancova, rank_ancova
from helpers.patients.recovery import recovery
from helpers.patients.subgroup import subgroup_differences, subgroup_shifts

ANOREXIA = json.loads((Path(__file__).parents[1] / "oracle" / "repeated_measures.json").read_text())[
    "anorexia_pre_post"
]
# Quade 1967, page 1188: group, y, x1, x2
QUADE = np.array(
    [[1, 16, 26, 12], [1, 60, 10, 21], [1, 82, 42, 24], [1, 126, 49, 29], [1, 137, 55, 34], [2, 44, 21, 17], [2, 67, 28, 2],
     [2, 87, 5, 40], [2, 100, 12, 38], [2, 142, 58, 36], [3, 17, 1, 8], [3, 28, 19, 1], [3, 105, 41, 9], [3, 149, 48, 28],
     [3, 160, 35, 16]]
)  # fmt: skip


def anorexia():
    data = ANOREXIA["data"]
    return np.array(data["Prewt"]), np.array(data["Postwt"]), np.array(data["Treat"], dtype=object)


def test_ancova_equals_rs_lm():
    before, after, group = anorexia()
    fit, expected = ancova(after, before, group, "CBT"), ANOREXIA["ancova"]
    assert fit.effects["group"].tolist() == ["Cont", "FT"]
    assert fit.effects["estimate"].tolist() == pytest.approx(expected["beta"][1:3], rel=1e-11)
    assert fit.effects["se"].tolist() == pytest.approx(expected["se"][1:3], rel=1e-11)
    assert fit.effects["p"].tolist() == pytest.approx(expected["p"][1:3], rel=1e-9)
    assert (fit.slope[0], fit.slope_se[0]) == pytest.approx((expected["beta"][3], expected["se"][3]), rel=1e-11)


def test_ancova_of_the_change_gives_the_same_effect():
    before, after, group = anorexia()
    score, change = (ancova(y, before, group, "CBT").effects["estimate"] for y in (after, after - before))
    assert score.tolist() == pytest.approx(change.tolist(), rel=1e-10)


def test_quades_test_on_his_own_data_equals_regression_and_anova_of_ranks():
    group, y, x = QUADE[:, 0], QUADE[:, 1], QUADE[:, 2:]
    ranks = pd.DataFrame({"y": stats.rankdata(y), "a": stats.rankdata(x[:, 0]), "b": stats.rankdata(x[:, 1])})
    residuals = smf.ols("y ~ a + b", ranks).fit().resid.to_numpy()
    expected = stats.f_oneway(*(residuals[group == g] for g in (1, 2, 3)))
    test = rank_ancova(y, x, group)
    assert (test.df1, test.df2, test.n) == (2, 12, 15)
    assert (test.statistic, test.p) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-10)


def test_quades_test_does_not_change_when_scores_are_stretched():
    before, after, group = anorexia()
    there, back = rank_ancova(after, before, group), rank_ancova(np.exp(after / 20), before**3, group)
    assert there.p == pytest.approx(back.p, rel=1e-12)


def test_recovery_equals_welch_and_hedges_of_the_changes():
    before, after, group = anorexia()
    two = group != "CBT"
    result = recovery(before[two], after[two], group[two] == "FT")
    change = after - before
    welch = stats.ttest_ind(change[group == "FT"], change[group == "Cont"], equal_var=False)
    limits = welch.confidence_interval()
    assert (result.welch_t, result.welch_p) == pytest.approx((welch.statistic, welch.pvalue), rel=1e-10)
    assert (result.ci_low, result.ci_high) == pytest.approx((limits.low, limits.high), rel=1e-10)
    stored = ANOREXIA["by_group"]["FT"]
    assert result.arms.loc[0, ["n", "change_mean", "change_sd", "baseline_sd"]].tolist() == pytest.approx(
        [stored["n"], stored["m_change"], stored["sd_change"], stored["sd_pre"]], rel=1e-12
    )
    d = (change[group == "FT"].mean() - change[group == "Cont"].mean()) / np.sqrt(
        (16 * change[group == "FT"].var(ddof=1) + 25 * change[group == "Cont"].var(ddof=1)) / 41
    )
    assert result.hedges_g.yi == pytest.approx(d * (1 - 3 / (4 * 41 - 1)), rel=1e-4)  # the usual approximation of J
    assert result.to_frame()["method"].tolist() == ["Welch", "ANCOVA on baseline", "rank ANCOVA (Quade)"]


def test_patients_with_one_score_are_counted_and_left_out():
    nan = np.nan
    result = recovery([1, 2, 3, nan, 1, 2, 5], [2, 4, nan, 3, 2, 2, 9], [1, 1, 1, 1, 0, 0, 0])
    assert result.arms["n"].tolist() == [2, 3]
    assert result.arms["missing"].tolist() == [2, 0]
    with pytest.raises(ValueError, match="fewer than two control"):
        recovery([1, 2, 3], [1, 2, 3], [1, 1, 0])


def test_changes_without_spread_are_shown_without_a_test():
    result = recovery([1, 2, 3, 1, 2, 4], [2, 3, 4, 1, 2, 4], [1, 1, 1, 0, 0, 0])
    assert result.difference == 1 and np.isnan(result.welch_p) and result.hedges_g is None


@pytest.fixture(scope="module")
def subgroups():
    rng = np.random.default_rng(11)
    frame = pd.DataFrame({"arm": rng.integers(0, 2, 90), "sub": rng.choice(["high", "low", "none"], 90)})
    frame["base"] = rng.normal(40, 10, 90)
    frame["y"] = frame["base"] * 0.5 + frame["arm"] * np.where(frame["sub"] == "low", 8, 1) + rng.normal(0, 6, 90)
    return frame


def test_subgroup_differences_equal_a_linear_model(subgroups):
    result = subgroup_differences(subgroups["y"], subgroups["arm"], subgroups["sub"], subgroups["base"])
    full = smf.ols("y ~ C(sub) + C(sub):arm + base", subgroups).fit()
    one = smf.ols("y ~ C(sub) + arm + base", subgroups).fit()
    interaction = anova_lm(one, full).iloc[1]
    assert (result.statistic, result.interaction_p) == pytest.approx(
        (interaction["F"], interaction["Pr(>F)"]), rel=1e-8
    )
    names = [f"C(sub)[{name}]:arm" for name in result.groups["subgroup"]]
    assert result.groups["estimate"].tolist() == pytest.approx(full.params[names].tolist(), rel=1e-9)
    assert result.groups[["ci_low", "ci_high"]].to_numpy() == pytest.approx(
        full.conf_int().loc[names].to_numpy(), rel=1e-8
    )


def test_a_subgroup_never_has_a_p_of_its_own(subgroups):
    score = np.clip((subgroups["y"] // 6).astype(int), 0, 6)
    for result in (
        subgroup_differences(subgroups["y"], subgroups["arm"], subgroups["sub"]),
        subgroup_shifts(score, subgroups["arm"], subgroups["sub"], range(7)),
    ):
        frame = result.to_frame()
        assert frame["interaction_p"].nunique() == 1
        own = [name for name in frame if name.startswith("p") or "_p" in name.replace("interaction_p", "")]
        assert own == []
        assert "se" not in frame and "t" not in frame


def test_the_ordinal_interaction_is_the_highest_point_of_the_likelihood(subgroups):
    value = np.clip((subgroups["y"] // 8).astype(int), 1, 4) - 1
    arm, sub = subgroups["arm"].to_numpy(), subgroups["sub"].to_numpy()
    names = ["high", "low", "none"]

    def negative(parameters, shared):
        thresholds, shifts = parameters[:3], np.concatenate([[0], parameters[3:5]])
        effects = np.repeat(parameters[5], 3) if shared else parameters[5:8]
        place = np.array([names.index(name) for name in sub])
        eta = thresholds + (shifts[place] + arm * effects[place])[:, None]
        p = np.diff(np.column_stack([np.zeros(len(arm)), expit(eta), np.ones(len(arm))]), axis=1)
        own = p[np.arange(len(arm)), value]
        return 1e10 if (own <= 0).any() else -np.log(own).sum()

    start = [-1, 0, 1, 0, 0]
    free = optimize.minimize(negative, [*start, 0, 0, 0], args=(False,), method="BFGS", options={"gtol": 1e-8})
    one = optimize.minimize(negative, [*start, 0], args=(True,), method="BFGS", options={"gtol": 1e-8})
    result = subgroup_shifts(value, arm, sub, range(7))
    assert result.groups["estimate"].tolist() == pytest.approx(free.x[5:].tolist(), abs=1e-5)
    assert result.statistic == pytest.approx(2 * (one.fun - free.fun), abs=1e-6)


def test_two_subgroups_that_are_copies_have_one_effect():
    value, arm = np.array([0, 1, 2, 3, 4, 2, 3, 4, 5, 6]), np.repeat([True, False], 5)
    result = subgroup_shifts(np.tile(value, 2), np.tile(arm, 2), np.repeat(["a", "b"], 10), range(7))
    counts = [np.bincount(value[side], minlength=7) for side in (arm, ~arm)]
    assert result.groups["estimate"].tolist() == pytest.approx([common_odds_ratio(*counts).yi] * 2, rel=1e-8)
    assert result.statistic == pytest.approx(0, abs=1e-10) and result.interaction_p == pytest.approx(1, abs=1e-5)


def test_subgroups_that_can_not_be_compared_are_refused_and_unknown_ones_counted():
    with pytest.raises(ValueError, match="fewer than two subgroups"):
        subgroup_differences([1, 2, 3, 4], [1, 0, 1, 1], ["a", "a", "b", "b"])
    value, arm = [1.0, 2, 4, 3, 7, 1, 5, 5, 3], [1, 0, 1, 0, 1, 0, 1, 0, 1]
    result = subgroup_differences(value, arm, ["a", "a", "a", "b", "b", "b", "b", "", None])
    assert result.left_out == 2 and result.df == (1, 3)
