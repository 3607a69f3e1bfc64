"""The numbers behind a L'Abbé plot: event shares of two arms, and where a pooled effect puts them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.effects.checks import check_choice
from helpers.synthesis.absolute_effects import MEASURES, treated_risk


@dataclass(frozen=True, eq=False)
class Labbe:
    """points: a row a trial: control and treated (shares with the event, 0 to 1) and n (patients of both arms).

    curve: rows of control and treated: where trials would lie if the pooled effect held at every control risk.
    """

    points: pd.DataFrame
    curve: pd.DataFrame
    measure: str
    estimate: float

    def to_frame(self) -> pd.DataFrame:
        """The points."""
        return self.points


def labbe(
    ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike, estimate: float, measure: str = "RR", steps: int = 101
) -> Labbe:
    """Shares with the event under treatment (ai of n1i) and control (ci of n2i), and the line of a pooled effect.

    ai, n1i, ci, n2i: (k,) events and patients. estimate: the pooled risk ratio "RR" or odds ratio "OR" itself, not its
    logarithm, or risk difference "RD". The curve runs over `steps` control risks from 0 to 1 and is held within 0 and 1.
    Raises ValueError, naming the argument, for unequal lengths, no trial, negative or missing counts, more events than
    patients, arms without patients, and a ratio that is not positive. L'Abbé, Detsky and O'Rourke 1987,
    doi:10.7326/0003-4819-107-2-224.
    """
    check_choice("measure", measure, MEASURES)
    if not np.isfinite(estimate) or (measure != "RD" and estimate <= 0):
        raise ValueError(f"estimate: must be a positive ratio, not its logarithm, or a difference, got {estimate!r}")
    counts = {
        name: np.atleast_1d(np.asarray(values, dtype=float))
        for name, values in (("ai", ai), ("n1i", n1i), ("ci", ci), ("n2i", n2i))
    }
    if len({values.shape for values in counts.values()}) > 1 or counts["ai"].size == 0:
        raise ValueError("ai, n1i, ci and n2i: must be of one length, with at least one trial")
    for events, patients in (("ai", "n1i"), ("ci", "n2i")):
        share, whole = counts[events], counts[patients]
        for position in np.flatnonzero(~((share >= 0) & (share <= whole) & (whole > 0) & np.isfinite(whole))):
            raise ValueError(
                f"{events}[{position}]: {share[position]:g} events of {whole[position]:g} patients can not be"
            )
    treated, control = counts["ai"] / counts["n1i"], counts["ci"] / counts["n2i"]
    points = pd.DataFrame({"control": control, "treated": treated, "n": counts["n1i"] + counts["n2i"]})
    risks = np.linspace(0, 1, steps)
    curve = pd.DataFrame(
        {"control": risks, "treated": [treated_risk(float(risk), estimate, measure) for risk in risks]}
    )
    return Labbe(points, curve, measure, float(estimate))
