"""Two builds from two checkouts in different folders are the same to the last byte."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import paths

CHECKOUT = ("_config.yml", "_toc.yml", "requirements.lock", "book", "data", "src", "tests/oracle")


def digests(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.mark.slow
def test_a_second_checkout_elsewhere_builds_the_same_book(built_book, tmp_path):
    other = tmp_path / "quite another place"
    other.mkdir()
    for name in CHECKOUT:
        source = paths.ROOT / name
        if source.is_dir():
            shutil.copytree(source, other / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(source, other / name)
    environment = os.environ | {
        "PYTHONPATH": str(other / "src"),
        "PYTHONHASHSEED": "7",
        "TZ": "Pacific/Auckland",
        "LC_ALL": "C",
    }
    command = [sys.executable, "-c", "from helpers.cli import main; main()", "build"]
    built = subprocess.run(command, cwd=other, env=environment, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    first, second = digests(built_book), digests(other / "_build" / "html")
    assert set(first) == set(second)
    assert [name for name in first if first[name] != second[name]] == []
    assert digests(paths.EXECUTED) == digests(other / "_build" / "executed")
