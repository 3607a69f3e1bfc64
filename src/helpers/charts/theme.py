"""One look for every chart, and outputs that are the same bytes on every machine.

Neutral ink is the CSS colour `currentColor`, so that one picture serves light and dark pages. Colours that carry
meaning have a contrast of at least 3:1 on white and on #121212 (WCAG 2.2, 1.4.11) and come from the palette of
Okabe and Ito, which stays distinct under colour-vision deficiency (https://jfly.uni-koeln.de/color/).
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from html import escape
from typing import Any

import altair as alt
from altair.utils.schemapi import disable_debug_mode

from helpers.drawing import draw

MIME = "application/vnd.vegalite.v6+json"  # Altair's own ".json" type is refused by nbformat
STATIC_WIDTH = 600  # px, whole chart, of the picture shown where there is no JavaScript
WIDE_FROM = 560  # px, from here on a chart has room for columns of numbers beside it

INK = "currentColor"
# vl-convert carries Liberation Sans in itself, so text is measured alike whatever fonts a machine has (plain
# "sans-serif" or "Arial" resolve to installed fonts). Arial and Helvetica, the browsers' fallbacks, share its widths.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"

BLUE = "#0072B2"
VERMILLION = "#D55E00"
GREEN = "#009E73"
PURPLE = "#CC79A7"
POPULATION_CLASSES = ("iv-msc", "other-route-msc", "near-relative")
POPULATION_NAMES = {"iv-msc": "Intravenous MSC", "other-route-msc": "Other route", "near-relative": "Related cells"}
POPULATION_COLOURS = {"iv-msc": BLUE, "other-route-msc": VERMILLION, "near-relative": GREEN}
POPULATION_SHAPES = {"iv-msc": "square", "other-route-msc": "circle", "near-relative": "triangle-up"}

_GENERATED_NAME = re.compile(r"\b(view|param)_(?:[0-9a-f]{16}_)?\d+\b")


@alt.theme.register("book", enable=True)
def book_theme() -> alt.theme.ThemeConfig:
    """Altair theme "book": transparent background, `currentColor` ink, sizes that can be read at 360 px."""
    return {
        "config": {
            "aria": False,  # the figure's description speaks for it; a screen reader should not recite 60 marks
            "background": "transparent",
            "font": FONT,
            "lineBreak": "\n",
            "padding": 5,
            "view": {"stroke": None},
            "mark": {"aria": False, "color": BLUE},
            "rule": {"color": INK},
            "text": {"color": INK, "font": FONT, "fontSize": 12},
            "title": {
                "color": INK,
                "font": FONT,
                "anchor": "start",
                "frame": "bounds",
                "fontSize": 14,
                "lineHeight": 18,
                "offset": 10,
                "subtitleColor": INK,
                "subtitleFont": FONT,
                "subtitleFontSize": 12,
                "subtitleLineHeight": 15,
                "subtitlePadding": 4,
            },
            "axis": {
                "domainColor": INK,
                "gridColor": INK,
                "gridOpacity": 0.15,
                "labelColor": INK,
                "labelFont": FONT,
                "labelFontSize": 12,
                "labelLineHeight": 15,
                "tickColor": INK,
                "titleColor": INK,
                "titleFont": FONT,
                "titleFontSize": 12,
                "titleFontWeight": "normal",
                "titleLineHeight": 15,
            },
            "legend": {
                "labelColor": INK,
                "labelFont": FONT,
                "labelFontSize": 12,
                "layout": {"bottom": {"anchor": "start", "direction": "vertical"}},  # side by side they leave a phone
                "orient": "bottom",
                "titleColor": INK,
                "titleFont": FONT,
                "titleFontSize": 12,
                "titleFontWeight": "normal",
                "titleLimit": 0,
            },
        }
    }


def canonical(spec: dict[str, Any]) -> dict[str, Any]:
    """The same chart, in one form: sorted keys, floats to 12 significant digits, each data set once, names from 1 on.

    Altair names views and data by a hash of unrounded values, and selections by a counter of the running process: both
    change without the chart having changed.
    """
    ordered = json.loads(json.dumps(_rounded(spec), sort_keys=True))
    named = ordered.pop("datasets", {})
    datasets: dict[str, Any] = {}
    _share_data(ordered, named, datasets)
    text = json.dumps({**ordered, "datasets": datasets} if datasets else ordered, sort_keys=True)
    names: dict[str, str] = {}
    for match in _GENERATED_NAME.finditer(text):
        count = sum(name.startswith(match[1]) for name in names.values())
        names.setdefault(match[0], f"{match[1]}_{count + 1}")
    result: dict[str, Any] = json.loads(_GENERATED_NAME.sub(lambda match: names[match[0]], text))
    return result


def static_svg(spec: dict[str, Any], width: int = STATIC_WIDTH) -> str:
    """The chart as an SVG picture of `width` px that shrinks with its container and can stand beside others on a page.

    Ids inside it are named anew, after a hash of the chart: two inline pictures with the same id would clip each other,
    and Vega's own go on counting from one picture to the next.
    """
    fixed = {**spec, "width": width} if spec.get("width") == "container" else dict(spec)
    fixed["params"] = [
        {"name": "available", "value": width} if param.get("name") == "available" else param
        for param in spec.get("params", [])
    ]
    svg = draw(fixed)
    prefix = "c" + hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()[:12]
    ids = {each: f"{prefix}-{i}" for i, each in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg)), 1)}
    svg = re.sub(r'(\bid="|url\(#|href="#)([^")]+)', lambda match: match[1] + ids.get(match[2], match[2]), svg)
    label = escape(str(spec.get("description", "")), quote=True)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{label}" style="max-width:100%;height:auto" ', 1)


def book_renderer(spec: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Altair renderer "book": the spec, a static picture and the description, equal on every run."""
    spec = canonical(spec)
    return {MIME: spec, "image/svg+xml": static_svg(spec), "text/plain": str(spec.get("description", "chart"))}


disable_debug_mode()  # each part validated when it is made, beside the whole chart when it is shown, takes twice as long

alt.renderers.register("book", book_renderer)
alt.renderers.enable("book")


def relative_luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb", 0 black to 1 white (WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two "#rrggbb" colours, 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((relative_luminance(one), relative_luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def readable_on(fill: str) -> str:
    """Black or white, whichever reads better as text on `fill`."""
    return "#000000" if contrast("#000000", fill) >= contrast("#ffffff", fill) else "#ffffff"


def _share_data(part: Any, named: dict[str, Any], datasets: dict[str, Any]) -> None:
    """Move every inline data set in `part` to `datasets`, the same one only once, and put its name in its place."""
    if isinstance(part, list):
        for item in part:
            _share_data(item, named, datasets)
    elif isinstance(part, dict):
        for key, item in part.items():
            rows = None
            if key == "data" and isinstance(item, dict):
                rows = named.get(item.get("name", ""), item.get("values"))
            if rows is None:
                _share_data(item, named, datasets)
                continue
            name = next(
                (name for name, known in datasets.items() if known == rows), f"rows_{len(datasets) + 1}"
            )  # Vega-Lite takes data_1 for itself
            datasets[name] = rows
            part[key] = {"name": name}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.12g}") + 0.0 if math.isfinite(value) else None
    return value
