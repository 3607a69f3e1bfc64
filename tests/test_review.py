"""The review as a whole: what it offers beside its pages."""

import shutil

from helpers import evidence, paths
from helpers.book.ingredients import declared
from helpers.review import downloads, reference_pages


def test_single_patients_and_hidden_files_are_not_offered(tmp_path):
    data = tmp_path / "data"
    shutil.copytree(paths.ROOT / "data", data)
    shipped = set(downloads(evidence.load(data), data))
    for name in (".env", "trials/.notes", "trials/levy-2019/patients/ages.csv", "patients/all.csv"):
        (data / name).parent.mkdir(exist_ok=True)
        (data / name).write_text("secret")
    assert set(downloads(evidence.load(data), data)) == shipped
    assert {"data/outcomes.csv", "data/trials/levy-2019/results.csv", "data/computed-results.csv"} <= shipped


def test_a_committed_notebook_declares_the_files_of_the_trial_it_shows():
    (trial,) = [page for page in reference_pages() if page.name == "trial"]
    assert "trials/starting-2/results.csv" in declared(paths.ROOT / "data", trial.reads)
