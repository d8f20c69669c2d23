"""Leave-one-out, influence, Baujat and cumulative at their limits, and with bad input."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from analysis.robustness.baujat import baujat
from analysis.robustness.cumulative import cumulative
from analysis.robustness.influence import influence
from analysis.robustness.leave_out import leave_one_out
from analysis.synthesis import pool

YI, VI = [0.1, 0.3, 0.5, 0.9], [0.01, 0.02, 0.04, 0.09]


def test_groups_are_left_out_together_in_order_of_appearance() -> None:
    found = leave_one_out(YI, VI, groups=pd.Series(["firm", "state", "firm", "none"]))
    assert [(item.label, item.studies, item.k) for item in found] == [
        ("firm", (0, 2), 2), ("state", (1,), 3), ("none", (3,), 3),
    ]  # fmt: skip
    assert found[0].estimate == pytest.approx(pool([0.3, 0.9], [0.02, 0.09]).estimate)


def test_numbers_and_arrays_serve_as_labels() -> None:
    assert [item.label for item in leave_one_out(YI, VI, np.array([1, 1, 2, 2]))] == [1, 2]


def test_the_study_that_is_left_stands_alone_and_says_so() -> None:
    for item, alone in zip(leave_one_out(YI[:2], VI[:2]), (0.3, 0.1), strict=True):
        assert item.estimate == alone
        assert (item.tau2, item.i2, item.q) == (None, None, None)
        assert item.notes == ("one study: shown, not pooled",)


def test_without_the_odd_one_equal_effects_have_no_hksj_test() -> None:
    found = leave_one_out([0.2, 0.2, 0.2, 0.9], VI, ci="hksj")
    assert found[3].p_value is None
    assert "no test" in found[3].notes[0]
    diagnostics = influence([0.2, 0.2, 0.2, 0.9], VI, ci="hksj")
    assert math.isnan(diagnostics.dffits[3])
    assert "NaN" in diagnostics.notes[0]
    assert diagnostics.to_dict()["dffits"][3] is None
    assert "NaN" in baujat([0.2, 0.2, 0.2, 0.9], VI, ci="hksj").notes[0]


@pytest.mark.parametrize("function", [leave_one_out, influence, baujat])
def test_one_study_cannot_be_left_out(function) -> None:
    with pytest.raises(ValueError, match="only one study"):
        function([0.1], [0.1])


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (["a", "a", "a", "a"], "only one group"),
        (["a", "b", "a"], "one value for each effect size, 4 in all; found 3"),
        (["a", "b", "a", None], "must not be missing"),
        (["a", "b", "a", math.nan], "must not be missing"),
        ("abcd", "found 1"),
    ],
)
def test_bad_groups_are_named(groups: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        leave_one_out(YI, VI, groups)


def test_two_studies_have_diagnostics_with_a_note() -> None:
    found = influence(YI[:2], VI[:2])
    assert found.tau2_deleted.tolist() == [0, 0]
    assert "one is left" in found.notes[0]
    assert influence(YI[:2], VI[:2], "EE").notes == ()


def test_one_study_with_nearly_all_the_weight_is_flagged_and_costs_no_digits() -> None:
    found = influence([0.1, 0.3, 0.5, 0.4, 0.2], [1e-12, 1.0, 1.0, 1.0, 1.0], "EE")
    assert found.influential.tolist() == [True, False, False, False, False]
    # Its residual is (mean of the others - own effect) times the share of the others, 4e-12.
    assert found.residual[0] == pytest.approx(-4e-12 * 0.25, rel=1e-9)
    assert found.residual_se[0] == pytest.approx(1e-6 * math.sqrt(4e-12), rel=1e-9)


def test_equal_effects_are_neither_outliers_nor_influential() -> None:
    found = influence([0.3] * 5, [0.01, 0.02, 0.03, 0.04, 0.05])
    assert not found.influential.any()
    assert found.studentised.tolist() == [0.0] * 5


def test_results_are_read_only_and_can_be_written_as_json() -> None:
    found = influence(YI, VI)
    with pytest.raises(ValueError, match="read-only"):
        found.hat[0] = 1
    plain = json.loads(json.dumps(found.to_dict()))
    assert plain["influential"] == found.influential.tolist()


def test_equal_years_can_be_added_together() -> None:
    found = cumulative(YI, VI, [2010, 2003, 2010, 2001], together=True)
    assert [(item.label, item.studies, item.k) for item in found] == [
        (2001, (3,), 1), (2003, (1,), 2), (2010, (0, 2), 4),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ([2001, "2003", 2004, 2005], "comparable"),
        ([2001, 2003, None, 2005], "must not be missing"),
        ([2001, 2003], "one value for each effect size"),
    ],
)
def test_orders_that_cannot_be_followed_are_named(order: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cumulative(YI, VI, order)


def test_a_thousand_studies_are_left_out_one_by_one() -> None:
    random = np.random.default_rng(1)
    yi, vi = random.normal(0.3, 0.5, 1000), random.uniform(0.01, 0.2, 1000)
    found = leave_one_out(yi, vi)
    expected = pool(np.delete(yi, 17), np.delete(vi, 17))
    assert found[17].estimate == pytest.approx(expected.estimate, rel=1e-9)
    assert found[17].tau2 == pytest.approx(expected.tau2, rel=1e-9)
