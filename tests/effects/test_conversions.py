"""Conversions of reported numbers, against the Cochrane Handbook's worked examples, the papers' formulas and way back."""

import json
from math import exp, log, pi, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial.hermite_e import hermegauss
from scipy.stats import norm
from scipy.stats import t as student

from helpers import effects
from helpers.synthesis import pool

ORACLE = Path(__file__).parents[1] / "oracle"
positive = st.floats(0.01, 50)
sizes = st.integers(5, 400)


def test_sd_from_the_interval_of_a_mean_as_in_the_handbook():
    # 6.5.2.2: n = 25, 95% interval 30.0 to 34.2 -> SD 5.09
    converted = effects.sd_from_interval(30.0, 34.2, 25)
    assert converted["sd"] == pytest.approx(5.09, abs=0.005)
    assert converted["mean"] == pytest.approx(32.1)


def test_sd_from_a_p_of_a_mean_difference_as_in_the_handbook():
    # 6.5.2.3: difference 3.8, p = 0.008, 25 and 22 patients -> t 2.78, SE 1.37, SD 4.69
    se = effects.se_from_p(3.8, 0.008, df=45)["se"]
    assert se == pytest.approx(1.37, abs=0.005)
    assert effects.sd_from_mean_difference(3.8, 25, 22, se)["sd"] == pytest.approx(4.69, abs=0.01)


def test_correlation_and_sd_of_change_as_in_the_handbook():
    # 6.5.2.8: SDs 6.4, 7.1 and 4.5 -> r 0.78; with it, SDs 7.0 and 6.9 -> 4.6
    r = effects.correlation_from_sds(6.4, 7.1, 4.5)["r"]
    assert r == pytest.approx(0.78, abs=0.005)
    assert effects.change_sd(7.0, 6.9, r)["sd"] == pytest.approx(4.6, abs=0.05)


@given(positive, sizes)
def test_sd_and_standard_error_lead_back(sd, n):
    assert effects.sd_from_se(sd / sqrt(n), n)["sd"] == pytest.approx(sd, rel=1e-12)


@given(st.floats(-5, 5), positive, st.sampled_from([None, 7.0]), st.sampled_from([0.9, 0.95]))
def test_interval_and_standard_error_lead_back(estimate, se, df, level):
    half = se * (norm.ppf((1 + level) / 2) if df is None else student.ppf((1 + level) / 2, df))
    converted = effects.se_from_interval(estimate - half, estimate + half, level, df)
    assert (converted["estimate"], converted["se"]) == pytest.approx((estimate, se), rel=1e-9, abs=1e-12)
    on_logs = effects.se_from_interval(
        exp((estimate - half) / 50), exp((estimate + half) / 50), level, df, log_scale=True
    )
    assert on_logs["se"] == pytest.approx(se / 50, rel=1e-9)


@given(st.floats(0.1, 4), positive)
def test_p_t_and_f_give_the_same_standard_error(t, se):
    p = 2 * student.sf(t, 18)
    for converted in (effects.se_from_p(t * se, p, 18), effects.se_from_t(t * se, t), effects.se_from_f(t * se, t**2)):
        assert converted["se"] == pytest.approx(se, rel=1e-6)


@given(st.floats(-4, 4), positive, sizes, sizes)
def test_t_and_f_give_hedges_g_of_the_means(difference, sd, n1, n2):
    expected = effects.standardized_mean_difference(difference, sd, n1, 0, sd, n2)
    t = difference / (sd * sqrt(1 / n1 + 1 / n2))
    from_t = effects.smd_from_t(t, n1, n2)
    assert (from_t["yi"], from_t["vi"]) == pytest.approx((expected.yi, expected.vi), rel=1e-9, abs=1e-12)
    if abs(t) > 1e-6:
        from_f = effects.smd_from_f(t**2, n1, n2, 1 if t > 0 else -1)
        assert from_f["yi"] == pytest.approx(expected.yi, rel=1e-9)


@given(st.floats(-3, 3), st.floats(0.01, 2))
def test_odds_ratio_and_smd_lead_back(log_or, vi):
    smd = effects.smd_from_odds_ratio(log_or, vi)
    assert smd["yi"] == pytest.approx(log_or * sqrt(3) / pi, rel=1e-12, abs=1e-15)
    back = effects.odds_ratio_from_smd(smd["yi"], smd["vi"])
    assert (back["yi"], back["vi"]) == pytest.approx((log_or, vi), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("n", [15, 60, 2001])
def test_quantiles_of_a_normal_sample_give_its_mean_and_sd(n):
    low, q1, q3, high = (
        50 + 10 * norm.ppf((rank - 0.375) / (n + 0.25)) for rank in (1, 0.25 * n + 0.75, 0.75 * n + 0.25, n)
    )
    for given_quantiles in (
        {"q1": q1, "q3": q3},
        {"low": low, "high": high},
        {"q1": q1, "q3": q3, "low": low, "high": high},
    ):
        for mean, sd in (("luo", "shi"), ("wan", "wan")):
            converted = effects.mean_sd_from_quantiles(n, 50, **given_quantiles, mean=mean, sd=sd)
            assert converted["mean"] == pytest.approx(50, abs=0.1)
            assert converted["sd"] == pytest.approx(10, rel=0.05)


def test_quantiles_by_the_formulas_of_the_papers():
    n, a, q1, m, q3, b = 40, 2.0, 6.0, 9.0, 15.0, 31.0
    wan = effects.mean_sd_from_quantiles(n, m, q1, q3, a, b, mean="wan", sd="wan")
    by_range, by_quartiles = norm.ppf((n - 0.375) / (n + 0.25)), norm.ppf((0.75 * n - 0.125) / (n + 0.25))
    assert wan["mean"] == pytest.approx((a + 2 * q1 + 2 * m + 2 * q3 + b) / 8, rel=1e-12)
    assert wan["sd"] == pytest.approx((b - a) / (4 * by_range) + (q3 - q1) / (4 * by_quartiles), rel=1e-12)
    assert effects.mean_sd_from_quantiles(n, m, q1, q3, mean="wan")["mean"] == pytest.approx(
        (q1 + m + q3) / 3, rel=1e-12
    )
    assert effects.mean_sd_from_quantiles(n, m, low=a, high=b, mean="wan")["mean"] == pytest.approx(
        (a + 2 * m + b) / 4, rel=1e-12
    )
    shi = effects.mean_sd_from_quantiles(n, m, q1, q3, a, b)
    theta1 = (2 + 0.14 * n**0.6) * by_range
    theta2 = (2 + 2 / (0.07 * n**0.6)) * by_quartiles
    assert shi["sd"] == pytest.approx((b - a) / theta1 + (q3 - q1) / theta2, rel=1e-12)
    w1, w2 = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    assert shi["mean"] == pytest.approx(w1 * (a + b) / 2 + w2 * (q1 + q3) / 2 + (1 - w1 - w2) * m, rel=1e-12)


def test_skewed_quantiles_are_found_skewed_and_symmetric_ones_are_not():
    assert effects.skewness_test(80, 5, 2, 20)["skewed"] == 1
    assert effects.skewness_test(80, 10, 5, 15, 0, 20)["skewed"] == 0
    assert effects.skewness_test(80, 10, low=0, high=20)["critical"] == pytest.approx(1 / log(89) + 2.5 / 81)


@pytest.mark.parametrize("measure", ["PLO", "PLN", "PAS", "IRLN", "ZCOR"])
def test_back_transformations_lead_back(measure):
    there = {
        "PLO": effects.logit_proportion(7, 30), "PLN": effects.log_proportion(7, 30),
        "PAS": effects.arcsine_proportion(7, 30), "IRLN": effects.log_rate(7, 30), "ZCOR": effects.fisher_z(7 / 30, 20),
    }[measure]  # fmt: skip
    assert effects.back_transform(there.yi, measure) == pytest.approx(7 / 30, rel=1e-12)


@given(st.integers(0, 40), st.integers(1, 40))
def test_the_freeman_tukey_transform_leads_back_at_its_own_size(x, n):
    x = min(x, n)
    y = effects.freeman_tukey_proportion(x, n).yi
    assert effects.back_transform_freeman_tukey(y, [n]) == pytest.approx(x / n, abs=1e-7)


def test_a_pooled_freeman_tukey_value_equals_metafors():
    stored = json.loads((ORACLE / "pritz1997_PFT.json").read_text())
    pooled = pool(stored["yi"], stored["vi"], "REML", "z")
    expected = stored["back_transform_harmonic_mean_n"]
    values = effects.back_transform_freeman_tukey(
        [pooled.estimate, pooled.ci_low, pooled.ci_high], stored["data"]["ni"]
    )
    np.testing.assert_allclose(values, [expected["estimate"], *expected["ci"]], rtol=1e-9)


def test_the_bias_corrected_ratio_of_means_is_less_biased():
    m1, sd1, n1, m2, sd2, n2 = 10.0, 6.0, 9, 8.0, 1.0, 40
    z, w = hermegauss(60)
    for measure, truth in (
        (effects.log_ratio_of_means, log(m1 / m2)),
        (effects.log_ratio_of_variation, log(sd1 / m1 * m2 / sd2)),
    ):
        means = m1 + sd1 / sqrt(n1) * z
        means = np.maximum(means, 0.5)
        bias = {}
        for corrected in (False, True):
            effect = measure(means, sd1, n1, m2, sd2, n2, bias_corrected=corrected)
            # the SDs are held, so their own small-sample term is taken out again
            of_sds = 0 if measure is effects.log_ratio_of_means else 1 / (2 * (n1 - 1)) - 1 / (2 * (n2 - 1))
            bias[corrected] = abs((w @ effect.yi) / w.sum() - of_sds - truth)
        assert bias[True] < 0.6 * bias[False]


def test_the_second_order_variances_are_those_of_the_papers():
    m1, sd1, n1, m2, sd2, n2 = 10.0, 6.0, 9, 8.0, 1.0, 40
    first = effects.log_ratio_of_means(m1, sd1, n1, m2, sd2, n2)
    second = effects.log_ratio_of_means(m1, sd1, n1, m2, sd2, n2, bias_corrected=True)
    assert second.vi - first.vi == pytest.approx((sd1**4 / (n1**2 * m1**4) + sd2**4 / (n2**2 * m2**4)) / 2, rel=1e-12)
    variation = effects.log_ratio_of_variation(m1, sd1, n1, m2, sd2, n2, bias_corrected=True)
    assert variation.vi - second.vi == pytest.approx(n1 / (2 * (n1 - 1) ** 2) + n2 / (2 * (n2 - 1) ** 2), rel=1e-12)


def test_the_two_variances_of_the_heteroscedastic_smd_differ_by_the_squared_correction():
    data = (10.0, 6.0, 9, 8.0, 1.0, 40)
    old, new = (effects.standardized_mean_difference_unequal_variances(*data, vtype=vtype) for vtype in ("J2", "LS"))
    raw = 2 / sqrt((36 + 1) / 2)
    assert old.yi == new.yi
    assert old.vi / new.vi == pytest.approx((new.yi / raw) ** 2, rel=1e-12)


def test_the_trail_says_how():
    converted = effects.sd_from_se(1.2, 25)
    assert repr(converted) == "Converted: sd = 6\n  SD = SE * sqrt(n) = 1.2 * sqrt(25) = 6 (Cochrane Handbook 6.5.2.2)."
    assert converted.to_frame().to_numpy().tolist() == [["sd", 6.0]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: effects.sd_from_se(-1, 20), "se: must be above 0, got -1"),
        (lambda: effects.sd_from_se(float("nan"), 20), "se: must be a finite number"),
        (lambda: effects.se_from_interval(2, 1), "high: must not be below low"),
        (lambda: effects.se_from_interval(1, 1), "must differ"),
        (lambda: effects.se_from_interval(-1, 1, log_scale=True), "low: must be above 0"),
        (lambda: effects.se_from_p(1, 0), "p: must lie between 0 and 1"),
        (lambda: effects.se_from_p(0, 0.5), "estimate: must not be 0"),
        (lambda: effects.change_sd(1, 1, 1.5), "r: must lie between -1 and 1"),
        (lambda: effects.correlation_from_sds(1, 1, 9), "no correlation gives 9"),
        (lambda: effects.mean_sd_from_quantiles(20, 5, q1=2), "given in pairs"),
        (lambda: effects.mean_sd_from_quantiles(20, 5), "at least one pair"),
        (lambda: effects.mean_sd_from_quantiles(20, 5, 6, 8), "median: must not be below q1"),
        (lambda: effects.skewness_test(20, 5, 5, 5), "must spread"),
        (lambda: effects.smd_from_f(4, 10, 10, 0), "direction: must be 1 or -1"),
        (lambda: effects.back_transform(0.1, "SMD"), "measure: must be one of PLO"),
    ],
)
def test_impossible_reports_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
