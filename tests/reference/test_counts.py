"""Mantel-Haenszel and Peto against every metafor case, and against statsmodels.

All are closed formulas: 1e-9 relative, the tests' P values included. In 400 random sets (zero cells,
1 to 30 studies, ratios of group sizes up to 3) the largest difference to metafor 3.8 was 1e-11, but
for Breslow-Day near an odds ratio of 1, where R's formula loses digits (3e-10).
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2
from statsmodels.stats.contingency_tables import StratifiedTable

from analysis.synthesis.counts import (
    CountPooled,
    mh_odds_ratio,
    mh_rate_ratio,
    mh_risk_difference,
    mh_risk_ratio,
    peto,
)
from tests.reference.cases import EXACT, Case, cases, dataset

FIELDS = {
    "k": "k",
    "beta": "estimate",
    "se": "se",
    "zval": "statistic",
    "pval": "p_value",
    "ci.lb": "ci_low",
    "ci.ub": "ci_high",
    "QE": "q",
    "QEp": "q_p_value",
    "I2": "i2",
    "H2": "h2",
    "MH": "cmh",
    "MHp": "cmh_p_value",
    "CO": "cochran",
    "COp": "cochran_p_value",
    "BD": "breslow_day",
    "BDp": "breslow_day_p_value",
    "TA": "tarone",
    "TAp": "tarone_p_value",
}
METHODS = {"OR": mh_odds_ratio, "RR": mh_risk_ratio, "RD": mh_risk_difference}
CASES = cases("Mantel-Haenszel", "Peto")


def pooled_as_called(reference: Case) -> CountPooled:
    data = dataset(reference.dataset)
    if reference.option("measure") == "IRR":
        return mh_rate_ratio(data["x1i"], data["t1i"], data["x2i"], data["t2i"])
    arms = data["tpos"], data["tpos"] + data["tneg"], data["cpos"], data["cpos"] + data["cneg"]
    return METHODS.get(reference.option("measure"), peto)(*arms)


@pytest.mark.parametrize("reference", CASES, ids=lambda item: item.id)
def test_pooled_counts_agree_with_metafor(reference: Case) -> None:
    result = pooled_as_called(reference)
    for theirs, ours in FIELDS.items():
        expected, found = reference.expected.get(theirs), getattr(result, ours)
        if expected is None:
            assert found is None, ours
        else:
            assert found == pytest.approx(expected, rel=EXACT, abs=0), ours


def test_every_case_is_covered() -> None:
    assert len(CASES) == 5


# Random sets with their results in metafor 3.8-1: ai n1i ci n2i -> by measure beta, se, QE.
ZERO_CELLS = ([0, 5, 10, 0, 20], [20, 20, 20, 15, 20], [3, 4, 8, 0, 22], [22, 20, 25, 16, 22])


@pytest.mark.parametrize(
    ("function", "estimate", "se", "q"),
    [
        (mh_odds_ratio, 0.20510665, 0.43669542, 2.82665924),
        (mh_risk_ratio, 0.05955453, 0.12634251, 2.85445259),
        (mh_risk_difference, 0.02151229, 0.04593850, 4.57590115),
        (peto, 0.2049588, 0.4373727, 4.2539858),
    ],
)
def test_zero_cells_full_cells_and_empty_studies_agree_with_metafor(
    function, estimate: float, se: float, q: float
) -> None:
    result = function(*ZERO_CELLS)
    assert result.estimate == pytest.approx(estimate, abs=5e-8)
    assert result.se == pytest.approx(se, abs=5e-8)
    assert result.q == pytest.approx(q, abs=5e-8)
    assert result.q_df == 2


def test_odds_ratio_tests_agree_with_statsmodels_where_it_is_right() -> None:
    generator = np.random.default_rng(3)
    for _ in range(50):
        k = int(generator.integers(2, 12))
        n1, n2 = generator.integers(10, 200, k), generator.integers(10, 200, k)
        a, c = generator.binomial(n1, 0.4), generator.binomial(n2, 0.25)
        table = StratifiedTable(np.array([[a, n1 - a], [c, n2 - c]], dtype=float))
        ours = mh_odds_ratio(a, n1, c, n2, correct=False)
        assert ours.estimate == pytest.approx(table.logodds_pooled, rel=1e-12)
        assert ours.se == pytest.approx(table.logodds_pooled_se, rel=1e-12)
        assert ours.cmh == pytest.approx(table.test_null_odds().statistic, rel=1e-12)
        # statsmodels' quadratic cancels near an odds ratio of 1.
        near = 1e-12 / min(1.0, abs(np.expm1(ours.estimate)))
        for adjust, found in ((False, ours.breslow_day), (True, ours.tarone)):
            theirs = table.test_equal_odds(adjust=adjust)
            assert found == pytest.approx(theirs.statistic, rel=1e3 * near)
        assert ours.breslow_day_p_value == pytest.approx(chi2.sf(ours.breslow_day, k - 1))
        assert np.exp(mh_risk_ratio(a, n1, c, n2).estimate) == pytest.approx(
            table.riskratio_pooled, rel=1e-12
        )


def test_breslow_day_is_defined_at_an_odds_ratio_of_one() -> None:
    # metafor and statsmodels divide 0 by 0 here.
    result = mh_odds_ratio([3, 2], [10, 10], [2, 3], [10, 10])
    assert result.estimate == pytest.approx(0, abs=1e-15)
    expected_variance = 1 / (1 / 2.5 + 1 / 2.5 + 1 / 7.5 + 1 / 7.5)
    assert result.breslow_day == pytest.approx(2 * 0.25 / expected_variance, rel=1e-12)
    assert result.cmh == 0
