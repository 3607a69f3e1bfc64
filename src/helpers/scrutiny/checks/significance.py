"""Checks of a printed p against the numbers under the test."""

from __future__ import annotations

from typing import Literal

from helpers.effects import chi_square_p, fisher_p, wilcoxon_p
from helpers.scrutiny.checks.p_judgement import judge_p, must_be_p, p_digits
from helpers.scrutiny.checks.wording import at_least, conflict, only_plain, printed
from helpers.scrutiny.finding import NOT_CHECKABLE, Finding
from helpers.scrutiny.mann_whitney import exact_wilcoxon_p, smallest_p
from helpers.scrutiny.p_and_interval import p_from_interval
from helpers.scrutiny.p_values import PSpan, paired_p, two_sample_p
from helpers.scrutiny.printed_number import Printed
from helpers.scrutiny.rate_p_values import exact_rate_p, wald_rate_p

NINETY_FIVE = Printed("", 95, 0)
MOST_FOR_EXACT = 100  # patients; with more, reports use the normal approximation
SUMMARY_RESOLVES = "The numbers of patients under the means, or the unrounded means and SDs, would resolve it."
COUNTS_RESOLVE = "The numbers of patients under this comparison, or the name of the test, would resolve it."
METHOD_RESOLVES = "The methods behind the interval and the p would resolve it."


def two_sample_t(
    reported: Printed,
    *,
    mean1: Printed,
    sd1: Printed,
    n1: int,
    mean2: Printed,
    sd2: Printed,
    n2: int,
    test: Literal["welch", "student", "not named"] = "not named",
) -> Finding:
    """Two-sample t test: whether the means, SDs and numbers of two groups give the printed p, by Welch's test or Student's."""
    only_plain(mean1=mean1, sd1=sd1, mean2=mean2, sd2=sd2)
    at_least(2, n1=n1, n2=n2)
    tests = {
        name: two_sample_p(mean1, sd1, n1, mean2, sd2, n2, equal_var=name == "student")
        for name in ("welch", "student")
        if test in (name, "not named")
    }
    named = {f"{name.capitalize()}'s t test": span for name, span in tests.items()}
    return judge_p(reported, named, complete=test != "not named", resolution=SUMMARY_RESOLVES)


def paired_t(reported: Printed, *, mean: Printed, sd: Printed, n: tuple[int, ...]) -> Finding:
    """Paired t test: whether mean and SD of the change give the printed p, with each n that may lie under them."""
    only_plain(mean=mean, sd=sd)
    at_least(2, n=n)
    if not n:
        raise ValueError("n: must be at least one number of patients")
    tests = {f"the paired t test of {patients} patients": paired_p(mean, sd, patients) for patients in n}
    return judge_p(reported, tests, complete=True, resolution=SUMMARY_RESOLVES)


def mann_whitney(
    reported: Printed,
    *,
    counts1: tuple[int, ...] | None = None,
    counts2: tuple[int, ...] | None = None,
    n1: int | None = None,
    n2: int | None = None,
) -> Finding:
    """Mann-Whitney test: whether the patients at each level give the printed p, or whether any n1 and n2 patients can.

    Either counts1 and counts2, in the order of the scale, or n1 and n2.
    """
    if counts1 is not None and counts2 is not None and n1 is None and n2 is None:
        return _mann_whitney_of_counts(reported, counts1, counts2)
    if n1 is not None and n2 is not None and counts1 is None and counts2 is None:
        return _mann_whitney_of_sizes(reported, n1, n2)
    raise ValueError("counts1 and counts2, or n1 and n2: one of these pairs must be given, and not the other")


def fisher(reported: Printed, *, events1: int, n1: int, events2: int, n2: int) -> Finding:
    """Fisher's exact test: whether the patients with the event in two groups give the printed two-sided p."""
    _events_within(events1, n1, events2, n2)
    tests = {"Fisher's exact test": PSpan.exactly(float(fisher_p(events1, n1, events2, n2)))}
    return judge_p(reported, tests, complete=True, resolution=COUNTS_RESOLVE)


def chi_square(
    reported: Printed,
    *,
    events1: int,
    n1: int,
    events2: int,
    n2: int,
    correction: Literal["yes", "no", "not named"] = "not named",
) -> Finding:
    """Chi-square test: whether the patients with the event in two groups give the printed p, with or without Yates' correction."""
    _events_within(events1, n1, events2, n2)
    if events1 + events2 in (0, n1 + n2):
        must_be_p(reported)
        return Finding(
            NOT_CHECKABLE, "", "The chi-square test is not defined where all patients or none have the event."
        )
    names = {"no": "the chi-square test without correction", "yes": "the chi-square test with Yates' correction"}
    tests = {
        name: PSpan.exactly(float(chi_square_p(events1, n1, events2, n2, correct=choice == "yes")))
        for choice, name in names.items()
        if correction in (choice, "not named")
    }
    return judge_p(reported, tests, complete=True, resolution=COUNTS_RESOLVE)


def rate_ratio(reported: Printed, *, events1: int, time1: Printed, events2: int, time2: Printed) -> Finding:
    """Rate ratio: whether the events over time in two groups give the printed p, by the exact test or by Wald's."""
    only_plain(time1=time1, time2=time2)
    at_least(0, events1=events1, events2=events2)
    if events1 + events2 == 0:
        must_be_p(reported)
        return Finding(NOT_CHECKABLE, "", "Two rates without events can not be compared.")
    tests = {
        "the exact test of two Poisson rates": exact_rate_p(events1, time1, events2, time2),
        "Wald's test of the log rate ratio": wald_rate_p(events1, time1, events2, time2),
    }
    return judge_p(reported, tests, complete=False, resolution=COUNTS_RESOLVE)


def p_interval(
    reported: Printed,
    *,
    estimate: Printed,
    ci_low: Printed,
    ci_high: Printed,
    scale: Literal["linear", "log"] = "linear",
    level: Printed = NINETY_FIVE,
    n: int | None = None,
) -> Finding:
    """p and interval: whether an estimate and its confidence interval give the printed p.

    scale: log for ratios. level: of the interval, in percent. n: Student's t with n - 1 degrees of freedom, else normal.
    """
    only_plain(estimate=estimate, ci_low=ci_low, ci_high=ci_high, level=level)
    if n is not None:
        at_least(2, n=n)
    if not 0 < level.exact < 100:
        raise ValueError(f"level: must lie between 0 and 100, got {level}")
    df = None if n is None else n - 1
    limits = f"{printed(ci_low)} to {printed(ci_high)}"
    of = p_from_interval(estimate, ci_low, ci_high, log_scale=scale == "log", level=float(level.exact / 100), df=df)
    if not of.inside:
        must_be_p(reported)
        reason = f"The estimate {printed(estimate)} lies outside its interval, {limits}."
        return conflict(reported, "", reason, "The source of estimate and interval would resolve it.")
    if not of.symmetric and not of.span.meets(reported):
        must_be_p(reported)
        reason = f"The interval {limits} does not lie evenly around {printed(estimate)}, so it gives no p on the {scale} scale."
        return Finding(NOT_CHECKABLE, "", reason)
    return judge_p(
        reported,
        {f"the interval {limits} around {printed(estimate)}": of.span},
        complete=of.symmetric,
        resolution=METHOD_RESOLVES,
        assumption=f"interval and p come from one test on the {scale} scale",
    )


def _mann_whitney_of_counts(reported: Printed, counts1: tuple[int, ...], counts2: tuple[int, ...]) -> Finding:
    at_least(0, counts1=counts1, counts2=counts2)
    approximation = "the normal approximation corrected for ties"
    p_values = {
        approximation: wilcoxon_p(counts1, counts2),
        f"{approximation} and continuity": wilcoxon_p(counts1, counts2, continuity=True),
    }
    if sum(counts1) + sum(counts2) <= MOST_FOR_EXACT:
        p_values["the exact Mann-Whitney test"] = exact_wilcoxon_p(counts1, counts2)
    tests = {name: PSpan.exactly(float(p)) for name, p in p_values.items()}
    return judge_p(reported, tests, complete=True, resolution=COUNTS_RESOLVE)


def _mann_whitney_of_sizes(reported: Printed, n1: int, n2: int) -> Finding:
    at_least(1, n1=n1, n2=n2)
    must_be_p(reported)
    least = smallest_p(n1, n2).least
    recomputed = f"p at least {p_digits(least)}"
    bound = f"A Mann-Whitney test of {n1} against {n2} patients can give no p below {p_digits(least)}"
    if PSpan(least, least, 1.0).meets(reported):
        reason = f"{bound}; of {printed(reported)} no more is known without the patients at each level."
        return Finding(NOT_CHECKABLE, recomputed, reason)
    return conflict(reported, recomputed, f"{bound}, which excludes {printed(reported)}.", COUNTS_RESOLVE)


def _events_within(events1: int, n1: int, events2: int, n2: int) -> None:
    at_least(1, n1=n1, n2=n2)
    at_least(0, events1=events1, events2=events2)
    for name, events, n in (("events1", events1, n1), ("events2", events2, n2)):
        if events > n:
            raise ValueError(f"{name}: must not exceed its n, {n}; got {events}")
