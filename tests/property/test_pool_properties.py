"""What must hold for `pool` on any set of studies."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.synthesis import pool, told
from analysis.synthesis.few import pool_few
from analysis.synthesis.told_many import told_many

METHODS = st.sampled_from(["REML", "DL", "PM", "ML", "EB", "SJ", "HS", "HE", "EE"])
INTERVALS = st.sampled_from(["wald", "hksj", "hksj-adhoc"])
# Effects with six decimals, so that "equal" and "different" are both frequent and clear.
EFFECTS = st.integers(-10_000_000, 10_000_000).map(lambda millionths: millionths / 1e6)
VARIANCES = st.floats(-3, 3).map(lambda exponent: 10.0**exponent)
# The first call of some estimators imports statsmodels, which takes longer than a deadline.
unhurried = settings(deadline=None)

ON_THE_SCALE = ("estimate", "se", "ci_low", "ci_high", "pi_low", "pi_high")


@st.composite
def studies(draw: st.DrawFn, least: int = 2, most: int = 12) -> tuple[np.ndarray, np.ndarray]:
    k = draw(st.integers(least, most))
    effects = draw(st.lists(EFFECTS, min_size=k, max_size=k))
    variances = draw(st.lists(VARIANCES, min_size=k, max_size=k))
    return np.array(effects), np.array(variances)


@unhurried
@given(studies(), METHODS, INTERVALS, st.randoms(use_true_random=False))
def test_order_of_studies_does_not_matter_to_the_last_digit(sets, tau2, ci, random) -> None:
    yi, vi = sets
    order = list(range(len(yi)))
    random.shuffle(order)
    listed, shuffled = pool(yi, vi, tau2, ci), pool(yi[order], vi[order], tau2, ci)
    assert shuffled == listed
    assert shuffled.weights.tolist() == listed.weights[order].tolist()


@unhurried
@given(studies(), METHODS, INTERVALS, st.integers(-12, 12))
def test_a_power_of_two_as_unit_scales_the_result_exactly(sets, tau2, ci, power) -> None:
    yi, vi = sets
    c = 2.0**power
    once, scaled = pool(yi, vi, tau2, ci), pool(yi * c, vi * c**2, tau2, ci)
    for name, factor in [
        *((name, c) for name in ON_THE_SCALE),
        *((name, c**2) for name in ("tau2", "tau2_ci_low", "tau2_ci_high")),
        *((name, 1.0) for name in ("p_value", "i2", "h2", "q", "q_p_value")),
    ]:
        expected = getattr(once, name)
        assert getattr(scaled, name) == (None if expected is None else expected * factor), name


@unhurried
@given(studies(), METHODS, INTERVALS)
def test_turning_the_signs_turns_the_result(sets, tau2, ci) -> None:
    yi, vi = sets
    once, turned = pool(yi, vi, tau2, ci), pool(-yi, vi, tau2, ci)
    tolerance = {"rel": 1e-9, "abs": 1e-9}
    assert turned.estimate == pytest.approx(-once.estimate, **tolerance)
    assert turned.ci_low == pytest.approx(-once.ci_high, **tolerance)
    assert turned.tau2 == pytest.approx(once.tau2, **tolerance)


@unhurried
@given(studies(), METHODS, INTERVALS, st.integers(-1000, 1000))
def test_a_shift_moves_the_estimate_and_nothing_else(sets, tau2, ci, shift) -> None:
    yi, vi = np.round(sets[0] * 2**20) / 2**20, sets[1]  # exact under the shift
    once, shifted = pool(yi, vi, tau2, ci), pool(yi + shift, vi, tau2, ci)
    assert shifted.estimate - shift == pytest.approx(once.estimate, rel=1e-9, abs=1e-9)
    for name in ("se", "tau2", "tau2_ci_low", "tau2_ci_high", "i2", "h2", "q", "q_p_value"):
        assert getattr(shifted, name) == getattr(once, name), name


@unhurried
@given(studies(), INTERVALS)
def test_a_study_that_becomes_exact_pulls_the_common_effect_to_itself(sets, ci) -> None:
    yi, vi = sets
    result = pool(yi, np.append(1e-14, vi[1:]), tau2="EE", ci=ci)
    assert result.estimate == pytest.approx(yi[0], abs=1e-7)
    assert result.weights[0] == pytest.approx(100, abs=1e-6)


@unhurried
@given(studies(), METHODS)
def test_a_more_precise_study_gets_more_weight(sets, tau2) -> None:
    yi, vi = sets
    weights = pool(yi, vi, tau2).weights
    assert weights.sum() == pytest.approx(100, rel=1e-13)
    assert (np.diff(weights[np.argsort(vi, kind="stable")]) <= 1e-12).all()


@unhurried
@given(studies(), METHODS)
def test_adhoc_is_the_wider_of_wald_and_hksj(sets, tau2) -> None:
    yi, vi = sets
    wald, plain, adhoc = (pool(yi, vi, tau2, ci) for ci in ("wald", "hksj", "hksj-adhoc"))
    assert adhoc.se == max(wald.se, plain.se)
    assert adhoc.ci_high - adhoc.ci_low >= wald.ci_high - wald.ci_low


@unhurried
@given(studies(least=3), METHODS, INTERVALS)
def test_intervals_hold_what_they_must(sets, tau2, ci) -> None:
    result = pool(*sets, tau2, ci)
    assert result.ci_low <= result.estimate <= result.ci_high
    assert sets[0].min() - 1e-9 <= result.estimate <= sets[0].max() + 1e-9
    if tau2 != "EE":
        assert 0 <= result.tau2_ci_low <= result.tau2_ci_high
        assert result.pi_low <= result.ci_low
        assert result.pi_high >= result.ci_high


@unhurried
@given(studies(), METHODS, INTERVALS)
def test_a_higher_level_gives_wider_intervals(sets, tau2, ci) -> None:
    low, high = pool(*sets, tau2, ci, level=0.8), pool(*sets, tau2, ci, level=0.99)
    assert high.ci_low <= low.ci_low
    assert high.ci_high >= low.ci_high
    if tau2 != "EE":
        assert high.tau2_ci_low <= low.tau2_ci_low
        assert high.tau2_ci_high >= low.tau2_ci_high


@unhurried
@given(studies(most=4), st.floats(0.5, 0.99))
def test_few_studies_are_told_as_long_as_wald_at_least_and_otherwise_as_the_posterior_is(
    sets, level
) -> None:
    yi, vi = sets
    result, times = (found := told(yi, vi, level=level)).result, found.lengthened
    bare, wald = pool_few(yi, vi, level), pool(yi, vi, level=level)
    length, least = result.ci_high - result.ci_low, wald.ci_high - wald.ci_low
    assert length >= least * (1 - 1e-9)
    assert result.estimate == bare.estimate
    if bare.ci_high - bare.ci_low > least:
        assert (result, times) == (bare, 1.0)
    else:
        assert length == pytest.approx(least, rel=1e-9)
        for limit in ("ci_low", "ci_high"):
            reach = times * (getattr(bare, limit) - bare.estimate)
            assert getattr(result, limit) - bare.estimate == pytest.approx(reach, rel=1e-9, abs=1e-9)
    many = told_many(yi, vi, level=level)
    for name in ("estimate", "se", "ci_low", "ci_high"):
        assert getattr(many, name)[0] == pytest.approx(getattr(result, name), abs=1e-6 * result.se)


WILD = st.floats(-1e60, 1e60, allow_subnormal=True)
WILD_VARIANCES = st.floats(-60, 60).map(lambda exponent: min(max(10.0**exponent, 1e-60), 1e60))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(WILD, WILD_VARIANCES), min_size=1, max_size=8),
    METHODS,
    INTERVALS,
    st.floats(1e-6, 1 - 1e-9),
)
def test_any_accepted_input_gives_finite_numbers_or_none_with_a_note(
    pairs, tau2, ci, level
) -> None:
    yi, vi = zip(*pairs, strict=True)
    result = pool(yi, vi, tau2, ci, level)
    values = result.to_dict()
    assert all(math.isfinite(v) for v in values.values() if isinstance(v, float))
    assert all(0 <= weight <= 100.000001 for weight in result.weights)
    if any(values[name] is None for name in ("tau2", "pi_low", "tau2_ci_low", "p_value")):
        assert result.notes
