"""Influence, small studies, a next trial, accumulation: every view, for questions of every kind and size."""

from __future__ import annotations

import functools
import itertools
import json
import math
import re
from typing import Any

import numpy as np
import pytest

from analysis import Question, answer
from analysis.evidence import Evidence
from analysis.figures.interval_rows import IntervalRow, interval_axis
from analysis.figures.names import CHARACTER, LINE, spread_names
from analysis.robustness.next_study import with_new_study
from analysis.robustness.small_study import MINIMUM_STUDIES, egger, harbord, peters
from analysis.robustness_views import View, accumulation, influence, next_trial, small_study
from analysis.robustness_views.deletions import countries
from analysis.robustness_views.planning import sampling_variance, spread_of
from analysis.robustness_views.reading import effects_of
from analysis.robustness_views.registry import VIEWS
from analysis.robustness_views.small_study_methods import asymmetry_tests
from analysis.topic.vertebral.claims.claim_figures import RELIEF
from tests.evidence_builder import Tiny, shipped

YEAR = Question(time="12m")
MONTH = Question()
OPEN = Question(comparator="NSM", time="12m")
NOTHING = Question(intervention="BKP", comparator="SHAM")
MANY = Question(
    intervention="AUG", comparator="NSM", time="any", designs=("open_rct", "comparative_cohort")
)
FRACTURE = Question(outcome="new-fracture", intervention="AUG", comparator="NSM", time="any")
UNDATED = Question(outcome="leakage", intervention="BKP", comparator="NONE", time="any")
LEAKAGE = Question(
    outcome="leakage", intervention="BKP", comparator="NONE", time="any", unit="vertebrae"
)
KINDS = (
    YEAR, MONTH, OPEN, NOTHING, MANY, FRACTURE, FRACTURE.replace(measure="RD"), RELIEF, LEAKAGE,
    YEAR.replace(tau2="EE", ci="wald"), YEAR.replace(mid=0.0), RELIEF.replace(measure="PAS"),
    Question(intervention="BKP", comparator="VP", time="any", designs=("comparative_cohort",)),
    Question(outcome="pcs", intervention="AUG", comparator="NSM", time="any"),
)  # fmt: skip
OURS = (influence, small_study, next_trial, accumulation)


def label(value: Any) -> str:
    return value.slug() if isinstance(value, Question) else value.KEY


def numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [n for item in value.values() for n in numbers(item)]
    if isinstance(value, list):
        return [n for item in value for n in numbers(item)]
    return [value] if isinstance(value, float) else []


@functools.cache
def made(module: Any, question: Question, narrow: bool = False) -> View:
    return module.view(question, shipped(), narrow=narrow)


# --- every view ----------------------------------------------------------------------------------
@pytest.mark.parametrize("question", KINDS, ids=label)
@pytest.mark.parametrize("module", OURS, ids=label)
def test_a_view_is_whole(module, question):
    """Sentences without holes, tables that fit their columns, figures that the shipped Plotly draws."""
    found = made(module, question)
    assert found.key == module.KEY
    assert View.from_json(json.loads(json.dumps(found.to_json()))) == found
    assert len({panel.id for panel in found.panels}) == len(found.panels)
    words = [found.finding, *found.sentences, *found.cautions]
    for panel in found.panels:
        words += [panel.title, panel.caption]
        assert panel.rows
        assert all(len(row) == len(panel.columns) for row in panel.rows)
    for text in words:
        assert text.strip().endswith((".", ")")) or text in {p.title for p in found.panels}
        assert not re.search(r"\bnan\b|\bNone\b|\binf\b|  ", text), text
    assert all(math.isfinite(n) for n in numbers(found.facts))


@pytest.mark.parametrize("question", KINDS, ids=label)
@pytest.mark.parametrize("module", OURS, ids=label)
def test_figures_are_of_the_shipped_kind_and_change_only_their_layout_on_a_phone(module, question):
    wide, phone = made(module, question), made(module, question, narrow=True)
    assert (wide.finding, wide.sentences, wide.facts) == (
        phone.finding, phone.sentences, phone.facts
    )  # fmt: skip
    for panel in (*wide.panels, *phone.panels):
        if panel.figure is None:
            continue
        assert {trace["type"] for trace in panel.figure["data"]} <= {"scatter", "bar", "pie"}
        for trace in panel.figure["data"]:
            places = [v for axis in ("x", "y") for v in trace.get(axis) or [] if v is not None]
            assert all(isinstance(v, int | float) and math.isfinite(v) for v in places)
        assert panel.figure["layout"]["height"] > 100


def test_the_registry_offers_all_of_them():
    for module in OURS:
        assert VIEWS[module.KEY].view is module.view
        assert VIEWS[module.KEY].asks.endswith("?")


@pytest.mark.parametrize("module", OURS, ids=label)
def test_progress_ends_where_it_said(module):
    told: list[tuple[int, int, str]] = []
    module.view(YEAR, shipped(), progress=lambda *step: told.append(step))
    assert [done for done, _, _ in told] == list(range(len(told)))
    assert told[-1][0] == told[-1][1]


def test_a_watcher_can_stop_the_work():
    class StopNow(Exception):
        pass

    def stop(done: int, total: int, doing: str) -> None:
        raise StopNow

    for module in OURS:
        with pytest.raises(StopNow):
            module.view(YEAR, shipped(), progress=stop)


# --- influence -----------------------------------------------------------------------------------
def test_leaving_a_study_out_is_asking_without_it():
    found = made(influence, YEAR)
    studies = answer(YEAR, shipped()).studies
    assert len(found.facts["without_study"]) == len(studies) == 4
    for study, told in zip(studies, found.facts["without_study"], strict=True):
        other = answer(YEAR.replace(without=(study.trial,)), shipped()).pooled
        assert told["left_out"] == study.label
        assert told["estimate"] == pytest.approx(other.estimate)
        assert (told["ci_low"], told["ci_high"]) == pytest.approx((other.ci_low, other.ci_high))


def test_leaving_a_group_out_is_asking_without_its_trials():
    told = made(influence, MANY).facts["without_group"]
    group = next(item for item in told if item["left_out"] == "funded by industry")
    funding = shipped().studies.set_index("study_id")["funding"]
    trials = [s.trial for s in answer(MANY, shipped()).studies]
    paid = tuple(trial for trial in trials if funding[trial] == "industry")
    assert len(paid) == 2
    other = answer(MANY.replace(without=paid), shipped()).pooled
    assert (group["k"], group["estimate"]) == pytest.approx((other.k, other.estimate))


def test_the_finding_names_the_study_that_moves_the_result_most():
    found = made(influence, YEAR)
    most = max(
        found.facts["without_study"], key=lambda d: abs(d["estimate"] - found.facts["estimate"])
    )
    assert most["left_out"] in found.finding
    turning = [d["left_out"] for d in found.facts["without_study"] if d["changes"]]
    assert len(turning) == 4
    assert "changes when any of 4 studies is left out" in found.finding
    same = [q for q in KINDS if any(made(influence, q).facts.get("without_study", ()))]
    same = [
        q for q in same if not any(d["changes"] for d in made(influence, q).facts["without_study"])
    ]
    same = [q for q in same if made(influence, q).facts["reading"]]
    assert same
    assert all("stays the same" in made(influence, q).finding for q in same)


def test_a_conclusion_that_turns_is_said_and_drawn_hollow():
    found = made(influence, FRACTURE)
    turning = [d["left_out"] for d in found.facts["without_study"] if d["changes"]]
    assert len(turning) == 1
    assert f"changes without {turning[0]}" in found.finding
    forest = found.panels[0].figure
    symbols = [t.get("marker", {}).get("symbol") for t in forest["data"]]
    assert "circle-open" in symbols


def test_a_trial_of_several_countries_is_left_out_with_each():
    assert countries({"countries": "Netherlands; Belgium"}) == ["Netherlands", "Belgium"]
    assert countries({"countries": "China (single centre)"}) == ["China"]
    assert countries({"countries": "22 sites in Europe, USA, Canada, Australia"}) == [
        "several countries, not named"
    ]


# --- small studies -------------------------------------------------------------------------------
def test_below_three_studies_nothing_is_run_and_every_refusal_is_named():
    found = made(small_study, MONTH)
    assert found.facts["k"] == 2
    said = " ".join(found.sentences)
    for name in found.facts["refused"]:
        assert name in said
    assert {panel.id for panel in found.panels} == {"funnel", "unprinted"}


def test_with_few_studies_the_warning_stands_beside_the_finding():
    found = made(small_study, YEAR)
    assert found.facts["enough_studies"] is False
    assert any(f"below {MINIMUM_STUDIES}" in caution for caution in found.cautions)
    assert "says little" in found.finding
    enough = made(small_study, LEAKAGE)
    assert enough.facts["enough_studies"] is True
    assert not any("below" in caution for caution in enough.cautions)


def test_tests_and_estimates_are_those_of_the_methods():
    found, a = made(small_study, MANY), answer(MANY, shipped())
    yi, vi = [s.yi for s in a.studies], [s.vi for s in a.studies]
    line = egger(yi, vi, tau2=MANY.tau2, ci=MANY.ci)
    named = next(name for name in found.facts["tests"] if name.startswith("Egger"))
    assert found.facts["tests"][named]["p_value"] == pytest.approx(line.p_value)
    assert found.facts["methods"]["Trim and fill"]["estimate"] is not None
    assert found.facts["methods"]["Selection model, one step"]["estimate"] is not None


def fractures(printed_only: bool) -> Evidence:
    """Three trials with new fractures; the last may print its odds ratio alone."""
    tiny = Tiny()
    for trial, *events in (("a", 4, 9), ("b", 6, 5), ("c", 11, 20)):
        tiny.study(trial)
        if printed_only and trial == "c":
            tiny.contrast(
                trial, outcome="new_fracture", instrument="patients with new fracture", measure="OR",
                estimate=0.5, ci_low=0.2, ci_high=1.25, scale_min=math.nan, scale_max=math.nan,
            )  # fmt: skip
        else:
            for arm, n in zip(("VP", "SHAM"), events, strict=True):
                tiny.count(trial, arm, events=float(n), n=50.0 + n)
    return tiny.evidence()


@pytest.mark.parametrize("printed_only", [False, True])
def test_ratios_are_tested_with_harbord_and_peters_where_counts_are_printed(printed_only):
    question = Question(outcome="new-fracture", time="any")
    evidence = fractures(printed_only)
    a = answer(question, evidence)
    tests = {item.name.split(",")[0]: item for item in asymmetry_tests(a)}
    assert len(a.studies) == 3
    assert ("Egger" in tests) == printed_only
    if printed_only:
        assert tests["Harbord"].refused == tests["Peters"].refused
        assert "counts" in tests["Harbord"].refused
    else:
        counts = [[dict(s.inputs)[name] for s in a.studies] for name in ("ai", "n1i", "ci", "n2i")]
        assert tests["Harbord"].p_value == harbord(*counts).slope.p_value
        assert tests["Peters"].p_value == peters([s.yi for s in a.studies], *counts).slope.p_value


def test_methods_that_the_studies_cannot_carry_are_refused_with_the_reason():
    four = made(small_study, YEAR).facts["methods"]
    assert four["Selection model, one step"]["refused"] == "4 studies are too few for its 3 parameters"
    one = made(small_study, LEAKAGE).facts["methods"]
    assert "compared with nothing" in one["Selection model, one step"]["refused"]


def test_results_without_a_figure_are_counted_with_their_words():
    tiny = Tiny().study("a").study("b").study("c").study("d")
    for trial, estimate in zip("abc", (1.0, 1.4, 0.2), strict=True):
        tiny.contrast(trial, estimate=estimate, ci_low=estimate - 1, ci_high=estimate + 1)
    tiny.contrast(
        "d", estimate=math.nan, ci_low=math.nan, ci_high=math.nan, ci_level=math.nan,
        positive_favours="", sign_basis="", note="similar in both groups", source_location="abstract",
    )  # fmt: skip
    found = small_study.view(MONTH, tiny.evidence())
    assert (found.facts["k"], found.facts["unprinted"]) == (3, 1)
    assert any("similar in both groups" in sentence for sentence in found.sentences)
    panel = next(panel for panel in found.panels if panel.id == "unprinted")
    assert panel.rows[0][0] == "D"


# --- a next trial --------------------------------------------------------------------------------
def test_the_spread_between_patients_is_that_of_the_trials():
    a = answer(YEAR, shipped())
    degrees = [s.n_t + s.n_c - 2 for s in a.studies]
    each = [s.vi / (1 / s.n_t + 1 / s.n_c) for s in a.studies]
    expected = math.sqrt(np.average(each, weights=degrees))
    assert spread_of(a).sd == pytest.approx(expected)
    assert made(next_trial, YEAR).facts["sd"] == pytest.approx(expected)


def test_the_variance_of_a_new_trial_is_that_of_two_equal_groups():
    a = answer(YEAR, shipped())
    spread = spread_of(a)
    found = sampling_variance(a, spread, np.array([0.0]), np.array([200.0]))
    assert found[0] == pytest.approx(spread.variance * (1 / 100 + 1 / 100))


def test_the_variance_of_a_proportion_follows_from_the_proportion():
    a = answer(RELIEF, shipped())
    logit = math.log(0.85 / 0.15)
    found = sampling_variance(a, spread_of(a), np.array([logit]), np.array([100.0]))
    assert found[0] == pytest.approx(1 / 85 + 1 / 15)


def test_where_no_size_reaches_the_chance_the_finding_says_so():
    found = made(next_trial, MONTH.replace(ci="hksj"))
    assert found.facts["settled_by_endless_trial"] < found.facts["settle_chance"]
    assert found.facts["patients_needed"] is None
    assert found.finding.startswith("No single further trial is likely to settle this")
    assert any("cannot make up for few" in sentence for sentence in found.sentences)


def test_an_interval_that_narrows_by_counting_alone_is_not_sold_as_a_small_trial():
    found = made(next_trial, YEAR.replace(tau2="PM"))
    assert "only because one more is counted" in found.finding
    assert any("narrows the interval by being counted" in sentence for sentence in found.sentences)


def test_by_the_rule_for_few_studies_a_trial_that_says_nothing_settles_nothing():
    for question in (MONTH, FRACTURE, Question(intervention="BKP", comparator="NSM", time="any")):
        found = answer(question, shipped())
        low, high = with_new_study(
            *effects_of(found), found.pooled.estimate, 1e6, question.tau2, question.ci
        )
        length = found.pooled.ci_high - found.pooled.ci_low
        # where the floor holds, even such a trial weighs a little in Wald's interval, and shortens it
        assert high - low > length * (1 - 1e-5 if found.told.lengthened > 1 else 1)


def test_one_trial_is_reopened_by_a_second_only_with_an_interval_of_one_degree_of_freedom():
    found = made(next_trial, OPEN)
    assert found.facts["now"] != "open"
    assert "already shows" in found.finding
    assert not any("one degree of freedom" in sentence for sentence in found.sentences)
    by_t = made(next_trial, OPEN.replace(ci="hksj"))
    assert any("one degree of freedom" in sentence for sentence in by_t.sentences)


def test_a_group_without_comparison_has_nothing_to_settle():
    found = next_trial.view(Question(intervention="BKP", comparator="NONE"), shipped())
    assert found.panels == ()
    assert "no effect to settle" in found.finding
    share = made(next_trial, RELIEF)
    assert any("only a comparison can" in caution for caution in share.cautions)


def test_probabilities_under_priors_are_ordered():
    """More doubt about tau pulls towards one half; a sceptic believes less than an enthusiast."""
    told = made(next_trial, YEAR).facts["priors"]
    half_normal = {p["tau"][1]: p for p in told if p["tau"][0] == "half-normal" and not p["mean"]}
    better = [half_normal[scale]["probability_better"] for scale in sorted(half_normal)]
    assert better == sorted(better, reverse=True)
    sceptic, enthusiast = (p for p in told if p["mean"])
    assert sceptic["probability_better"] < enthusiast["probability_better"]
    assert sceptic["probability_important"] < enthusiast["probability_important"]
    for prior in told:
        assert prior["probability_important"] < prior["probability_better"]


# --- accumulation --------------------------------------------------------------------------------
@pytest.mark.parametrize("question", [YEAR, OPEN, FRACTURE], ids=label)
def test_the_last_step_is_the_answer(question):
    facts, pooled = made(accumulation, question).facts, answer(question, shipped()).pooled
    for order in ("by_year", "by_precision"):
        steps = facts[order]
        assert [step["k"] for step in steps] == list(range(1, pooled.k + 1))
        assert steps[-1]["estimate"] == pytest.approx(pooled.estimate)
        keys = [step["order"] for step in steps]
        assert keys == sorted(keys)


def test_every_rung_is_an_answer_of_its_own_question():
    facts = made(accumulation, YEAR).facts
    assert len(facts["by_design"]) == 4
    for rung in facts["by_design"]:
        q, said = Question.from_query(rung["question"])
        assert said == []
        a = answer(q, shipped())
        assert (rung["k"], rung["estimate"]) == (len(a.studies), pytest.approx(a.pooled.estimate))


def test_studies_without_a_year_are_named_and_left_out_of_that_order():
    found = made(accumulation, UNDATED)
    studies = answer(UNDATED, shipped()).studies
    undated = [s.label for s in studies if math.isnan(s.year)]
    assert undated
    assert len(found.facts["by_year"]) == len(studies) - len(undated)
    assert all(any(name in caution for caution in found.cautions) for name in undated)


def test_an_unanswered_question_still_shows_what_other_designs_say():
    found = made(accumulation, NOTHING)
    assert found.finding == answer(NOTHING, shipped()).sentence
    assert [panel.id for panel in found.panels] == ["by-design"]


# --- figures -------------------------------------------------------------------------------------
def test_names_beside_marks_never_meet():
    random = np.random.default_rng(3)
    for width in (290, 860):
        marks = [(x, y, f"Study {i} 20{i:02d}") for i, (x, y) in enumerate(random.random((25, 2)))]
        names = spread_names(marks, width=width, height=290)
        boxes = []
        for (x, y, _), name in zip(marks, names, strict=True):
            if not name.text:
                continue
            long, gap = CHARACTER * len(name.text), 9
            left = {
                "middle right": x * width + gap, "middle left": x * width - gap - long,
            }.get(name.position, x * width - long / 2)  # fmt: skip
            low = {
                "top center": y * 290 + gap, "bottom center": y * 290 - gap - LINE,
            }.get(name.position, y * 290 - LINE / 2)  # fmt: skip
            boxes.append((left, low, left + long, low + LINE))
            assert left >= 0
            assert left + long <= width
        assert len(boxes) >= 8
        for a, b in itertools.combinations(boxes, 2):
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_an_interval_that_leaves_the_axis_gets_an_arrow_and_its_numbers():
    panel = next(p for p in made(influence, YEAR).panels if p.id == "leave-one-group-out")
    low, high = panel.figure["layout"]["xaxis2"]["range"]
    cut = sum(
        (d["ci_low"] < low) + (d["ci_high"] > high)
        for d in made(influence, YEAR).facts["without_group"]
    )
    arrows = [
        symbol
        for trace in panel.figure["data"]
        for symbol in trace.get("marker", {}).get("symbol") or []
        if str(symbol).startswith("triangle-")
    ]
    assert len(arrows) == cut


def test_no_effect_and_the_important_difference_are_always_on_the_axis():
    a = answer(YEAR, shipped())
    axis = interval_axis(a, [IntervalRow("x", -0.7, -0.8, -0.6, "")])
    assert axis.low < -1.5 < 0.0 < 1.5 < axis.high
