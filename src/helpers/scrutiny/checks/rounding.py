"""Checks of a printed mean or SD against the number of values behind it."""

from __future__ import annotations

import math
from fractions import Fraction

from helpers.scrutiny.checks.wording import ONE, at_least, beside, exactly, listed, not_rounded, only_plain, printed
from helpers.scrutiny.debit import binary_variance, debit_counts
from helpers.scrutiny.finding import CONFLICTS, CONSISTENT, NOT_CHECKABLE, REPRODUCED, Finding
from helpers.scrutiny.grim import every_mean_passes, grid_step, nearest_means, possible_sums
from helpers.scrutiny.grimmer import every_sd_passes, nearest_sds, sd_possible
from helpers.scrutiny.printed_number import Printed
from helpers.scrutiny.sd_limits import ImpossibleMean
from helpers.scrutiny.sd_limits import sd_limits as limits_of_sd
from helpers.scrutiny.shares import fitting_counts

SAMPLE_SD = "the SD is that of the sample, with the divisor n \u2212 1"
MEAN_RESOLVES = "The number of patients under this mean would resolve it."
SD_RESOLVES = "The number of patients under this mean and SD, or how the SD was computed, would resolve it."


def grim(reported: Printed, *, n: int, items: int = 1, step: Printed = ONE) -> Finding:
    """GRIM: whether n values on a grid can have the printed mean.

    items: how many answers each value is the average of; step: the distance of neighbouring values. Where so many values
    can have any mean, nothing is checked.
    """
    at_least(1, n=n, items=items)
    only_plain(step=step)
    if reported.qualifier:
        return not_rounded(reported)
    unit = grid_step(step.exact) / items
    values = _values(n, items, step)
    if every_mean_passes(reported, n, unit):
        return Finding(NOT_CHECKABLE, "", f"{values} can have any mean with {_digits(reported)}.")
    sums = possible_sums(reported, n, unit)
    if not sums:
        nearest = [beside(mean, reported) for mean in nearest_means(reported, n, unit)]
        return Finding(
            CONFLICTS,
            listed(nearest, "or"),
            f"No {values} have a mean of {printed(reported)}; the nearest possible means are {listed(nearest)}.",
            resolution=MEAN_RESOLVES,
        )
    total = min(sums, key=lambda each: abs(each * unit / n - reported.exact)) * step.exact
    division = f"{exactly(total)} / {n * items} = {beside(total / (n * items), reported)}"
    return Finding(CONSISTENT, division, f"{values} can have a mean of {printed(reported)}: {division}.")


def grimmer(reported: Printed, *, mean: Printed, n: int, items: int = 1, step: Printed = ONE) -> Finding:
    """GRIMMER: whether n values on a grid can have the printed SD together with the printed mean.

    items and step as in the check grim. What passes may still be impossible; what conflicts is.
    """
    at_least(1, items=items)
    at_least(2, n=n)
    only_plain(mean=mean, step=step)
    _not_negative(reported)
    if reported.qualifier:
        return not_rounded(reported)
    unit = grid_step(step.exact) / items
    values = _values(n, items, step)
    if not possible_sums(mean, n, unit):
        reason = f"No {values} have a mean of {printed(mean)}, whatever their SD."
        return Finding(CONFLICTS, "", reason, resolution=MEAN_RESOLVES)
    possible = sd_possible(mean, reported, n, unit)
    if possible and every_sd_passes(reported, n, unit):
        reason = f"{values} with a mean of {printed(mean)} can have any SD near {printed(reported)}."
        return Finding(NOT_CHECKABLE, "", reason, SAMPLE_SD)
    below, above = nearest_sds(mean, reported, n, unit)
    nearest = [beside(sd, reported) for sd in (below, above) if sd is not None]
    if not possible:
        reason = f"No {values} with a mean of {printed(mean)} have an SD of {printed(reported)}; " + (
            f"the smallest is {nearest[0]}." if below is None else f"the nearest possible SDs are {listed(nearest)}."
        )
        return Finding(CONFLICTS, listed(nearest, "or"), reason, SAMPLE_SD, SD_RESOLVES)
    closest = min((sd for sd in (below, above) if sd is not None), key=lambda sd: abs(sd - reported.value))
    reason = f"{values} with a mean of {printed(mean)} can have an SD of {beside(closest, reported)}."
    return Finding(CONSISTENT, beside(closest, reported), reason, SAMPLE_SD)


def debit(reported: Printed, *, mean: Printed, n: int) -> Finding:
    """DEBIT: whether n zeros and ones with the printed mean have the printed SD."""
    at_least(2, n=n)
    only_plain(mean=mean)
    _not_negative(reported)
    if reported.qualifier:
        return not_rounded(reported)
    counts = fitting_counts(mean, n, whole=1)
    if not counts:
        reason = f"No {n} zeros and ones have a mean of {printed(mean)}, whatever their SD."
        return Finding(CONFLICTS, "", reason, resolution=MEAN_RESOLVES)
    possible = sorted({beside(math.sqrt(binary_variance(k, n)), reported) for k in counts})
    sds = possible[0] if len(possible) == 1 else f"{possible[0]} to {possible[-1]}"
    reason = f"{n} zeros and ones with a mean of {printed(mean)} have an SD of {sds}"
    fitting = debit_counts(mean, reported, n)
    if not fitting:
        return Finding(CONFLICTS, sds, f"{reason}, not {printed(reported)}.", SAMPLE_SD, SD_RESOLVES)
    status = REPRODUCED if len(fitting) == len(counts) else CONSISTENT
    return Finding(status, sds, f"{reason}.", SAMPLE_SD)


def sd_limits(
    reported: Printed, *, n: int, mean: Printed, min: Printed, max: Printed, step: Printed | None = None
) -> Finding:
    """SD limits: whether n values between min and max with the printed mean can have the printed SD.

    step: the distance of neighbouring values, where they lie on a grid that starts at min.
    """
    only_plain(mean=mean, min=min, max=max)
    _not_negative(reported)
    if reported.qualifier:
        return not_rounded(reported)
    grid = None if step is None else step.exact
    values = f"{n} values from {printed(min)} to {printed(max)}"
    try:
        limits = limits_of_sd(mean, n, min.exact, max.exact, step=grid)
    except ImpossibleMean:
        in_steps = "" if step is None else f" in steps of {step}"
        reason = f"No {values}{in_steps} have a mean of {printed(mean)}."
        return Finding(CONFLICTS, "", reason, resolution="The scale, or the unit of the mean, would resolve it.")
    low, high = beside(limits.low, reported), beside(limits.high, reported)
    span = f"{low} to {high}" if limits.low_variance else f"at most {high}"
    reason = f"{values} with a mean of {printed(mean)} have an SD of {span}"
    if limits.admits(reported):
        return Finding(CONSISTENT, span, f"{reason}.", SAMPLE_SD)
    resolution = "The scale, or whether this is an SD, would resolve it."
    return Finding(CONFLICTS, span, f"{reason}, not {printed(reported)}.", SAMPLE_SD, resolution)


def _values(n: int, items: int, step: Printed) -> str:
    grid = "whole numbers" if step.exact == Fraction(1) else f"values in steps of {step}"
    return f"{n} {grid}" if items == 1 else f"{n} averages of {items} {grid}"


def _digits(reported: Printed) -> str:
    return f"{reported.decimals or 'no'} decimal{'' if reported.decimals == 1 else 's'}"


def _not_negative(reported: Printed) -> None:
    if reported.scaled < 0:
        raise ValueError(f"an SD is not negative, got {reported}")
