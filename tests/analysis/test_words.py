"""The house's own dialect stays off the pages and out of the files, and the main sentences can be read at once."""

from __future__ import annotations

import io
import json
import re

import pytest
from pptx import Presentation

from analysis import vocabulary
from analysis.export.artefacts import CLAIMS, QUESTION, VIEW, NothingToTake, of
from analysis.prose import words_in
from analysis.question import Question
from analysis.room import claim_answers
from dashboard.page import Visit
from dashboard.pages import pages
from tests.evidence_builder import shipped

DIALECT = re.compile(
    r"\bin hand\b|\bcomes? near\b|\bstays? out\b|\bby rising rigour\b|\btake it away\b|\bhow firm\b"
    r"|\bnon-surgical management\b|\bprinted\b|\benters\b|\bholds\b|\bsaid\b",
    re.IGNORECASE,
)
"""Words of this house that a reader elsewhere would not understand, or a second name of a thing."""
ASKED = (Question(time="12m"), Question(intervention="BKP", comparator="NSM", time="1w"))


def dialect(text: str) -> list[str]:
    return [text[max(0, m.start() - 50) : m.end() + 30] for m in DIALECT.finditer(text)]


def texts_of(component: object) -> str:
    """What a page shows, without the tables of quoted data: the words of sources are their own."""

    def walk(node: object) -> list[str]:
        if isinstance(node, str):
            return [node]
        if isinstance(node, list):
            return [text for part in node for text in walk(part)]
        if not isinstance(node, dict) or node.get("type") in ("Td", "AgGrid"):
            return []
        props = node.get("props", {})
        if props.get("scope") == "row":  # a label of the data
            return []
        return [*walk(props.get("children")), *walk(props.get("aria-label"))]

    return " ".join(walk(json.loads(json.dumps(component.to_plotly_json(), cls=_Plain))))


class _Plain(json.JSONEncoder):
    def default(self, o: object) -> object:
        return o.to_plotly_json() if hasattr(o, "to_plotly_json") else str(o)


@pytest.mark.parametrize("page", pages(), ids=lambda p: p.path)
def test_no_page_speaks_the_dialect(page):
    for query in ("", *(q.to_query() for q in ASKED)):
        said = texts_of(page.layout(shipped(), Visit(page.path, query)))
        assert not dialect(said), query


@pytest.mark.parametrize("artefact", of(VIEW) + of(QUESTION) + of(CLAIMS), ids=lambda a: a.name)
def test_no_file_speaks_the_dialect(artefact):
    subjects = ((),) if artefact.about == CLAIMS else ASKED
    for subject in subjects:
        try:
            content = artefact.make(subject, shipped(), "https://host/")
        except NothingToTake:
            continue
        if artefact.ending == "pptx":
            slides = Presentation(io.BytesIO(content)).slides
            shapes = [s for slide in slides for s in slide.shapes if s.has_text_frame]
            text = " ".join(s.text_frame.text for s in shapes)
        elif artefact.ending == "txt":
            text = content.decode()
        elif artefact.ending in ("R", "py"):  # what it tells its reader, not the names in its code
            text = "\n".join(re.findall(r"^#.*", content.decode(), re.MULTILINE))
        else:
            continue
        assert not dialect(text)


def syllables(word: str) -> int:
    """Groups of vowels, a silent e at the end apart; at least one."""
    found = len(re.findall(r"[aeiouy]+", word.lower().removesuffix("e")))
    return max(found, 1)


def flesch(text: str) -> float:
    """Flesch reading ease (Flesch 1948): the higher, the easier; scientific prose lies near 30 and below."""
    words = re.findall(r"[A-Za-z]+", text)
    sentences = max(len(re.findall(r"[.;:](?:\s|$)", text)), 1)
    return 206.835 - 1.015 * len(words) / sentences - 84.6 * sum(map(syllables, words)) / len(words)


def test_the_measure_of_ease_tells_easy_from_hard():
    assert flesch("The cat sat on the mat. It was warm.") > 90
    assert flesch("Heterogeneity invalidates statistical generalisability considerations.") < 0


def test_answers_to_claims_can_be_read():
    """On average at most 25 words a sentence; names of procedures and places of the body keep the ease low."""
    said = [c.sentence for c in claim_answers(shipped())]
    sentences = [s for text in said for s in re.split(r"(?<=[.;])\s+", text)]
    assert sum(map(words_in, sentences)) / len(sentences) <= 25
    assert flesch(" ".join(said)) > 30


def test_kyphoplasty_has_one_name_where_the_program_names_it():
    """The full name stands once, in the words; files of readers may use it."""
    names = [one for k in ("INTERVENTIONS", "SPOKEN", "SHORT") for one in getattr(vocabulary, k).values()]
    assert [name for name in names if "balloon" in name.lower()] == []
