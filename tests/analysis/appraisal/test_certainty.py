"""Certainty: which published judgement speaks about a Question, what the signals say, and the plain sentence."""

from __future__ import annotations

import pytest

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.appraisal.certainty import CANNOT_TELL, CONCERN, NO_CONCERN, Signal, signals
from analysis.appraisal.plain import neutral_reason, plain_sentence
from analysis.appraisal.published import Judgement, judgements, level_of
from analysis.evidence import Evidence
from analysis.question import Question
from tests.evidence_builder import Tiny, shipped

SHAM = Question()
CARE = Question(intervention="BKP", comparator="NSM")


def judged(question: Question, evidence: Evidence | None = None) -> tuple[Judgement, ...]:
    evidence = evidence or shipped()
    return judgements(question, answer(question, evidence).studies, evidence)


def with_judgement(**cells: object) -> Evidence:
    """One osteoporotic trial of vertebroplasty against sham, and one published judgement."""
    usual = {
        "review_id": "a", "label": "Doe 2020", "year": 2020.0, "q_outcome": "pain", "q_intervention": "VP",
        "q_comparator": "SHAM", "q_etiology": "osteoporotic", "certainty_level": "moderate",
    }  # fmt: skip
    tiny = Tiny().study("a", etiology="osteoporotic")
    tiny.contrast("a")
    tiny.row("published_syntheses", **(usual | cells))
    return tiny.evidence()


# --- the mapping ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cause", "expected"),
    [("", "low"), ("osteoporotic", "low"), ("malignant", "very low"), ("traumatic", "very low")],
)
def test_a_judgement_may_give_another_level_for_other_causes(cause, expected):
    row = {"certainty_level": "low", "certainty_level_other_cause": "very low"}
    assert level_of(row, cause) == expected
    assert level_of(row | {"certainty_level_other_cause": ""}, cause) == "low"


@pytest.mark.parametrize(
    ("cells", "question"),
    [
        ({}, SHAM),
        ({"q_outcome": "pain; disability; quality_of_life"}, SHAM),
        ({"q_outcome": "pain; disability"}, SHAM.replace(outcome="odi")),
        ({"q_comparator": "SHAM+NSM"}, SHAM),
        ({"q_intervention": "BKP; VP", "q_comparator": "VP; SHAM"}, SHAM),
        ({"q_intervention": "SHAM", "q_comparator": "VP"}, SHAM),
        ({"q_intervention": "AUG"}, SHAM),
        ({"q_weeks_max": 13.0}, SHAM.replace(time="3m")),
        ({}, SHAM.replace(etiology="osteoporotic")),
        ({"q_etiology": "mixed"}, SHAM.replace(etiology="malignant")),
        ({"certainty_level_other_cause": "low"}, SHAM.replace(etiology="malignant")),
        ({}, SHAM.replace(intervention="AUG")),
    ],
)
def test_a_judgement_speaks_about_the_question_it_was_made_for(cells, question):
    assert len(judged(question, with_judgement(**cells))) == 1


@pytest.mark.parametrize(
    ("cells", "question"),
    [
        ({"q_outcome": "new-fracture"}, SHAM),
        ({"q_comparator": "NSM"}, SHAM),
        ({"q_intervention": "BKP"}, SHAM),
        ({"q_comparator": "NONE"}, SHAM),
        ({"q_weeks_max": 13.0}, SHAM.replace(time="12m")),
        ({"q_weeks_max": 13.0}, SHAM.replace(time="any")),
        ({}, SHAM.replace(etiology="malignant")),
        ({"q_etiology": "malignant"}, SHAM),
        ({"certainty_level": ""}, SHAM),
        ({}, Question(comparator="NONE")),
        ({}, SHAM.replace(designs=words.COMPARATIVE)),
    ],
)
def test_a_judgement_is_silent_about_other_questions(cells, question):
    assert judged(question, with_judgement(**cells)) == ()


def test_a_wider_judgement_says_so_and_stands_behind_an_exact_one():
    tiny = Tiny().study("a", etiology="osteoporotic")
    tiny.contrast("a")
    for year, comparator in ((2021.0, "SHAM+NSM"), (2015.0, "SHAM")):
        tiny.row(
            "published_syntheses", label=f"Doe {year:.0f}", year=year, q_outcome="pain", q_intervention="VP",
            q_comparator=comparator, certainty_level="low",
        )  # fmt: skip
    exact, wider = judged(SHAM, tiny.evidence())
    assert (exact.differs, exact.review) == ("", "Doe 2015")
    assert wider.differs == "judged together with non-surgical care"


def test_every_certainty_in_the_data_is_read_and_reached_by_some_question():
    printed = shipped().published_syntheses
    rated = printed[printed["certainty_level"] != ""]
    questions = [
        Question(intervention=t, comparator=c, time=time)
        for t in ("VP", "BKP")
        for c in ("SHAM", "NSM")
        for time in ("1m", "12m")
    ]
    assert {j.row_id for q in questions for j in judged(q)} == set(rated["row_id"])


def test_kyphoplasty_against_sham_borrows_no_judgement_from_vertebroplasty():
    assert judged(Question(intervention="BKP")) == ()


# --- signals -------------------------------------------------------------------------------------
def signal(found: Answer, title: str, evidence: Evidence | None = None) -> Signal:
    return next(s for s in signals(found, evidence or shipped()) if s.title.startswith(title))


def of(tiny: Tiny, title: str, question: Question = SHAM) -> Signal:
    evidence = tiny.evidence()
    return signal(answer(question, evidence), title, evidence)


def test_no_study_gives_no_signal():
    assert signals(answer(Question(intervention="BKP"), shipped()), shipped()) == ()


def test_five_signals_stand_apart_and_none_is_a_score():
    found = signals(answer(SHAM, shipped()), shipped())
    assert [s.title for s in found] == [
        "Risk of bias", "Imprecision", "Inconsistency", "Indirectness", "Missing results and small studies",
    ]  # fmt: skip
    assert all(s.reading in (CONCERN, NO_CONCERN, CANNOT_TELL) for s in found)


@pytest.mark.parametrize(
    ("outcome", "cells", "reading"),
    [
        ("pain", {"design": "sham_rct"}, NO_CONCERN),
        ("pain", {"design": "open_rct", "participants_blinded": "no"}, CONCERN),
        ("pain", {"design": "open_rct", "participants_blinded": "yes"}, NO_CONCERN),
        ("pain", {"design": "comparative_cohort"}, CONCERN),
        ("new-fracture", {"design": "open_rct"}, NO_CONCERN),  # not told by patients
    ],
)
def test_risk_of_bias_follows_design_blinding_and_who_tells_the_outcome(outcome, cells, reading):
    tiny = Tiny().study("a", **cells)
    tiny.contrast("a")
    for arm, events in (("VP", 5.0), ("SHAM", 8.0)):
        tiny.count("a", arm, events=events, total=50.0)
    question = Question(outcome=outcome, designs=words.COMPARATIVE)
    assert of(tiny, "Risk of bias", question).reading == reading


def test_risk_of_bias_names_industry_and_quotes_the_guideline_body():
    tiny = Tiny().study("a", funding="industry")
    tiny.contrast("a")
    tiny.row("risk_of_bias", study_id="a", tool="t", domain="blinding", judgement="double blind",
             assessed_by="NICE", source_url="https://x", source_location="4.1")  # fmt: skip
    found = of(tiny, "Risk of bias")
    assert "Fully or partly funded by industry: A" in found.finding
    assert [r.text for r in found.remarks] == ["A, blinding: double blind (NICE)"]


@pytest.mark.parametrize(
    ("low", "high", "reading", "said"),
    [
        (-1.0, 1.0, NO_CONCERN, "lies within"),
        (-1.0, 3.0, CONCERN, "and no difference"),
        (0.5, 2.5, CONCERN, "includes the minimal important difference"),
        (2.0, 4.0, NO_CONCERN, "lies on one side of"),
    ],
)
def test_imprecision_is_held_against_the_important_difference(low, high, reading, said):
    tiny = Tiny().study("a")
    tiny.contrast("a", estimate=(low + high) / 2, ci_low=low, ci_high=high)
    found = of(tiny, "Imprecision")
    assert found.reading == reading
    assert said in found.finding


def test_two_studies_are_imprecise_and_cannot_show_inconsistency():
    tiny = Tiny().study("a").study("b")
    tiny.contrast("a", estimate=0.1, ci_low=-0.5, ci_high=0.7)
    tiny.contrast("b", estimate=0.2, ci_low=-0.4, ci_high=0.8)
    assert of(tiny, "Imprecision").reading == CONCERN
    assert of(tiny, "Inconsistency").reading == CANNOT_TELL


def test_few_agreeing_studies_cannot_tell_and_are_held_against_the_threshold():
    tiny = Tiny()
    for name, estimate in (("a", 0.8), ("b", 1.0), ("c", 1.7)):
        tiny.study(name)
        tiny.contrast(name, estimate=estimate, ci_low=estimate - 1, ci_high=estimate + 1)
    found = of(tiny, "Inconsistency")
    assert found.reading == CANNOT_TELL
    assert found.finding.startswith("3 of 3 estimates favour vertebroplasty, 1 of 3 lie beyond")


def test_inconsistency_is_seen_when_studies_point_both_ways():
    tiny = Tiny()
    for name, estimate in (("a", -3.0), ("b", 0.0), ("c", 3.0)):
        tiny.study(name)
        tiny.contrast(name, estimate=estimate, ci_low=estimate - 0.5, ci_high=estimate + 0.5)
    assert of(tiny, "Inconsistency").reading == CONCERN


def test_indirectness_names_a_control_that_may_itself_relieve_pain():
    found = signal(answer(Question(time="12m"), shipped()), "Indirectness")
    assert found.reading == CONCERN
    assert "VERTOS V" in found.finding


def test_indirectness_says_that_any_augmentation_means_vertebroplasty_against_sham():
    found = signal(answer(Question(intervention="AUG"), shipped()), "Indirectness")
    assert "all are of vertebroplasty" in found.finding


def test_a_trial_reported_without_a_figure_is_named_as_missing():
    tiny = Tiny().study("a").study("b", label="Silent 2011")
    tiny.contrast("a")
    tiny.contrast("b", estimate=float("nan"), ci_low=float("nan"), ci_high=float("nan"),
                  p_value=">0.05", not_poolable_reason="no estimate")  # fmt: skip
    found = of(tiny, "Missing")
    assert found.reading == CONCERN
    assert "Silent 2011" in found.finding


# --- the plain sentence --------------------------------------------------------------------------
def sentence(level: str, estimate: float, low: float, high: float) -> str:
    """Benefit counted positive, held against the threshold of 1.5 points."""
    tiny = Tiny().study("a", etiology="osteoporotic")
    tiny.contrast("a", estimate=estimate, ci_low=low, ci_high=high)
    tiny.row("published_syntheses", label="Doe 2020", q_outcome="pain", q_intervention="VP", q_comparator="SHAM",
             certainty_level=level)  # fmt: skip
    evidence = tiny.evidence()
    text = plain_sentence(answer(SHAM, evidence), judged(SHAM, evidence)[0])
    assert text is not None
    return text


@pytest.mark.parametrize(
    ("level", "verb"),
    [("high", " results in "), ("moderate", " likely results in "), ("low", " may result in ")],
)
def test_the_verb_follows_the_certainty(level, verb):
    text = sentence(level, 2.0, 1.6, 2.4)
    assert text == (
        f"Vertebroplasty{verb}an important reduction in pain at 1 month, compared with a sham procedure."
    )


def test_very_low_certainty_says_only_that_the_evidence_is_very_uncertain():
    text = sentence("very low", 2.0, 1.6, 2.4)
    assert text.startswith("The evidence is very uncertain about the effect of vertebroplasty")
    assert "reduction" not in text


@pytest.mark.parametrize(
    ("estimate", "low", "high", "size"),
    [
        (0.5, -0.2, 1.2, "little to no difference in pain"),
        (
            0.5,
            0.2,
            0.8,
            "a reduction in pain that is smaller than the minimal important difference",
        ),
        (-2.0, -2.5, -1.6, "an important increase in pain"),
    ],
)
def test_the_size_follows_the_estimate_and_its_interval(estimate, low, high, size):
    assert f"likely results in {size}" in sentence("moderate", estimate, low, high)


def test_without_a_published_judgement_there_is_no_sentence_but_a_reason():
    question = Question(outcome="new-fracture", intervention="AUG", comparator="NSM", time="any")
    found = answer(question, shipped())
    assert plain_sentence(found, None) is None
    assert "No published judgement of certainty" in neutral_reason(found, None)


def test_without_an_important_difference_there_is_no_sentence_by_size():
    question = Question(outcome="new-fracture", time="any")
    found, (judgement, *_) = answer(question, shipped()), judged(question)
    assert plain_sentence(found, judgement) is None
    assert "No important difference is set" in neutral_reason(found, judgement)


def test_open_trials_of_kyphoplasty_in_cancer_get_the_judgement_on_other_causes():
    found = judged(CARE.replace(time="1m"))  # the one trial is of malignant fractures
    assert [j.level for j in found if j.review.startswith("De Laet")] == ["very low"]
    assert not any("osteoporotic" in j.population and j.level == "low" for j in found)
