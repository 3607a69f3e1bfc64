"""The data sets that could lie behind printed numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.scrutiny.reconstruction.targets import Targets


@dataclass(frozen=True)
class Reconstruction:
    """Data sets as counts of patients on each level.

    targets: what the printed numbers ask for. counts: (data sets x levels) numbers of patients. complete: these are all
    data sets there are, each once; otherwise a sample, in which one can come up again. total: the exact number of
    data sets, None where it is not known. seed: that of the sample, None for a list.
    """

    targets: Targets
    counts: NDArray[np.int32]
    complete: bool
    total: int | None
    seed: int | None

    @property
    def levels(self) -> NDArray[np.float64]:
        """The values that belong to the columns of `counts`."""
        return np.array(self.targets.levels, dtype=float)

    @property
    def values(self) -> NDArray[np.float64]:
        """(data sets x n) the values of each data set, rising."""
        n, rows = self.targets.n, len(self.counts)
        return np.repeat(np.tile(self.levels, rows), self.counts.ravel()).reshape(rows, n)

    def to_frame(self) -> pd.DataFrame:
        """One row for each data set, one column for each level."""
        return pd.DataFrame(self.counts, columns=pd.Index(self.levels, name="level"))
