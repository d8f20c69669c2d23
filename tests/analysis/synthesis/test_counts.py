"""Mantel-Haenszel and Peto on bad input, empty cells and the edges of what can be estimated."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from analysis.effects.binary import odds_ratio, risk_difference, risk_ratio
from analysis.effects.rates import incidence_rate_ratio
from analysis.synthesis.counts import (
    mh_odds_ratio,
    mh_rate_difference,
    mh_rate_ratio,
    mh_risk_difference,
    mh_risk_ratio,
    peto,
)
from analysis.synthesis.counts.association import expected_events
from analysis.synthesis.counts.tables import (
    log_odds_ratio,
    log_rate_ratio,
    log_risk_ratio,
    rates,
    tables,
)
from analysis.synthesis.counts.tables import risk_difference as own_risk_difference

TWO_BY_TWO = (mh_odds_ratio, mh_risk_ratio, mh_risk_difference, peto)
RATIOS = (mh_odds_ratio, mh_risk_ratio, peto)
ARMS = ([2, 0, 5], [40, 30, 60], [6, 2, 9], [41, 28, 58])


@pytest.mark.parametrize("function", TWO_BY_TWO)
@pytest.mark.parametrize(
    ("arms", "message"),
    [
        (([1, 2], [10], [1, 2], [10, 10]), "same length; found ai 2, n1i 1"),
        (([], [], [], []), "at least one study"),
        (([-1], [10], [1], [10]), "ai must be a count of 0 or more; found -1.0"),
        (([11], [10], [1], [10]), "ai must be at most n1i; found 11.0"),
        (([1], [10], [1], [0]), "n2i must be above 0"),
        (([math.nan], [10], [1], [10]), "ai must be finite"),
        ((["1"], [10], [1], [10]), "ai must hold numbers"),
        (([[1]], [10], [1], [10]), "one-dimensional"),
    ],
)
def test_impossible_counts_are_refused(function, arms, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function(*arms)


@pytest.mark.parametrize("function", TWO_BY_TWO)
@pytest.mark.parametrize("level", [0, 1, 95, "0.95"])
def test_a_level_outside_its_range_is_refused(function, level) -> None:
    with pytest.raises(ValueError, match="level"):
        function(*ARMS, level=level)


def test_person_time_must_be_positive() -> None:
    for function in (mh_rate_ratio, mh_rate_difference):
        with pytest.raises(ValueError, match="t2i must be above 0"):
            function([1], [10], [2], [0])


@pytest.mark.parametrize("function", TWO_BY_TWO)
@pytest.mark.parametrize("events", [[0, 0], [10, 12]])
def test_no_event_or_only_events_everywhere_gives_no_ratio_and_says_so(function, events) -> None:
    result = function(events, [10, 12], events, [10, 12])
    if function is mh_risk_ratio and events[0]:
        # Every patient of both groups had the event: the risks are equal, without error.
        assert (result.estimate, result.se, result.p_value) == (0, 0, None)
        assert "standard error is 0" in result.notes[-1]
        return
    assert result.estimate is None
    assert result.notes[0].startswith("not estimable")


@pytest.mark.parametrize("function", [mh_odds_ratio, mh_risk_ratio])
def test_a_group_without_events_gives_no_finite_ratio(function) -> None:
    result = function([0, 0], [10, 10], [3, 2], [10, 10])
    assert result.estimate is None
    assert result.ci_low is None
    assert "not estimable" in result.notes[0]


def test_the_test_of_no_association_stands_where_the_odds_ratio_is_infinite() -> None:
    result = mh_odds_ratio([0, 0], [10, 10], [3, 2], [10, 10])
    assert result.cmh == pytest.approx(3.4943, abs=5e-5)  # metafor 3.8
    assert result.tarone is None


def test_rates_without_events() -> None:
    assert mh_rate_ratio([0], [5], [0], [5]).notes[0] == "not estimable: no event in any study"
    assert mh_rate_difference([0], [5], [0], [5]).estimate is None
    assert mh_rate_ratio([0, 0], [5, 6], [1, 2], [5, 6]).estimate is None
    assert mh_rate_difference([0, 0], [5, 5], [1, 2], [5, 5]).estimate == pytest.approx(-0.3)


@pytest.mark.parametrize("function", RATIOS)
def test_empty_studies_do_not_move_a_ratio_and_are_named(function) -> None:
    without = function(*ARMS)
    columns = [[*column, extra] for column, extra in zip(ARMS, (0, 50, 0, 55), strict=True)]
    result = function(*columns)
    assert result.estimate == pytest.approx(without.estimate, rel=1e-14)
    assert result.se == pytest.approx(without.se, rel=1e-14)
    assert result.q == pytest.approx(without.q, rel=1e-14)
    assert result.k == 4
    assert "1 of 4 studies" in result.notes[0]


@pytest.mark.parametrize("function", TWO_BY_TWO)
def test_one_study_has_an_estimate_and_no_heterogeneity(function) -> None:
    result = function([2], [10], [1], [10])
    assert result.estimate is not None
    assert (result.q, result.q_df, result.i2) == (None, 0, None)


def test_one_table_gives_its_own_odds_ratio() -> None:
    result = mh_odds_ratio([3], [10], [5], [12])
    assert result.estimate == pytest.approx(math.log(3 * 7 / (7 * 5)))
    assert result.se == pytest.approx(math.sqrt(1 / 3 + 1 / 7 + 1 / 5 + 1 / 7))


def test_total_separation_has_a_peto_estimate_only() -> None:
    arms = [0, 0], [10, 10], [10, 10], [10, 10]
    assert peto(*arms).estimate == pytest.approx(-3.8)
    assert mh_odds_ratio(*arms).estimate is None


def test_very_small_p_values_are_not_cut_off() -> None:
    result = mh_odds_ratio([300, 200], [1000, 900], [30, 20], [1000, 900])
    assert 0 < result.cmh_p_value < 1e-60
    assert 0 < result.p_value < 1e-60


def test_the_studies_effects_are_those_of_the_effects_package() -> None:
    a, n1, c, n2 = [0, 5, 10, 20], [20, 20, 20, 20], [3, 4, 8, 9], [22, 20, 25, 22]
    corrected = tables(a, n1, c, n2).corrected()
    for ours, theirs in (
        (log_odds_ratio, odds_ratio),
        (log_risk_ratio, risk_ratio),
        (own_risk_difference, risk_difference),
    ):
        yi, vi = ours(corrected)
        expected = theirs(a, n1, c, n2)
        np.testing.assert_allclose(yi, expected.yi, rtol=1e-13)
        np.testing.assert_allclose(vi, expected.vi, rtol=1e-13)
    x1, t1, x2, t2 = [0, 3], [10.0, 20.0], [2, 5], [11.0, 19.0]
    yi, vi = log_rate_ratio(rates(x1, t1, x2, t2).corrected())
    expected = incidence_rate_ratio(x1, t1, x2, t2)
    np.testing.assert_allclose(yi, expected.yi, rtol=1e-13)
    np.testing.assert_allclose(vi, expected.vi, rtol=1e-13)


@pytest.mark.parametrize("log_or", [-30.0, -3.0, -1e-9, 0.0, 1e-9, 3.0, 30.0])
def test_expected_events_have_the_odds_ratio_asked_for(log_or: float) -> None:
    events, n1, n2 = np.array([3.0, 15.0, 19.0]), np.array([10.0, 10.0, 10.0]), np.array([12.0] * 3)
    x = expected_events(events, n1, n2, log_or)
    assert np.all((x >= np.maximum(0, events - n2)) & (x <= np.minimum(n1, events)))
    if abs(log_or) < 10:
        found = np.log(x * (n2 - events + x)) - np.log((n1 - x) * (events - x))
        np.testing.assert_allclose(found, log_or, rtol=1e-9, atol=1e-12)


def test_result_turns_into_json() -> None:
    found = json.loads(json.dumps(mh_odds_ratio(*ARMS).to_dict()))
    assert found["measure"] == "OR"
    assert found["notes"] == []
