"""Figures of answers: every coordinate and every text is a number of the answer, and nothing is cut in silence."""

from __future__ import annotations

import math
import re
from functools import cache
from html import unescape
from itertools import pairwise
from pathlib import Path

import plotly.graph_objects as go
import pytest
from scipy.stats import norm

from analysis import Question, answer
from analysis.answer import Answer
from analysis.appraisal.wording import estimate
from analysis.effects.scale import in_percent, printed, shown
from analysis.export.figure import question_figure
from analysis.figures import forest
from analysis.figures.layers import Layer, Line, layers
from analysis.figures.overview import pain_figure, relief_figure
from analysis.figures.standalone import SIZES, footer_of, standalone
from analysis.figures.words import caption, sides
from analysis.topic.vertebral.claims import TIMES
from analysis.vocabulary import RATIOS
from tests.evidence_builder import Tiny, shipped, standard_answers

BUNDLE = Path(__file__).resolve().parents[3] / "dashboard" / "assets" / "plotly-basic.min.js"
YEAR = Question(time="12m")
FRACTURE = Question(outcome="new-fracture", intervention="AUG", comparator="NSM", time="any")
SERIES = Question(intervention="BKP", comparator="NONE")
LEAKAGE = Question(outcome="leakage", intervention="BKP", comparator="NONE", time="any")
SINGLE = Question(time="6m")
KINDS = (
    Question(), YEAR, YEAR.replace(level=0.99), YEAR.replace(tau2="EE", ci="wald"),
    YEAR.replace(mid=0.0), YEAR.replace(mid=3.0), YEAR.replace(without=("carli-2023",)),
    FRACTURE, FRACTURE.replace(measure="RR"), FRACTURE.replace(measure="RD"), SERIES, LEAKAGE,
    LEAKAGE.replace(unit="vertebrae", measure="PAS"), SINGLE,
)  # fmt: skip


@pytest.fixture(params=KINDS, ids=Question.slug)
def answered(request: pytest.FixtureRequest) -> Answer:
    return answer(request.param, shipped())


def on_axis(a: Answer, value: float) -> float:
    """Where a pooled-scale value belongs: ratios on the log scale, proportions in percent."""
    measure = a.question.effect_measure
    if measure in RATIOS:
        return value
    return float(shown(measure, value)) * (100 if in_percent(a.question) else 1)


def marks(figure: go.Figure) -> go.Scatter:
    return next(t for t in figure.data if t.customdata is not None)


def diamonds(figure: go.Figure) -> list[list[float]]:
    """Lower end, estimate, upper end of each diamond, from top to bottom."""
    return [list(t.x[:3]) for t in figure.data if t.mode == "lines" and len(t.x) == 5]


def arrows(figure: go.Figure) -> set[tuple[float, str]]:
    """Height and direction of every arrow."""
    found = set()
    for trace in figure.data:
        symbols = trace.marker.symbol
        for y, symbol in zip(trace.y, symbols if isinstance(symbols, tuple) else (), strict=False):
            if symbol in ("triangle-left", "triangle-right"):
                found.add((y, symbol.removeprefix("triangle-")))
    return found


def texts(figure: go.Figure) -> list[str]:
    columns = (t.text for t in figure.data if t.mode == "text")
    return [text for column in columns for text in column]


# --- the numbers ---------------------------------------------------------------------------------
def test_a_mark_stands_for_each_study_at_its_effect_and_opens_it(answered):
    drawn = marks(forest(answered))
    assert list(drawn.x) == pytest.approx([on_axis(answered, s.yi) for s in answered.studies])
    assert list(drawn.customdata) == [s.trial for s in answered.studies]
    assert all(lower < upper for upper, lower in pairwise(drawn.y))


def test_a_larger_weight_has_a_larger_mark(answered):
    sizes = zip(answered.pooled.weights, marks(forest(answered)).marker.size, strict=True)
    ordered = sorted(sizes)
    assert [size for _, size in ordered] == sorted(size for _, size in ordered)


def test_one_diamond_stands_at_what_is_told_and_none_for_a_single_study(answered):
    results = (
        []
        if answered.pooled.k == 1 or (answered.apart and answered.question.one_group)
        else [answered.pooled]
    )
    figure = forest(answered)
    low, high = figure.layout.xaxis2.range
    expected = [[on_axis(answered, v) for v in (r.ci_low, r.estimate, r.ci_high)] for r in results]
    clamped = [[min(max(v, low), high) for v in ends] for ends in expected]
    assert diamonds(figure) == [pytest.approx(ends) for ends in clamped]


def test_text_of_a_figure_prints_weights_effects_and_intervals_of_the_answer(answered):
    written, q, pooled = texts(forest(answered)), answered.question, answered.pooled
    for study, weight in zip(answered.studies, pooled.weights, strict=True):
        low, high = study.interval(q.level)
        values = [printed(q, v, unit=False) for v in (study.yi, low, high)]
        assert any(text.startswith(values[0]) for text in written)
        names = [text for text in written if text.startswith(study.label[:20])]  # long names wrap
        assert names
        assert any(f"{weight:.1f}%" in name for name in names) == answered.told.together
    if pooled.k > 1 and not (answered.apart and q.one_group):
        assert _bare(f"<b>{estimate(q, pooled)}</b>") in map(_bare, written)


def _bare(text: str) -> str:
    """Without units, which a figure's heading names once."""
    return text.replace(" percentage points", "").replace("%", "")


def test_a_prediction_interval_is_drawn_where_there_is_one(answered):
    pooled, figure = answered.pooled, forest(answered)
    lines = [list(t.x) for t in figure.data if t.mode == "lines" and t.line.width == 5]
    low, high = figure.layout.xaxis2.range
    if pooled.pi_low is None:
        assert lines == []
        return
    ends = [min(max(on_axis(answered, v), low), high) for v in (pooled.pi_low, pooled.pi_high)]
    assert lines == [pytest.approx(ends)]


def test_model_and_heterogeneity_stand_under_the_figure():
    figure = forest(answer(YEAR.replace(level=0.999), shipped()))
    notes = " ".join(note.text for note in figure.layout.annotations)
    assert "99.9% credible interval" in notes
    assert "I² " in notes
    assert "100%" not in notes
    many = " ".join(note.text for note in forest(answer(LEAKAGE, shipped())).layout.annotations)
    assert "REML; 95% CI by HKSJ" in many
    single = " ".join(n.text for n in forest(answer(SINGLE, shipped())).layout.annotations)
    assert "not pooled" in single
    assert "Heterogeneity" not in single


# --- what is cut ---------------------------------------------------------------------------------
def wide(*half: float) -> Answer:
    """Trials with a difference of 1 in favour of the intervention and intervals of these half-widths."""
    tiny = Tiny()
    for i, h in enumerate(half):
        tiny.study(f"s{i}").contrast(f"s{i}", estimate=1.0, ci_low=1.0 - h, ci_high=1.0 + h)
    return answer(Question(), tiny.evidence())


def test_an_interval_far_wider_than_the_others_is_cut_and_has_an_arrow_at_each_end():
    figure = forest(wide(1.0, 40.0, 1.2, 0.9, 1.1))
    y = marks(figure).y[1]
    assert arrows(figure) == {(y, "left"), (y, "right")}


@pytest.mark.slow
def test_arrows_stand_exactly_where_an_interval_leaves_the_axis():
    seen = 0
    for a in standard_answers():
        seen += 1
        figure = forest(a)
        low, high = figure.layout.xaxis2.range
        z = norm.ppf((1 + a.question.level) / 2)
        rows = [
            (y, s.yi - half, s.yi + half)
            for s, y in zip(a.studies, _rows(figure), strict=True)
            for half in [z * math.sqrt(s.vi)]
        ]
        expected = {(y, "left") for y, lo, _ in rows if on_axis(a, lo) < low}
        expected |= {(y, "right") for y, _, hi in rows if on_axis(a, hi) > high}
        of_studies = {(y, side) for y, side in arrows(figure) if y in {row[0] for row in rows}}
        assert of_studies == expected, a.question
    assert seen > 100


def _rows(figure: go.Figure) -> list[float]:
    """The height of each study's interval: the first lines of the figure, separated by None."""
    return list(figure.data[0].y)[::3]


def test_a_pooled_interval_that_would_squeeze_the_studies_is_cut_with_arrows():
    figure = forest(answer(Question(level=0.999, ci="hksj"), shipped()))  # two studies: t with 1 df
    low, high = figure.layout.xaxis2.range
    assert low >= -10.5  # the scale is 0 to 10; 5% room
    assert high <= 10.5
    assert {side for y, side in arrows(figure) if y < min(marks(figure).y)} == {"left", "right"}


def test_an_odds_ratio_off_the_axis_is_an_arrow_and_keeps_its_numbers():
    tiny = Tiny()
    for study, events in (("far", (200, 200, 1, 200)), ("near", (10, 200, 9, 200))):
        tiny.study(study)
        for arm, x, n in (("VP", *events[:2]), ("SHAM", *events[2:])):
            tiny.count(study, arm, events=float(x), total=float(n))
    a = answer(Question(outcome="new-fracture"), tiny.evidence())
    figure = forest(a)
    assert list(marks(figure).customdata) == ["near"]
    assert (_rows(figure)[0], "right") in arrows(figure)
    assert ">1000 (>1000 to >1000)" in texts(figure)
    assert not any(re.search(r"\d{6}", text) for text in texts(figure))


@pytest.mark.parametrize("mid", [0.0, 1.5, 3.0, 1000.0])
def test_the_important_difference_is_a_band_inside_the_axis_and_none_when_it_is_zero(mid):
    figure = forest(answer(YEAR.replace(mid=mid), shipped()))
    bands = [s for s in figure.layout.shapes if s.type == "rect"]
    assert len(bands) == (mid > 0)
    low, high = figure.layout.xaxis2.range
    for band in bands:
        assert low <= band.x0 < 0 < band.x1 <= high
        assert band.x1 == pytest.approx(min(mid, high))
    assert high - low < 20  # a band of 1000 points must not flatten the studies


# --- how it is laid out --------------------------------------------------------------------------
def test_no_study_no_figure():
    with pytest.raises(ValueError, match="nothing to draw"):
        forest(answer(Question(intervention="BKP"), shipped()))


def test_a_narrow_figure_has_no_columns_and_names_each_study_above_its_row(answered):
    narrow, usual = forest(answered, narrow=True), forest(answered)
    (column,) = [t for t in narrow.data if t.mode == "text"]
    assert not any("Weight" in text for text in column.text)
    for study, y in zip(answered.studies, _rows(narrow), strict=True):
        above = [
            text for text, height in zip(column.text, column.y, strict=True) if y < height < y + 1
        ]
        assert len(above) == 1
        assert above[0].startswith(study.label[:20])  # long names wrap
    assert narrow.layout.xaxis2.domain[1] - narrow.layout.xaxis2.domain[0] > 0.9
    assert list(marks(narrow).x) == list(marks(usual).x)


@pytest.mark.parametrize("narrow", [False, True])
def test_a_long_name_takes_two_lines_and_no_more(narrow):
    tiny = Tiny()
    names = ("A very long acronym of forty-five characters", "x" * 90, "Short 2010")
    for effect, name in enumerate(names):  # equal figures would be taken for one and the same study
        study = f"s{effect}"
        tiny.study(study, label=name)
        tiny.contrast(study, estimate=effect, ci_low=effect - 1, ci_high=effect + 1)
    figure = forest(answer(Question(), tiny.evidence()), narrow=narrow)
    names = [t for t in texts(figure) if re.match(r"A very|x+|Short", t)]
    assert len(names) == 3
    lines = [line for name in names for line in name.split("<br>") if not line.startswith("<span")]
    assert max(map(len, lines)) <= 46
    assert all(name.count("<br>") <= 2 for name in names)


def test_the_pointer_reaches_the_marks(answered):
    # Plotly gives the pointer to the last axis pair: columns of text must stand on the first.
    for trace in forest(answered).data:
        assert trace.xaxis == ("x" if trace.mode == "text" else "x2")


@pytest.mark.parametrize(
    ("question", "left", "right"),
    [
        (Question(), "vertebroplasty", "sham"),
        (Question(outcome="pcs", intervention="BKP", comparator="NSM"), "non-surgical", "kyphoplasty"),
        (Question(outcome="leakage", intervention="VAI", comparator="BKP"), "implant", "kyphoplasty"),
        (Question(outcome="responder"), "sham", "vertebroplasty"),
    ],
)  # fmt: skip
def test_sides_follow_the_direction_of_the_outcome(question, left, right):
    assert [side.split("<br>")[1] for side in sides(question)] == [left, right]


# --- all figures ---------------------------------------------------------------------------------
def drawn_anew() -> list[go.Figure]:
    answers = [answer(q, shipped()) for q in KINDS]
    overview = [
        f for narrow in (False, True)
        for f in (*(pain_figure(shipped(), t, narrow=narrow) for t in TIMES),
                  relief_figure(shipped(), narrow=narrow))
    ]  # fmt: skip
    return [forest(a, narrow=n) for a in answers for n in (False, True)] + overview


@cache
def every_kind_of_figure() -> list[go.Figure]:
    return drawn_anew()


def test_every_trace_can_be_drawn_by_the_bundle_that_the_page_ships():
    # With a type that it lacks, plotly-basic draws an empty figure and says nothing.
    bundle = BUNDLE.read_text(encoding="utf-8")
    can = set(re.findall(r'moduleType:"trace",name:"(\w+)"', bundle))
    assert {"scatter", "bar", "pie"} <= can
    assert {trace.type for figure in every_kind_of_figure() for trace in figure.data} <= can


def test_the_same_question_gives_the_same_figure():
    first, second = ([f.to_json() for f in figures] for figures in (every_kind_of_figure(), drawn_anew()))
    assert first == second


def test_no_figure_brings_a_ground_or_ink_of_its_own():
    for figure in every_kind_of_figure():
        assert figure.layout.paper_bgcolor is None
        assert figure.layout.font.color is None
        assert figure.layout.height > 100


def test_the_text_alternative_holds_the_numbers(answered):
    text, q, pooled = caption(answered), answered.question, answered.pooled
    assert q.title() in text
    for value in (pooled.estimate, pooled.ci_low, pooled.ci_high):
        assert printed(q, value, unit=False) in text
    if pooled.pi_low is not None:
        assert printed(q, pooled.pi_low, unit=False) in text
        assert f"I² {pooled.i2:.0f}%" in text
    assert (f"{pooled.k} studies" if pooled.k > 1 else "one study") in text
    assert text.count("percentage points") <= 3  # estimate, interval, prediction: once each


def test_the_text_alternative_of_no_study_is_the_sentence():
    empty = answer(Question(intervention="BKP"), shipped())
    assert caption(empty) == empty.sentence


# --- several answers on one axis -----------------------------------------------------------------
def line(question: Question) -> Line:
    return Line("row", answer(question, shipped()), "none here")


def test_two_studies_are_drawn_one_by_one_with_their_own_intervals_and_no_diamond():
    figure = layers([Layer("p", (line(Question()), line(YEAR)))], axis_title="x")
    (full,) = [t for t in figure.data if t.marker.symbol == "diamond"]
    two = answer(Question(), shipped())
    both = next(t for t in figure.data if list(t.x or ()) == [s.yi for s in two.studies])
    assert len(set(both.y)) == 2
    own = next(t for t in figure.data if t.mode == "lines" and len(t.x) == 6)
    assert [own.x[0], own.x[1]] == pytest.approx(list(two.studies[0].interval()))
    assert full.x[0] == answer(YEAR, shipped()).pooled.estimate
    assert any(text.partition("<br>")[0].endswith("*") for text in texts(figure))


def test_a_row_without_a_study_says_so_and_draws_nothing():
    figure = layers([Layer("p", (line(YEAR), line(Question(intervention="BKP"))))], axis_title="x")
    alone = layers([Layer("p", (line(YEAR),))], axis_title="x")
    assert "none here" in texts(figure)
    drawings = [[t for t in f.data if t.mode != "text"] for f in (figure, alone)]
    assert len(drawings[0]) == len(drawings[1])


def test_percent_and_points_never_share_an_axis():
    with pytest.raises(ValueError, match="cannot share an axis"):
        layers([Layer("p", (line(YEAR), line(LEAKAGE)))], axis_title="x")
    with pytest.raises(ValueError, match="no answers"):
        layers([], axis_title="x")


# --- figures that leave the page -----------------------------------------------------------------
def test_a_figure_for_files_carries_its_finding_its_data_version_and_its_address():
    a = answer(YEAR, shipped())
    page = forest(a)
    link = f"https://host/compare?{YEAR.to_query()}"
    figure = standalone(page, a.sentence, footer_of(a, shipped(), link))
    words = unescape(" ".join(note.text for note in figure.layout.annotations).replace("<br>", " "))
    assert a.sentence in words
    assert a.data_version in words
    assert link in words
    # without a host a link leads nowhere from a slide
    assert "/compare" not in " ".join(footer_of(a, shipped(), "/compare?v=1"))
    assert "4 studies, 469 patients" in words
    assert figure.layout.height > page.layout.height
    assert figure.layout.paper_bgcolor == "#ffffff"
    assert page.layout.paper_bgcolor is None  # the page's own figure is left as it was


def test_a_picture_of_many_studies_grows_higher_before_its_type_shrinks():
    """At 1920 px the smallest type of the drawing (11 px as laid out) stays at 16 px or more."""
    size = SIZES["slide"]
    for question in (
        Question(time="12m"),
        Question(intervention="BKP", comparator="NONE", time="any"),
    ):
        made = question_figure(question, shipped(), "https://host/", size)
        assert 11 * size.pixels / made.layout.width >= 16
        assert made.layout.height >= made.layout.width * 9 // 16
        assert made.layout.height >= made.layout.margin.t + made.layout.margin.b


@pytest.mark.parametrize("key", [key for key, size in SIZES.items() if size.aspect])
def test_on_a_slide_the_drawing_has_most_of_the_picture(key):
    made = question_figure(YEAR, shipped(), "https://host/", SIZES[key]).layout
    low, high = made.xaxis2.domain
    assert (high - low) * (made.width - made.margin.l - made.margin.r) >= 0.55 * made.width


def test_the_band_of_small_differences_says_what_it_is():
    for narrow in (False, True):
        said = [
            a.text for a in forest(answer(Question(), shipped()), narrow=narrow).layout.annotations
        ]
        assert any("too small to matter" in text for text in said)
