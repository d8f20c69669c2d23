"""Evidence made of other evidence has a version of its own; figures come from inputs, not from display text."""

from __future__ import annotations

import dataclasses

import pytest

from analysis.answer import answer
from analysis.question import Question
from analysis.survey.history import as_of
from analysis.topic.vertebral.patient.absolute import counts
from dashboard.jobs import ask
from tests.evidence_builder import Tiny, shipped


def test_the_past_has_a_version_of_its_own():
    past, earlier = as_of(shipped(), 2009), as_of(shipped(), 2003)
    assert len({shipped().version, past.version, earlier.version}) == 3
    assert len({shipped().sha256, past.sha256, earlier.sha256}) == 3
    q = Question(time="any")
    assert answer(q, past).data_version == past.version != answer(q, shipped()).data_version


def counted_trial():
    tiny = Tiny().study("a")
    for arm, events in (("VP", 3.0), ("SHAM", 7.0)):
        tiny.count("a", arm, events=events, total=50.0)
    return answer(Question(outcome="new-fracture"), tiny.evidence())


def test_counts_come_from_the_inputs_of_an_effect_not_from_its_display():
    (study,) = counted_trial().studies
    assert counts(study) == (7.0, 50.0)
    assert counts(dataclasses.replace(study, text_c="seven of fifty")) == (7.0, 50.0)
    assert counts(dataclasses.replace(study, inputs=())) is None


@pytest.mark.parametrize("library", ask.LIBRARIES)
def test_kept_results_of_another_library_are_not_shown(library, monkeypatch):
    before = ask.code_version()
    real = ask.version
    monkeypatch.setattr(ask, "version", lambda name: "0.0" if name == library else real(name))
    ask.code_version.cache_clear()
    try:
        assert ask.code_version() != before
    finally:
        ask.code_version.cache_clear()


def test_inside_the_house_nobody_is_answered_from_data_that_he_did_not_name():
    with pytest.raises(TypeError):
        answer(Question())
