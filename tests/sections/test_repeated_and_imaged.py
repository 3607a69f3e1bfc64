"""The chapters of patients measured again and again, and of patients with images: on many kinds of trials, no false word."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import pandas as pd
import pytest
from IPython.display import Markdown
from patient_examples import CELLS, CONTROL, REVIEW, adsl, chapter, events, scores

from helpers import paths
from helpers.evidence.model import Arm
from helpers.patients import Connectivity, Patients
from helpers.patients.group_change import group_change
from helpers.patients.longitudinal import repeated_measures
from helpers.patients.network import network_by_visit
from helpers.sections import imaging, longitudinal
from helpers.tables import PublicationTable

DAYS = (0, 90, 180, 365)
REGIONS = pd.DataFrame(
    [[f"{side}{i}", f"{side} {i}", side, "Y" if i < 3 else "N"] for side in "LR" for i in range(4)],
    columns=["region", "name", "hemisphere", "motor"],
)


def followed(n: tuple[int, int] = (20, 12), seed: int = 1, days: tuple[int, ...] = DAYS, **changes: object) -> Patients:
    """Two arms, two outcomes at four visits, two patients not treated as randomised, some scores missing."""
    patients = adsl({"cells": n[0], "control": n[1]}, seed)
    patients.loc[[0, 1], "TRT01A"] = "control"
    rng, size = np.random.default_rng(seed), sum(n)
    level = rng.normal(0, 8, size)
    barthel = {day: np.clip(40 + level + day / 12 + rng.normal(0, 5, size), 0, 100).round() for day in days}
    mrs = {day: np.clip(4 - level / 10 - day / 300 + rng.normal(0, 0.5, size), 0, 6).round() for day in days}
    barthel[days[-1]][[3, size - 1]] = np.nan
    adqs = pd.concat([scores(patients, "barthel", barthel), scores(patients, "mrs", mrs)], ignore_index=True)
    adae = events([["P2", "Fever", "N", "RELATED", 1, 2], ["P2", "Stroke", "Y", "NOT RELATED", 3, 200],
                   [f"P{n[0]}", "Fall", "Y", "NOT RELATED", 2, 9]])  # fmt: skip
    given: dict[str, object] = {"patients": patients, "adqs": adqs, "adae": adae}
    return chapter(**(given | changes)).patients  # type: ignore[arg-type]


def without_baseline(patients: Patients) -> Patients:
    later = patients.adqs[patients.adqs["AWTARGET"] > 0]
    return dataclasses.replace(patients, adqs=later.assign(BASE=np.nan, CHG=np.nan))


def imaged(n: tuple[int, int] = (9, 7), seed: int = 1, matrices: bool = True, **changes: object) -> Patients:
    """Two arms, a tract and two Fugl-Meyer scores before and after, and the network of all patients but one."""
    patients = adsl({"cells": n[0], "control": n[1]}, seed)
    rng, size = np.random.default_rng(seed), sum(n)
    patients["LESIONSD"] = rng.choice(["L", "R"], size)
    before, tract = rng.integers(10, 60, size).astype(float), rng.normal(0.45, 0.04, size)
    before[2] = 66.0  # at the ceiling of the upper limb score
    after = np.where(before == 66, 66.0, np.minimum(65, before + rng.integers(-2, 20, size)))
    adqs = pd.concat([
        scores(patients, "fa-cst", {0: tract, 90: tract - rng.normal(0.01, 0.01, size)}),
        scores(patients, "fma-upper", {0: before, 90: after}),
        scores(patients, "fma-motor", {0: before, 90: after + 5}),
    ], ignore_index=True)  # fmt: skip
    made = chapter(**({"patients": patients, "adqs": adqs} | changes)).patients  # type: ignore[arg-type]
    if not matrices:
        return made
    given = {}
    for patient in made.adsl["USUBJID"].iloc[:-1]:
        for day in (0, 90):
            upper = np.triu(rng.uniform(-0.3, 0.8, (8, 8)), 1)
            given[(patient, day)] = upper + upper.T
    return dataclasses.replace(made, connectivity=Connectivity(REGIONS, given, "correlation"))


def shown(page: str, patients: Patients, level: float = 0.95) -> dict[str, object]:
    """Every result of a page, by the call that makes it."""
    section = {"longitudinal": longitudinal, "imaging": imaging}[page]
    review = dataclasses.replace(REVIEW, trials=REVIEW.trials | {"alpha": chapter(patients.adsl).trial})
    names = {
        "section": section,
        "chapter": section.analyse(review, patients, level),
        "display": lambda *each: list(each),
    }
    cells = json.loads((paths.BOOK / f"{page}.ipynb").read_text())["cells"]
    sources = ["".join(cell["source"]) for cell in cells if "hide-input" in cell["metadata"]["tags"]]
    assert len(sources) > 10
    return {source: eval(source, dict(names)) for source in sources}


def flat(results: dict[str, object]) -> list[object]:
    return [each for result in results.values() for each in (result if isinstance(result, list) else [result])]


def words(results: dict[str, object]) -> str:
    return "\n".join(each.data for each in flat(results) if isinstance(each, Markdown))


def tables(results: dict[str, object]) -> dict[str, PublicationTable]:
    return {each.id: each for each in flat(results) if isinstance(each, PublicationTable)}


FOLLOWED = {
    "as usual": followed,
    "few patients": lambda: followed((3, 3)),
    "one patient an arm": lambda: followed((3, 1)),
    "all alike": lambda: followed(
        adqs=scores(adsl({"cells": 20, "control": 12}), "barthel", {day: np.full(32, 50.0) for day in DAYS})
    ),
    "nothing measured": lambda: followed(adqs=None),
    "two visits": lambda: followed(days=(0, 90)),
    "no baseline": lambda: without_baseline(followed()),
    "no events known": lambda: followed(adae=None),
    "no event": lambda: followed(adae=events([])),
    "no time at risk": lambda: followed(patients=adsl({"cells": 20, "control": 12}).drop(columns="EOSDY")),
    "one arm": lambda: followed(patients=adsl({"cells": 32}), arms=(CELLS,)),
    "three arms": lambda: followed(
        patients=adsl({"cells": 12, "more": 8, "control": 12}), arms=(CELLS, Arm("more", "More", "experimental"), CONTROL)
    ),
    "an unscheduled visit": lambda: followed(days=(0, 90, 180, 181)),
}  # fmt: skip
IMAGED = {
    "as usual": imaged,
    "no matrices": lambda: imaged(matrices=False),
    "no lesion side": lambda: dataclasses.replace(imaged(), adsl=imaged().adsl.drop(columns="LESIONSD")),
    "matrices only": lambda: imaged(adqs=None),
    "one patient an arm": lambda: imaged((1, 2), matrices=False),
    "one arm": lambda: imaged(patients=adsl({"cells": 16}), arms=(CELLS,)),
    "nothing after": lambda: imaged(
        adqs=scores(adsl({"cells": 9, "control": 7}), "fa-cst", {0: np.full(16, 0.4), 90: np.full(16, np.nan)}), matrices=False
    ),
    "all alike": lambda: imaged(
        adqs=pd.concat([
            scores(adsl({"cells": 9, "control": 7}), name, {0: np.full(16, low), 90: np.full(16, high)})
            for name, low, high in (("fa-cst", 0.4, 0.5), ("fma-motor", 30.0, 40.0))
        ]), matrices=False,
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("page", "name"), [*(("longitudinal", name) for name in FOLLOWED), *(("imaging", name) for name in IMAGED)]
)
def test_a_chapter_stands_for_any_trial(page, name, recwarn):
    results = shown(page, {"longitudinal": FOLLOWED, "imaging": IMAGED}[page][name]())
    assert any(result is not None for result in results.values())
    assert not re.search(r"\bnan\b|\bNone\b|\binf\b", words(results))
    for table in tables(results).values():
        assert not table.to_frame().astype(str).isin(["nan", "None", "inf"]).any(axis=None), table.title
    assert not [str(warning.message) for warning in recwarn]


@pytest.mark.parametrize("page", ["longitudinal", "imaging"])
def test_names_from_the_data_are_shown_as_they_are_and_every_chart_has_a_table_under_it(page):
    results = shown(page, {"longitudinal": followed, "imaging": imaged}[page]())
    assert r"ALPHA \*1\*" in words(results) and "Cells &lt;1&gt;" in words(results) and "<1>" not in words(results)
    order = flat(results)
    charts = [place for place, each in enumerate(order) if hasattr(each, "to_dict")]
    assert len(charts) >= 3
    for place in charts:
        assert isinstance(order[place + 1], PublicationTable)


def test_the_longitudinal_chapter_shows_the_numbers_of_the_model_as_treated_and_as_randomised():
    patients = followed()
    results = shown("longitudinal", patients)
    adqs = patients.adqs[patients.adqs["outcome"] == "barthel"]
    frame = pd.DataFrame(
        {"patient": adqs["USUBJID"], "time": adqs["AWTARGET"], "value": adqs["AVAL"], "baseline": adqs["BASE"]}
    )
    found = []
    for column in ("TRT01A", "TRT01P"):
        arm = patients.adsl.set_index("USUBJID")[column]
        model = repeated_measures(frame.assign(arm=frame["patient"].map(arm)), ["control", "cells"])
        found.append(model.average_difference().loc["cells"])
    row = tables(results)["sets"].to_frame().set_index("Outcome").loc["Barthel Index"]
    minus = "\u2212"
    for effect, name in zip(found, ("As treated", "As randomised"), strict=True):
        assert row[name].startswith(f"{effect['estimate']:.1f}".replace("-", minus))
        assert row[f"p, {name.lower()}"] == f"{effect['p']:.3f}"
    assert f"{found[0]['p']:.3f}" in tables(results)["summary"].to_frame()["p"].tolist()
    assert "Two patients were not treated as randomised" in words(results)
    assert "18 of 20 patients allocated to Cells &lt;1&gt; received it (90.0%)" in words(results)


def test_patients_treated_as_randomised_are_not_analysed_twice():
    patients = followed(patients=adsl({"cells": 20, "control": 12}))
    assert "Every patient was treated as randomised" in words(shown("longitudinal", patients))


def test_a_covariance_that_can_not_be_estimated_is_given_up_in_words():
    results = shown("longitudinal", followed((4, 3), days=(0, 30, 60, 90, 120, 180, 365)))
    assert "The unstructured covariance was given up" in words(results)


def test_visits_without_enough_patients_are_named():
    patients = followed()
    adqs = patients.adqs.copy()
    arm = adqs["USUBJID"].map(patients.adsl.set_index("USUBJID")["TRT01A"])
    adqs.loc[(arm == "control") & (adqs["AWTARGET"] == 365), "AVAL"] = np.nan
    adqs.loc[(adqs["USUBJID"] == "P5"), "BASE"] = np.nan
    said = words(shown("longitudinal", dataclasses.replace(patients, adqs=adqs)))
    assert "Left out for fewer than two measured patients in an arm: day 365." in said
    assert "Left out without a baseline: one patient." in said


def test_the_imaging_chapter_shows_the_numbers_of_its_analyses():
    patients = imaged()
    results = shown("imaging", patients)
    adqs = patients.adqs[patients.adqs["outcome"] == "fa-cst"]
    wide = adqs.pivot(index="USUBJID", columns="AWTARGET", values="AVAL").loc[patients.adsl["USUBJID"]]
    expected = group_change(wide[0], wide[90], (patients.adsl["TRT01P"] == "cells").to_numpy())
    row = tables(results)["tracts-between"].to_frame().iloc[0]
    assert row["Permutation"] == f"{expected.permutation.p:.3f}"
    assert row["Hedges g"].startswith(f"{float(expected.between.hedges_g.yi):.2f}".replace("-", "\u2212"))
    assert "exact" in " ".join(tables(results)["tracts-between"].notes)

    sides = dict(zip(patients.adsl["USUBJID"], patients.adsl["LESIONSD"], strict=True))
    network = network_by_visit(patients.connectivity.matrices, REGIONS, sides)
    treated = network[network["patient"].map(patients.adsl.set_index("USUBJID")["TRT01P"]) == "cells"]
    within = tables(results)["network-within"].to_frame()
    before = treated.loc[treated["day"] == 0, "strength"].mean()
    assert within["Before"].iloc[0].startswith(f"{before:.2f} ±")
    assert "has 6 regions" in words(results)


def test_patients_at_the_ceiling_are_left_out_of_the_ratio_and_counted():
    notes = " ".join(tables(shown("imaging", imaged()))["ratios"].notes)
    assert "Undefined, as the score could not get better: Fugl-Meyer Assessment, upper limb: one patient" in notes


def test_generated_patients_are_said_to_be_no_evidence():
    for page, made in (("longitudinal", followed), ("imaging", imaged)):
        results = shown(page, made(demonstration=True))
        assert "Nothing here is evidence about the trial" in words(results)
        assert "Nothing here is evidence" not in words(shown(page, made()))


def test_a_chart_of_many_patients_draws_some_and_says_so():
    results = shown("longitudinal", followed((80, 70)))
    chart = next(each for each in flat(results) if hasattr(each, "to_dict"))
    spec = json.dumps(chart.to_dict())
    assert "60 of 150 patients" in spec.replace('", "', " ")
    assert len(spec) < 60_000


@pytest.mark.parametrize("page", ["longitudinal", "imaging"])
def test_every_table_and_chart_is_marked_where_patients_are_generated(page, monkeypatch):
    passed = []

    def mark(result, patients):
        assert patients.demonstration
        passed.append(id(result))
        kept.append(result)
        return result

    kept: list[object] = []
    monkeypatch.setattr({"longitudinal": longitudinal, "imaging": imaging}[page], "marked", mark)
    results = shown(page, {"longitudinal": followed, "imaging": imaged}[page](demonstration=True))
    seen = [each for each in flat(results) if isinstance(each, PublicationTable) or hasattr(each, "to_dict")]
    assert len(seen) > 8
    assert {id(each) for each in seen} <= set(passed)
    folded = "".join(each.data for each in flat(results) if type(each).__name__ == "HTML")
    inside = [each for each in kept if isinstance(each, PublicationTable) and f'id="{each.id}"' in folded]
    assert len(inside) == folded.count("<details")
