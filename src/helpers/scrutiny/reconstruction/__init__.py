"""Rebuild the data sets that could lie behind a printed mean, SD, n and range, and say what they have in common."""

from helpers.scrutiny.reconstruction.closure import TooManyDataSets, closure, count_data_sets
from helpers.scrutiny.reconstruction.inference import (
    Bounds,
    count_at,
    count_at_least,
    mann_whitney_p,
    median,
    share_at_least,
    signed_rank_p,
)
from helpers.scrutiny.reconstruction.optimum import NoDataSet
from helpers.scrutiny.reconstruction.reconstruct import reconstruct
from helpers.scrutiny.reconstruction.result import Reconstruction
from helpers.scrutiny.reconstruction.sprite import sprite
from helpers.scrutiny.reconstruction.targets import Targets
from helpers.scrutiny.reconstruction.uniform import draw
from helpers.scrutiny.reconstruction.ways import TableTooLarge

__all__ = [
    "Bounds",
    "NoDataSet",
    "Reconstruction",
    "TableTooLarge",
    "Targets",
    "TooManyDataSets",
    "closure",
    "count_at",
    "count_at_least",
    "count_data_sets",
    "draw",
    "mann_whitney_p",
    "median",
    "reconstruct",
    "share_at_least",
    "signed_rank_p",
    "sprite",
]
