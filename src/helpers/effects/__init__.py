"""One trial, one outcome -> effect size and variance, named as in metafor's escalc."""

from helpers.effects.arms import combine_counts, combine_means
from helpers.effects.back_transform import back_transform, back_transform_freeman_tukey
from helpers.effects.change import mean_change, raw_mean, standardized_mean_change
from helpers.effects.conversions import (
    change_sd,
    correlation_from_sds,
    odds_ratio_from_smd,
    sd_from_interval,
    sd_from_mean_difference,
    sd_from_se,
    se_from_f,
    se_from_interval,
    se_from_p,
    se_from_t,
    smd_from_f,
    smd_from_odds_ratio,
    smd_from_t,
)
from helpers.effects.converted import Converted
from helpers.effects.correlations import fisher_z
from helpers.effects.effect import Effect
from helpers.effects.exact import (
    Interval,
    proportion_interval,
    rate_interval,
    rate_ratio_interval,
    risk_difference_interval,
)
from helpers.effects.mean_ratios import log_ratio_of_means, log_ratio_of_sds, log_ratio_of_variation
from helpers.effects.means import (
    mean_difference,
    standardized_mean_difference,
    standardized_mean_difference_unequal_variances,
)
from helpers.effects.ordinal import generalized_odds_ratio, probability_of_better, wilcoxon_p
from helpers.effects.proportional_odds import common_odds_ratio
from helpers.effects.proportions import (
    arcsine_proportion,
    freeman_tukey_proportion,
    log_proportion,
    logit_proportion,
    proportion,
)
from helpers.effects.quantiles import mean_sd_from_quantiles, skewness_test
from helpers.effects.rates import log_rate, log_rate_ratio, rate, rate_difference
from helpers.effects.reported import smd_from_p
from helpers.effects.significance import MeanTest, chi_square_p, fisher_p, mean_test, rate_ratio_p
from helpers.effects.two_by_two import (
    arcsine_difference,
    log_odds_ratio,
    log_risk_ratio,
    peto_log_odds_ratio,
    risk_difference,
)

__all__ = [
    "Converted",
    "Effect",
    "Interval",
    "MeanTest",
    "arcsine_difference",
    "arcsine_proportion",
    "back_transform",
    "back_transform_freeman_tukey",
    "change_sd",
    "chi_square_p",
    "combine_counts",
    "combine_means",
    "common_odds_ratio",
    "correlation_from_sds",
    "fisher_p",
    "fisher_z",
    "freeman_tukey_proportion",
    "generalized_odds_ratio",
    "log_odds_ratio",
    "log_proportion",
    "log_rate",
    "log_rate_ratio",
    "log_ratio_of_means",
    "log_ratio_of_sds",
    "log_ratio_of_variation",
    "log_risk_ratio",
    "logit_proportion",
    "mean_change",
    "mean_difference",
    "mean_sd_from_quantiles",
    "mean_test",
    "odds_ratio_from_smd",
    "peto_log_odds_ratio",
    "probability_of_better",
    "proportion",
    "proportion_interval",
    "rate",
    "rate_difference",
    "rate_interval",
    "rate_ratio_interval",
    "rate_ratio_p",
    "raw_mean",
    "risk_difference",
    "risk_difference_interval",
    "sd_from_interval",
    "sd_from_mean_difference",
    "sd_from_se",
    "se_from_f",
    "se_from_interval",
    "se_from_p",
    "se_from_t",
    "skewness_test",
    "smd_from_f",
    "smd_from_odds_ratio",
    "smd_from_p",
    "smd_from_t",
    "standardized_mean_change",
    "standardized_mean_difference",
    "standardized_mean_difference_unequal_variances",
    "wilcoxon_p",
]
