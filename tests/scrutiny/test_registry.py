"""A check's keyword arguments are the inputs a claims file may give."""

from __future__ import annotations

from typing import Literal

import pytest

from helpers.scrutiny.finding import CONSISTENT, Finding
from helpers.scrutiny.printed_number import Printed
from helpers.scrutiny.registry import Check, InvalidInputs


def add_up_(reported: Printed, *, parts: tuple[Printed, ...], n: int, test: Literal["one", "two"] = "one") -> Finding:
    """Do the parts add up?

    Only here.
    """
    if n < 1:
        raise ValueError("n must be at least 1")
    return Finding(CONSISTENT, f"{sum(part.value for part in parts):g}", f"{reported} {n} {test}")


CHECK = Check.of(add_up_)


def problems(value: str, inputs: str) -> list[tuple[str, str, str]]:
    with pytest.raises(InvalidInputs) as invalid:
        CHECK(value, inputs)
    return [(each.column, each.problem, each.value) for each in invalid.value.problems]


def test_the_name_is_the_functions_in_the_words_of_the_file() -> None:
    assert CHECK.name == "add-up"
    assert CHECK.summary == "Do the parts add up?"


def test_inputs_are_read_by_their_annotations_and_defaults_hold() -> None:
    found = CHECK("3.50", "parts=1.5 2.00 ; n=4")
    assert (found.recomputed, found.reason) == ("3.5", "3.50 4 one")
    assert CHECK("3.50", "n=4;parts=1;test=two").reason == "3.50 4 two"


def test_every_problem_of_a_claim_is_named_at_once() -> None:
    assert problems("abc", "part=1; n=1.5; n=2; test") == [
        ("inputs", "input given twice", "n"),
        ("inputs", "unreadable input", "test"),
        ("inputs", "input unknown to the check add-up", "part"),
        ("inputs", "missing input of the check add-up", "parts"),
        ("value", "unreadable value", "abc"),
        ("inputs", "unreadable input n", "1.5"),
    ]


def test_a_word_outside_the_choices_is_named_with_them() -> None:
    with pytest.raises(InvalidInputs, match=r"unreadable input test \(three\); one or two"):
        CHECK("1", "parts=1; n=1; test=three")


def test_inputs_that_make_no_sense_are_a_problem_of_the_inputs() -> None:
    assert problems("1", "parts=1; n=0") == [("inputs", "n must be at least 1", "parts=1; n=0")]
