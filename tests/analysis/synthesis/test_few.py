"""`pool_few`: the posterior of a few studies, held to brute-force integration and to its limits."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from analysis.synthesis import pool, pool_bayes
from analysis.synthesis.few import pool_few, typical_error
from analysis.synthesis.told import told
from analysis.synthesis.told_many import told_many

SETS = [
    ([-0.70, -0.41], [0.26, 0.14]),
    ([0.0, 3.0], [0.5, 0.2]),
    ([1.0, 1.1, 0.9], [0.3, 0.01, 2.0]),
    ([0.13, -0.51, 1.02, 0.4], [0.053, 0.14, 0.26, 0.09]),
]

ROOT_2 = math.sqrt(2.0)


def by_brute_force(yi: list[float], vi: list[float], level: float) -> tuple[float, float, float]:
    """Mean and limits from adaptive integration over tau, by nothing that the engine uses."""
    y, v = np.array(yi), np.array(vi)
    typical = np.average(np.sqrt(v), weights=1 / v)

    def given(tau: float) -> tuple[float, float, float]:
        w = 1 / (v + tau * tau)
        m = (w * y).sum() / w.sum()
        log = -tau / typical + 0.5 * np.log(w).sum() - 0.5 * math.log(w.sum())
        return math.exp(log - 0.5 * (w * (y - m) ** 2).sum()), m, w.sum() ** -0.5

    def integral(of) -> float:
        edges = [0, typical / 4, typical, 3 * typical, 10 * typical, 60 * typical]
        return sum(
            quad(lambda t: of(*given(t)), a, b, epsabs=0, epsrel=1e-11, limit=200)[0]
            for a, b in itertools.pairwise(edges)
        )

    mass = integral(lambda p, m, s: p)

    def below(x: float) -> float:
        return integral(lambda p, m, s: p * 0.5 * math.erfc((m - x) / (s * ROOT_2))) / mass

    tail = (1 - level) / 2
    limits = [brentq(lambda x, p=p: below(x) - p, -30, 30, xtol=1e-9) for p in (tail, 1 - tail)]
    return integral(lambda p, m, s: p * m) / mass, *limits


@pytest.mark.parametrize(("yi", "vi", "level"), [(*SETS[0], 0.8), *((*s, 0.95) for s in SETS)])
def test_it_is_the_posterior(yi: list[float], vi: list[float], level: float) -> None:
    found = pool_few(yi, vi, level)
    expected = by_brute_force(yi, vi, level)
    # Brute force leaves out e^-60 beyond 60 typical errors and stops at 1e-9.
    assert (found.estimate, found.ci_low, found.ci_high) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize(("yi", "vi"), SETS)
def test_the_weights_give_the_estimate(yi: list[float], vi: list[float]) -> None:
    found = pool_few(yi, vi)
    assert found.weights.sum() == pytest.approx(100, rel=1e-12)
    assert found.weights @ yi / 100 == pytest.approx(found.estimate, rel=1e-10)


@pytest.mark.parametrize("effect", [0.0, 0.7])
def test_two_equal_studies_are_told_like_one_of_them(effect: float) -> None:
    two, one = pool_few([effect, effect], [0.1, 0.1]), pool([effect], [0.1])
    assert two.estimate == pytest.approx(effect, abs=1e-12)
    # 1.96001 in place of 1.95996 standard errors.
    assert two.ci_high - two.ci_low == pytest.approx(one.ci_high - one.ci_low, rel=1e-4)


@pytest.mark.parametrize(("factor", "shift"), [(7.0, 0.0), (1e-3, 5.0), (1.0, -1e3), (-1.0, 0.0)])
@pytest.mark.parametrize(("yi", "vi"), SETS)
def test_unit_sign_and_origin_do_not_matter(yi, vi, factor: float, shift: float) -> None:
    plain = pool_few(yi, vi)
    moved = pool_few(np.array(yi) * factor + shift, np.array(vi) * factor**2)
    limits = sorted(factor * limit + shift for limit in (plain.ci_low, plain.ci_high))
    assert [moved.ci_low, moved.ci_high] == pytest.approx(limits, rel=1e-8, abs=1e-8 * abs(factor))
    assert moved.i2 == pytest.approx(plain.i2, rel=1e-7)


@pytest.mark.parametrize(("yi", "vi"), SETS)
def test_its_parts_are_those_of_the_bayesian_model(yi: list[float], vi: list[float]) -> None:
    found, full = (
        pool_few(yi, vi),
        pool_bayes(yi, vi, ("exponential", float(typical_error(np.array(vi))))),
    )
    assert found.tau2 == pytest.approx(full.tau.median**2, rel=1e-12)
    assert found.i2_ci_low < found.i2 < found.i2_ci_high
    assert (found.p_value, found.pi_low, found.test_df) == (None, None, None)
    assert found.q == pytest.approx(pool(yi, vi).q, rel=1e-12)
    json.dumps(found.to_dict())


@pytest.mark.parametrize(("yi", "vi"), [SETS[0], SETS[1], ([1.0, 1.1, 0.9], [0.3, 0.1, 0.2])])
@pytest.mark.parametrize("effect", [-40.0, 0.5])
def test_a_study_next_to_worthless_changes_next_to_nothing(yi, vi, effect: float) -> None:
    before = told(yi, vi).result
    after = told([*yi, effect], [*vi, 1e6 * max(vi)]).result
    width = before.ci_high - before.ci_low
    for name in ("estimate", "ci_low", "ci_high"):
        assert getattr(after, name) == pytest.approx(getattr(before, name), abs=1e-3 * width), name


def test_one_study_is_refused() -> None:
    with pytest.raises(ValueError, match="at least two studies are needed; found 1"):
        pool_few([0.1], [0.2])


def test_many_sets_at_once_are_told_as_each_alone():
    """To 1e-4 of the interval's width: enough for chances and maps, and no set lies near another rule."""
    rng = np.random.default_rng(20261128)
    for k in (2, 3, 4, 6):
        yi, vi = rng.normal(0, 1, (30, k)), rng.uniform(0.1, 1, (30, k)) ** 2
        many = told_many(yi, vi)
        found = np.array([many.ci_low, many.ci_high]).T
        each = [told(y, v).result for y, v in zip(yi, vi, strict=True)]
        expected = np.array([(r.ci_low, r.ci_high) for r in each])
        width = np.ptp(expected, axis=1, keepdims=True)
        assert np.max(np.abs(found - expected) / width) < 1e-4
