"""Pooling by the reader's browser: switches, and the closed formulas of `helpers.synthesis.pool` on top of them.

Everything is a Vega-Lite parameter: a bound one is an input on the page, the others are expressions that follow it. The
sums are written out, trial by trial, because Vega's expressions have none.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from helpers.format import MINUS, MISSING, SUPERSCRIPTS
from helpers.synthesis import Repooling

# What a reader chooses by, and how the chosen one is called beside its diamond.
MODELS = {
    "EE": ("Common effect", "Common effect"),
    "DL": ("DerSimonian-Laird (DL)", "DL"),
    "REML": ("REML", "REML"),
}
LIMITS = {
    "z": ("Wald", "Wald"),
    "knha": ("Hartung-Knapp (HK)", "HK"),
    "adhoc": ("Hartung-Knapp with the ad hoc floor", "HK floor"),
}
SOURCES = {"all": "all", "direct": "reports and registries only"}
DIRECT_KINDS = ("patients", "primary", "registry")


def trial_switch(place: int) -> str:
    """Name of the parameter that takes a trial, counted from 0, in or out."""
    return f"trial_{place + 1}"


def switches(
    labels: Sequence[str], methods: Sequence[str], method: str, test: str, *, by_source: bool
) -> list[alt.Parameter]:
    """One checkbox a trial, and lists of sources (where `by_source`), models and limits; all trials are chosen at first."""
    checkboxes = [
        alt.param(name=trial_switch(place), bind=alt.binding_checkbox(name=label), value=True)
        for place, label in enumerate(labels)
    ]
    lists = {
        "sources": ("Sources", SOURCES, "all"),
        "model": ("Model", {name: MODELS[name][0] for name in methods}, method),
        "limits": ("Limits", {name: words[0] for name, words in LIMITS.items()}, test),
    }
    if not by_source:
        del lists["sources"]
    return checkboxes + [
        alt.param(
            name=name,
            bind=alt.binding_select(options=list(words), labels=list(words.values()), name=heading),
            value=start,
        )
        for name, (heading, words, start) in lists.items()
    ]


def pooling(numbers: Repooling, direct: Sequence[bool]) -> list[alt.Parameter]:
    """What the chosen trials come to, on the scale of yi; `pooled` holds the result, with the field names of `Pooled`.

    direct: (k,), whether a trial's numbers were read in a report or a registry, and stay when only those are wanted.
    Without a chosen trial the estimate and its limits are nan.
    """
    trials = range(len(numbers.yi))

    def each(expression: str) -> str:
        return "[" + ", ".join(expression.replace("#", str(i)) for i in trials) + "]"

    def total(expression: str) -> str:
        return " + ".join(expression.replace("#", str(i)) for i in trials)

    on = [trial_switch(i) + ("" if direct[i] else " && sources === 'all'") for i in trials]
    constants = {"yi": list(numbers.yi), "vi": list(numbers.vi), "quantiles": list(numbers.quantiles)}
    if numbers.reml_tau2 is not None:
        constants["reml_tau2"] = list(numbers.reml_tau2)
    moments = "max(0, (Q - k + 1) / fixed_trace)"
    formulas = {
        "chosen": f"[{', '.join(on)}]",
        "k": total("(chosen[#] ? 1 : 0)"),
        "fixed_weights": each("chosen[#] ? 1 / vi[#] : 0"),
        "fixed_total": total("fixed_weights[#]"),
        "fixed_mean": f"({total('fixed_weights[#] * yi[#]')}) / fixed_total",
        "fixed_trace": f"fixed_total - ({total('pow(fixed_weights[#], 2)')}) / fixed_total",
        "Q": f"k < 2 ? 0 : {total('fixed_weights[#] * pow(yi[#] - fixed_mean, 2)')}",
        "subset": total("(chosen[#] ? pow(2, #) : 0)"),
        "tau2": "k < 2 || model === 'EE' ? 0 : "
        + (f"model === 'DL' ? {moments} : reml_tau2[subset]" if "reml_tau2" in constants else moments),
        "random_weights": each("chosen[#] ? 1 / (vi[#] + tau2) : 0"),
        "random_total": total("random_weights[#]"),
        "estimate": f"({total('random_weights[#] * yi[#]')}) / random_total",
        "residual": total("random_weights[#] * pow(yi[#] - estimate, 2)"),
        "test": "k < 2 ? 'z' : limits",
        "factor": "test === 'z' ? 1 : test === 'knha' ? residual / (k - 1) : max(1, residual / (k - 1))",
        "se": "sqrt(factor / random_total)",
        "half_width": "(test === 'z' ? quantiles[0] : quantiles[k - 1]) * se",
        "ci_low": "estimate - half_width",
        "ci_high": "estimate + half_width",
        "I2": "k < 2 ? 0 : model !== 'EE' ? 100 * tau2 / ((k - 1) / fixed_trace + tau2) : "
        "Q > 0 ? 100 * max(0, 1 - (k - 1) / Q) : 0",
        "shares": each("random_weights[#] / random_total"),
        "pooled": "{k: k, estimate: estimate, se: se, ci_low: ci_low, ci_high: ci_high, tau2: tau2, I2: I2, Q: Q}",
    }
    return [
        *(alt.param(name=name, value=value) for name, value in constants.items()),
        *(alt.param(name=name, expr=formula) for name, formula in formulas.items()),
    ]


def words(k: int, methods: Sequence[str], *, log: bool, digits: int) -> list[alt.Parameter]:
    """The result of `pooling` as it is written beside the diamond, and in one sentence, `told`. k: trials on offer.

    log: the estimate and its limits are written as ratios.
    """
    to_display = "exp({})" if log else "{}"
    estimate, low, high = (number_text(to_display.format(name), digits) for name in ("estimate", "ci_low", "ci_high"))
    models = {name: MODELS[name] for name in methods}
    texts = {
        "model_name": f"{_choice('model', models)} + ', ' + {_choice('limits', LIMITS)}",
        "estimate_text": f"k === 0 ? '{MISSING}' : {estimate} + ' (' + {low} + ' to ' + {high} + ')'",
        "spread_text": f"'τ² ' + {number_text('tau2', 3)} + ', I² ' + {number_text('I2', 0)} + '%'",
        "count_line": f"k === 0 ? 'Chosen: no trial' : 'Chosen: ' + k + ' of {k} trials'",
        "model_line": "k === 0 ? '' : k === 1 ? 'Not pooled' : model_name",
        "spread_line": "k < 2 ? '' : spread_text",
        "told": "k === 0 ? 'No trial is chosen.' : "
        "k === 1 ? 'One trial is chosen, nothing is pooled: ' + estimate_text + '.' : "
        f"k + ' of {k} trials pooled, ' + model_name + ': ' + estimate_text + ', ' + spread_text + '.'",
    }
    return [alt.param(name=name, expr=text) for name, text in texts.items()]


def number_text(value: str, digits: int) -> str:
    """An expression that writes a number as `helpers.format.number` does: true minus sign, 3.0×10⁸ from a million on."""
    exponent = f"split(format(abs({value}), '.1e'), 'e+')[1]"
    for digit, raised in SUPERSCRIPTS.items():
        exponent = f"replace({exponent}, /{chr(digit)}/g, '{chr(raised)}')"
    large = f"(({value}) < 0 ? '{MINUS}' : '') + split(format(abs({value}), '.1e'), 'e+')[0] + '×10' + {exponent}"
    infinite = f"(({value}) > 0 ? '∞' : '{MINUS}∞')"
    return f"(abs({value}) < 1e6 ? format({value}, '.{digits}f') : isFinite({value}) ? {large} : {infinite})"


def _choice(parameter: str, names: dict[str, tuple[str, str]]) -> str:
    pairs = ", ".join(f"{key}: '{short}'" for key, (_, short) in names.items())
    return f"({{{pairs}}})[{parameter}]"
