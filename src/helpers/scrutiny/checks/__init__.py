"""The checks that a row of a claims file can name, each a function that returns a Finding."""

from collections.abc import Callable

from helpers.scrutiny.checks import (
    arithmetic,
    randomisation,
    reconstruction,
    reported_strings,
    rounding,
    shares,
    significance,
)
from helpers.scrutiny.finding import Finding
from helpers.scrutiny.registry import Check

_FUNCTIONS: tuple[Callable[..., Finding], ...] = (
    arithmetic.sum_,
    arithmetic.equal,
    arithmetic.within,
    arithmetic.order,
    arithmetic.weighted_mean,
    shares.percent,
    shares.proportion,
    rounding.grim,
    rounding.grimmer,
    rounding.debit,
    rounding.sd_limits,
    significance.two_sample_t,
    significance.paired_t,
    significance.mann_whitney,
    significance.fisher,
    significance.chi_square,
    significance.rate_ratio,
    significance.p_interval,
    reported_strings.statcheck,
    randomisation.allocation,
    randomisation.baseline_balance,
    reconstruction.reconstruction,
)

CHECKS = {check.name: check for check in map(Check.of, _FUNCTIONS)}
"""Every check by the name that a claims file gives it."""
