"""The table of agreement with R tells the truth, a planted difference included."""

import json
import math

import pytest

from helpers import paths
from helpers.verification import below, deviations


@pytest.mark.parametrize(
    ("deviation", "said"),
    [(0.0, "< 1e-11"), (3e-10, "< 1e-9"), (5e-7, "< 1e-6"), (0.02, "2e-02"), (math.inf, "inf"), (math.nan, "–")],
)
def test_a_deviation_is_told_by_its_power_of_ten(deviation, said):
    assert below(deviation) == said


def test_every_stored_meta_analysis_is_compared():
    stored = [file.stem for file in sorted(paths.ORACLE.glob("*.json")) if "meta" in json.loads(file.read_text())]
    found = deviations(paths.ORACLE)
    assert list(found["case"]) == stored
    assert (found["compared"] > 200).all()


@pytest.mark.parametrize(("fit", "column"), [("DL_z", "closed_form"), ("REML_knha", "iterative")])
def test_a_planted_difference_shows(tmp_path, fit, column):
    case = json.loads((paths.ORACLE / "bcg_RR.json").read_text())
    case["meta"]["fits"][fit]["estimate"] *= 1 + 3e-7
    (tmp_path / "bcg_RR.json").write_text(json.dumps(case))
    assert deviations(tmp_path)[column].item() == "< 1e-6"
