"""Find tests reported in running text, such as `t(28) = 2.20, p = .036`, and recompute their p, as R's statcheck 1.4 does.

Nuijten 2016, doi:10.3758/s13428-015-0664-2.
"""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass

import pandas as pd
from scipy.special import chdtrc, fdtrc, ndtr, stdtr

ALPHA = 0.05
TWO_TAILED = ("t", "r", "Z")
_COUNT = r"\d*\.?\d+"
_TEST = re.compile(
    rf"""
    (?: (?<![A-Za-z])(?P<name> t | r | F | Q\s?-?\s?(?:[Ww]ithin|[Ww]|[Bb]etween|[Bb])? )\s?
      | (?P<chi> [^\s\dtrFzZQWnD(]\s?[2²] | (?<!\S)[χΧXx] )\s?  # whatever became of a chi, before its square
      | (?<![A-Za-z])(?P<z> [zZ] )\s?(?=[<>=])
    )
    (?(z) | \(\s?(?P<df1>{_COUNT})\s?(?:,\s?(?P<df2>(?(chi)N\s?=\s?[\d,]+|{_COUNT}))\s?)?\)\s? )
    (?P<test_comp>[<>=])\s?(?P<minus>[-\u2010-\u2015\u2212]?)\s?(?P<value>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|{_COUNT})\s?,\s?
    (?: n\.?s\.?(?![A-Za-z]) | [pP]\s?(?P<p_comp>[<>=])\s?(?P<p>[01]?\.\d+(?:e-?\d+)?) )
    """,
    re.VERBOSE,
)
_P_VALUE = re.compile(r"(?i:p\s?[<>=]\s?\d?\.\d+|(?<![a-z])n\.?s\.?(?![a-z]))")
_ONE_TAILED = re.compile(r"(?i:one.?sided|one.?tailed|directional)")


@dataclass(frozen=True)
class ReportedTest:
    """One reported test; the names are statcheck's.

    raw: as found, a chi from the sign before its 2 on. test_type: t, F, r, Z, Chi2, Q, Qw (within) or Qb (between). df1, df2:
    None where the test has none (t and r have df2). test_comp, p_comp: =, < or >, p_comp also ns. reported_p: None with ns.
    computed_p: of the printed statistic. p_low, p_high: over the statistics that round to the printed one. error: the printed
    p can not be right. decision_error: an error that moves p across 0.05. one_tailed_in_txt: the text speaks of such a test.
    """

    raw: str
    test_type: str
    df1: float | None
    df2: float | None
    test_comp: str
    test_value: float
    p_comp: str
    reported_p: float | None
    computed_p: float
    p_low: float
    p_high: float
    error: bool
    decision_error: bool
    one_tailed_in_txt: bool

    @property
    def statistic(self) -> str:
        """`t(28) = 2.20`."""
        text = self.raw.rpartition(",")[0].rstrip()
        return f"chi2{text[text.index('(') :]}" if self.test_type == "Chi2" else text


@dataclass(frozen=True)
class Statcheck:
    """The tests of one text, and how many p-values it has in all."""

    tests: tuple[ReportedTest, ...]
    p_values: int

    @property
    def apa_factor(self) -> float:
        """The share of the p-values that stand with a readable test, to two decimals; nan without p-values."""
        return round(len(self.tests) / self.p_values, 2) if self.p_values else math.nan

    def to_frame(self) -> pd.DataFrame:
        """One row a test, a column a field of ReportedTest."""
        return pd.DataFrame([asdict(test) for test in self.tests], columns=list(ReportedTest.__dataclass_fields__))


def statcheck(text: str, *, one_tailed: bool = False) -> Statcheck:
    """Every t, F, r, chi2, z and Q test that `text` reports in the form of the American Psychological Association.

    A p counts as an error where no statistic that rounds to the printed one gives it; p = .000 always does, as no p is zero.
    `ns` is read as p > .05. Tests are two-tailed (t, r and z) unless one_tailed. A statistic printed with < or > is judged by
    the end of its rounding nearer to zero (<) or farther from it (>), as by R. What must be misread is left out: correlations
    beyond 1, p-values above 1, negative F, chi2 and Q. Unlike R, P and χ² are read too, and p reaches 1 where the rounding of
    a t, r or z reaches zero.
    """
    mentioned = _ONE_TAILED.search(text) is not None
    found = (_reported(match, mentioned, 1 if one_tailed else 2) for match in _TEST.finditer(text))
    return Statcheck(tuple(test for test in found if test), len(_P_VALUE.findall(text)))


def _reported(match: re.Match[str], mentioned: bool, tails: int) -> ReportedTest | None:
    test_type = _type_of(match)
    df1, df2 = _degrees_of_freedom(match, test_type)
    digits = match["value"].replace(",", "")
    value = -float(digits) if match["minus"] else float(digits)
    reported_p = None if match["p"] is None else float(match["p"])
    if (reported_p or 0) > 1 or (abs(value) > 1 if test_type == "r" else value < 0 and test_type not in TWO_TAILED):
        return None
    if test_type != "Chi2" and (match["df2"] is not None) != (test_type == "F"):
        return None
    half_unit = 0.5 / 10 ** _decimals(digits)
    sizes = (abs(value), abs(value) + half_unit, max(abs(value) - half_unit, 0.0))
    p, p_low, p_high = (_p(test_type, size, df1 or math.nan, df2 or math.nan, tails) for size in sizes)
    p_comp = match["p_comp"] or "ns"
    error = _is_error(match, reported_p, p_low, p_high)
    return ReportedTest(
        raw=match[0].strip(),
        test_type=test_type,
        df1=df1,
        df2=df2,
        test_comp=match["test_comp"],
        test_value=value,
        p_comp=p_comp,
        reported_p=reported_p,
        computed_p=p,
        p_low=p_low,
        p_high=p_high,
        error=error,
        decision_error=error and _is_decision_error(match["test_comp"], p_comp, reported_p, p),
        one_tailed_in_txt=mentioned,
    )


def _type_of(match: re.Match[str]) -> str:
    if match["z"]:
        return "Z"
    if match["chi"]:
        return "Chi2"
    if not match["name"].startswith("Q"):
        return match["name"]
    group = match["name"][1:].strip(" -").lower()[:1]
    return "Q" + group


def _degrees_of_freedom(match: re.Match[str], test_type: str) -> tuple[float | None, float | None]:
    if test_type == "Z":
        return None, None
    first = float(match["df1"])
    if test_type in ("t", "r"):
        return None, first
    if test_type == "F":
        return first, None if match["df2"] is None else float(match["df2"])
    return first, None


def _decimals(number: str) -> int:
    return len(number.lower().partition("e")[0].partition(".")[2])


def _p(test_type: str, size: float, df1: float, df2: float, tails: int) -> float:
    """p of a statistic's distance from zero."""
    if test_type == "r":
        size = size * math.sqrt(df2 / (1 - size**2)) if size < 1 else math.inf
    if test_type in ("t", "r"):
        return float(tails * stdtr(df2, -size))
    if test_type == "Z":
        return float(tails * ndtr(-size))
    return float(fdtrc(df1, df2, size) if test_type == "F" else chdtrc(df1, size))


def _is_error(match: re.Match[str], reported: float | None, low: float, high: float) -> bool:
    if match["test_comp"] == "<":
        low, high = high, 1.0
    elif match["test_comp"] == ">":
        low, high = 0.0, low
    if reported is None:
        return high < ALPHA
    if reported <= 0:
        return True
    if match["p_comp"] == "<":
        return reported < low
    if match["p_comp"] == ">":
        return reported > high
    digits = _decimals(match["p"])
    return not round(low, digits) <= reported <= round(high, digits)


def _is_decision_error(test_comp: str, p_comp: str, reported: float | None, computed: float) -> bool:
    """Whether the printed and the computed p lie on different sides of 0.05, p = 0.05 being significant."""
    printed = ALPHA if reported is None else reported
    if p_comp in (">", "ns"):
        return test_comp != "<" and printed >= ALPHA >= computed
    if test_comp == "=":
        claimed, found = printed <= ALPHA, computed <= ALPHA
        return claimed and not found if p_comp == "<" else claimed != found
    if test_comp == "<":
        return printed <= ALPHA <= computed
    return p_comp == "=" and computed <= ALPHA < printed
