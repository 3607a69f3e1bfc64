"""STARTING-2: two groups, motor scales before and 90 days after, and the imaging of a part of the patients.

What the reports do not print is assumed here: scores at baseline, days of visits, the levels of the mRS, who is in which
prognostic group. Tests are not named in what was read; Wilcoxon's rank-sum test and Fisher's test stand in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from helpers.patients.demonstration import scales
from helpers.patients.demonstration.agreement import Measure, Rules, Test, column, reached, score
from helpers.patients.demonstration.agreement import events as event_counts
from helpers.patients.demonstration.frames import Frames, Matrices, events, identifiers, scores
from helpers.patients.demonstration.published import Published
from helpers.patients.demonstration.search import (
    CLEAR,
    UNCLEAR,
    Goal,
    NothingFound,
    adjust,
    mean,
    rank_sum_p,
    rank_sum_z,
    rearranged,
    rounds_to,
    sd,
    shaped,
    share_prints,
    tried,
    welch_t,
)
from helpers.patients.network import network_by_visit

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

VISITS = (("Baseline", 0), ("Day 90", 90))
STILL_LEGS, STILL_ARMS = 9, 12  # patients whose leg and arm have the same strength before and after
RESPONSE = 6  # points gained on the leg part of the Fugl-Meyer Assessment

# (patients, good recoveries) with cells and without among those with a poor prediction. Not published: of the numbers
# that fit the patients, ones whose Fisher p is the printed 0.032 and 0.017.
POOR = {"PREPGR1": ((24, 10), (9, 0)), "PREP2GR1": ((24, 10), (10, 0))}

ASSUMED = (
    "Scores at baseline, the NIHSS, actual days, centres and sides of the lesion are not in what was read.",
    "The levels of the mRS are not printed: one distribution among many that give the printed p.",
    "The numbers of patients with a poor prediction are not printed: 24 and 9 (PREP), 24 and 10 (PREP2) fit the p-values.",
    "The tests are not named: Wilcoxon's rank-sum test, corrected for ties, gives the printed p-values of the "
    "scales, Fisher's exact test those of the prognostic groups.",
    "The mean age of 68 is met as the median; the arm means are met as means.",
    "Three patients with cells lack the Fugl-Meyer Assessment at 90 days, so that 36 of 39 remain for its leg part.",
    "Adverse events beyond the three that are named are made up; none is serious and related.",
    "Connectivity is Fisher's z between five motor regions and one visual region a side; no value is published. Where no "
    "difference between the groups is reported (anisotropy, strength, efficiency, density), there is no clear one.",
    "Good recovery despite a poor prediction is a gain of 6 points or more on the leg part of the Fugl-Meyer Assessment.",
    "No decrease of the mRS (33.3% and 26.7%) is a score at 3 months that is not below that at baseline.",
)


@dataclass(frozen=True)
class _Design:
    """Who the patients are, before anything is measured. Arrays of (n,)."""

    cells: BoolArray
    imaging: BoolArray
    no_fugl_meyer: BoolArray
    potential: FloatArray  # standardised; higher recovers better
    recovery: FloatArray  # standardised; the course of one patient on all scales


def generate(published: Published, random: np.random.Generator) -> Frames:
    """54 patients; raises NothingFound when a seed leads nowhere."""
    design = _design(published, random)
    n = len(design.cells)
    ids = identifiers("S2", n)
    poor = _predictions(design)
    adsl, leg_gain = tried(lambda: _patients(published, random, design, ids, poor))
    values = {
        "MRS": tried(lambda: _rankin(published, random, design)),
        "NIHSS": _nihss(random, design),
        **tried(lambda: _motricity(published, random, design, poor["PREPGR1"])),
        **tried(lambda: _fugl_meyer(published, random, design, poor["PREPGR1"], leg_gain)),
        "FAC": tried(lambda: _walking(published, random, design)),
        **_anisotropy(random, design),
    }
    days = np.column_stack([np.ones(n, dtype=int), 90 + random.integers(-5, 8, size=n)])
    for name, group in poor.items():
        adsl[name] = np.where(group, "POOR", "GOOD")
    adsl["LESIONSD"] = _shared_out(random, design, ("L", "R"))
    adsl["IMAGFL"] = np.where(design.imaging, "Y", "N")
    adsl["EOSSTT"], adsl["DCSREAS"], adsl["EOSDY"], adsl["DTHFL"] = "COMPLETED", "", days[:, 1], ""
    regions = _regions()
    return Frames(
        adsl,
        scores(ids, VISITS, days, values),
        _events(random, design, ids),
        regions,
        _connectivity(random, design, adsl, regions),
    )


def _design(published: Published, random: np.random.Generator) -> _Design:
    sizes = published.arms
    n = sum(sizes.values())
    cells = np.zeros(n, dtype=bool)
    cells[random.permutation(n)[: sizes["msc"]]] = True
    imaging = np.zeros(n, dtype=bool)
    no_fugl_meyer = np.zeros(n, dtype=bool)
    for arm in (True, False):
        scanned = published.count("fa-cst", arm="msc" if arm else "control", report="lee-2022")
        order = random.permutation(np.flatnonzero(cells == arm))
        imaging[order[:scanned]] = True
        if arm:
            no_fugl_meyer[order[len(order) - (len(order) - published.count("fma-lower-6")) :]] = True
    return _Design(cells, imaging, no_fugl_meyer, random.standard_normal(n), random.standard_normal(n))


def _patients(
    published: Published,
    random: np.random.Generator,
    design: _Design,
    ids: Sequence[str],
    poor: dict[str, BoolArray],
) -> tuple[pd.DataFrame, BoolArray]:
    """adsl in its first columns, and who responds on the leg part of the Fugl-Meyer Assessment."""
    cells, n = design.cells, len(ids)
    arm = np.where(cells, "msc", "control")
    male = np.zeros(n, dtype=bool)
    for name in ("msc", "control"):
        chosen = random.permutation(np.flatnonzero(arm == name))[: published.count("male", "events", name)]
        male[chosen] = True
    adsl = pd.DataFrame(
        {
            "USUBJID": list(ids),
            "SITEID": _shared_out(random, design, ("A", "B", "C", "D")),
            "TRT01P": arm,
            "TRT01A": arm,
            "ITTFL": "Y",
            "SAFFL": "Y",
            "AGE": _age(published, random, cells),
            "SEX": np.where(male, "M", "F"),
            "BMI": _by_arm(published, random, "bmi", cells, scales.decimals(16, 36)),
            "STRKDY": _days_from_stroke(published, random, cells),
        }
    )
    return adsl, _leg_responders(published, random, design, adsl, poor)


def _age(published: Published, random: np.random.Generator, cells: BoolArray) -> NDArray[np.int64]:
    youngest, oldest = (published.count("age", each, "all") for each in ("min", "max"))
    n = len(cells)
    draws = np.where(cells, 63.0, 64.3) - (random.standard_gamma(1.2, size=n) - 1.2) * 13
    order = np.argsort(draws, kind="stable")
    allowed = [scales.whole(youngest, oldest) for _ in range(n)]
    allowed[order[0]], allowed[order[-1]] = scales.whole(youngest, youngest), scales.whole(oldest, oldest)
    goals = [
        *_mean_and_sd(published, "age", cells),
        rounds_to("median age", lambda v: float(np.median(v)), published.number("age", "mean", "all")),
    ]
    return adjust(draws, allowed, goals, random).astype(int)


def _by_arm(
    published: Published, random: np.random.Generator, outcome: str, cells: BoolArray, levels: FloatArray
) -> FloatArray:
    draws = random.standard_normal(len(cells))
    for arm, chosen in (("msc", cells), ("control", ~cells)):
        wanted = (published.number(outcome, each, arm).value for each in ("mean", "sd"))
        draws[chosen] = shaped(draws[chosen], *wanted)
    return adjust(draws, [levels] * len(cells), _mean_and_sd(published, outcome, cells), random)


def _mean_and_sd(
    published: Published, outcome: str, cells: BoolArray, base: FloatArray | float = 0.0, **more: str | int
) -> list[Goal]:
    """Means and SDs of both arms, of the values or of their difference from `base`."""
    goals = []
    for arm, chosen in (("msc", cells), ("control", ~cells)):
        for name, statistic in (("mean", mean), ("sd", sd)):
            goals.append(
                rounds_to(
                    f"{outcome} {arm} {name}",
                    lambda v, chosen=chosen, statistic=statistic: statistic((v - base)[chosen]),  # type: ignore[misc]
                    published.number(outcome, name, arm, **more),
                )
            )
    return goals


def _days_from_stroke(published: Published, random: np.random.Generator, cells: BoolArray) -> NDArray[np.int64]:
    first, last = (published.count("time-since-stroke", each, "all") for each in ("min", "max"))
    draws = first + random.standard_gamma(1.1, size=len(cells)) * 13
    order = np.argsort(draws, kind="stable")
    allowed = [scales.whole(first, last) for _ in cells]
    allowed[order[0]], allowed[order[-1]] = scales.whole(first, first), scales.whole(last, last)
    goals = [
        rounds_to("time since stroke", mean, published.number("time-since-stroke", "mean", "all")),
        _alike("time since stroke by arm", cells),
        Goal("time since stroke by arm, t", lambda v: abs(welch_t(v[cells], v[~cells])), 0, UNCLEAR, 0.1),
    ]
    return adjust(draws, allowed, goals, random).astype(int)


def _alike(name: str, cells: BoolArray) -> Goal:
    """The arms do not differ at baseline, as the report says."""
    return Goal(name, lambda v: abs(rank_sum_z(v[cells], v[~cells])), 0, UNCLEAR, 0.02)


def _predictions(design: _Design) -> dict[str, BoolArray]:
    """Who has a poor prediction. Patients without a Fugl-Meyer score at 90 days are counted on top."""
    poor = {}
    for name, ((cells, _), (control, _)) in POOR.items():
        chosen = np.zeros(len(design.cells), dtype=bool)
        for arm, number in ((True, cells), (False, control)):
            own = np.flatnonzero((design.cells == arm) & ~design.no_fugl_meyer)
            lowest = own[np.argsort(design.potential[own], kind="stable")][:number]
            chosen[lowest] = True
            unseen = np.flatnonzero((design.cells == arm) & design.no_fugl_meyer)
            chosen[unseen[: len(unseen) // 2 + 1]] = True
        poor[name] = chosen
    return poor


def _shared_out(random: np.random.Generator, design: _Design, names: Sequence[str]) -> NDArray[np.str_]:
    """A name for each patient, all names equally often in each arm."""
    given = np.empty(len(design.cells), dtype="<U1")
    for chosen in (design.cells, ~design.cells):
        own = random.permutation(np.flatnonzero(chosen))
        given[own] = np.resize(np.array(names), len(own))
    return given


def _leg_responders(
    published: Published, random: np.random.Generator, design: _Design, adsl: pd.DataFrame, poor: dict[str, BoolArray]
) -> BoolArray:
    """Who gains 6 points or more on the leg part: the younger and the earlier treated more often."""
    _check_predictions(published)
    age, days = (adsl[name].to_numpy(dtype=float) for name in ("AGE", "STRKDY"))
    (_, good_cells), (_, good_control) = POOR["PREPGR1"]
    numbers = {
        (True, True): good_cells,
        (True, False): published.count("fma-lower-6", "events") - good_cells,
        (False, True): good_control,
        (False, False): 2,
    }
    seen = design.cells & ~design.no_fugl_meyer
    for noise in np.linspace(0.4, 0, 80):
        order = _standard_ranks(age) + _standard_ranks(days) + noise * random.standard_normal(len(age))
        chosen = np.zeros(len(age), dtype=bool)
        for (arm, group), number in numbers.items():
            # A control with a poor prediction by either rule gains less.
            able = seen if arm else ~design.cells & (group | ~poor["PREP2GR1"])
            own = np.flatnonzero(able & (poor["PREPGR1"] == group))
            chosen[own[np.argsort(order[own], kind="stable")][:number]] = True
        tests = [test(x[seen & ~chosen], x[seen & chosen]) for x in (age, days) for test in (welch_t, rank_sum_z)]
        if min(tests) > CLEAR:
            return chosen
    raise NothingFound("response does not follow from age and time")


def _check_predictions(published: Published) -> None:
    for outcome, name in (("prep-responder", "PREPGR1"), ("prep2-responder", "PREP2GR1")):
        (n1, a), (n2, b) = POOR[name]
        p = fisher_exact([[a, n1 - a], [b, n2 - b]])[1]
        printed = published.number(outcome, "p", comparator="control")
        if not printed.admits(float(p)):
            raise ValueError(f"{outcome}: {a} of {n1} and {b} of {n2} give p = {p:.4f}, printed is {printed}")


def _standard_ranks(values: FloatArray) -> FloatArray:
    """From 0 to 1; ties in order of place."""
    return np.argsort(np.argsort(values, kind="stable"), kind="stable") / (len(values) - 1)


def _rankin(published: Published, random: np.random.Generator, design: _Design) -> FloatArray:
    """Severe strokes (mRS 3 to 5), 3 months later 1 to 5; no death was reported."""
    cells, n = design.cells, len(design.cells)
    before = np.clip(np.rint(4.3 - 0.4 * design.potential + 0.4 * random.standard_normal(n)), 3, 5)
    before = adjust(before, [scales.whole(3, 5)] * n, [_alike("mRS at baseline", cells)], random)
    after = before - 0.9 - 0.7 * design.recovery - 0.25 * design.potential
    goals = [
        rank_sum_p(
            "mRS at 3 months",
            lambda v: (v[cells], v[~cells]),
            published.number("mrs", "p", comparator="control"),
        )
    ]
    for arm, chosen in (("msc", cells), ("control", ~cells)):
        goals.append(
            share_prints(
                f"mRS no decrease {arm}",
                lambda v, chosen=chosen: (v >= before)[chosen],  # type: ignore[misc]
                int(chosen.sum()),
                published.claim(f"mrs-no-decrease-{arm}"),
            )
        )
    allowed = [scales.whole(1, min(int(value) + 1, 5)) for value in before]
    found = adjust(after, allowed, goals, random, reach=1, moves=2_000)
    return np.column_stack([before, rearranged(found, after, (cells, ~cells), goals, random)])


def _nihss(random: np.random.Generator, design: _Design) -> FloatArray:
    n = len(design.cells)
    before = np.clip(np.rint(13 - 2.5 * design.potential + 1.5 * random.standard_normal(n)), 6, 21)
    before = adjust(before, [scales.whole(6, 21)] * n, [_alike("NIHSS at baseline", design.cells)], random)
    after = np.clip(np.rint(before - 4.5 - 1.8 * design.recovery), 0, 25)
    return np.column_stack([before, after])


def _motricity(
    published: Published, random: np.random.Generator, design: _Design, poor: BoolArray
) -> dict[str, FloatArray]:
    """Leg and arm of the weak side; the score of the side is their mean."""
    cells, n = design.cells, len(design.cells)
    leg_before = _baseline(random, design, scales.between(scales.MOTRICITY_LEG, 0, 75), 36, 17, 7)
    arm_before = _baseline(random, design, scales.between(scales.MOTRICITY_ARM, 0, 76), 28, 19, 8)
    # Some limbs stay as they were. Without such ties the printed p-values can not come about.
    course = np.argsort(design.recovery + 0.3 * random.standard_normal(n), kind="stable")
    leg_allowed, arm_allowed = [scales.MOTRICITY_LEG] * n, [scales.MOTRICITY_ARM] * n
    for i in course[:STILL_LEGS]:
        leg_allowed[i] = leg_before[[i]]
    for i in course[:STILL_ARMS]:
        arm_allowed[i] = arm_before[[i]]
    moving = np.ones(n, dtype=bool)
    moving[course[:STILL_LEGS]] = False
    gain = 0.6 * (cells & poor) + 0.7 * design.recovery + 0.6 * random.standard_normal(n)
    for arm, chosen in (("msc", cells), ("control", ~cells)):
        middle, spread = (published.number("mi-leg", each, arm, variable="change").value for each in ("mean", "sd"))
        own = chosen & moving
        gain[own] = shaped(gain[own], middle * chosen.sum() / own.sum(), spread)
    gain[~moving] = 0

    def gained(v: FloatArray, group: BoolArray) -> float:
        """How clearly the legs of a group gain more with cells: t."""
        change = v - leg_before
        return welch_t(change[cells & group], change[~cells & group])

    goals = [
        *_mean_and_sd(published, "mi-leg", cells, leg_before, variable="change"),
        rank_sum_p(
            "leg change",
            lambda v: ((v - leg_before)[cells], (v - leg_before)[~cells]),
            published.number("mi-leg", "p", comparator="control"),
            higher=True,
        ),
        Goal("leg change, poor prediction", lambda v: gained(v, poor), CLEAR, 5, 0.1),
        Goal("leg change, good prediction", lambda v: gained(v, ~poor), -1, UNCLEAR, 0.1),
    ]
    leg = adjust(leg_before + gain, leg_allowed, goals, random, near=8)
    leg_gain = leg - leg_before

    def side(arm_after: FloatArray) -> tuple[FloatArray, FloatArray]:
        change = leg_gain + arm_after - arm_before
        return change[cells], change[~cells]

    goals = [
        rank_sum_p(
            "arm change",
            lambda v: ((v - arm_before)[cells], (v - arm_before)[~cells]),
            published.number("mi-arm", "p", comparator="control"),
        ),
        rank_sum_p("side change", side, published.number("mi-total", "p", comparator="control"), higher=True),
    ]
    start = arm_before + 10 + 9 * design.recovery + 5 * random.standard_normal(n)
    start[course[:STILL_ARMS]] = arm_before[course[:STILL_ARMS]]
    arm_after = adjust(start, arm_allowed, goals, random, near=6)
    legs, arms = np.column_stack([leg_before, leg]), np.column_stack([arm_before, arm_after])
    return {"MITOT": (legs + arms) / 2, "MILEG": legs, "MIARM": arms}


def _baseline(
    random: np.random.Generator, design: _Design, levels: FloatArray, middle: float, slope: float, noise: float
) -> FloatArray:
    """Scores that follow the potential and do not differ between the arms."""
    n = len(design.cells)
    start = middle + slope * design.potential + noise * random.standard_normal(n)
    return adjust(start, [levels] * n, [_alike("baseline", design.cells)], random)


def _fugl_meyer(
    published: Published, random: np.random.Generator, design: _Design, poor: BoolArray, responders: BoolArray
) -> dict[str, FloatArray]:
    """Arm (66) and leg (34) make the motor score (100), with sensation, balance and joints (126) the total (226).

    Over all patients the change of the total does not differ between the arms, while among those with imaging the gain set
    against the possible gain does.
    """
    cells, scanned, n = design.cells, design.imaging, len(design.cells)
    seen = ~design.no_fugl_meyer
    arm_before = _baseline(random, design, scales.whole(2, 50), 17, 10, 4)
    leg_levels = scales.whole(3, 27)
    leg_before = adjust(
        np.where(poor, 12, 20) + 3.5 * design.potential * 0.6 + 2.5 * random.standard_normal(n),
        [leg_levels] * n,
        [_alike("leg part at baseline", cells)],
        random,
    )
    other_before = _baseline(random, design, scales.whole(78, 116), 98, 6, 4)
    leg_allowed = [
        scales.whole(int(leg) + RESPONSE, 34) if gains else scales.whole(int(leg) - 3, int(leg) + RESPONSE - 1)
        for leg, gains in zip(leg_before, responders, strict=True)
    ]
    leg_start = leg_before + np.where(responders, 8, 2) + 1.5 * design.recovery
    arm_start = arm_before + 6 + 4 * design.recovery + np.where(scanned, 3 * cells, 6 * ~cells)
    arm_allowed = [scales.whole(max(int(arm) - 4, 0), min(int(arm) + 28, 66)) for arm in arm_before]
    other_start = other_before + 4 + 3 * design.recovery
    other_allowed = [scales.whole(int(other) - 6, min(int(other) + 18, 126)) for other in other_before]
    before = np.concatenate([arm_before, leg_before, other_before])

    def motor_and_total(v: FloatArray) -> tuple[FloatArray, FloatArray]:
        arm, leg, other = np.split(v, 3)
        return arm + leg, arm + leg + other

    motor_before, total_before = motor_and_total(before)

    def changes(which: int) -> object:
        base = (motor_before, total_before)[which]

        def groups(v: FloatArray) -> tuple[FloatArray, FloatArray]:
            change = motor_and_total(v)[which] - base
            return change[cells & seen], change[~cells & seen]

        return groups

    def ratio(which: int, statistic: object) -> object:
        base, top = ((motor_before, 100), (total_before, 226))[which]

        def of(v: FloatArray) -> float:
            share = (motor_and_total(v)[which] - base) / (top - base)
            return statistic(share[cells & scanned], share[~cells & scanned])  # type: ignore[operator]

        return of

    goals = [
        rank_sum_p(
            "Fugl-Meyer change",
            changes(1),  # type: ignore[arg-type]
            published.number("fma-unspecified", "p", comparator="control"),
            higher=True,
        ),
        *(
            Goal(f"Fugl-Meyer ratio {which} {name}", ratio(which, statistic), CLEAR, 3.8, 0.1)  # type: ignore[arg-type]
            for which in (0, 1)
            for name, statistic in (("t", welch_t), ("z", rank_sum_z))
        ),
    ]
    start = np.concatenate([arm_start, leg_start, other_start])
    after = adjust(start, [*arm_allowed, *leg_allowed, *other_allowed], goals, random, near=5)
    after = np.where(np.tile(seen, 3), after, np.nan)
    arm_after, leg_after, _ = np.split(after, 3)
    motor_after, total_after = motor_and_total(after)
    return {
        "FMATOT": np.column_stack([total_before, total_after]),
        "FMAMOT": np.column_stack([motor_before, motor_after]),
        "FMAUL": np.column_stack([arm_before, arm_after]),
        "FMALL": np.column_stack([leg_before, leg_after]),
    }


def _walking(published: Published, random: np.random.Generator, design: _Design) -> FloatArray:
    cells = design.cells
    before = _baseline(random, design, scales.whole(0, 3), 0.9, 0.8, 0.4)
    allowed = [scales.whole(max(int(value) - 1, 0), 5) for value in before]
    start = before + 1.3 + 0.8 * design.recovery + 0.2 * design.potential
    goal = rank_sum_p(
        "FAC change",
        lambda v: ((v - before)[cells], (v - before)[~cells]),
        published.number("fac", "p", comparator="control"),
    )
    return np.column_stack([before, adjust(start, allowed, [goal], random, reach=1, near=0.6, moves=1_000)])


def _anisotropy(random: np.random.Generator, design: _Design) -> dict[str, FloatArray]:
    """It falls in the control group, not clearly with cells, and not clearly more in one; three decimals."""
    cells, scanned, n = design.cells, design.imaging, len(design.cells)
    values = {}
    for parameter, middle in (("FACST", 0.44), ("FAPLIC", 0.53)):
        before = middle + 0.03 * design.potential + 0.03 * random.standard_normal(n)
        change = 0.4 * design.recovery + random.standard_normal(n)
        for chosen, wanted in ((cells & scanned, -0.6), (~cells & scanned, -2.6)):
            spread = 0.024
            change[chosen] = shaped(change[chosen], wanted * spread / np.sqrt(chosen.sum()), spread)
        before, after = np.rint(1000 * before) / 1000, np.rint(1000 * (before + change)) / 1000
        values[parameter] = np.where(scanned[:, None], np.column_stack([before, after]), np.nan)
    return values


def _regions() -> pd.DataFrame:
    names = (
        ("M1", "Primary motor cortex", "Y"),
        ("S1", "Primary somatosensory cortex", "Y"),
        ("PMD", "Dorsal premotor cortex", "Y"),
        ("PMV", "Ventral premotor cortex", "Y"),
        ("SMA", "Supplementary motor area", "Y"),
        ("V1", "Primary visual cortex", "N"),
    )
    return pd.DataFrame(
        [
            (f"{side}_{short}", f"{name}, {'left' if side == 'L' else 'right'}", side, motor)
            for side in ("L", "R")
            for short, name, motor in names
        ],
        columns=["region", "name", "hemisphere", "motor"],
    )


def _connectivity(random: np.random.Generator, design: _Design, adsl: pd.DataFrame, regions: pd.DataFrame) -> Matrices:
    """Fisher's z between regions at rest, three decimals.

    With cells the connections between the hemispheres and within the injured one rise; only between the hemispheres
    does the change differ between the arms.
    """
    scanned = np.flatnonzero(design.imaging)
    cells = design.cells[scanned]
    hemisphere = regions["hemisphere"].to_numpy()
    between = hemisphere[:, None] != hemisphere[None, :]
    motor = (regions["motor"] == "Y").to_numpy()
    motor_pairs = motor[:, None] & motor[None, :]
    rises = {
        "between": _rise(random, cells, with_cells=3.1, control=-0.9),
        "injured": _rise(random, cells, with_cells=2.6, control=1.2),
        "other": _rise(random, cells, with_cells=-1.3, control=1.0),
    }
    matrices = {}
    for k, i in enumerate(scanned):
        patient, side = adsl["USUBJID"].iloc[i], adsl["LESIONSD"].iloc[i]
        injured = (hemisphere[:, None] == side) & (hemisphere[None, :] == side)
        level = np.where(between, 0.28, 0.56) - 0.06 * injured + 0.03 * design.potential[i]
        level = level - 0.2 * ~motor_pairs
        before = level + _symmetric(random, len(regions), 0.05)
        rise = np.where(between, rises["between"][k], np.where(injured, rises["injured"][k], rises["other"][k]))
        after = before + rise * motor_pairs + _symmetric(random, len(regions), 0.03)
        for day, matrix in ((0, before), (90, after)):
            rounded = np.rint(1000 * matrix) / 1000 + 0.0
            np.fill_diagonal(rounded, 0)
            matrices[patient, day] = rounded
    return matrices


def _rise(random: np.random.Generator, cells: BoolArray, *, with_cells: float, control: float) -> FloatArray:
    """A change a patient, whose t against 0 in either arm is the one wanted."""
    change, spread = random.standard_normal(len(cells)), 0.08
    for chosen, wanted in ((cells, with_cells), (~cells, control)):
        change[chosen] = shaped(change[chosen], wanted * spread / np.sqrt(chosen.sum()), spread)
    return change


def _symmetric(random: np.random.Generator, size: int, spread: float) -> FloatArray:
    """Noise of this SD off the diagonal, the same above and below it."""
    upper = np.triu(spread * random.standard_normal((size, size)), 1)
    return upper + upper.T


def _events(random: np.random.Generator, design: _Design, ids: Sequence[str]) -> pd.DataFrame:
    """The three events that are named, and a few that are not, all unrelated."""
    patients = np.array(ids)
    treated, others = (list(random.permutation(patients[chosen])) for chosen in (design.cells, ~design.cells))

    def day(low: int, high: int) -> int:
        return int(random.integers(low, high))

    return events(
        [
            (treated[0], "Allergic reaction", "N", "RELATED", 2, 2),
            (treated[1], "Systemic complication", "N", "NOT RELATED", 2, day(10, 60)),
            (others[0], "Recurrent stroke", "Y", "NOT RELATED", 3, day(20, 80)),
            (treated[2], "Pneumonia", "Y", "NOT RELATED", 3, day(5, 80)),
            (treated[3], "Urinary tract infection", "N", "NOT RELATED", 2, day(5, 80)),
            (treated[4], "Shoulder pain", "N", "NOT RELATED", 1, day(5, 80)),
            (treated[4], "Constipation", "N", "NOT RELATED", 1, day(5, 80)),
            (treated[5], "Fall", "N", "NOT RELATED", 1, day(5, 80)),
            (others[1], "Urinary tract infection", "N", "NOT RELATED", 2, day(5, 80)),
            (others[2], "Depression", "N", "NOT RELATED", 2, day(5, 80)),
        ]
    )


def _fisher(group: str) -> Test:
    """Good leg recovery among those with a poor prediction, cells against control."""

    def test(frames: Frames, row: object) -> tuple[float, float]:
        gain = frames.scores("FMALL", 90, "change")
        adsl = frames.adsl.set_index("USUBJID").loc[gain.index]
        good, cells = gain >= RESPONSE, adsl["TRT01P"] == "msc"
        poor = adsl[group] == "POOR"
        table = [[int((good == g)[poor & (cells == c)].sum()) for g in (True, False)] for c in (True, False)]
        (a, b), (c, d) = table
        return a / (a + b) - c / (c + d), float(fisher_exact(table)[1])

    return test


def _logistic(predictor: str) -> Test:
    """Response on the leg part among the treated, by one predictor: slope and p of Wald's test."""

    def test(frames: Frames, row: object) -> tuple[float, float]:
        from statsmodels.api import Logit, add_constant  # only here: its import takes seconds

        gain = frames.scores("FMALL", 90, "change")
        adsl = frames.adsl.set_index("USUBJID").loc[gain.index]
        treated = adsl["TRT01P"] == "msc"
        x = add_constant(adsl.loc[treated, predictor].to_numpy(dtype=float))
        found = Logit((gain[treated] >= RESPONSE).to_numpy(dtype=float), x).fit(disp=0)
        return float(found.params[1]), float(found.pvalues[1])

    return test


def _ratio(frames: Frames, day: int, variable: str) -> pd.Series:
    """Gain on the whole Fugl-Meyer Assessment as a share of the possible gain."""
    change, before = frames.scores("FMATOT", day, "change"), frames.scores("FMATOT", 0)
    return change / (226 - before.loc[change.index])


def _network(measure: str) -> Measure:
    """Change of a measure of the motor network from the first visit to the second."""

    def changes(frames: Frames, day: int, variable: str) -> pd.Series:
        assert frames.matrices is not None and frames.regions is not None
        sides = dict(zip(frames.adsl["USUBJID"], frames.adsl["LESIONSD"], strict=True))
        table = network_by_visit(frames.matrices, frames.regions, sides)
        wide = table.pivot(index="patient", columns="day", values=measure)
        return wide[day] - wide[0]

    return changes


RULES = Rules(
    measures={
        "age": column("AGE"),
        "male": column("SEX", "M"),
        "bmi": column("BMI"),
        "time-since-stroke": column("STRKDY"),
        "mrs": score("MRS"),
        "mi-leg": score("MILEG"),
        "mi-arm": score("MIARM"),
        "mi-total": score("MITOT"),
        "fac": score("FAC"),
        "fma-unspecified": score("FMATOT"),
        "fma-lower-6": reached("FMALL", RESPONSE, "change"),
        "fma-ratio": _ratio,
        "fa-cst": score("FACST"),
        "fa-plic": score("FAPLIC"),
        "fc-interhemispheric": _network("interhemispheric"),
        "fc-ipsilesional": _network("ipsilesional"),
        "allergic-reaction": event_counts("Allergic reaction"),
        "systemic-complication": event_counts("Systemic complication"),
        "recurrent-stroke": event_counts("Recurrent stroke"),
        "sae-related": event_counts(AESER="Y", AEREL="RELATED"),
    },
    tests={
        "prep-responder": _fisher("PREPGR1"),
        "prep2-responder": _fisher("PREP2GR1"),
        "fma-lower-6: logistic regression, age as predictor": _logistic("AGE"),
        "fma-lower-6: logistic regression, time from stroke to cells as predictor": _logistic("STRKDY"),
    },
    instead={"age mean all": "median"},
    left_out={"p_adjusted": "the model is not named"},
)
