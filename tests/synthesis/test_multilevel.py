"""Multilevel and multivariate models and cluster-robust tests, against metafor's rma.mv and clubSandwich."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from oracle_cases import CASES, ORACLE

from helpers.synthesis import cluster_robust, meta_regression, multilevel, multivariate, pool, within_trial_covariance

STORED = json.loads((ORACLE / "multilevel_multivariate.json").read_text())["results"]
SCHOOLS, OFFENDERS, PERIODONTAL = STORED.values()
RTOL = 1e-5  # R's optimiser


def three_level(stored, outer, inner, **options):
    data = stored["data"]
    return multilevel(data["yi"], data["vi"], pd.DataFrame({name: data[name] for name in (outer, inner)}), **options)


@cache
def schools():
    return three_level(SCHOOLS, "district", "study")


@cache
def bivariate(method="ML"):
    data = PERIODONTAL["data"]
    return multivariate(data["yi"], np.reshape(data["V"], (10, 10)), data["outcome"], data["trial"], method)


def assert_coefficients_equal(coefficients, stored):
    for column, theirs in {"estimate": "b", "se": "se", "p": "pvalue"}.items():
        if theirs in stored:
            np.testing.assert_allclose(coefficients[column], np.atleast_1d(stored[theirs]), rtol=RTOL, err_msg=column)
    if "ci" in stored:
        np.testing.assert_allclose(coefficients[["ci_low", "ci_high"]].iloc[0], stored["ci"], rtol=RTOL)


@pytest.mark.parametrize(
    ("stored", "fit"),
    [(SCHOOLS, schools), (OFFENDERS, lambda: three_level(OFFENDERS, "study", "esid", test="t"))],
    ids=["schools", "offenders"],
)
def test_a_three_level_model_equals_metafors(stored, fit):
    ours = fit()
    assert_coefficients_equal(ours.coefficients, stored)
    np.testing.assert_allclose(ours.sigma2, stored["sigma2"], rtol=RTOL)
    assert ours.log_likelihood == pytest.approx(stored["logLik_REML"], rel=1e-9)
    assert ours.log_likelihood >= stored["logLik_REML"] - 1e-12
    if "QE" in stored:
        assert pytest.approx(stored["QE"], rel=1e-11) == ours.QE


def test_a_bivariate_model_equals_metafors():
    ours = bivariate()
    assert ["outcome" + name for name in ours.coefficients.index] == PERIODONTAL["coef_names"]
    assert_coefficients_equal(ours.coefficients, PERIODONTAL)
    np.testing.assert_allclose(ours.tau2, PERIODONTAL["tau2"], rtol=RTOL)
    assert ours.rho.loc["AL", "PD"] == pytest.approx(PERIODONTAL["rho"], rel=RTOL)
    assert ours.log_likelihood >= PERIODONTAL["logLik"] - 1e-12


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_no_other_covariance_of_the_outcomes_is_more_likely(method):
    data, fitted = PERIODONTAL["data"], bivariate(method)
    y, v, x = np.array(data["yi"]), np.reshape(data["V"], (10, 10)), fitted.design

    def log_likelihood(tau2, rho):
        sd = np.sqrt(tau2)
        g = np.outer(sd, sd) * [[1, rho], [rho, 1]]
        kind = (np.array(data["outcome"]) == "PD").astype(int)
        same = np.equal.outer(data["trial"], data["trial"])
        inverse = np.linalg.inv(v + same * g[kind[:, None], kind])
        information = x.T @ inverse @ x
        residual = y - x @ np.linalg.solve(information, x.T @ inverse @ y)
        value = np.linalg.slogdet(inverse)[1] - residual @ inverse @ residual
        return (value - np.linalg.slogdet(information)[1] if method == "REML" else value) / 2

    tau2, rho = fitted.tau2.to_numpy(), fitted.rho.iloc[0, 1]
    best = log_likelihood(tau2, rho)
    for factor in (0.1, 0.5, 0.99, 1.01, 2, 10):
        for other_rho in (-0.5, 0.0, 0.99 * rho, rho, 1.01 * rho, 0.95):
            assert log_likelihood(tau2 * [factor, 1], other_rho) <= best + 1e-10
            assert log_likelihood(tau2 * [1, factor], other_rho) <= best + 1e-10


@pytest.mark.parametrize("correction", ["CR1", "CR2"])
def test_cluster_robust_tests_equal_metafors_and_clubsandwichs(correction):
    stored = SCHOOLS[f"robust_{correction}"]
    ours = cluster_robust(schools(), SCHOOLS["data"]["district"], correction)
    assert ours.clusters == 11
    assert_coefficients_equal(ours.coefficients, stored)
    assert ours.coefficients["df"].item() == pytest.approx(stored["df"], rel=RTOL)


@pytest.mark.parametrize(
    ("fit", "cluster"), [(schools, SCHOOLS["data"]["district"]), (bivariate, PERIODONTAL["data"]["trial"])]
)
def test_the_cr2_variance_is_unbiased_where_the_model_is_right(fit, cluster):
    fitted = fit()
    # A variance that is quadratic in yi has the expectation of its sum over the columns of a root of the covariance.
    columns = np.linalg.cholesky(fitted.covariance).T
    expected = sum(cluster_robust(replace(fitted, yi=column), cluster).vcov for column in columns)
    np.testing.assert_allclose(expected, fitted.vcov, rtol=1e-9, atol=1e-12)


def test_a_meta_regression_can_be_made_robust():
    case = CASES["bcg_RR"]
    fitted = meta_regression(
        case.yi, case.vi, pd.DataFrame({"ablat": case.meta["meta_regression"]["moderator"]}), test="z"
    )
    ours = cluster_robust(fitted, range(13))
    assert ours.coefficients.index.tolist() == ["intercept", "ablat"]
    np.testing.assert_allclose(ours.coefficients["estimate"], fitted.coefficients["estimate"], rtol=1e-9)
    assert (ours.coefficients["df"] < 11).all()


@pytest.mark.parametrize("name", ["bcg_RR", "normand1999_SMD", "edge_k3_homogeneous", "hart1999_IRR"])
@pytest.mark.parametrize("method", ["REML", "ML"])
def test_one_level_is_the_ordinary_synthesis(name, method):
    case = CASES[name]
    ours, pooled = (
        multilevel(case.yi, case.vi, pd.DataFrame({"trial": range(len(case.yi))}), method=method),
        pool(case.yi, case.vi, method, "z"),
    )
    assert ours.sigma2["trial"] == pytest.approx(pooled.tau2, rel=1e-6, abs=1e-9 * case.vi.mean())
    assert ours.coefficients.loc["intercept", "se"] == pytest.approx(pooled.se, rel=1e-6)
    assert pytest.approx(pooled.Q, rel=1e-9) == ours.QE


def test_an_outcome_without_heterogeneity_has_no_correlation():
    y = [0.1, 0.5, 0.9, 0.5, -0.6, 0.5, 1.4, 0.5]
    ours = multivariate(y, [0.02] * 8, ["change", "steady"] * 4, [1, 1, 2, 2, 3, 3, 4, 4])
    assert ours.tau2["steady"] == 0
    assert ours.tau2["change"] == pytest.approx(pool(y[::2], [0.02] * 4).tau2, rel=1e-6)
    assert np.isnan(ours.rho.loc["change", "steady"])


def test_labels_of_an_inner_level_count_within_their_group():
    y, v = [0.1, 0.4, 0.9, 1.2], [0.02] * 4
    groups = multilevel(y, v, pd.DataFrame({"trial": [1, 1, 2, 2], "effect": ["a", "b", "a", "b"]})).groups
    assert groups.to_dict() == {"trial": 2, "effect": 4}


def test_moderators_enter_a_multilevel_model():
    data = SCHOOLS["data"]
    ours = three_level(
        SCHOOLS, "district", "study", moderators=pd.DataFrame({"district": np.array(data["district"]) / 100})
    )
    assert ours.coefficients.index.tolist() == ["intercept", "district"]
    assert ours.QE_df == 54


def test_effects_of_one_trial_correlate_and_those_of_two_do_not():
    covariance = within_trial_covariance([1, 4, 9], ["a", "a", "b"], 0.5)
    assert covariance.tolist() == [[1, 1, 0], [1, 4, 0], [0, 0, 9]]


TWO = [0.1, 0.2]
EACH = pd.DataFrame({"effect": [1, 2]})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: multilevel(TWO, [0.1], EACH), r"V: must have shape \(2,\) or \(2, 2\), got \(1,\)"),
        (lambda: multilevel(TWO, [0.1, 0], EACH), "V: the variance of row 1 must be positive, got 0"),
        (lambda: multilevel(TWO, [[1, 2], [0, 1]], EACH), "V: must be symmetric"),
        (lambda: multilevel(TWO, [[1, 2], [2, 1]], EACH), "V: is not positive definite"),
        (lambda: multilevel(TWO, [0.1, np.nan], EACH), r"V\[1\]: must be a finite number"),
        (lambda: multilevel([0.1, np.nan], TWO, EACH), r"yi\[1\]: must be a finite number"),
        (lambda: multilevel(TWO, TWO, EACH[:1]), "clusters and yi differ in length: 1 and 2"),
        (lambda: multilevel(TWO, TWO, EACH.shift()), "clusters: needs at least one column, and a label"),
        (lambda: multivariate(TWO, TWO, ["a", "a"], [1, 1]), "outcome: trial 1 gives a twice"),
        (lambda: multivariate(TWO, TWO, ["a", "b"], [1, 1]), "outcome: a needs at least two trials, got 1"),
        (lambda: within_trial_covariance([1, 1, 1], [1, 1, 1], -0.6), "rho: effects of one trial can not all"),
        (lambda: cluster_robust(bivariate(), [1] * 10), "cluster: 2 coefficients need more than 2 clusters, got 1"),
        (lambda: cluster_robust(bivariate(), range(10)), "cluster: effects of different clusters share a random"),
        (lambda: cluster_robust(bivariate(), [1]), "cluster and yi differ in length: 1 and 10"),
    ],
)
def test_impossible_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_results_read_as_text():
    assert "sigma2 district: 0.06506 (11 groups)" in repr(schools())
    assert repr(bivariate()).startswith("Multivariate ML, z, k = 10 in 5 trials\n")
    assert repr(cluster_robust(bivariate(), PERIODONTAL["data"]["trial"])).startswith("ClusterRobust CR2, 5 clusters\n")
