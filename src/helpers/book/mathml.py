"""Formulas as MathML: the browser draws them itself, with no script and no font from another host."""

import re
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

LOGGER = logging.getLogger(__name__)


def visit_inline(translator: Any, node: nodes.math) -> None:
    """Write a formula that stands inside a sentence."""
    translator.body.append(f'<span class="math">{_mathml(node, "inline")}</span>')
    raise nodes.SkipNode


def visit_block(translator: Any, node: nodes.math_block) -> None:
    """Write a formula that stands on lines of its own, with its number if it has a label."""
    translator.body.append(translator.starttag(node, "div", CLASS="math"))
    if node.get("number"):
        translator.body.append(f'<span class="eqno">({get_node_equation_number(translator, node)})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append(_mathml(node, "block") + "</div>\n")
    raise nodes.SkipNode


def to_mathml(latex: str, display: str) -> str:
    """Return the MathML of a LaTeX formula.

    display: "inline" or "block". Raises ValueError for LaTeX that can not be read: latex2mathml itself raises many
    unrelated types, and prints a command it does not know as if it were a letter.
    """
    try:
        markup = str(convert(latex.strip(), display=display))
    except Exception as error:
        raise ValueError(f"formula can not be read ({type(error).__name__}): {latex}") from error
    if unknown := re.search(r"<mi>(\\[A-Za-z]+|&)</mi>", markup):
        raise ValueError(f"formula uses {unknown[1]}, which latex2mathml does not know here: {latex}")
    return markup


def _mathml(node: nodes.Element, display: str) -> str:
    try:
        return to_mathml(node.astext(), display)
    except ValueError as error:
        LOGGER.warning("%s", error, location=node)
        return ""


def setup(app: Sphinx) -> None:
    app.add_html_math_renderer("mathml", inline_renderers=(visit_inline, None), block_renderers=(visit_block, None))
