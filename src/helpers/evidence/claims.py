"""Rules of claims.csv: published statements, each with the check it can be given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from helpers.evidence.faults import Fault, InvalidEvidence, one_of
from helpers.evidence.model import Trial
from helpers.evidence.tables import Table, duplicate_faults, read_table

COLUMNS = (
    "claim",
    "report",
    "statement",
    "value",
    "check",
    "inputs",
    "assumption",
    "source",
    "locator",
    "kind",
    "inputs_source",
    "inputs_kind",
    "note",
)
NEEDED = ("claim", "statement", "value", "check", "inputs")
"""The columns of a claims file outside a data folder; the others may be missing there."""


def read_claims(file: Path) -> pd.DataFrame:
    """The claims of one file outside a data folder, as text, with the file and the line of each in `file` and `row`.

    Only the columns of NEEDED must be there. Raises InvalidEvidence with all faults of the file.
    """
    from helpers.evidence import schemas  # here because pandera's import takes as long as checking the data

    faults: list[Fault] = []
    table = read_table(file.parent, file.name, COLUMNS, faults, needed=NEEDED)
    if table is not None:
        faults += schemas.column_faults(table.cells, schemas.claims_schema(None))
        faults += claim_faults(table, None)
    if faults or table is None:
        raise InvalidEvidence(faults)
    return table.cells.fillna("")


def claim_faults(table: Table, trial: Trial | None) -> Iterator[Fault]:
    """Claims named twice, of unknown reports, with unknown checks or inputs that the check does not take."""
    from helpers.scrutiny.checks import CHECKS  # here because only folders with claims need it
    from helpers.scrutiny.registry import InvalidInputs

    yield from duplicate_faults(table, ("claim",), "claim")
    reports = {report.id for report in trial.reports if report.id} if trial else set()
    for row, cells in table.records:
        if reports and cells["report"] and cells["report"] not in reports:
            yield Fault(table.file, row, "report", "unknown report", cells["report"], one_of(cells["report"], reports))
        if not cells["check"]:
            for column, problem, allowed in (
                ("note", "no check and no reason", "why nothing published can be set beside the statement"),
                ("inputs", "inputs without a check", "a check, or no inputs"),
            ):
                if table.has(column) and (cells[column] == "") == (column == "note"):
                    yield Fault(table.file, row, column, problem, cells[column], allowed)
        elif cells["check"] not in CHECKS:
            yield Fault(table.file, row, "check", "unknown check", cells["check"], one_of(cells["check"], CHECKS))
        elif cells["value"]:
            try:
                CHECKS[cells["check"]].read(cells["value"], cells["inputs"])
            except InvalidInputs as invalid:
                yield from (Fault(table.file, row, *each) for each in invalid.problems)
