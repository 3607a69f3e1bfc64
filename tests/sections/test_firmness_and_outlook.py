"""What the pages of findings, firmness, multiverse and outlook say where trials are few, many or missing."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import pytest
from IPython.display import HTML, Markdown

from helpers import evidence, synthesis
from helpers.evidence import Evidence
from helpers.sections import findings, firmness, multiverse, outlook
from helpers.synthesis.planned import PlannedSynthesis, planned_syntheses, planned_synthesis
from helpers.synthesis.small_study.trials_needed import TEN
from helpers.tables import PublicationTable

sys.path.insert(0, str(Path(__file__).parents[1] / "synthesis"))
from five_trials import five_trials


@pytest.fixture(scope="module")
def review() -> Evidence:
    return evidence.load()


@pytest.fixture(scope="module")
def results(review: Evidence) -> dict[str, PlannedSynthesis]:
    return planned_syntheses(review)


@pytest.fixture(scope="module")
def deaths_of_five() -> tuple[Evidence, PlannedSynthesis]:
    own = five_trials()
    return own, planned_synthesis(own, "death")


def many(result: PlannedSynthesis, k: int) -> PlannedSynthesis:
    """The synthesis with k trials, made of the first one with other results."""
    random = np.random.default_rng(7)
    one = result.pooled.iloc[:1]
    rows = pd.concat([one] * k, ignore_index=True)
    rows["yi"], rows["vi"] = random.normal(-0.4, 0.3, k), random.uniform(0.02, 0.3, k)
    rule = synthesis.interval_rule(rows["yi"], rows["vi"])
    return dataclasses.replace(result, effects=rows, primary=rule, widened=rule)


def headings(shown: list[object]) -> list[str]:
    return [each.data for each in shown if isinstance(each, Markdown) and each.data.startswith("###")]


def frame(shown: object) -> pd.DataFrame:
    assert isinstance(shown, PublicationTable)
    return shown.to_frame()


# findings


def test_a_question_has_one_row_and_says_what_is_missing(
    review: Evidence, results: dict[str, PlannedSynthesis]
) -> None:
    table = frame(findings.summary(review, results)[0]).set_index("Question")
    assert len(table) == len(review.syntheses)
    assert table.at["Do more people recover almost fully?", "Certainty"] == "no evidence"
    assert table.at["Do fewer people die?", "Trials (patients)"] == "2 (65)"
    assert table.at["Do fewer people die?", "Without cells"] == "489 of 1,000"
    assert "headline" not in table.at["Do fewer people die?", "Relative effect"]


def test_each_letter_beside_a_certainty_has_its_reason_below(
    review: Evidence, results: dict[str, PlannedSynthesis]
) -> None:
    table, reasons = findings.summary(review, results)
    letters = {
        letter
        for cell in frame(table)["Certainty"]
        if "(" in cell
        for letter in cell.split("(")[1].rstrip(")").split(", ")
    }
    noted = {line.split("**")[1] for line in reasons.data.splitlines()}
    assert letters == noted
    steps = review.certainty.groupby(["synthesis", "trials"])["step"].apply(lambda step: int((step != 0).sum()))
    assert len(letters) <= steps.sum()


def test_the_same_reason_has_the_same_letter() -> None:
    footnotes = findings.Footnotes()
    assert [footnotes.letter(reason) for reason in ("x", "y", "x")] == ["a", "b", "a"]
    for number in range(30):
        footnotes.letter(str(number))
    assert list(footnotes.letters.values())[25:28] == ["z", "aa", "ab"]


def test_a_body_that_nobody_judged_is_said_to_be_unjudged(
    review: Evidence, results: dict[str, PlannedSynthesis]
) -> None:
    silent = dataclasses.replace(review, certainty=review.certainty.iloc[:0])
    table = frame(findings.summary(silent, results)[0]).set_index("Question")
    assert table.at["Do fewer people die?", "Certainty"] == "not judged"
    assert "Death from any cause" in findings.unjudged(silent, results).data
    assert findings.unjudged(review, results) is None
    assert "no judgement" in findings.judgements(silent).data


def test_the_summary_does_not_say_more_than_its_certainty(
    review: Evidence, results: dict[str, PlannedSynthesis]
) -> None:
    said = findings.reading(review, results).data
    assert said.count("The certainty is very low") == 5
    assert (
        "**Death from any cause.** Two trials with 65 patients; every model leaves open both benefit and harm." in said
    )


def test_a_headline_says_how_many_more_or_fewer(deaths_of_five: tuple[Evidence, PlannedSynthesis]) -> None:
    own, result = deaths_of_five
    row = frame(findings.one_row(own, result)[0]).iloc[0]
    effect = findings.finding(own, result).effects[result.primary.shown[0][0]]
    assert row["With cells"].endswith(f"of 1,000: {abs(effect.difference[0]):.0f} fewer")
    assert row["Certainty"] == "not judged"


@pytest.mark.parametrize(
    ("smd", "word"), [(0.1, "negligible"), (-0.3, "small"), (0.5, "moderate"), (0.79, "moderate"), (-2, "large")]
)
def test_standardized_differences_have_words(smd: float, word: str) -> None:
    assert findings.size_in_words(smd) == word


# firmness


def test_without_a_trial_one_sentence_says_so(review: Evidence, results: dict[str, PlannedSynthesis]) -> None:
    result = results["barthel-95"]
    parts = (firmness.methods, firmness.single_trials, firmness.small_trials, firmness.bayes)
    assert all(part(review, result) == [] for part in parts)
    assert "No trial" in firmness.not_shown(result).data


def test_with_one_trial_one_sentence_says_why(review: Evidence, results: dict[str, PlannedSynthesis]) -> None:
    result = results["activities"]
    assert firmness.methods(review, result) == firmness.bayes(review, result) == []
    assert firmness.not_shown(result).data.startswith("One trial")


def test_with_two_trials_methods_and_priors_are_shown_and_the_rest_named(
    review: Evidence, results: dict[str, PlannedSynthesis]
) -> None:
    result = results["motor-recovery"]
    table = frame(firmness.methods(review, result)[1]).set_index("Spread between trials")
    shown = dict(result.primary.shown)
    assert table.at["REML", "Wald"] == firmness.estimate_with_interval(
        shown["Wald"].estimate, shown["Wald"].ci_low, shown["Wald"].ci_high
    )
    assert firmness.single_trials(review, result) == []
    said = firmness.not_shown(result).data
    assert "three trials needed" in said and "ten trials needed" in said
    assert headings(firmness.bayes(review, result)) == ["### A Bayesian view"]


def test_the_priors_are_stated_and_compared(review: Evidence, results: dict[str, PlannedSynthesis]) -> None:
    result = results["death"]
    *_, priors = firmness.bayes(review, result)
    rows = frame(priors)
    posterior = synthesis.bayesian(result.pooled["yi"], result.pooled["vi"], synthesis.HalfNormal(0.5))
    low, high = np.exp(posterior.mu.equal_tailed())
    assert rows["Prior of τ"].iloc[0] == "half-normal, scale 0.5 (stated)"
    assert rows["Mean effect"].iloc[0].endswith(f"({low:.2f} to {high:.2f})")
    assert rows["P(mean benefit)"].iloc[0] == f"{100 * posterior.probability_of_benefit('lower'):.0f}%"
    assert len(rows) == 4


def test_with_five_trials_each_is_left_out_in_turn(deaths_of_five: tuple[Evidence, PlannedSynthesis]) -> None:
    own, result = deaths_of_five
    shown = firmness.single_trials(own, result)
    assert sum(isinstance(each, alt.LayerChart) for each in shown) == 3
    without = synthesis.leave_one_out(result.pooled["yi"], result.pooled["vi"], test="adhoc")
    table = frame(shown[-1])
    assert table["Without it"].tolist() == [
        firmness.estimate_with_interval(*np.exp([row.estimate, row.ci_low, row.ci_high]))
        for row in without.itertuples()
    ]
    assert "small-study" in firmness.not_shown(result).data


def test_small_trials_are_looked_at_from_ten_on(review: Evidence, results: dict[str, PlannedSynthesis]) -> None:
    nine, ten = (many(results["death"], k) for k in (TEN - 1, TEN))
    assert firmness.small_trials(review, nine) == []
    shown = firmness.small_trials(review, ten)
    assert headings(shown) == ["### Small trials against large ones"]
    egger = synthesis.egger(ten.pooled["yi"], ten.pooled["vi"])
    assert f"p = {egger.p:.3f}" in shown[-1].data
    assert firmness.not_shown(ten) is None


# multiverse


@pytest.fixture(scope="module")
def questions(review: Evidence) -> dict[str, multiverse.Question]:
    return {str(each.result.plan.name): each for each in multiverse.prepared(review, "iv-msc", "all", 0.95)}


def test_the_overview_counts_what_is_below(questions: dict[str, multiverse.Question]) -> None:
    table = frame(multiverse.overview(list(questions.values()))).set_index("Question")
    motor = questions["motor-recovery"]
    row = table.loc["Do people move better?"]
    assert row["Specifications"] == f"{len(motor.frame):,}"
    assert row["Different calculations"] == str(len(multiverse.distinct(motor.frame)))
    assert row["The book"] == "leaves it open"
    assert row["Nearest change that flips it"].startswith("none needed")
    assert table.at["Do more people recover almost fully?", "The book"] == "no trial of its own choice"


def test_every_flip_is_listed_or_folded(questions: dict[str, multiverse.Question]) -> None:
    motor = questions["motor-recovery"]
    first, rest = multiverse.flipping(motor)
    assert len(frame(first)) == multiverse.NEAR
    assert isinstance(rest, HTML) and rest.data.startswith("<details")
    assert set(frame(first)["It"]) == {"favours cells"}
    assert frame(first)["Changes"].iloc[0] == "0"


def test_where_nothing_flips_it_is_said(questions: dict[str, multiverse.Question]) -> None:
    (said,) = multiverse.flipping(questions["adverse-events"])
    assert said.data == "No combination flips the conclusion."


def test_a_question_without_a_trial_of_its_own_has_no_flips(questions: dict[str, multiverse.Question]) -> None:
    assert multiverse.flipping(questions["excellent"]) == []
    assert "the book concludes nothing" in multiverse.reading(questions["excellent"]).data


def test_ratios_and_differences_have_an_axis_each(questions: dict[str, multiverse.Question]) -> None:
    titles = [chart.usermeta["title"] for chart in multiverse.curves(questions["death"])]
    assert len(titles) == 2
    assert "risk ratio or odds ratio" in titles[0] and "risk difference" in titles[1]


def test_choices_without_a_difference_are_named_and_not_listed(questions: dict[str, multiverse.Question]) -> None:
    table = multiverse.shares_table(questions["motor-recovery"])
    assert "Outliers" not in set(table.groups)
    assert any("outliers" in note for note in table.notes)


def test_one_calculation_has_a_sentence_and_no_chart(questions: dict[str, multiverse.Question]) -> None:
    shown = multiverse.by_question([questions["serious-events"]])
    assert [type(each) for each in shown] == [Markdown, Markdown]


# outlook


@pytest.fixture(scope="module")
def outlooks(review: Evidence) -> dict[str, outlook.Outlook]:
    return {str(each.result.plan.name): each for each in outlook.prepared(review, "iv-msc", "all", 0.95)}


def test_the_questions_without_a_trial_are_named(review: Evidence, outlooks: dict[str, outlook.Outlook]) -> None:
    said = outlook.silent(review, "iv-msc", "all", 0.95).data
    assert "excellent outcome" in said
    assert "excellent" not in outlooks


def test_a_next_trial_has_the_risk_of_the_control_groups(outlooks: dict[str, outlook.Outlook]) -> None:
    assert outlooks["death"].baseline == pytest.approx(22 / 45)
    assert outlooks["serious-events"].baseline == pytest.approx(1.0)
    assert outlooks["motor-recovery"].baseline is None


def test_what_a_next_trial_must_show_moves_the_conclusion(outlooks: dict[str, outlook.Outlook]) -> None:
    each = outlooks["motor-recovery"]
    mapped = outlook.mapping(each)
    low, high = outlook.needed(each, mapped, "favours cells")[100]
    for effect, moved in ((low, True), (low - 0.05, False), (high, True), (high + 0.05, False)):
        variance = each.precision.variance(effect, 100)
        rule = synthesis.interval_rule([*each.yi, effect], [*each.vi, variance])
        assert (rule.headline.ci_low > 0) == moved
    assert f"{low:.2f} to {high:.2f}" in frame(outlook.tipping_table(each, mapped))["To favour cells"].tolist()


def test_the_bands_are_the_map(outlooks: dict[str, outlook.Outlook]) -> None:
    each = outlooks["death"]
    mapped = outlook.mapping(each)
    bands = outlook.bands(each, mapped)
    for row in mapped.iloc[::97].itertuples():
        ratio = np.exp(row.effect)
        inside = bands[(bands["n_from"] <= row.n) & (row.n <= bands["n_to"])]
        inside = inside[(inside["low"] <= ratio * (1 + 1e-9)) & (ratio <= inside["high"] * (1 + 1e-9))]
        assert each.words(row.conclusion) in set(inside["conclusion"])


def test_the_probability_shown_is_that_of_another_conclusion(outlooks: dict[str, outlook.Outlook]) -> None:
    each = outlooks["activities"]
    assert each.now == "above"
    rows = each.probabilities
    row = rows[(rows["further"] == 1) & (rows["n"] == 100)].iloc[0]
    assert each.moved(1, 100) == pytest.approx(row["open"] + row["below"])
    assert row["above"] + row["open"] + row["below"] == pytest.approx(1)


def test_the_information_size_is_told_beside_what_there_is(outlooks: dict[str, outlook.Outlook]) -> None:
    said = outlook.information_sentence(outlooks["motor-recovery"]).data
    assert "126 patients are needed in all; there are 85" in said


def test_every_question_is_drawn(review: Evidence, outlooks: dict[str, outlook.Outlook]) -> None:
    shown = outlook.by_question(review, [outlooks["death"]])
    assert sum(isinstance(each, alt.LayerChart) for each in shown) == 3
    assert not any(each is None for each in shown)
