"""What a printed p is worth beside the p of one or more tests that may lie behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from helpers.format import SUPERSCRIPTS
from helpers.scrutiny.checks.wording import conflict, listed, printed
from helpers.scrutiny.finding import CONSISTENT, NOT_CHECKABLE, REPRODUCED, Finding
from helpers.scrutiny.p_values import PSpan
from helpers.scrutiny.printed_number import Printed


def p_digits(p: float) -> str:
    """Four decimals, two digits below 0.001: `0.0204`, `0.00053`, `5.6×10⁻¹⁵`."""
    if p == 0:
        return "0"
    if p >= 0.00095:
        return f"{p:.4f}"
    mantissa, _, exponent = f"{p:.1e}".partition("e")
    if p >= 1e-6:
        return f"{p:.{1 - int(exponent)}f}"
    return f"{mantissa}×10⁻{exponent.lstrip('-0').translate(SUPERSCRIPTS)}"


def judge_p(
    reported: Printed, tests: Mapping[str, PSpan], *, complete: bool, resolution: str, assumption: str = ""
) -> Finding:
    """Compare the printed p with the p of every test, by name, that may have given it.

    complete: no other test can lie behind the printed p, so that it conflicts where none gives it. resolution: said then.
    assumption: said with what is not reproduced; where only some tests give the printed p, the assumption is one of those.
    Raises ValueError for a printed p outside 0 to 1.
    """
    must_be_p(reported)
    value = printed(reported)
    recomputed = "; ".join(f"p = {p_digits(span.p)}" + f" ({name})" * (len(tests) > 1) for name, span in tests.items())
    agree = [name for name, span in tests.items() if reported.admits(span.p)]
    possible = [name for name, span in tests.items() if span.meets(reported)]
    if len(agree) == len(tests):
        reason = _capital(f"{_gives(tests, spans=False)}, in agreement with {value}.")
        return (
            Finding(REPRODUCED, recomputed, reason) if complete else Finding(CONSISTENT, recomputed, reason, assumption)
        )
    if possible and len(tests) == 1:
        return Finding(CONSISTENT, recomputed, _capital(f"{_gives(tests)}, which allows for {value}."), assumption)
    if possible:
        fitting = listed(agree or possible, "or")
        reason = _capital(f"{_gives(tests)}; {value} fits {fitting}.")
        return Finding(CONSISTENT, recomputed, reason, f"the printed p is that of {fitting}")
    reason = _nearest_first(reported, tests)
    if complete:
        return replace(conflict(reported, recomputed, _capital(reason), resolution), assumption=assumption)
    return Finding(NOT_CHECKABLE, recomputed, f"The test is not named: {reason}", assumption)


def must_be_p(reported: Printed) -> None:
    """Raises ValueError for what lies outside 0 to 1."""
    if not 0 <= reported.exact <= 1:
        raise ValueError(f"the reported p must lie between 0 and 1, got {reported}")


def _gives(tests: Mapping[str, PSpan], spans: bool = True) -> str:
    parts = [
        f"{name} gives p = {p_digits(span.p)}{_rounding(span, first=not i) if spans else ''}"
        for i, (name, span) in enumerate(tests.items())
    ]
    return listed(parts)


def _nearest_first(reported: Printed, tests: Mapping[str, PSpan]) -> str:
    """What the tests give instead of the printed p; the nearest is named as such where it is within a factor of two."""

    def factor(name: str) -> float:
        target = float(reported.exact or reported.half_unit)
        return abs(math.log(max(tests[name].p, 1e-300) / target))

    nearest, *others = sorted(tests, key=factor)
    if not others or factor(nearest) > math.log(2):
        return f"{_gives(tests)}, not {printed(reported)}."
    ends = [
        f"{name} lies {'far' if factor(name) > math.log(2) else 'farther'} off"
        f" with p = {p_digits(tests[name].p)}{_rounding(tests[name], first=False)}"
        for name in others
    ]
    start = f"{nearest} comes nearest to {printed(reported)} with p = {p_digits(tests[nearest].p)}"
    return f"{start}{_rounding(tests[nearest], first=True)}, and {listed(ends)}."


def _rounding(span: PSpan, first: bool) -> str:
    low, high = p_digits(span.low), p_digits(span.high)
    if low == high:
        return ""
    return f" ({low} to {high} with the rounding of the inputs)" if first else f" ({low} to {high})"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
