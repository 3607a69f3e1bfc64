"""Change within one group of patients: by visit, as responders, and what it could be other than an effect."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import Markdown

from helpers.charts import interval_plot, visit_plot
from helpers.format import estimate_with_interval, interval, number, p_value, percent, percent_with_interval
from helpers.patients.flow import end_of_study
from helpers.patients.longitudinal import NotConverged
from helpers.patients.missing import delta_adjusted_mean, mean_change_bounds
from helpers.patients.regression_to_the_mean import MeeChua, expected_regression, mee_chua, truncated_normal
from helpers.patients.repeated_change import RepeatedChange, repeated_change
from helpers.patients.responders import BEST, OBSERVED, WORST, Responders, responders
from helpers.patients.within import ChangesByVisit, changes_by_visit
from helpers.sections.layout import table
from helpers.sections.patient_chapter import Chapter
from helpers.sections.recovery import DOMAINS
from helpers.sections.sentences import as_text, count, listed, markdown, sentence_case

RELIABILITIES = (0.95, 0.9, 0.8, 0.7)
MEANS = 7  # assumed population means in the chart


def changed(chapter: Chapter) -> list[str]:
    """Clinical outcomes with a score at baseline and after it."""
    return [name for name in chapter.of_domains(*DOMAINS) if name in chapter.changed]


@lru_cache(maxsize=8)  # most cells of a page ask for the same
def changes(chapter: Chapter) -> list[tuple[str, ChangesByVisit, RepeatedChange | None]]:
    """Every outcome with its tests visit by visit and its repeated-measures model, None where that can not be fitted."""
    found = []
    for outcome in changed(chapter):
        visits = [chapter.scores(outcome, day).assign(day=day) for day in [0, *chapter.days(outcome)]]
        scores = pd.concat(visits, ignore_index=True)[["USUBJID", "day", "value", "baseline"]]
        by_visit = changes_by_visit(scores[scores["day"] > 0], chapter.level)
        if by_visit.visits.empty:
            continue
        model = None
        with suppress(ValueError, NotConverged):
            model = repeated_change(scores, chapter.level)
        found.append((outcome, by_visit, model))
    return found


def changes_charts(chapter: Chapter) -> list[Any]:
    """Mean change from baseline by visit, one chart an outcome."""
    charts: list[Any] = []
    for outcome, result, _ in changes(chapter):
        visits = result.visits
        rows = pd.DataFrame(
            {
                "group": "All patients", "day": visits["day"], "estimate": visits["change"], "ci_low": visits["ci_low"],
                "ci_high": visits["ci_high"], "visit": [chapter.visit(int(day)) for day in visits["day"]],
            }
        )  # fmt: skip
        start = rows.iloc[:1].assign(day=0, estimate=0.0, ci_low=np.nan, ci_high=np.nan, visit="Baseline")
        told = "; ".join(
            f"{row.visit} {estimate_with_interval(row.estimate, row.ci_low, row.ci_high, 1)}"
            for row in rows.itertuples()
        )
        charts.append(
            chapter.show(
                visit_plot(
                    pd.concat([start, rows], ignore_index=True),
                    axis_title=chapter.axis(outcome, "change in "),
                    reference=0,
                    title=f"{chapter.trial.name}: change in {chapter.short(outcome)} from baseline",
                    description=f"Mean change from baseline with {chapter.level:.0%} limits: {told}.",
                    time_title="Visit",
                )
            )
        )
    return charts or [Markdown("No outcome has a score at baseline and after it.")]


def changes_table(chapter: Chapter) -> Any:
    """Change at each visit by paired tests and by the repeated-measures model."""
    rows = []
    for outcome, result, model in changes(chapter):
        fitted = {} if model is None else {row.day: row for row in model.changes.itertuples()}
        for row in result.visits.itertuples():
            own = fitted.get(row.day)
            rows.append(
                {
                    "Visit": chapter.visit(int(row.day)),
                    "Patients": number(row.n, 0),
                    "Change, mean ± SD": f"{number(row.change, 1)} ± {number(row.change_sd, 1)}",
                    f"{chapter.level:.0%} interval": interval(row.ci_low, row.ci_high, 1),
                    "Paired t": _p(row.p),
                    "Holm": _p(row.p_holm),
                    "Signed rank": _p(row.p_signed_rank),
                    "Repeated measures": "–"
                    if own is None
                    else f"{estimate_with_interval(own.estimate, own.ci_low, own.ci_high, 1)}, {p_value(own.p)}",
                    "of": chapter.name(outcome),
                }
            )
    if not rows:
        return None
    notes = [
        "Holm: the paired t test adjusted for the number of visits. Signed rank: exact, with ties, up to 200 patients.",
        "Repeated measures: all visits in one model, which takes missing scores as missing at random.",
    ]
    return chapter.show(table(pd.DataFrame(rows), id="changes", title="Change from baseline", notes=notes, groups="of"))


def _p(value: float) -> str:
    return "–" if np.isnan(value) else p_value(float(value))


def changes_sentence(chapter: Chapter) -> Markdown | None:
    """What changed at the last visit, and why that is no effect."""
    told = []
    for outcome, result, model in changes(chapter):
        last = result.visits.iloc[-1]
        better = chapter.sign(outcome) * last["change"] > 0
        apart = last["ci_low"] > 0 or last["ci_high"] < 0
        way = ("better" if better else "worse") if apart else "not clearly different"
        overall = "" if model is None else f"; that nothing changed at any visit has {p_value(model.any_change.p)}"
        told.append(
            f"{as_text(chapter.name(outcome))}: at {as_text(chapter.visit(int(last['day'])))} {way}, by "
            f"{estimate_with_interval(last['change'], last['ci_low'], last['ci_high'], 1)}{overall}."
        )
    if not told:
        return None
    return markdown(
        " ".join(told),
        "A change within one group is not an effect of the cells: recovery, practice with the test, expectation and "
        "chance look the same.",
    )


@lru_cache(maxsize=8)
def responder_results(chapter: Chapter) -> list[tuple[str, int, Responders]]:
    """Every outcome with a threshold, at every visit; patients who died by then are no responders."""
    found = []
    members = chapter.members("itt")
    died_at = _death_days(members)
    for outcome, threshold in _thresholds(chapter).items():
        for day in chapter.days(outcome):
            frame = chapter.scores(outcome, day)
            died = frame["USUBJID"].map(died_at).le(day).fillna(False).to_numpy(dtype=bool)
            try:
                result = responders(
                    frame["baseline"], frame["value"], threshold, chapter.better(outcome), died, chapter.level
                )
            except ValueError:
                continue
            found.append((outcome, day, result))
    return found


def _death_days(members: pd.DataFrame) -> pd.Series:
    """USUBJID -> last study day of patients who died; day 0, before every visit, where it is not known."""
    dead = members[end_of_study(members) == "died"]
    days = pd.to_numeric(dead["EOSDY"], errors="coerce") if "EOSDY" in dead else pd.Series(0.0, index=dead.index)
    return pd.Series(days.fillna(0.0).to_numpy(), index=dead["USUBJID"])


def _thresholds(chapter: Chapter) -> dict[str, float]:
    """Those trial.toml names; without any, the end of the good levels of the dictionary's first dichotomy of an "
    "ordinal outcome."""
    named = {
        outcome: value for outcome, value in chapter.trial.patients.responders.items() if outcome in chapter.outcomes
    }
    if named:
        return named
    outcomes = chapter.evidence.outcomes
    cuts = outcomes[outcomes["from_outcome"].isin(chapter.outcomes) & (outcomes["domain"] != "safety")]
    cuts = cuts[cuts["direction"] == "higher"].drop_duplicates("from_outcome")
    ends = (max, min)
    return {
        row.from_outcome: float(ends[chapter.better(row.from_outcome) == "higher"](map(float, row.from_levels.split())))
        for row in cuts.itertuples()
    }


def _good(chapter: Chapter, outcome: str, threshold: float) -> str:
    sign = "at least" if chapter.better(outcome) == "higher" else "at most"
    return f"{chapter.short(outcome)} {sign} {threshold:g}"


def responders_chart(chapter: Chapter) -> Any:
    """Share of responders at baseline and at each visit, of the patients measured then."""
    rows, seen = [], set()
    for outcome, day, result in responder_results(chapter):
        good = _good(chapter, outcome, result.threshold)
        if outcome not in seen:
            seen.add(outcome)
            rows.append([f"{good}, baseline", result.before.estimate, result.before.low, result.before.high])
        rows.append([f"{good}, {chapter.visit(day)}", result.after.estimate, result.after.low, result.after.high])
    if not rows:
        return Markdown(
            "No threshold for a good score is named in trial.toml, and no scale of the dictionary is cut for one, so "
            "there are no responders."
        )
    frame = pd.DataFrame(rows, columns=["label", "estimate", "ci_low", "ci_high"])
    told = "; ".join(
        f"{row.label} {percent_with_interval(row.estimate, row.ci_low, row.ci_high)}" for row in frame.itertuples()
    )
    return chapter.show(
        interval_plot(
            frame,
            axis_title="Responders among patients measured (%), higher is better",
            percent=True,
            title=f"{chapter.trial.name}: patients with a good score",
            description=f"Share of responders with exact {chapter.level:.0%} limits: {told}.",
            row_title="Good score and time",
            numbers_title=f"Share ({chapter.level:.0%} CI)",
        )
    )


def responders_table(chapter: Chapter) -> Any:
    """Responders before and after, under each assumption about missing patients."""
    rows = []
    for outcome, day, result in responder_results(chapter):
        for row in result.assumptions.itertuples():
            rows.append(
                {
                    "Missing patients": sentence_case(row.assumption),
                    "Baseline": f"{row.before} of {row.n} ({percent(row.share_before)})",
                    "Visit": f"{row.after} of {row.n} ({percent(row.share_after)})",
                    "Gained / lost": f"{row.gained} / {row.lost}",
                    f"Odds, gained to lost (exact {chapter.level:.0%})": estimate_with_interval(
                        row.odds_ratio, row.or_low, row.or_high
                    ),
                    "McNemar, exact": p_value(row.p),
                    "of": f"{_good(chapter, outcome, result.threshold)}, {chapter.visit(day)}",
                }
            )
    if not rows:
        return None
    notes = [
        "Worst and best case are bounds: no pattern of the missing scores can leave them. Patients who died are no "
        "responders.",
        "The first row has patients measured at both times only, so its shares differ from those of all measured at "
        "one time.",
    ]
    return chapter.show(
        table(pd.DataFrame(rows), id="responders", title="Responders within patients", notes=notes, groups="of")
    )


def responders_sentence(chapter: Chapter) -> Markdown | None:
    """Whether the missing scores decide."""
    told = []
    for outcome, day, result in responder_results(chapter):
        rows = result.assumptions.set_index("assumption")
        p = rows["p"]
        clear = [name for name in (OBSERVED, WORST, BEST) if p[name] < 1 - chapter.level]
        verdict = {0: "the gain is not clear", 3: "the gain is clear whatever the missing patients are"}.get(
            len(clear), "whether the gain is clear depends on the missing patients"
        )
        told.append(
            f"{as_text(_good(chapter, outcome, result.threshold))}, {as_text(chapter.visit(day))}: "
            f"{percent(float(rows.at[WORST, 'share_after']))} to {percent(float(rows.at[BEST, 'share_after']))} of "
            f"all patients; {verdict} ({p_value(float(p[OBSERVED]))} among those measured)."
        )
    return markdown(" ".join(told)) if told else None


@lru_cache(maxsize=8)
def regression_results(chapter: Chapter) -> list[tuple[str, int, MeeChua]]:
    """Every outcome at its last visit, tested against regression to the mean.

    Assumed means of the population: from the patients' own baseline mean to the good end of the scale, since people are
    chosen for a trial when they are badly off.
    """
    found = []
    for outcome, result, _ in changes(chapter):
        day = int(result.visits.iloc[-1]["day"])
        frame = chapter.scores(outcome, day)
        good = _scale_ends(chapter, outcome, frame)[chapter.better(outcome) == "higher"]
        both = frame["baseline"].notna() & frame["value"].notna()
        means = np.linspace(float(frame.loc[both, "baseline"].mean()), good, MEANS)
        with suppress(ValueError):
            found.append((outcome, day, mee_chua(frame["baseline"], frame["value"], means, chapter.level)))
    return found


def _scale_ends(chapter: Chapter, outcome: str, frame: pd.DataFrame) -> tuple[float, float]:
    """The ends of the scale, or the range of the scores where it has none."""
    scale, scores = chapter.scale(outcome), pd.concat([frame["baseline"], frame["value"]])
    ends = [pd.to_numeric(scale[name], errors="coerce") for name in ("min", "max")]
    return tuple(
        float(seen if pd.isna(end) else end) for end, seen in zip(ends, (scores.min(), scores.max()), strict=True)
    )  # type: ignore[return-value]


def regression_chart(chapter: Chapter) -> Any:
    """The change that regression to the mean leaves, for means that the population of the first outcome might have."""
    found = regression_results(chapter)
    if not found:
        return None
    outcome, day, result = found[0]
    rows = result.by_mean
    frame = pd.DataFrame(
        {
            "label": [f"Mean of all such people {number(mean, 1)}" for mean in rows["population_mean"]],
            "estimate": rows["effect"], "ci_low": rows["ci_low"], "ci_high": rows["ci_high"],
        }
    )  # fmt: skip
    told = "; ".join(
        f"{row.label} {estimate_with_interval(row.estimate, row.ci_low, row.ci_high, 1)}" for row in frame.itertuples()
    )
    return chapter.show(
        interval_plot(
            frame,
            axis_title=chapter.axis(outcome, "change left in "),
            reference=0,
            title=f"{chapter.trial.name}: change in {chapter.short(outcome)} without regression to the mean",
            description=f"{chapter.name(outcome)}, {chapter.visit(day)}: change left after regression to the mean, "
            f"for each assumed mean: {told}.",
            row_title="Assumed population mean",
            numbers_title=f"Change left ({chapter.level:.0%} CI)",
            digits=1,
        )
    )


def regression_table(chapter: Chapter) -> Any:
    """For each outcome the population means for which regression to the mean may explain the change."""
    rows = []
    for outcome, day, result in regression_results(chapter):
        low, high = sorted(result.by_mean["population_mean"].iloc[[0, -1]])
        rows.append(
            {
                "Outcome": f"{chapter.short(outcome)}, {chapter.visit(day)}",
                "Patients": number(result.n, 0),
                "Mean at baseline": number(result.baseline, 1),
                "Change": number(result.change, 1),
                "Slope on baseline": number(result.slope),
                "Means that may explain it": _ranges(result.ranges, low, high),
            }
        )
    if not rows:
        return None
    notes = [
        "Means for which the interval of the change left holds zero, looked for from the patients' own mean at "
        "baseline to the good "
        "end of the scale: people are chosen for a trial when they are badly off.",
        "Mee and Chua 1991, over unknown means Ostermann 2008: a straight line from baseline to follow-up is assumed.",
    ]
    return chapter.show(
        table(pd.DataFrame(rows), id="regression", title="Could it be regression to the mean?", notes=notes)
    )


def _ranges(ranges: tuple[tuple[float, float], ...], low: float, high: float) -> str:
    inside = [(max(a, low), min(b, high)) for a, b in ranges if a <= high and b >= low]
    return "; ".join(f"{number(a, 1)} to {number(b, 1)}" for a, b in inside) or "none"


def regression_sentence(chapter: Chapter) -> Markdown | None:
    """The formula in words, and what it leaves."""
    found = regression_results(chapter)
    if not found:
        return None
    told = []
    for outcome, _, result in found:
        low, high = sorted(result.by_mean["population_mean"].iloc[[0, -1]])
        text = _ranges(result.ranges, low, high)
        told.append(
            f"For the {as_text(chapter.name(outcome))} no population mean that is better than theirs lets it explain "
            "the whole change."
            if text == "none"
            else f"For the {as_text(chapter.name(outcome))} it may explain the whole change if the mean lies at {text}."
        )
    return markdown(
        "Patients who enter on a bad day score better on a later one without any treatment. How much depends on the "
        "mean of all such "
        "people, which nobody knows: at a mean μ the part that regression explains is (1 − slope) × (μ − mean at "
        "baseline), and the "
        "rest is what is left. " + " ".join(told)
    )


def entry_shown(chapter: Chapter) -> Any:
    """Change to expect from a cut-off at entry alone, for several reliabilities of the score; nothing without a cut-off."""
    rows, refused = [], []
    for outcome, cutoff in chapter.trial.patients.entry.items():
        if outcome not in chapter.outcomes:
            continue
        day = chapter.days(outcome)[-1]
        start = chapter.scores(outcome, day)["baseline"].dropna().to_numpy()
        side = "above" if chapter.better(outcome) == "lower" else "below"  # patients had to be badly off
        step = float(pd.to_numeric(chapter.scale(outcome)["step"], errors="coerce") or 0)
        edge = cutoff - step / 2 if side == "above" else cutoff + step / 2
        name = f"{chapter.short(outcome)} {'at least' if side == 'above' else 'at most'} {cutoff:g}"
        low, high = _scale_ends(chapter, outcome, chapter.scores(outcome, day))
        try:
            mean, sd = truncated_normal(start, edge, side)
        except ValueError as reason:
            refused.append(f"{name}: {reason}")
            continue
        if not low <= mean <= high:
            refused.append(
                f"{name}: the normal population that would fit has its mean at {number(mean, 1)}, off the scale"
            )
            continue
        expected = [number(expected_regression(mean, sd, edge, each, side), 1) for each in RELIABILITIES]
        row = {"Entry": name, "Population": f"{number(mean, 1)} ± {number(sd, 1)}"}
        rows.append(row | dict(zip(_headings(), expected, strict=True)))
    if refused and not rows:
        return Markdown(
            "What the entry criterion alone would do can not be worked out by the formula for a cut-off, which takes "
            "scores as normal ("
            f"{as_text('; '.join(refused))})."
        )
    if not rows:
        return None
    notes = [
        "(1 − reliability) × SD × φ(z) / (1 − Φ(z)), z the cut-off in SDs from the population mean (Barnett 2005).",
        "Population: mean ± SD of a normal population whose members beyond the cut-off look like these patients; an "
        "assumption.",
    ]
    return chapter.show(
        table(pd.DataFrame(rows), id="entry", title="Change to expect from the entry criterion alone", notes=notes)
    )


def _headings() -> list[str]:
    return [f"Reliability {r:g}" for r in RELIABILITIES]


def missing_table(chapter: Chapter) -> Any:
    """What patients without a score could do to the mean change at the last visit."""
    rows = []
    for outcome, result, _ in changes(chapter):
        day = int(result.visits.iloc[-1]["day"])
        frame = chapter.scores(outcome, day)
        frame = frame[frame["baseline"].notna()]
        observed = frame["change"].dropna().to_numpy()
        lacking = int(frame["change"].isna().sum())
        if not lacking or observed.size < 2:
            continue
        worse = -chapter.sign(outcome) * float(observed.std(ddof=1))
        made = delta_adjusted_mean(observed, lacking, [0.0, worse], chapter.level)
        at_random, adverse = (
            estimate_with_interval(row.estimate, row.ci_low, row.ci_high, 1) for row in made.by_delta.itertuples()
        )
        low, high = _scale_ends(chapter, outcome, frame)
        bounds = mean_change_bounds(frame["baseline"], frame["value"], low, high)
        rows.append(
            {
                "Outcome": f"{chapter.short(outcome)}, {chapter.visit(day)}",
                "Missing": f"{lacking} of {len(frame)}",
                "Missing at random": at_random,
                "Missing one SD worse": adverse,
                "Tipping point": "–" if np.isnan(made.tipping) else number(made.tipping, 1),
                "Bounds of the mean": interval(*bounds, 1),
            }
        )
    if not rows:
        return None
    notes = [
        f"Mean change with {chapter.level:.0%} intervals if missing patients change by so much more than those "
        "measured (White 2018).",
        "Tipping point: the assumption at which the interval reaches no change. Bounds: every missing score at one "
        "end of the scale.",
    ]
    return chapter.show(
        table(pd.DataFrame(rows), id="missing", title="If scores are not missing at random", notes=notes)
    )


def missing_sentence(chapter: Chapter) -> Markdown | None:
    """How many lack a score, and for whom that matters."""
    lacking = []
    for outcome, result, _ in changes(chapter):
        day = int(result.visits.iloc[-1]["day"])
        frame = chapter.scores(outcome, day)
        lacking.append((outcome, int((frame["baseline"].notna() & frame["change"].isna()).sum())))
    if not lacking:
        return None
    if not any(n for _, n in lacking):
        return markdown(
            "No patient with a baseline score lacks the last one, so nothing rests on an assumption about missing scores."
        )
    told = [f"{count(n, 'patient')} for the {as_text(chapter.name(outcome))}" for outcome, n in lacking if n]
    return markdown(
        f"The last score is missing in {listed(told)}. Those who stay away are seldom like those who come: the table "
        "says how different they "
        "would have to be."
    )
