"""Faults of results.csv: each is planted alone and must be the only one found, at its row and column."""

from __future__ import annotations

import pytest
from evidence_folder import ALPHA, BETA, DataFolder, result

MEAN = {"outcome": "barthel", "arm": "cells", "statistic": "mean"}
SD = {"outcome": "barthel", "arm": "cells", "statistic": "sd"}
P = {"outcome": "barthel", "statistic": "p"}
EVENTS = {"outcome": "death", "arm": "cells", "statistic": "events"}
PERCENT = {"outcome": "death", "arm": "cells", "statistic": "percent"}
COUNT = {"outcome": "mrs", "arm": "cells", "statistic": "count", "level": "3"}


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("report", "doe-2021", ["unknown report (doe-2021)", "did you mean doe-2020?"]),
        ("comparator", "contrl", ["unknown arm (contrl)", "did you mean control?", "cells, control"]),
        ("population", "ITT", ["unknown population (ITT)", "did you mean itt?", "per-protocol"]),
        ("statistic", "p-value", ["unknown statistic (p-value)", "p_adjusted, direction"]),
        ("variable", "Value", ["unknown variable (Value)", "did you mean value?"]),
        ("qualifier", "≤", ["unknown qualifier (≤)", "<, <=, >, >=, ~"]),
        ("kind", "second", ["unknown kind (second)", "did you mean secondary?"]),
        ("source", "doe2021", ["unknown source (doe2021)", "did you mean doe2020?", "roe2019"]),
    ],
)
def test_an_unknown_word_is_reported_with_the_allowed_ones(
    folder: DataFolder, column: str, value: str, words: list[str]
) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, **P), **{column: value})
    folder.expect(ALPHA, row, column, *words)


@pytest.mark.parametrize("qualifier", ["", "<"])
def test_a_p_of_zero_is_reported(folder: DataFolder, qualifier: str) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, **P), value="0.000", qualifier=qualifier)
    folder.expect(ALPHA, row, "value", "p of zero (0.000)", "write the limit with qualifier <")


def test_an_unknown_outcome_is_reported_with_the_one_that_was_meant(folder: DataFolder) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, **P), outcome="Barthel")
    folder.expect(ALPHA, row, "outcome", "unknown outcome (Barthel)", "did you mean barthel?", "age, barthel, death")


def test_an_unknown_arm_is_reported_and_all_is_an_arm(folder: DataFolder) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, **SD), arm="cels")
    folder.expect(ALPHA, row, "arm", "unknown arm (cels)", "did you mean cells?", "cells, control, all")


@pytest.mark.parametrize("column", ["report", "outcome", "variable", "arm", "visit", "population", "statistic"])
def test_an_empty_cell_that_must_be_filled_is_reported(folder: DataFolder, column: str) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, **SD), **{column: ""})
    folder.expect(ALPHA, row, column, "empty cell", "a value in every row")


@pytest.mark.parametrize("column", ["value", "source", "locator", "kind"])
def test_an_unsourced_or_empty_number_is_reported(folder: DataFolder, column: str) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, **SD), **{column: ""})
    folder.expect(ALPHA, row, column, "empty cell")


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("1,5", "a decimal point"),
        ("1,234", "no thousands separators"),
        ("<0.001", "qualifier"),
        ("≥ 3", "qualifier"),
        ("\N{MINUS SIGN}2.1", "U+2212"),
        ("\N{EN DASH}2.1", "U+2013"),
        ("14.8 ± 23.8", "two rows"),
        ("33.3%", "column unit"),
        (" 3", "no blanks"),
        ("nan", "a number such as"),
        ("inf", "a number such as"),
        ("3 of 10", "a number such as"),
        ("\N{ARABIC-INDIC DIGIT THREE}", "a number such as"),
    ],
)
def test_an_unreadable_number_is_reported_with_how_to_write_it(folder: DataFolder, value: str, hint: str) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, **MEAN), value=value)
    folder.expect(ALPHA, row, "value", "unreadable number", value, hint)


@pytest.mark.parametrize("value", ["70", "70.", "70.50", ".5", "7e1"])
def test_numbers_may_be_written_as_they_are_printed(folder: DataFolder, value: str) -> None:
    folder.change(ALPHA, folder.row_of(ALPHA, outcome="barthel", statistic="estimate"), value=value)
    assert not [fault for fault in folder.faults() if "unreadable" in fault.problem]


@pytest.mark.parametrize(
    ("day", "problem"),
    [
        ("", "time point without a day"),
        ("-1", "negative day"),
        ("90.0", "day that is not a whole number"),
        ("3 months", "day that is not a whole number"),
        ("090", "day that is not a whole number"),
    ],
)
def test_a_time_point_needs_a_whole_number_of_days(folder: DataFolder, day: str, problem: str) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, **SD), day=day)
    folder.expect(ALPHA, row, "day", problem, "90 for 3 months")


@pytest.mark.parametrize(
    ("where", "value", "words"),
    [
        (SD, "-20.1", ["negative sd (-20.1)", "0 or more"]),
        (EVENTS, "-1", ["negative events"]),
        (EVENTS, "1.5", ["events is not a whole number (1.5)"]),
        (PERCENT, "101", ["percent outside 0 to 100 (101)"]),
        (PERCENT, "-1", ["negative percent"]),
        (P, "1.2", ["p outside 0 to 1 (1.2)"]),
        (P, "-0.01", ["negative p"]),
        ({"statistic": "direction"}, "2", ["direction outside -1 to 1"]),
        ({"statistic": "direction"}, "0.5", ["direction is not a whole number"]),
    ],
)
def test_a_value_that_its_statistic_can_not_have_is_reported(
    folder: DataFolder, where: dict[str, str], value: str, words: list[str]
) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, **where), value=value)
    folder.expect(ALPHA, row, "value", *words)


def test_a_negative_standard_error_is_reported(folder: DataFolder) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, **SD), statistic="se", value="-3.2")
    folder.expect(ALPHA, row, "value", "negative se (-3.2)")


def test_no_patients_at_all_is_not_an_n(folder: DataFolder) -> None:
    row = folder.change(BETA, folder.row_of(BETA, outcome="sae", statistic="n"), value="0")
    folder.expect(BETA, row, "value", "n outside 1 or more (0)")


@pytest.mark.parametrize("value", ["-0.1", "100.1"])
def test_a_mean_outside_its_scale_is_reported(folder: DataFolder, value: str) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, **MEAN), value=value)
    folder.expect(ALPHA, row, "value", f"value outside the scale of barthel ({value})", "; 0 to 100 points")


@pytest.mark.parametrize("value", ["-42", "42", "-0.5"])
def test_a_change_may_span_the_range_in_both_directions(folder: DataFolder, value: str) -> None:
    folder.change(BETA, folder.row_of(BETA, outcome="nihss", statistic="mean"), value=value)
    assert folder.faults() == []


@pytest.mark.parametrize("value", ["-42.1", "43"])
def test_a_change_larger_than_the_range_is_reported(folder: DataFolder, value: str) -> None:
    row = folder.change(BETA, folder.row_of(BETA, outcome="nihss", statistic="mean"), value=value)
    folder.expect(BETA, row, "value", f"change larger than the range of nihss ({value})", "-42 to 42 points")


def test_a_scale_open_above_has_no_upper_end(folder: DataFolder) -> None:
    folder.replace("outcomes.csv", "characteristic,baseline,0,120,", "characteristic,baseline,0,,")
    folder.change(BETA, folder.row_of(BETA, outcome="age", statistic="mean"), value="4000")
    assert folder.faults() == []
    row = folder.change(BETA, folder.row_of(BETA, outcome="age", statistic="mean"), value="-1")
    folder.expect(BETA, row, "value", "value outside the scale of age (-1)", "0 or more years")


# Half of n = 10 scores at 0 and half at 100 have the SD 50 * sqrt(10 / 9) = 52.7046.
def test_the_largest_sd_that_a_scale_allows_is_accepted_as_printed(folder: DataFolder) -> None:
    folder.change(ALPHA, folder.row_of(ALPHA, **SD), value="52.70")
    assert folder.faults() == []


def test_an_sd_larger_than_the_scale_allows_is_reported(folder: DataFolder) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, **SD), value="52.72")
    folder.expect(ALPHA, row, "value", "sd larger than the scale of barthel allows (52.72)", "at most 52.7046 for n 10")


def test_rounding_does_not_make_an_sd_too_large(folder: DataFolder) -> None:
    folder.change(ALPHA, folder.row_of(ALPHA, **SD), value="53")
    assert folder.faults() == []


def test_the_sd_of_a_change_may_be_twice_as_large(folder: DataFolder) -> None:
    sd = result("nihss", "cells", "sd", "44.9", variable="change", report="roe-2019", source="roe2019")
    row = folder.add(BETA, sd)  # 42 * sqrt(8 / 7) = 44.8999
    assert folder.faults() == []
    folder.change(BETA, row, value="45.0")
    folder.expect(
        BETA, row, "value", "sd larger than the scale of nihss allows", "at most 44.8999 for n 8 on -42 to 42"
    )


@pytest.mark.parametrize(("statistic", "value"), [("min", "37"), ("min", "37.5"), ("max", "99"), ("median", "66")])
def test_a_value_off_the_step_is_reported(folder: DataFolder, statistic: str, value: str) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, outcome="barthel", arm="cells", statistic=statistic), value=value)
    folder.expect(ALPHA, row, "value", f"value off the steps of barthel ({value})", "0 to 100 points in steps of")


def test_a_median_may_lie_halfway_between_two_steps(folder: DataFolder) -> None:
    folder.change(ALPHA, folder.row_of(ALPHA, outcome="barthel", arm="cells", statistic="median"), value="72.5")
    assert folder.faults() == []


def test_more_events_than_patients_is_reported_with_the_row_of_n(folder: DataFolder) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, **EVENTS), value="11")
    n_row = folder.row_of(ALPHA, outcome="death", arm="cells", statistic="n")
    folder.expect(ALPHA, row, "value", "more patients with the event than patients (11)", f"n = 10 (row {n_row})")


def test_an_unreadable_number_does_not_hide_too_many_events(folder: DataFolder) -> None:
    unreadable = folder.change(ALPHA, folder.row_of(ALPHA, **PERCENT), value="1O")
    events = folder.change(ALPHA, folder.row_of(ALPHA, **EVENTS), value="11")
    assert [(fault.row, fault.column) for fault in folder.faults()] == [(events, "value"), (unreadable, "value")]


def test_events_are_held_against_the_n_of_their_own_source(folder: DataFolder) -> None:
    n = result("death", "cells", "n", 12, source="roe2019", kind="secondary")
    events = n | {"statistic": "events", "value": "11"}
    folder.add(ALPHA, n)
    row = folder.add(ALPHA, events)
    assert folder.faults() == []
    folder.change(ALPHA, row, value="13")
    folder.expect(ALPHA, row, "value", f"n = 12 (row {row - 1})")


def test_counts_at_all_levels_must_sum_to_n(folder: DataFolder) -> None:
    first = folder.row_of(ALPHA, outcome="mrs", arm="cells", statistic="count", level="0")
    folder.change(ALPHA, folder.row_of(ALPHA, **COUNT), value="4")
    folder.expect(ALPHA, first, "value", "counts of 7 levels do not sum to n (12)", "n = 10 (row")


def test_counts_at_some_levels_may_not_exceed_n(folder: DataFolder) -> None:
    folder.remove(ALPHA, folder.row_of(ALPHA, **(COUNT | {"level": "0"})))
    assert folder.faults() == []
    folder.change(ALPHA, folder.row_of(ALPHA, **COUNT), value="6")
    first = folder.row_of(ALPHA, **(COUNT | {"level": "1"}))
    folder.expect(ALPHA, first, "value", "counts of 6 levels do not sum to n (13)", "at most n = 10")


def test_a_level_outside_the_scale_is_reported(folder: DataFolder) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, **COUNT), level="7")
    folder.expect(ALPHA, row, "level", "level outside the scale of mrs (7)", "0, 1, 2, 3, 4, 5, 6")


def test_a_count_without_a_level_is_reported(folder: DataFolder) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, **COUNT), level="")
    folder.expect(ALPHA, row, "level", "count without a level")


def test_a_level_given_for_another_statistic_is_reported(folder: DataFolder) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, **SD), level="3")
    folder.expect(ALPHA, row, "level", "level given for sd (3)", "only count")


def test_a_duplicate_row_is_reported_with_the_row_it_repeats(folder: DataFolder) -> None:
    row = folder.add(ALPHA, result("barthel", "cells", "sd", "19.9", note="another value"))
    first = folder.row_of(ALPHA, value="20.1", arm="cells")
    folder.expect(ALPHA, row, "", f"duplicate of row {first}", "doe-2020 barthel value cells 90 itt sd")


@pytest.mark.parametrize("column", ["kind", "method", "source"])
def test_the_same_number_read_in_another_way_is_no_duplicate(folder: DataFolder, column: str) -> None:
    value = {"kind": "secondary", "method": "estimated from a figure", "source": "roe2019"}[column]
    folder.add(ALPHA, result("barthel", "cells", "sd", "19.9", **{column: value}))
    assert folder.faults() == []


@pytest.mark.parametrize(("outcome", "statistic"), [("barthel", "mean"), ("death", "events")])
def test_a_missing_n_is_reported_once_for_its_patients(folder: DataFolder, outcome: str, statistic: str) -> None:
    folder.remove(ALPHA, folder.row_of(ALPHA, outcome=outcome, arm="control", statistic="n"))
    row = folder.row_of(ALPHA, outcome=outcome, arm="control", statistic=statistic)
    folder.expect(ALPHA, row, "statistic", f"missing n for this {statistic}", f"{outcome} control day 90")


def test_the_n_of_another_day_is_missing_here(folder: DataFolder) -> None:
    folder.change(BETA, folder.row_of(BETA, outcome="sae", statistic="n"), day="30")
    row = folder.row_of(BETA, outcome="sae", statistic="event_count")
    folder.expect(BETA, row, "statistic", "missing n for this event_count")


@pytest.mark.parametrize(("statistic", "column"), [("n", "arm"), ("n", "population"), ("event_count", "report")])
def test_an_n_hidden_by_an_unknown_word_is_not_missing_too(folder: DataFolder, statistic: str, column: str) -> None:
    row = folder.change(BETA, folder.row_of(BETA, outcome="sae", statistic=statistic), **{column: "cels"})
    folder.expect(BETA, row, column, "unknown")


def test_an_unreadable_n_is_not_missing_too(folder: DataFolder) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, outcome="death", arm="cells", statistic="n"), value="ten")
    folder.expect(ALPHA, row, "value", "unreadable number (ten)")


@pytest.mark.parametrize(
    ("where", "unit", "words"),
    [
        (MEAN, "%", ["wrong unit of mean (%)", "points"]),
        (EVENTS, "events", ["wrong unit of events (events)", "patients"]),
        (PERCENT, "", ["missing unit of percent", "%"]),
        (P, "points", ["wrong unit of p (points)", "an empty cell"]),
        ({"outcome": "barthel", "statistic": "ci_low"}, "patients", ["wrong unit of ci_low", "points"]),
    ],
)
def test_a_wrong_unit_is_reported(folder: DataFolder, where: dict[str, str], unit: str, words: list[str]) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, **where), unit=unit)
    folder.expect(ALPHA, row, "unit", *words)


@pytest.mark.parametrize(
    ("lower", "value", "upper"), [("ci_low", "10.6", "estimate"), ("min", "70", "median"), ("ci_low", "-1e2", None)]
)
def test_ends_in_the_wrong_order_are_reported(folder: DataFolder, lower: str, value: str, upper: str | None) -> None:
    where = {"outcome": "barthel", "arm": "cells", "statistic": lower}
    row = folder.change(ALPHA, folder.row_of(ALPHA, **where), value=value)
    if upper is None:
        assert folder.faults() == []
    else:
        folder.expect(ALPHA, row, "value", f"{lower} greater than {upper} ({value})", f"at most {upper} = ")


def test_a_ci_low_above_its_ci_high_is_reported(folder: DataFolder) -> None:
    folder.remove(ALPHA, folder.row_of(ALPHA, statistic="estimate"))
    row = folder.change(ALPHA, folder.row_of(ALPHA, statistic="ci_low"), value="21")
    folder.expect(ALPHA, row, "value", "ci_low greater than ci_high (21)", f"at most ci_high = 20.5 (row {row + 1})")


def test_a_comparator_of_one_arm_s_statistic_is_reported(folder: DataFolder) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, **SD), comparator="control")
    folder.expect(ALPHA, row, "comparator", "comparator given for sd", "about one arm", "(control)")


@pytest.mark.parametrize("statistic", ["p", "estimate"])
def test_a_missing_comparator_in_a_controlled_trial_is_reported(folder: DataFolder, statistic: str) -> None:
    where = folder.row_of(ALPHA, outcome="barthel", statistic=statistic)
    row = folder.change(ALPHA, where, comparator="")
    folder.expect(ALPHA, row, "comparator", f"missing comparator for {statistic} in a controlled trial", "the arm that")


@pytest.mark.parametrize("method", ["paired t test, from baseline", "Wilcoxon within arm", "regression, predictor age"])
def test_a_test_inside_one_arm_that_says_so_has_no_comparator(folder: DataFolder, method: str) -> None:
    folder.change(ALPHA, folder.row_of(ALPHA, **P), comparator="", method=method)
    assert folder.faults() == []


def test_an_arm_compared_with_itself_is_reported(folder: DataFolder) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, **P), comparator="cells")
    folder.expect(ALPHA, row, "comparator", "arm compared with itself (cells)")


def test_all_arms_together_have_no_comparator(folder: DataFolder) -> None:
    row = folder.change(ALPHA, folder.row_of(ALPHA, **P), arm="all")
    folder.expect(ALPHA, row, "comparator", "comparator of all arms together (control)")


@pytest.mark.parametrize(
    ("where", "statistic", "type"),
    [
        (P, "count", "continuous"),
        (P, "event_count", "continuous"),
        ({"outcome": "sae", "statistic": "n"}, "sd", "events"),
    ],
)
def test_a_statistic_that_the_outcome_can_not_have_is_reported(
    folder: DataFolder, where: dict[str, str], statistic: str, type: str
) -> None:
    file = BETA if where["outcome"] == "sae" else ALPHA
    row = folder.change(file, folder.row_of(file, **where), statistic=statistic)
    found = [fault for fault in folder.faults() if (fault.row, fault.column) == (row, "statistic")]
    assert [fault.problem for fault in found if "does not have" in fault.problem] == [
        f"statistic that a {type} outcome does not have"
    ]


def test_a_line_break_in_a_quoted_note_does_not_shift_the_rows_below(folder: DataFolder) -> None:
    folder.change(ALPHA, 2, note='first line\nsecond line, with a "quote"\n\nfourth line')
    row = folder.row_of(ALPHA, **SD)
    folder.change(ALPHA, row, value="-1")
    assert (
        folder.read(ALPHA).split("\n")[row + 3 - 1].startswith("doe-2020,barthel,value,cells,,3 months,90,itt,sd,,,-1,")
    )
    folder.expect(ALPHA, row + 3, "value", "negative sd (-1)")
