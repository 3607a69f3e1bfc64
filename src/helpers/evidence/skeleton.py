"""A new trial's folder, ready to fill in."""

from __future__ import annotations

import re
from pathlib import Path

from helpers.evidence import folder_rules, result_rules
from helpers.evidence.model import Arm, Evidence, Trial

_NEW = Trial(
    id="",
    name="",
    title="",
    population_class="iv-msc",
    design="randomised",
    status="completed",
    registry="",
    year=0,
    conflicts=(),
    arms=(Arm("msc", "Mesenchymal stem cells", "experimental"), Arm("control", "Control", "control")),
    reports=(),
    facts={},
)


class InvalidTrialId(ValueError):
    """An id that can not name a new trial, or one to follow that does not exist."""


def refuse_id(trial_id: str, folder: Path, evidence: Evidence) -> None:
    """Raise InvalidTrialId for an id with other signs than small letters, digits, dots and hyphens, or one that is taken."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", trial_id):
        raise InvalidTrialId(f"trial id {trial_id!r}; allowed: small letters, digits, dots and hyphens")
    if trial_id in evidence.trials or (folder / "trials" / trial_id).exists():
        raise InvalidTrialId(f"trial id {trial_id!r} is taken")


def write_skeleton(trial_id: str, folder: Path, evidence: Evidence, like: str | None = None) -> Path:
    """Write `folder/trials/<trial_id>/` with trial.toml, results.csv and bias.csv, and return it.

    like: a trial whose design, class and arms are taken over. What is to be filled in is empty, so that `check` names it.
    Raises InvalidTrialId for an id with other signs than small letters, digits, dots and hyphens, for one that is taken,
    and for an unknown `like`.
    """
    refuse_id(trial_id, folder, evidence)
    place = folder / "trials" / trial_id
    if like is not None and like not in evidence.trials:
        raise InvalidTrialId(f"--like {like}: no such trial; allowed: {', '.join(evidence.trials)}")
    model = evidence.trials[like] if like else _NEW
    place.mkdir(parents=True)
    files = {
        "trial.toml": _trial_toml(trial_id, model),
        "results.csv": ",".join(result_rules.COLUMNS) + "\n",
        "bias.csv": ",".join(folder_rules.BIAS) + "\n",
    }
    for name, text in files.items():
        (place / name).write_text(text, encoding="utf-8", newline="\n")
    return place


def _trial_toml(trial_id: str, model: Trial) -> str:
    lines = [
        f'id = "{trial_id}"',
        'name = ""  # as it is called in print',
        'title = ""  # one line, in your own words',
        f'population_class = "{model.population_class}"  # iv-msc | other-route-msc | near-relative',
        f'design = "{model.design}"  # randomised | non-randomised | single-arm',
        f'status = "{model.status}"  # completed | stopped early | ongoing',
        "year = 0  # of the main report",
        "conflicts = []",
    ]
    for arm in model.arms:
        lines += ["", "[[arms]]", f'id = "{arm.id}"', f'label = "{arm.label}"', f'role = "{arm.role}"']
        lines += [f'part_of = "{arm.part_of}"'] if arm.part_of else []
        lines += ["# n_analysed = "]
    lines += ["", "[[reports]]", 'id = ""', 'citation = ""  # key in references.bib', 'kind = "main"', 'label = ""']
    lines += ["", "[facts.population]", 'value = ""', 'source = ""', 'locator = ""', 'kind = "primary"']
    return "\n".join(lines) + "\n"
