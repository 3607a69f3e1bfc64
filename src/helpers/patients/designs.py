"""Which analyses a trial's patients call for: one chapter of the book each."""

from __future__ import annotations

from helpers.evidence.model import Trial
from helpers.patients.model import Patients

DESIGNS = {
    "randomised": "randomised comparison",
    "longitudinal": "repeated measures",
    "dose-escalation": "dose escalation and change",
    "imaging": "imaging",
}
"""Design -> what its chapter is about."""

_TRACTS = ("fa-cst", "fa-plic")
_VISITS = 3


def designs(trial: Trial, patients: Patients) -> tuple[str, ...]:
    """The designs of DESIGNS that these patients call for.

    `randomised`: a randomised trial with patients in an experimental and in a control arm. `longitudinal`: such arms, randomised
    or not, and an outcome measured at three visits or more, baseline included. `dose-escalation`: a single-arm trial, or one
    with `doses` in trial.toml. `imaging`: fractional anisotropy or connectivity matrices.
    """
    roles = {arm.id: arm.role for arm in patients.arms}
    compares = {"experimental", "control"} <= {roles.get(arm, "") for arm in patients.adsl["TRT01P"].unique()}
    measured = patients.adqs[patients.adqs["AVAL"].notna()]
    visits = measured.groupby("outcome")["AWTARGET"].nunique()
    called = {
        "randomised": trial.design == "randomised" and compares,
        "longitudinal": compares and bool((visits >= _VISITS).any()),
        "dose-escalation": trial.design == "single-arm" or bool(trial.patients.doses),
        "imaging": patients.connectivity is not None or bool(measured["outcome"].isin(_TRACTS).any()),
    }
    return tuple(design for design in DESIGNS if called[design])
