"""The funnel plot draws the trials it is given, hollow where nobody ran them."""

import numpy as np
import pytest
from chart_examples import BCG_LABELS, RATIO, bcg_effects

from helpers import synthesis
from helpers.charts import data_behind, funnel_plot
from helpers.charts.theme import PURPLE, canonical

WORDS = {"title": "A title", "description": "A description", "measure_label": "Risk ratio", **RATIO}


def spec_of(**options):
    return canonical(funnel_plot(synthesis.funnel(*bcg_effects()), BCG_LABELS, **(WORDS | options)).to_dict())


def test_precise_trials_are_at_the_top():
    placed = [layer["encoding"]["y"] for layer in spec_of()["layer"] if "y" in layer["encoding"]]
    scales = [y["scale"] for y in placed if "scale" in y]
    assert scales
    assert all(scale["reverse"] and scale["domain"][0] == 0 for scale in scales)


def test_significance_is_told_by_dashes_and_the_region_by_colour_too():
    (line,) = [layer for layer in spec_of()["layer"] if "strokeDash" in layer["encoding"]]
    names, dashes = (line["encoding"]["strokeDash"]["scale"][part] for part in ("domain", "range"))
    assert names[:3] == ["p = 0.1", "p = 0.05", "p = 0.01"]
    assert len({str(dash) for dash in dashes[:3]}) == 3
    assert line["encoding"]["color"]["scale"]["range"][-1] == PURPLE


def test_the_ground_darkens_from_contour_to_contour():
    grounds = [layer["mark"]["fillOpacity"] for layer in spec_of()["layer"] if "fillOpacity" in layer["mark"]]
    assert len(grounds) == 3 and grounds == sorted(grounds) and len(set(grounds)) == 3


def test_differences_are_drawn_as_they_are():
    yi, vi = bcg_effects()
    chart = funnel_plot(synthesis.funnel(yi, vi), BCG_LABELS, **(WORDS | {"log": False}))
    np.testing.assert_allclose(data_behind(chart)["estimate"], yi)
    assert data_behind(chart)["filled"].sum() == 0


@pytest.mark.parametrize("wrong", [{"groups": ["iv-msc"]}, {"labels": ["A"]}])
def test_names_and_classes_must_be_one_a_trial(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"{name}: one for each of the 13 trials, not 1"):
        funnel_plot(**({"funnel": synthesis.funnel(*bcg_effects()), "labels": BCG_LABELS} | WORDS | wrong))


def test_the_pooled_lines_are_cased_in_ink_to_stand_out_from_the_ground():
    spec = spec_of()
    lines = [layer for layer in spec["layer"] if layer["mark"]["type"] == "line" and "fill" not in layer["mark"]]
    casing, coloured = lines
    assert casing["mark"]["color"] == "currentColor" and casing["mark"]["strokeWidth"] > coloured["mark"]["strokeWidth"]
    cased = spec["datasets"][casing["data"]["name"]]
    assert {row["part"] for row in cased} == {"low", "high", "centre"}
