"""Ordinal outcomes such as the mRS: pooling without cutting the scale in two."""

from helpers.synthesis.ordinal.common_odds import ProportionalOdds, proportional_odds
from helpers.synthesis.ordinal.one_stage import LikelihoodRatio, OneStage, one_stage
from helpers.synthesis.ordinal.stratified_wilcoxon import StratifiedWilcoxon, stratified_wilcoxon
from helpers.synthesis.ordinal.two_stage import TwoStage, two_stage

__all__ = [
    "LikelihoodRatio",
    "OneStage",
    "ProportionalOdds",
    "StratifiedWilcoxon",
    "TwoStage",
    "one_stage",
    "proportional_odds",
    "stratified_wilcoxon",
    "two_stage",
]
