"""Checks of printed numbers against each other by plain arithmetic."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from helpers.format import MINUS
from helpers.scrutiny.checks.wording import (
    at_least,
    beside,
    conflict,
    exactly,
    listed,
    not_rounded,
    only_plain,
    printed,
)
from helpers.scrutiny.finding import CONFLICTS, CONSISTENT, NOT_CHECKABLE, REPRODUCED, Finding
from helpers.scrutiny.printed_number import Printed

NUMBERS_RESOLVE = "The source of each of these numbers would resolve it."


def sum_(reported: Printed, *, parts: tuple[Printed, ...], at_most: int | None = None) -> Finding:
    """Sums: whether the parts add up to the printed total, and to no more than at_most.

    Parts may be negative (losses). Parts printed as whole numbers count as exact; those with decimals as rounded.
    """
    only_plain(parts=parts)
    if not parts:
        raise ValueError("parts: must be at least one")
    total = Fraction(sum(part.exact for part in parts))
    slack = Fraction(sum(part.half_unit for part in parts if part.decimals))
    addition = _addition(parts, total)
    if at_most is not None and total - slack > at_most:
        return Finding(CONFLICTS, exactly(total), f"{addition}, more than {at_most}.", resolution=NUMBERS_RESOLVE)
    limit = "" if at_most is None else f", at most {at_most}"
    if reported.qualifier:
        status = CONSISTENT if reported.admits(total) else CONFLICTS
    elif total == reported.exact:
        status = REPRODUCED
    else:
        own = reported.half_unit if reported.decimals else Fraction(0)
        status = CONSISTENT if abs(total - reported.exact) <= slack + own else CONFLICTS
    if status == CONFLICTS:
        return conflict(reported, exactly(total), f"{addition}, not {printed(reported)}.", NUMBERS_RESOLVE)
    exact_enough = "" if status == REPRODUCED or reported.qualifier else f"; rounding allows for {printed(reported)}"
    return Finding(status, exactly(total), f"{addition}{limit}{exact_enough}.")


def equal(reported: Printed, *, other: Printed) -> Finding:
    """Equality: whether a number printed in two places is the same, up to the digits that the shorter one leaves out."""
    there = printed(other)
    if (reported.qualifier, reported.exact) == (other.qualifier, other.exact):
        return Finding(REPRODUCED, there, f"Both places have {there}.")
    if reported.qualifier and other.qualifier:
        reason = f"One place has {printed(reported)}, the other {there}; neither gives the value."
        return Finding(NOT_CHECKABLE, there, reason)
    if not reported.qualifier and _leaves_room(reported, other):
        return Finding(REPRODUCED, there, f"The other place has {there}, which prints as {printed(reported)}.")
    if _leaves_room(reported, other) or _leaves_room(other, reported):
        return Finding(CONSISTENT, there, f"The other place has {there}, which agrees with {printed(reported)}.")
    reason = f"One place has {printed(reported)}, the other {there}."
    return conflict(reported, there, reason, "The source of both numbers would resolve it.")


def within(reported: Printed, *, low: Printed, high: Printed) -> Finding:
    """Range: whether the printed number lies between two others, whatever was rounded away."""
    only_plain(low=low, high=high)
    if high.exact < low.exact:
        raise ValueError(f"high: must not be below low, {low}; got {high}")
    if reported.qualifier:
        return not_rounded(reported)
    span = f"{printed(low)} to {printed(high)}"
    if low.exact <= reported.exact <= high.exact:
        return Finding(CONSISTENT, span, f"{printed(reported)} lies within {span}.")
    reason = f"{printed(reported)} lies outside {span}"
    if _surely_above(reported, high) or _surely_above(low, reported):
        return Finding(CONFLICTS, span, f"{reason}.", resolution=NUMBERS_RESOLVE)
    return Finding(CONSISTENT, span, f"{reason} by no more than rounding explains.")


def order(reported: str, *, values: tuple[Printed, ...]) -> Finding:
    """Order: whether the values never decrease, whatever was rounded away; the reported text is not read."""
    only_plain(values=values)
    if len(values) < 2:
        raise ValueError("values: must be at least two")
    sequence = ", ".join(printed(value) for value in values)
    for lower, upper in pairwise(values):
        if _surely_above(lower, upper):
            reason = f"Of {sequence}, {printed(upper)} comes after {printed(lower)} but is smaller."
            return Finding(CONFLICTS, sequence, reason, resolution=NUMBERS_RESOLVE)
    exactly_so = all(lower.exact <= upper.exact for lower, upper in pairwise(values))
    reason = f"{sequence} are in order." if exactly_so else f"{sequence} are in order once rounding is allowed for."
    return Finding(CONSISTENT, sequence, reason)


def weighted_mean(reported: Printed, *, means: tuple[Printed, ...], n: tuple[int, ...]) -> Finding:
    """Weighted mean: whether the means of the parts, weighted by their numbers of patients, give the printed overall mean."""
    only_plain(means=means)
    at_least(1, n=n)
    if len(means) != len(n) or not n:
        raise ValueError(f"n: must have one number for each of the {len(means)} means, got {len(n)}")
    if reported.qualifier:
        return not_rounded(reported)
    overall = Fraction(sum(mean.exact * size for mean, size in zip(means, n, strict=True)), sum(n))
    slack = Fraction(sum(mean.half_unit * size for mean, size in zip(means, n, strict=True)), sum(n))
    result = beside(overall, reported)
    parts = listed([f"{printed(mean)} (n = {size})" for mean, size in zip(means, n, strict=True)])
    reason = f"The weighted mean of {parts} is {result}"
    if reported.admits(overall):
        return Finding(REPRODUCED, result, f"{reason}.")
    if reported.interval().meets(overall - slack, overall + slack):
        return Finding(CONSISTENT, result, f"{reason}; the rounding of the parts allows for {printed(reported)}.")
    resolution = "The numbers of patients under the means, or their sources, would resolve it."
    return Finding(CONFLICTS, result, f"{reason}, not {printed(reported)}.", resolution=resolution)


def _addition(parts: tuple[Printed, ...], total: Fraction) -> str:
    first, *others = parts
    terms = "".join(f" {MINUS if part.scaled < 0 else '+'} {str(part).lstrip('-')}" for part in others)
    return f"{printed(first)}{terms} = {exactly(total)}"


def _leaves_room(wide: Printed, narrow: Printed) -> bool:
    """Whether `wide` leaves room for the plain number `narrow`, by a sign such as < or by fewer digits."""
    if narrow.qualifier or not (wide.qualifier or wide.decimals < narrow.decimals):
        return False
    return wide.admits(narrow.exact)


def _surely_above(upper: Printed, lower: Printed) -> bool:
    """Whether `upper` is larger whatever the rounding; of two numbers with the same decimals rounding keeps the order."""
    return upper.exact - upper.half_unit >= lower.exact + lower.half_unit
