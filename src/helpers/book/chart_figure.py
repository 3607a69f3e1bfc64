"""Charts in the HTML book: a static picture for everyone, a live chart where JavaScript runs, the data to take away."""

import csv
import html
import io
import json
import re
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer

MIME = "application/vnd.vegalite.v6+json"
SVG = "image/svg+xml"
DOWNLOADS = "_downloads"
SMALLEST_SCALE = 0.75  # of a chart's own width: below it the labels can not be read, and the chart scrolls


class ChartFigure:
    """MyST-NB renderer of Vega-Lite outputs (entry point in the group `myst_nb.mime_renderers`)."""

    mime_priority_overrides: ClassVar = [("html", MIME, 1)]

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[nodes.Element] | None:
        """Return the figure of a chart; None leaves any other output to MyST-NB."""
        if inline or data.mime_type not in (MIME, SVG):
            return None
        bundle = _bundle(renderer, data)
        if data.mime_type == SVG:
            return [] if MIME in bundle else None  # a chart's picture is shown in its figure, not a second time
        spec = data.content if isinstance(data.content, dict) else json.loads(data.content)
        svg = bundle.get(SVG) or _drawn(spec)
        renderer.add_js_file("vega", "vega.js", {"defer": "defer"})
        renderer.add_js_file("charts", "charts.js", {"defer": "defer"})
        return [nodes.raw("", figure(spec, svg, _write_downloads(renderer, spec, svg)), format="html")]


def figure(spec: dict[str, Any], svg: str, downloads: dict[str, str]) -> str:
    """HTML of one chart.

    spec: Vega-Lite specification, its plain title in usermeta.title; svg: its picture; downloads: link text -> address.
    """
    title = _title(spec)
    description = str(spec.get("description") or title)
    links = " ".join(
        f'<a href="{html.escape(address)}" download aria-label="{html.escape(text)}: {html.escape(title)}">{text}</a>'
        for text, address in downloads.items()
    )
    data = json.dumps(spec, sort_keys=True, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<figure class="chart" role="figure" aria-label="{html.escape(title)}">'
        f'<div class="view" role="img" aria-label="{html.escape(description)}">{_for_page(svg)}</div>'
        f'<script type="application/json">{data}</script>'
        f'<figcaption class="downloads">{links}</figcaption></figure>'
    )


def data_csv(table: dict[str, list[Any]]) -> str:
    """The numbers behind a chart, {"columns": [...], "rows": [[...], ...]}, as CSV.

    A cell that holds a list is written as its items, separated by spaces.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table["columns"])
    for row in table["rows"]:
        writer.writerow([" ".join(map(str, cell)) if isinstance(cell, list) else cell for cell in row])
    return text.getvalue()


def _drawn(spec: dict[str, Any]) -> str:
    """The picture of a chart stored without one."""
    from helpers.charts.theme import static_svg  # a second to import, and the book's own charts have theirs

    return static_svg(spec)


def _bundle(renderer: NbElementRenderer, data: MimeData) -> dict[str, Any]:
    """All formats of the output that `data` is one format of: MyST-NB hands over each format alone."""
    if data.cell_index is None:
        return {}
    _, outputs = renderer.renderer.nb_client.code_cell_outputs(data.cell_index)
    bundles = (output.get("data", {}) for output in outputs)
    return next((bundle for bundle in bundles if bundle.get(data.mime_type) is data.content), {})


def _for_page(svg: str) -> str:
    """The picture without what only a file of its own needs, and wide enough to be read on a phone."""
    svg = svg[svg.index("<svg") :]
    tag, rest = svg.split(">", 1)
    tag = re.sub(r' (role|aria-label|style)="[^"]*"', "", tag)
    width = re.search(r' width="([\d.]+)"', tag)
    smallest = f' style="min-width:{float(width[1]) * SMALLEST_SCALE:.0f}px"' if width else ""
    return f'{tag} aria-hidden="true" focusable="false"{smallest}>{rest}'


def _title(spec: dict[str, Any]) -> str:
    title = spec.get("usermeta", {}).get("title", spec.get("title"))
    return title if isinstance(title, str) else "Chart"


def _write_downloads(renderer: NbElementRenderer, spec: dict[str, Any], svg: str) -> dict[str, str]:
    """Write the picture, and the numbers of usermeta.data, beside the book and return the links to them."""
    env = renderer.renderer.sphinx_env
    document = renderer.renderer.document
    document["charts"] = document.get("charts", 0) + 1
    name = f"{DOWNLOADS}/{env.docname}-chart-{document['charts']}"
    to_root = "../" * env.docname.count("/")
    contents = {"Chart as SVG": ("svg", svg)}
    if table := spec.get("usermeta", {}).get("data"):
        contents["Data as CSV"] = ("csv", data_csv(table))
    links = {}
    for text, (ending, content) in contents.items():
        path = Path(env.app.outdir, f"{name}.{ending}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="\n")
        links[text] = f"{to_root}{name}.{ending}"
    return links
