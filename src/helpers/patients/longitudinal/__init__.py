"""Mixed models for repeated measures (MMRM): one engine for every covariance within a patient.

`repeated_measures` fits a trial's treatment by time; `fit` takes any design of persons and visits.
"""

from helpers.patients.longitudinal.covariance import STRUCTURES, structure
from helpers.patients.longitudinal.design import Design, design
from helpers.patients.longitudinal.fitting import Fit, NotConverged, fit
from helpers.patients.longitudinal.inference import DEGREES, Inference, WaldTest
from helpers.patients.longitudinal.measures import Measures, measures
from helpers.patients.longitudinal.model import RepeatedMeasures, first_that_converges, main_model, repeated_measures

__all__ = [
    "DEGREES",
    "STRUCTURES",
    "Design",
    "Fit",
    "Inference",
    "Measures",
    "NotConverged",
    "RepeatedMeasures",
    "WaldTest",
    "design",
    "first_that_converges",
    "fit",
    "main_model",
    "measures",
    "repeated_measures",
    "structure",
]
