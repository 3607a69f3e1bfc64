"""One trial's patients: read and checked, analysed, and turned into the numbers that a published table would give."""

from helpers.patients.model import Connectivity, DemonstrationData, Patients
from helpers.patients.reading import check_patients, has_patients, read_patients
from helpers.patients.visits import at_visit, visit_days, visit_name

__all__ = [
    "Connectivity",
    "DemonstrationData",
    "Patients",
    "at_visit",
    "check_patients",
    "has_patients",
    "read_patients",
    "visit_days",
    "visit_name",
]
