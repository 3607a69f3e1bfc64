"""DEBIT: can n zeros and ones have this printed mean together with this printed SD?

k ones among n values have the sample variance k (n - k) / (n (n - 1)), so the mean settles the SD.
Heathers and Brown 2019, "DEBIT: a simple consistency test for binary data", osf.io/5vb3u. There the SD is computed from the
limits of the mean; here from each whole k between them, which is exact.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.scrutiny.pairs import every_pair
from helpers.scrutiny.printed_number import Printed
from helpers.scrutiny.printed_numbers import PrintedNumbers
from helpers.scrutiny.shares import fitting_counts


def debit(
    mean: PrintedNumbers | Printed | ArrayLike,
    sd: PrintedNumbers | Printed | ArrayLike,
    n: ArrayLike,
    *,
    rounding: str = "either",
) -> bool | NDArray[np.bool_]:
    """Whether n values that are 0 or 1 can have a mean and a sample SD (divisor n - 1) that print like this.

    mean, sd: text as printed, one or many, broadcast against n; rounding as in `grim`. Returns a bool, or an array of
    them. Raises ValueError for means and SDs that are not text, for n below 2 and for a negative SD.
    """
    return every_pair(
        lambda one_mean, one_sd, size: bool(debit_counts(one_mean, one_sd, size, rounding=rounding)), mean, sd, n
    )


def debit_counts(mean: Printed, sd: Printed, n: int, *, rounding: str = "either") -> list[int]:
    """The numbers of ones among n values that give this printed mean and SD."""
    variance = sd.interval(rounding).squared()
    return [k for k in fitting_counts(mean, n, whole=1, rounding=rounding) if binary_variance(k, n) in variance]


def binary_variance(k: int, n: int) -> Fraction:
    """The sample variance of k ones and n - k zeros."""
    return Fraction(k * (n - k), n * (n - 1))
