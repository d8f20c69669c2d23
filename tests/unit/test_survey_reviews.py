"""Published reviews: each row is read once, by rules that say what they do not understand."""

from __future__ import annotations

import math

import pytest

from analysis import vocabulary as words
from analysis.figures.beside import beside, beside_caption, groups
from analysis.question import Question
from analysis.survey import review_words as said
from analysis.survey.agreement import pairs, review_figure, review_name
from analysis.survey.reviews import APART, BESIDE, SAME, read, readings
from tests.unit.evidence_builder import blank, shipped


def review(**cells: object) -> dict[str, object]:
    usual = {
        "review_id": "smith-2015", "citation": "Smith", "year": 2015.0, "outcome": "pain",
        "comparison": "VP vs sham", "population": "OVCF, RCTs", "timepoint": "1 month",
        "measure": "MD", "estimate": 0.7, "ci_low": 0.3, "ci_high": 1.2,
        "note": "points better with VP",
    }  # fmt: skip
    return {"row": 2, "row_id": "published_syntheses:2"} | blank(
        "published_syntheses", **(usual | cells)
    )


def test_every_row_of_the_file_is_in_exactly_one_reading():
    held = [row_id for reading in readings(shipped()) for row_id in reading.row_ids]
    assert sorted(held) == sorted(shipped().published_syntheses["row_id"])


def test_a_reading_has_what_its_status_promises():
    for reading in readings(shipped()):
        if reading.status == APART:
            assert reading.question is None
            assert reading.why
        else:
            assert reading.question is not None
            assert bool(reading.why) == (reading.status == BESIDE)
        if reading.status == SAME:
            assert math.isfinite(reading.value)
            ends = [x for x in (reading.low, reading.high) if x is not None]
            assert sorted(ends) == ends
            assert all(
                (x <= reading.value) == (i == 0) or x == reading.value for i, x in enumerate(ends)
            )
        else:
            assert reading.value is None


def test_points_better_with_the_procedure_become_intervention_minus_comparator():
    reading = read(review())
    assert reading.status == SAME
    assert reading.question == Question(etiology="osteoporotic")
    assert (reading.value, reading.low, reading.high) == (-0.7, -1.2, -0.3)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"note": ""}, "whom a positive difference favours"),
        ({"note": "sign as printed (positive favours vertebroplasty is not stated in the abstract)"},
         "whom a positive difference favours"),
        ({"measure": "SMD"}, "standardised"),
        ({"estimate": 2.0, "ci_low": -3.0, "ci_high": -1.0}, "outside its own interval"),
        ({"estimate": math.nan, "measure": "DIRECTION_ONLY"}, "direction only"),
        ({"k": 0.0, "estimate": math.nan, "outcome": "pain, function"}, "found no study"),
        ({"comparison": "VP arms", "measure": "RANGE_PCT", "estimate": math.nan}, "a range"),
        ({"comparison": "BKP arms", "outcome": "new_fracture", "measure": "PROPORTION_PCT",
          "estimate": 16.0, "ci_low": math.nan, "ci_high": math.nan, "note": ""},
         "patients or vertebrae"),
        ({"comparison": "BKP arms", "outcome": "cement_leakage", "measure": "PROPORTION_PCT",
          "estimate": 6.0, "ci_low": math.nan, "ci_high": math.nan,
          "note": "symptomatic, pct of treated levels"}, "part of the outcome"),
    ],
)  # fmt: skip
def test_a_figure_that_cannot_share_our_axis_stands_beside_with_its_reason(cells, why):
    reading = read(review(**cells))
    assert reading.status == BESIDE
    assert why in reading.why


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"comparison": "unilateral vs bilateral BKP"}, "no question here asks about: unilateral"),
        ({"comparison": "VP vs sham; VP vs usual care"}, "several comparisons"),
        ({"comparison": "VP vs sham or usual care"}, "taken together"),
        ({"comparison": "VP vs conservative (includes sham controls unknown)"}, "not known"),
        ({"comparison": "VP vs VP"}, "same treatment"),
        ({"outcome": "pain, function"}, "several outcomes"),
        ({"outcome": "disability"}, "not named"),
        ({"outcome": "other"}, "no question here asks about: other"),
        ({"timepoint": "1 week to 1 year"}, "several of our windows"),
        ({"timepoint": "5 years"}, "beyond our windows"),
        ({"population": "severe pain at baseline (score >=8)"}, "severe pain"),
    ],
)
def test_what_no_question_asks_is_set_apart_with_its_reason(cells, why):
    reading = read(review(**cells))
    assert (reading.status, reading.question) == (APART, None)
    assert why in reading.why


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("VA (VP and/or BKP) vs NSM", ("AUG", "NSM")),
        ("vertebral body stenting vs PKP", ("VAI", "BKP")),
        ("vertebroplasty vs placebo procedure", ("VP", "SHAM")),
        ("BKP (single arms pooled)", ("BKP", "NONE")),
        ("NSM, pre-post", ("NSM", "NONE")),
        ("BKP (arm change, compared with NSM)", ("BKP", "NONE")),
    ],
)
def test_comparisons_are_read_from_the_words_of_reviews(text, expected):
    assert said.pair(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("OVCF; RCTs and cohort studies to January 2018", words.COMPARATIVE),
        ("OVCF, RCTs", ()),
        ("observational claims and cohort studies", ("comparative_cohort",)),
    ],
)
def test_kinds_of_study_follow_the_population(text, expected):
    assert said.designs(text)[0] == expected


def test_a_cause_that_a_review_excludes_is_not_its_cause():
    text = "VCF; traumatic nonosteoporotic and cancer excluded"
    assert said.patients(text) == ("any", "any")


@pytest.mark.parametrize(
    ("cells", "value", "measure"),
    [
        ({"measure": "RR", "estimate": 0.5, "ci_low": 0.25, "ci_high": 1.0}, math.log(0.5), "RR"),
        ({"measure": "LOG_OR", "estimate": 0.1, "ci_low": -0.5, "ci_high": 0.7}, 0.1, "OR"),
        ({"comparison": "BKP arms", "measure": "PROPORTION_PCT", "estimate": 20.0,
          "ci_low": 10.0, "ci_high": 40.0, "note": "% of patients"}, math.log(0.25), "PLO"),
        ({"comparison": "BKP arms", "measure": "event rate (proportion)", "estimate": 0.2,
          "ci_low": 0.1, "ci_high": 0.4, "note": "% of patients"}, math.log(0.25), "PLO"),
    ],
)  # fmt: skip
def test_events_come_to_the_scale_on_which_they_are_pooled(cells, value, measure):
    reading = read(review(outcome="new_fracture", comparison=cells.pop("comparison", "BKP v NSM"),
                          **({"note": ""} | cells)))  # fmt: skip
    assert reading.status == SAME, reading.why
    assert reading.question.effect_measure == measure
    assert reading.value == pytest.approx(value, rel=1e-12)  # one logarithm


def test_a_decrease_within_a_group_is_negative():
    row = review(comparison="BKP, pre-post", measure="mean decrease on a 10-point scale", estimate=4.8,
                 ci_low=math.nan, ci_high=math.nan, note="")  # fmt: skip
    reading = read(row)
    assert (reading.value, reading.question.effect_measure) == (-4.8, "MC")


def test_a_figure_read_as_two_kinds_of_number_is_not_drawn():
    beall = [r for r in readings(shipped()) if r.row["review_id"] == "beall-2018"]
    changes = [r for r in beall if r.question is not None and r.question.outcome == "pain"]
    assert changes
    assert {r.status for r in changes} == {BESIDE}
    assert all(len(r.row_ids) == 3 for r in changes)


def test_the_review_that_found_no_sham_trial_of_kyphoplasty_stands_beside_our_empty_answer():
    found = [
        p for p in pairs(shipped())
        if (p.answer.question.intervention, p.answer.question.comparator) == ("BKP", "SHAM")
    ]  # fmt: skip
    assert [p.reading.why for p in found] == ["the review found no study"]
    assert found[0].answer.pooled is None


def test_differences_name_later_studies_and_silence():
    cochrane = next(
        p for p in pairs(shipped()) if p.drawn and p.reading.row["review_id"] == "buchbinder-2018"
    )
    text = "; ".join(cochrane.differences)
    assert f"ours {len(cochrane.answer.studies)}" in text
    assert "intervals overlap" in text
    assert "printed no figure" in text
    hulme = next(p for p in pairs(shipped()) if p.reading.row["review_id"] == "hulme-2006")
    later = sum(s.year > 2006 for s in hulme.answer.studies)
    assert f"{later} of ours are later than the review" in "; ".join(hulme.differences)


def test_figures_of_one_group_never_share_an_axis_with_comparisons():
    found = pairs(shipped())
    between, alone = groups(found, one_group=False), groups(found, one_group=True)
    assert between
    assert alone
    assert not any(p.answer.question.one_group for g in between for p in g.pairs)
    assert all(p.answer.question.one_group for g in alone for p in g.pairs)
    drawn = sum(len(g.pairs) for g in (*between, *alone))
    assert drawn == sum(r.status == SAME for r in readings(shipped()))


@pytest.mark.parametrize("narrow", [False, True])
def test_each_group_is_drawn_with_its_numbers_in_the_caption(narrow):
    for one_group in (False, True):
        for group in groups(pairs(shipped()), one_group=one_group):
            figure = beside(group, narrow=narrow)
            assert {trace.type for trace in figure.data} == {"scatter"}
            caption = beside_caption(group)
            for pair in group.pairs:
                assert review_figure(pair.reading) in caption
                assert review_name(pair.reading.row) in caption
