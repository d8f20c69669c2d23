"""For one patient: the address, the nearest evidence and how far it is, and numbers of 100 people."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import vocabulary as words
from analysis.answer import answer
from analysis.evidence.reach import may_have_studies
from analysis.question import InvalidQuestion, Question
from analysis.topic.vertebral.patient import (
    AGES,
    CAUSES,
    EARLIER,
    SEXES,
    YEARS,
    Nearest,
    Patient,
    absolute,
    nearest,
)
from analysis.topic.vertebral.patient.absolute import changed
from analysis.topic.vertebral.patient.nearest import Target
from analysis.topic.vertebral.patient.profile import InvalidPatient
from dashboard.pages.patient import VALUES, asked
from tests.evidence_builder import Tiny, shipped

PAIN = Target(("pain",), ("1m", "1w", "3m"))
PATIENTS = st.builds(
    Patient,
    cause=st.sampled_from(list(CAUSES)),
    age=st.sampled_from(list(AGES)),
    procedure=st.sampled_from(["BKP", "VAI"]),
    alternative=st.sampled_from(["NSM", "SHAM", "VP"]),
    years=st.sampled_from(list(YEARS)),
    sex=st.sampled_from(list(SEXES)),
    earlier=st.sampled_from(list(EARLIER)),
)


# --- the address ---------------------------------------------------------------------------------
@given(PATIENTS)
def test_a_patient_survives_the_address(patient):
    assert Patient.from_query(patient.to_query()) == (patient, [])


def test_the_first_state_of_the_form_has_an_empty_address():
    assert Patient().to_query() == ""


@pytest.mark.parametrize(
    ("query", "expected", "said"),
    [
        ("cause=moon", Patient(), "cause: found 'moon'"),
        ("name=Jane", Patient(), "name: not a field of this form"),
        ("sex=x&years=80", Patient(years="80"), "sex: found 'x'"),
        (
            "procedure=VP&alternative=VP",
            Patient(procedure="VP"),
            "alternative: it is the procedure",
        ),
        ("alternative=BKP", Patient(), "alternative: it is the procedure"),
        ("<script>=1&%00=2", Patient(), "not a field of this form"),
    ],
)
def test_junk_in_the_address_gives_way_and_is_said(query, expected, said):
    patient, notes = Patient.from_query(query)
    assert patient == expected
    assert any(said in note for note in notes)


def test_the_addresses_of_the_first_edition_still_open():
    assert Patient.from_query("cause=malignant&matters=pain-now,fracture") == (
        Patient(cause="malignant"),
        [],
    )


@given(st.text(max_size=200))
def test_no_address_raises(text):
    patient, notes = Patient.from_query(text)
    assert isinstance(patient, Patient)
    assert all(isinstance(note, str) for note in notes)


@pytest.mark.parametrize(
    "fields", [{"cause": "x"}, {"age": "x"}, {"years": "7"}, {"alternative": "BKP"}]
)
def test_what_the_form_does_not_offer_is_refused(fields):
    with pytest.raises(InvalidPatient):
        Patient(**fields)


# --- the form ------------------------------------------------------------------------------------
def test_a_procedure_chosen_on_both_sides_moves_the_other_side():
    after, notes = asked(Patient(), {**VALUES, "alternative": "BKP"}, "alternative")
    assert (after.procedure, after.alternative) == ("VP", "BKP")
    assert "the procedure is now vertebroplasty" in notes[0]


# --- the nearest evidence ------------------------------------------------------------------------
def near(patient: Patient, target: Target, tiny: Tiny) -> Nearest:
    found = nearest(patient, target, tiny.evidence())
    assert found is not None
    return found


def trial(**study: object) -> Tiny:
    """One trial of vertebroplasty against sham with a pain score at one month."""
    tiny = Tiny().study("a", **({"etiology": "osteoporotic"} | study))
    tiny.contrast("a")
    return tiny


VP = Patient(procedure="VP", alternative="SHAM")


def test_evidence_on_just_this_patient_departs_from_nothing():
    found = near(VP, PAIN, trial(fracture_age_max_weeks=6.0))
    assert (found.departures, found.remarks, found.marks) == ((), (), ())


def test_kyphoplasty_against_sham_is_answered_by_vertebroplasty_and_says_so():
    found = near(VP.replace(procedure="BKP"), PAIN, trial(fracture_age_max_weeks=6.0))
    assert found.answer.question.intervention == "VP"
    assert found.departures == (
        "The procedure studied is vertebroplasty: no such result for kyphoplasty was found.",
    )


def test_another_cause_of_fracture_is_said_twice_as_departure_and_as_what_the_patients_had():
    found = near(VP.replace(cause="malignant"), PAIN, trial(fracture_age_max_weeks=6.0))
    assert "No study of malignant fractures alone reports it." in found.departures
    assert "Its patients had osteoporotic fractures." in found.remarks
    assert found.marks == ("other cause",)


def test_older_fractures_in_a_trial_are_named_for_a_patient_with_a_young_one():
    found = near(VP, PAIN, trial(fracture_age_max_weeks=52.0))
    assert found.remarks == ("Older fractures were admitted, too, in A (up to 52 weeks).",)


def test_a_trial_that_prints_no_limit_of_age_is_named():
    found = near(VP, PAIN, trial())
    assert found.remarks == ("No limit of fracture age at entry is reported for A.",)


def test_trials_of_younger_fractures_only_are_left_out_where_others_are_at_hand():
    tiny = trial(fracture_age_max_weeks=6.0).study(
        "b", etiology="osteoporotic", fracture_age_max_weeks=52.0
    )
    tiny.contrast("b")
    found = near(VP.replace(age="old"), PAIN, tiny)
    assert [s.trial for s in found.answer.studies] == ["b"]
    assert found.remarks == ("Left out, because no fracture as old as this was admitted: A.",)


def test_trials_of_younger_fractures_are_shown_with_a_warning_when_nothing_else_is():
    found = near(VP.replace(age="old"), PAIN, trial(fracture_age_max_weeks=6.0))
    assert found.remarks == ("Fractures as old as this were not admitted in A.",)


def test_a_limit_of_three_months_admits_no_fracture_of_more_than_three_months():
    old = near(VP.replace(age="old"), PAIN, trial(fracture_age_max_weeks=13.0))
    assert old.remarks == ("Fractures as old as this were not admitted in A.",)
    assert near(VP.replace(age="13w"), PAIN, trial(fracture_age_max_weeks=13.0)).remarks == ()


def test_another_time_is_nearer_than_another_procedure():
    tiny = Tiny().study("a", arms="BKP SHAM").study("b")
    tiny.contrast("a", t="BKP", timepoint="1 week", weeks=1.0)
    tiny.contrast("b")
    found = near(VP.replace(procedure="BKP", cause="any", age="any"), PAIN, tiny)
    assert found.answer.question.intervention == "BKP"
    assert found.departures == ("Measured at 1 week: no such result is reported at 1 month.",)


def test_a_cohort_is_taken_only_when_no_trial_is_there_and_says_so():
    tiny = trial(design="comparative_cohort")
    found = near(VP.replace(age="any"), PAIN, tiny)
    assert (
        "No randomised trial reports it: these groups may have differed beforehand."
        in found.departures
    )


def test_nothing_near_is_nothing():
    assert nearest(VP, PAIN, Tiny().study("a").evidence()) is None


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(list(words.OUTCOMES)),
    st.sampled_from(list(words.INTERVENTIONS)),
    st.sampled_from(list(words.COMPARATORS)),
    st.sampled_from(list(words.WINDOWS)),
    st.sampled_from(list(words.ETIOLOGIES)),
    st.sampled_from(list(words.FRACTURE_AGES)),
)
def test_the_shortcut_of_the_search_never_hides_a_study(outcome, t, c, time, cause, age):
    try:
        question = Question(
            outcome=outcome,
            intervention=t,
            comparator=c,
            time=time,
            etiology=cause,
            fracture_age=age,
            designs=tuple(words.DESIGNS),
        )
    except InvalidQuestion:
        return
    if answer(question, shipped()).studies:
        assert may_have_studies(question, shipped())


# --- of 100 people -------------------------------------------------------------------------------
FRACTURE = Question(outcome="new-fracture", time="1m")


def counted(*groups: tuple[float, float, float, float], measure: str = "") -> Tiny:
    tiny = Tiny()
    for i, (x1, n1, x2, n2) in enumerate(groups):
        name = "abc"[i]
        tiny.study(name, n=n1)
        tiny.count(name, "VP", events=x1, total=n1)
        tiny.count(name, "SHAM", events=x2, total=n2)
    return tiny


@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
def test_one_trial_gives_back_the_proportions_that_it_printed(measure):
    evidence = counted((12, 40, 8, 50)).evidence()
    numbers = absolute(answer(FRACTURE.replace(measure=measure), evidence), evidence)
    assert numbers is not None
    assert (numbers.with_, numbers.without) == pytest.approx((30.0, 16.0))
    assert numbers.low < 30 < numbers.high
    assert numbers.basis == "8 of 50 patients in the comparison group"


def test_several_trials_add_the_counts_of_their_comparison_groups():
    evidence = counted((10, 50, 20, 50), (5, 50, 10, 100), (5, 40, 6, 50)).evidence()
    found = answer(FRACTURE.replace(measure="RR"), evidence)
    numbers = absolute(found, evidence)
    assert numbers is not None
    assert numbers.without == pytest.approx(100 * 36 / 200)
    ratio = 2.718281828459045**found.pooled.estimate
    assert numbers.with_ == pytest.approx(18 * ratio)


def test_a_printed_percentage_stands_in_where_no_count_is_printed():
    found = answer(Question(outcome="responder", time="1w", measure="RD"), shipped())
    numbers = absolute(found, shipped())
    arms = shipped().arm_results
    rows = arms[
        arms["study_id"].eq("clark-2016")
        & arms["outcome"].eq("pain_responder")
        & arms["weeks"].eq(2)
    ]
    printed = dict(zip(rows["arm_id"], rows["percent"], strict=True))
    assert numbers is not None
    assert numbers.without == printed["SHAM"]
    assert numbers.with_ == pytest.approx(printed["VP"])  # the printed difference is theirs


def test_a_bare_ratio_gives_no_numbers_of_100_people():
    tiny = Tiny().study("a")
    tiny.contrast(
        "a",
        outcome="new_fracture",
        instrument="patients with new fracture",
        measure="OR",
        estimate=2.0,
        ci_low=1.0,
        ci_high=4.0,
        positive_favours="",
    )
    evidence = tiny.evidence()
    found = answer(FRACTURE, evidence)
    assert found.studies
    assert absolute(found, evidence) is None


def test_a_mean_is_never_turned_into_a_proportion():
    assert absolute(answer(Question(), shipped()), shipped()) is None


def test_one_group_is_no_comparison():
    found = answer(Question(outcome="leakage", comparator="NONE", time="any"), shipped())
    assert absolute(found, shipped()) is None


@given(st.floats(0.001, 0.999), st.floats(-8, 8), st.sampled_from(["OR", "RR", "RD"]))
def test_a_changed_risk_stays_a_risk(risk, effect, measure):
    after = changed(measure, risk, effect)
    assert after is not None
    assert 0 <= after <= 1
    assert changed("HR", risk, effect) is None
