"""The views of a question that show what is behind its answer: the sources, and what is missing."""

from __future__ import annotations

import pytest

from analysis.answer import answer
from analysis.evidence.select import REASONS
from analysis.export.references import references_of
from analysis.question import Question
from analysis.survey.missing import STATES, missing_here
from analysis.wanted import wanted
from dashboard.page import Visit
from dashboard.pages.missing import missing_view
from dashboard.pages.sources import sources_view
from tests.acceptance import voice
from tests.evidence_builder import shipped

QUESTIONS = (
    Question(),
    Question(time="12m", without=("carli-2023",)),
    Question(outcome="new-fracture", intervention="AUG", comparator="NSM", time="any"),
    Question(outcome="responder", intervention="BKP", comparator="NONE", time="any"),
)
ids = pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.slug())


def text(view, question: Question) -> str:
    shown = view(shipped(), question, Visit("/compare", question.to_query()))
    return voice.text_of(shown)


@ids
def test_sources_hold_the_answer_every_study_with_its_steps_and_every_reference(question):
    found, told = answer(question, shipped()), text(sources_view, question)
    assert found.sentence in told
    for study in found.studies:
        assert study.label in told
        assert all(step.text in told for step in study.steps)
    references = references_of([found], shipped())
    assert len(references) >= len(found.studies) > 0
    assert all(one.row["first_author"] in told for one in references)


@ids
def test_missing_counts_every_row_that_is_left_out_and_names_each_trials_state(question):
    found, told = answer(question, shipped()), text(missing_view, question)
    assert found.sentence in told
    for reason in {row.reason for row in found.left_out}:
        assert REASONS[reason][1:] in told
    if not question.one_group:
        for row in missing_here(question, shipped()).rows:
            assert row.name in told
            assert STATES[row.states[0].state] in told
    for one in wanted(shipped()):
        if any(gain.question == question for gain in one.gains):
            assert f"/wanted/{one.key}.csv" in repr(missing_view(shipped(), question, Visit()))


def test_a_question_that_nothing_answers_says_so_and_still_tells_what_there_is():
    question = Question(intervention="BKP")
    assert not answer(question, shipped()).studies
    assert answer(question, shipped()).sentence in text(missing_view, question)
    assert answer(question, shipped()).sentence in text(sources_view, question)
    assert "Left out, and why" in text(missing_view, question)
