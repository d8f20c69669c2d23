"""The house's own dialect stays off the pages and out of the files."""

from __future__ import annotations

import io
import json
import re

import openpyxl
import pytest
from pptx import Presentation

from analysis import vocabulary
from analysis.export.artefacts import CLAIMS, QUESTION, VIEW, NothingToTake, of
from analysis.question import Question
from dashboard.page import Visit
from dashboard.pages import pages
from tests.evidence_builder import shipped

DIALECT = re.compile(
    r"\bin hand\b|\bcomes? near\b|\bstay(?:s|ed)? out\b|\bby rising rigour\b|\btake it away\b|\bhow firm\b"
    r"|\bnon-surgical management\b|\bprinted\b|\benters\b|\bholds\b|\bsaid\b"
    r"|\b(?:can|cannot|could|may|would) enter\b|\bprints? (?:no|its|an?|the)\b|\bnot seen\b|\bhangs? on\b"
    r"|\bstands? (?:below|beside|under|in|there)\b|\b(?:in no|into the|of the|the) pool\b|\b(?:is|are|cannot be) told\b"
    r"|\bspeaks? (?:for|to|against)\b|\bthinkable\b|\bby whatever\b|\bwho has\b|\bwithout a figure\b"
    r"|\blean to one side\b|\brow out\b|\bno usable figure\b",
    re.IGNORECASE,
)
"""Words of this house that a reader elsewhere would not understand, or a second name of a thing."""
ASKED = (Question(time="12m"), Question(intervention="BKP", comparator="NSM", time="1w"))


TITLES = re.compile(r"\((title|journal name) not printed[^)]*\)")
"""In a description that the data hold in place of a title: the words of whoever recorded it."""


def dialect(text: str) -> list[str]:
    text = TITLES.sub("", text)
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
        elif artefact.ending == "html":  # without its programs, and the words of sources in cells and titles
            text = re.sub(r"(?s)<(script|style|svg|td|th)\b.*?</\1>", " ", content.decode())
            text = re.sub(r"<[^>]+>", " ", text)
        elif artefact.ending == "xlsx":
            book = openpyxl.load_workbook(io.BytesIO(content))
            text = "\n".join(" ".join(map(str, row)) for row in book["about"].values)
        elif artefact.ending in ("R", "py"):  # what it tells its reader, not the names in its code
            text = "\n".join(re.findall(r"^#.*", content.decode(), re.MULTILINE))
        else:
            continue
        assert not dialect(text)


def test_kyphoplasty_has_one_name_where_the_program_names_it():
    """The full name stands once, in the words; files of readers may use it."""
    names = [one for k in ("INTERVENTIONS", "SPOKEN", "SHORT") for one in getattr(vocabulary, k).values()]
    assert [name for name in names if "balloon" in name.lower()] == []
