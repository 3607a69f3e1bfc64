"""Mean and standard deviation from a median, quartiles and range, by named methods, and a test of whether to."""

from math import log, sqrt

import numpy as np
from scipy.special import ndtri

from helpers.effects.checks import check_choice
from helpers.effects.converted import Converted, above, rising

MEANS = ("luo", "wan")
SDS = ("shi", "wan")


def mean_sd_from_quantiles(
    n: float, median: float, q1: float | None = None, q3: float | None = None,
    low: float | None = None, high: float | None = None, mean: str = "luo", sd: str = "shi",
) -> Converted:  # fmt: skip
    """Mean and SD of n patients from the median with the quartiles q1 and q3, the range low to high, or both.

    mean "luo" (optimal weights; Luo 2018, doi:10.1177/0962280216669183) or "wan" (simple averages; Wan 2014,
    doi:10.1186/1471-2288-14-135, after Hozo 2005 and Bland 2015). sd "shi" (Shi 2020, doi:10.1002/jrsm.1429; it differs
    from Wan's only when both quartiles and range are given) or "wan" (Wan 2014). All assume a normal distribution: see
    skewness_test. Values "mean" and "sd". Raises ValueError for values out of order, for half a pair, and for n below 3.
    """
    check_choice("mean", mean, MEANS)
    check_choice("sd", sd, SDS)
    case = _case(n, median, q1, q3, low, high)
    middle_of_range = None if low is None or high is None else (low + high) / 2
    middle_of_quartiles = None if q1 is None or q3 is None else (q1 + q3) / 2
    of_range, of_quartiles = _weights(case, n, mean)
    value = (1 - of_range - of_quartiles) * median
    value += of_range * (middle_of_range or 0.0) + of_quartiles * (middle_of_quartiles or 0.0)

    range_unit, quartile_unit = 2 * ndtri((n - 0.375) / (n + 0.25)), 2 * ndtri((0.75 * n - 0.125) / (n + 0.25))
    range_share = 0.0 if low is None or high is None else (high - low) / range_unit
    quartile_share = 0.0 if q1 is None or q3 is None else (q3 - q1) / quartile_unit
    share = {"range": 1.0, "quartiles": 0.0}.get(case, 1 / (1 + 0.07 * n**0.6) if sd == "shi" else 0.5)
    spread = float(share * range_share + (1 - share) * quartile_share)
    sources = {"luo": "Luo 2018", "wan": "Wan 2014", "shi": "Shi 2020"}
    given = {"range": "median and range", "quartiles": "median and quartiles", "both": "median, quartiles and range"}
    steps = (
        f"From {given[case]} of {n:g} patients, taken as normal.",
        f"Mean = {of_range:.4g} * middle of range + {of_quartiles:.4g} * middle of quartiles +"
        f" {1 - of_range - of_quartiles:.4g} * median = {value:.6g} ({sources[mean]}).",
        f"SD = {share:.4g} * range / {range_unit:.5g} + {1 - share:.4g} * interquartile range / {quartile_unit:.5g}"
        f" = {spread:.6g} ({sources[sd] if case == 'both' else 'Wan 2014'}).",
    )
    return Converted({"mean": float(value), "sd": spread}, steps)


def skewness_test(
    n: float, median: float, q1: float | None = None, q3: float | None = None,
    low: float | None = None, high: float | None = None,
) -> Converted:  # fmt: skip
    """Whether quantiles are too skewed, at the 5% level, to be turned into a mean and SD. Arguments as above.

    Values "statistic", "critical" and "skewed" (1 where the statistic exceeds the critical value). Shi 2023,
    doi:10.1177/09622802231172043. Raises ValueError as mean_sd_from_quantiles, and where the quantiles do not spread.
    """
    case = _case(n, median, q1, q3, low, high)
    of_range = 0.0 if low is None or high is None else _lopsided(low, median, high)
    of_quartiles = 0.0 if q1 is None or q3 is None else _lopsided(q1, median, q3)
    if case == "range":
        statistic, critical = of_range, 1 / log(n + 9) + 2.5 / (n + 1)
    elif case == "quartiles":
        statistic, critical = of_quartiles, 2.65 / sqrt(n) - 6 / n**2
    else:
        statistic = max(2.65 * log(0.6 * n) / sqrt(n) * of_range, of_quartiles)
        critical = 2.97 / sqrt(n) - 39.1 / n**3
    verdict = "exceeds" if statistic > critical else "does not exceed"
    step = f"The statistic {statistic:.4g} {verdict} the critical value {critical:.4g} of the 5% level (Shi 2023)."
    return Converted({"statistic": statistic, "critical": critical, "skewed": float(statistic > critical)}, (step,))


def _case(
    n: float, median: float, q1: float | None, q3: float | None, low: float | None, high: float | None
) -> str:  # fmt: skip
    above(2, n=n)
    if (q1 is None) != (q3 is None) or (low is None) != (high is None):
        raise ValueError("q1 and q3, low and high: must be given in pairs")
    named = {"low": low, "q1": q1, "median": median, "q3": q3, "high": high}
    rising(**{name: value for name, value in named.items() if value is not None})
    if q1 is None and low is None:
        raise ValueError("q1 and q3, or low and high: at least one pair is needed")
    return "range" if q1 is None else "quartiles" if low is None else "both"


def _weights(case: str, n: float, method: str) -> tuple[float, float]:
    """Weights of the middle of the range and of the middle of the quartiles; the rest is the median's."""
    if method == "wan":
        return {"range": (1 / 2, 0.0), "quartiles": (0.0, 2 / 3), "both": (1 / 4, 1 / 2)}[case]
    if case == "range":
        return 4 / (4 + n**0.75), 0.0
    if case == "quartiles":
        return 0.0, 0.7 + 0.39 / n
    return 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55


def _lopsided(left: float, middle: float, right: float) -> float:
    if left == right:
        raise ValueError("the quantiles must spread, all are equal")
    return float(np.abs(left + right - 2 * middle) / (right - left))
