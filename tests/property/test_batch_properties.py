"""Many fits at once are the single fits, set by set: random sets, extremes, and every estimator.

Tolerances: estimates relative to the standard error, tau2 relative to itself plus the smallest variance
(the scale on which it acts), both 1e-9; observed differences are near 1e-14.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.synthesis import pool, pool_many
from analysis.synthesis.estimators import TAU2_ESTIMATORS
from analysis.synthesis.isolate import isolate
from analysis.synthesis.likelihood import log_likelihood, maximise
from analysis.synthesis.studies import prepare
from analysis.synthesis.weighted import sums_on, tau2_grid

MODELS = [*TAU2_ESTIMATORS, "EE"]
TOLERANCE = 1e-9


def assert_equals_single_fits(yi, vi, mask, tau2: str, ci: str) -> int:
    """Compare all sets of two studies or more; return how many they are."""
    many = pool_many(yi, vi, mask, tau2=tau2, ci=ci, tau2_ci=True)
    compared = 0
    for i in np.flatnonzero(many.k >= 2):
        effects = (yi if np.ndim(yi) == 1 else yi[i])[mask[i]]
        variances = (vi if np.ndim(vi) == 1 else vi[i])[mask[i]]
        one = pool(effects, variances, tau2=tau2, ci=ci)
        compared += 1
        scale = one.se + 1e-12 * abs(one.estimate)
        for name in ("estimate", "se", "ci_low", "ci_high"):
            distance = abs(getattr(many, name)[i] - getattr(one, name))
            assert distance <= TOLERANCE * max(scale, 1e-300), (i, name)
        for name in ("tau2", "tau2_ci_low", "tau2_ci_high"):
            expected = getattr(one, name)
            if expected is not None:
                distance = abs(getattr(many, name)[i] - expected)
                assert distance <= TOLERANCE * (expected + variances.min()), (i, name)
        for name in ("i2", "h2", "q", "q_p_value", "p_value"):
            expected, found = getattr(one, name), getattr(many, name)[i]
            if expected is None:
                assert math.isnan(found)
            else:
                assert found == pytest.approx(expected, rel=1e-7, abs=1e-9), (i, name)
    return compared


def ordinary(rng: np.random.Generator, sets: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    vi = rng.uniform(0.01, 0.2, (sets, k))
    tau2 = rng.choice([0.0, 0.01, 0.05, 0.3], (sets, 1))
    return rng.normal(0.3, 1, (sets, k)) * np.sqrt(vi + tau2), vi


def wild(rng: np.random.Generator, sets: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Variances over 12 decades, effects over 8, some sets far from 0 and some with equal effects."""
    vi = 10.0 ** rng.uniform(-6, 6, (sets, k))
    yi = rng.normal(0, 1, (sets, k)) * 10.0 ** rng.uniform(-4, 4, (sets, k))
    yi[: sets // 10] += 1e6
    yi[sets // 10 : sets // 5] = 0.25
    return yi, vi


@pytest.mark.parametrize("tau2", MODELS)
@pytest.mark.parametrize(("make", "seed"), [(ordinary, 1), (wild, 2)])
def test_thousands_of_sets_equal_the_loop(tau2: str, make, seed: int) -> None:
    rng = np.random.default_rng(seed)
    compared = 0
    for k, ci in ((2, "wald"), (3, "t"), (9, "hksj"), (20, "hksj-adhoc")):
        yi, vi = make(rng, 60, k)
        mask = rng.random((60, k)) < (1.0 if k == 2 else 0.85)
        compared += assert_equals_single_fits(yi, vi, mask, tau2, ci)
    assert compared > 220


@pytest.mark.parametrize("tau2", MODELS)
def test_subsets_of_one_set_equal_the_loop(tau2: str) -> None:
    rng = np.random.default_rng(3)
    for make in (ordinary, wild):
        yi, vi = make(rng, 30, 10)
        mask = rng.random((150, 10)) < 0.6
        assert assert_equals_single_fits(yi[25], vi[25], mask, tau2, "hksj") > 100


EFFECTS = st.integers(-10_000_000, 10_000_000).map(lambda millionths: millionths / 1e6)
VARIANCES = st.floats(-3, 3).map(lambda exponent: 10.0**exponent)


@st.composite
def batches(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    sets, k = draw(st.integers(1, 5)), draw(st.integers(2, 6))
    cells = {"min_size": sets * k, "max_size": sets * k}
    shape = (sets, k)
    yi = np.array(draw(st.lists(EFFECTS, **cells))).reshape(shape)
    vi = np.array(draw(st.lists(VARIANCES, **cells))).reshape(shape)
    mask = np.array(draw(st.lists(st.booleans(), **cells))).reshape(shape)
    return yi, vi, mask


@settings(deadline=None)
@given(batches(), st.sampled_from(MODELS), st.sampled_from(["wald", "t", "hksj", "hksj-adhoc"]))
def test_any_batch_equals_the_loop(batch, tau2, ci) -> None:
    assert_equals_single_fits(*batch, tau2, ci)


# --- the solver --------------------------------------------------------------------------------


def two_humps(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Precise studies close together and imprecise ones far apart: often two maxima or three."""
    groups = rng.integers(2, 4)
    yi, vi = [], []
    for group in range(groups):
        n, sd = rng.integers(2, 6), 10.0 ** (group * rng.uniform(0.8, 2))
        yi.append(rng.normal(0, sd * rng.uniform(0.3, 3), n))
        vi.append(np.full(n, (sd * rng.uniform(0.05, 0.8)) ** 2))
    return np.concatenate(yi), np.concatenate(vi)


@pytest.mark.parametrize("restricted", [True, False])
def test_no_tau2_has_a_higher_likelihood_than_the_estimate(restricted: bool) -> None:
    rng, several = np.random.default_rng(4), 0
    for _ in range(150):
        studies = prepare(*two_humps(rng))
        grid = sums_on(studies, tau2_grid(studies))
        tau2, maxima = maximise(studies, grid, restricted)
        several += maxima > 1
        best = log_likelihood(studies, tau2, restricted)
        base = np.exp(np.linspace(0, np.log1p(grid.tau2[-1]), 400)) - 1
        heights = [log_likelihood(studies, t, restricted) for t in base.tolist()]
        assert best >= max(heights) - 1e-9 * abs(best)
    assert several > 5  # the sets are as hard as they are meant to be


def test_maxima_between_two_points_of_the_grid_are_found() -> None:
    rng, hidden = np.random.default_rng(5), 0
    for _ in range(400):
        studies = prepare(*two_humps(rng))
        grid = sums_on(studies, tau2_grid(studies))
        ratio = grid.trace / grid.rss

        def ratio_at(_, tau2, studies=studies):
            sums = sums_on(studies, tau2)
            return sums.trace / sums.rss

        found = isolate(
            grid.tau2[:, None], ratio[:, None], np.array([studies.smallest_variance]), ratio_at
        )
        dense = np.exp(np.linspace(0, np.log1p(grid.tau2[-1]), 6000)) - 1
        above = ratio_at(None, dense) >= 1
        assert len(found.sets) == np.count_nonzero(~above[:-1] & above[1:])
        coarse = ratio >= 1
        hidden += len(found.sets) > np.count_nonzero(~coarse[:-1] & coarse[1:])
    assert hidden > 0  # a grid alone would miss some
