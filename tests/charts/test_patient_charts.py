"""Charts of single trials: what is refused, and where the marks stand."""

import pandas as pd
import pytest
from chart_examples import EXAMPLES, TIER_STATES, participants, tiers, visits

from helpers import charts
from helpers.charts.theme import canonical

WORDS = {"title": "A title", "description": "A description"}


def rows_of(name):
    return list(canonical(EXAMPLES[name](**WORDS).to_dict())["datasets"].values())


def test_arms_stand_beside_each_other_and_steps_below():
    boxes = {row["id"]: row for data in rows_of("participants") for row in data if "bottom" in row}
    assert boxes["cells"]["top"] == boxes["control"]["top"] > boxes["randomised"]["bottom"]
    assert boxes["cells"]["right"] < boxes["control"]["left"]
    assert boxes["cells-left"]["top"] == boxes["control-left"]["top"] > boxes["cells"]["bottom"]


def test_a_flow_that_can_not_be_drawn_is_refused():
    four = pd.concat([participants().assign(column=f"arm {i}", id=lambda b, i=i: b["id"] + str(i)) for i in range(4)])
    with pytest.raises(ValueError, match="at most 3 arms"):
        charts.consort_diagram(four, **WORDS)
    with pytest.raises(ValueError, match="one id: cells"):
        charts.consort_diagram(pd.concat([participants(), participants()[2:3]]), **WORDS)
    with pytest.raises(ValueError, match="below an arm"):
        charts.consort_diagram(participants()[::-1], **WORDS)


def test_every_patient_of_a_tier_has_a_mark():
    marks = [row for data in rows_of("tiers") for row in data if "state" in row]
    assert len(marks) == int(tiers()[list(TIER_STATES)].to_numpy().sum())
    with pytest.raises(ValueError, match="1 to 60"):
        charts.tier_plot(tiers().assign(**{TIER_STATES[0]: 61}), states=TIER_STATES, **WORDS)
    with pytest.raises(ValueError, match="two or three states"):
        charts.tier_plot(tiers(), states=TIER_STATES[:1], **WORDS)


def test_groups_at_one_visit_stand_beside_each_other():
    points = [row for data in rows_of("means by visit") for row in data if "at" in row]
    at_month_six = [row["at"] for row in points if row["day"] == 180]
    assert len(set(at_month_six)) == 2 and sum(at_month_six) == pytest.approx(360)
    with pytest.raises(ValueError, match="at most 4 groups"):
        charts.visit_plot(visits(tuple("abcde")), axis_title="points", **WORDS)
