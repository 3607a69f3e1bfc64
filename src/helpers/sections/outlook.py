"""What would change this: the next trial that would move a conclusion, how probable it is, and how much is needed."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import Markdown

from helpers.charts import outlook_lines, tipping_chart
from helpers.evidence import Evidence
from helpers.format import interval, kind_mark, number, percent
from helpers.sections.layout import folded_tables, table
from helpers.sections.sentences import (
    MEASURES,
    POPULATION_NAMES,
    as_text,
    benefit,
    count,
    favours,
    listed,
    sentence_case,
)
from helpers.synthesis import HalfNormal, bayesian, pool
from helpers.synthesis.findings import finding
from helpers.synthesis.information_size import SIZE_MEASURES, diversity, required_information_size, required_trials
from helpers.synthesis.next_trial import (
    NAMES,
    POINTS,
    conclusions,
    predictive_probabilities,
    tipping_map,
)
from helpers.synthesis.planned import PlannedSynthesis, planned_syntheses
from helpers.synthesis.spread_prior import spread_prior
from helpers.synthesis.trial_precision import COUNTS, TrialPrecision, unit_variance

SIZES = (
    10,
    13,
    16,
    20,
    25,
    32,
    40,
    50,
    63,
    79,
    100,
    126,
    158,
    200,
    250,
    316,
    398,
    500,
    631,
    794,
    1000,
    1259,
    1585,
    2000,
)
TOLD = (25, 50, 100, 200, 500, 1000)  # patients an arm, in the tables
COMPUTED = tuple(sorted({*SIZES[:11:2], *TOLD, SIZES[-1]}))  # at which probabilities are: closer where they rise
FURTHER = (1, 2, 3, 5)  # trials
STEPS = 241  # effects in a tipping map
LEFT_OPEN = "leaves it open"
RATIOS_SOUGHT = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9)
DIFFERENCES_SOUGHT = (0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
OTHER_RISKS = (0.1, 0.25, 0.5)
FEW = 5  # trials, below which their diversity says little
ASSUMED_DIVERSITY = 0.25


@dataclass(frozen=True, eq=False)
class Outlook:
    """One planned synthesis with at least one trial, and what a next trial of a size would weigh.

    better: +1 where a higher effect favours the cells, else -1. precision: of a next trial, its risk without cells that
    of the trials' control groups. baseline: that risk or rate; None for scores.
    """

    result: PlannedSynthesis
    better: int
    precision: TrialPrecision
    baseline: float | None

    @property
    def title(self) -> str:
        return str(self.result.plan["title"])

    @property
    def measure(self) -> str:
        return str(self.result.plan["measure"])

    @property
    def yi(self) -> np.ndarray:
        return self.result.pooled["yi"].to_numpy(float)

    @property
    def vi(self) -> np.ndarray:
        return self.result.pooled["vi"].to_numpy(float)

    @property
    def spread(self) -> HalfNormal:
        """The prior of the spread between trials."""
        rows = self.result.pooled
        return spread_prior(self.measure, self.vi, rows["n1i"].to_numpy(float), rows["n2i"].to_numpy(float))

    @functools.cached_property
    def now(self) -> str:
        """What is concluded today: "above", "open" or "below" no effect."""
        return NAMES[int(conclusions(self.yi, self.vi, self.result.level)[0])]

    @functools.cached_property
    def probabilities(self) -> pd.DataFrame:
        """Probability of each conclusion once further trials of a size have joined, as the evidence stands.

        Columns n, above, open, below, further (trials), and moved: the probability of another conclusion than now.
        """
        posterior = bayesian(self.yi, self.vi, self.spread)
        rows = pd.concat(
            [
                predictive_probabilities(
                    self.yi, self.vi, self.precision, COMPUTED, posterior, further, self.result.level
                ).assign(further=further)
                for further in FURTHER
            ],
            ignore_index=True,
        )
        return rows.assign(moved=rows[[name for name in NAMES.values() if name != self.now]].sum(axis=1))

    def moved(self, further: int, n: int) -> float:
        """The probability that `further` trials of `n` patients an arm move the conclusion."""
        rows = self.probabilities
        return float(rows.loc[(rows["further"] == further) & (rows["n"] == n), "moved"].iloc[0])

    def words(self, conclusion: str) -> str:
        return LEFT_OPEN if conclusion == "open" else favours(self.better)[conclusion == "above"]

    def shown(self, effect: Any) -> Any:
        """From the scale of pooling to the one people read."""
        return np.exp(effect) if self.result.log else effect


def prepared(evidence: Evidence, population: str, sources: str, level: float) -> list[Outlook]:
    """The planned questions that a trial of the population answers."""
    results = planned_syntheses(evidence, population=population, sources=sources, level=level)
    found = []
    for result in results.values():
        if result.primary is None:
            continue
        measure, rows = result.plan["measure"], result.pooled
        its_finding = finding(evidence, result)
        baseline = None
        if measure in COUNTS and its_finding is not None and its_finding.controls is not None:
            controls = its_finding.controls
            baseline = min(max(controls.risk, 0.5 / controls.n), 1 - 0.5 / controls.n if measure != "IRR" else np.inf)
        unit = unit_variance(rows["vi"].to_numpy(float), rows["n1i"].to_numpy(float), rows["n2i"].to_numpy(float))
        precision = TrialPrecision(measure, baseline, None if measure in COUNTS or measure == "SMD" else unit)
        found.append(Outlook(result, benefit(evidence, result), precision, baseline))
    return found


def silent(evidence: Evidence, population: str, sources: str, level: float) -> Markdown | None:
    """The questions of which nothing can be said, for want of any trial."""
    results = planned_syntheses(evidence, population=population, sources=sources, level=level)
    names = [as_text(result.plan["title"].lower()) for result in results.values() if result.primary is None]
    if not names:
        return None
    return Markdown(
        f"No trial of {POPULATION_NAMES[population]} answers {listed(names)} in a comparable way: there the next trial would "
        "be the first, and is not looked at below."
    )


def overview(outlooks: list[Outlook]) -> Any:
    """One row a question: what is concluded, how probable it is that a next trial moves it, and how many patients it takes."""
    rows = []
    for each in outlooks:
        rows.append(
            {
                "Question": each.result.plan["question"],
                "Trials": str(len(each.yi)),
                "Concluded now": each.words(each.now),
                "One next trial of 100 an arm moves it": percent(each.moved(1, 100), 0),
                "One of 500 an arm": percent(each.moved(1, 500), 0),
                "Three of 100 an arm": percent(each.moved(3, 100), 0),
            }
        )
    return table(
        pd.DataFrame(rows),
        id="outlook",
        title="How probable it is that further trials move the conclusion",
        notes=[_prior_note(*outlooks)],
        empty="No question has a trial.",
    )


def _prior_note(*outlooks: Outlook) -> str:
    scales = listed(sorted({f"{each.spread.scale:g}" for each in outlooks}) or [""])
    return (
        f"Probabilities as the evidence stands: effects drawn from what the trials say together with a half-normal prior of "
        f"scale {scales} on the spread between trials, the mean effect left free. Right to about one percentage point "
        f"({POINTS:,} quasi-random draws)."
    )


def by_question(evidence: Evidence, outlooks: list[Outlook]) -> list[Any]:
    """For every question what the next trial would have to show, how probable that is, and how much evidence is needed."""
    shown: list[Any] = []
    for each in outlooks:
        mapped = mapping(each)
        shown += [
            Markdown(f"### {as_text(each.title)}"),
            reading(each, mapped),
            tipping(evidence, each, mapped),
            tipping_table(each, mapped),
            probability_chart(each),
            probability_table(each),
        ]
        if each.measure in SIZE_MEASURES:
            shown += [information_sentence(each), information_chart(each), information_table(each)]
    return shown


def mapping(each: Outlook) -> pd.DataFrame:
    """The conclusion after a next trial, by its size and its effect, on the scale of pooling."""
    low, high = _effects(each)
    return tipping_map(
        each.yi, each.vi, each.precision, SIZES, np.linspace(low, high, STEPS).tolist(), each.result.level
    )


def _effects(each: Outlook) -> tuple[float, float]:
    """Effects a trial might show: 0.1 to 10 for ratios, -2 to 2 SDs, and no share outside 0 and 1."""
    if each.measure == "RD":
        return -min(1.0, each.baseline or 1.0), 1 - (each.baseline or 0.0)
    if not each.result.log:
        return (-2.0, 2.0) if each.measure == "SMD" else _four_times(each)
    return float(np.log(0.1)), float(np.log(10))


def _four_times(each: Outlook) -> tuple[float, float]:
    reach = 4 * float(np.max(np.abs(each.yi) + np.sqrt(each.vi)))
    return -reach, reach


def bands(each: Outlook, mapped: pd.DataFrame) -> pd.DataFrame:
    """A tipping map as rectangles: runs of effects with one conclusion, for each size, on the scale people read."""
    edges = np.sqrt(np.array(SIZES[:-1]) * np.array(SIZES[1:]))
    left, right = np.append(SIZES[0], edges), np.append(edges, SIZES[-1])
    rows = []
    for (_, block), n_from, n_to in zip(mapped.groupby("n", sort=True), left, right, strict=True):
        effect, conclusion = block["effect"].to_numpy(), block["conclusion"].to_numpy()
        middle = (effect[1:] + effect[:-1]) / 2
        cuts = np.flatnonzero(conclusion[1:] != conclusion[:-1])
        starts, ends = np.append(effect[0], middle[cuts]), np.append(middle[cuts], effect[-1])
        for start, end, which in zip(starts, ends, conclusion[np.append(0, cuts + 1)], strict=True):
            rows.append([n_from, n_to, each.shown(start), each.shown(end), each.words(which)])
    return pd.DataFrame(rows, columns=["n_from", "n_to", "low", "high", "conclusion"])


def tipping(evidence: Evidence, each: Outlook, mapped: pd.DataFrame) -> Any:
    """Size and effect of the next trial, and what follows from them; the trials there are lie beside."""
    rows = each.result.pooled
    size = 2 / (1 / rows["n1i"] + 1 / rows["n2i"])
    trials = pd.DataFrame(
        {
            "label": [evidence.trials[row.trial].name + kind_mark(row.kind) for row in rows.itertuples()],
            "n": size.to_numpy(float),
            "estimate": rows["estimate"].to_numpy(float),
        }
    )
    title = f"{each.title}: what the next trial would have to show"
    return tipping_chart(
        bands(each, mapped),
        trials,
        sides=_sides(each),
        open_label=f"after that trial the synthesis {LEFT_OPEN}",
        measure_label=sentence_case(MEASURES[each.measure]),
        log=each.result.log,
        favours=favours(each.better),
        title=title,
        description=f"{title}: {_tipping_words(each, mapped)}",
        notes=["Diamonds: the trials there are, by their own size and effect"],
    )


def _sides(each: Outlook) -> tuple[str, str]:
    return "favours control", "favours cells"


def needed(each: Outlook, mapped: pd.DataFrame, side: str) -> dict[int, tuple[float, float] | None]:
    """Of each size the effects of a next trial after which the synthesis concludes for a side: the lowest and the highest.

    On the scale of pooling; infinite where they reach the end of the map; None where no effect does it. Too strong an
    effect may not do: it would show that trials differ, and widen the interval.
    """
    wanted = {each.words(name): name for name in NAMES.values()}[side]
    low, high = mapped["effect"].min(), mapped["effect"].max()
    found: dict[int, tuple[float, float] | None] = {}
    for n, block in mapped.groupby("n", sort=True):
        effects = block.loc[block["conclusion"] == wanted, "effect"]
        ends = None if effects.empty else (float(effects.min()), float(effects.max()))
        if ends is not None:
            ends = (-np.inf if ends[0] == low else ends[0], np.inf if ends[1] == high else ends[1])
        found[int(n)] = ends
    return found


def reading(each: Outlook, mapped: pd.DataFrame) -> Markdown:
    """What one next trial can do, in a sentence or two."""
    k = len(each.yi)
    now = f"{sentence_case(count(k, 'trial'))} so far; the book {_concludes(each)}."
    rule = {
        1: "With a second trial three intervals would stand side by side, and all three would have to agree; the widest of "
        "them rests on one degree of freedom.",
        2: "With a third trial the Hartung-Knapp interval with two degrees of freedom would decide.",
    }.get(k, "")
    return Markdown(" ".join(part for part in (now, rule, _tipping_words(each, mapped)) if part))


def _concludes(each: Outlook) -> str:
    return "leaves the question open" if each.now == "open" else f"says that the result {each.words(each.now)}"


def _tipping_words(each: Outlook, mapped: pd.DataFrame) -> str:
    sentences = []
    for side in reversed(_sides(each)):
        possible = {n: effects for n, effects in needed(each, mapped, side).items() if effects is not None}
        verb = side.replace("favours", "favour")
        if not possible:
            sentences.append(f"No single next trial of up to {SIZES[-1]:,} patients an arm could make it {verb}.")
            continue
        least, most = min(possible), max(possible)
        last = f", and {_range(each, possible[most])} with {most:,}" if most != least else ""
        sentences.append(
            f"To {verb} after one more trial, that trial would have to show {_range(each, possible[least])} with {least:,} "
            f"patients an arm{last}."
        )
        if any(np.isfinite(effects).all() for effects in possible.values()):
            sentences.append(
                "More than that would not do: it would show that trials differ, which widens the interval."
            )
    return " ".join(sentences)


def _range(each: Outlook, effects: tuple[float, float]) -> str:
    low, high = effects
    if not np.isfinite(low):
        return f"{number(each.shown(high))} or less"
    if not np.isfinite(high):
        return f"{number(each.shown(low))} or more"
    return interval(each.shown(low), each.shown(high))


def tipping_table(each: Outlook, mapped: pd.DataFrame) -> Any:
    """The numbers of the chart at round sizes."""
    sides = {side: needed(each, mapped, side) for side in reversed(_sides(each))}
    rows = []
    for n in TOLD:
        cells = {"Patients in each arm": f"{n:,}"}
        for side, by_size in sides.items():
            effects = by_size[n]
            cells[sentence_case(side.replace("favours", "to favour"))] = (
                "not possible" if effects is None else _range(each, effects)
            )
        rows.append(cells)
    title = f"{each.title}: {MEASURES[each.measure]} that one next trial would have to show"
    return table(pd.DataFrame(rows), id=f"tipping-{each.result.plan.name}", title=title)


def probability_chart(each: Outlook) -> Any:
    """How probable it is that further trials of a size move the conclusion."""
    rows = each.probabilities
    lines = [count(further, "further trial") for further in rows["further"]]
    frame = pd.DataFrame({"x": rows["n"], "y": rows["moved"], "line": lines})
    title = f"{each.title}: probability that further trials move the conclusion"
    ends = "; ".join(
        f"{line}: {percent(block['y'].iloc[0], 0)} with {block['x'].iloc[0]:,} and {percent(block['y'].iloc[-1], 0)} with "
        f"{block['x'].iloc[-1]:,} patients an arm"
        for line, block in frame.groupby("line", sort=False)
    )
    return outlook_lines(
        frame,
        across_title="Patients in each arm of each further trial",
        up_title="Probability of another conclusion than now",
        percent=True,
        title=title,
        description=f"{title}. {ends}",
        notes=[f"Now: {each.words(each.now)}"],
    )


def probability_table(each: Outlook) -> Any:
    """The probabilities, by which way the conclusion goes."""
    rows = each.probabilities[each.probabilities["n"].isin(TOLD)]
    cells = {
        "Further trials": [count(further, "trial") for further in rows["further"]],
        "Patients in each arm": [f"{n:,}" for n in rows["n"]],
    }
    for name in ("above", "open", "below") if each.better > 0 else ("below", "open", "above"):
        cells[sentence_case(each.words(name))] = [percent(value, 0) for value in rows[name]]
    title = f"{each.title}: probability of each conclusion"
    return folded_tables(
        [(f"probability-{each.result.plan.name}", title, pd.DataFrame(cells))], notes=[_prior_note(each)]
    )


def _sought(each: Outlook) -> list[float]:
    """Effects worth finding, on the scale of pooling, toward the side of the cells."""
    if each.measure == "SMD":
        return [each.better * effect for effect in DIFFERENCES_SOUGHT]
    ratios = RATIOS_SOUGHT if each.better < 0 else tuple(1 / ratio for ratio in reversed(RATIOS_SOUGHT))
    if each.measure == "RD":
        return [(ratio - 1) * (each.baseline or 0.0) for ratio in ratios]
    return [float(np.log(ratio)) for ratio in ratios]


def _risks(each: Outlook) -> dict[str, float | None]:
    """Risks without cells to plan for: that of the trials, and others."""
    if each.baseline is None:
        return {"": None}
    if each.measure == "IRR":
        own = f"{number(each.baseline)} events a patient, as in the trials"
        others = {
            f"{number(rate)} events a patient": rate for rate in (0.5, 1.0, 2.0) if abs(rate / each.baseline - 1) > 0.1
        }
        return {own: each.baseline, **dict(list(others.items())[:3])}
    own = f"{percent(each.baseline, 0)}, as in the trials"
    others = {percent(risk, 0): risk for risk in OTHER_RISKS if abs(risk - each.baseline) > 0.05}
    return {own: each.baseline, **dict(list(others.items())[:3])}


def information(each: Outlook) -> pd.DataFrame:
    """Patients in all that a synthesis needs, by effect and risk: columns effect, risk (label) and patients."""
    differing = diversity(each.yi, each.vi) if len(each.yi) > 1 else 0.0
    rows = [
        {
            "effect": effect,
            "risk": label,
            "patients": required_information_size(each.measure, effect, risk, diversity=differing),
        }
        for label, risk in _risks(each).items()
        for effect in _sought(each)
    ]
    return pd.DataFrame(rows)


def information_sentence(each: Outlook) -> Markdown:
    """How far the evidence is from the size it needs."""
    have = int((each.result.pooled["n1i"] + each.result.pooled["n2i"]).sum())
    found = information(each)
    own = found[found["risk"] == found["risk"].iloc[0]]
    middle = own.iloc[len(own) // 2]
    differing = diversity(each.yi, each.vi) if len(each.yi) > 1 else 0.0
    allowed = (
        f"allowing for a diversity of {percent(differing, 0)} between the trials"
        if len(each.yi) > 1
        else "the differences between trials, which one trial can not show, not counted"
    )
    wider = required_information_size(each.measure, middle["effect"], each.baseline, diversity=ASSUMED_DIVERSITY)
    few = (
        f" {sentence_case(count(len(each.yi), 'trial'))} can hardly show how much trials differ: with a diversity of "
        f"{percent(ASSUMED_DIVERSITY, 0)} it would be {number(np.ceil(wider), 0)}."
        if len(each.yi) < FEW and differing < ASSUMED_DIVERSITY
        else ""
    )
    return Markdown(
        f"To find a {MEASURES[each.measure]} of {number(each.shown(middle['effect']))} (two-sided 5%, power 80%, {allowed}), "
        f"{number(np.ceil(middle['patients']), 0)} patients are needed in all; there are {have}.{few}"
    )


def information_chart(each: Outlook) -> Any:
    """The required information size, by the effect to be found and the risk without cells."""
    found = information(each)
    found = found[np.isfinite(found["patients"])]
    have = float((each.result.pooled["n1i"] + each.result.pooled["n2i"]).sum())
    frame = pd.DataFrame(
        {
            "x": [float(each.shown(effect)) for effect in found["effect"]],
            "y": np.ceil(found["patients"]),
            "line": found["risk"].where(found["risk"] != "", "All risks"),
        }
    )
    title = f"{each.title}: how many patients the question needs"
    return outlook_lines(
        frame,
        across_title=f"{sentence_case(MEASURES[each.measure])} to be found",
        up_title="Patients in all trials together",
        log_x=each.result.log,
        log_y=True,
        reference=have,
        title=title,
        description=f"{title}: from {number(frame['y'].min(), 0)} to {number(frame['y'].max(), 0)}; there are {have:g}",
        lines_title="" if each.baseline is None else "Without cells",
        notes=[f"Horizontal line: the {have:g} patients there are"],
    )


def information_table(each: Outlook) -> Any:
    """The sizes, and how many trials of given arms it takes where trials differ as much as these seem to."""
    found = information(each)
    tau2 = pool(each.yi, each.vi, test="z").tau2
    rows = []
    for effect, block in found.groupby("effect", sort=False):
        cells = {f"{sentence_case(MEASURES[each.measure])}": number(each.shown(effect))}
        for row in block.itertuples():
            name = f"Patients in all, {row.risk}" if row.risk else "Patients in all"
            cells[name] = number(np.ceil(row.patients), 0) if np.isfinite(row.patients) else "not possible"
        for n in (50, 200):
            cells[f"Trials of {n} an arm"] = str(required_trials(float(effect), tau2, each.precision, n))
        rows.append(cells)
    title = f"{each.title}: required information size"
    notes = [
        f"Two-sided 5%, power 80%. Trials: a synthesis of their own, spread between trials τ² = {number(tau2, 3)} as estimated"
        + (" (one trial can not show it, so none is assumed)." if len(each.yi) == 1 else ".")
    ]
    return folded_tables([(f"information-{each.result.plan.name}", title, pd.DataFrame(rows))], notes=notes)
