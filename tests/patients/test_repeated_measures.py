"""Mixed models for repeated measures, beside lme4, lmerTest, pbkrtest and nlme, closed forms, and other ways to the same."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal

from helpers.patients.longitudinal import (
    STRUCTURES,
    Inference,
    NotConverged,
    design,
    first_that_converges,
    fit,
    measures,
    repeated_measures,
    structure,
)

ORACLE = json.loads((Path(__file__).parents[1] / "oracle" / "repeated_measures.json").read_text())
ORTHODONT = pd.DataFrame(ORACLE["orthodont"]["data"])
MISSING = ORTHODONT.iloc[np.array(ORACLE["orthodont_missing"]["rows_kept"]) - 1]
AS_TRIAL = {"Subject": "patient", "Sex": "arm", "age": "time", "distance": "value"}


def sleepstudy(covariance, method="REML"):
    data = ORACLE["sleepstudy"]["data"]
    seen = measures(data["Subject"], data["Days"], data["Reaction"])
    x = design({}, {"Days": seen.times}, [("", ""), ("", "Days")], len(seen.y), len(seen.times))
    return fit(seen, x, structure(covariance, seen.times, ()), method)


def orthodont(covariance, frame=ORTHODONT, line=False):
    seen = measures(frame["Subject"], frame["age"], frame["distance"])
    sex = frame.drop_duplicates("Subject").set_index("Subject")["Sex"]
    person = {"SexFemale": (sex[list(seen.patients)] == "Female").to_numpy(dtype=float)}
    if line:
        visit = {"age": seen.times}
        columns = [("", ""), ("", "age"), ("SexFemale", ""), ("SexFemale", "age")]
    else:
        visit = {f"visit{t:g}": (seen.times == t).astype(float) for t in seen.times}
        later = list(visit)[1:]
        columns = [("", ""), ("SexFemale", ""), *(("", v) for v in later), *(("SexFemale", v) for v in later)]
    x = design(person, visit, columns, len(seen.y), len(seen.times))
    return fit(seen, x, structure(covariance, seen.times, tuple(map(str, seen.times))))


def parameters(fitted):
    return fitted.parameters.to_dict()


@pytest.mark.parametrize(
    ("name", "covariance", "method"),
    [
        ("random_slope_REML", "random-intercept-slope", "REML"),
        ("random_slope_ML", "random-intercept-slope", "ML"),
        ("random_intercept_REML", "random-intercept", "REML"),
    ],
)
def test_random_effects_agree_with_lme4(name, covariance, method):
    expected, found = ORACLE["sleepstudy"][name], sleepstudy(covariance, method)
    np.testing.assert_allclose(found.b, expected["beta"], rtol=1e-6)
    np.testing.assert_allclose(found.se, expected["se"], rtol=1e-6)
    assert found.log_likelihood == pytest.approx(expected["logLik"], abs=1e-8)
    components = expected["varcorr"]
    found_components = parameters(found)
    assert found_components["variance of the intercept"] == pytest.approx(
        components["Subject|(Intercept)|NA"], rel=1e-6
    )
    assert found_components["variance of the error"] == pytest.approx(components["Residual|NA|NA"], rel=1e-6)
    if "slope" in name:
        assert found_components["variance of the slope"] == pytest.approx(components["Subject|Days|NA"], rel=1e-6)
        covariance_of_both = found_components["covariance of the intercept and the slope"]
        # lme4's optimizer leaves this one uncertain in the sixth digit: see the closed form below
        assert covariance_of_both == pytest.approx(components["Subject|(Intercept)|Days"], rel=2e-6)


def test_random_slopes_in_complete_data_have_their_closed_form():
    data = pd.DataFrame(ORACLE["sleepstudy"]["data"])
    wide = data.pivot(index="Subject", columns="Days", values="Reaction").to_numpy()
    x = np.column_stack([np.ones(10), np.arange(10)])
    lines = wide @ x @ np.linalg.inv(x.T @ x)
    error = ((wide - lines @ x.T) ** 2).sum() / (len(wide) * 8)
    between = np.cov(lines, rowvar=False) - error * np.linalg.inv(x.T @ x)
    found = sleepstudy("random-intercept-slope")
    np.testing.assert_allclose(found.b, lines.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.vcov, np.cov(lines, rowvar=False) / len(lines), rtol=1e-9)
    np.testing.assert_allclose(
        found.parameters, [between[0, 0], between[0, 1], between[1, 1], error], rtol=1e-8, atol=1e-8
    )
    assert not found.singular


@pytest.mark.parametrize(
    ("name", "covariance"),
    [("mmrm_unstructured_REML", "unstructured"), ("ar1_REML", "ar1"), ("compound_symmetry_REML", "compound-symmetry")],
)
def test_marginal_covariances_agree_with_nlme(name, covariance):
    expected, found = ORACLE["orthodont"][name], orthodont(covariance)
    np.testing.assert_allclose(found.b, expected["beta"], rtol=1e-6)
    np.testing.assert_allclose(found.se, expected["se"], rtol=1e-5)
    assert found.log_likelihood == pytest.approx(expected["logLik"], abs=1e-8)
    assert np.sqrt(found.covariance[0, 0]) == pytest.approx(expected["sigma"], rel=1e-5)


def test_measurements_may_be_missing():
    expected, found = ORACLE["orthodont_missing"]["mmrm_unstructured_REML"], orthodont("unstructured", MISSING)
    # nlme stopped 8.5e-9 below the maximum, which is found here: hence relative to the standard errors
    assert np.all(np.abs(found.b - expected["beta"]) < 5e-6 * found.se)
    np.testing.assert_allclose(found.se, expected["se"], rtol=1e-4)
    assert found.log_likelihood == pytest.approx(expected["logLik"], abs=1e-7)
    assert found.log_likelihood > expected["logLik"]
    assert found.n_observations == 98


def test_every_structure_is_at_the_top_of_a_likelihood_computed_patient_by_patient():
    """The engine sums over patterns of visits; here each patient's own density is evaluated instead."""
    seen = measures(MISSING["Subject"], MISSING["age"], MISSING["distance"])
    sex = MISSING.drop_duplicates("Subject").set_index("Subject")["Sex"]
    female = (sex[list(seen.patients)] == "Female").to_numpy(dtype=float)
    at_visit = np.column_stack([np.ones(4), np.eye(4)[:, 1:]])

    def log_likelihood(v):
        information, weighted, patients = 0.0, 0.0, []
        for row, is_female in zip(seen.y, female, strict=True):
            kept = ~np.isnan(row)
            x = np.hstack([at_visit, is_female * at_visit])[kept]
            inverse = np.linalg.inv(v[np.ix_(kept, kept)])
            information, weighted = information + x.T @ inverse @ x, weighted + x.T @ inverse @ row[kept]
            patients.append((row[kept], x, v[np.ix_(kept, kept)]))
        b = np.linalg.solve(information, weighted)
        total = sum(multivariate_normal.logpdf(y, x @ b, cov) for y, x, cov in patients)
        return total + len(b) / 2 * np.log(2 * np.pi) - np.linalg.slogdet(information)[1] / 2

    for covariance in STRUCTURES:
        found = orthodont(covariance, MISSING)
        matrix, free = found.structure.free, found.free
        unit = found.covariance[0, 0] / matrix(free).matrix[0, 0]
        highest = log_likelihood(found.covariance)
        assert highest == pytest.approx(found.log_likelihood, abs=1e-9), covariance
        for step in 1e-3 * np.eye(len(free)):
            above, below = (log_likelihood(unit * matrix(free + sign * step).matrix) for sign in (1, -1))
            assert max(above, below) < highest, covariance
            assert abs(above - below) < 0.02 * (2 * highest - above - below), covariance


@pytest.mark.parametrize("df", ["satterthwaite", "kenward_roger"])
def test_degrees_of_freedom_agree_with_lmertest_and_pbkrtest(df):
    cases = [
        (sleepstudy("random-intercept-slope"), ORACLE["sleepstudy"]["random_slope_REML"]),
        (sleepstudy("random-intercept"), ORACLE["sleepstudy"]["random_intercept_REML"]),
        (orthodont("random-intercept", line=True), ORACLE["orthodont"]["random_intercept_REML"]),
        (orthodont("compound-symmetry", line=True), ORACLE["orthodont"]["random_intercept_REML"]),
    ]
    compared = 0
    for found, oracle in cases:
        if df not in oracle:
            continue
        expected = oracle[df]
        table = Inference(found, df.replace("_", "-")).contrasts(np.eye(len(found.b)), list(found.names))
        np.testing.assert_allclose(table["df"], expected["df"], rtol=1e-6)
        np.testing.assert_allclose(table["statistic"], expected["t"], rtol=1e-6)
        np.testing.assert_allclose(table["p"], expected["p"], rtol=1e-4)
        if "se" in expected:
            np.testing.assert_allclose(table["se"], expected["se"], rtol=1e-6)
        compared += 1
    assert compared >= 3


def test_complete_data_have_the_sample_covariance_and_kenward_roger_is_hotelling():
    found = orthodont("unstructured")
    wide = ORTHODONT.pivot(index="Subject", columns="age", values="distance")
    female = wide.index.str.startswith("F")
    groups = [wide[female].to_numpy(), wide[~female].to_numpy()]
    n = [len(group) for group in groups]
    pooled = sum((size - 1) * np.cov(group, rowvar=False) for size, group in zip(n, groups, strict=True)) / (sum(n) - 2)
    np.testing.assert_allclose(found.covariance, pooled, rtol=1e-9)

    model = repeated_measures(
        ORTHODONT.rename(columns=AS_TRIAL), ["Male", "Female"], baseline="outcome", baseline_time=8, df="kenward-roger"
    )
    steps = np.diff(np.eye(4), axis=0)
    gap = steps @ (groups[0].mean(axis=0) - groups[1].mean(axis=0))
    t2 = gap @ np.linalg.solve(steps @ pooled @ steps.T, gap) / (1 / n[0] + 1 / n[1])
    df2 = sum(n) - 2 - 3 + 1
    test = model.treatment_by_time()
    assert (test.df1, test.df2) == (3, pytest.approx(df2, rel=1e-6))
    np.testing.assert_allclose(test.F, t2 * df2 / (3 * (sum(n) - 2)), rtol=1e-8)

    by_visit = model.differences()
    np.testing.assert_allclose(by_visit["df"], 25, rtol=1e-8)
    np.testing.assert_allclose(by_visit["estimate"], groups[0].mean(axis=0) - groups[1].mean(axis=0), rtol=1e-10)


def test_differences_by_visit_are_those_of_emmeans():
    for frame, key in ((ORTHODONT, "orthodont"), (MISSING, "orthodont_missing")):
        expected = ORACLE[key]["mmrm_unstructured_REML"]["sex_difference_by_visit"]
        model = repeated_measures(
            frame.rename(columns=AS_TRIAL), ["Female", "Male"], baseline="outcome", baseline_time=8
        )
        found = model.differences()
        assert found["time"].tolist() == [8, 10, 12, 14]
        assert np.all(np.abs(found["estimate"] - expected["estimate"]) < 5e-6 * found["se"])
        np.testing.assert_allclose(found["se"], expected["se"], rtol=1e-4)


def test_one_visit_after_baseline_is_analysis_of_covariance():
    data = pd.DataFrame(ORACLE["anorexia_pre_post"]["data"])
    seen = measures(data.index, np.zeros(len(data)), data["Postwt"])
    person = {name: (data["Treat"] == name).to_numpy(dtype=float) for name in ("Cont", "FT")}
    person["Prewt"] = data["Prewt"].to_numpy()
    columns = [("", ""), ("Cont", ""), ("FT", ""), ("Prewt", "")]
    x = design(person, {}, columns, len(data), 1)
    found = fit(seen, x, structure("unstructured", seen.times, ("after",)))
    expected = ORACLE["anorexia_pre_post"]["ancova"]
    np.testing.assert_allclose(found.b, expected["beta"], rtol=1e-10)
    np.testing.assert_allclose(found.se, expected["se"], rtol=1e-10)
    for df in ("satterthwaite", "kenward-roger"):
        table = Inference(found, df).contrasts(np.eye(4), list(found.names))
        np.testing.assert_allclose(table["df"], len(data) - 4, rtol=1e-9)
        np.testing.assert_allclose(table["p"], expected["p"], rtol=1e-8)

    long = pd.DataFrame(
        {
            "patient": [*data.index, *data.index],
            "arm": [*data["Treat"], *data["Treat"]],
            "time": [0] * len(data) + [90] * len(data),
            "value": [*data["Prewt"], *data["Postwt"]],
        }
    )
    model = repeated_measures(long, ["CBT", "Cont", "FT"])
    np.testing.assert_allclose(model.differences()["estimate"], expected["beta"][1:3], rtol=1e-10)
    np.testing.assert_allclose(model.differences()["p"], expected["p"][1:3], rtol=1e-8)
    assert model.treatment_by_time() is None


def test_a_shared_baseline_mean_gives_the_regression_of_the_follow_up_on_it():
    """In complete data with one follow-up, constraining baseline is ANCOVA (Liang and Zeger 2000)."""
    two = ORTHODONT.rename(columns=AS_TRIAL)
    two = two[two["time"].isin([8, 14])]
    constrained = repeated_measures(two, ["Female", "Male"], baseline="constrained", baseline_time=8)
    adjusted = repeated_measures(two, ["Female", "Male"], baseline="covariate", baseline_time=8)
    difference = constrained.differences()
    assert difference["time"].tolist() == [14]
    assert difference["estimate"][0] == pytest.approx(adjusted.differences()["estimate"][0], rel=1e-9)
    start = constrained.means().query("time == 8")
    assert start["estimate"].nunique() == 1
    assert start["estimate"].iloc[0] == pytest.approx(two.query("time == 8")["value"].mean())


@pytest.mark.parametrize("covariance", STRUCTURES)
def test_estimates_follow_a_shift_and_a_change_of_unit(covariance):
    frame = MISSING.rename(columns=AS_TRIAL)
    options = {"covariance": covariance, "baseline": "constrained", "baseline_time": 8}
    one = repeated_measures(frame, ["Female", "Male"], **options)
    other = repeated_measures(frame.assign(value=100 - 1000 * frame["value"]), ["Female", "Male"], **options)
    np.testing.assert_allclose(other.means()["estimate"], 100 - 1000 * one.means()["estimate"], rtol=1e-8)
    np.testing.assert_allclose(other.differences()["se"], 1000 * one.differences()["se"], rtol=1e-7)
    np.testing.assert_allclose(other.fit.covariance, 1e6 * one.fit.covariance, rtol=1e-6)
    np.testing.assert_allclose(other.differences()["df"], one.differences()["df"], rtol=1e-5)
    assert other.treatment_by_time().p == pytest.approx(one.treatment_by_time().p, rel=1e-6)


def test_the_unit_of_time_does_not_matter_and_days_are_as_good_as_years():
    frame = MISSING.rename(columns=AS_TRIAL)
    options = {"baseline": "outcome", "time": "continuous", "covariance": "random-intercept-slope"}
    years = repeated_measures(frame, ["Female", "Male"], **options)
    days = repeated_measures(frame.assign(time=frame["time"] * 365.25), ["Female", "Male"], **options)
    np.testing.assert_allclose(days.differences()["estimate"], years.differences()["estimate"], rtol=1e-8)
    assert days.treatment_by_time().p == pytest.approx(years.treatment_by_time().p, rel=1e-6)
    slopes = [model.fit.parameters["variance of the slope"] for model in (years, days)]
    assert slopes[0] == pytest.approx(365.25**2 * slopes[1], rel=1e-5)


def test_a_variance_estimated_as_zero_is_said():
    random = np.random.default_rng(7)
    noise = random.normal(size=(12, 4))
    noise -= 0.8 * noise.mean(axis=1, keepdims=True)  # patients' means differ less than chance alone would make them
    frame = pd.DataFrame({"patient": np.repeat(range(12), 4), "time": np.tile(range(4), 12), "value": noise.ravel()})
    frame["arm"] = np.where(frame["patient"] < 6, "a", "b")
    model = repeated_measures(frame, ["a", "b"], baseline="outcome", covariance="random-intercept")
    assert model.fit.singular == "the random intercept"
    assert "singular" in repr(model.fit)
    assert model.fit.parameters["variance of the intercept"] == pytest.approx(0, abs=1e-9)
    assert np.isfinite(model.differences()["p"]).all()
    negative = repeated_measures(frame, ["a", "b"], baseline="outcome", covariance="compound-symmetry")
    assert negative.fit.parameters["covariance"] < 0
    assert not negative.fit.singular


def test_too_few_patients_for_the_covariance_are_refused_and_the_next_structure_is_taken():
    random = np.random.default_rng(8)
    frame = pd.DataFrame(
        {"patient": np.repeat(range(4), 6), "time": np.tile(range(6), 4), "value": random.normal(size=24)}
    )
    frame["arm"] = np.where(frame["patient"] < 2, "a", "b")
    with pytest.raises(NotConverged, match="unstructured"):
        repeated_measures(frame, ["a", "b"], baseline="outcome")
    model, refused = first_that_converges(frame, ["a", "b"], ["unstructured", "ar1"], baseline="outcome")
    assert model.fit.structure.name == "ar1"
    assert list(refused) == ["unstructured"]


def test_visits_and_patients_that_can_not_be_compared_are_left_out_and_named():
    frame = ORTHODONT.rename(columns=AS_TRIAL)
    last_female = (frame["arm"] == "Female") & (frame["time"] == 14)
    no_start = (frame["patient"] == "M01") & (frame["time"] == 8)
    model = repeated_measures(frame[~last_female & ~no_start], ["Female", "Male"], baseline_time=8)
    assert model.visits_left_out == (14,)
    assert model.patients_left_out == 1
    assert model.n.tolist() == [[11, 11], [15, 15]]
    assert model.means()["time"].unique().tolist() == [10, 12]


def test_what_can_not_be_modelled_is_refused():
    frame = ORTHODONT.rename(columns=AS_TRIAL)
    twice = pd.concat([frame, frame.head(1)])
    for wrong, options, message in [
        (frame, {"covariance": "toeplitz"}, "covariance: must be one of"),
        (frame, {"time": "log"}, "time: must be one of"),
        (twice, {}, "two values"),
        (frame.assign(value=1.0), {}, "do not vary"),
        (frame[frame["arm"] == "Male"], {}, "two patients or more"),
        (frame[frame["time"] == 8], {"time": "continuous"}, "two visits"),
        (frame[frame["time"] < 12], {"covariance": "random-intercept-slope"}, "three visits"),
    ]:
        with pytest.raises(ValueError, match=message):
            repeated_measures(wrong, ["Female", "Male"], **({"baseline": "outcome"} | options))
    moved = frame.assign(arm=np.where((frame["patient"] == "M01") & (frame["time"] == 8), "Female", frame["arm"]))
    with pytest.raises(ValueError, match="two arms"):
        repeated_measures(moved, ["Female", "Male"])
    with pytest.raises(ValueError, match=r"value\[0\]"):
        measures([1], [0], [np.inf])


def test_ten_thousand_patients_with_ten_visits_are_fitted_in_seconds():
    random = np.random.default_rng(3)
    n, t = 10_000, 10
    y = random.normal(size=(n, t)).cumsum(axis=1) + np.arange(t)
    y[random.random((n, t)) < 0.1] = np.nan
    patient, visit = np.nonzero(~np.isnan(y))
    frame = pd.DataFrame({"patient": patient, "time": visit, "value": y[patient, visit]})
    frame["arm"] = np.where(frame["patient"] % 3 == 0, "control", "cells")
    model = repeated_measures(frame, ["control", "cells"])
    assert len(model.fit.parameters) == 45
    assert model.fit.n_patients < n
    np.testing.assert_allclose(np.diff(np.diag(model.fit.covariance)), 1.0, atol=0.15)
    assert model.treatment_by_time().p > 0.001
