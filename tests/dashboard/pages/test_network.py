"""The page on the network: what it shows, where its links lead, and what it says where there is no network."""

from __future__ import annotations

import json

import plotly.utils
import pytest

from analysis.answer import answer
from analysis.figures.network import network_forest, network_graph, steps_figure
from analysis.figures.network_table import COLUMNS, cells, network_table
from analysis.network import network_answer
from analysis.question import Question
from dashboard.components.answer import answer_parts
from dashboard.page import Visit
from dashboard.pages.network import SWITCH, network_view
from tests.analysis.network.test_answer import ASKED, chain, loop
from tests.evidence_builder import Tiny


def shown(question: Question, evidence: object, narrow: bool = False) -> str:
    parts = network_view(evidence, question, Visit("/network", question.to_query(), narrow))
    return json.dumps([p.to_plotly_json() for p in parts], cls=plotly.utils.PlotlyJSONEncoder)


@pytest.mark.parametrize("narrow", [False, True])
def test_the_first_sentence_answers_and_what_it_hangs_on_follows(narrow):
    net = network_answer(ASKED, loop().evidence())
    text = shown(ASKED, loop().evidence(), narrow)
    assert text.index(net.sentence[:40]) < text.index("It rests on")
    for title in (
        "Against a sham procedure",
        "What each step adds",
        "What would it take",
        "What it withstands",
        "The trials",
    ):
        assert title in text


def test_a_click_opens_a_comparison_or_changes_the_reference_and_so_do_links():
    net = network_answer(ASKED, loop().evidence())
    drawn = network_graph(net)
    targets = [
        t
        for trace in drawn.data
        for t in (trace.customdata if trace.customdata is not None else ())
    ]
    assert len(targets) == len(net.links) + len(net.treatments)
    page = shown(ASKED, loop().evidence())
    reference = f"/network?{net.question.to_query()}"
    for target in targets:
        assert target in page or target == reference


def test_the_switch_leaves_out_open_trials_against_a_control_and_leads_back():
    evidence = loop().evidence()
    text = shown(ASKED, evidence)
    assert SWITCH in text
    assert "without=d,e,g" in text
    after = shown(ASKED.replace(without=("d", "e", "g")), evidence)
    assert "put all trials back" in after
    assert "What each step adds" not in after


def test_all_trials_of_a_comparison_can_be_left_out_at_once():
    """Two trials compare kyphoplasty with non-surgical care: one link takes both out, and the network is refitted."""
    evidence = loop().evidence()
    assert "without=d,g" in shown(ASKED, evidence)
    assert len(network_answer(ASKED.replace(without=("d", "g")), evidence).links) == 3


def test_where_there_is_no_network_the_page_says_why_and_where_there_is_one():
    text = shown(ASKED.replace(time="12m"), chain().evidence())
    assert "No randomised trial reported a usable result" in text
    assert "These treatments are linked at: " in text
    assert "1 month (2 trials)" in text


def test_the_table_has_direct_beside_indirect():
    net = network_answer(ASKED, loop().evidence())
    rows = {row.contrast.pair: row for row in network_table(net)}
    assert all(len(cells(row)) == len(COLUMNS) for row in rows.values())
    assert rows["BKP", "SHAM"].direct == ""
    assert rows["BKP", "SHAM"].indirect
    assert rows["VP", "SHAM"].direct
    assert rows["VP", "SHAM"].indirect == ""
    assert "A 3" in rows["VP", "SHAM"].trials  # three trials of like size: a third each


@pytest.mark.parametrize("narrow", [False, True])
def test_the_bars_of_the_steps_follow_each_other(narrow):
    evidence = loop().evidence()
    net = network_answer(ASKED, evidence)
    bars = [t for t in steps_figure(net, evidence, narrow=narrow).data if t.fill == "toself"]
    assert [bar.x[0] for bar in bars[1:-1]] == pytest.approx([bar.x[1] for bar in bars[:-2]])
    assert bars[-1].x[1] == pytest.approx(bars[-2].x[1])


def test_steps_need_all_their_treatments():
    evidence = chain().evidence()
    with pytest.raises(ValueError, match="not all of the topic's steps"):
        steps_figure(network_answer(ASKED, evidence), evidence)


def test_the_forest_draws_what_is_told_in_bold():
    evidence = loop().evidence()
    drawn = network_forest(network_answer(ASKED, evidence), evidence)
    texts = [text for trace in drawn.data if trace.mode == "text" for text in trace.text]
    assert "<b>indirect (the answer)</b>" in texts
    assert "<b>direct (the answer)</b>" in texts


def test_compare_says_what_links_two_treatments_that_no_trial_compared():
    evidence = chain().evidence()
    parts = answer_parts(answer(ASKED, evidence), evidence, narrow=False)
    text = json.dumps([p.to_plotly_json() for p in parts], cls=plotly.utils.PlotlyJSONEncoder)
    assert "Indirectly, through vertebroplasty" in text
    assert f"/network?{ASKED.to_query()}" in text
    later = answer_parts(answer(ASKED.replace(time="12m"), evidence), evidence, narrow=False)
    assert "through-others" not in json.dumps(
        [p.to_plotly_json() for p in later], cls=plotly.utils.PlotlyJSONEncoder
    )


def test_a_trial_of_three_arms_that_printed_two_of_its_pairs_has_a_page():
    tiny = Tiny().study("a", "BKP VP NSM", design="open_rct")
    for t, estimate in (("BKP", -1.0), ("VP", -0.5)):
        tiny.contrast("a", t, "NSM", estimate=estimate, ci_low=estimate - 1, ci_high=estimate + 1)
    text = shown(ASKED.replace(comparator="VP"), tiny.evidence())
    assert "correlation 1/2" in text
    assert "What would it take" in text
