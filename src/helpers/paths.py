"""Every folder of the project under one name."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
HELPERS = ROOT / "src" / "helpers"
BUILD = ROOT / "_build"
HTML = BUILD / "html"
EXECUTED = BUILD / "executed"
STORED = BOOK / "stored"
INTERVAL_COVERAGE = STORED / "interval_coverage.csv"
ORACLE = ROOT / "tests" / "oracle"
LOCK = ROOT / "requirements.lock"

DATA_VARIABLE = "REVIEW_DATA"


def data() -> Path:
    """The data folder: the one named by the environment variable REVIEW_DATA, else the shipped one."""
    return Path(os.environ.get(DATA_VARIABLE) or ROOT / "data")
