"""One example of every chart, with realistic numbers. Run as a program it prints all their outputs."""

import itertools
import json
import sys

import numpy as np
import pandas as pd

from helpers import charts, synthesis
from helpers.charts.theme import book_renderer
from helpers.synthesis import repooling

NAN = float("nan")
WIDE, NARROW = 744, 344


def motor_recovery() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Five trials of all classes and source kinds, one interval far beyond the others, one trial without an estimate."""
    columns = ["label", "estimate", "ci_low", "ci_high", "weight", "kind", "group"]
    rows = [
        ["STARTING-2", 0.560921, -0.043886, 1.165728, 45.2, "primary", "iv-msc"],
        ["ISIS-HERMES", 0.809654, 0.077202, 1.542106, 31.3, "derived", "iv-msc"],
        ["TREASURE (MultiStem cells, day 365)", -0.10, -0.40, 0.20, NAN, "registry", "near-relative"],
        ["InveST", 0.20, -0.40, 9.20, 23.5, "secondary", "other-route-msc"],
        ["AMASCIS-01", NAN, NAN, NAN, NAN, "primary", "iv-msc"],
    ]
    pooled = pd.DataFrame(
        [{"label": "Random effects", "estimate": 0.35, "ci_low": -0.2, "ci_high": 0.9, "pi_low": -3.0, "pi_high": 4.0}]
    )
    return pd.DataFrame(rows, columns=columns), pooled


def deaths() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two imprecise risk ratios and a pooled one whose interval is wider than any axis."""
    rows = [["STARTING-2", 0.43, 0.05, 3.9, 61.2], ["ISIS-HERMES", 0.94, 0.06, 13.7, 38.8]]
    pooled = {"label": "Common effect", "estimate": 0.58, "ci_low": 1e-9, "ci_high": 3e8, "pi_low": NAN, "pi_high": NAN}
    return pd.DataFrame(rows, columns=["label", "estimate", "ci_low", "ci_high", "weight"]), pd.DataFrame([pooled])


def bcg() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Thirteen trials of BCG vaccine (Colditz 1994): risk ratios to two decimals."""
    rows = [
        ["Aronson 1948", 0.41, 0.13, 1.26], ["Ferguson & Simes 1949", 0.20, 0.09, 0.49],
        ["Rosenthal et al 1960", 0.26, 0.07, 0.92], ["Hart & Sutherland 1977", 0.24, 0.18, 0.31],
        ["Frimodt-Moller et al 1973", 0.80, 0.52, 1.25], ["Stein & Aronson 1953", 0.46, 0.39, 0.54],
        ["Vandiviere et al 1973", 0.20, 0.08, 0.50], ["TPT Madras 1980", 1.01, 0.89, 1.14],
        ["Coetzee & Berjak 1968", 0.63, 0.39, 1.00], ["Rosenthal et al 1961", 0.25, 0.15, 0.43],
        ["Comstock et al 1974", 0.71, 0.57, 0.89], ["Comstock & Webster 1969", 1.56, 0.37, 6.53],
        ["Comstock et al 1976", 0.98, 0.58, 1.66],
    ]  # fmt: skip
    pooled = {"label": "Random effects", "estimate": 0.49, "ci_low": 0.34, "ci_high": 0.70, "pi_low": 0.15}
    frame = pd.DataFrame(rows, columns=["label", "estimate", "ci_low", "ci_high"])
    return frame, pd.DataFrame([{**pooled, "pi_high": 1.65}])


def bcg_in_full() -> dict[str, object]:
    """The same by allocation, with weights, judgements, heterogeneity and the test of subgroup differences."""
    rows, pooled = bcg()
    allocation = ["random"] * 4 + ["alternate"] + ["alternate"] + ["random"] * 2 + ["random"] + ["systematic"] * 4
    levels = charts.bias.TOOLS["RoB 2"]
    judged = {
        domain: [levels[(i * (j + 2)) % 3] for i in range(len(rows))]
        for j, domain in enumerate(charts.bias.DOMAINS["RoB 2"])
    }
    weight = [5.1, 6.4, 4.4, 9.7, 8.9, 10.1, 6.0, 10.2, 8.7, 8.4, 9.9, 3.8, 8.4]
    subgroups = pd.DataFrame(
        [["alternate", 0.58, 0.34, 1.01], ["random", 0.38, 0.22, 0.65], ["systematic", 0.65, 0.32, 1.32]],
        columns=["subgroup", "estimate", "ci_low", "ci_high"],
    ).assign(label="Random effects", heterogeneity=["", "tau² 0.39, I² 89.9%", "tau² 0.40, I² 86.4%"])
    return {
        "rows": rows.assign(subgroup=allocation, weight=weight, **judged),
        "pooled": pooled.assign(heterogeneity="tau² 0.31, I² 92.2%, Q 152.2 on 12 df (p < 0.001)"),
        "subgroups": subgroups,
        "subgroup_test": "Subgroup differences: Q 1.86 on 2 df (p = 0.394)",
    }


# Counts of the same trials: cases and others among the vaccinated, cases and others among the rest (R's metadat, dat.bcg).
BCG_COUNTS = [
    [4, 119, 11, 128], [6, 300, 29, 274], [3, 228, 11, 209], [62, 13536, 248, 12619], [33, 5036, 47, 5761],
    [180, 1361, 372, 1079], [8, 2537, 10, 619], [505, 87886, 499, 87892], [29, 7470, 45, 7232], [17, 1699, 65, 1600],
    [186, 50448, 141, 27197], [5, 2493, 3, 2338], [27, 16886, 29, 17825],
]  # fmt: skip
BCG_LABELS = bcg()[0]["label"].tolist()
BCG_YEARS = [int(label[-4:]) for label in BCG_LABELS]


def bcg_effects() -> tuple[np.ndarray, np.ndarray]:
    """Log risk ratios and their variances."""
    a, b, c, d = np.array(BCG_COUNTS, dtype=float).T
    return np.log(a / (a + b)) - np.log(c / (c + d)), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)


def shown_as_ratios(frame: pd.DataFrame) -> pd.DataFrame:
    """Estimates and limits on the scale of the axis."""
    columns = [name for name in ("estimate", "ci_low", "ci_high", "pi_low", "pi_high") if name in frame]
    return frame.assign(**{name: np.exp(frame[name]) for name in columns})


def bcg_pooled() -> pd.DataFrame:
    return shown_as_ratios(synthesis.pool(*bcg_effects()).to_frame()).assign(label="Random effects")


def bcg_cumulative() -> pd.DataFrame:
    results = shown_as_ratios(synthesis.cumulative(*bcg_effects(), order=BCG_YEARS))
    return results.assign(label=[BCG_LABELS[i] for i in results["added"]])


def bcg_without_each() -> pd.DataFrame:
    return shown_as_ratios(synthesis.leave_one_out(*bcg_effects())).assign(label=BCG_LABELS)


def repooled(rows: pd.DataFrame, log: bool) -> dict:
    """The trials of a forest plot that have an estimate, and what pools them anew; vi follows from the 95% limits."""
    rows = rows[rows["estimate"].notna()].reset_index(drop=True)
    on_scale = np.log(rows[["estimate", "ci_low", "ci_high"]]) if log else rows[["estimate", "ci_low", "ci_high"]]
    vi = ((on_scale["ci_high"] - on_scale["ci_low"]) / (2 * 1.959964)) ** 2
    return {"rows": rows, "numbers": repooling(on_scale["estimate"].to_numpy(), vi.to_numpy()), "test": "knha"}


def bcg_by_latitude() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Risk ratios by distance from the equator, and the meta-regression's line."""
    yi, vi = bcg_effects()
    latitude = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]
    fit = synthesis.meta_regression(yi, vi, pd.DataFrame({"latitude": latitude}, dtype=float))
    weight = 100 / (vi + fit.tau2) / (1 / (vi + fit.tau2)).sum()
    rows = pd.DataFrame({"label": BCG_LABELS, "moderator": latitude, "estimate": np.exp(yi), "weight": weight})
    grid = pd.DataFrame({"latitude": np.linspace(13, 55, 22)})
    return rows, shown_as_ratios(fit.predict(grid)).assign(moderator=grid["latitude"])


def bcg_shares() -> synthesis.Labbe:
    a, b, c, d = np.array(BCG_COUNTS, dtype=float).T
    return synthesis.labbe(a, a + b, c, c + d, float(bcg_pooled()["estimate"].iloc[0]))


def motor_posterior(trials: bool = True) -> synthesis.PosteriorCurves:
    """Three trials' standardised mean differences, one of them precise."""
    yi, vi = [0.56, 0.81, -0.10], [0.095, 0.14, 0.023]
    posterior = synthesis.bayesian(yi, vi, synthesis.HalfNormal(0.5))
    return synthesis.posterior_curves(posterior, yi, vi) if trials else synthesis.posterior_curves(posterior)


def treasure() -> pd.DataFrame:
    """mRS at day 90: patients at level 0 to 6."""
    columns = ["arm", *range(7)]
    return pd.DataFrame([["Cells", 5, 9, 20, 15, 31, 18, 6], ["Placebo", 3, 8, 12, 17, 39, 20, 3]], columns=columns)


def serious_events() -> pd.DataFrame:
    """Proportions with exact limits, two of them one-sided after no event."""
    rows = [
        ["Levy 2019, related to treatment", 0.0, NAN, 0.0798, "primary", "iv-msc"],
        ["STARTING-2, cells", 0.103, 0.029, 0.242, "primary", "iv-msc"],
        ["Levy 2019, lowest dose", 0.0, NAN, 0.4507, "secondary", "near-relative"],
    ]
    return pd.DataFrame(rows, columns=["label", "estimate", "ci_low", "ci_high", "kind", "group"])


def judgements(tool: str) -> pd.DataFrame:
    """A judgement for every domain of three trials."""
    domains, levels = list(charts.bias.DOMAINS[tool]), charts.bias.TOOLS[tool]
    trials = ["STARTING-2", "ISIS-HERMES", "Moniche 2012, intra-arterial"]
    rows = [
        {"trial": trial, "tool": tool, "domain": domain, "judgement": levels[(i + j) % len(levels)]}
        for i, trial in enumerate(trials)
        for j, domain in enumerate(domains)
    ]
    return pd.DataFrame(rows)


def boxes() -> pd.DataFrame:
    rows = [
        ["found", "Records identified from the documents supplied", 27, 0, "main", "seeds: 5\nothers: 22", "Found"],
        ["twice", "Removed before screening", 2, 0, "side", "duplicate copies: 2", None],
        ["screened", "Records screened", 25, 1, "main", None, "Screening"],
        ["excluded", "Records excluded", 9, 1, "side", "no mesenchymal cells: 4\nonly background: 5", None],
        ["trials", "Trials included", 10, 2, "main", None, "Included"],
    ]
    return pd.DataFrame(rows, columns=["id", "label", "count", "row", "column", "details", "stage"])


CHOICES = {
    "method": ("Estimator of tau²", ["EE", "DL", "REML", "ML", "HE", "PM"]),
    "test": ("Interval", ["Wald", "Hartung-Knapp", "Hartung-Knapp, never narrower than Wald"]),
    "measure": ("Effect measure", ["standardized mean difference", "odds ratio, as a difference"]),
    "population": ("Population", ["intravenous", "any route", "near relatives too"]),
    "sources": ("Sources", ["all", "primary only"]),
    "correlation": ("Correlation of before and after", [0.3, 0.5, 0.7]),
    "outliers": ("Outlier rule", ["none", "leave out far trials"]),
}


def specifications(names: tuple[str, ...] = tuple(CHOICES), twists: int = 1) -> pd.DataFrame:
    """Made-up results of every combination of choices, from a fixed formula; the first one is the planned one."""
    levels = [CHOICES[name][1] for name in names]
    frame = pd.DataFrame(list(itertools.product(*levels)) * twists, columns=list(names))
    position = np.arange(len(frame))
    codes = sum((i + 1) * frame[name].map({level: n for n, level in enumerate(CHOICES[name][1])}).astype(float)
                for i, name in enumerate(names))  # fmt: skip
    estimate = 0.25 + 0.03 * codes - 0.02 * (position * 37 % 23)
    half = 0.2 + 0.02 * (position * 17 % 31)
    frame = frame.assign(estimate=estimate, ci_low=estimate - half, ci_high=estimate + half)
    frame["conclusion"] = np.select(
        [frame["ci_low"] > 0, frame["ci_high"] < 0], ["favours cells", "favours control"], "leaves both open"
    )
    return frame.assign(main=position == 0)


def as_ratios(frame: pd.DataFrame) -> pd.DataFrame:
    """The same results as if they were logarithms of ratios, the other way round."""
    low, high = np.exp(-frame["ci_high"]), np.exp(-frame["ci_low"])
    return frame.assign(estimate=np.exp(-frame["estimate"]), ci_low=low, ci_high=high)


def five_visits() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Estimated means at five visits, the baseline without an interval, over lines of 40 patients an arm."""
    means, patients = [], []
    for arm, gain in (("Control", 4.0), ("Mesenchymal stem cells", 7.0)):
        for step, time in enumerate((0, 90, 180, 365, 730)):
            middle = 30 + gain * step
            means.append([arm, time, middle, middle - 6 if step else NAN, middle + 6 if step else NAN])
            patients += [[f"{arm} {i}", arm, time, middle + 0.6 * (i - 20)] for i in range(40) if (i + step) % 7]
    return (
        pd.DataFrame(means, columns=["arm", "time", "estimate", "ci_low", "ci_high"]),
        pd.DataFrame(patients, columns=["patient", "arm", "time", "value"]),
    )


def densities() -> pd.DataFrame:
    rows = [
        [arm, visit, threshold / 10, round(max(0.0, 1 - threshold / top), 3)]
        for arm, tops in (("Control", (8, 8.3)), ("Cells", (8.2, 9)))
        for visit, top in zip(("Baseline", "Day 90"), tops, strict=True)
        for threshold in range(1, 9)
    ]
    return pd.DataFrame(rows, columns=["arm", "visit", "threshold", "value"])


def two_changes() -> pd.DataFrame:
    rows = [["Control" if i % 3 == 0 else "Cells", 0.01 * (i % 9) - 0.03, (7 * i) % 31 - 8.0] for i in range(44)]
    return pd.DataFrame([*rows, ["Cells", NAN, 3.0]], columns=["arm", "x", "y"])


def participants() -> pd.DataFrame:
    """A randomised trial of two arms, from the patients assessed to those analysed."""
    rows = [
        ["assessed", "Assessed for eligibility", 71, "all", None],
        ["randomised", "Randomised", 54, "all", None],
        ["cells", "Autologous MSC with serum", 39, "cells", "treated: 38\nnot treated: 1"],
        ["control", "Standard treatment", 15, "control", "treated as planned: 15"],
        ["cells-left", "Left the trial", 3, "cells", "died: 1\nlost to follow-up: 2"],
        ["control-left", "Left the trial", 0, "control", None],
        ["cells-analysed", "Analysed as randomised", 39, "cells", "with the outcome: 36"],
        ["control-analysed", "Analysed as randomised", 15, "control", "with the outcome: 15"],
    ]
    return pd.DataFrame(rows, columns=["id", "label", "count", "column", "details"])


def visits(groups: tuple[str, ...]) -> pd.DataFrame:
    """Changes at three visits, the last one without an interval."""
    rows = [
        [group, day, 2 * i + 3 * j, 2 * i + 3 * j - 4.0, 2 * i + 3 * j + 4.5, name]
        for i, group in enumerate(groups)
        for j, (day, name) in enumerate([(30, "Month 1"), (180, "Month 6"), (365, "Year 1")])
    ]
    frame = pd.DataFrame(rows, columns=["group", "day", "estimate", "ci_low", "ci_high", "visit"])
    frame.loc[len(frame) - 1, ["ci_low", "ci_high"]] = NAN
    return frame


TIER_STATES = ("no serious event", "serious event", "dose-limiting event")


def tiers() -> pd.DataFrame:
    rows = [
        ["0.5 million cells/kg", 4, 1, 0],
        ["1.0 million cells/kg", 3, 1, 1],
        ["1.5 million cells/kg, cohort", 16, 5, 0],
    ]
    return pd.DataFrame(rows, columns=["label", *TIER_STATES])


ARROWS = [("found", "twice"), ("found", "screened"), ("screened", "excluded"), ("screened", "trials")]
RATIO = {"log": True, "favours": ("favours cells", "favours control")}
DIFFERENCE = {"log": False, "favours": ("favours control", "favours intravenous stem cells")}


def next_trials() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Conclusions after trials of 10 to 2,000 patients an arm, and two trials, one of them beyond the axis."""
    bands = pd.DataFrame(
        [
            [low, high, *band]
            for low, high, tip in ((10, 50, 0.1), (50, 300, 0.3), (300, 2000, 0.6))
            for band in ((0.05, tip, "favours cells"), (tip, 2.5, "leaves it open"), (2.5, 8.0, "favours control"))
        ],
        columns=["n_from", "n_to", "low", "high", "conclusion"],
    )
    trials = pd.DataFrame({"label": ["STARTING-2", "AMASCIS-01"], "n": [21.7, 5.5], "estimate": [0.43, 0.67]})
    return bands, trials


def probabilities() -> pd.DataFrame:
    sizes = np.array([10, 30, 100, 300, 1000])
    return pd.concat(
        pd.DataFrame({"x": sizes, "y": share * sizes / (sizes + 80), "line": line})
        for line, share in (("1 trial", 0.3), ("2 trials", 0.45), ("3 trials", 0.6), ("5 trials", 0.8))
    )


def information_sizes() -> pd.DataFrame:
    ratios = np.array([0.4, 0.6, 0.8, 0.9])
    return pd.concat(
        pd.DataFrame({"x": ratios, "y": 30 * (1 - risk) / risk / (1 - ratios) ** 2, "line": f"{risk:.0%}"})
        for risk in (0.1, 0.25, 0.5)
    )


EXAMPLES = {
    "forest of differences": lambda **text: charts.forest_plot(
        *motor_recovery(), measure_label="Standardised mean difference in motor score", **DIFFERENCE, **text
    ),
    "forest of two": lambda **text: charts.forest_plot(*deaths(), measure_label="Risk ratio of death", **RATIO, **text),
    "forest of thirteen": lambda **text: charts.forest_plot(*bcg(), measure_label="Risk ratio", **RATIO, **text),
    "forest in full": lambda **text: charts.forest_plot(
        **bcg_in_full(), measure_label="Risk ratio of tuberculosis", **RATIO, **text
    ),
    "cumulative": lambda **text: charts.cumulative_plot(
        bcg_cumulative(), measure_label="Risk ratio of tuberculosis", **RATIO, **text
    ),
    "leave one out": lambda **text: charts.leave_one_out_plot(
        bcg_without_each(), bcg_pooled(), measure_label="Risk ratio of tuberculosis", **RATIO, **text
    ),
    "funnel": lambda **text: charts.funnel_plot(
        synthesis.funnel(*bcg_effects()), BCG_LABELS, measure_label="Risk ratio of tuberculosis", **RATIO, **text
    ),
    "funnel of two classes, filled": lambda **text: charts.funnel_plot(
        synthesis.funnel(*bcg_effects()), BCG_LABELS, groups=["iv-msc"] * 8 + ["near-relative"] * 5,
        filled=synthesis.trim_and_fill(*bcg_effects()), measure_label="Risk ratio", **RATIO, **text,
    ),
    "baujat": lambda **text: charts.baujat_plot(synthesis.baujat(*bcg_effects()).assign(label=BCG_LABELS), **text),
    "drapery": lambda **text: charts.drapery_plot(
        synthesis.drapery(*bcg_effects(), synthesis.pool(*bcg_effects())), BCG_LABELS,
        measure_label="Risk ratio of tuberculosis", **RATIO, **text,
    ),
    "drapery of three": lambda **text: charts.drapery_plot(
        synthesis.drapery([0.56, 0.81, -0.1], [0.1, 0.14, 0.02], synthesis.pool([0.56, 0.81, -0.1], [0.1, 0.14, 0.02])),
        ["STARTING-2", "ISIS-HERMES", "TREASURE"], measure_label="Standardised mean difference", **DIFFERENCE, **text,
    ),
    "tipping": lambda **text: charts.tipping_chart(
        *next_trials(), sides=("favours control", "favours cells"), open_label="leaves it open",
        measure_label="Risk ratio of death", log=True, favours=("favours cells", "favours control"), **text,
    ),
    "tipping of nothing": lambda **text: charts.tipping_chart(
        next_trials()[0].query("conclusion == 'leaves it open'"), next_trials()[1].iloc[:0],
        sides=("favours control", "favours cells"), open_label="leaves it open",
        measure_label="Standardised mean difference", log=True, favours=("favours control", "favours cells"), **text,
    ),
    "probabilities": lambda **text: charts.outlook_lines(
        probabilities(), across_title="Patients in each arm of a next trial", up_title="Probability that it moves",
        percent=True, lines_title="Further trials of that size", **text,
    ),
    "information size": lambda **text: charts.outlook_lines(
        information_sizes(), across_title="Risk ratio to be found", up_title="Patients in all trials together",
        log_y=True, reference=650, favours=("favours cells", "favours control"), lines_title="Risk without cells", **text,
    ),
    "interactive forest of four": lambda **text: charts.interactive_forest(
        pooled=motor_recovery()[1], method="REML", measure_label="Standardised mean difference in motor score",
        **repooled(motor_recovery()[0], log=False), **DIFFERENCE, **text,
    ),
    "interactive forest of thirteen": lambda **text: charts.interactive_forest(
        pooled=bcg()[1], method="DL", measure_label="Risk ratio", **repooled(bcg()[0], log=True), **RATIO, **text
    ),
    "posterior of three": lambda **text: charts.posterior_plot(
        motor_posterior(), ["STARTING-2", "ISIS-HERMES", "TREASURE (MultiStem cells, day 365)"], benefit="higher",
        measure_label="Standardised mean difference in motor score", **DIFFERENCE, **text,
    ),
    "posterior of a ratio": lambda **text: charts.posterior_plot(
        motor_posterior(trials=False), measure_label="Risk ratio of death", **RATIO, **text
    ),
    "gosh of 8,178": lambda **text: charts.gosh_plot(
        synthesis.gosh(*bcg_effects(), method="DL"), measure_label="Risk ratio of tuberculosis", **RATIO, **text
    ),
    "gosh with and without a trial": lambda **text: charts.gosh_plot(
        synthesis.gosh(*bcg_effects(), method="DL"), trial=7, trial_label="TPT Madras 1980", heterogeneity="tau2",
        measure_label="Risk ratio of tuberculosis", **RATIO, **text,
    ),
    "gosh of few": lambda **text: charts.gosh_plot(
        synthesis.gosh([0.56, 0.81, -0.1, 0.2, 0.3], [0.095, 0.14, 0.023, 0.1, 0.3]),
        measure_label="Standardised mean difference", **DIFFERENCE, **text,
    ),
    "radial": lambda **text: charts.radial_plot(
        synthesis.radial(*bcg_effects(), method="REML"), BCG_LABELS, measure_label="risk ratio", **RATIO, **text
    ),
    "radial of differences": lambda **text: charts.radial_plot(
        synthesis.radial([0.56, 0.81, -0.1], [0.095, 0.14, 0.023]), ["STARTING-2", "ISIS-HERMES", "TREASURE"],
        groups=["iv-msc", "iv-msc", "near-relative"], measure_label="standardised mean difference", **DIFFERENCE, **text,
    ),
    "labbe": lambda **text: charts.labbe_plot(
        bcg_shares(), BCG_LABELS, event="Tuberculosis", treated="vaccine",
        favours=("favours the vaccine", "favours control"), **text,
    ),
    "bubble": lambda **text: charts.bubble_plot(
        *bcg_by_latitude(), moderator_label="Distance from the equator (degrees)", measure_label="Risk ratio", **RATIO, **text
    ),
    "bubble without a line": lambda **text: charts.bubble_plot(
        bcg_by_latitude()[0].drop(columns="weight"), moderator_label="Degrees", measure_label="Risk ratio", **RATIO, **text
    ),
    "shift": lambda **text: charts.shift_bars(treasure(), **text),
    "proportions": lambda **text: charts.interval_plot(
        serious_events(), axis_title="Patients with the event (%), lower is better", percent=True, **text
    ),
    "changes": lambda **text: charts.interval_plot(
        pd.DataFrame({"label": ["NIHSS, month 6"], "estimate": [-1.2], "ci_low": [-2.4], "ci_high": [0.1]}),
        axis_title="Change from baseline (points)", reference=0, favours=("improved", "worse"), **text,
    ),
    "traffic light, RoB 2": lambda **text: charts.traffic_light(judgements("RoB 2"), **text),
    "traffic light, ROBINS-I": lambda **text: charts.traffic_light(judgements("ROBINS-I"), **text),
    "bias summary": lambda **text: charts.bias_summary(judgements("ROBINS-I"), **text),
    "specification curve of 1,296": lambda **text: charts.specification_curve(
        specifications(), {name: heading for name, (heading, _) in CHOICES.items()},
        measure_label="Standardised mean difference in motor score", **DIFFERENCE, **text,
    ),
    "specification curve of 36": lambda **text: charts.specification_curve(
        as_ratios(specifications(("method", "test", "sources"))), ["method", "test", "sources"],
        measure_label="Risk ratio", **RATIO, **text,
    ),
    "trajectories": lambda **text: charts.trajectories(
        *five_visits(), y_title="Motor Fugl-Meyer score (points), higher is better", **text
    ),
    "threshold sweep": lambda **text: charts.threshold_sweep_plot(
        densities(), x_title="Connectivity above which a pair counts as an edge", y_title="Density (share of pairs)", **text
    ),
    "changes of two measures": lambda **text: charts.change_scatter(
        two_changes(), x_title="Change of fractional anisotropy, higher is better",
        y_title="Change of the Fugl-Meyer score (points), higher is better", **text,
    ),
    "participants": lambda **text: charts.consort_diagram(participants(), **text),
    "one arm's participants": lambda **text: charts.consort_diagram(
        participants()[lambda boxes: boxes["column"] != "control"], **text
    ),
    "changes by visit": lambda **text: charts.visit_plot(
        visits(("all patients",)), axis_title="Change in Barthel Index (points), higher is better", reference=0, **text
    ),
    "means by visit": lambda **text: charts.visit_plot(
        visits(("Autologous MSC", "Standard treatment")), axis_title="Barthel Index (points), higher is better", **text
    ),
    "tiers": lambda **text: charts.tier_plot(tiers(), states=TIER_STATES, **text),
    "flow": lambda **text: charts.flow_diagram(boxes(), ARROWS, **text),
}  # fmt: skip


def example(name: str):
    return EXAMPLES[name](title=f"A chart with the title {name}", description=f"What {name} shows.")


if __name__ == "__main__":
    json.dump({name: book_renderer(example(name).to_dict()) for name in EXAMPLES}, sys.stdout)
