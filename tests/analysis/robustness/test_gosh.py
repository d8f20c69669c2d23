"""GOSH: all subsets up to a limit, a fixed draw beyond, and what is shown of them."""

from __future__ import annotations

import json
import re
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.answer import answer
from analysis.figures.gosh import EACH, gosh_figure
from analysis.question import Question
from analysis.robustness import gosh as module
from analysis.robustness.gosh import gosh, mover
from analysis.robustness_views.registry import VIEWS
from analysis.robustness_views.subsets import KEY, view
from analysis.robustness_views.view import View
from analysis.synthesis import pool
from tests.evidence_builder import Tiny, shipped

YEAR = Question(time="12m")
SERIES = Question(comparator="NONE", time="any")
MANY = Question(intervention="AUG", comparator="NONE", time="any")
LEAKAGE = Question(outcome="leakage", intervention="AUG", comparator="NONE", time="any")
YI, VI = [0.1, 0.2, 0.15, 1.4, 0.9], [0.02, 0.03, 0.02, 0.05, 0.04]


def by_slug(question: Question) -> str:
    return question.slug()


# --- the subsets ---------------------------------------------------------------------------------
@settings(deadline=None, max_examples=30)
@given(st.integers(0, 25), st.sampled_from(["REML", "DL", "EE"]))
def test_each_subset_is_what_pooling_it_gives(at, tau2):
    found = gosh(YI, VI, tau2)
    assert len(found) == 2**5 - 1 - 5
    held = np.flatnonzero(found.held[:, at])
    one = pool(np.array(YI)[held], np.array(VI)[held], tau2=tau2)
    assert found.k[at] == one.k == len(held)
    assert found.estimate[at] == pytest.approx(one.estimate, abs=1e-9)
    assert found.i2[at] == pytest.approx(one.i2, abs=1e-6)


def test_every_subset_of_two_or_more_is_there_once():
    found = gosh(YI, VI)
    members = {tuple(np.flatnonzero(column)) for column in found.held.T}
    assert len(members) == len(found)
    assert found.exhaustive


def test_beyond_the_limit_a_fixed_draw_is_pooled(monkeypatch):
    monkeypatch.setattr(module, "MOST_STUDIES", 4)
    monkeypatch.setattr(module, "SAMPLE", 400)
    first, again = gosh(YI, VI), gosh(YI, VI)
    assert not first.exhaustive
    np.testing.assert_array_equal(first.estimate, again.estimate)
    assert 250 < len(first) < 400  # 6 of 32 subsets hold fewer than two studies
    held = first.held[:, 7]
    one = pool(np.array(YI)[held], np.array(VI)[held])
    assert first.estimate[7] == pytest.approx(one.estimate, abs=1e-9)


def test_the_study_that_moves_the_median_most_is_found():
    found = gosh(YI, VI, "EE")
    shifts = [np.subtract(*found.medians(study)) for study in range(5)]
    assert mover(found) == np.argmax(np.abs(shifts)) == 3
    assert shifts[3] > 0


def test_two_studies_have_one_subset_and_one_study_none():
    found = gosh([0.1, 0.5], [0.02, 0.03])
    assert (len(found), mover(found)) == (1, 0)
    assert np.isnan(found.medians(1)[1])
    with pytest.raises(ValueError, match="only one study"):
        gosh([0.1], [0.02])
    with pytest.raises(ValueError, match="study must be from 0 to 1; found 2"):
        found.medians(2)


def test_all_subsets_of_sixteen_studies_are_drawn_in_less_than_a_second_of_processor_time():
    tiny = Tiny()
    for number in range(16):
        estimate = (number % 5) / 2 + 0.1 * number
        tiny.study(f"trial-{number}", n=50 + number)
        tiny.contrast(
            f"trial-{number}", estimate=estimate, ci_low=estimate - 0.8, ci_high=estimate + 0.8
        )
    evidence = tiny.evidence()
    assert len(answer(Question(), evidence).studies) == 16
    started = time.process_time()
    assert view(Question(), evidence).facts["subsets"] == 2**16 - 1 - 16
    assert time.process_time() - started < 1.0


# --- the view ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "question", [Question(), YEAR, Question(comparator="NSM"), SERIES, LEAKAGE,
                 Question(intervention="BKP")], ids=by_slug,
)  # fmt: skip
def test_a_view_is_plain_data_in_readable_sentences(question):
    shown = view(question, shipped())
    assert View.from_json(json.loads(json.dumps(shown.to_json()))) == shown
    said = " ".join([shown.finding, *shown.sentences, *shown.cautions])
    assert re.search(r"\bnan\b|\bNone\b|  |\.\.|significant|\b1 (studies|subsets)\b", said) is None
    assert all(len(row) == len(p.columns) for p in shown.panels for row in p.rows)


def test_no_study_one_study_and_two_are_each_a_sentence():
    assert view(Question(intervention="BKP"), shipped()).facts == {"k": 0}
    alone = view(Question(comparator="NSM"), shipped())
    assert (alone.panels, alone.facts) == ((), {"k": 1})
    assert alone.finding.endswith("it has no subsets to compare.")
    pair = view(Question(), shipped())
    assert pair.finding.startswith("Two studies have one subset to pool")
    assert pair.panels[0].figure is None
    assert len(pair.panels[0].rows) == 1


def test_three_studies_are_a_table_of_four_subsets():
    tiny = Tiny()
    for name, estimate in (("a", 1.0), ("b", 1.5), ("c", 4.0)):
        tiny.study(name)
        tiny.contrast(name, estimate=estimate, ci_low=estimate - 0.5, ci_high=estimate + 0.5)
    shown = view(Question(), tiny.evidence())
    assert shown.panels[0].figure is None
    assert len(shown.panels[0].rows) == 4
    assert "C moves them most" in shown.finding
    assert shown.cautions == ("With three studies there is little to see: four subsets.",)


def test_the_finding_says_which_study_moves_the_subsets():
    shown = view(YEAR, shipped())
    found = answer(YEAR, shipped())
    subsets = gosh([s.yi for s in found.studies], [s.vi for s in found.studies], YEAR.tau2, YEAR.ci)
    assert subsets.estimate[-1] == pytest.approx(found.pooled.estimate)
    trial = found.studies[mover(subsets)]
    assert shown.finding.startswith("All 11 subsets of two studies or more give estimates from")
    assert f"{trial.label} moves them most" in shown.finding
    assert shown.facts["study"] == trial.trial
    assert shown.facts["lowest"] == pytest.approx(subsets.estimate.min())


def test_the_reader_may_choose_the_study_that_gives_the_colour():
    shown = view(YEAR, shipped(), study="carli-2023")
    assert "Coloured by VERTOS V" in shown.finding
    with pytest.raises(ValueError, match="study: found 'nobody', allowed: buchbinder-2009"):
        view(YEAR, shipped(), study="nobody")


def test_a_draw_is_said_to_be_one():
    shown = view(MANY, shipped())
    assert "subsets drawn of two studies or more" in shown.finding
    assert any("seed 2012" in sentence for sentence in shown.sentences)
    assert shown.facts["exhaustive"] is False


# --- the figure ----------------------------------------------------------------------------------
@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("question", [YEAR, SERIES, LEAKAGE], ids=by_slug)
def test_the_figure_is_light_and_made_of_what_the_pages_can_draw(question, narrow):
    found = answer(question, shipped())
    subsets = gosh([s.yi for s in found.studies], [s.vi for s in found.studies])
    figure = gosh_figure(found, subsets, 0, narrow=narrow)
    assert {trace.type for trace in figure.data} == {"scatter"}
    assert len(figure.to_json()) < 120_000


def test_cells_count_every_subset_once():
    found = answer(LEAKAGE, shipped())
    subsets = gosh([s.yi for s in found.studies], [s.vi for s in found.studies])
    assert len(subsets) > EACH
    cells = gosh_figure(found, subsets, 2).data[0]
    counts = [int(text.split(" subsets")[0].replace(",", "")) for text in cells.text]
    assert sum(counts) == len(subsets)
    held = sum(n * share for n, share in zip(counts, cells.marker.color, strict=True))
    # shares are rounded to two decimals in the figure
    assert held == pytest.approx(subsets.held[2].sum(), rel=0.01)


def test_few_subsets_have_a_mark_each_and_say_what_is_missing():
    found = answer(YEAR, shipped())
    subsets = gosh([s.yi for s in found.studies], [s.vi for s in found.studies])
    cloud = gosh_figure(found, subsets, 0).data[0]
    assert len(cloud.x) == len(subsets)
    assert sum("all studies" in text for text in cloud.text) == 1
    filled = [symbol == "circle" for symbol in cloud.marker.symbol]
    assert filled == subsets.held[0].tolist()


def test_the_registry_knows_the_view():
    assert VIEWS[KEY].view is view
