"""Coordinates of the radial and the L'Abbé plot, against metafor 3.8-1 and closed forms."""

import json

import numpy as np
import pytest
from oracle_cases import CASES, ORACLE

from helpers.synthesis import labbe, pool, radial

BCG = CASES["bcg_RR"]
COUNTS = json.loads((ORACLE / "bcg_RR.json").read_text())["data"]


@pytest.mark.parametrize(
    ("method", "x", "z"),  # metafor's radial() of the first four trials
    [
        (
            "EE",
            [1.75254009470010, 2.26699023290995, 1.55161332434520, 7.06929507220890],
            [-1.55855376936639, -3.59406060124187, -2.09168825909379, -10.19075072395449],
        ),
        (
            "REML",
            [1.25114601649782, 1.40327632344458, 1.17152632347564, 1.73225862728033],
            [-1.11265833286063, -2.22473836610836, -1.57930317920377, -2.49713948558063],
        ),
    ],
)
def test_points_equal_metafors(method, x, z):
    points = radial(BCG.yi, BCG.vi, method).points.head(4)
    np.testing.assert_allclose(points["x"], x, rtol=1e-5 if method == "REML" else 1e-13)
    np.testing.assert_allclose(points["z"], z, rtol=1e-5 if method == "REML" else 1e-13)


@pytest.mark.parametrize("method", ["EE", "DL", "REML", "PM"])
def test_the_slope_of_the_line_through_the_origin_is_the_pooled_effect(method):
    result = radial(BCG.yi, BCG.vi, method)
    x, z = result.points["x"], result.points["z"]
    assert (x @ z) / (x @ x) == pytest.approx(BCG.meta["fits"][f"{method}_z"]["estimate"], rel=1e-8)
    assert result.estimate == pytest.approx((x @ z) / (x @ x), rel=1e-12)


def test_the_scatter_about_the_line_is_q():
    result = radial(BCG.yi, BCG.vi)
    residual = result.points["z"] - result.estimate * result.points["x"]
    assert residual @ residual == pytest.approx(BCG.meta["fits"]["EE_z"]["QE"], rel=1e-11)
    assert result.half_width == pytest.approx(1.959963984540054, rel=1e-14)


def test_shares_equal_metafors():
    points = labbe(**{name: COUNTS[name] for name in ("ai", "n1i", "ci", "n2i")}, estimate=0.5).points
    np.testing.assert_allclose(points["control"].head(3), [0.0791366906474820, 0.0957095709570957, 0.05], rtol=1e-14)
    np.testing.assert_allclose(
        points["treated"].head(3), [0.0325203252032520, 0.0196078431372549, 0.0129870129870130], rtol=1e-14
    )
    assert points["n"][0] == 123 + 139


@pytest.mark.parametrize(
    ("measure", "estimate", "effect"),
    [
        ("RR", 0.6, lambda c, t: t / c),
        ("OR", 0.4, lambda c, t: t / (1 - t) / (c / (1 - c))),
        ("RD", -0.05, lambda c, t: t - c),
    ],
)
def test_the_effect_is_the_same_all_along_the_curve(measure, estimate, effect):
    curve = labbe([1], [10], [2], [10], estimate, measure).curve
    inside = curve[(curve["control"] > 0.05) & (curve["control"] < 1)]
    np.testing.assert_allclose(effect(inside["control"], inside["treated"]), estimate, rtol=1e-9)
    assert curve["treated"].between(0, 1).all()


def test_a_single_trial_has_a_point_and_a_line():
    result = radial([0.3], [0.04])
    assert result.estimate == 0.3 and result.points["x"].tolist() == [5.0]
    assert result.to_frame() is result.points and "slope 0.3" in repr(result)
    assert pool([0.3], [0.04]).estimate == result.estimate


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ai": [11]}, r"ai\[0\]: 11 events of 10 patients can not be"),
        ({"n2i": [0], "ci": [0]}, r"ci\[0\]: 0 events of 0 patients"),
        ({"ci": [np.nan]}, r"ci\[0\]"),
        ({"n1i": [10, 10]}, "must be of one length"),
        ({"estimate": -0.7}, "estimate: must be a positive ratio"),
        ({"measure": "HR"}, "measure: must be one of"),
    ],
)
def test_what_can_not_be_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        labbe(**({"ai": [1], "n1i": [10], "ci": [2], "n2i": [10], "estimate": 0.5} | change))
