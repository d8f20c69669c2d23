"""Which printed rows may answer a Question, which may not and why, and which wins."""

from __future__ import annotations

import math

import pytest

from analysis.evidence.select import REASONS, select
from analysis.question import Question
from tests.evidence_builder import Tiny, changed, changed_study, shipped

NAN = math.nan
COMPARATIVE = ("sham_rct", "open_rct", "comparative_cohort")
ONE_GROUP = Question(comparator="NONE")
FRACTURES = Question(outcome="new-fracture")


def best(question: Question, tiny: Tiny, trial: str = "a"):
    return select(question, tiny.evidence()).candidates[trial][0]


def reason(question: Question, tiny: Tiny, row_id: str) -> tuple[str, str]:
    left = {row.row_id: row for row in select(question, tiny.evidence()).left_out}
    return left[row_id].reason, left[row_id].detail


def one(**study: object) -> tuple[Tiny, str]:
    """One study with one printed difference in pain."""
    tiny = Tiny().study("a", **study)
    return tiny, tiny.contrast("a")


# --- exclusions -----------------------------------------------------------------------------------
def test_sound_row_meets_no_obstacle():
    tiny, row = one()
    selection = select(Question(), tiny.evidence())
    assert selection.left_out == ()
    assert [candidate.contrast["row_id"] for candidate in selection.candidates["a"]] == [row]


def test_study_that_must_not_be_pooled_gives_its_reason():
    tiny, row = one(never_pool_reason="retracted")
    assert reason(Question(), tiny, row) == ("never pool", "retracted")


def test_row_that_must_not_be_pooled_gives_its_reason():
    tiny = Tiny().study("a")
    row = tiny.contrast("a", not_poolable_reason="as-treated analysis")
    assert reason(Question(), tiny, row) == ("row", "as-treated analysis")


def test_reason_that_points_to_the_note_shows_the_note():
    tiny = Tiny().study("a")
    row = tiny.contrast("a", not_poolable_reason="see note", note="two scales mixed")
    assert reason(Question(), tiny, row) == ("row", "see note: two scales mixed")


def test_result_without_a_figure_is_named_as_such():
    tiny = Tiny().study("a")
    row = tiny.contrast("a", estimate=NAN, ci_low=NAN, ci_high=NAN, p_value="<0.05")
    assert reason(Question(), tiny, row) == ("no figure", "P <0.05; no number reported")


def test_result_without_figure_and_time_is_still_named():
    tiny = Tiny().study("a")
    row = tiny.contrast("a", estimate=NAN, ci_low=NAN, ci_high=NAN, weeks=NAN, note="no difference")
    assert reason(Question(), tiny, row) == ("no figure", "no difference")


@pytest.mark.parametrize(
    ("outcome", "codes"),
    [
        ("responder", {"events_counted": "composite"}),
        ("responder", {"events_counted": "without_event"}),
        ("new-fracture", {"events_counted": "related"}),
        ("new-fracture", {"events_counted": "retreated"}),
        ("leakage", {"events_counted": "one_site"}),
        ("serious-adverse-event", {"events_counted": "one_kind"}),
        ("mortality", {"events_counted": "any", "patients_counted": "subgroup"}),
    ],
)
def test_part_of_an_outcome_stays_out(outcome, codes):
    question = Question(outcome=outcome)
    tiny = Tiny().study("a")
    row = tiny.count(
        "a",
        "VP",
        outcome=question.spec.source,
        instrument="patients",
        events=3.0,
        total=50.0,
        **codes,
    )
    assert reason(question, tiny, row) == ("subset", f"{question.spec.subset}: patients")


def test_health_survey_domain_is_not_pain_intensity():
    tiny = Tiny().study("a")
    row = tiny.level("a", "VP", 23.0, instrument="SF-36 Bodily Pain 0-100")
    assert reason(Question(), tiny, row)[0] == "subset"


def test_design_outside_the_question_stays_out():
    tiny, row = one(design="comparative_cohort")
    assert reason(Question(), tiny, row) == ("design", "comparative cohort")
    assert select(Question(designs=COMPARATIVE), tiny.evidence()).left_out == ()


def test_series_never_enters_a_comparison_even_when_its_design_is_chosen():
    tiny, row = one(design="single_arm")
    question = Question(designs=("single_arm", "sham_rct"))
    assert reason(question, tiny, row)[1] == "uncontrolled series: no comparison between groups"


def test_other_cause_of_fracture_stays_out():
    tiny, row = one(etiology="malignant")
    question = Question(etiology="osteoporotic")
    assert reason(question, tiny, row) == ("population", "cause of fracture: malignant")


@pytest.mark.parametrize(
    ("age", "limit", "detail"),
    [
        (13.0, "6w", "fracture age at entry: up to 13 weeks"),
        (NAN, "13w", "fracture age at entry: limit not reported"),
    ],
)
def test_older_or_unknown_fractures_stay_out(age, limit, detail):
    tiny, row = one(fracture_age_max_weeks=age)
    assert reason(Question(fracture_age=limit), tiny, row) == ("population", detail)


def test_fracture_age_at_the_limit_is_within_it():
    tiny, _ = one(fracture_age_max_weeks=6.0)
    assert select(Question(fracture_age="6w"), tiny.evidence()).left_out == ()


def test_companion_has_the_population_and_the_payer_of_its_trial():
    tiny = Tiny().study("a", fracture_age_max_weeks=6.0, funding="mixed", etiology="osteoporotic")
    tiny.study("b", parent_study_id="a", funding="not_reported")
    row = tiny.contrast("b")
    asked = Question(fracture_age="6w", etiology="osteoporotic")
    assert select(asked, tiny.evidence()).left_out == ()
    assert reason(Question(industry=False), tiny, row) == ("funding", "funding: mixed")


def test_industry_switch_leaves_out_industry_and_mixed_funding_only():
    tiny = Tiny()
    for funding in ("industry", "mixed", "non_industry", "not_reported"):
        tiny.study(funding.replace("_", "-"), funding=funding)
        tiny.contrast(funding.replace("_", "-"))
    assert set(select(Question(industry=False), tiny.evidence()).candidates) == {
        "non-industry", "not-reported"
    }  # fmt: skip


def test_reader_leaves_out_a_trial_or_one_report():
    tiny, first = one()
    tiny.study("b", parent_study_id="a")
    second = tiny.contrast("b")
    assert select(Question(without=("a",)), tiny.evidence()).candidates == {}
    only = select(Question(without=("b",)), tiny.evidence())
    assert [candidate.contrast["row_id"] for candidate in only.candidates["a"]] == [first]
    assert reason(Question(without=("b",)), tiny, second) == ("without", "chosen by the reader")


def test_results_read_in_an_abstract_stay_out_on_request_and_only_those():
    tiny, other = one()
    tiny.study("b")
    row = tiny.contrast("b", source_kind="primary_abstract", source_location="abstract, results")
    found = select(Question(abstract=False), tiny.evidence())
    assert set(found.candidates) == {"a"}
    assert [(r.row_id, r.reason, r.detail) for r in found.left_out] == [
        (row, "abstract", "abstract, results")
    ]
    assert other in {r["row_id"] for o in found.candidates["a"] for r in o.rows}


def test_a_value_before_treatment_from_an_abstract_does_not_serve_without_abstracts():
    tiny = Tiny().study("a", arms="VP", design="single_arm")
    before = {"weeks": 0.0, "timepoint": "baseline", "source_kind": "primary_abstract"}
    tiny.level("a", "VP", 7.0, **before)
    tiny.level("a", "VP", 3.0)
    asked = Question(comparator="NONE")
    assert set(select(asked, tiny.evidence()).candidates) == {"a"}
    assert select(asked.replace(abstract=False), tiny.evidence()).candidates == {}


def test_main_reports_only_leaves_companions_out():
    tiny, first = one()
    tiny.study("b", parent_study_id="a")
    second = tiny.contrast("b")
    found = select(Question(report="main"), tiny.evidence())
    assert [candidate.contrast["row_id"] for candidate in found.candidates["a"]] == [first]
    assert [(r.row_id, r.reason) for r in found.left_out] == [(second, "report")]


def test_the_newest_report_answers_before_a_better_documented_one():
    tiny = Tiny().study("a", year=2009.0).study("b", year=2014.0, parent_study_id="a")
    tiny.study("c", year=NAN, parent_study_id="a")
    best = tiny.contrast("a")
    newest = tiny.contrast("b", ci_low=NAN, ci_high=NAN, p_value="0.04")
    undated = tiny.contrast("c")
    order = {
        report: [o.contrast["row_id"] for o in select(asked, tiny.evidence()).candidates["a"]]
        for report in ("best", "newest")
        for asked in [Question(report=report)]
    }
    assert order == {"best": [best, undated, newest], "newest": [newest, best, undated]}


def test_other_measure_stays_out():
    tiny = Tiny().study("a")
    row = tiny.contrast("a", measure="SMD")
    assert reason(Question(), tiny, row) == ("measure", "reported as SMD")


def test_median_is_not_a_mean():
    tiny = Tiny().study("a")
    row = tiny.level("a", "VP", 5.0, statistic="median")
    assert reason(Question(), tiny, row) == ("measure", "median reported, not a mean")


def test_counts_give_no_hazard_ratio():
    tiny = Tiny().study("a")
    row = tiny.count("a", "VP", events=3.0, total=50.0)
    assert reason(FRACTURES.replace(measure="HR"), tiny, row)[0] == "measure"


def test_other_time_stays_out():
    tiny = Tiny().study("a")
    row = tiny.contrast("a", weeks=52.0, timepoint="1 year")
    assert reason(Question(), tiny, row) == ("time", "1 year")


def test_time_that_was_not_printed_answers_only_the_longest_follow_up():
    tiny = Tiny().study("a")
    row = tiny.contrast("a", weeks=NAN, timepoint="postoperative")
    assert reason(Question(), tiny, row) == ("time", "time not reported: postoperative")
    assert "a" in select(Question(time="any"), tiny.evidence()).candidates


def test_difference_before_treatment_is_no_effect():
    tiny = Tiny().study("a")
    row = tiny.contrast("a", weeks=0.0)
    assert reason(Question(time="any"), tiny, row) == ("time", "measured before treatment")


@pytest.mark.parametrize(
    ("instrument", "detail"),
    [
        ("treated vertebrae with new fracture", "counts vertebrae: treated vertebrae with new fracture"),
        ("new fractures (unit not stated)", "unit not stated: new fractures (unit not stated)"),
    ],
)  # fmt: skip
def test_patients_and_vertebrae_are_never_mixed(instrument, detail):
    tiny = Tiny().study("a")
    row = tiny.count("a", "VP", instrument=instrument, events=3.0, total=60.0)
    assert reason(FRACTURES, tiny, row) == ("unit", detail)


def test_question_about_vertebrae_takes_vertebrae_only():
    question = Question(
        outcome="leakage", comparator="NONE", unit="vertebrae", time="any", counted="ct"
    )  # fmt: skip
    selection = select(question, shipped())
    used = {
        row["row_id"]
        for candidates in selection.candidates.values()
        for o in candidates
        for row in o.rows
    }
    assert "arm_results:258" in used  # 64 of 80 vertebrae
    assert "arm_results:462" not in used  # 12 of 40 patients


@pytest.mark.parametrize("unit", ["vertebrae", "procedures"])
def test_ratio_of_patients_answers_no_question_about_other_units(unit):
    tiny = Tiny().study("a")
    row = tiny.contrast(
        "a", outcome="new_fracture", instrument="patients with new fracture", measure="OR",
        estimate=0.7, ci_low=0.3, ci_high=1.5,
    )  # fmt: skip
    assert reason(FRACTURES.replace(unit=unit), tiny, row)[0] == "unit"
    assert "a" in select(FRACTURES, tiny.evidence()).candidates


def test_ratio_that_names_no_unit_compares_patients():
    tiny = Tiny().study("a")
    cells = {"outcome": "mortality", "instrument": "", "measure": "HR"}
    tiny.contrast("a", **cells, estimate=0.7, ci_low=0.5, ci_high=1.0)
    deaths = Question(outcome="mortality", measure="HR")
    assert "a" in select(deaths, tiny.evidence()).candidates
    assert "a" not in select(deaths.replace(unit="procedures"), tiny.evidence()).candidates


def test_risk_difference_without_a_unit_stays_out_and_raises_nothing():
    tiny = Tiny().study("a")
    row = tiny.contrast(
        "a", outcome="new_fracture", instrument="new fractures", measure="RD", estimate=3.0,
        ci_low=-5.0, ci_high=11.0, positive_favours="",
    )  # fmt: skip
    assert reason(FRACTURES.replace(measure="RD"), tiny, row)[0] == "unit"


def test_range_that_nobody_printed_stays_out():
    tiny = Tiny().study("a")
    row = tiny.contrast("a", scale_min=NAN, scale_max=NAN)
    assert reason(Question(), tiny, row) == ("scale", "range not reported: VAS")


def test_outcome_in_points_of_its_own_needs_no_range():
    tiny = Tiny().study("a")
    tiny.contrast("a", outcome="quality_of_life", instrument="EQ-5D", scale_min=NAN, scale_max=NAN)
    assert "a" in select(Question(outcome="eq5d"), tiny.evidence()).candidates


def test_difference_without_a_direction_stays_out():
    tiny = Tiny().study("a")
    row = tiny.contrast("a", positive_favours="unclear", sign_basis="not stated")
    assert reason(Question(), tiny, row)[0] == "sign"


def test_inferred_switch_leaves_out_inferred_signs():
    tiny = Tiny().study("a")
    row = tiny.contrast("a", sign_basis="inferred from a later report")
    assert "a" in select(Question(), tiny.evidence()).candidates
    assert reason(Question(inferred=False), tiny, row) == (
        "inferred", "sign inferred from a later report"
    )  # fmt: skip


def test_inferred_switch_leaves_out_inferred_ranges():
    tiny = Tiny().study("a")
    for arm in ("VP", "SHAM"):
        row = tiny.level("a", arm, 4.0, scale_basis="inferred from the values")
    assert "a" in select(Question(), tiny.evidence()).candidates
    assert reason(Question(inferred=False), tiny, row)[1] == "range inferred from the values"


def test_inferred_switch_leaves_out_inferred_units():
    tiny = Tiny().study("a")
    for arm in ("VP", "SHAM"):
        row = tiny.count("a", arm, instrument="new fracture (cases)", events=3.0, total=50.0)
    assert "a" in select(FRACTURES, tiny.evidence()).candidates
    assert reason(FRACTURES.replace(inferred=False), tiny, row)[0] == "inferred"


# --- rows that find no partner -------------------------------------------------------------------
def test_arm_without_its_counterpart_is_incomplete():
    tiny = Tiny().study("a")
    row = tiny.level("a", "VP", 4.0)
    tiny.level("a", "SHAM", 5.0, instrument="another VAS")
    assert reason(Question(), tiny, row) == (
        "incomplete", "no row of the other arm on the same instrument and day"
    )  # fmt: skip


def test_difference_with_neither_interval_nor_p_is_incomplete():
    tiny = Tiny().study("a")
    row = tiny.contrast("a", ci_low=NAN, ci_high=NAN)
    assert reason(Question(), tiny, row)[0] == "incomplete"


def test_levels_of_one_group_need_a_baseline():
    tiny = Tiny().study("a", arms="VP", design="single_arm")
    row = tiny.level("a", "VP", 4.0)
    assert reason(ONE_GROUP, tiny, row) == (
        "incomplete", "no value before treatment on the same instrument"
    )  # fmt: skip
    before = tiny.level("a", "VP", 8.0, weeks=0.0)
    assert [r["row_id"] for r in best(ONE_GROUP, tiny).rows] == [row, before]


def test_values_without_a_week_at_different_times_are_not_set_against_each_other():
    tiny = Tiny().study("a")
    row = tiny.level("a", "VP", 4.0, weeks=NAN, occasion="after")
    tiny.level("a", "SHAM", 5.0, weeks=NAN, occasion="last")
    assert reason(Question(time="any"), tiny, row)[0] == "incomplete"


def test_second_print_of_the_same_result_is_told_from_a_missing_partner():
    tiny = Tiny().study("a")
    for arm in ("VP", "SHAM"):
        tiny.level("a", arm, 4.0)
    again = tiny.level("a", "VP", 4.1)
    assert reason(Question(), tiny, again) == (
        "other row", "reported again for the same arm and time"
    )  # fmt: skip


# --- ranking -------------------------------------------------------------------------------------
@pytest.mark.parametrize(("far", "nearest"), [(8.0, 5.0), (2.5, 4.5), (5.5, 3.0)])
def test_nearest_to_the_target_of_four_weeks_wins(far, nearest):
    tiny = Tiny().study("a")
    tiny.contrast("a", weeks=far)
    near = tiny.contrast("a", weeks=nearest)
    assert best(Question(), tiny).contrast["row_id"] == near


def test_longest_follow_up_is_the_latest_week():
    tiny = Tiny().study("a")
    late = tiny.contrast("a", weeks=52.0)
    tiny.contrast("a", weeks=4.0)
    tiny.contrast("a", weeks=NAN, timepoint="postoperative")
    assert best(Question(time="any"), tiny).contrast["row_id"] == late


def test_final_value_without_a_week_is_later_than_any_week():
    tiny = Tiny().study("a")
    tiny.contrast("a", weeks=4.0)
    final = tiny.contrast("a", weeks=NAN, occasion="last")
    assert best(Question(time="any"), tiny).contrast["row_id"] == final


def test_final_kyphosis_of_okayama_comes_before_its_postoperative_one():
    question = Question(outcome="kyphosis", intervention="BKP", comparator="NONE", time="any")
    candidate = select(question, shipped()).candidates["okayama-bkp-70"][0]
    assert [row["mean"] for row in candidate.rows] == [18.8, 14.5]


def test_time_comes_before_everything_else():
    tiny = Tiny().study("a")
    tiny.contrast("a", weeks=6.0, adjusted="yes")
    near = tiny.contrast("a", weeks=4.0, ci_low=NAN, ci_high=NAN, p_value="<0.05")
    assert best(Question(), tiny).contrast["row_id"] == near


def test_adjusted_difference_then_difference_then_change_then_level():
    tiny = Tiny().study("a")
    for arm in ("VP", "SHAM"):
        tiny.level("a", arm, 4.0)
        tiny.level("a", arm, -3.0, kind="change", change_printed_as="difference")
    tiny.contrast("a")
    tiny.contrast("a", adjusted="age and sex")
    forms = [candidate.form for candidate in select(Question(), tiny.evidence()).candidates["a"]]
    assert forms == ["adjusted difference", "difference", "change", "level"]


def test_printed_ratio_comes_before_counts():
    tiny = Tiny().study("a")
    for arm in ("VP", "SHAM"):
        tiny.count("a", arm, events=3.0, total=50.0)
    tiny.contrast(
        "a", outcome="new_fracture", instrument="patients with new fracture", measure="OR",
        estimate=1.0, ci_low=0.5, ci_high=2.0,
    )  # fmt: skip
    forms = [candidate.form for candidate in select(FRACTURES, tiny.evidence()).candidates["a"]]
    assert forms == ["difference", "counts"]


def test_printed_spread_comes_before_a_p_value_and_that_before_a_bound_and_a_borrowed_one():
    tiny = Tiny().study("a")
    bare = {"ci_low": NAN, "ci_high": NAN}
    for arm in ("VP", "SHAM"):
        tiny.level("a", arm, 4.0, sd=NAN)
    tiny.contrast("a", **bare, p_value="<0.05")
    tiny.contrast("a", **bare, p_value="0.04")
    for arm in ("VP", "SHAM"):
        tiny.level("a", arm, 4.0, instrument="VAS with SD")
    candidates = select(Question(), tiny.evidence()).candidates["a"]
    assert [(o.form, o.rank[2]) for o in candidates] == [
        ("level", 0), ("difference", 1), ("difference", 2), ("level", 3)
    ]  # fmt: skip


def test_interval_of_unknown_level_comes_after_exact_counts():
    question = Question(
        outcome="leakage", intervention="VAI", comparator="BKP", time="1d", unit="vertebrae",
        measure="RD",
    )  # fmt: skip
    candidate = select(question, shipped()).candidates["tutton-2015"][0]
    assert [row["events"] for row in candidate.rows] == [98, 103]  # of 177 and 178 levels


def test_main_report_comes_before_its_companion_and_first_print_before_second():
    tiny = Tiny().study("b", parent_study_id="a").study("a")
    tiny.contrast("b")
    first = tiny.contrast("a")
    tiny.contrast("a")
    assert best(Question(), tiny).contrast["row_id"] == first


def test_trial_answers_once_whatever_its_reports():
    candidates = select(Question(time="12m"), shipped()).candidates
    assert set(candidates) == {"buchbinder-2009", "kallmes-2009", "firanescu-2018", "carli-2023"}
    assert candidates["buchbinder-2009"][0].study_id == "kroon-2014"


def test_first_of_several_rows_of_an_arm_is_taken():
    tiny = Tiny().study("a")
    first = tiny.level("a", "VP", 4.0)
    tiny.level("a", "VP", 4.1)
    other = tiny.level("a", "SHAM", 5.0)
    assert [row["row_id"] for row in best(Question(), tiny).rows] == [first, other]


def test_contrast_printed_the_other_way_round_is_recognised():
    tiny = Tiny().study("a")
    tiny.contrast("a", "SHAM", "VP")
    assert best(Question(), tiny).flipped


def test_two_arms_of_any_augmentation_stand_together():
    tiny = Tiny().study("a", arms="VP BKP NSM", design="open_rct")
    for arm in ("VP", "BKP", "NSM"):
        tiny.level("a", arm, 4.0)
    candidate = best(Question(intervention="AUG", comparator="NSM"), tiny)
    assert [row["arm_id"] for row in candidate.arms_t] == ["VP", "BKP"]
    assert [row["arm_id"] for row in candidate.arms_c] == ["NSM"]


def test_contrast_takes_its_sizes_from_the_trial_where_the_companion_has_none():
    tiny = Tiny().study("a", n=61)
    tiny.study("b", parent_study_id="a", n=NAN)
    tiny.contrast("b")
    row = best(Question(), tiny).contrast
    assert (row["n_t"], row["n_c"]) == (61, 61)


# --- the account of rows -------------------------------------------------------------------------
@pytest.mark.parametrize(
    "question",
    [
        Question(), Question(time="any"), Question(intervention="AUG", comparator="NSM"),
        ONE_GROUP, Question(outcome="leakage", comparator="NONE", time="any", unit="vertebrae"),
        Question(outcome="new-fracture", industry=False, inferred=False, time="12m"),
        Question(intervention="BKP", comparator="VP", designs=COMPARATIVE, fracture_age="13w"),
    ],
    ids=lambda question: question.slug(),
)  # fmt: skip
def test_every_row_considered_is_offered_or_left_out_once(question):
    selection = select(question, shipped())
    offered = {
        row["row_id"]
        for candidates in selection.candidates.values()
        for o in candidates
        for row in o.rows
    }
    left = [row.row_id for row in selection.left_out]
    assert len(left) == len(set(left))
    assert not offered & set(left)
    assert offered | set(left) == set(selection.rows)
    assert selection.considered == len(selection.rows) > 0
    assert {row.reason for row in selection.left_out} <= set(REASONS)


def test_rows_of_other_treatments_are_not_considered():
    rows = select(Question(), shipped()).rows.values()
    treatments = {r["treatment"] for r in rows if not r["is_contrast"]}
    assert treatments == {"VP", "SHAM"}


def test_a_changed_cell_changes_the_selection():
    unknown = changed(shipped(), "contrasts:21", positive_favours="unclear")
    assert "kallmes-2009" not in select(Question(), unknown).candidates
    retracted = changed_study(shipped(), "firanescu-2018", never_pool_reason="retracted")
    assert set(select(Question(), retracted).candidates) == {"kallmes-2009"}
