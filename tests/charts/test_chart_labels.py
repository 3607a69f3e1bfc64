"""Names beside points: none on a point, none on another name, none beside the wrong point."""

import itertools

import numpy as np
import pandas as pd
import pytest

from helpers.charts.labels import SIZE_PX, place_labels, text_px
from helpers.charts.plane import Plane, PlaneAxis, span

FRAME = (0.0, 0.0, 300.0, 200.0)
NOTHING = np.empty((0, 2))


def boxes(texts, points, offsets):
    for text, (x, y), (dx, dy) in zip(texts, points, offsets, strict=True):
        half = text_px(text, SIZE_PX) / 2
        if np.isfinite(dx):
            yield x + dx - half, y + dy - SIZE_PX / 2, x + dx + half, y + dy + SIZE_PX / 2


@pytest.mark.parametrize("crowd", [3, 12, 40])
def test_names_lie_on_nothing_and_inside_the_plot(crowd):
    points = np.random.default_rng(crowd).uniform(0, 1, (crowd, 2)) * [300, 200]
    texts = [f"Trial number {i}" for i in range(crowd)]
    offsets = place_labels(texts, points, points, np.full(crowd, 5.0), FRAME, NOTHING)
    placed = list(boxes(texts, points, offsets))
    assert len(placed) >= 3
    for left, top, right, bottom in placed:
        assert left >= 0 and top >= 0 and right <= 300 and bottom <= 200
        assert not ((points > [left, top]) & (points < [right, bottom])).all(axis=1).any()
    for a, b in itertools.combinations(placed, 2):
        assert a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3]


def test_a_name_without_room_is_left_out_and_the_first_names_come_first():
    points = np.array([[150.0, 100.0]] * 12)
    offsets = place_labels(
        [f"A long name of trial {i}" for i in range(12)], points, points, np.full(12, 5.0), FRAME, NOTHING
    )
    assert np.isfinite(offsets[0]).all() and np.isnan(offsets[-1]).all()


def test_a_name_keeps_off_a_line_where_it_can():
    points = np.array([[100.0, 100.0]])
    line = np.column_stack([np.arange(110.0, 300.0, 4), np.full(48, 100.0)])
    free, moved = (
        place_labels(["Trial"], points, points, np.array([5.0]), FRAME, avoid)[0] for avoid in (NOTHING, line)
    )
    assert free[0] > 0 and free[1] == 0
    assert tuple(moved) != tuple(free)


def test_limits_hold_every_finite_number():
    low, high = span([0.2, np.nan], [5.0, np.inf], 1.0, log=True)
    assert 0.1 < low < 0.2 and 5 < high < 10
    with pytest.raises(ValueError, match="zero or less"):
        span([0.0, 1.0], log=True)
    with pytest.raises(ValueError, match="no finite number"):
        span([np.nan])


def test_points_are_drawn_where_they_are_and_hollow_ones_in_their_outline():
    plane = Plane(PlaneAxis((0, 1), "Across"), PlaneAxis((0, 1), "Up"))
    rows = pd.DataFrame({"a": [0.2, 0.4], "b": [0.1, 0.9], "hollow": [False, True]})
    layer = plane.points(rows, "a", "b").to_dict()
    assert layer["encoding"]["fillOpacity"]["condition"] == {"test": "datum.hollow", "value": 0}
    assert [(row["a"], row["b"]) for row in next(iter(layer["datasets"].values()))] == [(0.2, 0.1), (0.4, 0.9)]
