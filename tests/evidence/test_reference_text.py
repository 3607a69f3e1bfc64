"""Text of BibTeX fields is what pybtex makes of it, whichever way it was read."""

import itertools

import pytest
from pybtex.database import parse_file
from pybtex.richtext import Text

from helpers import paths
from helpers.evidence.references import _plain


def decoded(latex: str) -> str:
    return str(Text.from_latex(latex)).replace("\N{NO-BREAK SPACE}", " ")


def test_every_sign_reads_as_the_decoder_reads_it() -> None:
    signs = [chr(code) for code in (*range(32, 127), 0xA0, 0xE9, 0x2013, 0x201C) if chr(code) not in "{}\\"]
    for sign, text in itertools.product(signs, ("a{0}b", "a{0}{0}b", "a {0} b", "{0}b", "b{0}", "a{0}{0}{0}b")):
        latex = text.format(sign)
        assert _plain(latex) == decoded(latex), latex


@pytest.mark.parametrize(
    "latex",
    [r"M\"uller", "{ISIS-HERMES}", "The {{STARTING}-2} trial", "1--9", "a  b", "a\nb", "5~mg", r"$\beta$", "100\\%"],
)
def test_latex_is_decoded(latex: str) -> None:
    assert _plain(latex) == decoded(latex) != latex


def test_the_shipped_references_read_as_the_decoder_reads_them() -> None:
    fields = [value for entry in parse_file(paths.ROOT / "data/references.bib").entries.values()
              for value in entry.fields.values()]  # fmt: skip
    assert len(fields) > 100
    assert [_plain(value) for value in fields] == [decoded(value) for value in fields]
