"""From an interval to a verdict, and from an answer to sentences a clinician can read aloud."""

from __future__ import annotations

import dataclasses
import math

import pytest

from analysis.answer import answer
from analysis.appraisal.mid import mid_of, thresholds
from analysis.appraisal.verdict import Verdict, verdict
from analysis.appraisal.wording import ends, favours, patients, trials
from analysis.prose import words_in
from analysis.question import Question
from analysis.rerun import standard_questions
from tests.evidence_builder import Tiny, changed, shipped, standard_answers

NAN = math.nan
COMPARATIVE = ("sham_rct", "open_rct", "comparative_cohort")


def sentence(question: Question, tiny: Tiny | None = None) -> str:
    evidence = tiny.evidence() if tiny else shipped()
    return str(answer(question, evidence))


def with_difference(estimate: float, low: float, high: float) -> Tiny:
    """One trial with a printed difference in pain, positive in favour of vertebroplasty."""
    tiny = Tiny().study("a")
    tiny.contrast("a", estimate=estimate, ci_low=low, ci_high=high)
    return tiny


# --- the rule ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1.6, 3.0, Verdict.IMPORTANT_BENEFIT),
        (1.5, 3.0, Verdict.BENEFIT),  # not beyond the threshold, but at it
        (0.2, 1.5, Verdict.BENEFIT),
        (0.2, 1.4, Verdict.SMALL_BENEFIT),
        (0.0, 1.4, Verdict.NO_IMPORTANT_DIFFERENCE),  # holds no difference
        (-1.4, 1.4, Verdict.NO_IMPORTANT_DIFFERENCE),
        (-1.5, 1.4, Verdict.UNCERTAIN),
        (-1.4, 1.5, Verdict.UNCERTAIN),
        (-9.0, 9.0, Verdict.UNCERTAIN),
        (-1.4, -0.2, Verdict.SMALL_HARM),
        (-3.0, -0.2, Verdict.HARM),
        (-3.0, -1.6, Verdict.IMPORTANT_HARM),
    ],
)
def test_verdict_with_a_threshold_of_one_and_a_half(low, high, expected):
    assert verdict(low, high, 1.5) is expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.1, 9.0, Verdict.BETTER), (-9.0, -0.1, Verdict.WORSE), (-0.1, 0.1, Verdict.UNCERTAIN),
        (0.0, 1.0, Verdict.UNCERTAIN),
    ],
)  # fmt: skip
def test_verdict_without_a_threshold(low, high, expected):
    assert verdict(low, high, None) is expected


def test_interval_out_of_order_raises():
    with pytest.raises(ValueError, match="interval out of order: 2 to 1"):
        verdict(2, 1, None)


@pytest.mark.parametrize(
    ("question", "value", "side"),
    [
        (Question(), -1.0, "intervention"),
        (Question(outcome="pcs"), -1.0, "comparator"),
        (Question(outcome="responder"), 0.5, "intervention"),
        (Question(outcome="leakage"), 0.5, "comparator"),
        (Question(outcome="leakage"), 0.0, "neither"),
    ],
)
def test_side_that_a_sign_favours(question, value, side):
    assert favours(question, value) == side


# --- thresholds ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("outcome", "value", "row"),
    [
        ("pain", 1.5, 2),  # 15 of 100 on 0-10; the others are 1.5, 2, 2, 2.5 and 2.7
        ("rmdq", 5.0, 4),
        ("odi", 8.0, 9),  # the others are 10, 10 and 18
        ("eq5d", 0.074, 12),  # the others are 0.08 and 0.10
        ("pcs", 5.56, 10),
    ],
)
def test_default_threshold_is_the_smallest_published_one(outcome, value, row):
    mid = mid_of(Question(outcome=outcome), shipped())
    assert mid.value == pytest.approx(value)
    assert mid.row_id == f"minimal_important_differences:{row}"
    assert mid.source_url.startswith("http")


def test_threshold_without_a_range_or_in_percent_is_not_rescaled_by_guess():
    texts = [m.text for m in thresholds(Question(), shipped())]
    assert not any("3.11" in text or "percentage of baseline" in text for text in texts)
    assert len(texts) == 6  # 15/100, 2, 2 (PI-NRS), 2.7, 15/100 (trial), 2.5


@pytest.mark.parametrize("outcome", ["qualeffo", "kyphosis", "leakage"])
def test_no_published_threshold_means_none(outcome):
    assert mid_of(Question(outcome=outcome), shipped()) is None


def test_reader_sets_the_threshold_or_takes_it_away():
    assert mid_of(Question(mid=1.0), shipped()).value == 1.0
    assert mid_of(Question(mid=1.0), shipped()).text == "set by the reader"
    assert mid_of(Question(mid=0.0), shipped()) is None


# --- the verdict of an answer --------------------------------------------------------------------
@pytest.mark.parametrize(
    ("interval", "expected", "title", "words"),
    [
        ((3.0, 2.0, 4.0), Verdict.IMPORTANT_BENEFIT, "important benefit of", "lies beyond 1.5 points"),
        ((2.0, 1.0, 3.0), Verdict.BENEFIT, "perhaps importantly", "whether by the 1.5 points"),
        ((0.7, 0.2, 1.2), Verdict.SMALL_BENEFIT, "too little to matter", "but by less than the 1.5"),
        ((0.2, -0.8, 1.2), Verdict.NO_IMPORTANT_DIFFERENCE, "no important difference", "is ruled out either way"),
        ((1.0, -0.5, 2.5), Verdict.UNCERTAIN, "unclear whether", "is not known"),
        ((-0.7, -1.2, -0.2), Verdict.SMALL_HARM, "worse than sham, too little", "A sham procedure is better"),
        ((-2.0, -3.0, -1.0), Verdict.HARM, "worse than sham, perhaps", "A sham procedure is better"),
        ((-3.0, -4.0, -2.0), Verdict.IMPORTANT_HARM, "importantly worse than sham", "in favour of a sham"),
    ],
)  # fmt: skip
def test_each_verdict_has_its_title_and_its_meaning(interval, expected, title, words):
    found = answer(Question(), with_difference(*interval).evidence())
    assert found.verdict is expected
    assert title in found.headline
    assert words in found.details[0]
    assert found.sentence.lower().startswith(
        "unclear" if expected is Verdict.UNCERTAIN else expected.value
    )


@pytest.mark.parametrize(("low", "high", "expected"), [(1.0, 3.0, "better"), (-3.0, -1.0, "worse")])
def test_without_a_threshold_title_sentence_and_verdict_speak_of_no_importance(low, high, expected):
    found = answer(Question(mid=0.0), with_difference((low + high) / 2, low, high).evidence())
    assert found.verdict.value == expected
    assert found.sentence.startswith(f"{expected.capitalize()}: ")
    assert f"vertebroplasty {expected} than sham" in found.headline
    assert "import" not in f"{found.headline} {found.sentence} {found.details[0]}"


@pytest.mark.parametrize("outcome", ["pain", "pcs"])
def test_benefit_is_on_the_right_side_whatever_the_direction_of_the_scale(outcome):
    tiny = Tiny().study("a")
    spec = Question(outcome=outcome).spec
    instrument = {"pain": "VAS", "pcs": "SF-36 PCS"}[outcome]
    tiny.contrast(
        "a", outcome=spec.source, instrument=instrument, estimate=9.0, ci_low=8.0, ci_high=10.0
    )
    found = answer(Question(outcome=outcome), tiny.evidence())
    assert found.verdict is Verdict.IMPORTANT_BENEFIT
    assert (found.pooled.estimate < 0) == spec.lower_is_better


# --- what the sentences say ----------------------------------------------------------------------
@pytest.mark.slow
def test_a_headline_has_at_most_twelve_words_and_a_sentence_at_most_twenty_five():
    unanswered = [answer(q, shipped()) for q in list(standard_questions())[::15]]
    for a in (*standard_answers(), *unanswered):
        assert words_in(a.headline) <= 12, a.headline
        assert words_in(a.sentence) <= 25, a.sentence


def test_two_sham_trials_at_one_month():
    a = answer(Question(), shipped())
    assert a.headline == "Pain at 1 month: no important difference between vertebroplasty and sham"
    # INVEST -0.70 (SE 0.51) and VERTOS IV -0.41 (SE 0.38) by the rule for two (tests/analysis/synthesis/test_few.py)
    assert a.sentence == (
        "No important difference: pain was 0.52 points lower after vertebroplasty than after a sham procedure at "
        "1 month (95% CrI −1.39 to 0.33; 2 trials)."
    )
    assert "2 studies only: how far results vary from trial to trial cannot be judged." in a.cautions
    assert "One more study measured this but reported no result" in " ".join(
        a.details
    )  # clark-2016


@pytest.mark.slow
def test_a_prediction_is_told_from_five_studies_and_below_it_is_said_why_not():
    several = standard_answers()
    predicted = [a for a in several if a.told is not None and a.told.prediction is not None]
    assert predicted
    for a in several:
        if a.told is None:
            continue
        text = " ".join(a.details)
        assert ("in a similar new" in text) == (a.told.prediction is not None)
        assert (a.pooled.pi_low is not None) == (a.told.prediction is not None)
        if a.told.prediction is not None:
            assert len(a.studies) >= 5
    four = answer(Question(time="12m"), shipped())
    assert "too few to say where the true effect of a new study would lie" in " ".join(four.details)


@pytest.mark.slow
def test_no_prediction_interval_repeats_the_confidence_interval():
    for a in standard_answers():
        told = a.told
        if told is None or told.prediction is None or not told.result.tau2_ci_high:
            continue
        same = math.isclose(told.prediction.low, told.result.ci_low, rel_tol=1e-6)
        assert not same or told.result.tau2_ci_high < told.result.se**2, a.question


def test_single_study_is_shown_and_not_pooled():
    said = sentence(Question(intervention="BKP", comparator="NSM"))
    assert "1 trial)" in said
    assert "One study: its own result." in said


def test_quality_of_life_is_no_proper_name():
    said = sentence(Question(outcome="eq5d", intervention="BKP", comparator="NSM"))
    assert ": quality of life" in said


def test_equal_means_are_called_the_same():
    tiny = Tiny().study("a")
    for arm in ("VP", "SHAM"):
        tiny.level("a", arm, 4.0)
    assert "pain was the same after vertebroplasty as after a sham" in sentence(Question(), tiny)


def test_event_sentence_names_the_measure_and_both_groups():
    question = Question(outcome="new-fracture", time="12m")
    said = answer(question, shipped()).sentence
    assert "new vertebral fracture at 12 months, vertebroplasty against sham: odds ratio" in said


def test_risk_difference_is_in_percentage_points():
    said = sentence(Question(outcome="responder", time="1w", measure="RD"))
    assert "risk difference 23.0 percentage points (95% CI " in said
    assert said.count("percentage points") >= 2


def test_no_limit_lies_outside_the_scale():
    assert ends(Question(), -17.73, 13.88) == "below −10 to above 10"
    assert ends(Question(outcome="pcs"), -17.73, 13.88) == "−17.73 to 13.88"  # no scale, no end


def test_level_prints_without_rounding():
    assert "97.5% CrI" in sentence(Question(level=0.975))
    assert "99.9% CrI" in sentence(Question(level=0.999))


def test_limit_that_only_rounds_to_no_difference_gets_more_decimals():
    near = with_difference(1.0, 0.003, 1.997)
    assert "95% CI −2.00 to −0.003" in sentence(Question(), near)
    exact = with_difference(1.0, 0.0, 2.0)
    assert "95% CI −2.00 to 0.00;" in sentence(Question(), exact)


@pytest.mark.parametrize(
    ("design", "cells", "outcome", "words"),
    [
        ("sham_rct", {}, "pain", "which procedure they had: expectation acts on both groups alike."),
        ("open_rct", {}, "pain", "knew what they received: expectation may explain part"),
        ("open_rct", {}, "kyphosis", "Patients were randomised but knew what they received."),
        ("sham_rct", {}, "kyphosis", "Patients did not know which procedure they had."),
        ("open_rct", {"participants_blinded": "yes"}, "pain", "were not told which treatment"),
        ("comparative_cohort", {}, "pain", "This study was not randomised: the groups may have"),
    ],
)  # fmt: skip
def test_kind_of_evidence(design, cells, outcome, words):
    tiny = Tiny().study("a", design=design, **cells)
    spec = Question(outcome=outcome).spec
    tiny.contrast("a", outcome=spec.source, instrument_code=spec.instruments[0])
    assert words in sentence(Question(outcome=outcome, designs=COMPARATIVE), tiny)


@pytest.mark.parametrize(
    ("designs", "words"),
    [
        (("comparative_cohort", "comparative_cohort"), "None of these studies was randomised"),
        (("comparative_cohort", "sham_rct"), "Not all of these studies were randomised"),
        (("open_rct", "sham_rct"), "In some of these trials patients did not know"),
    ],
)
def test_mixed_designs_are_told_apart(designs, words):
    tiny = Tiny()
    for name, design, n in zip("ab", designs, (50, 60), strict=True):
        tiny.study(name, design=design, n=n)
        tiny.contrast(name)
    assert words in sentence(Question(designs=COMPARATIVE), tiny)


def test_designs_and_patients_are_counted():
    tiny = Tiny()
    for name, design, n in zip("abc", COMPARATIVE, (40, 50, NAN), strict=True):
        tiny.study(name, design=design, n=n)
        tiny.contrast(name)
    a = answer(Question(designs=COMPARATIVE), tiny.evidence())
    assert trials(a.studies) == (
        "1 sham-controlled trial, 1 open randomised trial and 1 comparative cohort"
    )
    assert patients(a.studies) == "at least 180 patients"
    assert "3 studies)" in a.sentence


def test_silent_trial_is_not_counted_when_it_answers_by_another_row():
    tiny = Tiny().study("a")
    tiny.contrast("a")
    tiny.contrast("a", estimate=NAN, ci_low=NAN, ci_high=NAN)
    assert "no figure" not in sentence(Question(), tiny)


# --- one group -----------------------------------------------------------------------------------
def test_change_in_one_group_is_no_effect():
    a = answer(Question(intervention="BKP", comparator="NONE", time="1m"), shipped())
    assert "pain fell by " in a.sentence.lower()
    assert "not an effect of treatment" in a.sentence
    assert "Before and after in one group: not an effect of treatment." in a.cautions
    assert a.verdict is None
    assert "true effect in" not in " ".join(a.details)


def test_two_groups_are_told_one_by_one_and_never_as_one_figure():
    tiny = Tiny()
    for name, x in (("a", 22.0), ("b", 32.0)):
        tiny.study(name, arms="VP", design="single_arm")
        tiny.count(name, "VP", outcome="pain_responder", events=x, total=50.0)
    a = answer(Question(outcome="responder", comparator="NONE"), tiny.evidence())
    assert a.apart
    assert "44% and 64%" in a.headline
    assert "44% and 64% of patients" in a.sentence
    assert "CI" not in a.sentence


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("responder", "Natural healing, regression to the mean"),
        ("new-fracture", "Without a comparison nothing says how many"),
        ("leakage", "how closely they are looked for differs between studies"),
    ],
)
def test_proportion_of_one_group_says_what_adds_to_it(outcome, words):
    assert words in sentence(Question(outcome=outcome, comparator="NONE", time="any"))


def test_leakage_is_not_said_to_happen_without_treatment():
    a = answer(Question(outcome="leakage", comparator="NONE", time="any"), shipped())
    assert "Cement leakage in" in a.sentence
    assert not any("not an effect" in text for text in (a.sentence, *a.cautions))


# --- nothing to pool -----------------------------------------------------------------------------
def test_nothing_found_counts_the_reasons():
    tiny = Tiny().study("a")
    for _ in range(2):
        tiny.contrast("a", weeks=52.0)
    tiny.contrast("a", positive_favours="unclear")
    a = answer(Question(), tiny.evidence())
    assert a.sentence == (
        "No published result can be used for pain at 1 month after vertebroplasty compared with a sham procedure."
    )
    assert a.details == (
        "3 related results could not be used: another time point, or none reported (2) and direction not stated (1).",
    )  # fmt: skip


def test_what_nobody_compared_is_said_so():
    assert answer(Question(intervention="BKP"), shipped()).headline == (
        "No randomised trial has compared kyphoplasty with a sham procedure"
    )
    malignant = answer(Question(intervention="BKP", etiology="malignant"), shipped())
    assert malignant.sentence.endswith("in malignant fractures.")


def test_studies_that_differ_by_far_more_than_chance_are_told_to():
    apart = answer(Question(intervention="BKP", comparator="NSM", time="any"), shipped())
    assert apart.told.lengthened > 1.5
    (said,) = [c for c in apart.cautions if "differ by far more than chance" in c]
    assert f"{apart.told.lengthened:.1f} times as long" in said
    alike = answer(Question(), shipped())
    assert not [c for c in alike.cautions if "more than chance" in c]


# --- what the reader changed ---------------------------------------------------------------------
def test_every_change_is_named_and_can_be_taken_back():
    q = Question(time="12m", without=("carli-2023",), tau2="DL", etiology="osteoporotic")
    a = answer(q, shipped())
    assert [c.kind for c in a.changes] == ["left out", "filter", "model"]
    assert a.changes[0].text == "VERTOS V (Carli D 2023) left out"
    assert a.changes[0].undone == q.replace(without=())
    assert a.before is answer(Question(time="12m"), shipped())
    assert a.change_line.endswith(f"Before: {a.before.in_short}.")
    assert answer(Question(time="12m"), shipped()).changes == ()


def test_a_study_that_was_not_in_the_answer_is_not_told_as_left_out_of_it():
    a = answer(Question(time="12m", without=("carli-2023", "nobody", "wardlaw-2009")), shipped())
    assert [c.text for c in a.changes] == [
        "VERTOS V (Carli D 2023) left out",
        "nobody left out (no study here has this name)",
        "FREE (Wardlaw 2009) left out (it has no result here)",
    ]


def test_a_filter_that_changes_nothing_is_no_change():
    same = answer(Question(designs=("sham_rct",)), shipped())
    assert (same.changes, same.change_line) == ((), "")


def test_no_sentence_speaks_of_significance():
    for outcome in ("pain", "responder", "leakage"):
        for comparator in ("SHAM", "NSM", "NONE"):
            said = sentence(Question(outcome=outcome, comparator=comparator, time="any"))
            assert "significan" not in said.lower()


def test_the_answer_is_the_same_for_the_same_inputs():
    first = str(answer(Question(time="12m"), shipped()))
    again = str(answer(Question(time="12m"), dataclasses.replace(shipped())))
    assert first == again
    moved = changed(shipped(), "contrasts:16", estimate=2.0, ci_low=1.0, ci_high=3.0)
    assert str(answer(Question(time="12m"), moved)) != first
