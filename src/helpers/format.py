"""How numbers are written in the book: one place, so that a table, a chart and a sentence print the same digits."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

MINUS = "\u2212"
MISSING = "\u2013"
NOT_STATED = "not stated"
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

KIND_MARKS = {"primary": "", "patients": "¶", "derived": "†", "secondary": "‡", "registry": "§"}
KIND_MEANINGS = {
    "patients": "computed from the trial's own patient-level data",
    "derived": "computed by us from reported numbers",
    "secondary": "read in a secondary source, not in the report itself",
    "registry": "read in a trial registry",
}


def is_missing(x: object) -> bool:
    """True for None, NaN, NaT and pandas' NA; text is never missing."""
    if x is None or x is pd.NA or x is pd.NaT:
        return True
    return isinstance(x, float) and math.isnan(x)


def number(x: float | None, digits: int = 2, missing: str = MISSING) -> str:
    """A number with a fixed count of decimals, a true minus sign, and no negative zero; from a million on "3.0×10⁸"."""
    if x is None or is_missing(x):
        return missing
    if math.isinf(x):
        return "∞" if x > 0 else f"{MINUS}∞"
    text = f"{x:.{digits}f}"
    if abs(x) >= 1e6:
        mantissa, _, exponent = f"{x:.1e}".partition("e")
        text = f"{mantissa}×10{exponent.lstrip('+0').translate(SUPERSCRIPTS)}"
        return MINUS + text[1:] if x < 0 else text
    if text.startswith("-"):
        text = text[1:] if float(text) == 0 else MINUS + text[1:]
    return text


def percent(proportion: float | None, digits: int = 1, missing: str = MISSING) -> str:
    """A proportion (0 to 1) as a percentage: 0.0798 -> "8.0%"."""
    if proportion is None or is_missing(proportion):
        return missing
    return f"{number(100 * proportion, digits)}%"


def p_value(p: float | None) -> str:
    """ "p = 0.020"; "p < 0.001" below that. Raises ValueError outside 0 to 1."""
    if p is None or is_missing(p):
        return f"p {NOT_STATED}"
    if not 0 <= p <= 1:
        raise ValueError(f"a p-value lies between 0 and 1, not {p}")
    if p < 0.001:
        return "p < 0.001"
    if 0.9995 <= p < 1:
        return "p > 0.999"
    return f"p = {p:.3f}"


def interval(low: float | None, high: float | None, digits: int = 2) -> str:
    """ "0.17 to 1.04"; with one limit missing "up to 7.99" or "at least 0.17"; with both missing "not stated"."""
    return _interval_text(number(low, digits, missing=""), number(high, digits, missing=""))


def percent_interval(low: float | None, high: float | None, digits: int = 1) -> str:
    """Limits of a proportion (0 to 1): "3.5% to 29.0%", "up to 8.0%"."""
    return _interval_text(percent(low, digits, missing=""), percent(high, digits, missing=""))


def estimate_with_interval(estimate: float | None, low: float | None, high: float | None, digits: int = 2) -> str:
    """ "0.43 (0.17 to 1.04)"; the estimate alone when it has no limits; a dash when there is none."""
    return _with_interval(number(estimate, digits), interval(low, high, digits))


def percent_with_interval(estimate: float | None, low: float | None, high: float | None, digits: int = 1) -> str:
    """A proportion (0 to 1) with its limits: "0.0% (up to 8.0%)"."""
    return _with_interval(percent(estimate, digits), percent_interval(low, high, digits))


def kind_mark(kind: object) -> str:
    """The visible mark of a source kind: "" primary, "†" derived, "‡" secondary, "§" registry, "¶" patients.

    Raises ValueError for a kind that does not exist. A missing kind has no mark.
    """
    if is_missing(kind) or kind == "":
        return ""
    try:
        return KIND_MARKS[str(kind)]
    except KeyError:
        raise ValueError(f"unknown source kind {kind!r}; allowed: {', '.join(KIND_MARKS)}") from None


def kind_legend(kinds: Iterable[object]) -> str:
    """What the marks among `kinds` mean, in a fixed order; empty when all are primary."""
    present = {str(kind) for kind in kinds if kind_mark(kind)}
    return "; ".join(f"{KIND_MARKS[kind]} {meaning}" for kind, meaning in KIND_MEANINGS.items() if kind in present)


def _interval_text(low: str, high: str) -> str:
    if low and high:
        return f"{low} to {high}"
    if high:
        return f"up to {high}"
    return f"at least {low}" if low else NOT_STATED


def _with_interval(estimate: str, limits: str) -> str:
    return estimate if estimate == MISSING or limits == NOT_STATED else f"{estimate} ({limits})"
