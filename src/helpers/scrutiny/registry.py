"""The checks a claim can name, and how their inputs are read from the text of a claims file."""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from helpers.scrutiny.finding import Finding
from helpers.scrutiny.printed_number import Printed


class Problem(NamedTuple):
    """What is wrong in one cell of a claim: the column, the problem, what stands there, what is allowed."""

    column: str
    problem: str
    value: str
    allowed: str


class InvalidInputs(ValueError):
    """A claim's value or inputs can not be read; `problems` names all of it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{each.problem} ({each.value}); {each.allowed}" for each in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Input:
    """One keyword argument of a check.

    form: the annotated type of a single value; many: several values, separated by blanks.
    """

    name: str
    form: Any
    many: bool
    required: bool

    @classmethod
    def of(cls, name: str, annotation: Any, required: bool) -> Input:
        if typing.get_origin(annotation) in (typing.Union, types.UnionType):
            (annotation,) = (each for each in typing.get_args(annotation) if each is not types.NoneType)
        many = typing.get_origin(annotation) is tuple
        return cls(name, typing.get_args(annotation)[0] if many else annotation, many, required)

    def read(self, text: str) -> Any:
        """Raises ValueError."""
        return tuple(self._one(each) for each in text.split()) if self.many else self._one(text)

    def _one(self, text: str) -> Any:
        if self.form is Printed:
            return Printed.parse(text)
        if self.form is int:
            if not re.fullmatch(r"-?[0-9]+", text):
                raise ValueError(f"{text!r} is no whole number")
            return int(text)
        if typing.get_origin(self.form) is Literal and text not in typing.get_args(self.form):
            raise ValueError(f"{text!r} is not among {', '.join(typing.get_args(self.form))}")
        return text

    @property
    def allowed(self) -> str:
        if typing.get_origin(self.form) is Literal:
            return " or ".join(typing.get_args(self.form))
        one = {int: "a whole number", Printed: "a number as printed"}.get(self.form, "a text")
        return f"{one}, or several with blanks between them" if self.many else one


@dataclass(frozen=True)
class Check:
    """A check: the function that makes the finding, the form of the reported value, and its inputs by name."""

    name: str
    function: Callable[..., Finding]
    reported: Input
    inputs: Mapping[str, Input]

    @classmethod
    def of(cls, function: Callable[..., Finding]) -> Check:
        """The first parameter is the reported value, the keyword-only ones are the inputs."""
        hints = typing.get_type_hints(function)
        first, *others = inspect.signature(function).parameters.values()
        return cls(
            name=function.__name__.rstrip("_").replace("_", "-"),
            function=function,
            reported=Input.of(first.name, hints[first.name], required=True),
            inputs={each.name: Input.of(each.name, hints[each.name], each.default is each.empty) for each in others},
        )

    @property
    def summary(self) -> str:
        """The first line of the function's docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    def read(self, value: str, inputs: str) -> tuple[Any, dict[str, Any]]:
        """The reported value and the inputs (`n=33; mean=6.8`) as the function takes them. Raises InvalidInputs."""
        problems: list[Problem] = []
        given = _pairs(inputs, problems)
        allowed = ", ".join(name if each.required else f"{name} (optional)" for name, each in self.inputs.items())
        for name in given:
            if name not in self.inputs:
                problems.append(Problem("inputs", f"input unknown to the check {self.name}", name, allowed))
        for name, each in self.inputs.items():
            if each.required and name not in given:
                problems.append(Problem("inputs", f"missing input of the check {self.name}", name, allowed))
        reported = _read(self.reported, value, "value", "unreadable value", problems)
        arguments = {
            name: _read(self.inputs[name], text, "inputs", f"unreadable input {name}", problems)
            for name, text in given.items()
            if name in self.inputs
        }
        if problems:
            raise InvalidInputs(problems)
        return reported, arguments

    def __call__(self, value: str, inputs: str) -> Finding:
        """Read and check. Raises InvalidInputs for what can not be read or makes no sense."""
        reported, arguments = self.read(value, inputs)
        try:
            return self.function(reported, **arguments)
        except ValueError as senseless:
            raise InvalidInputs([Problem("inputs", str(senseless), inputs, "numbers that fit together")]) from senseless


def _read(form: Input, text: str, column: str, problem: str, problems: list[Problem]) -> Any:
    try:
        return form.read(text)
    except ValueError:
        problems.append(Problem(column, problem, text, form.allowed))
        return None


def _pairs(inputs: str, problems: list[Problem]) -> dict[str, str]:
    given: dict[str, str] = {}
    for part in inputs.split(";"):
        name, equals, text = (word.strip() for word in part.partition("="))
        if not part.strip():
            continue
        if not equals or not name or not text:
            problems.append(Problem("inputs", "unreadable input", part.strip(), "name=value; name=value"))
        elif name in given:
            problems.append(Problem("inputs", "input given twice", name, "each name once"))
        else:
            given[name] = text
    return given
