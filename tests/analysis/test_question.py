"""The Question: its vocabulary, its URL and its file name."""

from __future__ import annotations

import itertools
import re

import pytest

from analysis import vocabulary as words
from analysis.question import InvalidQuestion, Question, members, overlap

EVERYTHING = Question(
    outcome="odi", intervention="BKP", comparator="NSM", time="12m", etiology="malignant",
    fracture_age="6w", designs=("open_rct", "comparative_cohort"), measure="MD", tau2="DL",
    ci="wald", level=0.9, mid=8.5, borrow=False, inferred=False, industry=False,
    without=("wardlaw-2009", "berenson-2011"), r=0.7, abstract=False, report="main",
    outliers=False,
)  # fmt: skip


# --- the URL -------------------------------------------------------------------------------------
def test_default_question_writes_only_the_version():
    assert Question().to_query() == "v=1"
    assert Question.from_query("") == (Question(), [])


def test_every_field_survives_the_round_trip():
    assert Question.from_query(EVERYTHING.to_query()) == (EVERYTHING, [])


def test_only_what_differs_from_the_default_is_written():
    query = Question(time="12m", without=("carli-2023",)).to_query()
    assert query == "v=1&time=12m&without=carli-2023"


@pytest.mark.parametrize("level", [0.623456789012345, 0.95000001, 0.5, 0.999])
def test_numbers_are_not_rounded_on_their_way_through_the_url(level):
    again, said = Question.from_query(Question(level=level).to_query())
    assert (again.level, said) == (level, [])


def test_whole_numbers_print_without_a_point_and_read_back():
    assert Question(mid=2).to_query() == "v=1&mid=2"
    assert Question.from_query("mid=2")[0] == Question(mid=2.0)


def test_a_question_mark_before_the_query_is_no_part_of_it():
    assert Question.from_query("?time=3m")[0].time == "3m"


def test_of_a_field_given_twice_the_last_counts():
    for query in ("time=3m&time=6m", {"time": ["3m", "6m"]}):
        question, said = Question.from_query(query)
        assert (question.time, said) == ("6m", ["time: given several times; the last is used"])
    assert Question.from_query("time=3m&time=3m")[1] == []


def test_unknown_key_is_left_out_and_named():
    question, said = Question.from_query("v=1&colour=red&time=6m")
    assert question == Question(time="6m")
    assert said == ["colour: not a field of a question; left out"]


def test_another_version_is_read_and_mentioned():
    question, said = Question.from_query("v=0&time=6m")
    assert question.time == "6m"
    assert len(said) == 1
    assert said[0].startswith("v: found '0'")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("outcome=joy", "outcome"), ("time=5w", "time"), ("level=1.5", "level"),
        ("level=nan", "level"), ("level=high", "level"), ("r=-1", "r"), ("mid=-2", "mid"),
        ("borrow=maybe", "borrow"), ("designs=dream", "designs"), ("tau2=XX", "tau2"),
        ("ci=exact", "ci"), ("without=../etc", "without"), ("measure=HR", "measure"),
        ("abstract=0", "abstract"), ("report=all", "report"), ("outliers=keep", "outliers"),
        ("unit=cases", "unit"), ("etiology=none", "etiology"), ("fracture_age=1y", "fracture_age"),
    ],
)  # fmt: skip
def test_bad_value_falls_back_to_the_default_of_its_field_alone(query, field):
    question, said = Question.from_query(f"{query}&industry=no")
    assert question == Question(industry=False)
    assert len(said) == 1
    assert said[0].startswith(f"{field}: found ")
    assert said[0].endswith("the default is used")


def test_impossible_pair_drops_the_comparator_and_keeps_the_rest():
    question, said = Question.from_query("intervention=BKP&comparator=AUG&time=12m")
    assert question == Question(intervention="BKP", time="12m")
    assert len(said) == 1


def test_intervention_that_is_the_default_comparator_is_dropped_and_nothing_else():
    question, said = Question.from_query("intervention=SHAM&time=12m&level=0.9")
    assert question == Question(time="12m", level=0.9)
    assert len(said) == 1


@pytest.mark.parametrize(
    ("query", "intervention", "comparator"),
    [
        ("comparator=VP&intervention=BKP", "BKP", "VP"),
        ("intervention=SHAM&comparator=NSM", "SHAM", "NSM"),
        ("comparator=AUG&intervention=NSM", "NSM", "AUG"),
        ("comparator=NONE&intervention=AUG", "AUG", "NONE"),
    ],
)
def test_pair_of_treatments_is_judged_together_whatever_the_order(query, intervention, comparator):
    question, said = Question.from_query(query)
    assert (question.intervention, question.comparator, said) == (intervention, comparator, [])


def test_measure_is_judged_with_the_outcome_that_follows_it():
    question, said = Question.from_query("measure=RR&outcome=leakage")
    assert (question.measure, said) == ("RR", [])


# --- bad values in Python ------------------------------------------------------------------------
@pytest.mark.parametrize(
    "fields",
    [
        {"outcome": "joy"}, {"outcome": ["pain"]}, {"intervention": "NONE"}, {"time": None},
        {"designs": ("rct",)}, {"designs": "sham_rct"}, {"without": "carli-2023"},
        {"without": ("UPPER",)}, {"without": (1,)}, {"level": 0.4}, {"level": "0.9"},
        {"level": True}, {"level": None}, {"level": float("nan")}, {"r": 1.0}, {"mid": -0.1},
        {"borrow": "no"}, {"industry": 1}, {"abstract": "no"}, {"report": ""}, {"outliers": None},
        {"measure": "OR"}, {"comparator": "VP"},
        {"intervention": "AUG", "comparator": "BKP"}, {"outcome": "leakage", "measure": "MD"},
        {"outcome": "leakage", "comparator": "NONE", "measure": "RR"},
    ],
)  # fmt: skip
def test_value_outside_its_vocabulary_raises_and_names_the_field(fields):
    with pytest.raises(InvalidQuestion, match=r"found .*(allowed|which is the intervention)") as e:
        Question(**fields)
    assert str(e.value).split(":")[0] in fields


# --- what follows from the fields ----------------------------------------------------------------
def test_usual_designs_are_the_empty_choice():
    assert Question(designs=("open_rct", "sham_rct")).designs == ()
    assert Question().admits == ("sham_rct", "open_rct")
    assert Question(comparator="NONE").admits == tuple(words.DESIGNS)
    assert Question(comparator="NONE", designs=tuple(words.DESIGNS)) == Question(comparator="NONE")


def test_order_of_lists_does_not_matter():
    assert Question(designs=("other", "open_rct")) == Question(designs=("open_rct", "other"))
    assert Question(without=("b", "a", "b")) == Question(without=("a", "b"))


@pytest.mark.parametrize(
    ("fields", "measure"),
    [
        ({}, "MD"), ({"comparator": "NONE"}, "MC"), ({"outcome": "leakage"}, "OR"),
        ({"outcome": "leakage", "comparator": "NONE"}, "PLO"),
        ({"outcome": "leakage", "measure": "RD"}, "RD"),
    ],
)  # fmt: skip
def test_default_measure_follows_the_kind_of_question(fields, measure):
    assert Question(**fields).effect_measure == measure


def test_any_augmentation_stands_for_its_three_kinds():
    assert members("AUG") == ("BKP", "VP", "VAI")
    assert members("NONE") == ()
    assert overlap("AUG", "VAI")
    assert not overlap("AUG", "SHAM")


def test_windows_do_not_overlap_and_hold_their_target():
    windows = [w for w in words.WINDOWS.values() if w.target is not None]
    assert all(w.holds(w.target) for w in windows)
    assert all(a.high < b.low for a, b in itertools.pairwise(windows))


# --- titles and file names -----------------------------------------------------------------------
def test_title_names_outcome_pair_and_time():
    question = Question(outcome="leakage", intervention="BKP", comparator="NONE", time="1d")
    assert question.title() == "Cement leakage: kyphoplasty, first days, images not stated"


def test_slug_is_a_plain_file_name_and_tells_questions_apart():
    questions = [
        Question(), Question(time="12m"), Question(industry=False), Question(mid=1.5),
        Question(mid=15), Question(without=("carli-2023",)), EVERYTHING,
    ]  # fmt: skip
    slugs = [q.slug() for q in questions]
    assert slugs[0] == "pain-vp-sham-1m"
    assert slugs[1] == "pain-vp-sham-12m"
    assert len(set(slugs)) == len(slugs)
    assert all(re.fullmatch(r"[a-z0-9.-]+", slug) for slug in slugs)


def test_slug_of_many_choices_still_fits_a_file_system():
    many = tuple(f"a-rather-long-study-name-{i}" for i in range(40))
    slugs = {Question(without=many[i:]).slug() for i in range(3)}
    assert len(slugs) == 3
    assert max(map(len, slugs)) <= 120
