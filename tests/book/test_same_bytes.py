"""Two builds from two checkouts in different folders are the same to the last byte."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import paths
from helpers.book.warm_kernel import CHOICE

REVIEW = [sys.executable, "-c", "from helpers.cli import main; main()"]
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
    built = subprocess.run([*REVIEW, "build"], cwd=other, env=environment, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    first, second = digests(built_book), digests(other / "_build" / "html")
    assert set(first) == set(second)
    assert [name for name in first if first[name] != second[name]] == []
    assert digests(paths.EXECUTED) == digests(other / "_build" / "executed")


@pytest.mark.slow
def test_warm_parallel_and_incremental_builds_have_the_bytes_of_a_serial_cold_one(tmp_path):
    data = tmp_path / "data"
    shutil.copytree(paths.ROOT / "data", data)
    pages = ["trials/levy-2019", "trials/treasure", "outcomes/death", "checks"]

    def build(name: str, jobs: int, provisioner: str) -> dict[str, str]:
        words = ["build", "--data", data, "--out", tmp_path / name / "book", "--jobs", jobs]
        only = [word for page in pages for word in ("--only", page)]
        command = [*REVIEW, *map(str, words), *only]
        built = subprocess.run(command, env=os.environ | {CHOICE: provisioner}, capture_output=True, text=True)
        assert built.returncode == 0, built.stderr
        return {
            f"{folder}/{file}": digest
            for folder in ("book", "book-executed")
            for file, digest in digests(tmp_path / name / folder).items()
        }

    first = build("incremental", 2, "warm")
    results = data / "trials/treasure/results.csv"
    results.write_text(results.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    incremental = build("incremental", 2, "warm")
    assert first != incremental
    assert incremental == build("warm", 3, "warm")
    assert incremental == build("cold", 1, "local-provisioner")
