"""Studies that a Question names and the data do not hold."""

from __future__ import annotations

import pytest

from analysis.answer import shipped_evidence
from analysis.evidence.known_studies import check_studies
from analysis.question import InvalidQuestion, Question


@pytest.mark.parametrize(
    ("name", "near"), [("vertos-v", "carli-2023"), ("kallmes", "kallmes-2009"), ("qqqq", None)]
)
def test_a_study_that_the_data_do_not_hold_is_refused_with_the_closest_names(name, near):
    with pytest.raises(InvalidQuestion) as refused:
        check_studies(Question(without=("carli-2023", name)), shipped_evidence())
    said = str(refused.value)
    assert said.startswith(f"without: found '{name}', allowed: a study_id of studies.csv")
    assert near is None or near in said
    check_studies(Question(without=("carli-2023",)), shipped_evidence())
