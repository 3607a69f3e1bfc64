"""This review as a whole: which pages its data call for, and every result it computes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import nbformat
import pandas as pd

from helpers import paths
from helpers.book.pages import Page, Subject, plan_pages
from helpers.book.template import InvalidParameter, parse_assignments, read_templates
from helpers.effects.trial_effects import trial_effects
from helpers.evidence import Evidence
from helpers.evidence.version import data_files
from helpers.patients.designs import DESIGNS
from helpers.patients.preparing import called_designs
from helpers.scrutiny.evidence_ledger import evidence_ledger
from helpers.synthesis.findings import finding
from helpers.synthesis.planned import POPULATIONS, PlannedSynthesis, answerable, planned_syntheses

FOR_PATIENTS = [
    "n",
    "baseline_per_1000",
    "treated_per_1000",
    "treated_per_1000_low",
    "treated_per_1000_high",
    "certainty",
]


def plan(
    evidence: Evidence,
    assignments: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
    designs: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[Page, ...]:
    """The pages that the data call for: one per trial, per design of its patients, per answerable synthesis; the fixed ones.

    designs: the designs of each trial's patients, by default those of the patients in the project's data folder.
    assignments: `NAME=VALUE` words for the notebooks' parameters. only: names of pages to keep beside the landing page; a
    template's name keeps all its pages. Raises InvalidParameter for what no page takes or is called.
    """
    templates = read_templates(paths.BOOK)
    values = parse_assignments(assignments, templates)
    if designs is None:
        designs = called_designs(evidence, paths.data())
    pages = plan_pages(templates, subjects(evidence, sources=values.get("sources", "all"), designs=designs), values)
    known = {page.name for page in pages} | {page.template.stem for page in pages}
    for name in only:
        if name not in known:
            raise InvalidParameter(f"--only {name}: no such page; allowed: {', '.join(sorted(known))}")
    wanted = {"index", *only}
    return tuple(page for page in pages if not only or page.name in wanted or page.template.stem in wanted)


def subjects(
    evidence: Evidence, *, sources: str = "all", designs: Mapping[str, tuple[str, ...]] | None = None
) -> dict[str, list[Subject]]:
    """What the repeated templates are repeated for. sources: "all" or "primary"; fewer sources answer fewer questions.

    designs: those of each trial's patients. Each design is what the template of its chapter is repeated `of`.
    Population and level have no influence: a question is answerable by trials of any population class.
    """
    questions = answerable(planned_syntheses(evidence, sources=sources))
    return {
        "trial": [Subject(trial.id, trial.name) for trial in evidence.trials.values()],
        "synthesis": [Subject(name, evidence.syntheses.at[name, "title"]) for name in questions],
        **{
            design: [
                Subject(trial.id, f"{trial.name}: {about}")
                for trial in evidence.trials.values()
                if design in (designs or {}).get(trial.id, ())
            ]
            for design, about in DESIGNS.items()
        },
    }


def reference_pages() -> tuple[Page, ...]:
    """The committed notebooks as they stand: no parameter is injected, so they keep their defaults."""
    pages = []
    for each in read_templates(paths.BOOK):
        defaults = {name: parameter.default for name, parameter in each.parameters.items()}
        reads = tuple(pattern.format(**defaults) for pattern in each.reads)
        pages.append(Page(each.name, each.title, each.path, (), reads, each.also))
    return tuple(pages)


def computed_results(evidence: Evidence) -> pd.DataFrame:
    """Every result the book computes, one a row: each trial's effects, each synthesis over each population, each claim.

    A synthesis carries what it means for 1,000 patients and its certainty, as the summary of findings does. `scope` is
    "trial", "synthesis" or "claim". Raises InvalidEvidence for claims whose inputs make no sense.
    """
    single = trial_effects(evidence).assign(scope="trial", k=1)
    pooled = [
        row
        for population in POPULATIONS
        for name, result in planned_syntheses(evidence, population=population).items()
        for row in _synthesis_rows(evidence, name, population, result)
    ]
    claims = evidence_ledger(evidence).drop(columns=["file", "row"]).assign(scope="claim")
    frame = pd.concat([single, pd.DataFrame(pooled), claims], ignore_index=True)
    first = ["scope", "trial", "synthesis", "population_class", "outcome", "measure", "interval", "k"]
    return frame[[*first, *(column for column in frame.columns if column not in first)]]


def _synthesis_rows(
    evidence: Evidence, name: str, population: str, result: PlannedSynthesis
) -> Iterator[dict[str, object]]:
    """A row a result that the interval rule shows."""
    found = finding(evidence, result)
    if found is None:
        return
    in_patients = found.to_frame().set_index("interval").reindex(columns=FOR_PATIENTS)
    for label, each in found.rule.shown:
        yield {
            "scope": "synthesis",
            "synthesis": name,
            "population_class": population,
            "interval": label,
            "measure": result.plan["measure"],
            **each.to_frame().iloc[0].to_dict(),
            **in_patients.loc[label].to_dict(),
        }


FINDINGS = re.compile(r"(<!-- findings: [^>]*-->\n).*?(<!-- /findings -->)", re.DOTALL)


def with_findings(readme: str, notebook: Path) -> str:
    """The README with what a notebook's cells tagged `finding` say between its markers.

    Raises ValueError where the markers are missing.
    """
    if not FINDINGS.search(readme):
        raise ValueError("README.md: the markers <!-- findings: ... --> and <!-- /findings --> are missing")
    said = [
        output["data"]["text/markdown"]
        for cell in nbformat.read(notebook, as_version=4).cells
        if "finding" in cell.metadata.get("tags", [])
        for output in cell.outputs
    ]
    return FINDINGS.sub(lambda marker: "\n\n".join([marker[1], *said, marker[2]]).replace("\n\n\n", "\n\n"), readme)


def downloads(evidence: Evidence, folder: Path) -> dict[str, bytes]:
    """The files offered beside the pages: the data as they are but for single patients, and every computed result."""
    offered = {
        f"data/{file}": (folder / file).read_bytes()
        for file in data_files(folder)
        if "patients" not in file.split("/")[:-1]
    }
    return offered | {"data/computed-results.csv": computed_results(evidence).to_csv(index=False).encode()}
