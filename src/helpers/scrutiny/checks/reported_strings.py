"""Checks of tests that a text reports with their statistic, degrees of freedom and p."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from helpers.scrutiny import statcheck as reported_tests
from helpers.scrutiny.checks.p_judgement import judge_p
from helpers.scrutiny.finding import CONFLICTS, Finding
from helpers.scrutiny.p_values import PSpan
from helpers.scrutiny.printed_number import Printed
from helpers.scrutiny.statcheck import TWO_TAILED, ReportedTest

NOT_SIGNIFICANT = Printed(">", 5, 2)


def statcheck(reported: Printed, *, text: str, one_tailed: Literal["yes", "no"] = "no") -> Finding:
    """Statcheck: whether a reported statistic such as t(28) = 2.20 gives the p printed with it.

    text: holds one such test, with its p. one_tailed: yes where the report says so for this test; a text that speaks of a
    one-tailed test has both tried.
    """
    test = _only_test(text, one_tailed == "yes")
    in_text = NOT_SIGNIFICANT if test.reported_p is None else Printed.parse(test.raw.rpartition(",")[2].lstrip(" pP="))
    if (in_text.qualifier, in_text.exact) != (reported.qualifier, reported.exact):
        raise ValueError(f"text: its p must be the reported one, {reported}, got {in_text}")
    tests = {f"the statistic {test.statistic}": _span(test)}
    if test.one_tailed_in_txt and one_tailed == "no" and test.test_type in TWO_TAILED:
        tests = {
            f"the two-tailed test {test.statistic}": _span(test),
            f"the one-tailed test {test.statistic}": _span(_only_test(text, True)),
        }
    found = judge_p(
        reported, tests, complete=True, resolution="The statistic or its degrees of freedom would resolve it."
    )
    if found.status == CONFLICTS and test.decision_error:
        return replace(found, reason=f"{found.reason[:-1]}, which lies on the other side of 0.05.")
    return found


def _only_test(text: str, one_tailed: bool) -> ReportedTest:
    tests = reported_tests.statcheck(text, one_tailed=one_tailed).tests
    if len(tests) != 1:
        raise ValueError(f"text: must hold one test such as t(28) = 2.20, p = .036, found {len(tests)} in {text!r}")
    return tests[0]


def _span(test: ReportedTest) -> PSpan:
    """A statistic printed as a bound leaves p open on one side."""
    low = 0.0 if test.test_comp == ">" else test.p_low
    high = 1.0 if test.test_comp == "<" else test.p_high
    return PSpan(test.computed_p, low, high)
