"""What holds for any Question and any query, not only for those somebody thought of."""

from __future__ import annotations

import math
import re

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis import vocabulary as words
from analysis.answer import answer
from analysis.evidence.select import REASONS
from analysis.question import InvalidQuestion, Question, overlap
from tests.evidence_builder import shipped

many = settings(deadline=None, max_examples=2 * settings.default.max_examples)
TRIALS = sorted(set(shipped().studies["study_id"]))
FIELDS = list(Question.__dataclass_fields__)
VALUES = sorted(
    {
        *words.OUTCOMES, *words.INTERVENTIONS, *words.COMPARATORS, *words.WINDOWS, *words.DESIGNS,
        *words.UNITS, *words.MEASURES, *words.TAU2_METHODS, *words.CI_METHODS, "yes", "no", "0.9",
        "nan", "-1", "1e999", "sham_rct,open_rct", ",", "carli-2023",
    }
)  # fmt: skip


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Any valid Question."""

    def key(table) -> str:
        return draw(st.sampled_from(sorted(table)))

    intervention, comparator = key(words.INTERVENTIONS), key(words.COMPARATORS)
    assume(not overlap(intervention, comparator))
    plain = Question(
        outcome=key(words.OUTCOMES), intervention=intervention, comparator=comparator,
        time=key(words.WINDOWS), etiology=key(words.ETIOLOGIES),
        fracture_age=key(words.FRACTURE_AGES),
        designs=tuple(draw(st.sets(st.sampled_from(sorted(words.DESIGNS))))),
        unit=key(words.UNITS), tau2=key(words.TAU2_METHODS), ci=key(words.CI_METHODS),
        level=draw(st.floats(0.5, 0.999)), r=draw(st.floats(0, 0.99)),
        mid=draw(st.none() | st.floats(0, 1000)), borrow=draw(st.booleans()),
        inferred=draw(st.booleans()), industry=draw(st.booleans()),
        without=tuple(draw(st.sets(st.sampled_from(TRIALS), max_size=4))),
        abstract=draw(st.booleans()), report=key(words.REPORTS), outliers=draw(st.booleans()),
    )  # fmt: skip
    return plain.replace(measure=draw(st.sampled_from(("", *plain.measures()))))


@given(questions())
def test_query_and_question_are_inverse(question):
    assert Question.from_query(question.to_query()) == (question, [])


@given(questions())
def test_slug_names_a_file_and_title_the_question(question):
    slug = question.slug()
    assert 0 < len(slug) <= 120
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-")
    assert question.spec.label in question.title()


@given(st.text(max_size=200) | st.dictionaries(st.text(), st.text() | st.lists(st.text())))
def test_no_query_raises(query):
    question, said = Question.from_query(query)
    assert isinstance(question, Question)
    assert all(isinstance(line, str) and line for line in said)


@given(st.lists(st.tuples(st.sampled_from([*FIELDS, "v", "x"]), st.sampled_from(VALUES))))
def test_query_made_of_our_own_words_gives_a_question_that_reads_back(pairs):
    question, _ = Question.from_query("&".join(f"{key}={value}" for key, value in pairs))
    assert Question.from_query(question.to_query()) == (question, [])


@given(
    st.dictionaries(
        st.sampled_from(FIELDS),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
        | st.lists(st.text(max_size=3), max_size=2).map(tuple),
    )
)  # fmt: skip
def test_any_value_either_makes_a_question_or_is_named(fields):
    try:
        question = Question(**fields)
    except InvalidQuestion as error:
        named = str(error).split(":")[0]
    else:
        named = ""
        assert Question.from_query(question.to_query()) == (question, [])
    # An intervention that is the default comparator is reported as a clash of the comparator.
    assert named in {"", "comparator", *fields}


@many  # the first answer about an outcome joins its rows
@given(questions())
def test_every_question_is_answered_and_every_row_accounted_for(question):
    found = answer(question, shipped())
    used = {row_id for s in found.studies for row_id in s.row_ids}
    left = {row.row_id for row in found.left_out}
    assert len(left) == len(found.left_out)
    assert not used & left
    assert found.considered == len(used) + len(left)
    assert {row.reason for row in found.left_out} <= set(REASONS)


@many
@given(questions())
def test_no_trial_counts_twice_and_every_effect_can_be_weighed(question):
    found = answer(question, shipped())
    trials = [s.trial for s in found.studies]
    assert len(trials) == len(set(trials))
    assert all(math.isfinite(s.yi) and math.isfinite(s.vi) and s.vi > 0 for s in found.studies)
    assert (found.pooled is None) == (not found.studies)
    if found.pooled is not None:
        assert found.pooled.k == len(found.studies)
        assert found.pooled.ci_low <= found.pooled.estimate <= found.pooled.ci_high


@many
@given(questions())
def test_statement_is_readable_whatever_the_answer(question):
    a = answer(question, shipped())
    said = " ".join(filter(None, (a.sentence, *a.details, *a.cautions, a.change_line)))
    assert said.endswith((".", "?"))
    slips = r"\bnan\b|\bNone(?! of these)|  |\.\.| ,|\( |\(\)|\b1 (studies|trials|rows)\b"
    assert re.search(slips, said) is None


@many
@given(questions())
def test_turning_the_arms_round_mirrors_every_effect(question):
    assume(not question.one_group)
    back = question.replace(intervention=question.comparator, comparator=question.intervention)
    forward = {s.trial: s for s in answer(question, shipped()).studies}
    mirrored = {s.trial: s for s in answer(back, shipped()).studies}
    assert set(forward) == set(mirrored)
    for trial, study in forward.items():
        other = mirrored[trial]
        assert math.isclose(study.yi, -other.yi, abs_tol=1e-12)
        assert math.isclose(study.vi, other.vi, rel_tol=1e-12)


@many
@given(questions())
def test_switches_only_take_studies_away_or_change_their_rows(question):
    switches = ("borrow", "inferred", "industry", "abstract", "outliers")
    strict = question.replace(**dict.fromkeys(switches, False))
    loose = question.replace(**dict.fromkeys(switches, True))
    allowed = {s.trial for s in answer(loose, shipped()).studies}
    assert {s.trial for s in answer(strict, shipped()).studies} <= allowed
