"""Make a trial's folder from the files of a team: what they say is taken over, what they do not say is told or left open."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from helpers.evidence import Evidence, Fault, InvalidEvidence
from helpers.evidence.adam import FORMATS, TABLES
from helpers.evidence.faults import one_of
from helpers.evidence.references import FILE as REFERENCES
from helpers.evidence.skeleton import refuse_id
from helpers.patients.files import FOLDER, IMAGING, read_raw

_ARM = "TRT01P"


@dataclass(frozen=True)
class Added:
    """A new trial's folder.

    arms: the values of TRT01P. taken: what its trial.toml says that no file said. open: whether the roles are left to fill in.
    """

    folder: Path
    arms: tuple[str, ...]
    taken: tuple[str, ...]
    open: bool


def add_trial(trial_id: str, source: Path, folder: Path, evidence: Evidence, control: str | None = None) -> Added:
    """Write `folder/trials/<trial_id>/` with trial.toml and the team's files, and a reference to them in references.bib.

    source: a folder with adsl, adqs and adae (CSV, Parquet or XPT) and perhaps imaging/. control: the value of TRT01P that is
    the control; all others are then experimental. Without it the roles of several arms are left empty, for `check` to name.
    Raises InvalidTrialId for an id that can not be used, InvalidEvidence where adsl or its TRT01P can not be read, or where
    `control` is none of its values. Nothing is written then.
    """
    refuse_id(trial_id, folder, evidence)
    files = _files(source)
    values = _assigned(source, files)
    if control is not None and control not in values:
        raise InvalidEvidence([Fault(files["adsl"].name, 0, _ARM, "--control", control, one_of(control, values))])
    name, year = trial_id.upper(), evidence.edition.date.year
    place = folder / "trials" / trial_id
    (place / FOLDER).mkdir(parents=True)
    (place / "trial.toml").write_text(
        _trial_toml(trial_id, name, year, _roles(values, control)), encoding="utf-8", newline="\n"
    )
    for table, path in files.items():
        shutil.copyfile(path, place / FOLDER / f"{table}{path.suffix.lower()}")
    if (source / IMAGING).is_dir():
        shutil.copytree(source / IMAGING, place / FOLDER / IMAGING)
    _add_reference(folder / REFERENCES, f"{trial_id}-patients", name, year)
    design = "single-arm" if len(values) == 1 else "randomised"
    taken = (f'name "{name}"', f"design {design}", "class iv-msc", "status completed", f"year {year}")
    return Added(place, tuple(values), taken, open=len(values) > 1 and control is None)


def id_of(source: Path) -> str:
    """The id of a trial that is called like a folder."""
    return _slug(source.resolve().name) or "trial"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _files(source: Path) -> dict[str, Path]:
    """The team's tables by name; the first of several formats, `check` tells of the others."""
    found: dict[str, Path] = {}
    for path in sorted(source.iterdir()):
        table, _, form = path.name.lower().partition(".")
        if path.is_file() and table in TABLES and form in FORMATS:
            if table in found:
                told = f"one file; there is {found[table].name}"
                raise InvalidEvidence([Fault(path.name, 0, "", f"second file of {table}", path.name, told)])
            found[table] = path
    if "adsl" not in found:
        problem = "no adsl among the files"
        allowed = "adsl.csv, adsl.parquet or adsl.xpt, one row a patient"
        raise InvalidEvidence([Fault(str(source), 0, "", problem, "", allowed)])
    return found


def _assigned(source: Path, files: dict[str, Path]) -> list[str]:
    """What adsl calls its arms."""
    faults: list[Fault] = []
    name = files["adsl"].name
    raw = read_raw(source, name, faults)
    columns = {} if raw is None else {str(column).upper(): column for column in raw.cells}
    if raw is not None and _ARM not in columns:
        faults.append(Fault(name, raw.header_row, _ARM, "missing column", _ARM, one_of(_ARM, list(columns))))
    if faults or raw is None:
        raise InvalidEvidence(faults)
    values = sorted({str(value) for value in raw.cells[columns[_ARM]]} - {""})
    if not values:
        raise InvalidEvidence([Fault(name, 0, _ARM, "no arm", "", "the arm of each patient")])
    return values


def _roles(values: list[str], control: str | None) -> dict[str, str]:
    if len(values) == 1:
        return {values[0]: "experimental"}
    if control is None:
        return dict.fromkeys(values, "")
    return {value: "control" if value == control else "experimental" for value in values}


def _trial_toml(trial_id: str, name: str, year: int, roles: dict[str, str]) -> str:
    design = "single-arm" if len(roles) == 1 else "randomised"
    lines = [
        f'id = "{trial_id}"',
        f'name = "{name}"  # as it is called in print',
        f'title = "Patient-level data of {name}"  # one line, in your own words',
        'population_class = "iv-msc"  # iv-msc | other-route-msc | near-relative',
        f'design = "{design}"  # randomised | non-randomised | single-arm',
        'status = "completed"  # completed | stopped early | ongoing',
        f"year = {year}  # of the main report",
        "conflicts = []",
    ]
    ids = _ids(list(roles))
    for value, role in roles.items():
        lines += ["", "[[arms]]", f'id = "{ids[value]}"', f"label = {_quoted(value)}"]
        lines += [f'role = "{role}"  # experimental | control']
    lines += ["", "[[reports]]", f'id = "{trial_id}"', f'citation = "{trial_id}-patients"  # key in references.bib']
    lines += ['kind = "main"', f'label = "{name}"']
    own = [f"{_quoted(value)} = {_quoted(ids[value])}" for value in roles if ids[value] != value]
    return "\n".join([*lines, *(["", "[patients.arms]", *own] if own else [])]) + "\n"


def _ids(values: list[str]) -> dict[str, str]:
    """An id in small letters for each arm."""
    ids: dict[str, str] = {}
    for value in values:
        short = _slug(value) or "arm"
        short = f"arm-{short}" if short == "all" else short
        taken = [other for other in ids.values() if re.fullmatch(re.escape(short) + r"(-\d+)?", other)]
        ids[value] = f"{short}-{len(taken) + 1}" if taken else short
    return ids


def _quoted(text: str) -> str:
    """A TOML string; JSON's are."""
    return json.dumps(text, ensure_ascii=False)


def _add_reference(file: Path, key: str, name: str, year: int) -> None:
    entry = f"@misc{{{key},\n  title = {{{name}: patient-level data}},\n  year = {{{year}}},\n  note = {{Unpublished}}\n}}\n"
    before = file.read_text(encoding="utf-8").rstrip() + "\n\n" if file.exists() else ""
    file.write_text(before + entry, encoding="utf-8", newline="\n")
