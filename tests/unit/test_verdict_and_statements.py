"""From an interval to a verdict, and from an answer to sentences a clinician can read aloud."""

from __future__ import annotations

import dataclasses
import math

import pytest

from analysis.answer import answer
from analysis.appraisal.mid import mid_of, thresholds
from analysis.appraisal.statements import favours
from analysis.appraisal.verdict import Verdict, verdict
from analysis.question import Question
from tests.unit.evidence_builder import Tiny, changed, shipped

NAN = math.nan
COMPARATIVE = ("sham_rct", "open_rct", "comparative_cohort")


def sentence(question: Question, tiny: Tiny | None = None) -> str:
    evidence = tiny.evidence() if tiny else shipped()
    return str(answer(question, evidence).statement)


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
        (0.1, 9.0, Verdict.BENEFIT), (-9.0, -0.1, Verdict.HARM), (-0.1, 0.1, Verdict.UNCERTAIN),
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
    ("interval", "expected", "words"),
    [
        ((3.0, 2.0, 4.0), Verdict.IMPORTANT_BENEFIT, "an important benefit on average"),
        ((2.0, 1.0, 3.0), Verdict.BENEFIT, "whether the average benefit matters"),
        ((0.7, 0.2, 1.2), Verdict.SMALL_BENEFIT, "too small to matter on average"),
        ((0.2, -0.8, 1.2), Verdict.NO_IMPORTANT_DIFFERENCE, "no important difference on average"),
        ((1.0, -0.5, 2.5), Verdict.UNCERTAIN, "is not known"),
        ((-0.7, -1.2, -0.2), Verdict.SMALL_HARM, "The interval favours a sham procedure"),
        ((-2.0, -3.0, -1.0), Verdict.HARM, "it spans the minimal important difference"),
        ((-3.0, -4.0, -2.0), Verdict.IMPORTANT_HARM, "in favour of a sham procedure"),
    ],
)
def test_each_verdict_has_its_sentence(interval, expected, words):
    statement = answer(Question(), with_difference(*interval).evidence()).statement
    assert statement.verdict is expected
    assert words in statement.meaning


@pytest.mark.parametrize("outcome", ["pain", "pcs"])
def test_benefit_is_on_the_right_side_whatever_the_direction_of_the_scale(outcome):
    tiny = Tiny().study("a")
    spec = Question(outcome=outcome).spec
    instrument = {"pain": "VAS", "pcs": "SF-36 PCS"}[outcome]
    tiny.contrast(
        "a", outcome=spec.source, instrument=instrument, estimate=9.0, ci_low=8.0, ci_high=10.0
    )
    found = answer(Question(outcome=outcome), tiny.evidence())
    assert found.statement.verdict is Verdict.IMPORTANT_BENEFIT
    assert (found.pooled.estimate < 0) == spec.lower_is_better


# --- what the sentences say ----------------------------------------------------------------------
def test_two_sham_trials_at_one_month():
    said = sentence(Question())
    assert said.startswith(
        "In 2 sham-controlled trials (311 patients), pain was on average 0.51 points lower after "
        "vertebroplasty than after a sham procedure at 1 month, on a scale of 0 to 10 "
        "(difference −0.51; 95% CI −4.37 to 3.34). Two studies cannot tell how far true effects differ"
    )
    assert "One more study measured this but printed no figure" in said  # clark-2016


def test_prediction_needs_three_studies():
    assert "in a similar new study is expected between −1.56 and 0.12" in sentence(
        Question(time="12m")
    )
    assert "expected between" not in sentence(Question())


def test_single_study_is_shown_and_not_pooled():
    said = sentence(Question(intervention="BKP", comparator="NSM"))
    assert said.startswith("In 1 open randomised trial in malignant fractures (134 patients), pain")
    assert "after balloon kyphoplasty than with non-surgical management" in said
    assert "One study is shown, not pooled." in said


def test_quality_of_life_is_no_proper_name():
    said = sentence(Question(outcome="eq5d", intervention="BKP", comparator="NSM"))
    assert ", quality of life (EQ-5D index) was on average 0.180 index points higher" in said


def test_equal_means_are_called_the_same():
    tiny = Tiny().study("a")
    for arm in ("VP", "SHAM"):
        tiny.level("a", arm, 4.0)
    assert "pain was on average the same after vertebroplasty as after a sham" in sentence(
        Question(), tiny
    )


def test_event_sentence_says_which_group_had_more():
    question = Question(outcome="new-fracture", time="12m")
    assert (
        "a new vertebral fracture was less frequent after vertebroplasty than after a sham procedure at "
        "12 months: odds ratio 0.71 (95% CI 0.33 to 1.51; 1 means no difference)."
    ) in sentence(question)
    turned = question.replace(intervention="SHAM", comparator="VP")
    assert "was more frequent after a sham procedure than after vertebroplasty" in sentence(turned)


def test_risk_difference_is_in_percentage_points():
    said = sentence(Question(outcome="responder", time="1w", measure="RD"))
    assert (
        "risk difference 23.0 percentage points (95% CI 6.5 to 39.5 percentage points; 0 means"
    ) in said


def test_counts_of_vertebrae_are_called_vertebrae():
    question = Question(
        outcome="leakage", intervention="BKP", comparator="VP", time="1d", unit="vertebrae"
    )
    assert sentence(question).startswith("In 1 open randomised trial (415 vertebrae)")


def test_level_prints_without_rounding():
    assert "97.5% CI" in sentence(Question(level=0.975))
    assert "99.9% CI" in sentence(Question(level=0.999))


def test_limit_that_only_rounds_to_no_difference_gets_more_decimals():
    said = sentence(Question(time="any"))  # the upper limit is -0.0027
    assert "to −0.003)" in said
    assert "The interval favours vertebroplasty" in said
    exact = with_difference(1.0, 0.0, 2.0)
    assert "95% CI −2.00 to 0.00)" in sentence(Question(), exact)


@pytest.mark.parametrize(
    ("design", "cells", "outcome", "words"),
    [
        ("sham_rct", {}, "pain", "which procedure they had: expectation acts on both groups alike."),
        ("open_rct", {}, "pain", "knew what they received: expectation may account for part"),
        ("open_rct", {}, "kyphosis", "Patients were randomised but knew what they received."),
        ("sham_rct", {}, "kyphosis", "Patients did not know which procedure they had."),
        ("open_rct", {"participants_blinded": "yes"}, "pain", "were not told which treatment"),
        ("comparative_cohort", {}, "pain", "This study was not randomised: the groups may have"),
    ],
)  # fmt: skip
def test_kind_of_evidence(design, cells, outcome, words):
    tiny = Tiny().study("a", design=design, **cells)
    instrument = {"pain": "VAS", "kyphosis": "Cobb angle, degrees"}[outcome]
    source = Question(outcome=outcome).spec.source
    tiny.contrast("a", outcome=source, instrument=instrument)
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


def test_three_designs_are_listed_with_commas():
    tiny = Tiny()
    for name, design, n in zip("abc", COMPARATIVE, (40, 50, 60), strict=True):
        tiny.study(name, design=design, n=n)
        tiny.contrast(name)
    assert sentence(Question(designs=COMPARATIVE), tiny).startswith(
        "In 1 sham-controlled trial, 1 open randomised trial and 1 comparative cohort (300 patients)"
    )


def test_unknown_size_of_one_trial_makes_the_sum_a_least():
    tiny = Tiny().study("a").study("b", n=NAN)
    tiny.contrast("a")
    tiny.contrast("b")
    assert sentence(Question(), tiny).startswith(
        "In 2 sham-controlled trials (at least 100 patients)"
    )


def test_silent_trial_is_not_counted_when_it_answers_by_another_row():
    tiny = Tiny().study("a")
    tiny.contrast("a")
    tiny.contrast("a", estimate=NAN, ci_low=NAN, ci_high=NAN)
    assert "no figure" not in sentence(Question(), tiny)


# --- one group -----------------------------------------------------------------------------------
def test_change_in_one_group_is_no_effect():
    said = sentence(Question(intervention="BKP", comparator="NONE", time="1d"))
    assert "pain fell by " in said
    assert "from before treatment to the first days after balloon kyphoplasty" in said
    assert "This says what happened in treated groups, not what the treatment did." in said
    assert "The figure in a similar new group is expected between" in said
    assert "true effect" not in said


def test_longest_follow_up_of_one_group_reads_as_a_sentence():
    said = sentence(Question(comparator="NONE", time="any"))
    assert "to the longest follow-up printed after vertebroplasty" in said


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
    said = sentence(Question(outcome="leakage", comparator="NONE", time="any"))
    assert "cement leakage was reported in" in said
    assert "not what the treatment did" not in said


# --- nothing to pool -----------------------------------------------------------------------------
def test_nothing_found_counts_the_reasons():
    tiny = Tiny().study("a")
    for _ in range(2):
        tiny.contrast("a", weeks=52.0)
    tiny.contrast("a", positive_favours="unclear")
    said = sentence(Question(), tiny)
    assert said.endswith(
        "3 printed rows come near it but cannot enter: another time point, or none printed (2); "
        "direction not stated (1)."
    )


def test_one_row_is_singular_and_no_row_is_said_plainly():
    tiny = Tiny().study("a")
    tiny.contrast("a", weeks=52.0)
    assert "1 printed row comes near it" in sentence(Question(), tiny)
    said = sentence(Question(outcome="mortality", intervention="BKP", comparator="VAI"), tiny)
    assert said == (
        "No printed result in hand speaks to this question (Death: balloon kyphoplasty against "
        "implant-based augmentation, 1 month)."
    )


def test_no_sentence_speaks_of_significance():
    for outcome in ("pain", "responder", "leakage"):
        for comparator in ("SHAM", "NSM", "NONE"):
            said = sentence(Question(outcome=outcome, comparator=comparator, time="any"))
            assert "significan" not in said.lower()


def test_statement_is_the_same_for_the_same_inputs():
    first = answer(Question(time="12m"), shipped()).statement
    again = answer(Question(time="12m"), dataclasses.replace(shipped())).statement
    assert first == again
    moved = changed(shipped(), "contrasts:16", estimate=2.0, ci_low=1.0, ci_high=3.0)
    assert answer(Question(time="12m"), moved).statement != first
