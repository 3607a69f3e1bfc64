"""Checks of what random allocation makes likely: it can be unlikely, but seldom impossible."""

from __future__ import annotations

import re

from helpers.scrutiny.allocation import allocation_p
from helpers.scrutiny.baseline_balance import baseline_balance as balance_of
from helpers.scrutiny.checks.p_judgement import p_digits
from helpers.scrutiny.checks.wording import only_plain
from helpers.scrutiny.finding import CONFLICTS, CONSISTENT, NOT_CHECKABLE, REPRODUCED, Finding
from helpers.scrutiny.printed_number import Printed

UNLIKELY = 0.05
NOT_BY_CHANCE = 0.001
FEWEST_VARIABLES = 5


def allocation(reported: str, *, ratio: str) -> Finding:
    """Allocation: whether the numbers of patients in two arms, such as 39:15, fit the ratio of their allocation, such as 2:1.

    They conflict where the exact binomial test gives p below 0.001.
    """
    (n1, n2), (ratio1, ratio2) = _pair("the reported numbers", reported, 0), _pair("ratio", ratio, 1)
    p = allocation_p(n1, n2, ratio1, ratio2)
    if n1 * ratio2 == n2 * ratio1:
        return Finding(REPRODUCED, f"{ratio1}:{ratio2}", f"{n1}:{n2} is {ratio1}:{ratio2}.")
    recomputed = f"p = {p_digits(p)}"
    test = f"(exact binomial test, {recomputed})"
    if p >= UNLIKELY:
        return Finding(CONSISTENT, recomputed, f"{n1}:{n2} is compatible with allocation {ratio1}:{ratio2} {test}.")
    if p >= NOT_BY_CHANCE:
        reason = f"{n1}:{n2} is an unlikely but possible result of allocation {ratio1}:{ratio2} {test}."
        return Finding(CONSISTENT, recomputed, reason)
    reason = f"{n1}:{n2} does not come from allocation {ratio1}:{ratio2} by chance {test}."
    return Finding(CONFLICTS, recomputed, reason, resolution="The numbers allocated to each arm would resolve it.")


def baseline_balance(reported: str, *, p: tuple[Printed, ...]) -> Finding:
    """Baseline balance: whether the p-values of baseline comparisons are spread as chance allocation spreads them.

    The reported text is not read. Never a conflict: the variables of one patient depend on each other, many are not normal,
    and few digits or few variables say little (Carlisle 2017).
    """
    only_plain(p=p)
    found = balance_of(p)
    stouffer, span = found.stouffer, ""
    if p_digits(stouffer.low) != p_digits(stouffer.high):
        span = f", {p_digits(stouffer.low)} to {p_digits(stouffer.high)} with their rounding"
    recomputed = f"p = {p_digits(stouffer.p)}"
    combined = (
        f"{found.variables} baseline p-values combine to p = {p_digits(stouffer.p)} (Stouffer{span}) and their spread has"
        f" p = {p_digits(found.kolmogorov)} (Kolmogorov)"
    )
    if found.variables < FEWEST_VARIABLES:
        return Finding(
            NOT_CHECKABLE, recomputed, f"{combined}, but fewer than {FEWEST_VARIABLES} variables show little."
        )
    assumption = "the variables are independent, continuous and nearly normal"
    likelihood = min(2 * stouffer.high, 2 * (1 - stouffer.low), found.kolmogorov)
    if likelihood >= NOT_BY_CHANCE:
        return Finding(CONSISTENT, recomputed, f"{combined}, as chance allocation may give.", assumption)
    look = "more different" if stouffer.p < 0.5 else "more alike"
    reason = f"{combined}; variables that depend on each other can make groups look {look} than chance does."
    return Finding(NOT_CHECKABLE, recomputed, reason, assumption)


def _pair(name: str, text: str, least: int) -> tuple[int, int]:
    match = re.fullmatch(r"\s*([0-9]+)\s*:\s*([0-9]+)\s*", text)
    if not match or min(int(match[1]), int(match[2])) < least:
        raise ValueError(f"{name}: must be two whole numbers from {least} on, such as 2:1, got {text!r}")
    return int(match[1]), int(match[2])
