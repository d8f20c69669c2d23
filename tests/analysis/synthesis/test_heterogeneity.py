"""Intervals and estimators beside `pool`: few studies, extremes, bad input, and what ties them together."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2

from analysis import pool_file
from analysis import vocabulary as words
from analysis.question import Question
from analysis.synthesis import (
    henmi_copas,
    pool,
    pool_weighted,
    prediction_interval,
    profile_likelihood,
)
from analysis.synthesis.estimators import ESTIMATORS, TAU2_ESTIMATORS
from analysis.synthesis.likelihood import log_likelihood
from analysis.synthesis.studies import prepare

YI, VI = [0.10, 0.30, 0.35, 0.65], [0.01, 0.02, 0.04, 0.03]
FAR, WIDE = [1e6 + 0.25, 1e6 + 0.5, 1e6 + 1.0], [1e-6, 1.0, 1e6]


# --- pool ------------------------------------------------------------------------------------


@pytest.mark.parametrize("tau2", TAU2_ESTIMATORS)
@pytest.mark.parametrize(
    ("yi", "vi"), [(YI, VI), (YI[:2], VI[:2]), ([0.2] * 3, VI[:3]), (FAR, WIDE)]
)
def test_tau2_has_a_standard_error_and_i2_and_h2_have_limits(tau2, yi, vi) -> None:
    found = pool(yi, vi, tau2=tau2)
    assert math.isfinite(found.tau2_se)
    assert found.tau2_se >= 0
    assert 0 <= found.i2_ci_low <= found.i2_ci_high <= 100
    assert 1 <= found.h2_ci_low <= found.h2_ci_high
    assert found.h2_ci_high == pytest.approx(100 / (100 - found.i2_ci_high), rel=1e-6)


@pytest.mark.parametrize("tau2", ["EE", 0.2])
def test_a_tau2_that_was_not_estimated_has_neither(tau2) -> None:
    found = pool(YI, VI, tau2=tau2)
    assert (found.tau2_se, found.i2_ci_low, found.h2_ci_high) == (None, None, None)


def test_t_is_wald_with_wider_quantiles() -> None:
    wald, t = pool(YI, VI), pool(YI, VI, ci="t")
    assert (t.se, t.statistic, t.test_df) == (wald.se, wald.statistic, 3)
    assert t.ci_high - t.estimate == pytest.approx(3.182446305284263 * wald.se, rel=1e-12)
    assert t.p_value > wald.p_value


def test_estimators_are_related_as_they_should_be() -> None:
    tau2 = {name: pool(YI, VI, tau2=name).tau2 for name in TAU2_ESTIMATORS}
    assert tau2["PM"] == tau2["EB"] == tau2["SJIT"]
    assert tau2["PMM"] > tau2["PM"]  # the median of chi-square is below its mean
    assert 0 < tau2["DLIT"] < tau2["PM"]
    assert tau2["HSk"] > tau2["HS"]


# --- given weights -----------------------------------------------------------------------------


def test_inverse_variance_weights_give_dl_and_equal_weights_give_he() -> None:
    weighted = pool_weighted(YI, VI, 1 / np.array(VI))
    assert weighted.tau2 == pytest.approx(pool(YI, VI, tau2="DL").tau2, rel=1e-13)
    assert weighted.estimate == pytest.approx(pool(YI, VI, tau2="EE").estimate, rel=1e-13)
    equal = pool_weighted(YI, VI, [2.0] * 4)
    assert equal.tau2 == pytest.approx(pool(YI, VI, tau2="HE").tau2, rel=1e-13)
    assert equal.estimate == pytest.approx(np.mean(YI), rel=1e-14)
    assert equal.tau2_se == pytest.approx(pool(YI, VI, tau2="HE").tau2_se, rel=1e-12)


@pytest.mark.parametrize("weights", [[1, 2, 3], [1, 2, 3, 0], [1, 2, 3, -1], [1, 2, 3, math.nan]])
def test_bad_weights_are_refused(weights) -> None:
    with pytest.raises(ValueError, match="weights must be"):
        pool_weighted(YI, VI, weights)


def test_one_study_needs_no_weights() -> None:
    with pytest.raises(ValueError, match="at least two"):
        pool_weighted([0.1], [0.1], [1.0])


# --- profile likelihood -------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_the_likelihood_at_the_limits_is_what_defines_them(method: str, level: float) -> None:
    found, studies = profile_likelihood(YI, VI, tau2=method, level=level), prepare(YI, VI)
    drop = chi2.ppf(level, 1) / 2
    unit = studies.unit**2
    best, low, high = (
        log_likelihood(studies, tau2 / unit, restricted=method == "REML")
        for tau2 in (found.tau2, found.tau2_ci_low, found.tau2_ci_high)
    )
    assert best - high == pytest.approx(drop, rel=1e-9)
    if found.tau2_ci_low > 0:
        assert best - low == pytest.approx(drop, rel=1e-9)
    else:
        assert best - low <= drop


@pytest.mark.parametrize(("yi", "vi"), [(FAR, WIDE), ([-1e8, 1e8], [1e-6, 1e-6]), (YI[:2], VI[:2])])
def test_profile_likelihood_holds_the_estimate_on_extremes(yi, vi) -> None:
    found = profile_likelihood(yi, vi)
    assert 0 <= found.tau2_ci_low <= found.tau2 <= found.tau2_ci_high < math.inf


@pytest.mark.parametrize(
    ("yi", "vi", "options", "message"),
    [
        ([0.1], [0.1], {}, "at least two studies"),
        ([0.1, 0.1], [0.1, 0.2], {}, "all effects are equal"),
        (YI, VI, {"tau2": "DL"}, "one of REML, ML; found 'DL'"),
        (YI, VI, {"level": 95}, "level must lie between"),
    ],
)
def test_what_has_no_profile_is_refused(yi, vi, options, message) -> None:
    with pytest.raises(ValueError, match=message):
        profile_likelihood(yi, vi, **options)


# --- Henmi and Copas ----------------------------------------------------------------------------


def test_henmi_copas_without_heterogeneity_is_close_to_the_common_effect() -> None:
    yi, vi = [0.30, 0.31, 0.29, 0.30], VI
    found, common = henmi_copas(yi, vi), pool(yi, vi, tau2="EE")
    assert (found.tau2, found.estimate) == (0.0, pytest.approx(common.estimate, rel=1e-14))
    assert found.se == pytest.approx(common.se, rel=1e-14)
    assert 1.8 < found.critical < 1.96


@pytest.mark.parametrize(("yi", "vi"), [(FAR, WIDE), (YI[:2], VI[:2]), ([0.2] * 3, VI[:3])])
def test_henmi_copas_on_extremes(yi, vi) -> None:
    found = henmi_copas(yi, vi)
    assert found.ci_low < found.estimate < found.ci_high
    wide = henmi_copas(yi, vi, level=0.99)
    assert wide.critical > found.critical


def test_henmi_copas_needs_two_studies() -> None:
    with pytest.raises(ValueError, match="at least two"):
        henmi_copas([0.1], [0.1])


# --- prediction intervals ------------------------------------------------------------------------


def test_prediction_intervals_widen_with_what_they_allow_for() -> None:
    fit = pool(YI, VI)
    widths = [
        found.high - found.low
        for found in (prediction_interval(fit, m) for m in ("tau only", "z", "t k-1", "t k-2"))
    ]
    assert widths == sorted(widths)
    assert prediction_interval(fit, "z").low == fit.pi_low
    assert prediction_interval(fit, "t k-1", level=0.5).level == 0.5


@pytest.mark.parametrize(
    ("fit", "method", "message"),
    [
        (pool(YI, VI, tau2="EE"), "z", "common-effect model"),
        (pool(YI[:2], VI[:2]), "z", "at least three studies; found 2"),
        (pool(YI[:1], VI[:1]), "z", "at least three studies; found 1"),
        (pool(YI, VI), "t", "one of z, t k-1, t k-2, tau only; found 't'"),
    ],
)
def test_what_cannot_be_predicted_is_refused(fit, method, message) -> None:
    with pytest.raises(ValueError, match=message):
        prediction_interval(fit, method)


def test_every_estimator_has_a_standard_error() -> None:
    studies = prepare(YI, VI)
    for name, estimator in ESTIMATORS.items():
        assert estimator.error(studies, 0.1) > 0, name


def test_question_and_command_offer_every_estimator_of_the_engine() -> None:
    assert set(words.TAU2_METHODS) == {*TAU2_ESTIMATORS, "EE"}
    assert set(pool_file.TAU2_METHODS) == {*TAU2_ESTIMATORS, "EE"}
    for name in words.TAU2_METHODS:
        assert Question.from_query(Question(tau2=name).to_query()) == (Question(tau2=name), [])
