"""Share of patients who reach a good score, before and after, and how far missing scores could move it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from helpers.effects import proportion_interval
from helpers.effects.checks import check_choice, check_level
from helpers.effects.exact import Interval

OBSERVED = "patients measured at both times"
CARRIED = "missing patients as at baseline"
WORST = "no missing patient responds"
BEST = "every missing patient who is alive responds"


@dataclass(frozen=True, eq=False)
class Responders:
    """assumptions: a row what is assumed of patients without a score at the visit: assumption, n, before, after (responders),
    share_before, share_after, gained, lost (patients who became, or ceased to be, responders), difference (of the shares),
    odds_ratio (gained to lost), or_low, or_high (exact), p (exact McNemar), mid_p.

    before, after: shares of all patients measured at the time, with exact limits; n_before, n_after their number.
    """

    threshold: float
    n_before: int
    n_after: int
    before: Interval
    after: Interval
    assumptions: pd.DataFrame
    level: float

    def to_frame(self) -> pd.DataFrame:
        """The assumptions."""
        return self.assumptions


def responders(
    baseline: ArrayLike, value: ArrayLike, threshold: float, better: str = "higher", died: ArrayLike | None = None,
    level: float = 0.95,
) -> Responders:  # fmt: skip
    """Compare the share of responders at a visit with that at baseline, within patients.

    baseline, value: (n,) scores, nan where not measured. A responder has a score of at least the threshold (better "higher") or
    at most (better "lower"). died: (n,) True for patients who died before the visit: they are no responders, whatever is assumed
    of missing patients. The assumptions on missing patients cover all with a baseline score; the worst and the best are bounds
    that no pattern of missing scores can leave. Raises ValueError where no patient has both scores.
    Exact McNemar test: binomial of gained among gained + lost (Fagerland 2013, doi:10.1186/1471-2288-13-91);
    limits of the odds ratio: Clopper and Pearson.
    """
    check_choice("better", better, ("lower", "higher"))
    check_level(level)
    first, second = np.asarray(baseline, dtype=float), np.asarray(value, dtype=float)
    has_before, has_after = np.isfinite(first), np.isfinite(second)
    dead = np.zeros(first.size, dtype=bool) if died is None else np.asarray(died, dtype=bool)
    good = np.greater_equal if better == "higher" else np.less_equal
    before, after = has_before & good(first, threshold), has_after & good(second, threshold)
    both = has_before & has_after
    if not both.any():
        raise ValueError("value: no patient has a score at baseline and at the visit")
    missing = has_before & ~has_after
    assumed = {
        OBSERVED: (both, after),
        CARRIED: (has_before, np.where(missing, before & ~dead, after)),
        WORST: (has_before, after),
        BEST: (has_before, after | (missing & ~dead)),
    }
    rows = [{"assumption": name} | _paired(before[who], then[who], level) for name, (who, then) in assumed.items()]
    return Responders(
        threshold, int(has_before.sum()), int(has_after.sum()),
        proportion_interval(int(before.sum()), int(has_before.sum()), level),
        proportion_interval(int(after.sum()), int(has_after.sum()), level), pd.DataFrame(rows), level,
    )  # fmt: skip


def mcnemar(gained: int, lost: int) -> tuple[float, float]:
    """Exact two-sided p and mid-p that patients change in both directions alike. 1 and 1 where none changes.

    gained, lost: patients who changed one way and the other.
    """
    from scipy.stats import binom  # here, because scipy.stats takes long to import

    total = gained + lost
    if total == 0:
        return 1.0, 1.0
    fewer = min(gained, lost)
    exact = min(1.0, 2 * float(binom.cdf(fewer, total, 0.5)))
    middle = (
        1.0 - float(binom.pmf(fewer, total, 0.5)) if gained == lost else exact - float(binom.pmf(fewer, total, 0.5))
    )
    return exact, middle


def _paired(before: NDArray[np.bool_], after: NDArray[np.bool_], level: float) -> dict[str, object]:
    gained, lost, n = int((after & ~before).sum()), int((before & ~after).sum()), before.size
    share = proportion_interval(gained, gained + lost, level) if gained + lost else None
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = [float(np.divide(p, 1 - p)) for p in (share.estimate, share.low, share.high)] if share else [np.nan] * 3
    exact, middle = mcnemar(gained, lost)
    return {
        "n": n, "before": int(before.sum()), "after": int(after.sum()), "share_before": before.mean(),
        "share_after": after.mean(), "gained": gained, "lost": lost, "difference": after.mean() - before.mean(),
        "odds_ratio": odds[0], "or_low": odds[1], "or_high": odds[2], "p": exact, "mid_p": middle,
    }  # fmt: skip
