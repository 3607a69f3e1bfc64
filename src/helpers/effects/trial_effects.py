"""From the numbers a trial reported to its effect sizes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers import effects

if TYPE_CHECKING:
    from helpers.evidence import Evidence, Trial

KIND_RANK = {"patients": 0, "primary": 1, "registry": 2, "secondary": 3, "derived": 4}
FIRST_HAND = ("patients", "primary", "registry")
LOG_MEASURES = frozenset({"RR", "OR", "IRR", "GenOR"})
PLACE = ["report", "outcome", "variable", "day", "population"]
SAME_NUMBER = ["arm", "comparator", "statistic", "level"]
INPUTS = ["ai", "ci", "x1i", "x2i", "m1i", "sd1i", "m2i", "sd2i"]
COLUMNS = [
    "trial", *PLACE, "visit", "measure", "n1i", "n2i", *INPUTS, "yi", "vi",
    "estimate", "ci_low", "ci_high", "inputs", "route", "kind", "no_events",
]  # fmt: skip


Row = dict[str, Any]
"""One row of results.csv: column -> cell."""


@dataclass(frozen=True)
class Side:
    """What one side of a comparison reported, its arms combined.

    values: statistic -> value. counts: level of an ordinal scale -> patients.
    """

    values: dict[str, float]
    counts: dict[float, float]

    def has(self, *statistics: str) -> bool:
        return all(name in self.values for name in statistics)

    def __getitem__(self, statistic: str) -> float:
        return self.values[statistic]


def usable(results: pd.DataFrame, sources: str) -> pd.DataFrame:
    """The rows that `sources` admits: "all", or "primary" for patient-level data, reports and registries only.

    Raises ValueError for another word.
    """
    if sources not in ("all", "primary"):
        raise ValueError(f"sources is {sources!r}; allowed: 'all', 'primary'")
    return results if sources == "all" else results[results["kind"].isin(FIRST_HAND)]


def strongest(block: pd.DataFrame) -> pd.DataFrame:
    """One row per arm, comparator, statistic and level: the one read from the strongest kind of source."""
    ranked = block.sort_values("kind", key=lambda kinds: kinds.map(KIND_RANK), kind="stable")
    return ranked.drop_duplicates(SAME_NUMBER)


def row_blocks(reported: pd.DataFrame, by: list[str]) -> list[list[Row]]:
    """The rows that share the cells of some columns, in order: frames of a few rows would cost a hundred times as much."""
    blocks: dict[tuple, list[Row]] = {}
    for row in reported.to_dict("records"):
        blocks.setdefault(tuple(row[name] for name in by), []).append(row)
    return list(blocks.values())


def strongest_rows(block: list[Row]) -> list[Row]:
    """What `strongest` keeps of a block, as rows."""
    kept: dict[tuple, Row] = {}
    for row in sorted(block, key=lambda row: KIND_RANK[row["kind"]]):
        kept.setdefault(tuple(row[name] for name in SAME_NUMBER), row)
    return list(kept.values())


def weakest_kind(kinds: Iterable[str]) -> str:
    """The weakest source kind among the inputs of one number."""
    return max(kinds, key=KIND_RANK.__getitem__)


def trial_effects(evidence: Evidence, *, sources: str = "all", level: float = 0.95) -> pd.DataFrame:
    """Every effect size that the controlled trials' reported numbers allow.

    sources: "all", or "primary" to leave secondary and derived numbers out. level: confidence level of the limits.
    Returns one row per trial, outcome, time, population and measure. yi and vi are on the additive scale (log for
    RR, OR, IRR, GenOR); estimate, ci_low and ci_high on the scale people read. SMD and GenOR are turned so that
    higher favours the cells, whatever the direction of the scale; MD, RR, OR, RD and IRR are cells against control
    as measured. Several experimental arms are combined (Cochrane Handbook, section 23.3.4). `kind` is the weakest
    source kind among the inputs; `no_events` marks comparisons without an event on either side. Beside the sizes n1i
    and n2i of both sides stand what the effect was worked out from, named as in metafor's escalc and nan otherwise:
    patients with the event (ai, ci), events (x1i, x2i), means and SDs (m1i, sd1i, m2i, sd2i), first the cells.
    A difference at baseline (day 0) is no effect. An outcome reported itself is not counted from the levels of a scale too.
    Raises ValueError for an unknown `sources`.
    """
    rows: list[dict[str, Any]] = []
    own: set[tuple[Any, ...]] = set()
    counted: list[bool] = []
    reported = usable(evidence.results, sources)
    for block in row_blocks(reported[reported["day"] > 0], ["trial", *PLACE]):
        trial = evidence.trials[block[0]["trial"]]
        if trial.design != "single-arm":
            where = {name: block[0][name] for name in ("trial", *PLACE, "visit")}
            found = [where | effect for effect in _block_effects(trial, evidence.outcomes, strongest_rows(block))]
            counted += [row["outcome"] != where["outcome"] for row in found]
            own |= {_same_patients(row) for row in found if row["outcome"] == where["outcome"]}
            rows += found
    rows = [row for row, other in zip(rows, counted, strict=True) if not (other and _same_patients(row) in own)]
    return _with_limits(pd.DataFrame(rows).reindex(columns=COLUMNS), level)


def _same_patients(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("trial", "outcome", "day", "population"))


def scale_levels(outcome: pd.Series) -> list[float]:
    """Every level of an ordinal outcome (a row of the dictionary), from its min, max and step."""
    steps = round((outcome["max"] - outcome["min"]) / outcome["step"])
    return [round(float(outcome["min"] + at * outcome["step"]), 9) for at in range(steps + 1)]


def whole_arms(trial: Trial, role: str) -> list[str]:
    """The arms of one side; a part of another arm is never counted beside it."""
    return [arm.id for arm in trial.arms if arm.role == role and not arm.part_of]


def _block_effects(trial: Trial, outcomes: pd.DataFrame, block: list[Row]) -> Iterator[dict[str, Any]]:
    """The effects of one outcome at one time in one population."""
    outcome = outcomes.loc[block[0]["outcome"]]
    arms = whole_arms(trial, "experimental"), whole_arms(trial, "control")
    block = [row for row in block if row["arm"] in arms[0] or row["arm"] in arms[1]]
    cells, control = (_side(block, side) for side in arms)
    if cells is None or control is None or not cells.has("n") or not control.has("n"):
        return
    for effect in _effects(outcome, outcomes, cells, control, block, arms):
        used = effect.pop("used")
        kind = weakest_kind(row["kind"] for row in block if row["statistic"] in used)
        yield effect | {"n1i": cells["n"], "n2i": control["n"], "kind": kind}


def _effects(
    outcome: pd.Series,
    outcomes: pd.DataFrame,
    cells: Side,
    control: Side,
    block: list[Row],
    arms: tuple[list[str], list[str]],
) -> Iterator[dict[str, Any]]:
    """Each effect with the statistics it used."""
    if outcome["type"] == "events" and cells.has("event_count") and control.has("event_count"):
        yield _rate_ratio(cells, control)
    elif outcome["type"] == "binary" and cells.has("events") and control.has("events"):
        yield from _two_by_two(cells, control)
    elif outcome["type"] in ("ordinal", "continuous") and outcome["direction"] != "none":
        if cells.counts and control.counts:
            yield from _ordinal(outcome, outcomes, cells, control)
        if cells.has("mean", "sd") and control.has("mean", "sd"):
            yield from _means(outcome, cells, control)
        elif (test := _reported_test(block, arms)) is not None:
            yield _from_test(*test, cells, control)


def _side(block: list[Row], arms: list[str]) -> Side | None:
    """One side's numbers; None when one of its arms reported nothing."""
    groups = [[row for row in block if row["arm"] == arm and not row["comparator"]] for arm in arms]
    if not groups or not all(groups):
        return None
    values = [{row["statistic"]: row["value"] for row in group} for group in groups]
    shared = set.intersection(*(set(value) for value in values))
    total = {
        name: float(sum(value[name] for value in values))
        for name in ("n", "events", "event_count", "person_years")
        if name in shared
    }
    if {"n", "mean", "sd"} <= shared:
        n, mean, sd = effects.combine_means(*(np.array([v[name] for v in values]) for name in ("n", "mean", "sd")))
        total |= {"n": float(n), "mean": float(mean), "sd": float(sd)}
    counts: dict[float, float] = {}
    for row in itertools.chain(*groups):
        if row["statistic"] == "count":
            at = round(float(row["level"]), 9)
            counts[at] = counts.get(at, 0.0) + row["value"]
    return Side(total, counts)


def _short(number: float) -> str:
    """A number as it was printed; a computed one, whose digits do not end, with four of them."""
    return f"{number:g}" if round(number, 2) == number else f"{number:.4g}"


def _rate_ratio(cells: Side, control: Side) -> dict[str, Any]:
    timed = cells.has("person_years") and control.has("person_years")
    time = "person_years" if timed else "n"
    effect = effects.log_rate_ratio(cells["event_count"], cells[time], control["event_count"], control[time])
    unit = "person-years" if timed else "patients"
    return _row(
        "IRR",
        effect,
        f"{cells['event_count']:g} events in {_short(cells[time])} {unit} v "
        f"{control['event_count']:g} in {_short(control[time])}",
        "events per person-year" if timed else "events per patient, equal follow-up assumed",
        ("event_count", time),
        no_events=cells["event_count"] + control["event_count"] == 0,
        x1i=cells["event_count"],
        x2i=control["event_count"],
    )


def _two_by_two(cells: Side, control: Side, route: str = "patients with the event") -> Iterator[dict[str, Any]]:
    table = (cells["events"], cells["n"], control["events"], control["n"])
    inputs = f"{table[0]:g}/{table[1]:g} v {table[2]:g}/{table[3]:g}"
    none = table[0] + table[2] == 0
    for measure, function in (
        ("RR", effects.log_risk_ratio),
        ("OR", effects.log_odds_ratio),
        ("RD", effects.risk_difference),
    ):
        effect = function(*table)
        yield _row(measure, effect, inputs, route, ("events", "n"), no_events=none, ai=table[0], ci=table[2])


def _ordinal(outcome: pd.Series, outcomes: pd.DataFrame, cells: Side, control: Side) -> Iterator[dict[str, Any]]:
    """The shift over all levels, and the dichotomies that the dictionary of outcomes defines on them."""
    levels = scale_levels(outcome)
    first, second = ([side.counts.get(at, 0.0) for at in levels] for side in (cells, control))
    effect = effects.generalized_odds_ratio(first, second, better=outcome["direction"])
    inputs = f"{' '.join(f'{n:g}' for n in first)} v {' '.join(f'{n:g}' for n in second)}"
    yield _row("GenOR", effect, inputs, f"patients at each level, {levels[0]:g} to {levels[-1]:g}", ("count",))
    for name, dichotomy in outcomes[outcomes["from_outcome"] == outcome.name].iterrows():
        chosen = {float(at) for at in dichotomy["from_levels"].split()}
        first_side, second_side = (
            Side(
                {"n": sum(side.counts.values()), "events": sum(n for at, n in side.counts.items() if at in chosen)}, {}
            )
            for side in (cells, control)
        )
        scale = outcome["abbreviation"] or outcome["name"]
        for row in _two_by_two(first_side, second_side, f"counted from the levels of {scale}"):
            yield row | {"outcome": name, "used": ("count",)}


def _means(outcome: pd.Series, cells: Side, control: Side) -> Iterator[dict[str, Any]]:
    benefit = 1 if outcome["direction"] == "higher" else -1
    first, second = ((side["mean"], side["sd"], side["n"]) for side in (cells, control))
    inputs = " v ".join(f"{_short(mean)} ± {_short(sd)} (n {n:g})" for mean, sd, n in (first, second))
    standardized = effects.standardized_mean_difference(*first, *second)
    used = ("mean", "sd", "n")
    numbers: dict[str, Any] = {"m1i": first[0], "sd1i": first[1], "m2i": second[0], "sd2i": second[1]}
    turned = effects.Effect(benefit * standardized.yi, standardized.vi)
    yield _row("MD", effects.mean_difference(*first, *second), inputs, "means and SDs", used, **numbers)
    yield _row("SMD", turned, inputs, "means and SDs", used, **numbers)


def _reported_test(block: list[Row], arms: tuple[list[str], list[str]]) -> tuple[Row, float] | None:
    """The row of the p-value of the one comparison between two whole arms, and its direction (+1 favours the cells).

    None where a side has several arms, where p is an inequality, or where no direction is stated.
    """
    if len(arms[0]) != 1 or len(arms[1]) != 1:
        return None
    for sign, sides in ((1, (*arms[0], *arms[1])), (-1, (*arms[1], *arms[0]))):
        test = {
            row["statistic"]: row for row in block if (row["arm"], row["comparator"]) == sides and not row["qualifier"]
        }
        if {"p", "direction"} <= set(test) and test["direction"]["value"] != 0:
            return test["p"], sign * test["direction"]["value"]
    return None


def _from_test(p: Row, direction: float, cells: Side, control: Side) -> dict[str, Any]:
    effect = effects.smd_from_p(p["value"], cells["n"], control["n"], direction)
    inputs = f"p {p['printed']} (n {cells['n']:g} v {control['n']:g})"
    route = f"reported p ({p['method'] or 'test not stated'}) and direction"
    return _row("SMD", effect, inputs, route, ("p", "direction", "n"))


def _row(
    measure: str,
    effect: effects.Effect,
    inputs: str,
    route: str,
    used: tuple[str, ...],
    *,
    no_events: bool = False,
    **numbers: float,
) -> dict[str, Any]:
    return {
        "measure": measure,
        "yi": float(effect.yi),
        "vi": float(effect.vi),
        "inputs": inputs,
        "route": route,
        "used": used,
        "no_events": no_events,
        **numbers,
    }


def _with_limits(frame: pd.DataFrame, level: float) -> pd.DataFrame:
    """Add the Wald limits and turn log measures into ratios."""
    half = norm.ppf((1 + level) / 2) * np.sqrt(frame["vi"].astype(float))
    log = frame["measure"].isin(LOG_MEASURES)
    frame["no_events"] = frame["no_events"].astype(bool)
    for name, value in (("estimate", frame["yi"]), ("ci_low", frame["yi"] - half), ("ci_high", frame["yi"] + half)):
        frame[name] = value.astype(float).where(~log, np.exp(value.astype(float)))
    return frame
