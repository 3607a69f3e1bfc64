from __future__ import annotations

from pathlib import Path

import pytest
from evidence_folder import DataFolder, write_valid_folder


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A small valid data folder: alpha, a randomised trial, and beta, a single-arm one."""
    return write_valid_folder(tmp_path / "data")
