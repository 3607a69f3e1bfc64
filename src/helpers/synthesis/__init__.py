"""Several trials -> one result: pooling, heterogeneity, prediction, and the book's interval rule."""

from helpers.synthesis.absolute_effects import AbsoluteEffect, absolute_effect
from helpers.synthesis.bayes import FixedTau, FlatTau, HalfCauchy, HalfNormal, LogNormal, Normal, Posterior, bayesian
from helpers.synthesis.blup import blup
from helpers.synthesis.certainty import Certainty, certainty
from helpers.synthesis.cluster_robust import ClusterRobust, cluster_robust
from helpers.synthesis.gosh import Gosh, gosh
from helpers.synthesis.heterogeneity import HeterogeneityInterval, tau2_interval
from helpers.synthesis.influence import baujat, cumulative, influence, leave_one_out
from helpers.synthesis.interval_rule import IntervalRule, interval_rule
from helpers.synthesis.many import PooledMany, pool_many
from helpers.synthesis.meta_regression import MetaRegression, meta_regression
from helpers.synthesis.multilevel import Multilevel, multilevel
from helpers.synthesis.multivariate import Multivariate, multivariate, within_trial_covariance
from helpers.synthesis.ordinal import (
    OneStage,
    ProportionalOdds,
    TwoStage,
    one_stage,
    proportional_odds,
    stratified_wilcoxon,
    two_stage,
)
from helpers.synthesis.p_value_function import drapery, p_value_function
from helpers.synthesis.permutation import PermutationTest, permutation_test
from helpers.synthesis.pooling import METHODS, TESTS, Pooled, pool
from helpers.synthesis.prediction import PREDICTION_METHODS, prediction_interval
from helpers.synthesis.rare_events import (
    PooledCounts,
    beta_binomial,
    breslow_day,
    cochran_mantel_haenszel,
    glmm,
    glmm_proportion,
    glmm_rate_ratio,
    mantel_haenszel,
    mantel_haenszel_rate_ratio,
    mantel_haenszel_rate_test,
    peto,
)
from helpers.synthesis.repooling import Repooling, repooling
from helpers.synthesis.small_study import (
    AsymmetryTest,
    Funnel,
    HenmiCopas,
    PetPeese,
    SelectionModel,
    TrimAndFill,
    begg,
    egger,
    fail_safe_orwin,
    fail_safe_rosenberg,
    fail_safe_rosenthal,
    funnel,
    harbord,
    henmi_copas,
    inverse_size_test,
    pet_peese,
    peters,
    selection_model,
    trim_and_fill,
)
from helpers.synthesis.subgroups import Subgroups, subgroups
from helpers.synthesis.summary_of_findings import Finding, summary_of_findings

__all__ = [
    "METHODS",
    "PREDICTION_METHODS",
    "TESTS",
    "AbsoluteEffect",
    "AsymmetryTest",
    "Certainty",
    "ClusterRobust",
    "Finding",
    "FixedTau",
    "FlatTau",
    "Funnel",
    "Gosh",
    "HalfCauchy",
    "HalfNormal",
    "HenmiCopas",
    "HeterogeneityInterval",
    "IntervalRule",
    "LogNormal",
    "MetaRegression",
    "Multilevel",
    "Multivariate",
    "Normal",
    "OneStage",
    "PermutationTest",
    "PetPeese",
    "Pooled",
    "PooledCounts",
    "PooledMany",
    "Posterior",
    "ProportionalOdds",
    "Repooling",
    "SelectionModel",
    "Subgroups",
    "TrimAndFill",
    "TwoStage",
    "absolute_effect",
    "baujat",
    "bayesian",
    "begg",
    "beta_binomial",
    "blup",
    "breslow_day",
    "certainty",
    "cluster_robust",
    "cochran_mantel_haenszel",
    "cumulative",
    "drapery",
    "egger",
    "fail_safe_orwin",
    "fail_safe_rosenberg",
    "fail_safe_rosenthal",
    "funnel",
    "glmm",
    "glmm_proportion",
    "glmm_rate_ratio",
    "gosh",
    "harbord",
    "henmi_copas",
    "influence",
    "interval_rule",
    "inverse_size_test",
    "leave_one_out",
    "mantel_haenszel",
    "mantel_haenszel_rate_ratio",
    "mantel_haenszel_rate_test",
    "meta_regression",
    "multilevel",
    "multivariate",
    "one_stage",
    "p_value_function",
    "permutation_test",
    "pet_peese",
    "peters",
    "peto",
    "pool",
    "pool_many",
    "prediction_interval",
    "proportional_odds",
    "repooling",
    "selection_model",
    "stratified_wilcoxon",
    "subgroups",
    "summary_of_findings",
    "tau2_interval",
    "trim_and_fill",
    "two_stage",
    "within_trial_covariance",
]
