"""One more study: the update is `pool`'s, the chances are a simulation's, and what is settled is the verdict's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm
from statsmodels.stats.power import TTestIndPower

from analysis.appraisal.verdict import Verdict, verdict
from analysis.figures.extended_funnel import Grid, outlines
from analysis.robustness.next_study import (
    Chances,
    Conclusion,
    Yardstick,
    chances_after,
    information_size,
    patient_variance,
    with_new_study,
)
from analysis.synthesis import pool

YI, VI = [-0.3, -1.1, -0.5, -1.3], [0.37, 0.31, 0.17, 0.41]
BENEFIT_BELOW = Yardstick(0.0, -1.0, 1.5)


def per_patient(effects: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    return 4 * 2.9**2 / sizes + 0 * effects


@pytest.mark.parametrize(
    ("tau2", "ci"), [("REML", "hksj-adhoc"), ("DL", "wald"), ("EE", "wald"), ("PM", "hksj")]
)
def test_every_cell_is_the_pool_of_the_studies_and_the_new_one(tau2, ci):
    results, variances = np.array([-2.0, -0.4, 0.9]), np.array([[0.02], [0.5]])
    low, high = with_new_study(YI, VI, results, variances, tau2, ci)
    for i, v in enumerate([0.02, 0.5]):
        for j, y in enumerate(results):
            whole = pool([*YI, y], [*VI, v], tau2, ci)
            assert (low[i, j], high[i, j]) == pytest.approx((whole.ci_low, whole.ci_high), abs=1e-9)


def test_conclusions_follow_the_verdict_of_the_answer():
    same = {
        Verdict.IMPORTANT_BENEFIT: {Conclusion.IMPORTANT},
        Verdict.BENEFIT: {Conclusion.BENEFIT},
        Verdict.SMALL_BENEFIT: {Conclusion.NOT_IMPORTANT},
        Verdict.NO_IMPORTANT_DIFFERENCE: {Conclusion.NOT_IMPORTANT},
        # only an important harm is possible besides: no important benefit all the same
        Verdict.UNCERTAIN: {Conclusion.OPEN, Conclusion.NOT_IMPORTANT},
        Verdict.SMALL_HARM: {Conclusion.HARM},
        Verdict.HARM: {Conclusion.HARM},
        Verdict.IMPORTANT_HARM: {Conclusion.HARM},
    }
    ends = np.sort(np.random.default_rng(5).uniform(-4, 4, (400, 2)), axis=1)
    found = BENEFIT_BELOW.conclude(ends[:, 0], ends[:, 1])
    seen = set()
    for (low, high), item in zip(ends, found, strict=True):
        said = verdict(-high, -low, 1.5)
        assert Conclusion(item) in same[said]
        seen.add(said)
    assert seen == set(Verdict) - {Verdict.BETTER, Verdict.WORSE}  # said without a threshold


def test_without_an_important_difference_only_sides_remain():
    found = Yardstick(0.0, 1.0).conclude(np.array([0.1, -1.0, -2.0]), np.array([1.0, 1.0, -1.0]))
    assert [Conclusion(item).name for item in found] == ["BENEFIT", "OPEN", "HARM"]


@pytest.mark.parametrize(("tau2", "ci"), [("REML", "hksj-adhoc"), ("EE", "wald")])
def test_chances_agree_with_a_simulation(tau2, ci):
    """20,000 draws: a proportion is known to +/- 0.014 (four standard errors), the integral to 0.005."""
    points = norm(-0.8, 0.6).ppf((np.arange(80) + 0.5) / 80)
    sizes = [60.0, 400.0]
    found = chances_after(
        YI, VI, points, np.full(80, 1 / 80), sizes, per_patient, BENEFIT_BELOW, tau2, ci
    )
    random = np.random.default_rng(11)
    for row, size in enumerate(sizes):
        truth = random.choice(points, 20_000)
        v = 4 * 2.9**2 / size
        limits = with_new_study(YI, VI, random.normal(truth, math.sqrt(v)), v, tau2, ci)
        drawn = np.bincount(BENEFIT_BELOW.conclude(*limits), minlength=5) / 20_000
        assert found.of[row] == pytest.approx(drawn, abs=0.02)


def test_chances_of_every_size_add_up_to_one():
    found = chances_after(
        YI, VI, np.array([-1.0, 0.0]), np.array([0.3, 0.7]), [20, 100, 1e6], per_patient,
        BENEFIT_BELOW, "REML", "hksj-adhoc",
    )  # fmt: skip
    assert found.of.sum(axis=1) == pytest.approx([1, 1, 1])
    assert found.settled == pytest.approx(1 - found.of[:, Conclusion.OPEN])


def test_no_size_settles_what_differs_between_trials():
    yi, vi = [-4.0, 0.5, 3.0, -2.0, 4.0], [0.1] * 5
    found = chances_after(
        yi, vi, np.linspace(-4, 4, 9), np.full(9, 1 / 9), [100, 1000, 1e6], per_patient,
        BENEFIT_BELOW, "REML", "hksj-adhoc",
    )  # fmt: skip
    assert found.settled[-1] < 0.5
    assert found.size_for(0.8) is None


def test_the_size_for_a_chance_is_that_from_which_on_it_holds():
    """The chance may fall with size: what a small study reaches and larger ones miss is no answer."""
    of = np.zeros((4, 5))
    for first, expected in (((0.84, 0.78, 0.79, 0.797), None), ((0.84, 0.7, 0.9, 0.95), 150.0)):
        of[:, 1] = first
        of[:, 0] = 1 - of[:, 1]
        found = Chances(np.array([20.0, 100.0, 225.0, 5000.0]), of.copy())
        assert found.size_for(0.8) == (expected if expected is None else pytest.approx(expected))


def test_the_size_for_a_chance_lies_between_the_sizes_around_it():
    settled = np.array([0.1, 0.6, 0.9])
    of = np.column_stack([1 - settled, settled, *np.zeros((3, 3))])
    found = Chances(np.array([50.0, 100.0, 400.0]), of)
    assert found.size_for(0.75) == pytest.approx(200.0)
    assert found.size_for(0.05) == 50.0
    assert found.size_for(0.95) is None


def test_the_spread_between_patients_comes_back_from_variances_and_sizes():
    n_t, n_c, sd = np.array([30, 80, 55]), np.array([25, 90, 60]), 2.4
    vi = sd**2 * (1 / n_t + 1 / n_c)
    assert patient_variance(vi, n_t, n_c) == pytest.approx(sd**2)
    assert patient_variance(sd**2 / n_t, n_t) == pytest.approx(sd**2)
    assert patient_variance([0.1, vi[1], 0.2], [np.nan, 80, 30], [10, 90, np.nan]) == pytest.approx(
        sd**2
    )
    assert patient_variance([0.1], [np.nan], [20]) is None


@pytest.mark.parametrize("standardised", [0.2, 0.5, 0.8])
def test_the_information_size_is_that_of_the_normal_formula_and_a_little_more(standardised):
    """A t test needs about two patients more than the normal formula, and whole ones."""
    normal = 4 * (norm.ppf(0.975) + norm.ppf(0.8)) ** 2 / standardised**2
    assert normal <= information_size(standardised * 3, 3.0, 0.8, 0.95) <= normal + 7


@pytest.mark.parametrize("standardised", [0.05, 0.2, 0.5, 1.0, 2.0])
@pytest.mark.parametrize(("power", "level"), [(0.3, 0.95), (0.8, 0.9), (0.9, 0.95), (0.99, 0.99)])
def test_the_information_size_is_that_of_statsmodels(standardised, power, level):
    theirs = TTestIndPower().solve_power(standardised, alpha=1 - level, power=power)
    assert information_size(standardised, 1.0, power, level) == 2 * math.ceil(float(theirs))


@pytest.mark.parametrize("faulty", [(0.0, 1.0, 0.8, 0.95), (1.0, -1.0, 0.8, 0.95), (1.0, 1.0, 1.0, 0.95)])  # fmt: skip
def test_an_information_size_of_nonsense_is_refused(faulty):
    with pytest.raises(ValueError, match="must"):
        information_size(*faulty)


def area(outline: list[tuple[float, float]]) -> float:
    """Shoelace formula, with the logarithm of the size upwards."""
    xs, ys = np.array([x for x, _ in outline]), np.log([y for _, y in outline])
    return abs(float(xs[:-1] @ ys[1:] - xs[1:] @ ys[:-1])) / 2


def test_outlines_cover_the_whole_drawing_once():
    """Where one region splits another, no strip is left out: at most a cell's width per row of slanting edge."""
    found = np.zeros((6, 8), dtype=np.int8)
    found[2:, 3:5] = 1
    found[4, 3:7] = 1
    grid = Grid(np.arange(9.0), np.exp(np.arange(6.0)), found)
    whole = 8.0 * 5.0
    areas = [sum(area(o) for o in outlines(grid, value)) for value in (0, 1)]
    assert sum(areas) == pytest.approx(whole, abs=2.0)
    upright = Grid(grid.results, grid.sizes, np.repeat(found[2:3], 6, axis=0))
    areas = [sum(area(o) for o in outlines(upright, value)) for value in (0, 1)]
    assert areas == pytest.approx([30.0, 10.0])
