"""Demonstration patients: generated from a seed to match the printed numbers of trials whose patients were not published.

They show the form of the data and let the patient-level chapters run. They are not observed, say so wherever they are
shown, and never enter a synthesis. `python -m helpers.patients.demonstration` writes all of them anew.
"""

from helpers.patients.demonstration.frames import Frames
from helpers.patients.demonstration.generator import (
    SEED,
    TRIALS,
    VERSION,
    agreement,
    files,
    generate,
    write,
)

__all__ = ["SEED", "TRIALS", "VERSION", "Frames", "agreement", "files", "generate", "write"]
