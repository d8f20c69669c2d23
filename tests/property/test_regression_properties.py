"""What must hold for meta-regression and models of dependent effects on any data."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.synthesis import pool
from analysis.synthesis.aggregate import aggregate
from analysis.synthesis.covariance import correlated
from analysis.synthesis.multilevel import three_level
from analysis.synthesis.regression import meta_regression
from analysis.synthesis.robust import robust
from analysis.synthesis.subgroups import subgroups

METHODS = st.sampled_from(["REML", "DL", "PM", "ML", "EB", "SJ", "HS", "HE", "EE"])
INTERVALS = st.sampled_from(["wald", "hksj", "hksj-adhoc"])
EFFECTS = st.integers(-10_000, 10_000).map(lambda thousandths: thousandths / 1e3)
VARIANCES = st.floats(-3, 2).map(lambda exponent: 10.0**exponent)
# The first call imports statsmodels, which takes longer than a deadline.
unhurried = settings(deadline=None)


@st.composite
def regressions(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    k = draw(st.integers(4, 10))
    x = draw(st.lists(st.integers(-20, 20), min_size=k, max_size=k, unique=True))
    yi = draw(st.lists(EFFECTS, min_size=k, max_size=k))
    vi = draw(st.lists(VARIANCES, min_size=k, max_size=k))
    return np.array(yi), np.array(vi), np.array(x, dtype=float)


@st.composite
def clustered(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    sizes = draw(st.lists(st.integers(1, 3), min_size=4, max_size=7).filter(lambda s: max(s) > 1))
    k = sum(sizes)
    yi = draw(st.lists(EFFECTS, min_size=k, max_size=k))
    vi = draw(st.lists(VARIANCES, min_size=k, max_size=k))
    return np.array(yi), np.array(vi), np.repeat(np.arange(len(sizes)), sizes)


@unhurried
@given(regressions(), METHODS, INTERVALS, st.randoms(use_true_random=False))
def test_order_of_studies_does_not_matter(data, tau2, ci, random) -> None:
    yi, vi, x = data
    order = list(range(len(yi)))
    random.shuffle(order)
    listed = meta_regression(yi, vi, {"x": x}, tau2=tau2, ci=ci)
    shuffled = meta_regression(yi[order], vi[order], {"x": x[order]}, tau2=tau2, ci=ci)
    assert shuffled.tau2 == pytest.approx(listed.tau2, rel=1e-9, abs=1e-12)
    assert shuffled.estimates == pytest.approx(listed.estimates, rel=1e-8, abs=1e-9)


@unhurried
@given(regressions(), METHODS, st.floats(-30, 30), st.floats(-5, 5))
def test_adding_a_line_to_the_effects_adds_it_to_the_coefficients(data, tau2, a, b) -> None:
    yi, vi, x = data
    once = meta_regression(yi, vi, {"x": x}, tau2=tau2)
    moved = meta_regression(yi + a + b * x, vi, {"x": x}, tau2=tau2)
    if tau2 != "SJ":  # whose crude start is the total variance of the effects
        assert moved.tau2 == pytest.approx(once.tau2, rel=1e-5, abs=1e-6)
    assert moved.q == pytest.approx(once.q, rel=1e-6, abs=1e-6)
    if tau2 == "EE":
        assert moved.estimates == pytest.approx(once.estimates + np.array([a, b]), abs=1e-6)


@unhurried
@given(regressions(), METHODS, INTERVALS)
def test_numbers_are_finite_and_ordered(data, tau2, ci) -> None:
    yi, vi, x = data
    fit = meta_regression(yi, vi, {"x": x}, tau2=tau2, ci=ci)
    for item in fit.coefficients:
        assert math.isfinite(item.estimate)
        assert item.ci_low <= item.estimate <= item.ci_high
        assert item.p_value is None or 0 <= item.p_value <= 1
    assert fit.tau2 >= 0
    assert fit.r2 is None or 0 <= fit.r2 <= 100
    assert fit.i2 is None or 0 <= fit.i2 <= 100
    assert np.linalg.eigvalsh(fit.covariance)[0] >= -1e-9 * np.trace(fit.covariance)


@unhurried
@given(regressions(), st.sampled_from(["REML", "ML"]), st.floats(0.0, 50.0))
def test_no_other_tau2_is_more_likely(data, method, other) -> None:
    yi, vi, x = data
    best = meta_regression(yi, vi, {"x": x}, tau2=method)
    design = best.design.matrix
    weights = 1 / (vi + other)
    given_other = meta_regression(yi, vi, {"x": x}, tau2=other)
    residuals = yi - design @ given_other.estimates
    n = len(yi) - 2 if method == "REML" else len(yi)
    height = -0.5 * (n * np.log(2 * np.pi) - np.log(weights).sum() + weights @ residuals**2)
    if method == "REML":
        height -= 0.5 * np.linalg.slogdet(design.T @ (weights[:, None] * design))[1]
        height += 0.5 * np.linalg.slogdet(design.T @ design)[1]
    assert best.log_likelihood >= height - 1e-7 * (1 + abs(height))


@unhurried
@given(regressions(), METHODS, INTERVALS)
def test_subgroups_are_pool_on_each_group(data, tau2, ci) -> None:
    yi, vi, _ = data
    groups = np.where(np.arange(len(yi)) % 2, "odd", "even")
    analysis = subgroups(yi, vi, groups, tau2=tau2, ci=ci)
    for group in analysis.groups:
        own = groups == group.name
        alone = pool(yi[own], vi[own], tau2, ci)
        assert (group.estimate, group.se, group.tau2) == (alone.estimate, alone.se, alone.tau2)


@settings(deadline=None, max_examples=12)
@given(clustered(), st.sampled_from(["REML", "ML"]))
def test_three_levels_are_at_least_as_likely_as_two(data, method) -> None:
    yi, vi, studies = data
    two, three = (meta_regression(yi, vi, tau2=method), three_level(yi, vi, studies, method=method))
    assert three.log_likelihood >= two.log_likelihood - 1e-8 * (1 + abs(two.log_likelihood))
    assert all(item.estimate >= 0 for item in three.components)
    assert math.isfinite(three.coefficients[0].se)


@unhurried
@given(clustered(), st.sampled_from(["CR0", "CR1", "CR2"]))
def test_robust_results_hold_no_nan(data, kind) -> None:
    yi, vi, studies = data
    fit = robust(meta_regression(yi, vi), studies, kind).coefficients[0]
    assert math.isfinite(fit.se)
    if fit.df is not None:
        assert 0 < fit.df < len(set(studies.tolist()))


@unhurried
@given(clustered(), st.floats(0.0, 0.95))
def test_merging_effects_is_never_less_precise_than_the_best_of_them(data, rho) -> None:
    yi, vi, studies = data
    merged = aggregate(yi, vi, studies, rho)
    for cluster, variance in enumerate(merged.vi):
        assert 0 < variance <= vi[studies == cluster].min() * (1 + 1e-9)
    assert np.linalg.eigvalsh(correlated(vi, studies, rho))[0] > 0
