"""The chapter of a randomised trial: its lead, the main outcome, and what the chapter can not show."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import Markdown

from helpers.charts import forest_plot, shift_bars
from helpers.charts.shift import LEVEL_COLOURS
from helpers.effects.effect import Effect
from helpers.effects.trial_effects import scale_levels
from helpers.format import estimate_with_interval, number, p_value, percent, percent_with_interval
from helpers.patients.shift import Shift, shift
from helpers.sections.layout import table
from helpers.sections.patient_chapter import SET_NAMES, Chapter
from helpers.sections.recovery import recovery_outcomes, results
from helpers.sections.sentences import as_text, count, favours, listed, markdown, sentence_case

DOUBT = 0.05  # p of the test of proportional odds below which the model with different odds is read


def lead(chapter: Chapter) -> Markdown | None:
    """Who was randomised to what, and what was measured when."""
    adsl = chapter.patients.adsl
    arms = [
        f"{int((adsl['TRT01P'] == arm).sum())} to {as_text(chapter.label(arm))}"
        for arm in chapter.arms
        if (adsl["TRT01P"] == arm).any()
    ]
    days = sorted({day for outcome in chapter.outcomes for day in chapter.days(outcome)})
    visits = [as_text(chapter.visit(day)) for day in days]
    measured = (
        f" {sentence_case(count(len(chapter.outcomes), 'outcome'))} "
        f"{'was' if len(chapter.outcomes) == 1 else 'were'} measured, "
        f"after baseline at {listed(visits)}."
        if visits
        else " No outcome was measured after baseline."
    )
    return markdown(
        f"**{as_text(chapter.trial.name)}, patient by patient.** {len(adsl)} patients were assigned, "
        f"{listed(arms)}.{measured} "
        f"{_main_outcome(chapter)}",
        missing(chapter),
    )


def _main_outcome(chapter: Chapter) -> str:
    if not chapter.primary:
        return ""
    terms = chapter.trial.patients
    how = "as trial.toml says" if terms.primary else "the first ordinal outcome in the dictionary"
    when = "as trial.toml says" if terms.primary_day is not None else "the visit nearest to day 90"
    return (
        f"The main outcome here is the {as_text(chapter.name(chapter.primary))} ({how}), "
        f"{as_text(chapter.visit(chapter.day(chapter.primary)))} ({when})."
    )


def missing(chapter: Chapter) -> str:
    """What this chapter would use and the data do not hold, in one sentence; empty where nothing lacks."""
    lacks = []
    if not any(chapter.scale(name)["type"] == "ordinal" for name in chapter.outcomes):
        lacks.append("an ordinal outcome such as the mRS")
    if not recovery_outcomes(chapter):
        lacks.append("an outcome with a score at baseline and after it")
    if not chapter.trial.patients.strata:
        lacks.append("strata of the randomisation")
    if not chapter.trial.patients.subgroup:
        lacks.append("a subgroup named before the analysis")
    if "adae" not in chapter.patients.tables:
        lacks.append("adverse events")
    if "EOSSTT" not in chapter.patients.adsl:
        lacks.append("how each patient's time in the trial ended")
    return f"Not in the data: {listed(lacks)}." if lacks else ""


@lru_cache(maxsize=8)  # most cells of a page ask for the same
def main_shift(chapter: Chapter, name: str = "itt") -> Shift | None:
    """The main outcome in a set; None where it is not ordinal or a side has no patient with it."""
    outcome = chapter.primary
    if not outcome or chapter.scale(outcome)["type"] != "ordinal":
        return None
    frame = chapter.scores(outcome, chapter.day(outcome), name)
    levels = scale_levels(chapter.scale(outcome))
    try:
        return shift(
            frame["value"], frame["treated"], levels, chapter.better(outcome), chapter.strata(frame), chapter.level
        )
    except ValueError:
        return None


def shift_chart(chapter: Chapter) -> Any:
    """The main outcome as stacked bars."""
    result = main_shift(chapter)
    if result is None:
        return Markdown("No ordinal outcome is known for patients of both groups, so there is no shift to show.")
    levels = [f"{level:g}" for level in result.counts["level"]]
    if len(levels) > len(LEVEL_COLOURS):
        return Markdown(f"{as_text(chapter.name(chapter.primary))}: too many levels to be drawn; the table has them.")
    sides = {"treated": chapter.side("experimental"), "control": chapter.side("control")}
    wide = pd.DataFrame(
        [{"arm": label} | dict(zip(levels, result.counts[key], strict=True)) for key, label in sides.items()]
    )
    told = "; ".join(f"{row['arm']}: {', '.join(f'{row[at]} at {at}' for at in levels)}" for _, row in wide.iterrows())
    visit = chapter.visit(chapter.day(chapter.primary))
    return chapter.show(
        shift_bars(
            wide,
            levels=levels,
            scale_label=f"{chapter.name(chapter.primary)}, {levels[0]} to {levels[-1]}",
            lower_is_better=result.better_end == "lower",
            title=f"{chapter.trial.name}: {chapter.short(chapter.primary)}, {visit}",
            description=f"Patients at each level of the {chapter.name(chapter.primary)}, {visit}. {told}.",
        )
    )


def shift_counts(chapter: Chapter) -> Any:
    """Patients at each level."""
    result = main_shift(chapter)
    if result is None:
        return None
    sides = {"treated": chapter.side("experimental"), "control": chapter.side("control")}
    frame = pd.DataFrame(
        [
            {"Group": label}
            | {f"{row.level:g}": number(getattr(row, key), 0) for row in result.counts.itertuples()}
            | {"Not measured": number(result.missing[i], 0)}
            for i, (key, label) in enumerate(sides.items())
        ]
    )
    return chapter.show(
        table(frame, id="shift-counts", title=f"Patients at each level of the {chapter.name(chapter.primary)}")
    )


def shift_tests(chapter: Chapter) -> Any:
    """Every way to compare the whole scale."""
    result = main_shift(chapter)
    if result is None:
        return None
    percent_text = f"{chapter.level:.0%}"
    rows = [
        ("Wilcoxon, corrected for ties", "–", p_value(result.wilcoxon_p)),
        ("the same with continuity correction", "–", p_value(result.wilcoxon_p_corrected)),
    ]
    if result.common is not None:
        model = result.common
        rows += [
            ("Common odds ratio (proportional odds), Wald limits",
             _ratio(model.estimate, model.ci_low, model.ci_high), p_value(model.p)),
            ("the same, profile limits and likelihood ratio test",
             _ratio(model.estimate, model.profile_low, model.profile_high), p_value(model.lrt_p)),
            ("Test that one odds ratio fits all cuts",
             f"χ² = {number(model.odds_lrt)} on {model.odds_df} df", p_value(model.odds_p)),
        ]  # fmt: skip
    else:
        rows.append(("Common odds ratio (proportional odds)", f"not finite: {result.refused}", "–"))
    rows += [
        ("Win odds (ties split)", _effect(result.win_odds, chapter.level), _p(float(result.win_odds.p()))),
        ("Generalised odds ratio (ties dropped)", _effect(result.generalized_odds, chapter.level),
         _p(float(result.generalized_odds.p()))),
        ("Chance that the treated patient of a pair does better (ties half)", percent(result.better), "–"),
    ]  # fmt: skip
    strata = ", ".join(chapter.trial.patients.strata)
    if result.van_elteren is not None and result.mean_scores is not None:
        tests = (("van Elteren", result.van_elteren), ("Cochran-Mantel-Haenszel, mean scores", result.mean_scores))
        rows += [
            (
                f"{name}, within {test.strata} strata ({strata})",
                f"χ² = {number(test.statistic)} on 1 df",
                p_value(test.p),
            )
            for name, test in tests
        ]
    frame = pd.DataFrame(rows, columns=["Method", f"Result ({percent_text} interval)", "p"])
    notes = ["Odds above 1 favour the treated patients."]
    return chapter.show(table(frame, id="shift-tests", title="The whole scale compared", notes=notes))


def _p(value: float) -> str:
    return "–" if np.isnan(value) else p_value(value)


def _ratio(estimate: float, low: float, high: float) -> str:
    return estimate_with_interval(float(np.exp(estimate)), float(np.exp(low)), float(np.exp(high)))


def _effect(effect: Effect, level: float) -> str:
    low, high = effect.interval(level)
    return _ratio(float(effect.yi), float(low), float(high))


def shift_sentence(chapter: Chapter) -> Markdown | None:
    """What the shift says in words."""
    result = main_shift(chapter)
    if result is None:
        return None
    outcome = as_text(chapter.name(chapter.primary))
    chance = (
        f"Take one treated and one control patient at random: the treated one has the better {outcome} with a chance of "
        f"{percent(result.better)} (ties counted half; 50% is no difference)."
    )
    model = result.common
    if model is None:
        return markdown(f"{chance} The groups do not overlap enough for a common odds ratio.")
    apart = model.ci_low > 0 or model.ci_high < 0
    side = favours(1)[model.estimate > 0]
    verdict = (
        f"The interval of the common odds ratio {side} throughout"
        if apart
        else "The interval of the common odds ratio leaves open both benefit and harm"
    )
    lacking = sum(result.missing)
    lack = f" {sentence_case(count(lacking, 'patient'))} could not be counted." if lacking else ""
    return markdown(f"{chance} {verdict}: {_ratio(model.estimate, model.ci_low, model.ci_high)}.{lack}")


def tests_sentence(chapter: Chapter) -> Markdown | None:
    """Whether the methods agree."""
    result = main_shift(chapter)
    if result is None:
        return None
    found = [result.wilcoxon_p, result.wilcoxon_p_corrected, float(result.win_odds.p())]
    if result.common is not None:
        found += [result.common.p, result.common.lrt_p]
    if result.van_elteren is not None and result.mean_scores is not None:
        found += [result.van_elteren.p, result.mean_scores.p]
    p = [value for value in found if np.isfinite(value)]
    clear = sum(value < 1 - chapter.level for value in p)
    verdict = {0: "none finds a clear difference", len(p): "each finds a clear difference"}.get(
        clear, f"{clear} of {len(p)} find a clear difference, so the conclusion hangs on the method"
    )
    return markdown(
        f"The tests of the whole scale give p from {p_value(min(p)).removeprefix('p = ')} to "
        f"{p_value(max(p)).removeprefix('p = ')}; "
        f"{verdict}."
    )


def partial_sentence(chapter: Chapter) -> Markdown | None:
    """Whether one odds ratio describes the table."""
    result = main_shift(chapter)
    if result is None or result.common is None or result.partial is None:
        return None
    p, partial = result.common.odds_p, result.partial
    line = (
        f"From each cut to the next worse one the odds ratio is multiplied by {number(float(np.exp(partial.trend)))} "
        f"({p_value(partial.linear.p)})."
    )
    if p < DOUBT:
        return markdown(
            f"One odds ratio does not fit all cuts of the scale ({p_value(p)}), so the common odds ratio is only an "
            "average. "
            "The partial proportional-odds model lets the effect differ between cuts: the table gives it cut by "
            f"cut. {line}"
        )
    return markdown(
        f"Nothing speaks against one odds ratio for all cuts ({p_value(p)}), but with few patients this test sees "
        "only large "
        f"departures. The effect at each cut stands in the table. {line}"
    )


def partial_table(chapter: Chapter) -> Any:
    """The effect cut by cut, from the partial proportional-odds model."""
    result = main_shift(chapter)
    if result is None or result.partial is None:
        return None
    labels = result.cuts["label"].tolist()
    levels = result.counts["level"].tolist()
    lower = result.better_end == "lower"
    rows = []
    for row in result.partial.cuts.itertuples():
        label = labels[row.at_most] if lower else labels[row.at_most - 1]
        finite = np.isfinite(row.estimate)
        rows.append(
            {
                "Good outcome": label,
                f"Odds ratio ({chapter.level:.0%})": _ratio(row.estimate, row.ci_low, row.ci_high)
                if finite
                else "not finite",
            }
        )
    assert len(levels) == len(labels) + 1
    notes = ["Partial proportional odds (Peterson and Harrell 1990), an effect of its own at every cut."]
    return chapter.show(
        table(pd.DataFrame(rows), id="partial", title="Odds of a good outcome, cut by cut", notes=notes)
    )


def cuts_chart(chapter: Chapter) -> Any:
    """Odds ratios of the cut scale."""
    result = main_shift(chapter)
    if result is None:
        return None
    cuts = result.cuts[result.cuts["informative"]].reset_index(drop=True)
    if cuts.empty:
        return None
    rows = pd.DataFrame(
        {
            "label": [f"{chapter.short(chapter.primary)} {label}" for label in cuts["label"]],
            "estimate": np.exp(cuts["log_or"]), "ci_low": np.exp(cuts["log_or_low"]), 
            "ci_high": np.exp(cuts["log_or_high"]),
        }
    )  # fmt: skip
    told = "; ".join(
        f"{row.label} {estimate_with_interval(row.estimate, row.ci_low, row.ci_high)}" for row in rows.itertuples()
    )
    return chapter.show(
        forest_plot(
            rows,
            measure_label="Odds ratio of a good outcome",
            log=True,
            favours=favours(1),
            title=f"{chapter.trial.name}: {chapter.short(chapter.primary)} cut in two, at every place",
            description=f"Odds ratio of a good outcome for every way to cut the {chapter.name(chapter.primary)}: {told}.",
            row_title="Good outcome",
            numbers_title=f"Odds ratio ({chapter.level:.0%} CI)",
        )
    )


def cuts_table(chapter: Chapter) -> Any:
    """The cut scale in numbers, as sensitivity."""
    result = main_shift(chapter)
    if result is None:
        return None
    n1, n2 = int(result.counts["treated"].sum()), int(result.counts["control"].sum())
    frame = pd.DataFrame(
        [
            {
                "Good outcome": f"{chapter.short(chapter.primary)} {row.label}",
                chapter.side("experimental"): f"{row.treated} of {n1} ({percent(row.treated / n1, 0)})",
                chapter.side("control"): f"{row.control} of {n2} ({percent(row.control / n2, 0)})",
            }
            | (
                {
                    "Odds ratio": _ratio(row.log_or, row.log_or_low, row.log_or_high),
                    "Risk ratio": _ratio(row.log_rr, row.log_rr_low, row.log_rr_high),
                    "Risk difference": percent_with_interval(row.rd, row.rd_low, row.rd_high),
                    "Fisher": p_value(row.p),
                }
                if row.informative
                else dict.fromkeys(("Odds ratio", "Risk ratio", "Risk difference", "Fisher"), "–")
            )
            for row in result.cuts.itertuples()
        ]
    )
    notes = [
        f"{chapter.level:.0%} intervals. Half a patient was added to tables with an empty cell; – where no patient, "
        "or every one, "
        "has the good outcome.",
        "For sensitivity only: a cut throws away what the scale says on either side of it.",
    ]
    return chapter.show(table(frame, id="cuts", title="The scale cut in two", notes=notes))


def cuts_sentence(chapter: Chapter) -> Markdown | None:
    """Whether the place of the cut decides."""
    result = main_shift(chapter)
    if result is None:
        return None
    cuts = result.cuts[result.cuts["informative"]]
    if cuts.empty:
        return None
    better = int((cuts["log_or"] > 0).sum())
    apart = int(((cuts["log_or_low"] > 0) | (cuts["log_or_high"] < 0)).sum())
    return markdown(
        f"The odds of a good outcome are higher with the treatment at {better} of the {count(len(cuts), 'cut')} that "
        f"part the patients; at {apart} of them the "
        "interval excludes no difference. A result that holds at one cut only is a result of the cut."
    )


def sets_compared(chapter: Chapter) -> Any:
    """The main results as randomised and as treated."""
    if not chapter.sets_differ:
        return None
    rows = []
    own = {name: main_shift(chapter, name) for name in ("itt", "as-treated")}
    if any(result is not None and result.common is not None for result in own.values()):
        rows.append(
            {"Outcome": f"{chapter.short(chapter.primary)}: common odds ratio of a better score"}
            | {
                sentence_case(SET_NAMES[name]): _ratio(each.common.estimate, each.common.ci_low, each.common.ci_high)
                if each is not None and each.common is not None
                else "–"
                for name, each in own.items()
            }
        )
    both = {name: {outcome: result for outcome, _, result in results(chapter, name)} for name in own}
    for outcome in dict.fromkeys([*both["itt"], *both["as-treated"]]):
        row = {"Outcome": f"{chapter.short(outcome)}: adjusted difference"}
        for name in own:
            result = both[name].get(outcome)
            effect = result.adjusted.effects.iloc[0] if result is not None and result.adjusted is not None else None
            row[sentence_case(SET_NAMES[name])] = (
                "–"
                if effect is None
                else estimate_with_interval(effect["estimate"], effect["ci_low"], effect["ci_high"], 1)
            )
        rows.append(row)
    notes = [f"{chapter.level:.0%} intervals. Differences from ANCOVA on the baseline score."]
    return chapter.show(table(pd.DataFrame(rows), id="both-sets", title="As randomised and as treated", notes=notes))


def sets_compared_sentence(chapter: Chapter) -> Markdown | None:
    """What the two sets answer."""
    if not chapter.sets_differ:
        return markdown("Every patient was treated as randomised, so both sets are the same and so are the results.")
    return markdown(
        "As randomised, the groups differ by chance only, whatever became of the patients. As treated, they may also "
        "differ in why "
        "patients left their arm; where the two columns disagree, the first is the one to believe."
    )


def limits(chapter: Chapter) -> Markdown:
    """What can not be concluded from this chapter."""
    adsl = chapter.patients.adsl
    sizes = [int((adsl["TRT01P"] == arm).sum()) for arm in chapter.arms if (adsl["TRT01P"] == arm).any()]
    points = []
    if chapter.patients.demonstration:
        points.append(
            "Nothing about the trial: these patients were generated so that their totals match what was published. "
            "They show "
            "what the chapter looks like, and no number of theirs enters a synthesis."
        )
    result = main_shift(chapter)
    if result is not None and result.common is not None:
        low, high = (float(np.exp(value)) for value in (result.common.ci_low, result.common.ci_high))
        if low < 1 < high:
            points.append(
                f"That the treatment does nothing for the {as_text(chapter.name(chapter.primary))}: with arms of "
                f"{listed([str(n) for n in sizes])} patients, odds ratios from {number(low)} to {number(high)} agree "
                "with the data."
            )
    tested = len(recovery_outcomes(chapter))
    if tested > 1:
        points.append(
            f"That a single motor or neurological outcome stands on its own: {tested} were tested, and they were not "
            "adjusted for that unless a table says so."
        )
    if chapter.trial.patients.subgroup:
        points.append(
            "That the treatment works in one subgroup and not in another, unless the interaction test says so."
        )
    if "blinding" in chapter.trial.facts and "open" in chapter.trial.facts["blinding"].value.lower():
        points.append("That motor scores were free of expectation: patients and therapists knew who was treated.")
    points.append("That the treatment is safe: rare harms need many more patients than these.")
    if not chapter.patients.demonstration and chapter.trial.design != "randomised":
        points.append("That the arms were alike at entry: they were not formed by chance.")
    return Markdown("\n".join(f"- {point}" for point in points))
