"""`pool_many` and `all_subsets`: bad input, few studies, what is NaN where, numbering of subsets."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from analysis.synthesis import all_subsets, pool, pool_many
from analysis.synthesis import batch as batch_module
from analysis.synthesis.estimators import TAU2_ESTIMATORS

MODELS = [*TAU2_ESTIMATORS, "EE", 0.3]
YI = np.array([0.10, 0.30, 0.35, 0.65, 0.20])
VI = np.array([0.01, 0.02, 0.04, 0.03, 0.05])
MASK = np.array([[1, 1, 1, 1, 1], [0, 1, 1, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]], dtype=bool)


def random_sets(seed: int, sets: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    vi = rng.uniform(0.01, 0.2, (sets, k))
    return rng.normal(0.3, 0.3, (sets, k)) + rng.normal(size=(sets, k)) * np.sqrt(vi), vi


# --- few studies -----------------------------------------------------------------------------


@pytest.mark.parametrize("tau2", MODELS)
@pytest.mark.parametrize("ci", ["wald", "t", "hksj", "hksj-adhoc"])
def test_numbers_are_missing_exactly_where_documented(tau2: str | float, ci: str) -> None:
    found = pool_many(YI, VI, MASK, tau2=tau2, ci=ci, tau2_ci=True)
    assert found.status.tolist() == ["pooled", "two studies", "one study", "no study"]
    assert found.k.tolist() == [5, 2, 1, 0]
    missing = {
        name: np.isnan(getattr(found, name)).tolist()
        for name in ("estimate", "se", "ci_low", "p_value", "tau2", "i2", "h2", "q", "q_p_value")
    }
    for name in ("estimate", "se", "ci_low", "p_value"):
        assert missing[name] == [False, False, False, True], name
    for name in ("tau2", "i2", "h2", "q", "q_p_value"):
        assert missing[name] == [False, False, True, True], name
    predicted = [tau2 == "EE", True, True, True]
    assert np.isnan(found.pi_low).tolist() == predicted
    assert np.isnan(found.pi_high).tolist() == predicted
    if tau2 in TAU2_ESTIMATORS:
        assert np.isnan(found.tau2_ci_low).tolist() == [False, False, True, True]
    else:
        assert found.tau2_ci_low is None


def test_one_study_is_shown_with_its_own_wald_interval() -> None:
    found, alone = pool_many(YI, VI, MASK, ci="hksj"), pool([YI[2]], [VI[2]])
    for name in ("estimate", "se", "ci_low", "ci_high", "p_value"):
        assert getattr(found, name)[2] == pytest.approx(getattr(alone, name), rel=1e-15), name


def test_plain_hksj_on_equal_effects_has_no_test() -> None:
    found = pool_many([[0.2, 0.2, 0.2]], [[0.1, 0.2, 0.3]], ci="hksj")
    assert found.se[0] == 0
    assert math.isnan(found.p_value[0])
    assert math.isnan(found.statistic[0])
    assert (found.ci_low[0], found.ci_high[0]) == (0.2, 0.2)


def test_what_is_masked_out_is_not_looked_at() -> None:
    yi, vi = np.array([YI, YI]), np.array([VI, VI])
    mask = np.ones((2, 5), dtype=bool)
    mask[1, 2:4] = False
    yi[1, 2:4], vi[1, 2:4] = np.nan, -1.0
    found, rest = pool_many(yi, vi, mask), pool(YI[[0, 1, 4]], VI[[0, 1, 4]])
    assert found.estimate[1] == pytest.approx(rest.estimate, rel=1e-14)
    assert found.k.tolist() == [5, 3]


def test_results_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        pool_many(YI, VI, MASK).estimate[0] = 1.0


# --- bad input -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((["a"], [1.0]), "yi must hold numbers"),
        (([], []), "yi is empty"),
        (([[0.1, 0.2]], [0.1, 0.2]), r"same shape; found \(1, 2\) and \(2,\)"),
        ((np.ones((1, 1, 1)), np.ones((1, 1, 1))), r"must have the shape \(B, k\) or \(k,\)"),
        ((YI, VI, np.ones((2, 4), dtype=bool)), r"shape \(B, 5\) of yi; found \(2, 4\)"),
        ((YI, VI, np.ones(5, dtype=bool)), r"shape \(B, 5\) of yi; found \(5,\)"),
        ((YI, VI, np.ones((2, 5))), "mask must hold True and False; found float64"),
        (([[0.1, math.nan]], [[0.1, 0.1]]), r"yi must be finite.*nan at position 0, 1"),
        (
            ([[0.1, 0.2], [0.3, 0.4]], [[0.1, 0.2], [0.0, -1.0]]),
            r"vi must be positive.*0\.0 at.*1, 0",
        ),
        (([[0.1, 0.2]], [[0.1, 1e-70]]), "vi must be between 1e-60"),
        (([[1e70, 0.2]], [[0.1, 0.1]]), "yi must be within"),
    ],
)
def test_bad_sets_are_refused_with_what_was_found(arguments: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pool_many(*arguments)


@pytest.mark.parametrize("option", [{"tau2": "X"}, {"ci": "z"}, {"level": 2}, {"tau2": -1.0}])
def test_unknown_options_are_refused(option: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(option))):
        pool_many(YI, VI, MASK, **option)


# --- the same numbers whatever the route -------------------------------------------------------


@pytest.mark.parametrize("tau2", MODELS)
def test_shared_studies_give_the_same_as_own_studies(
    tau2: str | float, monkeypatch: pytest.MonkeyPatch
) -> None:
    mask = np.random.default_rng(4).random((300, 5)) < 0.6
    spread = pool_many(np.tile(YI, (300, 1)), np.tile(VI, (300, 1)), mask, tau2=tau2)
    monkeypatch.setattr("analysis.synthesis.many_studies.CELLS_AT_ONCE", 60)  # many small parts
    shared = pool_many(YI, VI, mask, tau2=tau2)
    for name in ("estimate", "se", "tau2", "i2", "h2", "q"):
        np.testing.assert_allclose(
            getattr(shared, name), getattr(spread, name), rtol=1e-11, atol=1e-13, err_msg=name
        )


def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    yi, vi = random_sets(1, 500, 6)
    monkeypatch.setattr("analysis.synthesis.many_studies.CELLS_AT_ONCE", 300)
    monkeypatch.setattr(batch_module, "PARTS_FOR_THREADS", 10**9)
    one = pool_many(yi, vi)
    monkeypatch.setattr(batch_module, "PARTS_FOR_THREADS", 1)
    monkeypatch.setattr(batch_module.os, "cpu_count", lambda: 3)
    several = pool_many(yi, vi)
    assert several.estimate.tolist() == one.estimate.tolist()
    assert several.tau2.tolist() == one.tau2.tolist()


def test_few_sets_of_very_many_studies() -> None:
    yi, vi = random_sets(2, 2, 100_000)
    found, alone = pool_many(yi, vi), pool(yi[1], vi[1])
    assert found.tau2[1] == pytest.approx(alone.tau2, rel=1e-10)
    assert found.estimate[1] == pytest.approx(alone.estimate, rel=1e-10)


# --- all subsets -----------------------------------------------------------------------------


@pytest.mark.parametrize("tau2", [*TAU2_ESTIMATORS, "EE"])
def test_every_subset_is_what_pooling_its_studies_gives(tau2: str) -> None:
    found = all_subsets(YI, VI, tau2=tau2)
    assert len(found) == 31
    for number in range(1, 32):
        members = [i for i in range(5) if number >> i & 1]
        assert found.k[number - 1] == len(members)
        one = pool(YI[members], VI[members], tau2=tau2)
        assert found.estimate[number - 1] == pytest.approx(one.estimate, rel=1e-13)
        if len(members) > 1:
            for name in ("tau2", "i2", "h2", "q"):
                expected = getattr(one, name)
                assert getattr(found, name)[number - 1] == pytest.approx(
                    expected, rel=1e-11, abs=1e-11
                )


def test_blocks_of_subsets_fit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    yi, vi = (values[0] for values in random_sets(3, 1, 9))
    whole = all_subsets(yi, vi)
    monkeypatch.setattr("analysis.synthesis.subsets.BITS_AT_ONCE", 3)
    cut = all_subsets(yi, vi)
    np.testing.assert_allclose(cut.estimate, whole.estimate, rtol=1e-13)
    np.testing.assert_allclose(cut.tau2, whole.tau2, rtol=1e-10, atol=1e-14)
    assert cut.k.tolist() == whole.k.tolist()


def test_subsets_know_which_studies_they_hold() -> None:
    found = all_subsets(YI, VI, tau2="DL")
    assert found.holding(3).sum() == 16
    assert found.k[found.holding(0) & ~found.holding(1)].min() == 1
    with pytest.raises(ValueError, match="from 0 to 4; found 5"):
        found.holding(5)


def test_one_study_has_one_subset() -> None:
    found = all_subsets([0.4], [0.1])
    assert (found.estimate.tolist(), found.k.tolist()) == ([0.4], [1])


def test_too_many_studies_for_all_subsets_are_refused() -> None:
    with pytest.raises(ValueError, match=r"25 studies have 2\^25 - 1 subsets.*at most 24"):
        all_subsets(np.arange(25.0), np.ones(25))


def test_subsets_of_equal_effects() -> None:
    found = all_subsets([0.2] * 4, [0.1, 0.2, 0.3, 0.4])
    np.testing.assert_allclose(found.estimate, 0.2, rtol=1e-15)
    assert found.tau2.tolist() == [0.0] * 15


def test_ten_thousand_fits_take_no_time_to_speak_of() -> None:
    # A fit that failed to converge would run into a limit of 1,200 steps: seconds, not milliseconds.
    yi, vi = random_sets(5, 10_000, 20)
    started = time.process_time()
    pool_many(yi, vi)
    assert time.process_time() - started < 5
