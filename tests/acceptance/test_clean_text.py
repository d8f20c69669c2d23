"""Nothing of the machine shows in what is read: no "nan" or "None", no negative zero, no number with an exponent."""

from __future__ import annotations

import random
import re

import pytest

from analysis.export.artefacts import ARTEFACTS, link_to
from dashboard.page import Visit
from dashboard.pages import pages
from tests.acceptance import voice
from tests.evidence_builder import shipped, standard_answers

FAULTS = re.compile(
    r"\b[nN]a[nN]\b|<NA>|\bNone\b(?! (?:of|is|was|were)\b)|\binf\b|\d[eE]\+\d|(?<![\d.,])[-−]0(?:\.0+)?(?![\d.,])"
    r"|\d\.\d{6,}|\{[A-Za-z_.!:]*\}|(?<!\.)\.\.(?!\.)|[;,]\.|\S  +\S|\bundefined\b(?! in the abstract)|object at 0x"
)
# The words and numbers of sources are their own.
QUOTED = re.compile(r"10\.\d{4,}/\S+|https?://\S+|<[^>]+>")
SLOW = {"/wanted", "/what-changed", "/history", "/missing", "/gaps", "/reviews"}
ASKED = random.Random(20261129).sample(standard_answers(), 8)


def faults(text: str) -> list[str]:
    text = QUOTED.sub("*", text)
    return [text[max(0, m.start() - 60) : m.end() + 30] for m in FAULTS.finditer(text)]


@pytest.mark.parametrize("path", [p.path for p in pages() if p.path not in SLOW])
def test_no_page_shows_what_a_machine_wrote(path):
    page = next(p for p in pages() if p.path == path)
    queries = ("", *(a.question.to_query() for a in ASKED[:2]))
    for query in queries:
        text = voice.text_of(page.layout(shipped(), Visit(path, query, False)))
        assert faults(text) == [], query


def test_no_page_of_a_study_shows_it():
    page = next(p for p in pages() if p.path == "/study")
    for name in (*shipped().studies["study_id"].iloc[::12], "edidin-2015"):
        assert faults(voice.text_of(page.layout(shipped(), Visit("/study", f"id={name}", False)))) == [], name


@pytest.mark.parametrize("name", ["slide.pptx", "methods.txt", "citation.txt"])
def test_no_file_shows_it(name):
    for asked in ASKED:
        made = ARTEFACTS[name].make(asked.question, shipped(), link_to(asked.question))
        slides = name.endswith(".pptx")
        text = "\n".join(voice.slides(made)) if slides else made.decode()
        assert faults(text) == [], asked.question


def test_the_search_finds_what_it_looks_for():
    for text in ("nan of 100", "None left", "−0.0 points", "1.03896e+06", "0.1000000001", "{label}", "end..", "a  b"):
        assert faults(text), text
    assert faults("None of 3; −0.04 to 10.3892/etm.2023.12090 … 1.5 (−0.3 to 0.2)") == []
