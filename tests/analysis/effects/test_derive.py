"""Effects against hand calculation from the printed rows.

The arithmetic stands beside each expectation. Tolerance 1e-9 unless said otherwise: the same
formulas in another order, so only rounding of doubles may differ.
"""

from __future__ import annotations

import math
from math import exp, log, sqrt

import pytest
from scipy.stats import norm, t

from analysis.answer import answer
from analysis.effects.from_arms import _implied_base
from analysis.effects.study_effect import FLAGS, NotDerivable, StudyEffect, number, plain
from analysis.effects.table import effects_of
from analysis.question import Question
from tests.evidence_builder import Tiny, changed, shipped

NAN = math.nan
COMPARATIVE = ("sham_rct", "open_rct", "comparative_cohort")
Z = norm.ppf(0.975)
FRACTURES = Question(outcome="new-fracture")


def close(value: float):
    return pytest.approx(value, rel=1e-9, abs=1e-12)


def effect(trial: str, evidence=None, **fields: object) -> StudyEffect:
    """The effect of one trial; fields of the Question as keywords."""
    studies = effects_of(Question(**fields), evidence or shipped()).studies
    return next(s for s in studies if s.trial == trial)


def tiny_effect(tiny: Tiny, question: Question = FRACTURES, trial: str = "a") -> StudyEffect:
    studies = effects_of(question, tiny.evidence()).studies
    return next(s for s in studies if s.trial == trial)


def why_not(tiny: Tiny, question: Question) -> set[str]:
    effects = effects_of(question, tiny.evidence())
    assert effects.studies == ()
    return {row.detail for row in effects.left_out if row.reason == "incomplete"}


# --- printed differences -------------------------------------------------------------------------
def test_kallmes_at_one_month():
    # 0.7 (-0.3 to 1.7), positive favours vertebroplasty: less pain, so minus.
    study = effect("kallmes-2009")
    assert study.yi == close(-0.7)
    assert study.se == close(2.0 / (2 * Z))
    assert study.flags == ("sign_inferred",)
    assert (study.n_t, study.n_c) == (68, 63)


def test_boonen_prints_the_sign_the_other_way():
    # -0.8 (-1.39 to -0.2), positive favours the comparator: already arm minus arm.
    study = effect("wardlaw-2009", intervention="BKP", comparator="NSM", time="24m")
    assert study.yi == close(-0.8)
    assert study.se == close((1.39 - 0.2) / (2 * Z))
    assert study.study_id == "boonen-2011"


def test_comstock_is_rescaled_from_1_10_and_named_after_its_trial():
    # 1.02 (0.04 to 2.01) on 1-10: ten points over nine.
    study = effect("kallmes-2009", time="12m")
    assert study.yi == close(-1.02 * 10 / 9)
    assert study.se == close((2.01 - 0.04) / (2 * Z) * 10 / 9)
    assert study.flags == ("rescaled", "companion")
    assert study.study_id == "comstock-2013"
    assert study.label == "INVEST (Kallmes DF 2009)"


def test_kroon_stands_for_its_trial_at_a_year():
    # 0.3 (-0.9 to 1.5), adjusted, in favour of vertebroplasty.
    study = effect("buchbinder-2009", time="12m")
    assert (study.yi, study.se) == (close(-0.3), close(2.4 / (2 * Z)))
    assert study.form == "adjusted difference"
    assert study.label == "Buchbinder R 2009"


def test_carli_disability_comes_from_0_100_to_0_24():
    study = effect("carli-2023", outcome="rmdq", time="12m")
    assert study.yi == close(-7.1 * 24 / 100)
    assert study.se == close((17.5 + 3.3) / (2 * Z) * 24 / 100)


def test_comstock_disability_has_the_range_of_its_instrument():
    study = effect("kallmes-2009", outcome="rmdq", time="12m")
    assert study.yi == close(-1.37 * 24 / 23)
    assert "scale_defined" in study.flags


def test_higher_is_better_keeps_the_printed_sign():
    # SF-36 PCS 5.2 (2.9 to 7.4) in favour of kyphoplasty.
    study = effect("wardlaw-2009", outcome="pcs", intervention="BKP", comparator="NSM")
    assert (study.yi, study.se) == (close(5.2), close((7.4 - 2.9) / (2 * Z)))


def test_berenson_from_a_bound_on_p():
    # -3.3, P < 0.0001, no interval: SE at most 3.3 / z(0.0001).
    study = effect("berenson-2011", intervention="BKP", comparator="NSM")
    assert study.yi == close(-3.3)
    assert study.se == close(3.3 / norm.isf(0.0001 / 2))
    assert study.flags == ("p_bound",)


def test_exact_p_is_told_from_a_bound():
    # 4 percentage points, P 0.5 (wardlaw-2009, new fractures at one year).
    study = effect(
        "wardlaw-2009", outcome="new-fracture", intervention="BKP", comparator="NSM", time="12m",
        measure="RD",
    )  # fmt: skip
    assert (study.yi, study.se) == (close(0.04), close(0.04 / norm.isf(0.25)))
    assert study.flags == ("from_p",)


def test_interval_that_is_not_symmetric_is_flagged():
    # -3.1 (-3.72 to -2.28): the middle is -3.00.
    study = effect("farrokhi-2011", comparator="NSM", time="1w")
    assert (study.yi, study.se) == (close(-3.1), close(1.44 / (2 * Z)))
    assert "asymmetric" in study.flags


def test_interval_of_unknown_level_is_taken_as_95_percent_and_says_so():
    tiny = Tiny().study("a")
    tiny.contrast("a", ci_level=NAN)
    study = tiny_effect(tiny, Question())
    assert study.se == close(2 / (2 * Z))
    assert study.flags == ("level_assumed",)


def test_printed_level_is_used():
    tiny = Tiny().study("a")
    tiny.contrast("a", ci_level=97.5)
    study = tiny_effect(tiny, Question())
    assert study.se == close(2 / (2 * norm.ppf(0.9875)))
    assert "97.5% CI" in study.steps[0].text


def test_estimate_outside_its_interval_cannot_be_used():
    tiny = Tiny().study("a")
    tiny.contrast("a", estimate=3.0)
    (detail,) = why_not(tiny, Question())
    assert detail.startswith("reported interval cannot be used")


def test_zero_difference_holds_no_spread_in_its_p():
    tiny = Tiny().study("a")
    tiny.contrast("a", estimate=0.0, ci_low=NAN, ci_high=NAN, p_value="0.9")
    assert why_not(tiny, Question()) == {"neither an interval nor a usable P value reported"}


def test_interval_without_width_leaves_no_variance():
    tiny = Tiny().study("a")
    tiny.contrast("a", ci_low=1.0, ci_high=1.0)
    assert why_not(tiny, Question()) == {"the reported figures leave no finite variance"}


# --- ratios --------------------------------------------------------------------------------------
def test_firanescu_odds_ratio_on_the_log_scale():
    study = effect("firanescu-2018", outcome="new-fracture", time="12m")
    assert study.yi == close(log(0.71))
    assert study.se == close(log(1.50 / 0.33) / (2 * Z))


def test_flipped_arms_turn_the_ratio_round():
    # NSM against VP 1.39 (1.09 to 1.78): VP against NSM is its inverse.
    study = effect(
        "early-vp-taiwan-2017", outcome="mortality", comparator="NSM", time="12m", measure="HR",
        designs=COMPARATIVE,
    )  # fmt: skip
    assert exp(study.yi) == close(1 / 1.39)
    assert study.se == close(log(1.78 / 1.09) / (2 * Z))
    assert (study.n_t, study.n_c) == (1773, 5324)


def test_flipped_question_mirrors_a_difference():
    forward, back = (
        effect("kallmes-2009"),
        effect("kallmes-2009", intervention="SHAM", comparator="VP"),
    )
    assert back.yi == -forward.yi
    assert back.vi == forward.vi
    assert (back.n_t, back.n_c) == (forward.n_c, forward.n_t)


def test_flipped_height_loss_of_firanescu_is_a_count_and_no_measurement():
    question = Question(outcome="height-loss", time="12m")
    reasons = {
        row.row_id: row.reason for row in effects_of(question, shipped()).left_out
    }  # fmt: skip
    assert reasons["contrasts:23"] == "subset"


# --- two arms ------------------------------------------------------------------------------------
def test_klazen_borrows_the_spread_of_other_trials():
    """Changes -5.2 and -2.7 in 101 and 101; SD from arms of comparative studies with a printed one.

    Printed SDs of a change in pain at follow-up, by n - 1, on 0-10: kroon 2.7 2.8 3.1 3.0 (38, 40),
    buchbinder 2.9 3.3 (38, 40), tutton 2.89 2.59 2.63 (140 135 127) and 2.69 2.74 2.35 (135 126
    126), hoshino 3.44 (106) and 2.98 (116).
    """
    arms = [
        (2.7, 38), (2.8, 40), (3.1, 38), (3.0, 40), (2.9, 38), (3.3, 40), (2.89, 140), (2.59, 135),
        (2.63, 127), (2.69, 135), (2.74, 126), (2.35, 126), (3.44, 106), (2.98, 116),
    ]  # fmt: skip
    sd = sqrt(sum((n - 1) * s**2 for s, n in arms) / sum(n - 1 for _, n in arms))
    study = effect("klazen-2010", comparator="NSM")
    assert study.yi == close(-5.2 + 2.7)
    assert study.se == close(sd * sqrt(2 / 101))
    assert study.flags == ("n_randomised", "borrowed_sd")


def test_borrowing_can_be_switched_off():
    effects = effects_of(Question(comparator="NSM", borrow=False), shipped())
    assert [s.trial for s in effects.studies] == []
    details = {row.row_id: row.detail for row in effects.left_out}
    assert details["arm_results:192"] == (
        "no standard deviation reported, and borrowing is switched off"
    )


def test_without_a_lender_a_missing_spread_stays_missing():
    tiny = Tiny().study("a")
    for arm in ("VP", "SHAM"):
        tiny.level("a", arm, 4.0, sd=NAN)
    assert why_not(tiny, Question()) == {
        "no standard deviation reported, and no comparable arm to borrow one from"
    }


def test_levels_lend_to_levels_only_and_series_do_not_lend_to_comparisons():
    tiny = Tiny().study("a").study("b").study("c", design="single_arm")
    for arm in ("VP", "SHAM"):
        tiny.level("a", arm, 4.0, sd=NAN)
        tiny.level("b", arm, 4.0, sd=3.0, weeks=52.0)
        tiny.level(
            "b", arm, -3.0, sd=1.0, kind="change", change_printed_as="difference", weeks=52.0
        )
    tiny.level("c", "VP", 4.0, sd=0.5)
    assert tiny_effect(tiny, Question()).se == close(3.0 * sqrt(2 / 50))


def test_evans_levels_with_printed_spread():
    study = effect("evans-2016", intervention="BKP", comparator="VP")
    assert study.yi == close(3.4 - 3.6)
    assert study.vi == close(2.5**2 / 59 + 2.9**2 / 56)
    assert study.flags == ("n_randomised",)


def test_tutton_changes_come_from_0_100():
    study = effect("tutton-2015", intervention="VAI", comparator="BKP")
    assert study.yi == close((-59.8 + 61.1) / 10)
    assert study.vi == close(2.89**2 / 140 + 2.69**2 / 135)


def test_hoshino_improvement_turns_into_less_pain():
    # Improvement 43.4 (SD 34.4, n 106) after BKP, 52.2 (29.8, n 116) without.
    study = effect(
        "hoshino-2019", intervention="BKP", comparator="NSM", time="6m", designs=COMPARATIVE
    )
    assert study.yi == close(-4.34 + 5.22)
    # These spreads give P = .042; the paper prints P = 0.44, so its standard error is that of the P.
    assert study.se == close(0.88 / norm.isf(0.22))
    assert "p_conflict" in study.flags


def test_interval_of_a_mean_gives_its_spread_through_t():
    # berenson-2011, RDQ: -8.3 (-10.2 to -6.4) in 65; the other arm borrows.
    study = effect("berenson-2011", outcome="rmdq", intervention="BKP", comparator="NSM")
    own = sqrt(65) * (10.2 - 6.4) / (2 * t.ppf(0.975, 64))
    assert study.yi == close(-8.3 - 0.1)
    assert f"so SD = {own:.2f}" in study.steps[0].text
    assert set(study.flags) == {"from_ci", "level_assumed", "borrowed_sd"}


def test_carli_arms_where_its_contrast_is_gone():
    # 3.9 (3.1 to 4.8) against 5.1 (4.3 to 6.0), 40 randomised per arm.
    evidence = changed(shipped(), "contrasts:17", poolable="no")
    study = effect("carli-2023", evidence, time="12m")
    sds = [sqrt(40) * width / (2 * t.ppf(0.975, 39)) for width in (4.8 - 3.1, 6.0 - 4.3)]
    assert study.yi == close(3.9 - 5.1)
    assert study.vi == close(sds[0] ** 2 / 40 + sds[1] ** 2 / 40)
    assert study.flags == ("n_randomised", "from_ci", "level_assumed")


def test_arms_of_one_treatment_are_merged():
    # VP 50: mean 4, SD 2; BKP 50: mean 6, SD 2; merged: mean 5, n 100,
    # SD = sqrt((49 * 4 + 49 * 4 + 50 * 1 + 50 * 1) / 99).
    tiny = Tiny().study("a", arms="VP BKP NSM", design="open_rct")
    tiny.level("a", "VP", 4.0)
    tiny.level("a", "BKP", 6.0)
    tiny.level("a", "NSM", 7.0)
    study = tiny_effect(tiny, Question(intervention="AUG", comparator="NSM"))
    assert study.yi == close(5.0 - 7.0)
    assert study.vi == close((492 / 99) / 100 + 4.0 / 50)
    assert (study.n_t, study.n_c) == (100, 50)
    assert "merged_arms" in study.flags


# --- one group -----------------------------------------------------------------------------------
def test_standard_error_becomes_a_spread_and_the_change_rests_on_r():
    # ajnr-vp167: 8.71 (SE 0.1) to 2.77 (SE 0.18), 167 patients.
    before, after = 0.1 * sqrt(167), 0.18 * sqrt(167)
    for r in (0.5, 0.8):
        study = effect("ajnr-vp167", comparator="NONE", r=r)
        assert study.yi == close(2.77 - 8.71)
        assert study.vi == close((before**2 + after**2 - 2 * r * before * after) / 167)
    assert {"from_se", "pre_post_r"} <= set(study.flags)


def test_printed_change_of_one_group_needs_no_correlation():
    # tutton-2015, BKP at a year: -71.8 (SD 23.5) of 0-100 in 126.
    study = effect("tutton-2015", intervention="BKP", comparator="NONE", time="12m")
    assert (study.yi, study.se) == (close(-7.18), close(2.35 / sqrt(126)))
    assert "pre_post_r" not in study.flags


# --- counts --------------------------------------------------------------------------------------
def test_clark_denominators_are_implied_by_count_and_percentage():
    # 24 are 44%: of 54 or 55; 12 are 21%: of 56, 57 or 58; the largest is taken.
    study = effect("clark-2016", outcome="responder", time="1w")
    assert (study.text_t, study.text_c) == ("24/55", "12/58")
    assert study.yi == close(log((24 / 31) / (12 / 46)))
    assert study.vi == close(1 / 24 + 1 / 31 + 1 / 12 + 1 / 46)
    assert "base_implied" in study.flags


@pytest.mark.parametrize(
    ("events", "percent", "arm", "base"),
    [
        (24, 44, 61, 55), (12, 21, 59, 58), (2, 5, 59, 44), (7, 8, 91, 91), (39, 45, 89, 87),
        (50, 50.0, NAN, 101), (1, 33.3, 3, 3),
    ],
)  # fmt: skip
def test_implied_base_is_the_largest_that_rounds_to_the_percentage(events, percent, arm, base):
    assert _implied_base(events, percent, arm) == base


@pytest.mark.parametrize(("events", "percent"), [(0, 10), (5, 0), (36, 45)])
def test_no_base_is_implied_by_nothing_or_by_a_contradiction(events, percent):
    assert math.isnan(_implied_base(events, percent, 50))  # 36 of at most 50 is 72% or more


@pytest.mark.parametrize(
    ("percent_of", "total"),
    [("printed_total", 80), ("percent_base", 43), ("row_n", 40), ("arm_n", 50), ("implied", 48)],
)
def test_the_code_says_what_a_percentage_is_of(percent_of, total):
    tiny = Tiny().study("a", arms="VP", design="single_arm")
    tiny.count(
        "a", "VP", events=12.0, percent=25.0, n=40.0, total=80.0, percent_base=43.0,
        percent_of=percent_of,
    )  # fmt: skip
    study = tiny_effect(tiny, FRACTURES.replace(comparator="NONE"))
    assert study.inputs == (("xi", 12.0), ("ni", float(total)))


def test_base_named_beside_a_percentage_comes_before_the_arm():
    # massari-2006: 7.6% of 26 levels, 13.9% of 43 levels; 26 * 0.076 = 1.98, 43 * 0.139 = 5.98.
    study = effect(
        "massari-2006", outcome="leakage", intervention="BKP", comparator="VP", time="any",
        unit="vertebrae", designs=COMPARATIVE,
    )  # fmt: skip
    assert (study.text_t, study.text_c) == ("2/26", "6/43")
    assert study.flags == ("base_note", "count_from_percent")


def test_percentage_of_procedures_is_not_taken_of_patients():
    # The arm has 1512 patients (column n); the note says 0.32% of 1854 procedures: 5.93, so 6.
    tiny = Tiny().study("a", arms="VP", n=1512, design="single_arm")
    tiny.count(
        "a", "VP", instrument="new fracture, of procedures", percent=0.32, n=1512.0,
        percent_of="percent_base", percent_base=1854.0,
    )  # fmt: skip
    study = tiny_effect(tiny, FRACTURES.replace(comparator="NONE", unit="procedures"))
    assert study.text_t == "6/1854"


def test_size_of_the_arm_is_the_last_resort_and_flagged():
    # kallmes-2009: 64% of 68 is 43.5, 48% of 63 is 30.2.
    study = effect("kallmes-2009", outcome="responder")
    assert (study.text_t, study.text_c) == ("44/68", "30/63")
    assert study.flags == ("base_arm", "count_from_percent", "p_conflict")


def test_a_computed_interval_never_contradicts_a_printed_p_in_silence():
    # The counts above alone: odds ratio 2.02 (1.0001 to 4.07); the paper prints P = .06 for them.
    study = effect("kallmes-2009", outcome="responder")
    assert study.yi == close(log((44 / 24) / (30 / 33)))
    assert study.se == close(study.yi / norm.isf(0.03))
    assert study.interval()[0] < 0 < study.interval()[1]
    assert any(step.text.startswith("CONFLICT") for step in study.steps)


def test_a_p_that_agrees_changes_nothing():
    tiny = Tiny().study("a")
    for arm, mean in (("VP", 4.0), ("SHAM", 6.0)):
        tiny.level("a", arm, mean, p_value="0.001")
    study = tiny_effect(tiny, Question())
    assert (study.vi, study.flags) == (close(2 * 4 / 50), ("n_randomised",))


def test_printed_limits_stay_printed():
    # carli-2023 prints 1.3 (0.1 to 2.6) in favour of the procedure; 0.05 to 2.55 is what the weights rest on.
    study = effect("carli-2023", time="12m")
    assert study.interval() == (close(-2.6), close(-0.1))
    assert study.computed_interval() == (close(-2.55), close(-0.05))
    assert study.interval(0.9) == study.computed_interval(0.9)


def test_limits_of_a_credible_interval_are_named_as_such():
    study = effect(
        "tutton-2015", outcome="leakage", intervention="VAI", comparator="BKP", time="any",
        unit="vertebrae", measure="RD",
    )  # fmt: skip
    if study.printed is not None:
        assert study.printed.name == "credible interval, level not reported"
        assert {"credible", "level_assumed"} <= set(study.flags)


@pytest.mark.parametrize(
    ("trial", "outcome"),
    [
        ("nvcf-pkp-nomogram-2022", "new-fracture"),  # "pct=21.7 of training set"
        ("kicielinski-2015", "adjacent-fracture"),  # "4.2% does not equal 8/203"
    ],
)
def test_arm_is_no_base_where_the_note_rules_it_out(trial, outcome):
    question = Question(outcome=outcome, intervention="BKP", comparator="NONE", time="any")
    effects = effects_of(question, shipped())
    assert trial not in {s.trial for s in effects.studies}
    details = {row.detail for row in effects.left_out if row.trial == trial}
    assert "the denominator is not the size of the arm, and it is not reported" in details


def test_vertebrae_never_take_the_number_of_patients_as_base():
    tiny = Tiny().study("a", arms="VP", design="single_arm")
    tiny.count("a", "VP", instrument="vertebrae with new fracture", events=3.0, n=50.0)
    question = FRACTURES.replace(comparator="NONE", unit="vertebrae")
    assert why_not(tiny, question) == {"counts vertebrae and reports no denominator"}


def test_more_events_than_patients_cannot_be_used():
    tiny = Tiny().study("a", arms="VP", n=2, design="single_arm")
    tiny.count("a", "VP", events=3.0)
    details = why_not(tiny, FRACTURES.replace(comparator="NONE"))
    assert details == {"3 events exceed the denominator 2"}


def test_zero_cell_adds_a_half_everywhere():
    # korovessis-2014: 0 of 41 against 4 of 43 levels.
    study = effect(
        "korovessis-2014", outcome="leakage", intervention="VAI", comparator="BKP", time="1d",
        unit="vertebrae",
    )  # fmt: skip
    assert study.yi == close(log((0.5 / 41.5) / (4.5 / 39.5)))
    assert study.vi == close(1 / 0.5 + 1 / 41.5 + 1 / 4.5 + 1 / 39.5)
    assert "zero_cell" in study.flags


@pytest.mark.parametrize(
    ("events", "detail"),
    [
        (0.0, "no event in either arm: nothing is known about a ratio"),
        (50.0, "everybody had the event in both arms: nothing is known about a ratio"),
    ],
)
@pytest.mark.parametrize("measure", ["OR", "RR"])
def test_no_contrast_of_events_holds_no_ratio(measure, events, detail):
    tiny = Tiny().study("a")
    for arm in ("VP", "SHAM"):
        tiny.count("a", arm, events=events, total=50.0)
    assert why_not(tiny, FRACTURES.replace(measure=measure)) == {detail}


@pytest.mark.parametrize(
    ("measure", "yi", "vi"),
    [
        # dohm-2014 at a year: 50 of 140 after BKP, 57 of 131 after VP.
        ("OR", log((50 / 90) / (57 / 74)), 1 / 50 + 1 / 90 + 1 / 57 + 1 / 74),
        ("RR", log((50 / 140) / (57 / 131)), 1 / 50 - 1 / 140 + 1 / 57 - 1 / 131),
        ("RD", 50 / 140 - 57 / 131, 50 * 90 / 140**3 + 57 * 74 / 131**3),
    ],
)
def test_counts_of_dohm_in_every_measure(measure, yi, vi):
    study = effect(
        "dohm-2014", outcome="new-fracture", intervention="BKP", comparator="VP", time="12m",
        measure=measure,
    )  # fmt: skip
    assert (study.yi, study.vi) == (close(yi), close(vi))
    assert study.flags == ()


@pytest.mark.parametrize(
    ("measure", "yi", "vi"),
    [
        # leak-oj-2023: 42 of 160 patients.
        ("PLO", log(42 / 118), 1 / 42 + 1 / 118),
        ("PAS", math.asin(sqrt(42 / 160)), 1 / (4 * 160)),
        ("PR", 42 / 160, 42 * 118 / 160**3),
    ],
)
def test_proportion_of_one_group(measure, yi, vi):
    study = effect(
        "leak-oj-2023", outcome="leakage", comparator="NONE", time="any", measure=measure
    )
    assert (study.yi, study.vi, study.n_t) == (close(yi), close(vi), 160)


def test_arms_of_counts_are_added():
    # pkp-tube: 6 of 30 and 1 of 30, both kyphoplasty.
    question = {"outcome": "new-fracture", "intervention": "BKP", "comparator": "NONE"}
    study = effect("pkp-tube-pmc8458136", **question, time="any")
    assert study.text_t == "7/60"
    assert "merged_arms" in study.flags


# --- one trial once, one patient once ------------------------------------------------------------
def sharing(*links: tuple[str, str, str]) -> Tiny:
    """Two series of 3 and 4 of 50 after the procedure, and 5 of 50 controls each."""
    tiny = Tiny().study("a", n=50).study("b", n=50)
    for study, own in (("a", 3.0), ("b", 4.0)):
        tiny.count(study, "VP", events=own, total=50.0)
        tiny.count(study, "SHAM", events=5.0, total=50.0)
    for a, b, what in links:
        tiny.row("links", report_a=a, report_b=b, what=what, reason="the papers say so")
    return tiny


def test_likeness_of_numbers_drops_and_divides_nothing():
    studies = effects_of(FRACTURES, sharing().evidence()).studies
    assert [(s.trial, s.text_c, s.flags) for s in studies] == [("a", "5/50", ()), ("b", "5/50", ())]


def test_declared_controls_are_divided():
    studies = effects_of(FRACTURES, sharing(("a", "b", "controls")).evidence()).studies
    assert [(s.trial, s.text_c) for s in studies] == [("a", "2.5/25"), ("b", "2.5/25")]
    assert all("shared_group" in s.flags for s in studies)


@pytest.mark.parametrize("what", ["same_report", "patients", "figures"])
def test_reports_of_the_same_patients_count_once(what):
    (study,) = effects_of(FRACTURES, sharing(("a", "b", what)).evidence()).studies
    assert (study.trial, study.label) == ("a", "A")


def test_trials_declared_different_both_count():
    assert len(effects_of(FRACTURES, sharing(("a", "b", "different")).evidence()).studies) == 2


def test_trials_with_registrations_of_their_own_both_enter():
    question = Question(outcome="new-fracture", comparator="NONE", time="12m")
    trials = {s.trial for s in effects_of(question, shipped()).studies}
    assert {
        "klazen-2010",
        "firanescu-2018",
    } <= trials  # VERTOS II and VERTOS IV: 15 new fractures in each


def test_next_offer_of_a_trial_is_used_when_the_best_cannot_be_derived():
    tiny = Tiny().study("a")
    broken = tiny.contrast("a", estimate=5.0)
    for arm, mean in (("VP", 4.0), ("SHAM", 6.0)):
        tiny.level("a", arm, mean)
    effects = effects_of(Question(), tiny.evidence())
    assert [(s.form, s.yi) for s in effects.studies] == [("level", -2.0)]
    (left,) = effects.left_out
    assert (left.row_id, left.reason) == (broken, "incomplete")


# --- the trail -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "fields",
    [
        {}, {"time": "12m"}, {"comparator": "NONE", "time": "any"},
        {"outcome": "leakage", "comparator": "NONE", "time": "any"},
        {"intervention": "AUG", "comparator": "NSM", "time": "any", "designs": COMPARATIVE},
    ],
    ids=str,
)  # fmt: skip
def test_every_effect_carries_known_flags_and_a_trail_to_its_rows(fields):
    studies = effects_of(Question(**fields), shipped()).studies
    assert studies
    for study in studies:
        assert set(study.flags) <= set(FLAGS)
        assert {i for step in study.steps for i in step.row_ids} == set(study.row_ids)
        assert study.steps[-1].text.startswith("Effect ")
        assert study.vi > 0


def test_interval_of_a_study_follows_the_level():
    low, high = effect("kallmes-2009").interval(0.95)
    assert (low, high) == (close(-1.7), close(0.3))  # as printed, turned round
    narrow = effect("kallmes-2009").interval(0.5)
    assert low < narrow[0] < narrow[1] < high


def test_patients_count_what_is_known():
    study = effect("kallmes-2009")
    assert study.patients == 131
    tiny = Tiny().study("a", n=NAN)
    tiny.contrast("a")
    assert math.isnan(tiny_effect(tiny, Question()).patients)


def test_not_derivable_is_a_value_error():
    assert issubclass(NotDerivable, ValueError)


@pytest.mark.parametrize(
    ("value", "digits", "text"), [(-1.234, 2, "−1.23"), (-0.001, 2, "0.00"), (2.5, 0, "2")]
)
def test_numbers_print_with_a_true_minus_and_no_minus_zero(value, digits, text):
    assert number(value, digits) == text


def test_plain_numbers_lose_trailing_zeros():
    assert [plain(v) for v in (7.40, 140.0, -0.5)] == ["7.4", "140", "−0.5"]


def test_a_single_trial_is_told_with_the_limits_that_it_printed():
    alone = Question(time="12m", without=("buchbinder-2009", "kallmes-2009", "firanescu-2018"))
    found = answer(alone, shipped())
    assert (found.told.result.ci_low, found.told.result.ci_high) == (close(-2.6), close(-0.1))
