"""Slides of pages that show several answers: something is drawn on each, titles differ, one group is said to be one."""

from __future__ import annotations

import io

import pytest
from pptx import Presentation

from analysis import Question, answer
from analysis.appraisal.sentences import HEADLINE_WORDS
from analysis.export.artefacts import VIEW, NothingToTake, for_page, of
from analysis.prose import words_in
from tests.evidence_builder import shipped

ASKED = Question(time="12m")
LINK = "https://host/page"


def slides(artefact, question=ASKED):
    return list(Presentation(io.BytesIO(artefact.make(question, shipped(), LINK))).slides)


def texts(slide):
    cells = [
        cell.text for s in slide.shapes if s.has_table for row in s.table.rows for cell in row.cells
    ]
    return [*(s.text_frame.text for s in slide.shapes if s.has_text_frame), *cells]


@pytest.mark.parametrize(
    "artefact", [a for a in of(VIEW) if a.ending == "pptx"], ids=lambda a: a.name
)
def test_every_slide_of_a_page_shows_something_under_a_title_of_its_own(artefact):
    made = slides(artefact)
    titles = [slide.shapes.title.text for slide in made]
    assert len(set(titles)) == len(titles)
    assert max(map(words_in, titles)) <= HEADLINE_WORDS
    for slide in made:
        assert any(s.has_table for s in slide.shapes), slide.shapes.title.text
        differs = slide.shapes.title.text.startswith(
            "What differs"
        )  # a table by nature, like the map of gaps
        if artefact.path != "/gaps" and not differs:
            assert any(s.has_chart for s in slide.shapes)
        assert "No result" not in " ".join(texts(slide))
        assert LINK in slide.notes_slide.notes_text_frame.text
    assert artefact in for_page(artefact.path)


def test_reviews_of_one_group_say_so_on_the_slide():
    made = slides(next(a for a in of(VIEW) if a.path == "/reviews"))
    for title, caution in (
        ("change from before", "Before and after in one group: not an effect of treatment."),
        ("percent with the event", "One group without a comparison: not an effect of treatment."),
    ):
        alone = [s for s in made if title in s.shapes.title.text.lower()]
        assert alone
        assert all(caution in texts(slide) for slide in alone)


def test_the_robust_slide_holds_the_answer_of_each_smaller_set():
    made = slides(next(a for a in of(VIEW) if a.path == "/robustness"))
    shown = [text.replace("\n", " ") for slide in made for text in texts(slide)]
    for study in answer(ASKED).studies:
        less = answer(ASKED.replace(without=(study.trial,)))
        assert less.in_short.rpartition(",")[0] in shown
        assert f"Without {study.label}" in shown


def test_the_slides_over_time_need_a_comparison():
    artefact = next(a for a in of(VIEW) if a.path == "/time-course")
    with pytest.raises(NothingToTake, match="choose a comparator"):
        artefact.make(Question(comparator="NONE"), shipped(), LINK)
