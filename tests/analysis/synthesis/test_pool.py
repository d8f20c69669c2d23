"""`pool`: few studies, bad input, what the notes say, known values, and its guards."""

from __future__ import annotations

import json
import math
import time

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from analysis.synthesis import Pooled, pool

ESTIMATORS = ["REML", "DL", "PM", "ML", "EB", "SJ", "HS", "HE"]
MODELS = [*ESTIMATORS, "EE"]
INTERVALS = ["wald", "hksj", "hksj-adhoc"]
Z = 1.959963984540054  # 97.5% quantile of the standard normal distribution
YI, VI = [0.10, 0.30, 0.35, 0.65], [0.01, 0.02, 0.04, 0.03]


def numbers(result: Pooled) -> list[float]:
    """All numbers of a result that are not None."""
    values = result.to_dict()
    return [value for value in values.values() if isinstance(value, float)] + values["weights"]


# --- few studies -----------------------------------------------------------------------------


@pytest.mark.parametrize("tau2", [*MODELS, 0.3])
@pytest.mark.parametrize("ci", INTERVALS)
def test_one_study_is_shown_and_not_pooled(tau2: str | float, ci: str) -> None:
    result = pool([0.5], [0.04], tau2=tau2, ci=ci)
    assert (result.k, result.estimate, result.ci_method) == (1, 0.5, "wald")
    assert result.se == pytest.approx(0.2, rel=1e-15)
    assert result.ci_low == pytest.approx(0.5 - Z * 0.2, rel=1e-14)
    assert result.ci_high == pytest.approx(0.5 + Z * 0.2, rel=1e-14)
    assert result.p_value == pytest.approx(0.012419330651552265, rel=1e-12)
    for name in ("tau2", "tau2_ci_low", "tau2_ci_high", "i2", "h2", "q", "q_p_value"):
        assert getattr(result, name) is None, name
    assert (result.pi_low, result.pi_high, result.weights.tolist()) == (None, None, [100.0])
    assert result.notes == ("one study: shown, not pooled",)


@pytest.mark.parametrize("tau2", ESTIMATORS)
def test_two_studies_give_an_estimate_and_say_what_they_cannot(tau2: str) -> None:
    result = pool([0.1, 0.9], [0.02, 0.03], tau2=tau2)
    assert 0.1 < result.estimate < 0.9
    assert result.tau2 > 0
    assert result.pi_low is None
    assert result.pi_high is None
    assert any("two studies" in note for note in result.notes)


def test_prediction_interval_is_given_from_three_studies_on() -> None:
    result = pool(YI[:3], VI[:3])
    assert result.pi_low <= result.ci_low < result.ci_high <= result.pi_high


# --- bad input -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("yi", "vi", "message"),
    [
        ([], [], "empty"),
        ([0.1, 0.2], [0.1], "same length; found 2 and 1"),
        ([0.1, math.nan], [0.1, 0.1], r"yi must be finite.*nan at position 1"),
        ([0.1, 0.2], [math.inf, 0.1], r"vi must be finite.*inf at position 0"),
        ([0.1, 0.2], [0.1, 0.0], r"vi must be positive.*0\.0 at position 1"),
        ([0.1, 0.2, 0.3], [0.1, -0.4, -0.1], r"-0\.4 at position 1.*2 of 3"),
        ([0.1, 0.2], [0.1, 1e-70], r"vi must be between 1e-60 and 1e\+60; found 1e-70"),
        ([0.1, 1e70], [0.1, 0.1], r"yi must be within \+/- 1e\+60 of 0; found 1e\+70"),
        ([0.1, None], [0.1, 0.1], "yi must be finite.*at position 1"),
        (["0.1", "0.2"], [0.1, 0.1], "yi must hold numbers"),
        (pd.Series(["0.1", 0.2], dtype=object), [0.1, 0.1], "yi must hold numbers"),
        ([0.1, {}], [0.1, 0.1], "yi must hold numbers"),
        ([True, False], [0.1, 0.1], "yi must hold numbers"),
        ([0.1, 0.2], pd.Series([0.1, pd.NA], dtype="Float64"), "vi must be finite"),
        ([[0.1, 0.2]], [[0.1, 0.1]], "one-dimensional; found 2 dimensions"),
        (0.1, 0.1, "one-dimensional; found 0 dimensions"),
    ],
)
def test_bad_studies_are_refused_with_what_was_found(yi: object, vi: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pool(yi, vi)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tau2": "reml"}, "tau2 must be one of REML, DL, .*, EE; found 'reml'"),
        ({"tau2": None}, "tau2 must be one of REML, DL, .*, EE, or a number >= 0; found None"),
        ({"tau2": True}, "found True"),
        ({"tau2": -0.1}, r"tau2, if given as a number, .*; found -0\.1"),
        ({"tau2": math.nan}, "found nan"),
        ({"ci": "z"}, "ci must be one of hksj-adhoc, hksj, wald, t; found 'z'"),
        ({"level": 0}, "level must lie between 0 and 1, both excluded; found 0"),
        ({"level": 1.0}, r"found 1\.0"),
        ({"level": 95}, "found 95"),
        ({"level": math.nan}, "found nan"),
        ({"level": "0.95"}, r"found '0\.95'"),
    ],
)
def test_unknown_options_are_refused_with_what_is_allowed(
    options: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        pool(YI, VI, **options)


def test_options_are_checked_for_one_study_too() -> None:
    with pytest.raises(ValueError, match="ci must be one of"):
        pool([0.1], [0.1], ci="normal")


@pytest.mark.parametrize(
    "container",
    [list, tuple, np.array, pd.Series, lambda x: pd.Series(x, index=range(9, 5, -1), dtype=object)],
)
def test_containers_of_numbers_are_alike(container: type) -> None:
    assert pool(container(YI), container(VI)) == pool(YI, VI)


def test_input_is_left_as_it_was() -> None:
    yi, vi = np.array(YI), np.array(VI)
    pool(yi, vi)
    assert (yi.tolist(), vi.tolist()) == (YI, VI)


# --- known values ----------------------------------------------------------------------------


def test_equal_variances_have_closed_solutions() -> None:
    # With one variance v: mean and variance s2 of yi; REML = DL = PM = HE = s2 - v and
    # ML = s2 (k - 1) / k - v; HKSJ se = sqrt(s2 / k) whatever tau2 is.
    yi, v = np.array([1.0, 2.0, 4.0, 7.0, 11.0]), 0.5
    s2, k = yi.var(ddof=1), 5
    for tau2 in ("REML", "DL", "PM", "EB", "HE"):
        assert pool(yi, [v] * k, tau2=tau2).tau2 == pytest.approx(s2 - v, rel=1e-14)
    assert pool(yi, [v] * k, tau2="ML").tau2 == pytest.approx(s2 * 0.8 - v, rel=1e-14)
    for tau2 in MODELS:
        result = pool(yi, [v] * k, tau2=tau2, ci="hksj")
        assert result.estimate == pytest.approx(5.0, rel=1e-15)
        assert result.se == pytest.approx(math.sqrt(s2 / k), rel=1e-14)
        assert result.weights.tolist() == pytest.approx([20.0] * 5, rel=1e-15)


def test_common_effect_takes_tau2_as_zero_and_uses_q() -> None:
    result = pool(YI, VI, tau2="EE")
    weights = 1 / np.array(VI)
    mean = weights @ YI / weights.sum()
    q = weights @ (np.array(YI) - mean) ** 2
    assert result.estimate == pytest.approx(mean, rel=1e-14)
    assert result.q == pytest.approx(q, rel=1e-14)
    assert result.i2 == pytest.approx(100 * (q - 3) / q, rel=1e-13)
    assert result.h2 == pytest.approx(q / 3, rel=1e-14)
    assert (result.tau2, result.tau2_ci_low, result.pi_low) == (0.0, None, None)
    assert any("common-effect" in note for note in result.notes)


def test_given_tau2_is_used_as_it_is() -> None:
    result = pool(YI, VI, tau2=0.123)
    weights = 1 / (np.array(VI) + 0.123)
    assert result.tau2 == 0.123
    assert result.estimate == pytest.approx(weights @ YI / weights.sum(), rel=1e-14)
    assert (result.tau2_ci_low, result.tau2_ci_high, result.tau2_method) == (None, None, "given")
    assert any("given" in note for note in result.notes)


def test_degrees_of_freedom_are_stated() -> None:
    wald, hksj = pool(YI, VI), pool(YI, VI, ci="hksj")
    assert (wald.test_df, wald.pi_df, wald.q_df) == (None, None, 3)
    assert (hksj.test_df, hksj.pi_df, hksj.q_df) == (3, 3, 3)


def test_adhoc_raises_a_variance_factor_below_one_and_leaves_others_alone() -> None:
    alike, apart = [0.30, 0.31, 0.32], [0.0, 1.0, 3.0]
    assert pool(alike, VI[:3], ci="hksj").se < pool(alike, VI[:3]).se
    assert pool(alike, VI[:3], ci="hksj-adhoc").se == pool(alike, VI[:3]).se
    narrow = pool(alike, VI[:3], ci="hksj").notes
    floored = pool(alike, VI[:3], ci="hksj-adhoc").notes
    assert any("smaller than Wald" in note for note in narrow)
    assert any("raised to 1" in note for note in floored)
    assert pool(apart, VI[:3], "EE", "hksj-adhoc").se == pool(apart, VI[:3], "EE", "hksj").se


def test_result_becomes_plain_json() -> None:
    values = json.loads(json.dumps(pool(YI, VI).to_dict(), allow_nan=False))
    wanted = (
        "k estimate se ci_low ci_high p_value tau2 tau2_ci_low tau2_ci_high i2 h2 q q_p_value "
        "pi_low pi_high weights"
    )
    assert list(values)[:16] == wanted.split()
    assert sum(values["weights"]) == pytest.approx(100, rel=1e-14)
    assert json.loads(json.dumps(pool([1], [2]).to_dict()))["tau2"] is None


@pytest.mark.parametrize("tau2", [*MODELS, 1, np.float64(0.1)])
def test_numbers_of_a_result_are_python_numbers(tau2: str | float) -> None:
    for values in (pool(YI, VI, tau2, "hksj").to_dict(), pool(YI[:1], VI[:1], tau2).to_dict()):
        kinds = {type(value) for value in values.values()}
        assert kinds <= {int, float, str, list, type(None)}


def test_weights_cannot_be_changed() -> None:
    weights = pool(YI, VI).weights
    with pytest.raises(ValueError, match="read-only"):
        weights[0] = 1.0


# --- hard input ------------------------------------------------------------------------------


@pytest.mark.parametrize("tau2", ESTIMATORS)
def test_equal_effects_have_no_heterogeneity(tau2: str) -> None:
    result = pool([0.3] * 6, [0.01, 0.02, 0.03, 0.1, 0.2, 5.0], tau2=tau2, ci="hksj-adhoc")
    assert (result.estimate, result.tau2, result.i2, result.q) == (0.3, 0.0, 0.0, 0.0)
    assert (result.tau2_ci_low, result.tau2_ci_high) == (0.0, 0.0)
    assert any("no tau2 agrees" in note for note in result.notes)


def test_plain_hksj_on_equal_effects_has_no_test() -> None:
    result = pool([0.3] * 3, VI[:3], ci="hksj")
    assert (result.se, result.ci_low, result.ci_high) == (0.0, 0.3, 0.3)
    assert (result.p_value, result.statistic) == (None, None)
    assert any("no width" in note for note in result.notes)


@pytest.mark.parametrize("tau2", ESTIMATORS)
def test_shift_by_a_million_changes_only_the_estimate(tau2: str) -> None:
    # Effects with few binary digits, so that the shifted data are exact.
    yi, vi = np.array([0.25, 0.5, 0.125, 1.5, -0.75]), np.array([1e-6, 2e-6, 1e-6, 3e-6, 2e-6])
    near, far = pool(yi, vi, tau2=tau2), pool(yi + 1e6, vi, tau2=tau2)
    assert far.estimate - 1e6 == pytest.approx(near.estimate, abs=1e-9)
    for name in ("se", "tau2", "q", "i2", "h2", "tau2_ci_low", "tau2_ci_high"):
        assert getattr(far, name) == pytest.approx(getattr(near, name), rel=1e-12), name


@pytest.mark.parametrize("tau2", MODELS)
@pytest.mark.parametrize("ci", INTERVALS)
def test_variances_across_twelve_decades_give_finite_numbers(tau2: str, ci: str) -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        vi = 10.0 ** rng.uniform(-6, 6, 15)
        result = pool(rng.normal(0, np.sqrt(vi)), vi, tau2=tau2, ci=ci)
        assert all(math.isfinite(value) for value in numbers(result))
        assert sum(result.weights) == pytest.approx(100, rel=1e-13)


def test_moment_estimator_survives_a_study_with_nearly_all_the_weight() -> None:
    # W - sum w^2 / W keeps no digit here; with w1 -> infinity it is 2 sum of the other weights.
    yi, vi = [0.0, 3.0, -2.0], [1e-18, 1.0, 2.0]
    q, denominator = 3.0**2 / 1 + 2.0**2 / 2, 2 * (1 + 1 / 2)
    assert pool(yi, vi, tau2="DL").tau2 == pytest.approx((q - 2) / denominator, rel=1e-12)


@pytest.mark.parametrize("tau2", ["REML", "DL", "PM"])
def test_a_hundred_thousand_studies_are_pooled_in_seconds(tau2: str) -> None:
    rng = np.random.default_rng(4)
    vi = rng.uniform(0.01, 0.5, 100_000)
    yi = rng.normal(0.3, np.sqrt(vi + 0.1))
    start = time.perf_counter()
    result = pool(yi, vi, tau2=tau2)
    assert time.perf_counter() - start < 5
    # Four standard errors of each estimate, known from simulation theory, on a fixed seed.
    assert result.estimate == pytest.approx(0.3, abs=4 * result.se)
    assert result.tau2 == pytest.approx(0.1, abs=0.01)
    assert result.tau2_ci_low < result.tau2 < result.tau2_ci_high


@pytest.mark.parametrize("tau2", ["REML", "ML"])
def test_likelihood_estimate_is_the_global_maximum(tau2: str) -> None:
    # 500 sets, many with several local maxima, against a grid that is 20 times finer.
    rng = np.random.default_rng(5)
    several = 0
    for number in range(500):
        k = int(rng.integers(2, 25))
        vi = np.exp(rng.normal(0, rng.choice([0.3, 1, 2, 4]), k))
        spread = rng.standard_t(1.2, k) * 3 if number % 3 == 0 else rng.normal(0, 1, k)
        yi = spread * np.sqrt(vi + rng.choice([0, 0.1, 1, 10]))

        def likelihood(t: np.ndarray, yi: np.ndarray = yi, vi: np.ndarray = vi) -> np.ndarray:
            weights = 1 / (vi + t[:, None])
            total = weights.sum(axis=1)
            mean = weights @ yi / total
            q = (weights * (yi - mean[:, None]) ** 2).sum(axis=1)
            restricted = np.log(total) if tau2 == "REML" else 0.0
            return (np.log(weights).sum(axis=1) - q - restricted) / 2

        top = max(vi.max(), np.ptp(yi) ** 2)
        finest = np.concatenate([[0.0], np.geomspace(vi.min() * 1e-3, top, 2000)])
        result = pool(yi, vi, tau2=tau2)
        best = likelihood(finest).max()
        assert likelihood(np.array([result.tau2]))[0] >= best - 1e-9 * (1 + abs(best))
        several += any("local maxima" in note for note in result.notes)
    assert several > 0


def test_reml_converges_where_fisher_scoring_does_not() -> None:
    def score_and_information(yi, vi, tau2):
        weights = 1 / (vi + tau2)
        total, squares = weights.sum(), (weights**2).sum()
        residuals = yi - weights @ yi / total
        score = (weights**2) @ residuals**2 - (total - squares / total)
        return score, squares - 2 * (weights**3).sum() / total + (squares / total) ** 2

    rng = np.random.default_rng(20)
    unsettled = 0
    for _ in range(1000):
        vi = rng.uniform(0.01, 0.5, 20)
        yi = rng.normal(0.5, np.sqrt(vi + 0.02))
        scoring = max(0.0, yi.var(ddof=1) - vi.mean())
        for _step in range(200):
            score, information = score_and_information(yi, vi, scoring)
            step = score / information
            while scoring + step < 0:  # the usual guard against negative values
                step /= 2
            scoring += step
            if abs(step) < 1e-8:
                break
        else:
            unsettled += 1
        score, information = score_and_information(yi, vi, pool(yi, vi).tau2)
        # 0 to rounding at an inner maximum; at most 0 on the boundary.
        assert score / information < 1e-13
        assert abs(score / information) < 1e-13 or pool(yi, vi).tau2 == 0
    assert unsettled > 0


# --- statsmodels -----------------------------------------------------------------------------


@pytest.mark.parametrize(("tau2", "method_re"), [("DL", "dl"), ("PM", "pm")])
def test_agrees_with_statsmodels_where_that_is_right(tau2: str, method_re: str) -> None:
    rng = np.random.default_rng(6)
    for _ in range(50):
        vi = rng.uniform(0.01, 0.2, 12)
        yi = rng.normal(0, np.sqrt(vi + 0.5))
        ours, hksj = pool(yi, vi, tau2=tau2), pool(yi, vi, tau2=tau2, ci="hksj")
        theirs = combine_effects(yi, vi, method_re=method_re)
        # Its PM iteration stops when Q is within 1e-5 of k - 1.
        rel = 1e-11 if tau2 == "DL" else 1e-5
        assert ours.tau2 == pytest.approx(theirs.tau2, rel=rel)
        assert ours.estimate == pytest.approx(theirs.mean_effect_re, rel=rel, abs=1e-6)
        assert ours.se == pytest.approx(theirs.sd_eff_w_re, rel=rel)
        assert hksj.se == pytest.approx(theirs.sd_eff_w_re_hksj, rel=rel)


def test_dl_is_truncated_where_statsmodels_is_negative() -> None:
    yi, vi = np.array([0.30, 0.33, 0.28, 0.31]), np.array([0.01, 0.02, 0.015, 0.03])
    with np.errstate(invalid="ignore"):
        assert combine_effects(yi, vi, method_re="dl").tau2 < 0
    result = pool(yi, vi, tau2="DL")
    assert (result.tau2, result.i2, result.h2) == (0.0, 0.0, 1.0)
    assert result.se == pytest.approx(pool(yi, vi, tau2="EE").se, rel=1e-15)


def test_pm_finds_the_root_where_statsmodels_oversteps_it_and_returns_zero() -> None:
    """On which sets it oversteps hangs on the last digit, and so on the processor; that it does on some, does not."""
    rng, overstepped = np.random.default_rng(0), 0
    for _ in range(300):
        vi = rng.uniform(0.02, 0.5, rng.integers(2, 8))
        yi = rng.normal(0, np.sqrt(vi + rng.uniform(0, 0.6)))
        result = pool(yi, vi, tau2="PM")
        weights = 1 / (vi + result.tau2)
        mean = weights @ yi / weights.sum()
        if result.tau2 > 0:
            assert weights @ (yi - mean) ** 2 == pytest.approx(len(yi) - 1, rel=1e-12)
            assert result.tau2 == pytest.approx(pool(yi, vi, tau2="EB").tau2, rel=1e-9)
            theirs = combine_effects(yi, vi, method_re="pm", atol=1e-9, maxiter=500).tau2
            overstepped += theirs == 0 and result.tau2 > 1e-3
    assert overstepped > 0


def test_pm_survives_input_on_which_statsmodels_divides_by_zero() -> None:
    # Two studies 1.7e81 smallest standard errors apart: tau2 is half the squared difference.
    result = pool([0.0, 5.289404431664728e51], [3.162277660168379e-60, 1e-47], tau2="PM")
    assert result.tau2 == pytest.approx(5.289404431664728e51**2 / 2, rel=1e-12)


def test_q_does_not_cancel_where_it_does_in_statsmodels() -> None:
    yi, vi = np.array([0.25, 0.5, 0.125]), np.full(3, 2.0**-10)
    exact = pool(yi, vi).q
    assert abs(combine_effects(yi + 2.0**20, vi).q / exact - 1) > 1e-6
    assert pool(yi + 2.0**20, vi).q == pytest.approx(exact, rel=1e-14)
