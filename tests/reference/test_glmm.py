"""GLMMs against every metafor case, against lme4 run to its end, and against other methods.

metafor calls lme4, whose default stopping rules leave 1e-4 in estimates (twice in three places here)
and, with Laplace's approximation, more: its inner iteration stops at a relative change of 1e-7, and
what is left of the error enters the determinant to first order. `TIGHT` holds what lme4 1.1-31 gives
when it is made to go on (tolPwrss = 1e-12 or 1e-9, then BFGS on its deviance function, standard
errors from its Richardson-extrapolated Hessian); there results agree to 1e-7.

Not compared: metafor's fit statistics. From the conditional deviance of the fitted model it builds a
"log-likelihood" that is not that of the data (but for UM.RS); ours is, as the integrals below show.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import binom, chi2, hypergeom, nchypergeom_fisher, poisson
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM

from analysis.synthesis.glmm import (
    GlmmPooled,
    glmm_odds_ratio,
    glmm_proportion,
    glmm_rate,
    glmm_rate_ratio,
)
from tests.reference.cases import Case, case, cases, dataset

FIELDS = {
    "k": "k",
    "beta": "estimate",
    "se": "se",
    "zval": "statistic",
    "ci.lb": "ci_low",
    "ci.ub": "ci_high",
    "tau2": "tau2",
    "sigma2": "sigma2",
    "I2": "i2",
    "H2": "h2",
    "QE.Wld": "q_wald",
    "QE.LRT": "q_lrt",
    "QE.df": "q_df",
}
USUAL = 1e-4
# Laplace: metafor's standard errors are off by up to 1%, and what follows from them.
LAPLACE = {"se": 0.011, "statistic": 0.011, "ci_low": 0.007, "ci_high": 0.004, "q_wald": 0.004}
LAPLACE |= {"estimate": 6e-4, "tau2": 2.1e-3, "i2": 7e-4, "h2": 1.5e-3}
# The rate ratio's tau2 is 3e-4 away, its upper limit, near 0, 2e-3.
RATE_RATIO = {"tau2": 3e-4, "ci_high": 2.2e-3, "i2": 3e-4}
TOLERANCES = {
    "pritz_glmm_nAGQ1": LAPLACE,
    "bcg_glmm_UMRS": LAPLACE,
    "niel_glmm_UMFS": RATE_RATIO,
    "niel_glmm_CMEL": {"ci_high": 3e-4},
}
CASES = [item for item in cases("GLMM") if item.call.startswith("rma.glmm")]
# estimate, se, tau2 of lme4 at its own optimum.
TIGHT = {
    "pritz_glmm_nAGQ1": (1.37518737, 0.2862430557, 0.5738031047),
    "pritz_glmm_nAGQ25": (1.376594389, 0.2883798591, 0.5893095342),
    "bcg_glmm_UMFS": (-0.7450033942, 0.1755622246, 0.2948860332),
    "niel_glmm_UMFS": (-0.4587078178, 0.2248273371, 0.09564726372),
}


def arms(data) -> tuple:
    return data["tpos"], data["tpos"] + data["tneg"], data["cpos"], data["cpos"] + data["cneg"]


def fitted_as_called(reference: Case) -> GlmmPooled:
    return _fitted(reference.id)


@cache
def _fitted(identifier: str) -> GlmmPooled:
    reference = case(identifier)
    data, measure = dataset(reference.dataset), reference.option("measure")
    if measure == "PLO":
        nodes = int(reference.option("nAGQ") or 7)
        test = reference.option("test") or "wald"
        return glmm_proportion(data["xi"], data["ni"], nodes=nodes, test=test)
    model = reference.option("model")
    if measure == "OR":
        return glmm_odds_ratio(*arms(data), model=model)
    return glmm_rate_ratio(data["x1i"], data["t1i"], data["x2i"], data["t2i"], model=model)


@pytest.mark.parametrize("reference", CASES, ids=lambda item: item.id)
def test_fit_agrees_with_metafor(reference: Case) -> None:
    result = fitted_as_called(reference)
    for theirs, ours in FIELDS.items():
        expected, found = reference.expected[theirs], getattr(result, ours)
        if expected is None:
            assert found is None, ours
            continue
        tolerance = TOLERANCES.get(reference.id, {}).get(ours, USUAL)
        assert found == pytest.approx(expected, rel=tolerance), ours
    if reference.id not in TOLERANCES:
        assert result.p_value == pytest.approx(reference.expected["pval"], rel=1e-3)
    assert result.q_lrt_p_value == pytest.approx(reference.expected["QEp.LRT"], rel=1e-4)


def test_every_case_is_covered() -> None:
    assert len(CASES) == 9
    assert {item.id for item in cases("GLMM")} == {*(c.id for c in CASES), "pritz_glmm_backtransf"}


@pytest.mark.parametrize("identifier", TIGHT)
def test_fit_agrees_with_lme4_at_its_optimum(identifier: str) -> None:
    result = fitted_as_called(case(identifier))
    estimate, se, tau2 = TIGHT[identifier]
    assert result.estimate == pytest.approx(estimate, rel=1e-7)
    assert result.tau2 == pytest.approx(tau2, rel=2e-7)
    assert result.se == pytest.approx(se, rel=5e-8 if result.nodes > 1 else 3e-6)


def test_back_transformed_proportion_and_its_intervals_agree_with_metafor() -> None:
    expected = case("pritz_glmm_backtransf").expected
    data = dataset("pritz1997")
    found = glmm_proportion(data["xi"], data["ni"]).back_transformed()
    for theirs, ours in (
        ("pred", "estimate"),
        ("ci.lb", "ci_low"),
        ("ci.ub", "ci_high"),
        ("pi.lb", "pi_low"),
        ("pi.ub", "pi_high"),
    ):
        assert getattr(found, ours) == pytest.approx(expected[theirs], rel=1e-5), ours


# Integrals over u by the trapezium rule: exact to rounding for so smooth an integrand.
U = np.linspace(-12, 12, 961)
WEIGHTS = np.exp(-(U**2) / 2) / math.sqrt(2 * math.pi) * (U[1] - U[0])


def integrated(log_probability: Callable[[np.ndarray], np.ndarray], tau: float) -> float:
    """Log-likelihood of all studies: of deviations tau u, shape (1, n), it is asked for (k, n)."""
    return float(np.log(np.exp(log_probability(tau * U[None, :])) @ WEIGHTS).sum())


def assert_is_the_maximum(result: GlmmPooled, log_likelihood: Callable[..., float]) -> None:
    """Search with another optimiser; the standard error from differences of the likelihood."""
    found = minimize(
        lambda at: -log_likelihood(at[0], abs(at[1])),
        [0.0, 0.7],
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 2000},
    )
    assert result.estimate == pytest.approx(found.x[0], abs=1e-6)
    assert math.sqrt(result.tau2) == pytest.approx(abs(found.x[1]), abs=1e-6)
    assert result.log_likelihood == pytest.approx(-found.fun, abs=1e-10)
    h = 1e-3
    at = {
        (i, j): -log_likelihood(result.estimate + i * h, math.sqrt(result.tau2) + j * h)
        for i in (-1, 0, 1)
        for j in (-1, 0, 1)
    }
    mixed = (at[1, 1] - at[1, -1] - at[-1, 1] + at[-1, -1]) / 4
    first, second = at[1, 0] - 2 * at[0, 0] + at[-1, 0], at[0, 1] - 2 * at[0, 0] + at[0, -1]
    variance = np.linalg.inv(np.array([[first, mixed], [mixed, second]]) / h**2)[0, 0]
    assert result.se == pytest.approx(math.sqrt(variance), rel=1e-5)


def test_exact_conditional_model_agrees_with_scipys_distribution_and_a_search() -> None:
    # metafor needs BiasedUrn for CM.EL, which was not at hand: here a second method stands in.
    tables = ([4, 0, 8, 2, 11], [30, 25, 60, 18, 70], [9, 3, 10, 2, 30], [32, 24, 55, 20, 66])
    a, n1, c, n2 = (np.array(column, dtype=float) for column in tables)
    size, events = n1 + n2, a + c
    x = np.arange(events.max() + 1)

    def log_pmf(log_odds: np.ndarray) -> np.ndarray:
        # Fisher's distribution, its weights from SciPy's central hypergeometric one.
        central = hypergeom.pmf(x[None, :], size[:, None], events[:, None], n1[:, None])
        total = np.einsum("ks,kns->kn", central, np.exp(log_odds[..., None] * x))
        own = hypergeom.logpmf(a, size, events, n1)
        return a[:, None] * log_odds + own[:, None] - np.log(total)

    at_one = log_pmf(np.full((5, 1), 0.7))[:, 0]
    for i in range(5):
        scipys = nchypergeom_fisher.logpmf(a[i], size[i], events[i], n1[i], math.exp(0.7))
        assert at_one[i] == pytest.approx(scipys, rel=1e-10)

    def log_likelihood(theta: float, tau: float) -> float:
        return integrated(lambda u: log_pmf(theta + np.repeat(u, 5, axis=0)), tau)

    result = glmm_odds_ratio(*tables, model="CM.EL", nodes=41)
    assert result.tau2 > 0
    assert_is_the_maximum(result, log_likelihood)


def test_proportion_agrees_with_a_search() -> None:
    x, n = np.array([0, 3, 9, 1, 6])[:, None], np.array([12, 10, 14, 9, 11])[:, None]

    def log_likelihood(mean: float, tau: float) -> float:
        return integrated(lambda u: binom.logpmf(x, n, expit(mean + u)), tau)

    assert_is_the_maximum(glmm_proportion(x[:, 0], n[:, 0], nodes=61), log_likelihood)


def test_rate_agrees_with_a_search() -> None:
    x, t = np.array([0, 3, 9, 1, 6])[:, None], np.array([12.0, 10.0, 14.0, 9.0, 11.0])[:, None]

    def log_likelihood(mean: float, tau: float) -> float:
        return integrated(lambda u: poisson.logpmf(x, t * np.exp(mean + u)), tau)

    assert_is_the_maximum(glmm_rate(x[:, 0], t[:, 0], nodes=61), log_likelihood)


def test_without_heterogeneity_it_is_the_logistic_regression_of_statsmodels() -> None:
    x, n = np.array([5, 9, 16, 21]), np.array([20, 40, 60, 90])
    z = np.array([1.0, 2.0, 5.0, 3.0])
    design = np.column_stack([np.ones(4), z])
    theirs = GLM(np.column_stack([x, n - x]), design, family=families.Binomial()).fit(tol=1e-14)
    ours = glmm_proportion(x, n, moderators={"z": z})
    assert ours.tau2 == 0
    for coefficient, value, se in zip(ours.coefficients, theirs.params, theirs.bse, strict=True):
        assert coefficient.estimate == pytest.approx(value, rel=1e-9)
        assert coefficient.se == pytest.approx(se, rel=1e-7)
    assert ours.q_lrt == pytest.approx(theirs.deviance, rel=1e-8)
    assert ours.q_lrt_p_value == pytest.approx(chi2.sf(theirs.deviance, 2), rel=1e-8)
    assert ours.log_likelihood == pytest.approx(theirs.llf, rel=1e-10)


def test_fixed_study_levels_without_heterogeneity_are_statsmodels_dummies() -> None:
    a, n1, c, n2 = [3, 6, 9], [30, 40, 50], [5, 10, 14], [29, 41, 52]
    ours = glmm_odds_ratio(a, n1, c, n2, model="UM.FS")
    assert ours.tau2 == 0
    counts = np.concatenate(
        [np.column_stack([a, np.subtract(n1, a)]), np.column_stack([c, np.subtract(n2, c)])]
    )
    design = np.column_stack([np.repeat([1.0, 0.0], 3), np.tile(np.eye(3), (2, 1))])
    theirs = GLM(counts, design, family=families.Binomial()).fit(tol=1e-14)
    assert ours.estimate == pytest.approx(theirs.params[0], rel=1e-9)
    assert ours.se == pytest.approx(theirs.bse[0], rel=1e-7)
    assert ours.q_lrt == pytest.approx(theirs.deviance, rel=1e-7)
