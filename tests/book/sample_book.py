"""A whole small book to render: one executed notebook with everything a page can hold, and three plain pages."""

import shutil
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4

from helpers import paths

MIME = "application/vnd.vegalite.v6+json"
PICTURE = (
    '<svg class="marks" width="600" height="50" viewBox="0 0 600 50" xmlns="http://www.w3.org/2000/svg" role="img">'
    '<path d="M0 0h9"/></svg>'
)
SPEC: dict[str, Any] = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "title": {"text": {"expr": "['Deaths at', 'one year']"}},
    "usermeta": {"title": "Deaths at one year", "data": {"columns": ["trial", "deaths"], "rows": [["TREASURE", 13]]}},
    "description": "Two trials; the risk ratios lie on both sides of 1 </script>.",
    "width": "container",
    "data": {"values": [{"trial": "TREASURE", "rr": 1.3}, {"trial": "STARTING-2", "rr": 0.6}]},
    "mark": "point",
    "encoding": {"x": {"field": "rr", "type": "quantitative"}, "y": {"field": "trial", "type": "nominal"}},
}
DATAFRAME = (
    '<div>\n<style scoped>\n td {}\n</style>\n<table border="1" class="dataframe">\n<thead><tr>'
    "<th></th><th>rr</th></tr></thead><tbody><tr><th>TREASURE</th><td>1.3</td></tr></tbody></table>\n</div>"
)
BIBLIOGRAPHY = """@article{houkin2024, author={Houkin, Kiyohiro and Osanai, Toshiya},
title={Allogeneic Stem Cell Therapy}, journal={JAMA Neurology}, year={2024}}
"""


def write(staging: Path, text: str = "A sentence.") -> Path:
    """Write the sample into `staging` and return that folder. text: Markdown in the second cell of the notebook."""
    (staging / "trials").mkdir(parents=True)
    shutil.copy(paths.ROOT / "_config.yml", staging)
    nbformat.write(_notebook(text), staging / "trials" / "treasure.ipynb")
    pages = {
        "_toc.yml": "format: jb-book\nroot: index\nchapters:\n- file: trials/treasure\n- file: references\n",
        "index.md": "# The review\n\nSee {doc}`trials/treasure`.\n",
        "references.md": "# References\n\n```{bibliography}\n```\n",
        "references.bib": BIBLIOGRAPHY,
    }
    for name, content in pages.items():
        (staging / name).write_text(content, encoding="utf-8")
    return staging


def _notebook(text: str) -> nbformat.NotebookNode:
    chart = {MIME: SPEC, "image/svg+xml": PICTURE, "text/plain": SPEC["description"]}
    cells = [
        v4.new_markdown_cell("# TREASURE\n\n{cite:t}`houkin2024` with $\\hat\\tau^2$.\n\n$$y_i = \\frac{a}{b}$$"),
        v4.new_markdown_cell(text),
        _code("forest(deaths)", chart),
        _code("deaths", {"text/html": DATAFRAME, "text/plain": "deaths"}),
        _code("answer", {"text/markdown": "**No difference**, {cite:p}`houkin2024`.", "text/plain": "answer"}),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    return v4.new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})


def _code(source: str, data: dict[str, Any]) -> nbformat.NotebookNode:
    return v4.new_code_cell(
        source, outputs=[v4.new_output("display_data", data)], execution_count=1, metadata={"tags": ["hide-input"]}
    )
