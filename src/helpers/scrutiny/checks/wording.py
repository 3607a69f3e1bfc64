"""How the checks write numbers, and what they refuse."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from helpers.format import MINUS, number
from helpers.scrutiny.finding import CONFLICTS, NOT_CHECKABLE, Finding
from helpers.scrutiny.printed_number import Printed

ONE = Printed("", 1, 0)
LONGEST_LIST = 6


def printed(value: Printed) -> str:
    """As it was printed, with a true minus sign."""
    return str(value).replace("-", MINUS)


def beside(value: Fraction | float, reported: Printed) -> str:
    """A recomputed value with two digits more than the reported one, so that its rounding can be seen."""
    return number(float(value), reported.decimals + 2)


def exactly(value: Fraction) -> str:
    """A value that has few digits, without trailing zeros."""
    return f"{float(value):.10g}".replace("-", MINUS)


def listed(texts: Sequence[str], joint: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`; a long list is cut and says by how many."""
    shown = list(texts[:LONGEST_LIST])
    if len(texts) > LONGEST_LIST:
        shown.append(f"{len(texts) - LONGEST_LIST} more")
    return f" {joint} ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)


def only_plain(**values: Printed | tuple[Printed, ...]) -> None:
    """Refuse inputs that carry a sign such as <. Raises ValueError with the argument's name."""
    for name, value in values.items():
        for each in value if isinstance(value, tuple) else (value,):
            if each.qualifier:
                raise ValueError(f"{name}: must be a number without a sign such as <, got {each}")


def at_least(least: int, **values: int | tuple[int, ...]) -> None:
    """Refuse numbers below `least`. Raises ValueError with the argument's name."""
    for name, value in values.items():
        for each in value if isinstance(value, tuple) else (value,):
            if each < least:
                raise ValueError(f"{name}: must be at least {least}, got {each}")


def not_rounded(reported: Printed) -> Finding:
    """For a reported number with a sign such as < or ~, where only the rounding of its digits could be checked."""
    return Finding(NOT_CHECKABLE, "", f"The digits of {printed(reported)} are no rounded value that could be checked.")


def conflict(reported: Printed, recomputed: str, reason: str, resolution: str) -> Finding:
    """A conflict, but for a reported number that only claims to be near (~)."""
    if reported.qualifier == "~":
        return Finding(NOT_CHECKABLE, recomputed, f"{reason} The number is given as approximate.")
    return Finding(CONFLICTS, recomputed, reason, resolution=resolution)
