"""How much of a change in one group could be regression to the mean: the return of patients who were measured on a bad day."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import log_ndtr, stdtr, stdtrit

from helpers.effects.checks import check_choice, check_level, require

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MeeChua:
    """by_mean: a row an assumed population mean: population_mean, effect (change left after regression to the mean), regression
    (change that regression to the mean alone gives), se, t, p, ci_low, ci_high.

    n, baseline, change: patients with both scores and their means. slope: of the follow-up on the baseline score.
    ranges: intervals of the population mean, as (low, high), within which the limits of the effect do not exclude zero: if the
    mean of all such people lies there, regression to the mean alone may explain the change. Empty where no mean does;
    infinite ends where there is no bound.
    """

    n: int
    baseline: float
    change: float
    slope: float
    by_mean: pd.DataFrame
    ranges: tuple[tuple[float, float], ...]
    level: float

    def to_frame(self) -> pd.DataFrame:
        """The assumed means."""
        return self.by_mean


def mee_chua(baseline: ArrayLike, value: ArrayLike, population_means: ArrayLike, level: float = 0.95) -> MeeChua:
    """Test a change in one group against regression to the mean, for any mean that the population might have.

    baseline, value: (n,) scores, nan where not measured; population_means: (m,) assumed means of the score in the population
    that the patients were chosen from. The follow-up score is regressed on the baseline score; where the line passes over the
    population mean it shows what follows a baseline at that mean, which regression to the mean leaves where it is: the
    distance of the line from it is the effect. Assumes a straight line, and the same effect whatever the baseline.
    Raises ValueError for fewer than three patients or a baseline that does not vary.
    Mee and Chua 1991 (Am Stat 45, 39-42); for an unknown mean Ostermann 2008, doi:10.1186/1471-2288-8-52.
    """
    check_level(level)
    x, y = np.asarray(baseline, dtype=float), np.asarray(value, dtype=float)
    both = np.isfinite(x) & np.isfinite(y)
    x, y = x[both], y[both]
    n = x.size
    if n < 3 or np.ptp(x) == 0:
        raise ValueError("baseline: at least three patients with both scores, and not all the same, are needed")
    spread = float(((x - x.mean()) ** 2).sum())
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / spread)
    residual = float(((y - y.mean() - slope * (x - x.mean())) ** 2).sum() / (n - 2))
    means = np.atleast_1d(np.asarray(population_means, dtype=float))
    distance = means - x.mean()
    effect = y.mean() + slope * distance - means
    se = np.sqrt(residual * (1 / n + distance**2 / spread))
    quantile = float(stdtrit(n - 2, (1 + level) / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = effect / se
    change = float(y.mean() - x.mean())
    table = pd.DataFrame(
        {
            "population_mean": means,
            "effect": effect,
            "regression": change - effect,
            "se": se,
            "t": t,
            "p": 2 * stdtr(n - 2, -np.abs(t)),
            "ci_low": effect - quantile * se,
            "ci_high": effect + quantile * se,
        }
    )
    # effect^2 = quantile^2 se^2 in the distance of the population mean from the baseline mean
    q2 = quantile**2 * residual
    quadratic = ((slope - 1) ** 2 - q2 / spread, 2 * change * (slope - 1), change**2 - q2 / n)
    ranges = tuple((low + float(x.mean()), high + float(x.mean())) for low, high in _below_zero(*quadratic))
    return MeeChua(n, float(x.mean()), change, slope, table, ranges, level)


def expected_regression(mean: float, sd: float, cutoff: float, reliability: float, side: str = "above") -> float:
    """Expected change of patients who entered because their score was beyond a cut-off, if nothing happens to them.

    mean, sd: of the score in the population they were chosen from; side: they scored "above" or "below" the cut-off. reliability:
    the share of the variance that lies between people, 0 to 1 (the correlation of two measurements of stable people). Normal
    distributions are assumed. The result points back to the mean: negative after a choice above. Raises ValueError for sd <= 0 or
    a reliability outside 0 to 1. (1 - reliability) sd phi(z) / (1 - Phi(z)), z = (cutoff - mean) / sd: Davis 1976 (Am J
    Epidemiol 104, 493-498); Barnett 2005, doi:10.1093/ije/dyh299.
    """
    check_choice("side", side, ("above", "below"))
    require(sd > 0, "sd", sd, "must be positive")
    require(0 <= reliability <= 1, "reliability", reliability, "must lie between 0 and 1")
    sign = 1.0 if side == "above" else -1.0
    return float(-sign * (1 - reliability) * sd * _hazard(sign * (cutoff - mean) / sd))


def truncated_normal(values: ArrayLike, cutoff: float, side: str = "above") -> tuple[float, float]:
    """Mean and SD of the population whose members beyond the cut-off have these values, by maximum likelihood.

    values: (n,) all on that side of the cut-off. A normal population is assumed; what lies on the other side is a guess
    from the shape of what was seen. Raises ValueError for a value on the wrong side, fewer than three, and where the values fall
    off as slowly as no normal population's do. The fitted truncated distribution has the mean and variance of the values
    (Cohen 1950, doi:10.1214/aoms/1177729751).
    """
    check_choice("side", side, ("above", "below"))
    given = np.asarray(values, dtype=float)
    beyond = (given - cutoff) * (1.0 if side == "above" else -1.0)
    if beyond.size < 3 or (beyond < 0).any():
        raise ValueError("values: three or more are needed, none on the other side of the cut-off")
    mean, variance = float(beyond.mean()), float(beyond.var())
    if not 0 < variance < mean**2:
        raise ValueError("values: no normal population has such a tail beyond the cut-off")

    def surplus(z: float) -> float:
        """Of variance over squared mean, for a cut-off z SDs above the population mean."""
        hazard = _hazard(z)
        return (1 + z * hazard - hazard**2) / (hazard - z) ** 2 - variance / mean**2

    z = float(brentq(surplus, -30.0, 30.0, xtol=1e-12))
    sd = mean / (_hazard(z) - z)
    return (cutoff - z * sd, sd) if side == "above" else (cutoff + z * sd, sd)


def _hazard(z: float) -> float:
    """phi(z) / (1 - Phi(z))"""
    return float(np.exp(-(z**2) / 2 - 0.5 * np.log(2 * np.pi) - log_ndtr(-z)))


def _below_zero(a: float, b: float, c: float) -> list[tuple[float, float]]:
    """Where a x^2 + b x + c <= 0."""
    if a == 0:
        if b == 0:
            return [(-np.inf, np.inf)] if c <= 0 else []
        return [(-np.inf, -c / b)] if b > 0 else [(-c / b, np.inf)]
    inside = b**2 - 4 * a * c
    if inside <= 0:
        return [] if a > 0 else [(-np.inf, np.inf)]
    low, high = sorted((-b + sign * np.sqrt(inside)) / (2 * a) for sign in (-1, 1))
    return [(low, high)] if a > 0 else [(-np.inf, low), (high, np.inf)]
