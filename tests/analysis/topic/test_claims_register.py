"""Every claim has its answer: the register is complete, the rule is the written one, the sentences are the Answers'."""

from __future__ import annotations

import dataclasses
import re
from functools import cache

import numpy as np
import pandas as pd
import pytest

from analysis.answer import Answer, answer
from analysis.effects.scale import shown
from analysis.evidence import Evidence
from analysis.export.report.claims_report import claims_report
from analysis.figures.claim import claim_figure_caption, draw_claim_figure, missing_rows
from analysis.question import Question
from analysis.topic.vertebral import claims
from analysis.topic.vertebral.claims.answers import also_printed
from analysis.topic.vertebral.claims.entry import ClaimAnswer
from analysis.topic.vertebral.claims.register import REGISTER
from analysis.topic.vertebral.claims.verdicts import ClaimVerdict, Lean, decide, lean
from analysis.topic.vertebral.claims.wording import interval, proportion
from dashboard.page import Visit
from dashboard.pages import claims as claims_page
from tests.evidence_builder import Tiny, changed, shipped


@cache
def by_id() -> dict[str, ClaimAnswer]:
    """The claims of the shipped data with what was found."""
    return {c.claim_id: c for c in claims.claim_answers(shipped())}


@pytest.fixture(params=REGISTER)
def found(request: pytest.FixtureRequest) -> ClaimAnswer:
    return by_id()[request.param]


def comparison(low: float, high: float, **question: object) -> Answer:
    """One study's difference in pain: benefit from `low` to `high` points of 10, threshold 1.5."""
    tiny = Tiny().study("a", arms="VP SHAM NSM", **question)
    asked = Question(designs=("sham_rct", "open_rct", "comparative_cohort"))
    tiny.contrast("a", estimate=(low + high) / 2, ci_low=low, ci_high=high)
    return answer(asked, tiny.evidence())


def frequency(low: float, high: float, outcome: str = "leakage") -> Answer:
    """A proportion of one group with this interval, made from a real one by moving its limits."""
    found = answer(
        Question(outcome=outcome, intervention="AUG", comparator="NONE", time="any"), shipped()
    )
    assert found.pooled is not None
    assert found.pooled.k > 2
    low, high = (float(np.log(p / (1 - p))) for p in (low, high))
    return dataclasses.replace(
        found,
        told=dataclasses.replace(
            found.told, result=dataclasses.replace(found.pooled, ci_low=low, ci_high=high)
        ),
    )


# --- the register --------------------------------------------------------------------------------
def test_every_claim_of_the_data_is_in_the_register_and_the_other_way_round():
    assert set(REGISTER) == set(shipped().claims["claim_id"])


def test_the_85_percent_claim_and_its_contradiction_lead():
    assert list(by_id())[:2] == ["relief-85", "contradiction"]


def test_the_85_percent_claim_says_what_the_network_says_of_the_trial_that_nobody_did():
    said = by_id()["relief-85"].through
    assert said.startswith("Indirectly, through vertebroplasty, ")
    assert len(said.split()) <= 25
    assert [c for c, found in by_id().items() if found.through] == ["relief-85"]
    page = str(claims_page.layout(shipped(), Visit("/claims", "", False)))
    report = claims_report(("relief-85",), shipped(), "").decode()
    assert said in page
    assert said in report


def test_what_the_data_cannot_test_is_said_to_be_untestable_and_nothing_else():
    table = shipped().claims
    untestable = set(table.loc[table["testable"] == "no", "claim_id"])
    assert {
        c for c, found in by_id().items() if found.verdict is ClaimVerdict.UNTESTABLE
    } == untestable
    for claim_id in untestable:
        assert by_id()[claim_id].entry.claim_figures == ()
        reason = table.loc[table["claim_id"] == claim_id, "how_to_test"].item()
        assert reason[1:].rstrip(".") in by_id()[claim_id].sentence


def test_a_claim_added_to_the_data_is_shown_as_not_worked_out():
    frame = shipped().claims
    added = pd.concat([frame, frame.tail(1).assign(claim_id="new", statement="New.")])
    found = claims.claim_answers(dataclasses.replace(shipped(), claims=added))
    assert found[-1].claim_id == "new"
    assert "register" in found[-1].entry.would_change[0]


def test_an_answer_is_a_sentence_with_a_reason_and_what_would_change_it(found):
    for text in (found.sentence, found.why, *found.entry.would_change):
        assert text[0].isupper() or text[0].isdigit()
        assert text.endswith(".")
        assert "nan" not in text.lower().split()
        assert "significant" not in text


def test_the_rows_of_a_figure_share_one_outcome_kind_and_unit(found):
    for claim_figure in found.entry.claim_figures:
        kinds = {
            (q.spec.kind, q.effect_measure if q.spec.kind == "event" else "")
            for q in claim_figure.questions
        }
        assert len(kinds) == 1
        assert len({q.unit for q in claim_figure.questions}) == 1
        if {q.spec.kind for q in claim_figure.questions} == {"score"}:
            assert (
                len({q.outcome for q in claim_figure.questions}) == 1
            )  # millimetres beside degrees: never


def test_leakage_in_patients_and_in_vertebrae_stands_in_figures_of_their_own():
    units = [
        {q.unit for q in claim_figure.questions}
        for claim_figure in by_id()["rare-risks"].entry.claim_figures
    ]
    assert units == [{"patients"}, {"vertebrae"}]


# --- the rule ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (2.0, 3.0, Lean.FOR),
        (0.5, 2.0, Lean.FOR),  # may reach what matters
        (0.2, 1.0, Lean.AGAINST),  # too small to matter
        (-1.0, 1.0, Lean.AGAINST),  # no important difference
        (-2.0, 1.0, Lean.OPEN),
        (-3.0, -2.0, Lean.AGAINST),
    ],
)
def test_a_comparison_leans_by_its_whole_interval(low, high, expected):
    assert lean(comparison(low, high)) is expected


def test_no_study_leans_nowhere():
    assert lean(answer(Question(intervention="BKP"), shipped())) is None


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.002, 0.008, Lean.FOR), (0.02, 0.1, Lean.AGAINST), (0.001, 0.03, Lean.OPEN)],
)
def test_a_harm_is_rare_only_when_all_of_its_interval_is(low, high, expected):
    assert lean(frequency(low, high), claims.RARE) is expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.7, 0.84, Lean.AGAINST), (0.8, 0.9, Lean.FOR), (0.9, 0.95, Lean.FOR)],
)
def test_a_claimed_figure_is_missed_only_when_the_whole_interval_lies_below(low, high, expected):
    assert lean(frequency(low, high, "responder"), 0.85) is expected


def test_a_proportion_needs_a_claimed_figure_to_be_held_against():
    with pytest.raises(ValueError, match="claimed"):
        lean(frequency(0.1, 0.2))


BIG, SMALL, OPEN = (2.0, 3.0), (-1.0, 1.0), (-3.0, 3.0)
SHAM, CARE = {"design": "sham_rct"}, {"design": "open_rct"}
COHORT = {"design": "comparative_cohort"}


@pytest.mark.parametrize(
    ("kind", "answers", "expected"),
    [
        ("effect", [(BIG, SHAM)], ClaimVerdict.SUPPORTED),
        ("effect", [(BIG, CARE)], ClaimVerdict.PARTLY),  # told by patients who knew
        ("effect", [(BIG, COHORT)], ClaimVerdict.PARTLY),
        ("effect", [(SMALL, SHAM)], ClaimVerdict.NOT_SUPPORTED),
        (
            "effect",
            [(SMALL, SHAM), (BIG, CARE)],
            ClaimVerdict.NOT_SUPPORTED,
        ),  # the sham trial decides
        ("effect", [(OPEN, SHAM), (BIG, CARE)], ClaimVerdict.OPEN),
        ("effect", [(BIG, SHAM), (SMALL, SHAM)], ClaimVerdict.PARTLY),
        ("effect", [], ClaimVerdict.OPEN),
        ("disagreement", [(SMALL, SHAM), (BIG, CARE)], ClaimVerdict.SUPPORTED),
        ("disagreement", [(OPEN, SHAM), (BIG, CARE)], ClaimVerdict.SUPPORTED),
        ("disagreement", [(BIG, SHAM), (BIG, CARE)], ClaimVerdict.NOT_SUPPORTED),
        ("disagreement", [(SMALL, SHAM), (SMALL, CARE)], ClaimVerdict.NOT_SUPPORTED),
        ("indirect", [(BIG, SHAM)], ClaimVerdict.INDIRECT),
        ("untestable", [(BIG, SHAM)], ClaimVerdict.UNTESTABLE),
    ],
)
def test_leans_make_a_verdict_by_the_kind_of_claim(kind, answers, expected):
    found = [comparison(*limits, **design) for limits, design in answers]
    assert decide(kind, found) is expected


def test_a_claim_that_can_only_partly_be_tested_is_supported_at_most_in_part():
    found = [comparison(*BIG, **SHAM)]
    assert decide("effect", found, testable="partly") is ClaimVerdict.PARTLY
    assert decide("effect", found, testable="no") is ClaimVerdict.UNTESTABLE


def test_a_deciding_comparison_without_a_study_makes_it_part():
    gap = answer(Question(intervention="BKP"), shipped())
    assert decide("effect", [comparison(*BIG, **SHAM), gap]) is ClaimVerdict.PARTLY


def test_what_happened_in_one_group_is_reported_and_never_an_effect():
    assert (
        decide("reported", [frequency(0.8, 0.9, "responder")], claimed=0.85)
        is ClaimVerdict.REPORTED
    )
    assert (
        decide("reported", [frequency(0.5, 0.8, "responder")], claimed=0.85)
        is ClaimVerdict.NOT_SUPPORTED
    )


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ([(0.001, 0.005)], ClaimVerdict.SUPPORTED),
        ([(0.001, 0.005), (0.1, 0.2)], ClaimVerdict.PARTLY),
        ([(0.1, 0.2), (0.001, 0.5)], ClaimVerdict.NOT_SUPPORTED),
        ([(0.001, 0.5)], ClaimVerdict.OPEN),
    ],
)
def test_harms_are_rare_together_only_if_each_is(limits, expected):
    found = [frequency(low, high) for low, high in limits]
    assert decide("frequency", found, claimed=claims.RARE) is expected


def test_an_unknown_kind_of_claim_is_refused():
    with pytest.raises(ValueError, match="kind: found 'opinion'"):
        decide("opinion", [comparison(*BIG)])


# --- the sentences -------------------------------------------------------------------------------
def test_the_85_percent_sentence_prints_what_the_answers_hold():
    series, _, _, sham, care = (
        answer(q, shipped()) for q in claims.questions(claims.relief_layers())
    )
    text = by_id()["relief-85"].sentence
    assert f"{proportion(series)} of patients reported relief after kyphoplasty" in text
    assert interval(series, series.pooled.ci_low, series.pooled.ci_high) in text
    assert f"{proportion(sham)} after a sham procedure" in text
    assert f"{proportion(care)} with non-surgical care" in text
    assert by_id()["relief-85"].verdict is ClaimVerdict.REPORTED


def test_the_contradiction_counts_the_intervals_smaller_than_what_matters():
    times = ("1w", "1m", "3m", "6m", "12m", "24m")
    found = [answer(Question(time=t, designs=("sham_rct",)), shipped()) for t in times]
    small = sum(max(abs(p.ci_low), abs(p.ci_high)) < 1.5 for a in found for p in [a.told.result])
    assert (
        f"At {small} of them a benefit that matters (1.5 points) is ruled out"
        in by_id()["contradiction"].sentence
    )
    assert "No sham-controlled trial of kyphoplasty was found" in by_id()["contradiction"].sentence


def test_the_contradiction_stops_saying_that_kyphoplasty_is_untried_once_a_trial_is_there():
    tiny = Tiny().study("a", arms="BKP SHAM").study("b")
    tiny.contrast("a", t="BKP")
    tiny.contrast("b")
    text = REGISTER["contradiction"].sentence(tiny.evidence())
    assert "No sham-controlled trial" not in text


def test_new_fractures_after_kyphoplasty_are_printed_as_the_trial_counts_them():
    one = answer(
        Question(outcome="new-fracture", intervention="BKP", comparator="NSM", time="any"),
        shipped(),
    )
    (study,) = one.studies
    text = by_id()["prevents-injury"].sentence
    assert study.text_t in text
    assert study.text_c in text
    assert "on both sides of 1" in text


def test_leakage_is_told_per_patient_and_per_vertebra_with_their_own_figures():
    harm = Question(outcome="leakage", intervention="BKP", comparator="NONE", time="any")
    per_patient = answer(harm, shipped())
    per_vertebra = answer(harm.replace(unit="vertebrae"), shipped())
    text = by_id()["rare-risks"].sentence
    assert f"{proportion(per_patient)} of patients" in text
    assert f"{proportion(per_vertebra)} of treated vertebrae" in text


def test_sentences_follow_the_data_and_not_the_memory_of_them():
    row = (
        answer(
            Question(outcome="new-fracture", intervention="BKP", comparator="NSM", time="any"),
            shipped(),
        )
        .studies[0]
        .row_ids[0]
    )
    other = changed(shipped(), row, events=11.0)
    text = REGISTER["prevents-injury"].sentence(other)
    assert re.search(r"\b11/\d+", text)


def test_evidence_without_a_study_is_answered_in_sentences():
    empty = Tiny().evidence()
    for entry in REGISTER.values():
        assert entry.sentence(empty).endswith(".")


# --- the figures ---------------------------------------------------------------------------------
@pytest.mark.parametrize("narrow", [False, True])
def test_every_plate_draws_the_rows_that_have_a_study_and_names_the_others(found, narrow):
    for claim_figure in found.entry.claim_figures:
        figure = draw_claim_figure(claim_figure, shipped(), narrow=narrow)
        assert figure is not None
        assert {trace.type for trace in figure.data} <= {"scatter", "bar", "pie"}
        texts = " ".join(str(t) for trace in figure.data for t in (trace.text or ()))
        texts = texts.replace("<br>", " ")  # a long name takes two lines
        empty = missing_rows(claim_figure, shipped())
        for layer in claim_figure.layers:
            for row in layer.rows:
                studies = answer(row.question, shipped()).studies
                assert row.label in (texts if studies else empty)
                assert row.label in claim_figure_caption(claim_figure, shipped())


def test_a_ratio_is_drawn_on_a_logarithmic_axis_with_ratios_as_ticks():
    figure = draw_claim_figure(by_id()["prevents-injury"].entry.claim_figures[0], shipped())
    axis = next(a for a in (figure.layout.xaxis, figure.layout.xaxis2) if a.ticktext)
    assert [float(t) for t in axis.ticktext] == pytest.approx(
        [float(v) for v in np.exp(axis.tickvals)]
    )


def test_a_plate_without_any_study_is_no_figure():
    claim_figure = by_id()["contradiction"].entry.claim_figures[0]
    empty: Evidence = Tiny().evidence()
    assert draw_claim_figure(claim_figure, empty) is None
    assert "no study with a usable result" in claim_figure_caption(claim_figure, empty)


def test_a_proportion_is_printed_on_its_own_scale():
    found = answer(
        Question(outcome="leakage", intervention="BKP", comparator="NONE", time="any"), shipped()
    )
    value = 100 * float(shown("PLO", found.pooled.estimate))
    assert proportion(found) == f"{value:.0f}%"


def test_printed_rows_outside_every_pool_are_named():
    ids = also_printed(by_id()["rare-risks"], shipped())
    rows = shipped().arm_results.set_index("row_id").loc[list(ids)]
    assert len(rows) > 0
    assert rows["instrument"].str.contains("pain", case=False).all()
    assert also_printed(by_id()["heat"], shipped()) == ()
