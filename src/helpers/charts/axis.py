"""Where an axis begins and ends, and where its ticks stand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike


def interval_domain(
    estimates: ArrayLike, lows: ArrayLike, highs: ArrayLike, *, reference: float | None = None, log: bool = False
) -> tuple[float, float]:
    """Axis limits that show every estimate, and intervals as far as they leave the others readable.

    estimates, lows, highs: (k,) on the scale of the axis; a limit may be nan or infinite. The axis reaches beyond the
    outermost estimate (or the reference) by at most their spread, or four times the median distance of a limit from its
    estimate, whichever is more. What lies further out is for the caller to draw as an arrow.
    Raises ValueError without a finite estimate, and for values <= 0 on a log axis.
    """
    estimate, low, high = (np.asarray(values, dtype=float) for values in (estimates, lows, highs))
    if log:
        if np.any(estimate <= 0) or (reference is not None and reference <= 0):
            raise ValueError("a log axis can not show values of zero or less")
        with np.errstate(divide="ignore", invalid="ignore"):
            estimate, low, high = np.log(estimate), np.log(np.where(low < 0, np.nan, low)), np.log(high)
        reference = None if reference is None else math.log(reference)
    centre = estimate[np.isfinite(estimate)]
    if centre.size == 0:
        raise ValueError("no finite estimate: there is nothing to draw")
    core = centre if reference is None else np.append(centre, reference)
    distances = np.abs(np.concatenate([estimate - low, high - estimate]))
    distances = distances[np.isfinite(distances)]
    reach = max(float(np.ptp(core)), 4 * float(np.median(distances)) if distances.size else 0.0) or 1.0
    outermost = [core.min() - reach, core.max() + reach]
    limits = [values[np.isfinite(values)] for values in (low, high)]
    start = max(outermost[0], min([core.min(), *limits[0]]))
    end = min(outermost[1], max([core.max(), *limits[1]]))
    if np.isneginf(low).any():
        start = outermost[0]
    if np.isposinf(high).any():
        end = outermost[1]
    margin = 0.04 * ((end - start) or reach)
    start, end = start - margin, end + margin
    return (math.exp(start), math.exp(end)) if log else (start, end)


def log_ticks(low: float, high: float, at_most: int = 6) -> list[float]:
    """Ticks of a ratio axis, 1 among them when it is inside: as many round numbers as fit."""
    if high / low < 4:
        return linear_ticks(low, high, at_most)
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 2)
    for leading in ((1, 2, 5), (1, 3), (1,)):
        ticks = _inside([m * 10.0**power for power in powers for m in leading], low, high)
        if len(ticks) <= at_most:
            return ticks
    step = 2
    while True:
        ticks = _inside([10.0**power for power in powers if power % step == 0], low, high)
        if len(ticks) <= at_most:
            return ticks
        step += 1


def linear_ticks(low: float, high: float, at_most: int = 6) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten inside [low, high]: as many as fit."""
    power = math.floor(math.log10((high - low) / at_most))
    for step in (m * 10.0**p for p in (power, power + 1) for m in (1, 2, 5)):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= at_most:
            return [float(f"{i * step:.12g}") for i in range(first, last + 1)]
    raise ValueError(f"no ticks between {low} and {high}")


def _inside(values: Sequence[float], low: float, high: float) -> list[float]:
    return [float(f"{value:.12g}") for value in values if low <= value <= high]
