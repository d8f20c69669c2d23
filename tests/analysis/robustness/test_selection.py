"""Selection models: likelihood against adaptive quadrature, special cases, limits, bad input."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from analysis.robustness.small_study import selection_model
from analysis.robustness.small_study.selection_likelihood import (
    Seen,
    SmoothLikelihood,
    StepLikelihood,
    p_values,
)
from analysis.robustness.small_study.selection_weights import SMOOTH_WEIGHTS
from analysis.synthesis import pool

YI = np.array([0.0, 0.1, 0.3, 0.3, 0.6, 0.8, 0.9, 0.25, 0.45, 0.7, -0.1, 1.2])
VI = np.array([0.01, 0.02, 0.1, 0.02, 0.06, 0.1, 0.15, 0.03, 0.05, 0.2, 0.04, 0.3])
FORMULAS = {
    "half-normal": lambda p, d: math.exp(-d[0] * p**2),
    "negative-exponential": lambda p, d: math.exp(-d[0] * p),
    "logistic": lambda p, d: 2 * math.exp(-d[0] * p) / (1 + math.exp(-d[0] * p)),
    "power": lambda p, d: (1 - p) ** d[0],
    "beta": lambda p, d: p ** (d[0] - 1) * (1 - p) ** (d[1] - 1),
}
# z where P or 1 - P reaches the margin of 1e-5, one- and two-sided, and a few in between.
EDGES = (1.2533e-5, 1e-4, 1e-3, 1e-2, 0.1, 4.2649, 4.4172)
DELTAS = {"beta": (0.7, 1.8)}
ROOT_2 = math.sqrt(2.0)


def normal(x: float, mean: float, sd: float) -> float:
    """The normal density, of one number: scipy's takes a hundred times as long."""
    return math.exp(-0.5 * ((x - mean) / sd) ** 2) / (sd * ROOT_2 * math.sqrt(math.pi))


def by_quadrature(weight, mu: float, tau2: float, two_sided: bool) -> float:
    """Log-likelihood with each integral taken adaptively over the effect itself."""
    total = 0.0
    for y, v in zip(YI, VI, strict=True):

        def p_of(value: float, v: float = v) -> float:
            z = value / math.sqrt(v)
            p = math.erfc(abs(z) / ROOT_2) if two_sided else 0.5 * math.erfc(z / ROOT_2)
            return min(max(p, weight.margin), 1 - weight.margin)

        spread = math.sqrt(v + tau2)
        corners = sorted({0.0, mu, *(s * z * math.sqrt(v) for s in (-1, 1) for z in EDGES)})
        integral, _ = quad(
            lambda e, p_of=p_of, spread=spread: weight(p_of(e)) * normal(e, mu, spread),
            mu - 12 * spread, mu + 12 * spread, points=corners, limit=200, epsrel=1e-9,
        )  # fmt: skip
        total += math.log(weight(p_of(y)) * normal(y, mu, spread) / integral)
    return total


class Weight:
    """A weight function as printed, with its margin at P = 0 and 1."""

    def __init__(self, formula, delta: tuple[float, ...], margin: float) -> None:
        self.formula, self.delta, self.margin = formula, delta, margin

    def __call__(self, p: float) -> float:
        return self.formula(p, self.delta)


@pytest.mark.parametrize("two_sided", [False, True])
@pytest.mark.parametrize("name", SMOOTH_WEIGHTS)
def test_likelihood_is_that_of_adaptive_quadrature(name: str, two_sided: bool) -> None:
    delta = DELTAS.get(name, (2.5,))
    seen = Seen(YI, VI, np.ones(len(YI)), two_sided)
    weight = Weight(FORMULAS[name], delta, SMOOTH_WEIGHTS[name].p_margin)
    found = SmoothLikelihood(seen, SMOOTH_WEIGHTS[name]).log_likelihood(0.3, 0.05, np.array(delta))
    assert found == pytest.approx(by_quadrature(weight, 0.3, 0.05, two_sided), abs=1e-7)


@pytest.mark.parametrize("two_sided", [False, True])
def test_likelihood_of_a_step_function_is_that_of_adaptive_quadrature(two_sided: bool) -> None:
    steps, weights = (0.025, 0.5, 1.0), (1.0, 0.4, 0.2)
    seen = Seen(YI, VI, np.ones(len(YI)), two_sided)
    found = StepLikelihood(seen, steps).log_likelihood(0.3, 0.05, np.array(weights[1:]))
    total = 0.0
    edges = norm.isf(np.array(steps[:-1]) / (2 if two_sided else 1))
    for y, v, p in zip(YI, VI, seen.p, strict=True):
        spread, own = math.sqrt(v + 0.05), weights[int(np.searchsorted(steps, p))]
        bounds = [math.inf, *(edges * math.sqrt(v)), 0.0 if two_sided else -math.inf]
        seen_share = 0.0
        for weight, high, low in zip(weights, bounds[:-1], bounds[1:], strict=True):
            seen_share += weight * (norm.cdf(high, 0.3, spread) - norm.cdf(low, 0.3, spread))
            if two_sided:
                seen_share += weight * (norm.cdf(-low, 0.3, spread) - norm.cdf(-high, 0.3, spread))
        total += math.log(own * norm.pdf(y, 0.3, spread) / seen_share)
    assert found == pytest.approx(total, abs=1e-10)


def test_a_weight_of_zero_where_a_study_was_seen_is_impossible() -> None:
    seen = Seen(YI, VI, np.ones(len(YI)), False)
    likelihood = StepLikelihood(seen, (0.025, 1.0))
    assert likelihood.log_likelihood(0.3, 0.05, np.array([0.0])) == -math.inf
    assert likelihood.log_likelihood(-1e3, 0.0, np.array([0.0])) == -math.inf


def test_p_values_by_side() -> None:
    z = np.array([1.0])
    one, other, both = (p_values(z, side)[0] for side in ("greater", "less", "two-sided"))
    assert one + other == pytest.approx(1)
    assert both == pytest.approx(2 * one)


@pytest.mark.parametrize("weight", ["step", *SMOOTH_WEIGHTS])
def test_weights_that_mean_no_selection_give_the_ordinary_model(weight: str) -> None:
    null = {"step": [1.0], "beta": [1.0, 1.0]}.get(weight, [0.0])
    found = selection_model(YI, VI, weight, delta=null)
    ordinary = pool(YI, VI, "ML")
    assert found.estimate == pytest.approx(ordinary.estimate, rel=1e-5)
    assert found.tau2 == pytest.approx(ordinary.tau2, rel=1e-4)
    assert found.log_likelihood == pytest.approx(found.unadjusted_log_likelihood, abs=1e-9)
    assert (found.lrt, found.lrt_df, found.lrt_p_value) == (None, 0, None)
    assert all(item.fixed and item.se is None for item in found.delta)


@pytest.mark.parametrize("weight", ["step", "negative-exponential", "beta"])
def test_turning_signs_and_side_turns_the_result(weight: str) -> None:
    once = selection_model(YI, VI, weight, steps=(0.5,))
    turned = selection_model(-YI, VI, weight, steps=(0.5,), alternative="less")
    # The search ends within 1e-7 of the maximum, not on the same digit.
    assert turned.estimate == pytest.approx(-once.estimate, rel=1e-5)
    assert turned.ci_low == pytest.approx(-once.ci_high, rel=1e-5)
    assert turned.delta[0].estimate == pytest.approx(once.delta[0].estimate, rel=1e-5)


@pytest.mark.parametrize("weight", ["step", "logistic"])
def test_order_of_studies_does_not_matter(weight: str) -> None:
    assert selection_model(YI[::-1], VI[::-1], weight) == selection_model(YI, VI, weight)


def test_a_unit_scales_the_result() -> None:
    once, scaled = selection_model(YI, VI), selection_model(1000 * YI, 1e6 * VI)
    assert scaled.estimate == pytest.approx(1000 * once.estimate, rel=1e-4)
    assert scaled.delta[0].estimate == pytest.approx(once.delta[0].estimate, rel=1e-4)


def test_larger_selection_moves_the_mean_further() -> None:
    means = [selection_model(YI, VI, delta=[d]).estimate for d in (1.0, 0.5, 0.2, 0.05)]
    assert means == sorted(means, reverse=True)


def test_common_effect_has_no_tau2() -> None:
    found = selection_model(YI, VI, tau2="EE")
    assert (found.tau2, found.tau2_se, found.tau2_lrt) == (0.0, None, None)
    assert found.unadjusted.tau2_method == "EE"


def test_imprecision_is_relative_to_the_largest() -> None:
    by_name = selection_model(YI, VI, "power", imprecision="vi")
    assert selection_model(YI, VI, "power", imprecision=7 * VI).log_likelihood == pytest.approx(
        by_name.log_likelihood
    )


def test_empty_interval_cannot_be_estimated_and_says_so() -> None:
    found = selection_model([1.0] * 12, VI, steps=(0.5,))
    assert (found.estimate, found.log_likelihood, found.delta) == (None, None, ())
    assert found.counts == (12, 0)
    assert "no P lies in some interval" in found.notes[0]
    assert selection_model([1.0] * 12, VI, steps=(0.5,), delta=[0.5]).estimate is not None


@pytest.mark.parametrize("k", [1, 2])
def test_fewer_studies_than_parameters_give_nothing_and_say_so(k: int) -> None:
    found = selection_model(YI[:k], VI[:k], "power")
    assert found.estimate is None
    assert f"{k} studies are too few for 3 parameters" in found.notes


@pytest.mark.parametrize("weight", ["step", *SMOOTH_WEIGHTS])
def test_extreme_input_gives_numbers_or_notes_never_nan(weight: str) -> None:
    steps = (0.5,)
    for yi, vi in (
        (YI, 10.0 ** np.linspace(-8, 4, 12)),
        (YI + 1e6, VI),
        (np.full(12, 0.3), VI),
        (-YI, VI),
    ):
        found = selection_model(yi, vi, weight, steps=steps)
        for name in ("estimate", "se", "tau2", "log_likelihood", "lrt", "p_value"):
            value = getattr(found, name)
            assert value is None or math.isfinite(value), name
        if found.se is None:
            assert found.notes


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight": "steps"}, "weight must be one of"),
        ({"alternative": "two.sided"}, "alternative must be one of"),
        ({"tau2": "REML"}, "tau2 must be one of ML, EE"),
        ({"steps": (0.5, 0.1)}, "steps must rise"),
        ({"steps": (0.0, 0.1)}, "steps must rise"),
        ({"steps": ()}, "steps must rise"),
        ({"delta": [0.5, 0.5]}, "delta must have 1 values"),
        ({"delta": [-1]}, "delta must lie between 0 and 100"),
        ({"imprecision": "sei"}, "no place for imprecision"),
        ({"weight": "power", "imprecision": [1.0]}, "one value for each effect size"),
    ],
)
def test_bad_input_is_named(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        selection_model(YI, VI, **change)
