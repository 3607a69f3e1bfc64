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

    subjects: what `for_each` can name, such as {"trial": [...]}. values: parameters set by the user; a page takes
    those that its template declares. Raises ValueError when a template is repeated for something unknown.
    """
    pages = []
    for template in templates:
        if not template.for_each:
            pages.append(_page(template, template.name, template.title, values))
        elif template.for_each not in subjects:
            raise ValueError(f"{template.path.name}: for_each {template.for_each!r}; allowed: {', '.join(subjects)}")
        else:
            for subject in subjects[template.for_each]:
                name = f"{folder(template)}/{subject.id}"
                pages.append(_page(template, name, escaped(subject.title), {**values, template.for_each: subject.id}))
    return tuple(pages)


def escaped(text: str) -> str:
    """Plain text as one line of Markdown that shows just that text: no markup, no HTML, no formula."""
    return re.sub(r"([\\`*_{}\[\]<>()#&$~|!^])", r"\\\1", " ".join(text.split()))


def folder(template: Template) -> str:
    """Where the pages of a repeated template stand: `trial` -> `trials`."""
    return f"{template.name}s"


def _page(template: Template, name: str, title: str, values: Mapping[str, Any]) -> Page:
    return Page(
        name=name,
        title=title,
        template=template.path,
        parameters=tuple((key, values.get(key, each.default)) for key, each in template.parameters.items()),
        reads=tuple(pattern.format(**values) for pattern in template.reads),
        also=template.also,
    )
