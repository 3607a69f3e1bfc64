"""Which interval the book shows for a synthesis, decided by the number of trials before anyone sees the result."""

from dataclasses import dataclass, replace
from math import nan

import pandas as pd
from numpy.typing import ArrayLike

from helpers.synthesis.pooling import Pooled, pool

COLUMNS = [
    "k", "estimate", "se", "ci_low", "ci_high", "p", "tau2", "I2", "pi_low", "pi_high", "pi_method", "method", "test"
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class IntervalRule:
    """headline: the result to state, None where the rule allows none. shown: every result to print, with its label.

    reason: one sentence that says why.
    """

    headline: Pooled | None
    shown: tuple[tuple[str, Pooled], ...]
    reason: str

    def to_frame(self) -> pd.DataFrame:
        """One row a result shown, indexed by its label."""
        rows = pd.concat([pooled.to_frame() for _, pooled in self.shown])
        return rows[COLUMNS].set_axis(pd.Index([label for label, _ in self.shown], name="interval"))


def interval_rule(yi: ArrayLike, vi: ArrayLike, level: float = 0.95) -> IntervalRule:
    """The book's rule. yi, vi: (k,) as for pool, which also says what is refused (no trial among it).

    Three or more trials: REML with the Hartung-Knapp interval; where its factor is below 1 it is raised to 1 (ad hoc
    floor), and both are shown. Prediction interval: t with k - 1 df. Two trials: Wald, Hartung-Knapp and common effect
    side by side, no headline, no prediction interval. One trial: its own Wald interval, which is not a synthesis.
    Röver, Knapp and Friede 2015, doi:10.1186/s12874-015-0091-1; Gonnermann 2015, doi:10.1002/sim.6473.
    """
    wald = pool(yi, vi, test="z", level=level)
    if wald.k == 1:
        reason = "With one trial its own Wald interval is shown, which is not a synthesis."
        return IntervalRule(None, (("Single trial (Wald), not a synthesis", wald),), reason)

    hartung_knapp = pool(yi, vi, test="knha", level=level)
    if wald.k == 2:
        common = pool(yi, vi, method="EE", test="z", level=level)
        three = (("Wald", wald), ("Hartung-Knapp", hartung_knapp), ("Common effect", common))
        reason = "With two trials no single interval can be trusted, so three stand side by side without a headline."
        return IntervalRule(None, tuple((label, _without_prediction(pooled)) for label, pooled in three), reason)

    factor = (hartung_knapp.se / wald.se) ** 2
    if factor >= 1:
        reason = f"The Hartung-Knapp interval is the headline; its factor is {factor:.2f}, so it needs no floor."
        return IntervalRule(hartung_knapp, (("Hartung-Knapp", hartung_knapp),), reason)
    floored = pool(yi, vi, test="adhoc", level=level)
    shown = (("Hartung-Knapp with the ad hoc floor", floored), ("Hartung-Knapp", hartung_knapp))
    rounded_down = int(100 * factor) / 100
    reason = (
        f"The Hartung-Knapp factor is {rounded_down:.2f}, below 1, so the headline is the wider interval with the"
        " factor raised to 1, and both are shown."
    )
    return IntervalRule(floored, shown, reason)


def _without_prediction(pooled: Pooled) -> Pooled:
    return replace(pooled, pi_low=nan, pi_high=nan, pi_method="none")
