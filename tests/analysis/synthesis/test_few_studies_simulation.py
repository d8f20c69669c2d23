"""The simulation behind the rule for few studies runs, stands on the engine, and finds what it found."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.synthesis import pool_bayes, told
from analysis.synthesis.few import pool_few
from tests.simulations import few_studies as few


@pytest.fixture(scope="module")
def results() -> list[few.Result]:
    rules = (few.TOLD, few.BARE, few.TODAY, "common effect", "HKSJ ad hoc")
    return few.simulate(sets=120, scales=(few.POINTS,), rules=rules)


def of(results: list[few.Result], rule: str, k: int) -> list[few.Result]:
    return [r for r in results if (r.rule, r.k) == (rule, k)]


def over_tau(results: list[few.Result], rule: str, k: int, name: str) -> float:
    return float(np.mean([getattr(r, name) for r in of(results, rule, k)]))


@pytest.mark.parametrize(
    ("k", "much", "withdrawn"), [(2, 0.0, 0.03), (3, 0.0, 0.03), (4, 0.1, 0.1)]
)
def test_the_rule_told_hardly_widens_when_agreeing_studies_become_more(
    results, k: int, much: float, withdrawn: float
) -> None:
    assert few.share(of(results, few.TOLD, k), "much", "agreeing") <= much
    assert few.share(of(results, few.TOLD, k), "withdrawn", "made") <= withdrawn


def test_common_for_two_and_hksj_from_three_widens_nearly_always(results) -> None:
    assert few.share(of(results, few.TODAY, 2), "much", "agreeing") > 0.9
    assert few.share(of(results, few.TODAY, 2), "withdrawn", "made") > 0.3


@pytest.mark.parametrize("k", [2, 3, 4])
def test_the_rule_told_covers_more_than_the_common_effect_and_is_shorter_than_hksj(
    results, k: int
) -> None:
    assert over_tau(results, few.TOLD, k, "coverage") > 0.85
    assert over_tau(results, "common effect", k, "coverage") < 0.75
    assert over_tau(results, few.TOLD, k, "length") < over_tau(results, "HKSJ ad hoc", k, "length")


def test_hardly_a_limit_of_the_rule_told_is_off_the_scale(results) -> None:
    """None but where two studies differ as uncontrolled series do: there as many as of Wald's, which are few."""
    *others, farthest = of(results, few.TOLD, 2)
    assert [r.off for r in others] == [0] * 4
    assert farthest.off < 0.05
    assert over_tau(results, few.BARE, 2, "off") == 0
    assert over_tau(results, "HKSJ ad hoc", 2, "off") > 0.2


@pytest.mark.parametrize("k", [2, 3, 4, 5, 6])
def test_what_is_simulated_is_what_is_told(k: int) -> None:
    yi, vi = few.draw(np.random.default_rng(k), few.LOG_ODDS, 5, k, 0.5)
    low, high = few.CANDIDATES[few.TOLD](yi, vi, few.LOG_ODDS)
    bare = few.CANDIDATES[few.BARE](yi, vi, few.LOG_ODDS)
    for i in range(len(yi)):
        result = told(yi[i], vi[i]).result
        assert (low[i], high[i]) == pytest.approx((result.ci_low, result.ci_high), abs=1e-5)
        before = pool_few(yi[i], vi[i]) if k <= few.FEW else result
        ends = bare[0][i], bare[1][i]
        assert ends == pytest.approx((before.ci_low, before.ci_high), abs=1e-5)


def test_the_half_normal_candidate_is_the_engines_posterior() -> None:
    yi, vi = few.draw(np.random.default_rng(3), few.POINTS, 4, 3, 0.6)
    low, high = few.half_normal(2.0)(yi, vi, few.POINTS)
    for i in range(len(yi)):
        mean = pool_bayes(yi[i], vi[i], ("half-normal", 1.2)).mean
        assert (low[i], high[i]) == pytest.approx((mean.ci_low, mean.ci_high), abs=1e-5)
