"""One visit to one page of the book, and everything that went wrong on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe

# preload would read the style sheets once more, which a page opened from a disk may not do.
AXE = {
    "resultTypes": ["violations"],
    "preload": False,
    "rules": {"label-content-name-mismatch": {"enabled": True}, "target-size": {"enabled": True}},
}
CHARTS_DRAWN = """() => [...document.querySelectorAll("figure.chart > .view")]
    .every((view) => view.clientWidth === 0 || view.querySelector(":scope > .live.ready svg"))"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Visits:
    """A browser tab that remembers what each page asked for and complained about."""

    tab: Any
    root: str
    foreign: dict[str, list[str]] = field(default_factory=dict)
    complaints: dict[str, list[str]] = field(default_factory=dict)
    name: str = ""

    def __post_init__(self) -> None:
        self.tab.on("request", self._request)
        self.tab.on("response", self._response)
        self.tab.on("pageerror", lambda error: self._complain(str(error)))
        self.tab.on("console", lambda message: self._complain(message.text) if message.type == "error" else None)

    def open(self, name: str) -> Any:
        self.name = name
        self.tab.goto(self.root + name, wait_until="load")
        return self.tab

    def charts_are_drawn(self) -> bool:
        from playwright.sync_api import TimeoutError as TooSlow

        try:
            self.tab.wait_for_function(CHARTS_DRAWN, timeout=10_000)
        except TooSlow:
            return False
        return True

    def violations(self) -> list[str]:
        """What axe finds: rule, element and reason, one line each."""
        found = Axe().run(self.tab, options=AXE).response["violations"]
        return [
            f"{rule['id']}: {node['html'][:150]} ({node['failureSummary'].splitlines()[-1].strip()})"
            for rule in found
            for node in rule["nodes"]
        ]

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.root, "data:", "blob:")):
            self.foreign.setdefault(self.name, []).append(request.url)

    def _response(self, response: Any) -> None:
        if response.status >= 400:
            self._complain(f"{response.status} {response.url}")

    def _complain(self, text: str) -> None:
        self.complaints.setdefault(self.name, []).append(text)


def all_pages(book: Path) -> list[str]:
    """Every page of the book, by its path in it."""
    return sorted(path.relative_to(book).as_posix() for path in book.rglob("*.html") if "_static" not in path.parts)


def one_of_each_kind(pages: list[str]) -> list[str]:
    """Every page at the top, and the first of each folder: those of a folder come from one template."""
    first = {page.rpartition("/")[0] or page: page for page in reversed(pages)}
    return sorted(first.values())
