"""Numbers as they are printed in a data file: text that keeps its trailing zeros."""

from __future__ import annotations

import math
import re

# [0-9] and not \d, which also matches the digits of other scripts
NUMBER = r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
WHOLE = r"0|[1-9][0-9]*"

_NUMBER = re.compile(NUMBER)
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")


def to_number(text: str) -> float:
    """Return the number, or nan where the text is not one (empty, `1,5`, `<0.001`, `nan`, ...)."""
    return float(text) if _NUMBER.fullmatch(text) else math.nan


def how_to_write(text: str) -> str:
    """Say how an unreadable number has to be written."""
    if text != text.strip():
        return "no blanks around the number"
    if re.match(r"[<>=~≤≥≈]", text):
        return "the number alone, and its sign (<, <=, >, >= or ~) in the column qualifier"
    if dash := _DASHES.search(text):
        return f"a plain hyphen-minus as the minus sign, not U+{ord(dash.group()):04X}"
    if "±" in text:
        return "the mean and the sd in two rows"
    if text.endswith("%"):
        return "the number alone, and % in the column unit"
    if "," in text:
        return "a decimal point and no thousands separators, such as 1.5 or 1500"
    return "a number such as 12, 0.50 or -1.5"


def decimals(text: str) -> int:
    """Digits printed after the decimal point."""
    return len(text.lower().partition("e")[0].partition(".")[2])


def plain(number: float) -> str:
    """Write a number for a message: no trailing zeros, at most six significant digits."""
    return f"{number:.6g}"
