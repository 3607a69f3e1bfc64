"""What the chapters on single patients say where data are few, odd or missing: no false sentence, no crash, no mark lost."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import pandas as pd
import pytest
from IPython.display import Markdown
from patient_examples import CELLS, CONTROL, TIERS, adsl, chapter, escalation, events, randomised, scores

from helpers import paths
from helpers.evidence.model import Arm
from helpers.sections import (
    dose_escalation,
    patient_chapter,
    patient_flow,
    patient_safety,
    recovery,
    within_group,
)
from helpers.sections import randomised as randomised_page
from helpers.sections.patient_chapter import Chapter
from helpers.tables import PublicationTable

MODULES = {
    "section": {"randomised": randomised_page, "dose-escalation": dose_escalation},
    "patient_flow": patient_flow, "patient_safety": patient_safety, "recovery": recovery, "within_group": within_group,
}  # fmt: skip


def calls(page: str) -> list[str]:
    """The calls of a chapter's notebook, in order."""
    cells = json.loads((paths.BOOK / f"{page}.ipynb").read_text())["cells"]
    sources = ["".join(cell["source"]) for cell in cells if "hide-input" in cell["metadata"]["tags"]]
    return [re.sub(r"^display\(\*(.*)\)$", r"\1", source) for source in sources]


def shown(page: str, made: Chapter) -> dict[str, object]:
    """Every result of a page."""
    results = {}
    for call in calls(page):
        module, name = re.fullmatch(r"(\w+)\.(\w+)\(chapter\)", call).groups()
        owner = MODULES[module]
        results[call] = getattr(owner[page] if isinstance(owner, dict) else owner, name)(made)
    return results


def text(result: object) -> str:
    return result.data if isinstance(result, Markdown) else ""


def words(page: str, made: Chapter) -> str:
    return "\n".join(text(result) for result in shown(page, made).values())


ODD_TRIALS = {
    "nothing but the patients": lambda: chapter(adsl({"cells": 3, "control": 2})),
    "one patient an arm": lambda: randomised((1, 1)),
    "nobody measured after baseline": lambda: randomised(
        adqs=scores(adsl({"cells": 26, "control": 14}), "mi-leg", {0: np.full(40, 20.0), 90: np.full(40, np.nan)})
    ),
    "all alike": lambda: randomised(
        adqs=pd.concat([
            scores(adsl({"cells": 26, "control": 14}), "mrs", {0: np.full(40, 4.0), 90: np.full(40, 3.0)}),
            scores(adsl({"cells": 26, "control": 14}), "mi-leg", {0: np.full(40, 20.0), 90: np.full(40, 30.0)}),
        ])
    ),
    "arms that do not overlap": lambda: randomised(
        adqs=scores(adsl({"cells": 26, "control": 14}), "mrs", {0: np.full(40, 4.0), 90: np.repeat([1.0, 5.0], [26, 14])})
    ),
    "no events": lambda: randomised(adae=events([])),
    "no status at the end": lambda: randomised(
        patients=adsl({"cells": 26, "control": 14}).drop(columns=["EOSSTT", "DCSREAS", "EOSDY", "DTHFL"])
    ),
    "three arms": lambda: randomised(
        patients=adsl({"cells": 13, "more": 13, "control": 14}),
        arms=(CELLS, Arm("more", "More cells", "experimental"), CONTROL),
    ),
    "only a scale without direction and end": lambda: randomised(
        adqs=scores(adsl({"cells": 26, "control": 14}), "fmri-mi4a", {0: np.arange(40.0), 90: np.arange(40.0) + 1})
    ),
    "one arm": lambda: escalation(),
    "no doses": lambda: escalation(doses={}),
    "one tier": lambda: escalation(patients=adsl({"cohort": 22})),
    "a tier of a hundred": lambda: escalation(patients=adsl({"low": 3, "cohort": 100})),
}  # fmt: skip


@pytest.mark.parametrize("page", ["randomised", "dose-escalation"])
@pytest.mark.parametrize("name", ODD_TRIALS)
def test_a_chapter_stands_for_any_trial(page: str, name: str) -> None:
    made = ODD_TRIALS[name]()
    results = shown(page, made)
    assert any(result is not None for result in results.values())
    everything = "\n".join(text(result) for result in results.values())
    assert not re.search(r"\bnan\b|\bNone\b(?! of)|\binf\b", everything)
    tables = [result for result in results.values() if isinstance(result, PublicationTable)]
    assert not [table.title for table in tables if table.to_frame().astype(str).eq("nan").any(axis=None)]


@pytest.mark.parametrize(("page", "made"), [("randomised", randomised()), ("dose-escalation", escalation())])
def test_under_every_chart_stands_a_table(page: str, made: Chapter) -> None:
    kinds = []
    for result in shown(page, made).values():
        parts = result if isinstance(result, list) else [result]
        kinds += [
            "table" if isinstance(part, PublicationTable) else "text" if isinstance(part, Markdown) else "chart"
            for part in parts
            if part is not None
        ]
    joined = " ".join(kinds)
    assert "chart" in kinds
    assert not re.search(r"chart (text|$)", joined), joined


@pytest.mark.parametrize(("page", "made"), [("randomised", randomised), ("dose-escalation", escalation)])
def test_every_result_of_generated_patients_is_marked(page, made, monkeypatch) -> None:
    monkeypatch.setattr(patient_chapter, "marked", lambda result, patients: ("marked", result))
    for call, result in shown(page, made(demonstration=True)).items():
        for part in result if isinstance(result, list) else [result]:
            assert part is None or isinstance(part, Markdown) or part[0] == "marked", call


def test_generated_patients_say_so_in_what_can_not_be_concluded() -> None:
    assert "generated" in randomised_page.limits(randomised(demonstration=True)).data
    assert "generated" in dose_escalation.limits(escalation(demonstration=True)).data
    assert "generated" not in randomised_page.limits(randomised()).data


def test_no_subgroup_is_shown_with_a_p_of_its_own() -> None:
    table = recovery.subgroup_table(randomised())
    assert not [cell for row in table.rows for cell in row if "p =" in str(cell) or "p <" in str(cell)]
    assert all("interaction p" in group for group in table.groups)
    assert "p <" not in recovery.subgroup_chart(randomised()).to_dict()["description"]


def test_without_a_subgroup_nothing_is_split() -> None:
    assert "No subgroup" in recovery.subgroup_table(randomised(subgroup="")).data
    assert recovery.subgroup_chart(randomised(subgroup="")) is None
    assert "a subgroup named before the analysis" in text(randomised_page.lead(randomised(subgroup="")))


def test_the_main_outcome_and_its_day_follow_the_trial_or_a_rule() -> None:
    assert (randomised().primary, randomised().day("mrs")) == ("mrs", 90)
    assert randomised(primary="mi-leg").primary == "mi-leg"
    assert escalation().day("barthel") == 180
    assert escalation(primary_day=365).day("barthel") == 365
    assert "as trial.toml says" in text(randomised_page.lead(randomised(primary="mi-leg", primary_day=90)))


def test_patients_treated_as_in_another_arm_are_told_and_compared_both_ways() -> None:
    patients = adsl({"cells": 26, "control": 14})
    patients.loc[:3, "TRT01A"] = "control"
    patients.loc[4, "TRT01A"] = ""
    moved = randomised(patients=patients)
    assert "four patients planned for Cells" in patient_flow.sets_sentence(moved).data.lower().replace("cells", "Cells")
    assert "Five patients did not receive" in patient_flow.flow_sentence(moved).data
    assert isinstance(randomised_page.sets_compared(moved), PublicationTable)
    assert randomised_page.sets_compared(randomised()) is None


def test_the_flow_says_what_is_not_known() -> None:
    told = patient_flow.flow_sentence(randomised()).data
    assert "not in the data" in told
    assert "not in the data" not in patient_flow.flow_sentence(randomised(assessed=90)).data
    assert "90" in patient_flow.flow_chart(randomised(assessed=90)).to_dict()["description"]


def test_a_dropped_score_counts_as_missing_and_is_bounded() -> None:
    made = escalation()
    assert "four patients for the Barthel Index" in within_group.missing_sentence(made).data
    frame = within_group.responders_table(made).to_frame()
    last = frame.tail(4)["Visit"].str.extract(r"(\d+) of (\d+)").astype(int)
    assert last[1].tolist() == [18, 22, 22, 22]
    assert last[0].iloc[2] <= last[0].iloc[1] <= last[0].iloc[3]


def test_a_patient_without_a_row_at_a_visit_still_has_a_baseline() -> None:
    made = escalation()
    adqs = made.patients.adqs
    absent = dataclasses.replace(made.patients, adqs=adqs[adqs["AVAL"].notna()])
    again = dataclasses.replace(made, patients=absent)
    assert again.scores("barthel", 365)["baseline"].notna().all()
    assert within_group.missing_sentence(again).data == within_group.missing_sentence(made).data


def test_the_rule_is_the_trials_or_said_to_be_assumed() -> None:
    assumed = dose_escalation.tiers(escalation())
    assert "assumed" in assumed.rule.source and assumed.tiers.loc[0, "decision"] == "escalate"
    assert "the rule by which the dose was raised" in text(dose_escalation.lead(escalation()))
    own = escalation(escalation=((5, 0, "stop"),), escalation_source="protocol 4.2")
    result = dose_escalation.tiers(own)
    assert result.rule.source == "protocol 4.2" and not result.tiers.loc[0, "kept"]
    assert "0 of the 1 steps were allowed" in dose_escalation.tiers_sentence(own).data
    small = escalation(patients=adsl({"low": 3, "high": 6}))
    assert dose_escalation.tiers(small).rule.name == "3+3"


def test_one_group_is_told_to_show_no_effect() -> None:
    told = words("dose-escalation", escalation())
    assert "not an effect of the cells" in told and "no control group" in told


def test_a_lower_score_that_is_better_is_called_better() -> None:
    patients = adsl({"cohort": 22})
    start = np.linspace(8, 20, 22).round()
    made = escalation(
        patients=patients, adqs=scores(patients, "nihss", {0: start, 90: start - np.tile([2, 3], 11)}), responders={}
    )
    assert "better, by −2.5" in within_group.changes_sentence(made).data
    assert "lower is better" in json.dumps(within_group.changes_charts(made)[0].to_dict(), ensure_ascii=False)


def test_names_with_signs_are_shown_as_they_are() -> None:
    told = words("randomised", randomised())
    assert "ALPHA \\*1\\*" in told and "Cells &lt;1&gt;" in told
    assert "<1>" not in told


@pytest.mark.slow
def test_ten_thousand_patients_with_ten_visits_take_seconds() -> None:
    import time

    n = 10_000
    patients = adsl({"cells": n // 2, "control": n // 2})
    rng = np.random.default_rng(2)
    days = [0, 30, 60, 90, 120, 180, 240, 300, 330, 365]
    start = rng.integers(0, 60, n).astype(float)
    adqs = pd.concat([
        scores(patients, "mrs", {day: rng.integers(0, 7, n).astype(float) for day in days}),
        *(scores(patients, name, {day: start + rng.integers(0, 20, n) for day in days})
          for name in ("mi-leg", "mi-arm", "nihss", "barthel")),
    ])  # fmt: skip
    adae = events([[f"P{i}", f"Event {i % 60}", "N", "RELATED", 2, 5] for i in rng.integers(0, n, 20_000)])
    made = randomised(patients=patients, adqs=adqs, adae=adae)
    began = time.perf_counter()
    assert shown("randomised", made)["section.shift_tests(chapter)"] is not None
    assert time.perf_counter() - began < 60


def test_tiers_are_those_of_the_trial() -> None:
    assert [arm for arm in escalation().arms] == [arm.id for arm in TIERS[1:]]
