"""Read and check the data folder: what the trials reported, and where each number was read.

`load` returns the `Evidence` of a folder or raises `InvalidEvidence`; `check` returns all its faults;
`combine` joins a reader's own trials to the shipped ones.
"""

from helpers.evidence.combining import combine
from helpers.evidence.faults import Fault, InvalidEvidence
from helpers.evidence.loading import Found, check, inspect, load
from helpers.evidence.model import Arm, Edition, Evidence, Fact, Reference, Report, Trial
from helpers.evidence.patient_results import DemonstrationData

__all__ = [
    "Arm",
    "DemonstrationData",
    "Edition",
    "Evidence",
    "Fact",
    "Fault",
    "Found",
    "InvalidEvidence",
    "Reference",
    "Report",
    "Trial",
    "check",
    "combine",
    "inspect",
    "load",
]
