"""Small-study effects: whether imprecise trials differ from precise ones, and what the result would be without that."""

from helpers.synthesis.small_study.asymmetry import AsymmetryTest, begg, egger, harbord, inverse_size_test, peters
from helpers.synthesis.small_study.fail_safe import fail_safe_orwin, fail_safe_rosenberg, fail_safe_rosenthal
from helpers.synthesis.small_study.funnel import Funnel, funnel
from helpers.synthesis.small_study.henmi_copas import HenmiCopas, henmi_copas
from helpers.synthesis.small_study.pet_peese import PetPeese, pet_peese
from helpers.synthesis.small_study.selection import SelectionModel, selection_model
from helpers.synthesis.small_study.trim_and_fill import TrimAndFill, trim_and_fill

__all__ = [
    "AsymmetryTest",
    "Funnel",
    "HenmiCopas",
    "PetPeese",
    "SelectionModel",
    "TrimAndFill",
    "begg",
    "egger",
    "fail_safe_orwin",
    "fail_safe_rosenberg",
    "fail_safe_rosenthal",
    "funnel",
    "harbord",
    "henmi_copas",
    "inverse_size_test",
    "pet_peese",
    "peters",
    "selection_model",
    "trim_and_fill",
]
