"""`pool_bayes`: published values, a second way of integrating, limits, extremes, bad input."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import halfcauchy, norm

from analysis.synthesis import pool, pool_bayes

# Rubin (1981), Journal of Educational Statistics 6, 377-401, table 1: coaching in eight schools.
EFFECTS = [28.39, 7.94, -2.75, 6.82, -0.64, 0.63, 18.01, 12.16]
SDS = np.array([14.9, 10.2, 16.3, 11.0, 9.4, 11.4, 10.4, 17.6])
YI, VI = [0.1, 0.3, 0.9, 0.45], [0.04, 0.02, 0.05, 0.03]
PRIORS = [("half-normal", 0.5), ("half-cauchy", 0.5), ("uniform", 2.0), ("uniform", math.inf)]


def test_eight_schools_agree_with_the_published_analysis() -> None:
    """Vignette of bayesmeta (Roever): half-Cauchy(25), N(0, 50^2).

    Its posterior of tau is computed directly, that of the mean on a grid with an error of up to 1% by
    its own account (delta); it prints seven digits and shortest intervals, so probabilities are compared.
    """
    found = pool_bayes(EFFECTS, SDS**2, ("half-cauchy", 25.0), (0.0, 50.0))
    assert found.tau.median == pytest.approx(4.758539, abs=1e-6)
    assert found.tau.mean == pytest.approx(5.884511, abs=1e-6)
    assert found.tau.sd == pytest.approx(4.869904, abs=1e-6)
    assert found.tau.below(15.165894) == pytest.approx(0.95, abs=1e-7)
    assert found.mean.mean == pytest.approx(7.985729, abs=1e-3)
    assert found.mean.median == pytest.approx(7.962961, abs=1e-3)
    assert found.mean.sd == pytest.approx(4.995762, abs=1e-3)
    within = found.mean.below(17.824562) - found.mean.below(-1.823353)
    assert within == pytest.approx(0.95, abs=1e-4)


@pytest.mark.parametrize("mean_prior", [None, (0.2, 0.4)])
@pytest.mark.parametrize("tau_prior", PRIORS)
def test_adaptive_quadrature_over_tau_gives_the_same(tau_prior, mean_prior) -> None:
    y, v = np.array(YI), np.array(VI)
    kind, scale = tau_prior
    precision = 0.0 if mean_prior is None else mean_prior[1] ** -2
    prior_mean = 0.0 if mean_prior is None else mean_prior[0]

    def given(tau: float) -> tuple[float, float, float]:
        """Unnormalised density of tau; mean and variance of the mean effect given tau."""
        w = 1 / (v + tau**2)
        total = w.sum() + precision
        mean = (w @ y + precision * prior_mean) / total
        fit = w @ (y - mean) ** 2 + precision * (mean - prior_mean) ** 2
        prior = {
            "half-normal": lambda: math.exp(-0.5 * (tau / scale) ** 2),
            "half-cauchy": lambda: float(halfcauchy.pdf(tau, scale=scale)),
            "uniform": lambda: 1.0,
        }[kind]()
        return prior * math.sqrt(w.prod() / total) * math.exp(-0.5 * fit), mean, 1 / total

    def expected(of) -> float:
        upper = scale if kind == "uniform" else math.inf
        cuts = [0.0, 0.2, 1.0, min(upper, 5.0)]
        pieces = [*itertools.pairwise(cuts), (cuts[-1], upper)]
        return sum(
            quad(lambda t: given(t)[0] * of(t), a, b, epsabs=1e-14, epsrel=1e-12, limit=200)[0]
            for a, b in pieces
            if b > a
        )

    norm_constant = expected(lambda t: 1.0)

    def average(of) -> float:
        return expected(of) / norm_constant

    found = pool_bayes(YI, VI, tau_prior, mean_prior)
    assert found.mean.below(0.3) == pytest.approx(
        average(lambda t: norm.cdf(0.3, given(t)[1], given(t)[2] ** 0.5)), abs=1e-9
    )
    new = average(lambda t: norm.cdf(0.7, given(t)[1], (given(t)[2] + t * t) ** 0.5))
    assert found.predicted.below(0.7) == pytest.approx(new, abs=1e-9)
    if found.mean.mean is not None:
        assert found.mean.mean == pytest.approx(average(lambda t: given(t)[1]), abs=1e-9)
    if found.tau.mean is not None:
        assert found.tau.mean == pytest.approx(average(lambda t: t), rel=1e-8)

    def shrunken(tau: float) -> float:
        pull = tau**2 / (tau**2 + v[2])
        return pull * y[2] + (1 - pull) * given(tau)[1]

    assert found.effects[2].mean == pytest.approx(average(shrunken), abs=1e-9)


@pytest.mark.parametrize("tau_prior", PRIORS)
def test_limits_are_quantiles_and_probabilities_add_up(tau_prior) -> None:
    found = pool_bayes(YI, VI, tau_prior, level=0.9)
    for posterior in (found.mean, found.tau, found.predicted, *found.effects):
        assert posterior.below(posterior.ci_low) == pytest.approx(0.05, abs=1e-12)
        assert posterior.below(posterior.median) == pytest.approx(0.5, abs=1e-12)
        assert posterior.below(posterior.ci_high) == pytest.approx(0.95, abs=1e-12)
        assert posterior.probability_above(0.3) + posterior.below(0.3) == pytest.approx(1)
        assert posterior.ci_low < posterior.median < posterior.ci_high
    assert found.predicted.ci_low < found.mean.ci_low
    assert found.predicted.ci_high > found.mean.ci_high


def test_a_prior_of_tau_close_to_zero_gives_the_common_effect() -> None:
    found, common = pool_bayes(YI, VI, ("half-normal", 1e-9)), pool(YI, VI, tau2="EE")
    assert found.mean.mean == pytest.approx(common.estimate, rel=1e-12)
    assert found.mean.sd == pytest.approx(common.se, rel=1e-12)
    assert found.mean.ci_high == pytest.approx(common.ci_high, rel=1e-10)


def test_many_studies_bring_bayes_and_reml_together() -> None:
    rng = np.random.default_rng(1)
    vi = rng.uniform(0.01, 0.2, 2000)
    yi = rng.normal(0.3, np.sqrt(vi + 0.1))
    found, reml = pool_bayes(yi, vi, ("half-cauchy", 0.5)), pool(yi, vi)
    assert found.mean.mean == pytest.approx(reml.estimate, abs=0.02 * reml.se)
    assert found.mean.sd == pytest.approx(reml.se, rel=0.01)
    assert found.tau.median == pytest.approx(math.sqrt(reml.tau2), rel=0.01)


def test_effects_stand_in_the_order_of_the_studies_and_are_drawn_together() -> None:
    found = pool_bayes(YI, VI, ("half-normal", 0.3))
    means = [posterior.mean for posterior in found.effects]
    assert np.argsort(means).tolist() == np.argsort(YI).tolist()
    assert max(means) - min(means) < max(YI) - min(YI)


@pytest.mark.parametrize("tau_prior", PRIORS[:3])
def test_one_study_keeps_the_prior_of_tau(tau_prior) -> None:
    found = pool_bayes([0.4], [0.09], tau_prior)
    medians = {"half-normal": 0.5 * norm.ppf(0.75), "half-cauchy": 0.5, "uniform": 1.0}
    assert found.tau.median == pytest.approx(medians[tau_prior[0]], rel=1e-9)
    assert found.mean.median == pytest.approx(0.4, rel=1e-12)
    assert "one study: the posterior of tau is its prior" in found.notes


def test_infinite_moments_are_none_with_a_note() -> None:
    found = pool_bayes(YI[:2], VI[:2], ("half-cauchy", 0.5))
    assert found.tau.mean is not None
    assert (found.tau.sd, found.mean.sd, found.predicted.sd) == (None, None, None)
    assert "standard deviations that involve tau are infinite" in found.notes[0]
    assert pool_bayes(YI[:2], VI[:2], ("half-normal", 0.5)).tau.sd > 0


@pytest.mark.parametrize(
    ("yi", "vi"),
    [
        ([0.0, 0.0, 0.0], [1e-12, 1.0, 1e12]),
        ([1e6 + 0.25, 1e6 + 0.5, 1e6 + 1.0], [0.04, 0.02, 0.05]),
        ([-1e8, 1e8, 0.0], [1e-6, 1e-6, 1e-6]),
        ([1e-9, 2e-9, 4e-9], [1e-18, 1e-18, 3e-18]),
    ],
)
@pytest.mark.parametrize("tau_prior", PRIORS)
def test_extremes_give_finite_ordered_numbers(yi, vi, tau_prior) -> None:
    found = pool_bayes(yi, vi, tau_prior)
    for posterior in (found.mean, found.tau, found.predicted, *found.effects):
        assert math.isfinite(posterior.median)
        slack = 1e-9 * abs(posterior.median)
        assert posterior.ci_low - slack <= posterior.median <= posterior.ci_high + slack


def test_a_prior_that_the_data_contradict_leaves_tau_at_its_limit() -> None:
    found = pool_bayes([-1e8, 1e8, 0.0], [1e-6] * 3, ("uniform", 2.0))
    assert found.tau.median == pytest.approx(2.0, rel=1e-8)


def test_a_shift_moves_everything_but_tau() -> None:
    here = pool_bayes([0.25, 0.5, 1.0], [0.04, 0.02, 0.05], ("half-normal", 0.5))
    there = pool_bayes([1024.25, 1024.5, 1025.0], [0.04, 0.02, 0.05], ("half-normal", 0.5))
    assert there.mean.mean - 1024 == pytest.approx(here.mean.mean, abs=1e-11)
    assert there.tau.median == pytest.approx(here.tau.median, rel=1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tau_prior": "half-normal"}, "pair of name and scale; found 'half-normal'"),
        (
            {"tau_prior": ("gamma", 1.0)},
            "half-normal, half-cauchy, exponential, uniform; found 'gamma'",
        ),
        ({"tau_prior": ("half-normal", 0.0)}, r"positive and finite; found 0\.0"),
        ({"tau_prior": ("half-cauchy", math.inf)}, "positive and finite; found inf"),
        ({"tau_prior": ("uniform", math.nan)}, "positive; found nan"),
        (
            {"tau_prior": ("half-normal", 1.0), "mean_prior": (0.0, 0.0)},
            "finite mean and a positive sd",
        ),
        ({"tau_prior": ("half-normal", 1.0), "mean_prior": 3.0}, "pair of mean and sd; found 3.0"),
        ({"tau_prior": ("half-normal", 1.0), "level": 1.5}, "level must lie between 0 and 1"),
    ],
)
def test_bad_priors_are_refused(options, message) -> None:
    with pytest.raises(ValueError, match=message):
        pool_bayes(YI, VI, **options)


@pytest.mark.parametrize(("k", "mean_prior"), [(2, None), (1, (0.0, 1.0))])
def test_a_flat_prior_of_tau_needs_enough_studies(k, mean_prior) -> None:
    with pytest.raises(ValueError, match=f"at least {k + 1} studies.*found {k}"):
        pool_bayes(YI[:k], VI[:k], ("uniform", math.inf), mean_prior)
