"""Multilevel and multivariate models, sampling covariances, robust variances: extremes, errors."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from analysis.synthesis import pool
from analysis.synthesis.aggregate import aggregate
from analysis.synthesis.blocks import blocks_of
from analysis.synthesis.component_intervals import component_intervals
from analysis.synthesis.covariance import correlated, shared_arms
from analysis.synthesis.mixed_fit import fit_mixed
from analysis.synthesis.mixed_result import MixedFit, RandomEffect
from analysis.synthesis.multilevel import multilevel, three_level
from analysis.synthesis.multivariate import multivariate
from analysis.synthesis.predictions import omnibus_test, predict_mixed
from analysis.synthesis.regression import meta_regression
from analysis.synthesis.robust import robust, robust_omnibus
from analysis.synthesis.rve import correlated_effects
from analysis.synthesis.structures import structure

random = np.random.default_rng(20)
STUDY = np.repeat(np.arange(10), [1, 2, 3, 4, 3, 2, 1, 4, 3, 2])
K = len(STUDY)
TIME = np.concatenate([np.arange(n) for n in np.bincount(STUDY)]) + 1
VI = random.gamma(3, 0.02, K) + 0.01
YI = 0.4 + random.normal(size=10)[STUDY] * 0.3 + random.normal(size=K) * np.sqrt(VI + 0.05)
X = random.normal(size=K)
STRUCTURES = ("CS", "HCS", "UN", "AR", "HAR", "CAR", "DIAG")


def marginal(fit: MixedFit) -> np.ndarray:
    """The effects' covariance under the model, built anew from the reported components."""
    values = {item.name: item.estimate for item in fit.components}
    total = np.diag(fit.sampling) if fit.sampling.ndim == 1 else fit.sampling.copy()
    return (
        total
        + values["study"] * (STUDY[:, None] == STUDY[None, :])
        + values["study/effect"] * np.eye(K)
    )


def test_the_likelihood_is_that_of_the_normal_distribution() -> None:
    fit = three_level(YI, correlated(VI, STUDY, 0.4), STUDY, method="ML")
    mean = np.full(K, fit.coefficients[0].estimate)
    assert fit.log_likelihood == pytest.approx(
        multivariate_normal(mean, marginal(fit)).logpdf(YI), rel=1e-12
    )


def test_the_estimate_is_generalised_least_squares() -> None:
    fit = three_level(YI, VI, STUDY, {"x": X})
    inverse = np.linalg.inv(marginal(fit))
    design = np.column_stack([np.ones(K), X])
    covariance = np.linalg.inv(design.T @ inverse @ design)
    assert fit.covariance == pytest.approx(covariance, rel=1e-9)
    assert fit.estimates == pytest.approx(covariance @ design.T @ inverse @ YI, rel=1e-9)


def test_one_effect_for_each_study_is_the_ordinary_model() -> None:
    yi, vi = YI[:10], VI[:10]
    for method in ("REML", "ML"):
        fit, pooled = multilevel(yi, vi, {"study": range(10)}, method=method), pool(yi, vi, method)
        assert fit.components[0].estimate == pytest.approx(pooled.tau2, rel=1e-7)
        assert fit.coefficients[0].se == pytest.approx(pooled.se, rel=1e-7)
        assert fit.i2 == pytest.approx(pooled.i2, rel=1e-7)
        assert fit.q == pytest.approx(pooled.q, rel=1e-11)


def test_levels_and_compound_symmetry_are_the_same_model() -> None:
    levels = three_level(YI, VI, STUDY)
    between, within = (item.estimate for item in levels.components)
    symmetric = multivariate(YI, VI, TIME, STUDY, structure="CS")
    total, rho = (item.estimate for item in symmetric.components)
    assert total == pytest.approx(between + within, rel=1e-7)
    assert rho == pytest.approx(between / (between + within), rel=1e-7)
    assert symmetric.log_likelihood == pytest.approx(levels.log_likelihood, rel=1e-12)


@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize("method", ["REML", "ML"])
def test_no_neighbour_has_a_higher_likelihood(name: str, method: str) -> None:
    from analysis.synthesis.mixed import evaluate

    fit = multivariate(YI, correlated(VI, STUDY, 0.3), TIME, STUDY, structure=name, method=method)
    best = evaluate(fit.model, fit.parameters, method == "REML").log_likelihood
    bounds = np.array(fit.model.bounds())
    around = np.random.default_rng(1)
    for size in (1e-4, 1e-2, 0.3):
        for _ in range(20):
            moved = fit.parameters + size * around.normal(size=len(bounds))
            moved = np.clip(moved, bounds[:, 0], bounds[:, 1])
            assert evaluate(fit.model, moved, method == "REML").log_likelihood <= best + 1e-10


@pytest.mark.parametrize("name", STRUCTURES)
def test_derivatives_of_a_structure_are_those_of_its_covariance(name: str) -> None:
    shape = structure(name, np.array([1.0, 2.0, 4.0]))
    at = np.linspace(0.4, 0.7, shape.n)
    for j, slope in enumerate(shape.jacobian(at)):
        step = 1e-6 * np.eye(shape.n)[j]
        by_hand = (shape.covariance(at + step) - shape.covariance(at - step)) / 2e-6
        assert slope == pytest.approx(by_hand, abs=1e-8)


@pytest.mark.parametrize("name", STRUCTURES)
def test_a_structure_is_positive_semidefinite_at_its_bounds(name: str) -> None:
    shape = structure(name, np.array([1.0, 2.0, 4.0]))
    for low_or_high in (shape.low, shape.high):
        at = np.array([1.0] * shape.n_sd + [low_or_high] * shape.n_correlation)
        assert np.linalg.eigvalsh(shape.covariance(at))[0] > -1e-12


def test_two_outcomes_without_any_correlation_are_two_meta_analyses() -> None:
    yi, vi = YI[:20], VI[:20]
    outcome, study = np.tile(["a", "b"], 10), np.repeat(np.arange(10), 2)
    fit = multivariate(yi, vi, outcome, study, {"o": outcome}, structure="DIAG", intercept=False)
    for j, name in enumerate("ab"):
        alone = pool(yi[outcome == name], vi[outcome == name])
        assert fit.components[j].estimate == pytest.approx(alone.tau2, rel=1e-6, abs=1e-12)
        assert fit.coefficients[j].estimate == pytest.approx(alone.estimate, rel=1e-6)


def test_without_heterogeneity_the_variances_are_exactly_zero_and_said_to_be() -> None:
    fit = three_level(np.linspace(0.30, 0.31, K), VI, STUDY)
    assert [item.estimate for item in fit.components] == [0.0, 0.0]
    assert fit.i2 == 0
    assert sum("edge of its range" in note for note in fit.notes) == 2
    intervals = component_intervals(fit)
    assert [item.ci_low for item in intervals] == [0.0, 0.0]
    assert all(item.ci_high is not None and item.ci_high < 0.1 for item in intervals)


@pytest.mark.parametrize(("scale", "shift"), [(1e-6, 0.0), (1e5, 0.0), (1.0, 2.0**20)])
def test_neither_the_unit_nor_the_origin_matters(scale: float, shift: float) -> None:
    yi = np.round(YI * 2**25) / 2**25
    plain = three_level(yi, VI, STUDY)
    moved = three_level((yi + shift) * scale, VI * scale**2, STUDY)
    assert moved.coefficients[0].estimate / scale - shift == pytest.approx(
        plain.coefficients[0].estimate, rel=1e-7
    )
    for ours, theirs in zip(moved.components, plain.components, strict=True):
        assert ours.estimate / scale**2 == pytest.approx(theirs.estimate, rel=1e-6)
    assert moved.q == pytest.approx(plain.q, rel=1e-9)


def test_the_order_of_the_effects_does_not_matter() -> None:
    order = np.random.default_rng(3).permutation(K)
    listed = multivariate(YI, VI, TIME, STUDY, structure="HAR")
    shuffled = multivariate(YI[order], VI[order], TIME[order], STUDY[order], structure="HAR")
    assert shuffled.log_likelihood == pytest.approx(listed.log_likelihood, rel=1e-12)
    assert shuffled.coefficients[0].se == pytest.approx(listed.coefficients[0].se, rel=1e-6)


def test_degrees_of_freedom_follow_the_level_at_which_a_moderator_varies() -> None:
    between = np.arange(10.0)[STUDY]
    fit = three_level(YI, VI, STUDY, {"between": between, "x": X}, test="t-contain")
    assert [item.df for item in fit.coefficients] == [7, 7, K - 3]
    assert omnibus_test(fit, "x").df_residual == K - 3
    assert omnibus_test(fit, ["x", "between"]).df_residual == 7
    assert {item.df for item in three_level(YI, VI, STUDY, test="t").coefficients} == {K - 1}


def test_predictions_add_the_variances_of_all_levels() -> None:
    fit = three_level(YI, VI, STUDY)
    point, mean = predict_mixed(fit)[0], fit.coefficients[0]
    total = sum(item.estimate for item in fit.components)
    assert point.pi_high - point.estimate == pytest.approx(
        1.959963984540054 * math.sqrt(total + mean.se**2)
    )
    assert point.ci_low == pytest.approx(mean.ci_low)


def test_predictions_of_unequal_variances_need_the_level() -> None:
    fit = multivariate(YI, VI, TIME, STUDY, structure="HCS")
    assert predict_mixed(fit)[0].pi_low is None
    first, second = (predict_mixed(fit, inner=time)[0] for time in (1, 2))
    assert first.pi_low != second.pi_low
    with pytest.raises(ValueError, match="no level 9"):
        predict_mixed(fit, inner=9)


def test_profile_limits_lie_where_the_likelihood_has_fallen_far_enough() -> None:
    from analysis.synthesis.maximum import maximise_likelihood

    fit = multivariate(YI, VI, TIME, STUDY, structure="CS")
    variance, rho = component_intervals(fit, level=0.9)
    top = maximise_likelihood(fit.model, True).log_likelihood
    for position, limit in ((0, math.sqrt(variance.ci_high) / fit.unit), (1, rho.ci_low)):
        fallen = maximise_likelihood(fit.model, True, fixed={position: limit}).log_likelihood
        assert 2 * (top - fallen) == pytest.approx(2.705543454095404, rel=1e-5)
    assert component_intervals(fit, ["study rho"], level=0.9) == (rho,)
    with pytest.raises(ValueError, match="no variance component 'tau'"):
        component_intervals(fit, ["tau"])


def test_a_correlation_of_an_unstructured_model_profiles_as_in_its_two_outcome_equal() -> None:
    """With two outcomes UN and HCS are one model."""
    yi, vi = YI[:20], VI[:20]
    outcome, study = np.tile(["a", "b"], 10), np.repeat(np.arange(10), 2)
    free = multivariate(yi, vi, outcome, study, structure="UN")
    equal = multivariate(yi, vi, outcome, study, structure="HCS")
    assert free.log_likelihood == pytest.approx(equal.log_likelihood, rel=1e-10)
    for ours, theirs in zip(component_intervals(free), component_intervals(equal), strict=True):
        assert ours.ci_low == pytest.approx(theirs.ci_low, abs=1e-6)
        assert ours.ci_high == pytest.approx(theirs.ci_high, rel=1e-6)


def test_crossed_levels_differ_from_nested_ones() -> None:
    lab = np.arange(K) % 4
    nested = multilevel(YI, VI, {"study": STUDY, "lab": lab})
    crossed = multilevel(YI, VI, {"study": STUDY, "lab": lab}, nested=False)
    assert [item.name for item in nested.components] == ["study", "study/lab"]
    assert [item.name for item in crossed.components] == ["study", "lab"]
    assert [item.groups for item in crossed.components] == [10, 4]


def test_the_result_turns_into_json() -> None:
    values = json.loads(json.dumps(three_level(YI, VI, STUDY, {"x": X}).to_dict()))
    assert values["components"][0]["name"] == "study"
    assert values["coefficients"][1]["name"] == "x"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sampling": VI[:-1]}, "same length"),
        ({"sampling": np.diag(VI)[:, :-1]}, "must be 25 x 25"),
        ({"sampling": np.diag(VI) + np.triu(np.full((K, K), 0.01), 1)}, "not symmetric"),
        ({"sampling": correlated(VI, STUDY, 1.0)}, "not positive definite"),
        ({"studies": STUDY[:-1]}, "found 24|24, the level above"),
        ({"studies": np.zeros(K)}, "one group only"),
        ({"studies": np.arange(K)}, "as another random effect does"),
        ({"method": "DL"}, "method must be one of"),
        ({"test": "hksj"}, "test must be one of"),
        ({"moderators": {"x": X[:-1]}}, "24 values for 25"),
        ({"yi": [math.nan, *YI[1:]]}, "yi must be finite"),
    ],
)
def test_faulty_input_is_named(change: dict, message: str) -> None:
    given = {"yi": YI, "sampling": VI, "studies": STUDY} | change
    with pytest.raises(ValueError, match=message):
        three_level(**given)


def test_faulty_structures_are_named() -> None:
    with pytest.raises(ValueError, match="structure must be one of"):
        multivariate(YI, VI, TIME, STUDY, structure="TOEP")
    with pytest.raises(ValueError, match="AR needs times as numbers"):
        multivariate(YI, VI, [f"t{t}" for t in TIME], STUDY, structure="AR")
    with pytest.raises(ValueError, match="at least one random effect"):
        fit_mixed(YI, VI, [])
    with pytest.raises(ValueError, match="need more than 2"):
        fit_mixed([0.1, 0.2], [0.1, 0.1], [RandomEffect("a", [1, 2])], {"x": [1.0, 2.0]})


def test_levels_that_never_meet_are_noted() -> None:
    half = np.where(np.arange(10) < 5, "a", "b")[STUDY]
    fit = multivariate(YI, VI, half, STUDY, structure="UN")
    assert any("have no data" in note or "has no data" in note for note in fit.notes)


def test_blocks_join_what_covaries_and_nothing_else() -> None:
    sampling = np.eye(5)
    sampling[0, 4] = sampling[4, 0] = 0.2
    stacks = blocks_of(5, sampling, [np.array([0, 1, 1, 2, 3])])
    found = sorted(
        tuple(sorted(row[real].tolist()))
        for stack in stacks
        for row, real in zip(stack.index, stack.real, strict=True)
    )
    assert found == [(0, 4), (1, 2), (3,)]


def test_correlations_fade_with_time() -> None:
    found = correlated([1.0, 1.0, 1.0], ["a"] * 3, 0.8, times=[0, 1, 3], phi=0.5)
    assert found.tolist() == [[1.0, 0.4, 0.1], [0.4, 1.0, 0.2], [0.1, 0.2, 1.0]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: correlated(VI, STUDY, 1.2), "rho must lie"),
        (lambda: correlated(VI, STUDY[:3]), "clusters must have one value for each effect size"),
        (lambda: correlated(VI, STUDY, times=TIME), "go together"),
        (lambda: correlated(VI, STUDY, times=TIME, phi=-0.5), "phi must lie"),
        (lambda: correlated(VI, STUDY, times=TIME[:3], phi=0.5), "times must have one value for each effect size"),
        (lambda: correlated([-1.0], ["a"]), "vi must be positive"),
        (lambda: shared_arms([1], ["a"], ["T"], ["T"], [9], [9]), "with itself"),
        (lambda: shared_arms([1], ["a"], ["T"], ["C"], [0], [9]), "must be positive"),
        (lambda: shared_arms([1], ["a"], ["T"], ["C", "D"], [9], [9]), "same length"),
        (lambda: aggregate(YI, VI, STUDY, 1.0), "not possible"),
        (lambda: aggregate(YI[:3], VI, STUDY), "3 effects for 25"),
        (lambda: aggregate(YI, VI, STUDY, -1.0, weighted=False), "not possible"),
    ],
)
def test_faulty_sampling_covariances_are_named(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_a_shared_control_gives_its_share_of_the_variance() -> None:
    """Mean differences with sd 1: v = 1/n1 + 1/n0, covariance 1/n0; opposite sides: minus."""
    vi = [1 / 20 + 1 / 40, 1 / 30 + 1 / 40, 1 / 30 + 1 / 20]
    found = shared_arms(vi, ["s"] * 3, ["A", "B", "B"], ["C", "C", "A"], [20, 30, 30], [40, 40, 20])
    assert found[0, 1] == pytest.approx(1 / 40)
    assert found[0, 2] == pytest.approx(-1 / 20)
    assert found[1, 2] == pytest.approx(1 / 30)
    apart = shared_arms(vi, list("rst"), list("ABB"), list("CCA"), [20, 30, 30], [40, 40, 20])
    assert apart.tolist() == np.diag(vi).tolist()


def test_independent_effects_merge_by_inverse_variance() -> None:
    merged = aggregate(YI, VI, STUDY, 0.0)
    own = STUDY == 3
    assert merged.yi[3] == pytest.approx(pool(YI[own], VI[own], "EE").estimate)
    assert merged.vi[3] == pytest.approx(1 / (1 / VI[own]).sum())
    assert merged.sizes == (1, 2, 3, 4, 3, 2, 1, 4, 3, 2)


def test_the_plain_mean_of_correlated_effects_has_the_textbook_variance() -> None:
    merged = aggregate([0.2, 0.6], [0.04, 0.09], ["a", "a"], 0.5, weighted=False)
    assert merged.yi[0] == pytest.approx(0.4)
    assert merged.vi[0] == pytest.approx((0.04 + 0.09 + 2 * 0.5 * 0.2 * 0.3) / 4)


def test_one_effect_per_cluster_and_equal_variances_make_cr2_the_sample_variance() -> None:
    """Of a mean of k equal-variance effects: s^2 / k with k - 1 degrees of freedom."""
    fit = robust(meta_regression(YI[:8], [0.1] * 8), range(8)).coefficients[0]
    assert fit.se == pytest.approx(YI[:8].std(ddof=1) / math.sqrt(8))
    assert fit.df == pytest.approx(7)


def test_cr0_to_cr1_is_a_factor() -> None:
    fit = three_level(YI, VI, STUDY, {"x": X})
    cr0, cr1 = (robust(fit, STUDY, kind) for kind in ("CR0", "CR1"))
    assert cr1.covariance == pytest.approx(cr0.covariance * 10 / 8)
    assert cr1.coefficients[0].df == 8


def test_the_hotelling_test_of_one_coefficient_is_its_t_test() -> None:
    fit = robust(three_level(YI, VI, STUDY, {"x": X}), STUDY)
    slope, test = fit.coefficients[1], robust_omnibus(fit, "x")
    assert test.statistic == pytest.approx(slope.statistic**2)
    assert test.df_residual == pytest.approx(slope.df)
    assert test.p_value == pytest.approx(slope.p_value)
    assert test == fit.omnibus


def test_units_of_moderators_do_not_matter_to_robust_errors() -> None:
    plain = robust(three_level(YI, VI, STUDY, {"x": X}), STUDY)
    moved = robust(three_level(YI, VI, STUDY, {"x": X * 1e6}), STUDY)
    assert moved.coefficients[1].df == pytest.approx(plain.coefficients[1].df, rel=1e-6)
    assert moved.coefficients[1].p_value == pytest.approx(plain.coefficients[1].p_value, rel=1e-6)


def test_few_clusters_are_noted_or_refused() -> None:
    four = STUDY % 3
    fit = meta_regression(YI, VI, {"x": X})
    assert any("cannot be trusted" in note for note in robust(fit, four).notes)
    with pytest.raises(ValueError, match="at least two clusters"):
        robust(fit, np.zeros(K))
    with pytest.raises(ValueError, match="more clusters than coefficients"):
        robust(fit, np.arange(K) % 2, "CR1")
    with pytest.raises(ValueError, match="25 in all; found 24"):
        robust(fit, STUDY[1:])
    with pytest.raises(ValueError, match="kind must be one of"):
        robust(fit, STUDY, "CR3")
    with pytest.raises(ValueError, match="hold whole groups"):
        robust(three_level(YI, VI, STUDY), TIME)


def test_a_coefficient_that_rests_on_one_cluster_is_noted() -> None:
    lone = (STUDY == 0).astype(float)
    fit = robust(meta_regression(YI, VI, {"lone": lone}), STUDY)
    values = json.dumps(fit.to_dict())
    assert "NaN" not in values
    assert "Infinity" not in values
    assert any("single cluster" in note and "lone" in note for note in fit.notes)
    assert not any("intercept" in note for note in fit.notes)


def test_rve_of_single_effects_is_a_weighted_mean() -> None:
    fit = correlated_effects(YI[:9], VI[:9], range(9))
    plain = pool(YI[:9], VI[:9], "DL")
    assert fit.tau2 == pytest.approx(plain.tau2, rel=1e-10)
    assert fit.robust.coefficients[0].estimate == pytest.approx(plain.estimate, rel=1e-10)


def test_rve_hardly_depends_on_rho_and_checks_it() -> None:
    low, high = (correlated_effects(YI, VI, STUDY, rho=rho) for rho in (0.0, 1.0))
    assert low.robust.coefficients[0].estimate == pytest.approx(
        high.robust.coefficients[0].estimate, rel=0.05
    )
    with pytest.raises(ValueError, match="rho must lie"):
        correlated_effects(YI, VI, STUDY, rho=1.5)
    with pytest.raises(ValueError, match="need more than 1"):
        correlated_effects(YI, VI, np.zeros(K))
    large = correlated_effects(YI, VI, STUDY, small_sample=False)
    assert large.robust.kind == "CR1"
    assert large.robust.coefficients[0].df == 9
