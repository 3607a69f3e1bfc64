"""The chapter of a trial with images of its patients: tracts, the motor network, and how they go with motor recovery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import Markdown

from helpers.charts import change_scatter, interval_plot, threshold_sweep_plot
from helpers.evidence import Evidence
from helpers.format import MISSING, estimate_with_interval, number, p_value, percent
from helpers.patients import Patients, at_visit, visit_days, visit_name
from helpers.patients.association import Association, Correlation, association
from helpers.patients.group_change import GroupChange, group_change
from helpers.patients.improvement import improvement_ratio
from helpers.patients.network import THRESHOLDS, network_by_visit, sweep_by_visit
from helpers.patients.quartiles import quartile
from helpers.patients.within import holm
from helpers.sections.demonstration import marked
from helpers.sections.layout import folded, table
from helpers.sections.patient_words import Arms, Measure, arms_of, decimals, left_open, measure
from helpers.sections.sentences import as_text, count, listed, markdown

NETWORK_NAMES = {
    "strength": "Strength of the motor network",
    "interhemispheric": "Connectivity between the hemispheres",
    "ipsilesional": "Connectivity within the lesioned hemisphere",
    "contralesional": "Connectivity within the other hemisphere",
    "efficiency": "Global efficiency of the motor network",
    "density": "Density of the motor network, mean over thresholds",
}
MOTOR_DOMAINS = ("motor",)
RATIO_PREFIX = "fma-"  # the improvement ratio is defined for the Fugl-Meyer scores
FEW = 100
NAMES = {"tracts": "measures of the brain", "network": "the motor network"}


@dataclass(frozen=True, eq=False)
class Changed:
    """One measure before and after. values: arm role, before, after, change, a row a patient of adsl."""

    measure: Measure
    day: int
    values: pd.DataFrame
    result: GroupChange


@dataclass(frozen=True, eq=False)
class Ratio:
    """Improvement ratio of one score. values: role and ratio a patient; ceiling: patients without room to improve."""

    measure: Measure
    day: int
    values: pd.DataFrame
    result: GroupChange
    ceiling: int


@dataclass(frozen=True)
class Pair:
    """An image measure and a motor score that changed in the same patients."""

    image: Changed
    motor: Changed
    found: Association


@dataclass(frozen=True, eq=False)
class Chapter:
    """What the page shows, computed once. sweep: patient, day, threshold, density, efficiency; empty without matrices."""

    evidence: Evidence
    patients: Patients
    arms: Arms
    level: float
    tracts: tuple[Changed, ...]
    network: tuple[Changed, ...]
    motor: tuple[Changed, ...]
    ratios: tuple[Ratio, ...]
    pairs: tuple[Pair, ...]
    sweep: pd.DataFrame
    negative_share: float
    n_regions: int

    @property
    def treated(self) -> str:
        return self.arms.labels[self.arms.experimental[0]] if len(self.arms.experimental) == 1 else "Treated"

    @property
    def control(self) -> str:
        return self.arms.labels[self.arms.control[0]] if len(self.arms.control) == 1 else "Control"

    def role(self, name: str) -> str:
        return {"experimental": self.treated, "control": self.control}[name]


def analyse(evidence: Evidence, patients: Patients, level: float) -> Chapter:
    """Changes of every imaging outcome, network measure and motor score from baseline to the visit most patients came to."""
    network, sweep = _network(patients)
    changes = {
        domain: [
            _changed(evidence, patients, str(outcome), level)
            for outcome in evidence.outcomes.index[evidence.outcomes["domain"] == domain]
        ]
        for domain in ("imaging", *MOTOR_DOMAINS)
    }
    tracts = tuple(change for change in changes["imaging"] if change is not None)
    motor = tuple(change for domain in MOTOR_DOMAINS for change in changes[domain] if change is not None)
    connected = _network_changes(patients, network, level)
    imaged = _imaged(patients, tracts, network)
    ratios = [_ratio(evidence, change, imaged, level) for change in motor if change.measure.id.startswith(RATIO_PREFIX)]
    return Chapter(
        evidence,
        patients,
        arms_of(patients),
        level,
        tracts,
        connected,
        motor,
        tuple(ratio for ratio in ratios if ratio is not None),
        _pairs((*tracts, *connected), motor, level),
        sweep,
        float(network["negative_share"].mean()) if len(network) else float("nan"),
        int(network["n_regions"].iloc[0]) if len(network) else 0,
    )


def _network(patients: Patients) -> tuple[pd.DataFrame, pd.DataFrame]:
    given = patients.connectivity
    if given is None or not given.matrices:
        return pd.DataFrame(), pd.DataFrame()
    sides = (
        dict(zip(patients.adsl["USUBJID"], patients.adsl["LESIONSD"], strict=True))
        if "LESIONSD" in patients.adsl
        else {}
    )
    return network_by_visit(given.matrices, given.regions, sides), sweep_by_visit(given.matrices, given.regions)


def _roles(patients: Patients) -> pd.Series:
    roles = {arm.id: arm.role for arm in patients.arms}
    return patients.adsl["TRT01P"].map(roles).fillna("").set_axis(patients.adsl["USUBJID"])


def _changed(evidence: Evidence, patients: Patients, outcome: str, level: float) -> Changed | None:
    """None where no patient was measured before and after."""
    days = [day for day in visit_days(patients, outcome) if day > 0]
    frames = {day: at_visit(patients, outcome, day) for day in days}
    both = {day: int(frame[["value", "baseline"]].notna().all(axis=1).sum()) for day, frame in frames.items()}
    if not any(both.values()):
        return None
    day = max(both, key=lambda each: (both[each], each))
    frame = frames[day]
    values = pd.DataFrame(
        {
            "patient": frame["USUBJID"],
            "role": frame["role"],
            "before": frame["baseline"],
            "after": frame["value"],
            "change": frame["value"] - frame["baseline"],
        }
    )
    return _compare(measure(evidence, outcome, pd.concat([frame["value"], frame["baseline"]])), day, values, level)


def _compare(scale: Measure, day: int, values: pd.DataFrame, level: float) -> Changed:
    known = values[values["role"] != ""]
    result = group_change(known["before"], known["after"], known["role"] == "experimental", level)
    return Changed(scale, day, values, result)


def _network_changes(patients: Patients, network: pd.DataFrame, level: float) -> tuple[Changed, ...]:
    if network.empty:
        return ()
    later = network[network["day"] > 0]
    if later.empty or not (network["day"] == 0).any():
        return ()
    counts = later["day"].value_counts()
    day = int(max(counts.index, key=lambda each: (counts[each], each)))
    roles = _roles(patients)
    found = []
    for name, title in NETWORK_NAMES.items():
        wide = network.pivot(index="patient", columns="day", values=name).reindex(columns=[0, day])
        if wide.dropna().empty:
            continue
        values = pd.DataFrame(
            {
                "patient": wide.index,
                "role": roles.reindex(wide.index).fillna("").to_numpy(),
                "before": wide[0].to_numpy(),
                "after": wide[day].to_numpy(),
                "change": (wide[day] - wide[0]).to_numpy(),
            }
        )
        scale = Measure(f"network-{name}", title, "", 1, decimals(pd.concat([wide[0], wide[day]])))
        found.append(_compare(scale, day, values, level))
    return tuple(found)


def _imaged(patients: Patients, tracts: tuple[Changed, ...], network: pd.DataFrame) -> set[str]:
    """Patients with any image: the motor scores of the chapter are theirs."""
    seen = {str(patient) for patient in network["patient"]} if len(network) else set()
    for change in tracts:
        values = change.values
        seen |= set(values.loc[values["after"].notna() | values["before"].notna(), "patient"])
    return seen


def _ratio(evidence: Evidence, change: Changed, imaged: set[str], level: float) -> Ratio | None:
    scale = evidence.outcomes.loc[change.measure.id]
    best = scale["max"] if change.measure.better >= 0 else scale["min"]
    values = change.values[change.values["patient"].isin(imaged)]
    if pd.isna(best) or values.empty:
        return None
    ratio = improvement_ratio(values["before"], values["after"], float(best))
    both = values["before"].notna() & values["after"].notna()
    known = values.assign(ratio=ratio)
    known = known[known["role"] != ""]
    if not np.isfinite(known["ratio"]).any():
        return None
    # a ratio is itself a change: from no improvement, 0, for everyone
    nothing = np.where(np.isfinite(known["ratio"]), 0.0, np.nan)
    result = group_change(nothing, known["ratio"], known["role"] == "experimental", level)
    return Ratio(change.measure, change.day, known, result, int((both & ~np.isfinite(ratio)).sum()))


def opening(chapter: Chapter) -> Markdown | None:
    """Who was imaged, when, and what was measured."""
    patients = chapter.patients
    trial = as_text(chapter.evidence.trials[patients.trial].name)
    changes = [*chapter.tracts, *chapter.network]
    if not changes:
        return markdown(f"No image of {trial} was taken both before and after treatment.")
    sizes = [
        f"{int(row.n)} of {as_text(chapter.role(row.arm))}"
        for row in max((change.result.within for change in changes), key=lambda frame: frame["n"].sum()).itertuples()
    ]
    days = sorted({change.day for change in changes})
    names = [as_text(change.measure.name) for change in chapter.tracts]
    network = ""
    if chapter.network:
        network = (
            f"The motor network of each patient has {chapter.n_regions} regions; "
            f"{percent(chapter.negative_share, 0)} of its pairs are below zero. Such a pair is no edge of the network; means of "
            "connectivity keep its sign."
        )
    return markdown(
        f"**{trial}: {count(len(patients.adsl), 'patient')}**, compared as randomised. Images before and after were available for "
        f"up to {listed(sizes)}; the later ones are those of "
        f"{listed([as_text(visit_name(patients, day)).lower() for day in days])}.",
        f"Measured on them: {listed(names)}." if names else "",
        network,
    )


def within(chapter: Chapter, which: str) -> Any:
    """Values before and after in each arm. which: "tracts" or "network"."""
    changes = _chosen(chapter, which)
    if not changes:
        return Markdown(_nothing(which))
    rows = []
    for change in changes:
        places = change.measure.decimals
        for arm in change.result.within.itertuples():
            rows.append(
                {
                    "Measure": change.measure.name,
                    "Arm": chapter.role(arm.arm),
                    "Patients": arm.n,
                    "Before": f"{number(arm.before_mean, places)} ± {number(arm.before_sd, places)}",
                    f"After ({visit_name(chapter.patients, change.day)})": f"{number(arm.after_mean, places)} ± "
                    f"{number(arm.after_sd, places)}",
                    f"Change ({chapter.level:.0%} interval)": estimate_with_interval(
                        arm.change_mean, arm.ci_low, arm.ci_high, places
                    ),
                    "Paired t test": _short_p(arm.p),
                }
            )
    notes = ["Mean ± SD of the patients with both values. A change within one arm is not an effect of the cells."]
    made = table(
        pd.DataFrame(rows),
        id=f"{which}-within",
        title=f"Change of {NAMES[which]} within each arm",
        groups="Measure",
        notes=notes,
    )
    return marked(made, chapter.patients)


def between(chapter: Chapter, which: str) -> Any:
    """Difference of the changes, Hedges' g and permutation p."""
    changes = [change for change in _chosen(chapter, which) if change.result.between is not None]
    if not changes:
        return (
            Markdown("There are no two arms of two patients or more to compare.") if _chosen(chapter, which) else None
        )
    title = f"Change of {NAMES[which]} compared between arms"
    return marked(_between_table(chapter, changes, f"{which}-between", title), chapter.patients)


def _between_table(chapter: Chapter, changes: list[Changed] | list[Ratio], name: str, title: str) -> Any:
    rows, p = [], []
    for change in changes:
        compared, shuffled = change.result.between, change.result.permutation
        assert compared is not None and shuffled is not None
        g = compared.hedges_g
        limits = g.interval(chapter.level) if g is not None else (np.nan, np.nan)
        p.append(shuffled.p if np.isfinite(compared.welch_p) else np.nan)
        places = 2 if isinstance(change, Ratio) else change.measure.decimals
        rows.append(
            {
                "Measure": change.measure.name,
                f"Difference ({chapter.level:.0%} interval)": estimate_with_interval(
                    compared.difference, compared.ci_low, compared.ci_high, places
                ),
                "Hedges g": MISSING
                if g is None
                else estimate_with_interval(float(g.yi), float(limits[0]), float(limits[1])),
                "Permutation": _short_p(shuffled.p),
                "Welch": _short_p(compared.welch_p),
            }
        )
    frame = pd.DataFrame(rows)
    frame.insert(4, "Permutation, adjusted", [_short_p(each) for each in holm(np.array(p))])
    notes = [
        f"{chapter.treated} minus {chapter.control}. Hedges g in SDs of the change, with a normal interval.",
        _permutation_note(changes),
        "Adjusted: by Holm's method for the number of rows.",
    ]
    return table(frame, id=name, title=title, notes=notes)


def _permutation_note(changes: list[Changed] | list[Ratio]) -> str:
    said = []
    for shuffled in dict.fromkeys(change.result.permutation for change in changes):
        assert shuffled is not None
        if shuffled.exact:
            said.append("exact, from all ways to deal the values out to the arms")
        else:
            said.append(
                f"from {shuffled.arrangements:,} random ways to deal the values out to the arms (seed {shuffled.seed})"
            )
    return f"Permutation p: {'; '.join(dict.fromkeys(said))}."


def reading(chapter: Chapter, which: str) -> Markdown | None:
    """The sentences that read the changes: each measure within the arms, then between."""
    changes = _chosen(chapter, which)
    if not changes:
        return None
    sentences = []
    for change in changes:
        parts = []
        for arm in change.result.within.itertuples():
            parts.append(
                f"{_moved(arm.change_mean, change.measure.decimals)} in {as_text(chapter.role(arm.arm))} "
                f"({p_value(arm.p) if np.isfinite(arm.p) else 'no test'})"
            )
        said = f"**{as_text(change.measure.name)}** {'; '.join(parts)}."
        compared, shuffled = change.result.between, change.result.permutation
        if compared is not None and shuffled is not None and compared.hedges_g is not None:
            low, high = compared.hedges_g.interval(chapter.level)
            better = change.measure.favoured(compared.difference, chapter.treated, chapter.control)
            said += (
                f" Between the arms: Hedges g {estimate_with_interval(float(compared.hedges_g.yi), float(low), float(high))}, "
                f"permutation {p_value(shuffled.p)}; {left_open(float(low), float(high), as_text(better))}"
                f"{_disagreement(float(low), float(high), shuffled.p, chapter.level)}."
            )
        sentences.append(f"- {said}")
    return Markdown("\n".join(sentences))


def drawn(chapter: Chapter, which: str) -> Any:
    """Hedges' g of every measure, or where there is one arm only nothing."""
    rows = []
    for change in _chosen(chapter, which):
        compared = change.result.between
        if compared is None or compared.hedges_g is None:
            continue
        sign = change.measure.better or 1
        low, high = sorted(sign * float(limit) for limit in compared.hedges_g.interval(chapter.level))
        rows.append([change.measure.name, sign * float(compared.hedges_g.yi), low, high])
    if not rows:
        return None
    frame = pd.DataFrame(rows, columns=["label", "estimate", "ci_low", "ci_high"])
    chart = interval_plot(
        frame,
        axis_title="Hedges g of the change",
        reference=0,
        favours=("favours control", "favours treated"),
        title=f"Change of {NAMES[which]}, treated against control",
        description="Difference of the mean changes in standard deviations: "
        + "; ".join(
            f"{row.label} {estimate_with_interval(row.estimate, row.ci_low, row.ci_high)}" for row in frame.itertuples()
        ),
        row_title="Measure",
        numbers_title=f"g ({chapter.level:.0%} CI)",
    )
    return marked(chart, chapter.patients)


def sweep(chapter: Chapter) -> Any:
    """Mean density of each arm and visit as the threshold rises."""
    rows = _sweep_means(chapter)
    if rows.empty:
        return Markdown(_nothing("network"))
    value = chapter.patients.connectivity.label if chapter.patients.connectivity else "connectivity"
    chart = threshold_sweep_plot(
        rows[["arm", "visit", "threshold", "density"]].rename(columns={"density": "value"}),
        x_title=f"Threshold: {value} above which a pair is an edge",
        y_title="Density (share of pairs that are edges)",
        title="Density of the motor network by threshold",
        description="Mean density over patients at the lowest and the highest threshold: "
        + "; ".join(
            f"{arm}, {visit}, {number(own['density'].iloc[0])} to {number(own['density'].iloc[-1])}"
            for (arm, visit), own in rows.groupby(["arm", "visit"], sort=False)
        ),
    )
    return marked(chart, chapter.patients)


def sweep_table(chapter: Chapter) -> Any:
    """The same in numbers, with the efficiency of the unweighted network."""
    rows = _sweep_means(chapter)
    if rows.empty:
        return None
    steps = [threshold for threshold in THRESHOLDS if round(threshold * 100) % 10 == 0]
    chosen = rows[rows["threshold"].isin(steps)]
    frame = pd.DataFrame({"Threshold": [number(step, 1) for step in steps]})
    for (arm, visit), own in chosen.groupby(["arm", "visit"], sort=False):
        texts = [f"{number(row.density)}; {number(row.efficiency)}" for row in own.itertuples()]
        frame[f"{arm}, {visit}"] = texts
    notes = ["Means over patients: density; global efficiency of the network whose edges all count the same."]
    made = table(frame, id="sweep", title="Density and efficiency by threshold", notes=notes)
    return marked(made, chapter.patients)


def sweep_sentence(chapter: Chapter) -> Markdown | None:
    """Whether the direction of the difference depends on the threshold."""
    rows = _sweep_means(chapter)
    visits = list(dict.fromkeys(rows["visit"])) if len(rows) else []
    if len(visits) < 2 or rows["arm"].nunique() < 2:
        return None
    wide = rows.pivot_table(index="threshold", columns=["arm", "visit"], values="density")
    gain = {arm: wide[(arm, visits[-1])] - wide[(arm, visits[0])] for arm in (chapter.treated, chapter.control)}
    ahead = int((gain[chapter.treated] > gain[chapter.control]).sum())
    return markdown(
        f"Density gained more in {as_text(chapter.treated)} than in {as_text(chapter.control)} at {ahead} of {len(wide)} "
        "thresholds. A difference that is there at some thresholds only is one of the choice."
    )


def _sweep_means(chapter: Chapter) -> pd.DataFrame:
    if chapter.sweep.empty or not chapter.network:
        return pd.DataFrame()
    day = chapter.network[0].day
    own = chapter.sweep[chapter.sweep["day"].isin([0, day])]
    own = own.assign(role=own["patient"].map(_roles(chapter.patients)))
    own = own[own["role"].isin(["control", "experimental"])]
    means = own.groupby(["role", "day", "threshold"])[["density", "efficiency"]].mean().reset_index()
    means["arm"] = means["role"].map(chapter.role)
    means["visit"] = np.where(means["day"] == 0, "before", "after")
    return means


def ratios(chapter: Chapter) -> Any:
    """Improvement ratios of each arm."""
    if not chapter.ratios:
        return Markdown("No Fugl-Meyer score was taken before and after in patients with images.")
    rows = []
    for ratio in chapter.ratios:
        for name in ("experimental", "control"):
            own = ratio.values.loc[ratio.values["role"] == name, "ratio"].dropna()
            if len(own):
                rows.append(
                    {
                        "Score": ratio.measure.name,
                        "Arm": chapter.role(name),
                        "Patients": len(own),
                        "Ratio": f"{number(own.mean())} ± {number(own.std(ddof=1))}",
                        "Median (quartiles)": estimate_with_interval(
                            quartile(own, 0.5), quartile(own, 0.25), quartile(own, 0.75)
                        ),
                    }
                )
    ceiling = sum(ratio.ceiling for ratio in chapter.ratios)
    notes = ["Ratio: (after − before) / (best score − before), mean ± SD; 1 is full recovery, 0 none."]
    if ceiling:
        each = [
            f"{as_text(ratio.measure.name)}: {count(ratio.ceiling, 'patient')}"
            for ratio in chapter.ratios
            if ratio.ceiling
        ]
        notes.append(f"Undefined, as the score could not get better: {'; '.join(each)}.")
    made = table(pd.DataFrame(rows), id="ratios", title="Improvement ratio", groups="Score", notes=notes)
    return marked(made, chapter.patients)


def ratios_between(chapter: Chapter) -> Any:
    """Improvement ratios compared between the arms."""
    compared = [ratio for ratio in chapter.ratios if ratio.result.between is not None]
    if not compared:
        return None
    made = _between_table(chapter, compared, "ratios-between", "Improvement ratio compared between arms")
    return marked(made, chapter.patients)


def ratios_sentence(chapter: Chapter) -> Markdown | None:
    """The sentence that reads the ratios."""
    sentences = []
    for ratio in chapter.ratios:
        compared, shuffled = ratio.result.between, ratio.result.permutation
        if compared is None or shuffled is None:
            continue
        better = chapter.treated if compared.difference > 0 else chapter.control
        sentences.append(
            f"- **{as_text(ratio.measure.name)}**: the ratio differs by "
            f"{estimate_with_interval(compared.difference, compared.ci_low, compared.ci_high)}, permutation "
            f"{p_value(shuffled.p)}; {left_open(compared.ci_low, compared.ci_high, as_text(better))}"
            f"{_disagreement(compared.ci_low, compared.ci_high, shuffled.p, chapter.level)}."
        )
    return Markdown("\n".join(sentences)) if sentences else None


def _pairs(images: tuple[Changed, ...], scores: tuple[Changed, ...], level: float) -> tuple[Pair, ...]:
    pairs = []
    for image in images:
        own = image.values.set_index("patient")
        for motor in scores:
            y = motor.values.set_index("patient")["change"].reindex(own.index)
            found = association(own["change"], y, level, group=own["role"])
            if found is not None:
                pairs.append(Pair(image, motor, found))
    return tuple(pairs)


def _first_motor(chapter: Chapter) -> Changed | None:
    """The Fugl-Meyer score the images are set beside: the motor one where there is one, else the first."""
    order = ("fma-motor", "fma-total")
    by_id = {change.measure.id: change for change in chapter.motor}
    for name in order:
        if name in by_id:
            return by_id[name]
    return chapter.motor[0] if chapter.motor else None


def scatter(chapter: Chapter) -> Any:
    """The change of one image measure against that of one motor score, a point a patient."""
    motor = _first_motor(chapter)
    images = [*chapter.network, *chapter.tracts]
    if motor is None or not images:
        return Markdown(
            "There is no pair of an image measure and a motor score that both changed in the same patients."
        )
    image = next((each for each in images if each.measure.id == "network-interhemispheric"), images[0])
    y = motor.values.set_index("patient")["change"]
    rows = image.values.assign(y=image.values["patient"].map(y)).rename(columns={"change": "x"})
    rows = rows[rows["x"].notna() & rows["y"].notna() & rows["role"].isin(["control", "experimental"])]
    if rows.empty:
        return Markdown("There is no patient with both an image and a motor score before and after.")
    rows = rows.assign(arm=rows["role"].map(chapter.role)).sort_values("role", kind="stable")
    found = association(rows["x"], rows["y"], chapter.level)
    said = "too few patients for a correlation"
    if found is not None:
        own = found.pearson
        said = f"Pearson correlation {estimate_with_interval(own.r, own.ci_low, own.ci_high)} in {own.n} patients"
    chart = change_scatter(
        rows[["arm", "x", "y"]],
        x_title=f"Change: {image.measure.axis}",
        y_title=f"Change: {motor.measure.axis}",
        title="Change of the brain and change of movement",
        description=f"{image.measure.name} against {motor.measure.name}, a point a patient: {said}",
    )
    return marked(chart, chapter.patients)


def correlations(chapter: Chapter) -> Any:
    """Correlations of every image measure with the score drawn."""
    motor = _first_motor(chapter)
    pairs = [pair for pair in chapter.pairs if pair.motor is motor]
    if not pairs or motor is None:
        return Markdown("No pair of changes is known for four patients or more.")
    made = _correlation_table(chapter, pairs, "correlations", f"Correlation with the change of {motor.measure.name}")
    return marked(made, chapter.patients)


def all_correlations(chapter: Chapter) -> Any:
    """Correlations of every image measure with every motor score, folded."""
    if len({pair.motor.measure.id for pair in chapter.pairs}) < 2:
        return None
    made = _correlation_table(chapter, list(chapter.pairs), "all-correlations", "Correlations of all changes")
    return folded([(f"All {len(chapter.pairs)} correlations", marked(made, chapter.patients))])


def _correlation_table(chapter: Chapter, pairs: list[Pair], name: str, title: str) -> Any:
    adjusted = holm(np.array([pair.found.pearson.p for pair in pairs]))
    several = len({pair.motor.measure.id for pair in pairs}) > 1
    frame = pd.DataFrame(
        {
            "Image measure": [pair.image.measure.name for pair in pairs],
            "Motor score": [pair.motor.measure.name for pair in pairs],
            "Patients": [pair.found.pearson.n for pair in pairs],
            "Pearson": [_r(pair.found.pearson) for pair in pairs],
            "p": [_short_p(pair.found.pearson.p) for pair in pairs],
            "p, adjusted": [_short_p(p) for p in adjusted],
            "Within arms": [_r(pair.found.within) for pair in pairs],
            "Spearman": [_r(pair.found.spearman) for pair in pairs],
        }
    )
    notes = [
        f"Changes of the same patients; {chapter.level:.0%} intervals by Fisher's z, rough with few patients. Within arms: "
        "Pearson's correlation of the deviations from the arms' means.",
        f"p of Pearson's correlation; adjusted by Holm's method for {len(pairs)} pairs.",
    ]
    if not several:
        return table(frame.drop(columns="Motor score"), id=name, title=title, notes=notes)
    return table(frame, id=name, title=title, groups="Image measure", notes=notes)


def correlations_sentence(chapter: Chapter) -> Markdown | None:
    """How many of the correlations stand out."""
    pairs = chapter.pairs
    if not pairs:
        return None
    alpha = 1 - chapter.level
    raw = np.array([pair.found.pearson.p for pair in pairs])
    within = [pair.found.within.p for pair in pairs if pair.found.within is not None]
    n = max(pair.found.pearson.n for pair in pairs)
    few = f" With {n} patients a correlation is known roughly at best." if n < FEW else ""
    below, left = int((raw < alpha).sum()), int((holm(raw) < alpha).sum())
    own = sum(p < alpha for p in within)
    return markdown(
        f"Of {count(len(pairs), 'pair')} of an image measure and a motor score, {below or 'none'} "
        f"{'has' if below < 2 else 'have'} a correlation with p below {number(alpha)}, {left or 'none'} after adjustment for their "
        f"number, and {own or 'none'} within the arms without adjustment. Arms that differ in both changes make a correlation "
        f"where within each arm there is none.{few}"
    )


def limits(chapter: Chapter) -> Markdown:
    """What can not be concluded."""
    points = ["Images are a step between treatment and patient: a change that favours the cells is not yet a recovery."]
    members = chapter.patients.adsl["USUBJID"].nunique()
    changes = [*chapter.tracts, *chapter.network]
    if changes:
        seen = max(int(change.result.within["n"].sum()) for change in changes)
        if seen < members:
            points.append(
                f"{members - seen} of {members} patients have no pair of images. Randomisation protects the comparison of all "
                "patients, not of those who could be imaged twice."
            )
        if seen < FEW:
            points.append(
                f"{seen} patients are few: intervals are wide, and a result that stands out is likely to be overestimated."
            )
    tested = len(changes) + len(chapter.ratios) + len(chapter.pairs)
    if tested > 1:
        points.append(
            f"{tested} comparisons and correlations were made on this page. Some fall below {number(1 - chapter.level)} by chance."
        )
    if chapter.network:
        points.append(
            "The measures of a network depend on the regions chosen, on what is done with negative connectivity, and on the "
            "threshold. Other choices are defensible."
        )
    points.append("A correlation of two changes does not say that one brought about the other.")
    if chapter.patients.demonstration:
        points.append(
            "The patients of this page are generated. Nothing here is evidence about the trial; its published results are on "
            "its own page."
        )
    return Markdown("\n".join(f"- {point}" for point in points))


def _chosen(chapter: Chapter, which: str) -> tuple[Changed, ...]:
    return {"tracts": chapter.tracts, "network": chapter.network}[which]


def _nothing(which: str) -> str:
    return {
        "tracts": "No measure on images was taken before and after treatment.",
        "network": "No connectivity matrices were given for before and after treatment.",
    }[which]


def _moved(change: float, places: int) -> str:
    size = number(abs(change), places)
    if size == number(0.0, places):
        return "did not change"
    return f"{'rose' if change > 0 else 'fell'} by {size}"


def _disagreement(low: float, high: float, p: float, level: float) -> str:
    """Said where interval and permutation do not agree on whether chance is enough."""
    if not (np.isfinite(low) and np.isfinite(high)) or (p < 1 - level) == (low > 0 or high < 0):
        return ""
    return ", but interval and permutation disagree, so it is not settled"


def _r(found: Correlation | None) -> str:
    if found is None:
        return MISSING
    return estimate_with_interval(found.r, found.ci_low, found.ci_high)


def _short_p(p: float) -> str:
    return MISSING if not np.isfinite(p) else p_value(p).removeprefix("p = ").removeprefix("p ")
