"""Selection models against every metafor case.

metafor's general optimisers stop early and its integrals are adaptive: parameters and standard
errors agree to 1e-3 relative (seen: 1e-3 for tau2 of the two-step model, 1e-5 elsewhere). The
likelihood found here must never be lower than metafor's by more than its integrals' error, 1e-6.
"""

from __future__ import annotations

import re

import pytest

from analysis.robustness.small_study import SelectionModel, selection_model
from tests.reference.cases import Case, case, cases, dataset

CASES = cases("selection model")
WEIGHTS = {"stepfun": "step", "halfnorm": "half-normal", "negexp": "negative-exponential"}
LOOSE = 1e-3
# metafor stops on its way to tau2 = 0, at 5e-6, with a log-likelihood 2.5e-4 below the maximum; it
# finds no standard errors there, and its likelihood at tau2 = 0 is lower still.
STOPPED_EARLY = "bask_sel_beta"


def fitted(reference: Case) -> SelectionModel:
    rows = dataset(reference.dataset)
    if "smd" in rows:
        rows = rows.assign(yi=rows["smd"], vi=rows["se"] ** 2)
    kind = reference.option("type")
    steps = re.search(r"steps=(?:c\()?([.\d,]+)", reference.call)
    return selection_model(
        rows["yi"],
        rows["vi"],
        WEIGHTS.get(kind, kind),
        steps=[float(item) for item in steps.group(1).rstrip(",").split(",")] if steps else (0.5,),
        alternative=reference.option("alternative") or "greater",
        imprecision=reference.option("prec"),
    )


def as_list(values: object) -> list:
    return values if isinstance(values, list) else [values]


def test_all_eight_cases_are_read() -> None:
    assert len(CASES) == 8


@pytest.mark.parametrize("reference", CASES, ids=lambda item: item.id)
def test_selection_model_agrees_with_selmodel(reference: Case) -> None:
    found, expected = fitted(reference), reference.expected
    first = 1 if found.weight == "step" else 0
    assert found.k == expected["k"]
    assert list(found.counts) == (as_list(expected["ptable"][0]) if first else [])
    assert found.estimate == pytest.approx(expected["beta"], rel=LOOSE)
    assert found.tau2 == pytest.approx(expected["tau2"], rel=LOOSE, abs=1e-5)
    assert [item.estimate for item in found.delta] == pytest.approx(
        as_list(expected["delta"])[first:], rel=LOOSE
    )
    assert found.log_likelihood >= expected["fitstats"]["logLik"] - 1e-6
    assert found.lrt == pytest.approx(expected["LRT"], rel=LOOSE)
    assert found.lrt_df == expected["LRTdf"]
    assert found.lrt_p_value == pytest.approx(expected["LRTp"], rel=LOOSE)
    if reference.id == STOPPED_EARLY:
        assert found.tau2 == 0
        assert found.notes[0].startswith("tau2 at the edge")
        return
    for theirs, ours in (
        ("se", "se"), ("ci.lb", "ci_low"), ("ci.ub", "ci_high"), ("zval", "statistic"),
        ("pval", "p_value"), ("se.tau2", "tau2_se"), ("LRT.tau2", "tau2_lrt"),
        ("LRTp.tau2", "tau2_lrt_p_value"),
    ):  # fmt: skip
        # Limits and P magnify what is left of the error of the parameters.
        margin = LOOSE * expected["se"] if theirs.startswith("ci") else 0
        rel = 5 * LOOSE if ours == "p_value" else LOOSE
        assert getattr(found, ours) == pytest.approx(expected[theirs], rel=rel, abs=margin), ours
    for theirs, ours in (
        ("se.delta", "se"), ("ci.lb.delta", "ci_low"), ("ci.ub.delta", "ci_high"),
    ):  # fmt: skip
        assert [getattr(item, ours) for item in found.delta] == pytest.approx(
            as_list(expected[theirs])[first:], rel=LOOSE
        ), ours
    # A P far in the tail magnifies what is left of the statistic's error.
    assert [item.p_value for item in found.delta] == pytest.approx(
        as_list(expected["pval.delta"])[first:], rel=0.05
    )


def test_two_steps_agree_with_the_newer_optimiser_of_metafor_5() -> None:
    reference = case("bask_sel_step_05_10")
    newer = reference.expected_metafor5
    found = fitted(reference)
    assert found.estimate == pytest.approx(newer["beta"], rel=LOOSE)
    assert found.log_likelihood >= newer["fitstats"]["logLik"] - 1e-9


def test_model_without_selection_is_the_ml_base_model() -> None:
    expected = case("bask_ML").expected
    found = fitted(case("bask_sel_3psm"))
    assert found.unadjusted.estimate == pytest.approx(expected["beta"], rel=1e-9)
    assert found.unadjusted.tau2 == pytest.approx(expected["tau2"], rel=1e-9)
    assert found.unadjusted_log_likelihood == pytest.approx(
        expected["fitstats"]["logLik"], rel=1e-9
    )
