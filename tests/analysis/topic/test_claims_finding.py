"""The front page in words: layers that stay apart, numbers that are the answers', and no claim beyond them."""

from __future__ import annotations

import dataclasses
import re

import pytest

from analysis import Question, answer
from analysis import vocabulary as words
from analysis.appraisal.verdict import Verdict
from analysis.appraisal.wording import kind
from analysis.effects.study_effect import number
from analysis.evidence import Evidence
from analysis.topic.vertebral.claims import (
    TIMES,
    finding,
    of_100,
    pain_layers,
    questions,
    relief_layers,
    why_empty,
)
from tests.evidence_builder import Tiny, changed_study, shipped


def without_studies(evidence: Evidence, design: str) -> Evidence:
    """The evidence as if no study of a design had ever been found."""
    gone = set(evidence.studies.loc[evidence.studies["design"] == design, "study_id"])
    gone |= set(evidence.studies.loc[evidence.studies["parent_study_id"].isin(gone), "study_id"])
    kept = {
        name: frame[~frame["study_id"].isin(gone)]
        for name in ("studies", "arms", "arm_results", "contrasts", "risk_of_bias")
        for frame in [getattr(evidence, name)]
    }
    return dataclasses.replace(evidence, **kept)


def everything(evidence: Evidence, time: str = "1m") -> str:
    found = finding(evidence, time)
    return " ".join([found.headline, *found.sentences, *found.unknown])


# --- layers --------------------------------------------------------------------------------------
@pytest.mark.parametrize("time", TIMES)
def test_a_layer_holds_changes_in_one_group_or_comparisons_and_never_both(time):
    for layer in (*pain_layers(time), *relief_layers()):
        assert len({q.one_group for q in questions([layer])}) == 1
        assert len({q.effect_measure for q in questions([layer])}) == 1
    first, *others = pain_layers(time)
    assert all(q.one_group for q in questions([first]))
    assert "not an effect" in first.title
    assert not any(q.one_group for q in questions(others))


@pytest.mark.parametrize("time", TIMES)
def test_every_study_of_a_layer_has_the_design_that_the_layer_names(time):
    series, open_trials, sham = pain_layers(time)
    for layer, design in ((open_trials, "open_rct"), (sham, "sham_rct")):
        studies = [s for q in questions([layer]) for s in answer(q, shipped()).studies]
        assert {s.design for s in studies} <= {design}
    kyphoplasty, vertebroplasty, *_ = questions([series])
    for question in (kyphoplasty, vertebroplasty):
        assert {s.design for s in answer(question, shipped()).studies} <= {"single_arm"}


# --- numbers -------------------------------------------------------------------------------------
@pytest.mark.parametrize("time", TIMES)
def test_the_sentence_about_sham_trials_tells_the_answer(time):
    a = answer(questions([pain_layers(time)[2]])[1], shipped())
    sentence = next(s for s in finding(shipped(), time).sentences if "sham-controlled trial" in s)
    if a.pooled is None:
        assert "no usable result" in sentence
        return
    result = a.told.result
    assert f"{number(abs(result.estimate), 1)} points" in sentence
    assert f"{kind(result)} {number(result.ci_low, 1)} to {number(result.ci_high, 1)}" in sentence
    assert f"In {a.pooled.k} sham-controlled" in sentence
    inside = max(abs(result.ci_low), abs(result.ci_high)) < a.mid.value
    assert ("All of this interval is smaller" in sentence) == inside


@pytest.mark.parametrize("time", TIMES)
def test_the_sentence_about_open_trials_tells_the_answers(time):
    sentence = finding(shipped(), time).sentences[2]
    for question in questions([pain_layers(time)[1]]):
        a = answer(question, shipped())
        if a.pooled is None:
            continue
        result = a.told.result
        side = "lower" if result.estimate < 0 else "higher"
        told = f"{number(abs(result.estimate), 1)} points {side} after {words.SPOKEN[question.intervention]}"
        assert told in sentence
        malignant = {s.etiology for s in a.studies} == {"malignant"}
        part = sentence[sentence.index(told) :].split(" and ")[0]
        assert ("malignant" in part) == malignant


@pytest.mark.parametrize("time", TIMES)
def test_the_headline_says_what_was_never_tested_and_the_difference_from_sham(time):
    headline = finding(shipped(), time).headline
    first, _, second = headline.partition(". ")
    assert first.endswith("kyphoplasty has never been tested against a sham procedure")
    sham = answer(questions([pain_layers(time)[2]])[1], shipped())
    assert bool(second) == (sham.told is not None)
    if sham.told is not None:
        result = sham.told.result
        assert f": {number(abs(result.estimate), 1)} points" in second
        assert f"{kind(result)} {number(result.ci_low, 1)} to {number(result.ci_high, 1)}" in second
        assert ("too little to matter" in second) == (sham.verdict is Verdict.SMALL_BENEFIT)
        assert ("no important difference" in second) == (
            sham.verdict is Verdict.NO_IMPORTANT_DIFFERENCE
        )


def test_the_claim_is_answered_in_its_own_unit_with_the_arms_of_a_trial_in_pairs():
    counts = of_100(shipped())
    pairs = {c.value for c in counts if " v " in c.value}
    assert pairs == {"44 v 21", "64 v 48"}  # as VAPOUR and INVEST print them
    assert counts[0].label == "with kyphoplasty"
    assert counts[-1].label == "without the procedure"
    assert of_100(Tiny().evidence()) == ()


def test_two_series_are_told_as_the_figure_shows_them():
    tiny = Tiny()
    for name, after in (("a", 2.0), ("b", 4.5)):
        tiny.study(name, arms="BKP", design="single_arm")
        tiny.level(name, "BKP", 8.0, weeks=0.0, timepoint="before", n=50.0)
        tiny.level(name, "BKP", after, n=50.0)
    evidence = tiny.evidence()
    a = answer(questions(pain_layers("1m"))[0], evidence)
    assert a.pooled.k == 2
    low, high = (number(v, 1) for v in (a.told.result.ci_low, a.told.result.ci_high))
    assert f"95% CrI {low} to {high}" in finding(evidence).sentences[0]


# --- nothing beyond the answers ------------------------------------------------------------------
def test_without_sham_trials_nothing_is_said_of_their_results():
    evidence = without_studies(shipped(), "sham_rct")
    for time in TIMES:
        text = everything(evidence, time)
        assert "No sham-controlled trial of vertebroplasty was found." in text
        assert not re.search(r"In \d+ sham-controlled", text)
        assert "The sham trials here" not in text
        assert "One sham-controlled trial differs" not in text
        assert "against a sham procedure, pain" not in text
        assert "after a sham procedure" not in text  # no relief under sham to tell of
        assert "no sham-controlled trial of kyphoplasty was found" in text


def test_without_open_trials_and_without_series_their_sentences_go():
    no_open = everything(without_studies(shipped(), "open_rct"))
    assert "No open randomised trial against non-surgical care was found." in no_open
    assert "Patients knew what they had received" not in no_open
    no_series = everything(without_studies(shipped(), "single_arm"))
    assert "uncontrolled series" not in no_series.lower()


def test_no_evidence_at_all_is_said_and_nothing_else_is_claimed():
    found = finding(Tiny().evidence())
    assert found.headline == "The evidence does not answer this."
    assert not re.search(r"\d", " ".join(found.sentences))


def test_a_trial_without_a_usable_figure_is_not_called_missing():
    kyphoplasty = questions([pain_layers("1m")[2]])[0]
    assert why_empty(kyphoplasty, shipped()) == "never tested"
    silent = Tiny().study("silent", arms="BKP SHAM")
    silent.level("silent", "BKP", float("nan"))
    evidence = silent.evidence()
    assert answer(kyphoplasty, evidence).studies == ()
    assert why_empty(kyphoplasty, evidence) == "no usable result found"
    text = everything(evidence)
    assert "no sham-controlled trial of kyphoplasty was found" not in text
    assert "no comparison of kyphoplasty" not in text


def test_a_row_without_a_figure_at_this_time_is_not_called_missing():
    question = next(
        q for q in questions(pain_layers("6m"))
        if not answer(q, shipped()).studies and answer(q.replace(time="12m"), shipped()).studies
    )  # fmt: skip
    assert why_empty(question, shipped()) == "no result at 6 months"


@pytest.mark.parametrize("time", TIMES)
def test_no_such_study_is_said_only_where_no_admitted_study_has_these_groups(time):
    for question in questions((*pain_layers(time), *relief_layers())):
        if answer(question, shipped()).studies:
            continue
        arms = shipped().arms.merge(shipped().studies[["study_id", "design"]], on="study_id")
        arms = arms[arms["design"].isin(question.admits)]
        groups = arms.groupby("study_id")["treatment"].agg(set)
        asked = {question.intervention} | ({question.comparator} - {"NONE"})
        exists = any(asked <= group for group in groups)
        assert (why_empty(question, shipped()) == "never tested") == (not exists)


def test_a_trial_that_differs_is_named_only_while_it_does():
    trial = next(s for s in finding(shipped()).sentences if "trial differs" in s)
    assert "at most 6 weeks old" in trial
    study = answer(
        Question(outcome="responder", time="1w", measure="RD", fracture_age="6w"), shipped()
    ).studies[0]
    assert study.label in trial
    older = changed_study(shipped(), study.study_id, fracture_age_max_weeks=20.0)
    assert "trial differs" not in everything(older)


def test_who_prints_no_pain_score_is_said_only_of_a_trial_without_one():
    study = answer(
        Question(outcome="responder", time="1w", measure="RD", fracture_age="6w"), shipped()
    ).studies[0]
    in_a_pool = {
        s.trial for time in words.WINDOWS for s in answer(Question(time=time), shipped()).studies
    }
    said = "reports no usable pain score" in everything(shipped())
    assert said == (study.trial not in in_a_pool)


def test_the_claimed_percentage_is_the_one_in_the_claim():
    statements = shipped().claims.set_index("claim_id")["statement"]
    assert f"over {words.CLAIMED_PERCENT}% of patients" in statements["relief-85"]
