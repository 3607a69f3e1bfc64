"""The table of coefficients of a regression."""

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from helpers.synthesis.trials import FloatArray


def coefficient_table(
    names: list[str], b: FloatArray, vcov: FloatArray, df: FloatArray | float | None, level: float
) -> pd.DataFrame:
    """estimate, se, statistic, df, p, ci_low, ci_high, a row a coefficient; normal without df, else Student's t."""
    se, upper = np.sqrt(np.diag(vcov)), (1 + level) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = b / se
    quantile = ndtri(upper) if df is None else stdtrit(df, upper)
    p = 2 * (ndtr(-np.abs(statistic)) if df is None else stdtr(df, -np.abs(statistic)))
    return pd.DataFrame({
        "estimate": b, "se": se, "statistic": statistic, "df": np.nan if df is None else np.asarray(df, dtype=float),
        "p": p, "ci_low": b - quantile * se, "ci_high": b + quantile * se,
    }, index=pd.Index(names, name="coefficient"))  # fmt: skip
