"""What became of one check of a reported number."""

from __future__ import annotations

from dataclasses import dataclass

REPRODUCED = "reproduced"
CONSISTENT = "consistent"
CONFLICTS = "conflicts"
NOT_CHECKABLE = "not checkable"

STATUSES = {
    REPRODUCED: "recomputed from other published numbers, it comes out to the last printed digit",
    CONSISTENT: "possible given the other published numbers, or right under a stated assumption",
    CONFLICTS: "can not be right together with the other published numbers as they were read",
    NOT_CHECKABLE: "not checkable from what is published",
}


@dataclass(frozen=True)
class Finding:
    """The outcome of one check.

    status: one of STATUSES. recomputed: what we found, as text; empty where nothing could be computed.
    reason: one sentence that says why the status holds. assumption: what the recomputation takes for granted beyond
    the printed numbers, else empty. resolution: for a conflict, what would resolve it, else empty.
    """

    status: str
    recomputed: str
    reason: str
    assumption: str = ""
    resolution: str = ""

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f"status is {self.status!r}; allowed: {', '.join(STATUSES)}")
        if (self.status == CONFLICTS) != bool(self.resolution):
            raise ValueError("a conflict, and only a conflict, says what would resolve it")
