"""The pages of the book: they follow from the templates and from what the data hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.book.ingredients import ingredients, key_of
from helpers.book.template import Template


@dataclass(frozen=True)
class Subject:
    """One thing a template is repeated for: a trial, a synthesis. title: plain text."""

    id: str
    title: str


@dataclass(frozen=True)
class Page:
    """One page: a template, the parameters it is executed with, its title (Markdown), and the data files it reads.

    reads: patterns within the data folder. also: patterns within the project.
    name: place in the book without suffix, such as `trials/levy-2019`. parameters: all of them, in the template's order.
    """

    name: str
    title: str
    template: Path
    parameters: tuple[tuple[str, Any], ...]
    reads: tuple[str, ...]
    also: tuple[str, ...] = ()

    def key(self, data: Path) -> str:
        """What the page is made from, as a hash: template, title, parameters, files it declares, helpers, lock file."""
        return key_of(ingredients(self, data))


def plan_pages(
    templates: Iterable[Template], subjects: Mapping[str, Iterable[Subject]], values: Mapping[str, Any]
) -> tuple[Page, ...]:
    """One page per template, or one per subject for templates that are repeated.

    subjects: what `of` can name, such as {"trial": [...]}. values: parameters set by the user; a page takes
    those that its template declares. Raises ValueError when a template is repeated for something unknown.
    """
    pages = []
    for template in templates:
        if not template.for_each:
            pages.append(_page(template, template.name, template.title, values))
            continue
        chosen, folder = template.of or template.for_each, template.folder or f"{template.name}s"
        if chosen not in subjects:
            raise ValueError(f"{template.path.name}: repeated for {chosen!r}; allowed: {', '.join(subjects)}")
        for subject in subjects[chosen]:
            values_here = {**values, template.for_each: subject.id}
            pages.append(_page(template, f"{folder}/{subject.id}", escaped(subject.title), values_here))
    return tuple(pages)


def escaped(text: str) -> str:
    """Plain text as one line of Markdown that shows just that text: no markup, no HTML, no formula."""
    return re.sub(r"([\\`*_{}\[\]<>()#&$~|!^])", r"\\\1", " ".join(text.split()))


def _page(template: Template, name: str, title: str, values: Mapping[str, Any]) -> Page:
    return Page(
        name=name,
        title=title,
        template=template.path,
        parameters=tuple((key, values.get(key, each.default)) for key, each in template.parameters.items()),
        reads=tuple(pattern.format(**values) for pattern in template.reads),
        also=template.also,
    )
