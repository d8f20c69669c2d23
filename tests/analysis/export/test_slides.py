"""Slides: what stands on them is the answer, nothing lies outside, and the same view gives the same file."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections import defaultdict
from dataclasses import replace

import pytest
from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Pt

from analysis import Question, answer
from analysis.appraisal.sentences import HEADLINE_WORDS
from analysis.export.artefacts import ARTEFACTS, NothingToTake
from analysis.export.slides import deck, rows
from analysis.export.slides.chart import Mark
from analysis.export.slides.plot import Row
from analysis.export.slides.question_deck import on_axis
from analysis.figures import fit
from analysis.figures.forest_table import forest_table
from analysis.figures.words import model_line
from analysis.prose import words_in
from analysis.topic.vertebral import claims
from tests.evidence_builder import shipped

LINK = "https://host.example/compare?v=1"
YEAR = Question(time="12m")
RATIO = Question(
    outcome="new-fracture", comparator="NSM", time="any", designs=("open_rct", "comparative_cohort")
)
MANY = Question(intervention="AUG", comparator="NONE", time="any")
PERCENT = Question(
    outcome="leakage", intervention="BKP", comparator="NONE", unit="vertebrae", time="any"
)
SINGLE = Question(time="6m")
QUESTIONS = {"several": YEAR, "ratio": RATIO, "many": MANY, "percent": PERCENT, "single": SINGLE}


def opened(name, subject, link=LINK):
    content = ARTEFACTS[name].make(subject, shipped(), link)
    return Presentation(io.BytesIO(content))


@pytest.fixture(scope="module")
def decks():
    made = {name: opened("deck.pptx", q) for name, q in QUESTIONS.items()}
    return made | {"claims": opened("claims.pptx", (), "https://host.example/claims")}


@pytest.fixture(params=[*QUESTIONS, "claims"])
def presentation(decks, request):
    return decks[request.param]


def words_on(slide):
    texts = [s.text_frame.text for s in slide.shapes if s.has_text_frame]
    for shape in slide.shapes:
        if shape.has_table:
            texts += [cell.text for row in shape.table.rows for cell in row.cells]
    return "\n".join(texts)


# --- form ----------------------------------------------------------------------------------------
def test_slides_are_16_to_9_and_nothing_lies_outside(presentation):
    assert presentation.slide_width * 9 == presentation.slide_height * 16
    for slide in presentation.slides:
        for shape in slide.shapes:
            assert shape.left >= 0, shape.name
            assert shape.top >= 0, shape.name
            assert shape.left + shape.width <= presentation.slide_width, shape.name
            assert shape.top + shape.height <= presentation.slide_height, shape.name


def test_content_ends_above_the_footer(presentation):
    for slide in presentation.slides:
        for shape in slide.shapes:
            if not shape.is_placeholder:
                assert shape.top + shape.height <= Pt(deck.BODY_BOTTOM) + 1, shape.name


def test_every_slide_has_title_footer_number_and_notes(presentation):
    for slide in presentation.slides:
        kinds = {s.placeholder_format.type.name for s in slide.placeholders}
        assert kinds == {"TITLE", "FOOTER", "SLIDE_NUMBER"}
        assert slide.shapes.title.text.strip()
        footer = next(s for s in slide.placeholders if s.placeholder_format.type.name == "FOOTER")
        assert shipped().version in footer.text_frame.text
        assert "https://host.example/" in footer.text_frame.text
        notes = slide.notes_slide.notes_text_frame.text
        assert shipped().sha256 in notes
        assert "https://host.example/" in notes


def test_everything_that_carries_meaning_has_a_text_alternative(presentation):
    seen = 0
    for slide in presentation.slides:
        for shape in slide.shapes:
            if shape.has_chart or shape.has_table:
                described = shape._element.find(".//" + qn("p:cNvPr")).get("descr")
                assert described, shape.name
                assert len(described) > 20, shape.name
                seen += 1
    assert seen > 2


def test_shapes_of_a_slide_have_numbers_of_their_own(presentation):
    for slide in presentation.slides:
        numbers = [shape.shape_id for shape in slide.shapes]
        assert len(set(numbers)) == len(numbers)


def test_text_fits_its_box(presentation):
    """Measured with Arial's widths: the box holds as many lines as the text takes."""
    for slide in presentation.slides:
        for shape in slide.shapes:
            if not shape.has_text_frame or not shape.text_frame.text:
                continue
            if shape.is_placeholder and shape != slide.shapes.title:
                continue
            taken = 0.0
            for paragraph in shape.text_frame.paragraphs:
                run = paragraph.runs[0] if paragraph.runs else None
                if run is None:
                    continue
                bold = bool(run.font.bold) or shape.is_placeholder
                size = run.font.size.pt
                broken = fit.lines(paragraph.text, size, shape.width.pt, bold=bold)
                taken += len(broken) * size * fit.LEADING
            assert taken <= shape.height.pt + 0.5, (shape.name, shape.text_frame.text)


def test_no_sentence_is_cut_short(presentation):
    for slide in presentation.slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                assert not shape.text_frame.text.endswith("…"), (shape.name, shape.text_frame.text)


def test_text_of_a_table_fits_its_cells(presentation):
    for slide in presentation.slides:
        for shape in slide.shapes:
            if not shape.has_table:
                continue
            for row in shape.table.rows:
                for column, cell in zip(shape.table.columns, row.cells, strict=True):
                    runs = cell.text_frame.paragraphs[0].runs
                    if cell.is_merge_origin or not runs:
                        continue
                    size, bold = runs[0].font.size.pt, bool(runs[0].font.bold)
                    room = column.width.pt - 2 * deck.PAD
                    n = len(fit.lines(cell.text, size, room, bold=bold))
                    assert n * size * fit.LEADING <= row.height.pt + 0.5, cell.text


@pytest.mark.parametrize("name", ["slide.pptx", "deck.pptx"])
def test_the_same_view_gives_the_same_bytes_whenever_it_is_made(name, monkeypatch):
    first = ARTEFACTS[name].make(YEAR, shipped(), LINK)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    monkeypatch.setattr("time.localtime", lambda *_: (2033, 5, 18, 3, 33, 20, 2, 138, 0))
    assert ARTEFACTS[name].make(YEAR, shipped(), LINK) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
        assert b"dcterms:" not in archive.read("docProps/core.xml").replace(b"xmlns:dcterms", b"")


def sizes(xml):
    """Type sizes in hundredths of a point that a part of the file states, whatever states them."""
    return {int(size) for size in re.findall(rb'\bsz="(\d{3,})"', xml)}


@pytest.mark.parametrize("name", [*QUESTIONS, "claims"])
def test_every_text_can_be_read_from_the_back_row_and_no_title_comes_twice(decks, name):
    content = io.BytesIO()
    decks[name].save(content)
    with zipfile.ZipFile(content) as archive:
        for part in archive.namelist():
            if re.fullmatch(r"ppt/(slides|charts|slideLayouts|slideMasters)/[^/]+\.xml", part):
                assert min(sizes(archive.read(part)), default=1400) >= 1400, part
    titles = [slide.shapes.title.text for slide in decks[name].slides]
    assert len(set(titles)) == len(titles)
    assert max(map(words_in, titles)) <= HEADLINE_WORDS


def test_accents_and_signs_of_other_scripts_are_kept_and_measured():
    presentation = deck.Deck("t", "", deck.Foot("s", "", ""))
    text = "Łukasz Müller-Öz, 椎体成形術の無作為化試験, 척추성형술"
    slide, top = presentation.slide(text, "")
    deck.add_text(slide, text, 40, top, 200, 200)
    opened_again = Presentation(io.BytesIO(presentation.saved())).slides[0]
    assert [s.text_frame.text for s in opened_again.shapes if s.has_text_frame].count(text) == 2
    assert fit.width("椎体", 10) >= 20


# --- content -------------------------------------------------------------------------------------
def charts(presentation):
    return [s.chart for slide in presentation.slides for s in slide.shapes if s.has_chart]


def drawn(chart):
    """Points and intervals of a chart by their name, from the series' own numbers."""
    points, spans = {}, {}
    for series in chart._chartSpace.iter(qn("c:ser")):
        name = series.find(qn("c:tx")).findtext(".//" + qn("c:v"))
        xs = [float(v.text) for v in series.find(qn("c:xVal")).iter(qn("c:v"))]
        (points if len(xs) == 1 else spans).setdefault(name, []).append(xs)
    return points, spans


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_chart_holds_the_answers_numbers(decks, name):
    question = QUESTIONS[name]
    found = answer(question, shipped())
    points, spans = defaultdict(list), defaultdict(list)  # two studies may share a label
    for chart in charts(decks[name]):
        for total, more in zip((points, spans), drawn(chart), strict=True):
            for label, values in more.items():
                total[label] += values
    low, high = spans["Axis"][0]
    for study in found.studies:
        value = on_axis(question, study.yi)
        ends = [on_axis(question, v) for v in study.interval(question.level)]
        if low <= value <= high:
            assert any(found == pytest.approx([value], rel=1e-12) for found in points[study.label])
        assert [min(max(v, low), high) for v in ends] in spans[study.label]
    told = [row for row in forest_table(found).summary if row.kind != "prediction"]
    for row in told:
        assert set(map(tuple, points[row.label])) == {(on_axis(question, found.pooled.estimate),)}
    assert bool(told) == (found.pooled.k > 1)


def test_the_data_sheet_moves_the_marks_and_holds_what_they_show():
    """Every number of a series stands in the cell that the series names, as a value or as a formula of it."""
    found = answer(YEAR, shipped())
    chart = charts(opened("slide.pptx", YEAR))[0]
    cells = sheet(chart.part.chart_workbook.xlsx_part.blob)
    for series in chart._chartSpace.iter(qn("c:ser")):
        for axis in ("c:xVal", "c:yVal"):
            place = series.find(qn(axis)).findtext(".//" + qn("c:f"))
            values = [float(v.text) for v in series.find(qn(axis)).iter(qn("c:v"))]
            assert [cells[name][0] for name in names(place)] == pytest.approx(values, rel=1e-12)
    assert cells["B2"] == (pytest.approx(found.studies[0].yi, rel=1e-12), None)
    assert cells["E2"][1] == "MIN(MAX(C2,$J$2),$K$2)"


def names(place):
    """The cells of a range in one row: Data!$E$2:$F$2 is E2, F2."""
    first, _, last = place.removeprefix("Data!").replace("$", "").partition(":")
    return [first, last] if last else [first]


def sheet(blob):
    """Cells of a workbook's only sheet: value and formula."""
    from lxml import etree

    with zipfile.ZipFile(io.BytesIO(blob)) as archive:
        root = etree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    space = {"x": root.nsmap[None]}
    found = {}
    for cell in root.iterfind(".//x:c", space):
        value, formula = cell.findtext("x:v", None, space), cell.findtext("x:f", None, space)
        if value is not None and cell.get("t") is None:
            found[cell.get("r")] = (float(value), formula)
    return found


@pytest.mark.parametrize("name", QUESTIONS)
def test_title_is_the_finding_and_the_table_names_every_study(decks, name):
    found = answer(QUESTIONS[name], shipped())
    slides = list(decks[name].slides)
    assert slides[0].shapes.title.text == found.headline
    assert found.sentence in words_on(slides[0])
    for caution in found.cautions:
        assert caution in words_on(slides[0])
    plots = [slide for slide in slides if any(s.has_chart for s in slide.shapes)]
    text = " ".join(map(words_on, plots)).replace("\n", " ")
    for study in found.studies:
        assert study.label[:28] in text  # a long name ends in an ellipsis on a slide
    if found.pooled.k > 1:
        assert model_line(found)[:20] in text


@pytest.mark.parametrize("name", ["single", "several"])
def test_the_drawing_of_few_studies_has_over_half_of_the_width(decks, name):
    charts = [s for slide in decks[name].slides for s in slide.shapes if s.has_chart]
    assert charts
    for chart in charts:
        assert chart.width >= 0.55 * Pt(deck.ROOM)


def test_many_studies_are_spread_over_slides_that_each_show_the_pooled_effect(decks):
    found = answer(MANY, shipped())
    assert len(found.studies) > 2 * rows.MOST_ROWS - 6
    plots = [s for s in decks["many"].slides if any(x.has_chart for x in s.shapes)]
    assert len(plots) >= 3
    assert f"of {len(found.studies)}" in plots[-1].shapes.title.text
    for slide in plots:
        assert "Random effects" in words_on(slide)


def test_every_claim_has_its_verdict_on_a_slide_and_its_reasons_in_the_notes(decks):
    slides = list(decks["claims"].slides)
    tables = [s for s in slides if s.shapes.title.text.startswith(slides[0].shapes.title.text)]
    overview = "\n".join(map(words_on, tables))
    for found in claims.claim_answers(shipped()):
        assert found.claim["statement"] in overview
        own = [
            s
            for s in slides
            if s not in tables and found.claim["statement"].rstrip(".") in words_on(s)
        ]
        assert own, found.claim_id
        for slide in own:
            assert found.verdict.grade in slide.shapes.title.text
            assert any(s.has_chart or s.has_table for s in slide.shapes)
            notes = slide.notes_slide.notes_text_frame.text
            assert found.sentence in notes
            assert found.entry.would_change[0] in notes
            assert not slide.shapes.title.text.endswith("…")


def test_the_deck_of_one_claim_holds_that_claim_alone():
    slides = list(opened("claims.pptx", ("heat",), "https://host.example/claims?claim=heat").slides)
    assert len(slides) == 1
    assert "claim=heat" in words_on(slides[0])


def test_an_address_without_a_host_opens_nothing_and_is_left_out():
    slide = opened("slide.pptx", YEAR, "/compare?v=1").slides[0]
    assert "/compare" not in words_on(slide)
    assert "/compare" in slide.notes_slide.notes_text_frame.text


def test_a_readers_own_studies_are_named_on_every_slide():
    with_own = replace(shipped(), own=frozenset({"own-1", "own-2"}))
    content = ARTEFACTS["slide.pptx"].make(YEAR, with_own, LINK)
    for slide in Presentation(io.BytesIO(content)).slides:
        assert "not published: 2 studies of your own" in words_on(slide)


def test_an_interval_wider_than_the_axis_is_said_to_go_on():
    wide = Question(level=0.999, ci="hksj")
    low, high = drawn(charts(opened("slide.pptx", wide))[0])[1]["Axis"][0]
    pooled = answer(wide, shipped()).pooled
    assert pooled.ci_low < low or pooled.ci_high > high
    text = "goes on beyond it"
    assert text in words_on(opened("slide.pptx", wide).slides[0])
    assert text not in words_on(opened("slide.pptx", YEAR).slides[0])


def test_without_a_study_there_is_no_slide_and_the_reason_is_said():
    with pytest.raises(NothingToTake, match="No randomised trial has compared kyphoplasty"):
        opened("slide.pptx", Question(intervention="BKP"))
    with pytest.raises(NothingToTake, match="no such claim"):
        opened("claims.pptx", ("nothing",))


# --- measuring -----------------------------------------------------------------------------------
def test_measured_widths_are_not_less_than_arial_takes():
    """Widths of Liberation Sans at 1000 units, which has Arial's metrics, read from the font itself."""
    assert fit.width("Pain: vertebroplasty", 1000) >= 8837
    assert fit.width("−1.56 (95% CI)", 10) > fit.width("1.56 (95% CI)", 10)
    assert fit.width("Pain", 10, bold=True) > fit.width("Pain", 10)


def test_what_does_not_fit_ends_in_an_ellipsis():
    size, broken = fit.fitted("word " * 200, (20, 12), 100, 40)
    assert size == 12
    assert broken[-1].endswith("…")
    assert len(broken) * size * fit.LEADING <= 40
    assert all(fit.width(line, size) <= 100 for line in broken)


def test_rows_are_split_evenly_and_a_heading_never_stands_last():
    def row(i):
        return Row(Mark(str(i)), (str(i),), heading=i % 7 == 0)

    parts = rows.split([row(i) for i in range(40)], (), 12)
    assert max(map(len, parts)) <= 12
    for part in parts:
        assert part[0].heading
        assert not part[-1].heading
    kept = [r.texts[0] for part in parts for r in part if "continued" not in r.texts[0]]
    assert kept == [str(i) for i in range(40)]
    assert math.isnan(parts[0][0].mark.low)
