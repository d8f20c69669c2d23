"""Leaving groups out, and adding a study that is not there yet, against metafor.

The R call of each case stands beside its values. 1e-7 absolute: metafor's REML was iterated to a change of tau2
below 1e-12.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from analysis.robustness.leave_out import leave_one_out, leave_sets_out
from analysis.robustness.next_study import with_new_study
from tests.reference.cases import FOLDER, dataset

CASES = json.loads((FOLDER / "metafor_reference_robustness_views.json").read_text("utf-8"))["cases"]
GROUPS = [case for case in CASES if case["kind"] == "without a group"]
NEW = [case for case in CASES if case["kind"] == "with a new study"]


def close(expected: float) -> Any:
    return pytest.approx(expected, abs=1e-7)


def test_every_case_is_read() -> None:
    assert [len(GROUPS), len(NEW)] == [3, 4]


@pytest.mark.parametrize("case", GROUPS, ids=lambda case: case["what"])
def test_leaving_a_group_out_agrees_with_fitting_the_others(case: dict[str, Any]) -> None:
    rows = dataset("bcg")
    found = leave_one_out(rows["yi"], rows["vi"], rows["alloc"], tau2="REML", ci="hksj")
    fit = next(item for item in found if item.label == case["what"])
    for name, value in case["expected"].items():
        assert getattr(fit, name) == close(value), name


@pytest.mark.parametrize("case", GROUPS, ids=lambda case: case["what"])
def test_sets_that_are_groups_agree_too(case: dict[str, Any]) -> None:
    rows = dataset("bcg")
    at = [i for i, group in enumerate(rows["alloc"]) if group == case["what"]]
    (fit,) = leave_sets_out(rows["yi"], rows["vi"], {"x": at}, tau2="REML", ci="hksj")
    for name, value in case["expected"].items():
        assert getattr(fit, name) == close(value), name


@pytest.mark.parametrize("case", NEW, ids=lambda case: str(case["what"]))
def test_an_interval_with_a_new_study_agrees_with_fitting_it_too(case: dict[str, Any]) -> None:
    rows = dataset("bcg")
    y, v = case["what"]
    low, high = with_new_study(rows["yi"], rows["vi"], [y], [v], "REML", "hksj-adhoc")
    assert low[0] == close(case["expected"]["ci_low"])
    assert high[0] == close(case["expected"]["ci_high"])
