"""Read and check the data folder: what the trials reported, and where each number was read.

`load` returns the `Evidence` of a folder or raises `InvalidEvidence`; `check` returns all its faults;
`combine` joins a reader's own trials to the shipped ones.
"""

from helpers.evidence.combining import combine
from helpers.evidence.faults import Fault, InvalidEvidence
from helpers.evidence.loading import check, load
from helpers.evidence.model import Arm, Edition, Evidence, Fact, Reference, Report, Trial

__all__ = [
    "Arm",
    "Edition",
    "Evidence",
    "Fact",
    "Fault",
    "InvalidEvidence",
    "Reference",
    "Report",
    "Trial",
    "check",
    "combine",
    "load",
]
