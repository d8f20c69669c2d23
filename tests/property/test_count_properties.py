"""What must hold for any counts: Mantel-Haenszel, Peto, and GLMMs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.synthesis.counts import (
    mh_odds_ratio,
    mh_rate_ratio,
    mh_risk_difference,
    mh_risk_ratio,
    peto,
)
from analysis.synthesis.glmm import (
    IRR_MODELS,
    OR_MODELS,
    glmm_odds_ratio,
    glmm_proportion,
    glmm_rate_ratio,
)

unhurried = settings(deadline=None)
slow = settings(max_examples=12, deadline=None)
CLOSED = {"rel": 1e-9, "abs": 1e-11}
FITTED = {"rel": 1e-5, "abs": 1e-5}


@st.composite
def two_groups(draw, most: int = 8):
    """Events and sizes of two groups, zero cells and empty studies included."""
    k = draw(st.integers(1, most))
    sizes = st.lists(st.integers(1, 60), min_size=k, max_size=k)
    n1, n2 = draw(sizes), draw(sizes)
    a = [draw(st.integers(0, n)) for n in n1]
    c = [draw(st.integers(0, n)) for n in n2]
    return tuple(np.array(column) for column in (a, n1, c, n2))


FUNCTIONS = st.sampled_from([mh_odds_ratio, mh_risk_ratio, mh_risk_difference, peto])


def negated(value: float | None) -> float | None:
    return None if value is None else -value


def same(found, expected, tolerance) -> None:
    if expected is None:
        assert found is None
    else:
        assert found == pytest.approx(expected, **tolerance)


@unhurried
@given(two_groups(), FUNCTIONS)
def test_results_are_numbers_or_none_with_a_reason(arms, function) -> None:
    result = function(*arms)
    for name in ("estimate", "se", "ci_low", "ci_high", "q", "i2", "cmh", "tarone"):
        value = getattr(result, name)
        assert value is None or math.isfinite(value), name
    if result.estimate is None:
        assert result.notes
    else:
        assert result.ci_low <= result.estimate <= result.ci_high


@unhurried
@given(two_groups(), FUNCTIONS)
def test_exchanging_the_groups_turns_the_sign(arms, function) -> None:
    a, n1, c, n2 = arms
    once, turned = function(a, n1, c, n2), function(c, n2, a, n1)
    same(turned.estimate, negated(once.estimate), CLOSED)
    same(turned.se, once.se, {"rel": 1e-6, "abs": 1e-9})
    same(turned.q, once.q, {"rel": 1e-6, "abs": 1e-9})


@unhurried
@given(two_groups(), st.sampled_from([mh_odds_ratio, mh_risk_difference, peto]))
def test_counting_what_did_not_happen_turns_the_sign(arms, function) -> None:
    a, n1, c, n2 = arms
    once, turned = function(a, n1, c, n2), function(n1 - a, n1, n2 - c, n2)
    same(turned.estimate, negated(once.estimate), CLOSED)
    same(turned.se, once.se, {"rel": 1e-6, "abs": 1e-9})


@unhurried
@given(two_groups(), FUNCTIONS)
def test_every_study_twice_keeps_the_estimate_and_halves_the_variance(arms, function) -> None:
    once = function(*arms)
    twice = function(*(np.tile(column, 2) for column in arms))
    same(twice.estimate, once.estimate, CLOSED)
    expected = None if once.se is None else once.se / math.sqrt(2)
    same(twice.se, expected, {"rel": 1e-6, "abs": 1e-9})


@unhurried
@given(two_groups(), FUNCTIONS, st.randoms(use_true_random=False))
def test_the_order_of_studies_does_not_matter(arms, function, random) -> None:
    order = list(range(len(arms[0])))
    random.shuffle(order)
    once, shuffled = function(*arms), function(*(column[order] for column in arms))
    same(shuffled.estimate, once.estimate, CLOSED)
    same(shuffled.q, once.q, {"rel": 1e-6, "abs": 1e-9})


@unhurried
@given(two_groups(), st.floats(1e-6, 1e6))
def test_the_unit_of_time_does_not_change_a_rate_ratio(arms, unit) -> None:
    x1, t1, x2, t2 = arms
    once, other = mh_rate_ratio(x1, t1, x2, t2), mh_rate_ratio(x1, t1 * unit, x2, t2 * unit)
    same(other.estimate, once.estimate, CLOSED)
    same(other.se, once.se, CLOSED)


@slow
@given(two_groups(most=5))
def test_a_proportion_and_its_complement_have_opposite_logits(arms) -> None:
    x, n, _, _ = arms
    assume(len(x) >= 2)
    once, turned = glmm_proportion(x, n), glmm_proportion(n - x, n)
    assert once.converged == turned.converged
    same(turned.estimate, negated(once.estimate), FITTED)
    same(turned.se, once.se, FITTED)
    same(turned.tau2, once.tau2, FITTED)


@slow
@given(two_groups(most=5), st.sampled_from(["UM.FS", "CM.AL", "CM.EL"]))
def test_exchanging_the_groups_turns_the_sign_of_a_mixed_model(arms, model) -> None:
    a, n1, c, n2 = arms
    assume(len(a) >= 2)
    once = glmm_odds_ratio(a, n1, c, n2, model=model)
    turned = glmm_odds_ratio(c, n2, a, n1, model=model)
    assert once.converged == turned.converged
    same(turned.estimate, negated(once.estimate), FITTED)
    same(turned.se, once.se, FITTED)
    same(turned.tau2, once.tau2, {"rel": 1e-4, "abs": 1e-5})


@slow
@given(two_groups(most=4), st.sampled_from(OR_MODELS))
def test_mixed_models_give_finite_numbers_or_a_reason(arms, model) -> None:
    result = glmm_odds_ratio(*arms, model=model)
    if not result.converged:
        assert result.estimate is None
        assert result.notes
        return
    for name in ("estimate", "se", "ci_low", "ci_high", "log_likelihood"):
        assert math.isfinite(getattr(result, name)), name
    assert result.se > 0
    assert result.tau2 is None or result.tau2 >= 0


@slow
@given(two_groups(most=4), st.sampled_from(IRR_MODELS))
def test_rate_models_give_finite_numbers_or_a_reason(arms, model) -> None:
    result = glmm_rate_ratio(*arms, model=model)
    assert result.converged == (result.estimate is not None)
    assert result.converged or result.notes
    if result.converged:
        assert math.isfinite(result.estimate)
        assert result.se > 0


@slow
@given(two_groups(most=5), st.sampled_from(["UM.FS", "CM.AL", "CM.EL"]))
def test_studies_without_events_change_nothing(arms, model) -> None:
    once = glmm_odds_ratio(*arms, model=model)
    extra = tuple(np.append(c, e) for c, e in zip(arms, (0, 33, 0, 21), strict=True))
    assert glmm_odds_ratio(*extra, model=model).estimate == once.estimate
