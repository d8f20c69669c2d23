"""Tables for files: one row per answer, study or left-out row, with the numbers of the answers."""

from __future__ import annotations

import json
import math

import pandas as pd
import pytest

from analysis import Question, answer
from analysis.effects.scale import shown
from analysis.evidence.select import REASONS
from analysis.export import tables
from tests.evidence_builder import shipped

QUESTIONS = (
    Question(),
    Question(time="12m"),
    Question(time="6m"),
    Question(outcome="new-fracture", intervention="AUG", comparator="NSM", time="any"),
    Question(outcome="leakage", intervention="BKP", comparator="NONE", time="any"),
    Question(intervention="BKP"),  # nothing answers it
)
ANSWERS = [answer(q, shipped()) for q in QUESTIONS]
ANSWERED = [a for a in ANSWERS if a.studies]


def test_pooled_has_a_row_for_every_answer_with_a_study():
    table = tables.pooled_table(ANSWERS)
    assert list(table["query"]) == [a.question.to_query() for a in ANSWERED]
    for row, a in zip(table.to_dict("records"), ANSWERED, strict=True):
        for name in tables.POOLED_FIELDS:
            value = getattr(a.pooled, name)
            assert row[name] == value or (value is None and math.isnan(row[name]))
        assert row["rows_used"] == a.rows_used
        assert row["rows_left_out"] == len(a.left_out)
        assert (row["headline"], row["sentence"]) == (a.headline, a.sentence)
        assert row["verdict"] == (a.verdict.value if a.verdict else None) or a.verdict is None
        assert row["model"] == a.told.model


def test_shown_values_are_back_transformed_and_in_order():
    for row, a in zip(tables.pooled_table(ANSWERS).to_dict("records"), ANSWERED, strict=True):
        measure = a.question.effect_measure
        assert row["shown_estimate"] == shown(measure, a.pooled.estimate)
        assert row["shown_ci_low"] <= row["shown_estimate"] <= row["shown_ci_high"]
    odds = tables.pooled_table([ANSWERS[3]]).iloc[0]
    assert odds["shown_estimate"] == pytest.approx(math.exp(odds["estimate"]))


def test_a_query_in_a_table_reopens_its_question():
    for query, a in zip(tables.pooled_table(ANSWERS)["query"], ANSWERED, strict=True):
        assert Question.from_query(query) == (a.question, [])


def test_effects_have_a_row_per_study_with_the_steps_of_its_derivation():
    table = tables.effects_table(ANSWERS)
    studies = [s for a in ANSWERED for s in a.studies]
    assert len(table) == len(studies)
    assert list(table["yi"]) == [s.yi for s in studies]
    assert list(table["vi"]) == [s.vi for s in studies]
    for text, study in zip(table["steps"], studies, strict=True):
        assert text.split(" | ") == [step.text for step in study.steps]
        assert study.steps
    weights = table.groupby("query")["weight"].sum()
    assert weights.to_numpy() == pytest.approx([100.0] * len(ANSWERED))


def test_left_out_has_a_row_per_printed_row_with_its_reason_in_words():
    table = tables.left_out_table(ANSWERS)
    assert len(table) == sum(len(a.left_out) for a in ANSWERS)
    assert set(table["reason"]) <= set(REASONS.values())
    assert (table["detail"] != "").all()
    ids = {*shipped().contrasts["row_id"], *shipped().arm_results["row_id"]}
    assert set(table["row"]) <= ids


def test_nothing_answered_gives_empty_tables():
    nothing = [ANSWERS[-1]]
    assert tables.pooled_table(nothing).empty
    assert tables.effects_table(nothing).empty
    assert tables.pooled_table([]).empty
    assert isinstance(tables.left_out_table([]), pd.DataFrame)


def test_json_holds_plain_values_and_no_nan():
    content = tables.as_json(ANSWERS)
    again = json.loads(json.dumps(content, allow_nan=False))
    for entry, a in zip(again, ANSWERS, strict=True):
        assert entry["data_version"] == a.data_version
        assert entry["sentence"] == a.sentence
        assert entry["details"] == list(a.details)
        assert [s["yi"] for s in entry["studies"]] == [s.yi for s in a.studies]
        assert sum(entry["left_out"].values()) == len(a.left_out)
        assert entry["considered"] == a.considered
        if a.pooled is None:
            assert entry["pooled"] is entry["not_told"] is entry["verdict"] is None
        else:
            assert entry["pooled"]["estimate"] == a.pooled.estimate
            assert entry["pooled"]["model"] == a.told.model
            other = a.told.other
            assert entry["not_told"] == (other.to_dict() if other else None)
