"""Effects for many Questions at once: the same as one by one."""

from __future__ import annotations

import inspect
import itertools
from functools import partial

import pytest

from analysis.effects.many import ManyEffects
from analysis.effects.table import effects_of
from analysis.evidence.exclusions import RULES
from analysis.evidence.select import by_trial, instrument_rows
from analysis.question import Question
from tests.evidence_builder import shipped

PAIRS = (
    Question(),
    Question(intervention="BKP", comparator="NSM"),
    Question(intervention="AUG", comparator="NONE", time="any"),
    Question(outcome="leakage", intervention="BKP", comparator="NONE", time="any"),
    Question(outcome="new-fracture", intervention="AUG", comparator="NSM", time="any"),
)
CHOICES = {
    "time": ("1m", "12m", "any"), "etiology": ("any", "osteoporotic"),
    "designs": ((), ("open_rct", "comparative_cohort")), "borrow": (True, False),
    "inferred": (True, False), "industry": (True, False), "abstract": (True, False),
    "report": ("best", "main", "newest"), "outliers": (True, False), "r": (0.5, 0.8),
    "unit": ("patients", "vertebrae"), "fracture_age": ("any", "6w"),
    "without": ((), ("wardlaw-2009", "buchbinder-2009")),
}  # fmt: skip


class Recorder:
    """A Question that notes which of its fields are read."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> object:
        found = inspect.getattr_static(Question, name)
        if isinstance(found, property):
            return found.fget(self)
        if inspect.isfunction(found):
            return partial(found, self)
        self.read.add(name)
        return getattr(self.question, name)


@pytest.mark.parametrize("question", PAIRS, ids=lambda q: q.slug())
def test_each_set_of_studies_is_that_of_its_question(question):
    many = ManyEffects(question, shipped())
    # of 18,432 combinations every 577th: a prime, so that all levels of all choices come up
    combinations = itertools.islice(itertools.product(*CHOICES.values()), 0, None, 577)
    for values in combinations:
        asked = question.replace(**dict(zip(CHOICES, values, strict=True)))
        assert many.studies(asked) == effects_of(asked, shipped()).studies, asked.to_query()


@pytest.mark.parametrize("question", PAIRS, ids=lambda q: q.slug())
def test_every_rule_reads_only_the_fields_that_it_names(question):
    rows = instrument_rows(question.outcome, question.kind, shipped())
    trials = by_trial(rows)
    for rule, named in RULES:
        asked = Recorder(question.replace(abstract=False, report="main", industry=False))
        for row in rows:
            rule(row, asked, trials[row["trial"]])
        assert asked.read <= set(named), rule.__name__


def test_a_question_about_something_else_is_refused():
    many = ManyEffects(Question(), shipped())
    with pytest.raises(ValueError, match="comparator: found 'NSM', allowed: 'SHAM'"):
        many.studies(Question(comparator="NSM"))
