"""What a search leaves aside unasked has no study."""

from __future__ import annotations

import pytest

from analysis.effects.table import effects_of
from analysis.evidence.reach import may_have_studies
from analysis.standard_questions import standard_questions
from tests.evidence_builder import shipped


@pytest.mark.slow
def test_no_standard_question_with_a_study_is_left_aside():
    aside = [q for q in standard_questions() if not may_have_studies(q, shipped())]
    assert len(aside) > 1000
    assert [q for q in aside if effects_of(q, shipped()).studies] == []


def test_a_unit_that_nobody_counted_is_left_aside():
    leaks = next(q for q in standard_questions() if (q.outcome, q.unit) == ("leakage", "vertebrae"))
    assert may_have_studies(leaks.replace(intervention="VP", comparator="NONE", time="any"), shipped())
    deaths = leaks.replace(outcome="mortality", intervention="VP", comparator="NONE", time="any")
    assert not may_have_studies(deaths, shipped())
