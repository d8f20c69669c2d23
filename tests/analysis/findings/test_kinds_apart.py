"""Counts of different kinds are never pooled together: on no page, in no file, for no question."""

from __future__ import annotations

from functools import cache

import pytest

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.evidence import rules
from analysis.evidence.records import results_by_id
from analysis.findings.table import findings
from analysis.question import InvalidQuestion, Question
from analysis.standard_questions import standard_questions
from analysis.survey.harms import harms, rates
from analysis.survey.neighbours import answered_nearby
from analysis.topic.vertebral.patient import Patient
from dashboard import state
from dashboard.components.findings import summary
from tests.evidence_builder import shipped

LEAKS = Question(outcome="leakage", intervention="BKP", comparator="NONE", time="any")


@cache
def split() -> list[Answer]:
    """The answers to the standard questions of what was counted in several ways."""
    return [a for q in standard_questions() if q.kind and (a := answer(q, shipped())).studies]


def test_every_row_behind_an_answer_is_of_the_kind_that_is_asked_for():
    rows = results_by_id(shipped())
    assert {a.question.kind for a in split()} == set(words.KINDS)
    for a in split():
        behind = [rows[i] for study in a.studies for i in study.row_ids]
        felt = {rules.symptoms(row) for row in behind}
        if a.question.kind == words.SYMPTOMATIC:
            assert felt <= {"symptomatic", "none_symptomatic"}
        else:
            assert {rules.imaging(row) for row in behind} == {a.question.kind}
            assert "symptomatic" not in felt


def test_the_kind_stands_in_title_sentence_and_address():
    for a in split():
        kind = words.KINDS[a.question.kind]
        assert kind in a.question.title()
        assert kind in a.sentence
        assert (kind in a.headline) == bool(a.question.counted)
        assert Question.from_query(a.question.to_query()) == (a.question, [])


def test_the_usual_kind_is_the_default_and_needs_no_word_in_the_address():
    usual = LEAKS.replace(counted="not_stated")
    assert usual == LEAKS
    assert "counted" not in LEAKS.to_query()
    assert LEAKS.replace(counted="ct").replace(outcome="infection").counted == ""
    with pytest.raises(InvalidQuestion, match="counted: found 'ct', allowed here: nothing"):
        Question(counted="ct")
    asked, said = Question.from_query("outcome=pain&counted=ct")
    assert (asked, len(said)) == (Question(), 1)
    assert state.ask(LEAKS.replace(counted="ct"), {"outcome": "pain"})[0].counted == ""
    assert state.ask(LEAKS, {"counted": "ct"})[0] == LEAKS.replace(counted="ct")


def test_a_report_that_no_leak_was_felt_counts_none_where_symptoms_are_asked_for():
    found = answer(
        LEAKS.replace(intervention="VP", unit="vertebrae", counted="symptomatic"), shipped()
    )
    assert [(s.label, dict(s.inputs)["xi"]) for s in found.studies] != []
    assert all(dict(s.inputs)["xi"] == 0 for s in found.studies)


def test_a_question_without_a_count_of_its_kind_leads_to_the_kinds_that_have_one():
    asked = Question(outcome="pulmonary-embolism", intervention="VP", comparator="NONE", time="any")
    assert not answer(asked, shipped()).studies
    said = [text for _, text in answered_nearby(asked, shipped())]
    assert said[0] == "found on CT (3 studies)"


def test_harms_and_the_patients_table_tell_the_answers_to_their_questions():
    for harm in harms():
        for rate in rates(harm, shipped()):
            assert rate.answer == answer(rate.answer.question, shipped())
    found = findings(Patient(), shipped())
    told = str(summary(Patient(), shipped(), "numbers"))
    for row in found.rows:
        if row.rate is not None:
            assert f"/compare?{row.answer.question.to_query()}" in told
