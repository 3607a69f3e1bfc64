"""Adverse events and dose escalation: R's exact limits, Newcombe's printed ones, the known operating characteristics of 3+3."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from helpers.effects import rate_ratio_interval, risk_difference_interval
from helpers.patients.adverse_events import adverse_events, events_by_term, worst_grades
from helpers.patients.escalation import (
    RULES,
    THREE_PLUS_THREE,
    dose_limiting,
    dose_tiers,
    none_of,
    rule_from,
)

ORACLE = json.loads((Path(__file__).parents[1] / "oracle" / "safety_rates.json").read_text())
PATIENTS = pd.DataFrame({
    "USUBJID": ["1", "2", "3", "4", "5"], "arm": ["cells", "cells", "cells", "control", "control"],
    "EOSDY": [365.25, 365.25, 730.5, 365.25, 182.625],
})  # fmt: skip
EVENTS = pd.DataFrame(
    [["1", "Fever", "N", "RELATED", 1], ["1", "Stroke", "Y", "NOT RELATED", 3], ["2", "Fever", "N", "NOT RELATED", None],
     ["4", "Fall", "Y", "NOT RELATED", 4], ["4", "Fever", "N", "RELATED", 2], ["9", "Fall", "N", "RELATED", 1]],
    columns=["USUBJID", "AEDECOD", "AESER", "AEREL", "AETOXGR"],
)  # fmt: skip


def test_the_exact_rate_ratio_equals_rs_poisson_test():
    table = ORACLE["rate_ratio"]["table"]
    for i, expected in enumerate(ORACLE["rate_ratio"]["results"]):
        ratio = rate_ratio_interval(*(table[name][i] for name in ("x1", "t1", "x2", "t2")))
        assert ratio.estimate == pytest.approx(expected["rate_ratio"], rel=1e-12, abs=1e-15)
        assert (ratio.low, ratio.high) == pytest.approx(expected["ci"], rel=1e-9, abs=1e-15)


def test_a_rate_ratio_without_events_is_open():
    ratio = rate_ratio_interval([0, 3, 0], 10, [2, 0, 0], 10)
    assert ratio.low[0] == 0 and ratio.high[1] == np.inf and np.isnan(ratio.estimate[2])
    assert ratio.high[0] == pytest.approx(1 / rate_ratio_interval(2, 10, 0, 10).low, rel=1e-12)


@pytest.mark.parametrize(
    ("cells", "printed"),
    [((56, 70, 48, 80), (0.0524, 0.3339)), ((9, 10, 3, 10), (0.1705, 0.8090)), ((5, 56, 0, 29), (-0.0381, 0.1926)),
     ((0, 10, 0, 20), (-0.1611, 0.2775)), ((10, 10, 0, 20), (0.6791, 1.0))],
)  # fmt: skip
def test_the_risk_difference_has_newcombes_limits(cells, printed):
    limits = risk_difference_interval(*cells)
    assert (limits.low, limits.high) == pytest.approx(printed, abs=5e-5)
    expected = confint_proportions_2indep(*cells, method="newcomb")
    assert (limits.low, limits.high) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_events_are_counted_by_patient_by_event_and_by_time():
    result = adverse_events(PATIENTS, EVENTS, ["cells", "control"])
    arms = result.arms.set_index(["category", "arm"])
    assert arms.loc[("any event", "cells"), ["n", "patients", "events", "years"]].tolist() == [3, 2, 3, 4]
    assert arms.loc[("serious", "control"), ["patients", "events"]].tolist() == [1, 1]
    assert arms.loc[("serious and related", "cells"), "patients"] == 0
    assert arms.loc[("grade 3 or higher", "cells"), "events"] == 1
    assert arms.loc[("any event", "cells"), "rate"] == pytest.approx(3 / 4, rel=1e-12)
    assert result.outside == 1
    exact = stats.binomtest(2, 3).proportion_ci()
    assert arms.loc[("any event", "cells"), ["ci_low", "ci_high"]].tolist() == pytest.approx([exact.low, exact.high])
    any_event = result.compared.set_index("category").loc["any event"]
    assert any_event["risk_difference"] == pytest.approx(2 / 3 - 1 / 2)
    assert any_event["rate_ratio"] == pytest.approx((3 / 4) / (2 / 1.5))
    assert any_event["p"] == pytest.approx(stats.fisher_exact([[2, 1], [1, 1]]).pvalue)


def test_robust_limits_are_those_of_poisson_regression_with_sandwich_variance():
    import statsmodels.api as sm

    rng = np.random.default_rng(2)
    patients = pd.DataFrame({"USUBJID": [str(i) for i in range(60)], "arm": ["a"] * 40 + ["b"] * 20})
    patients["EOSDY"] = rng.uniform(100, 700, 60)
    counts = rng.negative_binomial(1, 0.4, 60)
    events = pd.DataFrame({"USUBJID": np.repeat(patients["USUBJID"], counts)}).assign(
        AESER="N", AEREL="RELATED", AETOXGR=1
    )
    row = adverse_events(patients, events, ["a", "b"]).compared.iloc[0]
    model = sm.GLM(counts, sm.add_constant((patients["arm"] == "a").astype(float)), family=sm.families.Poisson(),
                   offset=np.log(patients["EOSDY"]))  # fmt: skip
    limits = np.exp(model.fit(cov_type="HC0").conf_int().to_numpy()[1])
    assert [row["robust_low"], row["robust_high"]] == pytest.approx(limits.tolist(), rel=1e-6)


def test_an_unknown_time_leaves_the_risk_and_drops_the_rate():
    result = adverse_events(PATIENTS.assign(EOSDY=[1, 2, None, 3, 4]), EVENTS, ["cells", "control"])
    assert np.isnan(result.arms.loc[0, "rate"]) and result.arms.loc[0, "share"] == pytest.approx(2 / 3)
    assert result.arms.loc[1, "rate"] > 0 and np.isnan(result.compared.loc[0, "rate_ratio"])
    single = adverse_events(PATIENTS.drop(columns="EOSDY"), EVENTS.iloc[:0], ["cells"])
    assert single.compared.empty and (single.arms["events"] == 0).all()


def test_terms_and_worst_grades():
    terms = events_by_term(PATIENTS, EVENTS, ["cells", "control"])
    assert terms["term"].tolist() == ["Fever", "Fall", "Stroke"]
    assert terms.loc[0, ["patients_cells", "events_cells", "patients_control"]].tolist() == [2, 2, 1]
    grades = worst_grades(PATIENTS, EVENTS, ["cells", "control"]).set_index("arm")
    assert grades.loc["cells"].to_dict() == {"none": 1, "1": 0, "2": 0, "3": 1, "4": 0, "5": 0, "unknown": 1}
    assert grades.loc["control", ["none", "4"]].tolist() == [1, 1]


def test_three_plus_three_has_its_known_chances_of_going_on():
    """(1-p)^3 + 3p(1-p)^2 (1-p)^3: 0.91, 0.71, 0.49, 0.31, 0.17 at a risk of 10 to 50%."""
    chances = THREE_PLUS_THREE.probability_of_escalation([0, 0.1, 0.2, 0.3, 0.4, 0.5, 1])
    assert chances.tolist() == pytest.approx([1, 0.91, 0.71, 0.49, 0.31, 0.17, 0], abs=0.005)
    p = np.linspace(0, 1, 7)
    expected = (1 - p) ** 3 + 3 * p * (1 - p) ** 2 * (1 - p) ** 3
    assert THREE_PLUS_THREE.probability_of_escalation(p) == pytest.approx(expected, rel=1e-12, abs=1e-15)
    assert none_of([5]).probability_of_escalation(0.2) == pytest.approx([0.8**5])


def test_three_plus_three_decides_as_everyone_knows():
    decided = {(n, x): RULES["3+3"].decide(n, x) for n, x in [(3, 0), (3, 1), (3, 2), (6, 1), (6, 2), (5, 0)]}
    assert decided == {(3, 0): "escalate", (3, 1): "expand", (3, 2): "stop", (6, 1): "escalate", (6, 2): "stop",
                       (5, 0): "not foreseen"}  # fmt: skip


def test_a_rule_is_data():
    rule = rule_from(
        [{"patients": 5, "at_most": 1, "then": "escalate"}, {"patients": 5, "at_most": 5, "then": "stop"}],
        "at most 1 of 5", "protocol",
    )  # fmt: skip
    assert (rule.decide(5, 1), rule.decide(5, 2)) == ("escalate", "stop")
    for steps, message in (
        ([], "needs a step"),
        ([{"patients": 5, "at_most": 6, "then": "stop"}], "no more than"),
        ([{"patients": 5, "at_most": 1, "then": "wait"}], "'wait'"),
        ([{"patients": 5}], "needs patients, at_most and then"),
    ):
        with pytest.raises(ValueError, match=message):
            rule_from(steps, "", "")


def tiers(limiting=()):
    arms = ["low"] * 5 + ["middle"] * 5 + ["high"] * 5 + ["cohort"] * 21
    patients = pd.DataFrame({"USUBJID": [f"{i}" for i in range(36)], "arm": arms})
    rows = [[f"{i}", "Y", "NOT RELATED", 3, "N"] for i in (0, 6, 20, 21)]
    rows += [[f"{i}", "Y", "RELATED", 4, "Y"] for i in limiting]
    return patients, pd.DataFrame(rows, columns=["USUBJID", "AESER", "AEREL", "AETOXGR", "DLTFL"])


DOSES = {"low": 0.5, "middle": 1.0, "high": 1.5, "cohort": 1.5}


def test_tiers_are_counted_and_the_rule_is_applied():
    result = dose_tiers(*tiers(), DOSES, none_of([5]))
    frame = result.tiers
    assert frame["arm"].tolist() == ["low", "middle", "high", "cohort"]
    assert frame["serious"].tolist() == [1, 1, 0, 2] and (frame["limiting"] == 0).all()
    # 0 of 5: 1 - 0.05^(1/5); the stored limits of R say the same
    stored = ORACLE["proportions"]["one_sided_upper_95"][0]
    assert frame.loc[0, "limiting_high"] == pytest.approx(stored, rel=1e-10)
    assert frame["decision"].tolist() == ["escalate", "escalate", "escalate", "not foreseen"]
    assert frame["went_on"].tolist() == [True, True, False, False] and frame["kept"].all()
    assert result.doses["n"].tolist() == [5, 5, 26, 36]
    assert result.doses["limiting_high"].iloc[-1] == pytest.approx(1 - 0.05 ** (1 / 36), rel=1e-10)


def test_going_on_against_the_rule_is_seen():
    frame = dose_tiers(*tiers(limiting=[6, 7]), DOSES, none_of([5])).tiers
    assert frame["limiting"].tolist() == [0, 2, 0, 0]
    assert frame["decision"].tolist()[1] == "stop"
    assert frame["kept"].tolist() == [True, False, True, True]
    with pytest.raises(ValueError, match="no dose for the arm cohort"):
        dose_tiers(*tiers(), {"low": 1, "middle": 2, "high": 3}, none_of([5]))


def test_without_a_mark_the_definition_of_dose_limiting_is_said_to_be_assumed():
    _, events = tiers(limiting=[3])
    mask, said = dose_limiting(events.drop(columns="DLTFL"))
    assert mask.sum() == 1 and "assumed" in said
    assert dose_limiting(events)[1] == "events that the trial marked as dose-limiting"
