"""Checks of a printed percentage or proportion against the counts behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from helpers.scrutiny.checks.wording import at_least, beside, conflict, listed, not_rounded, printed
from helpers.scrutiny.finding import CONSISTENT, NOT_CHECKABLE, REPRODUCED, Finding
from helpers.scrutiny.printed_number import Printed
from helpers.scrutiny.shares import NO_LIMIT, every_share_fits, fitting_counts, fitting_shares, fitting_sizes

RESOLUTION = "The count and the number of patients it is a share of would resolve it."


def percent(
    reported: Printed, *, k: int | None = None, n: tuple[int, ...] | None = None, n_max: int | None = None
) -> Finding:
    """Percentages: whether k of n, or some k of n, prints as the percentage.

    n: the number of patients, or several candidates. With k and n their share is computed; with n alone every k is tried,
    with k alone every n (up to n_max where given), with n_max alone every k of every n up to it.
    """
    return _Share(reported, 100, "%").finding(k, n, n_max)


def proportion(
    reported: Printed, *, k: int | None = None, n: tuple[int, ...] | None = None, n_max: int | None = None
) -> Finding:
    """Proportions: as percentages, for shares printed from 0 to 1."""
    return _Share(reported, 1, "").finding(k, n, n_max)


@dataclass(frozen=True)
class _Share:
    reported: Printed
    whole: int
    sign: str

    def finding(self, k: int | None, n: tuple[int, ...] | None, n_max: int | None) -> Finding:
        _check_counts(k, n, n_max)
        if n is not None and k is not None:
            return self._of_counts(k, n)
        if self.reported.qualifier:
            return not_rounded(self.reported)
        if n is not None:
            return self._of_sizes(n)
        if k is not None:
            return self._of_count(k, n_max)
        assert n_max is not None  # _check_counts asks for one of the three
        return self._of_all(n_max)

    def _of_counts(self, k: int, candidates: tuple[int, ...]) -> Finding:
        fitting = [n for n in candidates if self.reported.admits(self._value(k, n))]
        shares = listed([self._equation(k, n) for n in fitting or candidates])
        if not fitting:
            return self._conflict(shares, f"{shares}, which does not print as {self.text}.")
        certain = len(candidates) == 1 and not self.reported.qualifier
        reason = f"{shares}." if len(candidates) == 1 else f"Of the possible numbers of patients: {shares}."
        return Finding(REPRODUCED if certain else CONSISTENT, shares, reason)

    def _of_sizes(self, candidates: tuple[int, ...]) -> Finding:
        if all(self._any_fits(n) for n in candidates):
            return self._any_possible(listed([str(n) for n in candidates], "or"))
        fitting = [(k, n) for n in candidates for k in fitting_counts(self.reported, n, whole=self.whole)]
        if fitting:
            return self._fits(fitting)
        beside_it = [self._equation(k, n) for n in candidates for k in self._counts_beside(n)]
        nearest, sizes = listed(beside_it), listed([str(n) for n in candidates], "or")
        verb = "is" if len(beside_it) == 1 else "are"
        return self._conflict(nearest, f"No count of {sizes} prints as {self.text}; the nearest {verb} {nearest}.")

    def _of_count(self, k: int, n_max: int | None) -> Finding:
        sizes = fitting_sizes(self.reported, k, whole=self.whole, n_max=n_max or NO_LIMIT)
        if not sizes:
            limit = f" up to {n_max}" if n_max else ""
            return self._conflict("", f"{k}/n prints as {self.text} for no n{limit}.")
        if sizes[-1] == NO_LIMIT:
            span = f"n from {sizes[0]} on"
            return Finding(CONSISTENT, span, f"{k}/n prints as {self.text} for {span}.")
        span = f"n = {sizes[0]}" if len(sizes) == 1 else f"n from {sizes[0]} to {sizes[-1]}"
        return Finding(CONSISTENT, span, f"{k}/n prints as {self.text} for {span} only.")

    def _of_all(self, n_max: int) -> Finding:
        if self._any_fits(n_max):
            return self._any_possible(f"up to {n_max}")
        fitting = fitting_shares(self.reported, n_max, whole=self.whole)
        if fitting:
            return self._fits(fitting, f"Up to n = {n_max}, ")
        return self._conflict("", f"No count of any number of patients up to {n_max} prints as {self.text}.")

    def _fits(self, fitting: Sequence[tuple[int, int]], lead: str = "") -> Finding:
        shares = listed([f"{k}/{n}" for k, n in fitting], "or")
        only = " only" if len(fitting) == 1 else ""
        return Finding(CONSISTENT, shares, f"{lead}{self.text} fits {shares}{only}.")

    def _conflict(self, recomputed: str, reason: str) -> Finding:
        return conflict(self.reported, recomputed, reason, RESOLUTION)

    def _counts_beside(self, n: int) -> list[int]:
        exact = self.reported.exact * n / self.whole
        return sorted({min(max(each, 0), n) for each in (math.floor(exact), math.ceil(exact))})

    def _value(self, k: int, n: int) -> Fraction:
        return Fraction(self.whole * k, n)

    def _equation(self, k: int, n: int) -> str:
        return f"{k}/{n} = {beside(self._value(k, n), self.reported)}{self.sign}"

    def _any_fits(self, n: int) -> bool:
        return every_share_fits(self.reported, n, whole=self.whole)

    def _any_possible(self, sizes: str) -> Finding:
        kind = "percentage" if self.whole == 100 else "proportion"
        return Finding(NOT_CHECKABLE, "", f"Of {sizes} patients any {kind} with so few decimals is possible.")

    @property
    def text(self) -> str:
        return f"{printed(self.reported)}{self.sign}"


def _check_counts(k: int | None, n: tuple[int, ...] | None, n_max: int | None) -> None:
    if k is None and not n and n_max is None:
        raise ValueError("k, n and n_max: at least one of them must be given")
    if n and n_max is not None:
        raise ValueError(f"n_max: has no meaning beside n, got {n_max}")
    at_least(0, k=k or 0)
    at_least(max(k or 0, 1), n=n or (), n_max=n_max if n_max is not None else ())
