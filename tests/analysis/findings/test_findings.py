"""The summary of findings: numbers are those of the answers behind the rows, and what is not known is said."""

from __future__ import annotations

import io
import itertools
import math
from functools import cache

import openpyxl
import pytest
from pptx import Presentation

from analysis import topic
from analysis import vocabulary as words
from analysis.answer import answer
from analysis.effects.exact import exact_interval
from analysis.effects.scale import shown
from analysis.export.artefacts import ARTEFACTS
from analysis.figures.dots import people, strip
from analysis.findings import Harms, matrix
from analysis.findings.model import NOT_RATED, Row
from analysis.findings.table import findings
from analysis.findings.words import cells, hundred, more, of_100
from analysis.network import indirect_sentence
from analysis.survey.harms import counted, rates
from analysis.topic.vertebral.patient import ALTERNATIVES, CAUSES, PROCEDURES, Patient
from dashboard.components.findings import VIEWS, summary
from tests.evidence_builder import Tiny, shipped

PATIENTS = [
    Patient(cause, age, procedure, alternative)
    for cause, age, procedure, alternative in itertools.product(
        CAUSES, ("6w", "old"), PROCEDURES, ALTERNATIVES
    )
    if procedure != alternative
]


@cache
def usual_rows() -> dict[str, Row]:
    """The rows of the usual patient by their id."""
    return {row.id: row for row in findings(Patient(), shipped()).rows}


# --- the rows ------------------------------------------------------------------------------------
@pytest.mark.parametrize("patient", PATIENTS, ids=lambda p: p.slug())
def test_every_patient_of_the_form_gets_every_row_with_its_numbers_from_its_own_answer(patient):
    found = findings(patient, shipped())
    assert {row.key for row in found.rows} == set(topic.topic().findings)
    for row in found.rows:
        made = cells(row)
        assert row.sentence.endswith(".")
        assert all("nan" not in text for text in (*made.shown(), made.sentence))
        if row.indirect is not None:
            assert made.without == made.with_ == "not compared"
            assert "indirect" in row.marks
            assert row.indirect.pair == (patient.procedure, row.against)
            continue
        if row.answer is None:
            assert made.without == made.with_ == "not known"
            continue
        q = row.answer.question
        assert row.answer.told is not None
        if row.kind == "compared":
            assert q.comparator == row.against
            assert row.answer.headline in row.sentence
            assert row.answer.studies == answer(q, shipped()).studies
        if q.intervention != patient.procedure:
            assert "other procedure" in row.marks


def test_where_no_trial_compared_the_two_the_network_answers_and_says_that_it_is_indirect():
    row = usual_rows()["pain-month-sham-indirect"]
    told = indirect_sentence(row.indirect.question, shipped())
    assert row.sentence.startswith(told)
    assert row.indirect.question.etiology == Patient().cause
    assert list(usual_rows()).index(row.id) + 1 == list(usual_rows()).index("pain-month-sham")
    assert "other procedure" in usual_rows()["pain-month-sham"].marks
    text = findings(Patient(), shipped()).benefits
    assert (
        "Kyphoplasty compared with a sham procedure, indirectly: uncertain for pain in the first month"
        in text
    )
    assert not any(row.indirect for row in usual_rows().values() if row.against == "NSM")


def test_the_difference_of_a_score_is_that_of_the_answer():
    row = usual_rows()["pain-year-nsm"]
    result = answer(row.answer.question, shipped()).told.result
    n = row.numbers
    assert (n.difference, n.least, n.most) == (result.estimate, result.ci_low, result.ci_high)


def test_where_the_trial_printed_its_groups_means_they_stand_beside_the_difference():
    row = next(
        r for r in findings(Patient(alternative="VP"), shipped()).rows if r.id == "pain-month-vp"
    )
    # Evans 2016 printed both: 3.4 after kyphoplasty, 3.6 after vertebroplasty at 30 days
    assert cells(row).without == "3.6 points of 10"
    assert cells(row).with_ == "3.4 points of 10"


def test_numbers_of_100_and_their_difference_are_those_that_stand_beside_each_other():
    made = cells(usual_rows()["new-fracture-nsm"])
    without, with_ = (int(text.split()[0]) for text in (made.without, made.with_))
    assert made.difference.startswith(more(with_ - without))


def test_an_event_that_needs_the_procedure_is_none_without_it():
    row = usual_rows()["leakage-nsm"]
    assert row.numbers.without == 0
    assert cells(row).without == "none: only after the procedure"
    against_other = {r.key: r for r in findings(Patient(alternative="VP"), shipped()).rows}
    assert against_other["leakage"].kind == "compared"
    assert against_other["embolism"].numbers.without is None


def test_an_event_that_was_counted_alone_is_not_compared():
    row = usual_rows()["infection-nsm"]
    assert row.numbers.without is None
    assert "is not known" in row.sentence
    assert "other procedure" in row.marks


def test_no_event_is_shown_with_the_exact_upper_limit():
    row = usual_rows()["leakage-felt-nsm"]
    assert row.rate.events == 0
    high = exact_interval(0, row.rate.total)[1]
    assert row.rate.high == pytest.approx(high)
    assert (
        cells(row).with_
        == f"0 of {row.rate.total:g} vertebrae (at most {hundred(100 * high)} of 100)"
    )


def test_every_row_from_other_fractures_carries_its_mark_when_cancer_is_chosen():
    cancer = findings(Patient(cause="malignant"), shipped())
    for row in cancer.rows:
        if row.answer is None:
            continue
        causes = {s.etiology for s in row.answer.studies if s.etiology}
        if causes and "malignant" not in causes:
            assert {"other cause", "mixed causes"} & set(row.marks), row.id
    assert any("other causes than malignant" in text for text in cancer.cannot_say)


def test_certainty_is_published_or_not_rated_and_a_count_is_never_rated():
    for row in usual_rows().values():
        assert row.certainty.level in ("high", "moderate", "low", "very low", NOT_RATED)
        assert bool(row.certainty.source) == (row.certainty.level != NOT_RATED)
        if row.kind == "counted":
            assert row.certainty.level == NOT_RATED


def test_the_early_sham_trial_reaches_the_patient_with_an_early_fracture():
    assert [s.label for s in usual_rows()["relief-sham"].answer.studies] == ["VAPOUR (Clark W 2016)"]


def test_what_patients_tell_stands_against_a_sham_too_and_harms_do_not():
    against = {
        row.key: list(dict.fromkeys(r.against for r in usual_rows().values() if r.key == row.key))
        for row in usual_rows().values()
    }
    assert against["pain-month"] == ["NSM", "SHAM"]
    assert against["new-fracture"] == ["NSM"]


@pytest.mark.parametrize("field", [{"years": "80"}, {"sex": "m"}, {"earlier": "yes"}])
def test_what_the_data_cannot_say_is_said(field):
    assert findings(Patient(), shipped()).cannot_say == ()
    assert findings(Patient(**field), shipped()).cannot_say


def test_a_patient_older_than_those_of_the_trials_is_said_to_be():
    tiny = Tiny().study("a", etiology="osteoporotic", fracture_age_max_weeks=6.0)
    tiny._rows["arms"][0]["mean_age"] = 71.0
    tiny.contrast("a")
    rows = findings(Patient(procedure="VP", alternative="SHAM", years="80"), tiny.evidence()).rows
    row = next(r for r in rows if r.key == "pain-month")
    assert row.marks == ("older patient",)
    assert row.distance == ("Patients were on average 71 years old: this patient is older.",)


def test_without_evidence_every_row_says_so():
    found = findings(Patient(), Tiny().study("a").evidence())
    assert {row.kind for row in found.rows} == {"none"}
    assert "no usable study" in found.benefits
    assert all(row.sentence.startswith("No ") for row in found.rows)


# --- several risks -------------------------------------------------------------------------------
def three(*groups: tuple[float, float, float, float]) -> Tiny:
    tiny = Tiny()
    for i, (x1, n1, x2, n2) in enumerate(groups):
        name = "abcd"[i]
        tiny.study(name, n=n1, etiology="osteoporotic", fracture_age_max_weeks=6.0)
        when = {"timepoint": "12 months", "weeks": 52.0}
        tiny.count(name, "VP", events=x1, total=n1, **when)
        tiny.count(name, "SHAM", events=x2, total=n2, **when)
    return tiny


def test_other_risks_are_the_lowest_the_pooled_and_the_highest_of_the_comparison_groups():
    evidence = three((5, 50, 10, 100), (12, 60, 15, 50), (20, 80, 30, 75)).evidence()
    rows = findings(Patient(procedure="VP", alternative="SHAM"), evidence).rows
    row = next(r for r in rows if r.key == "new-fracture")
    low, typical, high = row.baselines
    assert (low.without, high.without) == pytest.approx((10.0, 40.0))
    assert low.without < typical.without < high.without
    odds = math.exp(row.answer.told.result.estimate)
    for one in row.baselines:  # by hand: odds times the ratio
        risk = one.without / 100
        expected = odds * risk / (1 - risk) / (1 + odds * risk / (1 - risk))
        assert one.with_ == pytest.approx(100 * expected)


def test_two_comparison_groups_show_no_range():
    evidence = three((5, 50, 10, 100), (12, 60, 15, 50)).evidence()
    rows = findings(Patient(procedure="VP", alternative="SHAM"), evidence).rows
    assert next(r for r in rows if r.key == "new-fracture").baselines == ()


# --- the matrix of harms -------------------------------------------------------------------------
def test_the_matrix_holds_every_rate_once_in_its_column():
    found = matrix(shipped())
    placed = [
        (rate, column)
        for line in found.rows
        for rate, column in zip(line.cells, found.columns, strict=True)
        if rate is not None
    ]
    assert all(rate.treatment == column for rate, column in placed)
    harms = {line.harm for line in found.rows}
    assert len(placed) == sum(len(rates(harm, shipped())) for harm in harms)


def test_no_row_of_the_matrix_mixes_kinds_of_counting():
    for line in matrix(shipped()).rows:
        kinds = {(r.unit, r.reading.key) for r in line.cells if r is not None}
        assert len(kinds) == 1


def test_a_rate_in_the_matrix_is_what_its_answer_tells():
    for line in matrix(shipped()).rows:
        for rate in filter(None, line.cells):
            told = rate.answer.told.result
            assert rate.value == pytest.approx(
                float(shown(rate.answer.question.effect_measure, told.estimate))
            )
            assert rate.events == sum(counted(s)[0] for s in rate.answer.studies)
            assert of_100(rate).startswith(
                "0 of" if rate.events == 0 else hundred(100 * rate.value)
            )


# --- words and pictures --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "text"), [(4.0, "4 more"), (-0.234, "0.2 fewer"), (0.0, "0"), (-17.4, "17 fewer")]
)
def test_differences_of_100_in_words(value, text):
    assert more(value) == text


@pytest.mark.parametrize(("share", "filled"), [(0, 0), (44.4, 44), (47.7, 48), (100, 100)])
def test_one_hundred_people_are_drawn(share, filled):
    svg = people(share, "BKP", "text")
    colour = words.COLOURS["BKP"]
    assert svg.count("<circle") == 100
    assert svg.count(f'fill="{colour}"') == filled


def test_more_people_than_all_are_refused_and_words_in_pictures_are_escaped():
    with pytest.raises(ValueError, match="of_100"):
        people(101, "BKP", "")
    assert "<b>" not in people(1, "BKP", "<b>")


def test_an_interval_beyond_the_axis_ends_in_an_arrow():
    inside, beyond = (strip(0.5, low, 1.0, 2.0, 1.0, "VP", "") for low in (-1.0, -9.0))
    assert beyond.count("Z") == inside.count("Z") + 1


@pytest.mark.parametrize("view", VIEWS)
def test_the_page_shows_the_sentences_and_every_row_in_every_view(view):
    shown = str(summary(Patient(), shipped(), view))
    found = findings(Patient(), shipped())
    assert len(found.benefits_said) >= 2
    assert all(text in shown for text in (*found.benefits_said, *found.harms_said))
    for row in found.rows:
        assert f"id='{row.id}'" in shown


# --- files ---------------------------------------------------------------------------------------
def test_the_workbook_holds_the_numbers_of_the_rows():
    content = ARTEFACTS["findings.xlsx"].make(Patient(), shipped(), "/patient")
    sheet = openpyxl.load_workbook(io.BytesIO(content))["findings"]
    head, *lines = sheet.iter_rows(values_only=True)
    assert len(lines) == len(usual_rows())
    for values, row in zip(lines, usual_rows().values(), strict=True):
        line = dict(zip(head, values, strict=True))
        assert line["in_words"] == row.sentence
        if row.numbers is not None and row.numbers.difference is not None:
            assert line["difference"] == pytest.approx(row.numbers.difference)


def test_the_slides_hold_every_row_in_native_tables_and_short_titles():
    for name, subject in (("findings.pptx", Patient()), ("harms.pptx", Harms())):
        deck = Presentation(io.BytesIO(ARTEFACTS[name].make(subject, shipped(), "/x")))
        titles = [slide.shapes.title.text for slide in deck.slides]
        assert len(set(titles)) == len(titles)
        assert all(len(title.split()) <= 12 for title in titles)
        tables = [s.table for slide in deck.slides for s in slide.shapes if s.has_table]
        rows = sum(len(table.rows) - 1 for table in tables)
        assert rows == (len(usual_rows()) if name == "findings.pptx" else len(matrix(shipped()).rows))


def test_the_report_holds_every_sentence():
    content = ARTEFACTS["findings.html"].make(Patient(), shipped(), "/patient").decode()
    assert all(row.label in content for row in usual_rows().values())
    assert "Summary of findings" in content
