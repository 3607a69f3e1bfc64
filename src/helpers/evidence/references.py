"""Read references.bib."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.evidence.faults import Fault
from helpers.evidence.model import Reference
from helpers.evidence.tables import read_text

if TYPE_CHECKING:
    from pybtex.database import Entry, Person

FILE = "references.bib"
_ENTRY = re.compile(r"^[ \t]*@[ \t]*(\w+)[ \t]*[{(][ \t]*([^\s,{}()\"=]*)", re.MULTILINE)
_NOT_ENTRIES = ("string", "preamble", "comment")
_MAY_BE_LATEX = re.compile(r"[^\w .,:;/()+?!&=-]|--|,,|  |^ | $")
_FIELD_PLACE = r"^[ \t]*{}[ \t]*="


@dataclass(frozen=True)
class Chunk:
    """The text of one entry and the line it begins on; key is empty for @string, @preamble and @comment."""

    key: str
    row: int
    text: str


def entries(text: str) -> list[Chunk]:
    """Split BibTeX at the lines on which an entry begins, so that a broken one does not swallow the next."""
    begins = list(_ENTRY.finditer(text))
    ends = [begin.start() for begin in begins[1:]] + [len(text)]
    return [
        Chunk(
            key="" if begin[1].lower() in _NOT_ENTRIES else begin[2],
            row=text.count("\n", 0, begin.start()) + 1,
            text=text[begin.start() : end],
        )
        for begin, end in zip(begins, ends, strict=True)
    ]


def read_references(folder: Path, faults: list[Fault]) -> tuple[dict[str, Reference], frozenset[str] | None]:
    """Return the readable references, and all keys of the file (those of broken entries too).

    The keys are None where the file could not be read.
    """
    text = read_text(folder, FILE, faults, "a BibTeX file")
    if text is None:
        return {}, None
    chunks = entries(text)
    if not chunks:
        faults.append(Fault(FILE, 0, "", "no entry", "", "BibTeX entries such as @article{key, title = {...}}"))
    from pybtex.database.input.bibtex import month_names  # here because the import costs time

    references: dict[str, Reference] = {}
    first: dict[str, int] = {}
    macros = dict(month_names)
    for chunk in chunks:
        entry = _parse(chunk, macros, faults)
        if chunk.key.lower() in first:
            problem = f"key is already used in row {first[chunk.key.lower()]}"
            faults.append(Fault(FILE, chunk.row, "key", problem, chunk.key, "each key once, whatever its case"))
        elif entry is not None:
            references[chunk.key] = _reference(chunk, entry, faults)
        if chunk.key:
            first.setdefault(chunk.key.lower(), chunk.row)
    return references, frozenset(chunk.key for chunk in chunks if chunk.key)


def _parse(chunk: Chunk, macros: dict[str, str], faults: list[Fault]) -> Entry | None:
    """Parse one entry; @string entries add to macros."""
    from pybtex.database import BibliographyDataError
    from pybtex.database.input.bibtex import Parser
    from pybtex.errors import capture
    from pybtex.scanner import PrematureEOF, PybtexSyntaxError

    with capture() as errors:
        parser = Parser(macros=macros)
        parsed = parser.parse_string(chunk.text)
    macros.update(parser.macros)
    for error in errors:
        if isinstance(error, PybtexSyntaxError):
            # past the end of the entry there is nothing to point at but its beginning
            at_end = not chunk.text[error.parser.pos :].strip()
            row = chunk.row if at_end else chunk.row + error.lineno - 1
            unclosed = isinstance(error, PrematureEOF)
            problem = f"BibTeX syntax: {'brace or quote that is never closed' if unclosed else error.args[0]}"
            shown = chunk.key if at_end else chunk.text.split("\n")[error.lineno - 1].strip()
            allowed = "entries such as @article{key, title = {...}, year = {2021}}, every brace closed"
            faults.append(Fault(FILE, row, chunk.key, problem, shown, allowed))
        elif isinstance(error, BibliographyDataError):
            faults.append(Fault(FILE, chunk.row, chunk.key, f"BibTeX: {error}", "", "each field once"))
    return next(iter(parsed.entries.values()), None) if chunk.key and not errors else None


def _reference(chunk: Chunk, entry: Entry, faults: list[Fault]) -> Reference:
    field = {name.lower(): _plain(str(value)) for name, value in entry.fields.items()}
    title = field.get("title", "")
    if not title:
        faults.append(Fault(FILE, chunk.row, "title", "missing title", chunk.key, "a title in every entry"))
    year = field.get("year", "")
    if year and not re.fullmatch("[0-9]{4}", year):
        faults.append(Fault(FILE, _field_row(chunk, "year"), "year", "unreadable year", year, "four digits"))
    doi = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:\s*)", "", field.get("doi", "").lower())
    if doi and not re.fullmatch(r"10\.\d{4,9}/\S+", doi):
        row = _field_row(chunk, "doi")
        faults.append(Fault(FILE, row, "doi", "unreadable DOI", field["doi"], "a DOI such as 10.1000/182"))
    authors = entry.persons.get("author") or entry.persons.get("editor") or []
    places = ("journal", "booktitle", "publisher", "institution", "organization", "howpublished")
    container = next((field[place] for place in places if field.get(place)), "")
    return Reference(
        key=chunk.key,
        authors_short=_short([_last_name(person) for person in authors]) or title,
        year=int(year) if year.isascii() and year.isdigit() else None,
        title=title,
        container=container,
        doi=doi,
        url=field.get("url", "") or (f"https://doi.org/{doi}" if doi else ""),
        text=_citation_text([_full_name(person) for person in authors], title, container, field, doi),
    )


def _field_row(chunk: Chunk, name: str) -> int:
    place = re.search(_FIELD_PLACE.format(name), chunk.text, re.MULTILINE | re.IGNORECASE)
    return chunk.row + (chunk.text.count("\n", 0, place.start()) if place else 0)


def _plain(latex: str) -> str:
    plain = latex.replace("{", "").replace("}", "")
    if not _MAY_BE_LATEX.search(plain):  # the decoder is slow, and most fields are plain
        return plain
    from pybtex.richtext import Text

    return str(Text.from_latex(latex)).replace("\N{NO-BREAK SPACE}", " ")


def _last_name(person: Person) -> str:
    return _plain(" ".join([*person.prelast_names, *person.last_names, *person.lineage_names]))


def _full_name(person: Person) -> str:
    given = " ".join(_plain(name) for name in [*person.first_names, *person.middle_names])
    initials = "".join(name[0] for name in re.split(r"[\s.-]+", given) if name)  # Jong-Won: JW
    return f"{_last_name(person)} {initials}".strip()


def _short(names: list[str]) -> str:
    if len(names) > 2 or "others" in names[1:]:
        return f"{names[0]} et al."
    return " and ".join(names)


def _citation_text(authors: list[str], title: str, container: str, field: dict[str, str], doi: str) -> str:
    """Vancouver style (NLM, Citing Medicine): up to six authors, then et al."""
    named = [author for author in authors if author != "others"]
    shown = ", ".join(named[:6]) + (", et al" if len(named) > 6 or len(named) < len(authors) else "")
    volume = field.get("volume", "") + (f"({field['number']})" if field.get("number") else "")
    pages = field.get("pages", "").replace("\N{EN DASH}", "-")
    issue = "".join([field.get("year", ""), f";{volume}" if volume else "", f":{pages}" if pages else ""])
    parts = [shown, title, container, issue, f"doi:{doi}" if doi else field.get("url", "")]
    return " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part)
