"""The chapter of a trial whose patients were measured again and again: mixed models, as treated and as randomised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import Markdown

from helpers.charts import interval_plot, trajectories
from helpers.effects import proportion_interval
from helpers.evidence import Evidence
from helpers.format import estimate_with_interval, number, p_value, percent, percent_with_interval
from helpers.patients import Patients, visit_days, visit_name
from helpers.patients.adverse_events import YEAR, AdverseEvents, adverse_events
from helpers.patients.analysis_sets import analysis_set
from helpers.patients.longitudinal import NotConverged, RepeatedMeasures, WaldTest, main_model, repeated_measures
from helpers.patients.observation import first_days
from helpers.patients.within import holm
from helpers.sections.demonstration import marked
from helpers.sections.layout import folded, table
from helpers.sections.patient_words import Arms, Measure, arms_of, left_open, measure
from helpers.sections.sentences import as_text, count, listed, markdown, sentence_case
from helpers.tables import PublicationTable

HALF_A_YEAR = 180
VISITS = 3  # baseline among them: fewer are no course
CAN_NOT = (ValueError, NotConverged)
STRUCTURE_NAMES = {
    "unstructured": "unstructured",
    "ar1": "first-order autoregressive",
    "continuous-ar1": "autoregressive in continuous time",
    "compound-symmetry": "compound symmetry",
    "random-intercept": "random intercept",
    "random-intercept-slope": "random intercept and slope",
}
OTHERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Kenward-Roger degrees of freedom", {"df": "kenward-roger"}),
    ("Baseline as an outcome, arms start equal", {"baseline": "constrained"}),
    ("Baseline as an outcome, arms start free", {"baseline": "outcome"}),
    ("Other covariance within patients", {"covariance": "ar1"}),
    ("Random intercept", {"covariance": "random-intercept"}),
    (
        "Straight lines over time, arms start equal",
        {"covariance": "random-intercept-slope", "time": "continuous", "baseline": "constrained"},
    ),
)


@dataclass(frozen=True, eq=False)
class Course:
    """One outcome. frames: patient, arm, time, value, baseline, as treated and as randomised. Without a model `problem`
    says why; refused: covariance structures that could not be estimated, and why.
    """

    measure: Measure
    treated: pd.DataFrame
    randomised: pd.DataFrame
    model: RepeatedMeasures | None
    refused: dict[str, str]
    problem: str
    as_randomised: RepeatedMeasures | None


@dataclass(frozen=True, eq=False)
class Chapter:
    """What the page shows, computed once."""

    evidence: Evidence
    patients: Patients
    arms: Arms
    level: float
    courses: tuple[Course, ...]
    moved: int  # patients who were not treated as randomised

    @property
    def modelled(self) -> list[Course]:
        return [course for course in self.courses if course.model is not None]

    def label(self, arm: str) -> str:
        return self.arms.labels[arm]


def analyse(evidence: Evidence, patients: Patients, level: float) -> Chapter:
    """Fit the main model of every outcome with three visits or more, as treated and as randomised."""
    arms = arms_of(patients)
    planned, actual = patients.adsl["TRT01P"], patients.adsl["TRT01A"]
    moved = int(((planned != actual) & (planned != "")).sum())
    outcomes = [outcome for outcome in evidence.outcomes.index if len(visit_days(patients, str(outcome))) >= VISITS]
    courses = [_course(evidence, patients, arms, str(outcome), moved) for outcome in outcomes]
    return Chapter(evidence, patients, arms, level, tuple(courses), moved)


def _course(evidence: Evidence, patients: Patients, arms: Arms, outcome: str, moved: int) -> Course:
    rows = patients.adqs[patients.adqs["outcome"] == outcome]
    rows = rows[rows["AWTARGET"].notna()]
    frames = [_values(rows, analysis_set(patients.adsl, name)) for name in ("as-treated", "itt")]
    found = measure(evidence, outcome, rows["AVAL"])
    if not arms.comparable:
        return Course(found, frames[0], frames[1], None, {}, "there are no two arms to compare", None)
    model: RepeatedMeasures | None = None
    refused: dict[str, str] = {}
    problem = ""
    try:
        model, refused = main_model(frames[0], arms.reference_first)
    except CAN_NOT as why:
        problem = str(why)
    try:
        randomised = main_model(frames[1], arms.reference_first)[0] if moved else model
    except CAN_NOT:
        randomised = None
    return Course(found, frames[0], frames[1], model, refused, problem, randomised)


def _values(rows: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """patient (a number, quicker to compare than a name), arm, time, value and baseline of the patients of a set."""
    place = pd.Index(members["USUBJID"]).get_indexer(pd.Index(rows["USUBJID"]))
    inside = place >= 0
    known = rows[inside]
    return pd.DataFrame(
        {
            "patient": place[inside],
            "arm": pd.Categorical(members["arm"]).take(place[inside]),
            "time": known["AWTARGET"].to_numpy(dtype=float),
            "value": known["AVAL"].to_numpy(dtype=float),
            "baseline": known["BASE"].to_numpy(dtype=float),
        }
    )


def opening(chapter: Chapter) -> Markdown | None:
    """Who was followed, for how long, and what was measured."""
    patients = chapter.patients
    treated = analysis_set(patients.adsl, "as-treated")
    parts = [
        f"{count(int((treated['arm'] == arm).sum()), 'patient')} in the arm {as_text(chapter.label(arm))}"
        for arm in [*chapter.arms.experimental, *chapter.arms.control]
    ]
    days = sorted({day for course in chapter.courses for day in visit_days(patients, course.measure.id)})
    trial = as_text(chapter.evidence.trials[patients.trial].name)
    if not chapter.courses:
        return markdown(f"No outcome of {trial} was measured at {VISITS} visits or more.")
    names = [as_text(course.measure.name) for course in chapter.courses]
    return markdown(
        f"**{trial}: {count(len(patients.adsl), 'patient')}**, analysed as they were treated: {listed(parts)}. "
        f"Visits were planned for {listed([f'day {day}' for day in days])}.",
        f"{sentence_case(count(len(names), 'outcome'))} had at least {VISITS} visits: {listed(names)}.",
    )


def feasibility(chapter: Chapter) -> Any:
    """How many of those meant to receive the treatment received it."""
    rows = []
    adsl = chapter.patients.adsl
    for arm in chapter.arms.experimental:
        planned = adsl[(adsl["TRT01P"] == arm) & (adsl["ITTFL"] == "Y")]
        if planned.empty:
            continue
        given = int((planned["TRT01A"] == arm).sum())
        share = proportion_interval(given, len(planned), chapter.level)
        limits = percent_with_interval(float(share.estimate), float(share.low), float(share.high))
        rows.append([chapter.label(arm), len(planned), given, limits])
    if not rows:
        return Markdown("No patient was allocated to a treatment that could have been missed.")
    frame = pd.DataFrame(
        {
            "Allocated to": [row[0] for row in rows],
            "Patients": [row[1] for row in rows],
            "Treated as allocated": [row[2] for row in rows],
            f"Share (exact {chapter.level:.0%} limits)": [row[3] for row in rows],
        }
    )
    return marked(table(frame, id="feasibility", title="Treated of allocated"), chapter.patients)


def feasibility_sentence(chapter: Chapter) -> Markdown | None:
    """What the share of treated patients leaves open, and where the others went."""
    adsl = chapter.patients.adsl
    sentences = []
    for arm in chapter.arms.experimental:
        planned = adsl[(adsl["TRT01P"] == arm) & (adsl["ITTFL"] == "Y")]
        if planned.empty:
            continue
        given = int((planned["TRT01A"] == arm).sum())
        share = proportion_interval(given, len(planned), chapter.level)
        sentences.append(
            f"{given} of {len(planned)} patients allocated to {as_text(chapter.label(arm))} received it "
            f"({percent(float(share.estimate))}); so few patients leave open a share between {percent(float(share.low))} and "
            f"{percent(float(share.high))}."
        )
    crossed = adsl[(adsl["TRT01P"] != adsl["TRT01A"]) & adsl["TRT01A"].isin(chapter.arms.control)]
    if len(crossed):
        sentences.append(
            f"{sentence_case(count(len(crossed), 'patient'))} allocated to another arm "
            f"{'is' if len(crossed) == 1 else 'are'} counted among the controls in every as-treated comparison below."
        )
    return markdown(" ".join(sentences))


def measured(chapter: Chapter) -> Any:
    """Patients measured at each visit, by outcome and arm."""
    rows = []
    for course in chapter.courses:
        known = course.treated[course.treated["value"].notna()]
        for arm in [*chapter.arms.experimental, *chapter.arms.control]:
            counts = known[known["arm"] == arm].groupby("time")["patient"].nunique()
            row = {"Outcome": course.measure.name, "Arm": chapter.label(arm)}
            rows.append(row | {f"Day {day}": int(counts.get(day, 0)) for day in sorted(known["time"].unique())})
    frame = pd.DataFrame(rows)
    if frame.empty:
        return Markdown("Nothing was measured often enough.")
    days = sorted((name for name in frame if name.startswith("Day ")), key=lambda name: float(name[4:]))
    frame = frame[["Outcome", "Arm", *days]].rename(columns={name: f"Day {float(name[4:]):g}" for name in days})
    for name in frame.columns[2:]:
        frame[name] = frame[name].astype("Int64")
    notes = ["A dash: the outcome was not measured at that visit."] if frame.isna().any(axis=None) else []
    made = table(frame, id="measured", title="Patients measured, as treated", groups="Outcome", notes=notes)
    return marked(made, chapter.patients)


def summary(chapter: Chapter) -> Any:
    """The effect over the follow-up, a row an outcome and arm."""
    rows = []
    for course, arm, effect in _effects(chapter):
        rows.append(
            {
                "Outcome": course.measure.name,
                "Better": {1: "higher", -1: "lower", 0: "–"}[course.measure.better],
                "Arm": chapter.label(arm),
                f"Difference over the follow-up ({chapter.level:.0%} interval)": _difference(course.measure, effect),
                "p": effect.p,
                "Treatment by time": _wald(course.model.treatment_by_time()) if course.model else "–",
            }
        )
    if not rows:
        return Markdown("No model could be fitted.")
    frame = pd.DataFrame(rows)
    adjusted = holm(frame["p"].to_numpy(dtype=float))
    frame.insert(5, "p, adjusted", [_short_p(p) for p in adjusted])
    frame["p"] = [_short_p(p) for p in frame["p"]]
    if len(chapter.arms.experimental) == 1:
        frame = frame.drop(columns="Arm")
    notes = [
        f"Minus {chapter.label(chapter.arms.control[0])}, mean over the visits after baseline, adjusted for baseline, as treated.",
        "p, adjusted: by Holm's method for the number of rows.",
    ]
    return marked(table(frame, id="summary", title="Effect over the follow-up", notes=notes), chapter.patients)


def summary_sentence(chapter: Chapter) -> Markdown | None:
    """How many outcomes show a difference."""
    effects = list(_effects(chapter))
    if not effects:
        return None
    adjusted = holm(np.array([effect.p for _, _, effect in effects]))
    alpha = 1 - chapter.level
    control = as_text(chapter.label(chapter.arms.control[0]))
    by_side: dict[str, list[str]] = {}
    for course, arm, effect in effects:
        if effect.p < alpha:
            side = course.measure.favoured(effect.estimate, as_text(chapter.label(arm)), control)
            by_side.setdefault(side, []).append(as_text(course.measure.name))
    remaining = int((adjusted < alpha).sum())
    said = "; ".join(f"in favour of {side} for {listed(names)}" for side, names in by_side.items()) or "in none of them"
    return markdown(
        f"Of {count(len(effects), 'comparison')}, the interval lies on one side of no difference {said}. After adjustment "
        f"for their number {count(remaining, 'comparison')} {'remains' if remaining == 1 else 'remain'} below {number(alpha)}."
    )


def courses(chapter: Chapter) -> list[Any]:
    """For each outcome: what was found, the course drawn, the same in numbers."""
    shown: list[Any] = []
    for place, course in enumerate(chapter.courses, start=1):
        if course.model is None:
            shown.append(Markdown(f"**{as_text(course.measure.name)}**: no model, because {as_text(course.problem)}."))
            continue
        shown += [_reading(chapter, course), _drawn(chapter, course), _visit_table(chapter, course, f"visits-{place}")]
    return shown


def _drawn(chapter: Chapter, course: Course) -> Any:
    assert course.model is not None
    means = course.model.means(chapter.level)
    start = course.treated[course.treated["time"] == course.model.baseline_time]
    known = start[start["value"].notna() & start["arm"].isin(course.model.arms)]
    before = known.groupby("arm")["value"].mean().reindex(list(course.model.arms)).dropna()
    observed = pd.DataFrame({"arm": before.index, "time": course.model.baseline_time, "estimate": before.to_numpy()})
    rows = pd.concat([observed, means], ignore_index=True)
    rows["place"] = rows["arm"].map({arm: i for i, arm in enumerate(course.model.arms)})
    rows = rows.sort_values(["place", "time"]).drop(columns="place")
    rows["arm"] = rows["arm"].map(chapter.arms.labels)
    for name in ("ci_low", "ci_high"):
        rows[name] = rows[name].astype(float)
    patients = course.treated.assign(arm=course.treated["arm"].map(chapter.arms.labels))
    places = course.measure.decimals
    described = "; ".join(
        f"{row.arm}, day {row.time:g}, {estimate_with_interval(row.estimate, row.ci_low, row.ci_high, places)}"
        for row in rows.itertuples()
    )
    chart = trajectories(
        rows[["arm", "time", "estimate", "ci_low", "ci_high"]],
        patients[["patient", "arm", "time", "value"]].dropna(subset="arm"),
        y_title=course.measure.axis,
        title=f"{sentence_case(course.measure.name)}: estimated means by visit",
        description=f"Means of each arm from visit to visit with {chapter.level:.0%} intervals: {described}",
        notes=["baseline: observed means; later: estimated, with intervals"],
    )
    return marked(chart, chapter.patients)


def _reading(chapter: Chapter, course: Course) -> Markdown | None:
    """The sentences that read an outcome."""
    model, scale = course.model, course.measure
    assert model is not None
    control = as_text(chapter.label(model.arms[0]))
    sentences = []
    for arm, effect in model.average_difference(chapter.level).iterrows():
        treated = as_text(chapter.label(str(arm)))
        side = scale.favoured(effect["estimate"], treated, control)
        sentences.append(
            f"Over the {count(len(model.times), 'visit')} after baseline, {treated} minus {control}: "
            f"{_limits(scale, effect)}{scale.with_unit}, {p_value(effect['p'])}; "
            f"{left_open(effect['ci_low'], effect['ci_high'], side)}."
        )
    interaction = model.treatment_by_time()
    if interaction is not None:
        sentences.append(
            f"That the difference is the same at all visits is tested by treatment by time: {_wald(interaction)}."
        )
    important = chapter.evidence.outcomes.at[scale.id, "mcid"]
    if pd.notna(important):
        sentences.append(f"A difference of {important:g}{scale.with_unit} counts as the smallest that matters.")
    return markdown(f"**{sentence_case(as_text(scale.name))}.** {' '.join(sentences)}", _reservations(course))


def _reservations(course: Course) -> str:
    """What had to be given up for the model."""
    model = course.model
    assert model is not None
    said = []
    for name, why in course.refused.items():
        said.append(f"The {STRUCTURE_NAMES[name]} covariance was given up: {as_text(why)}.")
    if course.refused:
        said.append(f"The model has the covariance {STRUCTURE_NAMES[model.fit.structure.name]}.")
    if model.fit.singular:
        said.append(f"The fit is singular: {model.fit.singular} was estimated at its edge.")
    if model.visits_left_out:
        days = listed([f"day {day:g}" for day in model.visits_left_out])
        said.append(f"Left out for fewer than two measured patients in an arm: {days}.")
    if model.patients_left_out:
        said.append(f"Left out without a baseline: {count(model.patients_left_out, 'patient')}.")
    return " ".join(said)


def _visit_table(chapter: Chapter, course: Course, name: str) -> Any:
    """Means of the arms and their difference at each visit."""
    model, scale = course.model, course.measure
    assert model is not None
    means, differences = model.means(chapter.level), model.differences(chapter.level)
    rows = []
    for time in model.times:
        row: dict[str, object] = {"Visit": visit_name(chapter.patients, int(time)), "Day": int(time)}
        for arm in [*model.arms[1:], model.arms[0]]:
            own = means[(means["arm"] == arm) & (means["time"] == time)].iloc[0]
            row[f"{chapter.label(arm)}"] = f"{_limits(scale, own)}, n {own['n']}"
        for arm in model.arms[1:]:
            own = differences[(differences["arm"] == arm) & (differences["time"] == time)].iloc[0]
            which = "" if len(model.arms) == 2 else f", {chapter.label(arm)}"
            row[f"Difference{which}"] = _limits(scale, own)
            row[f"p{which}"] = _short_p(own["p"])
        rows.append(row)
    notes = [
        f"Means and differences with {chapter.level:.0%} intervals, at the mean baseline of all patients; n: measured then.",
        _covariance_note(model, scale),
    ]
    return marked(
        table(pd.DataFrame(rows), id=name, title=f"{sentence_case(scale.name)} by visit", notes=notes), chapter.patients
    )


def _covariance_note(model: RepeatedMeasures, scale: Measure) -> str:
    sd = np.sqrt(np.diag(model.fit.covariance))
    correlation = (model.fit.covariance / np.outer(sd, sd))[np.triu_indices(len(sd), 1)]
    spread = number(sd[0], scale.decimals)
    if np.ptp(sd) > 1e-9 * sd[0]:
        spread = f"{number(sd.min(), scale.decimals)} to {number(sd.max(), scale.decimals)}"
    together = ""
    if len(correlation):
        together = f", correlation between visits {number(correlation.min())} to {number(correlation.max())}"
    fitted = model.fit
    return (
        f"Covariance within patients {STRUCTURE_NAMES[fitted.structure.name]} ({count(len(fitted.parameters), 'parameter')}): "
        f"SD {spread}{together}. {fitted.n_observations:,} measurements of {fitted.n_patients:,} patients."
    )


def as_randomised(chapter: Chapter) -> Any:
    """The effect in the treated set beside that of intention to treat."""
    if not chapter.moved:
        return Markdown("Every patient was treated as randomised, so both analyses are the same.")
    rows = []
    for course, arm, effect in _effects(chapter):
        other = None
        if course.as_randomised is not None and arm in course.as_randomised.arms:
            other = course.as_randomised.average_difference(chapter.level).loc[arm]
        scale = course.measure
        rows.append(
            {
                "Outcome": scale.name if len(chapter.arms.experimental) == 1 else f"{scale.name}, {chapter.label(arm)}",
                "As treated": _difference(scale, effect),
                "p, as treated": _short_p(effect.p),
                "As randomised": "–" if other is None else _limits(scale, other),
                "p, as randomised": "–" if other is None else _short_p(other["p"]),
                "As treated minus as randomised": "–"
                if other is None
                else number(effect.estimate - other["estimate"], scale.decimals),
            }
        )
    if not rows:
        return Markdown("No model could be fitted.")
    notes = [f"Differences over the follow-up with {chapter.level:.0%} intervals, by the same model in both sets."]
    made = table(pd.DataFrame(rows), id="sets", title="As treated beside intention to treat", notes=notes)
    return marked(made, chapter.patients)


def as_randomised_sentence(chapter: Chapter) -> Markdown | None:
    """Whether the choice of the set changes what is concluded."""
    if not chapter.moved:
        return None
    changed = []
    alpha = 1 - chapter.level
    for course, arm, effect in _effects(chapter):
        if course.as_randomised is None:
            continue
        other = course.as_randomised.average_difference(chapter.level).loc[arm]
        if (effect.p < alpha) != (other["p"] < alpha):
            changed.append(as_text(course.measure.name))
    said = (
        f"For {listed(changed)} the choice decides on which side of {number(alpha)} p lies."
        if changed
        else f"For no outcome does the choice move p across {number(alpha)}."
    )
    return markdown(
        f"{sentence_case(count(chapter.moved, 'patient'))} {'was' if chapter.moved == 1 else 'were'} not treated as "
        f"randomised. {said} Only the comparison as randomised is protected by randomisation."
    )


def other_models(chapter: Chapter) -> Any:
    """The same effect by other models, folded, a table an outcome."""
    tables = []
    for place, course in enumerate(chapter.modelled, start=1):
        made = _other_models(chapter, course, f"models-{place}")
        tables.append((f"{sentence_case(course.measure.name)}: other models", made))
    if not tables:
        return Markdown("No model could be fitted.")
    return folded((summary, marked(made, chapter.patients)) for summary, made in tables)


def _other_models(chapter: Chapter, course: Course, name: str) -> PublicationTable:
    assert course.model is not None
    main = course.model
    rows = [_model_row(chapter, course, "Main model", main)]
    for label, options in OTHERS:
        chosen = {"covariance": main.fit.structure.name} | options
        if chosen["covariance"] == main.fit.structure.name and "covariance" in options and len(options) == 1:
            continue
        try:
            rows.append(_model_row(chapter, course, label, repeated_measures(course.treated, main.arms, **chosen)))
        except CAN_NOT as why:
            reason = sentence_case(str(why))
            structure = sentence_case(STRUCTURE_NAMES[chosen["covariance"]])
            rows.append({"Model": label, "Covariance": structure, "Remark": f"not estimated: {reason}"})
    frame = pd.DataFrame(rows)
    notes = ["AIC compares models with the same fixed effects: those whose baseline is a covariate."]
    made = table(
        frame,
        id=name,
        title=f"{sentence_case(course.measure.name)}: the effect over the follow-up by other models",
        notes=notes,
    )
    assert isinstance(made, PublicationTable)
    return made


def _model_row(chapter: Chapter, course: Course, label: str, model: RepeatedMeasures) -> dict[str, object]:
    scale = course.measure
    effects = model.average_difference(chapter.level)
    parts = [
        (f"{chapter.label(str(arm))}: " if len(effects) > 1 else "") + _limits(scale, effect)
        for arm, effect in effects.iterrows()
    ]
    remarks = []
    if model.fit.singular:
        remarks.append(f"singular: {model.fit.singular} at its edge")
    if model.time == "continuous" and len(effects) == 1:
        slope = model.differences(chapter.level).iloc[-1]
        year = {
            key: slope[key] * YEAR / (slope["time"] - model.baseline_time) for key in ("estimate", "ci_low", "ci_high")
        }
        remarks.append(f"lines part by {_limits(scale, pd.Series(year))} a year")
    return {
        "Model": label,
        "Covariance": sentence_case(STRUCTURE_NAMES[model.fit.structure.name]),
        f"Difference ({chapter.level:.0%} interval)": "; ".join(parts),
        "p": "; ".join(_short_p(p) for p in effects["p"]),
        "Treatment by time": _wald(model.treatment_by_time()),
        "AIC": number(model.fit.aic, 1) if model.baseline == "covariate" else "–",
        "Remark": "; ".join(remarks),
    }


def other_models_sentence(chapter: Chapter) -> Markdown | None:
    return markdown(
        "A conclusion that holds in one model only rests on that model. The straight-line model spends one parameter on time and "
        "fits a recovery that levels off badly; it is shown because it needs the fewest patients."
    )


def safety(chapter: Chapter) -> AdverseEvents | None:
    """Events of the safety set over the whole follow-up; None where no events are known."""
    return _events(chapter, None)


def _events(chapter: Chapter, days: int | None) -> AdverseEvents | None:
    patients = chapter.patients
    if "adae" not in patients.tables:
        return None
    members, events = analysis_set(patients.adsl, "safety"), patients.adae
    if days is not None:
        members, events = first_days(members, events, days)
    order = [*chapter.arms.experimental, *chapter.arms.control]
    return adverse_events(members, events, order, level=chapter.level)


def _windows(chapter: Chapter) -> list[tuple[str, int | None]]:
    """Whole follow-up, and its first half year where it is longer."""
    adsl = chapter.patients.adsl
    longest = pd.to_numeric(adsl["EOSDY"], errors="coerce").max() if "EOSDY" in adsl else np.nan
    early = [(f"First {HALF_A_YEAR} days", HALF_A_YEAR)] if longest > 1.5 * HALF_A_YEAR else []
    return [*early, ("Whole follow-up", None)]


def safety_rates(chapter: Chapter) -> Any:
    """Events per patient-year of each arm, drawn."""
    whole = safety(chapter)
    if whole is None:
        return Markdown("No file of adverse events was given: nothing is known about them.")
    rows = whole.arms[whole.arms["rate"].notna()]
    rows = rows[rows["category"].isin(["any event", "serious", "related"])]
    if rows.empty:
        return Markdown("Rates need each patient's time in the trial (EOSDY), which is not known for all.")
    drawn = pd.DataFrame(
        {
            "label": [f"{sentence_case(row.category)}, {chapter.label(row.arm)}" for row in rows.itertuples()],
            "estimate": rows["rate"],
            "ci_low": rows["rate_low"],
            "ci_high": rows["rate_high"],
        }
    )
    chart = interval_plot(
        drawn,
        axis_title="Events per patient-year, lower is better",
        title="Adverse events over the whole follow-up",
        description="Events per patient-year with exact limits: "
        + "; ".join(
            f"{row.label} {estimate_with_interval(row.estimate, row.ci_low, row.ci_high)}" for row in drawn.itertuples()
        ),
        row_title="Event and arm",
        numbers_title=f"Rate ({chapter.level:.0%} CI)",
    )
    return marked(chart, chapter.patients)


def safety_table(chapter: Chapter) -> Any:
    """Events and rates by arm and window, with the rate ratio."""
    if "adae" not in chapter.patients.tables:
        return None
    rows = []
    for window, days in _windows(chapter):
        found = _events(chapter, days)
        assert found is not None
        compared = found.compared.set_index("category") if len(found.compared) else pd.DataFrame()
        for category in dict.fromkeys(found.arms["category"]):
            row: dict[str, object] = {"Window": window, "Event": sentence_case(str(category))}
            for arm in found.arms[found.arms["category"] == category].itertuples():
                rate = (
                    f"; {estimate_with_interval(arm.rate, arm.rate_low, arm.rate_high)} a year"
                    if pd.notna(arm.rate)
                    else ""
                )
                row[chapter.label(arm.arm)] = f"{arm.events} in {arm.patients} of {arm.n}{rate}"
            if category in compared.index:
                ratio = compared.loc[category]
                row["Rate ratio"] = estimate_with_interval(ratio["rate_ratio"], ratio["rr_low"], ratio["rr_high"])
                row["p"] = _short_p(ratio["rr_p"])
            rows.append(row)
    notes = [
        f"Events in patients with at least one of all patients; rate per patient-year with exact (Poisson) {chapter.level:.0%} "
        "limits; rate ratio and p exact, given the total.",
        "The exact limits take events for independent; several events of one patient make them too narrow.",
    ]
    made = table(pd.DataFrame(rows), id="events", title="Adverse events per patient-time", groups="Window", notes=notes)
    return marked(made, chapter.patients)


def safety_sentence(chapter: Chapter) -> Markdown | None:
    """What the rates say together."""
    found = safety(chapter)
    if found is None or found.compared.empty:
        return None
    row = found.compared.set_index("category").loc["any event"]
    first, second = found.arms[found.arms["category"] == "any event"].head(2).to_dict("records")
    names = [as_text(chapter.label(arm["arm"])) for arm in (first, second)]
    counts = (
        f"{count(first['events'], 'event')} in {count(first['n'], 'patient')} of {names[0]}, "
        f"{second['events']} in {second['n']} of {names[1]}"
    )
    outside = (
        f" {sentence_case(count(found.outside, 'event'))} of patients outside the safety set are not counted."
        if found.outside
        else ""
    )
    if pd.isna(row["rate_ratio"]):
        return markdown(f"{sentence_case(counts)}; without each patient's time there is no rate to compare.{outside}")
    low, high = row["rr_low"], row["rr_high"]
    said = (
        "the interval leaves open more and fewer events"
        if low <= 1 <= high
        else f"all of the interval says {'fewer' if high < 1 else 'more'} events with {names[0]}"
    )
    robust = ""
    if np.isfinite(row["robust_low"]):
        limits = estimate_with_interval(row["rate_ratio"], row["robust_low"], row["robust_high"])
        robust = f" Limits that allow for several events of one patient: {limits}."
    return markdown(
        f"{sentence_case(counts)}: rate ratio {estimate_with_interval(row['rate_ratio'], low, high)}, {p_value(row['rr_p'])}; "
        f"{said}.{robust}{outside}"
    )


def limits(chapter: Chapter) -> Markdown:
    """What can not be concluded."""
    points = []
    if chapter.moved:
        points.append(
            "The main analysis compares patients as they were treated. Whoever was meant to be treated and was not may differ from "
            "the others in ways that no model here removes."
        )
    lost = _lost(chapter)
    if lost:
        points.append(
            f"The models take missing scores as predictable from those seen. At the last visit {listed(lost)} had no score; if "
            "they did worse, or better, than their earlier scores foretell, the means are wrong, and the data can not show it."
        )
    tested = len(list(_effects(chapter)))
    if tested > 1:
        points.append(
            f"{sentence_case(count(tested, 'comparison'))} were made, and at each several visits; a single p below "
            f"{number(1 - chapter.level)} among them is expected by chance more often than it seems."
        )
    ordinal = [
        as_text(course.measure.name)
        for course in chapter.modelled
        if chapter.evidence.outcomes.at[course.measure.id, "type"] == "ordinal"
    ]
    if ordinal:
        points.append(
            f"{sentence_case(listed(ordinal))} {'is' if len(ordinal) == 1 else 'are'} ordinal. A mean of levels takes the steps "
            "between them for equal, which they are not."
        )
    sizes = [int(course.model.n.sum(axis=0).min()) for course in chapter.modelled if course.model is not None]
    if sizes and min(sizes) < 100:
        points.append(
            f"With as few as {min(sizes)} patients at a visit, an effect that matters can be missed, and one that is found is "
            "likely to be overestimated."
        )
    if any(effect.ci_low <= 0 <= effect.ci_high for _, _, effect in _effects(chapter)):
        points.append("Where an interval leaves open both benefit and harm, absence of proof is not proof of absence.")
    if chapter.patients.demonstration:
        points.append(
            "The patients of this page are generated. Nothing here is evidence about the trial; its published results are on "
            "its own page."
        )
    return Markdown("\n".join(f"- {point}" for point in points) or "No limit beyond those of any single trial.")


def _lost(chapter: Chapter) -> list[str]:
    """`2 of 15 patients of No cells`, at the last visit that any outcome has."""
    if not chapter.modelled:
        return []
    last = max(course.treated["time"].max() for course in chapter.modelled)
    courses = [course for course in chapter.modelled if course.treated["time"].max() == last]
    most = max(courses, key=lambda course: int((course.treated["time"] == last).sum()))
    seen = most.treated[(most.treated["time"] == last) & most.treated["value"].notna()]
    members = analysis_set(chapter.patients.adsl, "as-treated")
    lost = []
    for arm in [*chapter.arms.experimental, *chapter.arms.control]:
        n, left = int((members["arm"] == arm).sum()), int(seen.loc[seen["arm"] == arm, "patient"].nunique())
        if left < n:
            lost.append(f"{n - left} of {n} patients of {as_text(chapter.label(arm))}")
    return lost


def _effects(chapter: Chapter) -> list[tuple[Course, str, Any]]:
    """Each outcome and arm with its average difference (estimate, se, df, p, ci_low, ci_high)."""
    found = []
    for course in chapter.modelled:
        assert course.model is not None
        for row in course.model.average_difference(chapter.level).itertuples():
            found.append((course, str(row.Index), row))
    return found


def _difference(scale: Measure, effect: Any) -> str:
    return estimate_with_interval(effect.estimate, effect.ci_low, effect.ci_high, scale.decimals)


def _limits(scale: Measure, row: pd.Series) -> str:
    return estimate_with_interval(row["estimate"], row["ci_low"], row["ci_high"], scale.decimals)


def _short_p(p: float) -> str:
    return p_value(p).removeprefix("p = ").removeprefix("p ")


def _wald(test: WaldTest | None) -> str:
    if test is None:
        return "–"
    return f"F({test.df1}, {number(test.df2, 1)}) = {number(test.F)}, {p_value(test.p)}"
