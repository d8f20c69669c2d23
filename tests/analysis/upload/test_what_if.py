"""A trial that nobody has run: it enters every comparison with the numbers that were given, or says why not."""

from __future__ import annotations

import math
from statistics import median

import pytest

from analysis import vocabulary as words
from analysis.answer import answer, shipped_evidence
from analysis.appraisal.plain import neutral_reason, plain_sentence
from analysis.appraisal.published import judgements
from analysis.effects.scale import shown
from analysis.evidence.own import OwnRows, with_own
from analysis.question import Question
from analysis.upload.what_if import Found, NoTrial, hypothetical, precision_per_patient

EVIDENCE = shipped_evidence()
COMPARISONS = [
    Question(outcome=o, intervention=i, comparator=c, time=t, measure=m)
    for o, spec in words.OUTCOMES.items()
    for i, c, t in (("VP", "SHAM", "1m"), ("AUG", "NSM", "any"))
    for m in Question(outcome=o).measures()
]


def test_the_trial_enters_every_comparison_with_its_result():
    own, given = OwnRows(), []
    for number, question in enumerate(COMPARISONS, start=1):
        value, se = (0.8, 0.3) if question.effect_measure in words.RATIOS else (-2.0, 1.0)
        own += hypothetical(question, Found(value, se=se), answer(question, EVIDENCE), number)
        given.append((question, f"own-what-if-{number}", value, se))
    merged = with_own(EVIDENCE, own)
    assert merged.faults == EVIDENCE.faults
    for question, name, value, se in given:
        study = next(s for s in answer(question, merged).studies if s.study_id == name)
        unit = 100 if question.effect_measure == "RD" else 1
        assert "hypothetical" in study.flags
        assert unit * float(shown(question.effect_measure, study.yi)) == pytest.approx(value)
        assert unit * study.se == pytest.approx(se)


@pytest.mark.parametrize("unit", words.UNITS)
def test_the_trial_counts_what_the_question_counts(unit):
    question = Question(outcome="leakage", intervention="BKP", comparator="VP", unit=unit)
    trial = hypothetical(question, Found(0.5, low=0.3, high=0.9), answer(question, EVIDENCE), 1)
    assert answer(question, with_own(EVIDENCE, trial)).marks == ("1 hypothetical trial",)


def test_limits_are_taken_at_the_level_of_the_question():
    question = Question(level=0.9)
    trial = hypothetical(question, Found(-1, low=-2, high=0), answer(question, EVIDENCE), 1)
    study = answer(question, with_own(EVIDENCE, trial)).studies[-1]
    assert study.interval(0.9) == pytest.approx((-2, 0))


def test_a_trial_of_a_size_is_as_precise_as_those_here_at_that_size():
    question = Question(time="12m")
    found = answer(question, EVIDENCE)
    each = median(s.vi * s.patients for s in found.studies)
    assert precision_per_patient(found) == each
    trial = hypothetical(question, Found(-1, patients=400), found, 1)
    study = answer(question, with_own(EVIDENCE, trial)).studies[-1]
    assert study.se == pytest.approx(math.sqrt(each / 400))
    assert study.patients == 400


@pytest.mark.parametrize(
    ("question", "found", "words"),
    [
        (Question(), Found(-1), "patients, a standard error, or both limits"),
        (Question(), Found(-1, se=0), "above 0"),
        (Question(), Found(-1, se=math.inf), "above 0"),
        (Question(), Found(math.nan, se=1), "finite"),
        (Question(), Found(-1, low=0, high=1), "limits around the result"),
        (Question(), Found(-1, patients=1), "allowed: 2 to"),
        (Question(outcome="mortality"), Found(-1, se=1), "a ratio above 0"),
        (Question(outcome="mortality"), Found(1, low=-1, high=2), "a ratio above 0"),
        (Question(outcome="mortality"), Found(1, se=1e9), "smaller"),
        (Question(comparator="NONE"), Found(1, se=1), "a comparison"),
        (Question(intervention="BKP"), Found(-1, patients=100), "or both limits"),
    ],
)  # fmt: skip
def test_numbers_that_make_no_trial_are_refused_with_what_is_allowed(question, found, words):
    with pytest.raises(NoTrial, match=words):
        hypothetical(question, found, answer(question, EVIDENCE), 1)


def test_no_published_certainty_is_claimed_for_an_answer_with_a_hypothetical_trial():
    question = Question(time="12m")
    before = answer(question, EVIDENCE)
    trial = hypothetical(question, Found(-1, se=0.3), before, 1)
    merged = with_own(EVIDENCE, trial)
    after = answer(question, merged)
    judged = judgements(question, after.studies, merged)[0]
    assert plain_sentence(before, judged) is not None
    assert plain_sentence(after, judged) is None
    assert "1 hypothetical trial" in neutral_reason(after, judged)


def test_without_the_trial_the_answer_is_the_one_before():
    question = Question(time="12m")
    before = answer(question, EVIDENCE)
    trial = hypothetical(question, Found(-1, se=0.3), before, 1)
    merged = with_own(EVIDENCE, trial)
    without = answer(question.replace(without=("own-what-if-1",)), merged)
    assert without.pooled == before.pooled
    assert without.marks == ()
    assert OwnRows.from_store(trial.to_store()).tidy() == trial.tidy()
