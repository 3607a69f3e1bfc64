"""Check the stored fits without R: solve the estimating equations of tau2 in 40-digit decimal arithmetic.

Prints, for each estimator, the worst relative difference from the stored tau2.
Run: python tests/oracle/verify_oracle.py
"""

import json
from collections.abc import Callable
from decimal import Decimal, getcontext
from pathlib import Path

getcontext().prec = 40
ESTIMATORS = ("REML", "ML", "PM", "EB")
ZERO = Decimal(0)
Score = Callable[[Decimal], Decimal]


def score_of(method: str, y: list[Decimal], v: list[Decimal]) -> Score:
    """The function of tau2 whose root is the estimate; it falls from positive to negative there."""

    def score(tau2: Decimal) -> Decimal:
        w = [1 / (x + tau2) for x in v]
        total = sum(w)
        mean = sum(a * b for a, b in zip(w, y, strict=True)) / total
        residual = [b - mean for b in y]
        if method in ("PM", "EB"):
            return sum(a * b * b for a, b in zip(w, residual, strict=True)) - (len(y) - 1)
        information = total - sum(a * a for a in w) / total if method == "REML" else total
        return sum((a * b) ** 2 for a, b in zip(w, residual, strict=True)) - information

    return score


def root_near(score: Score, start: Decimal) -> Decimal:
    """The root within one part in a million of `start`, by bisection."""
    low, high = start * (1 - Decimal("1e-6")), start * (1 + Decimal("1e-6"))
    if not score(low) > 0 > score(high):
        raise ValueError(f"no root near {start}")
    for _ in range(70):
        middle = (low + high) / 2
        low, high = (middle, high) if score(middle) > 0 else (low, middle)
    return low


def main() -> None:
    worst = dict.fromkeys(ESTIMATORS, (0.0, "none"))
    for path in sorted(Path(__file__).parent.glob("*.json")):
        stored = json.loads(path.read_text(), parse_float=Decimal, parse_int=Decimal)
        if "meta" not in stored or stored["meta"]["k"] < 2:
            continue
        y, v = ([x for x, used in zip(stored[name], stored["used"], strict=True) if used] for name in ("yi", "vi"))
        for method in ESTIMATORS:
            tau2 = stored["meta"]["fits"][f"{method}_z"]["tau2"]
            score = score_of(method, y, v)
            if tau2 == 0:
                if score(ZERO) > 0:
                    print(f"{path.stem} {method}: stored as 0, but the score there is positive")
                continue
            difference = float(abs(root_near(score, tau2) / tau2 - 1))
            worst[method] = max(worst[method], (difference, path.stem))
    for method, (difference, name) in worst.items():
        print(f"{method:5} worst relative difference {difference:.1e} ({name})")


if __name__ == "__main__":
    main()
