"""What holds for every chart: one form on every machine, a description, text that can be read on a phone."""

import functools
import itertools
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import altair as alt
import pytest
import vl_convert
from chart_examples import EXAMPLES, NARROW, WIDE, example

from helpers.charts import data_behind
from helpers.charts.theme import MIME, STATIC_WIDTH, book_renderer, canonical, static_svg

every_chart = pytest.mark.parametrize("name", list(EXAMPLES))

# Advance widths of Liberation Sans (as Arial), in 1/1000 of the font size.
NARROW_LETTERS = dict.fromkeys("ijl|'", 222) | dict.fromkeys(" tfI.,:;/!()[]-r", 300) | dict.fromkeys("cksvxyzJ", 500)
WIDE_LETTERS = dict.fromkeys("mMW%", 860) | dict.fromkeys("ABCDEFGHKLNOPQRSTUVXYZw&", 700) | {"←": 1000, "→": 1000}


@functools.cache
def spec_of(name):
    return canonical(example(name).to_dict())


@functools.cache
def picture(name, width=STATIC_WIDTH):
    return static_svg(spec_of(name), width)


@every_chart
def test_a_chart_is_valid_and_compiles_without_a_warning(name, capfd):
    spec = example(name).to_dict(validate=True)
    vl_convert.vegalite_to_svg(spec, show_warnings=True)
    assert "WARN" not in capfd.readouterr().err


def test_outputs_are_the_same_bytes_in_every_process():
    program = Path(__file__).with_name("chart_examples.py")

    def run(seed):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        return subprocess.run([sys.executable, program], env=environment, capture_output=True)

    with ThreadPoolExecutor() as threads:
        one, other = threads.map(run, ("1", "2"))
    assert one.returncode == 0, one.stderr.decode()
    assert one.stdout == other.stdout
    assert json.loads(one.stdout).keys() == EXAMPLES.keys()


@every_chart
@pytest.mark.parametrize("missing", ["title", "description"])
def test_a_chart_without_words_is_refused(name, missing):
    words = {"title": "A title", "description": "A description"}
    with pytest.raises(ValueError, match=missing):
        EXAMPLES[name](**words | {missing: "  "})
    with pytest.raises(TypeError, match=missing):
        EXAMPLES[name](**{key: value for key, value in words.items() if key != missing})


@every_chart
def test_the_output_holds_spec_picture_and_description(name):
    bundle = book_renderer(example(name).to_dict())
    assert set(bundle) == {MIME, "image/svg+xml", "text/plain"}
    assert bundle["text/plain"] == f"What {name} shows."
    assert json.dumps(bundle[MIME]) == json.dumps(bundle[MIME], sort_keys=True)
    assert bundle[MIME]["usermeta"]["title"] == f"A chart with the title {name}"
    svg = ET.fromstring(bundle["image/svg+xml"])
    assert svg.get("role") == "img" and svg.get("aria-label") == f"What {name} shows."


@every_chart
def test_the_numbers_behind_a_chart_can_stand_in_a_table_under_it(name):
    chart = example(name)
    numbers = data_behind(chart)
    stored = spec_of(name)["usermeta"]["data"]
    assert list(numbers.columns) == stored["columns"] and len(numbers) == len(stored["rows"]) > 0
    assert numbers.columns.is_unique
    assert numbers.select_dtypes("number").shape[1] or {"judgement", "count"} & set(numbers.columns)


def test_a_chart_made_elsewhere_carries_no_numbers():
    with pytest.raises(ValueError, match="does not carry the numbers"):
        data_behind(alt.layer(alt.Chart(alt.Data(values=[{"a": 1}])).mark_point().encode(x="a:Q")))


def test_charts_are_shown_by_our_renderer_once_the_package_is_imported():
    data, *_ = [example("shift")._repr_mimebundle_()]
    assert MIME in data
    assert alt.renderers.active == "book" and alt.theme.active == "book"


@every_chart
def test_neutral_ink_follows_the_page_and_nothing_hides_its_background(name):
    svg = ET.fromstring(picture(name))
    marks = [element for element in svg.iter() if element.tag.endswith(("path", "rect", "line", "text"))]
    assert marks
    inks = {element.get("fill") for element in marks if element.tag.endswith("text")}
    assert inks <= {"currentColor", "#000000", "#ffffff"}  # black or white only on a coloured mark
    for element in marks:
        if not element.tag.endswith("text"):
            assert element.get("fill") not in ("white", "#fff", "#ffffff", "black", "#000", "#000000")
            assert element.get("stroke") not in ("black", "#000", "#000000", "#888", "#ddd")


@every_chart
def test_text_is_measured_with_the_font_vl_convert_carries_in_itself(name):
    fonts = set(re.findall(r'font-family="([^"]*)"', picture(name)))
    assert fonts and all(font.startswith("Liberation Sans,") for font in fonts)


def test_no_two_pictures_on_a_page_share_an_id():
    ids = [found for name in EXAMPLES for found in re.findall(r'\bid="([^"]*)"', picture(name))]
    assert len(ids) == len(set(ids))


def test_ids_in_a_picture_are_its_own_and_still_found():
    def clipped(value):
        data = alt.Data(values=[{"a": value}])
        return canonical(alt.Chart(data, width=50).mark_point(clip=True).encode(x="a:Q").to_dict())

    one, other = static_svg(clipped(1)), static_svg(clipped(2))
    ids = [set(re.findall(r'\bid="([^"]*)"', svg)) for svg in (one, other)]
    assert ids[0] and ids[1] and not ids[0] & ids[1]
    assert set(re.findall(r"url\(#([^)]*)\)", one)) == ids[0]


def test_a_picture_does_not_depend_on_what_was_drawn_before():
    names = [name for name in EXAMPLES if "url(#" in picture(name)]
    assert len(names) > 1
    assert [static_svg(spec_of(name)) for name in reversed(names)] == [picture(name) for name in reversed(names)]


def test_the_label_of_a_picture_is_escaped():
    chart = EXAMPLES["shift"](title="A title", description='cells "<b>" & control')
    assert ET.fromstring(static_svg(canonical(chart.to_dict()))).get("aria-label") == 'cells "<b>" & control'


def test_names_do_not_depend_on_what_was_drawn_before():
    def selectable():
        points = alt.Chart(alt.Data(values=[{"a": 1 / 3}])).mark_point().encode(x="a:Q")
        return canonical(alt.layer(points.add_params(alt.selection_point()), points).to_dict())

    first = selectable()
    assert selectable() == first
    assert first["params"][0]["views"] == ["view_1"]
    assert first["datasets"] == {"rows_1": [{"a": 0.333333333333}]}


def test_noise_in_the_last_digits_does_not_change_a_chart():
    def chart(value):
        return canonical(alt.Chart(alt.Data(values=[{"a": value}])).mark_point().encode(x="a:Q").to_dict())

    assert chart(0.1 + 0.2) == chart(0.3)
    assert chart(0.3001) != chart(0.3)


@every_chart
@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_words_neither_overlap_nor_leave_the_chart(name, width):
    svg = ET.fromstring(picture(name, width))
    lines = list(text_boxes(svg, 0.0, 0.0))
    assert len(lines) > 5
    for text, left, top, right, bottom in lines:
        assert left > -3 and right < float(svg.get("width")) + 3, text
        assert top > -3 and bottom < float(svg.get("height")) + 3, text
    for (one, *a), (other, *b) in itertools.combinations(lines, 2):
        across, down = (min(a[i + 2], b[i + 2]) - max(a[i], b[i]) for i in (0, 1))
        assert across < 1 or down < 2, f"{one!r} overlaps {other!r}"


@every_chart
def test_a_chart_fits_the_width_asked_for(name):
    for width in (NARROW, WIDE):
        assert float(ET.fromstring(picture(name, width)).get("width")) == pytest.approx(width, abs=1)


def text_boxes(element, x, y):
    """(line of text, left, top, right, bottom) in px, for every line of text inside an SVG element."""
    move = re.match(r"translate\(([-\d.]+),\s*([-\d.]+)\)", element.get("transform", ""))
    if move:
        x, y = x + float(move[1]), y + float(move[2])
    if element.tag.endswith("}text") and element.get("opacity") != "0":
        size = float(element.get("font-size").removesuffix("px"))
        spans = element.findall("{http://www.w3.org/2000/svg}tspan") or [element]
        for span in spans:
            y += float(span.get("dy", 0))
            text = span.text or ""
            wide = sum(NARROW_LETTERS.get(c, WIDE_LETTERS.get(c, 556)) for c in text) * size / 1000
            wide *= 1.06 if element.get("font-weight") == "bold" else 1
            left = x - wide * {"start": 0, "middle": 0.5, "end": 1}[element.get("text-anchor", "start")]
            if text:
                yield text, left, y - 0.8 * size, left + wide, y + 0.1 * size
    for child in element:
        if not element.tag.endswith("}text"):
            yield from text_boxes(child, x, y)
