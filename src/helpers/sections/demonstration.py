"""The mark on every result that comes from generated patients."""

from __future__ import annotations

import dataclasses
from typing import Any

from helpers.patients.model import Patients
from helpers.tables import PublicationTable

WORDS = "Demonstration patients: generated to match published totals, not observed"


def marked(result: Any, patients: Patients) -> Any:
    """The result, with WORDS on it where the patients are generated."""
    if not patients.demonstration:
        return result
    if isinstance(result, PublicationTable):
        return dataclasses.replace(result, notes=(WORDS, *result.notes))
    return result
