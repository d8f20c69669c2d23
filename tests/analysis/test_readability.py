"""The main sentences can be read at once: short, and no harder than they were measured to be.

Flesch's reading ease (Flesch R. A new readability yardstick. J Appl Psychol 1948;32:221-233) is 100 for what a child
reads with ease and near 0 for scientific prose. The names of procedures and outcomes cost some 30 points, so each kind
of sentence has a bound of its own: what was measured when it was last rewritten, less a few points.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import pytest

from analysis.answer import answer
from analysis.editions.what_changed import what_changed
from analysis.findings.table import findings
from analysis.network import network_answer
from analysis.prose import words_in
from analysis.question import Question
from analysis.room import claim_answers
from analysis.standard_questions import standard_questions
from analysis.survey.gaps import gaps, summary
from analysis.survey.missing import missing_line
from analysis.topic.vertebral import claims
from analysis.topic.vertebral.patient import Patient
from analysis.wanted.find import wanted
from analysis.wanted.words import effect, question
from dashboard.pages.harms import in_short, matrix
from tests.evidence_builder import shipped

MOST_WORDS = 25
"""Of a sentence as it is read: what stands in brackets are statistics and names, looked up rather than read."""


def syllables(word: str) -> int:
    """Groups of vowels, a silent e at the end apart; at least one."""
    found = len(re.findall(r"[aeiouy]+", word.lower().removesuffix("e")))
    return max(found, 1)


def flesch(text: str) -> float:
    """Flesch's reading ease: the higher, the easier."""
    words = re.findall(r"[A-Za-z]+", text)
    stops = max(len(re.findall(r"[.;:](?:\s|$)", text)), 1)
    return 206.835 - 1.015 * len(words) / stops - 84.6 * sum(map(syllables, words)) / len(words)


def sentences(text: str) -> list[str]:
    """A text cut where a sentence ends and another begins."""
    return [one for one in re.split(r"(?<=[.!?])\s+(?=[A-Z“0-9])", text) if one]


def as_read(text: str) -> str:
    """A text without what stands in brackets, brackets in brackets included."""
    while (shorter := re.sub(r"\s*\([^()]*\)", "", text)) != text:
        text = shorter
    return text


# --- what is read first, page by page ----------------------------------------------------------------
ASKED = [
    Question(), Question(time="12m"), Question(intervention="BKP"),
    Question(intervention="BKP", comparator="NSM", time="1w"),
    Question(outcome="new-fracture", comparator="NSM", time="12m"),
]  # fmt: skip
PATIENTS = [
    Patient(), Patient(cause="malignant"), Patient(procedure="VP"), Patient(procedure="VP", alternative="SHAM"),
    Patient(age="old", years="80"), Patient(procedure="VAI"), Patient(cause="traumatic"),
]  # fmt: skip


def _answers() -> Iterable[str]:
    for found in (answer(q, shipped()) for q in standard_questions()):
        yield found.sentence
        yield from found.cautions


def _behind() -> Iterable[str]:
    for q in [*standard_questions()][::5]:
        yield from answer(q, shipped()).details
        yield missing_line(q, shipped())


def _claims() -> Iterable[str]:
    for found in claim_answers(shipped()):
        yield found.sentence
        yield found.through


def _front() -> Iterable[str]:
    for time in ("1w", "1m", "3m", "6m", "12m"):
        found = claims.finding(shipped(), time)
        yield from (found.headline, *found.sentences, *found.unknown)


def _patient() -> Iterable[str]:
    for found in (findings(patient, shipped()) for patient in PATIENTS):
        yield from (*found.benefits_said, *found.harms_said, *found.cannot_say)
        yield from (row.sentence for row in found.rows)


def _network() -> Iterable[str]:
    for found in (network_answer(q, shipped()) for q in ASKED):
        yield from (found.sentence, *found.details, *found.cautions)


def _wanted() -> Iterable[str]:
    for one in wanted(shipped()):
        yield one.missing
        yield from (f"{question(gain)}." for gain in one.gains)
        yield from (f"{effect(gain).capitalize()}." for gain in one.gains)


KINDS: dict[str, tuple[Callable[[], Iterable[str]], float]] = {
    "answers": (_answers, 38),
    "what is behind an answer": (_behind, 45),
    "claims": (_claims, 60),
    "front page": (_front, 55),
    "for a patient": (_patient, 40),
    "harms": (lambda: in_short(matrix(shipped())), 18),
    "network": (_network, 45),
    "wanted": (_wanted, 40),
    "gaps": (lambda: summary(gaps(shipped())), 55),
    "what changed": (lambda: what_changed(shipped()).summary, 40),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_main_sentences_are_short_and_easy(kind):
    texts = [text for text in dict.fromkeys(KINDS[kind][0]()) if text]
    assert texts
    counts = {s: words_in(s) for text in texts for s in sentences(as_read(text))}
    assert [s for s, n in counts.items() if n > MOST_WORDS] == []
    ease = flesch(" ".join(texts))
    assert ease >= KINDS[kind][1], ease


def test_the_measure_of_ease_tells_easy_from_hard():
    assert flesch("The cat sat on the mat. It was warm.") > 90
    assert flesch("Heterogeneity invalidates statistical generalisability considerations.") < 0


def test_a_sentence_is_counted_as_it_is_read():
    assert as_read("It fell (95% CI (1 to 2); 3 trials) by half.") == "It fell by half."
    text = as_read("Pain fell by 1.5 points. Of 4 trials, one (A. B. 2009) differs.")
    assert sentences(text) == ["Pain fell by 1.5 points.", "Of 4 trials, one differs."]
