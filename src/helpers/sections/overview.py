"""Pages about all trials: characteristics, risk of bias, the flow of records, methods."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pandas as pd
from IPython.display import Markdown

from helpers.charts import bias_summary, flow_diagram, traffic_light
from helpers.charts.bias import DOMAINS
from helpers.evidence import Evidence
from helpers.evidence.vocabulary import SOURCE_KINDS
from helpers.format import KIND_MARKS, KIND_MEANINGS, kind_mark
from helpers.sections.layout import table
from helpers.sections.sentences import MEASURES, as_text, count, listed, markdown, sentence_case
from helpers.sections.trial import CLASSES, DESIGNS, arms_table
from helpers.tables import Link

CHARACTERISTICS = {
    "population": "Patients",
    "cell_type": "Cells",
    "cell_source": "Source",
    "dose": "Dose",
    "route": "Route",
    "timing": "Time from stroke",
    "blinding": "Blinding",
    "follow_up": "Follow-up",
}


def characteristics(evidence: Evidence) -> Any:
    """One row a trial: who, what, when, how."""
    kinds = [fact.kind for trial in evidence.trials.values() for fact in trial.facts.values()]
    frame = pd.DataFrame(
        [
            {"Trial": trial.name, "Year": str(trial.year), "Design": sentence_case(DESIGNS[trial.design])}
            | {
                title: f"{trial.facts[name].value}{kind_mark(trial.facts[name].kind)}" if name in trial.facts else "–"
                for name, title in CHARACTERISTICS.items()
            }
            for trial in _by_class(evidence)
        ]
    )
    return table(
        frame, id="characteristics", title="Characteristics of the trials", kinds=kinds, notes=["– not stated"]
    )


def classes_sentence(evidence: Evidence) -> Markdown | None:
    """How many trials of each population class and design there are."""
    trials = list(evidence.trials.values())
    parts = [
        f"{count(len(own), 'trial')} of {CLASSES[name]} ({listed([as_text(trial.name) for trial in own])})"
        for name in CLASSES
        if (own := [trial for trial in trials if trial.population_class == name])
    ]
    single = [as_text(trial.name) for trial in trials if trial.design == "single-arm"]
    return markdown(
        f"{sentence_case(count(len(trials), 'trial'))}: {'; '.join(parts)}.",
        f"Without a control group: {listed(single)}. They show what happened, not what the cells did."
        if single
        else "",
    )


def _by_class(evidence: Evidence) -> list[Any]:
    order = list(CLASSES)
    return sorted(
        evidence.trials.values(), key=lambda trial: (order.index(trial.population_class), trial.year, trial.id)
    )


def arms(evidence: Evidence) -> Any:
    """All arms of all trials."""
    return arms_table(_by_class(evidence), id="arms", title="Arms of the trials")


def conflicts(evidence: Evidence) -> Any:
    """Every conflict between sources that was found."""
    frame = pd.DataFrame(
        [
            {"Trial": trial.name, "Conflict or warning": text}
            for trial in _by_class(evidence)
            for text in trial.conflicts
        ]
    )
    return table(frame, id="conflicts", title="Conflicts and warnings", empty="No conflict was found.")


def bias_lights(evidence: Evidence, tool: str) -> Any:
    """Traffic-light plot of all trials judged with one tool."""
    rows = _judged(evidence, tool)
    if rows.empty:
        return Markdown(f"No trial is judged with {tool}.")
    described = "; ".join(
        f"{trial}: " + ", ".join(f"{row.domain} {row.judgement}" for row in group.itertuples())
        for trial, group in rows.groupby("trial", sort=False)
    )
    return traffic_light(
        rows,
        title=f"Risk of bias by {tool}",
        description=f"Risk of bias by {tool}, one row a trial. {described}",
    )


def bias_shares(evidence: Evidence, tool: str) -> Any:
    """The share of trials at each judgement, domain by domain."""
    rows = _judged(evidence, tool)
    if rows.empty:
        return None
    counts = rows.groupby(["domain", "judgement"], sort=False).size()
    spoken = "; ".join(f"{DOMAINS[tool][domain]}: {n} {judgement}" for (domain, judgement), n in counts.items())
    return bias_summary(
        rows, title=f"{tool}: judgements by domain", description=f"{tool}, number of trials at each judgement. {spoken}"
    )


def bias_sentence(evidence: Evidence, tool: str) -> Markdown | None:
    """How many trials are at which overall risk."""
    overall = _judged(evidence, tool)
    overall = overall[overall["domain"] == "overall"]["judgement"]
    parts = [f"{number} {judgement}" for judgement, number in overall.value_counts(sort=False).items()]
    return markdown(f"Overall, of {count(len(overall), 'trial')}: {listed(parts)}." if parts else "")


def bias_table(evidence: Evidence) -> Any:
    """Each judgement with its ground."""
    by_tool = [_judged(evidence, tool) for tool in sorted(evidence.bias["tool"].unique(), reverse=True)]
    frame = pd.concat(by_tool or [evidence.bias])
    frame = frame[["trial", "tool", "domain", "judgement", "ground"]]
    frame["domain"] = [DOMAINS[row.tool][row.domain] for row in frame.itertuples()]
    frame["judgement"] = frame["judgement"].map(sentence_case)
    return table(
        frame.rename(columns=sentence_case),
        id="bias",
        title="Judgements and their grounds",
        empty="The risk of bias of these trials has not been judged yet.",
    )


def _judged(evidence: Evidence, tool: str) -> pd.DataFrame:
    rows = evidence.bias[evidence.bias["tool"] == tool]
    names = {trial.id: trial.name for trial in _by_class(evidence)}
    order = {trial: place for place, trial in enumerate(names)}
    rows = rows.sort_values("trial", key=lambda column: column.map(order), kind="stable")
    return rows.assign(trial=rows["trial"].map(names)).reset_index(drop=True)


def flow_counts(evidence: Evidence) -> dict[str, int]:
    """The numbers of the PRISMA flow, counted from `search.csv`."""
    status = evidence.search["status"].value_counts()
    included = evidence.search[evidence.search["status"] == "included"]
    return {
        "records": len(evidence.search),
        "duplicates": int(status.get("duplicate", 0)),
        "assessed": len(evidence.search) - int(status.get("duplicate", 0)),
        "excluded": int(status.get("excluded", 0)),
        "context": int(status.get("context", 0)),
        "reports": int(included[["trial", "report"]].drop_duplicates().shape[0]),
        "trials": included["trial"].nunique(),
    }


def flow_chart(evidence: Evidence) -> Any:
    """The PRISMA 2020 flow of records."""
    n = flow_counts(evidence)
    boxes = pd.DataFrame(
        [
            ("read", "Records read in a stated set of documents", n["records"], 0, "main", "", "Identification"),
            ("copies", "Second copies removed", n["duplicates"], 0, "side", "", ""),
            ("assessed", "Records assessed for eligibility", n["assessed"], 1, "main", "", "Screening"),
            (
                "out",
                "Left out, with reasons",
                n["excluded"] + n["context"],
                1,
                "side",
                f"other reviews and sources: {n['context']}",
                "",
            ),
            ("reports", "Reports included", n["reports"], 2, "main", "", "Included"),
            ("trials", "Trials included", n["trials"], 3, "main", "", ""),
        ],
        columns=["id", "label", "count", "row", "column", "details", "stage"],
    )
    arrows = [
        ("read", "copies"),
        ("read", "assessed"),
        ("assessed", "out"),
        ("assessed", "reports"),
        ("reports", "trials"),
    ]
    return flow_diagram(
        boxes,
        arrows,
        title="Flow of records",
        description="PRISMA 2020 flow of records: "
        + "; ".join(f"{label.lower()}, {number}" for label, number in zip(boxes["label"], boxes["count"], strict=True)),
    )


def flow_sentence(evidence: Evidence) -> Markdown | None:
    """The flow in words."""
    n = flow_counts(evidence)
    return markdown(
        f"{n['records']} records were read, {n['duplicates']} of them a second copy. {n['reports']} reports of "
        f"{n['trials']} trials are included; {n['excluded']} records were left out, each with its reason below."
    )


def records(evidence: Evidence, status: str) -> Any:
    """The records of one status with the reason."""
    rows = evidence.search[evidence.search["status"] == status]
    if rows.empty:
        return Markdown("None.")
    frame = pd.DataFrame(
        {
            "Record": rows["label"],
            "Read in": [_source(evidence, source) for source in rows["source"]],
            "Why": rows["reason"],
        }
    )
    return table(frame, id=f"records-{status}", title=f"Records: {status}")


def _source(evidence: Evidence, source: str) -> str | Link:
    """A document by its authors and year, an address by its DOI or host, anything else as it stands."""
    if source in evidence.references:
        reference = evidence.references[source]
        shown = f"{reference.authors_short} {reference.year or ''}".strip()
        address = f"https://doi.org/{reference.doi}" if reference.doi else reference.url
        return Link(shown, address) if address else shown
    if not source.startswith("https://"):
        return source
    parts = urlsplit(source)
    return Link(parts.path[1:] if parts.netloc == "doi.org" else parts.netloc, source)


def kinds(evidence: Evidence) -> Any:
    """The kinds of source, their marks, and how many numbers each gave."""
    numbers = evidence.results["kind"].value_counts()
    meanings = {"primary": "read in the trial's own report", **KIND_MEANINGS}
    frame = pd.DataFrame(
        [
            {
                "Kind": kind,
                "Mark": KIND_MARKS[kind] or "none",
                "Meaning": meanings[kind],
                "Numbers": str(numbers.get(kind, 0)),
            }
            for kind in SOURCE_KINDS
        ]
    )
    return table(frame, id="kinds", title="Kinds of source")


def syntheses(evidence: Evidence) -> Any:
    """The planned syntheses: eligibility and measure of each."""
    frame = pd.DataFrame(
        [
            {
                "Question": plan["title"],
                "Outcomes, in order": ", ".join(
                    evidence.outcomes.at[name, "name"] for name in plan["outcomes"].split()
                ),
                "Measure": MEASURES[plan["measure"]],
                "Days (target)": f"{plan['day_from']} to {plan['day_to']} ({plan['day_target']})",
            }
            for _, plan in evidence.syntheses.iterrows()
        ]
    )
    return table(frame, id="syntheses", title="Planned syntheses", empty="No synthesis is planned in these data.")
