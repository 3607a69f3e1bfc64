"""How the p-values of baseline comparisons are spread: chance allocation makes them uniform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from helpers.scrutiny.p_values import PSpan
from helpers.scrutiny.printed_number import Printed


@dataclass(frozen=True)
class BaselineBalance:
    """variables: how many; stouffer: the combined p, near 0 where the groups differ more than chance makes them, near 1 where
    they are more alike, with its span over the rounding; kolmogorov: p of the test that the p-values are uniform.
    """

    variables: int
    stouffer: PSpan
    kolmogorov: float


def baseline_balance(p: Sequence[Printed]) -> BaselineBalance:
    """Combine the two-sided p-values of at least two baseline variables of one trial, as printed.

    Stouffer's method: the sum of their normal quantiles over the root of their number. A p printed as 0 or 1 stands for the
    middle of what may lie behind it. Kolmogorov's one-sample test is exact. Raises ValueError.
    Carlisle 2017, doi:10.1111/anae.13938.

    Limits: the distribution holds for independent variables, and those of one patient seldom are, which brings extremes out
    too often. It holds for continuous, nearly normal ones: tests of counts and of skewed or coarse variables give p-values
    that are not uniform even after perfect allocation. Stratified or minimised allocation makes groups more alike. P-values
    with few digits leave a wide span. A handful of variables can show little. None of it tells why p-values are extreme.
    """
    from scipy.stats import kstest  # here, because scipy.stats takes long to import

    if len(p) < 2:
        raise ValueError(f"p: must be at least two p-values, got {len(p)}")
    for position, each in enumerate(p):
        if not 0 <= each.exact <= 1:
            raise ValueError(f"p[{position}]: must lie between 0 and 1, got {each}")
    low, high = (np.clip([getattr(each, end) for each in p], 0, 1) for end in ("low", "high"))
    middle = (low + high) / 2
    return BaselineBalance(
        len(p), PSpan(_stouffer(middle), _stouffer(low), _stouffer(high)), float(kstest(middle, "uniform").pvalue)
    )


def _stouffer(p: np.ndarray) -> float:
    return float(ndtr(ndtri(p).sum() / np.sqrt(p.size)))
