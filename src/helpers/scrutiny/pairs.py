"""Apply the check of one printed mean, SD and n to many."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.scrutiny.printed_number import Printed
from helpers.scrutiny.printed_numbers import PrintedNumbers, whole


def every_pair(
    possible: Callable[[Printed, Printed, int], bool],
    mean: PrintedNumbers | Printed | ArrayLike,
    sd: PrintedNumbers | Printed | ArrayLike,
    n: ArrayLike,
) -> bool | NDArray[np.bool_]:
    """`possible` of each mean, SD and n, broadcast against each other: a bool, or an array of them.

    Raises ValueError for means and SDs that are not text as printed, for n below 2 and for negative SDs.
    """
    means, sds, sizes = PrintedNumbers.read("mean", mean), PrintedNumbers.read("sd", sd), whole("n", n, least=2)
    whole("sd", sds.scaled, least=0)
    columns = np.broadcast_arrays(means.scaled, means.decimals, sds.scaled, sds.decimals, sizes)
    found = [
        possible(Printed("", mean_scaled, mean_decimals), Printed("", sd_scaled, sd_decimals), size)
        for mean_scaled, mean_decimals, sd_scaled, sd_decimals, size in zip(
            *(column.ravel().tolist() for column in columns), strict=True
        )
    ]
    return np.array(found, dtype=bool).reshape(columns[0].shape) if columns[0].ndim else found[0]
