"""The predictive distribution: against published numbers, against a simulation, and at its limits."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from scipy.integrate import quad

from analysis.synthesis import pool, predictive

# Cisapride, 13 trials: Hartung and Knapp (2001), Statistics in Medicine 20, 3875-3889; as printed in the
# introduction to the R package pimeta 1.1.3 with its results (25,000 draws; 1/2 added to every cell).
EVENTS_1 = [15, 12, 29, 42, 14, 44, 14, 29, 10, 17, 38, 19, 21]
SIZE_1 = [16, 16, 34, 56, 22, 54, 17, 58, 14, 26, 44, 29, 38]
EVENTS_2 = [9, 1, 18, 31, 6, 17, 7, 23, 3, 6, 12, 22, 19]
SIZE_2 = [16, 16, 34, 56, 22, 55, 15, 58, 15, 27, 45, 30, 38]
PIMETA_LOW, PIMETA_HIGH, PIMETA_BELOW_0 = 0.533, 33.692, 0.075


def cisapride() -> tuple[np.ndarray, np.ndarray]:
    a, c = np.array(EVENTS_1) + 0.5, np.array(EVENTS_2) + 0.5
    b, d = np.array(SIZE_1) + 1 - a, np.array(SIZE_2) + 1 - c
    return np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d


def test_it_gives_the_published_interval_of_the_bootstrap() -> None:
    found = predictive(*cisapride(), floor=False)
    # A limit of 25,000 draws has a standard error of about 0.02 on the log scale here; a share, 0.002.
    assert found.low == pytest.approx(math.log(PIMETA_LOW), abs=0.04)
    assert found.high == pytest.approx(math.log(PIMETA_HIGH), abs=0.04)
    assert found.below(0.0) == pytest.approx(PIMETA_BELOW_0, abs=0.004)


@pytest.mark.parametrize(
    ("yi", "vi"),
    [
        ([-0.3, -1.13, -0.45, -1.3, -0.8], [0.37, 0.31, 0.17, 0.41, 0.2]),
        ([0.0, 1.0, 2.2, 0.4, 1.1, 0.9], [0.1, 0.1, 0.2, 0.4, 0.01, 0.3]),
    ],
)
def test_it_is_what_drawing_from_its_definition_gives(yi: list[float], vi: list[float]) -> None:
    rng = np.random.default_rng(4)
    y, v, k = np.array(yi), np.array(vi), len(yi)
    w = 1 / v

    def q_of(effects: np.ndarray) -> np.ndarray:
        mean = (effects * w).sum(axis=-1, keepdims=True) / w.sum()
        return ((effects - mean) ** 2 * w).sum(axis=-1)

    grid = np.append(0.0, np.geomspace(1e-4, 1e3, 150))
    draws = rng.standard_normal((20_000, k))
    exceeds = [(q_of(draws * np.sqrt(v + t)) > q_of(y)).mean() for t in grid]
    uniform = rng.uniform(size=300_000)
    tau2 = np.where(
        uniform < exceeds[0], 0.0, np.interp(uniform, np.maximum.accumulate(exceeds), grid)
    )
    weights = 1 / (v + tau2[:, None])
    total = weights.sum(axis=1)
    mean = (weights * y).sum(axis=1) / total
    variance = (weights * (y - mean[:, None]) ** 2).sum(axis=1) / (k - 1) / total
    new = (
        mean
        + rng.standard_normal(len(mean)) * np.sqrt(tau2)
        - rng.standard_t(k - 1, len(mean)) * np.sqrt(variance)
    )
    found = predictive(yi, vi, level=0.9, floor=False)
    # Three standard errors of the draws (0.003 of the share), twice for the grid's own.
    assert found.below(np.quantile(new, 0.05)) == pytest.approx(0.05, abs=0.006)
    assert found.below(np.quantile(new, 0.95)) == pytest.approx(0.95, abs=0.006)
    assert found.below(0.0) == pytest.approx((new < 0).mean(), abs=0.006)


def test_limits_belong_to_the_distribution_and_shares_to_its_sides() -> None:
    found = predictive(*cisapride(), level=0.8)
    assert found.below(found.low) == pytest.approx(0.1, abs=1e-9)
    assert found.below(found.high) == pytest.approx(0.9, abs=1e-9)
    assert found.share_beyond(0.5) + found.share_beyond(0.5, better=-1) == pytest.approx(1)


@pytest.mark.parametrize(("factor", "shift"), [(1e3, 0.0), (1.0, 50.0), (-1.0, 0.0)])
def test_unit_origin_and_sign_do_not_matter(factor: float, shift: float) -> None:
    y, v = cisapride()
    plain, moved = predictive(y, v), predictive(factor * y + shift, factor**2 * v)
    expected = sorted(factor * limit + shift for limit in (plain.low, plain.high))
    assert [moved.low, moved.high] == pytest.approx(expected, abs=2e-3 * abs(factor))


def test_many_studies_come_near_the_usual_interval() -> None:
    rng = np.random.default_rng(2)
    vi = rng.uniform(0.05, 0.4, 120)
    yi = rng.normal(0.0, np.sqrt(1 + vi))
    # DL, as tau2's confidence distribution rests on the Q of DL.
    found, usual = predictive(yi, vi), pool(yi, vi, tau2="DL", ci="hksj")
    assert found.high - found.low == pytest.approx(usual.pi_high - usual.pi_low, rel=0.04)


@pytest.mark.parametrize("yi", [[0.2, 0.2, 0.2], [0.0, 1e6, -1e6], [0.0, 1e-9, 2e-9]])
def test_extreme_sets_give_finite_limits(yi: list[float]) -> None:
    found = predictive(yi, [0.1, 0.2, 0.3])
    assert math.isfinite(found.low)
    assert found.low <= yi[0] <= found.high


@pytest.mark.parametrize(
    ("yi", "vi"),
    [
        ([0.5, 0.2, 0.1, 0.4, 0.4, 0.1], [0.1, 0.1, 0.2, 0.2, 0.2, 0.1]),
        ([0.0] * 5, [0.1] * 5),
        ([0.1, 0.1, 0.2, 0.1, 0.1, 0.1, 0.2], [0.3, 0.01, 0.4, 0.2, 0.5, 0.1, 0.2]),
    ],
)
def test_of_studies_that_agree_a_new_effect_is_known_no_better_than_their_mean(yi, vi) -> None:
    found, mean = predictive(yi, vi), pool(yi, vi, ci="hksj-adhoc")
    near = 1e-6 * (mean.ci_high - mean.ci_low)
    assert found.low <= mean.ci_low + near
    assert found.high >= mean.ci_high - near
    published = predictive(yi, vi, floor=False)
    assert published.high - published.low < mean.ci_high - mean.ci_low


def test_two_studies_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 3 studies; found 2"):
        predictive([0.1, 0.2], [0.1, 0.1])


def test_the_distribution_of_q_is_that_of_its_eigenvalues() -> None:
    """The determinants that stand in for eigenvalues, against eigenvalues worked out and integrated apart."""
    room = sys.modules["analysis.synthesis.predictive"]
    rng = np.random.default_rng(8)
    v = rng.uniform(0.002, 0.3, room.FEW + 5)
    w = 1 / v
    form = np.diag(w) - np.outer(w, w) / w.sum()
    for tau2, q in ((0.0, 50.0), (0.05, 150.0), (0.3, 900.0)):
        root = np.sqrt(v + tau2)
        eigenvalues = np.linalg.eigvalsh(root[:, None] * form * root)[1:] / q

        def integrand(x: float, values: np.ndarray = eigenvalues) -> float:
            angle = 0.5 * (np.arctan(values * x).sum() - x)
            return math.sin(angle) / x * np.exp(-0.25 * np.log1p((values * x) ** 2).sum())

        imhof = 0.5 + quad(integrand, 0, np.inf, limit=2000)[0] / math.pi
        found = room._Spectrum(v).exceeds(np.array([tau2]), q)[0]
        assert found == pytest.approx(imhof, abs=1e-6)
