"""Peto's one-step odds ratio."""

import numpy as np
from numpy.typing import ArrayLike

from helpers.synthesis.rare_events.mantel_haenszel import NO_CONTRAST
from helpers.synthesis.rare_events.pooled_counts import PooledCounts, pooled_counts
from helpers.synthesis.rare_events.two_arms import double_zero_note, tables


def peto(ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike, level: float = 0.95) -> PooledCounts:
    """Pool log odds ratios as sum(O - E) / sum(V), variance 1 / sum(V), over trials with both outcomes.

    O = ai; E and V are its mean and variance in the hypergeometric distribution. Sound for events below about 1%,
    effects that are not large and groups of similar size (Cochrane Handbook, chapter 10); it needs no correction.
    Arguments as in mantel_haenszel. Raises ValueError with argument and position, and where no trial has both outcomes.
    Yusuf 1985, doi:10.1016/S0033-0620(85)80003-7.
    """
    counts = tables(ai, n1i, ci, n2i)
    used = counts.only(~counts.uninformative)
    if used.a.size == 0:
        raise ValueError("ai and ci: no trial has both patients with and without the event, so nothing can be pooled")
    events, others = used.a + used.c, used.b + used.d
    excess = used.a - used.n1 * events / used.n
    v = used.n1 * used.n2 * (events / used.n) * (others / used.n) / (used.n - 1)
    estimate = float(excess.sum() / v.sum())
    q = float((v * (excess / v - estimate) ** 2).sum()), float(used.a.size - 1)
    note = double_zero_note(counts.uninformative, NO_CONTRAST)
    return pooled_counts(
        "Peto", "OR", counts.a.size, used.a.size, estimate, float(1 / np.sum(v)), level, q=q, note=note
    )  # fmt: skip
