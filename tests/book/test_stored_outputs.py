"""nbval is strict: a changed number in a stored table, chart or sentence makes it fail."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import paths

pytestmark = pytest.mark.slow


def nbval(notebook: Path) -> subprocess.CompletedProcess[str]:
    words = ["--nbval", "--nbval-current-env", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(notebook)]
    return subprocess.run([sys.executable, "-m", "pytest", *words], capture_output=True, text=True, cwd=notebook.parent)


def planted(tmp_path: Path, mime: str, change) -> Path:
    """A copy of the outcome notebook with one stored output of the given type changed."""
    notebook = json.loads((paths.BOOK / "outcome.ipynb").read_text(encoding="utf-8"))
    bundle = next(
        output["data"]
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if mime in output.get("data", {})
    )
    before = json.dumps(bundle[mime])
    bundle[mime] = change(bundle[mime])
    assert json.dumps(bundle[mime]) != before, "nothing was planted"
    copy = tmp_path / "outcome.ipynb"
    copy.write_text(json.dumps(notebook), encoding="utf-8")
    return copy


def in_text(old: str, new: str):
    def change(stored):
        text = "".join(stored)
        assert old in text
        return text.replace(old, new, 1)

    return change


def in_chart(spec):
    name, rows = next((name, rows) for name, rows in spec["datasets"].items() if any("estimate" in row for row in rows))
    row = next(row for row in rows if isinstance(row.get("estimate"), float))
    return {**spec, "datasets": {**spec["datasets"], name: [{**row, "estimate": row["estimate"] + 0.01}]}}


def test_the_stored_outputs_are_those_of_the_shipped_data(tmp_path):
    copy = tmp_path / "outcome.ipynb"
    copy.write_bytes((paths.BOOK / "outcome.ipynb").read_bytes())
    result = nbval(copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("mime", "change"),
    [
        ("text/html", in_text("0.81", "0.82")),
        ("text/markdown", in_text("180", "181")),
        ("application/vnd.vegalite.v6+json", in_chart),
        ("image/svg+xml", in_text("0.81", "0.82")),
    ],
    ids=["table", "sentence", "chart", "picture"],
)
def test_a_changed_number_makes_it_fail(tmp_path, mime, change):
    result = nbval(planted(tmp_path, mime, change))
    assert result.returncode == 1, result.stdout
    assert "1 failed" in result.stdout
