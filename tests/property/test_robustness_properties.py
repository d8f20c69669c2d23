"""What must hold for small-study and influence methods on any set of studies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.outliers_influence import OLSInfluence

from analysis.robustness import small_study
from analysis.robustness.baujat import baujat
from analysis.robustness.cumulative import cumulative
from analysis.robustness.influence import influence
from analysis.robustness.leave_out import leave_one_out
from analysis.synthesis import pool, told

MODELS = st.sampled_from(["multiplicative", "mixed-effects"])
METHODS = st.sampled_from(["REML", "DL", "PM", "EE"])
INTERVALS = st.sampled_from(["wald", "hksj", "hksj-adhoc"])
# The first call imports statsmodels, which takes longer than a deadline.
unhurried = settings(deadline=None)


@st.composite
def studies(draw: st.DrawFn, least: int = 3, most: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Effects with three decimals, all different, and variances over six decades."""
    k = draw(st.integers(least, most))
    thousandths = st.integers(-3000, 3000)
    effects = draw(st.lists(thousandths, min_size=k, max_size=k, unique=True))
    exponents = draw(st.lists(st.integers(-3000, 3000), min_size=k, max_size=k, unique=True))
    return np.array(effects) / 1000, 10.0 ** (np.array(exponents) / 1000)


@unhurried
@given(studies(), MODELS, st.randoms(use_true_random=False))
def test_order_of_studies_does_not_matter_to_tests(sets, model, random) -> None:
    yi, vi = sets
    order = list(range(len(yi)))
    random.shuffle(order)
    assert small_study.egger(yi[order], vi[order], model) == small_study.egger(yi, vi, model)
    assert small_study.begg(yi[order], vi[order]) == small_study.begg(yi, vi)


@unhurried
@given(studies(least=4), st.integers(-8, 8))
def test_scaling_the_effects_scales_the_lines_and_leaves_the_tests(sets, power) -> None:
    yi, vi = sets
    c = 2.0**power
    once, scaled = small_study.pet(yi, vi), small_study.pet(c * yi, c**2 * vi)
    assert scaled.limit.estimate == pytest.approx(c * once.limit.estimate, rel=1e-9, abs=1e-12)
    assert scaled.slope.estimate == pytest.approx(once.slope.estimate, rel=1e-9, abs=1e-12)
    assert scaled.p_value == pytest.approx(once.p_value, rel=1e-7)
    assert small_study.begg(c * yi, c**2 * vi).tau == small_study.begg(yi, vi).tau


@unhurried
@given(studies(least=4), st.sampled_from(["L0", "R0", "Q0"]), METHODS)
def test_trim_and_fill_mirrors_the_most_extreme_studies(sets, estimator, tau2) -> None:
    yi, vi = sets
    found = small_study.trim_and_fill(yi, vi, estimator, tau2=tau2)
    if found.missing is None:
        assert found.adjusted is None
        assert found.notes
        return
    assert found.adjusted.k == len(yi) + found.missing
    order = np.argsort(yi if found.side == "left" else -yi)
    mirrored = yi[order][len(yi) - found.missing :]
    assert found.filled_yi == pytest.approx(2 * found.centre - mirrored)
    turned = small_study.trim_and_fill(-yi, vi, estimator, tau2=tau2)
    assert turned.side != found.side or found.missing == 0
    assert turned.missing == found.missing


@unhurried
@given(studies())
def test_limit_effects_lie_between_the_effect_and_the_line(sets) -> None:
    yi, vi = sets
    found = small_study.limit_meta_analysis(yi, vi)
    if found.tau2 == 0:
        assert np.ptp(found.limit_effects) == pytest.approx(0, abs=1e-9)
    assert found.q == pytest.approx(found.q_small + found.q_residual, rel=1e-9, abs=1e-9)
    assert -1e-9 <= (found.g2 or 0) <= 100 + 1e-9


@unhurried
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_number_of_significant_studies_has_a_distribution_with_the_right_mean(powers) -> None:
    from analysis.robustness.small_study.excess_significance import number_significant

    distribution = number_significant(np.array(powers))
    assert distribution.sum() == pytest.approx(1)
    assert distribution @ np.arange(len(powers) + 1) == pytest.approx(sum(powers))


@unhurried
@given(studies(), METHODS, INTERVALS)
def test_leave_one_out_is_what_is_told_without_the_study(sets, tau2, ci) -> None:
    yi, vi = sets
    for row, found in enumerate(leave_one_out(yi, vi, tau2=tau2, ci=ci)):
        expected = told(np.delete(yi, row), np.delete(vi, row), tau2=tau2, ci=ci).result
        for name in ("estimate", "se", "ci_low", "ci_high", "p_value", "tau2", "q", "i2"):
            assert getattr(found, name) == pytest.approx(
                getattr(expected, name), rel=1e-6, abs=1e-9
            ), name


@unhurried
@given(studies(least=2), METHODS)
def test_cumulative_ends_with_everything(sets, tau2) -> None:
    yi, vi = sets
    steps = cumulative(yi, vi, order=vi, tau2=tau2)
    assert [step.k for step in steps] == list(range(1, len(yi) + 1))
    assert steps[0].estimate == pytest.approx(yi[np.argmin(vi)])
    assert steps[-1].estimate == pytest.approx(pool(yi, vi, tau2).estimate, rel=1e-9, abs=1e-9)


@unhurried
@given(studies())
def test_contributions_to_heterogeneity_add_up_to_q_with_a_common_effect(sets) -> None:
    yi, vi = sets
    assert baujat(yi, vi).heterogeneity.sum() == pytest.approx(pool(yi, vi).q)


@unhurried
@given(studies(), METHODS)
def test_hat_values_and_residuals_are_those_of_statsmodels_given_the_weights(sets, tau2) -> None:
    yi, vi = sets
    found = influence(yi, vi, tau2)
    root = np.sqrt(1 / (vi + pool(yi, vi, tau2).tau2))
    theirs = OLSInfluence(OLS(root * yi, root[:, None]).fit())
    assert found.hat == pytest.approx(theirs.hat_matrix_diag, rel=1e-9)
    assert found.residual * root == pytest.approx(theirs.resid, rel=1e-6, abs=1e-9)


@unhurried
@given(studies(), METHODS, INTERVALS, st.integers(-1000, 1000))
def test_diagnostics_do_not_depend_on_where_effects_are_measured_from(
    sets, tau2, ci, shift
) -> None:
    yi, vi = np.round(sets[0] * 2**20) / 2**20, sets[1]  # exact under the shift
    here, there = influence(yi, vi, tau2, ci), influence(yi + shift * 1024, vi, tau2, ci)
    for name in ("studentised", "dffits", "cooks_distance", "covariance_ratio"):
        assert getattr(there, name).tolist() == getattr(here, name).tolist(), name
