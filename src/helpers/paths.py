"""Every folder of the project under one name."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
HELPERS = ROOT / "src" / "helpers"
BUILD = ROOT / "_build"
HTML = BUILD / "html"
EXECUTED = BUILD / "executed"
INTERVAL_COVERAGE = BOOK / "stored" / "interval_coverage.csv"
ORACLE = ROOT / "tests" / "oracle"
LOCK = ROOT / "requirements.lock"

DATA_VARIABLE = "REVIEW_DATA"
PART_VARIABLE = "REVIEW_DATA_IS_PART"
PROJECT_VARIABLE = "REVIEW_PROJECT"


def data() -> Path:
    """The data folder: the one named by the environment variable REVIEW_DATA, else the shipped one."""
    return Path(os.environ.get(DATA_VARIABLE) or ROOT / "data")


def data_is_part() -> bool:
    """Whether the data folder holds only the files that the page in execution declares; the whole was checked before."""
    return bool(os.environ.get(PART_VARIABLE))


def project() -> Path:
    """Where a page finds the files of the project that it declares under `also`: in the project, or in a copy of them."""
    return Path(os.environ.get(PROJECT_VARIABLE) or ROOT)
