"""Hedges' exact correction of a standardised mean for small samples."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln


def exact_j(df: NDArray[np.float64]) -> NDArray[np.float64]:
    """J(df) = gamma(df/2) / (sqrt(df/2) gamma((df-1)/2)), df > 1. Hedges 1981, doi:10.3102/10769986006002107."""
    return np.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / np.sqrt(df / 2)
