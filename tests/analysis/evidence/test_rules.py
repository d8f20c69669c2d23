"""Rules on one printed row: what it counts, its range, its direction, its P value."""

from __future__ import annotations

import math

import pytest

from analysis.evidence import rules
from analysis.evidence.rules import Scale
from analysis.vocabulary import OUTCOMES
from tests.evidence_builder import contrast_row, result_row, shipped_row

PAIN, PCS, FRACTURE = OUTCOMES["pain"], OUTCOMES["pcs"], OUTCOMES["new-fracture"]


# --- what a count counts -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("row_id", "unit"),
    [
        ("arm_results:24", "patients"),  # "a 30% decrease from baseline (patients)"
        ("arm_results:98", "vertebrae"),  # "levels treated with extravasation on CT"
        ("arm_results:258", "vertebrae"),  # "treated vertebrae with any ... leakage on CT (levels)"
        ("arm_results:694", "vertebrae"),  # "treated vertebrae ..., all patients asymptomatic"
        ("arm_results:262", "vertebrae"),  # "vertebroplasties (levels) with venous PMMA migration"
        ("arm_results:450", "vertebrae"),  # "cement leakage (vertebral bodies)"
        ("arm_results:451", "vertebrae"),  # "adjacent segment fractures (percentage per vertebral body)"
        ("arm_results:474", "vertebrae"),  # "extravasation (treated VCFs)"
        ("arm_results:473", "patients"),  # "refracture of adjacent vertebra (patients)"
        ("arm_results:393", "procedures"),  # "pain improvement immediately (any), procedures"
        ("arm_results:703", "procedures"),  # "vertebroplasties with leak"
        ("arm_results:647", "procedures"),  # "procedures with ...; all myeloma patients"
        ("arm_results:336", "fractures"),  # "fractures associated with pain relief ...; unit = fractures"
        ("arm_results:44", "fractures"),  # "NUMBER OF FRACTURES, not patients"
        ("arm_results:25", "events"),  # "serious adverse events (events)"
        ("arm_results:78", "not_stated"),  # "patients with ... (unit not stated on page)"
        ("arm_results:190", "not_stated"),  # "fractures (count; patients vs levels not stated)"
        ("arm_results:269", "not_stated"),  # "... related to procedure (VP) or fracture (control)"
        ("contrasts:46", "vertebrae"),  # "vertebral levels with extravasation"
    ],
)  # fmt: skip
def test_unit_of_a_shipped_count(row_id, unit):
    assert rules.counted_unit(shipped_row(row_id)) == (unit, False)


@pytest.mark.parametrize(
    ("row_id", "printed"),
    [("arm_results:541", "6/45"), ("arm_results:556", "(cases)"), ("arm_results:573", "(cases)")],
)
def test_total_equal_to_the_arm_means_patients_by_inference(row_id, printed):
    row = shipped_row(row_id)
    assert printed in row["instrument"]
    assert row["total"] == row["arm_n"]
    assert rules.counted_unit(row) == ("patients", True)


def test_a_row_without_codes_counts_patients_only_where_its_total_is_the_arm():
    row = result_row(instrument="cement leakage", events=3.0, total=60.0, arm_n=50.0)
    assert rules.counted_unit(row) == ("not_stated", False)
    assert rules.counted_unit(row | {"total": 50.0}) == ("patients", True)


def test_a_printed_ratio_without_a_unit_is_taken_as_of_patients_and_says_so():
    row = contrast_row(outcome="new_fracture", measure="OR")
    assert rules.counted_unit(row) == ("patients", True)
    assert rules.counted_unit(row | {"measure": "RD"}) == ("not_stated", False)
    for row_id in ("contrasts:24", "contrasts:25", "contrasts:63"):
        assert rules.counted_unit(shipped_row(row_id)) == ("patients", True)


# --- the range of a scale ------------------------------------------------------------------------
def test_own_printed_range_comes_first():
    row = shipped_row("contrasts:19")  # "Roland Morris ..., printed range 0-100"
    assert rules.scale_of(row, OUTCOMES["rmdq"]) == Scale(0, 100, "printed")


def test_own_inferred_range_is_marked_as_such():
    row = shipped_row("arm_results:173")  # "values fit 0-100"
    assert rules.scale_of(row, PAIN) == Scale(0, 100, "inferred")


@pytest.mark.parametrize(
    ("instrument", "outcome", "high"),
    [
        ("modified Roland-Morris Disability Questionnaire (RDQ)", "rmdq", 23),
        ("modified 23-item RMDQ", "rmdq", 23),
        ("Roland-Morris Questionnaire (range not reported)", "rmdq", 24),
        ("ODI", "odi", 100),
        ("QUALEFFO-41", "qualeffo", 100),
    ],
)
def test_range_by_definition_of_the_instrument(instrument, outcome, high):
    row = result_row(instrument=instrument, outcome="x")
    assert rules.scale_of(row, OUTCOMES[outcome]) == Scale(0, high, "defined")


def test_pain_range_comes_from_the_one_range_of_the_trial():
    row = shipped_row("contrasts:13")  # firanescu-2018, "VAS"
    assert rules.scale_of(row, PAIN) is None
    tabulated = shipped_row("arm_results:38")  # the same trial, 0-10 printed
    assert rules.scale_of(row, PAIN, [tabulated]) == Scale(0, 10, "same trial")


def test_two_ranges_in_one_trial_decide_nothing():
    row = result_row(outcome="pain", instrument="VAS")
    others = [
        result_row(outcome="pain", instrument="VAS", scale_min=0.0, scale_max=high)
        for high in (10.0, 100.0)
    ]
    assert rules.scale_of(row, PAIN, others) is None


def test_range_borrowed_from_an_inferred_one_stays_inferred():
    row = result_row(outcome="pain", instrument="VAS")
    other = result_row(
        outcome="pain", instrument="VAS mm", scale_min=0.0, scale_max=100.0,
        scale_basis="inferred from the values",
    )  # fmt: skip
    assert rules.scale_of(row, PAIN, [other]) == Scale(0, 100, "inferred")


def test_range_of_another_outcome_is_not_taken():
    row = result_row(outcome="pain", instrument="VAS")
    other = result_row(outcome="disability", instrument="ODI", scale_min=0.0, scale_max=100.0)
    assert rules.scale_of(row, PAIN, [other]) is None


@pytest.mark.parametrize(
    ("direction", "other_way"), [("higher_better", True), ("higher_worse", False), ("", False)]
)
def test_a_scale_printed_the_other_way_round_says_so_in_its_code(direction, other_way):
    assert rules.points_the_other_way(result_row(scale_direction=direction)) is other_way


# --- signs ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("outcome", "favours", "factor"),
    [
        (PAIN, "intervention", -1), (PAIN, "comparator", 1), (PAIN, "unclear", None),
        (PAIN, "", None), (PCS, "intervention", 1), (PCS, "comparator", -1),
        (FRACTURE, "", 1), (FRACTURE, "comparator", 1), (FRACTURE, "unclear", None),
    ],
)  # fmt: skip
def test_factor_to_arm_minus_arm(outcome, favours, factor):
    assert rules.signed(contrast_row(positive_favours=favours), outcome) == factor


@pytest.mark.parametrize(
    ("row_id", "outcome", "difference"),
    [
        ("arm_results:54", "pain", -2.4),  # kroon-2014: improvement of 2.4
        ("arm_results:192", "pain", -5.2),  # klazen-2010: change printed as -5.2
        ("arm_results:74", "pcs", 7.2),  # wardlaw-2009: PCS improved by 7.2
        ("arm_results:253", "kyphosis", -5.5),  # hoshino-2019: angle improved by 5.5 degrees
        ("arm_results:254", "kyphosis", 6.3),  # hoshino-2019: "improved" by -6.3 degrees
        ("arm_results:132", "height-mm", 1.14),  # noriega-2019: height restored by 1.14 mm
    ],
)
def test_printed_change_turns_into_follow_up_minus_baseline(row_id, outcome, difference):
    row = shipped_row(row_id)
    assert rules.change_sign(row, OUTCOMES[outcome]) * row["mean"] == pytest.approx(difference)


def test_difference_on_a_scale_where_higher_is_better_turns_round():
    row = result_row(scale_direction="higher_better", change_printed_as="difference")
    assert rules.change_sign(row, PAIN) == -1
    improved = result_row(instrument="VAS, higher = less pain", change_printed_as="improvement")
    assert rules.change_sign(improved, PAIN) == -1


# --- P values ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".042", (0.042, False)), ("0.19", (0.19, False)), ("<.001", (0.001, True)),
        ("<0.0001", (0.0001, True)), (" 0.5 ", (0.5, False)), ("", None), (">0.05", None),
        ("=0.05", None), ("0.0", None), ("1", None), ("ns", None),
    ],
)  # fmt: skip
def test_printed_p(text, expected):
    assert rules.printed_p(text) == expected


def test_known_tells_a_printed_zero_from_an_empty_cell():
    assert rules.known(0.0)
    assert not rules.known(math.nan)
