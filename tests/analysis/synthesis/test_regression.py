"""Meta-regression, subgroups, BLUPs, permutation and location-scale: options, extremes, errors."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import WLS

from analysis.synthesis import pool
from analysis.synthesis.blup import blups
from analysis.synthesis.design import design
from analysis.synthesis.location_scale import location_scale
from analysis.synthesis.permutation import permutation_test
from analysis.synthesis.predictions import contrast_test, omnibus_test, predict
from analysis.synthesis.regression import meta_regression
from analysis.synthesis.subgroups import subgroups

TAU2 = ("REML", "DL", "PM", "ML", "EB", "SJ", "HS", "HE")
YI = np.array([-0.9, -1.6, -1.3, -1.4, -0.2, -0.8, -1.6, 0.0, -0.5, -1.4])
VI = np.array([0.33, 0.19, 0.42, 0.02, 0.05, 0.01, 0.22, 0.004, 0.06, 0.07])
X = np.array([44.0, 55, 42, 52, 13, 44, 19, 13, 27, 42])
GROUP = np.array(list("abcabcabca"))


@pytest.mark.parametrize("tau2", TAU2)
@pytest.mark.parametrize("ci", ["wald", "t", "hksj", "hksj-adhoc"])
def test_an_intercept_alone_equals_pool(tau2: str, ci: str) -> None:
    fit, pooled = meta_regression(YI, VI, tau2=tau2, ci=ci), pool(YI, VI, tau2, ci)
    mean = fit.coefficients[0]
    for name in ("estimate", "se", "ci_low", "ci_high", "p_value", "statistic"):
        assert getattr(mean, name) == pytest.approx(getattr(pooled, name), rel=1e-11), name
    for name in ("tau2", "tau2_ci_low", "tau2_ci_high", "i2", "h2", "q", "q_p_value"):
        assert getattr(fit, name) == pytest.approx(getattr(pooled, name), rel=1e-10), name


@pytest.mark.parametrize(("ci", "cov_type"), [("wald", "fixed scale"), ("hksj", "nonrobust")])
def test_given_tau2_statsmodels_wls_is_the_model(ci: str, cov_type: str) -> None:
    fit = meta_regression(YI, VI, {"x": X}, tau2=0.1, ci=ci)
    theirs = WLS(YI, fit.design.matrix, weights=1 / (VI + 0.1)).fit(
        cov_type=cov_type, use_t=ci == "hksj"
    )
    assert fit.estimates == pytest.approx(theirs.params, rel=1e-11)
    assert [item.se for item in fit.coefficients] == pytest.approx(theirs.bse, rel=1e-11)
    assert [item.p_value for item in fit.coefficients] == pytest.approx(theirs.pvalues, rel=1e-9)


def test_the_unit_and_the_origin_of_a_moderator_do_not_matter() -> None:
    plain = meta_regression(YI, VI, {"x": X})
    moved = meta_regression(YI, VI, {"x": X * 1e-9 + 1e-3})
    assert moved.tau2 == pytest.approx(plain.tau2, rel=1e-9)
    slope, shifted = plain.coefficients[1], moved.coefficients[1]
    assert shifted.estimate == pytest.approx(slope.estimate * 1e9, rel=1e-8)
    assert shifted.p_value == pytest.approx(slope.p_value, rel=1e-8)


def test_effects_far_from_zero_keep_their_digits() -> None:
    plain = meta_regression(YI, VI, {"x": X})
    # Multiples of 2^-30 survive the shift exactly.
    exact = np.round(YI * 2**30) / 2**30
    near, far = (meta_regression(exact + shift, VI, {"x": X}) for shift in (0.0, 2.0**20))
    assert far.tau2 == pytest.approx(near.tau2, rel=1e-12)
    assert far.coefficients[1].estimate == pytest.approx(near.coefficients[1].estimate, rel=1e-12)
    assert far.coefficients[0].estimate - 2.0**20 == pytest.approx(
        plain.coefficients[0].estimate, abs=1e-8
    )


@pytest.mark.parametrize("tau2", TAU2)
def test_variances_over_twelve_decades_give_the_right_tau2(tau2: str) -> None:
    """With three groups of one dominant study each the groups' means are those studies."""
    vi = np.array([1e-12, 1e-12, 1e-12, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    yi = np.array([0.3, 0.5, 0.9, 5.0, -4.0, 3.0, -3.0, 6.0, -1.0])
    fit = meta_regression(yi, vi, {"g": list("abcabcabc")}, tau2=tau2, intercept=False)
    again = meta_regression(
        yi[::-1], vi[::-1], {"g": list("cbacbacba")}, tau2=tau2, intercept=False
    )
    assert again.tau2 == pytest.approx(fit.tau2, rel=1e-9)
    if tau2 in ("PM", "EB", "DL") and fit.tau2:
        residuals = yi - fit.design.matrix @ fit.estimates
        q = float((residuals**2 / (vi + fit.tau2)).sum())
        if tau2 != "DL":
            assert q == pytest.approx(6.0, rel=1e-9)
    # Cochran's Q by exact hand calculation: the heavy studies have no residual left.
    heavy = np.array([0.3, 0.5, 0.9])
    by_hand = float(((yi[3:] - np.tile(heavy, 2)) ** 2).sum())
    assert fit.q == pytest.approx(by_hand, rel=1e-9)


def test_moment_estimate_with_a_dominant_study_does_not_cancel() -> None:
    """DL on an intercept: the trace is worked out without the difference of large numbers."""
    vi = np.array([1e-14, 1.0, 2.0, 3.0])
    yi = np.array([0.0, 3.0, -4.0, 5.0])
    trace = 2 * (1 / 1.0 + 1 / 2.0 + 1 / 3.0)  # twice the others' weight, to 14 digits
    q = 9.0 / 1 + 16.0 / 2 + 25.0 / 3
    slope = meta_regression(yi, vi, {"x": [0.0, 1.0, 1.0, 0.0]}, tau2="DL")
    assert meta_regression(yi, vi, tau2="DL").tau2 == pytest.approx((q - 3) / trace, rel=1e-9)
    assert slope.tau2 == pytest.approx(pool_free_dl(), rel=1e-9)


def pool_free_dl() -> float:
    """DL of that regression where study 1 fixes the intercept: studies 2 and 3 share a mean."""
    w = np.array([1.0, 0.5])
    y = np.array([3.0, -4.0])
    mean = w @ y / w.sum()
    q = float(w @ (y - mean) ** 2) + 25.0 / 3
    trace = w.sum() - (w**2).sum() / w.sum() + 2 / 3
    return (q - 2) / trace


def test_equal_effects_have_no_heterogeneity_and_plain_hksj_no_test() -> None:
    fit = meta_regression([0.4] * 6, VI[:6], {"x": X[:6]}, ci="hksj")
    assert fit.tau2 == 0
    assert fit.coefficients[0].estimate == pytest.approx(0.4)
    assert fit.q == pytest.approx(0, abs=1e-20)
    assert fit.coefficients[0].se == pytest.approx(0, abs=1e-10)


def test_as_many_coefficients_as_studies_work_only_with_a_common_effect() -> None:
    fit = meta_regression([0.1, 0.5], [0.01, 0.02], {"x": [0, 1]}, tau2="EE")
    assert fit.coefficients[1].estimate == pytest.approx(0.4)
    assert fit.q == 0
    assert fit.q_p_value is None
    assert fit.i2 is None
    assert any("nothing is left" in note for note in fit.notes)
    with pytest.raises(ValueError, match="at least 3 are needed"):
        meta_regression([0.1, 0.5], [0.01, 0.02], {"x": [0, 1]})


@pytest.mark.parametrize(
    ("moderators", "message"),
    [
        ({"x": X[:9]}, "9 values for 10"),
        ({"x": [*X[:9], math.nan]}, "'x' must be finite"),
        ({"g": [*GROUP[:9], None]}, "'g' has no value at position 9"),
        ({"g": ["a"] * 10}, "one level only"),
        ({"x": np.ones(10)}, "others determine"),
        ({"x": X, "y": 2 * X + 1}, "others determine"),
        ({"x": np.zeros(10)}, "0 throughout"),
        (np.ones((10, 2, 2)), "one or two dimensions"),
        ({f"x{i}": np.eye(10)[i] for i in range(10)}, "need more than|others determine"),
        ({"x": [object()] * 10}, "must hold numbers"),
    ],
)
def test_faulty_moderators_are_named(moderators: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        meta_regression(YI, VI, moderators)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tau2": "REMl"}, "tau2 must be one of"),
        ({"tau2": -1.0}, "tau2"),
        ({"ci": "z"}, "ci must be one of"),
        ({"level": 95}, "level must lie"),
        ({"reference": {"y": 1}}, "names no moderator"),
        ({"reference": {"x": 1}}, "is numeric"),
    ],
)
def test_unknown_options_are_named(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        meta_regression(YI, VI, {"x": X}, **options)


def test_a_reference_level_can_be_chosen_and_must_exist() -> None:
    fit = meta_regression(YI, VI, {"g": GROUP}, reference={"g": "c"})
    assert [item.name for item in fit.coefficients] == ["intercept", "g=a", "g=b"]
    with pytest.raises(ValueError, match="has no level 'z'"):
        meta_regression(YI, VI, {"g": GROUP}, reference={"g": "z"})
    with pytest.raises(ValueError, match="needs an intercept or"):
        meta_regression(YI, VI, intercept=False)


def test_a_data_frame_a_dictionary_and_an_array_are_the_same() -> None:
    frame = meta_regression(YI, VI, pd.DataFrame({"x1": X}))
    assert meta_regression(YI, VI, {"x1": X}) == frame
    assert meta_regression(YI, VI, X) == frame
    assert meta_regression(YI, VI, X[:, None]) == frame


def test_booleans_are_factors() -> None:
    assert design({"open": [True, False, True]}, 3).names == ("intercept", "open=True")


def test_r2_is_none_with_a_reason_where_it_is_not_defined() -> None:
    none_left = meta_regression([0.1, 0.1001, 0.1, 0.1], [1.0] * 4, {"x": [1, 2, 3, 5]})
    assert none_left.r2 is None
    assert any("nothing is to be explained" in note for note in none_left.notes)
    without = meta_regression(YI, VI, {"g": GROUP}, intercept=False)
    assert without.r2 is None
    assert any("no intercept" in note for note in without.notes)
    given = meta_regression(YI, VI, {"x": X}, tau2=0.2)
    assert given.r2 is None
    assert given.tau2 == 0.2
    assert given.tau2_ci_low is None


def test_the_result_turns_into_json() -> None:
    values = json.loads(json.dumps(meta_regression(YI, VI, {"g": GROUP}).to_dict()))
    assert values["coefficients"][1]["name"] == "g=b"
    assert len(values["covariance"]) == 3
    assert values["omnibus"]["df"] == 2


def test_predictions_code_new_values_as_the_fit_did() -> None:
    fit = meta_regression(YI, VI, {"g": GROUP, "x": X})
    a, b = predict(fit, {"g": ["a", "b"], "x": [20, 20]})
    assert b.estimate - a.estimate == pytest.approx(fit.coefficients[1].estimate)
    assert a.pi_low < a.ci_low < a.estimate
    with pytest.raises(ValueError, match="has no level 'q'"):
        predict(fit, {"g": ["q"], "x": [20]})
    with pytest.raises(ValueError, match="values are needed for"):
        predict(fit, {"x": [20]})
    with pytest.raises(ValueError, match="same length"):
        predict(fit, {"g": ["a", "b"], "x": [20]})


def test_a_common_effect_has_no_prediction_interval() -> None:
    point = predict(meta_regression(YI, VI, tau2="EE"))[0]
    assert point.pi_low is None
    assert point.estimate == pytest.approx(pool(YI, VI, "EE").estimate)


def test_omnibus_and_contrast_tests_agree_and_reject_nonsense() -> None:
    fit = meta_regression(YI, VI, {"g": GROUP, "x": X}, ci="hksj")
    by_name = omnibus_test(fit, "g")
    by_rows = contrast_test(fit, [[0, 1, 0, 0], [0, 0, 1, 0]])
    assert by_rows.statistic == pytest.approx(by_name.statistic)
    assert by_name.df_residual == 6
    assert omnibus_test(fit, ["g=b", "g=c"]) == by_name
    with pytest.raises(ValueError, match="no coefficient or moderator 'h'"):
        omnibus_test(fit, "h")
    with pytest.raises(ValueError, match="at least one"):
        omnibus_test(fit, [])
    with pytest.raises(ValueError, match="4 columns"):
        contrast_test(fit, [[1, 0]])
    with pytest.raises(ValueError, match="depend on one another"):
        contrast_test(fit, [[0, 1, 0, 0], [0, 2, 0, 0]])


def test_one_coefficient_squares_its_statistic() -> None:
    fit = meta_regression(YI, VI, {"x": X})
    assert fit.omnibus.statistic == pytest.approx(fit.coefficients[1].statistic ** 2)
    assert fit.omnibus.p_value == pytest.approx(fit.coefficients[1].p_value)


def test_blups_without_heterogeneity_are_the_fitted_values() -> None:
    fit = meta_regression(YI, VI, {"x": X}, tau2="EE")
    fitted = fit.design.matrix @ fit.estimates
    assert [item.estimate for item in blups(fit)] == pytest.approx(fitted)
    assert {item.shrinkage for item in blups(fit)} == {1.0}


def test_subgroups_are_those_of_pool_and_say_what_is_assumed() -> None:
    analysis = subgroups(YI, VI, GROUP, ci="hksj")
    assert [group.name for group in analysis.groups] == ["a", "b", "c"]
    alone = pool(YI[GROUP == "a"], VI[GROUP == "a"], ci="hksj")
    assert analysis.groups[0].ci_low == alone.ci_low
    assert any("chi-square even with HKSJ" in note for note in analysis.notes)
    lone = subgroups(YI[:4], VI[:4], ["a", "a", "a", "b"])
    assert lone.groups[1].tau2 is None
    assert any("no heterogeneity: b" in note for note in lone.notes)
    single = subgroups(YI, VI, ["a"] * 10)
    assert single.difference is None


def test_two_subgroups_give_the_z_test() -> None:
    analysis = subgroups(YI, VI, np.where(X > 30, "high", "low"))
    high, low = analysis.groups
    z2 = (high.estimate - low.estimate) ** 2 / (high.se**2 + low.se**2)
    assert analysis.difference.statistic == pytest.approx(z2)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (GROUP[:5], "groups must have one value for each effect size"),
        ([None, *GROUP[1:]], "has no value at position 0"),
    ],
)
def test_faulty_subgroups_are_named(labels: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        subgroups(YI, VI, labels)


def test_a_sampled_permutation_test_is_near_the_exact_one_and_repeats_itself() -> None:
    exact = permutation_test(YI, VI, tau2="DL")
    sampled = permutation_test(YI, VI, tau2="DL", most=1000, seed=3)
    assert exact.exact
    assert not sampled.exact
    assert sampled.permutations == 1000
    # Four standard errors of a share near 0.004.
    assert sampled.p_values[0] == pytest.approx(exact.p_values[0], abs=0.009)
    assert permutation_test(YI, VI, tau2="DL", most=1000, seed=3) == sampled


@pytest.mark.parametrize(
    "tau2", ["REML", "ML", "PM", "HE", "SJ", "HS", "SJIT", "PMM", "DLIT", "HSk", "EE"]
)
def test_the_table_of_refits_equals_a_loop(tau2: str) -> None:
    """Every one of the 120 orders of five studies, refitted one by one."""
    yi, vi, x = YI[:5], VI[:5], X[:5]
    found = permutation_test(yi, vi, {"x": x}, tau2=tau2)
    observed = np.array([abs(item.statistic) for item in found.fit.coefficients])
    reached = np.zeros(2)
    for order in itertools.permutations(range(5)):
        fit = meta_regression(yi, vi, {"x": x[list(order)]}, tau2=tau2)
        seen = np.array([abs(item.statistic) for item in fit.coefficients])
        reached += seen >= observed * (1 - 1e-7)
    assert found.permutations == 120
    assert found.p_values == pytest.approx((reached / 120).tolist())
    assert found.omnibus_p_value == found.p_values[1]


def test_equal_rows_are_not_exchanged() -> None:
    test = permutation_test(YI[:8], VI[:8], {"g": list("aaaabbbb")}, tau2="DL")
    assert test.permutations == math.comb(8, 4)


def test_permutation_options_are_checked() -> None:
    with pytest.raises(ValueError, match="at least 20"):
        permutation_test(YI, VI, most=5)
    with pytest.raises(ValueError, match="name an estimator"):
        permutation_test(YI, VI, tau2=0.3)


def test_a_scale_model_with_two_groups_is_two_separate_fits_under_ml() -> None:
    group = np.array(["a"] * 5 + ["b"] * 5)
    yi = np.array([0.0, 0.6, -0.5, 0.9, -0.8, 1.0, 4.0, -2.0, 3.5, -3.0])
    vi = np.full(10, 0.05)
    fit = location_scale(yi, vi, {"g": group}, {"g": group}, method="ML")
    for name, rows in (("a", group == "a"), ("b", group == "b")):
        alone = pool(yi[rows], vi[rows], "ML")
        assert fit.tau2[rows] == pytest.approx(alone.tau2, rel=1e-9), name
    assert fit.coefficients[0].estimate == pytest.approx(pool(yi[:5], vi[:5], "ML").estimate)
    assert fit.scale_coefficients[0].estimate == pytest.approx(math.log(fit.tau2[0]), rel=1e-9)


def test_a_constant_scale_is_the_ordinary_model() -> None:
    fit, plain = location_scale(YI, VI, {"x": X}), meta_regression(YI, VI, {"x": X})
    assert fit.tau2 == pytest.approx(plain.tau2, rel=1e-8)
    assert fit.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-12)
    assert fit.likelihood_ratio is None


def test_vanishing_heterogeneity_of_one_group_is_an_error_not_a_number() -> None:
    yi = [0.1, 0.1001, 0.1, 0.1002, 1.0, -2.0, 3.0, -1.0]
    with pytest.raises(ValueError, match="no maximum"):
        location_scale(yi, [0.1] * 8, None, {"g": list("aaaabbbb")})


def test_a_scale_model_without_a_constant_is_refused() -> None:
    with pytest.raises(ValueError, match="needs an intercept"):
        location_scale(YI, VI, None, {"x": X}, scale_intercept=False)
