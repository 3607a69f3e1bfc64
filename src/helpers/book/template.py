"""Template notebooks: what they are called, which parameters they take, what they are repeated for."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

PARAMETERS_TAG = "parameters"
ALL_BUT_PATIENTS = ("*", "trials/*/*")
"""What a page reads that does not say it: all data but those of single patients, which lie one folder deeper."""


class InvalidParameter(ValueError):
    """A parameter that no page takes, or a value that it does not allow."""


@dataclass(frozen=True)
class Parameter:
    """One assignment of a template's parameters cell.

    A trailing comment says what is allowed. choices: words (`population = "iv-msc"  # iv-msc | any-route | all`), else
    empty. bounds: exclusive limits of a number (`level = 0.95  # between 0 and 1`), else none.
    """

    name: str
    default: Any
    choices: tuple[str, ...] = ()
    bounds: tuple[float, float] | None = None

    def parse(self, text: str) -> Any:
        """The value that `text` stands for, of the default's type. Raises InvalidParameter."""
        wanted = type(self.default)
        value: Any = text
        if wanted is not str:
            try:
                value = ast.literal_eval(text)
            except (ValueError, SyntaxError):
                value = None
            if wanted is float and type(value) is int:
                value = float(value)
        if type(value) is not wanted:
            raise InvalidParameter(f"-p {self.name}={text}: not a {wanted.__name__}; the default is {self.default!r}")
        if self.choices and value not in self.choices:
            raise InvalidParameter(f"-p {self.name}={text}: unknown value; allowed: {', '.join(self.choices)}")
        if self.bounds and not self.bounds[0] < value < self.bounds[1]:
            raise InvalidParameter(f"-p {self.name}={text}: allowed: between {self.bounds[0]:g} and {self.bounds[1]:g}")
        return value


@dataclass(frozen=True)
class Template:
    """A notebook of `book/`.

    for_each: what the notebook is repeated for ("trial", "synthesis"), also the name of the parameter that receives
    the id; empty for a page that stands once. of: which of them, where not all ("randomised": trials with patients of
    that design). folder: where its pages stand, by default its name and an s. reads: patterns of the data files the page
    depends on; also: the same of other files of the project.
    """

    path: Path
    title: str
    for_each: str
    reads: tuple[str, ...]
    also: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    of: str = ""
    folder: str = ""

    @property
    def name(self) -> str:
        return self.path.stem


def read_template(path: Path) -> Template:
    """Read one template notebook. Raises ValueError when its first cell is not a heading."""
    import nbformat  # here because the import takes longer than finding out that nothing changed

    notebook = nbformat.read(path, as_version=4)
    first = notebook.cells[0]
    if first.cell_type != "markdown" or not first.source.startswith("# "):
        raise ValueError(f"{path.name}: the first cell must be a Markdown cell that begins with '# '")
    review = notebook.metadata.get("review", {})
    return Template(
        path=path,
        title=first.source.splitlines()[0].removeprefix("# "),
        for_each=review.get("for_each", ""),
        reads=tuple(review.get("reads", ALL_BUT_PATIENTS)),
        also=tuple(review.get("also", [])),
        parameters=MappingProxyType(
            {
                parameter.name: parameter
                for cell in notebook.cells
                if PARAMETERS_TAG in cell.metadata.get("tags", [])
                for parameter in parse_parameters(cell.source)
            }
        ),
        of=review.get("of", ""),
        folder=review.get("folder", ""),
    )


def read_templates(folder: Path) -> tuple[Template, ...]:
    """All template notebooks of a folder, by name."""
    return tuple(read_template(path) for path in sorted(folder.glob("*.ipynb")))


def parse_parameters(source: str) -> list[Parameter]:
    """The parameters that a cell's assignments of literals declare."""
    lines = source.splitlines()
    return [
        Parameter(target.id, ast.literal_eval(statement.value), *_allowed(lines[statement.lineno - 1]))
        for statement in ast.parse(source).body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    ]


def _allowed(line: str) -> tuple[tuple[str, ...], tuple[float, float] | None]:
    """The choices and the bounds that a trailing comment states."""
    _, _, comment = line.partition("# ")
    if limits := re.fullmatch(r"between (\S+) and (\S+)", comment.strip()):
        return (), (float(limits[1]), float(limits[2]))
    return (tuple(word.strip() for word in comment.split("|")) if "|" in comment else ()), None


def parse_assignments(assignments: tuple[str, ...], templates: tuple[Template, ...]) -> dict[str, Any]:
    """Turn `NAME=VALUE` words into values, checked against the templates that take them.

    A parameter that pages are repeated for (trial, synthesis) can not be set: every page has its own.
    Raises InvalidParameter.
    """
    known = {
        name: parameter
        for template in templates
        for name, parameter in template.parameters.items()
        if name != template.for_each
    }
    values = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise InvalidParameter(f"-p {assignment}: expected NAME=VALUE")
        if name not in known:
            raise InvalidParameter(f"-p {assignment}: no page takes {name!r}; allowed: {', '.join(sorted(known))}")
        values[name] = known[name].parse(text)
    return values
