"""Studies far from all others: the rule, and what a Question without them leaves out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.answer import answer
from analysis.effects.outliers import bound, deleted_residuals, outlying
from analysis.question import Question
from analysis.robustness.influence import influence
from tests.evidence_builder import Tiny, shipped

CHANGE = Question(comparator="NONE", time="any")


def sham_trials(*estimates: float) -> Tiny:
    """Trials with a difference in favour of the intervention of this size, each plus or minus 0.4."""
    tiny = Tiny()
    for number, estimate in enumerate(estimates):
        tiny.study(f"trial-{number}", n=50 + number)
        tiny.contrast(
            f"trial-{number}", estimate=estimate, ci_low=estimate - 0.4, ci_high=estimate + 0.4
        )
    return tiny


def test_residuals_are_those_of_the_influence_diagnostics():
    found = answer(CHANGE, shipped()).studies
    yi, vi = [s.yi for s in found], [s.vi for s in found]
    # both pool k - 1 studies with the same engine; only sums are ordered differently
    np.testing.assert_allclose(deleted_residuals(yi, vi), influence(yi, vi).studentised, rtol=1e-9)


def test_the_bound_grows_with_the_number_of_studies_looked_at():
    assert [round(bound(k), 3) for k in (4, 20)] == [2.498, 3.023]


@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_below_four_studies_nothing_is_an_outlier(k):
    assert not outlying([0.0, 0.1, 9.0][:k], [0.01] * k).any()


@given(
    st.integers(4, 9).flatmap(
        lambda k: st.tuples(
            arrays(float, k, elements=st.floats(-5, 5)),
            arrays(float, k, elements=st.floats(0.01, 4)),
        )
    )
)
def test_outliers_are_fewer_than_half_of_the_studies(studies):
    assert 2 * outlying(*studies).sum() < len(studies[0])


def test_an_outlier_leaves_the_answer_on_request_and_is_accounted_for():
    evidence = sham_trials(1.0, 1.1, 0.9, 1.0, 6.0).evidence()
    everything = answer(Question(), evidence)
    without = answer(Question(outliers=False), evidence)
    assert [s.trial for s in everything.studies if s not in without.studies] == ["trial-4"]
    assert [(r.trial, r.reason) for r in without.left_out] == [("trial-4", "outlier")]
    assert without.considered == everything.considered == 5
    assert without.pooled.estimate == pytest.approx(-1.0, abs=0.05)


def test_in_a_common_effect_model_the_same_studies_are_outliers():
    evidence = sham_trials(1.0, 1.1, 0.9, 1.0, 6.0).evidence()
    for tau2 in ("REML", "EE"):
        assert len(answer(Question(outliers=False, tau2=tau2), evidence).studies) == 4


def test_where_studies_agree_the_switch_changes_nothing():
    evidence = sham_trials(1.0, 1.1, 0.9, 1.0).evidence()
    assert answer(Question(outliers=False), evidence).studies == (
        answer(Question(), evidence).studies
    )


def test_spreads_printed_in_abstracts_are_not_borrowed_without_abstracts():
    tiny = Tiny().study("a").study("b")
    for arm in ("VP", "SHAM"):
        tiny.level("a", arm, 4.0, sd=float("nan"))
        tiny.level("b", arm, 4.0, weeks=52.0, timepoint="1 year", source_kind="primary_abstract")
    assert [s.trial for s in answer(Question(), tiny.evidence()).studies] == ["a"]
    left = answer(Question(abstract=False), tiny.evidence())
    assert left.studies == ()
    assert {r.detail for r in left.left_out if r.trial == "a"} == {
        "no standard deviation reported, and no comparable arm to borrow one from"
    }
