"""The check of a printed SD against all data sets."""

import pytest

from helpers.scrutiny.checks.reconstruction import reconstruction
from helpers.scrutiny.printed_number import Printed


def check(sd, mean, n, low, high, step="1", at_least=None):
    cut = {} if at_least is None else {"at_least": Printed.parse(at_least)}
    mean, low, high, step = map(Printed.parse, (mean, low, high, step))
    return reconstruction(Printed.parse(sd), mean=mean, n=n, min=low, max=high, step=step, **cut)


def test_possible_numbers_are_consistent_and_bounded():
    found = check("1.32", "2.20", 20, "1", "5", at_least="4")
    assert found.status == "consistent"
    assert found.recomputed == "9 data sets; median of 1.5 to 2; 2 to 6 values (10.0% to 30.0%) at 4 or above"
    assert found.reason == (
        "20 values from 1 to 5 have a mean of 2.20 and an SD of 1.32 in 9 data sets, "
        "with a median of 1.5 to 2 and 2 to 6 values (10.0% to 30.0%) at 4 or above."
    )


def test_the_barthel_index_of_levy_leaves_room_for_the_printed_share():
    found = check("29", "65", 36, "0", "100", "5", at_least="95")
    assert found.status == "consistent"
    assert found.recomputed.endswith("0 to 17 values (0.0% to 47.2%) at 95 or above")


@pytest.mark.parametrize(("sd", "mean", "n"), [("11.4", "6.8", 33), ("15.5", "10.8", 31)])
def test_the_changes_of_levy_are_possible(sd, mean, n):
    assert check(sd, mean, n, "-100", "100", "5").status == "consistent"


@pytest.mark.parametrize(("sd", "mean"), [("1.50", "4.00"), ("3.20", "4.00"), ("1.50", "7.30")])
def test_what_no_data_set_has_conflicts(sd, mean):
    found = check(sd, mean, 30, "1", "7")
    assert found.status == "conflicts"
    assert found.recomputed == "no data set"
    assert found.reason == f"No 30 values from 1 to 7 have a mean of {mean} and an SD of {sd}."


def test_a_wide_scale_is_searched():
    assert check("120", "350", 30, "0", "800").status == "consistent"


@pytest.mark.parametrize("sd", ["<2.0", "~2.0"])
def test_an_sd_that_is_no_rounded_value_is_not_checkable(sd):
    assert check(sd, "4.0", 30, "1", "7").status == "not checkable"


def test_inputs_that_do_not_fit_together_are_refused():
    with pytest.raises(ValueError, match="step: must lead from 0 to 100"):
        check("29", "65", 36, "0", "100", "7")
    with pytest.raises(ValueError, match="mean: must be a number without a sign"):
        check("29", "<65", 36, "0", "100", "5")


def test_so_many_values_are_not_reconstructed():
    found = check("1.5", "5.2", 1_000_000, "1", "7")
    assert (found.status, found.recomputed) == ("not checkable", "")


def test_a_long_scale_is_counted_without_bounds_that_would_take_minutes():
    found = check("15", "52", 50, "0", "99")
    assert found.status == "consistent"
    assert "median" not in found.reason
