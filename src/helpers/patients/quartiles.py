"""Quartiles as trial reports print them."""

import numpy as np
from numpy.typing import ArrayLike

DEFINITION = "SAS's default (Hyndman and Fan 1996, type 2)"


def quartile(values: ArrayLike, share: float) -> float:
    """The value that a share of measured patients does not exceed; where it falls between two of them, their mean.

    values: (n,), n >= 1, none missing; share: 0 to 1. Clinical reports are mostly made with SAS, whose default this is.
    Hyndman and Fan 1996, doi:10.1080/00031305.1996.10473566, type 2.
    """
    return float(np.quantile(np.asarray(values, dtype=float), share, method="averaged_inverted_cdf"))
