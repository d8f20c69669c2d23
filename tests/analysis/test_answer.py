"""From a Question to its Answer: which trials, the pool by hand, the account of rows, the cache."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from scipy.stats import norm, t
from statsmodels.stats.meta_analysis import combine_effects

from analysis import Question, answer, load_evidence
from analysis.answer import shipped_evidence
from analysis.evidence.load import DATA
from analysis.evidence.select import REASONS
from analysis.synthesis.told import told
from tests.evidence_builder import Tiny, shipped
from tests.evidence_folder import copy_data, find_row, plant

Z = norm.ppf(0.975)
MONTH, YEAR = Question(), Question(time="12m")


def inverse_variance(effects: list[float], errors: list[float]) -> tuple[float, float]:
    """Common-effect estimate and its standard error."""
    weights = [1 / e**2 for e in errors]
    total = sum(weights)
    return sum(w * y for w, y in zip(weights, effects, strict=True)) / total, 1 / math.sqrt(total)


# --- pain, vertebroplasty against sham -----------------------------------------------------------
def test_two_trials_answer_at_one_month():
    found = answer(MONTH, shipped())
    assert [s.label for s in found.studies] == [
        "INVEST (Kallmes DF 2009)", "VERTOS IV (Firanescu CE 2018)"
    ]  # fmt: skip
    # 0.7 (-0.3 to 1.7) and 0.41 (-0.33 to 1.15), both in favour of vertebroplasty.
    estimate, se = inverse_variance([-0.7, -0.41], [2 / (2 * Z), 1.48 / (2 * Z)])
    # What is told is the rule for few studies; two trials are drawn one by one.
    assert found.told == told([-0.7, -0.41], [(2 / (2 * Z)) ** 2, (1.48 / (2 * Z)) ** 2])
    assert (found.told.model, found.apart) == ("prior", True)
    assert found.pooled.ci_low < estimate - Z * se  # wider than as one common effect
    assert found.pooled.pi_low is None
    # Beside it, Q = 0.21 is below its 1 degree of freedom: REML gives tau2 = 0 and the common effect.
    other = found.told.other
    assert other.tau2 == pytest.approx(0, abs=1e-8)
    assert other.estimate == pytest.approx(estimate, abs=1e-8)
    # HKSJ would be narrower than Wald here, so Wald's error stands, with t on 1 degree of freedom.
    assert other.ci_high - estimate == pytest.approx(t.ppf(0.975, 1) * se, abs=1e-6)


def test_four_trials_answer_at_one_year():
    found = answer(YEAR, shipped())
    assert [(s.trial, s.study_id) for s in found.studies] == [
        ("buchbinder-2009", "kroon-2014"), ("kallmes-2009", "comstock-2013"),
        ("firanescu-2018", "firanescu-2018"), ("carli-2023", "carli-2023"),
    ]  # fmt: skip
    printed = [(0.3, -0.9, 1.5), (1.02, 0.04, 2.01), (0.45, -0.37, 1.24), (1.3, 0.1, 2.6)]
    factors = [1, 10 / 9, 1, 1]  # comstock-2013 prints 1-10
    effects = [-e * f for (e, _, _), f in zip(printed, factors, strict=True)]
    errors = [
        (high - low) / (2 * Z) * f for (_, low, high), f in zip(printed, factors, strict=True)
    ]
    np.testing.assert_allclose([s.yi for s in found.studies], effects, rtol=1e-9)
    np.testing.assert_allclose([s.se for s in found.studies], errors, rtol=1e-9)
    assert found.pooled == told(effects, [e * e for e in errors]).result
    estimate, se = inverse_variance(effects, errors)
    # Beside it, REML with HKSJ: Q = 2.0 is below its 3 degrees of freedom, so tau2 = 0.
    other = found.told.other
    assert other.tau2 == pytest.approx(0, abs=1e-8)
    assert other.estimate == pytest.approx(estimate, abs=1e-8)
    assert other.ci_low == pytest.approx(estimate - t.ppf(0.975, 3) * se, abs=1e-6)


@pytest.mark.parametrize(("tau2", "theirs"), [("DL", "dl"), ("PM", "pm")])
@pytest.mark.parametrize("ci", ["wald", "hksj"])
def test_pool_agrees_with_statsmodels(tau2, theirs, ci):
    question = Question(
        intervention="BKP", comparator="NONE", time="12m", tau2=tau2, ci=ci
    )  # 8 groups, far apart: tau2 well above 0
    found = answer(question, shipped())
    assert len(found.studies) >= 8
    yi = np.array([s.yi for s in found.studies])
    vi = np.array([s.vi for s in found.studies])
    reference = combine_effects(yi, vi, method_re=theirs, atol=1e-10)
    error, quantile = reference.sd_eff_w_re, Z
    if ci == "hksj":
        error, quantile = reference.sd_eff_w_re_hksj, t.ppf(0.975, len(yi) - 1)
    # statsmodels stops PM at its own tolerance; 1e-6 of a point on 0-10 is far below any print.
    assert found.pooled.tau2 == pytest.approx(reference.tau2, abs=1e-6)
    assert found.pooled.estimate == pytest.approx(reference.mean_effect_re, abs=1e-6)
    half = quantile * error
    assert found.pooled.ci_low == pytest.approx(found.pooled.estimate - half, abs=1e-6)
    assert found.pooled.ci_high == pytest.approx(found.pooled.estimate + half, abs=1e-6)


def test_level_and_model_of_the_question_reach_the_pool():
    wide, narrow = answer(YEAR.replace(level=0.99)), answer(YEAR.replace(level=0.8))
    assert wide.pooled.ci_low < narrow.pooled.ci_low
    common = answer(YEAR.replace(tau2="EE", ci="wald"))
    assert (common.told.model, common.told.chosen) == ("common", True)
    assert common.pooled.tau2_method == "EE"
    assert [change.kind for change in common.changes] == ["model", "model"]


def test_trial_left_out_by_the_reader_changes_the_pool():
    found = answer(YEAR.replace(without=("carli-2023",)))
    assert [s.trial for s in found.studies] == ["buchbinder-2009", "kallmes-2009", "firanescu-2018"]
    assert found.left_out_by_reason()["without"] == 3  # a difference and the means of both arms


def test_industry_switch_leaves_out_vertos_iv():
    assert [s.trial for s in answer(MONTH.replace(industry=False)).studies] == ["kallmes-2009"]


def test_inferred_switch_leaves_out_both_signs_at_one_month():
    found = answer(MONTH.replace(inferred=False))
    assert found.pooled is None
    inferred = {row.row_id: row.detail for row in found.left_out if row.reason == "inferred"}
    assert inferred["contrasts:21"].startswith("sign inferred")  # kallmes-2009
    assert inferred["contrasts:13"].startswith("sign inferred")  # firanescu-2018


def test_longest_follow_up_takes_kroon_at_two_years():
    study = next(s for s in answer(Question(time="any")).studies if s.trial == "buchbinder-2009")
    assert (study.weeks, study.yi) == (104, pytest.approx(-1.1))


# --- the account of rows -------------------------------------------------------------------------
@pytest.mark.parametrize(
    "question",
    [
        MONTH, YEAR, Question(comparator="NSM", time="any"),
        Question(intervention="AUG", comparator="NSM", designs=("open_rct", "comparative_cohort")),
        Question(outcome="leakage", intervention="BKP", comparator="NONE", time="any"),
        Question(outcome="adjacent-fracture", intervention="BKP", comparator="NONE", time="any"),
        Question(comparator="NONE", time="any", borrow=False),
    ],
    ids=lambda question: question.slug(),
)  # fmt: skip
def test_rows_considered_are_rows_used_plus_rows_left_out(question):
    found = answer(question, shipped())
    used = {row_id for s in found.studies for row_id in s.row_ids}
    left = Counter(row.row_id for row in found.left_out)
    assert found.rows_used == len(used) > 0
    assert found.considered == len(used) + len(left)
    assert set(left.values()) == {1}
    assert not used & set(left)
    assert sum(found.left_out_by_reason().values()) == len(left)
    assert set(found.left_out_by_reason()) <= set(REASONS)


def test_left_out_rows_stand_in_the_order_of_the_files_contrasts_first():
    rows = [row.row_id.split(":") for row in answer(MONTH, shipped()).left_out]
    order = [("contrasts", "arm_results").index(table) * 10_000 + int(row) for table, row in rows]
    assert order == sorted(order)


def test_accounts_of_pain_against_sham():
    month, year = answer(MONTH, shipped()), answer(YEAR, shipped())
    assert month.considered == year.considered > 96  # the first edition had 96
    assert (month.rows_used, year.rows_used) == (2, 4)
    assert month.left_out_by_reason()["no figure"] == 1  # clark-2016 reports no pain score
    assert year.left_out_by_reason()["row"] == 1  # comstock-2013, as treated


# --- the shape of an answer ----------------------------------------------------------------------
def test_studies_stand_by_year_and_weights_add_up():
    frame = answer(YEAR, shipped()).frame()
    assert list(frame["year"]) == sorted(frame["year"])
    assert frame["weight"].sum() == pytest.approx(100)
    row = frame.set_index("report").loc["comstock-2013"]
    assert row["flags"] == "rescaled, companion"
    assert row["rows"] == "contrasts:3"


def test_frame_prints_ratios_as_ratios():
    frame = answer(Question(outcome="new-fracture", time="12m"), shipped()).frame()
    printed = frame.loc[0, ["effect", "ci_low", "ci_high"]].to_list()
    assert printed == pytest.approx([0.71, 0.33, 1.50])  # as printed, not rebuilt on the log scale


def test_single_study_is_shown_as_it_is():
    found = answer(Question(intervention="BKP", comparator="NSM"), shipped())
    assert found.pooled.k == 1
    assert found.pooled.estimate == found.studies[0].yi
    assert (found.pooled.ci_low, found.pooled.ci_high) == pytest.approx(found.studies[0].interval())
    assert found.pooled.tau2 is None


def test_nothing_to_pool_is_an_answer_too():
    found = answer(Question(outcome="infection", intervention="VAI", comparator="NSM"), shipped())
    assert found.pooled is None
    assert found.told is None
    assert (found.studies, found.left_out, found.considered, found.rows_used) == ((), (), 0, 0)
    assert found.frame().empty
    assert found.sentence.startswith("No randomised trial has compared implant")


def test_empty_evidence_answers_every_outcome_with_nothing():
    empty = Tiny().evidence()
    for outcome in ("pain", "leakage", "eq5d"):
        for comparator in ("SHAM", "NONE"):
            found = answer(Question(outcome=outcome, comparator=comparator), empty)
            assert (found.pooled, found.considered) == (None, 0)


# --- the version and the cache -------------------------------------------------------------------
def test_default_evidence_is_the_shipped_folder():
    assert shipped_evidence().folder == DATA
    assert answer(MONTH).data_version == load_evidence(DATA).version


def test_same_question_and_evidence_are_answered_once():
    assert answer(Question(time="12m"), shipped()) is answer(YEAR, shipped())
    assert answer(YEAR, load_evidence()) is not answer(YEAR, shipped())


def test_changed_cell_changes_the_version_and_the_answer(tmp_path):
    folder = copy_data(tmp_path / "data")

    def wanted(record):
        return (record["study_id"], record["estimate"]) == ("kallmes-2009", "0.7") and (
            record["outcome"] == "pain"
        )

    row = find_row(folder, "contrasts.csv", wanted)
    plant(folder, "contrasts.csv", row, "estimate", "0.8")
    found = answer(MONTH, load_evidence(folder))
    assert found.studies[0].yi == pytest.approx(-0.8)
    assert found.data_version != answer(MONTH).data_version
