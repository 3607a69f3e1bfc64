"""A data folder with many faults tells all of them in one pass."""

from __future__ import annotations

from evidence_folder import ALPHA, BETA, DataFolder, result


def test_twenty_different_faults_are_all_reported_in_one_pass(folder: DataFolder) -> None:
    def alpha(column: str, value: str, **where: str) -> tuple[str, int, str]:
        row = folder.row_of(ALPHA, **where)
        folder.change(ALPHA, row, **{column: value})
        return ALPHA, row, column

    planted = [
        alpha("arm", "cels", outcome="barthel", arm="cells", statistic="max"),
        alpha("value", "-20.1", outcome="barthel", arm="cells", statistic="sd"),
        alpha("value", "60,0", outcome="barthel", arm="control", statistic="mean"),
        alpha("value", "102.5", outcome="barthel", arm="control", statistic="median"),
        alpha("unit", "%", outcome="barthel", arm="control", statistic="min"),
        alpha("value", "12", outcome="death", arm="cells", statistic="events"),
        alpha("level", "9", outcome="mrs", arm="cells", statistic="count", level="2"),
        alpha("value", "120", outcome="death", arm="control", statistic="percent"),
        alpha("comparator", "", outcome="barthel", statistic="p"),
        alpha("outcome", "bartel", outcome="barthel", statistic="direction"),
        alpha("source", "smith1999", outcome="barthel", statistic="estimate"),
        alpha("day", "3 months", outcome="barthel", arm="control", statistic="max"),
        alpha("report", "doe-1920", outcome="barthel", arm="cells", statistic="median"),
        alpha("kind", "tertiary", outcome="mrs", arm="control", statistic="count", level="1"),
        (ALPHA, folder.add(ALPHA, result("death", "control", "n", 10)), ""),
    ]
    folder.remove(BETA, folder.row_of(BETA, outcome="sae", statistic="n"))
    planted.append((BETA, folder.row_of(BETA, outcome="sae", statistic="event_count"), "statistic"))
    folder.replace("trials/beta/trial.toml", '"near-relative"', '"distant-relative"')
    planted.append(("trials/beta/trial.toml", 4, "population_class"))
    folder.change("search.csv", 2, trial="gamma")
    planted.append(("search.csv", 2, "trial"))
    folder.remove("trials/beta/bias.csv", 3)
    planted.append(("trials/beta/bias.csv", 0, "domain"))
    (folder.path / "glossary.csv").unlink()
    planted.append(("glossary.csv", 0, ""))

    assert len(set(planted)) == 20
    assert [(fault.file, fault.row, fault.column) for fault in folder.faults()] == sorted(planted)


def test_one_row_can_have_several_faults(folder: DataFolder) -> None:
    row = folder.row_of(ALPHA, outcome="barthel", arm="cells", statistic="sd")
    folder.change(ALPHA, row, variable="valeu", population="", unit="", source="nobody", kind="primry")
    assert [(fault.row, fault.column) for fault in folder.faults()] == [
        (row, column) for column in ("kind", "population", "source", "unit", "variable")
    ]


def test_faults_are_sorted_by_file_row_and_column(folder: DataFolder) -> None:
    folder.change(BETA, 3, unit="x", arm="y")
    folder.change(ALPHA, 12, level="9")
    folder.change(ALPHA, 4, value="x")
    folder.write("edition.toml", b"")
    places = [(fault.file, fault.row, fault.column) for fault in folder.faults()]
    assert places == sorted(places)
    assert [file for file, _, _ in places] == ["edition.toml", ALPHA, ALPHA, BETA, BETA]
