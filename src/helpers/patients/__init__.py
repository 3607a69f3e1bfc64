"""One trial's patients: read and checked, analysed, and turned into the numbers that a published table would give."""

from helpers.evidence.patient_results import DemonstrationData, has_patients
from helpers.patients.designs import DESIGNS, designs
from helpers.patients.model import Connectivity, Patients
from helpers.patients.reading import read_patients
from helpers.patients.result_rows import result_rows
from helpers.patients.visits import at_visit, visit_days, visit_name

__all__ = [
    "DESIGNS",
    "Connectivity",
    "DemonstrationData",
    "Patients",
    "at_visit",
    "designs",
    "has_patients",
    "read_patients",
    "result_rows",
    "visit_days",
    "visit_name",
]
