"""No identifier of a report, a review or a group is ever shown as a name, on any page or in any file."""

from __future__ import annotations

import html as markup
import io
import json
import re
import zipfile
from collections.abc import Iterator

import openpyxl
import plotly.graph_objects as go
import pytest

from analysis.answer import answer
from analysis.evidence.names import speller
from analysis.export import spreadsheet, tables
from analysis.export.report.question_report import question_report
from analysis.export.sheets import sheets
from analysis.export.slides.claims_deck import claims_deck
from analysis.export.slides.question_deck import question_deck
from analysis.figures import forest
from analysis.question import Question
from dashboard.page import Visit
from dashboard.pages import pages
from tests.evidence_builder import shipped

LINK = "https://example.org/compare"
QUESTIONS = (
    Question(),
    Question(comparator="NSM", time="12m"),
    Question(intervention="BKP", comparator="NSM", time="any"),
    Question(intervention="BKP", comparator="VP", time="any", designs=("comparative_cohort",)),
    Question(intervention="BKP", comparator="NONE", time="any"),
    Question(outcome="responder", intervention="VP", comparator="NONE", time="any"),
    Question(
        outcome="leakage", intervention="BKP", comparator="NONE", time="any", unit="vertebrae"
    ),
    Question(outcome="new-fracture", comparator="SHAM", time="any"),
    Question(outcome="kyphosis", intervention="VAI", comparator="BKP", time="any"),
)
_KEYS = (
    "id",
    "href",
    "value",
    "customdata",
    "meta",
    "trial",
    "report",
    "ids",
    "study_id",
    "row_id",
    "key",
    "src",
    "pathname",
    "storage_type",
)
_ID_COLUMNS = re.compile(
    r"(trial|report|study_id|arm_id|arm_t|arm_c|parent_study_id|rows?|row_id|key|bibtex.*)"
)
"""Columns of a table that hold keys: they are called so, and never stand for a name."""
_ADDRESS = re.compile(r"(https?://|github |/[a-z-]+\?)\S+")


def identifiers() -> frozenset[str]:
    e = shipped()
    every = [*e.studies["study_id"], *e.published_syntheses["review_id"], *e.arms["arm_id"],
             *e.published_syntheses["same_figure"]]  # fmt: skip
    return frozenset(name for name in every if "-" in name)


IDS = identifiers()
_WORD = re.compile(r"(?<![\w/.=-])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)+(?![\w-])")


def shown_ids(text: str) -> set[str]:
    return IDS & set(_WORD.findall(_ADDRESS.sub(" ", text)))


def texts(node: object, key: str = "") -> Iterator[str]:
    """Every text of a page or a figure that a reader can see, hover and read aloud."""
    if key in _KEYS or key.startswith("data-"):
        return
    if isinstance(node, dict):
        if node.get("type") == "Store":
            return
        for name, value in node.items():
            yield from texts(value, name)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from texts(value, key)
    elif isinstance(node, str):
        yield node


def plain(component: object) -> object:
    """A component or a figure as plain values."""
    return json.loads(
        json.dumps(
            component,
            default=lambda c: c.to_plotly_json() if hasattr(c, "to_plotly_json") else str(c),
        )
    )


def found_in(node: object) -> set[str]:
    return {name for text in texts(plain(node)) for name in shown_ids(text)}


def test_the_search_sees_an_identifier_where_one_stands():
    assert shown_ids("as in klazen-2010, seen at https://x.org/klazen-2010?a=jin-2018") == {
        "klazen-2010"
    }
    figure = go.Figure(
        go.Scatter(x=[1], y=[1], text=["<b>klazen-2010</b>"], customdata=["jin-2018"])
    )
    assert found_in(figure) == {"klazen-2010"}


@pytest.mark.parametrize("path", [page.path for page in pages()])
@pytest.mark.parametrize("narrow", [False, True])
def test_no_page_shows_an_identifier(path, narrow):
    page = next(p for p in pages() if p.path == path)
    query = "id=klazen-2010" if path == "/study" else ""
    assert found_in(page.layout(shipped(), Visit(path, query, narrow))) == set()


@pytest.mark.parametrize("report", shipped().studies["study_id"][::15])
def test_no_page_of_a_study_shows_an_identifier(report):
    page = next(p for p in pages() if p.path == "/study")
    assert found_in(page.layout(shipped(), Visit("/study", f"id={report}"))) == set()


@pytest.mark.parametrize("question", QUESTIONS, ids=Question.slug)
def test_no_answer_shows_an_identifier_on_pages_figures_and_in_files(question):
    evidence = shipped()
    compare = next(p for p in pages() if p.path == "/compare")
    seen = {"page": found_in(compare.layout(evidence, Visit("/compare", question.to_query())))}
    result = answer(question, evidence)
    if result.studies:
        seen["figure"] = found_in(forest(result))
        seen["slides"] = in_slides(question_deck(question, evidence, LINK))
    seen["report"] = in_page(question_report(question, evidence, LINK))
    seen["workbook"] = in_workbook(spreadsheet.to_xlsx(sheets(result, evidence, LINK), "t"))
    seen["json"] = found_in(tables.as_json([result]))
    assert {name: ids for name, ids in seen.items() if ids} == {}


def test_no_slide_of_the_claims_shows_an_identifier():
    chosen = ()  # all of them
    assert in_slides(claims_deck(chosen, shipped(), LINK)) == set()


def in_slides(content: bytes) -> set[str]:
    found: set[str] = set()
    with zipfile.ZipFile(io.BytesIO(content)) as deck:
        for name in deck.namelist():
            if name.endswith(".xml"):
                text = deck.read(name).decode("utf-8", "replace")
                for part in re.findall(r"<(?:a:t|c:v)>([^<]*)</", text):
                    found |= shown_ids(markup.unescape(part))
    return found


def in_page(content: bytes) -> set[str]:
    """What a report shows; in its scripts and reference files identifiers are keys."""
    text = re.sub(r"<(script|style|pre)\b.*?</\1>", " ", content.decode(), flags=re.DOTALL)
    return shown_ids(markup.unescape(re.sub(r"<[^>]*>", " ", text)))


def in_workbook(content: bytes) -> set[str]:
    found: set[str] = set()
    for sheet in openpyxl.load_workbook(io.BytesIO(content), read_only=True):
        rows = list(sheet.iter_rows(values_only=True))
        head = next((i for i, row in enumerate(rows) if sum(c is not None for c in row) > 2), 0)
        for row in rows[head + 1 :]:
            for name, cell in zip(rows[head], row, strict=True):
                if isinstance(cell, str) and not _ID_COLUMNS.fullmatch(str(name).lower()):
                    found |= shown_ids(cell)
    return found


def test_an_identifier_within_a_longer_one_stays():
    spell = speller({"jin-2018": "Jin 2018"})
    assert (
        spell("jin-2018-multilevel and jin-2018; /jin-2018")
        == "jin-2018-multilevel and Jin 2018; /jin-2018"
    )
