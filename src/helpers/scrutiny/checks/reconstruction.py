"""The check of a printed SD against every data set that could lie behind it."""

from __future__ import annotations

from fractions import Fraction

from helpers.format import number, percent_interval
from helpers.scrutiny.checks.rounding import SAMPLE_SD, SD_RESOLVES
from helpers.scrutiny.checks.wording import ONE, exactly, not_rounded, only_plain, printed
from helpers.scrutiny.finding import CONFLICTS, CONSISTENT, NOT_CHECKABLE, Finding
from helpers.scrutiny.printed_number import Printed
from helpers.scrutiny.reconstruction.closure import count_data_sets
from helpers.scrutiny.reconstruction.inference import Bounds, count_at_least, median
from helpers.scrutiny.reconstruction.sprite import sprite
from helpers.scrutiny.reconstruction.targets import Targets
from helpers.scrutiny.reconstruction.ways import TableTooLarge

# Beyond this product of n and the square of the levels within reach, exact bounds can take minutes.
LARGEST_WITH_BOUNDS = 25_000
MOST_VALUES = 2_000  # more take minutes to search
SEARCHES, SEED = 100, 1
NO_DATA_SET = "no data set"


def reconstruction(
    reported: Printed,
    *,
    mean: Printed,
    n: int,
    min: Printed,
    max: Printed,
    step: Printed = ONE,
    at_least: Printed | None = None,
) -> Finding:
    """Reconstruction: whether any data set has the printed SD with its mean, and what all that do have in common.

    The n values lie on min, min + step, ..., max. at_least: a cut; how many values can lie there or above is stated. What the
    data sets have in common is left out where finding it would take long, and so is all of it beyond 2,000 values.
    """
    only_plain(mean=mean, min=min, max=max, step=step, **({} if at_least is None else {"at_least": at_least}))
    if reported.qualifier:
        return not_rounded(reported)
    if n > MOST_VALUES:
        return Finding(NOT_CHECKABLE, "", f"{n} values are too many to be reconstructed; up to {MOST_VALUES} are.")
    targets = Targets.of(mean, reported, n, min.exact, max.exact, step=step.exact)
    steps = "" if step.exact == 1 else f" in steps of {step}"
    values = f"{n} values from {printed(min)} to {printed(max)}{steps}"
    both = f"a mean of {printed(mean)} and an SD of {printed(reported)}"
    data_sets = _data_sets(targets)
    if data_sets == NO_DATA_SET:
        return Finding(CONFLICTS, data_sets, f"No {values} have {both}.", SAMPLE_SD, SD_RESOLVES)
    if data_sets is None:
        return Finding(NOT_CHECKABLE, "", f"A search among {values} found none with {both}.", SAMPLE_SD)
    if n * len(targets.reachable) ** 2 > LARGEST_WITH_BOUNDS:
        return Finding(CONSISTENT, data_sets, f"{values} have {both} in {data_sets}.", SAMPLE_SD)
    middle = f"median of {_span(median(targets))}"
    reason = f"{values} have {both} in {data_sets}, with a {middle}"
    recomputed = f"{data_sets}; {middle}"
    if at_least is not None:
        count = count_at_least(targets, at_least.exact)
        above = (
            f"{_span(count)} values ({percent_interval(count.low / n, count.high / n)}) at {printed(at_least)} or above"
        )
        reason, recomputed = f"{reason} and {above}", f"{recomputed}; {above}"
    return Finding(CONSISTENT, recomputed, f"{reason}.", SAMPLE_SD)


def _data_sets(targets: Targets) -> str | None:
    """Their number in words; None where there are too many to count and a search finds none."""
    try:
        total = count_data_sets(targets)
    except TableTooLarge:
        return "more data sets than can be counted" if len(sprite(targets, SEARCHES, seed=SEED).counts) else None
    if total == 0:
        return NO_DATA_SET
    return f"{number(total, 0) if total >= 1e6 else format(total, ',')} data set{'' if total == 1 else 's'}"


def _span(bounds: Bounds) -> str:
    low, high = (exactly(Fraction(each)) for each in (bounds.low, bounds.high))
    return low if low == high else f"{low} to {high}"
