"""How far the synthesis lies from stored results of R's metafor, case by case."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.synthesis import pool

CLOSED_FORMS = ("EE", "DL", "HE", "HS", "SJ")
COMPARED = {
    "estimate": "estimate",
    "se": "se",
    "pvalue": "p",
    "ci_lb": "ci_low",
    "ci_ub": "ci_high",
    "tau2": "tau2",
    "I2": "I2",
    "QE": "Q",
    "pi_lb": "pi_low",
    "pi_ub": "pi_high",
}
STEPS = (1e-11, 1e-9, 1e-8, 1e-6, 1e-4)


def deviations(folder: Path) -> pd.DataFrame:
    """One row a stored meta-analysis of `folder`, over all its fits (method x test).

    Columns: case, measure, k, compared (numbers), closed_form and iterative: the largest relative deviation, as the
    smallest of a few powers of ten that it stays below, so that the table is the same on every machine. Differences
    below 1e-10 times the mean sampling variance count as none, as in R's own control of tau2.
    """
    rows = []
    for file in sorted(folder.glob("*.json")):
        stored = json.loads(file.read_text(encoding="utf-8"))
        if "meta" not in stored:
            continue
        used = np.atleast_1d(stored["used"])
        yi, vi = (np.atleast_1d(np.array(stored[name], dtype=float))[used] for name in ("yi", "vi"))
        found = pd.DataFrame(_compared(stored["meta"]["fits"], yi, vi), columns=["closed", "deviation"])
        rows.append(
            {
                "case": file.stem,
                "measure": stored["measure"],
                "k": len(yi),
                "compared": len(found),
                "closed_form": below(found.loc[found["closed"], "deviation"].max()),
                "iterative": below(found.loc[~found["closed"], "deviation"].max()),
            }
        )
    return pd.DataFrame(rows)


def below(deviation: float) -> str:
    """`< 1e-9` for 3e-10; the number itself above the last step; a dash for none."""
    if math.isnan(deviation):
        return "–"
    return next((f"< {step:.0e}".replace("e-0", "e-") for step in STEPS if deviation < step), f"{deviation:.0e}")


def _compared(fits: dict, yi: np.ndarray, vi: np.ndarray) -> Iterator[tuple[bool, float]]:
    floor = 1e-10 * float(vi.mean())
    for name, fit in fits.items():
        method, test = name.split("_")
        if "error" in fit:
            continue
        ours = pool(yi, vi, method=method, test=test)
        for theirs, field in COMPARED.items():
            expected, value = fit.get(theirs), getattr(ours, field)
            if not isinstance(expected, int | float) or not math.isfinite(expected):
                continue
            apart = abs(value - expected) if math.isfinite(value) else math.inf
            yield method in CLOSED_FORMS, 0.0 if apart <= floor else apart / abs(expected) if expected else math.inf
