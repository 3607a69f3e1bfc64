"""What the sections say where data are few, foreign or odd: no false sentence, no crash, no mark lost."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from IPython.display import Markdown
from markdown_it import MarkdownIt

from helpers import evidence, paths
from helpers.effects.level_counts import level_counts, scale_levels
from helpers.evidence import Arm, Evidence
from helpers.sections import dictionary, landing, ledger, outcome, overview, safety
from helpers.sections import trial as trial_page
from helpers.sections.sentences import as_text
from helpers.synthesis.planned import planned_syntheses, planned_synthesis


@pytest.fixture(scope="module")
def review() -> Evidence:
    return evidence.load()


def only(review: Evidence, *trials: str, **changes: object) -> Evidence:
    """The evidence of some trials, with other parts replaced."""
    kept = {
        "trials": {trial: review.trials[trial] for trial in trials},
        "results": review.results[review.results["trial"].isin(trials)],
        "bias": review.bias[review.bias["trial"].isin(trials)],
    }
    return dataclasses.replace(review, **(kept | changes))


def with_arms(review: Evidence, trial: str, *arms: Arm) -> Evidence:
    changed = dataclasses.replace(review.trials[trial], arms=arms)
    return dataclasses.replace(review, trials=review.trials | {trial: changed})


def results(review: Evidence, rows: list[dict[str, object]]) -> pd.DataFrame:
    """Result rows with the columns that matter here; the rest is empty."""
    blank = dict.fromkeys(review.results.columns, "") | {
        "trial": "starting-2", "report": "chung-2021", "variable": "value", "visit": "day 90", "day": 90,
        "population": "itt", "kind": "primary", "row": 2, "source": "chung2021", "locator": "abstract",
    }  # fmt: skip
    frame = pd.DataFrame([blank | {"printed": f"{row['value']:g}"} | row for row in rows])
    return frame.astype({"value": float})


def counts(arm: str, numbers: dict[str, int], **cells: object) -> list[dict[str, object]]:
    return [
        {"outcome": "mrs", "arm": arm, "statistic": "count", "level": level, "value": n} | cells
        for level, n in numbers.items()
    ]


def shown(markdown: str) -> str:
    """The HTML of a Markdown text where raw HTML is let through, as in the book."""
    return MarkdownIt("commonmark").render(markdown)


# nothing to show


@pytest.mark.parametrize("sources", ["all", "primary"])
def test_every_trial_page_can_be_built_from_primary_sources_alone(review: Evidence, sources: str) -> None:
    for trial in review.trials:
        assert trial_page.published(review, trial, sources) is not None
        assert trial_page.shifts(review, trial, sources)


def test_a_section_without_rows_shows_a_sentence(review: Evidence) -> None:
    bare = only(
        review, "starting-2", bias=review.bias.iloc[:0], glossary=review.glossary.iloc[:0],
        syntheses=review.syntheses.iloc[:0], results=review.results.iloc[:0],
    )  # fmt: skip
    calm = dataclasses.replace(bare.trials["starting-2"], conflicts=(), facts={})
    bare = dataclasses.replace(bare, trials={"starting-2": calm})
    for section in (
        trial_page.published(bare, "starting-2", "all"),
        trial_page.facts(bare, "starting-2"),
        overview.bias_table(bare),
        overview.conflicts(bare),
        overview.syntheses(bare),
        dictionary.glossary(bare),
        dictionary.counts(bare),
        landing.questions(bare, "iv-msc", "all", 0.95),
        landing.forest(bare, "iv-msc", "all", 0.95),
        landing.answer(bare, "iv-msc", "all", 0.95),
        safety.rates_sentence(bare, "all", 0.95),
    ):
        assert isinstance(section, Markdown)
        assert section.data.endswith(".")


def test_a_planned_synthesis_without_a_trial_has_an_empty_table(review: Evidence) -> None:
    result = planned_synthesis(only(review, "levy-2019"), "death")
    assert outcome.trials(review, dataclasses.replace(result, effects=result.effects.iloc[:0])).data == "None."


# true sentences


def test_only_near_relatives_is_not_said_where_a_trial_of_the_population_reports(review: Evidence) -> None:
    result = planned_synthesis(review, "mrs-shift")
    assert result.pooled.empty
    assert "starting-2" in set(result.left_out["trial"])
    assert "only near relatives" not in outcome.limits(review, result).data


def test_only_near_relatives_is_said_where_no_trial_of_the_population_reports(review: Evidence) -> None:
    relatives = only(review, *(t.id for t in review.trials.values() if t.population_class == "near-relative"))
    said = outcome.limits(relatives, planned_synthesis(relatives, "mrs-shift")).data
    assert "only near relatives were studied" in said


def test_the_limits_name_the_population_that_was_asked_for(review: Evidence) -> None:
    result = planned_synthesis(review, "mrs-shift", population="any-route")
    said = outcome.limits(review, result).data
    assert "by any route" in said
    assert "into a vein" not in said


def test_a_trial_outside_the_main_result_is_named_by_its_own_class(review: Evidence) -> None:
    other = dataclasses.replace(review.trials["starting-2"], population_class="other-route-msc")
    changed = dataclasses.replace(review, trials=review.trials | {"starting-2": other})
    table = outcome.trials(changed, planned_synthesis(changed, "motor-recovery")).to_frame()
    assert table.set_index("Trial").at["STARTING-2", "In the main result"] == "no, cells given by another route"


def test_one_degree_of_freedom_is_singular(review: Evidence) -> None:
    said = outcome.heterogeneity(review, planned_synthesis(review, "motor-recovery")).data
    assert "one degree of freedom" in said


# level counts

SIX = {str(level): 2 for level in range(7)}


def test_parts_of_arms_and_all_arms_together_are_not_counted(review: Evidence) -> None:
    arms = (
        Arm("msc", "Cells", "experimental"),
        Arm("low", "Low", "experimental", "msc"),
        Arm("control", "C", "control"),
    )
    rows = [*counts("msc", SIX), *counts("low", SIX), *counts("all", SIX), *counts("control", SIX)]
    own = with_arms(only(review, "starting-2", results=results(review, rows)), "starting-2", *arms)
    assert level_counts(own).groupby("arm")["count"].sum().to_dict() == {"msc": 14, "control": 14}


def test_one_side_alone_gives_no_level_counts(review: Evidence) -> None:
    own = only(review, "starting-2", results=results(review, counts("msc", SIX)))
    assert level_counts(own).empty


def test_the_same_counts_from_two_sources_are_taken_once_from_the_stronger(review: Evidence) -> None:
    weak = {level: 9 for level in SIX}
    rows = [*counts("msc", weak, kind="secondary"), *counts("msc", SIX), *counts("control", SIX)]
    own = only(review, "starting-2", results=results(review, rows))
    assert level_counts(own).groupby("arm")["count"].sum()["msc"] == 14


def test_populations_are_kept_apart_and_named_in_the_charts(review: Evidence) -> None:
    rows = [
        row
        for population in ("itt", "per-protocol")
        for arm in ("msc", "control")
        for row in counts(arm, SIX, population=population)
    ]
    own = only(review, "starting-2", results=results(review, rows))
    titles = [str(chart.to_dict()["title"]) for chart in trial_page.shifts(own, "starting-2", "all")]
    assert len(titles) == 2
    assert "itt" in titles[0] and "per-protocol" in titles[1]


def test_a_level_without_a_number_holds_no_patient(review: Evidence) -> None:
    own = only(review, "starting-2", results=results(review, [*counts("msc", SIX), *counts("control", {"3": 5})]))
    control = level_counts(own).query("arm == 'control'").set_index("level")["count"]
    assert control.to_dict() == {0: 0, 1: 0, 2: 0, 3: 5, 4: 0, 5: 0, 6: 0}


def test_half_steps_are_levels_of_their_own() -> None:
    scale = pd.Series({"min": 0.0, "max": 1.5, "step": 0.5})
    assert scale_levels(scale) == [0.0, 0.5, 1.0, 1.5]


def test_a_chart_without_an_abbreviation_is_titled_with_the_name(review: Evidence) -> None:
    outcomes = review.outcomes.copy()
    outcomes.loc["mrs", "abbreviation"] = ""
    chart = trial_page.shifts(dataclasses.replace(review, outcomes=outcomes), "treasure", "all")[0]
    assert outcomes.at["mrs", "name"] in str(chart.to_dict()["title"])


def test_groups_that_do_not_overlap_have_no_finite_common_odds_ratio(review: Evidence) -> None:
    rows = [*counts("msc", {"0": 5}), *counts("control", {"5": 4, "6": 3})]
    own = only(review, "starting-2", results=results(review, rows))
    assert "not finite" in trial_page.shift_sentence(own, "starting-2", "all", 0.95).data


# safety by trial


def two_dose_groups(review: Evidence) -> Evidence:
    """One trial of two treated arms, none of 10 and none of 20 with a related serious event."""
    arms = (Arm("low", "Low", "experimental"), Arm("high", "High", "experimental"), Arm("control", "C", "control"))
    rows = [
        {"outcome": "sae-related", "arm": arm, "statistic": statistic, "value": value, "population": "safety"}
        for arm, n in (("low", 10), ("high", 20))
        for statistic, value in (("n", n), ("events", 0))
    ]
    return with_arms(only(review, "starting-2", results=results(review, rows)), "starting-2", *arms)


def test_two_arms_of_one_trial_are_one_trial(review: Evidence) -> None:
    said = safety.sentence(two_dose_groups(review), "sae-related", "all", 0.95).data
    assert "one trial reports this: **0 of 30 patients**" in said


def test_the_upper_limit_of_a_trial_is_that_of_all_its_treated_patients(review: Evidence) -> None:
    treated = safety.treated(two_dose_groups(review), "sae-related", "all", 0.95)
    assert treated["ci_high"].tolist() == pytest.approx([1 - 0.05 ** (1 / 30)])  # closed form for no event


def test_the_landing_limit_states_side_and_level(review: Evidence) -> None:
    assert "(one-sided 90% limit)" in landing.answer(review, "iv-msc", "all", 0.9).data


# printed limits of another level


def test_printed_limits_are_converted_to_the_level_asked_for(review: Evidence) -> None:
    rows = trial_page.change_rows(review, "steinberg-2016", "all", 0.9).set_index("label")
    row = rows.loc["European Stroke Scale, 12 months"]
    # 6.88 with 95% limits 3.5 to 10.3, n 16: t(15) is 2.13145 at 97.5% and 1.75305 at 95% in printed tables
    half = (10.3 - 3.5) / 2 * 1.75305 / 2.13145
    np.testing.assert_allclose([row["ci_low"], row["ci_high"]], [6.88 - half, 6.88 + half], rtol=1e-5)
    assert "converted" in row["inputs"]


def test_printed_limits_stand_as_printed_at_their_own_level(review: Evidence) -> None:
    row = trial_page.change_rows(review, "steinberg-2016", "all", 0.95).iloc[0]
    assert (row["ci_low"], row["ci_high"], row["inputs"]) == (3.5, 10.3, "printed 95% interval")


def test_printed_limits_without_n_are_not_shown_at_another_level(review: Evidence) -> None:
    without = review.results[~((review.results["trial"] == "steinberg-2016") & (review.results["statistic"] == "n"))]
    rows = trial_page.change_rows(dataclasses.replace(review, results=without), "steinberg-2016", "all", 0.9)
    assert rows[["ci_low", "ci_high"]].isna().all(axis=None)
    assert rows["inputs"].str.contains("n is not stated").all()
    assert trial_page.changes(dataclasses.replace(review, results=without), "steinberg-2016", "all", 0.9) is not None


# adjusted p-values


def test_an_effect_from_an_unadjusted_p_is_shown_with_the_adjusted_one(review: Evidence) -> None:
    result = planned_synthesis(review, "motor-recovery", sources="primary")
    assert result.pooled["route"].str.startswith("reported p").any()
    for said in (
        trial_page.effects_sentence(review, "starting-2", "primary", 0.95),
        outcome.reading(review, result),
        landing.answer(review, "iv-msc", "primary", 0.95),
    ):
        assert "p = 0.129‡" in said.data


# text of the data in Markdown

HOSTILE = [
    "<script>alert(1)</script>", "a & b &lt; c", "*not* **bold** _x_ `code`", "[link](javascript:alert(1))", "![i](x)",
    "$5 and $6", "{math}`x`", "{{ key }}", ":::{admonition}", "# head", "- item", "+ item", "1. item", "10) item", "> quote",
    "a\nb", "~~~", "---", "back\\slash", "%comment", "2026.1+abc", "(target)=", "x | y", "STARTING-2", "p < 0.001",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_from_the_data_shows_as_it_stands(text: str) -> None:
    from html import unescape

    html = shown(f"- {as_text(text)}")
    assert unescape(html.replace("\n", "")) == f"<ul><li>{' '.join(text.split())}</li></ul>"


@pytest.mark.parametrize(
    "name", ["STARTING-2", "AMASCIS-01", "Chung et al. 2021", "2026.1+95c55a21", "Cells (MSC), 1.5%"]
)
def test_a_usual_name_needs_no_escape(name: str) -> None:
    assert as_text(name) == name


def test_hostile_names_do_not_reach_a_page_as_html(review: Evidence) -> None:
    bad = "<img src=x onerror=alert(1)>"
    changed = {
        name: dataclasses.replace(trial, name=bad + name, title=bad, conflicts=(bad,), registry=bad)
        for name, trial in review.trials.items()
    }
    outcomes = review.outcomes.assign(name=bad + review.outcomes["name"])
    syntheses = review.syntheses.assign(
        question=bad, comment=bad, headline=[bad if each else "" for each in review.syntheses["headline"]]
    )
    references = {key: dataclasses.replace(each, text=bad) for key, each in review.references.items()}
    own = dataclasses.replace(review, trials=changed, outcomes=outcomes, syntheses=syntheses, references=references)
    said = [
        landing.answer(own, "iv-msc", "all", 0.95), landing.data_date(own), overview.classes_sentence(own),
        safety.sentence(own, "sae-related", "all", 0.95), safety.rates_sentence(own, "all", 0.95),
    ]  # fmt: skip
    for name in own.trials:
        said += [trial_page.lead(own, name), trial_page.conflicts(own, name), trial_page.reports(own, name)]
        said += [
            section(own, name, "all", 0.95)
            for section in (trial_page.effects_sentence, trial_page.shift_sentence, trial_page.safety_sentence)
        ]
    for result in planned_syntheses(own).values():
        said += [section(own, result) for section in (outcome.question, outcome.reading, outcome.limits)]
    assert not [each.data for each in said if each is not None and "<img" in each.data]


# marks of sources


def test_numbers_that_are_not_primary_keep_their_mark_in_the_answer(review: Evidence) -> None:
    said = landing.answer(review, "iv-msc", "all", 0.95).data
    assert "0.81† and 0.56‡" in said
    assert "† computed by us from reported numbers; ‡ read in a secondary source" in said


def test_a_single_trial_keeps_its_mark_in_the_sentence_that_reads_it(review: Evidence) -> None:
    own = only(review, "starting-2")
    assert ")‡; " in outcome.reading(own, planned_synthesis(own, "motor-recovery")).data


# headlines


def test_the_answer_follows_the_headlines_of_the_data(review: Evidence) -> None:
    said = landing.answer(review, "iv-msc", "all", 0.95).data
    places = [said.index(f"**{word}.**") for word in ("Movement", "Disability", "Survival", "Harm")]
    assert places == sorted(places)


def test_data_without_headlines_say_so(review: Evidence) -> None:
    edition = dataclasses.replace(review.edition, harm="")
    own = dataclasses.replace(review, edition=edition, syntheses=review.syntheses.assign(headline=""))
    assert landing.answer(own, "iv-msc", "all", 0.95).data == landing.NO_QUESTION
    assert isinstance(landing.forest(own, "iv-msc", "all", 0.95), Markdown)


# the data page


def test_a_data_folder_without_a_description_shows_the_books_own(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(paths.DATA_VARIABLE, str(tmp_path))
    assert "results.csv" in dictionary.files().data


def test_only_files_that_exist_are_offered(review: Evidence, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(paths.DATA_VARIABLE, str(tmp_path))
    (tmp_path / "outcomes.csv").write_text("id\n")
    links = dictionary.downloads(review).data
    assert "data/outcomes.csv" in links and "data/computed-results.csv" in links
    assert links.count("href=") == 2


def test_the_ledger_counts_every_statement_of_every_trial(review: Evidence) -> None:
    rows = ledger.entries(review, "all")
    counts = ledger.summary_table(rows).to_frame().set_index("Trial").astype(int)
    assert counts.loc["All"].sum() == len(review.claims) == len(rows)
    assert counts.drop("All").sum(axis=1).to_dict() == rows["name"].value_counts().to_dict()


def test_the_ledger_of_primary_sources_leaves_out_what_rests_on_others(review: Evidence) -> None:
    claims = set(ledger.entries(review, "primary", "starting-2")["claim"])
    assert "allocation" in claims
    assert "age-mean" not in claims  # checked with arm means of a news report


def test_every_conflict_of_the_ledger_is_told_with_what_would_resolve_it(review: Evidence) -> None:
    rows = ledger.entries(review, "all", "starting-2")
    told = ledger.conflicts(rows).data
    assert told.count("\n- ") + 1 == (rows["status"] == "conflicts").sum()
    assert "would resolve it" in told
    assert "‡ read in a secondary source" in told


def test_a_trial_without_claims_or_numbers_says_that_its_ledger_is_empty(review: Evidence) -> None:
    bare = only(review, "bang-2005", claims=review.claims.iloc[:0], results=review.results.iloc[:0])
    rows = ledger.entries(bare, "all", "bang-2005")
    assert "No quantitative statement" in ledger.ledger_tables(bare, rows).data
    assert "No quantitative statement" in ledger.summary_sentence(rows).data


def test_a_trial_without_claims_has_the_routine_checks_of_its_results(review: Evidence) -> None:
    bare = only(review, "treasure", claims=review.claims.iloc[:0])
    rows = ledger.entries(bare, "all", "treasure")
    assert set(rows["check"]) >= {"sum", "percent"}
    assert rows["claim"].str.startswith("row-").all()
