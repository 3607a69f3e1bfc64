"""How much a synthesis depends on single trials."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.synthesis.pooling import pool
from helpers.synthesis.trials import one_meta_analysis

COLUMNS = ["estimate", "se", "ci_low", "ci_high", "p", "Q", "Q_p", "tau2", "I2", "H2"]


def leave_one_out(
    yi: ArrayLike, vi: ArrayLike, method: str = "REML", test: str = "knha", level: float = 0.95
) -> pd.DataFrame:
    """Pool again without each trial in turn: row i is without trial i, columns as the fields of Pooled.

    yi, vi: (k,), k >= 2. Raises ValueError as pool, and for one trial.
    """
    trials = one_meta_analysis(yi, vi)
    y, v = trials.yi[0], trials.vi[0]
    if y.size == 1:
        raise ValueError("yi: at least two trials are needed to leave one out, got 1")
    rows = [pool(np.delete(y, i), np.delete(v, i), method, test, level).to_frame() for i in range(y.size)]
    return pd.concat(rows, ignore_index=True)[COLUMNS]
