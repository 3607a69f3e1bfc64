"""The stored meta-analyses: their effects, and what metafor made of them."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ORACLE = Path(__file__).parents[1] / "oracle"


@dataclass(frozen=True)
class Case:
    name: str
    yi: NDArray[np.float64]
    vi: NDArray[np.float64]
    meta: dict

    @property
    def floor(self) -> float:
        """Absolute tolerance of tau2."""
        return 1e-10 * float(self.vi.mean())


def _case(path: Path) -> Case | None:
    stored = json.loads(path.read_text())
    if "meta" not in stored:
        return None
    used = np.atleast_1d(stored["used"])
    yi, vi = (np.atleast_1d(np.array(stored[name], dtype=float))[used] for name in ("yi", "vi"))
    return Case(path.stem, yi, vi, stored["meta"])


CASES = {case.name: case for path in sorted(ORACLE.glob("*.json")) if (case := _case(path))}
SEVERAL_TRIALS = [name for name, case in CASES.items() if len(case.yi) > 1]
