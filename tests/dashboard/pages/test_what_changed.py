"""The page What changed: what it says is what the comparison found, and every address and report on it exists."""

from __future__ import annotations

import json
import re

import pytest
from plotly.io.json import to_json_plotly

from analysis.editions.changes import asked_text, told_text
from analysis.editions.what_changed import EVIDENCE, what_changed
from analysis.evidence import load_evidence
from analysis.evidence.own import with_own
from analysis.question import Question
from dashboard.page import Visit
from dashboard.pages import page_at
from tests.evidence_builder import shipped
from tests.evidence_folder import copy_data
from tests.own_studies import own_rows


@pytest.fixture(scope="module")
def found():
    return what_changed(shipped())


@pytest.fixture(scope="module")
def shown() -> str:
    page = page_at("/what-changed").layout(shipped(), Visit("/what-changed"))
    return json.dumps(json.loads(to_json_plotly(page)), ensure_ascii=False)


def test_every_change_of_the_comparison_stands_in_one_place(found):
    groups = [*found.lead, *found.other, *found.methods]
    said = [c.question for g in groups for c in (g.first, *g.also)]
    assert sorted(q.to_query() for q in said) == sorted(
        c.question.to_query() for c in found.diff.changes
    )
    assert all(g.first.kind in EVIDENCE for g in (*found.lead, *found.other))
    assert {g.first.kind for g in found.methods} <= {"rule"}


def test_the_summary_counts_what_the_comparison_found(found):
    new, results, methods = found.summary
    assert f"{len(found.added)} reports" in new
    kinds = found.diff.counts
    assert f"numbers changed: {kinds['moved']}" in results
    assert f"{found.diff.asked:,} questions" in results
    retold = sum(c.retold not in (None, c.before) for c in found.diff.changes)
    assert methods.startswith(f"Methods: {retold} earlier answers")


def test_the_lead_answers_stand_on_the_page_as_they_were_and_as_they_are(found, shown):
    assert found.lead
    for group in found.lead:
        for text in (
            asked_text(group.first.question),
            told_text(group.first.before),
            told_text(group.first.after),
        ):
            assert text in shown


def test_reports_that_went_or_may_not_be_pooled_give_a_reason(found, shown):
    assert {row.report for row in found.withdrawn} == {"chen-ji-pkp-leak", "jin-2018-multilevel"}
    assert "multicenter-kp-340" in {row.report for row in found.kept_out}
    for row in (*found.withdrawn, *found.kept_out):
        assert row.reason
        assert row.reason in shown


def test_every_link_of_the_page_leads_somewhere(shown):
    known = set(shipped().studies["study_id"])
    for name in re.findall(r"/study\?id=([^\"]+)", shown):
        assert name in known
    queries = re.findall(r"/compare\?([^\"]+)", shown)
    assert len(queries) > 50
    for query in queries:
        assert Question.from_query(query)[1] == []


def test_a_reader_s_own_studies_are_no_part_of_an_edition(found):
    theirs = what_changed(with_own(shipped(), own_rows()))
    assert theirs.diff.counts == found.diff.counts


def test_a_folder_without_an_earlier_edition_says_so(tmp_path):
    evidence = load_evidence(copy_data(tmp_path / "data"))
    assert what_changed(evidence) is None
    page = page_at("/what-changed").layout(evidence, Visit("/what-changed"))
    assert "keeps no earlier edition" in str(page)
