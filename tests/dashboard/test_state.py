"""Controls and Question: every change that a reader can make leads to a valid Question."""

from __future__ import annotations

import dataclasses
from functools import partial

import pytest
from dash import no_update
from hypothesis import given
from hypothesis import strategies as st

from analysis import vocabulary as words
from analysis.question import Question, overlap
from dashboard import state
from dashboard.components.controls import choices as choices_of
from dashboard.components.controls import control
from tests.evidence_builder import shipped

choices = partial(choices_of, evidence=shipped())
FIELDS = tuple(field.name for field in dataclasses.fields(Question))


def told(question: Question, **moved: object) -> state.Change:
    """What a callback is told when controls show `question`, but for those that were moved."""
    values = [moved.get(name, state.control_value(question, name)) for name in FIELDS]
    ids = [state.control_id("compare", name) for name in FIELDS]
    place = {"path": "/compare", "query": question.to_query(), "narrow": False}
    return state.read(values, ids, {"query": question.to_query(), "history": "replace"}, place)


def test_untouched_controls_leave_the_question_as_it_is():
    asked = Question(outcome="leakage", comparator="NSM", measure="OR", level=0.9, mid=1.5)
    assert told(asked).question == asked


def test_fields_without_a_control_on_the_page_stay():
    asked = Question(without=("buchbinder-2009",), r=0.7)
    ids, values = [state.control_id("compare", "time")], ["12m"]
    change = state.read(values, ids, {"query": asked.to_query()}, None)
    assert change.question == asked.replace(time="12m")


@pytest.mark.parametrize(
    ("field", "shown", "expected"),
    [
        ("time", "12m", "12m"),
        ("designs", ["open_rct"], ("open_rct",)),
        ("level", "0.99", 0.99),
        ("mid", 1.5, 1.5),
        ("mid", "", None),
        ("borrow", "no", False),
        ("tau2", "DL", "DL"),
    ],
)
def test_a_moved_control_changes_its_field(field, shown, expected):
    assert getattr(told(Question(), **{field: shown}).question, field) == expected


def test_designs_follow_the_kind_of_question_until_the_reader_chooses():
    one_group = told(Question(), comparator="NONE").question
    assert one_group.designs == ()
    assert one_group.admits == tuple(words.DESIGNS)
    chosen = told(Question(designs=("sham_rct",)), time="12m").question
    assert chosen.designs == ("sham_rct",)


def test_leaving_no_design_brings_the_usual_ones_back_and_says_so():
    change = told(Question(designs=("sham_rct",)), designs=[])
    assert change.question.admits == words.RANDOMISED
    assert "kind of study" in change.notes[0]


def test_a_value_outside_the_vocabulary_changes_nothing_and_is_said():
    change = told(Question(time="12m"), outcome="nonsense")
    assert change.question == Question(time="12m")
    assert change.notes[0].startswith("Nothing was changed.")


def test_only_controls_that_must_move_are_written():
    written = state.write(told(Question(), time="12m"), choices)
    assert all(value is no_update for value in written["values"])
    assert written["question"] == {"query": "v=1&time=12m", "history": "push"}

    written = state.write(told(Question(comparator="BKP"), intervention="BKP"), choices)
    moved = dict(zip(FIELDS, written["values"], strict=True))
    assert moved["comparator"] == "VP"
    assert moved["intervention"] is no_update


def test_a_control_for_an_unknown_field_is_refused():
    with pytest.raises(ValueError, match="found 'colour', allowed: outcome"):
        state.control_id("compare", "colour")


@st.composite
def moves(draw: st.DrawFn) -> tuple[str, object]:
    field = draw(st.sampled_from(FIELDS))
    if field == "r":
        return field, draw(st.floats(0, 0.99))
    if field == "mid":
        return field, draw(st.one_of(st.just(""), st.floats(0, 100)))
    if field == "designs":
        return field, draw(st.lists(st.sampled_from(list(words.DESIGNS)), unique=True))
    everything = {
        "comparator": words.COMPARATORS,
        "measure": words.MEASURES,
    }
    offered = everything.get(field) or [e["value"] for e in choices(Question(), field)]
    return field, draw(st.sampled_from(list(offered)))


@given(st.lists(moves(), max_size=12))
def test_any_walk_through_the_controls_stays_valid_shareable_and_shown(walk):
    question = Question()
    for field, value in walk:
        question = told(question, **{field: value}).question
        assert not overlap(question.intervention, question.comparator)
        assert Question.from_query(question.to_query())[1] == []
        for name in FIELDS:
            offered = choices(question, name)
            shown = state.control_value(question, name)
            if offered is not None:
                values = {entry["value"] for entry in offered}
                assert set(shown if isinstance(shown, list) else [shown]) <= values
            control("compare", question, name, shipped())
