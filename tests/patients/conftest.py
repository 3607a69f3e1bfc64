from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "evidence"))

from patient_folder import PatientFolder, write_valid_folder


@pytest.fixture
def folder(tmp_path: Path) -> PatientFolder:
    """A small valid data folder whose randomised trial alpha has six patients, observed, as CSV."""
    return write_valid_folder(tmp_path / "data")
