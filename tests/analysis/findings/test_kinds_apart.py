"""Rates that Harms keeps apart are not shown as one elsewhere without a word, nor linked to another figure."""

from __future__ import annotations

from analysis.answer import answer
from analysis.findings.table import findings
from analysis.question import Question
from analysis.survey.harms import ANY
from analysis.topic.vertebral.patient import Patient
from dashboard.components.findings import _where
from tests.evidence_builder import shipped


def test_an_answer_over_several_ways_of_looking_says_so():
    mixed = answer(
        Question(outcome="leakage", intervention="BKP", comparator="NONE", time="any"), shipped()
    )
    said = [text for text in mixed.cautions if "told apart under Harms" in text]
    ways = {s.imaging for s in mixed.studies}
    assert len(ways) > 1
    assert len(said) == 1
    assert f"images not stated ({sum(s.imaging == 'not_stated' for s in mixed.studies)})" in said[0]


def test_a_rate_of_one_way_of_counting_leads_to_harms_and_any_other_to_compare():
    rows = [r for r in findings(Patient(), shipped()).rows if r.rate is not None]
    split = [(r, r.rate.reading is not ANY) for r in rows]
    assert {apart for _, apart in split} == {True, False}
    for row, apart in split:
        assert _where(row, row.answer).startswith("/harms#" if apart else "/compare?")
