"""An interactive forest plot pools as `pool` does and writes as `helpers.format` does, whatever its reader chooses.

The parameters are evaluated by the Vega that vl-convert carries in itself: it draws their values as text.
"""

import html
import itertools
import json
import math
import re
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import pytest
import vl_convert
from chart_examples import DIFFERENCE, RATIO, bcg, example, motor_recovery, repooled

from helpers.charts import browser_pooling, interactive_forest
from helpers.charts.forest import diamond, square_areas
from helpers.charts.theme import canonical, static_svg
from helpers.format import estimate_with_interval, number
from helpers.synthesis import pool, repooling

ORACLE = Path(__file__).parents[1] / "oracle"
FIELDS = ("k", "estimate", "se", "ci_low", "ci_high", "tau2", "I2", "Q")
TESTS = ("z", "knha", "adhoc")


def stored(name):
    """Effects, variances and metafor's fits of a stored meta-analysis."""
    case = json.loads((ORACLE / f"{name}.json").read_text(encoding="utf-8"))
    return np.array(case["yi"], dtype=float), np.array(case["vi"], dtype=float), case["meta"]["fits"]


YI, VI, FITS = stored("bcg_RR")


def evaluated(spec, *expressions, **chosen):
    """Values of expressions in a chart whose parameters were given other values."""
    params = [
        param | {"value": chosen[param["name"]]} if param["name"] in chosen else param for param in spec["params"]
    ]
    assert set(chosen) <= {param["name"] for param in params}
    asked = ", ".join(expressions)
    text = {"type": "text", "text": {"expr": f"'<<' + toString([{asked}]) + '>>'"}, "limit": 0}
    probe = {
        "data": {"values": [{}]},
        "params": [param for param in params if param["name"] != "available"],
        "mark": text,
    }
    svg = html.unescape(vl_convert.vegalite_to_svg(probe))
    return re.search(r"<<(.*?)>>", svg, re.DOTALL)[1]


def numbers_of(spec, fields, **chosen):
    return [float(text or "nan") for text in evaluated(spec, *fields, **chosen).split(",")]


def parameters(numbers, direct=None, method="DL", test="knha", log=False):
    k = len(numbers.yi)
    direct = direct or [True] * k
    params = [
        *browser_pooling.switches(
            [f"Trial {i}" for i in range(k)], numbers.methods, method, test, by_source=not all(direct)
        ),
        *browser_pooling.pooling(numbers, direct),
        *browser_pooling.words(k, numbers.methods, log=log, digits=2),
    ]
    chart = alt.Chart(alt.Data(values=[{}])).mark_point().add_params(*params)
    return canonical(chart.to_dict())


def choice(included):
    return {browser_pooling.trial_switch(place): bool(on) for place, on in enumerate(included)}


def agrees(found, wanted):
    for name, value in zip(FIELDS, found, strict=True):
        assert value == pytest.approx(getattr(wanted, name), rel=1e-9, abs=1e-10), name


@pytest.mark.parametrize(
    "name", ["bcg_RR", "normand1999_MD", "edge_k5_equal_vi", "edge_k4_equal_yi", "edge_k6_tiny_vi"]
)
@pytest.mark.parametrize("test", TESTS)
def test_every_choice_of_trials_and_model_gives_what_pool_gives(name, test):
    yi, vi = (values[:4] for values in stored(name)[:2])
    numbers = repooling(yi, vi)
    spec = parameters(numbers)
    for included in itertools.product([False, True], repeat=len(yi)):
        chosen = np.array(included)
        for method in numbers.methods if chosen.any() else ():
            found = numbers_of(spec, FIELDS, model=method, limits=test, **choice(chosen))
            agrees(found, pool(yi[chosen], vi[chosen], method=method, test=test))


@pytest.mark.parametrize("method", ["EE", "DL"])
@pytest.mark.parametrize("test", ["z", "knha", "adhoc"])
def test_thirteen_trials_give_what_metafor_gives(method, test):
    spec = parameters(repooling(YI, VI))
    fit = FITS.get(f"{method}_{test}")
    if fit is None:
        assert (method, test) == ("EE", "adhoc")
        fit = FITS["EE_knha"]  # its factor is above 1, so that the floor changes nothing
    fields = ["k", "estimate", "se", "ci_low", "ci_high", "tau2", "I2", "Q"]
    names = ["k", "estimate", "se", "ci_lb", "ci_ub", "tau2", "I2", "QE"]
    found = numbers_of(spec, fields, model=method, limits=test)
    assert found == pytest.approx([fit[name] for name in names], rel=1e-9)


def test_another_level_gives_other_limits():
    spec = parameters(repooling(YI, VI, 0.8))
    wanted = pool(YI, VI, method="DL", test="knha", level=0.8)
    assert numbers_of(spec, ["ci_low", "ci_high"]) == pytest.approx([wanted.ci_low, wanted.ci_high], rel=1e-9)


def test_only_reports_and_registries_stay_when_only_those_are_wanted():
    direct = [True, False, True, False, True]
    spec = parameters(repooling(YI[:5], VI[:5]), direct)
    agrees(numbers_of(spec, FIELDS, sources="all"), pool(YI[:5], VI[:5], method="DL"))
    agrees(numbers_of(spec, FIELDS, sources="direct"), pool(YI[:5:2], VI[:5:2], method="DL"))
    both = numbers_of(spec, FIELDS, sources="direct", trial_3=False)
    agrees(both, pool(YI[[0, 4]], VI[[0, 4]], method="DL"))


def test_sources_are_no_choice_where_all_are_reports_and_registries():
    names = [param["name"] for param in parameters(repooling(YI[:3], VI[:3]))["params"]]
    assert "sources" not in names and {"trial_1", "trial_2", "trial_3", "model", "limits"} <= set(names)


def test_without_a_trial_nothing_is_pooled_and_this_is_said():
    spec = parameters(repooling(YI[:3], VI[:3]), log=True)
    none = choice([False] * 3)
    assert math.isnan(numbers_of(spec, ["estimate"], **none)[0])
    assert evaluated(spec, "told", **none) == "No trial is chosen."
    assert evaluated(spec, "count_line", "model_line", "estimate_text", "spread_line", **none) == "Chosen: no trial,,–,"


def test_one_trial_has_its_own_interval_and_no_spread():
    spec = parameters(repooling(YI[:3], VI[:3]), log=True)
    one = choice([False, True, False])
    alone = pool(YI[[1]], VI[[1]])
    shown = estimate_with_interval(*np.exp([alone.estimate, alone.ci_low, alone.ci_high]))
    agrees(numbers_of(spec, FIELDS, **one), alone)
    assert evaluated(spec, "estimate_text", **one) == shown
    assert evaluated(spec, "model_line", "spread_line", **one) == "Not pooled,"
    assert evaluated(spec, "told", **one) == f"One trial is chosen, nothing is pooled: {shown}."


def test_the_sentence_names_model_and_limits():
    spec = parameters(repooling(YI[:5], VI[:5]), log=True)
    wanted = pool(YI[1:5], VI[1:5], method="REML", test="adhoc")
    shown = estimate_with_interval(*np.exp([wanted.estimate, wanted.ci_low, wanted.ci_high]))
    spread = f"τ² {number(wanted.tau2, 3)}, I² {number(wanted.I2, 0)}%"
    said = evaluated(spec, "told", model="REML", limits="adhoc", trial_1=False)
    assert said == f"4 of 5 trials pooled, REML, HK floor: {shown}, {spread}."


def test_numbers_are_written_as_everywhere_in_the_book():
    values = [0.0, 0.004, -0.004, 0.126, -1.5, 12.0, 999999.0, 1e6, -2.34e7, 9.96e9, 3.0e12, 1.25e123, 8.1e-9]
    written = [browser_pooling.number_text(f"({value!r})", 2) for value in values]
    infinite = [browser_pooling.number_text(text, 2) for text in ("(1 / 0)", "(-1 / 0)")]
    spec = {"params": []}
    shown = evaluated(spec, *written, *infinite).split(",")
    assert shown == [number(value, 2) for value in [*values, math.inf, -math.inf]]


# --- the chart around it ---


def chart(rows, pooled, log, method="DL", test="knha", **options):
    words = {"title": "A title", "description": "A description", "measure_label": "Effect"}
    made = repooled(rows, log) | {"test": test}
    return canonical(
        interactive_forest(
            pooled=pooled, method=method, **made, **(RATIO if log else DIFFERENCE), **(words | options)
        ).to_dict()
    ), made["numbers"]


def texts(svg):
    return [html.unescape(text) for text in re.findall(r">([^<>]+)</(?:text|tspan)>", svg)]


def test_the_picture_shows_the_start_all_trials_by_the_model_given():
    rows, pooled = bcg()
    spec, numbers = chart(rows, pooled, True, "DL", "knha")
    wanted = pool(numbers.yi, numbers.vi, method="DL", test="knha")
    shown = texts(static_svg(spec, 744))
    assert {
        "Chosen: 13 of 13 trials", "DL, HK", f"τ² {number(wanted.tau2, 3)}, I² {number(wanted.I2, 0)}%",
        estimate_with_interval(*np.exp([wanted.estimate, wanted.ci_low, wanted.ci_high])),
    } <= set(shown)  # fmt: skip
    for weight in wanted.weights:
        assert f"{number(100 * weight, 1)}%" in shown
    assert "Random effects" in shown, "the book's own result stays beside it"


def test_narrow_pictures_hold_the_numbers_too():
    spec, numbers = chart(*bcg(), True)
    wanted = pool(numbers.yi, numbers.vi, method="DL")
    shown = texts(static_svg(spec, 344))
    assert estimate_with_interval(*np.exp([wanted.estimate, wanted.ci_low, wanted.ci_high])) in shown
    assert not any("live" in text for text in shown), "a placeholder was left"


@pytest.mark.parametrize("test", ["z", "adhoc"])
def test_the_diamond_has_the_corners_of_a_forest_plots_diamond(test):
    rows, pooled = bcg()
    spec, numbers = chart(rows.iloc[:5], pooled, True, "REML", test)
    domain = spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    cut = 0
    for included in itertools.combinations(range(5), 2):
        chosen = [i in included for i in range(5)]
        x = numbers_of(spec, [f"diamond_x[{i}]" for i in range(6)], **choice(chosen))
        y = numbers_of(spec, [f"diamond_y[{i}]" for i in range(6)], **choice(chosen))
        each = pool(numbers.yi[chosen], numbers.vi[chosen], method="REML", test=test)
        wanted = diamond(
            *np.exp([each.estimate, each.ci_low, each.ci_high]), domain=tuple(domain), log=True, half_height=9
        )
        assert x == pytest.approx(wanted["x"].tolist(), rel=1e-8)
        assert y == pytest.approx(wanted["offset"].tolist(), rel=1e-6, abs=1e-8)
        cut += any(0 < abs(corner) < 9 for corner in y)
    assert cut > 0 or test == "z", "no example was cut off by the axis"


def test_squares_follow_the_weights():
    spec, numbers = chart(*bcg(), True)
    chosen = [i not in (3, 7) for i in range(13)]
    areas = numbers_of(spec, [f"areas[{i}]" for i in range(13)], **choice(chosen))
    weights = np.full(13, np.nan)
    weights[chosen] = 100 * pool(numbers.yi[chosen], numbers.vi[chosen], method="DL").weights
    assert areas == pytest.approx(square_areas(pd.DataFrame({"weight": weights})).tolist(), rel=1e-9)


def test_a_trial_that_is_left_out_is_drawn_faint_and_without_a_diamond_when_none_is_left():
    spec, _ = chart(*bcg(), True)
    faint = [layer["encoding"]["opacity"] for layer in spec["layer"] if "opacity" in layer["encoding"]]
    assert len(faint) >= 2 and all(each["condition"]["test"] == "chosen[datum.row]" for each in faint)

    def marks(**chosen):
        changed = [p | {"value": chosen[p["name"]]} if p["name"] in chosen else p for p in spec["params"]]
        svg = static_svg(spec | {"params": changed}, 744)
        return svg.count('opacity="0.35"'), len(re.findall(r'fill="currentColor" stroke="currentColor"', svg))

    assert marks() == (0, 1)
    assert marks(trial_4=False) == (2, 1)  # its line and its square
    assert marks(**choice([False] * 13)) == (26, 0)


def test_every_trials_row_is_a_switch():
    spec, _ = chart(*bcg(), True)
    bars = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "rect")
    rows = spec["datasets"][bars["data"]["name"]]
    assert [row["switch"] for row in rows] == [f"trial_{i}" for i in range(1, 14)]
    assert all(before["below"] == after["y"] for before, after in itertools.pairwise(rows))
    assert bars["mark"]["cursor"] == "pointer"


def test_switches_are_labelled_as_the_rows_with_the_marks_of_their_sources():
    bound = {
        p["name"]: p["bind"]
        for p in canonical(example("interactive forest of four").to_dict())["params"]
        if "bind" in p
    }
    assert [bound[f"trial_{i}"]["name"] for i in range(1, 5)] == [
        "STARTING-2", "ISIS-HERMES†", "TREASURE (MultiStem cells, day 365)§", "InveST‡",
    ]  # fmt: skip
    assert bound["sources"]["options"] == ["all", "direct"]
    assert bound["model"]["options"] == ["EE", "DL", "REML"]
    assert bound["limits"]["labels"] == ["Wald", "Hartung-Knapp (HK)", "Hartung-Knapp with the ad hoc floor"]


def test_names_with_quotes_and_signs_do_no_harm():
    rows, pooled = bcg()
    rows = rows.iloc[:2].assign(label=['It\'s "quoted" \\ back', "live 1, </script> ${x} {count_line}"])
    shown = " ".join(texts(static_svg(chart(rows, pooled, True)[0], 744)))
    assert 'It\'s "quoted" \\ back' in shown and "</script> ${x} {count_line}" in shown


def test_judgements_and_words_under_a_diamond_stand_as_in_any_forest_plot():
    rows, pooled = bcg()
    spec, _ = chart(rows.assign(overall="high"), pooled.assign(heterogeneity="τ² 0.31, I² 92%"), True)
    shown = [text.replace("\u00a0", " ") for text in texts(static_svg(spec, 744))]
    assert shown.count("H") == 13 and "Risk of bias: H high" in shown
    assert "τ² 0.31, I² 92%" in shown


def test_what_can_not_be_pooled_is_refused():
    rows, pooled = motor_recovery()
    made = repooled(rows, log=False)
    words = {"title": "A", "description": "B", "measure_label": "C", **DIFFERENCE}
    with pytest.raises(ValueError, match="every row needs an estimate"):
        interactive_forest(rows, pooled, numbers=made["numbers"], method="DL", test="z", **words)
    with pytest.raises(ValueError, match="with 13 trials: EE, DL"):
        chart(*bcg(), True, "REML")


def test_a_table_of_reml_stays_small():
    spec, numbers = chart(bcg()[0].iloc[:10], bcg()[1], True, "REML")
    table = next(param["value"] for param in spec["params"] if param["name"] == "reml_tau2")
    assert len(table) == 1024 and len(json.dumps(spec)) < 60_000
    assert table[-1] == pytest.approx(pool(numbers.yi, numbers.vi, method="REML").tau2, rel=1e-9)
