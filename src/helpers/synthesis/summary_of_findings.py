"""A summary-of-findings table: one row an outcome, with its numbers, absolute effects and certainty."""

from dataclasses import dataclass

import pandas as pd

from helpers.synthesis.absolute_effects import AbsoluteEffect
from helpers.synthesis.certainty import Certainty


@dataclass(frozen=True, eq=False)
class Finding:
    """One outcome: trials k and patients n behind it, its absolute effect (None where it has none) and certainty.

    certainty: None where nobody has judged these trials together; it is never made up.
    """

    outcome: str
    k: int
    n: int
    effect: AbsoluteEffect | None
    certainty: Certainty | None


def summary_of_findings(findings: list[Finding]) -> pd.DataFrame:
    """One row a finding, numbers unrounded: outcome, k, n, measure, relative_*, baseline_per_1000, treated_per_1000_*,
    difference_per_1000_*, number_needed, number_needed_kind, certainty and footnotes (joined by "; "), both empty
    where nothing was judged.
    """
    return pd.DataFrame([_row(finding) for finding in findings])


def _row(finding: Finding) -> dict[str, object]:
    row: dict[str, object] = {"outcome": finding.outcome, "k": finding.k, "n": finding.n}
    if finding.effect is not None:
        effect = finding.effect
        row |= {"measure": effect.measure, "baseline_per_1000": effect.baseline}
        triples = {
            "relative": effect.relative,
            "treated_per_1000": effect.treated,
            "difference_per_1000": effect.difference,
        }
        for name, (estimate, low, high) in triples.items():
            row |= {name: estimate, f"{name}_low": low, f"{name}_high": high}
        needed = effect.numbers_needed[0]
        row |= {"number_needed": needed.number, "number_needed_kind": needed.kind}
    judged = finding.certainty
    return row | {
        "certainty": judged.level if judged else "",
        "footnotes": "; ".join(judged.footnotes) if judged else "",
    }
