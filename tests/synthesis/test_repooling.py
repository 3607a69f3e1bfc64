"""What a browser pools from: tables that agree with pool and with scipy, for every subset of the trials."""

import itertools

import numpy as np
import pytest
import scipy.stats
from oracle_cases import CASES

from helpers.synthesis import pool, repooling
from helpers.synthesis.pooling import TESTS
from helpers.synthesis.repooling import MOST_TRIALS_FOR_REML

BCG = CASES["bcg_RR"]


def test_the_table_of_reml_is_that_of_pool_for_every_subset():
    yi, vi = BCG.yi[:6], BCG.vi[:6]
    table = repooling(yi, vi).reml_tau2
    assert table is not None and len(table) == 2**6 and table[0] == 0
    for size in range(1, 7):
        for chosen in itertools.combinations(range(6), size):
            place = sum(2**i for i in chosen)
            alone = pool(yi[list(chosen)], vi[list(chosen)], method="REML", test="z")
            assert table[place] == pytest.approx(alone.tau2, rel=1e-9, abs=1e-12), chosen


def test_reml_of_all_trials_is_metafors():
    normand = CASES["normand1999_MD"]
    assert len(normand.yi) <= MOST_TRIALS_FOR_REML
    table = repooling(normand.yi, normand.vi).reml_tau2
    assert table is not None
    assert table[-1] == pytest.approx(normand.meta["fits"]["REML_z"]["tau2"], rel=1e-6)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_quantiles_are_two_sided_and_found_by_their_degrees_of_freedom(level):
    quantiles = repooling(BCG.yi, BCG.vi, level).quantiles
    assert len(quantiles) == 13  # the normal one, and 1 to 12 degrees of freedom
    assert quantiles[0] == pytest.approx(scipy.stats.norm.ppf((1 + level) / 2), rel=1e-12)
    assert quantiles[1:] == pytest.approx(scipy.stats.t.ppf((1 + level) / 2, np.arange(1, 13)), rel=1e-9)


def test_above_ten_trials_reml_is_not_offered():
    assert repooling(BCG.yi[:10], BCG.vi[:10]).methods == ("EE", "DL", "REML")
    eleven = repooling(BCG.yi[:11], BCG.vi[:11])
    assert eleven.reml_tau2 is None and eleven.methods == ("EE", "DL")


def test_every_model_is_every_method_by_every_test():
    chosen = np.arange(5) != 3
    several = repooling(BCG.yi[:5], BCG.vi[:5], 0.9).every_model(chosen)
    assert [(each.method, each.test) for each in several] == list(itertools.product(["EE", "DL", "REML"], TESTS))
    for each in several:
        alone = pool(BCG.yi[:5][chosen], BCG.vi[:5][chosen], method=each.method, test=each.test, level=0.9)
        assert (each.estimate, each.ci_low, each.tau2) == (alone.estimate, alone.ci_low, alone.tau2)


@pytest.mark.parametrize(
    ("yi", "vi", "level", "said"),
    [([], [], 0.95, "at least one trial"), ([0.1], [0.0], 0.95, r"vi\[0\]"), ([0.1], [0.1], 1.5, "level")],
)
def test_what_pool_refuses_is_refused(yi, vi, level, said):
    with pytest.raises(ValueError, match=said):
        repooling(yi, vi, level)
