"""What the book adds to jupyter-book: charts and formulas without another host, and pages everyone can use."""

import os
import re
from html import escape
from pathlib import Path
from typing import Any

import vl_convert
from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator

from helpers.book import mathml

HERE = Path(__file__).parent


class ReadableTables(SphinxPostTransform):
    """Let every table of a notebook scroll by itself, and give pandas' tables no header cell without text."""

    default_priority = 700
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for node in self.document.findall(nodes.raw):
            if node.get("format") == "html" and '<table border="1" class="dataframe' in node.astext():
                node.children = [nodes.Text(readable_dataframe(node.astext()))]
                node.rawsource = node.astext()


def readable_dataframe(markup: str) -> str:
    """Return the HTML of a pandas DataFrame in the form the book's own tables have."""
    markup = re.sub(r"<style scoped>.*?</style>", "", markup, flags=re.DOTALL)
    markup = re.sub(r"<th([^>]*)></th>", r"<td\1></td>", markup)
    markup = re.sub(r'<table border="1" class="dataframe', '<table class="dataframe', markup)
    return f'<div class="table-scroll" role="group" aria-label="Table" tabindex="0">{markup}</div>'


def open_hidden_code(translator: Any, node: HideCodeCellNode) -> None:
    """Open a code cell that is folded away; its visible words are its accessible name too."""
    translator.body.append(
        f'<details class="admonition hide {" ".join(node["classes"])}">\n<summary>'
        f'<span class="collapsed">{escape(node["prompt_show"])}</span>'
        f'<span class="expanded">{escape(node["prompt_hide"])}</span></summary>\n'
    )


def close_hidden_code(translator: Any, _: HideCodeCellNode) -> None:
    translator.body.append("</details>\n")


def open_citation(translator: Any, node: nodes.citation) -> None:
    """Open an entry of the reference list. docutils' role for it, doc-biblioentry, is deprecated."""
    if not isinstance(node.previous_sibling(), nodes.citation):
        translator.body.append('<div role="list" class="citation-list">\n')
    translator.body.append(translator.starttag(node, "div", CLASS="citation", role="listitem"))


def close_citation(translator: Any, node: nodes.citation) -> None:
    HTML5Translator.depart_citation(translator, node)


def put_our_files_first(app: Sphinx, config: Config) -> None:
    config.templates_path.insert(0, str(HERE / "templates"))
    config.html_static_path.append(str(HERE / "static"))
    config.html_favicon = str(HERE / "static" / "favicon.svg")
    if Path(app.srcdir, "downloads").is_dir():
        config.html_extra_path.append("downloads")


def use_every_core(app: Sphinx) -> None:
    """Read and write pages in parallel; Sphinx does so from six pages on.

    One extension that jupyter-book adds keeps silent on whether it allows that. It does: it only numbers sections, in
    the main process, after all pages are read.
    """
    if "sphinx_multitoc_numbering" in app.extensions:
        app.extensions["sphinx_multitoc_numbering"].parallel_read_safe = True
    app.parallel = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def write_vega(app: Sphinx) -> None:
    """Write Vega, Vega-Lite and vega-embed as one script of our own."""
    folder = Path(app.outdir, "_static")
    folder.mkdir(parents=True, exist_ok=True)
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    # In a function, because a top-level name of the bundle (`_`) is one of Sphinx's own scripts too.
    (folder / "vega.js").write_text(f"(function(){{{bundle}\n}})();\n", encoding="utf-8", newline="\n")


def search_without_a_server(app: Sphinx, page: str, *_: Any) -> None:
    """A page opened from a disk can not read others, so the search shows no excerpts there."""
    if page == "search":
        app.add_js_file(
            None,
            body='if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;',
            priority=900,
        )


def setup(app: Sphinx) -> dict[str, Any]:
    mathml.setup(app)
    app.add_node(HideCodeCellNode, override=True, html=(open_hidden_code, close_hidden_code))
    app.add_node(nodes.citation, override=True, html=(open_citation, close_citation))
    app.add_post_transform(ReadableTables)
    app.add_css_file("review.css", priority=900)
    app.connect("config-inited", put_our_files_first, priority=900)
    app.connect("builder-inited", use_every_core)
    app.connect("builder-inited", write_vega)
    app.connect("html-page-context", search_without_a_server)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
