"""Networks from connectivity matrices: networkx's own examples, graphs whose measures follow by hand, and refusals."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.patients.network import (
    graph,
    network_by_visit,
    network_measures,
    sweep_by_visit,
    threshold_sweep,
)

REGIONS = pd.DataFrame(
    [
        ["lM1", "left M1", "L", "Y"],
        ["lSMA", "left SMA", "L", "Y"],
        ["rM1", "right M1", "R", "Y"],
        ["rSMA", "right SMA", "R", "Y"],
        ["lV1", "left V1", "L", "N"],
    ],
    columns=["region", "name", "hemisphere", "motor"],
)
#           lM1   lSMA   rM1   rSMA
MOTOR = [[0.0, 0.50, 0.40, -0.10], [0.50, 0.0, 0.20, 0.30], [0.40, 0.20, 0.0, 0.60], [-0.10, 0.30, 0.60, 0.0]]  # fmt: skip
SIDES = ["L", "L", "R", "R"]


def symmetric(values):
    n = 5
    matrix = np.zeros((n, n))
    matrix[np.triu_indices(n, 1)] = values
    return matrix + matrix.T


matrices = st.lists(st.floats(-1, 1).map(lambda x: round(x, 3)), min_size=10, max_size=10).map(symmetric)


@pytest.mark.parametrize(
    ("network", "expected"),
    [  # the examples of networkx's tests and documentation of global_efficiency (Latora and Marchiori 2001)
        (nx.cycle_graph(4), 5 / 6),
        (nx.complete_graph(7), 1.0),
        (nx.Graph([(0, 1), (0, 2), (0, 3), (1, 2), (1, 3)]), 0.916666666667),
        (nx.empty_graph(3), 0.0),
    ],
)
def test_efficiency_of_networkx_own_examples(network, expected):
    matrix = nx.to_numpy_array(network)
    assert threshold_sweep(matrix, [0.5])["efficiency"][0] == pytest.approx(expected, abs=1e-11)
    weighted = network_measures(matrix, ["L"] * len(matrix)).efficiency  # weights of one: the same paths
    assert weighted == pytest.approx(expected, abs=1e-11)


def test_measures_of_a_small_network_follow_by_hand():
    found = network_measures(MOTOR, SIDES, "L")
    # strengths 0.9, 1.0, 1.2, 0.9: the negative pair is no edge
    assert found.strength == pytest.approx((0.9 + 1.0 + 1.2 + 0.9) / 4)
    # shortest lengths: lM1-lSMA 1/0.5 = 2; lM1-rM1 2.5; lM1-rSMA 2.5 + 1/0.6 = 4.1667 (lSMA: 2 + 3.333 = 5.333)
    # lSMA-rM1 min(5, 2 + 2.5, 3.333 + 1.667) = 4.5; lSMA-rSMA 3.3333; rM1-rSMA 1.6667
    expected = (1 / 2 + 1 / 2.5 + 1 / (2.5 + 1 / 0.6) + 1 / 4.5 + 0.3 + 0.6) / 6
    assert found.efficiency == pytest.approx(expected)
    assert found.interhemispheric == pytest.approx((0.40 - 0.10 + 0.20 + 0.30) / 4)  # signs kept
    assert (found.ipsilesional, found.contralesional) == (0.5, 0.6)
    assert found.negative_share == pytest.approx(1 / 6)
    assert found.to_frame().shape == (1, 6)


def test_the_lesion_side_turns_ipsilesional_around_and_may_be_unknown():
    right = network_measures(MOTOR, SIDES, "R")
    assert (right.ipsilesional, right.contralesional) == (0.6, 0.5)
    unknown = network_measures(MOTOR, SIDES)
    assert np.isnan(unknown.ipsilesional) and np.isnan(unknown.contralesional)
    assert unknown.strength == right.strength


def test_negative_weights_are_handled_as_asked():
    zero, absolute = (network_measures(MOTOR, SIDES, "L", negative) for negative in ("zero", "absolute"))
    assert absolute.strength == pytest.approx(zero.strength + 2 * 0.1 / 4)
    assert absolute.interhemispheric == zero.interhemispheric
    assert not graph(MOTOR).has_edge(0, 3)
    assert graph(MOTOR, "absolute")[0][3]["weight"] == pytest.approx(0.1)
    assert threshold_sweep(MOTOR, [0.0])["density"][0] == pytest.approx(5 / 6)
    assert threshold_sweep(MOTOR, [0.0], "absolute")["density"][0] == 1
    with pytest.raises(ValueError, match="negative: must be one of"):
        graph(MOTOR, "keep")


def test_a_complete_network_of_one_weight_has_that_efficiency():
    matrix = np.full((6, 6), 0.35)
    found = network_measures(matrix, list("LLLRRR"), "L")
    assert found.efficiency == pytest.approx(0.35)
    assert found.strength == pytest.approx(5 * 0.35)
    assert found.interhemispheric == pytest.approx(0.35)


def test_density_falls_with_the_threshold_and_an_edge_must_lie_above_it():
    sweep = threshold_sweep(MOTOR, [0.0, 0.2, 0.25, 0.4, 0.5, 0.6])
    assert sweep["density"].tolist() == pytest.approx([5 / 6, 4 / 6, 4 / 6, 2 / 6, 1 / 6, 0])


@settings(deadline=None, max_examples=50)
@given(matrices)
def test_measures_do_not_depend_on_the_order_of_regions_nor_on_the_diagonal(matrix):
    order = [3, 1, 4, 0, 2]
    sides = np.array(list("LLRRL"))
    turned = matrix[np.ix_(order, order)] + 7 * np.eye(5)
    one, other = network_measures(matrix, sides, "L"), network_measures(turned, sides[order], "L")
    for name, value in vars(one).items():
        assert value == pytest.approx(getattr(other, name), abs=1e-9), name
    sweeps = [threshold_sweep(each) for each in (matrix, turned)]
    np.testing.assert_allclose(sweeps[0], sweeps[1], atol=1e-12)


@settings(deadline=None, max_examples=50)
@given(matrices)
def test_efficiency_and_strength_scale_with_the_weights_and_efficiency_is_at_least_the_mean_weight(matrix):
    sides = list("LLRRL")
    one, other = network_measures(matrix, sides), network_measures(matrix / 4, sides)
    assert other.efficiency == pytest.approx(one.efficiency / 4, abs=1e-9)
    assert other.strength == pytest.approx(one.strength / 4, abs=1e-9)
    assert one.efficiency >= one.strength / 4 - 1e-9  # the direct path is one of the paths


def test_only_motor_regions_enter_and_every_patient_and_day_has_a_row():
    whole = np.full((5, 5), 0.9)
    whole[:4, :4] = MOTOR
    given = {("B", 90): whole, ("A", 0): whole, ("A", 90): whole * 0.5}
    found = network_by_visit(given, REGIONS, {"A": "L", "B": ""})
    assert list(zip(found["patient"], found["day"], strict=True)) == [("A", 0), ("A", 90), ("B", 90)]
    assert found["strength"].tolist() == pytest.approx([1.0, 0.5, 1.0])
    assert found["ipsilesional"][0] == 0.5 and np.isnan(found["ipsilesional"][2])
    assert found["n_regions"].unique().tolist() == [4]
    sweep = sweep_by_visit(given, REGIONS, thresholds=[0.25, 0.5])
    assert sweep["density"].tolist() == pytest.approx([4 / 6, 1 / 6, 1 / 6, 0, 4 / 6, 1 / 6])
    own = network_by_visit(given, REGIONS, {}, thresholds=[0.25, 0.5])["density"]
    assert own.tolist() == pytest.approx([5 / 12, 1 / 12, 5 / 12])


def test_matrices_that_are_no_network_are_refused_with_their_place():
    broken = np.array(MOTOR)
    broken[0, 1] = 0.9
    missing = np.array(MOTOR)
    missing[2, 1] = np.nan
    for matrix, message in [
        (broken, "symmetric"),
        (missing, r"matrix\[1, 2\]|matrix\[2, 1\]"),
        (np.ones((2, 3)), "square"),
    ]:
        with pytest.raises(ValueError, match=message):
            network_measures(matrix, SIDES)
    with pytest.raises(ValueError, match="hemisphere"):
        network_measures(MOTOR, ["L", "L", "R", "X"])
    with pytest.raises(ValueError, match="lesion_side"):
        network_measures(MOTOR, SIDES, "left")
    with pytest.raises(ValueError, match="0 or more"):
        threshold_sweep(MOTOR, [-0.1])
    with pytest.raises(ValueError, match="patient A, day 90: matrix"):
        network_by_visit({("A", 90): np.ones((3, 3))}, REGIONS, {})
    with pytest.raises(ValueError, match="two motor regions"):
        network_by_visit({("A", 90): np.ones((5, 5))}, REGIONS.assign(motor="N"), {})
