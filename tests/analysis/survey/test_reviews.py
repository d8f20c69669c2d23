"""Published reviews: each row is read once, from its codes, and says why it has no counterpart here."""

from __future__ import annotations

import dataclasses
import math
import re

import pandas as pd
import pytest

from analysis import vocabulary as words
from analysis.evidence.names import name_of
from analysis.figures.beside import beside, beside_caption, groups
from analysis.network import network_answer
from analysis.question import Question
from analysis.survey.agreement import pairs, review_figure
from analysis.survey.networks import is_network, only_ranked, published_networks
from analysis.survey.reviews import APART, BESIDE, SAME, read, readings
from dashboard.page import Visit
from dashboard.pages import reviews as page_of_reviews
from tests.evidence_builder import blank, shipped


def review(row_id: str = "published_syntheses:2", **cells: object) -> dict[str, object]:
    usual = {
        "review_id": "smith-2015", "label": "Smith 2015", "year": 2015.0, "figure": "pooled",
        "q_outcome": "pain", "q_intervention": "VP", "q_comparator": "SHAM", "q_time": "1m",
        "q_etiology": "osteoporotic", "q_designs": "randomised", "q_measure": "MD", "q_positive": "better",
        "q_scale_max": 10.0, "estimate": 0.7, "ci_low": 0.3, "ci_high": 1.2,
    }  # fmt: skip
    return {"row": 2, "row_id": row_id} | blank("published_syntheses", **(usual | cells))


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


ONE_GROUP = {
    "q_intervention": "BKP",
    "q_comparator": "NONE",
    "ci_low": math.nan,
    "ci_high": math.nan,
}
LEAKAGE = ONE_GROUP | {"q_outcome": "leakage", "q_measure": "percent", "estimate": 6.0}


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"q_positive": "unclear"}, "whom a positive difference favours"),
        ({"q_positive": "sign_lost"}, "outside its own interval"),
        ({"q_measure": "SMD"}, "standardised"),
        ({"q_measure": "unclear"}, "another as points"),
        ({"q_scale_max": math.nan}, "range of the scale is not named"),
        ({"figure": "direction", "estimate": math.nan}, "direction only"),
        ({"figure": "no_study", "estimate": math.nan, "q_outcome": "pain; disability"}, "found no study"),
        (ONE_GROUP | {"figure": "range", "estimate": math.nan}, "a range"),
        (ONE_GROUP | {"q_measure": "mean"}, "neither a change nor a difference"),
        (LEAKAGE | {"q_unit": "unstated"}, "what is counted"),
        (LEAKAGE | {"q_unit": "vertebrae", "q_events": "symptomatic"}, "part of the outcome"),
    ],
)  # fmt: skip
def test_a_figure_that_cannot_share_our_axis_stands_beside_with_its_reason(cells, why):
    reading = read(review(**cells))
    assert reading.status == BESIDE
    assert why in reading.why


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"q_intervention": "OTHER"}, "no question here asks about"),
        ({"q_intervention": "VP; VP", "q_comparator": "SHAM; NSM"}, "several comparisons"),
        ({"q_comparator": "SHAM+NSM"}, "taken together"),
        ({"q_comparator": "UNCLEAR"}, "not known"),
        ({"q_comparator": "VP"}, "same treatment"),
        ({"q_intervention": "VP+BKP", "q_comparator": "BKP"}, "same treatment"),
        ({"q_outcome": "pain; disability"}, "several outcomes"),
        ({"q_outcome": "disability"}, "not named"),
        ({"q_outcome": "other"}, "an outcome that no question"),
        ({"q_time": "several"}, "several of our windows"),
        ({"q_time": "short"}, "several of our windows"),
        ({"q_time": "later"}, "beyond our windows"),
        ({"q_selected": "severe_pain"}, "severe pain"),
        ({"figure": "recommendation"}, "a recommendation"),
    ],
)
def test_what_no_question_asks_is_set_apart_with_its_reason(cells, why):
    reading = read(review(**cells))
    assert (reading.status, reading.question) == (APART, None)
    assert why in reading.why


@pytest.mark.parametrize(
    ("kind", "expected", "assumed"),
    [
        ("comparative", words.COMPARATIVE, False), ("randomised", (), False),
        ("cohorts", ("comparative_cohort",), False), ("", words.COMPARATIVE, True),
    ],
)  # fmt: skip
def test_kinds_of_study_follow_the_code(kind, expected, assumed):
    reading = read(review(q_comparator="NSM", q_designs=kind))
    assert reading.question.designs == expected
    assert any("which kinds of study" in c for c in reading.caveats) == assumed


def test_mixed_causes_are_no_cause():
    assert read(review(q_etiology="mixed")).question.etiology == "any"


def test_a_figure_on_another_range_is_brought_to_ours_and_says_so():
    reading = read(review(q_scale_max=100.0, estimate=7.0, ci_low=3.0, ci_high=12.0))
    assert (reading.value, reading.low, reading.high) == pytest.approx((-0.7, -1.2, -0.3))
    assert reading.caveats == ("reported on a scale to 100, shown on one to 10",)


RATIO = {"q_intervention": "BKP", "q_comparator": "NSM"}


@pytest.mark.parametrize(
    ("cells", "value", "measure"),
    [
        (RATIO | {"q_measure": "RR", "estimate": 0.5, "ci_low": 0.25, "ci_high": 1.0}, math.log(0.5), "RR"),
        (RATIO | {"q_measure": "log_OR", "estimate": 0.1, "ci_low": -0.5, "ci_high": 0.7}, 0.1, "OR"),
        (LEAKAGE | {"q_measure": "percent", "estimate": 20.0, "ci_low": 10.0, "ci_high": 40.0},
         math.log(0.25), "PLO"),
        (LEAKAGE | {"q_measure": "proportion", "estimate": 0.2, "ci_low": 0.1, "ci_high": 0.4},
         math.log(0.25), "PLO"),
    ],
)  # fmt: skip
def test_events_come_to_the_scale_on_which_they_are_pooled(cells, value, measure):
    reading = read(
        review(**({"q_unit": "patients", "q_positive": ""} | cells | {"q_outcome": "new-fracture"}))
    )
    assert reading.status == SAME, reading.why
    assert reading.question.effect_measure == measure
    assert reading.value == pytest.approx(value, rel=1e-12)  # one logarithm


def test_a_ratio_that_names_no_unit_is_taken_as_of_patients_and_says_so():
    row = review(
        **RATIO, q_outcome="new-fracture", q_measure="RR", q_unit="unstated", q_positive=""
    )
    reading = read(row)
    assert reading.question.unit == "patients"
    assert "taken as patients" in "; ".join(reading.caveats)


@pytest.mark.parametrize(("outcome", "value"), [("pain", -4.8), ("pcs", 4.8)])
def test_an_improvement_within_a_group_follows_the_way_of_the_outcome(outcome, value):
    row = review(**ONE_GROUP, q_outcome=outcome, q_measure="change", q_positive="better") | {
        "estimate": 4.8
    }
    reading = read(row)
    assert (reading.value, reading.question.effect_measure) == (value, "MC")


def test_rows_that_declare_one_figure_are_one_reading():
    rows = [
        review(same_figure="smith", row_id="a"),
        review(same_figure="smith", row_id="b"),
        review(row_id="c"),
    ]
    table = pd.DataFrame(rows)
    held = [r.row_ids for r in readings(dataclasses.replace(shipped(), published_syntheses=table))]
    assert held == [("a", "b"), ("c",)]


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


PROSE = (
    "outcome", "comparison", "population", "timepoint", "measure", "model", "certainty", "note", "coding_note",
    "citation",
)  # fmt: skip


def test_no_rule_reads_prose():
    """With every column of free text blanked, each figure is read the same to the last bit."""
    table = shipped().published_syntheses.assign(**dict.fromkeys(PROSE, ""))
    bare = dataclasses.replace(shipped(), published_syntheses=table)

    def known(found):
        return [
            (
                r.row_ids,
                r.status,
                r.question,
                r.value,
                r.low,
                r.high,
                r.why,
                r.caveats,
                review_figure(r),
            )
            for r in found
        ]

    assert known(readings(bare)) == known(readings(shipped()))
    assert [p.differences for p in pairs(bare)] == [p.differences for p in pairs(shipped())]


def test_differences_name_later_studies_and_silence():
    cochrane = next(
        p for p in pairs(shipped()) if p.drawn and p.reading.row["review_id"] == "buchbinder-2018"
    )
    text = "; ".join(cochrane.differences)
    assert f"ours {len(cochrane.answer.studies)}" in text
    assert "intervals overlap" in text
    assert "gave no number" in text
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


def flat(text: str) -> str:
    """A text of a figure as one line, without its markup."""
    return re.sub(r"</?b>", "", text.replace("<br>", " "))


@pytest.mark.parametrize("narrow", [False, True])
def test_each_group_is_drawn_with_its_numbers_in_the_caption(narrow):
    for one_group in (False, True):
        for group in groups(pairs(shipped()), one_group=one_group):
            figure = beside(group, narrow=narrow)
            assert {trace.type for trace in figure.data} == {"scatter"}
            caption = beside_caption(group)
            written = [t for trace in figure.data for t in (trace.text or ()) if t]
            assert not narrow or max(map(len, written)) <= 66 + len("<b></b>")  # a phone's width
            for pair in group.pairs:
                assert any(flat(t).endswith(f" {review_figure(pair.reading)}") for t in written)
                assert review_figure(pair.reading) in caption
                assert name_of(pair.reading.row) in caption


def test_a_published_network_stands_beside_ours_at_each_time_that_links_the_two():
    found = published_networks(shipped())
    assert all(one.reading.row["q_network"] == "yes" for one in found)
    one = next(
        o for o in found if (o.question.intervention, o.question.comparator) == ("BKP", "NSM")
    )
    assert "it takes in cohorts, ours randomised trials alone" in one.differences
    for time, contrast in one.ours:
        net = network_answer(one.question.replace(time=time), shipped())
        assert contrast == net.asked
    page = str(page_of_reviews.layout(shipped(), Visit("/reviews", "", False)))
    assert page.index("Published networks, beside ours") < page.index("The same question, but not")
    for one in found:
        assert review_figure(one.reading) in page
    held = [row for row in shipped().published_syntheses.to_dict("records") if is_network(row)]
    assert len(found) + len(only_ranked(shipped())) == len(held)


def test_a_figure_that_no_code_calls_a_network_is_none():
    table = shipped().published_syntheses.assign(q_network="")
    plain = dataclasses.replace(shipped(), published_syntheses=table)
    assert published_networks(plain) == ()
