"""Harms: rates that never mix units or images, zeros with an upper limit, comparisons apart by design."""

from __future__ import annotations

import math

import pytest
from scipy.stats import binom

from analysis.answer import answer
from analysis.effects.exact import exact_interval
from analysis.evidence import rules
from analysis.figures.rates import rates_caption, rates_figure
from analysis.findings import in_short, matrix
from analysis.survey.harms import (
    ANY,
    comparisons,
    counted,
    entering,
    harms,
    printed_comparisons,
    printed_counts,
    rates,
)
from analysis.survey.rate_words import percent, rate_text
from analysis.vocabulary import RANDOMISED
from tests.evidence_builder import Tiny, shipped, shipped_row

BY_KEY = {harm.told.key: harm for harm in harms()}
LEAK = {"outcome": "cement_leakage"}


# --- the exact interval --------------------------------------------------------------------------
@pytest.mark.parametrize(("events", "total"), [(1, 10), (7, 102), (157, 214), (18, 5749)])
def test_limits_leave_half_of_the_error_in_each_tail(events, total):
    low, high = exact_interval(events, total)
    # the defining property of Clopper and Pearson's limits; tolerance: of the quantile's root finding
    assert math.isclose(binom.sf(events - 1, total, low), 0.025, rel_tol=1e-7)
    assert math.isclose(binom.cdf(events, total, high), 0.025, rel_tol=1e-7)


@pytest.mark.parametrize("total", [1, 45, 370])
def test_zero_events_have_an_upper_limit_and_all_events_a_lower_one(total):
    assert exact_interval(0, total)[0] == 0
    assert math.isclose(exact_interval(0, total)[1], 1 - 0.025 ** (1 / total))
    assert exact_interval(total, total)[1] == 1


@pytest.mark.parametrize(
    ("events", "total", "level", "name"),
    [(1, 0, 0.95, "total"), (5, 4, 0.95, "events"), (-1, 4, 0.95, "events"), (1, 4, 1.0, "level")],
)
def test_impossible_counts_are_refused(events, total, level, name):
    with pytest.raises(ValueError, match=name):
        exact_interval(events, total, level)


# --- rates ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("key", ["leakage", "embolism"])
def test_no_rate_mixes_units_or_images(key):
    for rate in rates(BY_KEY[key], shipped()):
        rows = [shipped_row(i) for study in rate.answer.studies for i in study.row_ids]
        assert {rules.counted_unit(row)[0] for row in rows} == {rate.unit}
        if rate.reading.key == "symptomatic":
            assert {rules.symptoms(row) for row in rows} <= {"symptomatic", "none_symptomatic"}
        else:
            assert {rules.imaging(row) for row in rows} == {rate.reading.key}
            assert "symptomatic" not in {rules.symptoms(row) for row in rows}


def test_mortality_keeps_trials_cohorts_and_series_apart():
    for rate in rates(BY_KEY["mortality"], shipped()):
        designs = {study.design for study in rate.answer.studies}
        if rate.reading.key == "randomised":
            assert designs <= set(RANDOMISED)
        else:
            assert not designs & set(RANDOMISED)


def test_one_study_is_shown_with_its_exact_interval():
    tiny = Tiny().study("a", arms="VP")
    tiny.count(
        "a", "VP", outcome="infection", instrument="patients with infection", events=2.0, total=80.0
    )
    (rate,) = rates(BY_KEY["infection"], tiny.evidence())
    assert (rate.how, rate.events, rate.total) == ("one", 2, 80)
    assert (rate.value, rate.low, rate.high) == pytest.approx((2 / 80, *exact_interval(2, 80)))


def test_studies_without_an_event_give_zero_with_the_upper_limit_of_all_of_them():
    tiny = Tiny().study("a", arms="VP").study("b", arms="VP")
    for study, total in (("a", 40.0), ("b", 60.0)):
        tiny.count(
            study,
            "VP",
            outcome="infection",
            instrument="patients with infection",
            events=0.0,
            total=total,
        )
    (rate,) = rates(BY_KEY["infection"], tiny.evidence())
    assert (rate.how, rate.k, rate.without_event) == ("none", 2, 2)
    # 0 on the logit scale is -40: 4e-18.
    assert (rate.value, rate.low) == pytest.approx((0.0, 0.0), abs=1e-17)
    assert rate.high == pytest.approx(exact_interval(0, 100)[1])
    assert rate_text(rate) == f"0% (at most {percent(rate.high)}%)"


def test_from_three_studies_on_the_rate_is_the_answer_of_its_question():
    for rate in rates(BY_KEY["new-fractures"], shipped()):
        assert rate.reading is ANY
        found = answer(rate.answer.question, shipped())
        assert found.pooled is not None
        assert rate.how == "pooled"
        expected = 1 / (1 + math.exp(-found.pooled.estimate))
        assert math.isclose(rate.value, expected)  # the logit's inverse, by hand


def test_leaks_printed_as_all_without_symptoms_count_as_no_symptomatic_leak():
    tiny = Tiny().study("a", arms="VP")
    tiny.count("a", "VP", **LEAK, instrument="vertebrae", imaging="ct",
               symptoms="none_symptomatic", events=9.0, total=30.0)  # fmt: skip
    found = {r.reading.key: r for r in rates(BY_KEY["leakage"], tiny.evidence())}
    assert set(found) == {"ct", "symptomatic"}
    assert counted(found["ct"].answer.studies[0]) == (9, 30)
    assert (found["symptomatic"].events, found["symptomatic"].total) == (0, 30)


def test_leaks_counted_as_asymptomatic_say_nothing_about_symptomatic_ones():
    tiny = Tiny().study("a", arms="VP")
    tiny.count(
        "a", "VP", **LEAK, instrument="vertebrae", symptoms="asymptomatic", events=9.0, total=30.0
    )
    assert [r.reading.key for r in rates(BY_KEY["leakage"], tiny.evidence())] == ["not_stated"]


def test_every_rate_lies_in_its_interval_and_prints_its_denominator():
    for harm in harms():
        found = rates(harm, shipped())
        for rate in found:
            assert 0 <= rate.low <= rate.value <= rate.high <= 1
        caption = rates_caption(found)
        assert all(f" of {rate.total:,.0f}" in caption for rate in found)


def test_a_small_rate_is_never_printed_as_never():
    assert percent(1e-6) not in ("0", "0.0", "0.00")
    assert percent(1 - 1e-6) not in ("100", "100.0", "100.00")


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("harm", harms(), ids=lambda harm: harm.told.key)
def test_every_harm_with_a_rate_can_be_drawn(harm, narrow):
    found = rates(harm, shipped())
    figure = rates_figure(found, narrow=narrow)
    marks = [t for t in figure.data if t.mode == "markers" and t.hovertemplate and len(t.x) == 1]
    assert {100 * rate.value for rate in found} <= {x for trace in marks for x in trace.x}


def test_no_rate_no_figure():
    with pytest.raises(ValueError, match="no rate"):
        rates_figure(())


# --- comparisons and the record ------------------------------------------------------------------
def test_comparisons_keep_randomised_trials_and_cohorts_apart():
    for harm in harms():
        for comparison in comparisons(harm, shipped()):
            designs = {s.design for a in comparison.answers for s in a.studies}
            allowed = RANDOMISED if comparison.designs == "randomised" else ("comparative_cohort",)
            assert designs <= set(allowed)


def test_every_pair_is_named_even_when_nobody_compared_it():
    pairs = {
        (c.question.intervention, c.question.comparator)
        for c in comparisons(BY_KEY["new-fractures"], shipped())
    }
    assert pairs == set(BY_KEY["new-fractures"].told.pairs)


def test_every_printed_row_is_listed_whether_it_enters_or_not():
    for harm in harms():
        frame = shipped().arm_results
        listed = [p.row["row_id"] for p in printed_counts(harm, shipped())]
        assert sorted(listed) == sorted(frame.loc[frame["outcome"] == harm.source, "row_id"])


def test_rows_behind_the_figures_are_marked_and_rows_of_mixed_procedures_are_not():
    harm = BY_KEY["infection"]
    used = entering(rates(harm, shipped()), comparisons(harm, shipped()))
    mixed = [
        p.row["row_id"] for p in printed_counts(harm, shipped()) if p.row["treatment"] == "OTHER"
    ]
    assert mixed
    assert not used & set(mixed)
    assert "arm_results:689" in used  # 18 of 5749 patients


def test_ratios_of_claims_data_are_listed_as_printed():
    rows = printed_comparisons(BY_KEY["mortality"], shipped())
    assert {row["measure"] for row in rows} == {"HR"}
    assert {row["study"]["design"] for row in rows} == {"comparative_cohort"}


def test_the_first_harms_in_short_are_rates_of_the_table_per_patient():
    found = matrix(shipped())
    lines = in_short(found)
    assert 1 <= len(lines) <= 3
    for line in lines:
        harm = next(row.harm for row in found.rows if line.startswith(row.harm.told.title))
        cells = [r for row in found.rows if row.harm == harm for r in row.cells if r is not None]
        shown = [f"{percent(r.value)} ({percent(r.low)} to {percent(r.high)})" for r in cells if r.unit == "patients"]
        assert any(text in line for text in shown)
        assert line.endswith("of 100 patients.")
