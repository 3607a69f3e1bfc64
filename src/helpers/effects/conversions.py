"""Standard errors, standard deviations and effects from the p, t, F or interval that a report prints.

Every function takes single numbers, returns Converted, and raises ValueError naming the argument. df None means the
normal distribution. Formulas: Cochrane Handbook, sections 6.3 and 6.5.2.
"""

from math import copysign, isfinite, log, pi, sqrt

from scipy.special import ndtri, stdtrit

from helpers.effects.converted import Converted, above, finite, rising, upper_tail
from helpers.effects.hedges import exact_j
from helpers.effects.means import smd_variance


def sd_from_se(se: float, n: float) -> Converted:
    """SD of n patients from the standard error of their mean: se sqrt(n). se above 0, n at least 1."""
    above(0, se=se, n=n)
    sd = se * sqrt(n)
    return Converted({"sd": sd}, (f"SD = SE * sqrt(n) = {se:g} * sqrt({n:g}) = {sd:.6g} (Cochrane Handbook 6.5.2.2).",))


def sd_from_interval(low: float, high: float, n: float, level: float = 0.95) -> Converted:
    """Mean and SD of n patients from the confidence interval of their mean, by Student's t with n - 1 df; n above 1."""
    rising(low=low, high=high)
    above(1, n=n)
    return _of_interval(low, high, level, n - 1, sqrt(n), "sd", "mean")


def se_from_interval(
    low: float, high: float, level: float = 0.95, df: float | None = None, log_scale: bool = False
) -> Converted:
    """Estimate and standard error from an interval; log_scale: the limits are ratios, the results their logs."""
    if log_scale:
        above(0, low=low, high=high)
        converted = se_from_interval(log(low), log(high), level, df)
        first = f"The limits are ratios: log {low:g} = {log(low):.6g}, log {high:g} = {log(high):.6g}."
        return Converted(converted.values, (first, *converted.steps))
    rising(low=low, high=high)
    return _of_interval(low, high, level, df, 1.0, "se", "estimate")


def se_from_p(estimate: float, p: float, df: float | None = None) -> Converted:
    """Standard error of an estimate (on the scale of the test: log for ratios) from its two-sided p, 0 < p < 1."""
    finite(estimate=estimate)
    quantile, words = _quantile_of_p(p, df)
    if estimate == 0:
        raise ValueError("estimate: must not be 0, which leaves the standard error undetermined")
    se = abs(estimate) / quantile
    return Converted({"se": se}, (words, f"SE = |estimate| / {quantile:.6g} = {se:.6g}."))


def se_from_t(estimate: float, t: float) -> Converted:
    """Standard error of an estimate from its t or z statistic, not zero: |estimate / t|."""
    finite(estimate=estimate, t=t)
    if t == 0 or estimate == 0:
        raise ValueError("t and estimate: must not be 0, which leaves the standard error undetermined")
    se = abs(estimate / t)
    return Converted({"se": se}, (f"SE = |estimate / t| = |{estimate:g} / {t:g}| = {se:.6g}.",))


def se_from_f(estimate: float, f: float) -> Converted:
    """Standard error of an estimate from its F statistic with 1 numerator df, f > 0: t = sqrt(F)."""
    above(0, f=f)
    converted = se_from_t(estimate, sqrt(f))
    return Converted(converted.values, (f"t = sqrt(F) = {sqrt(f):.6g}, F having 1 numerator df.", *converted.steps))


def sd_from_mean_difference(difference: float, n1: float, n2: float, se: float) -> Converted:
    """The SD of both groups, and Hedges' g, from a difference of means and its standard error (equal variances).

    sd = se / sqrt(1/n1 + 1/n2). Cochrane Handbook 6.5.2.3.
    """
    finite(difference=difference)
    above(0, n1=n1, n2=n2, se=se)
    sd = se / sqrt(1 / n1 + 1 / n2)
    return Converted(
        {"sd": sd, "d": difference / sd},
        (f"SD = SE / sqrt(1/n1 + 1/n2) = {se:g} / sqrt(1/{n1:g} + 1/{n2:g}) = {sd:.6g} (Cochrane Handbook 6.5.2.3).",
         f"d = difference / SD = {difference / sd:.6g}."),
    )  # fmt: skip


def smd_from_t(t: float, n1: float, n2: float) -> Converted:
    """Hedges' g (yi, vi) from Student's t of two groups: d = t sqrt(1/n1 + 1/n2), g = J d; n1 + n2 > 3.

    Cooper, Hedges and Valentine 2009, Handbook of Research Synthesis, ch. 12.
    """
    finite(t=t)
    above(0, n1=n1, n2=n2)
    above(3, **{"n1 + n2": n1 + n2})
    j = float(exact_j(n1 + n2 - 2))  # type: ignore[arg-type]
    d = t * sqrt(1 / n1 + 1 / n2)
    g = j * d
    return Converted(
        {"yi": g, "vi": float(smd_variance(g, n1, n2))},  # type: ignore[arg-type]
        (f"d = t sqrt(1/n1 + 1/n2) = {d:.6g}.", f"g = J(n1 + n2 - 2) d = {j:.6g} * {d:.6g} = {g:.6g} (Hedges 1981)."),
    )


def smd_from_f(f: float, n1: float, n2: float, direction: int) -> Converted:
    """Hedges' g from the F of two groups (1 numerator df), direction 1 where the first group's mean is higher, else -1."""
    above(0, f=f)
    if direction not in (1, -1):
        raise ValueError(f"direction: must be 1 or -1, got {direction!r}")
    converted = smd_from_t(copysign(sqrt(f), direction), n1, n2)
    return Converted(converted.values, (f"t = sqrt(F) = {sqrt(f):.6g}, with the sign given.", *converted.steps))


def change_sd(sd_baseline: float, sd_final: float, r: float) -> Converted:
    """SD of the change of the same patients from the SDs of both times and their correlation r.

    sqrt(sd1^2 + sd2^2 - 2 r sd1 sd2). r is seldom reported: borrow it from a trial that gives all three SDs
    (correlation_from_sds) and vary it. Cochrane Handbook 6.5.2.8.
    """
    above(0, sd_baseline=sd_baseline, sd_final=sd_final)
    _correlation(r)
    sd = sqrt(max(0.0, sd_baseline**2 + sd_final**2 - 2 * r * sd_baseline * sd_final))
    step = f"SD of change = sqrt({sd_baseline:g}^2 + {sd_final:g}^2 - 2 * {r:g} * {sd_baseline:g} * {sd_final:g})"
    return Converted(
        {"sd": sd}, (f"{step} = {sd:.6g}, the correlation {r:g} being assumed (Cochrane Handbook 6.5.2.8).",)
    )


def correlation_from_sds(sd_baseline: float, sd_final: float, sd_change: float) -> Converted:
    """Correlation of baseline and final values: (sd1^2 + sd2^2 - sd_change^2) / (2 sd1 sd2).

    Raises ValueError where the three SDs can not belong together (beyond -1 or 1). Cochrane Handbook 6.5.2.8.
    """
    above(0, sd_baseline=sd_baseline, sd_final=sd_final, sd_change=sd_change)
    r = (sd_baseline**2 + sd_final**2 - sd_change**2) / (2 * sd_baseline * sd_final)
    if abs(r) > 1:
        raise ValueError(f"sd_change: no correlation gives {sd_change:g} with the other two SDs, it would be {r:.3g}")
    return Converted(
        {"r": r}, (f"r = (sd1^2 + sd2^2 - sd_change^2) / (2 sd1 sd2) = {r:.6g} (Cochrane Handbook 6.5.2.8).",)
    )


def smd_from_odds_ratio(log_or: float, vi: float) -> Converted:
    """Standardised mean difference (yi, vi) from a log odds ratio: times sqrt(3)/pi, variance times 3/pi^2.

    Assumes logistic outcomes with equal spread. Hasselblad and Hedges 1995, doi:10.1037/0033-2909.117.1.167;
    Chinn 2000, doi:10.1002/1097-0258(20001130)19:22<3127::AID-SIM784>3.0.CO;2-M.
    """
    return _rescaled(log_or, vi, sqrt(3) / pi, "SMD = log OR * sqrt(3)/pi")


def odds_ratio_from_smd(smd: float, vi: float) -> Converted:
    """Log odds ratio (yi, vi) from a standardised mean difference: times pi/sqrt(3). See smd_from_odds_ratio."""
    return _rescaled(smd, vi, pi / sqrt(3), "log OR = SMD * pi/sqrt(3)")


def _rescaled(yi: float, vi: float, factor: float, words: str) -> Converted:
    finite(yi=yi)
    above(0, vi=vi)
    steps = (f"{words} = {yi * factor:.6g}, variance times {factor**2:.6g} (Hasselblad and Hedges 1995).",)
    return Converted({"yi": yi * factor, "vi": vi * factor**2}, steps)


def _of_interval(
    low: float, high: float, level: float, df: float | None, multiple: float, spread: str, centre: str
) -> Converted:
    if low == high:
        raise ValueError("low and high: must differ")
    quantile, words = _quantile(upper_tail(level), df)
    value = (high - low) / (2 * quantile) * multiple
    scaled = "" if multiple == 1 else " * sqrt(n)"
    step = f"{spread.upper()} = (high - low) / (2 * quantile){scaled} = {value:.6g} (Cochrane Handbook 6.3, 6.5.2.2)."
    middle = f"The {centre} is the middle of the interval, {(low + high) / 2:.6g}."
    return Converted({centre: (low + high) / 2, spread: value}, (f"{100 * level:g}% {words}.", step, middle))


def _quantile_of_p(p: float, df: float | None) -> tuple[float, str]:
    finite(p=p)
    if not 0 < p < 1:
        raise ValueError(f"p: must lie between 0 and 1, got {p:g}")
    quantile, words = _quantile(1 - p / 2, df)
    return quantile, f"Two-sided p {p:g}: {words}."


def _quantile(tail: float, df: float | None) -> tuple[float, str]:
    if df is None:
        quantile = float(ndtri(tail))
        return quantile, f"normal quantile {quantile:.6g}"
    above(0, df=df)
    quantile = float(stdtrit(df, tail))
    return quantile, f"quantile of t with {df:g} df {quantile:.6g}"


def _correlation(r: float) -> None:
    if not (isfinite(r) and -1 <= r <= 1):
        raise ValueError(f"r: must lie between -1 and 1, got {r!r}")
